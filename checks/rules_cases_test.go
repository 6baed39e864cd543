package checks

import (
	"slices"
	"strings"
	"testing"

	"readiness/checks/matrix"
	"readiness/scan"
)

// many makes n projects like the sound world's first.
func many(n int) func(*world, *Target) {
	return func(w *world, _ *Target) { w.projects = alike(w.projects[0], n) }
}

func alike(p *scan.Project, n int) (all []*scan.Project) {
	for i := range n {
		q := *p
		q.ID = int64(i + 1)
		all = append(all, &q)
	}
	return all
}

func to(d Destination, f func(*world, *Target)) func(*world, *Target) {
	return func(w *world, t *Target) {
		t.Destination = d
		f(w, t)
	}
}

func both(f ...func(*world, *Target)) func(*world, *Target) {
	return func(w *world, t *Target) {
		for _, g := range f {
			g(w, t)
		}
	}
}

func destinationVersion(v string) func(*world, *Target) {
	return func(_ *world, t *Target) { t.Version = scan.MustVersion(v) }
}

func groupPathIs(path string) func(*world, *Target) {
	return onGroup(func(g *scan.Group) { g.Path = path })
}

func projectPathIs(path string) func(*world, *Target) {
	return onProject(func(p *scan.Project) { p.Path = path })
}

func counts(issues, mergeRequests, pipelines int64) func(*world, *Target) {
	return onProject(func(p *scan.Project) {
		p.Issues, p.MergeRequests, p.Pipelines = scan.Known(issues), scan.Known(mergeRequests), scan.Known(pipelines)
	})
}

// jobs is how many jobs a project's largest pipeline has; cut: at least so many.
func jobs(n, most int64, cut bool) func(*world, *Target) {
	return onProject(func(p *scan.Project) {
		p.PipelineJobs = scan.Listed([]scan.PipelineJobs{{Jobs: n, Most: most}})
		if cut {
			p.PipelineJobs = scan.Cut(p.PipelineJobs.Items, scan.Gap{Reason: scan.ReasonTruncated})
		}
	})
}

func onPlan(tier Tier, f func(*world, *Target)) func(*world, *Target) {
	return func(w *world, t *Target) {
		t.Tier = tier
		f(w, t)
	}
}

func airGapped(_ *world, t *Target) { t.AirGapped = true }

var ruleCases = map[string][]given{
	"version-known-import-defects": {inOrder, unread("instance.version"),
		{"destination at the last release", destinationVersion("17.10"), OK},
		{"destination before it", destinationVersion("17.9"), Violated},
		{"destination before it, source unread", both(destinationVersion("17.9"), func(w *world, _ *Target) { w.forget("instance.version") }), Violated},
		{"source at 16.10", sourceVersion("16.10.0"), OK},
		{"source before it", sourceVersion("16.9.9"), Violated},
		{"a path of digits, source at 15.5 otherwise defect", both(sourceVersion("15.4.9"), groupPathIs("2024")), Violated},
		{"a path of digits alone", groupPathIs("2024"), OK},
		{"many refs, source at 18.0", both(sourceVersion("18.0.0"), onProject(func(p *scan.Project) { p.Branches = scan.Known[int64](1001) })), OK},
		{"refs at the limits, source before 18.0", both(sourceVersion("17.11.0"), onProject(func(p *scan.Project) {
			p.Branches, p.Tags = scan.Known[int64](1000), scan.Known[int64](5000)
		})), OK},
		{"many refs, source before 18.0", both(sourceVersion("17.11.0"), onProject(func(p *scan.Project) { p.Branches = scan.Known[int64](1001) })), Violated},
		{"refs unread, source before 18.0", both(sourceVersion("17.11.0"), func(w *world, _ *Target) { w.forget("project.branches") }), Unknown},
	},
	"naming-reserved-words": {inOrder, cutList(scan.LevelGroup), cutList(scan.LevelProject), cutList(scan.LevelUser),
		{"a top-level group", groupPathIs("Explore"), Violated},
		{"the same as a subgroup", groupPathIs("acme/explore"), OK},
		{"a top-level group under a parent", both(groupPathIs("explore"), func(_ *world, t *Target) { t.Parent = "acme" }), OK},
		{"a subgroup", groupPathIs("acme/builds"), Violated},
		{"two parts", groupPathIs("acme/environments/folders"), Violated},
		{"a subgroup that goes to the top", both(groupPathIs("acme/explore"), func(_ *world, t *Target) { t.Places = Places{"acme/explore": "explore"} }), Violated},
		{"a project", projectPathIs("acme/Wikis"), Violated},
		{"a project named as a top-level route", projectPathIs("acme/admin"), OK},
		{"a user", onUser(func(u *scan.User) { u.Username = "help" }), Violated},
	},
	"naming-invalid-or-normalised-paths": {inOrder, cutList(scan.LevelGroup), cutList(scan.LevelProject),
		{"single special characters", projectPathIs("acme/a.b_c-d1"), OK},
		{"two in a row", projectPathIs("acme/a--b"), Violated},
		{"at the start", groupPathIs("_acme"), Violated},
		{"at the end", projectPathIs("acme/tool."), Violated},
		{".git", projectPathIs("acme/tool.git"), Violated},
		{"upper case", groupPathIs("Acme"), Violated},
		{"above it only", projectPathIs("ACME--X/tool"), OK},
		{"mapped to a valid path", both(groupPathIs("Acme"), func(_ *world, t *Target) { t.Places = Places{"Acme": "acme"} }), OK},
	},
	"size-wave-and-project-volume": {inOrder, unread("project.repository-size"), unread("project.job-artifacts-size"), unread("project.packages-size"), cutList(scan.LevelProject),
		{"at the limit", onProject(func(p *scan.Project) { p.JobArtifactsSize = scan.Known(20 * gb) }), OK},
		{"a byte more", onProject(func(p *scan.Project) { p.JobArtifactsSize = scan.Known(20*gb + 1) }), Violated},
		{"a byte more, the rest unread", both(func(w *world, _ *Target) {
			w.projects[1].PackagesSize = scan.Known(20*gb + 1)
			w.forget("project.uploads-size")
		}), Violated},
		{"a tree at the disk's size", func(w *world, _ *Target) {
			w.projects[0].RepositorySize = scan.Known(20 * gb)
			w.projects = alike(w.projects[0], 10)
		}, OK},
		{"a tree over it", func(w *world, _ *Target) {
			w.projects[0].RepositorySize = scan.Known(20 * gb)
			w.projects = alike(w.projects[0], 10)
			w.projects[9].WikiSize = scan.Known[int64](1)
		}, Violated},
	},
	"groups-wave-size": {inOrder, cutList(scan.LevelGroup), cutList(scan.LevelProject),
		{"at the limit", many(200), OK},
		{"one more", many(201), Violated},
		{"one more, the list cut", both(many(201), func(w *world, _ *Target) { w.cut(scan.LevelProject) }), Violated},
		{"to Dedicated, at the limit", to(Dedicated, many(500)), OK},
		{"to Dedicated, one more", to(Dedicated, many(501)), Violated},
		{"personal projects are in no tree", both(projectPathIs("user-1/project"), many(201)), OK},
	},
	"groups-not-top-level": {inOrder, cutList(scan.LevelGroup),
		{"whole groups", func(w *world, _ *Target) { w.meta.Scope.Groups = []string{"group-1"} }, OK},
		{"a subgroup", func(w *world, _ *Target) {
			w.groups[0].ParentID, w.groups[0].Path, w.meta.Scope.Groups = 9, "acme/group-1", []string{"acme/group-1"}
		}, Violated},
		{"a subgroup of a whole group", func(w *world, _ *Target) { w.groups[1].ParentID, w.meta.Scope.Groups = 1, []string{"group-1"} }, OK},
		{"projects by name", func(w *world, _ *Target) { w.meta.Scope.Projects = []string{"group-1/project-1"} }, Violated},
	},
	"air-gap-late-size-failure": {inOrder, unread("project.repository-size"), unread("project.lfs-objects-size"), unread("project.uploads-size"), cutList(scan.LevelProject),
		{"at the limits", onProject(func(p *scan.Project) { p.RepositorySize, p.LFSSize = scan.Known(5*gib), scan.Known(5*gib) }), OK},
		{"a relation over it", onProject(func(p *scan.Project) { p.UploadsSize = scan.Known(5*gib + 1) }), Violated},
		{"an archive, but no air gap", to(SelfManaged, onProject(func(p *scan.Project) { p.WikiSize = scan.Known(25*gib + 1) })), OK},
		{"an archive at the limit", to(SelfManaged, both(airGapped, onProject(func(p *scan.Project) { p.WikiSize = scan.Known(25 * gib) }))), OK},
		{"an archive over it", to(SelfManaged, both(airGapped, onProject(func(p *scan.Project) { p.WikiSize = scan.Known(25*gib + 1) }))), Violated},
	},
	"air-gap-one-by-one-volume": {inOrder, cutList(scan.LevelGroup), cutList(scan.LevelProject),
		{"at the limit", many(6*60*24 - 2), OK},
		{"one more", many(6*60*24 - 1), Violated},
	},
	"limits-import-export-rates": {inOrder, unread("instance.project-export-limit"), cutList(scan.LevelProject),
		{"the source's limit is lower", both(many(5), onInstance(func(i *scan.Instance) { i.ProjectExportLimit = scan.Known[int64](4) })), Violated},
		{"at the source's limit", both(many(5), onInstance(func(i *scan.Instance) { i.ProjectExportLimit = scan.Known[int64](5) })), OK},
		{"what fits into a minute", many(6), OK},
		{"one more", many(7), Violated},
		{"one more, the list cut", both(many(7), func(w *world, _ *Target) { w.cut(scan.LevelProject) }), Violated},
	},
	"limits-timeouts": {inOrder, unread("project.issues"), unread("project.merge-requests"), unread("project.pipelines"), cutList(scan.LevelProject),
		{"at Congregate's wait", counts(0, 3560, 0), OK},
		{"a second more", counts(10, 3560, 0), Violated},
		{"longer than an import may take, the rest unread", func(w *world, _ *Target) {
			w.projects[1].Pipelines = scan.Known[int64](300_000)
			w.forget("project.issues")
		}, Violated},
	},
	"projects-stale-or-empty": {inOrder, unread("project.last-activity-at"), unread("project.empty-repository"), cutList(scan.LevelProject),
		{"a year ago", func(w *world, _ *Target) {
			w.projects[0].LastActivityAt = scan.Known(w.meta.Finished.AddDate(0, 0, -365))
		}, OK},
		{"a second longer", func(w *world, _ *Target) {
			w.projects[0].LastActivityAt = scan.Known(w.meta.Finished.AddDate(0, 0, -365).Add(-1))
		}, Violated},
		{"a year ago, seen from later", func(w *world, t *Target) {
			w.projects[0].LastActivityAt = scan.Known(w.meta.Finished.AddDate(0, 0, -365))
			t.AsOf = w.meta.Finished.AddDate(0, 0, 1)
		}, Violated},
		{"empty", onProject(func(p *scan.Project) { p.Empty = scan.Known(true) }), Violated},
		{"empty, with issues", onProject(func(p *scan.Project) { p.Empty, p.Issues = scan.Known(true), scan.Known[int64](1) }), OK},
		{"empty, issues unread", func(w *world, _ *Target) {
			w.projects[1].Empty = scan.Known(true)
			w.forget("project.issues")
		}, Unknown},
	},
	"projects-minor-features": {inOrder, unread("project.alert-integrations"), unread("project.requirements"),
		{"an alert endpoint", onProject(func(p *scan.Project) { p.AlertEndpoints = scan.Known[int64](1) }), Violated},
		{"a requirement", onProject(func(p *scan.Project) { p.Requirements = scan.Known[int64](1) }), Violated},
		unread("project.service-desk"), unread("project.topics"), unread("group.custom-fields"), unread("group.custom-emoji"),
		cutList(scan.LevelProject), cutList(scan.LevelGroup),
		{"a custom field", onGroup(func(g *scan.Group) { g.CustomFields = scan.Known[int64](1) }), Violated},
		{"an emoji", onGroup(func(g *scan.Group) { g.CustomEmoji = scan.Known[int64](1) }), Violated},
		{"Service Desk", onProject(func(p *scan.Project) { p.ServiceDesk = scan.Known(true) }), Violated},
		{"a topic", onProject(func(p *scan.Project) { p.Topics = scan.Known([]string{"go"}) }), Violated},
	},
	"projects-links-and-dependencies": {inOrder, unread("project.issues"), unread("project.merge-requests"), cutList(scan.LevelProject),
		{"an issue", onProject(func(p *scan.Project) { p.Issues = scan.Known[int64](1) }), Question},
	},
	"integrations-external-ci": {inOrder, unread("project.integrations"), cutList(scan.LevelProject),
		{"another integration", onProject(func(p *scan.Project) { p.Integrations = scan.Listed([]scan.Integration{{Slug: "jira"}}) }), OK},
		unread("project.other-ci-files"),
		{"a file of another system", onProject(func(p *scan.Project) { p.OtherCI = scan.Known([]string{"Jenkinsfile"}) }), Violated},
		{"Jenkins", onProject(func(p *scan.Project) { p.Integrations = scan.Listed([]scan.Integration{{Slug: "jenkins"}}) }), Violated},
	},
	"size-blob-over-100mib": {inOrder, unread("project.repository-size"), cutList(scan.LevelProject),
		{"at the size", onProject(func(p *scan.Project) { p.RepositorySize = scan.Known(gib) }), OK},
		{"a byte more", onProject(func(p *scan.Project) { p.RepositorySize = scan.Known(gib + 1) }), Question},
		{"a byte more, with LFS", onProject(func(p *scan.Project) { p.RepositorySize, p.LFSEnabled = scan.Known(gib+1), scan.Known(true) }), OK},
		{"a byte more, LFS unread", func(w *world, _ *Target) {
			w.projects[1].RepositorySize = scan.Known(gib + 1)
			w.forget("project.lfs-setting")
		}, Unknown},
	},
	"security-protected-branches-and-tags": {inOrder, unread("project.protected-branches"), unread("project.protected-tags"), cutList(scan.LevelProject),
		{"the default branch as by default", onProject(func(p *scan.Project) {
			p.DefaultBranch, p.ProtectedBranches = scan.Known("main"), scan.Listed([]scan.ProtectedBranch{{Name: "main"}})
		}), OK},
		{"forced pushes", onProject(func(p *scan.Project) {
			p.DefaultBranch, p.ProtectedBranches = scan.Known("main"), scan.Listed([]scan.ProtectedBranch{{Name: "main", AllowForcePush: true}})
		}), Violated},
		{"another branch", onProject(func(p *scan.Project) {
			p.DefaultBranch, p.ProtectedBranches = scan.Known("main"), scan.Listed([]scan.ProtectedBranch{{Name: "release/*"}})
		}), Violated},
		{"a branch, the default unread", func(w *world, _ *Target) {
			w.projects[1].ProtectedBranches = scan.Listed([]scan.ProtectedBranch{{Name: "main"}})
			w.forget("project.default-branch")
		}, Unknown},
		{"a tag", onProject(func(p *scan.Project) { p.ProtectedTags = scan.Known[int64](1) }), Violated},
	},
	"limits-record-shape": onlyAsks,
	"limits-gitlab-com-plan-quotas": {inOrder, unread("project.pipeline-jobs"), unread("project.pipeline-schedules"), unread("project.webhooks"), unread("project.pages-domains"),
		unread("group.webhooks"), cutList(scan.LevelProject), cutList(scan.LevelGroup),
		{"jobs at the quota of Free", onPlan(Free, jobs(500, 0, false)), OK},
		{"one more", onPlan(Free, jobs(501, 0, false)), Violated},
		{"as many on Premium", onPlan(Premium, jobs(501, 0, false)), OK},
		{"more than GitLab counts, on Free", onPlan(Free, jobs(1001, 1700, true)), Violated},
		{"with every retry at the quota of Premium", onPlan(Premium, jobs(1001, 1500, true)), OK},
		{"with every retry over it", onPlan(Premium, jobs(1001, 1501, true)), Unknown},
		{"nobody knows how many", onPlan(Ultimate, jobs(1001, 0, true)), Unknown},
		{"CI/CD switched off", onProject(func(p *scan.Project) {
			p.PipelineJobs = scan.Cut[scan.PipelineJobs](nil, scan.Gap{Reason: scan.ReasonFeatureOff})
		}), OK},
		{"schedules at the quota", onProject(func(p *scan.Project) { p.Schedules = scan.Known[int64](50) }), OK},
		{"one more schedule", onProject(func(p *scan.Project) { p.Schedules = scan.Known[int64](51) }), Violated},
		{"schedules on Free", onPlan(Free, onProject(func(p *scan.Project) { p.Schedules = scan.Known[int64](11) })), Violated},
		{"webhooks at the quota", onProject(func(p *scan.Project) { p.Webhooks = scan.Listed(make([]scan.Webhook, 100)) }), OK},
		{"one more webhook, the list cut", onProject(func(p *scan.Project) { p.Webhooks = scan.Cut(make([]scan.Webhook, 101), refused) }), Violated},
		{"a group's webhooks at the quota", onGroup(func(g *scan.Group) { g.Webhooks = scan.Listed(make([]scan.Webhook, 50)) }), OK},
		{"a group's one more", onGroup(func(g *scan.Group) { g.Webhooks = scan.Listed(make([]scan.Webhook, 51)) }), Violated},
		{"domains", onProject(func(p *scan.Project) { p.PagesDomains = scan.Known[int64](151) }), Violated},
		{"domains, the rest unread", func(w *world, _ *Target) {
			w.projects[1].PagesDomains = scan.Known[int64](151)
			w.forget("project.webhooks")
		}, Violated},
	},
}

func TestTransferredPath(t *testing.T) {
	for from, want := range map[string]string{"_acme_": "acme", "a--b": "a-b", "My..Tool": "my-tool", "a-_b": "a-b", "tool.": "tool", "a__b": "a__b"} {
		if got := transferredPath(from); got != want {
			t.Errorf("transferredPath(%q) = %q, want %q", from, got, want)
		}
	}
}

// A tree is that of the topmost group that the scan knows as a head.
func TestTreesOfAScope(t *testing.T) {
	w := soundWorld()
	w.groups[0].ParentID, w.groups[0].Path, w.meta.Scope.Groups = 9, "acme/group-1", []string{"acme/group-1"}
	w.projects[0].Path = "acme/group-1/sub/project"
	w.projects = alike(w.projects[0], 201)
	found := of(evaluated(t, w, DefaultTarget()), "groups-wave-size")
	if len(found) != 1 || found[0].Path != "acme/group-1" || found[0].ID != 1 || !strings.HasPrefix(found[0].Evidence, "201 projects below the group") {
		t.Errorf("%+v", found)
	}
}

// Each defect names the methods that it touches and no others.
func TestDefectsNameTheirMethods(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*world, *Target)
		want   []matrix.Method
	}{
		{"an old destination", destinationVersion("17.9"), []matrix.Method{matrix.DirectTransfer, matrix.CongregateDirect}},
		{"many refs", both(sourceVersion("17.11.0"), onProject(func(p *scan.Project) { p.Tags = scan.Known[int64](5001) })), []matrix.Method{matrix.FileExport, matrix.Congregate}},
	} {
		w, target := soundWorld(), DefaultTarget()
		target.Destination = Dedicated
		c.change(w, &target)
		for _, f := range of(evaluated(t, w, target), "version-known-import-defects") {
			if f.Verdict == Violated && !slices.Equal(sortedMethods(f.Methods), sortedMethods(c.want)) {
				t.Errorf("%s: %v", c.name, f.Methods)
			}
		}
	}
}

func sortedMethods(m []matrix.Method) []matrix.Method { m = slices.Clone(m); slices.Sort(m); return m }

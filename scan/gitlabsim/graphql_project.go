package gitlabsim

import (
	"fmt"
	"strings"
)

// plainProject are fields that whoever sees the project may read.
func plainProject(f func(p *Project) any) resolver {
	return onProject(func(_ *execution, p *seenProject, _ map[string]any) any { return f(p.Project) })
}

// within counts things of a project that the caller may or may not see; what
// is hidden counts as none.
func within(sees func(x *execution, p *seenProject) bool, n func(p *Project) int64, at func(p *Project, k int) any) resolver {
	return onProject(func(x *execution, p *seenProject, _ map[string]any) any {
		if !sees(x, p) {
			return counting(0, nil)
		}
		return counting(n(p.Project), func(k int) any { return at(p.Project, k) })
	})
}

func seesIssues(x *execution, p *seenProject) bool { return x.feature(p, p.Access.Issues, levelGuest) }
func seesMerges(x *execution, p *seenProject) bool {
	return p.code && x.feature(p, p.Access.MergeRequests, levelReporter)
}
func seesBuilds(x *execution, p *seenProject) bool {
	return p.code && x.feature(p, p.Access.Builds, levelReporter)
}
func develops(_ *execution, p *seenProject) bool { return p.level >= levelDeveloper }
func seesStates(x *execution, p *seenProject) bool {
	return p.level >= levelDeveloper || x.who.auditor() // ee/app/policies/ee/project_policy.rb
}
func maintains(_ *execution, p *seenProject) bool { return p.level >= levelMaintainer }

// changesBuilds is nobody where a project is archived.
func changesBuilds(x *execution, p *seenProject) bool { return maintains(x, p) && !p.Archived }

// orNullUnless wraps a resolver whose field is null, without an error, for who
// lacks the right.
func orNullUnless(sees func(x *execution, p *seenProject) bool, r resolver) resolver {
	return func(x *execution, of any, args map[string]any) any {
		if !sees(x, of.(*seenProject)) {
			return nil
		}
		return r(x, of, args)
	}
}

func simple(kind string) func(p *Project, k int) any {
	return func(p *Project, k int) any {
		return object{{"id", gid(kind, part(p.index, k))}, {"iid", fmt.Sprint(k + 1)}, {"title", fmt.Sprintf("%s %d", kind, k+1)},
			{"name", fmt.Sprintf("%s-%d", strings.ToLower(kind), k+1)}, {"state", "opened"}, {"status", "SUCCESS"}, {"ref", p.DefaultBranch},
			{"active", true}, {"createdAt", gqlTime(p.LastActivityAt)}, {"tagName", tagName(k)}}
	}
}

var projectResolvers = map[string]resolver{
	"Project.id":                plainProject(func(p *Project) any { return gid("Project", p.ID) }),
	"Project.name":              plainProject(func(p *Project) any { return p.Name }),
	"Project.fullPath":          plainProject(func(p *Project) any { return p.FullPath }),
	"Project.path":              plainProject(func(p *Project) any { return p.Path }),
	"Project.nameWithNamespace": plainProject(func(p *Project) any { return p.FullName }),
	"Project.description":       plainProject(func(p *Project) any { return orNull(p.Description) }),
	"Project.visibility":        plainProject(func(p *Project) any { return p.Visibility }),
	"Project.archived":          plainProject(func(p *Project) any { return p.Archived }),
	"Project.createdAt":         plainProject(func(p *Project) any { return gqlTime(p.CreatedAt) }),
	"Project.lastActivityAt":    plainProject(func(p *Project) any { return gqlTime(p.LastActivityAt) }),
	"Project.updatedAt":         plainProject(func(p *Project) any { return gqlTime(p.LastActivityAt) }),
	"Project.webUrl":            plainProject(func(p *Project) any { return p.WebURL }),
	"Project.avatarUrl": onProject(func(x *execution, p *seenProject, _ map[string]any) any {
		return avatar(p.Avatar, x.w, "project", p.ID)
	}),
	"Project.httpUrlToRepo": onProject(func(x *execution, p *seenProject, _ map[string]any) any {
		return x.w.ExternalURL() + "/" + p.FullPath + ".git"
	}),
	"Project.sshUrlToRepo": onProject(func(x *execution, p *seenProject, _ map[string]any) any {
		return "git@" + x.w.host + ":" + p.FullPath + ".git"
	}),
	"Project.starCount":                  plainProject(func(p *Project) any { return p.Stars }),
	"Project.topics":                     plainProject(func(p *Project) any { return strs(p.Topics) }),
	"Project.tagList":                    plainProject(func(p *Project) any { return strings.Join(p.Topics, ", ") }),
	"Project.issuesEnabled":              plainProject(func(p *Project) any { return p.Access.Issues != "disabled" }),
	"Project.mergeRequestsEnabled":       plainProject(func(p *Project) any { return p.Access.MergeRequests != "disabled" }),
	"Project.wikiEnabled":                plainProject(func(p *Project) any { return p.Access.Wiki != "disabled" }),
	"Project.snippetsEnabled":            plainProject(func(p *Project) any { return p.Access.Snippets != "disabled" }),
	"Project.jobsEnabled":                plainProject(func(p *Project) any { return p.Access.Builds != "disabled" }),
	"Project.containerRegistryEnabled":   plainProject(func(p *Project) any { return p.Access.Registry != "disabled" }),
	"Project.sharedRunnersEnabled":       plainProject(func(p *Project) any { return p.SharedRunners }),
	"Project.lfsEnabled":                 plainProject(func(p *Project) any { return p.LFSEnabled }),
	"Project.serviceDeskEnabled":         plainProject(func(p *Project) any { return p.ServiceDesk }),
	"Project.requestAccessEnabled":       plainProject(func(*Project) any { return true }),
	"Project.importStatus":               plainProject(func(*Project) any { return "none" }),
	"Project.forksCount":                 plainProject(func(p *Project) any { return len(p.Forks) }),
	"Project.isForked":                   plainProject(func(p *Project) any { return p.ForkedFrom != 0 }),
	"Project.containerRepositoriesCount": plainProject(func(p *Project) any { return p.RegistryRepos }),
	"Project.markedForDeletionOn": plainProject(func(p *Project) any {
		if p.DeletionOn == "" {
			return nil
		}
		return p.DeletionOn + "T00:00:00Z"
	}),
	"Project.ciConfigPathOrDefault": plainProject(func(p *Project) any {
		if p.CIConfigPath == "" {
			return defaultCIPath
		}
		return p.CIConfigPath
	}),
	"Project.forkedFrom": onProject(func(x *execution, p *seenProject, _ map[string]any) any {
		if up, ok := x.w.projectIndex(p.ForkedFrom); ok && x.w.visible(x.who, up) {
			return x.project(up)
		}
		return nil
	}),
	"Project.group": onProject(func(x *execution, p *seenProject, _ map[string]any) any {
		if p.group < 0 || !x.w.groupVisible(x.who, p.group) {
			return nil
		}
		return x.w.group(p.group)
	}),
	"Project.namespace": onProject(func(x *execution, p *seenProject, _ map[string]any) any {
		if p.group < 0 {
			u := x.w.user(p.owner)
			return object{{"id", gid("Namespaces::UserNamespace", p.NamespaceID)}, {"fullPath", u.Username}, {"name", u.Name}, {"path", u.Username}, {"visibility", "public"}}
		}
		g := x.w.group(p.group)
		return object{{"id", gid("Group", g.ID)}, {"fullPath", g.FullPath}, {"name", g.Name}, {"path", g.Path}, {"visibility", g.Visibility}}
	}),
	"Project.userPermissions": onProject(func(x *execution, p *seenProject, _ map[string]any) any {
		return object{{"adminProject", p.level >= levelMaintainer}, {"adminRemoteMirror", p.level >= levelMaintainer}, {"downloadCode", p.code},
			{"pushCode", p.level >= levelDeveloper && !p.Archived}, {"readProject", true}, {"readMergeRequest", seesMerges(x, p)},
			{"readWiki", x.feature(p, p.Access.Wiki, levelGuest)}, {"readProjectMember", true}, {"createIssue", seesIssues(x, p) && !p.Archived},
			{"readEnvironment", p.level >= levelReporter || p.Visibility != "private"}}
	}),

	"Project.openIssuesCount":        orNullUnless(seesIssues, plainProject(func(p *Project) any { return p.OpenIssues })),
	"Project.openMergeRequestsCount": orNullUnless(seesMerges, plainProject(func(p *Project) any { return p.OpenMergeRequests })),
	"Project.issueStatusCounts": orNullUnless(seesIssues, plainProject(func(p *Project) any {
		return object{{"all", p.Issues}, {"opened", p.OpenIssues}, {"closed", p.Issues - p.OpenIssues}}
	})),
	"Project.pipelineCounts": orNullUnless(seesBuilds, plainProject(func(p *Project) any {
		return object{{"all", p.Pipelines}, {"finished", p.Pipelines}, {"pending", 0}, {"running", 0}}
	})),
	"Project.issues": onProject(func(x *execution, p *seenProject, args map[string]any) any {
		n := p.Issues
		switch args["state"] {
		case "opened":
			n = p.OpenIssues
		case "closed":
			n -= p.OpenIssues
		}
		if types, ok := args["types"].([]any); ok {
			n = p.issueTypes(types) // of any state: nothing asks for both
		}
		if !seesIssues(x, p) {
			n = 0
		}
		return counting(n, func(k int) any { return simple("Issue")(p.Project, k) })
	}),
	"Project.mergeRequests": onProject(func(x *execution, p *seenProject, args map[string]any) any {
		n := p.MergeRequests
		switch args["state"] {
		case "opened":
			n = p.OpenMergeRequests
		case "merged", "closed", "locked":
			n -= p.OpenMergeRequests
		}
		if !seesMerges(x, p) {
			n = 0
		}
		return counting(n, func(k int) any { return simple("MergeRequest")(p.Project, k) })
	}),
	"Project.pipelines":       within(seesBuilds, func(p *Project) int64 { return p.Pipelines }, gqlPipeline),
	"Project.terraformStates": within(seesStates, func(p *Project) int64 { return p.TerraformStates }, simple("Terraform::State")),
	"Project.clusterAgents":   within(develops, func(p *Project) int64 { return p.Agents }, simple("Clusters::Agent")),
	"Project.boards":          within(seesIssues, func(p *Project) int64 { return p.Boards }, simple("Board")),
	"Project.releases": within(func(x *execution, p *seenProject) bool { return x.feature(p, p.Access.Releases, levelGuest) },
		func(p *Project) int64 { return p.Releases }, simple("Release")),
	"Project.labels": onProject(func(x *execution, p *seenProject, args map[string]any) any {
		n := p.Labels
		if args["includeAncestorGroups"] == true && p.group >= 0 {
			for _, g := range x.w.groupLine(p.group) {
				n += x.w.group(g).Labels
			}
		}
		return counting(n, func(k int) any { return gqlLabel("ProjectLabel", part(p.index, k), k) })
	}),
	"Project.packages": onProject(func(x *execution, p *seenProject, args map[string]any) any {
		if !readsPackages(x.who, p.Project, p.level) {
			return counting(0, nil)
		}
		kind, _ := args["packageType"].(string)
		kind = strings.ToLower(kind)
		total := p.packageSum(kind)
		sort, _ := args["sort"].(string)
		return counting(total, func(k int) any {
			if !strings.HasSuffix(sort, "_ASC") { // CREATED_DESC is the default
				k = int(total) - 1 - k
			}
			t, version := kind, int64(k)
			if kind == "" {
				t, version = p.packageAt(int64(k))
			}
			return object{{"id", gid("Packages::Package", int64(p.index)*10_000+int64(k)+1)}, {"name", p.Path}, {"version", fmt.Sprintf("1.0.%d", version)}, {"packageType", strings.ToUpper(t)}}
		})
	}),
	"Project.containerRepositories": onProject(func(x *execution, p *seenProject, _ map[string]any) any {
		if !readsRegistry(x.who, p.Project, p.level) {
			return counting(0, nil)
		}
		return counting(p.RegistryRepos, func(k int) any {
			name, path := registryRepository(p.Project, k)
			return object{{"id", gid("ContainerRepository", part(p.index, k))}, {"name", name}, {"path", path}, {"tagsCount", x.w.registryTags(p.Project, k)},
				{"location", "registry." + x.w.host + "/" + path}, {"createdAt", gqlTime(p.CreatedAt)}}
		})
	}),
	// Detected languages are shown to whoever sees the project.
	// Source: app/graphql/types/project_type.rb.
	"Project.languages": onProject(func(x *execution, p *seenProject, _ map[string]any) any {
		l := list{}
		for _, lang := range x.w.Languages(*p.Project) {
			l = append(l, object{{"name", lang.Name}, {"share", lang.Share}, {"color", languageColor(lang.Name)}})
		}
		return l
	}),
	"Project.pipelineSchedules": onProject(func(x *execution, p *seenProject, _ map[string]any) any {
		if !seesBuilds(x, p) {
			return counting(0, nil)
		}
		return counting(p.Schedules, func(k int) any {
			return object{{"id", gid("Ci::PipelineSchedule", part(p.index, k))}, {"description", "Nightly"}, {"active", k%3 != 2}, {"cron", "0 2 * * *"},
				{"cronTimezone", "UTC"}, {"ref", "refs/heads/" + p.DefaultBranch}, {"nextRunAt", gqlTime(x.w.ago(-0.5))},
				{"owner", x.w.user(x.w.ordinary(x.w.draw(ofProject, p.index, "creator")))}}
		})
	}),
	"Project.vulnerabilitySeveritiesCount": onProject(func(x *execution, p *seenProject, args map[string]any) any {
		if x.w.cfg.Tier != Ultimate || p.level < levelDeveloper && !x.who.auditor() {
			return nil
		}
		v := p.Vulnerabilities
		if _, ok := args["state"]; ok { // all but DETECTED: nothing asks for another choice
			v = p.Triaged
		}
		return object{{"critical", v.Critical}, {"high", v.High}, {"medium", v.Medium}, {"low", v.Low}, {"unknown", v.Unknown}, {"info", v.Info}}
	}),
	"Project.pipelineTriggers": orNullUnless(changesBuilds, onProject(func(x *execution, p *seenProject, _ map[string]any) any {
		return counting(p.Triggers, func(k int) any {
			owner := x.w.ordinary(x.w.draw(ofProject, p.index, "trigger").again(k))
			return object{{"id", gid("Ci::Trigger", part(p.index, k))}, {"description", "deploy"}, {"lastUsed", nil}, {"owner", x.w.user(owner)},
				{"hasTokenExposed", false}, {"token", "glpt"}}
		})
	})),
	"Project.ciVariables": orNullUnless(maintains, onProject(func(x *execution, p *seenProject, _ map[string]any) any {
		return listing(x.w.Variables(*p.Project), func(v Variable) any { return x.variable("Ci::Variable", v) })
	})),
	"Project.branchRules": onProject(func(x *execution, p *seenProject, _ map[string]any) any {
		if p.level < levelMaintainer {
			return counting(0, nil)
		}
		all := x.w.ProtectedBranches(*p.Project)
		c := listing(all, func(b ProtectedBranch) any { return x.branchRule(p, b) })
		if x.w.since(16, 3) { // and the one of all branches, which protects none
			c = counting(int64(len(all)+1), func(k int) any {
				if k > 0 {
					return x.branchRule(p, all[k-1])
				}
				return object{{"name", "All branches"}, {"isDefault", false}, {"isProtected", false}, {"createdAt", nil}, {"updatedAt", nil}, {"branchProtection", nil},
					{"squashOption", object{{"option", "Allow"}}}, {"externalStatusChecks", x.statusChecks(p, 0)}}
			})
		}
		return c
	}),
	"Project.pagesDeployments": orNullUnless(maintains, plainProject(func(p *Project) any {
		return counting(p.PagesDeployments, func(k int) any { return simple("PagesDeployment")(p, k) })
	})),
	"Project.snippets": onProject(func(x *execution, p *seenProject, _ map[string]any) any {
		if !x.feature(p, p.Access.Snippets, levelGuest) {
			return counting(0, nil)
		}
		return listing(x.w.snippets.of(p.index), func(k int) any {
			return object{{"id", gid("ProjectSnippet", int64(k+1))}, {"title", "useful query"}}
		})
	}),
	"Project.complianceFrameworks": orNullUnless(develops, plainProject(func(p *Project) any {
		return listing(p.Frameworks, func(name string) any {
			return object{{"id", gid("ComplianceManagement::Framework", int64(len(name)))}, {"name", name}}
		})
	})),
	"Project.projectMembers": onProject(func(x *execution, p *seenProject, args map[string]any) any {
		members := x.w.Members(*p.Project)
		if relations, ok := args["relations"].([]any); !ok || contains(relations, any("INHERITED")) {
			members = x.w.inherited(members, p.group)
		}
		return listing(members, func(m Member) any { return x.member("ProjectMember", int64(p.index), m) })
	}),
	"Project.statistics": onProject(func(_ *execution, p *seenProject, _ map[string]any) any {
		if p.level < levelReporter {
			return nil
		}
		s := p.Sizes
		return object{{"buildArtifactsSize", float(s.JobArtifacts)}, {"commitCount", float(p.Commits)}, {"containerRegistrySize", float(s.Registry)},
			{"lfsObjectsSize", float(s.LFS)}, {"packagesSize", float(s.Packages)}, {"pipelineArtifactsSize", float(s.PipelineArtifacts)},
			{"repositorySize", float(s.Repository)}, {"snippetsSize", float(s.Snippets)}, {"storageSize", float(s.Storage())},
			{"uploadsSize", float(s.Uploads)}, {"wikiSize", float(s.Wiki)}}
	}),
	"Project.repository": onProject(func(_ *execution, p *seenProject, _ map[string]any) any {
		if !p.code {
			return nil
		}
		return repository{p}
	}),
}

// gqlPipeline is a pipeline, the latest first. Of the ten latest the last one is the
// largest.
func gqlPipeline(p *Project, k int) any {
	jobs := p.PipelineJobs
	if k != int(min(p.Pipelines, 10))-1 {
		jobs = (jobs + 1) / 2
	}
	return append(simple("Ci::Pipeline")(p, k).(object), object{
		{"jobs", counting(jobs, func(i int) any { return object{{"name", fmt.Sprintf("job %d", i+1)}} })},
		{"totalJobs", jobs + jobs/4}, // with those that were retried
	}...)
}

// branchRule is the rule of a protected branch.
func (x *execution) branchRule(p *seenProject, b ProtectedBranch) any {
	named := func(kind string, id int64) any {
		if id == 0 {
			return nil
		}
		return object{{"id", gid(kind, id)}}
	}
	levels := func(all []ProtectionLevel) *connection {
		return listing(all, func(l ProtectionLevel) any {
			return object{{"accessLevel", l.Level}, {"accessLevelDescription", accessLevel(0, l.Level)[2].value}, {"user", named("User", l.User)}, {"group", named("Group", l.Group)}}
		})
	}
	o := object{{"name", b.Name}, {"isDefault", b.Name == p.DefaultBranch}, {"isProtected", true}, {"createdAt", gqlTime(p.CreatedAt)}, {"updatedAt", gqlTime(p.CreatedAt)},
		{"branchProtection", object{{"allowForcePush", b.AllowForcePush}, {"codeOwnerApprovalRequired", b.CodeOwnerApproval},
			{"mergeAccessLevels", levels(b.Merge)}, {"pushAccessLevels", levels(b.Push)}, {"unprotectAccessLevels", levels(nil)}}},
		{"externalStatusChecks", x.statusChecks(p, 1)}, {"squashOption", nil}}
	if b.Squash {
		o[len(o)-1].value = object{{"option", "Require"}}
	}
	return o
}

// statusChecks are the external status checks of all branches (0) or of each
// protected one (1): every other one is for protected branches.
func (x *execution) statusChecks(p *seenProject, of int) *connection {
	var ids []int64
	for k := range p.ExternalChecks {
		if int(k)%2 == of || len(x.w.ProtectedBranches(*p.Project)) == 0 {
			ids = append(ids, part(p.index, int(k)))
		}
	}
	if p.level < levelMaintainer || !mergesOn(p.Project) {
		ids = nil
	}
	return listing(ids, func(id int64) any { return object{{"id", gid("MergeRequests::ExternalStatusCheck", id)}} })
}

func (x *execution) member(kind string, of int64, m Member) any {
	u, _ := x.w.User(m.UserID)
	names := map[int]string{levelGuest: "GUEST", levelReporter: "REPORTER", levelDeveloper: "DEVELOPER", levelMaintainer: "MAINTAINER", levelOwner: "OWNER"}
	return object{{"id", gid(kind, of*1000+m.UserID)}, {"user", u}, {"accessLevel", object{{"stringValue", names[m.Level]}, {"integerValue", m.Level}}}}
}

// repository is a project's repository, seen by who may read it.
type repository struct{ p *seenProject }

var repositoryResolvers = map[string]resolver{
	"Repository.rootRef": func(_ *execution, of any, _ map[string]any) any {
		if p := of.(repository).p; !p.Empty {
			return p.DefaultBranch
		}
		return nil
	},
	"Repository.empty":  func(_ *execution, of any, _ map[string]any) any { return of.(repository).p.Empty },
	"Repository.exists": func(_ *execution, of any, _ map[string]any) any { return true },
	"Repository.diskPath": func(x *execution, of any, _ map[string]any) any {
		if !x.who.admin() {
			return nil
		}
		return "@hashed/" + x.w.draw(ofProject, of.(repository).p.index, "disk").hex(64)
	},
	"Repository.branchNames": func(x *execution, of any, args map[string]any) any {
		names := x.w.branchNames(*of.(repository).p.Project)
		offset, _ := number(args["offset"])
		limit, _ := number(args["limit"])
		offset = max(0, min(offset, len(names)))
		return strs(names[offset:min(len(names), offset+max(0, limit))])
	},
	"Repository.tree": func(x *execution, of any, args map[string]any) any {
		p := of.(repository).p
		if p.Empty {
			return nil // app/models/repository.rb (tree)
		}
		path, _ := args["path"].(string)
		_, files := x.w.tree(*p.Project, path, args["recursive"] == true)
		return object{{"blobs", listing(files, func(e treeEntry) any {
			sha := x.w.draw(ofProject, p.index, "blob-"+e.path).hex(40)
			return object{{"id", "gid://gitlab/Gitlab::Graphql::Representation::TreeEntry/" + sha}, {"sha", sha}, {"name", e.name()}, {"path", e.path}, {"flatPath", e.path}, {"mode", "100644"}}
		})}}
	},
	"Repository.blobs": func(x *execution, of any, args map[string]any) any {
		p := of.(repository).p
		paths, _ := args["paths"].([]any)
		var found []object
		for _, v := range paths {
			path, _ := v.(string)
			text, ok := x.w.file(*p.Project, path)
			if !ok {
				continue
			}
			name := path[strings.LastIndexByte(path, '/')+1:]
			oid := x.w.draw(ofProject, p.index, "blob-"+path).hex(40)
			found = append(found, object{{"id", "gid://gitlab/Gitlab::Graphql::Representation::TreeEntry/" + oid}, {"oid", oid}, {"name", name}, {"path", path},
				{"rawSize", fmt.Sprint(len(text))}, {"size", fmt.Sprint(len(text))}, {"rawBlob", text}, {"rawTextBlob", text}, {"webPath", "/" + p.FullPath + "/-/blob/" + p.DefaultBranch + "/" + path}})
		}
		return listing(found, func(o object) any { return o })
	},
}

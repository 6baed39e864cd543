package checks

import (
	"maps"
	"slices"
	"testing"

	"readiness/checks/matrix"
	"readiness/scan"
)

// given is one test of one check: a change to a world in order and to a target
// the check concerns, and the verdict that must follow.
type given struct {
	name   string
	change func(*world, *Target)
	want   Verdict
}

// inOrder is the case that every check has: a world in order.
var inOrder = given{"in order", func(*world, *Target) {}, OK}

func unread(id scan.FactID) given {
	return given{"unread: " + string(id), func(w *world, _ *Target) { w.forget(id) }, Unknown}
}

// forget loses a fact of the last subject of its level.
func (w *world) forget(id scan.FactID) {
	entry, _ := scan.Lookup(id)
	for _, s := range slices.Backward(w.subjects()) {
		if s.Level() == entry.Level {
			scan.Forget(s, id, refused)
			return
		}
	}
}

func sourceVersion(v string) func(*world, *Target) {
	return func(w *world, _ *Target) { w.instance.Version = scan.Known(scan.MustVersion(v)) }
}

func onInstance(f func(*scan.Instance)) func(*world, *Target) {
	return func(w *world, _ *Target) { f(w.instance) }
}
func onGroup(f func(*scan.Group)) func(*world, *Target) {
	return func(w *world, _ *Target) { f(w.groups[0]) }
}
func onProject(f func(*scan.Project)) func(*world, *Target) {
	return func(w *world, _ *Target) { f(w.projects[0]) }
}
func onUser(f func(*scan.User)) func(*world, *Target) {
	return func(w *world, _ *Target) { f(w.users[0]) }
}

func cutList(level scan.Level) given {
	return given{"the list was cut: " + string(level), func(w *world, _ *Target) { w.cut(level) }, Unknown}
}

func (w *world) cut(level scan.Level) {
	for i := range w.meta.Walks {
		if w.meta.Walks[i].Level == level {
			w.meta.Walks[i].Gap = &refused
		}
	}
}

// crowd makes the world have so many users.
func (w *world) crowd(n int64) {
	for id := int64(len(w.users)) + 1; id <= n; id++ {
		w.addUser(id)
	}
}

var onlyAsks = []given{{"only people can tell", func(*world, *Target) {}, Question}}

var variable = scan.Variable{Key: "DEPLOY_KEY"}

// cases holds at least one test for every check: in order, out of order, at the
// threshold, unread.
var cases = func() map[string][]given {
	all := maps.Clone(baseCases)
	maps.Copy(all, ruleCases)
	maps.Copy(all, referenceCases)
	return all
}()

var baseCases = map[string][]given{
	"users-foreign-email-domain": {inOrder,
		{"email unread", func(w *world, t *Target) { t.EmailDomains = []string{"example.com"}; w.forget("user.email") }, Unknown},
		{"kind unread", func(w *world, t *Target) { t.EmailDomains = []string{"example.com"}; w.forget("user.kind") }, Unknown},
		{"of the company", func(w *world, t *Target) {
			t.EmailDomains = []string{"example.com"}
			for _, u := range w.users {
				u.Email = scan.Known("a@Example.com")
			}
		}, OK},
		{"of a subdomain", func(w *world, t *Target) {
			t.EmailDomains = []string{"example.com"}
			w.users[0].Kind, w.users[0].Email = scan.Known(scan.KindHuman), scan.Known("a@mail.example.com")
		}, Violated},
		{"a bot", func(w *world, t *Target) {
			t.EmailDomains = []string{"example.com"}
			for _, u := range w.users {
				u.Kind = scan.Known(scan.KindBot)
			}
		}, OK},
	},
	"users-seats": {inOrder, unread("instance.license-seats-used"),
		{"as many as seats", func(w *world, t *Target) { t.Seats = 100; w.instance.SeatsUsed = scan.Known[int64](100) }, OK},
		{"one more", func(w *world, t *Target) { t.Seats = 100; w.instance.SeatsUsed = scan.Known[int64](101) }, Violated},
		{"five on Free", func(w *world, t *Target) { t.Tier = Free; w.instance.SeatsUsed = scan.Known[int64](5) }, OK},
		{"six on Free", func(w *world, t *Target) { t.Tier = Free; w.instance.SeatsUsed = scan.Known[int64](6) }, Violated},
		{"nobody says how many seats", func(*world, *Target) {}, OK},
	},
	"users-placeholder-limit": {inOrder, cutList(scan.LevelUser),
		{"at the limit of Free", func(w *world, t *Target) { t.Tier = Free; w.crowd(200) }, OK},
		{"one more", func(w *world, t *Target) { t.Tier = Free; w.crowd(201) }, Question},
		{"Premium, seats not stated", func(w *world, t *Target) { t.Tier = Premium; w.crowd(501) }, Question},
		{"Premium with 100 seats", func(w *world, t *Target) { t.Tier, t.Seats = Premium, 100; w.crowd(501) }, Question},
		{"Premium with 101 seats", func(w *world, t *Target) { t.Tier, t.Seats = Premium, 101; w.crowd(501) }, OK},
		{"Ultimate with 1,001 seats", func(w *world, t *Target) { t.Seats = 1001; w.crowd(1001) }, OK},
	},
	"users-identity-collisions": {inOrder, unread("user.email"), unread("user.secondary-emails"),
		{"another's second address", func(w *world, _ *Target) {
			w.users[0].Email, w.users[1].SecondaryEmails = scan.Known("a@example.com"), scan.Known([]string{"b@example.com", "A@example.com"})
		}, Violated},
		{"one address twice, second ones unread", func(w *world, _ *Target) {
			w.users[0].Email, w.users[1].Email = scan.Known("a@example.com"), scan.Known("a@example.com")
			w.forget("user.secondary-emails")
		}, Violated},
		{"one's own second address", func(w *world, _ *Target) {
			w.users[0].Email, w.users[0].SecondaryEmails = scan.Known("a@example.com"), scan.Known([]string{"A@example.com", "a@example.com"})
		}, OK},
		cutList(scan.LevelUser),
		{"one address twice", func(w *world, _ *Target) {
			w.users[0].Email, w.users[1].Email = scan.Known("a@example.com"), scan.Known("A@example.com")
		}, Violated},
		{"a name that another has at the destination", func(_ *world, t *Target) {
			t.Read = &scan.Destination{TakenNames: scan.Known[int64](1)}
		}, Violated},
		{"no name is taken", func(_ *world, t *Target) { t.Read = &scan.Destination{TakenNames: scan.Known[int64](0)} }, OK},
		{"two without an address", func(w *world, _ *Target) { w.users[0].Email, w.users[1].Email = scan.Known(""), scan.Known("") }, OK},
	},
	"groups-consolidation": {inOrder, cutList(scan.LevelGroup),
		{"two into one", func(_ *world, t *Target) { t.Places = Places{"group-1": "one", "group-2": "one"} }, Violated},
		{"one into another that stays", func(_ *world, t *Target) { t.Places = Places{"group-1": "group-2"} }, Violated},
		{"side by side", func(_ *world, t *Target) { t.Places = Places{"group-1": "one/a", "group-2": "one/b"} }, OK},
		{"all under a parent", func(_ *world, t *Target) { t.Parent = "acme" }, OK},
	},
	"visibility-narrowed-on-import": {inOrder, unread("group.visibility"), unread("project.visibility"),
		{"parent private, project internal", func(w *world, t *Target) {
			t.Read = &scan.Destination{ParentVisibility: scan.Known("private")}
			w.projects[0].Visibility = scan.Known("internal")
		}, Violated},
		{"as visible as its parent", func(w *world, t *Target) {
			t.Read = &scan.Destination{ParentVisibility: scan.Known("internal")}
			w.projects[0].Visibility = scan.Known("internal")
		}, OK},
		{"a restricted level", func(w *world, t *Target) {
			t.Read = &scan.Destination{RestrictedVisibility: scan.Known([]string{"public"})}
			w.groups[0].Visibility = scan.Known("public")
		}, Violated},
	},
	"security-destination-gates": onlyAsks,
	"air-gap-congregate-carries-less": {inOrder, unread("project.deploy-keys"), unread("project.container-registry"),
		unread("project.package-registry"), unread("project.webhooks"), cutList(scan.LevelProject),
		{"a deploy key", onProject(func(p *scan.Project) { p.DeployKeys = scan.Known[int64](1) }), Violated},
		{"packages", onProject(func(p *scan.Project) { p.Packages = scan.Listed([]scan.PackageCount{{Type: "npm", Count: 3}}) }), Violated},
		unread("project.feature-flags"), unread("project.push-rules"), unread("project.approval-rules"),
		{"a feature flag", onProject(func(p *scan.Project) { p.FeatureFlags = scan.Known[int64](1) }), Violated},
		{"an approval rule", onProject(func(p *scan.Project) {
			p.ApprovalRules = scan.Listed([]scan.ApprovalRule{{Type: "regular", Required: 1}})
		}), Violated},
		{"a push rule", onProject(func(p *scan.Project) { p.PushRules = scan.Known([]string{"member_check"}) }), Violated},
	},
	"destination-gitlab-com-gaps": {inOrder, unread("instance.system-hooks"), unread("instance.runners"), unread("instance.cicd-variables"),
		unread("instance.file-templates"), unread("instance.geo-sites"),
		{"instance runners", onInstance(func(i *scan.Instance) { i.Runners = scan.Known[int64](1) }), Violated},
		{"one in use, another unread", func(w *world, _ *Target) {
			w.instance.GeoSites = scan.Known[int64](2)
			w.forget("instance.runners")
		}, Violated},
	},
	"destination-dedicated-gaps": {inOrder, unread("project.service-desk"), unread("project.pages-domains"), unread("user.identities"), unread("instance.feature-flags"),
		{"Service Desk", onProject(func(p *scan.Project) { p.ServiceDesk = scan.Known(true) }), Violated},
		{"LDAP", onUser(func(u *scan.User) { u.Identities = scan.Listed([]scan.Identity{{Provider: "ldapmain"}}) }), Violated},
		{"not Ultimate", func(_ *world, t *Target) { t.Tier = Premium }, Violated},
	},
	"version-direct-transfer-minor-gap": {inOrder, unread("instance.version"),
		{"at the limit", sourceVersion("19.3.7"), OK},
		{"one further", sourceVersion("19.2.99"), Violated},
		{"across majors, at the limit", func(w *world, t *Target) {
			sourceVersion("17.10.0")(w, t)
			t.Version = scan.MustVersion("18.0")
		}, OK},
		{"across majors, one further", func(w *world, t *Target) {
			sourceVersion("17.9.0")(w, t)
			t.Version = scan.MustVersion("18.0")
		}, Violated},
		{"newer source is another rule's", sourceVersion("19.6.0"), OK},
		{"waived from GitLab.com to Dedicated", func(w *world, t *Target) {
			sourceVersion("18.0.0")(w, t)
			w.instance.URL, t.Destination = "https://gitlab.com", Dedicated
		}, OK},
	},
	"version-file-export-minor-gap": {inOrder, unread("instance.version"),
		{"at the limit", sourceVersion("19.3.0"), OK},
		{"one further", sourceVersion("19.2.0"), Violated},
	},
	"version-destination-older": {inOrder, unread("instance.version"),
		{"a patch older only", sourceVersion("19.5.9"), OK},
		{"a minor older", sourceVersion("19.6.0"), Violated},
	},
	"version-restore-exact-match": {inOrder, unread("instance.version"),
		{"another patch", func(w *world, t *Target) { t.Version = scan.MustVersion("19.5.1") }, Violated},
		{"another minor", sourceVersion("19.4.0"), Violated},
		{"patch not stated", sourceVersion("19.5.2"), Question},
	},
	"geo-version-exact-match": {inOrder, unread("instance.version"),
		{"another minor", sourceVersion("19.4.0"), Violated},
		{"patch not stated", sourceVersion("19.5.2"), Question},
	},
	"version-below-direct-transfer-floor": {inOrder, unread("instance.version"),
		{"below GitLab's floor", sourceVersion("16.7.9"), Violated},
		{"between the floors", sourceVersion("16.10.0"), Violated},
		{"at the baseline", sourceVersion("16.11.0"), OK},
		{"destination below", func(w *world, t *Target) { t.Version = scan.MustVersion("16.7") }, Violated},
		{"destination below, source unread", func(w *world, t *Target) {
			t.Version = scan.MustVersion("16.7")
			w.forget("instance.version")
		}, Violated},
	},
	"version-required-upgrade-stops": {inOrder, unread("instance.version"),
		{"near enough", sourceVersion("19.3.0"), OK},
		{"too far", sourceVersion("19.2.0"), Violated},
	},
	"version-offline-transfer-prerequisites": {inOrder, unread("instance.version"), unread("instance.offline-transfer-exports-enabled"),
		{"source too old, its setting unread", func(w *world, t *Target) {
			sourceVersion("19.2.0")(w, t)
			w.forget("instance.offline-transfer-exports-enabled")
		}, Violated},
		{"source at the first version", sourceVersion("19.3.0"), OK},
		{"destination too old", func(_ *world, t *Target) { t.Version = scan.MustVersion("19.2") }, Violated},
		{"switched off", onInstance(func(i *scan.Instance) { i.OfflineExports = scan.Known(false) }), Violated},
	},
	"instance-direct-transfer-disabled": {inOrder, unread("instance.bulk-import-enabled"),
		{"off", onInstance(func(i *scan.Instance) { i.DirectTransfer = scan.Known(false) }), Violated},
	},
	"instance-file-export-or-import-disabled": {inOrder, unread("instance.project-export-enabled"),
		{"off", onInstance(func(i *scan.Instance) { i.ProjectExport = scan.Known(false) }), Violated},
	},
	"instance-project-creation-no-one": {inOrder, unread("instance.default-project-creation"), unread("group.project-creation-level"), cutList(scan.LevelGroup),
		{"the instance's default", onInstance(func(i *scan.Instance) { i.ProjectCreation = scan.Known[int64](0) }), Violated},
		{"one group", onGroup(func(g *scan.Group) { g.ProjectCreation = scan.Known("noone") }), Violated},
	},
	"instance-maintenance-mode-and-freeze": {inOrder, unread("instance.maintenance-mode"),
		{"on", onInstance(func(i *scan.Instance) { i.MaintenanceMode = scan.Known(true) }), Violated},
	},
	"instance-server-and-system-hooks": {inOrder, unread("instance.system-hooks"),
		{"one hook", onInstance(func(i *scan.Instance) { i.SystemHooks = scan.Known[int64](1) }), Violated},
	},
	"instance-restore-secrets-and-layout": onlyAsks,
	"size-repository-over-5gib": {inOrder, unread("project.repository-size"), cutList(scan.LevelProject),
		{"at the limit", onProject(func(p *scan.Project) { p.RepositorySize = scan.Known(5 * gib) }), OK},
		{"a byte more", onProject(func(p *scan.Project) { p.RepositorySize = scan.Known(5*gib + 1) }), Violated},
	},
	"size-decompressed-archive": {inOrder, unread("project.repository-size"), unread("project.wiki-size"), unread("project.lfs-objects-size"),
		unread("project.uploads-size"), unread("project.snippets-size"), cutList(scan.LevelProject),
		{"at GitLab.com's limit", onProject(func(p *scan.Project) { p.RepositorySize = scan.Known(25 * gib) }), OK},
		{"a byte more", onProject(func(p *scan.Project) { p.RepositorySize = scan.Known(25*gib + 1) }), Violated},
		{"between the two published", func(w *world, t *Target) {
			t.Destination, w.projects[0].RepositorySize = Dedicated, scan.Known(10*gib+1)
		}, Question},
		{"at the lower of the two", func(w *world, t *Target) {
			t.Destination, w.projects[0].RepositorySize = Dedicated, scan.Known(10*gib)
		}, OK},
		{"the destination's own is larger", func(w *world, t *Target) {
			t.Destination, w.projects[0].RepositorySize = Dedicated, scan.Known(30*gib)
			t.Limits.DecompressedArchive = Limit{Bytes: 30 * gib, Source: "engagement.yaml"}
		}, OK},
		{"the destination's own is smaller", func(w *world, t *Target) {
			t.Destination, w.projects[0].RepositorySize = Dedicated, scan.Known(30*gib+1)
			t.Limits.DecompressedArchive = Limit{Bytes: 30 * gib, Source: "engagement.yaml"}
		}, Violated},
		{"unlimited", func(w *world, t *Target) {
			t.Destination, w.projects[0].RepositorySize = Dedicated, scan.Known(500*gib)
			t.Limits.DecompressedArchive = Limit{Source: "engagement.yaml"}
		}, OK},
	},
	"size-project-export-over-limit": {inOrder, unread("project.repository-size"), unread("project.wiki-size"), unread("project.lfs-objects-size"),
		unread("project.uploads-size"), unread("project.snippets-size"), unread("instance.max-export-size"), unread("instance.version"), cutList(scan.LevelProject),
		{"at GitLab.com's limit", onProject(func(p *scan.Project) { p.RepositorySize, p.UploadsSize = scan.Known(4*gib), scan.Known(gib) }), OK},
		{"a byte more", onProject(func(p *scan.Project) { p.RepositorySize, p.UploadsSize = scan.Known(4*gib), scan.Known(gib+1) }), Violated},
		{"too large already, the rest unread", func(w *world, t *Target) {
			w.projects[1].LFSSize = scan.Known(5*gib + 1)
			w.forget("project.uploads-size")
			w.forget("instance.max-export-size")
		}, Violated},
		{"packages do not count", onProject(func(p *scan.Project) { p.PackagesSize = scan.Known(100 * gib) }), OK},
		{"self-managed, no export limit", func(w *world, t *Target) {
			w.projects[0].RepositorySize, t.Destination = scan.Known(30*gib), SelfManaged
		}, OK},
		{"self-managed, at the source's export limit", func(w *world, t *Target) {
			w.projects[0].RepositorySize, t.Destination = scan.Known(30*gib), SelfManaged
			w.instance.MaxExportSize = scan.Known(30 * gib)
		}, OK},
		{"self-managed, over the source's export limit", func(w *world, t *Target) {
			w.projects[0].RepositorySize, t.Destination = scan.Known(30*gib+1), SelfManaged
			w.instance.MaxExportSize = scan.Known(30 * gib)
		}, Violated},
		{"a source too old for the setting has no limit", func(w *world, t *Target) {
			sourceVersion("14.10.0")(w, t)
			w.forget("instance.max-export-size")
		}, OK},
		{"from GitLab.com to Dedicated", func(w *world, t *Target) {
			w.instance.URL, t.Destination = "https://gitlab.com", Dedicated
			w.projects[0].RepositorySize = scan.Known(40*gib + 1)
		}, Violated},
	},
	"size-lfs-or-uploads-relation-over-5gib": {inOrder, unread("project.lfs-objects-size"), unread("project.uploads-size"), cutList(scan.LevelProject),
		{"both at the limit", onProject(func(p *scan.Project) { p.LFSSize, p.UploadsSize = scan.Known(5*gib), scan.Known(5*gib) }), OK},
		{"LFS a byte more", onProject(func(p *scan.Project) { p.LFSSize = scan.Known(5*gib + 1) }), Violated},
		{"uploads a byte more, LFS unread", func(w *world, _ *Target) {
			w.projects[1].UploadsSize = scan.Known(5*gib + 1)
			w.forget("project.lfs-objects-size")
		}, Violated},
	},
	"size-gitlab-com-storage-quota": {inOrder, unread("project.repository-size"), unread("project.lfs-objects-size"), cutList(scan.LevelProject),
		{"at the paid quota", onProject(func(p *scan.Project) { p.RepositorySize, p.LFSSize = scan.Known(100*gib), scan.Known(400*gib) }), OK},
		{"a byte more", onProject(func(p *scan.Project) { p.RepositorySize, p.LFSSize = scan.Known(100*gib), scan.Known(400*gib+1) }), Violated},
		{"at the free quota", func(w *world, t *Target) { w.projects[0].RepositorySize, t.Tier = scan.Known(10*gib), Free }, OK},
		{"over the free quota", func(w *world, t *Target) { w.projects[0].RepositorySize, t.Tier = scan.Known(10*gib+1), Free }, Violated},
	},
	"size-backup-command-not-viable": {inOrder, unread("project.repository-size"), cutList(scan.LevelProject),
		{"at the limit", onProject(func(p *scan.Project) { p.RepositorySize = scan.Known(400 * gb) }), OK},
		{"a byte more", onProject(func(p *scan.Project) { p.RepositorySize = scan.Known(400*gb + 1) }), Violated},
		{"two projects together, the list cut", func(w *world, _ *Target) {
			w.projects[0].RepositorySize, w.projects[1].RepositorySize = scan.Known(200*gb), scan.Known(200*gb+1)
			w.cut(scan.LevelProject)
		}, Violated},
	},
	"groups-nesting-depth": {inOrder, cutList(scan.LevelGroup),
		{"at the limit", onGroup(func(g *scan.Group) { g.Path = "a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a" }), OK},
		{"at the limit under a parent", func(w *world, t *Target) { w.groups[0].Path, t.Parent = "a/a/a/a/a/a/a/a/a/a", "b/b/b/b/b/b/b/b/b/b" }, OK},
		{"a level more", func(w *world, t *Target) { w.groups[0].Path, t.Parent = "a/a/a/a/a/a/a/a/a/a/a", "b/b/b/b/b/b/b/b/b/b" }, Violated},
	},
	"groups-directory-links": {inOrder, unread("group.membership-lock"),
		{"a lock", onGroup(func(g *scan.Group) { g.MembershipLock = scan.Known(true) }), Violated},
		unread("group.ldap-group-links"), unread("group.saml-group-links"), cutList(scan.LevelGroup),
		{"LDAP", onGroup(func(g *scan.Group) { g.LDAPLinks = scan.Known[int64](1) }), Violated},
		{"SAML, the others unread", func(w *world, _ *Target) {
			w.groups[0].SAMLLinks = scan.Known[int64](1)
			w.forget("group.ldap-group-links")
		}, Violated},
	},
	"groups-shared-with-groups": {inOrder, unread("group.shared-with-groups"), unread("project.shared-with-groups"), cutList(scan.LevelGroup), cutList(scan.LevelProject),
		{"a group", onGroup(func(g *scan.Group) { g.SharedWith = scan.Known[int64](1) }), Violated},
		{"a project", onProject(func(p *scan.Project) { p.SharedWithGroups = scan.Known[int64](1) }), Violated},
	},
	"destination-namespace-not-ready": onlyAsks,
	"naming-path-taken": {inOrder, cutList(scan.LevelGroup), cutList(scan.LevelProject),
		{"a group is there", func(_ *world, t *Target) {
			t.Read, t.Parent = &scan.Destination{Taken: scan.Known([]string{"acme/group-1"})}, "Acme"
		}, Violated},
		{"a project is there", func(_ *world, t *Target) {
			t.Read = &scan.Destination{Taken: scan.Known([]string{"group-1/project-2"})}
		}, Violated},
		{"its new place is free", func(_ *world, t *Target) {
			t.Read, t.Places = &scan.Destination{Taken: scan.Known([]string{"group-1", "group-1/project-2"})}, Places{"group-1": "acme"}
		}, OK},
	},
	"registry-images-not-carried": {inOrder, unread("project.container-registry"), cutList(scan.LevelProject),
		{"one repository", onProject(func(p *scan.Project) { p.RegistryRepos = scan.Known[int64](1) }), Violated},
		{"one repository, another project unread", func(w *world, _ *Target) {
			w.projects[0].RegistryRepos = scan.Known[int64](1)
			w.forget("project.container-registry")
		}, Violated},
	},
	"packages-not-carried": {inOrder, unread("project.package-registry"), cutList(scan.LevelProject),
		{"one package", onProject(func(p *scan.Project) { p.Packages = scan.Listed([]scan.PackageCount{{Type: "maven", Count: 1}}) }), Violated},
		{"a type without packages", onProject(func(p *scan.Project) { p.Packages = scan.Listed([]scan.PackageCount{{Type: "maven"}}) }), OK},
	},
	"packages-unsupported-by-congregate": {inOrder, unread("project.package-registry"), cutList(scan.LevelProject),
		{"supported types", onProject(func(p *scan.Project) {
			p.Packages = scan.Listed([]scan.PackageCount{{Type: "maven", Count: 9}, {Type: "helm", Count: 1}})
		}), OK},
		{"another type", onProject(func(p *scan.Project) { p.Packages = scan.Listed([]scan.PackageCount{{Type: "nuget", Count: 1}}) }), Violated},
	},
	"ci-variables-not-carried": {inOrder, unread("instance.cicd-variables"), unread("group.cicd-variables"), unread("project.cicd-variables"), cutList(scan.LevelProject),
		{"of the instance", onInstance(func(i *scan.Instance) { i.Variables = scan.Listed([]scan.Variable{variable}) }), Violated},
		{"of a group", onGroup(func(g *scan.Group) { g.Variables = scan.Listed([]scan.Variable{variable}) }), Violated},
		{"of a project", onProject(func(p *scan.Project) { p.Variables = scan.Listed([]scan.Variable{variable}) }), Violated},
	},
	"ci-variables-hidden": {inOrder, unread("group.cicd-variables"), unread("project.cicd-variables"), cutList(scan.LevelGroup),
		{"not hidden", onProject(func(p *scan.Project) { p.Variables = scan.Listed([]scan.Variable{variable}) }), OK},
		{"hidden", onProject(func(p *scan.Project) { p.Variables = scan.Listed([]scan.Variable{{Key: "K", Hidden: true}}) }), Violated},
	},
	"ci-schedules-and-triggers": {inOrder, unread("project.pipeline-schedules"), unread("project.pipeline-triggers"), cutList(scan.LevelProject),
		{"a schedule", onProject(func(p *scan.Project) { p.Schedules = scan.Known[int64](1) }), Violated},
		{"a trigger", onProject(func(p *scan.Project) { p.Triggers = scan.Known[int64](1) }), Violated},
	},
	"runners-reregistration": {inOrder, unread("instance.group-runners"), unread("instance.project-runners"),
		{"a group's", onInstance(func(i *scan.Instance) { i.GroupRunners = scan.Known[int64](1) }), Violated},
		{"a project's", onInstance(func(i *scan.Instance) { i.ProjectRunners = scan.Known[int64](1) }), Violated},
	},
	"runners-instance-runners-in-use": {inOrder, unread("instance.runners"),
		{"one", onInstance(func(i *scan.Instance) { i.Runners = scan.Known[int64](1) }), Violated},
	},
	"users-public-email-missing": {inOrder, unread("user.public-email"), cutList(scan.LevelUser),
		{"a person", onUser(func(u *scan.User) { u.PublicEmail = scan.Known("") }), Violated},
		{"a bot", onUser(func(u *scan.User) { u.PublicEmail, u.Kind = scan.Known(""), scan.Known(scan.KindProjectBot) }), OK},
		{"who knows what", func(w *world, _ *Target) { w.users[1].PublicEmail = scan.Known(""); w.forget("user.kind") }, Unknown},
		{"kind does not matter", func(w *world, _ *Target) { w.forget("user.kind") }, OK},
	},
	"users-unconfirmed-email": {inOrder, unread("user.email-verification"), cutList(scan.LevelUser),
		{"a person", onUser(func(u *scan.User) { u.Confirmed = scan.Known(false) }), Violated},
		{"a blocked person", onUser(func(u *scan.User) { u.Confirmed, u.State = scan.Known(false), scan.Known("blocked") }), OK},
		{"a bot", onUser(func(u *scan.User) { u.Confirmed, u.Kind = scan.Known(false), scan.Known(scan.KindBot) }), OK},
	},
	"users-ldap-identities": {inOrder, unread("user.identities"), cutList(scan.LevelUser),
		{"SAML", onUser(func(u *scan.User) { u.Identities = scan.Listed([]scan.Identity{{Provider: "saml"}}) }), OK},
		{"LDAP", onUser(func(u *scan.User) {
			u.Identities = scan.Listed([]scan.Identity{{Provider: "saml"}, {Provider: "ldapmain"}})
		}), Violated},
	},
	"users-bots-and-service-accounts": {inOrder, unread("user.kind"), cutList(scan.LevelUser),
		{"the ghost", onUser(func(u *scan.User) { u.Kind = scan.Known(scan.KindGhost) }), OK},
		{"a service account", onUser(func(u *scan.User) { u.Kind = scan.Known(scan.KindServiceAccount) }), Violated},
	},
	"projects-in-personal-namespaces": {inOrder, cutList(scan.LevelProject),
		{"one", onProject(func(p *scan.Project) { p.Personal = scan.Known(true) }), Violated},
	},
	"projects-pending-deletion": {inOrder, unread("group.pending-deletion"), unread("project.pending-deletion"), cutList(scan.LevelGroup),
		{"a project", onProject(func(p *scan.Project) { p.PendingDeletion = scan.Known(true) }), Violated},
		{"a group", onGroup(func(g *scan.Group) { g.PendingDeletion = scan.Known(true) }), Violated},
	},
	"visibility-internal": {inOrder, unread("group.visibility"), unread("project.visibility"), cutList(scan.LevelProject),
		{"a project", onProject(func(p *scan.Project) { p.Visibility = scan.Known("internal") }), Violated},
		{"public is another rule's", onProject(func(p *scan.Project) { p.Visibility = scan.Known("public") }), OK},
	},
	"visibility-public-exposure": {inOrder, unread("group.visibility"), unread("project.visibility"), cutList(scan.LevelProject),
		{"a project", onProject(func(p *scan.Project) { p.Visibility = scan.Known("public") }), Question},
	},
	"security-migration-tokens": onlyAsks,
	"security-deploy-keys": {inOrder, unread("project.deploy-keys"), cutList(scan.LevelProject),
		{"one", onProject(func(p *scan.Project) { p.DeployKeys = scan.Known[int64](1) }), Violated},
	},
	"security-deploy-and-access-tokens": {inOrder, unread("instance.deploy-tokens"),
		{"one", onInstance(func(i *scan.Instance) { i.DeployTokens = scan.Known[int64](1) }), Violated},
	},
	"integrations-active": {inOrder, unread("project.integrations"), cutList(scan.LevelProject),
		{"one", onProject(func(p *scan.Project) { p.Integrations = scan.Listed([]scan.Integration{{Slug: "jira"}}) }), Violated},
	},
	"integrations-webhooks-not-carried": {inOrder, unread("group.webhooks"), unread("project.webhooks"), cutList(scan.LevelProject),
		{"one", onProject(func(p *scan.Project) { p.Webhooks = scan.Listed([]scan.Webhook{{Host: "example.com"}}) }), Violated},
	},
	"integrations-webhooks-to-internal-hosts": {inOrder, unread("group.webhooks"), unread("project.webhooks"), cutList(scan.LevelProject),
		{"public", onProject(func(p *scan.Project) { p.Webhooks = scan.Listed([]scan.Webhook{{Host: "hooks.example.com:8443"}}) }), OK},
		{"internal", onGroup(func(g *scan.Group) { g.Webhooks = scan.Listed([]scan.Webhook{{Host: "10.1.2.3:8080"}}) }), Violated},
	},
	"integrations-kubernetes": {inOrder, unread("project.agents"), cutList(scan.LevelProject),
		{"one", onProject(func(p *scan.Project) { p.Agents = scan.Known[int64](1) }), Violated},
	},
	"network-plain-http-source": {inOrder, cutList(scan.LevelProject),
		{"a page address", onProject(func(p *scan.Project) { p.WebURL = "http://gitlab.example.com/group-1/project-1" }), Violated},
		{"the scan's own way in does not count", onInstance(func(i *scan.Instance) { i.URL = "http://localhost:8080" }), OK},
		{"nothing but the scan's own way in", func(w *world, _ *Target) {
			w.groups, w.projects, w.instance.URL = nil, nil, "http://gitlab.example.com"
		}, Violated},
		{"nobody answered", func(w *world, _ *Target) {
			w.groups, w.projects = nil, nil
			w.forget("instance.version")
		}, Unknown},
	},
	"network-destination-reaches-source": onlyAsks,
	"network-untrusted-certificate": {inOrder, unread("instance.certificate"),
		{"self-signed", onInstance(func(i *scan.Instance) { i.Certificate = scan.Known("self-signed") }), Violated},
		{"plain HTTP", onInstance(func(i *scan.Instance) { i.Certificate = scan.Known(scan.CertificateNone) }), OK},
	},
	"network-private-source-address": {inOrder, unread("instance.address"),
		{"private from where the scan ran", onInstance(func(i *scan.Instance) { i.NetworkAddress = scan.Known(scan.AddressPrivate) }), Question},
	},
	"scope-partial-visibility": {inOrder, unread("caller.whole-scope"),
		{"no administrator", onInstance(func(i *scan.Instance) { i.WholeScope = scan.Known(false) }), Violated},
		{"a list was cut", func(w *world, _ *Target) { w.cut(scan.LevelUser) }, Violated},
	},
	"destination-tier-or-edition-lower": {inOrder, unread("instance.license"),
		{"higher", func(_ *world, t *Target) { t.Tier = Premium }, Violated},
		{"none to Free", func(w *world, t *Target) { w.instance.Plan, t.Tier = scan.Known(""), Free }, OK},
		{"a plan nobody knows", onInstance(func(i *scan.Instance) { i.Plan = scan.Known("opensource") }), Question},
	},
	"geo-license": {inOrder, unread("instance.license"),
		{"none", onInstance(func(i *scan.Instance) { i.Plan = scan.Known("") }), Violated},
		{"premium is enough", onInstance(func(i *scan.Instance) { i.Plan = scan.Known("premium") }), OK},
		{"starter is not", onInstance(func(i *scan.Instance) { i.Plan = scan.Known("starter") }), Violated},
		{"a plan nobody knows", onInstance(func(i *scan.Instance) { i.Plan = scan.Known("opensource") }), Question},
	},
	"destination-not-empty-for-restore": onlyAsks,
	"lfs-objects-need-verification": {inOrder, unread("project.lfs-objects-size"), cutList(scan.LevelProject),
		{"a byte", onProject(func(p *scan.Project) { p.LFSSize = scan.Known[int64](1) }), Violated},
	},
	"ci-artifacts-logs-and-child-pipelines": {inOrder, unread("project.job-artifacts-size"), cutList(scan.LevelProject),
		{"a byte", onProject(func(p *scan.Project) { p.JobArtifactsSize = scan.Known[int64](1) }), Violated},
	},
	"ci-external-config-path": {inOrder, unread("project.ci-config-path"), cutList(scan.LevelProject),
		{"another file of the project", onProject(func(p *scan.Project) { p.CIConfigPath = scan.Known("ci/main.yml") }), OK},
		{"another project", onProject(func(p *scan.Project) { p.CIConfigPath = scan.Known("main.yml@tools/ci") }), Violated},
		{"an address", onProject(func(p *scan.Project) { p.CIConfigPath = scan.Known("https://example.com/ci.yml") }), Violated},
	},
	"ci-instance-runner-mismatch": {inOrder, unread("project.shared-runner-setting"), cutList(scan.LevelProject),
		{"allowed", onProject(func(p *scan.Project) { p.SharedRunners = scan.Known(true) }), Question},
		{"allowed, in the parent too", func(w *world, t *Target) {
			t.Read = &scan.Destination{ParentRunners: scan.Known("enabled")}
			w.projects[0].SharedRunners = scan.Known(true)
		}, OK},
		{"allowed, but not in the parent", func(w *world, t *Target) {
			t.Read = &scan.Destination{ParentRunners: scan.Known("disabled_and_unoverridable")}
			w.projects[0].SharedRunners = scan.Known(true)
		}, Violated},
		{"the parent could not be read", func(w *world, t *Target) {
			t.Read = &scan.Destination{}
			w.projects[0].SharedRunners = scan.Known(true)
		}, Question},
	},
	"ci-secure-files-and-terraform-states": {inOrder, unread("project.terraform-states"), cutList(scan.LevelProject),
		unread("project.secure-files"),
		{"one", onProject(func(p *scan.Project) { p.TerraformStates = scan.Known[int64](1) }), Violated},
		{"a secure file", onProject(func(p *scan.Project) { p.SecureFiles = scan.Known[int64](1) }), Violated},
	},
	"ci-environments-and-feature-flags": {inOrder, unread("project.environments"), cutList(scan.LevelProject),
		unread("project.protected-environments"), unread("project.feature-flags"), unread("project.feature-flag-user-lists"),
		{"one", onProject(func(p *scan.Project) { p.Environments = scan.Known[int64](1) }), Violated},
		{"a protected one", onProject(func(p *scan.Project) { p.ProtectedEnvironments = scan.Known[int64](1) }), Violated},
		{"a feature flag", onProject(func(p *scan.Project) { p.FeatureFlags = scan.Known[int64](1) }), Violated},
		{"a user list", onProject(func(p *scan.Project) { p.UserLists = scan.Known[int64](1) }), Violated},
		{"switched off", func(w *world, _ *Target) {
			w.projects[0].Environments = scan.Missing[int64](scan.Gap{Reason: scan.ReasonFeatureOff})
		}, OK},
	},
	"registry-blocks-restructuring": {inOrder, unread("project.container-registry"), cutList(scan.LevelProject),
		{"one", onProject(func(p *scan.Project) { p.RegistryRepos = scan.Known[int64](1) }), Question},
	},
	"projects-archived": {inOrder, unread("project.archived-state"), cutList(scan.LevelProject),
		{"one", onProject(func(p *scan.Project) { p.Archived = scan.Known(true) }), Violated},
	},
	"projects-mirrors": {inOrder, unread("project.pull-mirroring"), unread("project.remote-mirrors"), cutList(scan.LevelProject),
		{"a pull mirror", onProject(func(p *scan.Project) { p.PullMirror = scan.Known(true) }), Violated},
		{"a push mirror", onProject(func(p *scan.Project) { p.RemoteMirrors = scan.Listed([]scan.Mirror{{Enabled: true}}) }), Violated},
		{"a push mirror that is off", onProject(func(p *scan.Project) { p.RemoteMirrors = scan.Listed([]scan.Mirror{{}}) }), OK},
	},
	"projects-forks": {inOrder, unread("project.fork-relationship"), unread("project.forks"), cutList(scan.LevelProject),
		{"a fork", onProject(func(p *scan.Project) { p.ForkedFrom = scan.Known[scan.ID](7) }), Violated},
		{"a fork of an unknown number of forks", func(w *world, _ *Target) {
			w.projects[1].ForkedFrom = scan.Known[scan.ID](7)
			w.forget("project.forks")
		}, Violated},
		{"a parent", onProject(func(p *scan.Project) { p.Forks = scan.Known[int64](1) }), Violated},
	},
	"projects-pages-sites": {inOrder, unread("project.pages-content"), unread("project.pages-domains"), cutList(scan.LevelProject),
		{"a site", onProject(func(p *scan.Project) { p.PagesDeployments = scan.Known[int64](1) }), Violated},
		{"a domain", onProject(func(p *scan.Project) { p.PagesDomains = scan.Known[int64](1) }), Violated},
	},
	"projects-vulnerability-state": {inOrder, unread("project.triaged-vulnerabilities"), cutList(scan.LevelProject),
		{"one that nobody looked at", onProject(func(p *scan.Project) { p.Vulnerabilities = scan.Known[int64](1) }), OK},
		{"one that somebody judged", onProject(func(p *scan.Project) { p.TriagedVulnerabilities = scan.Known[int64](1) }), Violated},
	},
	"projects-snippets-disabled": {inOrder, unread("project.snippets-access"), cutList(scan.LevelProject),
		{"switched off and none", onProject(func(p *scan.Project) { p.SnippetsAccess = scan.Known("disabled") }), OK},
		{"switched off and some", onProject(func(p *scan.Project) {
			p.SnippetsAccess, p.SnippetsSize = scan.Known("disabled"), scan.Known[int64](1)
		}), Violated},
		{"switched off, size unread", func(w *world, _ *Target) {
			w.projects[1].SnippetsAccess = scan.Known("disabled")
			w.forget("project.snippets-size")
		}, Unknown},
	},
	"security-policies-and-compliance": {inOrder, unread("project.security-policy-link"), unread("project.external-status-checks"),
		{"a status check", onProject(func(p *scan.Project) { p.ExternalChecks = scan.Known[int64](1) }), Violated},
		{"a project's policy project", onProject(func(p *scan.Project) { p.SecurityPolicyProject = scan.Known(true) }), Violated},
		unread("project.compliance-label"), unread("group.compliance-frameworks"), unread("group.security-policies"),
		unread("instance.security-policies"), cutList(scan.LevelProject), cutList(scan.LevelGroup),
		{"a linked policy project", onGroup(func(g *scan.Group) { g.PolicyProject = scan.Known(true) }), Violated},
		{"a framework of a group, the others unread", func(w *world, _ *Target) {
			w.groups[0].Frameworks = scan.Known[int64](1)
			w.forget("project.compliance-label")
		}, Violated},
		{"a group for the instance", onInstance(func(i *scan.Instance) { i.PolicyGroup = scan.Known(true) }), Violated},
		{"not licensed", func(w *world, _ *Target) {
			off := scan.Gap{Reason: scan.ReasonFeatureOff}
			for _, s := range w.subjects() {
				for _, id := range []scan.FactID{"group.compliance-frameworks", "group.security-policies", "instance.security-policies", "project.compliance-label"} {
					scan.Forget(s, id, off)
				}
			}
		}, OK},
		{"one", onProject(func(p *scan.Project) { p.ComplianceLabels = scan.Known([]string{"SOX"}) }), Violated},
	},
	"security-custom-roles": {inOrder, unread("instance.custom-roles"), unread("group.custom-roles"), unread("group.custom-role-assignments"), cutList(scan.LevelGroup),
		{"a role of the instance", onInstance(func(i *scan.Instance) { i.CustomRoles = scan.Known[int64](1) }), Violated},
		{"a member with one, the instance's unread", func(w *world, _ *Target) {
			w.groups[0].CustomRoleMembers = scan.Known[int64](1)
			w.forget("instance.custom-roles")
		}, Violated},
		{"not licensed", func(w *world, _ *Target) {
			for _, s := range w.subjects() {
				for _, id := range []scan.FactID{"instance.custom-roles", "group.custom-roles", "group.custom-role-assignments"} {
					scan.Forget(s, id, scan.Gap{Reason: scan.ReasonFeatureOff})
				}
			}
		}, OK},
	},
	"security-push-rules": {inOrder, unread("group.push-rules"), unread("project.push-rules"), cutList(scan.LevelGroup),
		{"a group's", onGroup(func(g *scan.Group) { g.PushRules = scan.Known(true) }), Violated},
		{"a project's", onProject(func(p *scan.Project) { p.PushRules = scan.Known([]string{"max_file_size"}) }), Violated},
	},
	"security-approval-rules": {inOrder, unread("project.approval-rules"), unread("group.approval-rules"), unread("project.protected-branches"), cutList(scan.LevelProject),
		{"a rule that asks for nobody", onProject(func(p *scan.Project) { p.ApprovalRules = scan.Listed([]scan.ApprovalRule{{Type: "any_approver"}}) }), OK},
		{"one approval", onProject(func(p *scan.Project) {
			p.ApprovalRules = scan.Listed([]scan.ApprovalRule{{Type: "any_approver", Required: 1}})
		}), Violated},
		{"somebody named, none required", onProject(func(p *scan.Project) { p.ApprovalRules = scan.Listed([]scan.ApprovalRule{{Type: "regular", Users: 1}}) }), Violated},
		{"a group's", onGroup(func(g *scan.Group) { g.ApprovalRules = scan.Known[int64](1) }), Violated},
		{"code owners", onProject(func(p *scan.Project) {
			p.ProtectedBranches = scan.Listed([]scan.ProtectedBranch{{Name: "main", CodeOwnerApproval: true}})
		}), Violated},
		{"not licensed", func(w *world, _ *Target) {
			off := scan.Gap{Reason: scan.ReasonFeatureOff}
			w.projects[0].ApprovalRules = scan.Cut[scan.ApprovalRule](nil, off)
			w.groups[0].ApprovalRules = scan.Missing[int64](off)
		}, OK},
	},
	"ci-project-settings-not-carried": {inOrder, unread("project.cicd-settings"), unread("project.deploy-freezes"), unread("project.pipeline-subscriptions"), unread("project.merge-trains"), cutList(scan.LevelProject),
		{"a setting", onProject(func(p *scan.Project) { p.CISettings = scan.Known([]string{"build_timeout"}) }), Violated},
		{"a freeze", onProject(func(p *scan.Project) { p.DeployFreezes = scan.Known[int64](1) }), Violated},
		{"a subscription, the rest unread", func(w *world, _ *Target) {
			w.projects[0].Subscriptions = scan.Known[int64](1)
			w.forget("project.cicd-settings")
		}, Violated},
	},
	"groups-settings-not-carried": {inOrder, unread("group.push-rules"), unread("group.pending-invitations"), unread("group.custom-fields"),
		unread("group.iteration-cadences"), unread("group.file-templates"),
		{"an invitation", onGroup(func(g *scan.Group) { g.Invitations = scan.Known[int64](1) }), Violated},
		{"a template project, the rest unread", func(w *world, _ *Target) {
			w.groups[0].FileTemplates = scan.Known(true)
			w.forget("group.webhooks")
		}, Violated},
		unread("group.cicd-variables"), unread("group.deploy-tokens"), unread("group.webhooks"), cutList(scan.LevelGroup),
		{"a variable", onGroup(func(g *scan.Group) { g.Variables = scan.Listed([]scan.Variable{variable}) }), Violated},
		{"a deploy token", onGroup(func(g *scan.Group) { g.DeployTokens = scan.Known[int64](1) }), Violated},
	},
	"scope-offline-transfer-omissions": {inOrder, unread("group.members"), unread("group.wiki"), unread("group.badges"), unread("project.members"), unread("project.wiki-size"),
		unread("project.snippets-size"), unread("project.badges"), cutList(scan.LevelProject),
		{"a badge", onProject(func(p *scan.Project) { p.Badges = scan.Known[int64](1) }), Violated},
		{"a member", onGroup(func(g *scan.Group) { g.Members = scan.Known[int64](1) }), Violated},
		{"a wiki", onProject(func(p *scan.Project) { p.WikiSize = scan.Known[int64](1) }), Violated},
	},
	"projects-many-refs-or-commits": {inOrder, unread("project.branches"), unread("project.git-tags"), unread("project.commits"), cutList(scan.LevelProject),
		{"at the limits", onProject(func(p *scan.Project) {
			p.Branches, p.Tags, p.Commits = scan.Known[int64](1000), scan.Known[int64](5000), scan.Known[int64](50000)
		}), OK},
		{"a branch more", onProject(func(p *scan.Project) { p.Branches = scan.Known[int64](1001) }), Violated},
		{"a tag more", onProject(func(p *scan.Project) { p.Tags = scan.Known[int64](5001) }), Violated},
		{"a commit more, the rest unread", func(w *world, _ *Target) {
			w.projects[1].Commits = scan.Known[int64](50001)
			w.forget("project.branches")
		}, Violated},
	},
	"projects-many-issues-or-merge-requests": {inOrder, unread("project.issues"), unread("project.merge-requests"), cutList(scan.LevelProject),
		{"at the limits", onProject(func(p *scan.Project) { p.Issues, p.MergeRequests = scan.Known[int64](1000), scan.Known[int64](1000) }), OK},
		{"to slim, issues unread", func(w *world, _ *Target) {
			w.projects[1].MergeRequests = scan.Known[int64](1001)
			w.forget("project.issues")
		}, Violated},
		{"an issue more than Evaluate takes", onProject(func(p *scan.Project) { p.Issues = scan.Known[int64](5001) }), Violated},
		{"a merge request more", onProject(func(p *scan.Project) { p.MergeRequests = scan.Known[int64](5001) }), Violated},
	},
	"projects-many-pipelines": {inOrder, unread("project.pipelines"), cutList(scan.LevelProject),
		{"at the limit", onProject(func(p *scan.Project) { p.Pipelines = scan.Known[int64](1500) }), OK},
		{"first trouble", onProject(func(p *scan.Project) { p.Pipelines = scan.Known[int64](1501) }), Violated},
		{"more than Evaluate takes", onProject(func(p *scan.Project) { p.Pipelines = scan.Known[int64](5001) }), Violated},
		{"to clean up", onProject(func(p *scan.Project) { p.Pipelines = scan.Known[int64](10001) }), Violated},
	},
	"users-inactive-and-departed": {inOrder, unread("user.state"), cutList(scan.LevelUser),
		{"banned", onUser(func(u *scan.User) { u.State = scan.Known("banned") }), Violated},
	},
	"users-personal-credentials": {inOrder, unread("user.ssh-keys"), unread("user.gpg-keys"), unread("user.state"), unread("user.kind"),
		{"a key", onUser(func(u *scan.User) { u.SSHKeys = scan.Known[int64](1) }), Violated},
		{"keys of who has left, not asked", onUser(func(u *scan.User) {
			u.State, u.SSHKeys = scan.Known("blocked"), scan.Missing[int64](scan.Gap{Reason: scan.ReasonNotAsked})
		}), OK},
		unread("instance.personal-access-tokens"), unread("user.two-factor"), cutList(scan.LevelUser),
		{"a token", onInstance(func(i *scan.Instance) { i.AccessTokens = scan.Known[int64](1) }), Violated},
		{"a second factor", onUser(func(u *scan.User) { u.TwoFactor = scan.Known(true) }), Violated},
	},
	"users-admins-and-special-roles": {inOrder, unread("user.admin"), unread("user.auditor"),
		{"an auditor", onUser(func(u *scan.User) { u.Auditor = scan.Known(true) }), Violated},
		unread("user.external"), cutList(scan.LevelUser),
		{"an administrator", onUser(func(u *scan.User) { u.Admin = scan.Known(true) }), Violated},
		{"an external user", onUser(func(u *scan.User) { u.External = scan.Known(true) }), Violated},
	},
	"instance-level-configuration": {inOrder, unread("instance.cicd-variables"), unread("instance.oauth-applications"), unread("instance.runners"),
		unread("instance.broadcast-messages"), unread("instance.appearance"), unread("instance.file-templates"),
		{"an application", onInstance(func(i *scan.Instance) { i.Applications = scan.Known[int64](1) }), Violated},
		{"an appearance, the runners unread", func(w *world, _ *Target) {
			w.instance.Appearance = scan.Known(true)
			w.forget("instance.runners")
		}, Violated},
	},
	"limits-source-and-destination-throttling": {inOrder, unread("instance.api-throttle"),
		{"on", onInstance(func(i *scan.Instance) { i.APIThrottle = scan.Known(true) }), Violated},
		{"on, its rate unread", func(w *world, _ *Target) {
			w.instance.APIThrottle = scan.Known(true)
			w.forget("instance.api-throttle-per-minute")
		}, Violated},
		{"at the destination, the source's unread", func(w *world, t *Target) {
			t.Read = &scan.Destination{APIThrottle: scan.Known(true), APIThrottlePerMinute: scan.Known[int64](120)}
			w.forget("instance.api-throttle")
		}, Violated},
		{"not at the destination either", func(_ *world, t *Target) { t.Read = &scan.Destination{APIThrottle: scan.Known(false)} }, OK},
	},
	"instance-temporary-disk-space":         onlyAsks,
	"instance-sidekiq-not-dimensioned":      onlyAsks,
	"instance-object-storage-not-proxied":   onlyAsks,
	"registry-object-storage-not-in-backup": onlyAsks,
	"network-proxy-limits":                  onlyAsks,
	"network-allow-lists":                   onlyAsks,
	"air-gap-object-store-access":           onlyAsks,
	"destination-capacity":                  onlyAsks,
	"integrations-api-consumers":            onlyAsks,
	"security-audit-events":                 onlyAsks,
	"users-saml-not-linked":                 onlyAsks,
	"air-gap-method-eligibility":            onlyAsks,
}

func TestChecks(t *testing.T) {
	for _, k := range All() {
		for _, c := range cases[k.ID] {
			t.Run(k.ID+"/"+c.name, func(t *testing.T) {
				w, target := soundWorld(), targetFor(k)
				c.change(w, &target)
				j := evaluated(t, w, target)
				if got := verdictOf(j, k); got != c.want {
					t.Errorf("%s, want %s; findings: %v", got, c.want, of(j, k.ID))
				}
				for _, f := range of(j, k.ID) {
					if f.Evidence == "" || f.Remedy == "" || len(f.Methods) == 0 {
						t.Errorf("a finding lacks evidence, remedy or methods: %+v", f)
					}
				}
			})
		}
	}
}

func of(j *Judgement, id string) (all []Finding) {
	for _, f := range j.Findings {
		if f.Check == id {
			all = append(all, f)
		}
	}
	return all
}

func TestMethodsAreNarrowed(t *testing.T) {
	w := soundWorld()
	w.users[0].PublicEmail = scan.Known("")
	w.instance.MaintenanceMode = scan.Known(true)
	target := DefaultTarget()
	target.Destination = SelfManaged
	for _, c := range []struct {
		version string
		want    []matrix.Method
	}{
		{"19.5", []matrix.Method{matrix.FileExport, matrix.Congregate}},
		{"17.6", []matrix.Method{matrix.DirectTransfer, matrix.FileExport, matrix.Congregate, matrix.CongregateDirect}},
	} {
		target.Version = scan.MustVersion(c.version)
		if got := of(evaluated(t, w, target), "users-public-email-missing")[0].Methods; !slices.Equal(got, c.want) {
			t.Errorf("destination %s: %v, want %v", c.version, got, c.want)
		}
	}
	if got := of(evaluated(t, w, target), "instance-maintenance-mode-and-freeze")[0].Methods; slices.Contains(got, matrix.BackupRestore) {
		t.Errorf("maintenance mode does not hinder a backup: %v", got)
	}
}

func TestInternalHost(t *testing.T) {
	for host, want := range map[string]bool{
		"example.com": false, "example.com:443": false, "8.8.8.8": false, "[2606:4700::1]:443": false, "": false,
		"jenkins": true, "JENKINS:8080": true, "localhost": true, "10.0.0.1": true, "192.168.1.1:80": true, "172.31.0.1": true,
		"172.32.0.1": false, "127.0.0.1": true, "169.254.1.1": true, "[::1]:80": true, "fd00::1": true, "[fd00::1]": true,
		"ci.corp.local": true, "ci.internal.": true, "::ffff:10.0.0.1": true,
	} {
		if got := internalHost(host); got != want {
			t.Errorf("internalHost(%q) = %v", host, got)
		}
	}
}

func TestUpgradeStops(t *testing.T) {
	for _, c := range []struct{ from, to, want string }{
		{"19.2.0", "19.5", "required stops 19.5"},
		{"17.11.7", "18.8", "required stops 18.2, 18.5 and 18.8"},
		{"17.11.2", "18.2", "required stops 17.11.7 and 18.2"},
		{"16.11.10", "17.3", "required stops 17.1.8 (with large ci_pipeline_messages) and 17.3.7"},
		{"14.10.0", "15.0", "required stops those before 15.0 and 15.0.5"},
		{"18.2.1", "18.4", "no required stop on the way"},
	} {
		if got := stopsBetween(scan.MustVersion(c.from), scan.MustVersion(c.to)); got != c.want {
			t.Errorf("from %s to %s: %q, want %q", c.from, c.to, got, c.want)
		}
	}
}

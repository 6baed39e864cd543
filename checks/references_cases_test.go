package checks

import "readiness/scan"

// says gives the first project a CI/CD configuration with one mention, on line 3.
func says(kind scan.CIKind, value string, change ...func(*scan.CIMention)) func(*world, *Target) {
	m := scan.CIMention{Kind: kind, File: ".gitlab-ci.yml", Line: 3, Value: value}
	for _, f := range change {
		f(&m)
	}
	return onProject(func(p *scan.Project) { p.CIMentions = scan.Listed([]scan.CIMention{m}) })
}

func own(m *scan.CIMention)  { m.Own = true }
func open(m *scan.CIMention) { m.Open = true }

// restUnread loses what the second project's configuration mentions.
func restUnread(w *world, _ *Target) { w.forget("project.ci-mentions") }

func submodule(m scan.Submodule) func(*world, *Target) {
	return onProject(func(p *scan.Project) { p.Submodules = scan.Listed([]scan.Submodule{m}) })
}

func address(kind scan.AddressKind, value string) func(*world, *Target) {
	return onProject(func(p *scan.Project) {
		p.PackageAddresses = scan.Listed([]scan.PackageAddress{{File: ".npmrc", Line: 2, Kind: kind, Value: value}})
	})
}

func lfsHost(host string) func(*world, *Target) {
	return onProject(func(p *scan.Project) { p.LFSHosts = scan.Known([]string{host}) })
}

func parent(_ *world, t *Target) { t.Parent = "acme/imported" }

func noAirGap(_ *world, t *Target) { t.AirGapped = false }

func waves(w Waves) func(*world, *Target) { return func(_ *world, t *Target) { t.Waves = w } }

// tagged gives the source a runner with a tag.
func tagged(tag string) func(*world, *Target) {
	return onInstance(func(i *scan.Instance) {
		i.RunnerTags = scan.Listed([]scan.Runner{{ID: 1, Type: "instance", Tags: []string{tag}}})
	})
}

const mentionsFact = "project.ci-mentions"

// referenceCases are those of the checks on what configurations and other files
// say. The sound world's projects are group-1/project-1 and group-1/project-2.
var referenceCases = map[string][]given{
	"scope-cross-wave-dependencies": {inOrder, unread(mentionsFact), unread("project.submodules"), unread("project.fork-relationship"), cutList(scan.LevelProject),
		{"within a top-level group", says(scan.CIIncludeProject, "group-1/project-2", own), OK},
		{"the same, some unread", both(says(scan.CIIncludeProject, "group-1/project-2", own), restUnread), Unknown},
		{"the same, letters of other case", says(scan.CIIncludeProject, "Group-1/Project-2", own), OK},
		{"to another top-level group", both(says(scan.CITrigger, "group-2/project-3", own), func(w *world, _ *Target) { w.addProject(3).Path = "group-2/project-3" }), Violated},
		{"out of what was scanned", says(scan.CINeedsProject, "group-1/gone", own), Violated},
		{"out of it, the rest unread", both(says(scan.CINeedsProject, "group-1/gone", own), restUnread), Violated},
		{"a variable decides", says(scan.CIIncludeProject, "$GROUP/project", own, open), OK},
		{"on another server", says(scan.CIIncludeRemote, "example.org/group-1/gone/-/raw/main/x.yml"), OK},
		{"an image of a project", says(scan.CIImage, "registry.example.com/group-1/project-2/tool:1", own), OK},
		{"an image of none", says(scan.CIImage, "registry.example.com/group-1/project-22/tool:1", own), Violated},
		{"a submodule beside it", submodule(scan.Submodule{Path: "x", Target: "../project-2", Relative: true}), OK},
		{"a submodule elsewhere", submodule(scan.Submodule{Path: "x", Host: "gitlab.example.com", Target: "lib/x"}), Violated},
		{"a fork of the other", onProject(func(p *scan.Project) { p.ForkedFrom = scan.Known[scan.ID](2) }), OK},
		{"a fork of one that is not there", onProject(func(p *scan.Project) { p.ForkedFrom = scan.Known[scan.ID](99) }), Violated},
		{"waves of its own", both(says(scan.CITrigger, "group-1/project-2", own), waves(Waves{"group-1": "1", "group-1/project-2": "2"})), Violated},
		{"one wave for all", both(says(scan.CITrigger, "group-1/project-2", own), waves(Waves{"group-1": "1"})), OK},
	},
	"references-change-path": {
		{"nothing moves", both(func(_ *world, t *Target) { t.Parent = "" }, says(scan.CIIncludeProject, "group-1/project-2", own)), OK},
		{"in order", parent, OK},
		{"an include", both(parent, says(scan.CIIncludeProject, "group-1/project-2", own)), Violated},
		{"the same, the rest unread", both(parent, both(says(scan.CIIncludeProject, "group-1/project-2", own), restUnread)), Violated},
		{"out of what was scanned", both(parent, says(scan.CIIncludeProject, "group-1/gone", own)), OK},
		{"the place is the old one", both(says(scan.CITrigger, "group-1/project-2", own), func(_ *world, t *Target) { t.Places = Places{"group-1": "group-1"} }), OK},
		{"a submodule beside it that goes along", both(parent, submodule(scan.Submodule{Path: "x", Target: "../project-2", Relative: true})), OK},
		{"a submodule beside it that goes elsewhere", both(func(_ *world, t *Target) { t.Parent, t.Places = "", Places{"group-1/project-2": "libs/two"} },
			submodule(scan.Submodule{Path: "x", Target: "../project-2", Relative: true})), Violated},
		{"a submodule beside it that stays, of one that goes", both(func(_ *world, t *Target) { t.Parent, t.Places = "", Places{"group-1/project-1": "apps/one"} },
			submodule(scan.Submodule{Path: "x", Target: "../project-2", Relative: true})), Violated},
		{"a submodule by its address", both(parent, submodule(scan.Submodule{Path: "x", Host: "gitlab.example.com", Target: "group-1/project-2"})), Violated},
		{"an upstream is known by its id", both(parent, onProject(func(p *scan.Project) { p.ForkedFrom = scan.Known[scan.ID](2) })), OK},
		{"unread", both(parent, restUnread), Unknown},
		{"the list was cut", both(parent, func(w *world, _ *Target) { w.cut(scan.LevelProject) }), Unknown},
	},
	"projects-absolute-references": {inOrder, unread("project.submodules"), unread("project.lfs-config-hosts"), cutList(scan.LevelProject),
		{"a relative submodule", submodule(scan.Submodule{Path: "x", Target: "../x", Relative: true}), OK},
		{"a submodule of another server", submodule(scan.Submodule{Path: "x", Host: "github.com", Target: "a/b"}), OK},
		{"a submodule by the source's host", submodule(scan.Submodule{Path: "x", Host: "GitLab.example.com:2222", Target: "a/b"}), Violated},
		{"a submodule by the name the source calls itself", both(onInstance(func(i *scan.Instance) { i.OwnHost = scan.Known("code.example.com:8443") }),
			submodule(scan.Submodule{Path: "x", Host: "code.example.com", Target: "a/b"})), Violated},
		{"a submodule where it is not known how the source calls itself", both(unread("instance.own-host").change, submodule(scan.Submodule{Path: "x", Host: "github.com", Target: "a/b"})), Unknown},
		{"LFS at the source's host", lfsHost("gitlab.example.com"), Violated},
	},
	"lfs-foreign-lfs-url": {inOrder, unread("project.lfs-config-hosts"), cutList(scan.LevelProject),
		{"the source's own", lfsHost("gitlab.example.com:8443"), OK},
		{"another", lfsHost("lfs.example.com"), Violated},
	},
	"packages-addresses-and-scopes": {inOrder, unread("project.package-addresses"), cutList(scan.LevelProject),
		{"a host", address(scan.AddressHost, "gitlab.example.com"), Violated},
		{"a number", address(scan.AddressEndpoint, "projects/42/packages/npm"), Violated},
		{"a scope that stays", address(scan.AddressScope, "@group-1"), OK},
		{"a scope whose group goes under another", both(parent, address(scan.AddressScope, "@group-1")), Violated},
		{"a scope whose group is renamed", both(func(_ *world, t *Target) { t.Places = Places{"group-1": "new"} }, address(scan.AddressScope, "@group-1")), Violated},
	},
	"ci-variables-undefined": {inOrder, unread(mentionsFact), cutList(scan.LevelProject),
		{"used and defined nowhere", says(scan.CIVariable, "DEPLOY_KEY"), Violated},
		{"defined by the project", both(says(scan.CIVariable, "DEPLOY_KEY"), onProject(func(p *scan.Project) { p.Variables = scan.Listed([]scan.Variable{variable}) })), OK},
		{"defined by its group", both(says(scan.CIVariable, "DEPLOY_KEY"), onGroup(func(g *scan.Group) { g.Variables = scan.Listed([]scan.Variable{variable}) })), OK},
		{"defined by another group", both(says(scan.CIVariable, "DEPLOY_KEY"), func(w *world, _ *Target) { w.groups[1].Variables = scan.Listed([]scan.Variable{variable}) }), Violated},
		{"defined by the instance alone", both(says(scan.CIVariable, "DEPLOY_KEY"), onInstance(func(i *scan.Instance) { i.Variables = scan.Listed([]scan.Variable{variable}) })), Violated},
		{"the project's unread", both(says(scan.CIVariable, "DEPLOY_KEY"), onProject(func(p *scan.Project) { p.Variables = scan.Cut[scan.Variable](nil, refused) })), Unknown},
		{"the group's unread", both(says(scan.CIVariable, "DEPLOY_KEY"), onGroup(func(g *scan.Group) { g.Variables = scan.Cut[scan.Variable](nil, refused) })), Unknown},
		{"the group was not listed", both(says(scan.CIVariable, "DEPLOY_KEY"), func(w *world, _ *Target) { w.projects[0].Path = "group-9/project-1" }), Unknown},
		{"a project of a person", both(says(scan.CIVariable, "DEPLOY_KEY"), onProject(func(p *scan.Project) {
			p.Path, p.Personal = "user-1/project-1", scan.Known(true)
		})), Violated},
	},
	"ci-job-token-access": {inOrder, unread(mentionsFact), unread("project.job-token-restricted"), unread("project.job-token-allowlist"), cutList(scan.LevelProject),
		{"used for another project", says(scan.CIJobToken, "group-1/project-2", own), Violated},
		{"the same, its list unread", both(says(scan.CIJobToken, "group-1/project-2", own), onProject(func(p *scan.Project) {
			p.JobTokenAllowlist, p.JobTokenRestricted = scan.Missing[int64](refused), scan.Missing[bool](refused)
		})), Violated},
		{"another on its list", onProject(func(p *scan.Project) { p.JobTokenAllowlist = scan.Known[int64](1) }), Violated},
		{"open to all", onProject(func(p *scan.Project) { p.JobTokenRestricted = scan.Known(false) }), Violated},
	},
	"ci-cross-project-pipelines": {inOrder, unread(mentionsFact), cutList(scan.LevelProject),
		{"a trigger", says(scan.CITrigger, "group-1/project-2", own), Violated},
		{"a need", says(scan.CINeedsProject, "$GROUP/x", own, open), Violated},
		{"an include", says(scan.CIIncludeProject, "group-1/project-2", own), OK},
	},
	"ci-include-project": {inOrder, unread(mentionsFact), cutList(scan.LevelProject),
		{"nobody says in which waves", says(scan.CIIncludeProject, "group-1/project-2", own), Violated},
		{"in the same wave", both(waves(Waves{"group-1": "1"}), says(scan.CIIncludeProject, "group-1/project-2", own)), OK},
		{"in an earlier wave", both(waves(Waves{"group-1": "2", "group-1/project-2": "1"}), says(scan.CIIncludeProject, "group-1/project-2", own)), OK},
		{"in a later wave by number", both(waves(Waves{"group-1": "w9", "group-1/project-2": "w10"}), says(scan.CIIncludeProject, "group-1/project-2", own)), Violated},
		{"in a later wave", both(waves(Waves{"group-1": "1", "group-1/project-2": "2"}), says(scan.CIIncludeProject, "group-1/project-2", own)), Violated},
		{"in no wave", both(waves(Waves{"group-1": "1"}), says(scan.CIIncludeProject, "group-2/x", own)), Violated},
		{"its path changes", both(both(parent, waves(Waves{"group-1": "1"})), says(scan.CIIncludeProject, "group-1/project-2", own)), Violated},
		{"a variable decides", both(waves(Waves{"group-1": "1"}), says(scan.CIIncludeProject, "$GROUP/x", own, open)), Violated},
	},
	"ci-hard-coded-source-host-or-ip": {inOrder, unread(mentionsFact), cutList(scan.LevelProject),
		{"the source's host", says(scan.CIHost, "gitlab.example.com", own), Violated},
		{"another's", says(scan.CIForeignHost, "example.org"), OK},
		{"a private address", says(scan.CIAddress, "172.31.255.255"), Violated},
		{"the address after the last private one", says(scan.CIAddress, "172.32.0.0"), OK},
		{"a public address", says(scan.CIAddress, "8.8.8.8"), OK},
	},
	"ci-include-remote": {inOrder, unread(mentionsFact), cutList(scan.LevelProject),
		{"one", says(scan.CIIncludeRemote, "example.org/x.yml"), Violated},
		{"a local one", says(scan.CIIncludeLocal, "/x.yml"), OK},
	},
	"ci-include-local-and-reference": {inOrder, unread(mentionsFact), cutList(scan.LevelProject),
		{"a local file", says(scan.CIIncludeLocal, "/ci/*.yml"), OK},
		{"a path with a variable", says(scan.CIIncludeLocal, "/ci/$X.yml", open), Violated},
		{"what could not be read", says(scan.CIProblem, "this is no valid YAML"), Violated},
	},
	"ci-component-host-literal": {inOrder, unread(mentionsFact), cutList(scan.LevelProject),
		{"by variable", says(scan.CIIncludeComponent, "$CI_SERVER_FQDN/a/b/c@1", own, open), OK},
		{"the source's host", says(scan.CIIncludeComponent, "gitlab.example.com/a/b/c@1", own), Violated},
		{"GitLab.com's, there", to(GitLabCom, says(scan.CIIncludeComponent, "gitlab.com/a/b/c@1")), OK},
		{"GitLab.com's, elsewhere", to(SelfManaged, says(scan.CIIncludeComponent, "gitlab.com/a/b/c@1")), Violated},
		{"a template of today's", says(scan.CIIncludeTemplate, "Jobs/SAST.gitlab-ci.yml"), OK},
		{"a template that is gone", says(scan.CIIncludeTemplate, "Terraform.gitlab-ci.yml"), Violated},
	},
	"ci-image-from-source-registry": {inOrder, unread(mentionsFact), unread("instance.registry-host"), cutList(scan.LevelProject),
		{"of Docker Hub", says(scan.CIImage, "golang:1"), OK},
		{"of the source", says(scan.CIImage, "registry.example.com/a/b:1", own), Violated},
		{"a service", says(scan.CIService, "registry.example.com/a/b:1", own), Violated},
		{"by variable", says(scan.CIImage, "$CI_REGISTRY_IMAGE/x:1", own, open), OK},
		{"the host by itself, the tag by variable", says(scan.CIImage, "registry.example.com/a/b:$TAG", own, open), Violated},
	},
	"ci-deprecated-keywords": {inOrder, unread(mentionsFact), cutList(scan.LevelProject),
		{"one", says(scan.CIDeprecated, "only"), Violated},
		{"an image", says(scan.CIImage, "golang:1"), OK},
	},
	"ci-oidc-trust": {inOrder, unread(mentionsFact), cutList(scan.LevelProject),
		{"an ID token", says(scan.CIIDToken, "sts.example.net"), Violated},
		{"a vault", says(scan.CISecrets, "vault"), Violated},
		{"the older token", says(scan.CIDeprecated, "CI_JOB_JWT_V2"), Violated},
		{"another keyword", says(scan.CIDeprecated, "only"), OK},
	},
	"runners-tags-without-match": {inOrder, unread(mentionsFact), unread("instance.runner-tags"), cutList(scan.LevelProject),
		{"a tag that a runner has", both(tagged("gpu"), says(scan.CITag, "gpu")), OK},
		{"in other letters", both(tagged("GPU"), says(scan.CITag, "gpu")), Violated},
		{"one that none has", says(scan.CITag, "gpu"), Violated},
		{"a variable decides", says(scan.CITag, "$SIZE", open), OK},
	},
	"air-gap-external-dependencies": {
		{"no air gap", both(noAirGap, says(scan.CIImage, "golang:1")), OK},
		{"in order", airGapped, OK},
		{"unread", both(airGapped, restUnread), Unknown},
		{"the list was cut", both(airGapped, func(w *world, _ *Target) { w.cut(scan.LevelProject) }), Unknown},
		{"an image of Docker Hub", both(airGapped, says(scan.CIImage, "golang:1")), Violated},
		{"an image of the source", both(airGapped, says(scan.CIImage, "registry.example.com/a/b", own)), OK},
		{"a variable decides", both(airGapped, says(scan.CIImage, "$MIRROR/golang:1", open)), OK},
		{"another server", both(airGapped, says(scan.CIForeignHost, "example.org")), Violated},
	},
	"air-gap-scanners-and-licence": {
		{"no air gap", both(noAirGap, says(scan.CIScanner, "Jobs/SAST.gitlab-ci.yml")), OK},
		{"in order", airGapped, OK},
		{"unread", both(airGapped, restUnread), Unknown},
		{"the list was cut", both(airGapped, func(w *world, _ *Target) { w.cut(scan.LevelProject) }), Unknown},
		{"one", both(airGapped, says(scan.CIScanner, "Jobs/SAST.gitlab-ci.yml")), Violated},
	},
}

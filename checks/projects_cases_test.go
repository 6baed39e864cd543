package checks

import "readiness/scan"

// projectCases are those of the checks on projects: their sizes, CI/CD, packages,
// images and what they are tied to.
var projectCases = map[string][]given{
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
	"projects-in-personal-namespaces": {inOrder, cutList(scan.LevelProject),
		{"one", onProject(func(p *scan.Project) { p.Personal = scan.Known(true) }), Violated},
	},
	"projects-pending-deletion": {inOrder, unread("group.pending-deletion"), unread("project.pending-deletion"), cutList(scan.LevelGroup),
		{"a project", onProject(func(p *scan.Project) { p.PendingDeletion = scan.Known(true) }), Violated},
		{"a group", onGroup(func(g *scan.Group) { g.PendingDeletion = scan.Known(true) }), Violated},
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
	"ci-project-settings-not-carried": {inOrder, unread("project.cicd-settings"), unread("project.deploy-freezes"), unread("project.pipeline-subscriptions"), unread("project.merge-trains"), cutList(scan.LevelProject),
		{"a setting", onProject(func(p *scan.Project) { p.CISettings = scan.Known([]string{"build_timeout"}) }), Violated},
		{"a freeze", onProject(func(p *scan.Project) { p.DeployFreezes = scan.Known[int64](1) }), Violated},
		{"a subscription, the rest unread", func(w *world, _ *Target) {
			w.projects[0].Subscriptions = scan.Known[int64](1)
			w.forget("project.cicd-settings")
		}, Violated},
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
	"registry-object-storage-not-in-backup": onlyAsks,
	"integrations-api-consumers":            onlyAsks,
}

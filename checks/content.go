package checks

import (
	"strings"

	"readiness/checks/matrix"
	"readiness/scan"
)

// contentChecks are about what projects hold and importers leave or change.
var contentChecks = []Check{
	{
		ID: "lfs-objects-need-verification", Area: "content", Severity: Medium, Level: scan.LevelInstance,
		Title:        "LFS objects have to be checked before and after",
		Why:          "Several imports report success for pointers whose object is missing: clones fail days later, when the source may be gone.",
		Rule:         "Broken where a project has LFS objects.",
		Remedy:       "Run gitlab-rake gitlab:lfs:check on the source, switch LFS on at the destination and verify with git lfs fetch --all after the wave.",
		Docs:         append(links("user/group/import/migrated_items", "administration/backup_restore/restore_gitlab"), "https://gitlab.com/gitlab-org/gitlab/-/issues/322704"),
		Methods:      []matrix.Method{matrix.DirectTransfer, matrix.FileExport, matrix.Congregate, matrix.BackupRestore, matrix.OfflineTransfer},
		Destinations: Destinations(),
		Needs:        []scan.FactID{"project.lfs-objects-size"},
		Across: &Across{
			Project: func(c *Context, p *scan.Project) int64 { return one(need(c, p.LFSSize) > 0) },
		},
		Ask: func(*Context) string {
			return "Does the check of LFS objects pass on the source? An administrator runs: sudo gitlab-rake gitlab:lfs:check"
		},
	},
	{
		ID: "ci-artifacts-logs-and-child-pipelines", Area: "content", Severity: Medium, Level: scan.LevelInstance,
		Title:        "Job artifacts, job logs and child pipelines are not migrated",
		Why:          "Evidence for audits and the files behind links of releases go with the source.",
		Rule:         "Broken where a project keeps job artifacts.",
		Remedy:       "Copy what is delivered to the generic package registry or an archive, and keep the source readable while it must be kept.",
		Docs:         append(links("user/group/import/migrated_items", "user/project/settings/import_export"), congregate("runbooks/migrations-to-dot-com.md")),
		Methods:      imports,
		Destinations: Destinations(),
		Needs:        []scan.FactID{"project.job-artifacts-size"},
		Across: &Across{
			Project: func(c *Context, p *scan.Project) int64 { return one(need(c, p.JobArtifactsSize) > 0) },
		},
	},
	{
		ID: "ci-external-config-path", Area: "content", Severity: Medium, Level: scan.LevelInstance,
		Title:        "CI/CD configuration kept outside the project",
		Why:          "The project loses its pipelines when the file elsewhere is not migrated, or not before it; what that file says is judged only where it is a configuration of its own project.",
		Rule:         "Broken where a project's CI/CD configuration path names another project or an address.",
		Remedy:       "Migrate the project that holds the configuration first, and correct host and path afterwards.",
		Docs:         []string{congregate("runbooks/discovery.md")},
		Methods:      imports,
		Destinations: Destinations(),
		Needs:        []scan.FactID{"project.ci-config-path"},
		Across: &Across{
			Project: func(c *Context, p *scan.Project) int64 { return one(outsideProject(need(c, p.CIConfigPath))) },
		},
	},
	{
		ID: "ci-instance-runner-mismatch", Area: "content", Severity: High, Level: scan.LevelInstance,
		Title:        "Instance runners allowed in projects and perhaps not in their new group",
		Why:          "The import of a project that allows instance runners fails under a group that does not.",
		Rule:         "Broken where a project allows instance runners and the destination's parent group, if it was read, does not; a question where it was not.",
		Remedy:       "Allow instance runners in the destination group for the import, or switch them off in the projects, and restore the setting afterwards.",
		Docs:         append(links("user/project/settings/import_export_troubleshooting"), "https://gitlab.com/gitlab-org/gitlab/-/issues/276930", congregate("runbooks/migrations-to-dot-com.md")),
		Methods:      []matrix.Method{matrix.FileExport, matrix.Congregate},
		Destinations: Destinations(),
		Needs:        []scan.FactID{"project.shared-runner-setting"},
		Across: &Across{
			Project: func(c *Context, p *scan.Project) int64 { return one(need(c, p.SharedRunners)) },
			Judge:   sharedRunners,
		},
	},
	{
		ID: "ci-secure-files-and-terraform-states", Area: "content", Severity: High, Level: scan.LevelInstance,
		Title:        "Secure files and Terraform states stay behind",
		Why:          "Signing keys are missing, and the next terraform apply starts from an empty state.",
		Remedy:       "Move each state with terraform init -migrate-state during a freeze, and have the owners of secure files copy them.",
		Docs:         append(links("user/project/settings/import_export"), congregate("customer/gitlab-migration-features-matrix.md")),
		Methods:      imports,
		Destinations: Destinations(),
		Needs:        []scan.FactID{"project.terraform-states", "project.secure-files"},
		Across: &Across{
			One: "Terraform state or secure file", Many: "Terraform states and secure files",
			Project: func(c *Context, p *scan.Project) int64 { return need(c, p.TerraformStates) + offered(c, p.SecureFiles) },
		},
	},
	{
		ID: "ci-environments-and-feature-flags", Area: "content", Severity: Medium, Level: scan.LevelInstance,
		Title:        "Environments, their protection and feature flags are not imported",
		Why:          "Approvals of deployments disappear and applications read no flags; Congregate alone recreates them, all environments as active, and across an air gap just plain environments.",
		Remedy:       "Recreate environments and their protection before the first deployment, and give clients the flags' new address and instance ID.",
		Docs:         append(links("user/group/import/migrated_items"), congregate("customer/gitlab-migration-features-matrix.md"), congregate("runbooks/migration-pre-and-post-requisites.md")),
		Methods:      imports,
		Destinations: Destinations(),
		Needs:        []scan.FactID{"project.environments", "project.protected-environments", "project.feature-flags", "project.feature-flag-user-lists"},
		Across: &Across{
			One: "environment, protection of one, feature flag or user list", Many: "environments, protections of them, feature flags and user lists",
			Project: func(c *Context, p *scan.Project) int64 {
				return offered(c, p.Environments) + offered(c, p.ProtectedEnvironments) + offered(c, p.FeatureFlags) + offered(c, p.UserLists)
			},
		},
	},
	{
		ID: "registry-blocks-restructuring", Area: "content", Severity: Medium, Level: scan.LevelInstance,
		Title:        "Projects with container images cannot change their namespace",
		Why:          "GitLab refuses to transfer or rename them: a planned new structure cannot be reached.",
		Rule:         "A question where a project has a registry repository.",
		Remedy:       "Restructure before images are copied, or take the images away and push them again around the transfer.",
		Docs:         []string{congregate("customer/famq.md"), "https://gitlab.com/gitlab-org/gitlab/-/issues/236007"},
		Methods:      imports,
		Destinations: Destinations(),
		Needs:        []scan.FactID{"project.container-registry"},
		Across: &Across{
			One: "registry repository", Many: "registry repositories",
			Project: func(c *Context, p *scan.Project) int64 { return need(c, p.RegistryRepos) },
			Judge:   askIfAny("Is any of these to move to another namespace before or after the migration? Whoever plans the new structure knows: %s"),
		},
	},
	{
		ID: "projects-archived", Area: "content", Severity: Info, Level: scan.LevelInstance,
		Title:        "Archived projects",
		Why:          "They swell the waves, or are forgotten because counters in the interface leave them out.",
		Rule:         "Broken where a project is archived.",
		Remedy:       "Decide for each: a last wave, an export to an archive, or leaving it behind.",
		Docs:         []string{congregate("congregate/migration/gitlab/migrate.py"), congregate("customer/migration-readiness-checklist.md"), "https://gitlab.com/gitlab-org/gitlab/-/issues/18069"},
		Methods:      imports,
		Destinations: Destinations(),
		Needs:        []scan.FactID{"project.archived-state"},
		Across: &Across{
			Project: func(c *Context, p *scan.Project) int64 { return one(need(c, p.Archived)) },
		},
	},
	{
		ID: "projects-mirrors", Area: "content", Severity: Medium, Level: scan.LevelInstance,
		Title:        "Pull and push mirrors",
		Why:          "No import brings a mirror or its credentials: two instances drift apart, or another system receives no more code; one left on at the source may go on pushing.",
		Remedy:       "Note target and owner of the credentials, switch the mirror off before the wave and create it again at the destination.",
		Docs:         append(links("user/group/import/migrated_items"), congregate("customer/gitlab-migration-features-matrix.md")),
		Methods:      imports,
		Destinations: Destinations(),
		Needs:        []scan.FactID{"project.pull-mirroring", "project.remote-mirrors"},
		Across: &Across{
			One: "mirror", Many: "mirrors",
			Project: func(c *Context, p *scan.Project) int64 {
				n := one(need(c, p.PullMirror))
				for _, m := range needAll(c, p.RemoteMirrors) {
					n += one(m.Enabled)
				}
				return n
			},
		},
	},
	{
		ID: "projects-forks", Area: "content", Severity: Medium, Level: scan.LevelInstance,
		Title:        "Forks lose their link and their shared storage",
		Why:          "Contributors lose the way for merge requests, and objects that forks shared are stored once for each.",
		Rule:         "Broken where a project is a fork or has forks.",
		Remedy:       "Keep parents and forks in one wave, close or merge open merge requests of forks, and size storage without sharing.",
		Docs:         append(links("user/project/settings/import_export", "administration/backup_restore/backup_gitlab"), congregate("customer/gitlab-migration-features-matrix.md")),
		Methods:      []matrix.Method{matrix.DirectTransfer, matrix.FileExport, matrix.Congregate, matrix.BackupRestore, matrix.OfflineTransfer},
		Destinations: Destinations(),
		Needs:        []scan.FactID{"project.fork-relationship", "project.forks"},
		Across: &Across{
			Project: func(c *Context, p *scan.Project) int64 {
				return one(need(c, p.ForkedFrom) != 0 || need(c, p.Forks) > 0)
			},
		},
	},
	{
		ID: "projects-pages-sites", Area: "content", Severity: Medium, Level: scan.LevelInstance,
		Title:        "Pages sites and their domains are not imported",
		Why:          "Documentation disappears, and certificates and DNS point to the old host; Dedicated has no custom domains for Pages.",
		Remedy:       "Plan DNS, verification records and certificates, and run the Pages jobs again; for Dedicated publish elsewhere.",
		Docs:         links("user/group/import/migrated_items", "subscriptions/gitlab_dedicated", "user/gitlab_com"),
		Methods:      imports,
		Destinations: Destinations(),
		Needs:        []scan.FactID{"project.pages-content", "project.pages-domains"},
		Across: &Across{
			One: "site or domain", Many: "sites and domains",
			Project: func(c *Context, p *scan.Project) int64 { return sum(c, &p.PagesDeployments, &p.PagesDomains) },
		},
	},
	{
		ID: "projects-vulnerability-state", Area: "content", Severity: Medium, Level: scan.LevelInstance,
		Title:        "Vulnerability records lose their state",
		Why:          "Security teams judge every finding again, and policies block merge requests.",
		Remedy:       "Export states with their comments and set them again by API after the first scan at the destination.",
		Docs:         append(links("user/group/import/migrated_items"), congregate("customer/gitlab-migration-features-matrix.md"), "https://gitlab.com/gitlab-org/gitlab/-/issues/512859"),
		Methods:      imports,
		Destinations: Destinations(),
		Needs:        []scan.FactID{"project.triaged-vulnerabilities"},
		Across: &Across{
			One: "vulnerability that was dismissed, confirmed or resolved", Many: "vulnerabilities that were dismissed, confirmed or resolved",
			Project: func(c *Context, p *scan.Project) int64 { return offered(c, p.TriagedVulnerabilities) },
		},
	},
	{
		ID: "projects-snippets-disabled", Area: "content", Severity: Low, Level: scan.LevelInstance,
		Title:        "Snippets in projects whose snippets are switched off",
		Why:          "The importers pass them over.",
		Rule:         "Broken where a project has snippets and snippets switched off.",
		Remedy:       "Switch snippets on in these projects for the time of the import.",
		Docs:         links("user/group/import/direct_transfer_migrations", "user/import/gitlab_instances/offline-transfer-migrations"),
		Methods:      imports,
		Destinations: Destinations(),
		Needs:        []scan.FactID{"project.snippets-access", "project.snippets-size"},
		Across: &Across{
			Project: func(c *Context, p *scan.Project) int64 {
				return one(need(c, p.SnippetsAccess) == "disabled" && need(c, p.SnippetsSize) > 0)
			},
		},
	},
	{
		ID: "security-policies-and-compliance", Area: "content", Severity: High, Level: scan.LevelInstance,
		Title:        "Compliance frameworks and security policies hold nothing after the import",
		Why:          "Mandatory scans and approvals are off until somebody notices.",
		Remedy:       "Create the frameworks at the destination and assign them by script before development goes on; migrate policy projects in the first wave and link them again.",
		Docs:         links("user/project/settings/import_export", "user/gitlab_com"),
		Methods:      imports,
		Destinations: Destinations(),
		Needs: []scan.FactID{"project.compliance-label", "project.security-policy-link", "group.compliance-frameworks", "group.security-policies",
			"instance.security-policies", "project.external-status-checks"},
		Across: &Across{
			One: "framework, assigned or defined, linked policy project or external status check", Many: "frameworks, assigned or defined, linked policy projects and external status checks",
			Instance: func(c *Context, i *scan.Instance) int64 { return one(offered(c, i.PolicyGroup)) },
			Group: func(c *Context, g *scan.Group) int64 {
				return offered(c, g.Frameworks) + one(offered(c, g.PolicyProject))
			},
			Project: func(c *Context, p *scan.Project) int64 {
				return int64(len(offered(c, p.ComplianceLabels))) + one(offered(c, p.SecurityPolicyProject)) + offered(c, p.ExternalChecks)
			},
		},
	},
	{
		ID: "groups-settings-not-carried", Area: "content", Severity: Medium, Level: scan.LevelInstance,
		Title:        "What groups set for all below them is not carried",
		Why:          "What holds for every project below a group is gone for all of them.",
		Remedy:       "Recreate them from the list before the projects arrive; Congregate copies variables and webhooks.",
		Docs:         append(links("user/group/import/migrated_items", "user/project/settings/import_export"), congregate("customer/gitlab-migration-features-matrix.md")),
		Methods:      imports,
		Destinations: Destinations(),
		Needs: []scan.FactID{"group.cicd-variables", "group.deploy-tokens", "group.webhooks", "group.push-rules", "group.pending-invitations",
			"group.custom-fields", "group.iteration-cadences", "group.file-templates"},
		Across: &Across{
			One:  "variable, deploy token, webhook, push rule, invitation, custom field, cadence or file template project",
			Many: "variables, deploy tokens, webhooks, push rules, invitations, custom fields, cadences and file template projects",
			Group: func(c *Context, g *scan.Group) int64 {
				return int64(len(needAll(c, g.Variables))) + need(c, g.DeployTokens) + int64(len(offeredAll(c, g.Webhooks))) + one(offered(c, g.PushRules)) +
					need(c, g.Invitations) + offered(c, g.CustomFields) + offered(c, g.Cadences) + one(offered(c, g.FileTemplates))
			},
		},
	},
	{
		ID: "scope-offline-transfer-omissions", Area: "content", Severity: High, Level: scan.LevelInstance,
		Title:        "Offline transfer leaves memberships, wikis, snippets and badges",
		Why:          "Nobody has access until members are added by hand, and what wikis hold is missing.",
		Rule:         "Broken where a group has direct members, badges or wiki pages, or a project direct members, a wiki, snippets or badges.",
		Remedy:       "Add memberships by script from the inventory, push wikis with Git and export snippets.",
		Docs:         links("user/import/gitlab_instances/offline-transfer-migrations"),
		Methods:      []matrix.Method{matrix.OfflineTransfer},
		Destinations: []Destination{GitLabCom, SelfManaged},
		Needs:        []scan.FactID{"group.members", "group.badges", "group.wiki", "project.members", "project.wiki-size", "project.snippets-size", "project.badges"},
		Across: &Across{
			Group: func(c *Context, g *scan.Group) int64 {
				return one(need(c, g.Members)+need(c, g.Badges)+offered(c, g.WikiPages) > 0)
			},
			Project: func(c *Context, p *scan.Project) int64 {
				return one(sum(c, &p.Members, &p.WikiSize, &p.SnippetsSize, &p.Badges) > 0)
			},
		},
	},
}

// outsideProject reports whether a path of a CI/CD configuration names another
// project (path@project) or an address.
// Source: https://docs.gitlab.com/ci/pipelines/settings/
func outsideProject(path string) bool {
	return strings.Contains(path, "@") || strings.HasPrefix(path, "http://") || strings.HasPrefix(path, "https://")
}

// sharedRunners judges projects that allow instance runners by the setting of
// their new parent group, which only a person knows where it was not read.
func sharedRunners(c *Context, t *Tally) Outcome {
	const setting = "Does the destination group allow instance runners (shared_runners_setting)? An Owner of it knows. The source's projects that do: %s"
	if c.Target.Read == nil || !known(c.Target.Read.ParentRunners) {
		return askIfAny(setting)(c, t)
	}
	is, _ := c.Target.Read.ParentRunners.Get()
	if n, _ := t.Amount(); n > 0 && is != "enabled" {
		return violated("the parent group's shared_runners_setting is %s, and these allow instance runners: %s", is, t).regardless()
	}
	return ok()
}

// askIfAny judges a tally as a question if anything was counted; the question
// has one verb, for the tally.
func askIfAny(q string) func(*Context, *Tally) Outcome {
	return func(_ *Context, t *Tally) Outcome {
		if n, _ := t.Amount(); n > 0 {
			return question(q, t).regardless()
		}
		return ok()
	}
}

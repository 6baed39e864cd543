package checks

import (
	"readiness/scan"
)

var securityChecks = []Check{
	{
		ID: "security-migration-tokens", Area: "security", Severity: Blocker, Level: scan.LevelInstance,
		Title:        "Accounts and tokens for the migration itself",
		Why:          "Imports start and fail half-way, or lose all authorship where the importer is no administrator.",
		Remedy:       "Create one account per side for the migration alone, provide it in the identity provider, let its token live until the last wave and revoke it afterwards.",
		Docs:         append(links("user/group/import/direct_transfer_migrations", "user/project/settings/import_export"), congregate("customer/migration-readiness-checklist.md"), congregate("runbooks/airgapped-migration-usage.md"), congregate("runbooks/migration-pre-and-post-requisites.md")),
		Methods:      imports,
		Destinations: Destinations(),
		Ask: func(c *Context) string {
			q := "Which personal access tokens with scope api will run the migration, of an Owner of every group (an administrator for files and Congregate), and do they outlive the last wave? The scan's own token only reads."
			if days, known := c.Instance.TokenLifetime.Get(); known && days > 0 {
				q += " The source lets no token live longer than " + plural(days, "day", "days") + ": plan who renews them."
			}
			return q
		},
	},
	{
		ID: "security-deploy-keys", Area: "security", Severity: High, Level: scan.LevelInstance,
		Title:        "Deploy keys stay behind",
		Why:          "Servers can no longer pull, and who holds the private key is often unknown. A public key can exist once per instance: on GitLab.com it may belong to somebody else.",
		Remedy:       "Create new keys per project at the destination and retire the unused ones.",
		Docs:         append(links("user/project/settings/import_export", "user/group/import/migrated_items"), congregate("customer/gitlab-migration-features-matrix.md"), congregate("congregate/migration/gitlab/migrate.py")),
		Methods:      imports,
		Destinations: Destinations(),
		Needs:        []scan.FactID{"project.deploy-keys"},
		Across: &Across{
			One: "enabled deploy key", Many: "enabled deploy keys",
			Project: func(c *Context, p *scan.Project) int64 { return need(c, p.DeployKeys) },
		},
	},
	{
		ID: "security-deploy-and-access-tokens", Area: "security", Severity: High, Level: scan.LevelInstance,
		Title:        "Deploy tokens, project and group access tokens stay behind",
		Why:          "The value of a token can never be exported: clusters cannot pull images, bots and integrations stop.",
		Rule:         "Broken where the instance has a deploy token.",
		Remedy:       "List the tokens with owner and consumer, and issue new ones before the cut-over.",
		Docs:         append(links("user/group/import/migrated_items"), congregate("customer/gitlab-migration-features-matrix.md")),
		Methods:      imports,
		Destinations: Destinations(),
		Needs:        []scan.FactID{"instance.deploy-tokens"},
		Instance: func(c *Context, i *scan.Instance) Outcome {
			if n := need(c, i.DeployTokens); n > 0 {
				return violated("%s on the instance", plural(n, "deploy token", "deploy tokens"))
			}
			return ok()
		},
		Ask: func(*Context) string {
			return "Which project and group access tokens are in use, and by what? The scan does not list them."
		},
	},
	{
		ID: "security-protected-branches-and-tags", Area: "security", Severity: High, Level: scan.LevelInstance,
		Title:        "Protected branches and tags change",
		Why:          "File imports reset who may push and merge to Maintainers unless an Owner of the top-level group or an administrator imports, and the destination's defaults may protect more: release branches are locked for the wrong people or open to too many.",
		Remedy:       "Import as an Owner or administrator, align the default protection, and compare afterwards.",
		Docs:         append(links("user/project/settings/import_export", "user/group/import/migrated_items"), "https://gitlab.com/gitlab-org/gitlab/-/issues/387014"),
		Methods:      imports,
		Destinations: Destinations(),
		Needs:        []scan.FactID{"project.protected-branches", "project.protected-tags", "project.default-branch"},
		Across: &Across{
			One: "protection of a branch or tag that differs from the default", Many: "protections of branches or tags that differ from the default",
			Project: func(c *Context, p *scan.Project) int64 {
				n := need(c, p.ProtectedTags)
				for _, b := range needAll(c, p.ProtectedBranches) {
					n += one(b.AllowForcePush || b.CodeOwnerApproval || b.Name != need(c, p.DefaultBranch))
				}
				return n
			},
		},
	},
	{
		ID: "security-custom-roles", Area: "security", Severity: Medium, Level: scan.LevelInstance,
		Title:        "Custom roles are not imported",
		Why:          "Members fall back to the role that theirs was built on, and gain or lose rights.",
		Remedy:       "Define equal roles at the destination before memberships are mapped, on the instance or, on GitLab.com, in the top-level group, and assign them again.",
		Docs:         append(links("user/custom_roles"), congregate("customer/famq.md"), congregate("customer/gitlab-migration-features-matrix.md")),
		Methods:      imports,
		Destinations: Destinations(),
		Needs:        []scan.FactID{"instance.custom-roles", "group.custom-roles", "group.custom-role-assignments"},
		Across: &Across{
			One: "custom role, defined or held by a direct member of a group", Many: "custom roles, defined or held by direct members of groups",
			Instance: func(c *Context, i *scan.Instance) int64 { return offered(c, i.CustomRoles) },
			Group: func(c *Context, g *scan.Group) int64 {
				return offered(c, g.CustomRoles) + offered(c, g.CustomRoleMembers)
			},
		},
	},
	{
		ID: "security-approval-rules", Area: "security", Severity: High, Level: scan.LevelInstance,
		Title:        "Approval rules and required approvals are lost",
		Why:          "Changes can be merged without the reviews that audits rely on: direct transfer brings settings without rules, a file export loses the required number, and across an air gap Congregate carries none.",
		Remedy:       "Export the rules, create them (or a policy in their place) before a project is opened for merges, and compare a sample.",
		Docs:         append(links("user/group/import/migrated_items", "user/project/settings/import_export"), congregate("customer/gitlab-migration-features-matrix.md"), congregate("congregate/migration/gitlab/migrate.py"), "https://gitlab.com/gitlab-org/gitlab/-/issues/221087"),
		Methods:      imports,
		Destinations: Destinations(),
		Needs:        []scan.FactID{"project.approval-rules", "group.approval-rules", "project.protected-branches"},
		Across: &Across{
			One: "approval rule or branch that code owners approve", Many: "approval rules and branches that code owners approve",
			Group: func(c *Context, g *scan.Group) int64 { return offered(c, g.ApprovalRules) },
			Project: func(c *Context, p *scan.Project) (n int64) {
				for _, r := range offeredAll(c, p.ApprovalRules) {
					n += one(r.Required > 0 || r.Users+r.Groups > 0) // every project has a rule that asks for nobody
				}
				for _, b := range needAll(c, p.ProtectedBranches) {
					n += one(b.CodeOwnerApproval)
				}
				return n
			},
		},
	},
	{
		ID: "security-push-rules", Area: "security", Severity: Medium, Level: scan.LevelInstance,
		Title:        "Push rules are not imported",
		Why:          "Checks of commits disappear, also those of projects: direct transfer leaves out a project's push rules where a group of the source has any. Strict rules at the destination refuse history that is pushed instead.",
		Remedy:       "Record the rules, and create them again when the repositories have arrived.",
		Docs:         links("user/group/import/migrated_items", "user/project/repository/push_rules"),
		Methods:      imports,
		Destinations: Destinations(),
		Needs:        []scan.FactID{"group.push-rules", "project.push-rules"},
		Across: &Across{
			One: "push rule", Many: "push rules",
			Group:   func(c *Context, g *scan.Group) int64 { return one(offered(c, g.PushRules)) },
			Project: func(c *Context, p *scan.Project) int64 { return int64(len(offered(c, p.PushRules))) },
		},
		Ask: func(*Context) string {
			return "Does the instance have push rules for new projects? An administrator finds them under Admin > Push rules: no API tells."
		},
	},
}

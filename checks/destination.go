package checks

import (
	"fmt"
	"slices"
	"strings"

	"readiness/checks/matrix"
	"readiness/scan"
)

// Placeholder users for each top-level group of GitLab.com, by plan and seats.
// Source: https://docs.gitlab.com/user/import/mapping/
const (
	placeholdersFree          = 200
	placeholdersPremium100    = 500
	placeholdersPremium500    = 2_000
	placeholdersPremium1000   = 4_000
	placeholdersPremiumLarge  = 6_000
	placeholdersUltimate100   = 1_000
	placeholdersUltimate500   = 4_000
	placeholdersUltimate1000  = 6_000
	placeholdersUltimateLarge = 8_000
	placeholdersSource        = "https://docs.gitlab.com/user/import/mapping/"
	// freeUsers is how many members a private top-level group on GitLab.com Free has.
	// Source: https://docs.gitlab.com/user/free_user_limit/
	freeUsers = 5
)

// seatSteps are the seats up to which each of the published limits holds.
var seatSteps = [...]int64{100, 500, 1_000}

var targetChecks = []Check{
	{
		ID: "users-foreign-email-domain", Area: "users", Severity: Medium, Level: scan.LevelInstance,
		Title:        "Addresses outside the company's domains",
		Why:          "A group that admits certain domains only, enterprise users or SCIM refuse these people.",
		Rule:         "Broken where a human user's address is of none of the e-mail domains that a profile states.",
		Remedy:       "Correct the addresses or admit their domains; once a group has enterprise users, only those can receive contributions.",
		Docs:         append(links("user/import/mapping/post_migration_mapping"), congregate("customer/migration-readiness-checklist.md")),
		Methods:      imports,
		Destinations: Destinations(),
		Needs:        []scan.FactID{"user.email", "user.kind"},
		Across: &Across{
			User: func(c *Context, u *scan.User) int64 {
				if need(c, u.Kind) != scan.KindHuman {
					return 0
				}
				if len(c.Target.EmailDomains) > 0 {
					c.named()
				}
				_, domain, _ := strings.Cut(strings.ToLower(need(c, u.Email)), "@")
				return one(len(c.Target.EmailDomains) > 0 && !slices.Contains(c.Target.EmailDomains, domain))
			},
		},
		Ask: func(c *Context) string {
			if len(c.Target.EmailDomains) > 0 {
				return ""
			}
			return "Which e-mail domains may people have at the destination? State them in a profile, and the addresses are judged."
		},
	},
	{
		ID: "users-seats", Area: "users", Severity: High, Level: scan.LevelInstance,
		Title:        "More billable users than seats",
		Why:          "People cannot be added, or the group turns read-only in the middle of a wave.",
		Rule:         "Broken where billable users are more than the destination's seats, if those were stated, or than GitLab.com Free takes.",
		Remedy:       "Buy seats, or demote accounts to Guest or Minimal Access, before users are created.",
		Docs:         append(links("user/free_user_limit"), congregate("customer/famq.md")),
		Methods:      imports,
		Destinations: Destinations(),
		Needs:        []scan.FactID{"instance.license-seats-used"},
		Thresholds: []Threshold{
			{Metric: "members of a private top-level group on GitLab.com Free", Value: freeUsers, Unit: unitAccounts, Source: "https://docs.gitlab.com/user/free_user_limit/"},
		},
		Instance: func(c *Context, i *scan.Instance) Outcome {
			used := need(c, i.SeatsUsed)
			switch t := c.Target; {
			case t.Destination == GitLabCom && t.Tier == Free && used > c.limit(freeUsers):
				return violated("%s at the source; a private group on GitLab.com Free takes %d", plural(used, "billable user", "billable users"), c.limit(freeUsers))
			case t.Seats > 0 && used > t.Seats:
				return violated("%s at the source, %s at the destination", plural(used, "billable user", "billable users"), plural(t.Seats, "seat", "seats"))
			}
			return ok()
		},
		Ask: func(c *Context) string {
			if c.Target.Seats > 0 || c.Target.Destination == GitLabCom && c.Target.Tier == Free {
				return ""
			}
			return "How many seats does the destination's subscription have?"
		},
	},
	{
		ID: "users-placeholder-limit", Area: "users", Severity: High, Level: scan.LevelInstance,
		Title:        "More contributors than placeholder users allowed",
		Why:          "Everybody beyond the limit becomes one Import User, and approvals, assignees and access levels are thrown together.",
		Rule:         "A question where accounts are more than the placeholder users that the target's plan and seats allow.",
		Remedy:       "Ask GitLab to raise the limit, reduce accounts, or spread imports over top-level groups before starting.",
		Docs:         links("user/import/mapping", "user/import/mapping/post_migration_mapping", "user/gitlab_com"),
		Methods:      []matrix.Method{matrix.DirectTransfer, matrix.Congregate, matrix.OfflineTransfer},
		Destinations: []Destination{GitLabCom},
		Thresholds: []Threshold{
			{Metric: "placeholders on Free and trials", Value: placeholdersFree, Unit: unitAccounts, Source: placeholdersSource},
			{Metric: "placeholders on Premium up to 100 seats", Value: placeholdersPremium100, Unit: unitAccounts, Source: placeholdersSource},
			{Metric: "placeholders on Premium up to 500 seats", Value: placeholdersPremium500, Unit: unitAccounts, Source: placeholdersSource},
			{Metric: "placeholders on Premium up to 1000 seats", Value: placeholdersPremium1000, Unit: unitAccounts, Source: placeholdersSource},
			{Metric: "placeholders on Premium above 1000 seats", Value: placeholdersPremiumLarge, Unit: unitAccounts, Source: placeholdersSource},
			{Metric: "placeholders on Ultimate up to 100 seats", Value: placeholdersUltimate100, Unit: unitAccounts, Source: placeholdersSource},
			{Metric: "placeholders on Ultimate up to 500 seats", Value: placeholdersUltimate500, Unit: unitAccounts, Source: placeholdersSource},
			{Metric: "placeholders on Ultimate up to 1000 seats", Value: placeholdersUltimate1000, Unit: unitAccounts, Source: placeholdersSource},
			{Metric: "placeholders on Ultimate above 1000 seats", Value: placeholdersUltimateLarge, Unit: unitAccounts, Source: placeholdersSource},
		},
		// Who contributed where is not read: all accounts, bots included, are the
		// most that one top-level group can need.
		Across: &Across{
			User: func(*Context, *scan.User) int64 { return 1 },
			Judge: func(c *Context, t *Tally) Outcome {
				n, _ := t.Amount()
				limit, plan := placeholderLimit(c)
				if n <= limit {
					return ok()
				}
				return question("How many of the source's %s contributed to what goes under one top-level group? %s allows %s placeholder users for each.",
					plural(n, "account", "accounts"), plan, Thousands(limit)).regardless()
			},
		},
	},
	{
		ID: "users-identity-collisions", Area: "users", Severity: High, Level: scan.LevelInstance,
		Title:        "People with one e-mail address, or a name that another has",
		Why:          "An account cannot be created, or contributions go to a stranger; their reassignment is final.",
		Rule:         "Broken where an account has an address that another has, or a user name that at the destination, if that was read, belongs to another address.",
		Remedy:       "Merge duplicates at the source, and agree on a suffix for user names that are taken.",
		Docs:         append(links("user/import/mapping/reassignment"), congregate("customer/group-project-and-user-conflict-resolution.md")),
		Methods:      imports,
		Destinations: Destinations(),
		Needs:        []scan.FactID{"user.email", "user.secondary-emails"},
		Across: &Across{
			One: "account with an address that another has", Many: "accounts with addresses that others have",
			Same: func(c *Context, u *scan.User) []string {
				texts := []string{strings.ToLower(need(c, u.Email))}
				for _, other := range need(c, u.SecondaryEmails) {
					texts = append(texts, strings.ToLower(other))
				}
				return texts
			},
			Judge: func(c *Context, t *Tally) Outcome {
				if d := c.Target.Read; d != nil {
					if n, _ := d.TakenNames.Get(); n > 0 {
						return violated("%s of the source %s at the destination to an account with another address; %s at the source", plural(n, "user name", "user names"), belongs(n), t).regardless()
					}
				}
				return ifAny(c, t)
			},
		},
		Ask: unlessRead(func(d *scan.Destination) bool { return known(d.TakenNames) }, "Do user names and addresses of the source belong to other people at the destination?"),
	},
	{
		ID: "groups-consolidation", Area: "groups", Severity: High, Level: scan.LevelGroup,
		Title:        "Several groups merged into one",
		Why:          "Direct transfer does not support it: epics and work items with equal numbers are dropped, labels and milestones mix.",
		Rule:         "Broken where another group goes to the same place.",
		Remedy:       "Merge at the source first, or import side by side and regroup once all placeholders are reassigned.",
		Docs:         append(links("user/group/import", "user/group/import/troubleshooting"), "https://gitlab.com/gitlab-org/gitlab/-/issues/589460"),
		Methods:      []matrix.Method{matrix.DirectTransfer, matrix.Congregate, matrix.OfflineTransfer},
		Destinations: Destinations(),
		Group: func(c *Context, g *scan.Group) Outcome {
			to := c.Target.Path(g.Path)
			for _, from := range c.Target.Places.sources() {
				if c.Target.Places[from] == to && from != g.Path {
					return violated("goes to %s, as %s does", to, from)
				}
			}
			return ok()
		},
		Ask: func(c *Context) string {
			if c.Target.Moves() {
				return ""
			}
			return "Shall groups of the source be merged at the destination? State their new places in a profile, and they are judged."
		},
	},
	{
		ID: "visibility-narrowed-on-import", Area: "groups", Severity: Medium, Level: scan.LevelInstance,
		Title:        "Visibility changes on import",
		Why:          "Nothing is more visible than the group it lies in: groups and projects become private or internal, or imports fail.",
		Rule:         "Broken where a group or project is more visible than the destination's parent group or of a level that the destination restricts, where these were read.",
		Remedy:       "Set the parent group and the destination's defaults before the wave, and list what is to be widened afterwards.",
		Docs:         append(links("user/group/import", "user/project/settings/import_export"), congregate("runbooks/migrations-to-self-managed.md")),
		Methods:      imports,
		Destinations: Destinations(),
		Needs:        []scan.FactID{"group.visibility", "project.visibility"},
		Across: &Across{
			Group:   func(c *Context, g *scan.Group) int64 { return narrowed(c, need(c, g.Visibility)) },
			Project: func(c *Context, p *scan.Project) int64 { return narrowed(c, need(c, p.Visibility)) },
		},
		Ask: func(c *Context) string {
			if d := c.Target.Read; d != nil && known(d.ParentVisibility) && known(d.RestrictedVisibility) {
				return ""
			}
			return "How visible is the destination's parent group, and which levels does the destination restrict?"
		},
	},
	{
		ID: "security-destination-gates", Area: "security", Severity: High, Level: scan.LevelInstance,
		Title:        "Gates at the destination that stop imports or people",
		Why:          "Imports fail with errors of access or membership in the middle of a wave.",
		Remedy:       "Admit the import account's domain and the migration's addresses, and postpone enforcement until all are mapped.",
		Docs:         append(links("user/group/access_and_permissions"), congregate("runbooks/migrations-to-dot-com.md"), congregate("customer/pre-and-post-migration.md")),
		Methods:      imports,
		Destinations: []Destination{GitLabCom, Dedicated},
		Ask: func(c *Context) string {
			q := "Does the destination group enforce SSO, and is the import account provisioned for it?"
			d := c.Target.Read
			if d == nil {
				return q + " Does it restrict e-mail domains or addresses, or require two-factor authentication?"
			}
			var gates []string
			if v, is := d.ParentTwoFactor.Get(); is && v {
				gates = append(gates, "requires two-factor authentication")
			}
			if v, is := d.ParentAddresses.Get(); is && len(v) > 0 {
				gates = append(gates, "admits only the addresses "+list(v))
			}
			if v, is := d.ParentDomains.Get(); is && len(v) > 0 {
				gates = append(gates, "admits only the e-mail domains "+list(v))
			}
			if v, is := d.ParentPushRule.Get(); is && v {
				gates = append(gates, "has a push rule")
			}
			if len(gates) > 0 {
				q = fmt.Sprintf("The group %s at the destination %s: does the import account pass? %s", d.Parent, list(gates), q)
			}
			return q
		},
	},
	{
		ID: "air-gap-congregate-carries-less", Area: "server", Severity: Medium, Level: scan.LevelInstance,
		Title:        "Congregate carries less across an air gap",
		Why:          "Beside the export files only environments, CI/CD variables and variables of schedules travel: a plan made for two connected instances promises too much.",
		Remedy:       "Plan to create each counted thing again, by hand or by script.",
		Docs:         []string{congregate("runbooks/airgapped-migration-usage.md"), congregate("congregate/migration/gitlab/migrate.py")},
		Methods:      []matrix.Method{matrix.CongregateAirGapped},
		Destinations: Destinations(),
		Needs: []scan.FactID{"project.deploy-keys", "project.container-registry", "project.package-registry", "project.webhooks",
			"project.feature-flags", "project.push-rules", "project.approval-rules"},
		Across: &Across{
			One:  "deploy key, registry repository, type of package, webhook, feature flag, push rule or approval rule",
			Many: "deploy keys, registry repositories, types of packages, webhooks, feature flags, push rules and approval rules",
			Project: func(c *Context, p *scan.Project) int64 {
				n := need(c, p.DeployKeys) + need(c, p.RegistryRepos) + int64(len(needAll(c, p.Webhooks))) + offered(c, p.FeatureFlags) + int64(len(offered(c, p.PushRules)))
				for _, r := range offeredAll(c, p.ApprovalRules) {
					n += one(r.Required > 0 || r.Users+r.Groups > 0)
				}
				for _, packages := range needAll(c, p.Packages) {
					n += one(packages.Count > 0)
				}
				return n
			},
		},
	},
	{
		ID: "destination-gitlab-com-gaps", Area: "scope", Severity: High, Level: scan.LevelInstance,
		Title:        "In use, and not to be had on GitLab.com",
		Why:          "What is built on them has no equivalent there, which can make GitLab.com the wrong target.",
		Rule:         "Broken where system hooks, instance runners, instance variables, a file template project or Geo sites are in use.",
		Remedy:       "Walk through the list with the customer, and decide between redesign, Dedicated and Self-Managed.",
		Docs:         append(links("user/gitlab_com"), congregate("customer/famq.md")),
		Methods:      imports,
		Destinations: []Destination{GitLabCom},
		Needs: []scan.FactID{"instance.system-hooks", "instance.runners", "instance.cicd-variables", "instance.file-templates",
			"instance.geo-sites"},
		Instance: func(c *Context, i *scan.Instance) Outcome {
			var used []string
			add := func(is bool, what string) {
				if is {
					used = append(used, what)
				}
			}
			add(need(c, i.SystemHooks) > 0, "system hooks")
			add(need(c, i.Runners) > 0, "instance runners")
			add(len(needAll(c, i.Variables)) > 0, "instance variables")
			add(need(c, i.FileTemplateProject), "file templates")
			add(need(c, i.GeoSites) > 0, "Geo")
			if len(used) == 0 {
				return ok()
			}
			return violated("in use: %s; sign-in by LDAP, internal visibility and special roles have checks of their own", list(used)).regardless()
		},
		Ask: func(*Context) string {
			return "Do processes rest on administrators, server hooks, sign-in providers of one's own, changed limits of diffs and attachments, or a group of project templates set for the instance?"
		},
	},
	{
		ID: "destination-dedicated-gaps", Area: "scope", Severity: High, Level: scan.LevelInstance,
		Title:        "In use, and not to be had on Dedicated",
		Why:          "The feature stops at the cut-over.",
		Rule:         "Broken where the target's tier is not Ultimate, or Service Desk, Pages domains, sign-in by a directory or feature flags set by hand are in use.",
		Remedy:       "Replace each one before the migration, and check that the subscription is Ultimate.",
		Docs:         links("subscriptions/gitlab_dedicated"),
		Methods:      append(slices.Clone(imports), matrix.BackupRestore),
		Destinations: []Destination{Dedicated},
		Needs:        []scan.FactID{"project.service-desk", "project.pages-domains", "user.identities", "instance.feature-flags"},
		Across: &Across{
			One: "use", Many: "uses",
			Instance: func(c *Context, i *scan.Instance) int64 { return int64(len(need(c, i.FeatureFlags))) },
			Project: func(c *Context, p *scan.Project) int64 {
				return one(need(c, p.ServiceDesk)) + need(c, p.PagesDomains)
			},
			User: func(c *Context, u *scan.User) int64 {
				return one(slices.ContainsFunc(needAll(c, u.Identities), fromDirectory))
			},
			Judge: func(c *Context, t *Tally) Outcome {
				if c.Target.Tier != Ultimate {
					return violated("Dedicated is sold as Ultimate only; the target's tier is %s", c.Target.Tier).regardless()
				}
				if n, _ := t.Amount(); n > 0 {
					return violated("%s of Service Desk, Pages domains, sign-in by a directory or feature flags set by hand", t).regardless()
				}
				return ok()
			},
		},
		Ask: func(*Context) string {
			return "Are reply by e-mail, SSH certificates, server hooks, Mattermost, mapped ports or several Geo regions in use?"
		},
	},
}

// placeholderLimit is how many placeholder users the target's plan allows, and
// its name; with the seats unknown it is the least of the plan.
func placeholderLimit(c *Context) (int64, string) {
	t := c.Target
	if t.Tier == Free {
		return c.limit(placeholdersFree, "placeholders-on-free-and-trials"), "Free"
	}
	name, by := "Premium", [4]int64{
		c.limit(placeholdersPremium100, "placeholders-on-premium-up-to-100-seats"), c.limit(placeholdersPremium500, "placeholders-on-premium-up-to-500-seats"),
		c.limit(placeholdersPremium1000, "placeholders-on-premium-up-to-1000-seats"), c.limit(placeholdersPremiumLarge, "placeholders-on-premium-above-1000-seats"),
	}
	if t.Tier == Ultimate {
		name, by = "Ultimate", [4]int64{
			c.limit(placeholdersUltimate100, "placeholders-on-ultimate-up-to-100-seats"), c.limit(placeholdersUltimate500, "placeholders-on-ultimate-up-to-500-seats"),
			c.limit(placeholdersUltimate1000, "placeholders-on-ultimate-up-to-1000-seats"), c.limit(placeholdersUltimateLarge, "placeholders-on-ultimate-above-1000-seats"),
		}
	}
	if t.Seats == 0 {
		return by[0], name + ", of which no seats were stated,"
	}
	for i, seats := range seatSteps {
		if t.Seats <= seats {
			return by[i], name
		}
	}
	return by[3], name
}

// narrowed is 1 if something of this visibility becomes less visible.
func narrowed(c *Context, visibility string) int64 {
	d := c.Target.Read
	if d == nil {
		return 0
	}
	levels := []string{"private", "internal", "public"}
	parent, _ := d.ParentVisibility.Get()
	restricted, _ := d.RestrictedVisibility.Get()
	return one(parent != "" && slices.Index(levels, visibility) > slices.Index(levels, parent) || slices.Contains(restricted, visibility))
}

// belongs is the verb for so many things.
func belongs(n int64) string {
	if n == 1 {
		return "belongs"
	}
	return "belong"
}

// known reports whether a fact was read.
func known[T any](f scan.Fact[T]) bool {
	_, is := f.Get()
	return is
}

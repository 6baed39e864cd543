package checks

import (
	"strings"

	"readiness/scan"
)

// accountChecks are about the state, the rights and the credentials of users.
var accountChecks = []Check{
	{
		ID: "users-inactive-and-departed", Area: "users", Severity: Medium, Level: scan.LevelInstance,
		Title:        "Blocked, deactivated or banned users",
		Why:          "History loses its authors: Congregate passes inactive users over by default, and what banned ones wrote can be seen again after direct transfer.",
		Rule:         "Broken where a user's state is another than active.",
		Remedy:       "Decide once: migrate as blocked, keep as placeholders or drop.",
		Docs:         append(links("user/group/import"), congregate("customer/famq.md"), "https://gitlab.com/gitlab-org/gitlab/-/issues/508111"),
		Methods:      imports,
		Destinations: Destinations(),
		Needs:        []scan.FactID{"user.state"},
		Across: &Across{
			User: func(c *Context, u *scan.User) int64 { return one(need(c, u.State) != "active") },
		},
	},
	{
		ID: "users-personal-credentials", Area: "users", Severity: Medium, Level: scan.LevelInstance,
		Title:        "Personal tokens, keys and second factors are not carried",
		Why:          "Whatever runs on a personal token or key stops, signatures show as unverified, and people enrol their second factor again.",
		Remedy:       "Send everybody the list of tokens and keys to create again, and replace shared personal tokens by service accounts.",
		Docs:         append(links("user/group/import/migrated_items"), congregate("customer/gitlab-migration-features-matrix.md")),
		Methods:      imports,
		Destinations: Destinations(),
		Needs:        []scan.FactID{"instance.personal-access-tokens", "user.two-factor", "user.state", "user.kind", "user.ssh-keys", "user.gpg-keys"},
		Across: &Across{
			One: "active token, key or second factor", Many: "active tokens, keys and second factors",
			Instance: func(c *Context, i *scan.Instance) int64 { return need(c, i.AccessTokens) },
			User: func(c *Context, u *scan.User) int64 {
				n := one(need(c, u.TwoFactor))
				// Nobody creates the keys of bots and of those who have left again.
				if kind := need(c, u.Kind); need(c, u.State) == "active" && (kind == scan.KindHuman || kind == scan.KindServiceAccount) {
					n = scan.Plus(n, sum(c, &u.SSHKeys, &u.GPGKeys))
				}
				return n
			},
		},
	},
	{
		ID: "users-admins-and-special-roles", Area: "users", Severity: Medium, Level: scan.LevelInstance,
		Title:        "Administrators, auditors and external users",
		Why:          "GitLab.com has none of them for customers, and work that relied on an administrator's rights has no owner.",
		Rule:         "Broken where a user is an administrator, an auditor or external.",
		Remedy:       "Give each duty to an Owner of a group or a custom role, and allow contributions to be mapped to administrators where they are real authors.",
		Docs:         append(links("administration/settings/import_and_export_settings", "user/group/import/migrated_items"), congregate("runbooks/discovery.md")),
		Methods:      imports,
		Destinations: []Destination{GitLabCom, Dedicated},
		Needs:        []scan.FactID{"user.admin", "user.auditor", "user.external"},
		Across: &Across{
			User: func(c *Context, u *scan.User) int64 {
				return one(need(c, u.Admin) || offered(c, u.Auditor) || need(c, u.External))
			},
		},
	},
	{
		ID: "instance-level-configuration", Area: "instance", Severity: Medium, Level: scan.LevelInstance,
		Title:        "Configuration that exists once for the instance",
		Why:          "No import carries it: on GitLab.com it becomes settings of the top-level group or is gone.",
		Rule:         "Broken where the instance has variables, applications, runners, broadcast messages, an appearance of its own or a file template project.",
		Remedy:       "Record each item, create it again at the destination or its group, and drop what nobody uses.",
		Docs:         []string{congregate("customer/gitlab-migration-features-matrix.md"), congregate("customer/famq.md")},
		Methods:      imports,
		Destinations: Destinations(),
		Needs: []scan.FactID{"instance.cicd-variables", "instance.oauth-applications", "instance.runners", "instance.broadcast-messages",
			"instance.appearance", "instance.file-templates"},
		Instance: func(c *Context, i *scan.Instance) Outcome {
			n := int64(len(needAll(c, i.Variables))) + sum(c, &i.Applications, &i.Runners, &i.BroadcastMessages) +
				one(need(c, i.Appearance)) + one(need(c, i.FileTemplateProject))
			if n > 0 {
				return violated("%s among variables, applications, runners, broadcast messages, appearance and file templates", plural(n, "item", "items")).regardless()
			}
			return ok()
		},
		Ask: func(*Context) string {
			return "Does the instance have default integrations or a group of project templates? An administrator finds them under Admin > Settings > Integrations and Admin > Settings > Templates: no API tells."
		},
	},
	{
		ID: "limits-source-and-destination-throttling", Area: "instance", Severity: Medium, Level: scan.LevelInstance,
		Title:        "API requests are throttled",
		Why:          "Scan and migration slow down or are refused with 403 or 429.",
		Rule:         "Broken where requests of signed-in users to the API are limited at the source, or at the destination if that was read.",
		Remedy:       "Exempt the migration's host or account, ask for less at once, and agree on windows with the platform's team.",
		Docs:         append(links("user/gitlab_com", "subscriptions/gitlab_dedicated"), congregate("customer/famq.md")),
		Methods:      imports,
		Destinations: Destinations(),
		Needs:        []scan.FactID{"instance.api-throttle", "instance.api-throttle-per-minute"},
		Instance: func(c *Context, i *scan.Instance) Outcome {
			var limited []string
			if d := c.Target.Read; d != nil && d.APIThrottle.Or(false) {
				limited = append(limited, "the destination"+aMinute(d.APIThrottlePerMinute))
			}
			if need(c, i.APIThrottle) {
				limited = append(limited, "the source"+aMinute(i.APIThrottlePerMinute))
			}
			if len(limited) > 0 {
				return violated("limited: %s", strings.Join(limited, "; ")).regardless()
			}
			return ok()
		},
	},
}

// aMinute words a limit of API requests, if it is known.
func aMinute(rate scan.Fact[int64]) string {
	if n, known := rate.Get(); known {
		return ", to " + plural(n, "API request", "API requests") + " a minute and account"
	}
	return ""
}

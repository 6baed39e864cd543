package checks

import (
	"slices"
	"strings"

	"readiness/checks/matrix"
	"readiness/scan"
)

// placeholdersSince is the first version whose direct transfer maps people to
// placeholder users instead of by e-mail.
// Source: https://docs.gitlab.com/user/import/mapping/
var placeholdersSince = scan.MustVersion("17.7")

var userChecks = []Check{
	{
		ID: "users-public-email-missing", Area: "users", Severity: High, Level: scan.LevelInstance,
		Title:        "People without a public e-mail address",
		Why:          "File imports recognise people by the public address at the source: without it, their contributions and memberships go to the importing user, and only a new import repairs that.",
		Rule:         "Broken where a human user has no public e-mail address; for direct transfer only below the release that needs none.",
		Remedy:       "Set the public address of all people in scope from their primary one (an administrator can do it in bulk), tell them, and take it back after the wave.",
		Docs:         append(links("user/project/settings/import_export", "user/group/import/direct_transfer_migrations"), congregate("customer/famq.md"), congregate("runbooks/migrations-to-dot-com.md")),
		Methods:      []matrix.Method{matrix.FileExport, matrix.Congregate, matrix.DirectTransfer},
		Destinations: Destinations(),
		Needs:        []scan.FactID{"user.kind", "user.public-email"},
		Thresholds: []Threshold{
			{Metric: "first release of the destination whose direct transfer needs no public address", Release: placeholdersSince, Unit: unitRelease, Source: "https://docs.gitlab.com/user/import/mapping/"},
		},
		Across: &Across{
			User: func(c *Context, u *scan.User) int64 {
				return one(need(c, u.PublicEmail) == "" && need(c, u.Kind) == scan.KindHuman)
			},
			Judge: func(c *Context, t *Tally) Outcome {
				o := ifAny(c, t)
				if c.Target.Version.AtLeast(c.release(placeholdersSince)) {
					return o.only(matrix.FileExport, matrix.Congregate)
				}
				return o
			},
		},
	},
	{
		ID: "users-unconfirmed-email", Area: "users", Severity: High, Level: scan.LevelInstance,
		Title:        "People with an unconfirmed e-mail address",
		Why:          "GitLab.com deletes unconfirmed accounts after three days, and nobody can accept a reassignment of contributions at an address that does not work.",
		Rule:         "Broken where an active human user has an unconfirmed e-mail address.",
		Remedy:       "Correct the addresses, give technical accounts real mailboxes, and verify the company's domain on GitLab.com to skip confirmation.",
		Docs:         append(links("user/gitlab_com"), congregate("runbooks/migrations-to-dot-com.md"), congregate("runbooks/direct-transfer-migrations.md")),
		Methods:      imports,
		Destinations: Destinations(),
		Needs:        []scan.FactID{"user.email-verification", "user.kind", "user.state"},
		Across: &Across{
			User: func(c *Context, u *scan.User) int64 {
				return one(!need(c, u.Confirmed) && need(c, u.Kind) == scan.KindHuman && need(c, u.State) == "active")
			},
		},
	},
	{
		ID: "users-ldap-identities", Area: "users", Severity: High, Level: scan.LevelInstance,
		Title:        "Sign-in by LDAP, Kerberos or smart card",
		Why:          "GitLab.com and Dedicated have no LDAP, and Dedicated neither Kerberos nor smart cards: people cannot sign in, and group membership driven by the directory ends.",
		Rule:         "Broken where a user has an identity of LDAP, Kerberos or a smart card.",
		Remedy:       "Introduce SAML or OIDC with SCIM before the first wave, and keep primary addresses the same in both directories.",
		Docs:         append(links("subscriptions/gitlab_dedicated"), congregate("customer/famq.md"), congregate("runbooks/migration-pre-and-post-requisites.md")),
		Methods:      imports,
		Destinations: []Destination{GitLabCom, Dedicated},
		Needs:        []scan.FactID{"user.identities"},
		Across: &Across{
			User: func(c *Context, u *scan.User) int64 {
				return one(slices.ContainsFunc(needAll(c, u.Identities), fromDirectory))
			},
		},
	},
	{
		ID: "users-bots-and-service-accounts", Area: "users", Severity: Medium, Level: scan.LevelInstance,
		Title:        "Bots and service accounts",
		Why:          "They are left out of user migration and still use up a placeholder each: automation loses its identity and schedules lose their owner.",
		Rule:         "Broken where there is an account that is neither a person's nor the Ghost User.",
		Remedy:       "List technical accounts with owner and purpose, and create service accounts and tokens at the destination.",
		Docs:         append(links("user/import/mapping/post_migration_mapping"), congregate("customer/migration-readiness-checklist.md"), congregate("runbooks/direct-transfer-migrations.md")),
		Methods:      imports,
		Destinations: Destinations(),
		Needs:        []scan.FactID{"user.kind"},
		Across: &Across{
			User: func(c *Context, u *scan.User) int64 {
				kind := need(c, u.Kind)
				return one(kind != scan.KindHuman && kind != scan.KindGhost)
			},
		},
	},
}

// fromDirectory reports whether an identity needs a sign-in that neither
// GitLab.com nor Dedicated offers.
func fromDirectory(i scan.Identity) bool {
	p := strings.ToLower(i.Provider)
	return strings.HasPrefix(p, "ldap") || p == "kerberos" || p == "kerberos_spnego" || p == "smartcard"
}

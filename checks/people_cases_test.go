package checks

import "readiness/scan"

// peopleCases are those of the checks on users, groups, who may see what, and what
// guards it.
var peopleCases = map[string][]given{
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
	"scope-partial-visibility": {inOrder, unread("caller.whole-scope"),
		{"no administrator", onInstance(func(i *scan.Instance) { i.WholeScope = scan.Known(false) }), Violated},
		{"a list was cut", func(w *world, _ *Target) { w.cut(scan.LevelUser) }, Violated},
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
	"security-audit-events": onlyAsks,
	"users-saml-not-linked": onlyAsks,
}

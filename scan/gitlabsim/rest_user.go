package gitlabsim

import (
	"strconv"
	"strings"

	"readiness/scan"
)

// listUsers is GET /users.
func listUsers(c *call) (any, error) {
	if !c.who.known() {
		return nil, message(403, "403 Forbidden - Not authorized to access /api/v4/users")
	}
	s := selection{n: c.w.users}
	if err := c.sortedUsers(&s); err != nil {
		return nil, err
	}
	var tests []func(int) bool
	if !c.who.admin() {
		tests = append(tests, func(i int) bool { // UsersFinder: without_forbidden_states
			switch c.w.userState(i) {
			case "blocked", "banned", "ldap_blocked":
				return false
			}
			return true
		})
	}
	if name := c.query.Get("username"); name != "" {
		tests = append(tests, func(i int) bool { return c.w.username(i) == name })
	}
	if want := c.query.Get("search"); want != "" {
		tests = append(tests, func(i int) bool {
			u := c.w.user(i)
			return searched(want, u.Name, u.Username) || c.who.admin() && strings.EqualFold(u.Email, want) || strings.EqualFold(u.PublicEmail, want)
		})
	}
	state := func(param, want string) {
		if c.switchOn(param) {
			tests = append(tests, func(i int) bool { return c.w.userState(i) == want })
		}
	}
	state("active", "active")
	state("blocked", "blocked")
	if c.switchOn("without_project_bots") {
		tests = append(tests, func(i int) bool { return c.w.userKind(i) != scan.KindProjectBot })
	}
	if c.switchOn("exclude_internal") {
		tests = append(tests, func(i int) bool { k := c.w.userKind(i); return k != scan.KindGhost && k != scan.KindBot })
	}
	if c.switchOn("humans") {
		tests = append(tests, c.w.human)
	}
	if len(tests) > 0 {
		s.keep = func(i int) bool {
			for _, test := range tests {
				if !test(i) {
					return false
				}
			}
			return true
		}
	}
	body := func(i int) any {
		if c.who.admin() {
			return c.adminUser(i)
		}
		return c.w.userBasic(i)
	}
	if c.query.Get("pagination") == "keyset" && c.since(16, 5) {
		if by := c.query.Get("order_by"); by != "" && by != "id" {
			return nil, noKeyset
		}
		return c.cursorPage(s, c.w.userID, belowID(c.w.users, c.w.userID), body)
	}
	if err := c.offsetRefused("User"); err != nil {
		return nil, err
	}
	return c.filteredPage(s, body)
}

// oneUser is GET /users/:id.
func oneUser(c *call) (any, error) {
	id, err := strconv.ParseInt(c.r.PathValue("id"), 10, 64)
	if err != nil {
		return nil, badParameter("id")
	}
	i, ok := c.w.userIndex(id)
	if !ok {
		return nil, userMissing
	}
	if c.who.admin() {
		return c.adminUser(i), nil
	}
	u := c.w.user(i)
	return append(c.w.userBasic(i), c.profile(u)...), nil
}

// currentUser is GET /user.
func currentUser(c *call) (any, error) {
	u := c.w.user(c.who.user)
	if u.Admin { // whatever the Admin Mode
		return c.adminUser(c.who.user), nil
	}
	o := append(c.w.userBasic(c.who.user), c.profile(u)...)
	return append(o, c.private(u)...), nil
}

// userBasic is API::Entities::UserBasic.
func (w *World) userBasic(i int) object {
	u := w.user(i)
	return object{{"id", u.ID}, {"username", u.Username}, {"public_email", u.PublicEmail}, {"name", u.Name}, {"state", u.State},
		{"locked", false}, {"avatar_url", w.userAvatar(u)}, {"web_url", u.WebURL}}
}

// userAvatar is an uploaded picture, or Gravatar's.
func (w *World) userAvatar(u User) any {
	if u.Avatar {
		return avatar(true, w, "user", u.ID)
	}
	return "https://secure.gravatar.com/avatar/" + w.draw(ofUser, u.index, "gravatar").hex(64) + "?s=80&d=identicon"
}

// profile is what API::Entities::User adds.
func (c *call) profile(u User) object {
	return object{{"created_at", u.CreatedAt}, {"bio", ""}, {"location", nil}, {"linkedin", ""}, {"twitter", ""}, {"discord", ""},
		{"website_url", ""}, {"github", ""}, {"job_title", ""}, {"pronouns", nil}, {"organization", nil},
		{"bot", u.Kind != scan.KindHuman && u.Kind != scan.KindGhost}, {"work_information", nil}, {"followers", 0}, {"following", 0},
		{"is_followed", false}, {"local_time", nil}}
}

// private is what API::Entities::UserPublic adds.
func (c *call) private(u User) object {
	confirmed := any(nil)
	if u.Confirmed {
		confirmed = u.CreatedAt
	}
	identities := list{}
	for _, x := range u.Identities {
		identities = append(identities, object{{"provider", x.Provider}, {"extern_uid", x.ExternUID}, {"saml_provider_id", nil}})
	}
	o := object{{"last_sign_in_at", u.LastSignIn}, {"confirmed_at", confirmed}, {"last_activity_on", orNull(u.LastActivity)}, {"email", u.Email},
		{"theme_id", 3}, {"color_scheme_id", 1}, {"projects_limit", 100_000}, {"current_sign_in_at", u.LastSignIn}, {"identities", identities},
		{"can_create_group", !u.External}, {"can_create_project", !u.External}, {"two_factor_enabled", u.TwoFactor}, {"external", u.External},
		{"private_profile", false}, {"commit_email", u.Email}, {"preferred_language", "en"}}
	if c.w.cfg.Tier.Enterprise() {
		o.put("shared_runners_minutes_limit", idOrNull(u.MinutesLimit))
		o.put("extra_shared_runners_minutes_limit", nil)
		o.when(c.since(16, 1), "scim_identities", numberedList(u.SCIMIdentities, func(int) any {
			return object{{"extern_uid", u.Username}, {"group_id", nil}, {"active", true}}
		}))
	}
	return o
}

// adminUser is API::Entities::UserWithAdmin.
func (c *call) adminUser(i int) object {
	u := c.w.user(i)
	o := append(c.w.userBasic(i), c.profile(u)...)
	o = append(o, c.private(u)...)
	o.put("is_admin", u.Admin)
	o.put("note", nil)
	o.put("namespace_id", u.NamespaceID)
	o.put("created_by", nil)
	if c.w.cfg.Tier.Enterprise() {
		o.put("using_license_seat", u.Kind == scan.KindHuman && u.State == "active")
		o.when(c.w.cfg.Tier.Licensed(), "is_auditor", u.Auditor)
		o.put("provisioned_by_group_id", nil)
		o.put("enterprise_group_id", nil)
		o.put("enterprise_group_associated_at", nil)
	}
	o.when(c.switchOn("with_custom_attributes"), "custom_attributes", attributeList(u.CustomAttributes))
	return o
}

// theUser is the account of the route.
func (c *call) theUser() (User, error) {
	id, err := strconv.ParseInt(c.r.PathValue("id"), 10, 64)
	if err != nil {
		return User{}, badParameter("id")
	}
	i, ok := c.w.userIndex(id)
	if !ok {
		return User{}, userMissing
	}
	return c.w.user(i), nil
}

func userKeys(c *call) (any, error) {
	u, err := c.theUser()
	if err != nil {
		return nil, err
	}
	return numbered(c, u.SSHKeys, func(k int) any {
		o := object{{"id", part(u.index, k)}, {"title", "laptop"}, {"created_at", c.w.ago(400)}, {"expires_at", nil}}
		o.when(c.since(17, 2), "last_used_at", nil)
		o.put("key", "ssh-ed25519 AAAA")
		o.when(c.since(15, 7), "usage_type", "auth_and_signing")
		return o
	})
}

func userGPGKeys(c *call) (any, error) {
	u, err := c.theUser()
	if err != nil {
		return nil, err
	}
	return numbered(c, u.GPGKeys, func(k int) any {
		return object{{"id", part(u.index, k)}, {"key", "-----BEGIN PGP PUBLIC KEY BLOCK-----"}, {"created_at", c.w.ago(300)}}
	})
}

// impersonationTokens are the active ones, then one that was revoked.
func impersonationTokens(c *call) (any, error) {
	if err := admin(c); err != nil {
		return nil, err
	}
	u, err := c.theUser()
	if err != nil {
		return nil, err
	}
	revoked := int64(1)
	if c.query.Get("state") == "active" {
		revoked = 0
	}
	return numbered(c, u.Impersonations+revoked, func(k int) any {
		active := int64(k) < u.Impersonations
		o := object{{"id", part(u.index, k)}, {"name", "support"}, {"revoked", !active}, {"created_at", c.w.ago(20)}}
		o.when(c.since(17, 7), "description", nil)
		o.put("scopes", strs([]string{"api"}))
		o.put("user_id", u.ID)
		o.put("last_used_at", nil)
		o.put("active", active)
		o.put("expires_at", c.w.day(c.w.ago(-20)))
		o.put("impersonation", true)
		return o
	})
}

// authoredIssues is GET /issues of one author; none but those of technical and
// deleted accounts are kept apart by author.
func authoredIssues(c *call) (any, error) {
	id, err := strconv.ParseInt(c.query.Get("author_id"), 10, 64)
	if err != nil {
		return nil, badParameter("author_id")
	}
	n := int64(0)
	if i, ok := c.w.userIndex(id); ok && c.who.readsAll() {
		n = c.w.user(i).Issues
	}
	return numbered(c, n, func(k int) any { return object{{"id", k + 1}, {"iid", k + 1}, {"title", "Rotate certificates"}} })
}

// userEmails lists all addresses, the primary one among them.
func userEmails(c *call) (any, error) {
	if err := admin(c); err != nil {
		return nil, err
	}
	u, err := c.theUser()
	if err != nil {
		return nil, err
	}
	return listPage(c, append([]string{u.Email}, u.SecondaryEmails...), func(email string) any {
		return object{{"id", part(u.index, 0)}, {"email", email}, {"confirmed_at", u.CreatedAt}}
	})
}

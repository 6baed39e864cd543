package gitlabsim

import "fmt"

// groupList is a numbered list of a group for who has the level and where the
// tier is high enough; else it is refused.
func groupList(c *call, least int, tier bool, no refusal, count func(Group) int64, body func(Group, int) any) (any, error) {
	g, level, err := c.theGroup()
	switch {
	case err != nil:
		return nil, err
	case level < least || !tier:
		return nil, no
	}
	return numbered(c, count(g), func(k int) any { return body(g, k) })
}

// wholeGroupList is groupList for lists that GitLab answers without pages.
func wholeGroupList(c *call, least int, tier bool, no refusal, count func(Group) int64, body func(Group, int) any) (any, error) {
	g, level, err := c.theGroup()
	switch {
	case err != nil:
		return nil, err
	case level < least || !tier:
		return nil, no
	}
	return numberedList(count(g), func(k int) any { return body(g, k) }), nil
}

func groupWikis(c *call) (any, error) {
	return wholeGroupList(c, 0, c.w.cfg.Tier.Licensed(), forbidden, func(g Group) int64 { return g.WikiPages }, func(_ Group, k int) any {
		title := fmt.Sprintf("page-%d", k+1)
		o := object{{"format", "markdown"}, {"slug", title}, {"title", title}}
		o.when(c.since(17, 11), "wiki_page_meta_id", k+1)
		return o
	})
}

func groupUploads(c *call) (any, error) {
	return groupList(c, levelMaintainer, true, forbidden, func(g Group) int64 { return g.Uploads }, func(g Group, k int) any {
		return object{{"id", part(g.index, k)}, {"size", 1024}, {"filename", "diagram.png"}, {"created_at", c.w.ago(300)}, {"uploaded_by", c.w.userSafe(userRoot)}}
	})
}

// userSafe is API::Entities::UserSafe.
func (w *World) userSafe(i int) object {
	u := w.user(i)
	return object{{"id", u.ID}, {"name", u.Name}, {"username", u.Username}}
}

func groupInvitations(c *call) (any, error) {
	return groupList(c, levelOwner, true, forbidden, func(g Group) int64 { return g.Invitations }, func(_ Group, k int) any {
		return object{{"access_level", levelDeveloper}, {"created_at", c.w.ago(20)}, {"expires_at", nil},
			{"invite_email", fmt.Sprintf("invited-%d@example.org", k)}, {"invite_token", c.w.Canary()}, {"user_name", nil}, {"created_by_name", "Administrator"}}
	})
}

func groupAccessRequests(c *call) (any, error) {
	return groupList(c, levelOwner, true, forbidden, func(g Group) int64 { return g.AccessRequests }, func(g Group, k int) any {
		o := c.w.userBasic(c.w.ordinary(c.w.draw(ofGroup, g.index, "requester").again(k)))
		o.put("requested_at", c.w.ago(12))
		return o
	})
}

func groupIntegrations(c *call) (any, error) {
	return wholeGroupList(c, levelOwner, true, forbidden, func(g Group) int64 { return g.Integrations }, func(g Group, k int) any {
		slug := []string{"jira", "slack", "jenkins"}[k%3]
		return object{{"id", part(g.index, k)}, {"title", title(slug)}, {"slug", slug}, {"created_at", g.CreatedAt}, {"updated_at", g.CreatedAt}, {"active", true},
			{"commit_events", true}, {"push_events", true}, {"inherited", false}}
	})
}

// groupPushRule is GET /groups/:id/push_rule: 404 where there is none, and to
// whoever may not change it.
func groupPushRule(c *call) (any, error) {
	g, level, err := c.theGroup()
	switch {
	case err != nil:
		return nil, err
	case level < levelMaintainer || !c.w.cfg.Tier.Licensed() || !g.PushRules:
		return nil, notFound
	}
	return object{{"id", g.ID}, {"created_at", c.w.ago(200)}, {"commit_message_regex", "JIRA-[0-9]+"}, {"commit_message_negative_regex", nil}, {"branch_name_regex", nil},
		{"author_email_regex", nil}, {"file_name_regex", nil}, {"deny_delete_tag", nil}, {"member_check", false}, {"prevent_secrets", true}, {"max_file_size", 0},
		{"commit_committer_check", nil}, {"commit_committer_name_check", nil}, {"reject_unsigned_commits", nil}, {"reject_non_dco_commits", nil}}, nil
}

// groupAccessTokens are the active ones, then one that was revoked.
func groupAccessTokens(c *call) (any, error) {
	revoked := int64(1)
	if c.query.Get("state") == "active" || !c.since(17, 2) {
		revoked = 0
	}
	return groupList(c, levelOwner, true, unauthorized, func(g Group) int64 { return g.AccessTokens + revoked }, func(g Group, k int) any {
		active := int64(k) < g.AccessTokens
		o := object{{"id", part(g.index, k)}, {"name", "ci"}, {"revoked", !active}, {"created_at", c.w.ago(90)}}
		o.when(c.since(17, 7), "description", nil)
		o.put("scopes", strs([]string{"read_api"}))
		o.put("user_id", c.w.userID(userRoot))
		o.put("last_used_at", nil)
		o.put("active", active)
		o.put("expires_at", c.w.day(c.w.ago(-60)))
		o.put("access_level", levelMaintainer)
		o.when(c.since(17, 11), "resource_type", "group")
		o.when(c.since(17, 11), "resource_id", g.ID)
		return o
	})
}

func groupServiceAccounts(c *call) (any, error) {
	return groupList(c, levelOwner, c.w.cfg.Tier.Licensed(), forbidden, func(g Group) int64 { return g.ServiceAccounts }, func(g Group, k int) any {
		return object{{"id", part(g.index, k)}, {"username", fmt.Sprintf("service_account_group_%d_%d", g.ID, k)}, {"name", "Service account user"}}
	})
}

func groupClusters(c *call) (any, error) {
	no := forbidden
	if !c.w.certificateClusters() {
		no = notFound
	}
	return groupList(c, levelMaintainer, c.w.certificateClusters(), no, func(g Group) int64 { return g.Clusters }, func(g Group, k int) any {
		return c.cluster(part(g.index, k), "group_type")
	})
}

func groupSCIM(c *call) (any, error) {
	return wholeGroupList(c, levelOwner, c.w.cfg.Tier.Licensed() && c.w.cfg.SaaS, notFound, func(g Group) int64 { return g.SCIM }, func(_ Group, k int) any {
		return object{{"extern_uid", fmt.Sprintf("external-%d", k)}, {"user_id", c.w.userID(k % c.w.users)}, {"active", true}}
	})
}

// groupMemberRoles is GET /groups/:id/member_roles, on GitLab.com alone.
func groupMemberRoles(c *call) (any, error) {
	if !c.w.cfg.SaaS {
		return nil, message(400, "400 Bad request - Group-level custom roles are deprecated on self-managed instances.")
	}
	return wholeGroupList(c, levelOwner, c.w.cfg.Tier == Ultimate, forbidden, func(g Group) int64 { return g.CustomRoles }, func(g Group, k int) any {
		return object{{"id", part(g.index, k)}, {"name", fmt.Sprintf("Role %d", k+1)}, {"description", nil}, {"group_id", g.ID}, {"base_access_level", 10}, {"read_code", true}}
	})
}

func groupApprovalSetting(c *call) (any, error) {
	g, level, err := c.theGroup()
	switch {
	case err != nil:
		return nil, err
	case level < levelOwner || !c.w.cfg.Tier.Licensed():
		return nil, forbidden
	}
	setting := func(value bool) object { return object{{"value", value}, {"locked", false}, {"inherited_from", nil}} }
	o := object{{"allow_author_approval", setting(!g.ApprovalSettings)}, {"allow_committer_approval", setting(true)},
		{"allow_overrides_to_approver_list_per_merge_request", setting(true)}, {"retain_approvals_on_push", setting(true)}}
	o.when(c.since(15, 5), "selective_code_owner_removals", setting(false))
	o.put("require_password_to_approve", setting(false))
	o.when(c.since(16, 9), "require_reauthentication_to_approve", setting(false))
	return o, nil
}

func groupApprovalRules(c *call) (any, error) {
	no := forbidden
	if !c.w.groupApprovals() {
		no = notFound
	}
	return groupList(c, levelOwner, c.w.groupApprovals() && c.w.cfg.Tier.Licensed(), no, func(g Group) int64 { return g.ApprovalRules }, func(g Group, k int) any {
		return object{{"id", part(g.index, k)}, {"name", fmt.Sprintf("Rule %d", k+1)}, {"rule_type", "regular"}, {"report_type", nil}, {"eligible_approvers", list{}},
			{"approvals_required", 1}, {"users", list{}}, {"groups", list{}}, {"contains_hidden_groups", false}, {"protected_branches", list{}},
			{"applies_to_all_protected_branches", true}}
	})
}

func groupProtectedBranches(c *call) (any, error) {
	return groupList(c, levelOwner, c.w.cfg.Tier.Licensed(), forbidden, func(g Group) int64 { return g.ProtectedBranches }, func(g Group, k int) any {
		access := list{object{{"id", 1}, {"access_level", levelMaintainer}, {"access_level_description", "Maintainers"}, {"user_id", nil}, {"group_id", nil}}}
		return object{{"id", part(g.index, k)}, {"name", fmt.Sprintf("release/%d.*", k+1)}, {"push_access_levels", access}, {"merge_access_levels", access},
			{"allow_force_push", false}, {"unprotect_access_levels", list{}}, {"code_owner_approval_required", false}}
	})
}

func groupProtectedEnvironments(c *call) (any, error) {
	return groupList(c, levelMaintainer, c.w.cfg.Tier.Licensed(), forbidden, func(g Group) int64 { return g.ProtectedEnvironments }, func(_ Group, k int) any {
		return object{{"name", []string{"production", "staging"}[k%2]}, {"deploy_access_levels", list{object{{"id", 1}, {"access_level", levelMaintainer},
			{"access_level_description", "Maintainers"}, {"user_id", nil}, {"group_id", nil}, {"group_inheritance_type", 0}}}},
			{"required_approval_count", 0}, {"approval_rules", list{}}}
	})
}

func groupSSHCertificates(c *call) (any, error) {
	return groupList(c, levelOwner, c.w.cfg.Tier.Licensed() && c.w.cfg.SaaS, notFound, func(g Group) int64 { return g.SSHCertificates }, func(g Group, k int) any {
		return object{{"id", part(g.index, k)}, {"title", "CA"}, {"key", "ssh-rsa AAAA"}, {"created_at", c.w.ago(50)}}
	})
}

func groupEnterpriseUsers(c *call) (any, error) {
	return groupList(c, levelOwner, c.w.cfg.Tier.Licensed() && c.w.cfg.SaaS, notFound, func(g Group) int64 { return g.EnterpriseUsers }, func(_ Group, k int) any {
		u := c.w.user(k % c.w.users)
		o := append(c.w.userBasic(u.index), c.profile(u)...)
		return append(o, c.private(u)...)
	})
}

// groupEpics is GET /groups/:id/epics, those of subgroups among them by default.
func groupEpics(c *call) (any, error) {
	return groupList(c, 0, c.w.cfg.Tier.Licensed(), forbidden, func(g Group) int64 {
		n := g.Epics
		if !c.switchOff("include_descendant_groups") {
			for _, i := range c.w.groupTree(g.index) {
				n += c.w.group(i).Epics
			}
		}
		return n
	}, func(g Group, k int) any {
		return object{{"id", part(g.index, k)}, {"iid", k + 1}, {"group_id", g.ID}, {"title", fmt.Sprintf("Epic %d", k+1)}, {"state", "opened"}, {"confidential", false},
			{"created_at", c.w.ago(200)}, {"updated_at", c.w.ago(20)}, {"web_url", fmt.Sprintf("%s/-/epics/%d", g.WebURL, k+1)}}
	})
}

func groupIterations(c *call) (any, error) {
	return groupList(c, 0, c.w.cfg.Tier.Licensed(), forbidden, func(g Group) int64 { return g.Iterations }, func(g Group, k int) any {
		return object{{"id", part(g.index, k)}, {"iid", k + 1}, {"sequence", k + 1}, {"group_id", g.ID}, {"title", nil}, {"description", nil}, {"state", 2},
			{"created_at", c.w.ago(90)}, {"updated_at", c.w.ago(90)}, {"start_date", c.w.day(c.w.ago(80))}, {"due_date", c.w.day(c.w.ago(66))},
			{"web_url", fmt.Sprintf("%s/-/iterations/%d", g.WebURL, part(g.index, k))}}
	})
}

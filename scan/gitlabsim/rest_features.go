package gitlabsim

import "fmt"

// These lists belong to Features.
// Rights: app/policies/project_policy.rb, ee/app/policies/ee/project_policy.rb
// and the before filters of lib/api.

// counted answers a page of n things of a project to who has the level, or is an
// auditor where auditors read.
func (c *call) counted(least int, auditors bool, on func(*Project) bool, n func(*Project) int64, body func(p *Project, k int) any) (any, error) {
	p, level, err := c.theProject()
	switch {
	case err != nil:
		return nil, err
	case !on(p), level < least && !(auditors && c.who.auditor()):
		return nil, forbidden
	}
	return numbered(c, n(p), func(k int) any { return body(p, k) })
}

func always(*Project) bool { return true }

// named is a numbered thing with a name.
func named(what string) func(p *Project, k int) any {
	return func(p *Project, k int) any {
		return object{{"id", part(p.index, k)}, {"name", fmt.Sprintf("%s %d", what, k+1)}}
	}
}

func mergesOn(p *Project) bool { return p.Access.MergeRequests != "disabled" }
func flagsOn(p *Project) bool {
	return p.Access.FeatureFlags != "disabled" && p.Access.Repository != "disabled"
}
func environmentsOn(p *Project) bool { return p.Access.Environments != "disabled" }

// approvalRules is refused with 403 where the licence lacks approvals.
func approvalRules(c *call) (any, error) {
	p, level, err := c.theProject()
	switch {
	case err != nil:
		return nil, err
	case !c.w.cfg.Tier.Licensed(), !mergesOn(p), level < levelDeveloper && !c.who.auditor():
		return nil, forbidden
	}
	return listPage(c, c.w.ApprovalRules(*p), func(a ApprovalRule) any {
		users, groups := list{}, list{}
		for _, id := range a.Users {
			if i, ok := c.w.userIndex(id); ok {
				users = append(users, c.w.userBasic(i))
			}
		}
		for _, id := range a.Groups {
			groups = append(groups, object{{"id", id}})
		}
		return object{{"id", a.ID}, {"name", a.Name}, {"rule_type", a.Type}, {"eligible_approvers", users}, {"approvals_required", a.Required},
			{"users", users}, {"groups", groups}, {"contains_hidden_groups", false}, {"report_type", nil}, {"protected_branches", list{}}, {"applies_to_all_protected_branches", false}}
	})
}

func approvalSettings(c *call) (any, error) {
	p, level, err := c.theProject()
	switch {
	case err != nil:
		return nil, err
	case level < levelMaintainer && !c.who.auditor():
		return nil, forbidden
	}
	o := object{{"approvers", list{}}, {"approver_groups", list{}}, {"approvals_before_merge", 0}}
	for _, s := range []struct {
		name  string
		usual bool
	}{
		{"reset_approvals_on_push", true}, {"selective_code_owner_removals", false}, {"disable_overriding_approvers_per_merge_request", false},
		{"merge_requests_author_approval", false}, {"merge_requests_disable_committers_approval", false}, {"require_password_to_approve", false},
	} {
		o.put(s.name, s.usual != contains(p.ApprovalSettings, s.name))
	}
	return o, nil
}

// securitySettings answers null where no setting was ever changed, as in a sound
// world, and 401 for want of a right.
func securitySettings(c *call) (any, error) {
	p, level, err := c.theProject()
	switch {
	case err != nil:
		return nil, err
	case c.w.cfg.Tier != Ultimate:
		return nil, forbidden
	case level < levelDeveloper && !c.who.auditor():
		return nil, unauthorized
	case len(p.SecuritySettings) == 0 && c.w.cfg.Sound:
		return nil, nil
	}
	o := object{{"project_id", p.ID}, {"created_at", p.CreatedAt}, {"updated_at", p.CreatedAt}}
	push := "secret_push_protection_enabled"
	if !c.since(17, 11) {
		push = "pre_receive_secret_detection_enabled"
	}
	for _, s := range []struct {
		name  string
		usual bool
	}{{"auto_fix_container_scanning", true}, {"auto_fix_dast", true}, {"auto_fix_dependency_scanning", true}, {"auto_fix_sast", true},
		{"continuous_vulnerability_scans_enabled", false}, {"container_scanning_for_registry_enabled", false}, {push, false}} {
		o.put(s.name, s.usual != contains(p.SecuritySettings, s.name))
	}
	return o, nil
}

// pushRule answers null where no rule was ever set.
func pushRule(c *call) (any, error) {
	p, level, err := c.theProject()
	switch {
	case err != nil:
		return nil, err
	case level < levelMaintainer:
		return nil, forbidden
	case !c.w.cfg.Tier.Licensed():
		return nil, message(404, "404 Not Found")
	case !p.HasPushRule:
		return nil, nil
	}
	has := func(name string) bool { return contains(p.PushRules, name) }
	text := func(name string) string {
		if has(name) {
			return `PROJ-\d+`
		}
		return ""
	}
	size := 0
	if has("max_file_size") {
		size = 100
	}
	return object{{"id", part(p.index, 0)}, {"project_id", p.ID}, {"created_at", p.CreatedAt}, {"commit_message_regex", text("commit_message_regex")},
		{"commit_message_negative_regex", ""}, {"branch_name_regex", ""}, {"deny_delete_tag", false}, {"member_check", has("member_check")},
		{"prevent_secrets", has("prevent_secrets")}, {"author_email_regex", ""}, {"file_name_regex", nil}, {"max_file_size", size},
		{"commit_committer_check", nil}, {"reject_unsigned_commits", has("reject_unsigned_commits")}}, nil
}

// externalChecks answers 401 for want of a licence or a right.
func externalChecks(c *call) (any, error) {
	p, level, err := c.theProject()
	switch {
	case err != nil:
		return nil, err
	case c.w.cfg.Tier != Ultimate, level < levelMaintainer, !mergesOn(p):
		return nil, unauthorized
	}
	return numbered(c, p.ExternalChecks, func(k int) any {
		return object{{"id", part(p.index, k)}, {"name", "compliance"}, {"project_id", p.ID}, {"external_url", "https://checks.example.com/?key=" + c.w.Canary()}, {"hmac", true}, {"protected_branches", list{}}}
	})
}

func protectedEnvironments(c *call) (any, error) {
	return c.counted(levelMaintainer, false, environmentsOn, func(p *Project) int64 { return p.ProtectedEnvironments }, func(_ *Project, k int) any {
		return object{{"name", fmt.Sprintf("production %d", k+1)}, {"deploy_access_levels", list{}}, {"required_approval_count", 0}, {"approval_rules", list{}}}
	})
}

// projectAuditEvents tells those below Maintainer of what they did themselves:
// nothing, here.
func projectAuditEvents(c *call) (any, error) {
	p, level, err := c.theProject()
	switch {
	case err != nil:
		return nil, err
	case level < levelDeveloper && !c.who.auditor(), !c.w.cfg.Tier.Licensed():
		return nil, forbidden
	case level < levelMaintainer:
		return list{}, nil
	}
	return list{object{{"id", p.ID}, {"author_id", 1}, {"entity_id", p.ID}, {"entity_type", "Project"}, {"event_name", "project_created"}, {"created_at", p.CreatedAt}}}, nil
}

func featureFlags(c *call) (any, error) {
	return c.counted(levelDeveloper, true, flagsOn, func(p *Project) int64 { return p.FeatureFlags }, func(p *Project, k int) any {
		return object{{"name", fmt.Sprintf("flag_%d", k+1)}, {"description", nil}, {"active", true}, {"version", "new_version_flag"}, {"created_at", p.CreatedAt},
			{"updated_at", p.CreatedAt}, {"scopes", list{}}, {"strategies", list{}}}
	})
}

func userLists(c *call) (any, error) {
	return c.counted(levelDeveloper, false, flagsOn, func(p *Project) int64 { return p.UserLists }, named("list"))
}

func secureFiles(c *call) (any, error) {
	return c.counted(levelDeveloper, false, always, func(p *Project) int64 { return p.SecureFiles }, named("key"))
}

func freezePeriods(c *call) (any, error) {
	return c.counted(levelReporter, true, environmentsOn, func(p *Project) int64 { return p.DeployFreezes }, func(p *Project, k int) any {
		return object{{"id", part(p.index, k)}, {"freeze_start", "0 23 * * 5"}, {"freeze_end", "0 8 * * 1"}, {"cron_timezone", "UTC"}, {"created_at", p.CreatedAt}, {"updated_at", p.CreatedAt}}
	})
}

func resourceGroups(c *call) (any, error) {
	return c.counted(levelDeveloper, false, func(p *Project) bool { return p.Access.Builds != "disabled" && p.Access.Repository != "disabled" },
		func(p *Project) int64 { return p.ResourceGroups }, func(p *Project, k int) any {
			return object{{"id", part(p.index, k)}, {"key", fmt.Sprintf("group %d", k+1)}, {"process_mode", "unordered"}, {"created_at", p.CreatedAt}, {"updated_at", p.CreatedAt}}
		})
}

// projectBadges lists the badges of the groups above too.
func projectBadges(c *call) (any, error) {
	p, _, err := c.theProject()
	if err != nil {
		return nil, err
	}
	type badge struct {
		id   int64
		kind string
	}
	var all []badge
	for k := range int(p.Badges) {
		all = append(all, badge{2 * part(p.index, k), "project"})
	}
	if p.group >= 0 {
		for _, g := range c.w.groupLine(p.group) {
			for k := range int(c.w.group(g).Badges) {
				all = append(all, badge{groupBadge(g, k), "group"})
			}
		}
	}
	return listPage(c, all, func(b badge) any {
		return object{{"name", "build"}, {"link_url", "https://ci.example.com"}, {"image_url", "https://ci.example.com/badge.svg"},
			{"rendered_link_url", "https://ci.example.com"}, {"rendered_image_url", "https://ci.example.com/badge.svg"}, {"id", b.id}, {"kind", b.kind}}
	})
}

// groupBadge is the id of a group's badge; those of projects are even.
func groupBadge(group, k int) int64 { return 2*part(group, k) + 1 }

func invitations(c *call) (any, error) {
	return c.counted(levelMaintainer, false, always, func(p *Project) int64 { return p.Invitations }, func(p *Project, k int) any {
		return object{{"id", part(p.index, k)}, {"invite_email", fmt.Sprintf("guest%d@partner.example", k)}, {"invite_token", c.w.Canary()}, {"access_level", levelReporter}, {"created_at", p.CreatedAt}}
	})
}

func accessRequests(c *call) (any, error) {
	return c.counted(levelMaintainer, false, always, func(p *Project) int64 { return p.AccessRequests }, func(p *Project, k int) any {
		return object{{"id", part(p.index, k)}, {"username", fmt.Sprintf("asks%d", k)}, {"requested_at", p.CreatedAt}}
	})
}

// projectAccessTokens is answered 401 for want of the right.
func projectAccessTokens(c *call) (any, error) {
	p, level, err := c.theProject()
	switch {
	case err != nil:
		return nil, err
	case level < levelMaintainer:
		return nil, unauthorized
	}
	return numbered(c, c.w.AccessTokens(*p)+1, func(k int) any {
		return object{{"id", part(p.index, k)}, {"name", "deploy"}, {"revoked", k == 0}, {"active", k > 0}, {"scopes", strs([]string{"api"})}, {"access_level", levelMaintainer}}
	})
}

// projectClusters answers 404 from 15.0 on: the feature is off unless somebody
// switched it on.
func projectClusters(c *call) (any, error) {
	if c.since(15, 0) {
		if _, _, err := c.theProject(); err != nil {
			return nil, err
		}
		return nil, message(404, "404 Not Found")
	}
	return c.counted(levelDeveloper, true, func(p *Project) bool { return p.Access.Repository != "disabled" }, func(p *Project) int64 { return p.Clusters }, named("cluster"))
}

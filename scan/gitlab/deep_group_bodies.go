package gitlab

import (
	"context"
	"net/url"
	"strings"

	"readiness/scan"
)

// groupMembers counts the direct members and, where the licence has custom roles,
// those who hold one.
func (s *Source) groupMembers(ctx context.Context, g *scan.Group, base string) error {
	const id, roles = "group.members", "group.custom-role-assignments"
	c := call{endpoint: "GET /groups/:id/members", path: base + "/members"}
	if e, _ := scan.Lookup(roles); s.unlicensed("ultimate") || tooOld(e, s.version()) {
		g.CustomRoleMembers = scan.Missing[int64](s.lacking(roles))
		if s.unlicensed("ultimate") {
			g.CustomRoleMembers = scan.Missing[int64](gapFor(roles, scan.ReasonFeatureOff))
		}
		n, r, err := s.count(ctx, c)
		switch {
		case err != nil:
			return err
		case r != nil:
			g.Members = scan.Missing[int64](r.gap(id, s.version()))
		default:
			g.Members = scan.Known(n)
		}
		return nil
	}
	members, r, err := walk[struct {
		Role *struct{} `json:"member_role"`
	}](ctx, s, c)
	if err != nil {
		return err
	}
	if r != nil {
		g.Members, g.CustomRoleMembers = scan.Missing[int64](r.gap(id, s.version())), scan.Missing[int64](r.gap(roles, s.version()))
		return nil
	}
	held := int64(0)
	for _, m := range members {
		if m.Role != nil {
			held++
		}
	}
	g.Members = scan.Known(int64(len(members)))
	if held > 0 || s.mayGroup(g, owner) {
		g.CustomRoleMembers = scan.Known(held)
	}
	return nil
}

func (s *Source) groupWebhooks(ctx context.Context, g *scan.Group, base string) error {
	const id = "group.webhooks"
	if s.unlicensed("premium") {
		g.Webhooks = scan.Cut[scan.Webhook](nil, gapFor(id, scan.ReasonFeatureOff))
		return nil
	}
	hooks, r, err := s.webhooks(ctx, call{endpoint: "GET /groups/:id/hooks", path: base + "/hooks"})
	switch {
	case err != nil:
		return err
	case r != nil:
		g.Webhooks = scan.Cut(hooks, s.groupGap(r, id))
	default:
		g.Webhooks = scan.Listed(hooks)
	}
	return nil
}

// groupItself reads what only the group's own address tells.
func (s *Source) groupItself(ctx context.Context, g *scan.Group, base string) error {
	var b groupBody
	_, r, err := s.read(ctx, call{endpoint: "GET /groups/:id", path: base, query: url.Values{"with_projects": {"false"}}}, &b)
	if err != nil {
		return err
	}
	if r != nil {
		for _, id := range []scan.FactID{"group.shared-with-groups", "group.ip-restrictions", "group.membership-lock", "group.quotas"} {
			scan.Forget(g, id, r.gap(id, s.version()))
		}
		return nil
	}
	if s.mayGroup(g, owner) { // others are told of the groups they see alone
		length(b.SharedWith, &g.SharedWith)
	}
	there(b.IPRanges, &g.IPRestricted)
	b.MembershipLock.keep(&g.MembershipLock)
	there(b.MinutesLimit, &g.MinutesLimit)
	if s.unlicensed("premium") && !b.IPRanges.said() {
		g.IPRestricted = scan.Missing[bool](gapFor("group.ip-restrictions", scan.ReasonFeatureOff))
	}
	return nil
}

// groupPushRules reads whether the group has push rules. GitLab answers 404 where
// there are none, in the same words to whoever may not change them, and in others
// where the group is gone. Source: ee/lib/api/group_push_rule.rb.
func (s *Source) groupPushRules(ctx context.Context, g *scan.Group, base string) error {
	const id = "group.push-rules"
	if s.unlicensed("premium") {
		g.PushRules = scan.Missing[bool](gapFor(id, scan.ReasonFeatureOff))
		return nil
	}
	var b struct {
		ID field[int64] `json:"id"`
	}
	_, r, err := s.read(ctx, call{endpoint: "GET /groups/:id/push_rule", path: base + "/push_rule"}, &b)
	has, known := s.licensed("premium")
	switch {
	case err != nil:
		return err
	case r == nil:
		g.PushRules = scan.Known(true)
	case r.Reason == scan.ReasonHidden && !r.unknown && !strings.Contains(r.message, "Group Not Found") && s.admin && known && has:
		g.PushRules = scan.Known(false)
	default:
		g.PushRules = scan.Missing[bool](s.groupGap(r, id))
	}
	return nil
}

// groupApprovalSettings reads whether approval settings differ from what a group
// without any has.
// Source: ee/lib/compliance_management/merge_request_approval_settings/resolver.rb.
func (s *Source) groupApprovalSettings(ctx context.Context, g *scan.Group, base string) error {
	const id = "group.merge-request-approval-settings"
	if s.unlicensed("premium") {
		g.ApprovalSettings = scan.Missing[bool](gapFor(id, scan.ReasonFeatureOff))
		return nil
	}
	type setting struct {
		Value     bool    `json:"value"`
		Inherited *string `json:"inherited_from"`
	}
	var b map[string]setting
	_, r, err := s.read(ctx, call{endpoint: "GET /groups/:id/merge_request_approval_setting", path: base + "/merge_request_approval_setting"}, &b)
	switch {
	case err != nil:
		return err
	case r != nil:
		g.ApprovalSettings = scan.Missing[bool](s.groupGap(r, id))
		return nil
	}
	changed := false
	for key, byDefault := range map[string]bool{"allow_author_approval": true, "allow_committer_approval": true,
		"allow_overrides_to_approver_list_per_merge_request": true, "retain_approvals_on_push": true, "require_password_to_approve": false} {
		one, told := b[key]
		changed = changed || told && one.Value != byDefault && (one.Inherited == nil || *one.Inherited != "instance")
	}
	g.ApprovalSettings = scan.Known(changed)
	return nil
}

// groupFallback counts a list by REST. Those below Reporter are not told of
// confidential epics, so of others the count is no value.
func (s *Source) groupFallback(ctx context.Context, g *scan.Group, base string, c groupCall) error {
	n, r, err := s.count(ctx, call{endpoint: "GET /groups/:id" + c.path, path: base + c.path, query: c.query})
	switch {
	case err != nil:
		return err
	case r != nil:
		*c.fact(g) = scan.Missing[int64](s.groupGap(r, c.id))
	case s.mayGroup(g, reporter):
		*c.fact(g) = scan.Known(n)
	default:
		*c.fact(g) = scan.Missing[int64](because(c.id, scan.ReasonWithheld, "Reporter or higher on the group"))
	}
	return nil
}

// samlLinks counts the SAML links of a group that the listing did not tell. The
// list has no pages, and GitLab answers 401 to whoever is no Owner.
func (s *Source) samlLinks(ctx context.Context, g *scan.Group, base string) error {
	const id = "group.saml-group-links"
	const endpoint = "GET /groups/:id/saml_group_links"
	var links []struct{}
	_, r, err := s.read(ctx, call{endpoint: endpoint, path: base + "/saml_group_links"}, &links)
	switch {
	case err != nil:
		return err
	case r == nil:
		g.SAMLLinks = scan.Known(int64(len(links)))
	case s.admin && r.Reason == scan.ReasonForbidden: // an administrator lacks only the licence
		g.SAMLLinks = scan.Missing[int64](gapFor(id, scan.ReasonFeatureOff))
	default:
		g.SAMLLinks = scan.Missing[int64](r.gap(id, s.version()))
	}
	return nil
}

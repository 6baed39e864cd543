package gitlab

import (
	"context"
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"

	"readiness/scan"
)

// groupCall is what one request tells of one group: how long a list is.
type groupCall struct {
	id    scan.FactID
	fact  func(*scan.Group) *scan.Fact[int64]
	path  string
	query url.Values
	plan  string // licence it takes: "", premium or ultimate
	// root says that only a top-level group has any.
	root bool
	// flag is the development feature flag that lets it be used, from flagged on;
	// by default it is off.
	flag, flagged string
}

// groupCalls are the lists of a group of which only the length is of interest.
// Which take a licence or a top-level group is said in the files of lib/api and
// ee/lib/api that are named like the routes.
var groupCalls = []groupCall{
	{id: "group.milestones", fact: func(g *scan.Group) *scan.Fact[int64] { return &g.Milestones }, path: "/milestones"},
	{id: "group.boards", fact: func(g *scan.Group) *scan.Fact[int64] { return &g.Boards }, path: "/boards"},
	{id: "group.badges", fact: func(g *scan.Group) *scan.Fact[int64] { return &g.Badges }, path: "/badges"},
	{id: "group.deploy-tokens", fact: func(g *scan.Group) *scan.Fact[int64] { return &g.DeployTokens }, path: "/deploy_tokens"},
	{id: "group.wiki", fact: func(g *scan.Group) *scan.Fact[int64] { return &g.WikiPages }, path: "/wikis", plan: "premium"},
	{id: "group.uploads", fact: func(g *scan.Group) *scan.Fact[int64] { return &g.Uploads }, path: "/uploads"},
	{id: "group.pending-invitations", fact: func(g *scan.Group) *scan.Fact[int64] { return &g.Invitations }, path: "/invitations"},
	{id: "group.access-requests", fact: func(g *scan.Group) *scan.Fact[int64] { return &g.AccessRequests }, path: "/access_requests"},
	{id: "group.integrations", fact: func(g *scan.Group) *scan.Fact[int64] { return &g.Integrations }, path: "/integrations"},
	{id: "group.access-tokens", fact: func(g *scan.Group) *scan.Fact[int64] { return &g.AccessTokens }, path: "/access_tokens", query: url.Values{"state": {"active"}}},
	{id: "group.service-accounts", fact: func(g *scan.Group) *scan.Fact[int64] { return &g.ServiceAccounts }, path: "/service_accounts", plan: "premium", root: true},
	{id: "group.clusters", fact: func(g *scan.Group) *scan.Fact[int64] { return &g.Clusters }, path: "/clusters", flag: "certificate_based_clusters", flagged: "15.0"},
	{id: "group.scim", fact: func(g *scan.Group) *scan.Fact[int64] { return &g.SCIM }, path: "/scim/identities", plan: "premium", root: true},
	{id: "group.custom-roles", fact: func(g *scan.Group) *scan.Fact[int64] { return &g.CustomRoles }, path: "/member_roles", plan: "ultimate", root: true},
	{id: "group.approval-rules", fact: func(g *scan.Group) *scan.Fact[int64] { return &g.ApprovalRules }, path: "/approval_rules", plan: "premium", flag: "approval_group_rules", flagged: "16.7"},
	{id: "group.protected-branches", fact: func(g *scan.Group) *scan.Fact[int64] { return &g.ProtectedBranches }, path: "/protected_branches", plan: "premium"},
	{id: "group.protected-environments", fact: func(g *scan.Group) *scan.Fact[int64] { return &g.ProtectedEnvironments }, path: "/protected_environments", plan: "premium"},
	{id: "group.ssh-certificates", fact: func(g *scan.Group) *scan.Fact[int64] { return &g.SSHCertificates }, path: "/ssh_certificates", plan: "premium", root: true},
	{id: "group.enterprise-users", fact: func(g *scan.Group) *scan.Fact[int64] { return &g.EnterpriseUsers }, path: "/enterprise_users", plan: "premium", root: true},
}

// groupFallbacks are the lists that REST tells where GraphQL did not: it is
// switched off or too old for it, failed, or lists no more than a hundred.
var groupFallbacks = []groupCall{
	{id: "group.labels", fact: func(g *scan.Group) *scan.Fact[int64] { return &g.Labels }, path: "/labels", query: url.Values{"include_ancestor_groups": {"false"}}},
	{id: "group.epics", fact: func(g *scan.Group) *scan.Fact[int64] { return &g.Epics }, path: "/epics", plan: "premium", query: url.Values{"include_descendant_groups": {"false"}}},
	{id: iterationsFact, fact: func(g *scan.Group) *scan.Fact[int64] { return &g.Iterations }, path: "/iterations", plan: "premium", query: url.Values{"include_ancestors": {"false"}}},
}

// graphUntold reports whether REST may tell what GraphQL did not.
func graphUntold(gap scan.Gap) bool {
	switch gap.Reason {
	case scan.ReasonFeatureOff, scan.ReasonWithheld, scan.ReasonNotAsked:
		return false
	}
	return strings.HasPrefix(gap.Endpoint, scan.ReadGraphQL)
}

// spareGroup settles a fact without a request where what is known of the instance
// and of the group tells; true: nothing is asked.
func (s *Source) spareGroup(g *scan.Group, c groupCall) bool {
	e, _ := scan.Lookup(c.id)
	switch {
	case !s.asks(c.id):
	case s.unlicensed(c.plan):
		*c.fact(g) = scan.Missing[int64](gapFor(c.id, scan.ReasonFeatureOff))
	case tooOld(e, s.version()):
		*c.fact(g) = scan.Missing[int64](gapFor(c.id, scan.ReasonTooOld))
	case c.root && g.ParentID != 0:
		*c.fact(g) = scan.Known[int64](0)
	case c.flag != "" && s.flags != nil && !s.flags[c.flag] && s.version().AtLeast(scan.MustVersion(c.flagged)):
		*c.fact(g) = scan.Missing[int64](gapFor(c.id, scan.ReasonFeatureOff))
	default:
		return false
	}
	return true
}

// groupGap is the gap of a request that was refused. An administrator is refused
// only where the licence or a setting lacks it.
func (s *Source) groupGap(r *refusal, id scan.FactID) scan.Gap {
	gap := r.gap(id, s.version())
	if s.admin && (gap.Reason == scan.ReasonForbidden || gap.Reason == scan.ReasonHidden) {
		gap.Reason, gap.Cure = scan.ReasonFeatureOff, ""
	}
	return gap
}

// DeepGroup implements scan.Source.
func (s *Source) DeepGroup(ctx context.Context, g *scan.Group) error {
	base := "groups/" + strconv.FormatInt(g.ID, 10)
	work, wctx := errgroup.WithContext(ctx)
	for _, c := range groupCalls {
		if s.spareGroup(g, c) {
			continue
		}
		work.Go(func() error {
			n, r, err := s.count(wctx, call{endpoint: "GET /groups/:id" + c.path, path: base + c.path, query: c.query})
			switch {
			case err != nil:
				return err
			case r != nil:
				*c.fact(g) = scan.Missing[int64](s.groupGap(r, c.id))
			default:
				*c.fact(g) = scan.Known(n)
			}
			return nil
		})
	}
	for _, step := range []struct {
		read func(context.Context, *scan.Group, string) error
		ids  []scan.FactID
	}{
		{s.groupMembers, []scan.FactID{"group.members", "group.custom-role-assignments"}},
		{s.groupWebhooks, []scan.FactID{"group.webhooks"}},
		{s.groupItself, []scan.FactID{"group.shared-with-groups", "group.ip-restrictions", "group.membership-lock", "group.quotas"}},
		{s.groupPushRules, []scan.FactID{"group.push-rules"}},
		{s.groupApprovalSettings, []scan.FactID{"group.merge-request-approval-settings"}},
		{s.groupOnce, []scan.FactID{"group.comment-templates", "group.secrets-manager", "group.ai-catalog"}},
	} {
		if s.asksAny(step.ids...) {
			work.Go(func() error { return step.read(wctx, g, base) })
		}
	}
	for _, c := range groupFallbacks {
		if gap, unread := c.fact(g).Gap(); unread && graphUntold(gap) && s.asks(c.id) && !s.unlicensed(c.plan) {
			work.Go(func() error { return s.groupFallback(wctx, g, base, c) })
		}
	}
	if _, unread := g.SAMLLinks.Gap(); unread && s.asks("group.saml-group-links") {
		if !s.unlicensed("premium") {
			work.Go(func() error { return s.samlLinks(wctx, g, base) })
		}
	}
	if err := work.Wait(); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return err
	}
	settle(g, scan.Deep, func(id scan.FactID) scan.Gap {
		e, _ := scan.Lookup(id)
		switch enterprise, known := s.isEnterprise(); {
		case id == "group.shared-with-groups":
			return because(id, scan.ReasonWithheld, "Owner of the group, or an administrator's token")
		case s.admin, known && !enterprise && strings.Contains(e.Needs, "Premium"):
			return s.lacking(id)
		}
		return gapFor(id, scan.ReasonWithheld)
	})
	return nil
}

package gitlab

import (
	"context"
	"encoding/json"
	"net/url"

	"readiness/scan"
)

// deepCount is a number that takes a request for each project.
type deepCount struct {
	id    scan.FactID
	fact  func(*scan.Project) *scan.Fact[int64]
	path  string
	query url.Values
	right right
	git   bool                     // lies in the repository: an empty one has none
	worth func(*scan.Project) bool // false: not worth a request, for the reason spare
	spare string
	// own tells the items that count from others in the list; nil: all do.
	own func(json.RawMessage) bool
}

// deepCounts lists them. What the licence or a project's settings have switched
// off is not asked.
// Rights: app/policies/project_policy.rb and ee/app/policies/ee/project_policy.rb.
var deepCounts = []deepCount{
	{id: "project.branches", fact: func(p *scan.Project) *scan.Fact[int64] { return &p.Branches }, path: "/repository/branches",
		right: right{feature: repositoryAccess}, git: true},
	{id: "project.git-tags", fact: func(p *scan.Project) *scan.Fact[int64] { return &p.Tags }, path: "/repository/tags",
		right: right{feature: repositoryAccess}, git: true},
	{id: environmentsFact, fact: func(p *scan.Project) *scan.Fact[int64] { return &p.Environments }, path: "/environments",
		right: right{feature: furtherAccess("environments")}},
	{id: "project.deploy-tokens", fact: func(p *scan.Project) *scan.Fact[int64] { return &p.DeployTokens }, path: "/deploy_tokens"},
	{id: "project.protected-tags", fact: func(p *scan.Project) *scan.Fact[int64] { return &p.ProtectedTags }, path: "/protected_tags"},
	{id: statusChecksFact, fact: func(p *scan.Project) *scan.Fact[int64] { return &p.ExternalChecks }, path: "/external_status_checks",
		right: right{feature: mergeRequestsAccess, plan: "ultimate"}},
	{id: "project.protected-environments", fact: func(p *scan.Project) *scan.Fact[int64] { return &p.ProtectedEnvironments }, path: "/protected_environments",
		right: right{feature: furtherAccess("environments"), plan: "premium"}},
	{id: "project.secure-files", fact: func(p *scan.Project) *scan.Fact[int64] { return &p.SecureFiles }, path: "/secure_files",
		right: right{feature: buildsAccess}}, // jobs alone use them
	{id: "project.deploy-freezes", fact: func(p *scan.Project) *scan.Fact[int64] { return &p.DeployFreezes }, path: "/freeze_periods",
		right: right{feature: furtherAccess("environments")}},
	{id: "project.resource-groups", fact: func(p *scan.Project) *scan.Fact[int64] { return &p.ResourceGroups }, path: "/resource_groups",
		right: right{feature: buildsAccess}, worth: ranPipelines, spare: "without pipelines, whose jobs alone make resource groups"},
	{id: "project.badges", fact: func(p *scan.Project) *scan.Fact[int64] { return &p.Badges }, path: "/badges", own: ofProjectKind},
	{id: "project.pending-invitations", fact: func(p *scan.Project) *scan.Fact[int64] { return &p.Invitations }, path: "/invitations"},
	{id: "project.access-requests", fact: func(p *scan.Project) *scan.Fact[int64] { return &p.AccessRequests }, path: "/access_requests"},
}

// ranPipelines reports whether p is not known to have no pipeline.
func ranPipelines(p *scan.Project) bool { return p.Pipelines.Or(1) > 0 }

// featureFlags asks for feature flags, and for lists of users where there is a flag
// that may name one.
func (s *Source) featureFlags(ctx context.Context, p *scan.Project) error {
	right := right{feature: flagsAccess}
	err := s.deepNumber(ctx, p, deepCount{id: "project.feature-flags", fact: func(p *scan.Project) *scan.Fact[int64] { return &p.FeatureFlags }, path: "/feature_flags", right: right})
	if err != nil {
		return err
	}
	return s.deepNumber(ctx, p, deepCount{id: "project.feature-flag-user-lists", fact: func(p *scan.Project) *scan.Fact[int64] { return &p.UserLists }, path: "/feature_flags_user_lists", right: right,
		worth: func(p *scan.Project) bool { return p.FeatureFlags.Or(1) > 0 }, spare: "without feature flags, which alone use such lists"})
}

// ofProjectKind reports whether a badge is a project's own.
func ofProjectKind(raw json.RawMessage) bool {
	var b struct {
		Kind string `json:"kind"`
	}
	return json.Unmarshal(raw, &b) != nil || b.Kind != "group"
}

// flagsAccess is that of feature flags, which need the repository.
func flagsAccess(p *scan.Project) scan.Fact[string] {
	if p.RepositoryAccess.Or("") == featureDisabled {
		return p.RepositoryAccess
	}
	return furtherAccess("feature_flags")(p)
}

// deepNumber asks REST for one of a project's numbers.
func (s *Source) deepNumber(ctx context.Context, p *scan.Project, c deepCount) error {
	fact := c.fact(p)
	if g, not := s.pointless(p, c.id, c.right); not {
		*fact = scan.Missing[int64](g)
		return nil
	}
	if c.worth != nil && !c.worth(p) && len(s.limits.Projects) == 0 {
		*fact = scan.Missing[int64](because(c.id, scan.ReasonNotAsked, "list the project in --projects: of one "+c.spare+", it is not asked"))
		return nil
	}
	one := call{endpoint: "GET /projects/:id" + c.path, path: projectPath(p.ID, c.path), query: c.query}
	n, r, err := int64(0), (*refusal)(nil), error(nil)
	if c.own == nil {
		n, r, err = s.count(ctx, one)
	} else {
		var all []json.RawMessage
		all, r, err = walk[json.RawMessage](ctx, s, one)
		for _, item := range all {
			if c.own(item) {
				n++
			}
		}
	}
	switch {
	case err != nil:
		return err
	case r != nil:
		*fact = scan.Missing[int64](s.restGap(p, r, c.id, c.right))
	default:
		*fact = scan.Known(n)
	}
	return nil
}

// pointless is the gap of a fact that no request would bring: the version has it
// not yet, or the licence or the project's settings have its feature off.
func (s *Source) pointless(p *scan.Project, id scan.FactID, r right) (scan.Gap, bool) {
	if e, _ := scan.Lookup(id); tooOld(e, s.version()) {
		return gapFor(id, scan.ReasonTooOld), true
	}
	if has, known := s.licensed(r.plan); r.plan != "" && known && !has || s.may(p, r) == off {
		return gapFor(id, scan.ReasonFeatureOff), true
	}
	return scan.Gap{}, false
}

package gitlab

import (
	"readiness/scan"
)

var squashRight = right{access: maintainer, feature: repositoryAccess, plan: "premium"}

// accessLevels selects who is named in one list of a protection.
const accessLevels = "(first:50){nodes{user{id} group{id}} pageInfo{hasNextPage}}"

// branchRulesText asks, of each branch rule, for what is not in the wide pages.
func (s *Source) branchRulesText() (text string) {
	if s.schema.has("BranchRule.squashOption") && s.asks(branchSquashFact) {
		text += " squashOption{option}"
	}
	if s.schema.has("BranchRule.externalStatusChecks") && s.asks(statusChecksFact) {
		text += " externalStatusChecks(first:50){nodes{id} pageInfo{hasNextPage}}"
	}
	if s.schema.has("BranchProtection.pushAccessLevels") && s.asks(branchUsersFact) {
		text += " branchProtection{push:pushAccessLevels" + accessLevels + " merge:mergeAccessLevels" + accessLevels + " unprotect:unprotectAccessLevels" + accessLevels + "}"
	}
	return text
}

// levelsOf is who may do one thing on a branch: roles, users and groups.
type levelsOf = connection[struct {
	User, Group *aNode
}]

// branchDetail is a branch rule as branchRulesText asks for it. The one that
// stands for all branches is not protected and has the project's squash option.
type branchDetail struct {
	Protected  bool              `json:"isProtected"`
	Squash     *struct{}         `json:"squashOption"`
	Checks     connection[aNode] `json:"externalStatusChecks"`
	Protection *struct {
		Push      levelsOf `json:"push"`
		Merge     levelsOf `json:"merge"`
		Unprotect levelsOf `json:"unprotect"`
	} `json:"branchProtection"`
}

// branchRules sets what branch rules tell of one project. Of external status checks
// it leaves to REST what the answer does not tell whole.
func (s *Source) branchRules(p *scan.Project, n node) {
	var c connection[branchDetail]
	ok, fail := n.get("branchRules", &c)
	users, squash := int64(0), int64(0)
	checks, cut := map[string]bool{}, c.PageInfo.HasNextPage
	checksCut := cut
	for _, rule := range c.Nodes {
		if rule == nil {
			continue
		}
		if rule.Protected && rule.Squash != nil {
			squash++
		}
		for _, check := range rule.Checks.Nodes {
			if check != nil {
				checks[check.ID] = true
			}
		}
		checksCut = checksCut || rule.Checks.PageInfo.HasNextPage
		if rule.Protection == nil {
			continue
		}
		for _, list := range []levelsOf{rule.Protection.Push, rule.Protection.Merge, rule.Protection.Unprotect} {
			cut = cut || list.PageInfo.HasNextPage
			for _, level := range list.Nodes {
				if level != nil && (level.User != nil || level.Group != nil) {
					users++
				}
			}
		}
	}
	// number is a count that the rules gave.
	number := func(id scan.FactID, field string, r right, count int64, cut bool) scan.Fact[int64] {
		if g, gone := s.nodeGap(n, id, field); gone {
			return scan.Missing[int64](g)
		}
		if has, known := s.licensed(r.plan); known && !has {
			return scan.Missing[int64](gapFor(id, scan.ReasonFeatureOff))
		}
		switch {
		case fail != "":
			return scan.Missing[int64](failed(id, fail))
		case !ok || c.Nodes == nil:
			return scan.Missing[int64](s.silence(p, id, r))
		case cut:
			return scan.Missing[int64](because(id, scan.ReasonTruncated, "GitLab tells the first hundred branch rules, and of each the first fifty entries"))
		}
		return s.number(p, id, r, count)
	}
	if s.asks(branchSquashFact) {
		p.BranchSquash = number(branchSquashFact, "BranchRule.squashOption", squashRight, squash, c.PageInfo.HasNextPage)
	}
	if s.asks(branchUsersFact) && scan.IsUnset(&p.BranchUsers) { // REST may have told it
		p.BranchUsers = number(branchUsersFact, "BranchProtection.pushAccessLevels", squashRight, users, cut)
		if _, known := p.BranchUsers.Get(); known && !s.admin { // of those that the caller may not see nothing is told
			p.BranchUsers = scan.Missing[int64](gapFor(branchUsersFact, scan.ReasonWithheld))
		}
	}
	if _, gone := s.nodeGap(n, statusChecksFact, "BranchRule.externalStatusChecks"); s.asks(statusChecksFact) && !gone && ok && fail == "" && !checksCut {
		right := right{access: maintainer, feature: mergeRequestsAccess, plan: "ultimate"}
		if _, not := s.pointless(p, statusChecksFact, right); !not && s.may(p, right) == whole {
			p.ExternalChecks = scan.Known(int64(len(checks)))
		}
	}
}

// allowed sets who is on the allowlist of job tokens.
func (s *Source) allowed(p *scan.Project, n node) {
	if !s.asks(allowedFact) {
		return
	}
	right := right{access: maintainer}
	type paths = connection[struct {
		FullPath string `json:"fullPath"`
	}]
	var scope struct {
		Projects *paths `json:"inboundAllowlist"`
		Groups   *paths `json:"groupsAllowlist"`
	}
	ok, fail := n.get("ciJobTokenScope", &scope)
	items := []scan.Allowed{}
	cut := false
	for _, list := range []*paths{scope.Projects, scope.Groups} {
		if list == nil {
			continue
		}
		cut = cut || list.PageInfo.HasNextPage
		for _, one := range list.Nodes {
			if one != nil && (list == scope.Groups || one.FullPath != p.Path) { // the project itself is always on it
				items = append(items, scan.Allowed{Path: one.FullPath, Group: list == scope.Groups})
			}
		}
	}
	lost := func(g scan.Gap) { p.JobTokenAllowed = scan.Cut(items, g) }
	if g, gone := s.nodeGap(n, allowedFact, "CiJobTokenScopeType.inboundAllowlist"); gone {
		lost(g)
		return
	}
	switch {
	case fail != "":
		lost(failed(allowedFact, fail))
	case !ok || scope.Projects == nil:
		lost(s.silence(p, allowedFact, right))
	case cut:
		lost(because(allowedFact, scan.ReasonTruncated, "GitLab tells the first hundred projects and groups"))
	case scope.Groups == nil: // whose lists are told later than those of projects
		lost(s.schema.lacks(allowedFact, "CiJobTokenScopeType.groupsAllowlist"))
	case s.may(p, right) != whole:
		lost(s.silence(p, allowedFact, right))
	default:
		p.JobTokenAllowed = scan.Listed(items)
	}
}

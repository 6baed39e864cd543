package gitlab

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"

	"readiness/scan"
)

// fallBack asks REST, project by project, for what GraphQL or an instance-wide
// list could not tell. It costs a request per fact and project, so only a deep
// scan does it.
func (s *Source) fallBack(ctx context.Context, page []*scan.Project) error {
	work, wctx := errgroup.WithContext(ctx)
	work.SetLimit(s.transport.govern.most)
	for _, p := range page {
		for _, c := range slices.Concat(wideCounts, moreCounts) {
			if c.rest.path != "" && (s.secrets || !c.secret) && (!c.rest.deep || s.depth >= scan.Deep) && s.asks(c.id) && untold(c.fact(p)) {
				work.Go(func() error { return s.restNumber(wctx, p, c.id, c.fact(p), c.right, c.rest) })
			}
		}
		for _, one := range restJoins {
			if s.depth < scan.Deep {
				break // instance-wide lists tell, at the depth that asks no project by itself
			}
			if fact := one.fact(p); s.asks(one.id) && unread(fact) {
				work.Go(func() error { return s.restNumber(wctx, p, one.id, fact, one.right, one.rest) })
			}
		}
		if s.secrets && s.asks(variablesFact) && untold(&p.Variables) {
			work.Go(func() error { return s.projectSecrets(wctx, p) })
		}
		if s.asks(packagesFact) && untold(&p.Packages) {
			work.Go(func() error { return s.restPackages(wctx, p) })
		}
		if g, gap := p.ProtectedBranches.Gap(); gap && s.asks(branchesFact) && (untold(&p.ProtectedBranches) || g.Reason == scan.ReasonTruncated) {
			work.Go(func() error { return s.restBranches(wctx, p) })
		}
		if s.asks(ciFileFact) && untold(&p.CIConfigFile) || s.asks(codeOwnersFact) && untold(&p.CodeOwners) {
			work.Go(func() error { return s.restFiles(wctx, p) })
		}
	}
	err := work.Wait()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// untold reports whether GraphQL had no way to tell a fact, so that REST may
// know more. What it withheld, REST withholds too.
func untold(r scan.Read) bool {
	g, gap := r.Gap()
	if !gap {
		return false
	}
	switch g.Reason {
	case scan.ReasonTooOld, scan.ReasonHidden, scan.ReasonFailed, scan.ReasonForbidden:
		return true
	}
	return false
}

func unread(r scan.Read) bool {
	g, gap := r.Gap()
	return gap && g.Reason != scan.ReasonFeatureOff
}

// restJoins are the facts of instance-wide lists, asked per project.
var restJoins = []struct {
	id    scan.FactID
	fact  func(*scan.Project) *scan.Fact[int64]
	right right
	rest  restCount
}{
	{"project.deploy-keys", func(p *scan.Project) *scan.Fact[int64] { return &p.DeployKeys },
		right{access: maintainer}, restCount{endpoint: "GET /projects/:id/deploy_keys", path: "/deploy_keys"}},
	{"project.pages-domains", func(p *scan.Project) *scan.Fact[int64] { return &p.PagesDomains },
		right{access: maintainer, kept: true}, restCount{endpoint: "GET /projects/:id/pages/domains", path: "/pages/domains"}},
	{"project.snippets", func(p *scan.Project) *scan.Fact[int64] { return &p.Snippets },
		right{access: reporter, part: true, feature: snippetsAccess}, restCount{endpoint: "GET /projects/:id/snippets", path: "/snippets"}},
}

// restNumber asks how long a list is. A refusal says more than the gap that was
// there, so it takes its place.
func (s *Source) restNumber(ctx context.Context, p *scan.Project, id scan.FactID, fact *scan.Fact[int64], right right, c restCount) error {
	if s.may(p, right) == off { // what there is, is hidden from everybody
		*fact = scan.Missing[int64](gapFor(id, scan.ReasonFeatureOff))
		return nil
	}
	if right.changers && p.Archived.Or(false) {
		*fact = scan.Missing[int64](frozen(id))
		return nil
	}
	n, r, err := s.count(ctx, call{endpoint: c.endpoint, path: projectPath(p.ID, c.path), query: c.query})
	switch {
	case err != nil:
		return err
	case r != nil:
		*fact = scan.Missing[int64](s.restGap(p, r, id, right))
	case right.part:
		*fact = s.number(p, id, right, n)
	default: // REST refuses whom it does not tell
		*fact = scan.Known(n)
	}
	return nil
}

// restGap is the gap of a refusal about p: where the feature is switched off
// nobody has the right, so no right would cure it.
func (s *Source) restGap(p *scan.Project, r *refusal, id scan.FactID, right right) scan.Gap {
	g := r.gap(id, scan.Version{}) // REST's own route, whatever GraphQL's version
	if s.may(p, right) == off && (g.Reason == scan.ReasonForbidden || g.Reason == scan.ReasonHidden) {
		g.Reason, g.Cure = scan.ReasonFeatureOff, ""
	}
	return g
}

// restPackages counts packages by type: where one page holds them all, in that;
// else type by type.
func (s *Source) restPackages(ctx context.Context, p *scan.Project) error {
	c := call{endpoint: "GET /projects/:id/packages", path: projectPath(p.ID, "/packages")}
	one := c
	one.query = withPage(nil, 1, perPage)
	var page []struct {
		Type string `json:"package_type"`
	}
	h, r, err := s.read(ctx, one, &page)
	if err != nil {
		return err
	}
	var items []scan.PackageCount
	total, left := int64(len(page)), int64(0)
	switch {
	case r != nil:
	case len(page) < perPage && nextPage(h) == "" && (h.Get("X-Total") == "" || h.Get("X-Total") == strconv.Itoa(len(page))):
		byType := map[string]int64{}
		for _, one := range page {
			byType[cmp.Or(one.Type, otherType)]++
		}
		for t, n := range byType {
			items = append(items, scan.PackageCount{Type: t, Count: n})
		}
	default:
		if total, r, err = s.count(ctx, c); err != nil {
			return err
		}
		left = total
	}
	for _, t := range packageTypes { // where the page did not tell all
		if r != nil || left == 0 {
			break
		}
		var n int64
		c.query = url.Values{"package_type": {strings.ToLower(t)}}
		n, r, err = s.count(ctx, c)
		if err != nil {
			return err
		}
		if r != nil && r.Status == http.StatusBadRequest { // a type this version does not have
			r = nil
			continue
		}
		if r == nil && n > 0 && n <= left {
			items = append(items, scan.PackageCount{Type: strings.ToLower(t), Count: n})
			left -= n
		}
	}
	switch {
	case r != nil:
		p.Packages = scan.Cut(items, s.restGap(p, r, packagesFact, packagesRight))
	case total == 0 && (s.may(p, packagesRight) != whole || p.PackagesSize.Or(0) > 0):
		p.Packages = scan.Cut[scan.PackageCount](nil, gapFor(packagesFact, scan.ReasonWithheld))
	default:
		if left > 0 {
			items = append(items, scan.PackageCount{Type: otherType, Count: left})
		}
		sortPackages(items)
		p.Packages = scan.Listed(items)
	}
	return nil
}

func (s *Source) restBranches(ctx context.Context, p *scan.Project) error {
	branches, r, err := walk[struct {
		Name       string  `json:"name"`
		ForcePush  bool    `json:"allow_force_push"`
		CodeOwners bool    `json:"code_owner_approval_required"`
		Push       []named `json:"push_access_levels"`
		Merge      []named `json:"merge_access_levels"`
		Unprotect  []named `json:"unprotect_access_levels"`
	}](ctx, s, call{endpoint: "GET /projects/:id/protected_branches", path: projectPath(p.ID, "/protected_branches")})
	if err != nil {
		return err
	}
	items := make([]scan.ProtectedBranch, 0, len(branches))
	users := int64(0)
	for _, b := range branches {
		for _, level := range slices.Concat(b.Push, b.Merge, b.Unprotect) {
			if level.User != 0 || level.Group != 0 {
				users++
			}
		}
		items = append(items, scan.ProtectedBranch{Name: b.Name, AllowForcePush: b.ForcePush, CodeOwnerApproval: b.CodeOwners})
	}
	if r != nil {
		p.ProtectedBranches = scan.Cut(items, s.restGap(p, r, branchesFact, branchesRight))
	} else {
		p.ProtectedBranches = scan.Listed(items)
	}
	if s.asks(branchUsersFact) {
		switch g, not := s.pointless(p, branchUsersFact, squashRight); {
		case not:
			p.BranchUsers = scan.Missing[int64](g)
		case r != nil:
			p.BranchUsers = scan.Missing[int64](s.restGap(p, r, branchUsersFact, squashRight))
		default:
			p.BranchUsers = scan.Known(users)
		}
	}
	return nil
}

// named is who is named in an access level; zero: a role is.
type named struct {
	User  int64 `json:"user_id"`
	Group int64 `json:"group_id"`
}

package gitlab

import (
	"context"
	"net/url"
	"strconv"

	"golang.org/x/sync/errgroup"

	"readiness/scan"
)

// DeepGroup implements scan.Source.
func (s *Source) DeepGroup(ctx context.Context, g *scan.Group) error {
	base := "groups/" + strconv.FormatInt(g.ID, 10)
	work, wctx := errgroup.WithContext(ctx)
	for _, c := range []struct {
		id   scan.FactID
		fact *scan.Fact[int64]
		path string
	}{
		{"group.members", &g.Members, "/members"},
		{"group.milestones", &g.Milestones, "/milestones"},
		{"group.boards", &g.Boards, "/boards"},
		{"group.badges", &g.Badges, "/badges"},
		{"group.deploy-tokens", &g.DeployTokens, "/deploy_tokens"},
	} {
		if !s.asks(c.id) {
			continue
		}
		work.Go(func() error {
			n, r, err := s.count(wctx, call{endpoint: "GET /groups/:id" + c.path, path: base + c.path})
			switch {
			case err != nil:
				return err
			case r != nil:
				*c.fact = scan.Missing[int64](r.gap(c.id, s.version()))
			default:
				*c.fact = scan.Known(n)
			}
			return nil
		})
	}
	work.Go(func() error {
		const id = "group.webhooks"
		if !s.asks(id) {
			return nil
		}
		if has, known := s.licensed("premium"); known && !has {
			g.Webhooks = scan.Cut[scan.Webhook](nil, gapFor(id, scan.ReasonFeatureOff))
			return nil
		}
		hooks, r, err := s.webhooks(wctx, call{endpoint: "GET /groups/:id/hooks", path: base + "/hooks"})
		switch {
		case err != nil:
			return err
		case r != nil:
			gap := r.gap(id, s.version())
			if s.admin && gap.Reason == scan.ReasonForbidden { // an administrator lacks only the licence
				gap.Reason, gap.Cure = scan.ReasonFeatureOff, ""
			}
			g.Webhooks = scan.Cut(hooks, gap)
		default:
			g.Webhooks = scan.Listed(hooks)
		}
		return nil
	})
	work.Go(func() error {
		const id = "group.shared-with-groups"
		if !s.asks(id) {
			return nil
		}
		var b groupBody
		_, r, err := s.read(wctx, call{endpoint: "GET /groups/:id", path: base, query: url.Values{"with_projects": {"false"}}}, &b)
		switch {
		case err != nil:
			return err
		case r != nil:
			g.SharedWith = scan.Missing[int64](r.gap(id, s.version()))
		case s.mayGroup(g, owner): // others are told of the groups they see alone
			length(b.SharedWith, &g.SharedWith)
		}
		return nil
	})
	if _, unread := g.SAMLLinks.Gap(); unread && s.asks("group.saml-group-links") {
		if has, known := s.licensed("premium"); !known || has {
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
		if id == "group.shared-with-groups" {
			return because(id, scan.ReasonWithheld, "Owner of the group, or an administrator's token")
		}
		return gapFor(id, scan.ReasonWithheld)
	})
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

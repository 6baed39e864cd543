package gitlab

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"readiness/scan"
)

// DeepProject implements scan.Source.
func (s *Source) DeepProject(ctx context.Context, p *scan.Project) error {
	dormant := s.dormant(p)
	asks := func(id scan.FactID) bool {
		return s.asks(id) && (!dormant || id == membersFact || id == accessTokensFact || id == "project.webhooks")
	}
	if dormant && s.asks(pipelineJobsFact) {
		s.noPipelines(p)
	}
	work, wctx := errgroup.WithContext(ctx)
	for _, c := range deepCounts {
		if c.git && p.Empty.Or(false) {
			*c.fact(p) = scan.Known[int64](0)
			continue
		}
		// Where GraphQL tells of environments it does so with other things.
		if asks(c.id) && (c.id != environmentsFact && c.id != statusChecksFact || !s.asksDeepGraph()) {
			work.Go(func() error { return s.deepNumber(wctx, p, c) })
		}
	}
	for _, q := range []struct {
		ids []scan.FactID
		ask func(context.Context, *scan.Project) error
	}{
		{[]scan.FactID{membersFact, accessTokensFact}, s.members},
		{[]scan.FactID{"project.webhooks"}, s.projectWebhooks},
		{[]scan.FactID{"project.remote-mirrors"}, s.remoteMirrors},
		{[]scan.FactID{integrationsFact}, s.integrations},
		{[]scan.FactID{"project.approval-rules"}, s.approvalRules},
		{[]scan.FactID{"project.approval-settings"}, s.approvalSettings},
		{[]scan.FactID{pushRulesFact}, s.pushRules},
		{[]scan.FactID{"project.audit-events"}, s.auditEvents},
		{[]scan.FactID{"project.security-settings"}, s.securitySettings},
		{[]scan.FactID{clustersFact}, s.clusters},
		{[]scan.FactID{"project.feature-flags", "project.feature-flag-user-lists"}, s.featureFlags},
		{deepGraphFacts, s.deepGraph},
	} {
		if slices.ContainsFunc(q.ids, asks) {
			work.Go(func() error { return q.ask(wctx, p) })
		}
	}
	if err := work.Wait(); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return err
	}
	settle(p, scan.Deep, func(id scan.FactID) scan.Gap {
		if dormant && !asks(id) {
			return spared(id)
		}
		return gapFor(id, scan.ReasonWithheld)
	})
	return nil
}

// listed is a list that was walked, cut where a refusal stopped the walk.
func listed[T any](s *Source, items []T, r *refusal, id scan.FactID) scan.Listing[T] {
	if r != nil {
		return scan.Cut(items, r.gap(id, s.version()))
	}
	if items == nil {
		items = []T{}
	}
	return scan.Listed(items)
}

// webhooks reads a list of webhooks. Of their URLs only the host leaves this
// function: path and query may hold secrets.
func (s *Source) webhooks(ctx context.Context, c call) ([]scan.Webhook, *refusal, error) {
	hooks, r, err := walk[struct {
		ID        int64  `json:"id"`
		URL       string `json:"url"`
		VerifyTLS bool   `json:"enable_ssl_verification"`
	}](ctx, s, c)
	items := make([]scan.Webhook, 0, len(hooks))
	for _, h := range hooks {
		items = append(items, scan.Webhook{ID: h.ID, Host: hostOf(h.URL), VerifyTLS: h.VerifyTLS})
	}
	return items, r, err
}

func (s *Source) projectWebhooks(ctx context.Context, p *scan.Project) error {
	hooks, r, err := s.webhooks(ctx, call{endpoint: "GET /projects/:id/hooks", path: projectPath(p.ID, "/hooks")})
	if err == nil {
		p.Webhooks = listed(s, hooks, r, "project.webhooks")
	}
	return err
}

func (s *Source) remoteMirrors(ctx context.Context, p *scan.Project) error {
	mirrors, r, err := walk[struct {
		ID      int64  `json:"id"`
		URL     string `json:"url"`
		Enabled bool   `json:"enabled"`
	}](ctx, s, call{endpoint: "GET /projects/:id/remote_mirrors", path: projectPath(p.ID, "/remote_mirrors")})
	if err != nil {
		return err
	}
	items := make([]scan.Mirror, 0, len(mirrors))
	for _, m := range mirrors {
		items = append(items, scan.Mirror{ID: m.ID, Host: hostOf(m.URL), Enabled: m.Enabled})
	}
	p.RemoteMirrors = listed(s, items, r, "project.remote-mirrors")
	return nil
}

func (s *Source) integrations(ctx context.Context, p *scan.Project) error {
	if s.unused(p, integrationsFact) {
		p.Integrations = scan.Listed([]scan.Integration{})
		return nil
	}
	path := "/integrations"
	if v := s.version(); !v.IsZero() && !v.AtLeast(scan.MustVersion("15.0")) {
		path = "/services" // their name before 15.0
	}
	active, r, err := walk[struct {
		Slug string `json:"slug"`
	}](ctx, s, call{endpoint: "GET /projects/:id" + path, path: projectPath(p.ID, path)})
	if err != nil {
		return err
	}
	items := make([]scan.Integration, 0, len(active))
	for _, one := range active {
		items = append(items, scan.Integration{Slug: one.Slug})
	}
	p.Integrations = listed(s, items, r, integrationsFact)
	return nil
}

// hostOf is the host of a URL, with its port; "" where the text is no URL.
func hostOf(text string) string {
	// Nothing after the authority is looked at: it may hold secrets, and odd
	// characters there need not cost the host.
	scheme, rest, ok := strings.Cut(text, "://")
	if !ok {
		return ""
	}
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		rest = rest[:i]
	}
	u, err := url.Parse(scheme + "://" + rest)
	if err != nil {
		return ""
	}
	return u.Host
}

package gitlab

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"sync"

	"readiness/scan"
)

const (
	membersFact        scan.FactID = "project.members"
	accessTokensFact   scan.FactID = "project.access-tokens"
	integrationsFact   scan.FactID = "project.integrations"
	pushRulesFact      scan.FactID = "project.push-rules"
	clustersFact       scan.FactID = "project.clusters"
	environmentsFact   scan.FactID = "project.environments"
	modelsFact         scan.FactID = "project.model-registry"
	experimentsFact    scan.FactID = "project.ml-experiments"
	secretsManagerFact scan.FactID = "project.secrets-manager"
)

// members counts the direct members, and asks for access tokens only where one
// of them is a bot: every project access token belongs to one.
// Source: https://docs.gitlab.com/user/project/settings/project_access_tokens/#bot-users-for-projects.
func (s *Source) members(ctx context.Context, p *scan.Project) error {
	if s.unused(p, membersFact) {
		p.Members = scan.Known[int64](0)
		return s.botTokens(ctx, p, false)
	}
	members, r, err := walk[struct {
		Username string `json:"username"`
	}](ctx, s, call{endpoint: "GET /projects/:id/members", path: projectPath(p.ID, "/members")})
	switch {
	case err != nil:
		return err
	case r != nil:
		p.Members = scan.Missing[int64](r.gap(membersFact, s.version()))
	default:
		p.Members = scan.Known(int64(len(members)))
	}
	bot := "project_" + strconv.FormatInt(p.ID, 10) + "_bot"
	bots := r != nil
	for _, m := range members {
		bots = bots || strings.HasPrefix(m.Username, bot)
	}
	return s.botTokens(ctx, p, bots)
}

// botTokens asks for a project's access tokens if it has bots, or may have.
func (s *Source) botTokens(ctx context.Context, p *scan.Project, bots bool) error {
	if !s.asks(accessTokensFact) {
		return nil
	}
	if g, not := s.pointless(p, accessTokensFact, right{}); not {
		p.AccessTokens = scan.Missing[int64](g)
		return nil
	}
	if !bots {
		p.AccessTokens = scan.Known[int64](0)
		return nil
	}
	return s.deepNumber(ctx, p, deepCount{id: accessTokensFact, fact: func(p *scan.Project) *scan.Fact[int64] { return &p.AccessTokens },
		path: "/access_tokens", own: activeToken})
}

// activeToken reports whether a token is active: before 17.2 nothing can be asked
// but all tokens. Source: https://docs.gitlab.com/api/project_access_tokens/ (history).
func activeToken(raw json.RawMessage) bool {
	var t struct {
		Active *bool `json:"active"`
	}
	return json.Unmarshal(raw, &t) != nil || t.Active == nil || *t.Active
}

// clusterSwitch is whether clusters with certificates are off in a top-level group.
type clusterSwitch struct {
	sync.Mutex
	told, off bool
}

// clusters counts clusters with certificates. Since 15.0 they are off unless
// somebody switched them on, for the instance or a top-level group: then the
// first project of the group tells for all.
func (s *Source) clusters(ctx context.Context, p *scan.Project) error {
	top, _, _ := strings.Cut(p.Path, "/")
	one, _ := s.clustersOff.LoadOrStore(top, &clusterSwitch{})
	c := one.(*clusterSwitch)
	ask := func() error {
		return s.deepNumber(ctx, p, deepCount{id: clustersFact, fact: func(p *scan.Project) *scan.Fact[int64] { return &p.Clusters },
			path: "/clusters", right: right{feature: clustersAccess}})
	}
	c.Lock()
	if c.told {
		c.Unlock()
		if !c.off {
			return ask()
		}
		p.Clusters = scan.Missing[int64](gapFor(clustersFact, scan.ReasonFeatureOff))
		return nil
	}
	defer c.Unlock()
	err := ask()
	switch g, gap := p.Clusters.Gap(); {
	case gap && g.Reason == scan.ReasonFeatureOff && g.Status != 0:
		c.told, c.off = true, true
		p.Clusters = scan.Missing[int64](gapFor(clustersFact, scan.ReasonFeatureOff)) // as of those that are not asked
	case !gap:
		c.told = true
	}
	return err
}

// clustersAccess is that of infrastructure, which needs the repository.
func clustersAccess(p *scan.Project) scan.Fact[string] {
	if p.RepositoryAccess.Or("") == featureDisabled {
		return p.RepositoryAccess
	}
	return furtherAccess("infrastructure")(p)
}

var (
	environmentsRight = right{access: reporter, feature: furtherAccess("environments")}
	modelsRight       = right{access: guest, open: true, feature: furtherAccess("model_registry")}
	experimentsRight  = right{access: guest, open: true, feature: furtherAccess("model_experiments")}
	secretsRight      = right{access: reporter, plan: "ultimate"}
)

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
	if !s.asks(accessTokensFact) {
		return nil
	}
	if g, not := s.pointless(p, accessTokensFact, right{}); not {
		p.AccessTokens = scan.Missing[int64](g)
		return nil
	}
	bot := "project_" + strconv.FormatInt(p.ID, 10) + "_bot"
	bots := r != nil
	for _, m := range members {
		bots = bots || strings.HasPrefix(m.Username, bot)
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

// asksDeepGraph reports whether GraphQL is asked about p by itself. GitLab lets a
// query ask these things of one project only.
func (s *Source) asksDeepGraph(p *scan.Project) bool {
	return s.graphOff.Load() == nil && s.schema.has("Project.mlModels") && s.may(p, environmentsRight) == whole
}

// mostCounted is how far GitLab counts models and experiments.
const mostCounted = 1000

// deepGraph sets what GraphQL tells of one project at a time: environments,
// machine learning, the secrets manager.
func (s *Source) deepGraph(ctx context.Context, p *scan.Project) error {
	if !s.asksDeepGraph(p) {
		for id, field := range map[scan.FactID]string{modelsFact: "Project.mlModels", experimentsFact: "Project.mlExperiments", secretsManagerFact: "Query.projectSecretsManager"} {
			if g, not := s.nodeGap(node{gone: s.graphOff.Load()}, id, field); not {
				scan.Forget(p, id, g)
			}
		}
		return nil
	}
	ultimate, _ := s.licensed("ultimate")
	a, r, err := s.ask(ctx, func() string {
		text := "query($path:ID!){project(fullPath:$path){environments(first:100){nodes{id} pageInfo{hasNextPage}}"
		for _, name := range []string{"mlModels", "mlExperiments"} {
			if s.schema.has("Project." + name) {
				text += " " + name + "(first:1){count}"
			}
		}
		text += "}"
		if ultimate && s.schema.has("Query.projectSecretsManager") {
			text += " projectSecretsManager(projectPath:$path){status}"
		}
		return text + "}"
	}, variables{"path": p.Path})
	if err != nil {
		return err
	}
	s.lost(r)
	n := node{gone: r, failed: map[string]string{}}
	if r == nil {
		raw := a.data["project"]
		n.absent = isNull(raw) || json.Unmarshal(raw, &n.keys) != nil
		for _, e := range a.errors {
			if key, _ := at(e.Path, 1).(string); key != "" {
				n.failed[key] = e.Message
			} else if key, _ := at(e.Path, 0).(string); key != "" {
				n.failed[key] = e.Message
			}
		}
	}
	for _, c := range []wideCount{
		{id: modelsFact, fact: func(p *scan.Project) *scan.Fact[int64] { return &p.Models }, field: "Project.mlModels", key: "mlModels", right: modelsRight, total: connectionCount},
		{id: experimentsFact, fact: func(p *scan.Project) *scan.Fact[int64] { return &p.Experiments }, field: "Project.mlExperiments", key: "mlExperiments", right: experimentsRight, total: connectionCount},
	} {
		*c.fact(p) = s.wideNumber(p, n, c)
		if count, known := c.fact(p).Get(); known && count > mostCounted {
			*c.fact(p) = scan.Missing[int64](because(c.id, scan.ReasonTruncated, "GitLab counts no further than 1,000: there are more than that"))
		}
	}
	s.secretsManager(p, n, a)
	var environments connection[aNode]
	if ok, fail := n.get("environments", &environments); ok && fail == "" && environments.Nodes != nil && !environments.PageInfo.HasNextPage {
		p.Environments = scan.Known(int64(len(environments.Nodes)))
		return nil
	}
	if !s.asks(environmentsFact) {
		return nil
	}
	return s.deepNumber(ctx, p, deepCount{id: environmentsFact, fact: func(p *scan.Project) *scan.Fact[int64] { return &p.Environments },
		path: "/environments", right: environmentsRight})
}

// secretsManager sets whether a project has a secrets manager. GitLab answers
// that there is no such thing where the instance has none switched on.
func (s *Source) secretsManager(p *scan.Project, n node, a graphAnswer) {
	raw, asked := a.data["projectSecretsManager"]
	_, refused := n.failed["projectSecretsManager"]
	switch g, gone := s.nodeGap(node{gone: n.gone}, secretsManagerFact, "Query.projectSecretsManager"); {
	case gone:
		p.SecretsManager = scan.Missing[bool](g)
	case !asked || refused:
		p.SecretsManager = scan.Missing[bool](s.silence(p, secretsManagerFact, secretsRight))
	default:
		p.SecretsManager = scan.Known(!isNull(raw))
	}
}

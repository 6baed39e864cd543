package gitlab

import (
	"context"
	"encoding/json"

	"readiness/scan"
)

const (
	statusChecksFact scan.FactID = "project.external-status-checks"
	branchUsersFact  scan.FactID = "project.protected-branch-users"
	branchSquashFact scan.FactID = "project.branch-rule-squash"
	allowedFact      scan.FactID = "project.job-token-allowed"
)

// deepGraphFacts are those that one question in GraphQL about a project tells.
var deepGraphFacts = []scan.FactID{environmentsFact, modelsFact, experimentsFact, secretsManagerFact, statusChecksFact, branchUsersFact, branchSquashFact, allowedFact, pipelineJobsFact}

// asksDeepGraph reports whether GraphQL is asked about a project by itself: what
// it lets be asked of one project only, and what would cost too much of many.
func (s *Source) asksDeepGraph() bool {
	return s.graphOff.Load() == nil && s.schema.has("Project.branchRules")
}

// mostCounted is how far GitLab counts models, experiments and jobs.
const mostCounted = 1000

// deepGraphText is the question about a project.
func (s *Source) deepGraphText(p *scan.Project) string {
	text := "query($path:ID!){project(fullPath:$path){id"
	if s.asks(environmentsFact) && s.may(p, environmentsRight) == whole {
		text += " environments(first:100){nodes{id} pageInfo{hasNextPage}}"
	}
	for _, c := range modelCounts {
		if s.schema.has(c.field) && s.asks(c.id) {
			text += " " + c.text
		}
	}
	if rules := s.branchRulesText(); rules != "" {
		text += " branchRules(first:100){nodes{isProtected" + rules + "} pageInfo{hasNextPage}}"
	}
	if s.schema.has("CiJobTokenScopeType.inboundAllowlist") && s.asks(allowedFact) {
		text += " ciJobTokenScope{inboundAllowlist(first:100){nodes{fullPath} pageInfo{hasNextPage}}"
		if s.schema.has("CiJobTokenScopeType.groupsAllowlist") {
			text += " groupsAllowlist(first:100){nodes{fullPath} pageInfo{hasNextPage}}"
		}
		text += "}"
	}
	text += s.pipelineJobsText(p) + "}"
	if ultimate, _ := s.licensed("ultimate"); ultimate && s.schema.has("Query.projectSecretsManager") && s.asks(secretsManagerFact) {
		text += " projectSecretsManager(projectPath:$path){status}"
	}
	return text + "}"
}

// deepGraph sets what GraphQL tells of one project at a time.
func (s *Source) deepGraph(ctx context.Context, p *scan.Project) error {
	if !s.asksDeepGraph() {
		gone := node{gone: s.graphOff.Load()}
		s.models(p, gone)
		s.secretsManager(p, gone, graphAnswer{})
		s.branchRules(p, gone)
		s.allowed(p, gone)
		s.pipelineJobs(p, gone)
		return nil
	}
	a, r, err := s.ask(ctx, func() string { return s.deepGraphText(p) }, variables{"path": p.Path})
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
	s.models(p, n)
	s.secretsManager(p, n, a)
	s.branchRules(p, n)
	s.allowed(p, n)
	s.pipelineJobs(p, n)
	for _, c := range deepCounts { // of which a part may not have been told
		switch {
		case !s.asks(c.id):
		case c.id == environmentsFact && !s.environments(p, n), c.id == statusChecksFact && scan.IsUnset(&p.ExternalChecks):
			if err := s.deepNumber(ctx, p, c); err != nil {
				return err
			}
		}
	}
	return nil
}

// environments reports whether the answer told the number of environments.
func (s *Source) environments(p *scan.Project, n node) bool {
	var c connection[aNode]
	if ok, fail := n.get("environments", &c); !ok || fail != "" || c.Nodes == nil || c.PageInfo.HasNextPage {
		return false
	}
	p.Environments = scan.Known(int64(len(c.Nodes)))
	return true
}

var modelCounts = []wideCount{
	{id: modelsFact, fact: func(p *scan.Project) *scan.Fact[int64] { return &p.Models },
		field: "Project.mlModels", key: "mlModels", text: "mlModels(first:1){count}", right: modelsRight, total: connectionCount},
	{id: experimentsFact, fact: func(p *scan.Project) *scan.Fact[int64] { return &p.Experiments },
		field: "Project.mlExperiments", key: "mlExperiments", text: "mlExperiments(first:1){count}", right: experimentsRight, total: connectionCount},
}

func (s *Source) models(p *scan.Project, n node) {
	for _, c := range modelCounts {
		if !s.asks(c.id) {
			continue
		}
		*c.fact(p) = s.wideNumber(p, n, c)
		if count, known := c.fact(p).Get(); known && count > mostCounted {
			*c.fact(p) = scan.Missing[int64](because(c.id, scan.ReasonTruncated, "GitLab counts no further than 1,000: there are more than that"))
		}
	}
}

// secretsManager sets whether a project has a secrets manager. GitLab answers
// that there is no such thing where the instance has none switched on.
func (s *Source) secretsManager(p *scan.Project, n node, a graphAnswer) {
	if !s.asks(secretsManagerFact) {
		return
	}
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

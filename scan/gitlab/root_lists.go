package gitlab

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"

	"readiness/scan"
)

// rootWalk reads every page of a connection at the root of GraphQL, with what
// nodes selects of each entry. What it had before a gap comes back with the gap.
func rootWalk[T any](ctx context.Context, s *Source, id scan.FactID, key, nodes string) ([]*T, *scan.Gap, error) {
	var items []*T
	stop := func(g scan.Gap) ([]*T, *scan.Gap, error) {
		g = s.withAdminMode(g)
		return items, &g, nil
	}
	walked := laps{}
	for after := ""; ; {
		if field := "Query." + key; !s.schema.has(field) && s.graphOff.Load() == nil {
			return stop(s.schema.lacks(id, field))
		}
		a, r, err := s.ask(ctx, func() string {
			return "query($after:String){" + key + "(first:100,after:$after){nodes{" + nodes + "} pageInfo{hasNextPage endCursor}}}"
		}, variables{"after": nullable(after)})
		if err != nil {
			return nil, nil, err
		}
		if r != nil {
			s.lost(r)
			if !s.schema.has("Query." + key) {
				continue // the server does not know it
			}
			return stop(r.gap(id, s.version()))
		}
		var page connection[T]
		raw := a.data[key]
		switch {
		case len(a.errors) > 0:
			return stop(because(id, scan.ReasonFailed, "GraphQL refused the question ("+retold(errorWords(a.errors))+")"))
		case len(raw) == 0 || isNull(raw):
			return stop(gapFor(id, scan.ReasonWithheld))
		case json.Unmarshal(raw, &page) != nil:
			return stop(because(id, scan.ReasonFailed, "the answer is not what the schema says"))
		}
		for _, n := range page.Nodes {
			if n != nil {
				items = append(items, n)
			}
		}
		if !page.PageInfo.HasNextPage {
			return items, nil, nil
		}
		if after = page.PageInfo.EndCursor; walked.endless(after) {
			return stop(because(id, scan.ReasonTruncated, scan.CureEndless))
		}
	}
}

// readRootLists reads what exists once per instance and GraphQL alone tells, or
// tells best.
func (s *Source) readRootLists(ctx context.Context, i *scan.Instance) error {
	for _, step := range []struct {
		read func(context.Context, *scan.Instance) error
		ids  []scan.FactID
	}{
		{s.readInstanceVariables, []scan.FactID{instanceVariables}},
		{s.instanceSecrets, []scan.FactID{instanceVariables}},
		{s.readAuditStreams, []scan.FactID{"instance.audit-streaming"}},
		{s.readWorkspaces, []scan.FactID{"project.workspaces"}},
		{s.readRunners, append([]scan.FactID{"instance.runner-tags"}, runnerCounts...)},
	} {
		if s.asksAny(step.ids...) {
			if err := step.read(ctx, i); err != nil {
				return err
			}
		}
	}
	return nil
}

// readInstanceVariables reads the instance's CI/CD variables without values.
func (s *Source) readInstanceVariables(ctx context.Context, i *scan.Instance) error {
	const id = instanceVariables
	nodes, gap, err := rootWalk[variable](ctx, s, id, "ciVariables", variableKeys)
	if err != nil {
		return err
	}
	items := variablesOf(connection[variable]{Nodes: nodes})
	switch {
	case gap != nil:
		i.Variables = scan.Cut(items, *gap)
	case len(items) == 0 && !s.admin:
		i.Variables = scan.Cut(items, s.adminGap(id, scan.ReasonWithheld))
	default:
		i.Variables = scan.Listed(items)
	}
	return nil
}

// runner is a runner as GraphQL tells it. It has a token, which is not asked for.
type runner struct {
	ID          string   `json:"id"`
	Type        string   `json:"runnerType"`
	Tags        []string `json:"tagList"`
	RunUntagged bool     `json:"runUntagged"`
	Paused      bool     `json:"paused"`
	Access      string   `json:"accessLevel"`
}

const runnerKeys = "id runnerType tagList runUntagged paused accessLevel"

var runnerCounts = []scan.FactID{"instance.runners", "instance.group-runners", "instance.project-runners"}

// readRunners reads all runners in pages. Where GraphQL does not tell, REST
// still tells how many there are of each type.
func (s *Source) readRunners(ctx context.Context, i *scan.Instance) error {
	const id = "instance.runner-tags"
	count := map[string]int64{}
	if !s.admin { // GraphQL refuses others; an auditor is told by REST
		i.RunnerTags = scan.Cut[scan.Runner](nil, s.adminGap(id, scan.ReasonForbidden))
		return s.countRunners(ctx, i)
	}
	nodes, gap, err := rootWalk[runner](ctx, s, id, "runners", runnerKeys)
	if err != nil {
		return err
	}
	items := make([]scan.Runner, 0, len(nodes))
	for _, n := range nodes {
		_, number, _ := strings.Cut(n.ID, "Runner/")
		key, err := strconv.ParseInt(number, 10, 64)
		if err != nil && gap == nil {
			g := because(id, scan.ReasonFailed, "the answer is not what the schema says")
			gap = &g
		}
		tags := n.Tags
		if tags == nil {
			tags = []string{}
		}
		kind := strings.TrimSuffix(strings.ToLower(n.Type), "_type")
		count[kind]++
		items = append(items, scan.Runner{ID: key, Type: kind, Tags: tags, RunUntagged: n.RunUntagged, Paused: n.Paused, Protected: n.Access == "REF_PROTECTED"})
	}
	if gap != nil {
		i.RunnerTags = scan.Cut(items, *gap)
		return s.countRunners(ctx, i)
	}
	i.RunnerTags = scan.Listed(items)
	i.Runners, i.GroupRunners, i.ProjectRunners = scan.Known(count["instance"]), scan.Known(count["group"]), scan.Known(count["project"])
	return nil
}

// countRunners sets how many runners there are of each type, by REST.
func (s *Source) countRunners(ctx context.Context, i *scan.Instance) error {
	if !s.asksAny(runnerCounts...) {
		return nil
	}
	runners, r, err := walk[struct {
		Type string `json:"runner_type"`
	}](ctx, s, call{endpoint: "GET /runners/all", path: "runners/all"})
	if err != nil {
		return err
	}
	counts := map[string]int64{}
	for _, one := range runners {
		counts[one.Type]++
	}
	for kind, f := range map[string]struct {
		id   scan.FactID
		fact *scan.Fact[int64]
	}{
		"instance_type": {"instance.runners", &i.Runners},
		"group_type":    {"instance.group-runners", &i.GroupRunners},
		"project_type":  {"instance.project-runners", &i.ProjectRunners},
	} {
		if r != nil {
			*f.fact = scan.Missing[int64](s.instanceGap(r, f.id))
		} else {
			*f.fact = scan.Known(counts[kind])
		}
	}
	return nil
}

// readAuditStreams counts where the instance's audit events go. As for groups, the
// destinations by HTTP stand in two lists while GitLab moves them, and the longer
// one is taken.
func (s *Source) readAuditStreams(ctx context.Context, i *scan.Instance) error {
	const id = "instance.audit-streaming"
	switch {
	case s.unlicensed("ultimate"):
		i.AuditStreams = scan.Missing[int64](gapFor(id, scan.ReasonFeatureOff))
		return nil
	case !s.admin:
		i.AuditStreams = scan.Missing[int64](s.adminGap(id, scan.ReasonForbidden))
		return nil
	}
	const old, recent = "instanceExternalAuditEventDestinations", "auditEventsInstanceStreamingDestinations"
	most := int64(0)
	for _, key := range []string{old, recent} {
		if key != old && !s.schema.has("Query."+key) {
			continue
		}
		nodes, gap, err := rootWalk[identified](ctx, s, id, key, "id")
		if err != nil {
			return err
		}
		if gap != nil {
			i.AuditStreams = scan.Missing[int64](*gap)
			return nil
		}
		most = max(most, int64(len(nodes)))
	}
	i.AuditStreams = scan.Known(most)
	return nil
}

// readWorkspaces joins the instance's workspaces to the projects that hold their
// devfile. Others than administrators are answered with none.
func (s *Source) readWorkspaces(ctx context.Context, _ *scan.Instance) error {
	const id = "project.workspaces"
	s.workspaces = tally{byProject: map[int64]int64{}}
	switch {
	case s.unlicensed("premium"):
		s.workspaces.refusal = &refusal{Endpoint: scan.ReadGraphQL, Reason: scan.ReasonFeatureOff}
		return nil
	case !s.admin:
		s.workspaces.refusal = &refusal{Endpoint: scan.ReadGraphQL, Reason: scan.ReasonWithheld}
		return nil
	}
	nodes, gap, err := rootWalk[struct {
		Project string `json:"projectId"`
	}](ctx, s, id, "workspaces", "projectId")
	if err != nil {
		return err
	}
	if gap != nil {
		s.workspaces.refusal = &refusal{Endpoint: scan.ReadGraphQL, Status: gap.Status, Reason: gap.Reason, Cure: gap.Cure}
		return nil
	}
	for _, n := range nodes {
		number, err := strconv.ParseInt(n.Project[strings.LastIndex(n.Project, "/")+1:], 10, 64)
		if err != nil {
			s.workspaces.refusal = &refusal{Endpoint: scan.ReadGraphQL, Reason: scan.ReasonFailed, Cure: "GraphQL answered with an error (the answer is not what the schema says)"}
			return nil
		}
		s.workspaces.byProject[number]++
	}
	return nil
}

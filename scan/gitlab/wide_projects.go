package gitlab

import (
	"context"
	"encoding/json"
	"net/url"
	"strings"

	"golang.org/x/sync/errgroup"

	"readiness/scan"
)

// How many projects one query asks for. With these sizes every query stays below
// 200 points of GitLab's complexity limit (250 for a user; the reckoning is that
// of lib/gitlab/graphql/queries.rb and checked by a test).
const (
	countsPage    = 100
	variablesPage = 50
	branchesPage  = 20
	typesPage     = 50
	// pathsPage is how many different CI file paths one query may name.
	pathsPage = 10
)

// wideCount is a number that GraphQL tells of each project of a page.
type wideCount struct {
	id    scan.FactID
	fact  func(*scan.Project) *scan.Fact[int64]
	field string // as in graphFields
	key   string // response key
	text  string // selection
	right right
	total func(json.RawMessage) (int64, bool)
	nodes bool      // a connection without a count: its nodes are counted
	none  bool      // null stands for none, to those from whom nothing is withheld
	rest  restCount // how REST tells it; empty: it does not
	// secret: REST's answer carries secrets, see SecretEndpoints.
	secret bool
}

// restCount is the list whose length is a wideCount.
type restCount struct {
	endpoint string
	path     string
	query    url.Values
	deep     bool // only a deep scan asks it
}

var wideCounts = []wideCount{
	{id: "project.issues", fact: func(p *scan.Project) *scan.Fact[int64] { return &p.Issues },
		field: "Project.issues", key: "issues", text: "issues(first:1){count}", total: connectionCount,
		right: right{access: reporter, part: true, feature: issuesAccess},
		rest:  restCount{endpoint: "GET /projects/:id/issues", path: "/issues", query: url.Values{"scope": {"all"}}}},
	{id: "project.merge-requests", fact: func(p *scan.Project) *scan.Fact[int64] { return &p.MergeRequests },
		field: "Project.mergeRequests", key: "mergeRequests", text: "mergeRequests(first:1){count}", total: connectionCount,
		right: right{access: reporter, open: true, feature: mergeRequestsAccess},
		rest:  restCount{endpoint: "GET /projects/:id/merge_requests", path: "/merge_requests", query: url.Values{"scope": {"all"}, "state": {"all"}}}},
	{id: "project.pipelines", fact: func(p *scan.Project) *scan.Fact[int64] { return &p.Pipelines },
		field: "Project.pipelines", key: "pipelines", text: "pipelines(first:1){count}", total: connectionCount,
		right: right{access: reporter, feature: buildsAccess},
		rest:  restCount{endpoint: "GET /projects/:id/pipelines", path: "/pipelines"}},
	{id: "project.releases", fact: func(p *scan.Project) *scan.Fact[int64] { return &p.Releases },
		field: "Project.releases", key: "releases", text: "releases(first:1){count}", total: connectionCount,
		right: right{access: reporter, feature: repositoryAccess}, // releases have an access level of their own, not read here
		rest:  restCount{endpoint: "GET /projects/:id/releases", path: "/releases"}},
	{id: "project.labels", fact: func(p *scan.Project) *scan.Fact[int64] { return &p.Labels },
		field: "Project.labels", key: "labels", text: "labels(first:1){count}", total: connectionCount,
		right: right{access: guest, open: true},
		rest:  restCount{endpoint: "GET /projects/:id/labels", path: "/labels", query: url.Values{"include_ancestor_groups": {"false"}}}},
	{id: "project.container-registry", fact: func(p *scan.Project) *scan.Fact[int64] { return &p.RegistryRepos },
		field: "Project.containerRepositoriesCount", key: "containerRepositoriesCount", text: "containerRepositoriesCount", total: plainCount,
		right: right{access: reporter, open: true, feature: registryAccess, kept: true},
		rest:  restCount{endpoint: "GET /projects/:id/registry/repositories", path: "/registry/repositories"}},
	{id: "project.pipeline-schedules", fact: func(p *scan.Project) *scan.Fact[int64] { return &p.Schedules },
		field: "Project.pipelineSchedules", key: "pipelineSchedules", text: "pipelineSchedules(first:1){count}", total: connectionCount,
		right: right{access: developer, feature: buildsAccess},
		rest:  restCount{endpoint: "GET /projects/:id/pipeline_schedules", path: "/pipeline_schedules"}},
	{id: "project.terraform-states", fact: func(p *scan.Project) *scan.Fact[int64] { return &p.TerraformStates },
		field: "Project.terraformStates", key: "terraformStates", text: "terraformStates(first:1){count}", total: connectionCount,
		right: right{access: developer}},
	{id: "project.agents", fact: func(p *scan.Project) *scan.Fact[int64] { return &p.Agents },
		field: "Project.clusterAgents", key: "clusterAgents", text: "clusterAgents(first:1){count}", total: connectionCount,
		right: right{access: developer}},
	{id: "project.vulnerabilities", fact: func(p *scan.Project) *scan.Fact[int64] { return &p.Vulnerabilities },
		field: "Project.vulnerabilitySeveritiesCount", key: "vulnerabilitySeveritiesCount",
		text: "vulnerabilitySeveritiesCount{critical high medium low info unknown}", total: severities,
		right: right{access: developer, plan: "ultimate"}},
	{id: triggersFact, fact: func(p *scan.Project) *scan.Fact[int64] { return &p.Triggers },
		field: "Project.pipelineTriggers", key: "pipelineTriggers", text: "pipelineTriggers(first:1){count}", total: connectionCount,
		right: right{access: maintainer, feature: buildsAccess, changers: true},
		rest:  restCount{endpoint: secretEndpoint(triggersFact), path: "/triggers"}, secret: true},
	{id: "project.pages-content", fact: func(p *scan.Project) *scan.Fact[int64] { return &p.PagesDeployments },
		field: "Project.pagesDeployments", key: "pagesDeployments", text: "pagesDeployments(first:1,active:true){count}", total: connectionCount,
		right: right{access: maintainer, feature: pagesAccess}},
}

func connectionCount(raw json.RawMessage) (int64, bool) {
	var c connection[struct{}]
	if json.Unmarshal(raw, &c) != nil || c.Count == nil {
		return 0, false
	}
	return *c.Count, true
}

func plainCount(raw json.RawMessage) (n int64, ok bool) {
	return n, json.Unmarshal(raw, &n) == nil
}

func severities(raw json.RawMessage) (int64, bool) {
	var c map[string]*int64
	if json.Unmarshal(raw, &c) != nil {
		return 0, false
	}
	var sum int64
	for _, n := range c {
		if n == nil || *n < 0 {
			return 0, false
		}
		sum = scan.Plus(sum, *n)
	}
	return sum, len(c) > 0
}

// WideProjects implements scan.Source.
func (s *Source) WideProjects(ctx context.Context, page []*scan.Project) error {
	if len(page) == 0 {
		return nil
	}
	work, wctx := errgroup.WithContext(ctx)
	for _, chunk := range chunks(page, countsPage) {
		// CI file paths follow from the counts' answer.
		work.Go(func() error {
			paths, err := s.wideCounts(wctx, chunk)
			if err != nil {
				return err
			}
			if !s.asks(ciFileFact) {
				return nil
			}
			return s.wideCIFiles(wctx, chunk, paths)
		})
	}
	for _, chunk := range chunks(page, countsPage) {
		work.Go(func() error { return s.wideMore(wctx, chunk) })
	}
	for _, chunk := range chunks(page, filesPage) {
		work.Go(func() error { return s.wideFiles(wctx, chunk) })
	}
	for _, chunk := range chunks(page, variablesPage) {
		work.Go(func() error { return s.wideVariables(wctx, chunk) })
	}
	for _, chunk := range chunks(page, branchesPage) {
		work.Go(func() error { return s.wideBranches(wctx, chunk) })
	}
	if err := work.Wait(); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return err
	}
	s.joinLists(page)
	if s.depth >= scan.Deep || s.graphless() {
		if err := s.fallBack(ctx, page); err != nil {
			return err
		}
	}
	for _, p := range page {
		// No repository in the registry is no byte in it, whatever the listing knew.
		if n, known := p.RegistryRepos.Get(); known && n == 0 {
			if _, known := p.RegistrySize.Get(); !known {
				p.RegistrySize = scan.Known[int64](0)
			}
		}
		s.barProject(p)
		settle(p, scan.Standard, func(id scan.FactID) scan.Gap { return gapFor(id, scan.ReasonWithheld) })
	}
	return nil
}

// countsSelection asks every number the source's version offers.
func (s *Source) countsSelection() string {
	var text []string
	for _, c := range wideCounts {
		if s.schema.has(c.field) && s.asks(c.id) {
			text = append(text, c.text)
		}
	}
	if s.schema.has("Project.packages") && s.asks(packagesFact) {
		text = append(text, "packages(first:1){count}")
	}
	text = append(text, s.gatesSelection()...)
	if s.schema.has("Project.isForked") && len(text) > 0 {
		text = append(text, "isForked")
	}
	if s.schema.has("Project.ciConfigPathOrDefault") && s.asks(ciFileFact) {
		text = append(text, "ciConfigPathOrDefault")
	}
	return strings.Join(text, " ")
}

// wideCounts sets the numbers, and asks for package types where there are
// packages. It returns the CI file's path of projects whose own was not told.
func (s *Source) wideCounts(ctx context.Context, page []*scan.Project) (paths map[int64]string, err error) {
	nodes, err := s.askProjects(ctx, idsOf(page), nil, s.countsSelection)
	if err != nil {
		return nil, err
	}
	paths = map[int64]string{}
	packages := map[int64]int64{}
	var typed []*scan.Project
	for _, p := range page {
		n := nodes[p.ID]
		for _, c := range wideCounts {
			*c.fact(p) = s.wideNumber(p, n, c)
		}
		s.passGates(p, n)
		var forked bool
		if ok, _ := n.get("isForked", &forked); ok && !forked {
			p.ForkedFrom = scan.Known[scan.ID](0)
		}
		var path string
		if ok, _ := n.get("ciConfigPathOrDefault", &path); ok && path != "" {
			paths[p.ID] = path
		}
		if total, ok := s.widePackages(p, n); ok {
			packages[p.ID] = total
			typed = append(typed, p)
		}
	}
	for _, chunk := range chunks(typed, typesPage) {
		if err := s.wideTypes(ctx, chunk, packages); err != nil {
			return nil, err
		}
	}
	return paths, nil
}

func (s *Source) wideNumber(p *scan.Project, n node, c wideCount) scan.Fact[int64] {
	if g, gone := s.nodeGap(n, c.id, c.field); gone {
		return scan.Missing[int64](g)
	}
	var raw json.RawMessage
	ok, fail := n.get(c.key, &raw)
	switch {
	case fail != "":
		return scan.Missing[int64](failed(c.id, fail))
	case !ok && !(c.none && s.may(p, c.right) == whole):
		return scan.Missing[int64](s.silence(p, c.id, c.right))
	}
	count := int64(0)
	if ok {
		if count, ok = c.total(raw); !ok {
			return scan.Missing[int64](failed(c.id, "the answer is not what the schema says"))
		}
	}
	if c.right.plan != "" {
		if has, known := s.licensed(c.right.plan); known && !has {
			return scan.Missing[int64](gapFor(c.id, scan.ReasonFeatureOff))
		}
	}
	return s.number(p, c.id, c.right, count)
}

// nodeGap is the gap of a fact whose field was not asked, or whose project's
// node did not come.
func (s *Source) nodeGap(n node, id scan.FactID, fieldName string) (scan.Gap, bool) {
	switch {
	case n.gone != nil:
		return n.gone.gap(id, s.version()), true
	case !s.schema.has(fieldName):
		return s.schema.lacks(id, fieldName), true
	case n.absent:
		return gapFor(id, scan.ReasonHidden), true
	}
	return scan.Gap{}, false
}

func failed(id scan.FactID, message string) scan.Gap {
	return because(id, scan.ReasonFailed, "GraphQL answered with an error ("+retold(message)+")")
}

// joinLists sets what instance-wide lists tell of each project.
func (s *Source) joinLists(page []*scan.Project) {
	for _, j := range []struct {
		id    scan.FactID
		tally tally
		fact  func(*scan.Project) *scan.Fact[int64]
	}{
		{"project.deploy-keys", s.deployKeys, func(p *scan.Project) *scan.Fact[int64] { return &p.DeployKeys }},
		{"project.aliases", s.aliases, func(p *scan.Project) *scan.Fact[int64] { return &p.Aliases }},
		{"project.workspaces", s.workspaces, func(p *scan.Project) *scan.Fact[int64] { return &p.Workspaces }},
		{"project.pages-domains", s.pagesDomains, func(p *scan.Project) *scan.Fact[int64] { return &p.PagesDomains }},
		{"project.snippets", s.snippets, func(p *scan.Project) *scan.Fact[int64] { return &p.Snippets }},
	} {
		for _, p := range page {
			switch {
			case j.tally.refusal == nil && p.ID > s.newest:
				*j.fact(p) = scan.Missing[int64](because(j.id, scan.ReasonTruncated, "scan again: the project was created after the instance-wide list was read"))
			case j.tally.refusal != nil:
				*j.fact(p) = scan.Missing[int64](s.withAdminMode(j.tally.refusal.gap(j.id, s.version())))
			default:
				*j.fact(p) = scan.Known(j.tally.byProject[p.ID])
			}
		}
	}
}

func idsOf(page []*scan.Project) []int64 {
	ids := make([]int64, len(page))
	for i, p := range page {
		ids[i] = p.ID
	}
	return ids
}

func chunks[T any](all []T, size int) [][]T {
	var out [][]T
	for len(all) > size {
		out, all = append(out, all[:size]), all[size:]
	}
	if len(all) > 0 {
		out = append(out, all)
	}
	return out
}

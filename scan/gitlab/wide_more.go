package gitlab

import (
	"context"
	"encoding/json"
	"math"
	"strconv"
	"strings"

	"readiness/scan"
)

// moreCounts are the second question about a page of projects: with those of the
// first it would cost more points than one query may.
// Rights: app/policies/project_policy.rb and ee/app/policies/ee/project_policy.rb.
var moreCounts = []wideCount{
	{id: "project.tasks", fact: func(p *scan.Project) *scan.Fact[int64] { return &p.Tasks },
		field: "IssueType.TASK", key: "tasks", text: "tasks:issues(types:[TASK],first:1){count}", total: connectionCount,
		right: right{access: reporter, part: true, feature: issuesAccess}},
	{id: "project.incidents", fact: func(p *scan.Project) *scan.Fact[int64] { return &p.Incidents },
		field: "Project.issues", key: "incidents", text: "incidents:issues(types:[INCIDENT],first:1){count}", total: connectionCount,
		right: right{access: reporter, part: true, feature: issuesAccess}},
	{id: "project.test-cases", fact: func(p *scan.Project) *scan.Fact[int64] { return &p.TestCases },
		field: "IssueType.TEST_CASE", key: "testCases", text: "testCases:issues(types:[TEST_CASE],first:1){count}", total: connectionCount,
		right: right{access: reporter, part: true, feature: issuesAccess, plan: "ultimate"}},
	{id: "project.okrs", fact: func(p *scan.Project) *scan.Fact[int64] { return &p.Objectives },
		field: "IssueType.KEY_RESULT", key: "okrs", text: "okrs:issues(types:[OBJECTIVE,KEY_RESULT],first:1){count}", total: connectionCount,
		right: right{access: reporter, part: true, feature: issuesAccess, plan: "ultimate"}},
	{id: "project.milestones", fact: func(p *scan.Project) *scan.Fact[int64] { return &p.Milestones },
		field: "Project.milestones", key: "milestones", text: nodesOnly("milestones", "id"), nodes: true,
		right: right{access: guest, open: true, feature: planningAccess},
		rest:  restCount{endpoint: "GET /projects/:id/milestones", path: "/milestones", deep: true}},
	{id: "project.boards", fact: func(p *scan.Project) *scan.Fact[int64] { return &p.Boards },
		field: "Project.boards", key: "boards", text: nodesOnly("boards", "id"), nodes: true,
		right: right{access: guest, open: true, feature: issuesAccess},
		rest:  restCount{endpoint: "GET /projects/:id/boards", path: "/boards", deep: true}},
	{id: "project.value-streams", fact: func(p *scan.Project) *scan.Fact[int64] { return &p.ValueStreams },
		field: "Project.valueStreams", key: "valueStreams", text: nodesOnly("valueStreams", "id"), nodes: true,
		right: right{access: reporter, feature: furtherAccess("analytics"), plan: "premium"}},
	{id: "project.comment-templates", fact: func(p *scan.Project) *scan.Fact[int64] { return &p.CommentTemplates },
		field: "Project.savedReplies", key: "savedReplies", text: "savedReplies(first:1){count}", total: connectionCount,
		right: right{access: guest, plan: "premium"}},
	{id: "project.requirements", fact: func(p *scan.Project) *scan.Fact[int64] { return &p.Requirements },
		field: "Project.requirementStatesCount", key: "requirementStatesCount", text: "requirementStatesCount{opened archived}", total: sumOf,
		right: right{access: guest, open: true, feature: furtherAccess("requirements"), plan: "ultimate"}},
	{id: "project.alerts", fact: func(p *scan.Project) *scan.Fact[int64] { return &p.Alerts },
		field: "Project.alertManagementAlertStatusCounts", key: "alertManagementAlertStatusCounts", text: "alertManagementAlertStatusCounts{all}", total: sumOf,
		right: right{access: developer, feature: furtherAccess("monitor")}},
	{id: "project.alert-integrations", fact: func(p *scan.Project) *scan.Fact[int64] { return &p.AlertEndpoints },
		field: "Project.alertManagementHttpIntegrations", key: "alertManagementHttpIntegrations", text: nodesOnly("alertManagementHttpIntegrations", "id"), nodes: true,
		right: right{access: maintainer}},
	{id: "project.oncall-schedules", fact: func(p *scan.Project) *scan.Fact[int64] { return &p.OnCallSchedules },
		field: "Project.incidentManagementOncallSchedules", key: "incidentManagementOncallSchedules", text: nodesOnly("incidentManagementOncallSchedules", "iid"), nodes: true,
		right: right{access: reporter, feature: furtherAccess("monitor"), plan: "premium"}},
	{id: "project.escalation-policies", fact: func(p *scan.Project) *scan.Fact[int64] { return &p.EscalationPolicies },
		field: "Project.incidentManagementEscalationPolicies", key: "incidentManagementEscalationPolicies", text: nodesOnly("incidentManagementEscalationPolicies", "id"), nodes: true,
		right: right{access: reporter, feature: furtherAccess("monitor"), plan: "premium"}},
	{id: "project.job-token-allowlist", fact: func(p *scan.Project) *scan.Fact[int64] { return &p.JobTokenAllowlist },
		field: "CiJobTokenScopeType.inboundAllowlistCount", key: "ciJobTokenScope", text: "ciJobTokenScope{inboundAllowlistCount groupsAllowlistCount}", total: othersOnAllowlist,
		right: right{access: maintainer}},
	{id: "project.pipeline-subscriptions", fact: func(p *scan.Project) *scan.Fact[int64] { return &p.Subscriptions },
		field: "Project.ciUpstreamProjectSubscriptions", key: "ciUpstreamProjectSubscriptions", text: "ciUpstreamProjectSubscriptions(first:1){count}", total: connectionCount,
		right: right{access: maintainer, plan: "premium"}},
	{id: "project.repository-size-limit", fact: func(p *scan.Project) *scan.Fact[int64] { return &p.RepositorySizeLimit },
		field: "Project.actualRepositorySizeLimit", key: "actualRepositorySizeLimit", text: "actualRepositorySizeLimit", total: bytesOf,
		right: right{access: guest, open: true, plan: "premium"}},
	{id: "project.security-scan-profiles", fact: func(p *scan.Project) *scan.Fact[int64] { return &p.ScanProfiles },
		field: "Project.securityScanProfiles", key: "securityScanProfiles", text: "securityScanProfiles{name}", total: lengthOf,
		right: right{access: developer, plan: "ultimate"}},
	{id: "project.dast-profiles", fact: func(p *scan.Project) *scan.Fact[int64] { return &p.DASTProfiles },
		field: "Project.dastProfiles", key: "dastProfiles", text: "dastProfiles(first:1){count}", total: connectionCount,
		right: right{access: developer, plan: "ultimate"}},
	{id: "project.triaged-vulnerabilities", fact: func(p *scan.Project) *scan.Fact[int64] { return &p.TriagedVulnerabilities },
		field: "Project.vulnerabilitySeveritiesCount(state)", key: "triaged",
		text: "triaged:vulnerabilitySeveritiesCount(state:[DISMISSED,CONFIRMED,RESOLVED]){critical high medium low info unknown}", total: sumOf,
		right: right{access: developer, plan: "ultimate"}},
}

// wideFlag is a wideCount of which only whether there is any matters.
type wideFlag struct {
	wideCount
	flag func(*scan.Project) *scan.Fact[bool]
}

var moreFlags = []wideFlag{
	{flag: func(p *scan.Project) *scan.Fact[bool] { return &p.MergeTrains },
		wideCount: wideCount{id: "project.merge-trains",
			field: "ProjectCiCdSetting.mergeTrainsEnabled", key: "trains", text: "trains:ciCdSettings{mergeTrainsEnabled}", total: switchIn("mergeTrainsEnabled"),
			right: right{access: maintainer, plan: "premium"}}},
	{flag: func(p *scan.Project) *scan.Fact[bool] { return &p.JobTokenRestricted },
		wideCount: wideCount{id: "project.job-token-restricted",
			field: "ProjectCiCdSetting.inboundJobTokenScopeEnabled", key: "inbound", text: "inbound:ciCdSettings{inboundJobTokenScopeEnabled}", total: switchIn("inboundJobTokenScopeEnabled"),
			right: right{access: maintainer}}},
	{flag: func(p *scan.Project) *scan.Fact[bool] { return &p.CatalogResource },
		wideCount: wideCount{id: "project.catalog-resource",
			field: "Project.isCatalogResource", key: "isCatalogResource", text: "isCatalogResource", total: switchOf,
			right: right{access: guest, open: true}}},
	{flag: func(p *scan.Project) *scan.Fact[bool] { return &p.Sentry },
		wideCount: wideCount{id: "project.error-tracking-settings",
			field: "Project.sentryErrors", key: "sentryErrors", text: "sentryErrors{externalUrl}", total: addressIn("externalUrl"),
			right: right{access: reporter, feature: furtherAccess("monitor")}}},
	// Null is also the answer to whoever may not see the policy project.
	{flag: func(p *scan.Project) *scan.Fact[bool] { return &p.SecurityPolicyProject },
		wideCount: wideCount{id: "project.security-policy-link",
			field: "Project.securityPolicyProject", key: "securityPolicyProject", text: "securityPolicyProject{id}", total: thereIs, none: true,
			right: right{plan: "ultimate"}}},
	{flag: func(p *scan.Project) *scan.Fact[bool] { return &p.DependencyList },
		wideCount: wideCount{id: "project.dependency-list",
			field: "Project.dependencies", key: "dependencies", text: "dependencies(first:1){nodes{id}}", total: nodesIn,
			right: right{access: reporter, plan: "ultimate"}}},
}

// firstNodes is how many nodes of a connection without a count the wide page
// asks for; the rest is asked project by project.
const firstNodes = 20

// nodesOnly selects a connection that has no count, to be counted by its nodes.
func nodesOnly(name, id string) string {
	return name + "(first:" + strconv.Itoa(firstNodes) + "){nodes{" + id + "} pageInfo{hasNextPage endCursor}}"
}

// moreSelection asks the second question's numbers that the source's version offers.
func (s *Source) moreSelection() string {
	var text []string
	add := func(c wideCount) {
		if s.schema.has(c.field) && s.asks(c.id) {
			text = append(text, c.text)
		}
	}
	for _, c := range moreCounts {
		add(c)
	}
	for _, f := range moreFlags {
		add(f.wideCount)
	}
	return strings.Join(text, " ")
}

// wideMore sets the second question's facts.
func (s *Source) wideMore(ctx context.Context, page []*scan.Project) error {
	nodes, err := s.askProjects(ctx, idsOf(page), nil, s.moreSelection)
	if err != nil {
		return err
	}
	for _, p := range page {
		n := nodes[p.ID]
		for _, c := range moreCounts {
			if c.nodes {
				c.total, err = s.countNodes(ctx, p, n, c)
				if err != nil {
					return err
				}
			}
			*c.fact(p) = s.wideNumber(p, n, c)
		}
		for _, f := range moreFlags {
			*f.flag(p) = asFlag(s.wideNumber(p, n, f.wideCount))
		}
	}
	return nil
}

// asFlag is whether a number is above zero.
func asFlag(f scan.Fact[int64]) scan.Fact[bool] {
	if n, known := f.Get(); known {
		return scan.Known(n > 0)
	}
	g, _ := f.Gap()
	return scan.Missing[bool](g)
}

// aNode is a node of a connection that is only counted.
type aNode struct {
	ID string `json:"id"`
}

// defaultValueStream is the id of the value stream that GitLab makes up where
// none was defined. Source: app/models/analytics/cycle_analytics/value_stream.rb.
const defaultValueStream = "/default"

// countNodes walks a connection without a count to its end and returns how to
// total it.
func (s *Source) countNodes(ctx context.Context, p *scan.Project, n node, c wideCount) (func(json.RawMessage) (int64, bool), error) {
	var first connection[aNode]
	if ok, fail := n.get(c.key, &first); !ok || fail != "" {
		return connectionCount, nil // wideNumber finds the same
	}
	count, whole, walked := int64(0), true, laps{}
	for page := first; ; {
		for _, node := range page.Nodes {
			if node != nil && !strings.HasSuffix(node.ID, defaultValueStream) {
				count++
			}
		}
		if !page.PageInfo.HasNextPage {
			break
		}
		after := page.PageInfo.EndCursor
		if walked.endless(after) {
			whole = false
			break
		}
		nodes, err := s.askProjects(ctx, []int64{p.ID}, variables{"after": after}, func() string {
			return strings.Replace(c.text, "first:"+strconv.Itoa(firstNodes), "first:100,after:$after", 1)
		})
		if err != nil {
			return nil, err
		}
		page = connection[aNode]{}
		if ok, fail := nodes[p.ID].get(c.key, &page); !ok || fail != "" {
			whole = false
			break
		}
	}
	return func(json.RawMessage) (int64, bool) { return count, whole }, nil
}

// sumOf adds the numbers of an object.
func sumOf(raw json.RawMessage) (int64, bool) { return severities(raw) }

// othersOnAllowlist is how many projects and groups are on a job token
// allowlist, without the project itself, which always is.
// Source: app/models/ci/job_token/allowlist.rb (target_projects).
func othersOnAllowlist(raw json.RawMessage) (int64, bool) {
	n, ok := sumOf(raw)
	return max(0, n-1), ok
}

// bytesOf is a size, which GraphQL tells as a Float.
func bytesOf(raw json.RawMessage) (int64, bool) {
	var f float64
	err := json.Unmarshal(raw, &f)
	return int64(f), err == nil && f >= 0 && f < math.MaxInt64
}

func lengthOf(raw json.RawMessage) (int64, bool) {
	var list []json.RawMessage
	err := json.Unmarshal(raw, &list)
	return int64(len(list)), err == nil
}

// nodesIn is how many nodes a page of a connection has.
func nodesIn(raw json.RawMessage) (int64, bool) {
	var c connection[aNode]
	err := json.Unmarshal(raw, &c)
	return int64(len(c.Nodes)), err == nil && c.Nodes != nil
}

func thereIs(json.RawMessage) (int64, bool) { return 1, true }

func switchOf(raw json.RawMessage) (int64, bool) {
	var on bool
	err := json.Unmarshal(raw, &on)
	return asNumber(on), err == nil
}

// switchIn is the switch of this name in an object.
func switchIn(name string) func(json.RawMessage) (int64, bool) {
	return func(raw json.RawMessage) (int64, bool) {
		var o map[string]*bool
		if json.Unmarshal(raw, &o) != nil || o[name] == nil {
			return 0, false
		}
		return asNumber(*o[name]), true
	}
}

// addressIn is whether an object has an address under this name. The address
// itself is not kept.
func addressIn(name string) func(json.RawMessage) (int64, bool) {
	return func(raw json.RawMessage) (int64, bool) {
		var o map[string]*string
		err := json.Unmarshal(raw, &o)
		return asNumber(o[name] != nil && *o[name] != ""), err == nil
	}
}

func asNumber(on bool) int64 {
	if on {
		return 1
	}
	return 0
}

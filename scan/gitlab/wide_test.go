package gitlab

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"readiness/scan"
)

// graph answers GraphQL with a function of the query.
func graph(answer func(q asked) string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		var q asked
		_ = json.Unmarshal(body, &q)
		if q.Variables["ids"] == nil { // the instance's own
			say(200, `{"data":{"metadata":{"version":"18.9.0"},"ciVariables":null}}`)(w, r)
			return
		}
		say(200, answer(q))(w, r)
	}
}

// nodesOf answers each project asked for with the same keys.
func nodesOf(q asked, keys string) string {
	var nodes []string
	for _, id := range q.Variables["ids"].([]any) {
		nodes = append(nodes, fmt.Sprintf(`{"id":%q,%s}`, id, keys))
	}
	return `{"data":{"projects":{"nodes":[` + strings.Join(nodes, ",") + `]}}}`
}

const everything = `"issues":{"count":0},"mergeRequests":{"count":0},"pipelines":{"count":0},"releases":{"count":0},"labels":{"count":0},
	"containerRepositoriesCount":0,"pipelineSchedules":{"count":0},"terraformStates":{"count":0},"clusterAgents":{"count":0},
	"vulnerabilitySeveritiesCount":null,"pipelineTriggers":{"count":0},"pagesDeployments":{"count":0},"packages":{"count":0},
	"ciVariables":{"nodes":[],"pageInfo":{"hasNextPage":false}},"branchRules":{"nodes":[],"pageInfo":{"hasNextPage":false}},
	"repository":{"blobs":{"nodes":[]}}`

// Zero is the dangerous answer: it is a value only for those who would have been
// told of more.
func TestZeroIsAValueOnlyForThoseWhoMaySee(t *testing.T) {
	api := graph(func(q asked) string { return nodesOf(q, everything) })
	settings := say(200, `{"default_project_visibility":"private"}`)
	project := func(access int64, visibility, feature string) *scan.Project {
		f := scan.Known(feature)
		return &scan.Project{ID: 5, Access: access, Visibility: scan.Known(visibility), CIConfigPath: scan.Known(""),
			IssuesAccess: f, MergeRequestsAccess: f, RepositoryAccess: f, BuildsAccess: f, SnippetsAccess: f, RegistryAccess: f, PagesAccess: f}
	}
	for name, c := range map[string]struct {
		admin bool
		p     *scan.Project
		want  map[scan.FactID]scan.Reason // "": a known zero
	}{
		"administrator": {true, project(0, "private", "enabled"), map[scan.FactID]scan.Reason{
			"project.issues": "", "project.merge-requests": "", "project.cicd-variables": "", "project.protected-branches": "",
			"project.package-registry": "", "project.ci-config-file": "", "project.vulnerabilities": scan.ReasonFeatureOff, "project.container-registry-size": ""}},
		"administrator, features off": {true, project(0, "private", "disabled"), map[scan.FactID]scan.Reason{
			"project.issues": scan.ReasonFeatureOff, "project.merge-requests": scan.ReasonFeatureOff, "project.pipelines": scan.ReasonFeatureOff,
			"project.container-registry": "", "project.ci-config-file": scan.ReasonFeatureOff}},
		"outsider, private": {false, project(0, "private", "enabled"), map[scan.FactID]scan.Reason{
			"project.issues": scan.ReasonWithheld, "project.merge-requests": scan.ReasonWithheld, "project.labels": scan.ReasonWithheld,
			"project.cicd-variables": scan.ReasonWithheld, "project.protected-branches": scan.ReasonWithheld, "project.package-registry": scan.ReasonWithheld,
			"project.container-registry": scan.ReasonWithheld, "project.ci-config-file": scan.ReasonWithheld, "project.vulnerabilities": scan.ReasonWithheld}},
		"outsider, public": {false, project(0, "public", "enabled"), map[scan.FactID]scan.Reason{
			"project.issues": scan.ReasonWithheld, "project.merge-requests": "", "project.labels": "", "project.releases": scan.ReasonWithheld,
			"project.pipelines": scan.ReasonWithheld, "project.cicd-variables": scan.ReasonWithheld, "project.ci-config-file": ""}},
		"outsider, public, members only": {false, project(0, "public", "private"), map[scan.FactID]scan.Reason{
			"project.merge-requests": scan.ReasonWithheld, "project.ci-config-file": scan.ReasonWithheld}},
		"developer": {false, project(30, "private", "enabled"), map[scan.FactID]scan.Reason{
			"project.issues": "", "project.merge-requests": "", "project.terraform-states": "", "project.pipeline-schedules": "",
			"project.cicd-variables": scan.ReasonWithheld, "project.protected-branches": scan.ReasonWithheld, "project.pipeline-triggers": scan.ReasonWithheld}},
		"maintainer": {false, project(40, "private", "private"), map[scan.FactID]scan.Reason{
			"project.cicd-variables": "", "project.protected-branches": "", "project.pipeline-triggers": "", "project.package-registry": ""}},
	} {
		t.Run(name, func(t *testing.T) {
			rs := healthy("18.9.0-ee").with("POST /api/graphql", api)
			if c.admin {
				rs = rs.with("GET /application/settings", settings)
			} else {
				rs = rs.with("GET /application/settings", say(403, `{"message":"403 Forbidden"}`))
			}
			s, _ := open(t, rs, func(o *Options) { o.Depth = scan.Standard })
			if _, err := s.Instance(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := s.WideProjects(t.Context(), []*scan.Project{c.p}); err != nil {
				t.Fatal(err)
			}
			mustSet(t, c.p, scan.Standard)
			for id, reason := range c.want {
				g, gap := scan.FactOf(c.p, id).Gap()
				n, _ := scan.FactOf(c.p, id).Amount()
				if gap != (reason != "") || g.Reason != reason || n != 0 {
					t.Errorf("%s = %v, gap %+v; want %q", id, scan.FactOf(c.p, id).Any(), g, reason)
				}
			}
		})
	}
}

func admin(t *testing.T, version string, api http.HandlerFunc, depth scan.Depth, more routes) *Source {
	t.Helper()
	rs := healthy(version).with("POST /api/graphql", api).with("GET /application/settings", say(200, `{"default_project_visibility":"private"}`))
	for k, h := range more {
		rs = rs.with(k, h)
	}
	s, _ := open(t, rs, func(o *Options) { o.Depth = depth })
	if _, err := s.Instance(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

func someProjects(n int) []*scan.Project {
	var page []*scan.Project
	for i := range n {
		page = append(page, &scan.Project{ID: int64(i + 1), CIConfigPath: scan.Known("")})
	}
	return page
}

// A question that is too heavy is split until it is light enough.
func TestHeavyQuestionsAreSplit(t *testing.T) {
	var largest, refused atomic.Int64
	s := admin(t, "18.9.0-ee", graph(func(q asked) string {
		n := int64(len(q.Variables["ids"].([]any)))
		if n > 7 {
			refused.Add(1)
			return `{"errors":[{"message":"Query has complexity of 354, which exceeds max complexity of 250"}]}`
		}
		if n > largest.Load() {
			largest.Store(n)
		}
		return nodesOf(q, everything)
	}), scan.Standard, nil)
	page := someProjects(60)
	if err := s.WideProjects(t.Context(), page); err != nil {
		t.Fatal(err)
	}
	for _, p := range page {
		if n, known := p.Issues.Get(); !known || n != 0 || !p.Variables.Complete() || !p.ProtectedBranches.Complete() {
			t.Fatalf("project %d: %+v", p.ID, p.Issues)
		}
	}
	if refused.Load() == 0 || largest.Load() > 7 {
		t.Errorf("%d refused, largest %d", refused.Load(), largest.Load())
	}
}

// A field that the server does not know is dropped, and only its fact is lost.
func TestUnknownFieldIsDropped(t *testing.T) {
	s := admin(t, "18.9.0-ee", graph(func(q asked) string {
		if strings.Contains(q.Query, "pipelineTriggers") {
			return `{"errors":[{"message":"Field 'pipelineTriggers' doesn't exist on type 'Project'","path":["query"],
				"extensions":{"code":"undefinedField","typeName":"Project","fieldName":"pipelineTriggers"}}]}`
		}
		if strings.Contains(q.Query, "hidden") {
			return `{"errors":[{"message":"Field 'hidden' doesn't exist on type 'CiProjectVariable'",
				"extensions":{"code":"undefinedField","typeName":"CiProjectVariable","fieldName":"hidden"}}]}`
		}
		return nodesOf(q, everything)
	}), scan.Standard, nil)
	page := someProjects(3)
	if err := s.WideProjects(t.Context(), page); err != nil {
		t.Fatal(err)
	}
	for _, p := range page {
		mustGap(t, p, "project.pipeline-triggers", scan.ReasonTooOld)
		if g, _ := p.Triggers.Gap(); !strings.Contains(g.Cure, "schema lacks the field Project.pipelineTriggers") {
			t.Errorf("the cure for a field that a new server lacks: %q", g.Cure)
		}
		if _, known := p.Issues.Get(); !known || !p.Variables.Complete() {
			t.Errorf("project %d lost more than the field: %+v", p.ID, p.Issues)
		}
	}
}

// An error within a good answer costs the fact it names and no other.
func TestPartialData(t *testing.T) {
	s := admin(t, "18.9.0-ee", graph(func(q asked) string {
		answer := nodesOf(q, everything)
		if strings.Contains(q.Query, "issues(") && len(q.Variables["ids"].([]any)) == 3 {
			answer = strings.TrimSuffix(answer, "}") + `,"errors":[{"message":"something broke","path":["projects","nodes",1,"issues","count"]}]}`
		}
		return answer
	}), scan.Standard, nil)
	page := someProjects(3)
	if err := s.WideProjects(t.Context(), page); err != nil {
		t.Fatal(err)
	}
	g := mustGap(t, page[1], "project.issues", scan.ReasonFailed)
	if !strings.Contains(g.Cure, "something broke") || g.Endpoint == "" {
		t.Errorf("gap = %+v", g)
	}
	for _, fact := range []scan.Fact[int64]{page[0].Issues, page[2].Issues, page[1].MergeRequests} {
		if _, known := fact.Get(); !known {
			t.Errorf("%+v", fact)
		}
	}
}

// Projects that the server leaves out of its answer are gaps in a standard scan,
// and asked by REST in a deep one.
func TestProjectsLeftOut(t *testing.T) {
	api := graph(func(asked) string { return `{"data":{"projects":{"nodes":[null]}}}` })
	page := someProjects(1)
	s := admin(t, "18.9.0-ee", api, scan.Standard, nil)
	if err := s.WideProjects(t.Context(), page); err != nil {
		t.Fatal(err)
	}
	mustGap(t, page[0], "project.issues", scan.ReasonHidden)
	mustGap(t, page[0], "project.cicd-variables", scan.ReasonHidden)

	page = someProjects(1)
	page[0].Visibility = scan.Known("private")
	s = admin(t, "18.9.0-ee", api, scan.Deep, routes{
		"GET /projects/1/issues":             say(200, `[{}]`, "X-Total", "12"),
		"GET /projects/1/merge_requests":     say(403, `{"message":"403 Forbidden"}`),
		"GET /projects/1/protected_branches": say(200, `[{"name":"main","allow_force_push":true}]`),
		"GET /projects/1/packages": func(w http.ResponseWriter, r *http.Request) {
			switch r.URL.Query().Get("package_type") {
			case "":
				say(200, `[{}]`, "X-Total", "5")(w, r)
			case "npm":
				say(200, `[{}]`, "X-Total", "3")(w, r)
			case "cargo":
				say(400, `{"error":"package_type does not have a valid value"}`)(w, r)
			default:
				say(200, `[]`, "X-Total", "0")(w, r)
			}
		},
		"GET /projects/1/repository/tree":                     say(200, `[{"path":".gitlab-ci.yml"},{"path":"CODEOWNERS"}]`),
		"GET /projects/1/repository/files/.gitlab-ci.yml/raw": say(404, `{"message":"404 File Not Found"}`),
		"GET /projects/1/repository/files/CODEOWNERS/raw":     say(403, `{"message":"403 Forbidden"}`),
	})
	if err := s.WideProjects(t.Context(), page); err != nil {
		t.Fatal(err)
	}
	p := page[0]
	if n, _ := p.Issues.Get(); n != 12 {
		t.Errorf("issues = %+v", p.Issues)
	}
	if g := mustGap(t, p, "project.merge-requests", scan.ReasonForbidden); g.Status != 403 || g.Endpoint != "GET /projects/:id/merge_requests" {
		t.Errorf("gap = %+v", g)
	}
	if !p.ProtectedBranches.Complete() || len(p.ProtectedBranches.Items) != 1 || !p.ProtectedBranches.Items[0].AllowForcePush {
		t.Errorf("protected branches = %+v", p.ProtectedBranches)
	}
	if got := fmt.Sprint(p.Packages.Items); !p.Packages.Complete() || got != "[{npm 3} {other 2}]" {
		t.Errorf("packages = %v", got)
	}
	if n, known := p.CIConfigFile.Get(); !known || n != 0 {
		t.Errorf("CI file = %+v", p.CIConfigFile)
	}
	mustGap(t, p, codeOwnersFact, scan.ReasonForbidden)
	if hosts, known := p.LFSHosts.Get(); !known || len(hosts) > 0 {
		t.Errorf("hosts of .lfsconfig = %+v", p.LFSHosts)
	}
	mustGap(t, p, "project.cicd-variables", scan.ReasonHidden) // REST would tell values: it is not asked
}

// Variables are read to the end of their pages, and their values never asked for.
func TestVariablePages(t *testing.T) {
	page := func(from, to int, more bool) string {
		var nodes []string
		for i := from; i < to; i++ {
			nodes = append(nodes, fmt.Sprintf(`{"key":"K%d","variableType":"ENV_VAR","environmentScope":"*","protected":true,"masked":false,"hidden":true,"raw":false}`, i))
		}
		return fmt.Sprintf(`"ciVariables":{"nodes":[%s],"pageInfo":{"hasNextPage":%v,"endCursor":"c%d"}}`, strings.Join(nodes, ","), more, to)
	}
	s := admin(t, "18.9.0-ee", graph(func(q asked) string {
		switch q.Variables["after"] {
		case nil:
			return nodesOf(q, page(0, 100, true))
		case "c100":
			return nodesOf(q, page(100, 130, false))
		}
		return `{"errors":[{"message":"odd cursor"}]}`
	}), scan.Standard, nil)
	projects := someProjects(1)
	if err := s.WideProjects(t.Context(), projects); err != nil {
		t.Fatal(err)
	}
	v := projects[0].Variables
	if !v.Complete() || len(v.Items) != 130 || v.Items[129] != (scan.Variable{Key: "K129", Type: "env_var", Environment: "*", Protected: true, Hidden: true}) {
		t.Errorf("%d variables, complete %v, last %+v", len(v.Items), v.Complete(), v.Items[len(v.Items)-1])
	}
}

func TestPackageTypes(t *testing.T) {
	s := admin(t, "18.9.0-ee", graph(func(q asked) string {
		if strings.Contains(q.Query, "packageType:MAVEN") {
			return nodesOf(q, `"maven":{"count":4},"npm":{"count":0},"cargo":{"count":1}`)
		}
		return nodesOf(q, strings.Replace(everything, `"packages":{"count":0}`, `"packages":{"count":7}`, 1))
	}), scan.Standard, nil)
	page := someProjects(2)
	if err := s.WideProjects(t.Context(), page); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(page[1].Packages.Items); got != "[{cargo 1} {maven 4} {other 2}]" {
		t.Errorf("packages = %s", got)
	}
}

// The registry's size 0 is unknown, unless no repository is in it.
func TestRegistrySize(t *testing.T) {
	for repositories, want := range map[int]string{0: "0", 3: "unknown"} {
		s := admin(t, "18.9.0-ee", graph(func(q asked) string {
			return nodesOf(q, strings.Replace(everything, `"containerRepositoriesCount":0`, fmt.Sprintf(`"containerRepositoriesCount":%d`, repositories), 1))
		}), scan.Standard, nil)
		var b projectBody
		if err := json.Unmarshal([]byte(`{"id":1,"visibility":"private","statistics":{"container_registry_size":0,"repository_size":0}}`), &b); err != nil {
			t.Fatal(err)
		}
		p := s.project(b)
		mustGap(t, p, "project.container-registry-size", scan.ReasonWithheld)
		if n, known := p.RepositorySize.Get(); !known || n != 0 {
			t.Error("a size of 0 that was told is a value")
		}
		mustGap(t, p, "project.packages-size", scan.ReasonWithheld)
		if err := s.WideProjects(t.Context(), []*scan.Project{p}); err != nil {
			t.Fatal(err)
		}
		got := "unknown"
		if n, known := p.RegistrySize.Get(); known {
			got = fmt.Sprint(n)
		}
		if got != want {
			t.Errorf("with %d repositories the size is %s, want %s", repositories, got, want)
		}
	}
}

// Statistics that are no object, and sizes that are no numbers, are failures: they
// are not what GitLab keeps from somebody.
func TestGarbledStatisticsAreNotWithheld(t *testing.T) {
	s := admin(t, "18.9.0-ee", graph(func(q asked) string { return nodesOf(q, everything) }), scan.Quick, nil)
	for _, statistics := range []string{`"none"`, `[7]`, `{"repository_size":"big","packages_size":[],"container_registry_size":"big","commit_count":"many"}`} {
		var b projectBody
		if err := json.Unmarshal([]byte(`{"id":1,"visibility":"private","statistics":`+statistics+`}`), &b); err != nil {
			t.Fatal(err)
		}
		p := s.project(b)
		for _, id := range []scan.FactID{"project.repository-size", "project.packages-size", "project.container-registry-size", "project.commits"} {
			mustGap(t, p, id, scan.ReasonFailed)
		}
	}
	var b groupBody
	if err := json.Unmarshal([]byte(`{"id":1,"statistics":[],"ldap_group_links":"none","file_template_project_id":"none"}`), &b); err != nil {
		t.Fatal(err)
	}
	g := s.group(b)
	for _, id := range []scan.FactID{"group.storage-size", "group.ldap-group-links", "group.file-templates"} {
		mustGap(t, g, id, scan.ReasonFailed)
	}
}

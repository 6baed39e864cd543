package gitlabsim

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"readiness/scan"
)

func query(t testing.TB, s *Server, token, text string, vars map[string]any) *httptest.ResponseRecorder {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": text, "variables": vars})
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "http://127.0.0.1:8080/api/graphql", bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	rw := httptest.NewRecorder()
	s.ServeHTTP(rw, r)
	return rw
}

type gqlAnswer struct {
	Data   map[string]any
	Errors []struct {
		Message    string
		Path       []any
		Extensions map[string]any
	}
}

func TestEveryFieldHasAResolver(t *testing.T) {
	schema, _, err := loadSchema(scan.MustVersion("99.0"), true)
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for _, def := range schema.Types {
		if def.Kind != ast.Object || def.BuiltIn || strings.HasSuffix(def.Name, "Connection") || strings.HasSuffix(def.Name, "Edge") {
			continue
		}
		for _, f := range def.Fields {
			name := def.Name + "." + f.Name
			if strings.HasPrefix(f.Name, "__") {
				continue
			}
			used[name] = true
			if _, ok := resolvers[name]; !ok {
				t.Errorf("%s has no resolver", name)
			}
		}
	}
	for name := range resolvers {
		if !used[name] {
			t.Errorf("the resolver %s has no field", name)
		}
	}
}

func TestSchemaLoadsAtEveryVersion(t *testing.T) {
	for _, v := range []string{"13.0", "13.12", "14.10", "15.11", "16.11", "17.11", "18.11", "19.5"} {
		for _, enterprise := range []bool{true, false} {
			if _, _, err := loadSchema(scan.MustVersion(v), enterprise); err != nil {
				t.Errorf("%s: %v", v, err)
			}
		}
	}
}

const countsQuery = `query($after: String) { projects(first: 100, after: $after) {
  pageInfo { hasNextPage endCursor }
  nodes {
    id fullPath
    issues(first: 1) { count }
    mergeRequests(first: 1) { count }
    pipelines(first: 1) { count }
    releases(first: 1) { count }
    packages(first: 1) { count }
    terraformStates(first: 1) { count }
    clusterAgents(first: 1) { count }
    pipelineSchedules(first: 1) { count }
    labels(first: 1) { count }
} } }`

// The scores are those of GitLab's own tests and of its formula, worked by hand.
func TestComplexity(t *testing.T) {
	api := newGraphQL(newWorld(t, Config{}))
	branchNames := func(n int) string {
		return fmt.Sprintf(`{ projects(first: %d) { nodes { id repository { branchNames(searchPattern: "*", offset: 0, limit: 9) } } } }`, n)
	}
	for _, c := range []struct {
		query string
		score int
	}{
		{countsQuery, 62},
		{strings.ReplaceAll(countsQuery, "(first: 1)", ""), 110},
		{`{ project(fullPath: "a") { id name description } }`, 4},
		{branchNames(1), 175}, {branchNames(43), 248}, {branchNames(50), 261}, {branchNames(100), 348},
		{`{ projects(first: 100) { pageInfo { hasNextPage endCursor } nodes { id repository { rootRef empty blobs(paths: [".gitlab-ci.yml"]) { nodes { path rawSize rawBlob } } } } } }`, 54},
		{`{ users(first: 100) { pageInfo { hasNextPage endCursor } nodes { id username name state publicEmail bot type lastActivityOn webUrl } } }`, 30},
	} {
		x, no := api.prepare(caller{role: Admin}, graphqlRequest{Query: c.query}, true)
		if no != nil {
			t.Errorf("%s: %v", c.query, no)
			continue
		}
		if got := x.complexity(x.operation.SelectionSet); got != c.score {
			t.Errorf("complexity %d, want %d: %.120s", got, c.score, c.query)
		}
	}
}

func TestComplexityIsRefused(t *testing.T) {
	q := `{ queryComplexity { score limit } projects(first: 50) { nodes { id repository { branchNames(searchPattern: "*", offset: 0, limit: 9) } } } }`
	for _, c := range []struct {
		version string
		role    Role
		want    string
	}{
		{"18.9", Admin, ""}, {"17.11", Admin, "Query has complexity of 264, which exceeds max complexity of 250"},
		{"18.9", Developer, "Query has complexity of 264, which exceeds max complexity of 250"},
		{"18.9", Anonymous, "Query has complexity of 264, which exceeds max complexity of 200"},
	} {
		s := NewServer(newWorld(t, Config{Version: scan.MustVersion(c.version), Projects: 60}), Options{})
		token := ""
		if c.role != Anonymous {
			token = s.Token(c.role)
		}
		a := into[gqlAnswer](t, query(t, s, token, q, nil))
		got := ""
		if len(a.Errors) > 0 {
			got = a.Errors[0].Message
		}
		if got != c.want {
			t.Errorf("%s at %s: %q, want %q", c.role, c.version, got, c.want)
		}
	}
}

func TestUnknownFields(t *testing.T) {
	s := NewServer(newWorld(t, Config{Version: scan.MustVersion("15.2")}), Options{})
	a := into[gqlAnswer](t, query(t, s, s.Token(Admin), `query Vars { projects(first: 1) { nodes { id ciVariables { nodes { key } } } } }`, nil))
	if len(a.Errors) != 1 || a.Data != nil {
		t.Fatalf("answer: %+v", a)
	}
	e := a.Errors[0]
	if e.Message != "Field 'ciVariables' doesn't exist on type 'Project'" || e.Extensions["code"] != "undefinedField" ||
		fmt.Sprint(e.Path) != "[query Vars projects nodes ciVariables]" {
		t.Errorf("error: %+v", e)
	}
	if rw := query(t, s, s.TokenWith(Admin, ScopeReadUser), `{ metadata { version } }`, nil); rw.Code != 401 || rw.Body.String() != `{"errors":[{"message":"Invalid token"}]}` {
		t.Errorf("read_user: %d %s", rw.Code, rw.Body)
	}
	if rw := query(t, s, s.Token(Admin), `{ metadata { version } }`+strings.Repeat(" ", 10_000), nil); rw.Code != 422 {
		t.Errorf("large query: %d %s", rw.Code, rw.Body)
	}
}

// The counts over GraphQL are the truth, page by page.
func TestGraphQLTellsTheTruth(t *testing.T) {
	w := newWorld(t, Config{Projects: 230})
	s := NewServer(w, Options{})
	seen, after := 0, ""
	for {
		vars := map[string]any{}
		if after != "" {
			vars["after"] = after
		}
		rw := query(t, s, s.Token(Admin), countsQuery, vars)
		type connection struct{ Count int64 }
		a := into[struct {
			Data struct {
				Projects struct {
					PageInfo struct {
						HasNextPage bool
						EndCursor   string
					}
					Nodes []struct {
						ID                                                                    string
						Issues, MergeRequests, Pipelines, Releases, Packages, TerraformStates connection
						ClusterAgents, PipelineSchedules, Labels                              connection
					}
				}
			}
			Errors []any
		}](t, rw)
		if len(a.Errors) > 0 {
			t.Fatalf("errors: %v", a.Errors)
		}
		for _, n := range a.Data.Projects.Nodes {
			id, _ := fromGID(n.ID)
			p, _ := w.Project(id)
			want := []int64{p.Issues, p.MergeRequests, p.Pipelines, p.Releases, p.packageSum(""), p.TerraformStates, p.Agents, p.Schedules, p.Labels}
			got := []int64{n.Issues.Count, n.MergeRequests.Count, n.Pipelines.Count, n.Releases.Count, n.Packages.Count, n.TerraformStates.Count,
				n.ClusterAgents.Count, n.PipelineSchedules.Count, n.Labels.Count}
			if fmt.Sprint(got) != fmt.Sprint(want) {
				if p.Access.Repository != "disabled" {
					t.Errorf("project %d: %v, want %v", id, got, want)
				}
			}
			seen++
		}
		if !a.Data.Projects.PageInfo.HasNextPage {
			break
		}
		after = a.Data.Projects.PageInfo.EndCursor
	}
	if seen != 230 {
		t.Errorf("%d projects seen, want 230", seen)
	}
}

// What a caller may not see is null, empty or 0, without an error, and its
// project is gone from the page once the page is cut.
func TestGraphQLHidesSilently(t *testing.T) {
	w := newWorld(t, Config{})
	s := NewServer(w, Options{})
	rw := query(t, s, s.Token(Outsider), `{ ciVariables { nodes { key } } projects(first: 100) { pageInfo { hasNextPage } nodes { id
		statistics { repositorySize } ciVariables(first: 100) { nodes { key } } pipelineTriggers(first: 1) { count } branchRules(first: 1) { nodes { name } } } } }`, nil)
	a := into[struct {
		Data struct {
			CIVariables *struct{}
			Projects    struct {
				PageInfo struct{ HasNextPage bool }
				Nodes    []struct {
					ID                                        string
					Statistics, CIVariables, PipelineTriggers any
					BranchRules                               struct{ Nodes []any }
				}
			}
		}
		Errors []any
	}](t, rw)
	if len(a.Errors) > 0 || a.Data.CIVariables != nil || !a.Data.Projects.PageInfo.HasNextPage {
		t.Errorf("answer: %.400s", rw.Body)
	}
	if n := len(a.Data.Projects.Nodes); n == 0 || n == 100 {
		t.Errorf("an outsider's first page holds %d projects", n)
	}
	for _, n := range a.Data.Projects.Nodes {
		if n.Statistics != nil || n.CIVariables != nil || n.PipelineTriggers != nil || len(n.BranchRules.Nodes) > 0 {
			t.Errorf("an outsider reads %+v", n)
		}
	}
}

func TestVariablesFragmentsAndDirectives(t *testing.T) {
	w := newWorld(t, Config{})
	s := NewServer(w, Options{})
	p := find(t, w, func(p Project) bool {
		return len(p.Packages) > 0 && !p.Empty && w.ciFilePath(&p) == defaultCIPath && p.Access.Repository != "disabled"
	})
	rw := query(t, s, s.Token(Admin), `query($ids: [ID!], $size: Int = 5, $no: Boolean = false) {
		projects(ids: $ids, first: $size) { nodes { ...face skipped: name @include(if: $no) mine: packages(packageType: `+strings.ToUpper(p.Packages[0].Type)+`, first: 1) { count }
		repository { blobs(paths: [".gitlab-ci.yml", "nope"]) { nodes { path rawSize } } } __typename } } }
		fragment face on Project { id ... on Project { fullPath } }`, map[string]any{"ids": []string{gid("Project", p.ID)}})
	_, text := w.CIFile(p)
	want := fmt.Sprintf(`{"data":{"projects":{"nodes":[{"id":"gid://gitlab/Project/%d","fullPath":%q,"mine":{"count":%d},"repository":{"blobs":{"nodes":[{"path":".gitlab-ci.yml","rawSize":"%d"}]}},"__typename":"Project"}]}}}`,
		p.ID, p.FullPath, p.Packages[0].Count, len(text))
	if rw.Body.String() != want {
		t.Errorf("got  %s\nwant %s", rw.Body, want)
	}
}

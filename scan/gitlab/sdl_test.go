package gitlab

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	query "github.com/vektah/gqlparser/v2/validator/rules"

	"readiness/scan"
)

// asked is a query as it went over the wire.
type asked struct {
	Query     string         `json:"query"`
	Variables map[string]any `json:"variables"`
}

// allQueries runs every question a source can ask in GraphQL, at a version, and
// returns what went over the wire.
func allQueries(t *testing.T, version string) []asked {
	t.Helper()
	var mu sync.Mutex
	var all []asked
	answer := func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		var q asked
		if err := json.Unmarshal(body, &q); err != nil {
			t.Error(err)
		}
		mu.Lock()
		all = append(all, q)
		mu.Unlock()
		more := `{"nodes":[],"pageInfo":{"hasNextPage":` + strconv.FormatBool(q.Variables["after"] == nil) + `,"endCursor":"next"}}`
		for _, root := range []string{"projects", "groups", "users"} {
			if !strings.Contains(q.Query, "{"+root+"(") {
				continue
			}
			var nodes []string
			for _, id := range q.Variables["ids"].([]any) {
				nodes = append(nodes, fmt.Sprintf(`{"id":%q,"packages":{"count":3},"ciVariables":%s}`, id, more))
			}
			say(200, `{"data":{"`+root+`":{"nodes":[`+strings.Join(nodes, ",")+`]}}}`)(w, r)
			return
		}
		var groups []string
		for i := range 30 {
			groups = append(groups, fmt.Sprintf(`"g%d":{"id":"x","ciVariables":%s}`, i, more))
		}
		say(200, `{"data":{"metadata":{"version":"x"},"ciVariables":`+more+`,"runners":`+more+`,"workspaces":`+more+`,
			"instanceExternalAuditEventDestinations":`+more+`,"auditEventsInstanceStreamingDestinations":`+more+`,`+strings.Join(groups, ",")+`}}`)(w, r)
	}
	h := healthy(version).with("POST /api/graphql", answer).with("GET /application/settings", say(200, `{"id":1}`)) // an administrator is asked most
	s, _ := open(t, h, func(o *Options) { o.Depth = scan.Standard })
	if _, err := s.Instance(t.Context()); err != nil {
		t.Fatal(err)
	}
	var projects []*scan.Project
	for i := range 100 {
		p := &scan.Project{ID: int64(i + 1), CIConfigPath: scan.Known("")}
		if i >= 50 {
			p.CIConfigPath = scan.Known(fmt.Sprintf("ci/%d.yml", i%25))
		}
		projects = append(projects, p)
	}
	if err := s.WideProjects(t.Context(), projects); err != nil {
		t.Fatal(err)
	}
	var groups []*scan.Group
	for i := range 100 {
		groups = append(groups, &scan.Group{ID: int64(i + 1), Path: fmt.Sprintf("group-%d", i)})
	}
	if err := s.WideGroups(t.Context(), groups); err != nil {
		t.Fatal(err)
	}
	var users []*scan.User
	for i := range 100 {
		users = append(users, &scan.User{ID: int64(i + 1), Email: scan.Known("a@example.com")})
	}
	if err := s.WideUsers(t.Context(), users); err != nil {
		t.Fatal(err)
	}
	deep, _ := open(t, h, func(o *Options) { o.Depth = scan.Deep })
	if _, err := deep.Instance(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := deep.DeepGroup(t.Context(), groups[0]); err != nil {
		t.Fatal(err)
	}
	if err := deep.DeepProject(t.Context(), projects[0]); err != nil {
		t.Fatal(err)
	}
	return all
}

var schemas = map[string]string{"13.12.0-ee": "schema-13.x.graphql", "15.8.0-ee": "schema-15.8.graphql",
	"16.3.0-ee": "schema-16.3.graphql", "18.7.0-ee": "schema.graphql"}

// Every query must be valid in GitLab's own schema of its version: one unknown
// field fails a whole query. It must also stay below 200 points of complexity
// (the limit is 250) and 10,000 characters, and ask no value of a variable.
func TestQueriesAgainstGitLabsSchemas(t *testing.T) {
	costs := loadCosts(t)
	for version, file := range schemas {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(reference(t, "graphql", file))
			if err != nil {
				t.Fatal(err)
			}
			sdl, err := gqlparser.LoadSchema(&ast.Source{Name: file, Input: string(text)})
			if err != nil {
				t.Fatal(err)
			}
			seen := map[string]bool{}
			for _, q := range allQueries(t, version) {
				if len(q.Query) >= 10_000 {
					t.Errorf("%d characters: %.200s", len(q.Query), q.Query)
				}
				if seen[q.Query] {
					continue
				}
				seen[q.Query] = true
				doc, errs := gqlparser.LoadQueryWithRules(sdl, q.Query, query.NewDefaultRules())
				if errs != nil {
					t.Errorf("%v\n%s", errs, q.Query)
					continue
				}
				op := doc.Operations[0]
				score := costs.score(op.SelectionSet, q.Variables)
				t.Logf("%3d points: %.110s", score, q.Query)
				if score >= 200 {
					t.Errorf("%d points: %s", score, q.Query)
				}
				walkFields(op.SelectionSet, func(f *ast.Field) {
					if slices.Contains([]string{"value", "token", "runnersToken", "rawBlob"}, f.Name) {
						t.Errorf("asks for %s: %s", f.Name, q.Query)
					}
				})
			}
			if len(seen) < 4 {
				t.Errorf("only %d different queries", len(seen))
			}
		})
	}
}

// The table of fields must not be bolder than the schemas at hand, but where a
// milestone is documented.
func TestFieldsAgainstTimeline(t *testing.T) {
	documented := map[string]bool{"CiProjectVariable.hidden": true, "CiGroupVariable.hidden": true, "Project.pipelineTriggers": true}
	firstSeen := map[string]string{}
	for _, row := range tsv(t) {
		firstSeen[row["type"]+"."+row["field"]] = row["first_seen_by"]
	}
	for name, since := range graphFields {
		seen, listed := firstSeen[name]
		if !listed || documented[name] {
			continue
		}
		_, last, isRange := strings.Cut(strings.Fields(seen)[0], "..")
		if !isRange {
			last, _, _ = strings.Cut(strings.Fields(seen)[0], "-")
			last, _, _ = strings.Cut(last, "/")
		}
		if v, err := scan.ParseVersion(last); err != nil || !scan.MustVersion(since).AtLeast(v) {
			t.Errorf("%s is asked from %s on; it was first seen in %s", name, since, seen)
		}
	}
}

func tsv(t *testing.T) []map[string]string {
	t.Helper()
	text, err := os.ReadFile(reference(t, "graphql", "field-versions.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimRight(string(text), "\n"), "\n")
	head := strings.Split(lines[0], "\t")
	var rows []map[string]string
	for _, line := range lines[1:] {
		row := map[string]string{}
		for i, cell := range strings.Split(line, "\t") {
			row[head[i]] = cell
		}
		rows = append(rows, row)
	}
	return rows
}

// costs reckons complexity as GitLab does, from what its source says of each
// field. Formula: lib/gitlab/graphql and graphql-ruby's legacy connection mode.
type costs map[string]map[string]string

func loadCosts(t *testing.T) costs {
	c := costs{}
	for _, row := range tsv(t) {
		c[row["type"]+"."+row["field"]] = row
	}
	return c
}

func (c costs) score(set ast.SelectionSet, vars map[string]any) int {
	sum := 0
	for _, sel := range set {
		f, ok := sel.(*ast.Field)
		if !ok {
			continue
		}
		children := c.score(f.SelectionSet, vars)
		row := c[f.ObjectDefinition.Name+"."+f.Name]
		gitaly := 0
		if row["calls_gitaly"] == "y" {
			gitaly = 1
		}
		if n, err := strconv.Atoi(row["fixed_complexity"]); err == nil {
			sum += n + children
			continue
		}
		if row["resolver"] == "" {
			sum += 1 + children + gitaly
			continue
		}
		k := 1 + children + gitaly
		if a := f.Definition.Arguments.ForName("sort"); a != nil && (f.Arguments.ForName("sort") != nil || (a.DefaultValue != nil && a.DefaultValue.Kind != ast.NullValue)) {
			k++
		}
		if a := f.Arguments.ForName("paths"); a != nil {
			if paths, ok := vars[a.Value.Raw].([]any); ok {
				k += len(paths)
			}
		}
		if strings.HasSuffix(f.Definition.Type.Name(), "Connection") {
			limit := 100
			if a := f.Arguments.ForName("first"); a != nil {
				if n, err := strconv.Atoi(a.Value.Raw); err == nil {
					limit = min(n, 100)
				}
			}
			m := 0.01
			if v, err := strconv.ParseFloat(row["multiplier_override"], 64); err == nil {
				m = v
			}
			k += int(float64(k) * float64(limit) * m)
		}
		sum += k
	}
	return sum
}

func walkFields(set ast.SelectionSet, visit func(*ast.Field)) {
	for _, sel := range set {
		if f, ok := sel.(*ast.Field); ok {
			visit(f)
			walkFields(f.SelectionSet, visit)
		}
	}
}

package gitlabsim

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"readiness/scan"
)

// post sends a raw body to GraphQL.
func post(t testing.TB, s *Server, token, body string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "http://127.0.0.1:8080/api/graphql", bytes.NewReader([]byte(body)))
	if token != "" {
		r.Header.Set("PRIVATE-TOKEN", token)
	}
	rw := httptest.NewRecorder()
	s.ServeHTTP(rw, r)
	return rw
}

func TestIntrospection(t *testing.T) {
	const (
		probe = `{"query":"{ __type(name: \"Project\") { name kind } }"}`
		gone  = `{"errors":[{"message":"Field '__type' doesn't exist on type 'Query'","locations":[{"line":1,"column":3}],"path":["query","__type"],"extensions":{"code":"undefinedField","typeName":"Query","fieldName":"__type"}}]}`
	)
	whole := func(body string) bool {
		return strings.HasPrefix(body, `{"data":{"__schema":{"queryType":{"name":"Query"}`) && strings.Contains(body, `"name":"vulnerabilitySeveritiesCount"`) && len(body) > 30_000
	}
	for _, c := range []struct {
		version, body string
		want          string // "": the whole schema
	}{
		{"13.12", probe, `{"data":{"__type":{"name":"Project","kind":"OBJECT"}}}`},
		{"16.11", probe, `{"data":{"__type":{"name":"Project","kind":"OBJECT"}}}`},
		{"16.11", `{"query":"{ __type(name: \"Project\") { name } }","operationName":null}`, `{"data":{"__type":{"name":"Project"}}}`},
		{"16.11", `{"query":"{ __type(name: \"Nothing\") { name } }"}`, `{"data":{"__type":null}}`},
		{"18.9", probe, ""},
		{"19.5", `{"query":"{ __schema { queryType { name } } }"}`, ""},
		{"18.9", `{"query":"query IntrospectionQuery { __typename }"}`, ""},
		{"18.9", `{"query":"{ nonsense","operationName":"IntrospectionQuery"}`, ""},
		{"18.9", `{"query":"{ __type(name: \"Project\") { name } }","operationName":null}`, gone},
		{"18.9", `{"query":"query probe { x: __typename }","operationName":"probe"}`, `{"data":{"x":"Query"}}`},
		{"18.9", `[` + probe + `]`, `[` + gone + `]`},
		{"18.9", `{"query":"{ __typename }"}`, `{"data":{"__typename":"Query"}}`},
		{"18.9", `{"query":"{ project(fullPath: \"no/such\") { __typename } }"}`, `{"data":{"project":null}}`},
	} {
		s := NewServer(newWorld(t, Config{Projects: 20, Version: scan.MustVersion(c.version)}), Options{})
		rw := post(t, s, s.Token(Developer), c.body)
		if got := rw.Body.String(); rw.Code != 200 || got != c.want && !(c.want == "" && whole(got)) {
			t.Errorf("%s %s: %d %.300s\nwant %s", c.version, c.body, rw.Code, got, c.want)
		}
	}
}

// The query that clients send by itself runs within the limits of the versions
// that execute it.
func TestIntrospectionIsExecuted(t *testing.T) {
	for _, version := range []string{"13.12", "16.11"} {
		s := NewServer(newWorld(t, Config{Projects: 20, Version: scan.MustVersion(version)}), Options{})
		a := into[struct {
			Errors []struct{ Message string }
			Data   struct {
				Schema struct {
					Types []struct {
						Name   string
						Kind   string
						Fields []struct {
							Name string
							Type struct{ Kind, Name string }
						}
					}
				} `json:"__schema"`
			}
		}](t, query(t, s, s.Token(Developer), introspectionQuery, nil))
		if len(a.Errors) > 0 {
			t.Errorf("%s: %v", version, a.Errors)
		}
		fields := map[string]bool{}
		for _, typ := range a.Data.Schema.Types {
			for _, f := range typ.Fields {
				fields[typ.Name+"."+f.Name] = true
			}
		}
		if !fields["Project.fullPath"] || fields["Project.isForked"] || fields["Query.__schema"] {
			t.Errorf("%s: %d fields; Project.isForked came later", version, len(fields))
		}
	}
}

func TestGraphQLLimits(t *testing.T) {
	s := NewServer(newWorld(t, Config{Projects: 20}), Options{})
	deep := func(n int) string {
		return `{ project(fullPath: "x") ` + strings.Repeat("{ group { projects(first: 1) { nodes ", n) + "{ id }" + strings.Repeat(" } } }", n) + " }"
	}
	// 20 or 21 levels, none of whose names comes a third time.
	level := func(last string) string {
		one := "(first: 1) { edges { node { "
		return `{ project(fullPath: "x") { group { descendantGroups` + one + "descendantGroups" + one + "parent { parent { projects" + one + "group { projects" + one +
			"forkedFrom { forkedFrom { " + last + strings.Repeat(" }", 20)
	}
	spaces := func(n int) string { return "{ __typename " + strings.Repeat(" ", n-14) + "}" }
	for _, c := range []struct {
		name, token, body string
		status            int
		message           string
	}{
		{"10,000 characters", s.Token(Developer), fmt.Sprintf(`{"query":%q}`, spaces(10_000)), 200, ""},
		{"10,001 characters", s.Token(Developer), fmt.Sprintf(`{"query":%q}`, spaces(10_001)), 422, "Query too large"},
		{"together 10,001", s.Token(Developer), fmt.Sprintf(`[{"query":%q},{"query":%q}]`, spaces(5000), spaces(5001)), 422, "Query too large"},
		{"characters, not bytes", s.Token(Developer), fmt.Sprintf(`{"query":"{ __typename } #%s"}`, strings.Repeat("é", 9_000)), 200, ""},
		{"long variables", s.Token(Developer), fmt.Sprintf(`{"query":"{ __typename }","variables":{"x":%q}}`, spaces(20_000)), 200, ""},
		{"recursion", s.Token(Developer), fmt.Sprintf(`{"query":%q}`, deep(3)), 200, "Recursive query - too many of fields"},
		{"twice the same field", s.Token(Developer), fmt.Sprintf(`{"query":%q}`, deep(2)), 200, ""},
		{"20 levels", s.Token(Developer), fmt.Sprintf(`{"query":%q}`, level("id")), 200, ""},
		{"21 levels", s.Token(Developer), fmt.Sprintf(`{"query":%q}`, level("repository { rootRef }")), 200, "Query has depth of 21, which exceeds max depth of 20"},
		{"20 levels, anonymous", "", fmt.Sprintf(`{"query":%q}`, level("id")), 200, "Query has depth of 20, which exceeds max depth of 15"},
		{"a bad body", s.Token(Developer), `{`, 422, "Unexpected end of document"},
		{"read_user", s.TokenWith(Developer, ScopeReadUser), `{"query":"{ __typename }"}`, 401, "Invalid token"},
	} {
		rw := post(t, s, c.token, c.body)
		var got string
		if strings.HasPrefix(rw.Body.String(), "{") {
			if a := into[gqlAnswer](t, rw); len(a.Errors) > 0 {
				got = a.Errors[0].Message
			}
		}
		if rw.Code != c.status || !strings.HasPrefix(got, c.message) || c.message == "" && got != "" {
			t.Errorf("%s: %d %.200s", c.name, rw.Code, rw.Body)
		}
	}
}

// The limits of a multiplex are over the sum of its queries.
func TestMultiplexIsScoredTogether(t *testing.T) {
	s := NewServer(newWorld(t, Config{Projects: 20}), Options{})
	one := `{"query":"{ projects(first: 50) { nodes { id repository { branchNames(searchPattern: \"*\", offset: 0, limit: 9) } } } }"}`
	cheap := `{"query":"{ queryComplexity { score limit } }"}`
	if got := post(t, s, s.Token(Admin), "["+cheap+","+cheap+"]").Body.String(); strings.Count(got, `"score":6`) != 2 || !strings.Contains(got, `"limit":300`) {
		t.Errorf("two cheap queries: %s", got)
	}
	got := into[[]gqlAnswer](t, post(t, s, s.Token(Admin), "["+one+","+cheap+","+one+"]"))
	if len(got) != 3 || len(got[0].Errors) == 0 || len(got[1].Errors) == 0 || got[0].Data != nil {
		t.Errorf("too much together: %+v", got)
	}
	if got := post(t, s, s.Token(AdminNoMode), cheap).Body.String(); !strings.Contains(got, `"limit":300`) {
		t.Errorf("the limit follows the attribute, not the mode: %s", got)
	}
}

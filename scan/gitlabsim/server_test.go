package gitlabsim

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"readiness/scan"
)

// ask sends one request straight to the server.
func ask(t testing.TB, s *Server, token, path string) *httptest.ResponseRecorder {
	t.Helper()
	if !strings.Contains(path, "://") {
		path = "http://127.0.0.1:8080/api/v4" + path
	}
	r := httptest.NewRequest(http.MethodGet, path, nil)
	if token != "" {
		r.Header.Set("PRIVATE-TOKEN", token)
	}
	rw := httptest.NewRecorder()
	s.ServeHTTP(rw, r)
	return rw
}

func into[T any](t testing.TB, rw *httptest.ResponseRecorder) T {
	t.Helper()
	var v T
	if err := json.Unmarshal(rw.Body.Bytes(), &v); err != nil {
		t.Fatalf("%v in %.200s", err, rw.Body)
	}
	return v
}

type row struct {
	ID int64 `json:"id"`
}

var nextLink = regexp.MustCompile(`<([^>]*)>; rel="next"`)

// walkAll follows the links to the next page and returns all ids.
func walkAll(t testing.TB, s *Server, token, path string) []int64 {
	t.Helper()
	var ids []int64
	for range 1000 {
		rw := ask(t, s, token, path)
		if rw.Code != 200 {
			t.Fatalf("GET %s: %d %s", path, rw.Code, rw.Body)
		}
		for _, r := range into[[]row](t, rw) {
			ids = append(ids, r.ID)
		}
		m := nextLink.FindStringSubmatch(rw.Header().Get("Link"))
		if m == nil {
			return ids
		}
		path = m[1]
	}
	t.Fatal("the walk has no end")
	return nil
}

func TestWalksAreComplete(t *testing.T) {
	w := newWorld(t, Config{Projects: 250})
	s := NewServer(w, Options{})
	admin := s.Token(Admin)
	projects, groups, users := slices.Collect(w.ProjectIDs()), slices.Collect(w.GroupIDs()), slices.Collect(w.UserIDs())
	for _, c := range []struct {
		path string
		want []int64
	}{
		{"/projects?pagination=keyset&order_by=id&sort=asc&per_page=100", projects},
		{"/projects?pagination=keyset&order_by=id&sort=asc&per_page=50", projects}, // the last page is full
		{"/projects?pagination=keyset&order_by=id&sort=desc&per_page=33", reversed(projects)},
		{"/projects?order_by=id&sort=asc&per_page=37", projects},
		{"/projects?per_page=100", reversed(projects)},
		{"/groups?order_by=id&per_page=7", groups},
		{"/groups?order_by=id&sort=desc&per_page=7", reversed(groups)},
		{"/users?pagination=keyset&order_by=id&sort=asc&per_page=10", users},
		{"/users?pagination=keyset&order_by=id&sort=desc&per_page=10", reversed(users)},
		{"/users?per_page=100&order_by=id&sort=asc", users},
	} {
		if got := walkAll(t, s, admin, c.path); !slices.Equal(got, c.want) {
			t.Errorf("GET %s: %d ids, want %d\n%v", c.path, len(got), len(c.want), got)
		}
	}
}

func reversed(ids []int64) []int64 {
	r := slices.Clone(ids)
	slices.Reverse(r)
	return r
}

func TestOffsetHeaders(t *testing.T) {
	s := NewServer(newWorld(t, Config{Projects: 250}), Options{})
	rw := ask(t, s, s.Token(Admin), "/projects?per_page=100&page=2")
	for name, want := range map[string]string{"X-Page": "2", "X-Per-Page": "100", "X-Next-Page": "3", "X-Prev-Page": "1", "X-Total": "250", "X-Total-Pages": "3"} {
		if got := rw.Header().Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if link := rw.Header().Get("Link"); !strings.HasPrefix(link, "<http://127.0.0.1:8080/api/v4/projects?") || strings.Count(link, "rel=") != 4 {
		t.Errorf("Link is %s", link)
	}
	big := NewServer(newWorld(t, Config{Projects: 10_001}), Options{})
	rw = ask(t, big, big.Token(Admin), "/projects")
	if rw.Header().Get("X-Total") != "" || strings.Contains(rw.Header().Get("Link"), "last") || rw.Header().Get("X-Next-Page") != "2" {
		t.Errorf("headers above 10,000 rows: %v", rw.Header())
	}
	for _, path := range []string{"/projects?per_page=0", "/projects?page=x"} {
		if rw := ask(t, s, s.Token(Admin), path); rw.Code != 400 {
			t.Errorf("GET %s: %d", path, rw.Code)
		}
	}
	if rw := ask(t, s, s.Token(Admin), "/users?per_page=100&page=501"); rw.Code != 405 {
		t.Errorf("users beyond the offset limit: %d %s", rw.Code, rw.Body)
	}
	if rw := ask(t, s, s.Token(Admin), "/projects?pagination=keyset&order_by=name"); rw.Code != 405 {
		t.Errorf("keyset by name: %d %s", rw.Code, rw.Body)
	}
}

// find returns the first project that ok accepts.
func find(t testing.TB, w *World, ok func(Project) bool) Project {
	t.Helper()
	for id := range w.ProjectIDs() {
		if p, _ := w.Project(id); ok(p) {
			return p
		}
	}
	t.Fatal("no such project")
	return Project{}
}

func TestRefusals(t *testing.T) {
	w := newWorld(t, Config{})
	s := NewServer(w, Options{})
	dev := caller{role: Developer, user: userDeveloper}
	hidden := find(t, w, func(p Project) bool { return !w.visible(dev, p.index) })
	mine := find(t, w, func(p Project) bool { return w.level(dev, &p) == levelDeveloper })
	path := func(p Project, rest string) string {
		return "/projects/" + strings.ReplaceAll(p.FullPath, "/", "%2F") + rest
	}
	for _, c := range []struct {
		token, path string
		status      int
		body        string
	}{
		{s.Token(Developer), path(hidden, ""), 404, `{"message":"404 Project Not Found"}`},
		{s.Token(Developer), path(hidden, "/hooks"), 404, `{"message":"404 Project Not Found"}`},
		{s.Token(Developer), path(mine, "/hooks"), 403, `{"message":"403 Forbidden"}`},
		{s.Token(Developer), path(mine, "/variables"), 403, `{"message":"403 Forbidden"}`},
		{s.Token(Developer), path(mine, "/remote_mirrors"), 401, `{"message":"401 Unauthorized"}`},
		{s.Token(Developer), "/application/settings", 403, `{"message":"403 Forbidden"}`},
		{s.Token(AdminNoMode), "/application/settings", 403, `{"message":"403 Forbidden"}`},
		{s.Token(Auditor), "/application/settings", 403, `{"message":"403 Forbidden"}`},
		{s.Token(Auditor), "/runners/all?per_page=1", 200, ``},
		{s.Token(Admin), "/no/such/route", 404, `{"error":"404 Not Found"}`},
		{"", "/user", 401, `{"message":"401 Unauthorized"}`},
		{"wrong", "/projects", 401, `{"message":"401 Unauthorized"}`},
		{s.TokenWith(Admin, ScopeReadUser), "/projects", 403, `{"error":"insufficient_scope","error_description":"The request requires higher privileges than provided by the access token.","scope":"api read_api"}`},
		{s.TokenWith(Admin, ScopeReadUser), "/user", 200, ``},
	} {
		rw := ask(t, s, c.token, c.path)
		if rw.Code != c.status || c.body != "" && rw.Body.String() != c.body {
			t.Errorf("GET %s: %d %s; want %d %s", c.path, rw.Code, rw.Body, c.status, c.body)
		}
	}
	if n := s.Stats().Refused; n != 12 {
		t.Errorf("%d requests were counted as refused, want 12", n)
	}
}

func TestEditionsAndVersions(t *testing.T) {
	for _, c := range []struct {
		version string
		tier    Tier
		path    string
		status  int
	}{
		{"18.9", CE, "/license", 404}, {"18.9", Free, "/license", 200}, {"18.9", CE, "/geo_sites", 404}, {"18.9", Premium, "/geo_sites", 200},
		{"15.1", Ultimate, "/metadata", 404}, {"15.2", Ultimate, "/metadata", 200}, {"13.12", Ultimate, "/version", 200},
		{"16.2", Ultimate, "/snippets/all", 404}, {"16.3", Ultimate, "/snippets/all", 200}, {"15.4", Ultimate, "/personal_access_tokens/self", 404},
	} {
		s := NewServer(newWorld(t, Config{Version: scan.MustVersion(c.version), Tier: c.tier, Projects: 40}), Options{})
		if rw := ask(t, s, s.Token(Admin), c.path); rw.Code != c.status {
			t.Errorf("%s %s: GET %s: %d %s", c.version, c.tier, c.path, rw.Code, rw.Body)
		}
	}
}

func TestOnlyReads(t *testing.T) {
	s := NewServer(newWorld(t, Config{}), Options{})
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		rw := httptest.NewRecorder()
		s.ServeHTTP(rw, httptest.NewRequest(method, "/api/v4/projects", nil))
		if rw.Code != http.StatusMethodNotAllowed {
			t.Errorf("%s: %d", method, rw.Code)
		}
	}
	if rw := query(t, s, s.TokenWith(Admin, ScopeAPI), `mutation { x { y } }`, nil); rw.Code != http.StatusMethodNotAllowed {
		t.Errorf("mutation: %d %s", rw.Code, rw.Body)
	}
	if n := s.Stats().Writes; n != 5 {
		t.Errorf("%d writes counted, want 5", n)
	}
	stats := into[Stats](t, ask(t, s, "", "http://127.0.0.1/-/sim/stats"))
	if stats.Requests != 5 || stats.GraphQL != 1 || stats.ByEndpoint["PUT (refused)"] != 1 {
		t.Errorf("stats: %+v", stats)
	}
}

func TestAMillionProjects(t *testing.T) {
	start := time.Now()
	w := newWorld(t, Config{Projects: 1_000_000})
	s := NewServer(w, Options{})
	rw := ask(t, s, s.Token(Admin), "/projects?pagination=keyset&order_by=id&sort=asc&per_page=100&statistics=true")
	if took := time.Since(start); rw.Code != 200 || took > 2*time.Second {
		t.Errorf("first page of a million: %d after %s", rw.Code, took)
	}
	if rw := ask(t, s, s.Token(Developer), "/projects?pagination=keyset&order_by=id&sort=asc&per_page=100&id_after=900000"); len(into[[]row](t, rw)) != 100 {
		t.Errorf("a developer's page: %.200s", rw.Body)
	}
	if id := w.projectID(999_999); w.ProjectTruth(id) == nil {
		t.Error("the last project has no truth")
	}
}

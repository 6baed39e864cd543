package gitlabsim

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"testing"
)

// GET /-/sim/stats counts what was asked, by route pattern, and not itself.
func TestMeters(t *testing.T) {
	s := NewServer(newWorld(t, Config{Projects: 40}), Options{})
	admin, developer := s.Token(Admin), s.Token(Developer)
	ask(t, s, admin, "/projects/1")
	ask(t, s, admin, "/projects/2")
	ask(t, s, admin, "/projects/999999")            // refused: not there
	ask(t, s, developer, "/application/settings")   // refused: forbidden
	ask(t, s, "", "/user")                          // refused: who?
	ask(t, s, admin, "/projects/1/nothing-of-ours") // refused: no such route
	query(t, s, developer, `{ currentUser { id } }`, nil)
	query(t, s, developer, `{ nonsense }`, nil) // refused: invalid
	query(t, s, s.TokenWith(Admin, ScopeAPI), `mutation { x { y } }`, nil)
	s.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodDelete, "/api/v4/projects/1", nil))
	const stats = "http://127.0.0.1/-/sim/stats"
	ask(t, s, "", stats)

	got := into[map[string]any](t, ask(t, s, "", stats))
	by, _ := got["by_endpoint"].(map[string]any)
	delete(got, "by_endpoint")
	want := map[string]any{"requests": 10.0, "rest": 7.0, "graphql": 3.0, "refused": 6.0, "writes": 2.0, "max_concurrency": 1.0}
	if !maps.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	wantBy := map[string]any{"GET /projects/:id": 3.0, "GET /application/settings": 1.0, "GET /user": 1.0, "GET (no such route)": 1.0, "POST /api/graphql": 3.0, "DELETE (refused)": 1.0}
	if !maps.Equal(by, wantBy) {
		t.Errorf("by endpoint: %v, want %v", by, wantBy)
	}
	one, two := httptest.NewRequest("GET", "/", nil), httptest.NewRequest("GET", "/", nil)
	end, also := s.meter.begin(one), s.meter.begin(two)
	end()
	third := s.meter.begin(one)
	also()
	third()
	if n := s.Stats().MaxConcurrency; n != 2 {
		t.Errorf("two at once were counted as %d", n)
	}
}

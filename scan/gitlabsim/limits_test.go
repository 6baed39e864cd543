package gitlabsim

import (
	"net/http"
	"sync"
	"testing"
	"time"

	"readiness/scan"
)

// hands is a clock that a test moves.
type hands struct {
	mu sync.Mutex
	at time.Time
}

func (h *hands) now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.at
}

func (h *hands) move(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.at = h.at.Add(d)
}

func atTen() *hands { return &hands{at: time.Date(2026, 3, 2, 10, 0, 40, 0, time.UTC)} }

func TestThrottleIsAFixedWindow(t *testing.T) {
	clock := atTen()
	w := newWorld(t, Config{Projects: 40, Throttle: Throttle{Requests: 3, Unauthenticated: 1, Period: time.Minute}})
	s := NewServer(w, Options{Clock: clock.now})
	get := func(token string) (int, http.Header, string) {
		rw := ask(t, s, token, "/version")
		return rw.Code, rw.Header(), rw.Body.String()
	}
	for n, remaining := range []string{"2", "1", "0"} {
		code, h, _ := get(s.Token(Admin))
		if code != 200 || h.Get("RateLimit-Limit") != "3" || h.Get("RateLimit-Remaining") != remaining || h.Get("RateLimit-Reset") != "1772445660" ||
			h.Get("RateLimit-Name") != "throttle_authenticated_api" || h.Get("Retry-After") != "" {
			t.Errorf("request %d: %d %v", n+1, code, h)
		}
	}
	code, h, body := get(s.Token(Admin))
	if code != 429 || body != "Retry later\n" || h.Get("Content-Type") != "text/plain" || h.Get("Retry-After") != "20" || h.Get("RateLimit-Observed") != "4" ||
		h.Get("RateLimit-Remaining") != "0" || h.Get("RateLimit-ResetTime") != "Mon, 02 Mar 2026 10:01:00 GMT" {
		t.Errorf("above the limit: %d %q %v", code, body, h)
	}
	if rw := query(t, s, s.Token(Admin), `{ currentUser { id } }`, nil); rw.Code != 429 {
		t.Errorf("GraphQL is no API: %d", rw.Code)
	}
	if code, _, _ := get(s.TokenWith(Admin, ScopeReadUser)); code != 429 {
		t.Errorf("another token of the same user: %d", code)
	}
	if code, _, _ := get(s.Token(Developer)); code != 200 {
		t.Errorf("another user: %d", code)
	}
	if code, h, _ := get("no such token"); code != 401 || h.Get("RateLimit-Name") != "throttle_unauthenticated_api" {
		t.Errorf("an address: %d %v", code, h)
	}
	if code, _, _ := get(""); code != 429 {
		t.Errorf("an address above its limit: %d", code)
	}
	clock.move(20 * time.Second) // not a minute: the windows are those of the clock
	if code, _, _ := get(s.Token(Admin)); code != 200 {
		t.Errorf("in the next window: %d", code)
	}
	settings := into[map[string]any](t, ask(t, s, s.Token(Admin), "/application/settings"))
	if settings["throttle_authenticated_api_enabled"] != true || settings["throttle_authenticated_api_requests_per_period"] != 3.0 || settings["throttle_authenticated_api_period_in_seconds"] != 60.0 {
		t.Errorf("settings: %v", settings)
	}
}

// The headers are normalised to a minute; before 18.9 only a 429 has them; where
// no throttle is on there are none.
func TestThrottleHeaders(t *testing.T) {
	for _, c := range []struct {
		version  string
		throttle Throttle
		limit    string
	}{
		{"18.9", Throttle{Requests: 7200}, "120"}, {"18.9", Throttle{Requests: 100, Period: 7 * time.Minute}, "15"}, {"17.11", Throttle{Requests: 7200}, ""}, {"18.9", Throttle{}, ""},
	} {
		s := NewServer(newWorld(t, Config{Projects: 40, Version: scan.MustVersion(c.version), Throttle: c.throttle}), Options{})
		if got := ask(t, s, s.Token(Admin), "/version").Header().Get("RateLimit-Limit"); got != c.limit {
			t.Errorf("%s with %+v: RateLimit-Limit %q, want %q", c.version, c.throttle, got, c.limit)
		}
	}
}

func TestEndpointLimits(t *testing.T) {
	for _, c := range []struct {
		version, path string
		role          Role
		limit         int // 0: none within the requests of the test
		after         string
	}{
		{"18.9", "/groups", Admin, 200, "60"}, {"18.9", "/groups/1/members/all", Admin, 200, "60"}, {"18.9", "/projects/1?simple=true", Admin, 400, "60"},
		{"18.9", "/users/1", Developer, 300, "600"}, {"18.9", "/users/1", Auditor, 0, ""}, {"15.11", "/users/1", Developer, 300, "600"},
		{"17.11", "/groups", Admin, 0, ""}, {"18.9", "/version", Admin, 0, ""}, {"18.9", "/projects?per_page=1", Anonymous, 400, "600"}, {"15.11", "/projects?per_page=1", Anonymous, 0, ""},
	} {
		clock := atTen()
		s := NewServer(newWorld(t, Config{Projects: 20, Version: scan.MustVersion(c.version), EndpointLimits: true}), Options{Clock: clock.now})
		token := ""
		if c.role != Anonymous {
			token = s.Token(c.role)
		}
		good := 0
		for good < 450 {
			rw := ask(t, s, token, c.path)
			if rw.Code == 429 {
				if body := rw.Body.String(); body != `{"message":{"error":"This endpoint has been requested too many times. Try again later."}}` ||
					rw.Header().Get("Retry-After") != c.after || rw.Header().Get("RateLimit-Limit") != "" || rw.Header().Get("Content-Type") != "application/json" {
					t.Errorf("%s %s: %s %v", c.version, c.path, body, rw.Header())
				}
				break
			}
			good++
		}
		if good != c.limit && !(c.limit == 0 && good == 450) {
			t.Errorf("%s %s as %s: refused after %d, want %d", c.version, c.path, c.role, good, c.limit)
		}
		clock.move(10 * time.Minute)
		if rw := ask(t, s, token, c.path); rw.Code != 200 {
			t.Errorf("%s %s in the next window: %d %s", c.version, c.path, rw.Code, rw.Body)
		}
	}
	upgraded := NewServer(newWorld(t, Config{Projects: 20}), Options{})
	for range 250 {
		if rw := ask(t, upgraded, upgraded.Token(Admin), "/groups"); rw.Code != 200 {
			t.Fatalf("an upgraded instance limits: %d", rw.Code)
		}
	}
	settings := into[map[string]any](t, ask(t, upgraded, upgraded.Token(Admin), "/application/settings"))
	if settings["groups_api_limit"] != 0.0 {
		t.Errorf("an upgraded instance says groups_api_limit %v", settings["groups_api_limit"])
	}
}

func TestGitLabCom(t *testing.T) {
	clock := atTen()
	w := newWorld(t, Config{Projects: 200, SaaS: true})
	s := NewServer(w, Options{Clock: clock.now})
	if rw := ask(t, s, s.Token(Admin), "/user"); rw.Code != 401 {
		t.Errorf("there is an administrator's token: %d", rw.Code)
	}
	owner := s.Token(Owner)
	for path, status := range map[string]int{"/application/settings": 403, "/license": 403, "/runners/all": 403, "/hooks": 403, "/deploy_keys": 403,
		"/application/statistics": 403, "/admin/ci/variables": 403, "/pages/domains": 403, "/features": 403, "/geo_sites": 403, "/projects": 200, "/groups": 200} {
		if rw := ask(t, s, owner, path); rw.Code != status {
			t.Errorf("GET %s: %d %s", path, rw.Code, rw.Body)
		}
	}
	rw := ask(t, s, owner, "/groups")
	if h := rw.Header(); h.Get("Link") == "" || h.Get("RateLimit-Limit") != "2000" {
		t.Errorf("headers: %v", h)
	}
	if v := into[map[string]any](t, ask(t, s, owner, "/version")); v["version"] != "19.5.0-pre" {
		t.Errorf("version: %v", v)
	}
	for _, u := range into[[]map[string]any](t, ask(t, s, owner, "/users?per_page=100")) {
		if u["email"] != nil || u["identities"] != nil {
			t.Fatalf("an e-mail address is told: %v", u)
		}
	}
	for range 2000 {
		rw = ask(t, s, owner, "/version")
	}
	if rw.Code != 429 {
		t.Errorf("request 2,001 in a minute: %d", rw.Code)
	}
}

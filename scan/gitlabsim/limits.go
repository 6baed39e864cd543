package gitlabsim

import (
	"math"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"readiness/scan"
)

// Throttle limits all API requests of one user, GraphQL's among them, in fixed
// windows. The zero value limits nothing, GitLab's default on self-managed.
// Source: lib/gitlab/rack_attack.rb, lib/gitlab/rack_attack/request_throttle_data.rb.
type Throttle struct {
	Requests        int           // of one user in a period; 0: unlimited
	Unauthenticated int           // of one address without a token; 0: unlimited
	Period          time.Duration // whole seconds; default one hour, as GitLab's
}

func (t Throttle) on() bool { return t.Requests > 0 || t.Unauthenticated > 0 }

// endpointLimit is a limit per endpoint and user.
type endpointLimit struct {
	name      string // of the application setting
	since     string // the version that enforces it by default
	requests  int    // a fresh installation's default
	period    time.Duration
	exemptAll bool // who can read all resources is not counted
}

// endpointLimits are the limits that apply to simulated routes.
// Sources: lib/gitlab/application_rate_limiter.rb for the intervals,
// https://docs.gitlab.com/administration/settings/rate_limit_on_projects_api/
// and its siblings for defaults and versions.
var endpointLimits = map[string]endpointLimit{
	"/projects":                 {"projects_api_limit", "18.1", 2000, 10 * time.Minute, false},
	"/projects/:id":             {"project_api_limit", "18.1", 400, time.Minute, false},
	"/groups":                   {"groups_api_limit", "18.1", 200, time.Minute, false},
	"/groups/:id":               {"group_api_limit", "18.1", 400, time.Minute, false},
	"/groups/:id/projects":      {"group_projects_api_limit", "18.1", 600, time.Minute, false},
	"/users/:id":                {"users_get_by_id_limit", "14.10", 300, 10 * time.Minute, true},
	"/projects/:id/members/all": {"project_members_api_limit", "18.1", 200, time.Minute, false},
	"/groups/:id/members/all":   {"project_members_api_limit", "18.1", 200, time.Minute, false},
}

// anonymousProjects is the limit of GET /projects without a token.
var anonymousProjects = endpointLimit{"projects_api_rate_limit_unauthenticated", "16.0", 400, 10 * time.Minute, false}

// limiter counts requests in fixed windows.
type limiter struct {
	now func() time.Time

	mu      sync.Mutex
	windows map[limited]inWindow
}

// limited is what is counted together: a limit and who it is applied to.
type limited struct {
	limit string
	who   string
}

type inWindow struct {
	window int64 // number of the period since 1970
	n      int
}

// count counts a request and returns how many the window has seen.
func (l *limiter) count(limit, who string, period time.Duration) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	key, at := limited{limit, who}, l.now().Unix()/int64(period/time.Second)
	c := l.windows[key]
	if c.window != at {
		c = inWindow{window: at}
	}
	c.n++
	l.windows[key] = c
	return c.n
}

// left is how long the present window goes on, in whole seconds, at least 1.
func (l *limiter) left(period time.Duration) int {
	seconds := int64(period / time.Second)
	return int(seconds - l.now().Unix()%seconds)
}

// requester is who a request is counted for: the user of a valid token, or the
// address it comes from.
func (s *Server) requester(r *http.Request) (who string, known bool) {
	if c, ok := s.callers[bearer(r)]; ok {
		return "user " + strconv.Itoa(c.user), true
	}
	return address(r), false
}

func address(r *http.Request) string {
	if host, _, err := net.SplitHostPort(r.RemoteAddr); err == nil {
		return host
	}
	return r.RemoteAddr
}

// throttled applies the limit on all requests; it answers what is above.
func (s *Server) throttled(rw http.ResponseWriter, r *http.Request) bool {
	t := s.world.cfg.Throttle
	who, known := s.requester(r)
	name, limit := "throttle_authenticated_api", t.Requests
	if !known {
		name, limit = "throttle_unauthenticated_api", t.Unauthenticated
	}
	if limit == 0 {
		return false
	}
	n := s.limits.count(name, who, t.Period)
	left := s.limits.left(t.Period)
	reset := s.limits.now().Add(time.Duration(left) * time.Second)
	h := rw.Header()
	// Sent with every answer by GitLab.com and by 18.9, which has the middleware
	// for it; older self-managed ones send them with a 429.
	if n > limit || s.world.cfg.SaaS || s.world.since(18, 9) {
		h.Set("RateLimit-Name", name)
		h.Set("RateLimit-Limit", strconv.Itoa(int(math.Ceil(float64(limit)*60/t.Period.Seconds()))))
		h.Set("RateLimit-Observed", strconv.Itoa(n))
		h.Set("RateLimit-Remaining", strconv.Itoa(max(0, limit-n)))
		h.Set("RateLimit-Reset", strconv.FormatInt(reset.Unix(), 10))
	}
	if n <= limit {
		return false
	}
	h.Set("Retry-After", strconv.Itoa(left))
	h.Set("RateLimit-ResetTime", reset.UTC().Format(http.TimeFormat))
	s.meter.endpoint(r.Method + " (throttled)")
	write(rw, r, http.StatusTooManyRequests, "text/plain", "Retry later\n")
	return true
}

// limitEndpoint applies the limit of one endpoint; nil if there is room.
func (s *Server) limitEndpoint(path string, c *call) error {
	limit, ok := endpointLimits[path]
	who := "user " + strconv.Itoa(c.who.user)
	if !c.who.known() {
		who = address(c.r)
		if path == "/projects" {
			limit = anonymousProjects
		}
	}
	switch {
	case !ok, !s.world.cfg.EndpointLimits, !s.world.cfg.Version.AtLeast(scan.MustVersion(limit.since)), limit.exemptAll && c.who.readsAll():
		return nil
	}
	if s.limits.count(limit.name, who, limit.period) <= limit.requests {
		return nil
	}
	c.head.Set("Retry-After", strconv.Itoa(int(limit.period/time.Second)))
	return refusal{status: http.StatusTooManyRequests,
		body: object{{"message", object{{"error", "This endpoint has been requested too many times. Try again later."}}}}}
}

// endpointLimit is what the application settings say of a limit: an instance
// that was upgraded to 18.0 or later starts without.
func (w *World) endpointLimit(path string) int {
	if !w.cfg.EndpointLimits && endpointLimits[path].since == "18.1" {
		return 0
	}
	return endpointLimits[path].requests
}

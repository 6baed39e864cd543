package gitlabsim

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"readiness/scan"
)

// Options say how a server behaves beyond what the world holds.
type Options struct {
	Latency time.Duration // waited before each answer, as a network would make one wait
	Faults  Faults        // what goes wrong
	// Clock tells the time for the windows of rate limits; default time.Now.
	Clock func() time.Time
	// Stalled, if not nil, is told of each request to which a fault lets no answer
	// come: a client that does not live by the wall clock gives up on it then.
	Stalled func(*http.Request)
}

// Server answers HTTP requests about a world. It is safe for concurrent use.
type Server struct {
	world   *World
	opts    Options
	callers map[string]caller
	mux     *http.ServeMux
	graphql *graphqlAPI
	meter   meter
	serial  atomic.Int64 // of requests, for their correlation ids
	faults  *injector    // nil: nothing goes wrong
	past    history
	limits  limiter
}

// NewServer makes a server of w.
func NewServer(w *World, opts Options) *Server {
	if opts.Clock == nil {
		opts.Clock = time.Now
	}
	s := &Server{world: w, opts: opts, mux: http.NewServeMux(), limits: limiter{now: opts.Clock, windows: map[limited]inWindow{}}}
	s.callers = s.tokens()
	s.graphql = newGraphQL(w)
	s.meter.byEndpoint = map[string]int64{}
	if len(opts.Faults) > 0 {
		s.faults = newInjector(opts.Faults, w.cfg.Seed)
	}
	s.past.begin(w, slices.ContainsFunc(opts.Faults, func(f Fault) bool { return f.Kind == "churn" }))
	for _, r := range routes() {
		if r.ee && !w.cfg.Tier.Enterprise() || r.since != "" && !w.cfg.Version.AtLeast(scan.MustVersion(r.since)) {
			continue
		}
		s.mux.Handle("GET /api/v4"+muxPattern(r.path), s.rest(r))
	}
	s.mux.HandleFunc("GET /api/v4/", func(rw http.ResponseWriter, r *http.Request) {
		s.meter.endpoint("GET (no such route)")
		s.answer(rw, r, &call{}, nil, noRoute)
	})
	s.mux.HandleFunc("GET /api/v3/", func(rw http.ResponseWriter, r *http.Request) {
		s.answer(rw, r, &call{}, nil, refusal{http.StatusGone, object{{"error", "API V3 is no longer supported. Use API V4 instead."}}})
	})
	s.mux.HandleFunc("POST /api/graphql", s.serveGraphQL)
	s.mux.HandleFunc("GET /-/sim/stats", s.serveStats)
	s.mux.HandleFunc("GET /", func(rw http.ResponseWriter, r *http.Request) {
		http.Redirect(rw, r, "/users/sign_in", http.StatusFound)
	})
	s.mux.HandleFunc("GET /users/sign_in", func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(rw, signInPage)
	})
	return s
}

// muxPattern turns ":id" into the wildcard of net/http.
func muxPattern(path string) string {
	parts := strings.Split(path, "/")
	for i, p := range parts {
		if name, ok := strings.CutPrefix(p, ":"); ok {
			parts[i] = "{" + name + "}"
		}
	}
	return strings.Join(parts, "/")
}

// squeezed is the request with runs of slashes in its path taken for one and
// the last one left out, as GitLab's router takes them: clients ask for
// /api/v4//version and /api/v4/features/, and net/http's router would redirect
// or miss them.
func squeezed(r *http.Request) *http.Request {
	path := r.URL.EscapedPath()
	last := strings.HasPrefix(path, "/api/v4/") && strings.HasSuffix(path, "/")
	if !last && !strings.Contains(path, "//") {
		return r
	}
	u := *r.URL
	for _, path := range []*string{&u.Path, &u.RawPath} {
		for strings.Contains(*path, "//") {
			*path = strings.ReplaceAll(*path, "//", "/")
		}
		if last {
			*path = strings.TrimSuffix(*path, "/")
		}
	}
	clone := *r
	clone.URL = &u
	return &clone
}

// ServeHTTP answers one request. Whatever is not a read is refused with 405.
func (s *Server) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	r = squeezed(r)
	if r.URL.Path == "/-/sim/stats" {
		s.mux.ServeHTTP(rw, r)
		return
	}
	done := s.meter.begin(r)
	defer done()
	if s.opts.Latency > 0 {
		select {
		case <-time.After(s.opts.Latency):
		case <-r.Context().Done():
			return
		}
	}
	h := rw.Header()
	id := fmt.Sprintf("SIM%023d", s.serial.Add(1))
	h.Set("Server", "nginx")
	h.Set("Cache-Control", "max-age=0, private, must-revalidate")
	h.Set("Referrer-Policy", "strict-origin-when-cross-origin")
	h.Set("Vary", "Origin")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "SAMEORIGIN")
	h.Set("X-Gitlab-Meta", `{"correlation_id":"`+id+`","version":"1"}`)
	h.Set("X-Request-Id", id)
	h.Set("X-Runtime", "0.021000")
	read := r.Method == http.MethodGet || r.Method == http.MethodHead
	if !read && !(r.Method == http.MethodPost && r.URL.Path == "/api/graphql") {
		s.meter.write()
		s.meter.endpoint(r.Method + " (refused)")
		h.Set("Allow", "OPTIONS, GET, HEAD")
		s.answer(rw, r, &call{}, nil, refusal{http.StatusMethodNotAllowed, object{{"error", "405 Not Allowed"}}})
		return
	}
	if strings.HasPrefix(r.URL.Path, "/api/") && s.throttled(rw, r) {
		return
	}
	if s.faults != nil && s.goWrong(rw, r) {
		return
	}
	s.mux.ServeHTTP(rw, r)
}

// route is one REST endpoint.
type route struct {
	path   string // with :id for parameters
	since  string // the version that introduced it, "" before 13.0
	ee     bool   // Enterprise Edition code
	user   bool   // scope read_user suffices
	open   bool   // may be asked without a token
	handle func(*call) (any, error)
}

// call is one REST request.
type call struct {
	w     *World
	r     *http.Request
	query url.Values
	who   caller
	head  http.Header // of the answer
}

func (s *Server) rest(route route) http.HandlerFunc {
	allowed := []string{ScopeAPI, ScopeReadAPI}
	if route.user {
		allowed = append(allowed, ScopeReadUser)
	}
	return func(rw http.ResponseWriter, r *http.Request) {
		s.meter.endpoint("GET " + route.path)
		c := &call{w: s.World(), r: r, query: r.URL.Query(), head: rw.Header()}
		var body any
		var err error
		if c.who, err = s.authenticate(r, allowed...); err == nil {
			switch {
			case !c.who.known() && !route.open:
				err = unauthorized
			default:
				if err = s.limitEndpoint(route.path, c); err == nil {
					body, err = route.handle(c)
				}
				if err == nil {
					err = s.faults.poisoned(route.path, c.query, body)
				}
			}
		}
		s.answer(rw, r, c, body, err)
	}
}

// raw is an answer that is not JSON.
type raw struct {
	contentType string
	text        string
}

func (s *Server) answer(rw http.ResponseWriter, r *http.Request, _ *call, body any, err error) {
	status := http.StatusOK
	var no refusal
	switch {
	case errors.As(err, &no):
		status, body = no.status, no.body
		if status == http.StatusUnauthorized || status == http.StatusForbidden || status == http.StatusNotFound {
			s.meter.refuse()
		}
	case err != nil:
		status, body = http.StatusInternalServerError, object{{"message", "500 Internal Server Error"}}
	}
	if text, ok := body.(raw); ok {
		rw.Header().Set("Content-Type", text.contentType)
		rw.Header().Set("Content-Length", strconv.Itoa(len(text.text)))
		rw.WriteHeader(status)
		if r.Method != http.MethodHead {
			_, _ = rw.Write([]byte(text.text)) // the client has gone away: nothing to be done
		}
		return
	}
	b, err := appendJSON(nil, body)
	if err != nil {
		status, b = http.StatusInternalServerError, []byte(`{"message":"500 Internal Server Error"}`)
	}
	rw.Header().Set("Content-Type", "application/json")
	rw.Header().Set("Content-Length", strconv.Itoa(len(b)))
	rw.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = rw.Write(b)
	}
}

// meter counts what a server was asked.
type meter struct {
	requests, rest, graphql, refused, writes atomic.Int64
	current, most                            atomic.Int64

	mu         sync.Mutex
	byEndpoint map[string]int64
}

// begin counts a request; the function it returns ends it.
func (m *meter) begin(r *http.Request) func() {
	m.requests.Add(1)
	if r.URL.Path == "/api/graphql" {
		m.graphql.Add(1)
	} else {
		m.rest.Add(1)
	}
	for now := m.current.Add(1); ; {
		most := m.most.Load()
		if now <= most || m.most.CompareAndSwap(most, now) {
			break
		}
	}
	return func() { m.current.Add(-1) }
}

func (m *meter) refuse() { m.refused.Add(1) }
func (m *meter) write()  { m.writes.Add(1) }

func (m *meter) endpoint(name string) {
	m.mu.Lock()
	m.byEndpoint[name]++
	m.mu.Unlock()
}

// Stats are the meters of a server.
type Stats struct {
	Requests       int64            `json:"requests"`
	REST           int64            `json:"rest"`
	GraphQL        int64            `json:"graphql"`
	Refused        int64            `json:"refused"` // answered 401, 403 or 404, or a query that was refused
	Writes         int64            `json:"writes"`  // anything that is not a read
	MaxConcurrency int64            `json:"max_concurrency"`
	ByEndpoint     map[string]int64 `json:"by_endpoint"`      // by method and route pattern
	Faults         map[string]int64 `json:"faults,omitempty"` // injected, by kind
}

// Stats reads the meters.
func (s *Server) Stats() Stats {
	m := &s.meter
	m.mu.Lock()
	defer m.mu.Unlock()
	by := make(map[string]int64, len(m.byEndpoint))
	for k, v := range m.byEndpoint {
		by[k] = v
	}
	return Stats{m.requests.Load(), m.rest.Load(), m.graphql.Load(), m.refused.Load(), m.writes.Load(), m.most.Load(), by, s.Injected()}
}

func (s *Server) serveStats(rw http.ResponseWriter, r *http.Request) {
	s.answer(rw, r, &call{}, s.Stats(), nil)
}

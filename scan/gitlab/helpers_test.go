package gitlab

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"readiness/scan"
)

const testToken = "glpat-test-TOKEN-value"

// fastClock is a clock in which sleeping only moves the hands, and in which a
// time that something may take ends when the test says so, see stalled.
type fastClock struct {
	mu     sync.Mutex
	now    time.Time
	slept  []time.Duration
	within map[string]func() // what ends the time of an attempt, by its number
}

func newFastClock() *fastClock {
	return &fastClock{now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
}

func (c *fastClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *fastClock) Sleep(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if d > 0 {
		c.now = c.now.Add(d)
		c.slept = append(c.slept, d)
	}
	return ctx.Err()
}

type attemptKey struct{}

// attemptHeader numbers the attempts of a scan whose network is numbered.
const attemptHeader = "X-Test-Attempt"

func (c *fastClock) Within(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.within == nil {
		c.within = map[string]func(){}
	}
	number := strconv.Itoa(len(c.within))
	ctx, end := context.WithCancelCause(context.WithValue(ctx, attemptKey{}, number))
	c.within[number] = func() {
		c.mu.Lock()
		c.now = c.now.Add(d)
		c.mu.Unlock()
		end(context.DeadlineExceeded)
	}
	return ctx, func() { end(nil) }
}

// stalled ends the time of the attempt that a server does not answer.
func (c *fastClock) stalled(r *http.Request) {
	c.mu.Lock()
	end := c.within[r.Header.Get(attemptHeader)]
	c.mu.Unlock()
	if end != nil {
		end()
	}
}

// numbered tells the server the number of each attempt, for stalled.
type numbered struct{ http.RoundTripper }

func (n numbered) RoundTrip(r *http.Request) (*http.Response, error) {
	if number, ok := r.Context().Value(attemptKey{}).(string); ok {
		r.Header.Set(attemptHeader, number)
	}
	return n.RoundTripper.RoundTrip(r)
}

func (c *fastClock) total() (sum time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, d := range c.slept {
		sum += d
	}
	return sum
}

// routes answers requests by "METHOD /path", path without /api/v4; a route
// ending in * stands for all that begin so. What is not there is a 404.
type routes map[string]http.HandlerFunc

func (rs routes) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	key := r.Method + " " + strings.TrimPrefix(r.URL.Path, "/api/v4")
	if h, ok := rs[key]; ok {
		h(w, r)
		return
	}
	for pattern, h := range rs {
		if prefix, ok := strings.CutSuffix(pattern, "*"); ok && strings.HasPrefix(key, prefix) {
			h(w, r)
			return
		}
	}
	say(404, `{"error":"404 Not Found"}`)(w, r)
}

func say(status int, body string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		for i := 0; i+1 < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// turns answers each request with the next of the handlers, the last one for ever.
func turns(hs ...http.HandlerFunc) http.HandlerFunc {
	var mu sync.Mutex
	i := 0
	return func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		h := hs[min(i, len(hs)-1)]
		i++
		mu.Unlock()
		h(w, r)
	}
}

// healthy is what every instance answers in Open, at the given version.
func healthy(version string) routes {
	return routes{
		"GET /user":     say(200, `{"id":7,"username":"ann"}`),
		"GET /projects": say(200, `[]`),
		"GET /metadata": say(200, fmt.Sprintf(`{"version":%q,"enterprise":true}`, version)),
	}
}

// with returns rs with another route.
func (rs routes) with(key string, h http.HandlerFunc) routes {
	out := routes{key: h}
	for k, v := range rs {
		if k != key {
			out[k] = v
		}
	}
	return out
}

func serve(t *testing.T, h http.Handler) string {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server.URL
}

// open opens a source at h; it fails the test if that fails.
func open(t *testing.T, h http.Handler, adapt ...func(*Options)) (*Source, *fastClock) {
	t.Helper()
	clock := newFastClock()
	opt := Options{BaseURL: serve(t, h), Token: testToken, Depth: scan.Deep, Clock: clock}
	for _, a := range adapt {
		a(&opt)
	}
	s, err := Open(t.Context(), opt)
	if err != nil {
		t.Fatal(err)
	}
	return s, clock
}

// reference is a path in the project's research, which not every machine has.
func reference(t *testing.T, path ...string) string {
	t.Helper()
	root := os.Getenv("READINESS_REFERENCE")
	if root == "" {
		t.Skip("READINESS_REFERENCE is not set: the recorded answers and schemas are not here")
	}
	return filepath.Join(append([]string{root, "gitlab-api"}, path...)...)
}

// mustGap fails unless the fact is a gap for the reason, and returns it.
func mustGap(t *testing.T, s scan.Subject, id scan.FactID, want scan.Reason) scan.Gap {
	t.Helper()
	g, gap := scan.FactOf(s, id).Gap()
	if !gap || g.Reason != want {
		t.Fatalf("%s is %v, %+v; want a gap %s", id, scan.FactOf(s, id).Any(), g, want)
	}
	return g
}

// mustSet fails if a fact of the depth is unset.
func mustSet(t *testing.T, s scan.Subject, depths ...scan.Depth) {
	t.Helper()
	for id, fact := range scan.Facts(s) {
		e, _ := scan.Lookup(id)
		for _, d := range depths {
			if e.Depth == d && scan.IsUnset(fact) {
				t.Errorf("%s of %s is unset", id, s.Address())
			}
		}
	}
}

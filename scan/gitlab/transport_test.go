package gitlab

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"readiness/scan"
)

func TestRetries(t *testing.T) {
	hangUp := func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			_ = conn.Close()
		}
	}
	breakOff := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `[{"id":1}`)
	}
	fine := say(200, `[{"id":1}]`, "X-Total", "1")
	reset := strconv.FormatInt(newFastClock().now.Add(45*time.Second).Unix(), 10)
	for name, c := range map[string]struct {
		answer  http.HandlerFunc
		ok      bool
		waits   time.Duration // at least
		atMost  time.Duration
		retries int64
	}{
		// net/http itself repeats a request on a connection that was kept open.
		"broken connection":        {turns(hangUp, hangUp, fine), true, time.Second / 2, time.Second, 1},
		"answer that breaks off":   {turns(breakOff, fine), true, time.Second / 2, time.Second, 1},
		"502 and 503":              {turns(say(502, "<html>"), say(503, "{}"), fine), true, 1500 * time.Millisecond, 3 * time.Second, 2},
		"503 with Retry-After":     {turns(say(503, "{}", "Retry-After", "20"), fine), true, 20 * time.Second, 20 * time.Second, 1},
		"429 with Retry-After":     {turns(say(429, "Retry later\n", "Retry-After", "37"), fine), true, 37 * time.Second, 37 * time.Second, 1},
		"429 with RateLimit-Reset": {turns(say(429, "Retry later\n", "RateLimit-Reset", reset), fine), true, 44 * time.Second, 46 * time.Second, 1},
		"429 without a word":       {turns(say(429, "Retry later\n"), fine), true, time.Minute, time.Minute, 1},
		"429 for ever":             {say(429, `{"message":{"error":"too many"}}`, "Retry-After", "60"), false, 9 * time.Minute, 10 * time.Minute, 9},
		// Half a second, one, two and four at the least, and four before the attempt
		// that follows when the source turns out to be there.
		"502 for ever":        {say(502, "<html>"), false, 11500 * time.Millisecond, time.Minute, 5},
		"500 for ever":        {say(500, "{}"), false, 5 * time.Second, 20 * time.Second, 3},
		"500 once":            {turns(say(500, "{}"), fine), true, time.Second, 2 * time.Second, 1},
		"login page once":     {turns(say(200, "<html>", "Content-Type", "text/html"), fine), true, time.Second, 2 * time.Second, 1},
		"login page for ever": {say(200, "<html>", "Content-Type", "text/html"), false, 5 * time.Second, 20 * time.Second, 3},
		"half an answer":      {turns(say(200, `[{"id":1}`, "X-Total", "1"), fine), true, time.Second, 2 * time.Second, 1},
		"429 without a wait":  {turns(say(429, "Retry later\n", "Retry-After", "0"), fine), true, time.Second, time.Second, 1},
	} {
		t.Run(name, func(t *testing.T) {
			s, clock := open(t, healthy("18.9.0-ee").with("GET /things", c.answer))
			n, r, err := s.count(t.Context(), call{endpoint: "GET /things", path: "things"})
			if err != nil || (r == nil) != c.ok {
				t.Fatalf("count = %d, %+v, %v", n, r, err)
			}
			if c.ok && n != 1 {
				t.Errorf("count = %d, want 1", n)
			}
			if got := clock.total(); got < c.waits || got > c.atMost {
				t.Errorf("waited %v, want %v to %v", got, c.waits, c.atMost)
			}
			if q := s.Requests(); q.Retries != c.retries || q.Waited != clock.total() {
				t.Errorf("requests = %+v, want %d retries and %v waited", q, c.retries, clock.total())
			}
			if r != nil {
				if g := r.gap("project.issues", s.version()); g.Reason != scan.ReasonFailed || g.Cure == "" {
					t.Errorf("gap = %+v", g)
				}
			}
		})
	}
}

// The end of one's allowance is known from the last good answer: the next
// request waits for the window's end instead of running into a 429.
func TestRateLimitUsedUp(t *testing.T) {
	reset := newFastClock().now.Add(30 * time.Second)
	s, clock := open(t, healthy("18.9.0-ee").with("GET /things",
		say(200, `[]`, "X-Total", "0", "RateLimit-Remaining", "0", "RateLimit-Reset", strconv.FormatInt(reset.Unix(), 10))))
	for range 2 {
		if _, r, err := s.count(t.Context(), call{endpoint: "GET /things", path: "things"}); r != nil || err != nil {
			t.Fatal(r, err)
		}
	}
	if clock.total() != 30*time.Second {
		t.Errorf("waited %v, want 30s once", clock.total())
	}
}

// GitLab's per-endpoint limit rests that endpoint and no other.
func TestEndpointLimitSparesOthers(t *testing.T) {
	p := newPacer(newFastClock(), 0)
	p.throttled("GET /projects", http.Header{"Retry-After": {"600"}}, []byte(`{"message":{"error":"This endpoint has been requested too many times."}}`))
	if !p.paused[""].IsZero() || p.paused["GET /projects"].IsZero() {
		t.Errorf("paused = %v", p.paused)
	}
	p.throttled("GET /groups", http.Header{"Retry-After": {"5"}}, []byte("Retry later\n"))
	if p.paused[""].IsZero() {
		t.Errorf("paused = %v", p.paused)
	}
}

func TestMaxRPS(t *testing.T) {
	s, clock := open(t, healthy("18.9.0-ee").with("GET /things", say(200, `[]`, "X-Total", "0")), func(o *Options) { o.MaxRPS = 2 })
	before := clock.total()
	for range 4 {
		if _, r, err := s.count(t.Context(), call{endpoint: "GET /things", path: "things"}); r != nil || err != nil {
			t.Fatal(r, err)
		}
	}
	if got := clock.total() - before; got != 2*time.Second {
		t.Errorf("four requests at two a second waited %v, want 2s", got)
	}
}

func TestConcurrencyIsBounded(t *testing.T) {
	var now, most atomic.Int64
	release := make(chan struct{})
	s, _ := open(t, healthy("18.9.0-ee").with("GET /things", func(w http.ResponseWriter, r *http.Request) {
		if n := now.Add(1); n > most.Load() {
			most.Store(n)
		}
		<-release
		now.Add(-1)
		say(200, `[]`, "X-Total", "0")(w, r)
	}), func(o *Options) { o.Workers = 3 })
	done := make(chan error, 12)
	for range cap(done) {
		go func() {
			_, r, err := s.count(context.Background(), call{endpoint: "GET /things", path: "things"})
			if r != nil {
				err = errors.New(r.short())
			}
			done <- err
		}()
	}
	for range cap(done) {
		release <- struct{}{}
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if most.Load() > 3 {
		t.Errorf("%d requests at once, want 3 at most", most.Load())
	}
}

func TestRedirects(t *testing.T) {
	var leaked atomic.Bool
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		leaked.Store(true)
	}))
	defer other.Close()
	s, _ := open(t, healthy("18.9.0-ee").
		with("GET /moved", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/api/v4/projects", http.StatusMovedPermanently)
		}).
		with("GET /away", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, other.URL+"/api/v4/projects", http.StatusFound)
		}).
		with("GET /circle", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/api/v4/circle", http.StatusFound) }))
	var items []any
	if _, r, err := s.read(t.Context(), call{endpoint: "GET /moved", path: "moved"}, &items); r != nil || err != nil {
		t.Errorf("within the host: %+v %v", r, err)
	}
	_, r, err := s.read(t.Context(), call{endpoint: "GET /away", path: "away"}, &items)
	if err != nil || r == nil || !strings.Contains(r.Cure, "redirects to "+other.URL) {
		t.Errorf("to another host: %+v %v", r, err)
	}
	if leaked.Load() {
		t.Error("the other host was asked")
	}
	if _, r, err := s.read(t.Context(), call{endpoint: "GET /circle", path: "circle"}, &items); err != nil || r == nil {
		t.Errorf("in a circle: %+v %v", r, err)
	}
}

func TestOnlyReadsPass(t *testing.T) {
	s, _ := open(t, healthy("18.9.0-ee").with("POST /api/graphql", say(200, `{"data":{"ok":true}}`)))
	for _, c := range []struct {
		method, url, body string
		want              error
	}{
		{"GET", s.base + "/api/v4/projects", "", nil},
		{"HEAD", s.base + "/api/v4/projects", "", nil},
		{"POST", s.base + "/api/graphql", `{"query":"query{metadata{version}}"}`, nil},
		{"POST", s.base + "/api/graphql", `{"query":"mutation{destroy}"}`, errReadOnly},
		{"POST", s.base + "/api/graphql", `{"query":"query a{x} mutation b{y}","operationName":"b"}`, errReadOnly},
		{"POST", s.base + "/api/graphql", `[{"query":"mutation{y}"}]`, errReadOnly},
		{"POST", s.base + "/api/graphql", ``, errReadOnly},
		{"POST", s.base + "/api/v4/projects", `{"query":"query{x}"}`, errReadOnly},
		{"PUT", s.base + "/api/v4/projects/1", "{}", errReadOnly},
		{"DELETE", s.base + "/api/v4/projects/1", "", errReadOnly},
		{"GET", "http://example.invalid/api/v4/projects", "", errHost},
	} {
		req, err := http.NewRequest(c.method, c.url, strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := s.http.Do(req)
		if resp != nil {
			_ = resp.Body.Close()
		}
		if !errors.Is(err, c.want) {
			t.Errorf("%s %s %s: %v, want %v", c.method, c.url, c.body, err, c.want)
		}
	}
}

func TestBodies(t *testing.T) {
	s, _ := open(t, healthy("18.9.0-ee").
		with("GET /login", say(200, "<!DOCTYPE html><html>Sign in</html>", "Content-Type", "text/html")).
		with("GET /denied", say(403, "<html>blocked</html>", "Content-Type", "text/html")).
		with("GET /odd", say(200, `{"not":"a list"}`)).
		with("GET /large", say(200, `["`+strings.Repeat("x", 4096)+`"]`)))
	s.transport.maxBody = 1024
	for path, want := range map[string]string{"login": "not JSON", "denied": "not JSON", "odd": "not what GitLab documents", "large": "larger than"} {
		var items []any
		_, r, err := s.read(t.Context(), call{endpoint: "GET /" + path, path: path}, &items)
		if err != nil || r == nil || r.Reason != scan.ReasonFailed || !strings.Contains(r.Cure, want) {
			t.Errorf("%s: %+v, %v; want a failure that says %q", path, r, err, want)
		}
	}
}

// A 401 ends the scan only if GET /user answers 401 too.
// Any text can be a file's: what does not come as GitLab sends files is none.
func TestWholeFile(t *testing.T) {
	for _, c := range []struct {
		size, disposition, text string
		want                    bool
	}{
		{size: "5", disposition: "inline", text: "a: b\n", want: true},
		{size: "5", text: "a: b\n", want: true},
		{size: "0", want: true},
		{size: "6", disposition: "inline", text: "a: b\n"},
		{disposition: `inline; filename="a.yml"`, text: "a: b\n", want: true}, // a proxy lets no X-Gitlab-Size pass
		{text: "upstream request timeout"},
		{},
	} {
		h := http.Header{}
		for key, value := range map[string]string{"X-Gitlab-Size": c.size, "Content-Disposition": c.disposition} {
			if value != "" {
				h.Set(key, value)
			}
		}
		if got := wholeFile(h, []byte(c.text)); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

func TestUnauthorized(t *testing.T) {
	refused := say(401, `{"message":"401 Unauthorized"}`)
	user := turns(say(200, `{"id":7,"username":"ann"}`), say(200, `{"id":7,"username":"ann"}`), refused)
	s, clock := open(t, healthy("18.9.0-ee").with("GET /user", user).with("GET /projects/1/remote_mirrors", refused))
	mirrors := call{endpoint: "GET /projects/:id/remote_mirrors", path: "projects/1/remote_mirrors"}
	for range 3 { // a fresh answer of GET /user stands for a while
		_, r, err := s.count(t.Context(), mirrors)
		if err != nil || r == nil || r.Reason != scan.ReasonForbidden || r.Status != 401 {
			t.Fatalf("with a good token: %+v, %v", r, err)
		}
	}
	_ = clock.Sleep(t.Context(), 2*authFresh)
	if _, _, err := s.count(t.Context(), mirrors); !errors.Is(err, scan.ErrAuthentication) {
		t.Errorf("with a lost token: %v", err)
	}
	if err := s.DeepProject(t.Context(), &scan.Project{ID: 1}); !errors.Is(err, scan.ErrAuthentication) {
		t.Errorf("DeepProject with a lost token: %v", err)
	}
}

func TestContextEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s, _ := open(t, healthy("18.9.0-ee").with("GET /things", func(w http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	}))
	if _, _, err := s.count(ctx, call{endpoint: "GET /things", path: "things"}); !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v", err)
	}
}

func TestCount(t *testing.T) {
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		want   int64
		reason scan.Reason
	}{
		"total":                     {say(200, `[{}]`, "X-Total", "42"), 42, ""},
		"no total, but a next page": {say(200, `[{}]`, "X-Next-Page", "2", "X-Page", "1"), 0, scan.ReasonTruncated},
		"no total, next by Link":    {say(200, `[{}]`, "Link", `<https://x/api/v4/things?page=2&per_page=1>; rel="next"`), 0, scan.ReasonTruncated},
		"no total, last page":       {say(200, `[{}]`, "X-Next-Page", "", "X-Page", "1"), 1, ""},
		"no total, empty":           {say(200, `[]`), 0, ""},
		"a list without pages":      {say(200, `[{},{},{}]`), 3, ""},
		"one, and no word of pages": {say(200, `[{}]`), 1, ""},
		"null is no list of none":   {say(200, `null`), 0, scan.ReasonFailed},
		"405 of the offset limit":   {say(405, `{"error":"Offset pagination has a maximum allowed offset of 50000"}`), 0, scan.ReasonTruncated},
	} {
		t.Run(name, func(t *testing.T) {
			s, _ := open(t, healthy("18.9.0-ee").with("GET /things", c.answer))
			n, r, err := s.count(t.Context(), call{endpoint: "GET /things", path: "things"})
			switch {
			case err != nil:
				t.Fatal(err)
			case c.reason != "" && (r == nil || r.Reason != c.reason):
				t.Errorf("count = %d, %+v; want %s", n, r, c.reason)
			case c.reason == "" && (r != nil || n != c.want):
				t.Errorf("count = %d, %+v; want %d", n, r, c.want)
			}
		})
	}
}

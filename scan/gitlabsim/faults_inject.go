package gitlabsim

import (
	"bytes"
	"context"
	"fmt"
	"hash/fnv"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

const graphqlRoute = "/graphql"

// injector decides which requests of a server go wrong, and how. A draw is
// settled by the world's seed, the clause, the request (method, URL, body) and
// how often that same request came before: equal sequences of requests meet
// equal faults, and faults by share do so in whatever order requests arrive.
type injector struct {
	plan Faults
	seed uint64

	mu     sync.Mutex
	asked  map[uint64]int   // by request: how often it came
	met    []int            // by clause: requests it concerned
	struck map[string]int64 // by kind
}

func newInjector(plan Faults, seed uint64) *injector {
	return &injector{plan: plan, seed: seed, asked: map[uint64]int{}, met: make([]int, len(plan)), struck: map[string]int64{}}
}

// verdict is what shall happen to one request.
type verdict struct {
	fault *Fault // nil: nothing but the delay
	how   draw   // settles details
	delay time.Duration
	churn int // how many changes are due
}

func (in *injector) judge(method, uri, route, id, body string) verdict {
	h := fnv.New64a()
	for _, part := range []string{method, uri, body} {
		_, _ = io.WriteString(h, part)
		_, _ = h.Write([]byte{0})
	}
	key := h.Sum64()
	in.mu.Lock()
	defer in.mu.Unlock()
	times := in.asked[key]
	in.asked[key]++
	var v verdict
	for i := range in.plan {
		f := &in.plan[i]
		if !f.concerns(route, id, body) {
			continue
		}
		in.met[i]++
		if f.Kind == "churn" {
			if in.met[i]%f.Every == 0 {
				v.churn++
				in.struck[f.Kind]++
			}
			continue
		}
		d := draw(mix(in.seed ^ mix(key^mix(uint64(i)<<32|uint64(times)))))
		if v.fault != nil || !f.strikes(in.met[i], d) {
			continue
		}
		in.struck[f.Kind]++
		if f.Kind == "slow" {
			v.delay += f.Delay
			continue
		}
		v.fault, v.how = f, d.again(1)
	}
	return v
}

// poisoned is the refusal that takes the place of an answer of the route, if that
// tells of a project that a clause poisons.
func (in *injector) poisoned(route string, query url.Values, body any) error {
	if in == nil || !slices.Contains([]string{"/projects", "/groups/:id/projects", "/projects/:id"}, route) {
		return nil
	}
	for _, f := range in.plan {
		if f.Kind != "poison" || f.Form == "full" && truth[query.Get("simple")] {
			continue
		}
		told, ok := body.(list)
		if !ok {
			told = list{body}
		}
		for _, p := range told {
			if o, ok := p.(object); ok && len(o) > 0 && o[0] == (member{"id", f.Project}) {
				in.mu.Lock()
				defer in.mu.Unlock()
				in.struck[f.Kind]++
				return message(http.StatusInternalServerError, "500 Internal Server Error")
			}
		}
	}
	return nil
}

// routeOf is the pattern of the route that answers r, as faults name it.
func (s *Server) routeOf(r *http.Request) (route, id string) {
	_, pattern := s.mux.Handler(r)
	if r.URL.Path == "/api/graphql" {
		return graphqlRoute, ""
	}
	_, path, _ := strings.Cut(pattern, " ")
	parts := strings.Split(strings.TrimPrefix(path, "/api/v4"), "/")
	given := strings.Split(strings.TrimPrefix(r.URL.EscapedPath(), "/api/v4"), "/")
	for i, p := range parts {
		if name, ok := strings.CutPrefix(p, "{"); ok {
			parts[i] = ":" + strings.TrimSuffix(name, "}")
			if parts[i] == ":id" && i < len(given) {
				id = given[i]
			}
		}
	}
	return strings.Join(parts, "/"), id
}

// goWrong answers r as the plan of faults wants it; false leaves r to be
// answered rightly.
func (s *Server) goWrong(rw http.ResponseWriter, r *http.Request) bool {
	body := ""
	if r.Method == http.MethodPost {
		all, err := io.ReadAll(io.LimitReader(r.Body, 4<<20))
		if err != nil {
			return true // the client has gone away
		}
		body = string(all)
		r.Body = io.NopCloser(bytes.NewReader(all))
	}
	route, id := s.routeOf(r)
	v := s.faults.judge(r.Method, r.URL.RequestURI(), route, id, body)
	for range v.churn {
		s.change()
	}
	if v.delay > 0 && !pause(r.Context(), v.delay) {
		return true
	}
	if v.fault == nil {
		return false
	}
	s.meter.endpoint(map[bool]string{true: "POST /api/graphql", false: "GET " + route}[route == graphqlRoute])
	s.strike(rw, r, *v.fault, v.how, route == graphqlRoute)
	return true
}

func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

const signInPage = "<!DOCTYPE html><html><head><title>Sign in · GitLab</title></head><body>Sign in</body></html>\n"

// strike answers r with the fault. Statuses, headers and bodies are those that
// GitLab and the nginx before it are recorded to send.
func (s *Server) strike(rw http.ResponseWriter, r *http.Request, f Fault, how draw, graphql bool) {
	switch f.Kind {
	case "429":
		s.tooMany(rw, r, f, how)
	case "403", "404", "500":
		status, _ := strconv.Atoi(f.Kind)
		no := message(status, map[int]string{403: "403 Forbidden", 404: "404 Not Found", 500: "500 Internal Server Error"}[status])
		if graphql && status == 500 {
			no.body = graphqlErrors("Internal server error")
		}
		s.answer(rw, r, nil, nil, no)
	case "502", "503", "504":
		status, _ := strconv.Atoi(f.Kind)
		if f.RetryAfter > 0 {
			rw.Header().Set("Retry-After", strconv.Itoa(f.RetryAfter))
		}
		s.proxy(rw, r, status, "text/html", fmt.Sprintf("<html>\r\n<head><title>%d %s</title></head>\r\n<body><h1>%[1]d %[2]s</h1><hr>nginx</body>\r\n</html>\r\n", status, http.StatusText(status)))
	case "html":
		s.proxy(rw, r, http.StatusOK, "text/html; charset=utf-8", signInPage)
	case "notjson":
		switch how.below(3) {
		case 0:
			s.proxy(rw, r, http.StatusOK, "application/json", "upstream request timeout")
		case 1:
			s.proxy(rw, r, http.StatusOK, "text/plain", "upstream connect error or disconnect/reset before headers")
		default:
			s.proxy(rw, r, http.StatusOK, "application/json", "")
		}
	case "revoke":
		no := refusal{http.StatusUnauthorized, object{{"error", "invalid_token"}, {"error_description", "Token was revoked. You have to re-authorize from the user."}}}
		if graphql {
			no.body = graphqlErrors("Invalid token")
		}
		s.answer(rw, r, nil, nil, no)
	case "graphql-off":
		no := noRoute
		if f.Status == http.StatusForbidden {
			no = refusal{http.StatusForbidden, graphqlErrors("API not accessible for user")}
		}
		s.answer(rw, r, nil, nil, no)
	case "reset":
		reset(rw)
	case "stall":
		if how&1 == 0 {
			s.half(rw, r, true)
		}
		if s.opts.Stalled != nil {
			s.opts.Stalled(r)
		}
		<-r.Context().Done() // the client has to give up
	case "truncate":
		s.half(rw, r, how&1 == 0)
		if how&1 == 0 {
			panic(http.ErrAbortHandler) // more was announced than comes
		}
	}
}

// proxy answers as something between the client and GitLab does.
func (s *Server) proxy(rw http.ResponseWriter, r *http.Request, status int, contentType, text string) {
	for _, key := range []string{"Cache-Control", "Referrer-Policy", "Vary", "X-Content-Type-Options", "X-Frame-Options", "X-Gitlab-Meta", "X-Request-Id", "X-Runtime"} {
		rw.Header().Del(key)
	}
	write(rw, r, status, contentType, text)
}

func write(rw http.ResponseWriter, r *http.Request, status int, contentType, text string) {
	rw.Header().Set("Content-Type", contentType)
	rw.Header().Set("Content-Length", strconv.Itoa(len(text)))
	rw.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = io.WriteString(rw, text) // the client has gone away: nothing to be done
	}
}

// tooMany answers 429 as Rack::Attack does, for all requests of a user, or as
// the application's own limiter does, for one endpoint.
// Source: config/initializers/rack_attack.rb, lib/gitlab/rack_attack.rb and
// lib/api/helpers/rate_limiter.rb.
func (s *Server) tooMany(rw http.ResponseWriter, r *http.Request, f Fault, how draw) {
	rack, after := f.Form == "rack" || f.Form == "" && how&1 == 0, f.RetryAfter
	if after == 0 {
		after = 60 // the limiter's interval
		if rack {
			after = how.again(1).between(1, 60) // what is left of the window
		}
	}
	h := rw.Header()
	h.Set("Retry-After", strconv.Itoa(after))
	if !rack {
		s.answer(rw, r, nil, nil, refusal{http.StatusTooManyRequests,
			object{{"message", object{{"error", "This endpoint has been requested too many times. Try again later."}}}}})
		return
	}
	reset := time.Now().Add(time.Duration(after) * time.Second).UTC()
	h.Set("RateLimit-Limit", "120")
	h.Set("RateLimit-Name", "throttle_authenticated_api")
	h.Set("RateLimit-Observed", "121")
	h.Set("RateLimit-Remaining", "0")
	h.Set("RateLimit-Reset", strconv.FormatInt(reset.Unix(), 10))
	h.Set("RateLimit-ResetTime", reset.Format(http.TimeFormat))
	write(rw, r, http.StatusTooManyRequests, "text/plain", "Retry later\n")
}

// reset breaks the connection without a word; where there is none, the answer is
// aborted.
func reset(rw http.ResponseWriter) {
	hijacker, ok := rw.(http.Hijacker)
	if !ok {
		panic(http.ErrAbortHandler)
	}
	conn, _, err := hijacker.Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // closing then resets
	}
	_ = conn.Close()
}

// half sends the first half of the right answer. If announced, its head speaks
// of the whole; else the half looks like all there is.
func (s *Server) half(rw http.ResponseWriter, r *http.Request, announced bool) {
	whole := answerKeeper{head: rw.Header(), status: http.StatusOK}
	s.mux.ServeHTTP(&whole, r)
	body := whole.body.Bytes()
	cut := body[:len(body)/2]
	length := len(cut)
	if announced {
		length = max(len(body), 2)
	}
	rw.Header().Set("Content-Length", strconv.Itoa(length))
	rw.WriteHeader(whole.status)
	if r.Method == http.MethodHead {
		return
	}
	_, _ = rw.Write(cut)
	_ = http.NewResponseController(rw).Flush()
}

// answerKeeper keeps an answer instead of sending it.
type answerKeeper struct {
	head   http.Header
	status int
	body   bytes.Buffer
}

func (k *answerKeeper) Header() http.Header         { return k.head }
func (k *answerKeeper) WriteHeader(status int)      { k.status = status }
func (k *answerKeeper) Write(b []byte) (int, error) { return k.body.Write(b) }

// Injected counts the faults so far, by kind.
func (s *Server) Injected() map[string]int64 {
	if s.faults == nil {
		return nil
	}
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	counts := make(map[string]int64, len(s.faults.struck))
	for k, n := range s.faults.struck {
		counts[k] = n
	}
	return counts
}

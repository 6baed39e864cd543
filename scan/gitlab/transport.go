package gitlab

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"time"

	"readiness/scan"
)

const (
	// maxBody is the largest answer that is read, in bytes.
	maxBody = 64 << 20
	// attemptTimeout bounds one attempt: GitLab itself gives up on a GraphQL query
	// after 30 s and on a database statement after 60 s.
	attemptTimeout = 90 * time.Second
	maxRedirects   = 5
)

var (
	errSlow     = errors.New("no answer within the time one attempt may take")
	errTooLarge = fmt.Errorf("the answer is larger than %d MiB", maxBody>>20)
	// errReadOnly is a defect of this program: it tried more than to read.
	errReadOnly = errors.New("refused to send a request that could change the source")
	errHost     = errors.New("refused to send a request to another host than the source")
)

// redirectError is a redirect that would leave the source.
type redirectError struct{ to string }

func (e *redirectError) Error() string { return "it redirects to " + e.to }

// transport is the one way to the source, for REST and GraphQL alike. It adds
// the token, and that for the source's host alone, bounds and paces requests,
// tries again what is worth it, reads every body to its end, and lets nothing
// pass that is not a read.
type transport struct {
	base   http.RoundTripper
	source *url.URL
	token  string
	agent  string
	slots  chan struct{}
	// turnstile lets one request at a time wait for a slot, see take.
	turnstile chan struct{}
	held      atomic.Pointer[chan struct{}] // while not nil, what stands at the turnstile waits for its end
	pace      *pacer
	clock     Clock
	maxBody   int64
	timeout   time.Duration // of one attempt
	sent      func(Exchange)

	rest, graphql, retries atomic.Int64
	spoken                 atomic.Bool // the source has answered as a GitLab
	lost                   losses
	locked                 atomic.Bool // the source no longer knows the token: nothing more is sent
}

type endpointKey struct{}

// withEndpoint names the route pattern that requests made with ctx belong to,
// which is what GitLab's per-endpoint limits count.
func withEndpoint(ctx context.Context, endpoint string) context.Context {
	return context.WithValue(ctx, endpointKey{}, endpoint)
}

// RoundTrip implements http.RoundTripper. The response's body is a *content.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	payload, err := t.admit(req)
	if err != nil {
		return nil, err
	}
	ctx := req.Context()
	endpoint, _ := ctx.Value(endpointKey{}).(string)
	if err := t.enter(ctx, endpoint); err != nil {
		return nil, err
	}
	inside := true
	defer func() {
		if inside {
			<-t.slots
		}
	}()
	failed, throttled := 0, 0
	begun := t.lost.answers.Load()
	giveUp := func() bool {
		if failed < t.lost.patience(endpoint) {
			return false
		}
		t.lost.gaveUp(endpoint, begun)
		return true
	}
	for {
		if err := t.pace.turn(ctx); err != nil {
			return nil, err
		}
		if t.locked.Load() {
			return nil, scan.ErrAuthentication
		}
		resp, err := t.attempt(req, payload)
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case err != nil:
			if failed++; errors.Is(err, errSlow) {
				failed++ // a server this slow is not helped by asking it often
			}
			if giveUp() || !worthRetry(err) || failed >= 2 && !t.spoken.Load() { // rather a wrong address
				return nil, err
			}
			if err := t.pace.sleep(ctx, backoff(failed-1)); err != nil {
				return nil, err
			}
		case resp.StatusCode == http.StatusTooManyRequests:
			t.pace.throttled(endpoint, resp.Header, bodyOf(resp))
			if throttled++; throttled >= maxThrottled {
				return resp, nil
			}
			// Whoever waits for one endpoint's limit lets requests to others pass;
			// whoever waits for a server in trouble does not.
			<-t.slots
			inside = false
			if err := t.enter(ctx, endpoint); err != nil {
				return nil, err
			}
			inside = true
		case resp.StatusCode == http.StatusBadGateway, resp.StatusCode == http.StatusServiceUnavailable,
			resp.StatusCode == http.StatusGatewayTimeout:
			if failed++; giveUp() || (payload != nil && bytes.Contains(bodyOf(resp), []byte("timed out"))) {
				return resp, nil // a query that timed out has to be a smaller one
			}
			wait := backoff(failed - 1)
			if after, ok := retryAfter(resp.Header, t.clock.Now()); ok {
				wait = min(max(wait, after), longestPause)
			}
			if err := t.pace.sleep(ctx, wait); err != nil {
				return nil, err
			}
		case resp.StatusCode == http.StatusInternalServerError, t.spoilt(req, resp, endpoint):
			// Seldom cured by asking again, but a page of a listing that is lost
			// costs all that comes after it.
			if failed += 2; giveUp() {
				return resp, nil
			}
			if err := t.pace.sleep(ctx, backoff(failed-1)); err != nil {
				return nil, err
			}
		default:
			if !t.spoken.Load() && looksJSON(resp.Header, bodyOf(resp)) {
				t.spoken.Store(true)
			}
			t.lost.answered(endpoint)
			t.pace.observe(resp.Header)
			return resp, nil
		}
		t.retries.Add(1)
	}
}

// spoilt reports whether an answer that should hold a value is a page of something
// between here and GitLab, or half an answer that looks whole. A source that has
// never spoken as GitLab does is more likely none.
func (t *transport) spoilt(req *http.Request, resp *http.Response, endpoint string) bool {
	if resp.StatusCode != http.StatusOK || req.Method == http.MethodHead || strings.HasSuffix(endpoint, "/raw") || !t.spoken.Load() {
		return false
	}
	return !json.Valid(bodyOf(resp))
}

// enter takes one of the slots for requests under way, at a time when endpoint
// need not rest.
func (t *transport) enter(ctx context.Context, endpoint string) error {
	for {
		if err := t.pace.rest(ctx, endpoint); err != nil {
			return err
		}
		if err := t.take(ctx, endpoint); err != nil {
			return err
		}
		if t.pace.resting(endpoint) <= 0 {
			return nil
		}
		<-t.slots
	}
}

// take takes a slot. Requests queue before a turnstile that GET /user goes
// around: whether the token still holds decides about all that wait.
func (t *transport) take(ctx context.Context, endpoint string) error {
	if endpoint != userEndpoint {
		select {
		case t.turnstile <- struct{}{}:
			defer func() { <-t.turnstile }()
		case <-ctx.Done():
			return ctx.Err()
		}
		if gate := t.held.Load(); gate != nil {
			select {
			case <-*gate:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
	select {
	case t.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// hold keeps everything but GET /user from passing the turnstile until the
// returned function is called. One caller at a time.
func (t *transport) hold() (open func()) {
	gate := make(chan struct{})
	t.held.Store(&gate)
	return func() {
		t.held.Store(nil)
		close(gate)
	}
}

// admit lets reads to the source pass and returns the request's body.
func (t *transport) admit(req *http.Request) ([]byte, error) {
	if !sameHost(req.URL, t.source) {
		return nil, errHost
	}
	switch {
	case req.Method == http.MethodGet, req.Method == http.MethodHead:
		t.rest.Add(1)
		return nil, nil
	case req.Method == http.MethodPost && req.URL.Path == strings.TrimSuffix(t.source.Path, "/")+"/api/graphql":
		if req.Body == nil {
			return nil, errReadOnly
		}
		payload, err := io.ReadAll(req.Body)
		_ = req.Body.Close()
		if err != nil {
			return nil, err
		}
		if !onlyQueries(payload) {
			return nil, errReadOnly
		}
		t.graphql.Add(1)
		return payload, nil
	}
	return nil, errReadOnly
}

var changing = regexp.MustCompile(`(?i)\b(mutation|subscription)\b`)

// onlyQueries reports whether a GraphQL payload holds nothing but a query. It
// need not parse: no query of ours has the words in it anywhere.
func onlyQueries(payload []byte) bool {
	var p struct {
		Query string `json:"query"`
	}
	return json.Unmarshal(payload, &p) == nil && p.Query != "" && !changing.MatchString(p.Query)
}

// attempt sends the request once and reads the answer to its end: a body that
// breaks off is a failed attempt, not a short answer.
func (t *transport) attempt(req *http.Request, payload []byte) (resp *http.Response, err error) {
	if t.sent != nil {
		defer t.tell(req, t.clock.Now(), &resp, &err)
	}
	ctx, cancel := t.clock.Within(req.Context(), t.timeout)
	defer cancel()
	out := req.Clone(ctx)
	if payload != nil {
		out.Body = io.NopCloser(bytes.NewReader(payload))
		out.ContentLength = int64(len(payload))
		out.GetBody = nil
	}
	out.Header.Del("Authorization")
	out.Header.Set("Private-Token", t.token)
	out.Header.Set("User-Agent", t.agent)
	resp, err = t.base.RoundTrip(out)
	if err != nil {
		return nil, orSlow(ctx, err)
	}
	body := resp.Body
	defer func() { _ = body.Close() }()
	all, err := io.ReadAll(io.LimitReader(body, t.maxBody+1))
	if err != nil {
		return nil, orSlow(ctx, fmt.Errorf("the answer broke off: %w", err))
	}
	if int64(len(all)) > t.maxBody {
		return nil, errTooLarge
	}
	resp.Body = &content{Reader: bytes.NewReader(all), all: all}
	return resp, nil
}

func orSlow(ctx context.Context, err error) error {
	if errors.Is(context.Cause(ctx), context.DeadlineExceeded) {
		return errSlow
	}
	return err
}

// content is the whole body of an answer.
type content struct {
	*bytes.Reader
	all []byte
}

// Close does nothing: the connection was released when the body had been read.
func (*content) Close() error { return nil }

func bodyOf(resp *http.Response) []byte {
	if c, ok := resp.Body.(*content); ok {
		return c.all
	}
	return nil
}

// worthRetry tells a connection that broke from one that will never be.
func worthRetry(err error) bool {
	return !errors.Is(err, errTooLarge) && !errors.Is(err, context.Canceled) && !isTLS(err) && !wantsCertificate(err) && !isUnknownHost(err)
}

// client is an http.Client over t that follows redirects within the source alone.
func (t *transport) client() *http.Client {
	return &http.Client{Transport: t, CheckRedirect: func(req *http.Request, via []*http.Request) error {
		switch {
		case !sameHost(req.URL, t.source):
			return &redirectError{to: req.URL.Scheme + "://" + req.URL.Host}
		case req.Method == http.MethodPost || via[0].Method == http.MethodPost:
			return &redirectError{to: masked(req.URL.Path)}
		case len(via) >= maxRedirects:
			return errors.New("it redirects in a circle")
		}
		return nil
	}}
}

func sameHost(a, b *url.URL) bool {
	return a.Scheme == b.Scheme && strings.EqualFold(hostPort(a), hostPort(b))
}

func hostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return u.Hostname() + ":" + port
}

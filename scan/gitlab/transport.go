package gitlab

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
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
	base    http.RoundTripper
	source  *url.URL
	token   string
	agent   string
	govern  *governor
	pace    *pacer
	clock   Clock
	maxBody int64
	timeout time.Duration // of one attempt
	sent    func(Exchange)

	rest, graphql, retries atomic.Int64
	spoken                 atomic.Bool // the source has answered as a GitLab
	lost                   losses
	outage                 outage
	notice                 func(format string, args ...any)
	over                   atomic.Pointer[error] // why nothing more is sent
}

type endpointKey struct{}

type kindKey struct{}

// withKind names the kind of question that a request made with ctx puts, where
// the endpoint says too little: answers to one kind take like times.
func withKind(ctx context.Context, kind string) context.Context {
	return context.WithValue(ctx, kindKey{}, kind)
}

func kindOf(ctx context.Context, endpoint string) string {
	if kind, ok := ctx.Value(kindKey{}).(string); ok {
		return kind
	}
	return endpoint
}

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
			t.govern.leave()
		}
	}()
	lost, throttled := t.losing(endpoint), 0
	for {
		if err := t.pace.turn(ctx); err != nil {
			return nil, err
		}
		if err := t.ended(); err != nil {
			return nil, err
		}
		attempt, cuts, left := t.lost.sent.Add(1), t.govern.cuts(), t.clock.Now()
		resp, err := t.attempt(req, payload)
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case err != nil:
			t.govern.troubled(cuts)
			weight := 1
			if errors.Is(err, errSlow) {
				weight = 2 // a server this slow is not helped by asking it often
			}
			if !t.worthRetry(err) {
				return nil, err
			}
			if done, ended := lost.another(ctx, weight); done {
				return nil, cmp.Or(ended, err)
			}
			if lost.failures() >= 2 && !t.spoken.Load() {
				return nil, err // rather a wrong address
			}
			if err := t.pace.sleep(ctx, lost.backoff()); err != nil {
				return nil, err
			}
		case resp.StatusCode == http.StatusTooManyRequests:
			t.pace.throttled(endpoint, resp.Header, bodyOf(resp))
			if throttled++; throttled >= maxThrottled {
				return resp, nil
			}
			// Whoever waits for one endpoint's limit lets requests to others pass;
			// whoever waits for a server in trouble does not.
			t.govern.leave()
			inside = false
			if err := t.enter(ctx, endpoint); err != nil {
				return nil, err
			}
			inside = true
		case resp.StatusCode == http.StatusBadGateway, resp.StatusCode == http.StatusServiceUnavailable,
			resp.StatusCode == http.StatusGatewayTimeout:
			t.govern.troubled(cuts)
			if payload != nil && bytes.Contains(bodyOf(resp), []byte("timed out")) {
				return resp, nil // a query that timed out has to be a smaller one
			}
			if done, ended := lost.another(ctx, 1); done {
				return answerOr(resp, ended)
			}
			wait := lost.backoff()
			if after, ok := retryAfter(resp.Header, t.clock.Now()); ok {
				wait = min(max(wait, after), longestPause)
			}
			if err := t.pace.sleep(ctx, wait); err != nil {
				return nil, err
			}
		case resp.StatusCode == http.StatusInternalServerError, t.spoilt(req, resp, endpoint):
			// Seldom cured by asking again, but a page of a listing that is lost
			// costs all that comes after it.
			if done, ended := lost.another(ctx, 2); done {
				return answerOr(resp, ended)
			}
			if err := t.pace.sleep(ctx, lost.backoff()); err != nil {
				return nil, err
			}
		default:
			if !t.spoken.Load() && looksJSON(resp.Header, bodyOf(resp), false) {
				t.spoken.Store(true)
			}
			t.lost.answered(endpoint, attempt)
			t.govern.answered(kindOf(ctx, endpoint), t.clock.Now().Sub(left))
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
	if resp.StatusCode != http.StatusOK || req.Method == http.MethodHead || !t.spoken.Load() {
		return false
	}
	if strings.HasSuffix(endpoint, "/raw") {
		return !wholeFile(resp.Header, bodyOf(resp))
	}
	return !json.Valid(bodyOf(resp))
}

// wholeFile reports whether a file's text is as long as GitLab says that the file
// is. An answer that neither says so nor names the file, as GitLab's do, is something
// else's, for any text can be a file's. Source: lib/api/files.rb (blob_data) and
// lib/api/helpers.rb (send_git_blob) at 18.9.
func wholeFile(h http.Header, text []byte) bool {
	if size := h.Get("X-Gitlab-Size"); size != "" {
		return size == strconv.Itoa(len(text))
	}
	return h.Get("Content-Disposition") != "" // what stands between may leave GitLab's own headers out
}

// enter takes one of the slots for requests under way, at a time when endpoint
// need not rest.
func (t *transport) enter(ctx context.Context, endpoint string) error {
	for {
		if err := t.pace.rest(ctx, endpoint); err != nil {
			return err
		}
		// Whether the token still holds decides about all that wait.
		if err := t.govern.enter(ctx, endpoint == userEndpoint); err != nil {
			return err
		}
		if t.pace.within(endpoint) <= 0 {
			return nil
		}
		t.govern.leave()
	}
}

// answerOr is an answer, unless err ends the request.
func answerOr(resp *http.Response, err error) (*http.Response, error) {
	if err != nil {
		return nil, err
	}
	return resp, nil
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

// worthRetry tells a connection that broke from one that will never be. What has
// once been reached has a name and a certificate.
func (t *transport) worthRetry(err error) bool {
	never := isTLS(err) || wantsCertificate(err) || isUnknownHost(err)
	return !errors.Is(err, errTooLarge) && !errors.Is(err, context.Canceled) && (!never || t.spoken.Load())
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

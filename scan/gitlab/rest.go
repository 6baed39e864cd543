package gitlab

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/go-retryablehttp"
	gogitlab "github.com/xanzy/go-gitlab"

	"readiness/scan"
)

// perPage is the largest page GitLab answers.
const perPage = 100

// unlimited stands in for go-gitlab's limiter: the transport does the pacing.
type unlimited struct{}

func (unlimited) Wait(context.Context) error { return nil }

// newREST returns a go-gitlab client whose requests all go through t. It is
// given no token: the transport adds it.
//
//lint:ignore SA1019 the successor is another module; this one is frozen, and all that is used of it is its requests
func newREST(t *transport, base string) (*gogitlab.Client, error) {
	//lint:ignore SA1019 see above
	return gogitlab.NewClient("",
		gogitlab.WithBaseURL(base),
		gogitlab.WithHTTPClient(t.client()),
		gogitlab.WithoutRetries(),
		gogitlab.WithCustomLimiter(unlimited{}))
}

// call is one question in REST.
type call struct {
	endpoint string // route pattern for gaps, e.g. "GET /projects/:id/hooks"
	path     string // escaped, without a leading slash, e.g. "projects/7/hooks"
	query    url.Values
	shrinks  bool // a smaller question may follow one that is too heavy: who asks tells what is lost
}

// answer is a 200 and its whole body.
type answer struct {
	header http.Header
	body   []byte
}

// send asks c with the given method. Whatever is no value comes back as a
// refusal; the error is only what ends the caller's work: the context's, or one
// that ends the scan.
func (s *Source) send(ctx context.Context, method string, c call) (answer, *refusal, error) {
	withQuery := func(r *retryablehttp.Request) error {
		r.URL.RawQuery = c.query.Encode()
		return nil
	}
	req, err := s.rest.NewRequest(method, c.path, nil,
		[]gogitlab.RequestOptionFunc{gogitlab.WithContext(withEndpoint(ctx, c.endpoint)), withQuery})
	if err != nil {
		return answer{}, failure(c.endpoint, err), nil
	}
	resp, err := s.rest.Do(req, nil)
	if ctx.Err() != nil {
		return answer{}, nil, ctx.Err()
	}
	if scan.Ends(err) {
		return answer{}, nil, s.transport.ended()
	}
	if resp == nil {
		s.log("%s: %s", c.endpoint, causeWords(err))
		r := failure(c.endpoint, err)
		s.unanswered(c, r)
		return answer{}, r, nil
	}
	body := bodyOf(resp.Response)
	if r := refuse(c.endpoint, resp.StatusCode, resp.Header, body, method == http.MethodHead); r != nil {
		if r.Status == http.StatusUnauthorized && r.Reason == scan.ReasonForbidden {
			if err := s.stillKnown(ctx, r); err != nil {
				return answer{}, nil, err
			}
		}
		s.unanswered(c, r)
		return answer{}, r, nil
	}
	s.note(c, nil)
	return answer{resp.Header, body}, nil, nil
}

// unanswered tells of a refusal of c, unless a smaller question may follow.
func (s *Source) unanswered(c call, r *refusal) {
	if !c.shrinks {
		s.lost(r)
	}
}

// read asks c and decodes the answer into v.
func (s *Source) read(ctx context.Context, c call, v any) (http.Header, *refusal, error) {
	a, r, err := s.send(ctx, http.MethodGet, c)
	if r != nil || err != nil {
		return nil, r, err
	}
	if r := s.decode(c, a, v); r != nil {
		return nil, r, nil
	}
	return a.header, nil, nil
}

// decode decodes the answer to c into v.
func (s *Source) decode(c call, a answer, v any) *refusal {
	s.note(c, v)
	err := json.Unmarshal(a.body, v)
	if err == nil && isNull(a.body) {
		err = errors.New("it is null")
	}
	if err != nil {
		r := failure(c.endpoint, fmt.Errorf("the answer is not what GitLab documents: %w", err))
		s.unanswered(c, r)
		return r
	}
	return nil
}

// count asks how long a list is, with one small page. A total that is missing
// is never zero: GitLab leaves it out above 10,000, source:
// https://docs.gitlab.com/api/rest/#other-pagination-headers.
func (s *Source) count(ctx context.Context, c call) (int64, *refusal, error) {
	for _, size := range []int{1, perPage} {
		one := c
		one.query = withPage(c.query, 1, size)
		var items []json.RawMessage
		h, r, err := s.read(ctx, one, &items)
		if r != nil || err != nil {
			return 0, r, err
		}
		if n, err := strconv.ParseInt(h.Get("X-Total"), 10, 64); err == nil && n >= 0 {
			return n, nil, nil
		}
		switch {
		case nextPage(h) != "":
			return 0, &refusal{Endpoint: c.endpoint, Reason: scan.ReasonTruncated, Status: http.StatusOK,
				Cure: "GitLab gives no total above 10,000: there are more than that"}, nil
		case len(items) != size, paged(h):
			return int64(len(items)), nil, nil
		}
		// Exactly one page and no word about more: ask for a longer page.
	}
	return 0, &refusal{Endpoint: c.endpoint, Reason: scan.ReasonTruncated, Status: http.StatusOK,
		Cure: "the server says neither how long the list is nor whether it goes on"}, nil
}

// walk reads every page of a list by offset. What it had before a refusal comes
// back with the refusal. A list whose length changes meanwhile has items that
// come twice or never, so it is read again from its start.
func walk[T any](ctx context.Context, s *Source, c call) ([]T, *refusal, error) {
	var all []T
	var before []byte // the page before
	known := map[[sha256.Size]byte]bool{}
	total, again := "", 0
	l, at := listing{call: c}, place{query: url.Values{}, size: perPage}
	l.shrinks = true
	for asked := 1; ; asked++ {
		one := l.page(at)
		a, r, err := s.send(ctx, http.MethodGet, one)
		if r != nil && r.heavy && at.shrink(r) {
			continue
		}
		s.lost(r)
		if r != nil || err != nil {
			return all, r, err
		}
		var items []T
		if r := s.decode(c, a, &items); r != nil {
			return all, r, nil
		}
		h := a.header
		page, _ := strconv.Atoi(one.query.Get("page"))
		if now := h.Get("X-Total"); page == 1 {
			total = now
		} else if now != total {
			if again++; again > maxAgain {
				return all, &refusal{Endpoint: c.endpoint, Reason: scan.ReasonTruncated, Status: http.StatusOK, Cure: cureChanging}, nil
			}
			all, before, at = nil, nil, place{query: url.Values{}, size: perPage}
			clear(known)
			continue
		}
		if len(items) > 0 && at.size > 1 && bytes.Equal(a.body, before) || asked > maxPages {
			return all, &refusal{Endpoint: c.endpoint, Reason: scan.ReasonTruncated, Status: http.StatusOK, Cure: scan.CureEndless}, nil
		}
		all = append(all, unknown(items, a.body, known)...)
		before = a.body
		next := nextPage(h)
		if next == "" {
			if len(items) != at.size || paged(h) {
				return all, nil, nil
			}
			next = strconv.Itoa(page + 1)
		}
		n, err := strconv.Atoi(next)
		if err != nil || n <= page || len(items) == 0 {
			return all, &refusal{Endpoint: c.endpoint, Reason: scan.ReasonTruncated, Status: http.StatusOK,
				Cure: "the server's next page leads nowhere"}, nil
		}
		at = at.after(url.Values{"page": {next}}, false)
	}
}

// unknown returns the items of a page that no page has brought before, and notes
// them: what has an id and is the same in all. What has no id is always new, and so
// is what shares no more than the id. Most lists have one short page, so that an item
// is decoded once more only where it comes again.
func unknown[T any](items []T, body []byte, known map[[sha256.Size]byte]bool) []T {
	raw := elements(body)
	if len(raw) != len(items) {
		return items
	}
	fresh := make([]T, 0, len(items))
	for i, item := range items {
		var named struct {
			ID field[json.Number] `json:"id"`
		}
		sum := sha256.Sum256(raw[i])
		if !known[sum] || json.Unmarshal(raw[i], &named) != nil || !named.ID.ok() {
			fresh = append(fresh, item)
		}
		known[sum] = true
	}
	return fresh
}

// elements splits the text of a JSON array, which is known to be valid, into the texts
// of what is in it.
func elements(array []byte) (all [][]byte) {
	array = bytes.TrimSpace(array)
	if len(array) < 2 || array[0] != '[' {
		return nil
	}
	array = array[1 : len(array)-1]
	if len(bytes.TrimSpace(array)) == 0 {
		return nil
	}
	from, depth, quoted := 0, 0, false
	for i := 0; i < len(array); i++ {
		switch c := array[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '[' || c == '{':
			depth++
		case c == ']' || c == '}':
			depth--
		case c == ',' && depth == 0:
			all = append(all, bytes.TrimSpace(array[from:i]))
			from = i + 1
		}
	}
	return append(all, bytes.TrimSpace(array[from:]))
}

// maxPages is how many pages a list has at most that is held in memory: with a
// million entries it is longer than GitLab's own limits let any of them grow, and
// rather one whose end the server does not find.
const maxPages = 10_000

// laps watches over a walk from cursor to cursor. The zero value is ready.
type laps struct{ seen map[string]bool }

// endless reports whether the walk would come back to a cursor, or has gone on for
// longer than any list.
func (l *laps) endless(cursor string) bool {
	if l.seen == nil {
		l.seen = map[string]bool{}
	}
	if cursor == "" || l.seen[cursor] || len(l.seen) >= maxPages {
		return true
	}
	l.seen[cursor] = true
	return false
}

func withPage(q url.Values, page, size int) url.Values {
	out := url.Values{}
	for k, v := range q {
		out[k] = v
	}
	out.Set("page", strconv.Itoa(page))
	out.Set("per_page", strconv.Itoa(size))
	return out
}

// paged reports whether the server spoke about pages at all.
func paged(h http.Header) bool {
	for _, k := range []string{"X-Next-Page", "X-Page", "X-Per-Page", "Link"} {
		if len(h.Values(k)) > 0 {
			return true
		}
	}
	return false
}

// nextPage is the number of the next page by offset, "" if there is none.
func nextPage(h http.Header) string {
	if n := h.Get("X-Next-Page"); n != "" {
		return n
	}
	return nextLink(h).Get("page")
}

// nextLink is the query of the Link header's rel="next", nil if there is none.
// Its host is not used: it may be another name of the source.
func nextLink(h http.Header) url.Values {
	for _, link := range strings.Split(strings.Join(h.Values("Link"), ","), ",") {
		target, params, ok := strings.Cut(link, ";")
		if !ok || !strings.Contains(params, `rel="next"`) {
			continue
		}
		if u, err := url.Parse(strings.Trim(strings.TrimSpace(target), "<>")); err == nil {
			return u.Query()
		}
	}
	return nil
}

// stillKnown returns scan.ErrAuthentication if the source no longer knows the
// token, of which a 401 made refused. GitLab also answers 401 for missing rights
// on some endpoints, so only GET /user decides. Where it has decided so for an
// endpoint, it is asked again after half a minute only. If it does not tell, the
// 401 says nothing about rights.
func (s *Source) stillKnown(ctx context.Context, refused *refusal) error {
	if refused.Endpoint == userEndpoint {
		return nil // Open asks it itself
	}
	s.auth.Lock()
	defer s.auth.Unlock()
	if err := s.transport.ended(); err != nil {
		return err
	}
	now := s.transport.clock.Now()
	if now.Before(s.authKnownUntil[refused.Endpoint]) {
		return nil
	}
	// Nothing else is sent until this is decided.
	defer s.transport.govern.hold()()
	_, r, err := s.send(ctx, http.MethodGet, call{endpoint: userEndpoint, path: "user"})
	if err != nil {
		return err
	}
	if r != nil && r.Status == http.StatusUnauthorized && r.Reason == scan.ReasonForbidden {
		cause := scan.ErrAuthentication
		s.transport.over.Store(&cause)
		return cause
	}
	if r != nil {
		refused.Reason, refused.Cure = scan.ReasonFailed, "a 401, and GET /user does not tell whether the token is still accepted ("+r.short()+"): run the scan again"
		return nil
	}
	if s.authKnownUntil == nil {
		s.authKnownUntil = map[string]time.Time{}
	}
	s.authKnownUntil[refused.Endpoint] = now.Add(authFresh)
	return nil
}

func isNull(b []byte) bool { return bytes.Equal(bytes.TrimSpace(b), []byte("null")) }

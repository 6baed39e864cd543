package gitlab

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"readiness/scan"
)

const (
	// longestOutage is how long a source may be away before the scan ends: a
	// restart, an upgrade or a failover is over by then.
	longestOutage = 30 * time.Minute
	// probeEvery is the longest wait between two attempts to find it back.
	probeEvery = time.Minute
)

// outage is what keeps a scan from asking a source that is down. A request that
// has lost all its attempts while nothing else was answered asks one question
// that any GitLab answers; if that gets no answer either, nothing else is sent
// until it does, for an hour of failed requests would cost every fact they
// asked for.
type outage struct {
	longest time.Duration // 0: an outage is not waited for

	mu   sync.Mutex   // one probe at a time
	over atomic.Int64 // outages that have ended
}

// losing counts the attempts that one request has lost. Those lost while the
// source answered nothing else say little about the endpoint and much about the
// source.
type losing struct {
	t        *transport
	endpoint string
	since    int64 // the last attempt of any request that had left when this one lost its last
	outages  int64 // what t.outage.over was then
	failed   int   // while others were answered
	silent   int   // while no other was
	// last says that all were lost in silence, the source turned out to be there,
	// and this is the attempt that tells whether it was away till just now.
	last bool
}

func (t *transport) losing(endpoint string) *losing {
	return &losing{t: t, endpoint: endpoint, since: t.lost.sent.Load(), outages: t.outage.over.Load()}
}

func (l *losing) failures() int { return l.failed + l.silent }

func (l *losing) backoff() time.Duration { return backoff(l.failures() - 1) }

// another takes note of a lost attempt and reports whether it was the last one.
// The error is one that ends more than this request.
func (l *losing) another(ctx context.Context, weight int) (done bool, err error) {
	patience := l.t.lost.patience(l.endpoint)
	if l.t.lost.answeredSince(l.since) {
		l.failed += weight
	} else {
		l.silent += weight
	}
	since := l.since
	l.since = l.t.lost.sent.Load()
	switch {
	case l.failed >= patience:
	case l.silent < patience:
		return false, nil
	default:
		again, err := l.t.outlast(ctx, since, l.outages)
		if err != nil {
			return true, err
		}
		if again {
			*l = *l.t.losing(l.endpoint)
			return false, nil
		}
		if !l.last {
			l.last, l.silent, l.failed = true, 0, patience-1
			return false, nil
		}
	}
	l.t.lost.gaveUp(l.endpoint, since)
	return true, nil
}

// outlast decides what a request is to think that has lost all its attempts while
// no other was answered. since is the last attempt of any request that had left
// when this one lost its last but one, outages what t.outage.over was when it
// began. again means that the source was down and is back.
func (t *transport) outlast(ctx context.Context, since, outages int64) (again bool, err error) {
	if t.outage.longest <= 0 || !t.spoken.Load() {
		return false, nil
	}
	t.outage.mu.Lock()
	defer t.outage.mu.Unlock()
	if t.outage.over.Load() != outages {
		return true, nil // another request waited for it
	}
	if err := t.ended(); err != nil {
		return false, err
	}
	if t.lost.answeredSince(since) {
		return false, nil
	}
	defer t.govern.hold()()
	noticed := t.clock.Now()
	for n := 0; ; n++ {
		up, err := t.probe(ctx)
		switch {
		case ctx.Err() != nil:
			return false, ctx.Err()
		case up && n == 0:
			return false, nil // it was never down: the endpoint is broken
		case up:
			t.outage.over.Add(1)
			t.notice("the source answers again after %v", t.clock.Now().Sub(noticed).Round(time.Second))
			return true, nil
		}
		away := t.clock.Now().Sub(noticed)
		if away >= t.outage.longest {
			cause := fmt.Errorf("%w: no answer for %v (%w)", scan.ErrUnreachable, away.Round(time.Second), err)
			t.over.Store(&cause)
			return false, cause
		}
		if n == 0 {
			t.notice("the source does not answer (%v): waiting for it up to %v", err, t.outage.longest)
		}
		wait := min(probeEvery, firstBackoff<<min(n+2, 10), t.outage.longest-away)
		if err := t.pace.sleep(ctx, wait); err != nil {
			return false, err
		}
	}
}

// probe asks GET /user and reports whether anything answered that is not in
// trouble itself; whether it knows the token is for others to find out.
func (t *transport) probe(ctx context.Context) (up bool, err error) {
	u := *t.source
	u.Path = strings.TrimSuffix(u.Path, "/") + "/api/v4/user"
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return false, err
	}
	if err := t.pace.turn(ctx); err != nil {
		return false, err
	}
	t.rest.Add(1)
	attempt := t.lost.sent.Add(1)
	resp, err := t.attempt(req, nil)
	switch {
	case err != nil:
		return false, err
	case resp.StatusCode == http.StatusTooManyRequests:
		t.pace.throttled(userEndpoint, resp.Header, bodyOf(resp))
	case resp.StatusCode >= 500 || t.spoilt(req, resp, userEndpoint):
		return false, fmt.Errorf("status %d, and no answer of GitLab's", resp.StatusCode)
	}
	t.lost.answered(userEndpoint, attempt)
	return true, nil
}

// ended is why nothing more is sent; nil: requests may go on.
func (t *transport) ended() error {
	if cause := t.over.Load(); cause != nil {
		return *cause
	}
	return nil
}

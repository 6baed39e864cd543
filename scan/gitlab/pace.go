package gitlab

import (
	"context"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// How often and how long the transport tries. A throttled request waits as the
// server says, so it may be tried more often than one that failed.
const (
	maxAttempts    = 5
	maxThrottled   = 10
	firstBackoff   = time.Second
	longestBackoff = 30 * time.Second
	// throttlePause is the wait after a 429 that names none: GitLab's limits are
	// windows of 60 seconds, source: https://docs.gitlab.com/security/rate_limits/.
	throttlePause = time.Minute
	// longestPause is the longest wait a server can impose: the longest window
	// GitLab documents is 10 minutes, an administrator's own may be an hour.
	longestPause = time.Hour
)

// pacer decides when requests may leave. All methods may be called concurrently.
type pacer struct {
	clock    Clock
	interval time.Duration // between two requests; 0: as fast as they come

	mu     sync.Mutex
	next   time.Time            // when the next request may leave by interval
	paused map[string]time.Time // until when an endpoint rests; "": all of them

	limits map[string]*window // by endpoint

	waiting int       // how many requests wait
	since   time.Time // since when at least one waits
	waited  time.Duration
}

func newPacer(clock Clock, maxRPS float64) *pacer {
	p := &pacer{clock: clock, paused: map[string]time.Time{}}
	if maxRPS > 0 {
		p.interval = time.Duration(float64(time.Second) / maxRPS)
	}
	return p
}

// window is a limit on requests in a period, and when the last ones left. A window
// that slides keeps to GitLab's, which are fixed, wherever those begin.
type window struct {
	most   int64
	period time.Duration
	left   []time.Time
}

// limit lets so many requests to endpoint leave in any period.
func (p *pacer) limit(endpoint string, most int64, period time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.limits == nil {
		p.limits = map[string]*window{}
	}
	p.limits[endpoint] = &window{most: most, period: period}
}

// full is how long the endpoint's window is full. p.mu is held.
func (p *pacer) full(endpoint string) time.Duration {
	w := p.limits[endpoint]
	if w == nil {
		return 0
	}
	now := p.clock.Now()
	for i, at := range w.left {
		if at.After(now) { // the clock went back
			w.left[i] = now
		}
	}
	for len(w.left) > 0 && now.Sub(w.left[0]) >= w.period {
		w.left = w.left[1:]
	}
	if int64(len(w.left)) < w.most {
		return 0
	}
	return w.period - now.Sub(w.left[0])
}

// within takes a place in the endpoint's window, or reports how long to wait for
// one, as for whatever else the server told.
func (p *pacer) within(endpoint string) (wait time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if wait = p.restingNow(endpoint); wait <= 0 {
		if w := p.limits[endpoint]; w != nil {
			w.left = append(w.left, p.clock.Now())
		}
	}
	return wait
}

// rest returns when no limit that the server told keeps requests to endpoint
// waiting.
func (p *pacer) rest(ctx context.Context, endpoint string) error {
	for {
		left := p.resting(endpoint)
		if left <= 0 {
			return ctx.Err()
		}
		if err := p.sleep(ctx, left); err != nil {
			return err
		}
	}
}

// resting is how long requests to endpoint have to wait for what the server told.
func (p *pacer) resting(endpoint string) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.restingNow(endpoint)
}

// restingNow is resting where p.mu is held.
func (p *pacer) restingNow(endpoint string) time.Duration {
	now := p.clock.Now()
	for _, of := range []string{"", endpoint} {
		if p.paused[of].Sub(now) > longestPause { // the clock went back
			delete(p.paused, of)
		}
	}
	return max(latest(p.paused[""], p.paused[endpoint]).Sub(now), p.full(endpoint))
}

// turn returns when our own limit lets the next request leave.
func (p *pacer) turn(ctx context.Context) error {
	p.mu.Lock()
	now := p.clock.Now()
	at := latest(p.next, now)
	if at.Sub(now) > longestPause+64*p.interval { // the clock went back; 64 workers at most
		at = now
	}
	if p.interval > 0 {
		p.next = at.Add(p.interval)
	}
	p.mu.Unlock()
	if at.After(now) {
		return p.sleep(ctx, at.Sub(now))
	}
	return ctx.Err()
}

// sleep waits and counts the time in which at least one request waited.
func (p *pacer) sleep(ctx context.Context, d time.Duration) error {
	p.mu.Lock()
	if p.waiting == 0 {
		p.since = p.clock.Now()
	}
	p.waiting++
	p.mu.Unlock()
	err := p.clock.Sleep(ctx, d)
	p.mu.Lock()
	p.waiting--
	if p.waiting == 0 {
		p.waited += max(0, p.clock.Now().Sub(p.since))
	}
	p.mu.Unlock()
	return err
}

// total is how long requests have waited so far.
func (p *pacer) total() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.waiting > 0 {
		return p.waited + max(0, p.clock.Now().Sub(p.since))
	}
	return p.waited
}

// pause lets endpoint, or all of them for "", rest until then.
func (p *pacer) pause(endpoint string, until time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.paused[endpoint] = latest(p.paused[endpoint], until)
}

// throttled takes note of a 429. GitLab's per-endpoint limiter answers JSON and
// sends no RateLimit headers; then only that endpoint rests.
func (p *pacer) throttled(endpoint string, h http.Header, body []byte) {
	now := p.clock.Now()
	until := now.Add(throttlePause)
	if after, ok := retryAfter(h, now); ok {
		until = now.Add(max(after, firstBackoff)) // 0 at the end of a window
	} else if reset, ok := rateReset(h); ok && reset.After(now) {
		until = now.Add(reset.Sub(now)) // which the system's clock can jump without moving
	}
	if longest := now.Add(longestPause); until.After(longest) {
		until = longest
	}
	if h.Get("RateLimit-Limit") != "" || !strings.HasPrefix(strings.TrimSpace(string(body)), "{") {
		endpoint = ""
	}
	p.pause(endpoint, until)
}

// observe reads the rate limit headers of any answer: when the window is used
// up all requests rest until it ends, instead of running into a 429.
func (p *pacer) observe(h http.Header) {
	if h.Get("RateLimit-Remaining") != "0" {
		return
	}
	now := p.clock.Now()
	if reset, ok := rateReset(h); ok && reset.After(now) && reset.Before(now.Add(longestPause)) {
		p.pause("", now.Add(reset.Sub(now)))
	}
}

func retryAfter(h http.Header, now time.Time) (time.Duration, bool) {
	v := h.Get("Retry-After")
	if n, err := strconv.ParseInt(v, 10, 64); err == nil && n >= 0 && n < 1<<31 {
		return time.Duration(n) * time.Second, true
	}
	if t, err := http.ParseTime(v); err == nil {
		return max(0, t.Sub(now)), true
	}
	return 0, false
}

func rateReset(h http.Header) (time.Time, bool) {
	n, err := strconv.ParseInt(h.Get("RateLimit-Reset"), 10, 64)
	if err != nil || n <= 0 {
		return time.Time{}, false
	}
	return time.Unix(n, 0), true
}

// backoff is the wait before attempt n+1: doubling, with jitter so that workers
// that failed together do not come back together.
func backoff(n int) time.Duration {
	d := min(longestBackoff, firstBackoff<<max(0, min(n, 10)))
	return d/2 + rand.N(d/2+1)
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

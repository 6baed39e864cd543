package gitlab

import (
	"sync"
	"sync/atomic"
)

// hopeless is after how many requests lost in a row an endpoint is no longer
// asked more than once per question: with all its retries, an endpoint that is
// broken for every project would take a scan days.
const hopeless = 10

// losses tells endpoints that are broken from a source that is down: a loss
// counts only if other endpoints answered meanwhile. While the source is down
// every request keeps all its retries; what becomes of it then outage decides.
type losses struct {
	sent atomic.Int64 // attempts so far, which numbers them
	good atomic.Int64 // the last attempt that was answered well

	mu    sync.Mutex
	inRow map[string]int // by endpoint
}

// patience is how often a request to the endpoint may fail.
func (l *losses) patience(endpoint string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.inRow[endpoint] >= hopeless {
		return 1
	}
	return maxAttempts
}

// answered takes note that an attempt to ask the endpoint was answered well.
func (l *losses) answered(endpoint string, attempt int64) {
	l.mu.Lock()
	l.good.Store(max(l.good.Load(), attempt))
	delete(l.inRow, endpoint)
	l.mu.Unlock()
}

// answeredSince reports whether an attempt that left after this one was answered
// well: then the source is not down.
func (l *losses) answeredSince(attempt int64) bool { return l.good.Load() > attempt }

// gaveUp takes note of a request that failed for good; since is the last attempt
// that had left when it failed the time before.
func (l *losses) gaveUp(endpoint string, since int64) {
	if !l.answeredSince(since) {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.inRow == nil {
		l.inRow = map[string]int{}
	}
	l.inRow[endpoint]++
}

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
// every request keeps all its retries, so that an outage costs as little as it
// can.
type losses struct {
	answers atomic.Int64 // of any endpoint

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

// answered takes note that the endpoint works.
func (l *losses) answered(endpoint string) {
	l.answers.Add(1)
	l.mu.Lock()
	delete(l.inRow, endpoint)
	l.mu.Unlock()
}

// gaveUp takes note of a request that failed for good; begun is what answers was
// when it began.
func (l *losses) gaveUp(endpoint string, begun int64) {
	if l.answers.Load() == begun {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.inRow == nil {
		l.inRow = map[string]int{}
	}
	l.inRow[endpoint]++
}

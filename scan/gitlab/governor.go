package gitlab

import (
	"context"
	"slices"
	"sync"
	"time"
)

// How the number of requests under way follows the source's latency: it rises
// while answers take as long as ever and falls when they take longer, as TCP
// Vegas sizes its window (https://www.rfc-editor.org/rfc/rfc5681 for the slow
// start and the halving). Answers to unlike questions take unlike times, so each
// kind of question is compared with itself.
const (
	firstSlots = 2 // requests under way at the start
	// sample is how many answers to one kind of question make a measurement; their
	// mean is compared, for a project of a thousand branches takes longer than one
	// of ten.
	sample = 8
	// grown is how many times the best mean so far a mean must be to say that the
	// source is slower than it was.
	grown = 2.0
	// quick is a latency at which no source is said to be in trouble.
	quick = 100 * time.Millisecond
	// forgetting is how much of the best mean is added to it by a worse one that was
	// measured with one request under way: then it is not this scan that makes the
	// source slow, and what was once true of it is not held against it all night.
	forgetting = 0.05
	// fall and halve are what is left of the number when answers take longer and
	// when they fail.
	fall, halve = 0.8, 0.5
	// mostKinds bounds the memory of the measurements.
	mostKinds = 512
)

// governor decides how many requests may be under way. All methods may be called
// concurrently.
type governor struct {
	most int // what the user allows

	mu     sync.Mutex
	size   float64 // how many may be under way now, from 1 to most
	slow   bool    // the slow start is over
	under  int     // how many are under way
	peak   int     // the most there have been at once
	urgent []*waiter
	queue  []*waiter
	held   int // while not 0 only urgent requests are let in
	cut    int64
	kinds  map[string]*latency
}

// waiter is a request that waits to be let in.
type waiter struct{ in chan struct{} }

// latency is what is known of the answers to one kind of question.
type latency struct {
	best float64 // lowest mean of a sample, in seconds; 0: none yet
	sum  float64
	n    int
	cut  int64 // the governor's cuts when the sample began
	// alone says that there was one slot meanwhile.
	alone bool
	full  bool // the slots were all taken meanwhile: more of them would have been used
}

func newGovernor(most int) *governor {
	return &governor{most: most, size: float64(min(firstSlots, most)), kinds: map[string]*latency{}}
}

// enter returns when one more request may be under way. Requests are let in in
// the order in which they came; those that are urgent go before all others.
func (g *governor) enter(ctx context.Context, urgent bool) error {
	w := &waiter{in: make(chan struct{})}
	queue := &g.queue
	if urgent {
		queue = &g.urgent
	}
	g.mu.Lock()
	*queue = append(*queue, w)
	g.admit()
	g.mu.Unlock()
	select {
	case <-w.in:
		return nil
	case <-ctx.Done():
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if i := slices.Index(*queue, w); i >= 0 {
		*queue = slices.Delete(*queue, i, i+1)
	} else { // it was let in meanwhile
		g.under--
		g.admit()
	}
	return ctx.Err()
}

// leave says that a request is no longer under way.
func (g *governor) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.under--
	g.admit()
}

// hold lets nothing but urgent requests in until the returned function is
// called.
func (g *governor) hold() (open func()) {
	add := func(n int) {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.held += n
		g.admit()
	}
	add(1)
	return func() { add(-1) }
}

// admit lets in whom there is room for. g.mu is held.
func (g *governor) admit() {
	for {
		queue := &g.urgent
		if len(*queue) == 0 {
			queue = &g.queue
		}
		if len(*queue) == 0 || queue == &g.queue && g.held > 0 {
			return
		}
		if g.under >= g.slots() {
			for _, k := range g.kinds {
				k.full = true
			}
			return
		}
		close((*queue)[0].in)
		*queue = slices.Delete(*queue, 0, 1)
		g.under++
		g.peak = max(g.peak, g.under)
	}
}

// slots is how many requests may be under way. g.mu is held.
func (g *governor) slots() int { return max(1, min(int(g.size), g.most)) }

// answered takes note of how long a good answer took to a question of this kind.
func (g *governor) answered(kind string, took time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	k := g.kinds[kind]
	if k == nil {
		if len(g.kinds) >= mostKinds {
			return
		}
		k = &latency{cut: g.cut}
		g.kinds[kind] = k
	}
	k.sum += took.Seconds()
	if k.n++; k.n < sample {
		return
	}
	mean := k.sum / float64(k.n)
	worse := k.best > 0 && mean > grown*k.best && mean > quick.Seconds()
	switch {
	case worse && k.cut == g.cut: // else what it measures has been answered already
		g.shrink(fall)
	case !worse && k.full && g.slow:
		g.size = min(g.size+1, float64(g.most))
	case !worse && k.full:
		g.size = min(2*g.size, float64(g.most))
	}
	switch {
	case k.best == 0 || mean < k.best:
		k.best = mean
	case worse && k.alone:
		k.best += forgetting * k.best
	}
	*k = latency{best: k.best, cut: g.cut, alone: g.slots() == 1}
	g.admit()
}

// troubled takes note of an answer that says that the source cannot do more, or
// of none at all. begun is what cuts was when the request left: a source that
// fails all that is under way is answered once.
func (g *governor) troubled(begun int64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if begun == g.cut {
		g.shrink(halve)
	}
}

// shrink leaves part of the slots. g.mu is held.
func (g *governor) shrink(part float64) {
	g.size = max(1, part*float64(g.slots()))
	g.slow = true
	g.cut++
}

// cuts is how often the number of slots has been cut.
func (g *governor) cuts() int64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.cut
}

package gitlab

import (
	"context"
	"errors"
	"testing"
	"time"
)

// loaded is a governor with more requests waiting than it lets in.
type loaded struct{ *governor }

func (l loaded) fill() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.queue) < 2*l.most {
		l.queue = append(l.queue, &waiter{in: make(chan struct{})})
	}
	l.admit()
}

// serve answers so many requests, each in the time that the source takes with
// that many under way. It returns the fewest and the most under way.
func (l loaded) serve(answers int, latency func(under int) time.Duration) (least, most int) {
	least = l.most
	for range answers {
		l.fill()
		least, most = min(least, l.under), max(most, l.under)
		l.answered("question", latency(l.under))
		l.leave()
	}
	return least, most
}

func flat(d time.Duration) func(int) time.Duration {
	return func(int) time.Duration { return d }
}

// bounded is a source that does so many things at once, and lets others wait.
func bounded(capacity int, d time.Duration) func(int) time.Duration {
	return func(under int) time.Duration {
		return d * time.Duration(max(under, capacity)) / time.Duration(capacity)
	}
}

// The number of requests under way rises to the user's bound while answers take
// as long as ever.
func TestGovernorRisesWhileLatencyIsFlat(t *testing.T) {
	for _, d := range []time.Duration{time.Millisecond, 50 * time.Millisecond, 3 * time.Second} {
		g := loaded{newGovernor(32)}
		if least, most := g.serve(sample, flat(d)); least != firstSlots || most != firstSlots {
			t.Errorf("%v: it begins with %d to %d", d, least, most)
		}
		g.serve(10*sample, flat(d))
		if least, _ := g.serve(100, flat(d)); least != 32 {
			t.Errorf("%v: %d under way, want 32", d, least)
		}
	}
	g := loaded{newGovernor(1)}
	if _, most := g.serve(500, flat(time.Second)); most != 1 {
		t.Errorf("%d under way, want 1 at most", most)
	}
}

// It settles near what the source can do at once, and below what others leave of it.
func TestGovernorFallsWhenLatencyGrows(t *testing.T) {
	g := loaded{newGovernor(64)}
	g.serve(1000, bounded(6, 150*time.Millisecond))
	least, most := g.serve(1000, bounded(6, 150*time.Millisecond))
	if least < 6 || most > 14 {
		t.Errorf("a source that does 6 things at once is asked %d to %d", least, most)
	}
	busy := bounded(6, 600*time.Millisecond) // others have come
	g.serve(12*sample, busy)
	if _, most := g.serve(10*sample, busy); most > 1 {
		t.Errorf("a busy source is asked %d things at once", most)
	}
	g.serve(20*sample, bounded(6, 150*time.Millisecond)) // and gone
	if least, _ := g.serve(100, bounded(6, 150*time.Millisecond)); least < 5 {
		t.Errorf("a source that is idle again is asked %d things at once", least)
	}
	// A source that has become slower for good is not crawled for ever.
	g.serve(2000, flat(600*time.Millisecond))
	if least, _ := g.serve(100, flat(600*time.Millisecond)); least < 32 {
		t.Errorf("a slower source is asked %d things at once", least)
	}
}

// What varies from project to project is no trouble, nor is a quick source's noise.
func TestGovernorBearsNoise(t *testing.T) {
	i := 0
	uneven := func(int) time.Duration { // as lists of unlike lengths
		i++
		return 120*time.Millisecond + time.Duration(i%sample)*60*time.Millisecond
	}
	g := loaded{newGovernor(16)}
	g.serve(400, uneven)
	if least, _ := g.serve(400, uneven); least != 16 {
		t.Errorf("%d under way, want 16", least)
	}
	g = loaded{newGovernor(16)}
	g.serve(400, flat(time.Millisecond))
	if least, _ := g.serve(400, flat(50*time.Millisecond)); least != 16 {
		t.Errorf("%d under way, want 16", least)
	}
}

// Failures that come together are answered once.
func TestGovernorHalvesOnTrouble(t *testing.T) {
	g := loaded{newGovernor(16)}
	g.serve(400, flat(time.Second))
	begun := g.cuts()
	for range 16 {
		g.troubled(begun)
	}
	if n := g.slots(); n != 8 {
		t.Errorf("%d slots after one failure of all, want 8", n)
	}
	for range 10 {
		g.troubled(g.cuts())
	}
	if n := g.slots(); n != 1 {
		t.Errorf("%d slots, want 1 at least", n)
	}
	if least, most := g.serve(4*sample, flat(time.Second)); most > 16 || least < 1 {
		t.Errorf("%d to %d under way", least, most)
	}
}

// Urgent requests go before all others and through a hold; who no longer waits
// takes no place.
func TestGovernorLetsInInOrder(t *testing.T) {
	g := newGovernor(1)
	if err := g.enter(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	gone, cancel := context.WithCancel(t.Context())
	in := make(chan string, 4)
	waits := func(n int) {
		t.Helper()
		for {
			g.mu.Lock()
			now := len(g.queue) + len(g.urgent)
			g.mu.Unlock()
			if now == n {
				return
			}
		}
	}
	enter := func(name string, ctx context.Context, urgent bool) {
		if err := g.enter(ctx, urgent); err != nil {
			name = err.Error()
		}
		in <- name
	}
	go enter("gone", gone, false)
	waits(1)
	go enter("first", t.Context(), false)
	waits(2)
	go enter("urgent", t.Context(), true)
	waits(3)
	cancel()
	if got := <-in; got != context.Canceled.Error() {
		t.Errorf("%s came first", got)
	}
	open, open2 := g.hold(), g.hold()
	g.leave()
	if got := <-in; got != "urgent" {
		t.Errorf("%s came before what is urgent", got)
	}
	g.leave()
	open()
	if g.under != 0 {
		t.Error("a hold did not hold")
	}
	open2()
	if got := <-in; got != "first" || g.under != 1 {
		t.Errorf("%s came, %d under way", got, g.under)
	}
	cancelled, stop := context.WithCancel(t.Context())
	stop()
	if err := g.enter(cancelled, false); !errors.Is(err, context.Canceled) || g.under != 1 {
		t.Errorf("%v, %d under way", err, g.under)
	}
}

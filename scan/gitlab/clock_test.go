package gitlab

import (
	"sync/atomic"
	"testing"
	"time"

	"readiness/scan/gitlabsim"
)

// restless is a clock that somebody sets to another time again and again.
type restless struct {
	*fastClock
	by   time.Duration // back and forth, or on and on
	back bool
	n    atomic.Int64
}

func (c *restless) Now() time.Time {
	n, now := c.n.Add(1)/89, c.fastClock.Now()
	switch {
	case !c.back:
		return now.Add(time.Duration(n) * c.by)
	case n%2 == 1:
		return now.Add(-c.by)
	}
	return now
}

// A clock that is set back or forth while a scan goes on changes nothing of what
// is found, and lets nobody wait for longer than a server may ask for.
func TestClockJumps(t *testing.T) {
	t.Parallel()
	undisturbed(t)
	const plan = "429 burst=6 every=150 form=rack retry-after=20; 429 burst=3 every=90 form=app; 503 share=0.01 retry-after=5; reset share=0.01"
	for name, c := range map[string]*restless{
		"back and forth by a day": {by: 26 * time.Hour, back: true},
		"back by years":           {by: 40_000 * time.Hour, back: true},
		"on and on":               {by: 3 * time.Minute},
		"ever backwards":          {by: -90 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := scanWorld(t, gitlabsim.Config{Projects: 40, Seed: 7}, plan, func(o *Options) {
				c.fastClock = o.Clock.(*fastClock)
				o.Clock = c
			})
			if f.err != nil {
				t.Fatalf("ended with %v", f.err)
			}
			if f.snapshot.Meta().Hash != quiet.hash {
				t.Error("the snapshot is another one than without jumps")
			}
			f.clock.mu.Lock()
			defer f.clock.mu.Unlock()
			for _, d := range f.clock.slept {
				if d > longestPause {
					t.Errorf("a wait of %v", d)
				}
			}
			if f.requests.Waited < 0 {
				t.Errorf("waited %v", f.requests.Waited)
			}
		})
	}
}

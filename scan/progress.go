package scan

import (
	"sync"
	"time"
)

// Phase is what a scan is busy with.
type Phase string

// The phases of a scan, in order.
const (
	PhaseInstance Phase = "instance" // version, caller, settings, instance-wide lists
	PhaseListing  Phase = "listing"  // projects are still being listed, and read meanwhile
	PhaseReading  Phase = "reading"  // all projects are listed; reading what the listing does not carry
	PhaseDone     Phase = "done"
)

// Progress is how far a scan has come.
type Progress struct {
	Phase                   Phase
	Groups, Users, Projects Tally
	Elapsed                 time.Duration // since Run was called
}

// Tally counts the subjects of one level.
type Tally struct {
	Listed  int64 // so far
	Done    int64 // of those, with all parts stored
	Earlier int64 // of those, done before this run: a resumed scan's head start
	// Expected is how many will have been listed in the end: the instance's own,
	// approximate count until the walk is at its end. A Gap means nobody knows.
	Expected Fact[int64]
}

// Remaining estimates the time until all projects are read, from this run's
// pace so far. It reports false while there is nothing to estimate from.
func (p Progress) Remaining() (time.Duration, bool) {
	expected, ok := p.Projects.Expected.Get()
	here := p.Projects.Done - p.Projects.Earlier
	if !ok || here <= 0 || p.Elapsed <= 0 {
		return 0, false
	}
	left := max(expected, p.Projects.Listed) - p.Projects.Done
	return time.Duration(float64(p.Elapsed) / float64(here) * float64(left)), true
}

// tracker keeps the Progress of one run and tells it.
type tracker struct {
	tell  func(Progress)
	clock func() time.Time
	begun time.Time

	mu  sync.Mutex
	now Progress
}

func newTracker(opt Options) *tracker {
	return &tracker{tell: opt.Progress, clock: opt.Clock, begun: opt.Clock()}
}

// update changes the progress and tells it, one caller at a time.
func (t *tracker) update(change func(*Progress)) {
	if t.tell == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	change(&t.now)
	t.now.Elapsed = t.clock().Sub(t.begun)
	t.tell(t.now)
}

func (p *Progress) tally(l Level) *Tally {
	switch l {
	case LevelGroup:
		return &p.Groups
	case LevelUser:
		return &p.Users
	}
	return &p.Projects
}

func (t *tracker) phase(ph Phase) { t.update(func(p *Progress) { p.Phase = ph }) }

// begin is called with the instance, whose counts are what to expect unless the
// scan is limited to some groups.
func (t *tracker) begin(inst *Instance, scope Scope) {
	t.update(func(p *Progress) {
		p.Phase = PhaseListing
		if len(scope.Groups)+len(scope.Projects) == 0 {
			p.Groups.Expected = inst.CountedGroups
			p.Users.Expected = inst.CountedUsers
			p.Projects.Expected = inst.CountedProjects
		}
	})
}

// resumed is called with a walk that an earlier run began and the number of its
// subjects that are done.
func (t *tracker) resumed(w Walk, done int64) {
	t.update(func(p *Progress) {
		n := p.tally(w.Level)
		n.Done, n.Earlier = n.Done+done, done
		p.walked(w)
	})
}

// listed is called with the walk's new state and how many subjects are done with it.
func (t *tracker) listed(w Walk, done int) {
	t.update(func(p *Progress) {
		p.tally(w.Level).Done += int64(done)
		p.walked(w)
	})
}

func (p *Progress) walked(w Walk) {
	n := p.tally(w.Level)
	n.Listed = w.Listed
	if w.Done {
		n.Expected = Known(w.Listed)
		if w.Level == LevelProject {
			p.Phase = PhaseReading
		}
	}
}

// done is called when all parts of n subjects are stored.
func (t *tracker) done(l Level, n int) {
	t.update(func(p *Progress) { p.tally(l).Done += int64(n) })
}

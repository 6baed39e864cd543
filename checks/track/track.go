// Package track says what has become of findings from one scan of an instance to
// the next: what is new, what was resolved, what came back, and of what that
// cannot be told.
//
// All scans are judged by the same checks, matrix and target, those of today, so
// that a program that has learnt something makes no news of it: a check that
// could not be decided in an earlier scan, for want of a fact that nobody read
// then, tells nothing of that time, and what it finds now is open, not new.
// Nothing is resolved that was not looked at: a subject that a scan did not
// cover, or a check that it could not decide, leaves a finding not assessed.
//
// A finding is known by its fingerprint, which holds the subject's id and no
// path: a project that was renamed or transferred keeps its history.
package track

import (
	"maps"
	"slices"
	"strings"
	"time"

	"readiness/checks"
	"readiness/scan"
)

// State is what has become of a finding.
type State string

// The states.
const (
	New         State = "new"          // not there in the scans before
	Open        State = "open"         // there before, or no scan before could tell
	Regressed   State = "regressed"    // there again after it had been resolved or gone
	Resolved    State = "resolved"     // looked for, and not found any more
	Waived      State = "waived"       // there, and accepted by somebody until a day
	NotAssessed State = "not assessed" // there before; this scan could not tell
	OutOfScope  State = "out of scope" // the plan leaves its subject out
	Gone        State = "gone"         // its subject was deleted, archived or migrated
)

// States lists every state, in the order in which they are told.
func States() []State {
	return []State{Regressed, New, Open, Waived, OutOfScope, NotAssessed, Resolved, Gone}
}

// Thread is one finding through all scans.
type Thread struct {
	// Finding is as the newest scan that made it has it.
	Finding checks.Finding
	State   State
	Note    string    // why the state is what it is, where the word does not say it
	First   time.Time // end of the scan that found it first
	Before  string    // its evidence in the scan before, where that differs

	Made    bool // in the newest scan
	Changed bool // the newest scan or a decision has changed its state
	Outside bool // the newest scan was limited to a part of the instance that leaves it out
	Untold  bool // the newest scan found it, and none before could tell
	Decided bool // State is what people decided, not what scans say

	known standing
	live  bool       // its project was seen unarchived while it was found
	scope scan.Scope // of the scan that made it last
	own   State      // what the scans say, whatever people decided
	why   string     // Note to own
}

// standing is what the newest scan that could tell says of a finding.
type standing int

const (
	untold standing = iota
	found
	cleared
)

// Point is one scan in the course of them: how many findings stand how after it.
type Point struct {
	Ended    time.Time                 `json:"ended"` // or begun, if the scan did not end
	Snapshot string                    `json:"snapshot_sha256"`
	Tool     string                    `json:"scanned_by"`
	Open     map[checks.Severity]int64 `json:"open"`   // to be worked off, by severity
	States   map[State]int64           `json:"states"` // of every finding that any scan so far has made
	Scope    scan.Scope                `json:"-"`
	Totals   checks.Totals             `json:"-"`
}

// Course is the course of findings over the scans of one instance.
type Course struct {
	threads map[string]*Thread
	ledgers []*checks.Ledger
	points  []Point
}

// NewCourse returns a course without a scan.
func NewCourse() *Course { return &Course{threads: map[string]*Thread{}} }

// Compare returns the course of two scans.
func Compare(before, after *checks.Judgement) *Course {
	c := NewCourse()
	c.Add(before)
	c.Add(after)
	return c
}

// Points lists the scans, in the order in which they were added.
func (c *Course) Points() []Point { return c.points }

// Add adds the next scan: the scans come in the order in which they were made,
// the one that is reported last. Nothing of j is kept but its findings and its
// ledger.
func (c *Course) Add(j *checks.Judgement) {
	at := j.Meta.Finished
	if at.IsZero() {
		at = j.Meta.Started
	}
	for _, t := range c.threads {
		t.Made, t.Outside, t.Untold, t.Before = false, false, false, ""
	}
	for _, f := range j.Findings {
		if f.Verdict != checks.Violated {
			continue
		}
		t := c.threads[f.Fingerprint]
		switch {
		case t == nil:
			t = &Thread{First: at, known: c.before(f, j.Meta.Scope)}
			c.threads[f.Fingerprint] = t
		case t.known == found && t.Finding.Evidence != f.Evidence:
			t.Before = t.Finding.Evidence
		}
		c.find(t, f, j)
	}
	p := Point{Ended: at, Snapshot: j.Meta.Hash, Tool: j.Meta.Tool, Scope: j.Meta.Scope, Totals: j.Totals,
		Open: map[checks.Severity]int64{}, States: map[State]int64{}}
	for _, t := range c.threads {
		if !t.Made {
			t.lose(j)
		}
		was := t.State
		t.State, t.Note, t.Decided = t.own, t.why, false
		if d := t.Finding.Decision; t.Made && d != nil {
			t.State, t.Note, t.Decided = decided(d.Ruling), d.Why, true
		}
		t.Changed = len(c.points) > 0 && (t.State != was || t.State == Regressed && t.Made)
		p.States[t.State]++
		if t.ToDo() {
			p.Open[t.Finding.Severity]++
		}
	}
	c.points = append(c.points, p)
	c.ledgers = append(c.ledgers, j.Ledger)
}

// decided is the state of a finding about which people decided.
func decided(r checks.Ruling) State {
	switch r {
	case checks.RulingWaived:
		return Waived
	case checks.RulingOut:
		return OutOfScope
	}
	return Gone
}

// ToDo reports whether the finding is there and nobody has decided to leave it.
func (t *Thread) ToDo() bool {
	return t.Made && (t.State == New || t.State == Open || t.State == Regressed)
}

// Stands reports whether the finding is there and counts in a verdict: a project
// that was archived still moves, so what is found there does count.
func (t *Thread) Stands() bool { return t.Made && !t.Decided }

// find notes that the newest scan made the finding.
func (c *Course) find(t *Thread, f checks.Finding, j *checks.Judgement) {
	again := t.Finding.Fingerprint != ""
	t.Finding, t.Made, t.scope = f, true, j.Meta.Scope
	archived := f.Level == scan.LevelProject && j.Ledger.Archived(f.ID)
	switch {
	case archived && t.live:
		t.own, t.why = Gone, "the project was archived since; it still moves with its group unless the plan leaves it out"
	case t.known == cleared && again:
		t.own, t.why = Regressed, "it had been "+string(t.own)
	case t.known == cleared:
		t.own, t.why = New, ""
	case t.known == untold && len(c.points) > 0:
		t.own, t.why, t.Untold = Open, "no earlier scan could tell", true
	default:
		t.own, t.why = Open, ""
	}
	t.known, t.live = found, t.live || !archived
}

// lose notes that the newest scan did not make the finding.
func (t *Thread) lose(j *checks.Judgement) {
	f := t.Finding
	if t.known == cleared {
		return // it stays resolved or gone
	}
	switch stand(j.Ledger, f, t.scope) {
	case checks.Undecided:
		t.own, t.why = NotAssessed, "a fact it needs could not be read"
	case checks.Uncovered:
		t.own, t.why = NotAssessed, "its list was not read to the end, or hides something"
	case checks.Outside:
		t.own, t.why, t.Outside = NotAssessed, "the scan was not asked about it", true
	case checks.Absent:
		t.known, t.own, t.why = cleared, Gone, "deleted"
		if len(j.Meta.Scope.Groups) > 0 {
			t.why = "deleted, or moved out of the groups that are scanned"
		}
	default:
		t.known, t.own, t.why = cleared, Resolved, ""
		if f.Level == scan.LevelProject && j.Ledger.Archived(f.ID) && t.live {
			t.own, t.why = Gone, "the project was archived"
		}
	}
}

// before is what the scans so far say of a finding that none of them made.
func (c *Course) before(f checks.Finding, scope scan.Scope) standing {
	for _, l := range slices.Backward(c.ledgers) {
		switch stand(l, f, scope) {
		case checks.Clear, checks.Absent:
			return cleared
		}
	}
	return untold
}

// stand is how a scan stands with a finding that it did not make and that a scan
// of this scope did. What adds up over subjects can only be told by a scan that
// covers as much.
func stand(l *checks.Ledger, f checks.Finding, scope scan.Scope) checks.Standing {
	if l != nil && f.Level != scan.LevelProject && !Reaches(l.Scope, scope) {
		return checks.Outside
	}
	return l.Standing(f.Check, f.Level, f.ID, f.Path)
}

// Reaches reports whether a scan of one scope lists all that one of another lists.
func Reaches(one, other scan.Scope) bool {
	switch {
	case len(one.Groups)+len(one.Projects) == 0:
		return true
	case len(one.Projects) > 0:
		return len(other.Projects) > 0 && !slices.ContainsFunc(other.Projects, func(p string) bool { return !slices.Contains(one.Projects, p) })
	case len(other.Projects) > 0 || len(other.Groups) == 0:
		return false
	}
	return !slices.ContainsFunc(other.Groups, func(path string) bool {
		return !slices.ContainsFunc(one.Groups, func(g string) bool { return path == g || strings.HasPrefix(path, g+"/") })
	})
}

// Of returns what has become of a finding; nil if no scan made it.
func (c *Course) Of(fingerprint string) *Thread {
	if c == nil {
		return nil
	}
	return c.threads[fingerprint]
}

// Threads lists every finding that any of the scans made, in the order of their
// states, then of severity and fingerprint.
func (c *Course) Threads() []*Thread {
	all := slices.Collect(maps.Values(c.threads))
	slices.SortFunc(all, order)
	return all
}

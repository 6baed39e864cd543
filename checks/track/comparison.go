package track

import (
	"fmt"
	"slices"
	"time"

	"readiness/checks"
	"readiness/scan"
)

// Judged is a scan with what was made of it.
type Judged struct {
	*checks.Judgement
	scan.Inventory
}

// ended is when a scan ended, or began if it did not end.
func (j Judged) ended() time.Time {
	if t := j.Judgement.Meta.Finished; !t.IsZero() {
		return t
	}
	return j.Judgement.Meta.Started
}

// Comparison is an earlier scan beside the one that is reported.
type Comparison struct {
	Name     string    // what the earlier scan is to the reader: "the scan before", or a baseline's file
	Ended    time.Time // of the earlier scan
	Snapshot string    // its hash
	Course   *Course   // in which the reported scan is the last
	Shifts   []Shift
	// Metrics are sums of both scans; nil: they do not cover the same part of the
	// instance, and nothing follows from the difference.
	Metrics []Metric
}

// Metric is one sum of both scans.
type Metric struct {
	Name   string // one of checks.Metrics
	Unit   scan.Unit
	Level  scan.Level // of what is summed over
	Before scan.Total
	After  scan.Total
	// Limit is how far the sum may grow before a change request is due; nil: nobody
	// stated it.
	Limit *checks.DriftLimit
	// Without names what is not in the sums, because one of the scans could not
	// tell it: what it missed is no difference.
	Without []string
}

// Beside puts an earlier scan beside the one that a course ends with. In the
// course the earlier one is the last before it. It fails if a walk over one of
// the inventories does.
func Beside(name string, before, after Judged, c *Course) (*Comparison, error) {
	shifts, err := Shifts(before.Inventory, after.Inventory, before.Ledger, after.Ledger)
	if err != nil {
		return nil, err
	}
	cmp := &Comparison{Name: name, Ended: before.ended(), Snapshot: before.Judgement.Meta.Hash, Course: c, Shifts: shifts}
	if !SameScope(before.Judgement.Meta.Scope, after.Judgement.Meta.Scope) {
		return cmp, nil
	}
	a, b := c.point(before.Judgement.Meta.Hash), c.points[len(c.points)-1]
	findings, blockers := c.findings(a, b)
	cmp.Metrics = []Metric{
		{Name: checks.MetricProjects, Unit: scan.Count, Level: scan.LevelProject, Before: a.Totals.Projects, After: b.Totals.Projects},
		{Name: checks.MetricGroups, Unit: scan.Count, Level: scan.LevelGroup, Before: a.Totals.Groups, After: b.Totals.Groups},
		{Name: checks.MetricUsers, Unit: scan.Count, Level: scan.LevelUser, Before: a.Totals.ActiveHumans, After: b.Totals.ActiveHumans},
		storageMetric(a.Totals, b.Totals),
		findings, blockers,
	}
	for i := range cmp.Metrics {
		if limit, stated := after.Profile.DriftLimit(cmp.Metrics[i].Name); stated {
			cmp.Metrics[i].Limit = &limit
		}
	}
	return cmp, nil
}

// findings counts what is to be worked off after two scans, the later of which is
// the newest: those findings that both could tell.
func (c *Course) findings(a, b Point) (all, blockers Metric) {
	var before, after, gravest, gravestAfter, one int64
	for s, n := range a.Open {
		before += n
		if s == checks.Blocker {
			gravest = n
		}
	}
	for s, n := range b.Open {
		after += n
		if s == checks.Blocker {
			gravestAfter = n
		}
	}
	for _, t := range c.threads {
		graver := int64(0)
		if t.Finding.Severity == checks.Blocker {
			graver = 1
		}
		switch {
		case t.Untold && t.ToDo():
			after, gravestAfter, one = after-1, gravestAfter-graver, one+1
		case t.Changed && t.State == NotAssessed:
			before, gravest, one = before-1, gravest-graver, one+1
		}
	}
	known := func(n int64) (t scan.Total) { t.AddKnown(n); return t }
	all = Metric{Name: checks.MetricFindings, Unit: scan.Count, Level: scan.LevelInstance, Before: known(before), After: known(after)}
	blockers = Metric{Name: checks.MetricBlockers, Unit: scan.Count, Level: scan.LevelInstance, Before: known(gravest), After: known(gravestAfter)}
	if one > 0 {
		all.Without = []string{fmt.Sprintf("%d findings that only one of the two could tell", one)}
		blockers.Without = all.Without
	}
	return all, blockers
}

// storageMetric sums the kinds of storage that both scans read everywhere.
func storageMetric(a, b checks.Totals) Metric {
	m := Metric{Name: checks.MetricStorage, Unit: scan.Bytes, Level: scan.LevelProject}
	var before, after int64
	kinds := checks.StorageFacts()
	for _, id := range kinds {
		x, whole := a.Facts[id].Sum()
		y, wholeAfter := b.Facts[id].Sum()
		if !whole || !wholeAfter {
			e, _ := scan.Lookup(id)
			m.Without = append(m.Without, e.Title)
			continue
		}
		before, after = before+x, after+y
	}
	if len(m.Without) == len(kinds) {
		m.Before, m.After = a.Storage, b.Storage
		return m
	}
	m.Before.AddKnown(before)
	m.After.AddKnown(after)
	return m
}

// point is the newest scan with this hash but the last, else the one before the last.
func (c *Course) point(hash string) Point {
	for _, p := range slices.Backward(c.points[:len(c.points)-1]) {
		if p.Snapshot == hash {
			return p
		}
	}
	return c.points[len(c.points)-2]
}

// SameScope reports whether two scans were limited to the same part of the
// instance, however deep they asked.
func SameScope(a, b scan.Scope) bool {
	return slices.Equal(a.Groups, b.Groups) && slices.Equal(a.Projects, b.Projects)
}

// Tracked is what a report tells of the scans before.
type Tracked struct {
	Course   *Course     // of all scans that are known; never nil
	Previous *Comparison // with the newest scan before; nil: there is none
	Baseline *Comparison // with the scan that was pinned, by a course of the two; nil: none was
}

// Difference is how a metric has changed.
type Difference struct {
	Amount  int64   // after less before
	Share   float64 // of before, 0.1 for a tenth more; 0 where before was nothing
	Unknown bool    // one of the sums is not whole: the difference is not known
	// Over says that the limit that somebody stated is exceeded.
	Over bool
}

// Difference is how the metric has changed. Sums that are not whole have no
// difference: what is missing in one may be what the other has more.
func (m Metric) Difference() Difference {
	before, whole := m.Before.Sum()
	after, wholeAfter := m.After.Sum()
	if !whole || !wholeAfter {
		return Difference{Unknown: true}
	}
	d := Difference{Amount: after - before}
	if before > 0 {
		d.Share = float64(after-before) / float64(before)
	}
	d.Over = m.Limit != nil && m.Limit.Exceeded(before, d.Amount)
	return d
}

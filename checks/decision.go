package checks

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"readiness/scan"
)

// Decisions are what people decided for one engagement about what there is and
// what is found. The zero value decides nothing.
type Decisions struct {
	Plan    *Plan    // what moves; nil: all of it
	Waivers *Waivers // what is accepted; nil: nothing
}

// Ruling is the kind of a decision.
type Ruling string

// The rulings.
const (
	RulingWaived   Ruling = "waived"       // somebody accepts the finding until a day
	RulingOut      Ruling = "out of scope" // the plan leaves the subject out
	RulingMigrated Ruling = "migrated"     // by the plan, the subject has moved already
)

// Decision is what people decided about one finding. It is shown with the
// finding, which counts in no verdict.
type Decision struct {
	Ruling Ruling `json:"ruling"`
	Why    string `json:"why"`
}

// decided is what there is of decisions while one inventory is judged.
type decided struct {
	plan    *placed
	waivers *Waivers
	asOf    time.Time
	planned Planned
}

// finding says what was decided about what a check found at a subject; nil: nothing.
func (d *decided) finding(check string, s scan.Subject) *Decision {
	if d == nil {
		return nil
	}
	if e := d.plan.of(s); e != nil && e.Scope.leaves() {
		return e.decision()
	}
	return d.waivers.of(check, s, d.asOf)
}

// leaves reports whether the plan leaves a subject out of everything that is
// counted.
func (d *decided) leaves(s scan.Subject) bool {
	if d == nil {
		return false
	}
	e := d.plan.of(s)
	return e != nil && e.Scope.leaves()
}

// Planned is how much the plan leaves out, and how much nobody has decided about.
type Planned struct {
	Name      string       `json:"plan"`
	In        PlannedPart  `json:"in_scope"`
	Undecided PlannedPart  `json:"undecided"` // counted as if it were in scope
	Out       PlannedPart  `json:"out_of_scope"`
	Migrated  PlannedPart  `json:"migrated"`
	Waves     []PlannedRow `json:"waves"` // in scope, by wave, sorted
}

// PlannedPart is a part of the instance.
type PlannedPart struct {
	Groups   int64      `json:"groups"`
	Projects int64      `json:"projects"`
	Storage  scan.Total `json:"storage"` // bytes
}

// PlannedRow is one wave.
type PlannedRow struct {
	Wave string `json:"wave"` // "": no wave is planned
	PlannedPart
}

func (p *PlannedPart) add(s scan.Subject) {
	project, is := s.(*scan.Project)
	if !is {
		p.Groups++
		return
	}
	p.Projects++
	p.Storage = addStorage(p.Storage, project)
}

// account counts a group or project by what the plan says of it.
func (d *decided) account(s scan.Subject) {
	if d == nil || d.plan == nil {
		return
	}
	e := d.plan.of(s)
	if e == nil {
		e = &Entry{Scope: ScopeUndecided}
	}
	part := map[Scope]*PlannedPart{ScopeIn: &d.planned.In, ScopeOut: &d.planned.Out, ScopeMigrated: &d.planned.Migrated}[e.Scope]
	if part == nil {
		part = &d.planned.Undecided
	}
	part.add(s)
	if e.Scope.leaves() {
		return
	}
	i, known := slices.BinarySearchFunc(d.planned.Waves, e.Wave, func(r PlannedRow, wave string) int { return strings.Compare(r.Wave, wave) })
	if !known {
		d.planned.Waves = slices.Insert(d.planned.Waves, i, PlannedRow{Wave: e.Wave})
	}
	d.planned.Waves[i].add(s)
}

// Entry is what the plan says of a group or project, with what it says of the
// groups above; nil: nothing.
func (j *Judgement) Entry(s scan.Subject) *Entry {
	if j.decided == nil {
		return nil
	}
	return j.decided.plan.of(s)
}

// PlanRow is the plan's own row about the group or project with this id, without
// what it says of the groups above; nil: it has none.
func (j *Judgement) PlanRow(level scan.Level, id string) *Entry {
	if j.decided == nil || j.decided.plan == nil {
		return nil
	}
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return nil
	}
	return j.decided.plan.rows[planKey{level, n}]
}

// Leaves reports whether the plan leaves a group or project out of what is counted.
func (j *Judgement) Leaves(s scan.Subject) bool { return j.decided.leaves(s) }

// findings are what is wrong with the decisions themselves.
func (d *decided) findings(found []Finding, t Target) []Finding {
	all := d.waivers.findings(found, d.asOf, t)
	if d.plan == nil {
		return all
	}
	for _, e := range d.plan.unmatched {
		evidence := e.key()
		all = append(all, Finding{Check: "plan-without-effect", Title: "Row of the plan matches nothing", Verdict: Violated, Severity: Low,
			Level: scan.LevelInstance, Path: d.plan.plan.Name, Methods: t.Methods, Evidence: evidence, Docs: []string{},
			Why:         "What it decides about is not there, or was not scanned: a project that was renamed is undecided again.",
			Remedy:      "Give the row the id, correct its path, or remove it.",
			Fingerprint: fingerprint("plan-without-effect", scan.LevelInstance, "0", evidence)})
	}
	return all
}

// admitWaived says in the reason of a method which checks for blockers found
// something that somebody accepts.
func (j *Judgement) admitWaived() {
	for i := range j.Methods {
		m := &j.Methods[i]
		var ids []string
		n := int64(0)
		for _, f := range j.Findings {
			if f.Decision == nil || f.Decision.Ruling != RulingWaived || f.Severity != Blocker || !slices.Contains(f.Methods, m.ID) {
				continue
			}
			n++
			if !slices.Contains(ids, f.Check) {
				ids = append(ids, f.Check)
			}
		}
		if n > 0 && m.State != Impossible {
			m.Reason += fmt.Sprintf(" Waived and not counted: %s of %s.", plural(n, "finding", "findings"), list(ids))
		}
	}
}

// without takes the plan out of what is decided, leaving the waivers.
func (d *decided) without() *decided {
	if d == nil {
		return nil
	}
	return &decided{waivers: d.waivers, asOf: d.asOf}
}

// SortFindings sorts as reports tell them: what blocks, what may block, then by
// severity what is so before what is unknown, and last what only people can tell.
func SortFindings(fs []Finding) {
	slices.SortStableFunc(fs, func(a, b Finding) int { return order(a) - order(b) })
}

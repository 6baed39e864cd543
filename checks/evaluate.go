package checks

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"readiness/checks/matrix"
	"readiness/scan"
)

// Evaluate judges an inventory for a target by what the matrix knows. It passes
// over groups, projects and users once, holding one subject at a time; what it
// keeps grows with what was found, not with what was read.
//
// It is a pure function: the same inventory, matrix and target give the same
// judgement. It fails if a walk over the inventory fails, or if the target, the
// matrix or the catalogue of checks makes no sense.
func Evaluate(inv scan.Inventory, m *matrix.Matrix, t Target) (*Judgement, error) {
	return EvaluateWith(inv, m, t, nil)
}

// EvaluateWith is Evaluate by a profile's checks and thresholds. The target is
// judged for as it is: Target.With puts into it what the profile says of it. A
// nil profile changes nothing.
func EvaluateWith(inv scan.Inventory, m *matrix.Matrix, t Target, p *Profile) (*Judgement, error) {
	return EvaluateBy(inv, m, t, p, Decisions{})
}

// EvaluateBy is EvaluateWith by what people decided: what the plan leaves out is
// in no sum and no verdict, what a waiver accepts is in no verdict, and both are
// told. A plan takes one more walk over groups and projects.
func EvaluateBy(inv scan.Inventory, m *matrix.Matrix, t Target, p *Profile, by Decisions) (*Judgement, error) {
	plan, err := by.Plan.place(inv)
	if err != nil {
		return nil, err
	}
	t.Places, t.Waves = plan.places(t.Places), plan.waves(t.Waves)
	j, err := evaluate(p.Checks(All()), inv, m, t, &decided{plan: plan, waivers: by.Waivers, asOf: asOf(t, inv.Meta())})
	if err == nil {
		j.admitWaived()
		j.Findings = append(j.Findings, by.Waivers.gapFindings(j.Coverage, asOf(t, inv.Meta()), t)...)
		SortFindings(j.Findings)
	}
	if err == nil && p != nil {
		j.Profile = p
		j.admitOff()
	}
	return j, err
}

// admitOff says in the reason of a method which checks for blockers the profile
// keeps from judging it: what is switched off is not the same as in order.
func (j *Judgement) admitOff() {
	off := map[matrix.Method][]string{}
	for _, k := range All() {
		for _, o := range j.Profile.Off {
			if o.Check == k.ID && o.Severity == Blocker {
				for _, m := range k.applicable(j.Target) {
					off[m] = append(off[m], k.ID)
				}
			}
		}
	}
	for i := range j.Methods {
		if m := &j.Methods[i]; m.State != Impossible && len(off[m.ID]) > 0 {
			m.Reason += " Switched off by the profile and not judged: " + list(off[m.ID]) + "."
		}
	}
}

func evaluate(all []Check, inv scan.Inventory, m *matrix.Matrix, t Target, d *decided) (*Judgement, error) {
	if err := t.validate(); err != nil {
		return nil, err
	}
	instance, err := inv.Instance()
	if err != nil {
		return nil, fmt.Errorf("read the instance's facts: %w", err)
	}
	read := instance
	if !t.AssumedSource.IsZero() {
		upgraded := *instance
		upgraded.Version = scan.Known(t.AssumedSource)
		instance = &upgraded
	}
	meta := inv.Meta()
	if len(t.Places) > 0 && slices.Contains(meta.Notes, scan.NoteRedacted) {
		return nil, errors.New("the new places of groups go by their names, and the snapshot has pseudonyms: judge the one that was not redacted")
	}
	cut := cuts(meta, instance)
	facts, err := newTables(read, cut, m.Items)
	if err != nil {
		return nil, err
	}
	checks, err := newRunner(all, &Context{Target: t, Instance: instance, Scope: meta.Scope, Cut: cut, AsOf: asOf(t, meta), Redacted: slices.Contains(meta.Notes, scan.NoteRedacted)}, d)
	if err != nil {
		return nil, err
	}

	checks.instance(instance)
	for g, err := range inv.Groups() {
		if err != nil {
			return nil, fmt.Errorf("read the groups of the inventory: %w", err)
		}
		if d.account(g); d.leaves(g) {
			checks.left(g)
			continue
		}
		facts.group(g)
		checks.group(g)
	}
	for p, err := range inv.Projects() {
		if err != nil {
			return nil, fmt.Errorf("read the projects of the inventory: %w", err)
		}
		if d.account(p); d.leaves(p) {
			checks.left(p)
			continue
		}
		facts.project(p)
		checks.project(p)
	}
	for u, err := range inv.Users() {
		if err != nil {
			return nil, fmt.Errorf("read the users of the inventory: %w", err)
		}
		facts.user(u)
		checks.user(u)
	}

	j := &Judgement{Meta: meta, Instance: read, Target: t, Matrix: m}
	j.Totals = facts.close(read, meta.Scope)
	if j.Items, err = uses(m, facts); err != nil {
		return nil, err
	}
	if j.Findings, err = checks.close(); err != nil {
		return nil, err
	}
	j.keep(checks)
	version, _ := instance.Version.Get() // unknown: the zero version, which the matrix answers for
	answers := readMatrix(m, version, t.Version)
	j.Coverage = coverage(facts, meta, cut, j.Items)
	j.Losses = losses(j.Items, answers, intersect(t.Methods, possible(t)))
	j.Methods = verdicts(t, j.Items, answers, checks.checks)
	j.rows, j.Ledger = newRows(all, j, instance, answers, d), checks.ledger
	j.decided = d
	if d != nil && d.plan != nil {
		j.Planned = &d.planned
	}
	return j, nil
}

// asOf is the day that ages are counted to: what the target says, else the scan's
// end, or its start where it has not ended.
func asOf(t Target, meta scan.Meta) time.Time {
	switch {
	case !t.AsOf.IsZero():
		return t.AsOf
	case !meta.Finished.IsZero():
		return meta.Finished
	}
	return meta.Started
}

// validate reports what makes no sense in a target.
func (t Target) validate() error {
	switch {
	case !slices.Contains(Destinations(), t.Destination):
		return fmt.Errorf("the target has the unknown destination %.40q", t.Destination)
	case t.Version.IsZero():
		return errors.New("the target has no version: give the destination's")
	case len(t.Methods) == 0:
		return errors.New("the target has no method in play: give at least one")
	}
	for _, m := range t.Methods {
		if !slices.Contains(matrix.Methods(), m) {
			return fmt.Errorf("the target has the unknown method %.40q in play", m)
		}
	}
	return nil
}

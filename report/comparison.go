package report

import (
	"fmt"
	"slices"

	"readiness/checks"
	"readiness/checks/matrix"
)

// Comparison is what the methods mean for several targets, side by side.
type Comparison struct {
	Targets []string // as people name them, the report's own first
	Rows    []ComparisonRow
}

// ComparisonRow is one line of a comparison, with a cell for each target.
type ComparisonRow struct {
	Title string
	Cells []Cell
}

// comparison compares the judgement with others of the same inventory; nil if
// there are none.
func (b *builder) comparison() *Comparison {
	if len(b.opt.Compare) == 0 {
		return nil
	}
	all := append([]*checks.Judgement{b.j}, b.opt.Compare...)
	c := &Comparison{}
	for _, j := range all {
		c.Targets = append(c.Targets, targetName(j.Target))
	}
	row := func(title string, cell func(*checks.Judgement) Cell) {
		r := ComparisonRow{Title: title}
		for _, j := range all {
			r.Cells = append(r.Cells, cell(j))
		}
		c.Rows = append(c.Rows, r)
	}
	for i, m := range matrix.Methods() {
		if slices.ContainsFunc(all, func(j *checks.Judgement) bool { return j.Methods[i].InPlay }) {
			row(m.Title(), func(j *checks.Judgement) Cell { return comparedCell(j.Methods[i]) })
		}
	}
	count := func(v checks.Verdict, s checks.Severity) func(*checks.Judgement) Cell {
		return func(j *checks.Judgement) Cell {
			seen := map[string]bool{}
			for _, f := range j.Findings {
				if f.Verdict == v && f.Severity == s && f.Decision == nil {
					seen[f.Check] = true
				}
			}
			return CountCell(int64(len(seen)))
		}
	}
	row("Blockers", count(checks.Violated, checks.Blocker))
	row("Blockers not known", count(checks.Unknown, checks.Blocker))
	row("Checks of high severity", count(checks.Violated, checks.High))
	return c
}

// comparedCell is a method's verdict with the number that goes with it.
func comparedCell(m checks.MethodVerdict) Cell {
	c := stateCell(m.State)
	switch {
	case !m.InPlay:
		return TextCell("Not in play").Toned(Muted)
	case m.State == checks.Blocked:
		return TextCell(fmt.Sprintf("%s by %d", c, len(m.Blockers))).Toned(c.Tone())
	case m.State == checks.Losses:
		return TextCell(fmt.Sprintf("%s: %s", c, Many(int64(m.NotCarried+m.Partial), "item", "items"))).Toned(c.Tone())
	}
	return c
}

// targetName names a target in few words, e.g. "GitLab.com 19.5".
func targetName(t checks.Target) string {
	name := map[checks.Destination]string{checks.Dedicated: "Dedicated", checks.SelfManaged: "Self-Managed"}[t.Destination]
	if name == "" {
		name = t.Destination.Title()
	}
	name += " " + t.Version.Short()
	if t.AirGapped {
		name += ", gapped"
	}
	return name
}

// addComparison adds what other targets would mean.
func (b *builder) addComparison() error {
	s := Sheet{Name: SheetComparison, Title: "What other targets would mean", Frozen: 1,
		Note: "The same scan judged for each. The other sheets are about the first. Counts of items are those in use that a method does not or only partly carry."}
	c := b.out.Summary.Comparison
	if c == nil {
		b.add(s, "No other target was named: report with --compare judges for several.")
		return nil
	}
	cols := []column[ComparisonRow]{col("What", Text, 28, func(r ComparisonRow) Cell { return TextCell(r.Title) })}
	for i, name := range c.Targets {
		cols = append(cols, col(name, Text, 26, func(r ComparisonRow) Cell { return r.Cells[i] }))
	}
	s.Columns, s.Rows = headers(cols), rows(cols, each(c.Rows))
	b.add(s, "")
	return nil
}

package report

import (
	"fmt"
	"strings"

	"readiness/checks"
	"readiness/checks/advice"
	"readiness/scan"
)

// decisionLines say on the first page what people decided: what moves, and what
// they accept.
func (b *builder) decisionLines() []Line {
	var lines []Line
	if w := b.out.Advice.Wave; w != nil {
		lines = append(lines, Line{"Wave", waveCell(w)})
	}
	if p := b.j.Planned; p != nil {
		lines = append(lines, Line{"Plan", plannedCell(p)})
	}
	var n int64
	seen := map[string]bool{}
	for _, f := range b.j.Findings {
		if f.Decision != nil && f.Decision.Ruling == checks.RulingWaived {
			n++
			seen[f.Check] = true
		}
	}
	if n > 0 {
		lines = append(lines, Line{"Waived", TextCell(fmt.Sprintf("%s of %s: accepted until a day, shown on Findings, in no verdict",
			Many(n, "finding", "findings"), Many(int64(len(seen)), "check", "checks")))})
	}
	return lines
}

// waveCell is the answer of the evening before a wave.
func waveCell(w *advice.Wave) Cell {
	if !w.Go {
		return TextCell("No-go. " + strings.Join(w.Reasons, " ")).Toned(Bad)
	}
	return TextCell(fmt.Sprintf("Go by %s: every listed project was read, and nothing was found that blocks it. What is left behind stays to be done.", methodTitles(w.Methods))).Toned(Good)
}

// plannedCell says how much moves, by the plan.
func plannedCell(p *checks.Planned) Cell {
	part := func(of checks.PlannedPart, what string) string {
		words := fmt.Sprintf("%s %s", Many(of.Projects, "project", "projects"), what)
		if of.Projects > 0 {
			words += fmt.Sprintf(" (%s)", TotalWords(of.Storage, scan.Bytes, scan.LevelProject))
		}
		return words
	}
	parts := []string{part(p.In, "in scope")}
	if p.Undecided.Projects > 0 {
		parts = append(parts, part(p.Undecided, "undecided and counted as if in scope"))
	}
	parts = append(parts, part(p.Out, "out of scope"))
	if p.Migrated.Projects > 0 {
		parts = append(parts, part(p.Migrated, "migrated"))
	}
	named := 0
	for _, w := range p.Waves {
		if w.Wave != "" {
			named++
		}
	}
	if named > 0 {
		parts = append(parts, Many(int64(named), "wave", "waves"))
	}
	c := TextCell(strings.Join(parts, ", "))
	if p.Undecided.Projects > 0 {
		return c.Toned(Caution)
	}
	return c
}

// scopeCell says whether a group or project moves, and by whose decision.
func (b *builder) scopeCell(s scan.Subject) Cell {
	e := b.j.Entry(s)
	if e == nil || e.Scope == "" {
		return TextCell(string(checks.ScopeUndecided)).Toned(Muted)
	}
	words := string(e.Scope)
	if e.Path != s.Address() && e.Path != "" {
		words += ", as " + e.Path
	}
	return TextCell(words)
}

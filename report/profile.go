package report

import (
	"fmt"
	"slices"
	"strings"

	"readiness/checks"
)

// decision is one thing that a profile decides.
type decision struct {
	what, subject, value, because string
}

// addProfile adds what somebody decided for the engagement, so that nobody takes
// it for what was found.
func (b *builder) addProfile() error {
	s := Sheet{Name: SheetProfile, Title: "What was decided for this engagement", Frozen: 1}
	p := b.j.Profile
	if p == nil {
		b.add(s, "No profile was given: nothing is judged otherwise than the program has it.")
		return nil
	}
	var all []decision
	for _, o := range p.Off {
		all = append(all, decision{"check switched off", o.Check, fmt.Sprintf("not judged (%s)", o.Severity), o.Reason})
	}
	for _, k := range checks.All() {
		if s, changed := p.Severities[k.ID]; changed {
			all = append(all, decision{"severity", k.ID, string(s), "instead of " + string(k.Severity)})
		}
		for _, t := range p.Thresholds[k.ID] {
			i := slices.IndexFunc(k.Thresholds, func(o checks.Threshold) bool { return o.Name() == t.Name() })
			all = append(all, decision{"threshold", k.ID + ": " + t.Metric, t.String(), "instead of " + k.Thresholds[i].String()})
		}
	}
	for _, e := range p.Efforts {
		hours := fmt.Sprintf("%g to %g hours", e.Low, e.High)
		if e.Low == e.High {
			hours = fmt.Sprintf("%g hours", e.Low)
		}
		all = append(all, decision{"effort of one action", fmt.Sprintf("%s, %s", e.Kind, e.Party.Title()), hours, sentences(strings.Join(e.Of, ", "), e.Note)})
	}
	for _, q := range p.Questions {
		all = append(all, decision{"question", q.ID, q.Question, q.Why})
	}
	s.Note = sentences("From "+p.Name+".", sentence(p.Title), sentence(p.Assumptions))
	cols := []column[decision]{
		col("What", Text, 22, func(d decision) Cell { return TextCell(d.what) }),
		long("Of", 44, func(d decision) Cell { return TextCell(d.subject) }),
		long("Decided", 50, func(d decision) Cell { return TextCell(d.value) }),
		long("Because", 60, func(d decision) Cell { return TextCell(d.because) }),
	}
	s.Columns, s.Rows = headers(cols), rows(cols, each(all))
	b.add(s, "")
	return nil
}

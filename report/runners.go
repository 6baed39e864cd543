package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"readiness/scan"
)

// runnerTypes are the types of runners, widest first.
var runnerTypes = []string{"instance", "group", "project"}

// addRunners adds a row for each runner of the source, with what decides which
// jobs it takes: at the destination somebody has to take these jobs.
func (b *builder) addRunners() error {
	s := Sheet{Name: SheetRunners, Title: "Runners", Frozen: 1}
	if b.j.Instance == nil {
		b.add(s, "Nothing of the instance could be read.")
		return nil
	}
	list := b.j.Instance.RunnerTags
	gap, unread := list.Gap()
	runners := slices.Clone(list.Items)
	slices.SortFunc(runners, func(x, y scan.Runner) int {
		return cmp.Or(cmp.Compare(slices.Index(runnerTypes, x.Type), slices.Index(runnerTypes, y.Type)), cmp.Compare(x.ID, y.ID))
	})
	if b.partial() {
		// Nothing read tells whose the others are.
		runners = slices.DeleteFunc(runners, func(r scan.Runner) bool { return r.Type != runnerTypes[0] })
	}
	switch {
	case unread && len(runners) == 0:
		b.add(s, sentences("The list of runners is not known: "+gap.Reason.Sentence()+".", cureWords(gap)))
		return nil
	case len(runners) == 0 && b.partial():
		b.add(s, "The instance has no runner of its own; those of groups and projects are listed where the whole instance is reported on.")
		return nil
	case len(runners) == 0:
		b.add(s, "The instance has no runner.")
		return nil
	}
	s.Note = "Runners of the instance, of its groups and of its projects, with what decides which jobs they take. Left behind tells what each method does with them; no token was read."
	if b.partial() {
		s.Note = "Runners of the instance, with what decides which jobs they take; those of groups and projects are listed where the whole instance is reported on. No token was read."
	}
	if unread {
		s.Note = sentences(s.Note, fmt.Sprintf("The list is not complete: %s.", gap.Reason.Sentence()))
	}
	cols := []column[scan.Runner]{
		col("Id", ID, 9, func(r scan.Runner) Cell {
			return IDCell(r.ID).Linked(fmt.Sprintf("%s/admin/runners/%d", b.out.Instance, r.ID))
		}),
		col("Type", Text, 12, func(r scan.Runner) Cell { return TextCell(r.Type) }),
		long("Tags", 60, func(r scan.Runner) Cell { return TextCell(strings.Join(r.Tags, ", ")) }),
		col("Takes jobs without tags", Text, 14, func(r scan.Runner) Cell { return yesNo(r.RunUntagged) }),
		col("Protected branches and tags only", Text, 18, func(r scan.Runner) Cell { return yesNo(r.Protected) }),
		col("Paused", Text, 10, func(r scan.Runner) Cell {
			if r.Paused {
				return TextCell("yes").Toned(Caution)
			}
			return yesNo(false)
		}),
	}
	s.Columns, s.Rows = headers(cols), rows(cols, each(runners))
	b.add(s, "")
	return nil
}

// partial reports whether the report is about a part of the instance.
func (b *builder) partial() bool {
	_, namespace := b.inv.(scan.Namespace)
	return namespace || len(b.meta.Scope.Groups)+len(b.meta.Scope.Projects) > 0
}

// cureWords says what would let something be read, or "".
func cureWords(g scan.Gap) string {
	if g.Cure == "" {
		return ""
	}
	return "It needs " + g.Cure + "."
}

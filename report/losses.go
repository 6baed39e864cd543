package report

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strings"

	"readiness/checks"
	"readiness/checks/advice"
	"readiness/checks/matrix"
	"readiness/scan"
)

// addMethods adds the items in use under the methods that are possible.
func (b *builder) addMethods() error {
	methods := b.possible()
	s := Sheet{Name: SheetMethods, Title: "What each method does with what is in use", Frozen: 1}
	var used []checks.ItemUse
	for _, i := range b.j.Items {
		if i.Use == checks.InUse || i.Use == checks.UseUnknown {
			used = append(used, i)
		}
	}
	impacts := matrix.Impacts()
	slices.SortStableFunc(used, func(x, y checks.ItemUse) int {
		return cmp.Compare(slices.Index(impacts, x.Item.Impact), slices.Index(impacts, y.Item.Impact))
	})
	switch {
	case len(methods) == 0:
		b.add(s, sentences("No method in play is possible.", b.ruledOut()))
		return nil
	case len(used) == 0:
		b.add(s, "No item of the matrix was seen in use.")
		return nil
	}
	s.Note = sentences("Items of the matrix that are in use, or may be (hatched), by what losing them means (this project’s own assessment). Left behind tells why and what to do, Matrix where each claim comes from.",
		b.ruledOut())
	cols := []column[checks.ItemUse]{
		long("Item", 42, func(i checks.ItemUse) Cell { return TextCell(i.Item.Title) }),
		col("Level", Text, 10, func(i checks.ItemUse) Cell { return levelCell(i.Item.Level) }),
		col("Impact", Text, 9, func(i checks.ItemUse) Cell { return impactCell(i.Item) }),
		col("In use", Count, 24, useAmount),
		col("Unit", Text, 12, useUnit),
	}
	verdict := make([]Cell, len(cols))
	verdict[0] = TextCell("Verdict on the method")
	for _, m := range methods {
		id := m.ID
		cols = append(cols, col(m.Title, Text, 19, func(i checks.ItemUse) Cell { return statusCell(b.answer(&i.Item, id).Status) }))
		verdict = append(verdict, stateCell(m.State))
	}
	s.Printed = len(cols)
	cols = append(cols, col("Notes", Text, 90, func(i checks.ItemUse) Cell { return TextCell(b.notesOn(&i.Item, methods)) }))
	verdict = append(verdict, Cell{})
	s.Columns, s.Rows = headers(cols), rows(cols, each(used))
	s.Above = [][]Cell{verdict}
	b.add(s, "")
	return nil
}

// notesOn joins what is known of an item under each method, methods of which the
// same is known together.
func (b *builder) notesOn(item *matrix.Item, methods []checks.MethodVerdict) string {
	var notes []string
	who := map[string][]string{}
	for _, m := range methods {
		note := b.answer(item, m.ID).Note
		if note == "" {
			continue
		}
		if who[note] == nil {
			notes = append(notes, note)
		}
		who[note] = append(who[note], m.Title)
	}
	for i, note := range notes {
		notes[i] = strings.Join(who[note], "; ") + ": " + strings.TrimSuffix(note, ".") + "."
	}
	return strings.Join(notes, " ")
}

func levelCell(l scan.Level) Cell {
	one, _ := levelNoun(l)
	return TextCell(upperFirst(one))
}

// useAmount is how much of an item is in use. Where only its surroundings were
// counted it says so in words.
func useAmount(i checks.ItemUse) Cell {
	switch {
	case i.Use == checks.UseUnknown && i.Amount.Read() == 0:
		return GapCell(gapWord(i.Gap))
	case i.Use == checks.UseUnknown:
		return GapCell("none seen, rest: " + gapWord(i.Gap))
	case !i.Measured:
		return TextCell("not counted").Toned(Muted)
	}
	return totalCell(i.Amount, i.Unit)
}

// useUnit is what useAmount counts.
func useUnit(i checks.ItemUse) Cell {
	if !i.Measured {
		return Cell{}
	}
	switch i.Unit {
	case scan.Bytes:
		n, _ := i.Amount.Sum()
		return TextCell(unitFor(n).String())
	case scan.Count:
		return TextCell("objects")
	case scan.List:
		return TextCell("entries")
	}
	return TextCell(affectedNoun(i.Item.Level))
}

func gapWord(g *scan.Gap) string {
	if g == nil {
		return "not read"
	}
	return shortReason(g.Reason)
}

// addLeftBehind adds a row for each item and possible method that loses
// something of it.
func (b *builder) addLeftBehind() error {
	s := Sheet{Name: SheetLeftBehind, Title: "What a migration would leave behind", Frozen: 1}
	ruledOut := map[matrix.Method]bool{}
	for _, m := range b.j.Methods {
		ruledOut[m.ID] = m.State == checks.Impossible || !m.InPlay
	}
	var losses []checks.Loss
	for _, l := range b.j.Losses {
		if !ruledOut[l.Method] {
			losses = append(losses, l)
		}
	}
	if len(losses) == 0 {
		b.add(s, sentences("Nothing that was seen in use is known to be left behind by a possible method.", b.ruledOut()))
		return nil
	}
	s.Note = sentences("One row for each item in use and method in play that does not, only partly or not verifiably carry it; what hurts most first. Impact is this project’s own assessment of what losing the item means. “At least”: some could not be read.", b.ruledOut())
	cols := []column[checks.Loss]{
		long("Item", 32, func(l checks.Loss) Cell { return TextCell(l.Item.Title) }),
		col("Level", Text, 10, func(l checks.Loss) Cell { return levelCell(l.Item.Level) }),
		col("Method", Text, 18, func(l checks.Loss) Cell { return TextCell(l.Method.Title()) }),
		col("What happens", Text, 13, func(l checks.Loss) Cell { return statusCell(l.Answer.Status) }),
		col("Impact", Text, 9, func(l checks.Loss) Cell { return impactCell(l.Item) }),
		col("In use", Count, 24, func(l checks.Loss) Cell { return useAmount(l.ItemUse) }),
		col("Unit", Text, 10, func(l checks.Loss) Cell { return useUnit(l.ItemUse) }),
		col("Affected", Count, 16, affected),
		col("Affected are", Text, 11, func(l checks.Loss) Cell { return TextCell(affectedNoun(l.Item.Level)) }),
		long("Why", 42, func(l checks.Loss) Cell { return TextCell(l.Answer.Note) }),
		long("What to do", 42, func(l checks.Loss) Cell { return TextCell(l.Item.Remedy) }),
	}
	if b.j.Profile != nil && len(b.j.Profile.Efforts) > 0 {
		cols = append(cols, col("Hours", Text, 26, func(l checks.Loss) Cell { return hoursCell(advice.OfLoss(b.j.Profile, l)) }))
	}
	cols = append(cols, col("Source", Text, 16, func(l checks.Loss) Cell { return sourceCell(l.Answer.Source) }))
	s.Columns, s.Rows = headers(cols), rows(cols, each(losses))
	b.add(s, "")
	return nil
}

// impactCell says what losing the item means: this project's own assessment.
func impactCell(i matrix.Item) Cell {
	switch i.Impact {
	case matrix.HighImpact:
		return TextCell("High").Toned(Bad)
	case matrix.MediumImpact:
		return TextCell("Medium").Toned(Caution)
	}
	return TextCell("Low").Toned(Muted)
}

func affectedNoun(l scan.Level) string {
	one, many := levelNoun(l)
	if l == scan.LevelInstance {
		return one
	}
	return many
}

// affected is how many subjects have the item.
func affected(l checks.Loss) Cell {
	if l.Use == checks.UseUnknown {
		return GapCell("not known")
	}
	return totalCell(l.Subjects, scan.Count)
}

// claim is one cell of the matrix.
type claim struct {
	item   *matrix.Item
	method matrix.Method
	answer matrix.Answer
}

// addMatrix adds what is known of every item and method, for the source's and
// the target's versions.
func (b *builder) addMatrix() error {
	s := Sheet{Name: SheetMatrix, Title: "What is known of every item and method", Frozen: 1}
	if b.j.Matrix == nil || len(b.j.Matrix.Items) == 0 {
		b.add(s, "No matrix was given.")
		return nil
	}
	s.Note = fmt.Sprintf("From %s to %s. %s under %s, as read on %s and checked up to GitLab %s. “Not verified” is never taken for carried.",
		b.sourceWords(), b.targetWords(), Many(int64(len(b.j.Matrix.Items)), "item", "items"), Many(int64(len(matrix.Methods())), "method", "methods"),
		b.j.Matrix.ReadOn, b.j.Matrix.Newest.Short())
	cols := []column[claim]{
		long("Item", 34, func(c claim) Cell { return TextCell(c.item.Title) }),
		col("Level", Text, 10, func(c claim) Cell { return levelCell(c.item.Level) }),
		col("Method", Text, 18, func(c claim) Cell { return TextCell(c.method.Title()) }),
		col("What happens", Text, 18, func(c claim) Cell { return statusCell(c.answer.Status) }),
		long("Note", 60, func(c claim) Cell { return TextCell(c.answer.Note) }),
		long("Sources disagree", 40, func(c claim) Cell { return TextCell(c.item.Conflict) }),
		col("Source", Text, 18, func(c claim) Cell { return sourceCell(c.answer.Source) }),
		col("Item id", Text, 34, func(c claim) Cell { return TextCell(c.item.ID) }),
	}
	s.Columns, s.Rows = headers(cols), rows(cols, b.claims())
	b.add(s, "")
	return nil
}

// answer reads the matrix for the versions that the judgement is about. A
// source whose version is not known has the zero version, which the matrix
// answers for.
func (b *builder) answer(item *matrix.Item, m matrix.Method) matrix.Answer {
	return b.j.Matrix.Answer(item, m, b.j.SourceVersion(), b.j.Target.Version)
}

func (b *builder) claims() iter.Seq2[claim, error] {
	return func(yield func(claim, error) bool) {
		for i := range b.j.Matrix.Items {
			item := &b.j.Matrix.Items[i]
			for _, m := range matrix.Methods() {
				if !yield(claim{item, m, b.answer(item, m)}, nil) {
					return
				}
			}
		}
	}
}

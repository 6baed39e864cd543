package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"readiness/checks"
	"readiness/checks/advice"
	"readiness/checks/matrix"
	"readiness/scan"
)

// The sheets of the annex to a Statement of Work.
const (
	SheetQuantities = "Quantities"
	SheetLosses     = "Losses by method"
	SheetAcceptance = "Acceptance and changes"
)

// How many rows there are at most where there may be many, and how many
// characters in a sentence, so that the pages that each sheet is given stay
// readable. What is left out is counted, and stands in the full workbook.
const (
	annexLosses     = 150
	annexQuantities = 90
	annexSentence   = 220
)

// The printed pages of each sheet of an annex; with the first page they are
// twelve at most.
const (
	quantityPages   = 2
	lossPages       = 4
	clausePages     = 2
	partyPages      = 2
	acceptancePages = 1
)

// BuildAnnex makes the report that is attached to a contract: quantities, scope,
// losses by method, assumptions, exclusions, responsibilities, acceptance and
// what makes a change, for one snapshot. It names no person, no account, no
// project and no address of one, and it is printed on at most twelve pages.
func BuildAnnex(j *checks.Judgement, inv scan.Inventory, opt Options) (*Report, error) {
	b := newBuilder(j, inv, opt)
	var err error
	if b.out.Advice, err = advice.Of(j, inv, opt.Stated); err != nil {
		return nil, fmt.Errorf("build the annex: %w", err)
	}
	b.out.Summary = b.annexSummary()
	b.addQuantities()
	b.addAnnexLosses()
	b.addAnnexClauses()
	b.addAnnexParties()
	b.addAcceptance()
	b.out.Advice = nil // it names groups and examples
	return b.out, nil
}

// annexSummary is the first page, without the paths that findings name.
func (b *builder) annexSummary() Summary {
	s := b.summary()
	s.Title = Clean("Annex: migration readiness of " + b.out.Instance)
	s.Facts = append(s.Facts,
		Line{"Issued for", TextCell("the snapshot with SHA-256 " + b.meta.Hash)},
		Line{"Warranty", TextCell("None. It says what was read and what is published; what was not read may hold more.")})
	for i := range s.Actions {
		a := &s.Actions[i]
		a.Where, a.Evidence, a.Remedy = "", "", Cut(a.Remedy, annexSentence)
		if strings.HasPrefix(a.Who, "owners of ") {
			a.Who = "owners of the groups"
		}
	}
	s.Areas = nil // they name paths
	for i := range s.Methods {
		s.Methods[i].Worst = nil
	}
	return s
}

// quantity is an amount of something.
type quantity struct {
	what   string
	part   bool
	amount Cell
	unit   string
	note   string
	impact int // place among the impacts of what it counts
}

// addQuantities adds what there is, as far as it was read.
func (b *builder) addQuantities() {
	var all []quantity
	for _, t := range b.totalLines() {
		all = append(all, quantity{what: t.Label, part: t.Part, amount: t.Amount, unit: t.Unit, note: t.Note})
	}
	impacts := matrix.Impacts()
	impact := map[scan.FactID]int{} // the gravest of the items that the fact tells of
	for _, i := range b.j.Items {
		grave := slices.Index(impacts, i.Item.Impact)
		if other, known := impact[i.Item.Use.Fact]; !known || grave < other {
			impact[i.Item.Use.Fact] = grave
		}
	}
	var counts []quantity
	for _, e := range scan.Catalog() { // what a method may carry, not settings
		total, ok := b.j.Totals.Facts[e.ID]
		grave, counted := impact[e.ID]
		if !ok || !counted || e.Unit != scan.Count && e.Unit != scan.List || e.Level == scan.LevelUser || total.Read()+total.Unread() == 0 {
			continue
		}
		if n, complete := total.Sum(); n == 0 && complete {
			continue // there is none of it
		}
		unit := map[scan.Level]string{scan.LevelInstance: "of the instance", scan.LevelGroup: "of groups", scan.LevelProject: "of projects"}[e.Level]
		note := ""
		if n := total.Unread(); n > 0 {
			note = fmt.Sprintf("%s of %s unread", Thousands(n), manyOf(n+total.Read(), e.Level))
		}
		counts = append(counts, quantity{e.Title, false, totalCell(total, scan.Count), unit, note, grave})
	}
	kept, more := gravest(counts, annexQuantities-len(all))
	all = append(all, kept...)
	s := Sheet{Name: SheetQuantities, Pages: quantityPages, Title: "Quantities",
		Note: "As read by the scan named on the first page. “At least” marks sums with something unread; what was read and is none is left out."}
	if more > 0 {
		s.Note += fmt.Sprintf(" %s of lower impact are left out: the full workbook of the same snapshot has them.", Many(int64(more), "count", "counts"))
	}
	cols := []column[quantity]{
		col("What", Text, 44, func(q quantity) Cell {
			if q.part {
				return TextCell("of which " + lowerFirst(q.what))
			}
			return TextCell(q.what)
		}),
		col("Amount", Count, 24, func(q quantity) Cell { return q.amount }),
		col("Unit", Text, 16, func(q quantity) Cell { return TextCell(q.unit) }),
		col("Not read in", Text, 40, func(q quantity) Cell { return TextCell(q.note) }),
	}
	s.Columns, s.Rows = headers(cols), rows(cols, each(all))
	b.add(s, "")
}

// gravest keeps at most n quantities, those of the gravest impact, in the order
// that they have, and counts the rest.
func gravest(all []quantity, n int) (kept []quantity, more int) {
	if len(all) <= n {
		return all, 0
	}
	order := make([]int, len(all))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, k int) int { return cmp.Compare(all[i].impact, all[k].impact) })
	order = order[:n]
	slices.Sort(order)
	for _, i := range order {
		kept = append(kept, all[i])
	}
	return kept, len(all) - n
}

// addAnnexLosses adds what each possible method does with the items in use that
// not every one of them carries, by impact.
func (b *builder) addAnnexLosses() {
	methods := b.possible()
	var all []checks.ItemUse
	for _, i := range b.j.Items {
		if i.Use != checks.InUse && i.Use != checks.UseUnknown {
			continue
		}
		if slices.ContainsFunc(methods, func(m checks.MethodVerdict) bool {
			s := b.answer(&i.Item, m.ID).Status
			return s != matrix.Carried && s != matrix.NotApplicable
		}) {
			all = append(all, i)
		}
	}
	impacts := matrix.Impacts()
	slices.SortStableFunc(all, func(x, y checks.ItemUse) int {
		return cmp.Compare(slices.Index(impacts, x.Item.Impact), slices.Index(impacts, y.Item.Impact))
	})
	s := Sheet{Name: SheetLosses, Pages: lossPages, Title: "Losses by method",
		Note: "Items in use, or perhaps in use (hatched), that not every method in play carries; what hurts most first. Impact is this project’s own assessment. The full workbook of the same snapshot says why and what to do."}
	if len(methods) == 0 || len(all) == 0 {
		b.add(s, sentences("No item in use is known to be left behind by a possible method.", b.ruledOut()))
		return
	}
	if more := len(all) - annexLosses; more > 0 {
		s.Note += fmt.Sprintf(" %s of the lowest impact shown here, and lower, are left out: see Left behind there.", Many(int64(more), "item", "items"))
		all = all[:annexLosses]
	}
	cols := []column[checks.ItemUse]{
		col("Item", Text, 48, func(i checks.ItemUse) Cell { return TextCell(Cut(i.Item.Title, 58)) }),
		col("Impact", Text, 9, func(i checks.ItemUse) Cell { return impactCell(i.Item) }),
		col("In use", Count, 22, useAmount),
		col("Unit", Text, 9, useUnit),
	}
	for _, m := range methods {
		cols = append(cols, col(m.Title, Text, 18, func(i checks.ItemUse) Cell { return statusCell(b.answer(&i.Item, m.ID).Status) }))
	}
	s.Columns, s.Rows = headers(cols), rows(cols, each(all))
	b.add(s, "")
}

// addAnnexClauses adds assumptions and exclusions, each cut to a length that
// fits the page.
func (b *builder) addAnnexClauses() {
	s := Sheet{Name: SheetClauses, Pages: clausePages, Title: "Scope, assumptions and exclusions",
		Note: "“No known loss” always means: in what was read, by what is known of the method. Sheets that are named here and not in this annex are those of the full workbook of the same snapshot."}
	all := append([]clause{{"Scope", "What was scanned: " + b.scopeWords() + ".", "", ""}}, b.clauses()...)
	cols := []column[clause]{
		col("Kind", Text, 12, func(c clause) Cell { return TextCell(c.kind) }),
		long("What", 90, func(c clause) Cell { return TextCell(Cut(c.what, 3*annexSentence)) }),
		long("What follows", 70, func(c clause) Cell { return TextCell(Cut(c.why, annexSentence)) }),
	}
	s.Columns, s.Rows = headers(cols), rows(cols, each(all))
	b.add(s, "")
}

// addAnnexParties adds who has to do what, and when.
func (b *builder) addAnnexParties() {
	s := Sheet{Name: SheetParties, Pages: partyPages, Title: "Responsibilities by party and phase",
		Note: "Before: until kickoff of the first wave. During: in every wave. After: until acceptance."}
	cols := []column[advice.Task]{
		col("Who", Text, 30, func(t advice.Task) Cell { return TextCell(b.sideWords(t.Party)) }),
		col("When", Text, 9, func(t advice.Task) Cell { return TextCell(moment(t.Phase)) }),
		long("Task", 130, func(t advice.Task) Cell { return TextCell(Cut(t.Item, annexSentence)) }),
	}
	s.Columns, s.Rows = headers(cols), rows(cols, each(b.byParty()))
	b.add(s, "")
}

// addAcceptance adds what is proposed to be accepted by, and what makes a change.
func (b *builder) addAcceptance() {
	var all [][2]string
	add := func(part, words string) { all = append(all, [2]string{part, Cut(words, annexSentence)}) }
	const accept, change, warranty = "Acceptance", "Change", "Warranty"
	for _, t := range b.out.Advice.Checklist {
		if t.Phase == "after" {
			add(accept, t.Item)
		}
	}
	add(accept, "What Losses by method calls carried is found at the destination; what it calls partly carried, left behind or not verified is accepted as listed, or settled by an action.")
	t := b.j.Totals
	of := func(total scan.Total, l scan.Level) string {
		_, many := levelNoun(l)
		return totalCell(total, scan.Count).String() + " " + many
	}
	add(change, fmt.Sprintf("A later scan of the same scope finds other quantities than these: %s, %s, %s, storage of %s.",
		of(t.Projects, scan.LevelProject), of(t.Groups, scan.LevelGroup), of(t.Users, scan.LevelUser), totalCell(t.Storage, scan.Bytes)))
	add(change, "Something that could not be read, or was not asked for, turns out to hold objects in scope.")
	add(change, "The target is another than "+b.targetWords()+", or its version, tier, limits or settings change.")
	add(change, "The source is upgraded, moved or restored, or a method in play is switched off or no longer supported.")
	add(change, "Another party executes the migration, or a right that a method needs is not granted.")
	add(change, "Newer documents of GitLab or Congregate change what a method carries; the matrix used here was read on "+b.matrixDay()+".")
	add(change, "A blocker is found that is not listed here, or one that is listed is not cured when its wave begins.")
	add(warranty, "The scan read the source through its API and changed nothing. This annex reports what was read on "+b.out.Finished.Format("2006-01-02")+
		"; it promises neither that nothing else exists nor that a method behaves as published.")
	s := Sheet{Name: SheetAcceptance, Pages: acceptancePages, Title: "Acceptance, changes, warranty",
		Note: "Acceptance: proposed criteria. Change: what the parties agree to treat as a change of what was ordered."}
	cols := []column[[2]string]{
		col("Part", Text, 14, func(p [2]string) Cell { return TextCell(p[0]) }),
		long("Words", 150, func(p [2]string) Cell { return TextCell(p[1]) }),
	}
	s.Columns, s.Rows = headers(cols), rows(cols, each(all))
	b.add(s, "")
}

func (b *builder) matrixDay() string {
	if b.j.Matrix == nil {
		return "a day that is not known"
	}
	return b.j.Matrix.ReadOn
}

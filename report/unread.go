package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"readiness/checks"
	"readiness/scan"
)

// opening is something that the scan does not answer.
type opening struct {
	what     string
	kind     Cell
	level    scan.Level
	count    Cell
	why      string
	status   int
	endpoint string
	cure     string
	examples string
}

// addNotAssessed adds all that is not known: what could not be read, what was
// not asked for, what only people can tell, and what has no reader yet.
func (b *builder) addNotAssessed() error {
	s := Sheet{Name: SheetNotAssessed, Title: "What could not be assessed", Frozen: 2,
		Note: "Nothing here may be taken for zero or for “in order”. First what the scan asked for and did not get, then features switched off (what was made before may still be there), what it was not asked for, questions that no API answers, and what this version has no reader for."}
	var open []opening
	add := func(kind string, tone Tone, g checks.GapCount) {
		open = append(open, opening{what: g.Title, kind: TextCell(kind).Toned(tone), level: g.Level, count: CountCell(g.Count),
			why: upperFirst(g.Gap.Reason.Sentence()) + ".", status: g.Gap.Status, endpoint: g.Gap.Endpoint, cure: g.Gap.Cure,
			examples: strings.Join(g.Examples, ", ")})
	}
	for _, l := range b.j.Coverage.Lists {
		_, many := levelNoun(l.Level)
		open = append(open, opening{what: "List of " + many, kind: TextCell("Could not be read").Toned(Unknown), level: l.Level, count: TextCell("not known").Toned(Unknown),
			why: upperFirst(notAll(l)) + ": " + l.Gap.Reason.Sentence() + ".", status: l.Gap.Status, endpoint: l.Gap.Endpoint, cure: l.Gap.Cure})
	}
	for _, g := range b.j.Coverage.Gaps {
		add("Could not be read", Unknown, g)
	}
	for _, g := range b.j.Coverage.Off {
		add("Switched off", Muted, g)
	}
	for _, g := range b.j.Coverage.Asked {
		add("Not asked for", Muted, g)
	}
	open = append(open, b.questions()...)
	open = append(open, b.noReader()...)
	if len(open) == 0 {
		b.add(s, "Everything was asked for and read.")
		return nil
	}
	s.Printed = 8 // the examples are for the screen
	cols := []column[opening]{
		col("State", Text, 18, func(o opening) Cell { return o.kind }),
		long("What", 34, func(o opening) Cell { return TextCell(o.what) }),
		col("Level", Text, 10, func(o opening) Cell { return levelCell(o.level) }),
		col("How many", Count, 10, func(o opening) Cell { return o.count }),
		long("Why", 34, func(o opening) Cell { return TextCell(o.why) }),
		long("What would cure it", 38, func(o opening) Cell { return TextCell(o.cure) }),
		col("HTTP status", Text, 9, func(o opening) Cell {
			if o.status == 0 {
				return Cell{}
			}
			return TextCell(fmt.Sprint(o.status))
		}),
		long("Endpoint", 34, func(o opening) Cell { return TextCell(o.endpoint) }),
		col("Examples", Text, 90, func(o opening) Cell { return TextCell(o.examples) }),
	}
	s.Columns, s.Rows = headers(cols), rows(cols, each(open))
	b.add(s, "")
	return nil
}

// notAll says of a list that is not whole how long it is.
func notAll(l checks.CutList) string {
	return Thousands(l.Listed) + " listed, which need not be all"
}

// questions are what only people can tell: what checks ask, then what items of
// the matrix ask.
func (b *builder) questions() []opening {
	var open []opening
	kind := TextCell("Question")
	for _, f := range b.j.Findings {
		if f.Verdict == checks.Question {
			open = append(open, opening{what: f.Title, kind: kind, level: f.Level, why: f.Evidence, cure: f.Remedy, examples: f.Path})
		}
	}
	for _, i := range b.j.Items {
		if i.Use == checks.AskPerson {
			open = append(open, opening{what: i.Item.Title, kind: kind, level: i.Item.Level, why: i.Item.Use.Question, cure: i.Item.Remedy})
		}
	}
	return open
}

// perRow is how many items without a reader share a row.
const perRow = 15

// noReader counts the items without a reader once and then lists them, several
// to a row, by level and by what a reader would take.
func (b *builder) noReader() []opening {
	type kind struct {
		level scan.Level
		why   string
	}
	titles := map[kind][]string{}
	var kinds []kind
	n := 0
	for _, i := range b.j.Items {
		if i.Use != checks.NoReader {
			continue
		}
		e, _ := scan.Lookup(cmp.Or(i.Item.Use.Fact, i.Item.Use.Within))
		k := kind{i.Item.Level, e.Unread}
		if titles[k] == nil {
			kinds = append(kinds, k)
		}
		titles[k] = append(titles[k], i.Item.Title)
		n++
	}
	if n == 0 {
		return nil
	}
	state := TextCell("No reader yet").Toned(Muted)
	open := []opening{{what: "Items of the matrix that this version cannot see", kind: state, count: CountCell(int64(n)),
		why:  "No reader exists for the fact that would tell whether they are in use.",
		cure: "Look for them by hand; Matrix tells what each method does with them."}}
	slices.SortStableFunc(kinds, func(a, b kind) int {
		return cmp.Compare(slices.Index(scan.Levels(), a.level), slices.Index(scan.Levels(), b.level))
	})
	for _, k := range kinds {
		for chunk := range slices.Chunk(titles[k], perRow) {
			open = append(open, opening{what: "Items without a reader", kind: state, level: k.level, count: CountCell(int64(len(chunk))),
				why: upperFirst(k.why), examples: strings.Join(chunk, "; ")})
		}
	}
	return open
}

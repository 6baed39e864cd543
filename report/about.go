package report

import (
	"fmt"
	"strings"

	"readiness/scan"
)

// addAbout adds where all of this comes from.
func (b *builder) addAbout() {
	j, m := b.j, b.meta
	lines := []Line{
		{"Source", TextCell(b.out.Instance).Linked(b.out.Instance)},
		{"Source runs", TextCell(b.sourceWords())},
		{"Target", TextCell(b.targetWords())},
		{"Methods in play", TextCell(methodTitles(j.Target.Methods))},
		{"Scope", TextCell(b.scopeWords())},
		{"Scan began", MomentCell(m.Started)},
		{"Scan ended", b.scannedCell()},
		{"Scanned by", TextCell("readiness " + m.Tool)},
		{"Report written by", TextCell(b.out.Program)},
		{"Snapshot (SHA-256)", TextCell(m.Hash)},
	}
	for _, n := range m.Notes {
		lines = append(lines, Line{"Note", TextCell(n.Sentence()).Toned(Bad)})
	}
	if i := j.Instance; i != nil {
		role := factCell(&i.CallerAdmin, scan.Flag)
		switch admin, ok := i.CallerAdmin.Get(); {
		case ok && admin:
			role = TextCell("administrator")
		case ok:
			role = TextCell("no administrator: much is only visible to one")
		}
		lines = append(lines,
			Line{"Token belongs to", factCell(&i.Caller, scan.Text)},
			Line{"Token's role", role},
			Line{"Token's scopes", scopesCell(i.TokenScopes)},
			Line{"Token expires", dayCell(i.TokenExpires, "never")})
	}
	lines = append(lines,
		Line{"REST requests", CountCell(m.Requests.REST)},
		Line{"GraphQL requests", CountCell(m.Requests.GraphQL)},
		Line{"Requests tried again", CountCell(m.Requests.Retries)},
		Line{"Time taken", TextCell(m.Requests.Took.Round(1e9).String())},
		Line{"Waited for rate limits", TextCell(m.Requests.Waited.Round(1e9).String())},
		Line{"Coverage", b.coverageCell()})
	lines = append(lines, b.reconciled()...)
	if j.Matrix != nil {
		lines = append(lines,
			Line{"Matrix of methods read on", TextCell(j.Matrix.ReadOn)},
			Line{"Matrix checked up to", TextCell("GitLab " + j.Matrix.Newest.Short())},
			Line{"Items in the matrix", CountCell(int64(len(j.Matrix.Items)))})
	}
	for _, l := range b.out.LeftOut {
		lines = append(lines, Line{"Sheet left out: " + l.Name, TextCell(l.Why)})
	}
	lines = append(lines, b.instanceLines()...)
	lines = append(lines, Line{"How to read it", TextCell("What was read is a value; what was not is words on a hatched fill, never 0. “At least” marks sums with something unread. The source was only read; no value of a variable, token or secret was asked for.")})
	cols := []column[Line]{
		col("What", Text, 62, func(l Line) Cell { return TextCell(l.Label) }),
		long("Value", 100, func(l Line) Cell { return l.Value }),
	}
	b.add(Sheet{Name: SheetAbout, Title: "About this report", Note: "Where every number comes from.",
		Columns: headers(cols), Rows: rows(cols, each(lines))}, "")
}

// reconciled says of each list how long it was and how long the instance says it
// is, where all of the instance was listed.
func (b *builder) reconciled() []Line {
	i := b.j.Instance
	if i == nil || len(b.meta.Scope.Groups)+len(b.meta.Scope.Projects) > 0 {
		return nil
	}
	var lines []Line
	for _, w := range b.meta.Walks {
		counted, ok := map[scan.Level]scan.Fact[int64]{scan.LevelGroup: i.CountedGroups, scan.LevelProject: i.CountedProjects, scan.LevelUser: i.CountedUsers}[w.Level].Get()
		if !ok {
			continue
		}
		words := fmt.Sprintf("%d, of %d that the instance counts, approximately", w.Listed, counted)
		if w.Gap != nil {
			words = "at least " + words
		}
		lines = append(lines, Line{"Listed " + string(w.Level) + "s", TextCell(words)})
	}
	return lines
}

func scopesCell(f scan.Fact[[]string]) Cell {
	v, ok := f.Get()
	if !ok {
		return factCell(&f, scan.Text)
	}
	return TextCell(strings.Join(v, ", "))
}

// instanceLines are the facts of the instance that stand nowhere else.
func (b *builder) instanceLines() []Line {
	if b.j.Instance == nil {
		return nil
	}
	var lines []Line
	for id, r := range scan.Facts(b.j.Instance) {
		e, ok := scan.Lookup(id)
		if !ok || e.Depth > b.meta.Scope.Depth || !strings.HasPrefix(string(id), "instance.") {
			continue
		}
		c := factCell(r, e.Unit)
		if g, gap := r.Gap(); gap {
			c = GapCell(upperFirst(g.String()))
		}
		lines = append(lines, Line{"Instance: " + e.Title, worded(c)})
	}
	return lines
}

package report

import (
	"fmt"
	"strings"

	"readiness/scan"
)

// addDestination adds what was read of the destination.
func (b *builder) addDestination() error {
	s := Sheet{Name: SheetDestination, Title: "What was read of the destination", Frozen: 1}
	d := b.j.Target.Read
	if d == nil {
		b.add(s, "The destination was not read: scan with --destination-url reads it.")
		return nil
	}
	s.Note = sentences(fmt.Sprintf("%s, read on %s.", d.URL, d.ReadAt.Format("2006-01-02")), gapLegend,
		"A path that is not listed may still be taken by something hidden from the token.")
	lines := []Line{{"Address", TextCell(d.URL)}}
	if d.Parent != "" {
		lines = append(lines, Line{"Parent group", TextCell(d.Parent)})
	}
	for _, f := range d.Facts() {
		c := factCell(f.Read, f.Unit)
		if g, gap := f.Read.Gap(); gap {
			c = GapCell(upperFirst(g.String()))
		} else if list, is := f.Read.(*scan.Fact[[]string]); is {
			c = listCell(list)
		}
		lines = append(lines, Line{f.Title, worded(c)})
	}
	cols := []column[Line]{
		long("What", 48, func(l Line) Cell { return TextCell(l.Label) }),
		long("Value", 80, func(l Line) Cell { return l.Value }),
	}
	s.Columns, s.Rows = headers(cols), rows(cols, each(lines))
	b.add(s, "")
	return nil
}

// worded is a cell that stands below a header without its unit: a size says its own.
func worded(c Cell) Cell {
	if c.Kind() == Bytes {
		return TextCell(c.String()).Toned(c.Tone())
	}
	return c
}

// listCell names the first of a list and counts the rest.
func listCell(f *scan.Fact[[]string]) Cell {
	const shown = 20
	all, _ := f.Get()
	switch {
	case len(all) == 0:
		return TextCell("none").Toned(Muted)
	case len(all) > shown:
		return TextCell(fmt.Sprintf("%s and %d more", strings.Join(all[:shown], ", "), len(all)-shown))
	}
	return TextCell(strings.Join(all, ", "))
}

package report

import (
	"iter"

	"readiness/scan"
)

// Column is a header over values of one kind.
type Column struct {
	Header string // unique in its sheet; holds the unit
	Kind   Kind
	Width  int  // characters that most values need at most
	Wrap   bool // long text is shown on several lines
	// Fact is the fact whose values stand in the column, if it is one.
	Fact scan.FactID
	// Filled reports that people fill the column in; Choices are what they choose
	// from, nil: words of their own.
	Filled  bool
	Choices []string
}

// Sheet is one table of the report.
type Sheet struct {
	Name    string // at most 31 letters, unique
	Title   string
	Note    string // what a reader has to know, in a sentence or two
	Columns []Column
	Above   [][]Cell // rows over the headers, cell under cell with the columns
	Frozen  int      // leading columns that stay in view
	Printed int      // leading columns that go on paper; 0: all
	Pages   int      // printed pages it may take at most, made smaller if need be; 0: as many as it takes
	// Rows walks the table. It may be walked again, the slice is reused from row
	// to row, and an error ends the walk.
	Rows iter.Seq2[[]Cell, error]
}

// column is a header and the function that finds its value in a row's subject:
// a table reads as the list of its columns.
type column[S any] struct {
	Column
	value func(S) Cell
}

// col makes a column.
func col[S any](header string, kind Kind, width int, value func(S) Cell) column[S] {
	return column[S]{Column{Header: header, Kind: kind, Width: width}, value}
}

// long makes a column of long text that is shown on several lines.
func long[S any](header string, width int, value func(S) Cell) column[S] {
	return column[S]{Column{Header: header, Kind: Text, Width: width, Wrap: true}, value}
}

// blank makes a column that people fill in.
func blank[S any](header string, width int, choices ...string) column[S] {
	return column[S]{Column{Header: header, Kind: Text, Width: width, Filled: true, Choices: choices}, func(S) Cell { return Cell{} }}
}

func headers[S any](cols []column[S]) []Column {
	hs := make([]Column, len(cols))
	for i, c := range cols {
		hs[i] = c.Column
	}
	return hs
}

// rows walks subjects through the columns.
func rows[S any](cols []column[S], subjects iter.Seq2[S, error]) iter.Seq2[[]Cell, error] {
	return func(yield func([]Cell, error) bool) {
		row := make([]Cell, len(cols))
		for s, err := range subjects {
			if err != nil {
				yield(nil, err)
				return
			}
			for i, c := range cols {
				row[i] = c.value(s)
			}
			if !yield(row, nil) {
				return
			}
		}
	}
}

// each walks a slice as subjects of a table.
func each[S any](items []S) iter.Seq2[S, error] {
	return func(yield func(S, error) bool) {
		for _, s := range items {
			if !yield(s, nil) {
				return
			}
		}
	}
}

// occurs reports whether there is at least one subject.
func occurs[S any](subjects iter.Seq2[S, error]) (bool, error) {
	for _, err := range subjects {
		return err == nil, err
	}
	return false, nil
}

// facts makes columns of a level's facts; of finds the subject of a row.
type facts[S any] struct {
	level scan.Level
	depth scan.Depth
	of    func(S) scan.Subject
}

// columns makes a column for each fact that the scan asked for and that is not
// among those shown elsewhere, by the catalogue's titles and order.
func (f facts[S]) columns(elsewhere func(scan.FactID) bool) []column[S] {
	var cols []column[S]
	for _, e := range scan.Catalog() {
		if e.Level == f.level && e.Unread == "" && e.Depth <= f.depth && !elsewhere(e.ID) {
			cols = append(cols, f.column(e.ID))
		}
	}
	return cols
}

// column makes the column of one fact. Sizes say their unit in the header.
func (f facts[S]) column(id scan.FactID) column[S] {
	e, _ := scan.Lookup(id)
	kind, width, header := Count, 12, e.Title
	switch e.Unit {
	case scan.Bytes:
		kind, header = Bytes, e.Title+" (MiB)"
	case scan.Flag:
		kind, width = Text, 11
	case scan.Text:
		kind, width = Text, 26
	case scan.Date:
		kind = Date
	}
	if e.Unit == scan.Bytes && e.Read == scan.ReadFiles { // a few kilobytes
		e.Unit, kind, header = scan.Count, Count, e.Title+" (bytes)"
	}
	c := col(header, kind, width, func(s S) Cell { return factCell(scan.FactOf(f.of(s), e.ID), e.Unit) })
	c.Fact = id
	return c
}

// under gives the column another header and width.
func (c column[S]) under(header string, width int) column[S] {
	c.Header, c.Width = header, width
	return c
}

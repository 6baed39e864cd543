package terminal

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/charmbracelet/lipgloss"

	"readiness/report"
)

// TableOptions are how one sheet is shown.
type TableOptions struct {
	Options
	Sort string // a column, by its header or by its fact's name; "": as the sheet has it
	Top  int    // rows shown, at most; 0: all
}

// ErrNoColumn is returned for a column to sort by that the sheet does not have.
var ErrNoColumn = errors.New("no such column")

// Table writes one sheet: as many of its columns as the width has room for, the
// one that it is sorted by always among them. Numbers are sorted from the
// largest down, words from A to Z; what could not be read comes last.
func Table(w io.Writer, s *report.Sheet, opt TableOptions) error {
	by := -1
	if opt.Sort != "" {
		if by = column(s, opt.Sort); by < 0 {
			return fmt.Errorf("sheet %s: %w %.60q: it has %s", s.Name, ErrNoColumn, opt.Sort, columnNames(s))
		}
	}
	var rows [][]report.Cell
	total := 0
	for row, err := range s.Rows {
		if err != nil {
			return err
		}
		total++
		if by >= 0 || opt.Top == 0 || len(rows) < opt.Top {
			rows = append(rows, slices.Clone(row))
		}
	}
	if by >= 0 {
		slices.SortStableFunc(rows, func(x, y []report.Cell) int { return compare(x[by], y[by]) })
	}
	if opt.Top > 0 && len(rows) > opt.Top {
		rows = rows[:opt.Top]
	}
	t := newScreen(opt.Options)
	t.line(t.bold.Render(cut(s.Title, t.width)))
	shown := t.columns(s, rows, by)
	t.row(s, shown, func(i int) report.Cell { return report.TextCell(s.Columns[i].Header) }, t.bold)
	for _, row := range rows {
		t.row(s, shown, func(i int) report.Cell { return row[i] }, t.styles[report.Plain])
	}
	if left := len(s.Columns) - len(shown); left > 0 || len(rows) < total {
		note := report.Many(int64(len(rows)), "row", "rows")
		if len(rows) < total {
			note += " of " + report.Thousands(int64(total))
		}
		if left > 0 {
			note += fmt.Sprintf("; %s no room here: the workbook and --format csv hold them", report.Many(int64(left), "column has", "columns have"))
		}
		for _, l := range wrap(note+".", t.width) {
			t.line(t.faint.Render(l))
		}
	}
	_, err := io.WriteString(w, t.String())
	return err
}

// column finds the column that a name means: a header, a fact, or a header
// without its unit, where letters' case and punctuation do not matter; -1: none.
func column(s *report.Sheet, name string) int {
	name = bare(name)
	for _, means := range []func(report.Column) string{
		func(c report.Column) string { return c.Header },
		func(c report.Column) string { return string(c.Fact) },
		func(c report.Column) string { _, fact, _ := strings.Cut(string(c.Fact), "."); return fact },
		func(c report.Column) string { header, _, _ := strings.Cut(c.Header, " ("); return header },
	} {
		if i := slices.IndexFunc(s.Columns, func(c report.Column) bool { return bare(means(c)) == name }); i >= 0 && name != "" {
			return i
		}
	}
	return -1
}

// bare is a name's letters and digits.
func bare(s string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(" -_.()/,'", r) {
			return -1
		}
		return r
	}, strings.ToLower(s))
}

func columnNames(s *report.Sheet) string {
	names := make([]string, len(s.Columns))
	for i, c := range s.Columns {
		names[i] = c.Header
	}
	return report.Cut(strings.Join(names, ", "), 300)
}

// compare puts numbers and dates before words, large before small; a lower
// bound counts as the number it is.
func compare(x, y report.Cell) int {
	a, m := rank(x)
	b, n := rank(y)
	switch {
	case a != b:
		return cmp.Compare(a, b)
	case a == 0:
		return cmp.Compare(n, m)
	}
	return strings.Compare(x.String(), y.String())
}

// rank is the place of a cell's kind in order, and its number.
func rank(c report.Cell) (int, float64) {
	switch c.Kind() {
	case report.Count, report.ID, report.Percent:
		return 0, c.Float()
	case report.Bytes:
		return 0, float64(c.Int())
	case report.Date:
		return 0, float64(c.Time().Unix())
	case report.Text:
		return 1, 0
	case report.Gap:
		return 2, 0
	}
	return 3, 0
}

// place is a column with the room it has on the screen.
type place struct{ column, width int }

const most = 44 // columns of the screen for one of the table, while others wait for room

// columns chooses the columns that fit, from the left, with room for the one
// that the table is sorted by. Room that is left goes to those that are cut.
func (s *screen) columns(sheet *report.Sheet, rows [][]report.Cell, by int) []place {
	whole := func(i int) int {
		w := lipgloss.Width(sheet.Columns[i].Header)
		for _, r := range rows[:min(len(rows), 200)] {
			w = max(w, lipgloss.Width(shown(sheet, i, r[i])))
		}
		return w
	}
	width := func(i int) int { return min(whole(i), most) }
	room := s.width
	if by >= 0 {
		room -= width(by) + 2
	}
	var places []place
	full := false // nothing to the right may slip in before what is left out
	for i := range sheet.Columns {
		w := width(i)
		if i == by {
			places = append(places, place{i, w})
			continue
		}
		if full = full || w > room; !full {
			room -= w + 2
			places = append(places, place{i, w})
		}
	}
	room += 2 // nothing stands behind the last column
	for i, p := range places {
		more := min(whole(p.column)-p.width, max(room, 0))
		places[i].width += more
		room -= more
	}
	return places
}

// shown is a cell in words; a size without its unit, which the header names.
func shown(s *report.Sheet, i int, c report.Cell) string {
	if c.Kind() == report.Bytes && s.Columns[i].Kind == report.Bytes {
		return report.Mebibytes(c)
	}
	return c.String()
}

func (s *screen) row(sheet *report.Sheet, places []place, value func(int) report.Cell, style lipgloss.Style) {
	var b strings.Builder
	for n, p := range places {
		c := value(p.column)
		text := cut(shown(sheet, p.column, c), p.width)
		switch sheet.Columns[p.column].Kind {
		case report.Count, report.Bytes, report.Percent, report.ID:
			text = padLeft(text, p.width)
		default:
			if n < len(places)-1 {
				text = pad(text, p.width)
			}
		}
		if c.Tone() != report.Plain {
			text = s.styles[c.Tone()].Render(text)
		} else {
			text = style.Render(text)
		}
		b.WriteString(text)
		if n < len(places)-1 {
			b.WriteString("  ")
		}
	}
	s.line(b.String())
}

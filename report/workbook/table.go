package workbook

import (
	"fmt"
	"iter"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"readiness/report"
)

// sampled is how many rows decide the widths of the columns.
const sampled = 400

// part is one worksheet of a table; long tables have several.
type part struct {
	sw     *excelize.StreamWriter // of all but the rows
	from   int64                  // where its rows begin
	name   string
	head   int // row of the headers
	last   int // last row written
	widths []float64
}

// table writes one sheet of the report, and the sheets that continue it.
func (b *book) table(s *report.Sheet) error {
	next, stop := iter.Pull2(s.Rows)
	defer stop()
	// The first rows decide the widths, which come before all rows.
	var ahead [][]report.Cell
	for len(ahead) < sampled {
		row, err, ok := next()
		if !ok {
			break
		}
		if err != nil {
			return err
		}
		ahead = append(ahead, slices.Clone(row))
	}
	wide := widths(s, ahead)

	p, err := b.open(s, s.Name, wide)
	if err != nil {
		return err
	}
	values := make([]any, len(s.Columns))
	for sheets := 1; ; {
		var row []report.Cell
		if len(ahead) > 0 {
			row, ahead[0] = ahead[0], nil // nothing holds what is written
			ahead = ahead[1:]
		} else {
			r, err, ok := next()
			if !ok {
				break
			}
			if err != nil {
				return err
			}
			row = r
		}
		if p.last == b.maxRows-1 { // the last row tells where it goes on
			sheets++
			name := fmt.Sprintf("%s (%d)", s.Name, sheets)
			if err := b.continued(p, s, name); err != nil {
				return err
			}
			if p, err = b.open(s, name, wide); err != nil {
				return err
			}
		}
		if err := b.row(p, s, row, values, look{}, p.height(s, row)...); err != nil {
			return err
		}
	}
	return b.close(p, s)
}

// continued ends a part that is full and makes room for the next.
func (b *book) continued(p *part, s *report.Sheet, name string) error {
	l, err := b.style(look{plain: true, tone: report.Muted})
	if err != nil {
		return err
	}
	if err := b.rows.set(p.last+1, []any{excelize.Cell{StyleID: l, Value: "Continued on the sheet " + name}}); err != nil {
		return err
	}
	if err := b.close(p, s); err != nil {
		return err
	}
	_, err = b.f.NewSheet(name) // behind all others
	return err
}

// open starts a worksheet: page, widths, title, note, rows above, headers.
func (b *book) open(s *report.Sheet, name string, wide []float64) (*part, error) {
	if err := b.page(name, s.Pages); err != nil {
		return nil, err
	}
	if err := b.f.SetSheetDimension(name, ""); err != nil { // not known before the last row
		return nil, err
	}
	off := false
	if err := b.f.SetSheetView(name, 0, &excelize.ViewOptions{ShowGridLines: &off}); err != nil {
		return nil, err
	}
	sw, err := b.f.NewStreamWriter(name)
	if err != nil {
		return nil, err
	}
	p := &part{sw: sw, from: b.rows.spool.size, name: name, widths: wide, head: 3 + len(s.Above)}
	for i, w := range wide {
		if err := sw.SetColWidth(i+1, i+1, w); err != nil {
			return nil, err
		}
	}
	corner, err := excelize.CoordinatesToCellName(s.Frozen+1, p.head+1)
	if err != nil {
		return nil, err
	}
	pane := "bottomLeft"
	if s.Frozen > 0 {
		pane = "bottomRight"
	}
	if err := sw.SetPanes(&excelize.Panes{Freeze: true, XSplit: s.Frozen, YSplit: p.head, TopLeftCell: corner, ActivePane: pane}); err != nil {
		return nil, err
	}
	return p, b.top(p, s)
}

// top writes the rows down to the headers.
func (b *book) top(p *part, s *report.Sheet) error {
	title, err := b.style(look{title: true, plain: true})
	if err != nil {
		return err
	}
	link, err := b.style(look{link: true, plain: true, right: true})
	if err != nil {
		return err
	}
	shown := s.Printed
	if shown == 0 || shown > len(s.Columns) {
		shown = len(s.Columns)
	}
	first := make([]any, shown+1)
	words := s.Title
	if p.name != s.Name {
		words += ", continued"
	}
	first[0] = excelize.Cell{StyleID: title, Value: words}
	// The way back stands over the last column, or beside it, off the paper, where
	// the title needs the room.
	back, room := shown-1, 0.0
	for _, w := range p.widths[:back] {
		room += w
	}
	if room < 1.8*float64(utf8.RuneCountInString(words)) {
		back = shown
	}
	first[back] = excelize.Cell{StyleID: link, Formula: fmt.Sprintf(`HYPERLINK("#'%s'!A1","Summary")`, report.SheetSummary), Value: "Summary"}
	if err := b.rows.set(1, first, excelize.RowOpts{Height: 24}); err != nil {
		return err
	}

	// The note spans what is printed, but no more than a screen.
	span := 0
	room = 0
	for span < shown && (span == 0 || room+p.widths[span] <= 150) {
		room += p.widths[span]
		span++
	}
	note, err := b.style(look{wrap: true, plain: true, tone: report.Muted})
	if err != nil {
		return err
	}
	if err := b.rows.set(2, []any{excelize.Cell{StyleID: note, Value: s.Note}}, excelize.RowOpts{Height: lines(s.Note, room)*13 + 4}); err != nil {
		return err
	}
	if span > 1 {
		end, _ := excelize.CoordinatesToCellName(span, 2)
		if err := p.sw.MergeCell("A2", end); err != nil {
			return err
		}
	}
	p.last = 2
	values := make([]any, len(s.Columns))
	for _, row := range s.Above {
		tall := 1.0
		for i, c := range row {
			tall = max(tall, lines(c.String(), p.widths[i]))
		}
		if err := b.row(p, s, row, values, look{wrap: true}, excelize.RowOpts{Height: min(tall*13.5+3, 140)}); err != nil {
			return err
		}
	}
	head, err := b.style(look{head: true})
	if err != nil {
		return err
	}
	tall := 1.0
	for i, c := range s.Columns {
		values[i] = excelize.Cell{StyleID: head, Value: c.Header}
		tall = max(tall, lines(c.Header, p.widths[i]-3)) // the filter's button takes its place
	}
	p.last++
	if err := b.rows.set(p.last, values, excelize.RowOpts{Height: tall*13.5 + 5}); err != nil {
		return err
	}
	// The stream has the headers too: the table takes its columns' names from them.
	cell, _ := excelize.CoordinatesToCellName(1, p.last)
	return p.sw.SetRow(cell, values)
}

// row writes the next row of a part; over adds to the looks of its cells.
func (b *book) row(p *part, s *report.Sheet, row []report.Cell, values []any, over look, opts ...excelize.RowOpts) error {
	for i, c := range row {
		v, formula, l := value(c)
		l.wrap = s.Columns[i].Wrap || over.wrap
		l.filled = s.Columns[i].Filled
		if s.Columns[i].Kind == report.Text { // a number among words
			l.left, l.right, l.date = true, false, false
		}
		id, err := b.style(l)
		if err != nil {
			return err
		}
		values[i] = excelize.Cell{StyleID: id, Formula: formula, Value: v}
	}
	p.last++
	return b.rows.set(p.last, values[:len(row)], opts...)
}

// height is the height of a row with long texts. It is written, because not
// every program works it out when it opens a workbook.
func (p *part) height(s *report.Sheet, row []report.Cell) []excelize.RowOpts {
	tall := 1.0
	for i, c := range row {
		if s.Columns[i].Wrap {
			tall = max(tall, lines(c.String(), p.widths[i]))
		}
	}
	if tall == 1 {
		return nil
	}
	return []excelize.RowOpts{{Height: min(tall*13.2+2, excelize.MaxRowHeight)}}
}

// close ends a part: its table with filters, its print titles and area.
func (b *book) close(p *part, s *report.Sheet) error {
	end, err := excelize.CoordinatesToCellName(len(s.Columns), max(p.last, p.head+1))
	if err != nil {
		return err
	}
	off := false
	if err := p.sw.AddTable(&excelize.Table{Range: fmt.Sprintf("A%d:%s", p.head, end), Name: tableName(p.name),
		StyleName: "TableStyleLight1", ShowRowStripes: &off}); err != nil {
		return err
	}
	if err := b.choices(p, s); err != nil {
		return err
	}
	if err := b.bars(p, s); err != nil {
		return err
	}
	if err := p.sw.Flush(); err != nil {
		return err
	}
	if err := b.rows.end(sheetPart(p.sw.SheetID), p.from); err != nil {
		return err
	}
	b.titles[p.name] = fmt.Sprintf("'%s'!$%d:$%d", p.name, p.head, p.head)
	last := len(s.Columns)
	if s.Printed > 0 {
		last = min(s.Printed, last)
	}
	column, err := excelize.ColumnNumberToName(last)
	if err != nil {
		return err
	}
	b.areas[p.name] = fmt.Sprintf("'%s'!$A$1:$%s$%d", p.name, column, p.last)
	return nil
}

// bars lays a bar behind every size, as long as the size is of the column's
// largest. What could not be read has words and no bar.
func (b *book) bars(p *part, s *report.Sheet) error {
	for i, c := range s.Columns {
		if c.Kind != report.Bytes || p.last <= p.head {
			continue
		}
		column, err := excelize.ColumnNumberToName(i + 1)
		if err != nil {
			return err
		}
		cells := fmt.Sprintf("%s%d:%s%d", column, p.head+1, column, p.last)
		if err := b.f.SetConditionalFormat(p.name, cells, []excelize.ConditionalFormatOptions{{
			Type: "data_bar", Criteria: "=", MinType: "num", MinValue: "0", MaxType: "max", BarColor: "#" + b.bar,
		}}); err != nil {
			return err
		}
	}
	return nil
}

// choices gives the columns that people choose in a list to choose from. They
// have to stand before the sheet is flushed.
func (b *book) choices(p *part, s *report.Sheet) error {
	for i, c := range s.Columns {
		if len(c.Choices) == 0 {
			continue
		}
		column, err := excelize.ColumnNumberToName(i + 1)
		if err != nil {
			return err
		}
		v := excelize.NewDataValidation(true)
		v.Sqref = fmt.Sprintf("%s%d:%s%d", column, p.head+1, column, max(p.last, p.head+1))
		if err := v.SetDropList(c.Choices); err != nil {
			return err
		}
		v.SetError(excelize.DataValidationErrorStyleWarning, c.Header, "Usual here: "+strings.Join(c.Choices, ", ")+".")
		if err := b.f.AddDataValidation(p.name, v); err != nil {
			return err
		}
	}
	return nil
}

// tableName makes a name for a sheet's table: letters, digits and underscores.
func tableName(sheet string) string {
	return "Table_" + strings.Trim(strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, sheet), "_")
}

// widths fits each column to its longest value among the rows, its header's
// longest word and the width that the report gives it as a limit.
func widths(s *report.Sheet, rows [][]report.Cell) []float64 {
	wide := make([]float64, len(s.Columns))
	for i, c := range s.Columns {
		longest := 4.0
		for _, row := range rows {
			longest = max(longest, measure(shown(row[i])))
		}
		for _, row := range s.Above {
			longest = max(longest, min(measure(row[i].String()), float64(c.Width)))
		}
		longest = min(longest, float64(c.Width))
		for word := range strings.FieldsSeq(c.Header) {
			longest = max(longest, measure(word)*1.05+2) // it is bold
		}
		wide[i] = math.Ceil(min(longest, 120)) + 2
		for lines(c.Header, wide[i]-3) > 3 {
			wide[i]++
		}
	}
	return wide
}

// shown is what a cell looks like, to measure it.
func shown(c report.Cell) string {
	if c.Kind() == report.Bytes {
		s := fmt.Sprintf("%.1f", c.Float())
		if c.AtLeast() {
			s = "at least " + s
		}
		return s + strings.Repeat(",", len(s)/4)
	}
	return c.String()
}

// hostOf is the host of a plain link.
func hostOf(url string) string {
	_, rest, _ := strings.Cut(url, "://")
	h, _, _ := strings.Cut(rest, "/")
	return h
}

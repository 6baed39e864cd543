package workbook

import (
	"fmt"

	"github.com/xuri/excelize/v2"

	"readiness/report"
)

// look is everything that tells one cell's style from another's.
type look struct {
	tone    report.Tone
	format  string // of numbers and dates
	wrap    bool
	link    bool
	head    bool // a column's header
	section bool // a heading within a sheet
	title   bool
	bold    bool
	plain   bool // without lines
	right   bool
	left    bool // also where numbers stand right
	date    bool
	filled  bool // people write here
	indent  int
	size    float64 // 0: that of the body
}

// The fills and letters of the tones: blue, amber and vermilion stay apart for
// every kind of colour vision, and words always say the same.
// Source: https://jfly.uni-koeln.de/color/
var palette = map[report.Tone]struct{ fill, ink string }{
	report.Plain:   {"", "222222"},
	report.Good:    {"D5E8F5", "0B3C5D"},
	report.Caution: {"FFF0C2", "5C4300"},
	report.Bad:     {"F9D3C2", "7A1F00"},
	report.Unknown: {"CFCFCF", "333333"}, // the lines of the hatching
	report.Muted:   {"", "7A7A7A"},
}

const (
	ink   = "1F3A4D" // headers and headings, unless a brand has its own
	line  = "D9DEE2" // between rows
	blue  = "0563C1" // links
	input = "FFFDF0" // where people write
	bar   = "9CC5E3" // behind sizes, unless a brand has its own
	face  = "Calibri"
	hatch = 14 // light diagonal lines, ST_PatternType lightUp
	solid = 1
)

// style returns the id of the style for l.
func (b *book) style(l look) (int, error) {
	if id, ok := b.styles[l]; ok {
		return id, nil
	}
	colours := palette[l.tone]
	s := &excelize.Style{
		Font:      &excelize.Font{Family: face, Size: 10, Color: colours.ink, Bold: l.bold},
		Alignment: &excelize.Alignment{Vertical: "top", WrapText: l.wrap, Indent: l.indent},
	}
	if !l.plain {
		s.Border = []excelize.Border{{Type: "bottom", Color: line, Style: 1}}
	}
	switch {
	case l.tone == report.Unknown:
		s.Fill = excelize.Fill{Type: "pattern", Pattern: hatch, Color: []string{colours.fill}}
	case colours.fill != "":
		s.Fill = excelize.Fill{Type: "pattern", Pattern: solid, Color: []string{colours.fill}}
	}
	if l.filled {
		s.Fill = excelize.Fill{Type: "pattern", Pattern: solid, Color: []string{input}}
		s.Alignment.WrapText = true
	}
	switch {
	case l.right:
		s.Alignment.Horizontal, s.Alignment.Indent = "right", 1
	case l.left, l.indent > 0:
		s.Alignment.Horizontal = "left"
		if l.date { // it may stand beside a number
			s.Alignment.Indent = 1
		}
	}
	if l.format != "" {
		s.CustomNumFmt = &l.format
	}
	if l.link {
		s.Font.Color, s.Font.Underline = blue, "single"
	}
	if l.size != 0 {
		s.Font.Size = l.size
	}
	switch {
	case l.head:
		s.Font.Bold, s.Font.Color = true, "FFFFFF"
		s.Fill = excelize.Fill{Type: "pattern", Pattern: solid, Color: []string{b.ink}}
		s.Alignment.Vertical, s.Alignment.WrapText = "center", true
	case l.section:
		s.Font.Bold, s.Font.Color, s.Font.Size = true, b.ink, 12
	case l.title:
		s.Font.Bold, s.Font.Color, s.Font.Size = true, b.ink, 16
		s.Alignment.Vertical = "center"
	}
	id, err := b.f.NewStyle(s)
	if err != nil {
		return 0, err
	}
	b.styles[l] = id
	return id, nil
}

// maxNumber is the largest number of which Excel keeps every digit: fifteen.
// Source: https://support.microsoft.com/en-us/office/excel-specifications-and-limits-1672b34d-7043-467e-8e27-269d656771c3
const maxNumber = 999_999_999_999_999

// value is what stands in a worksheet's cell, and how it looks. A formula only
// ever holds a plain link with a number, or with words that are part of the link.
func value(c report.Cell) (v any, formula string, l look) {
	l.tone = c.Tone()
	if k := c.Kind(); (k == report.Count || k == report.ID) && c.Int() > maxNumber {
		l.right = true
		return c.String(), "", l
	}
	switch c.Kind() {
	case report.Empty:
		return nil, "", l
	case report.Count:
		v, l.format, l.right = c.Int(), "#,##0", true
	case report.ID:
		v, l.format, l.right = c.Int(), "0", true
		if c.Link() != "" {
			formula, l.link = fmt.Sprintf("HYPERLINK(%q,%d)", c.Link(), c.Int()), true
		}
	case report.Bytes:
		v, l.right, l.format = c.Float(), true, `[=0]0;[<0.05]"< 0.1";#,##0.0`
	case report.Percent:
		v, l.format, l.right = c.Float(), "0.0%", true
	case report.Date:
		v, l.format, l.left, l.date = c.Time(), "yyyy-mm-dd", true, true
		if c.Clock() {
			l.format = `yyyy-mm-dd hh:mm "UTC"`
		}
	default:
		text := c.String()
		if w := c.Written(); w != "" {
			text = w
		}
		if url := c.Link(); url != "" && (text == url || text == hostOf(url)) {
			formula, l.link = fmt.Sprintf("HYPERLINK(%q,%q)", url, text), true
		}
		return spelled(text), formula, l
	}
	if c.AtLeast() {
		l.format = `"at least "#,##0`
		if c.Kind() == report.Bytes {
			l.format = `[<0.05]"at least 0.0";"at least "#,##0.0`
		}
	}
	return v, formula, l
}

package workbook

import (
	"fmt"
	"strings"

	"github.com/xuri/excelize/v2"

	"readiness/report"
)

// The Summary is drawn on a grid of seven columns, to be one printed page.
var grid = []float64{26, 17, 11, 11, 14, 18, 104}

// contents says what each sheet is for.
var contents = map[string]string{
	report.SheetMethods:     "every item in use under every possible method",
	report.SheetLeftBehind:  "what a migration would lose: how much, why, what to do",
	report.SheetActions:     "what to do, by check and group, with columns for the people who do it",
	report.SheetPlan:        "hours and working days, low to high, each with what it rests on",
	report.SheetScoping:     "the questions of the scoping, as far as the inventory answers them",
	report.SheetChecklist:   "the tasks of a migration by phase, as far as checks tell",
	report.SheetParties:     "who has to do what before, during and after",
	report.SheetFindings:    "every finding with its evidence and remedy",
	report.SheetProjects:    "every project: sizes, counts, and each method's verdict",
	report.SheetGroups:      "every group and subgroup",
	report.SheetUsers:       "every account",
	report.SheetNotAssessed: "what could not be read, was not asked for, or only people know",
	report.SheetProfile:     "what was decided for this engagement, and by which file",
	report.SheetMatrix:      "what is known of every item and method, with its source",
	report.SheetAbout:       "where the numbers come from: token, requests, versions, snapshot",
}

// page is a sheet that is drawn cell by cell.
type page struct {
	b     *book
	sheet string
	row   int
	err   error
}

// put writes a cell into columns from to to of the current row, merged.
func (p *page) put(from, to int, c report.Cell, over look) {
	if p.err != nil {
		return
	}
	v, _, l := value(c)
	l.wrap, l.plain = over.wrap, over.plain
	l.bold, l.head, l.section, l.title = over.bold, over.head, over.section, over.title
	l.size, l.indent, l.right = over.size, over.indent, over.right || l.right && !over.left
	l.left = l.left || over.left
	l.link = over.link
	if over.tone != report.Plain {
		l.tone = over.tone
	}
	id, err := p.b.style(l)
	if err != nil {
		p.err = err
		return
	}
	a, _ := excelize.CoordinatesToCellName(from, p.row)
	z, _ := excelize.CoordinatesToCellName(to, p.row)
	if err := p.b.f.SetCellValue(p.sheet, a, v); err != nil {
		p.err = err
		return
	}
	if p.err = p.b.f.SetCellStyle(p.sheet, a, z, id); p.err == nil && from != to {
		p.err = p.b.f.MergeCell(p.sheet, a, z)
	}
}

func (p *page) text(from, to int, s string, over look) { p.put(from, to, report.TextCell(s), over) }

// height sets the current row's height and goes to the next.
func (p *page) next(points float64) {
	if p.err == nil {
		p.err = p.b.f.SetRowHeight(p.sheet, p.row, points)
	}
	p.row++
}

// heads writes a row of headers.
func (p *page) heads(hs ...heading) {
	for _, h := range hs {
		p.text(h.from, h.to, h.text, look{head: true, right: h.number})
	}
	p.next(18)
}

// heading is a header over columns from to to, of numbers or of words.
type heading struct {
	from, to int
	text     string
	number   bool
}

// room is how many characters columns from to to hold.
func room(from, to int) float64 {
	w := 0.0
	for _, c := range grid[from-1 : to] {
		w += c
	}
	return w
}

func height(text string, from, to int) float64 { return lines(text, room(from, to))*13.5 + 3 }

const width = 7

func (b *book) summary() error {
	const sheet = report.SheetSummary
	if err := b.page(sheet, 1); err != nil {
		return err
	}
	off := false
	if err := b.f.SetSheetView(sheet, 0, &excelize.ViewOptions{ShowGridLines: &off}); err != nil {
		return err
	}
	for i, w := range grid {
		col, _ := excelize.ColumnNumberToName(i + 1)
		if err := b.f.SetColWidth(sheet, col, col, w); err != nil {
			return err
		}
	}
	s, p := b.r.Summary, &page{b: b, sheet: sheet, row: 1}
	p.text(1, width, s.Title, look{title: true, plain: true})
	p.next(28)
	p.put(1, width, s.Verdict, look{bold: true, wrap: true, plain: true, size: 12})
	p.next(lines(s.Verdict.String(), room(1, width)*0.85)*16 + 5)
	p.next(6)
	for _, l := range append(s.Facts[:len(s.Facts):len(s.Facts)], s.Reading) {
		p.text(1, 1, l.Label, look{bold: true})
		p.put(2, width, l.Value, look{wrap: true})
		p.next(height(l.Value.String(), 2, width))
	}
	p.next(8)
	p.methods(s)
	p.next(8)
	p.actions(s)
	p.next(8)
	p.below(s)
	if p.err != nil {
		return p.err
	}
	b.areas[sheet] = fmt.Sprintf("'%s'!$A$1:$G$%d", sheet, p.row)
	return b.f.SetSheetDimension(sheet, fmt.Sprintf("A1:G%d", p.row))
}

func (p *page) methods(s report.Summary) {
	p.text(1, width, "Methods: what each would do with the items in use", look{section: true, plain: true})
	p.next(19)
	p.heads(heading{1, 1, "Method", false}, heading{2, 2, "Verdict", false}, heading{3, 3, "Carried", true}, heading{4, 4, "Partly", true}, heading{5, 5, "Left behind", true}, heading{6, 6, "Not assessed", true}, heading{7, 7, "Why", false})
	for _, m := range s.Methods {
		p.text(1, 1, m.Title, look{bold: true})
		p.put(2, 2, m.State, look{bold: true})
		for i, n := range []int{m.Carried, m.Partial, m.Lost, m.NotAssessed} {
			c := report.CountCell(int64(n))
			if m.State.Tone() == report.Muted { // ruled out, or not in play: said once
				c = report.TextCell("–").Toned(report.Muted)
			}
			p.put(3+i, 3+i, c, look{right: true})
		}
		why := m.Reason
		if m.Questions > 0 && m.State.Tone() != report.Muted {
			why = strings.TrimSpace(fmt.Sprintf("%s %s for people.", why, report.Many(int64(m.Questions), "question", "questions")))
		}
		p.text(7, 7, why, look{wrap: true})
		p.next(height(why, 7, 7))
	}
	if s.NoReader > 0 {
		p.text(1, width, fmt.Sprintf("%s of the matrix have no reader yet and count in no column: see Not assessed.", report.Many(int64(s.NoReader), "item", "items")),
			look{plain: true, tone: report.Muted})
		p.next(15)
	}
}

// shownActions is how many checks the first page has room for.
const shownActions = 7

func (p *page) actions(s report.Summary) {
	p.text(1, width, "What must happen first", look{section: true, plain: true})
	p.next(19)
	if len(s.Actions) == 0 {
		p.text(1, width, "No blocker and nothing of high severity was found in what could be read.", look{})
		p.next(16)
		p.lower(s, 0)
		return
	}
	p.heads(heading{1, 1, "Severity", false}, heading{2, 2, "Where", false}, heading{3, 6, "Finding", false}, heading{7, 7, "What to do", false})
	for i, a := range s.Actions {
		if i == shownActions {
			break
		}
		severity := a.Severity
		if a.Unknown {
			severity = report.TextCell(a.Severity.String() + ": not known").Toned(report.Unknown)
		}
		p.put(1, 1, severity, look{bold: true})
		p.text(2, 2, a.Subjects(), look{})
		title := a.Title
		if one := a.Single(); one != "" {
			title += ": " + report.Cut(one, 60)
		}
		p.text(3, 6, title, look{wrap: true})
		p.text(7, 7, a.Remedy, look{wrap: true})
		p.next(max(height(title, 3, 6), height(a.Remedy, 7, 7)))
	}
	p.lower(s, max(len(s.Actions)-shownActions, 0))
}

// lower says what there was no room for.
func (p *page) lower(s report.Summary, more int) {
	var parts []string
	if more > 0 {
		parts = append(parts, report.Many(int64(more), "more check", "more checks"))
	}
	if s.Lower > 0 {
		parts = append(parts, report.Many(int64(s.Lower), "check", "checks")+" of lower severity")
	}
	if len(parts) > 0 {
		p.text(1, width, "And "+strings.Join(parts, ", ")+": see Findings.", look{plain: true, tone: report.Muted})
		p.next(15)
	}
}

// below draws the totals beside what could not be read and the list of sheets.
func (p *page) below(s report.Summary) {
	top := p.row
	p.text(1, 5, "What there is", look{section: true, plain: true})
	p.next(19)
	p.heads(heading{1, 1, "", false}, heading{2, 2, "Amount", true}, heading{3, 3, "Unit", false}, heading{4, 5, "Not read in", false})
	for _, t := range s.Totals {
		over := look{bold: !t.Part}
		if t.Part {
			over.indent = 1
		}
		p.text(1, 1, t.Label, over)
		p.put(2, 2, t.Amount, look{bold: !t.Part, right: true})
		p.text(3, 3, t.Unit, look{})
		p.text(4, 5, t.Note, look{})
		p.next(15)
	}
	bottom := p.row

	p.row = top
	p.text(6, 7, "What could not be read", look{section: true, plain: true})
	p.row++
	if len(s.Unread) == 0 {
		p.text(6, 7, "Everything that was asked for was read.", look{})
		p.row++
	} else {
		p.text(6, 6, "How many", look{head: true})
		p.text(7, 7, "What, and why", look{head: true})
		p.row++
	}
	for i, u := range s.Unread {
		if i == 7 {
			p.text(6, 7, fmt.Sprintf("and %s: see Not assessed.", report.Many(int64(len(s.Unread)-i), "more kind of fact", "more kinds of facts")), look{tone: report.Muted})
			p.row++
			break
		}
		p.text(6, 6, u.Subjects(), look{tone: report.Unknown})
		p.text(7, 7, report.Cut(fmt.Sprintf("%s: %s", u.Title, u.Why), 120), look{})
		p.row++
	}
	p.row++
	p.text(6, 7, "Sheets", look{section: true, plain: true})
	p.row++
	for _, sheet := range p.b.r.Sheets {
		p.text(6, 6, sheet.Name, look{link: true})
		p.text(7, 7, contents[sheet.Name], look{})
		cell, _ := excelize.CoordinatesToCellName(6, p.row)
		if p.err == nil {
			p.err = p.b.f.SetCellHyperLink(p.sheet, cell, fmt.Sprintf("'%s'!A1", sheet.Name), "Location")
		}
		p.row++
	}
	p.row = max(p.row, bottom)
}

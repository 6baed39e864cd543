package workbook

import (
	"fmt"
	"strings"

	"github.com/xuri/excelize/v2"

	"readiness/report"
)

// The Summary is drawn on a grid of equal columns, to be one printed page.
const (
	width = 12 // columns
	each  = 21 // characters in a column
)

// contents says what each sheet is for.
var contents = map[string]string{
	report.SheetMethods:       "every item in use under every possible method",
	report.SheetLeftBehind:    "what a migration would lose: how much, why, what to do",
	report.SheetActions:       "what to do, by check and group, with columns for the people who do it",
	report.SheetPrerequisites: "by which API each method works, with which rights and limits",
	report.SheetPipelines:     "places in CI/CD configurations that a migration touches",
	report.SheetDependencies:  "what projects need of one another",
	report.SheetRunners:       "runners, with what decides which jobs they take",
	report.SheetRegistries:    "projects with container images or packages",
	report.SheetIntegrations:  "integrations, webhooks and mirrors, each with the system behind it",
	report.SheetClauses:       "what the numbers rest on, and what they leave out",
	report.SheetComparison:    "the same scan judged for other targets",
	report.SheetDestination:   "what was read of the destination",
	report.SheetOther:         "what arrives from systems that are not GitLab",
	report.SheetQuantities:    "what there is, as far as it was read",
	report.SheetLosses:        "what each method does with what not every one carries",
	report.SheetAcceptance:    "proposed acceptance, what makes a change, no warranty",
	report.SheetPlan:          "hours and working days, low to high, each with what it rests on",
	report.SheetScoping:       "the questions of the scoping, as far as the inventory answers them",
	report.SheetChecklist:     "the tasks of a migration by phase, as far as checks tell",
	report.SheetParties:       "who has to do what before, during and after",
	report.SheetFindings:      "every finding with its evidence and remedy",
	report.SheetProjects:      "every project: sizes, counts, and each method's verdict",
	report.SheetGroups:        "every group and subgroup",
	report.SheetUsers:         "every account",
	report.SheetNotAssessed:   "what could not be read, was not asked for, or only people know",
	report.SheetProfile:       "what was decided for this engagement, and by which file",
	report.SheetMatrix:        "what is known of every item and method, with its source",
	report.SheetCharts:        "the numbers of the charts on this page",
	report.SheetChanges:       "what has changed since the scan before, and since what was signed",
	report.SheetKept:          "what people wrote whose row is not there any more",
	report.SheetAbout:         "where the numbers come from: token, requests, versions, snapshot",
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
	v, _, l := value(c)
	l.wrap, l.plain = over.wrap, over.plain
	l.bold, l.head, l.section, l.title = over.bold, over.head, over.section, over.title
	l.size, l.indent, l.right = over.size, over.indent, over.right || l.right && !over.left
	l.left = l.left || over.left
	l.date = false // nothing stands close by
	l.link = over.link
	if over.tone != report.Plain {
		l.tone = over.tone
	}
	p.cell(from, to, v, l)
}

// cell writes a value into columns from to to of the current row, merged.
func (p *page) cell(from, to int, v any, l look) {
	if p.err != nil {
		return
	}
	id, err := p.b.style(l)
	if err != nil {
		p.err = err
		return
	}
	a, _ := excelize.CoordinatesToCellName(from, p.row)
	z, _ := excelize.CoordinatesToCellName(to, p.row)
	if text, is := v.(string); is {
		v = spelled(text)
	}
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

// height is that of a row whose columns from to to hold the text.
func height(text string, from, to int) float64 {
	return lines(text, float64((to-from+1)*each))*13.5 + 3
}

func (b *book) summary(charts []drawn) error {
	const sheet = report.SheetSummary
	if err := b.page(sheet, 1); err != nil {
		return err
	}
	off := false
	if err := b.f.SetSheetView(sheet, 0, &excelize.ViewOptions{ShowGridLines: &off}); err != nil {
		return err
	}
	last, _ := excelize.ColumnNumberToName(width)
	if err := b.f.SetColWidth(sheet, "A", last, each); err != nil {
		return err
	}
	s, p := b.r.Summary, &page{b: b, sheet: sheet, row: 1}
	p.text(1, width, s.Title, look{title: true, plain: true})
	p.logo()
	p.next(28)
	p.put(1, width, s.Verdict, look{bold: true, wrap: true, plain: true, size: 12})
	p.next(lines(s.Verdict.String(), width*each*0.85)*16 + 5)
	p.next(6)
	p.facts(append(s.Facts[:len(s.Facts):len(s.Facts)], s.Reading))
	p.next(8)
	p.methods(s)
	p.next(8)
	p.actions(s)
	p.next(8)
	p.unread(s)
	p.next(8)
	p.holds(s, charts)
	p.next(8)
	p.contents(len(charts) > 0)
	if p.err != nil {
		return p.err
	}
	b.areas[sheet] = fmt.Sprintf("'%s'!$A$1:$%s$%d", sheet, last, p.row-1)
	return b.f.SetSheetDimension(sheet, fmt.Sprintf("A1:%s%d", last, p.row-1))
}

// logo puts the brand's logo at the right end of the title's row.
func (p *page) logo() {
	if p.b.r.Brand == nil || p.b.r.Brand.Logo == nil || p.err != nil {
		return
	}
	const tall, span = 34.0, 3 // pixels high; columns wide at most
	logo := p.b.r.Brand.Logo
	room := float64(span * pixels(each))
	scale := min(tall/float64(logo.Height), room/float64(logo.Width))
	cell, _ := excelize.CoordinatesToCellName(width-span+1, p.row)
	p.err = p.b.f.AddPictureFromBytes(p.sheet, cell, &excelize.Picture{Extension: logo.Extension, File: logo.Data,
		Format: &excelize.GraphicOptions{AltText: p.b.r.Brand.Name, ScaleX: scale, ScaleY: scale, Positioning: "oneCell",
			OffsetX: int(room - scale*float64(logo.Width)), OffsetY: 1}})
}

// facts writes lines in two halves, read down the left one first.
func (p *page) facts(all []report.Line) {
	half := (len(all) + 1) / 2
	for i := range half {
		p.text(1, 1, all[i].Label, look{bold: true})
		p.put(2, 6, all[i].Value, look{wrap: true})
		tall := height(all[i].Value.String(), 2, 6)
		if k := half + i; k < len(all) {
			p.text(7, 7, all[k].Label, look{bold: true})
			p.put(8, width, all[k].Value, look{wrap: true})
			tall = max(tall, height(all[k].Value.String(), 8, width))
		}
		p.next(tall)
	}
}

func (p *page) methods(s report.Summary) {
	p.text(1, width, "Methods: what each would do with the items in use", look{section: true, plain: true})
	p.next(19)
	p.heads(heading{1, 1, "Method", false}, heading{2, 2, "Verdict", false}, heading{3, 3, "Carried", true}, heading{4, 4, "Partly", true}, heading{5, 5, "Left behind", true}, heading{6, 6, "Not assessed", true}, heading{7, width, "Why", false})
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
		p.text(7, width, why, look{wrap: true})
		p.next(height(why, 7, width))
	}
	if s.NoReader > 0 {
		p.text(1, width, fmt.Sprintf("%s of the matrix have no reader yet and count in no column%s.", report.Many(int64(s.NoReader), "item", "items"), p.see(report.SheetNotAssessed)),
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
	p.heads(heading{1, 1, "Severity", false}, heading{2, 2, "Where", false}, heading{3, 5, "Finding", false}, heading{6, 6, "By whom", false}, heading{7, width, "What to do", false})
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
		p.text(3, 5, title, look{wrap: true})
		p.text(6, 6, a.Who, look{wrap: true})
		p.text(7, width, a.Remedy, look{wrap: true})
		p.next(max(height(title, 3, 5), height(a.Remedy, 7, width), height(a.Who, 6, 6)))
	}
	p.lower(s, max(len(s.Actions)-shownActions, 0))
}

// see says where there is more of what the page has no room for.
func (p *page) see(sheet string) string {
	if _, here := p.b.r.Sheet(sheet); here {
		return ": see " + sheet
	}
	return ": see " + sheet + " in the full workbook"
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
		p.text(1, width, "And "+strings.Join(parts, ", ")+p.see(report.SheetFindings)+".", look{plain: true, tone: report.Muted})
		p.next(15)
	}
}

// shownUnread is how many kinds of facts the first page has room for.
const shownUnread = 6

func (p *page) unread(s report.Summary) {
	p.text(1, width, "What could not be read", look{section: true, plain: true})
	p.next(19)
	if len(s.Unread) == 0 {
		p.text(1, width, "Everything that was asked for was read.", look{})
		p.next(15)
		return
	}
	p.heads(heading{1, 1, "How many", false}, heading{2, 6, "What, and why", false}, heading{7, width, "What would cure it", false})
	for i, u := range s.Unread {
		if i == shownUnread {
			p.text(1, width, fmt.Sprintf("And %s%s.", report.Many(int64(len(s.Unread)-i), "more kind of fact", "more kinds of facts"), p.see(report.SheetNotAssessed)), look{plain: true, tone: report.Muted})
			p.next(15)
			break
		}
		p.text(1, 1, u.Subjects(), look{tone: report.Unknown})
		what := fmt.Sprintf("%s: %s", u.Title, u.Why)
		p.text(2, 6, what, look{wrap: true})
		p.text(7, width, u.Cure, look{wrap: true})
		p.next(max(height(what, 2, 6), height(u.Cure, 7, width)))
	}
}

// lineHeight is the height in points of a row of the totals, beside which the charts
// stand.
const lineHeight = 15

// holds draws the totals with the charts beside them.
func (p *page) holds(s report.Summary, charts []drawn) {
	top := p.row
	p.text(1, width, "What there is", look{section: true, plain: true})
	p.next(19)
	p.heads(heading{1, 1, "", false}, heading{2, 2, "Amount", true}, heading{3, 3, "Unit; what was not read", false})
	rows := 0
	for _, t := range s.Totals {
		if t.Charted && len(charts) > 0 {
			continue
		}
		over := look{bold: !t.Part}
		if t.Part {
			over.indent = 1
		}
		p.text(1, 1, t.Label, over)
		p.put(2, 2, t.Amount, look{bold: !t.Part, right: true})
		unit := t.Unit
		switch {
		case t.Note != "" && t.Amount.Kind() == report.Bytes:
			unit += "; " + t.Note
		case t.Note != "": // it names the unit
			unit = t.Note
		}
		p.text(3, 3, unit, look{wrap: true})
		tall := lines(unit, each) * lineHeight
		rows += int(tall)
		p.next(tall)
	}
	if len(charts) == 0 || p.err != nil {
		return
	}
	for rows < 12*lineHeight { // the charts need as much
		p.next(lineHeight)
		rows += lineHeight
	}
	// Charts begin and end with a column, so that every program draws them equally wide.
	span := (width - 3) / len(charts)
	from := width - span*len(charts) + 1
	for i, d := range charts {
		cell, _ := excelize.CoordinatesToCellName(from+i*span, top+1)
		if p.err = p.b.draw(p.sheet, cell, d, uint(span*pixels(each)-12), uint((rows+18)*4/3)-8); p.err != nil {
			return
		}
	}
	var notes []string
	for _, d := range charts {
		if d.Note != "" {
			notes = append(notes, d.Title+": "+d.Note)
		}
	}
	if len(notes) > 0 {
		words := strings.Join(notes, " ")
		p.text(from, width, words, look{plain: true, wrap: true, tone: report.Muted})
		p.next(height(words, from, width))
	}
}

// pixels is how wide a column of so many characters is on a screen: seven
// pixels to a digit of the default font, and five around.
func pixels(characters int) int { return characters*7 + 5 }

// contents links every sheet, with what it is for where the pointer rests.
func (p *page) contents(charts bool) {
	p.text(1, width, "Sheets", look{section: true, plain: true})
	p.next(19)
	const span = 2
	names := make([]string, 0, len(p.b.r.Sheets)+1)
	for _, sheet := range p.b.r.Sheets {
		names = append(names, sheet.Name)
	}
	if charts {
		names = append(names, report.SheetCharts)
	}
	for i, name := range names {
		column := 1 + span*(i%(width/span))
		if column == 1 && i > 0 {
			p.next(lineHeight)
		}
		p.text(column, column+span-1, name, look{link: true, plain: true})
		cell, _ := excelize.CoordinatesToCellName(column, p.row)
		if p.err == nil {
			tip := contents[name]
			p.err = p.b.f.SetCellHyperLink(p.sheet, cell, fmt.Sprintf("'%s'!A1", name), "Location", excelize.HyperlinkOpts{Tooltip: &tip})
		}
	}
	p.next(lineHeight)
}

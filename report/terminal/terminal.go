// Package terminal tells a report on one screen of a terminal, or as plain text
// in a pipe, and a scan's progress on one line.
package terminal

import (
	"fmt"
	"io"
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"

	"readiness/report"
	"readiness/scan"
)

// Options are how a report is told. Nothing is asked of the terminal itself.
type Options struct {
	Width int  // columns; 0 is 80, and fewer than 60 are taken for 60
	Color bool // the words are the same without
	// Verbose adds the gravest findings of every area.
	Verbose bool
	Files   []File
}

// File is a file that was written.
type File struct {
	What string // e.g. "Workbook"
	Path string
}

// How much of each list has room on one screen.
const (
	shownActions = 6
	shownUnread  = 4
	shownOfArea  = 3 // checks of each area, if every area is shown
)

// screen collects the lines.
type screen struct {
	strings.Builder
	width  int
	styles map[report.Tone]lipgloss.Style
	bold   lipgloss.Style
	faint  lipgloss.Style
}

// Write writes the summary of r.
func Write(w io.Writer, r *report.Report, opt Options) error {
	s := newScreen(opt)
	sum := r.Summary
	s.line(s.bold.Render(cut(sum.Title, s.width)))
	for _, l := range facts(sum) {
		s.field(l.Label, l.Value)
	}
	s.line("")
	for _, l := range wrap(sum.Verdict.String(), s.width) {
		s.line(s.styles[sum.Verdict.Tone()].Bold(true).Render(l))
	}
	s.line("")
	s.methods(sum)
	if sum.Comparison != nil {
		s.comparison(sum.Comparison)
	}
	s.actions(sum)
	if opt.Verbose {
		s.areas(sum)
	}
	s.unread(sum)
	if len(opt.Files) > 0 {
		s.line("")
		for _, f := range opt.Files {
			s.field(f.What, report.TextCell(f.Path))
		}
	}
	_, err := io.WriteString(w, s.String())
	return err
}

func newScreen(opt Options) *screen {
	width := opt.Width
	switch {
	case width <= 0:
		width = 80
	case width < 60:
		width = 60
	case width > 160:
		width = 160
	}
	renderer := lipgloss.NewRenderer(io.Discard)
	renderer.SetColorProfile(termenv.Ascii)
	if opt.Color {
		renderer.SetColorProfile(termenv.ANSI)
	}
	colour := func(c string) lipgloss.Style { return renderer.NewStyle().Foreground(lipgloss.Color(c)) }
	return &screen{width: width,
		bold: renderer.NewStyle().Bold(true), faint: renderer.NewStyle().Faint(true),
		styles: map[report.Tone]lipgloss.Style{
			report.Plain: renderer.NewStyle(), report.Good: colour("4"), report.Caution: colour("3"),
			report.Bad: colour("1"), report.Unknown: colour("5"), report.Muted: renderer.NewStyle().Faint(true),
		}}
}

// facts are the lines under the title.
func facts(s report.Summary) []report.Line {
	lines := append([]report.Line(nil), s.Facts...)
	var holds []string
	for _, t := range s.Totals {
		if t.Part {
			continue
		}
		words := t.Amount.String()
		if t.Label != "Storage" {
			words += " " + t.Unit
		}
		if t.Amount.Kind() == report.Gap {
			words = strings.ToLower(t.Label) + " " + t.Amount.String()
		}
		holds = append(holds, words)
	}
	lines = append(lines, report.Line{Label: "Holds", Value: report.TextCell(strings.Join(holds, ", "))})
	return append(lines, s.Reading)
}

func (s *screen) line(text string) { s.WriteString(strings.TrimRight(text, " ") + "\n") }

// field writes a value with its name, wrapped under itself.
func (s *screen) field(label string, c report.Cell) {
	const indent = 10
	style := s.styles[c.Tone()]
	for i, l := range wrap(c.String(), s.width-indent) {
		if i > 0 {
			label = ""
		}
		s.line(s.faint.Render(pad(label, indent)) + style.Render(l))
	}
}

// heading writes the head of a list.
func (s *screen) heading(text string) { s.line(s.bold.Render(text)) }

const methodWidth, stateWidth = 21, 15

func (s *screen) methods(sum report.Summary) {
	columns := []string{"Carried", "Partly", "Left behind", "Not assessed"}
	head := pad("Method", methodWidth) + pad("Verdict", stateWidth)
	for _, c := range columns {
		head += padLeft(c, len(c)+2)
	}
	s.heading(cut(head, s.width))
	for _, m := range sum.Methods {
		row := pad(m.Title, methodWidth) + s.styles[m.State.Tone()].Render(pad(m.State.String(), stateWidth))
		if m.State.Tone() == report.Muted {
			if m.InPlay {
				// The reason has the form "what: because of what (link)".
				what, _, _ := strings.Cut(m.Reason, ":")
				row += "  " + s.faint.Render(cut(what, s.width-methodWidth-stateWidth-2))
			}
			s.line(row)
			continue
		}
		for i, n := range []int{m.Carried, m.Partial, m.Lost, m.NotAssessed} {
			row += padLeft(report.Thousands(int64(n)), len(columns[i])+2)
		}
		s.line(row)
		if len(m.Worst) > 0 {
			const label = "  left behind: "
			s.labelled(label, s.some(m.Worst, s.width-len(label)))
		}
	}
	if sum.NoReader > 0 {
		s.line(s.faint.Render(cut(fmt.Sprintf("Counts are of items in use. %s no reader yet: see Not assessed.", report.Many(int64(sum.NoReader), "more item has", "more items have")), s.width)))
	}
}

// comparison writes what other targets mean, as many side by side as fit.
func (s *screen) comparison(c *report.Comparison) {
	const title, each = 25, 26
	fit := max((s.width-title)/each, 1)
	for from := 0; from < len(c.Targets); from += fit {
		to := min(from+fit, len(c.Targets))
		head := pad("What if", title)
		for _, t := range c.Targets[from:to] {
			head += pad(cut(t, each-2), each)
		}
		s.line("")
		s.heading(strings.TrimRight(head, " "))
		for _, r := range c.Rows {
			row := pad(r.Title, title)
			for _, cell := range r.Cells[from:to] {
				row += s.styles[cell.Tone()].Render(pad(cut(cell.String(), each-2), each))
			}
			s.line(row)
		}
	}
}

// labelled writes a text after a faint label, wrapped under itself.
func (s *screen) labelled(label, text string) {
	for _, l := range wrap(text, s.width-len(label)) {
		s.line(s.faint.Render(label) + l)
		label = strings.Repeat(" ", len(label))
	}
}

// some names as many of the items as fit and counts the rest.
func (s *screen) some(items []string, room int) string {
	text := ""
	for i, item := range items {
		more := ""
		if rest := len(items) - i - 1; rest > 0 {
			more = fmt.Sprintf(" and %d more", rest)
		}
		next := item
		if i > 0 {
			next = text + ", " + item
		}
		if lipgloss.Width(next+more) > room {
			if i == 0 {
				return cut(item, room-lipgloss.Width(more)) + more
			}
			return fmt.Sprintf("%s and %d more", text, len(items)-i)
		}
		text = next
	}
	return text
}

// someNames shortens a list to so many columns, between its names if it can.
func someNames(list string, columns int) string {
	if lipgloss.Width(list) <= columns {
		return list
	}
	short := cut(list, columns-2)
	if i := strings.LastIndex(short, ", "); i > 0 {
		return short[:i] + " …"
	}
	return short
}

func (s *screen) actions(sum report.Summary) {
	s.line("")
	if len(sum.Actions) == 0 {
		s.line("No blocker and nothing of high severity was found in what could be read.")
		s.lower(sum, 0)
		return
	}
	s.heading("What must happen first")
	shown := sum.Actions[:min(len(sum.Actions), shownActions)]
	wide := s.widest(shown)
	for _, a := range shown {
		s.action("", a, wide)
	}
	s.lower(sum, len(sum.Actions)-len(shown))
}

// widest is the room that the subjects of actions take.
func (s *screen) widest(all []report.ActionLine) int {
	wide := 0
	for _, a := range all {
		wide = max(wide, lipgloss.Width(s.where(a)))
	}
	return wide
}

// action writes what a check found on one line, its subjects in wide columns.
func (s *screen) action(indent string, a report.ActionLine, wide int) {
	const left = 10
	severity, tone, title := a.Severity.String(), a.Severity.Tone(), a.Title
	if a.Unknown {
		severity, tone, title = severity+"?", report.Unknown, "not known: "+title
	}
	s.line(indent + s.styles[tone].Render(pad(severity, left)) + s.faint.Render(pad(s.where(a), wide+2)) + cut(title, s.width-len(indent)-left-wide-2))
}

// areas writes the gravest findings of every area, with what was measured or some
// of their subjects.
func (s *screen) areas(sum report.Summary) {
	const indent = "  "
	for _, area := range sum.Areas {
		shown := area.Actions[:min(len(area.Actions), shownOfArea)]
		s.line("")
		s.heading(area.Title)
		wide := s.widest(shown)
		for _, a := range shown {
			s.action(indent, a, wide)
			room := s.width - 2*len(indent)
			var about []string
			switch {
			case a.Evidence != "":
				about = wrap(a.Evidence, room)
			case a.Level != scan.LevelInstance && a.Where != "":
				about = []string{someNames("e.g. "+a.Where, room)}
			}
			for _, l := range about {
				s.line(s.faint.Render(indent + indent + l))
			}
		}
		if more := len(area.Actions) - len(shown); more > 0 {
			s.line(s.faint.Render(indent + "And " + report.Many(int64(more), "more check", "more checks") + "."))
		}
	}
}

// where says which subject an action is about, or how many.
func (s *screen) where(a report.ActionLine) string {
	if one := a.Single(); one != "" {
		return cut(one, s.width/3)
	}
	return a.Subjects()
}

// lower says what there was no room for.
func (s *screen) lower(sum report.Summary, more int) {
	var parts []string
	if more > 0 {
		parts = append(parts, report.Many(int64(more), "more check", "more checks"))
	}
	if sum.Lower > 0 {
		parts = append(parts, report.Many(int64(sum.Lower), "check", "checks")+" of lower severity")
	}
	if len(parts) > 0 {
		s.line(s.faint.Render("And " + strings.Join(parts, ", ") + ": see Findings."))
	}
}

func (s *screen) unread(sum report.Summary) {
	if len(sum.Unread) == 0 {
		return
	}
	s.line("")
	s.heading("What could not be read")
	wide := 0
	for _, u := range sum.Unread[:min(len(sum.Unread), shownUnread)] {
		wide = max(wide, lipgloss.Width(u.Subjects()))
	}
	for i, u := range sum.Unread {
		if i == shownUnread {
			s.line(s.faint.Render(fmt.Sprintf("And %s: see Not assessed.", report.Many(int64(len(sum.Unread)-i), "more kind of fact", "more kinds of facts"))))
			break
		}
		s.line(s.styles[report.Unknown].Render(pad(u.Subjects(), wide+2)) + cut(u.Title+": "+u.Why, s.width-wide-2))
	}
}

// cut shortens text to so many columns.
func cut(text string, columns int) string {
	if lipgloss.Width(text) <= columns {
		return text
	}
	used := 0
	for i, r := range text {
		w := lipgloss.Width(string(r))
		if used+w > columns-1 {
			return strings.TrimRight(text[:i], " ,") + "…"
		}
		used += w
	}
	return text
}

func pad(text string, columns int) string {
	return text + strings.Repeat(" ", max(columns-lipgloss.Width(text), 0))
}

func padLeft(text string, columns int) string {
	return strings.Repeat(" ", max(columns-lipgloss.Width(text), 0)) + text
}

// wrap breaks text at spaces into lines of so many columns; a longer word is cut.
func wrap(text string, columns int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		word = cut(word, columns)
		switch {
		case line == "":
			line = word
		case lipgloss.Width(line)+1+lipgloss.Width(word) > columns:
			lines = append(lines, line)
			line = word
		default:
			line += " " + word
		}
	}
	return append(lines, line)
}

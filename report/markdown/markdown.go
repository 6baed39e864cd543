// Package markdown writes a report as one Markdown document, for a wiki page, an
// issue or a pull request: the summary, then every sheet as a table.
//
// Text of the source can neither end a cell nor become a link, an image, HTML or
// a mention: what Markdown would read is escaped.
package markdown

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"readiness/report"
)

// Rows is how many rows of a sheet are written. Longer tables make pages that no
// wiki shows; how many rows are missing is said below the table.
const Rows = 200

// Write writes the document.
func Write(w io.Writer, r *report.Report) error {
	d := &document{Writer: bufio.NewWriter(w)}
	d.summary(r)
	for i := range r.Sheets {
		if err := d.sheet(&r.Sheets[i]); err != nil {
			return fmt.Errorf("write the Markdown report: sheet %s: %w", r.Sheets[i].Name, err)
		}
	}
	if len(r.LeftOut) > 0 {
		d.say("\n## Left out\n\n")
		for _, l := range r.LeftOut {
			d.say("- %s: %s\n", Escape(l.Name), Escape(l.Why))
		}
	}
	d.say("\n%s, %s\n", Escape(r.Program), r.Finished.Format("2006-01-02 15:04 UTC"))
	if err := d.Flush(); err != nil {
		return fmt.Errorf("write the Markdown report: %w", err)
	}
	return nil
}

// document is what has been written; an error stays until Flush.
type document struct{ *bufio.Writer }

func (d *document) say(format string, args ...any) { fmt.Fprintf(d.Writer, format, args...) }

// head starts a table. Columns that hold numbers stand right.
func (d *document) head(right func(int) bool, names ...string) {
	rule := make([]string, len(names))
	for i := range names {
		names[i] = Escape(names[i])
		rule[i] = "---"
		if right != nil && right(i) {
			rule[i] = "---:"
		}
	}
	d.say("\n| %s |\n| %s |\n", strings.Join(names, " | "), strings.Join(rule, " | "))
}

func (d *document) row(fields ...string) {
	for i := range fields {
		fields[i] = Escape(fields[i])
	}
	d.say("| %s |\n", strings.Join(fields, " | "))
}

func (d *document) summary(r *report.Report) {
	s := r.Summary
	d.say("# %s\n\n**%s**\n", Escape(s.Title), Escape(s.Verdict.String()))
	d.head(nil, "", "")
	for _, l := range append(s.Facts[:len(s.Facts):len(s.Facts)], s.Reading) {
		d.row(l.Label, l.Value.String())
	}

	d.say("\n## Methods in short\n")
	d.head(func(i int) bool { return i >= 2 && i <= 5 }, "Method", "Verdict", "Carried", "Partly", "Left behind", "Not assessed", "Why")
	for _, m := range s.Methods {
		counts := []string{"–", "–", "–", "–"}
		if m.State.Tone() != report.Muted {
			for i, n := range []int{m.Carried, m.Partial, m.Lost, m.NotAssessed} {
				counts[i] = report.Thousands(int64(n))
			}
		}
		d.row(append(append([]string{m.Title, m.State.String()}, counts...), m.Reason)...)
	}
	if len(s.Actions) > 0 {
		d.say("\n## What must happen first\n")
		d.head(nil, "Severity", "Where", "Finding", "What to do")
		for _, a := range s.Actions {
			severity := a.Severity.String()
			if a.Unknown {
				severity += ", not known"
			}
			where := a.Subjects()
			if one := a.Single(); one != "" {
				where = one
			}
			d.row(severity, where, a.Title, a.Remedy)
		}
	}
	d.say("\n## What there is\n")
	d.head(func(i int) bool { return i == 1 }, "", "Amount", "Not read in")
	for _, t := range s.Totals {
		label := t.Label
		if t.Part {
			label = "… " + label
		}
		d.row(label, t.Amount.String(), t.Note)
	}
}

// sheet writes one sheet as a section.
func (d *document) sheet(s *report.Sheet) error {
	d.say("\n## %s\n", Escape(s.Title))
	if s.Note != "" {
		d.say("\n%s\n", Escape(s.Note))
	}
	names := make([]string, len(s.Columns))
	for i, c := range s.Columns {
		names[i] = c.Header
	}
	d.head(func(i int) bool {
		switch s.Columns[i].Kind {
		case report.Count, report.Bytes, report.Percent, report.ID:
			return true
		}
		return false
	}, names...)
	fields := make([]string, len(s.Columns))
	n := 0
	for row, err := range s.Rows {
		if err != nil {
			return err
		}
		if n++; n > Rows {
			continue // counted, to say how many
		}
		for i := range fields {
			fields[i] = ""
			if i < len(row) {
				fields[i] = row[i].String()
			}
		}
		d.row(fields...)
	}
	if n > Rows {
		d.say("\n%s: the workbook and the CSV files hold them.\n", report.Many(int64(n-Rows), "more row is not shown", "more rows are not shown"))
	}
	return nil
}

// escaper takes the meaning from whatever Markdown, or GitLab's dialect of it,
// would read in running text or in a table's cell.
var escaper = func() *strings.Replacer {
	var pairs []string
	for _, c := range "\\`*_{}[]<>()#+!|~$@&:^" {
		pairs = append(pairs, string(c), fmt.Sprintf("&#%d;", c))
	}
	return strings.NewReplacer(pairs...)
}()

// Escape makes text that shows as it is. Plain words stay readable in the source.
func Escape(s string) string {
	s = report.Clean(s)
	if !strings.ContainsAny(s, "\\`*_{}[]<>#!|~$@&^") && !strings.Contains(s, "://") {
		if s == "" || !strings.ContainsRune("-+#>=", rune(s[0])) {
			return s
		}
	}
	return escaper.Replace(s)
}

package markdown

import (
	"bufio"
	"fmt"
	"io"

	"readiness/report"
)

// WriteSheet writes one sheet with the lines that sum it up, as for a comment in
// an issue.
func WriteSheet(w io.Writer, title string, lines []report.Line, s *report.Sheet) error {
	d := &document{Writer: bufio.NewWriter(w)}
	d.say("# %s\n", Escape(title))
	d.head(nil, "", "")
	for _, l := range lines {
		d.row(l.Label, l.Value.String())
	}
	if s != nil {
		if err := d.sheet(s); err != nil {
			return fmt.Errorf("write the Markdown report: sheet %s: %w", s.Name, err)
		}
	}
	if err := d.Flush(); err != nil {
		return fmt.Errorf("write the Markdown report: %w", err)
	}
	return nil
}

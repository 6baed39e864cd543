package terminal

import (
	"io"

	"readiness/report"
)

// Lines writes a title and lines under it, as the summary has them.
func Lines(w io.Writer, title string, lines []report.Line, opt Options) error {
	s := newScreen(opt)
	s.line(s.bold.Render(cut(title, s.width)))
	for _, l := range lines {
		s.field(l.Label, l.Value)
	}
	_, err := io.WriteString(w, s.String())
	return err
}

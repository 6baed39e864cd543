package terminal

import (
	"fmt"
	"io"
	"strings"
	"time"

	"readiness/report"
	"readiness/scan"
)

// redraw is how often the line changes at most; pace is how much of the past
// the requests per second tell of.
const (
	redraw = 200 * time.Millisecond
	pace   = 5 * time.Second
)

// Progress draws how far a scan has come on one line of a terminal. It is not
// for use by several callers at the same time.
type Progress struct {
	w     io.Writer
	width int
	drawn bool
	last  scan.Progress
	marks []mark
}

// mark is how many requests had been made at a moment of the scan.
type mark struct {
	elapsed  time.Duration
	requests int64
}

// NewProgress draws on w, a terminal of so many columns.
func NewProgress(w io.Writer, width int) *Progress {
	if width <= 0 {
		width = 80
	}
	return &Progress{w: w, width: width}
}

// Show draws p, after so many requests in all. Calls that follow too fast on
// each other draw nothing.
func (d *Progress) Show(p scan.Progress, requests int64) {
	if d.drawn && p.Phase == d.last.Phase && p.Elapsed-d.last.Elapsed < redraw {
		return
	}
	d.marks = append(d.marks, mark{p.Elapsed, requests})
	for len(d.marks) > 2 && p.Elapsed-d.marks[1].elapsed >= pace {
		d.marks = d.marks[1:]
	}
	rate := 0.0
	if first := d.marks[0]; p.Elapsed > first.elapsed {
		rate = float64(requests-first.requests) / (p.Elapsed - first.elapsed).Seconds()
	}
	d.last, d.drawn = p, true
	fmt.Fprint(d.w, "\r\x1b[K"+cut(Line(p, rate), d.width-1))
}

// Clear takes the line away.
func (d *Progress) Clear() {
	if d.drawn {
		fmt.Fprint(d.w, "\r\x1b[K")
		d.drawn = false
	}
}

// Line says p in words, at a pace of so many requests a second; 0 is not said.
func Line(p scan.Progress, perSecond float64) string {
	var parts []string
	t := p.Projects
	switch p.Phase {
	case scan.PhaseInstance:
		parts = append(parts, "Reading the instance")
	case scan.PhaseDone:
		return fmt.Sprintf("Read %s in %s", report.Many(t.Done, "project", "projects"), span(p.Elapsed))
	default:
		what := "Listing projects"
		of := ""
		if n, ok := t.Expected.Get(); ok {
			of = " of " + report.Thousands(n)
			if p.Phase == scan.PhaseListing {
				of = " of about " + report.Thousands(max(n, t.Listed))
			}
		}
		if p.Phase == scan.PhaseReading {
			parts = append(parts, fmt.Sprintf("Reading projects: %s%s", report.Thousands(t.Done), of))
		} else {
			parts = append(parts, fmt.Sprintf("%s: %s%s, %s read", what, report.Thousands(t.Listed), of, report.Thousands(t.Done)))
		}
	}
	if perSecond >= 0.05 {
		parts = append(parts, fmt.Sprintf("%.0f requests/s", max(perSecond, 1)))
	}
	if left, ok := p.Remaining(); ok && p.Phase != scan.PhaseInstance && p.Elapsed > 3*time.Second {
		parts = append(parts, "about "+span(left)+" left")
	}
	return strings.Join(parts, ", ")
}

// span says a duration as a person would.
func span(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int((d+time.Second/2)/time.Second))
	case d < 10*time.Minute:
		d = d.Round(time.Second)
		return fmt.Sprintf("%d min %d s", d/time.Minute, d%time.Minute/time.Second)
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", d.Round(time.Minute)/time.Minute)
	}
	d = d.Round(time.Minute)
	return fmt.Sprintf("%d h %d min", d/time.Hour, d%time.Hour/time.Minute)
}

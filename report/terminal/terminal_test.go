package terminal_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/lipgloss"

	"readiness/report"
	"readiness/report/reporttest"
	"readiness/report/terminal"
	"readiness/scan"
)

var files = []terminal.File{{What: "Workbook", Path: "acme/readiness.xlsx"}, {What: "JSON", Path: "acme/readiness.json"}}

func write(t *testing.T, width int, colour, verbose bool) string {
	t.Helper()
	r, _, _ := reporttest.Report(t)
	var b strings.Builder
	if err := terminal.Write(&b, r, terminal.Options{Width: width, Color: colour, Verbose: verbose, Files: files}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestGoldens(t *testing.T) {
	for _, width := range []int{80, 120} {
		reporttest.Golden(t, fmt.Sprintf("summary-%d.txt", width), write(t, width, false, false))
		reporttest.Golden(t, fmt.Sprintf("verbose-%d.txt", width), write(t, width, false, true))
		// Escape sequences are written as they are in Go, so that they can be read.
		reporttest.Golden(t, fmt.Sprintf("colour-%d.txt", width), strings.ReplaceAll(write(t, width, true, true), "\x1b", `\x1b`))
	}
}

func TestLinesFit(t *testing.T) {
	for _, width := range []int{60, 72, 80, 100, 120} {
		for _, l := range strings.Split(write(t, width, false, true), "\n") {
			if n := lipgloss.Width(l); n > width && width >= 80 {
				t.Errorf("at %d columns a line has %d: %s", width, n, l)
			}
		}
	}
}

var escape = regexp.MustCompile("\x1b\\[[0-9;]*m")

func TestColourAddsNoWords(t *testing.T) {
	plain, coloured := write(t, 80, false, true), write(t, 80, true, true)
	if strings.Contains(plain, "\x1b") {
		t.Error("plain text holds escape sequences")
	}
	if !strings.Contains(coloured, "\x1b") {
		t.Error("nothing is coloured")
	}
	bare := escape.ReplaceAllString(coloured, "")
	for i, l := range strings.Split(bare, "\n") {
		if want := strings.Split(plain, "\n")[i]; strings.TrimRight(l, " ") != want {
			t.Errorf("line %d: coloured %q, plain %q", i+1, l, want)
		}
	}
}

func TestOneScreen(t *testing.T) {
	if n := strings.Count(write(t, 80, false, false), "\n"); n > 50 {
		t.Errorf("%d lines are more than a screen", n)
	}
}

func TestHostileTextStaysText(t *testing.T) {
	inv := reporttest.New()
	j := reporttest.Judge(inv)
	for i := range j.Findings {
		j.Findings[i].Title = "\x1b]0;owned\a" + j.Findings[i].Title
		j.Findings[i].Path = "\u202e\x1b[2J" + j.Findings[i].Path
	}
	r, err := report.Build(j, inv, report.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := terminal.Write(&b, r, terminal.Options{}); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(b.String(), "\x1b\a\u202e") {
		t.Error("a name steers the terminal")
	}
}

func TestLine(t *testing.T) {
	known := func(n int64) scan.Fact[int64] { return scan.Known(n) }
	gap := scan.Missing[int64](scan.Gap{Reason: scan.ReasonForbidden})
	for _, c := range []struct {
		p    scan.Progress
		rate float64
		want string
	}{
		{scan.Progress{Phase: scan.PhaseInstance}, 0, "Reading the instance"},
		{scan.Progress{Phase: scan.PhaseListing, Projects: scan.Tally{Listed: 1200, Done: 340, Expected: known(5000)}, Elapsed: 34 * time.Second}, 42.4,
			"Listing projects: 1,200 of about 5,000, 340 read, 42 requests/s, about 7 min 46 s left"},
		{scan.Progress{Phase: scan.PhaseListing, Projects: scan.Tally{Listed: 1200, Done: 340, Expected: gap}, Elapsed: 34 * time.Second}, 42.4,
			"Listing projects: 1,200, 340 read, 42 requests/s"},
		{scan.Progress{Phase: scan.PhaseReading, Projects: scan.Tally{Listed: 5000, Done: 2500, Earlier: 2000, Expected: known(5000)}, Elapsed: 2 * time.Hour}, 0.2,
			"Reading projects: 2,500 of 5,000, 1 requests/s, about 10 h 0 min left"},
		{scan.Progress{Phase: scan.PhaseDone, Projects: scan.Tally{Listed: 1, Done: 1}, Elapsed: 1400 * time.Millisecond}, 9, "Read 1 project in 1 s"},
	} {
		if got := terminal.Line(c.p, c.rate); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}

func TestProgressDrawsOneLine(t *testing.T) {
	var b strings.Builder
	d := terminal.NewProgress(&b, 60)
	for i := range 100 {
		d.Show(scan.Progress{Phase: scan.PhaseReading, Projects: scan.Tally{Listed: 100, Done: int64(i), Expected: scan.Known[int64](100)},
			Elapsed: time.Duration(i) * 50 * time.Millisecond}, int64(i*3))
	}
	d.Clear()
	d.Clear()
	drawn := strings.Split(b.String(), "\r\x1b[K")
	if n := len(drawn); n < 20 || n > 30 {
		t.Errorf("drawn %d times in 5 s", n)
	}
	for _, l := range drawn {
		if strings.Contains(l, "\n") || lipgloss.Width(l) >= 60 {
			t.Errorf("not one line of 60 columns: %q", l)
		}
	}
	if !strings.HasSuffix(b.String(), "\r\x1b[K") {
		t.Error("the line stays")
	}
	if !strings.Contains(b.String(), "60 requests/s") {
		t.Errorf("the pace is not told: %q", drawn[len(drawn)-2])
	}
}

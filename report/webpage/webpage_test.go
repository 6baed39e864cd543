package webpage

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"readiness/report"
	"readiness/report/reporttest"
)

func written(t *testing.T) (string, *report.Report) {
	t.Helper()
	r, _, _ := reporttest.Report(t)
	var b strings.Builder
	if err := Write(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String(), r
}

var block = regexp.MustCompile(`(?s)<script type="application/json" id="sheet-([a-z-]+)">(.*?)</script>`)

// TestSheetsAreWhole holds every block of data to the rows of its sheet.
func TestSheetsAreWhole(t *testing.T) {
	text, r := written(t)
	blocks := block.FindAllStringSubmatch(text, -1)
	if len(blocks) != len(r.Sheets) {
		t.Fatalf("%d blocks of data for %d sheets", len(blocks), len(r.Sheets))
	}
	for i, b := range blocks {
		var data struct {
			Columns []header
			Rows    [][]any
		}
		if err := json.Unmarshal([]byte(b[2]), &data); err != nil {
			t.Errorf("%s: %v", b[1], err)
			continue
		}
		want := 0
		for _, err := range r.Sheets[i].Rows {
			if err != nil {
				t.Fatal(err)
			}
			want++
		}
		if len(data.Rows) != want || len(data.Columns) != len(r.Sheets[i].Columns) {
			t.Errorf("%s: %d rows of %d columns, want %d of %d", b[1], len(data.Rows), len(data.Columns), want, len(r.Sheets[i].Columns))
		}
	}
}

// TestNothingIsLoaded holds the page to one script, one style and no address
// that a browser would follow by itself.
func TestNothingIsLoaded(t *testing.T) {
	text, _ := written(t)
	for _, forbidden := range []string{"<script src", "<link", "<img", "<iframe", "@import", "url(", "<object", "fetch(", "XMLHttpRequest", "WebSocket", "innerHTML", "eval("} {
		if strings.Contains(text, forbidden) {
			t.Errorf("the page has %q", forbidden)
		}
	}
	if n := strings.Count(text, "<script>"); n != 1 {
		t.Errorf("%d scripts", n)
	}
}

func TestSummary(t *testing.T) {
	text, _ := written(t)
	head, _, _ := strings.Cut(text, `<section id="sheet"`)
	_, head, _ = strings.Cut(head, "</style>")
	reporttest.Golden(t, "summary.html", head)
}

// TestHostileText walks a page whose names would break out of it.
func TestHostileText(t *testing.T) {
	hostile := `</script><script>alert(1)</script><!-- " ' & \u2028`
	s := report.Sheet{Name: "Names", Title: hostile, Columns: []report.Column{{Header: hostile}},
		Rows: func(yield func([]report.Cell, error) bool) { yield([]report.Cell{report.TextCell(hostile)}, nil) }}
	r := &report.Report{Sheets: []report.Sheet{s}, Charts: []report.Chart{{Title: hostile, Categories: []string{hostile},
		Series: []report.Series{{Name: hostile, Values: []float64{1}}}}}}
	r.Summary.Title = hostile
	var b strings.Builder
	if err := Write(&b, r); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.String(), "<script>alert") || strings.Contains(b.String(), "<!--") {
		t.Error("text of the source became markup")
	}
}

package markdown

import (
	"html"
	"strings"
	"testing"

	"readiness/report/reporttest"
)

func TestWrite(t *testing.T) {
	r, _, _ := reporttest.Report(t)
	for i := range r.Sheets {
		if r.Sheets[i].Name == "Matrix" { // data, shown in the workbook's goldens
			r.Sheets = append(r.Sheets[:i], r.Sheets[i+1:]...)
			break
		}
	}
	var b strings.Builder
	if err := Write(&b, r); err != nil {
		t.Fatal(err)
	}
	reporttest.Golden(t, "report.md", b.String())
}

// TestTablesAreEven holds every row of a table to as many cells as its header.
func TestTablesAreEven(t *testing.T) {
	r, _, _ := reporttest.Report(t)
	var b strings.Builder
	if err := Write(&b, r); err != nil {
		t.Fatal(err)
	}
	want := 0
	for i, line := range strings.Split(b.String(), "\n") {
		switch {
		case !strings.HasPrefix(line, "|"):
			want = 0
		case want == 0:
			want = strings.Count(line, "|")
		case strings.Count(line, "|") != want:
			t.Errorf("line %d has %d bars, want %d: %.120s", i+1, strings.Count(line, "|"), want, line)
		}
	}
}

func TestEscape(t *testing.T) {
	for _, s := range []string{
		"plain words, and 12.5 %", "a|b", "[x](javascript:alert(1))", "![i](http://x/y.png)", "<script>alert(1)</script>", "@all ~label !1 #2 $3",
		"`code`", "**bold** __it__", "&amp; &#60;", "- item", "+ item", "> quote", "# head", "https://example.com/?a=1&b=2", "~~gone~~", "a\\|b",
	} {
		got := Escape(s)
		if html.UnescapeString(got) != s {
			t.Errorf("Escape(%q) = %q shows as %q", s, got, html.UnescapeString(got))
		}
		if strings.ContainsAny(got, "|<>[]`*@!~\\") {
			t.Errorf("Escape(%q) = %q still means something", s, got)
		}
	}
	if got := Escape("plain words"); got != "plain words" {
		t.Errorf("plain words became %q", got)
	}
}

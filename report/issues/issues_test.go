package issues

import (
	"encoding/csv"
	"strings"
	"testing"

	"readiness/checks"
	"readiness/report"
	"readiness/report/reporttest"
	"readiness/scan"
)

func TestWrite(t *testing.T) {
	_, j, _ := reporttest.Report(t)
	var b strings.Builder
	if err := Write(&b, j, "https://gitlab.example.com"); err != nil {
		t.Fatal(err)
	}
	reporttest.Golden(t, "issues.csv", b.String())
}

// TestNoQuickAction plants names that would act if they began a line: no line of
// any description begins with a slash, and no mention, label or markup of the
// source survives.
func TestNoQuickAction(t *testing.T) {
	hostile := "team/x\n/close\n/assign @root\n~\"label\" ![](https://evil.example/p.png)"
	j := &checks.Judgement{}
	for i := range 250 {
		j.Findings = append(j.Findings, checks.Finding{Check: "c", Title: hostile, Verdict: checks.Violated, Severity: checks.High,
			Level: scan.LevelProject, ID: int64(i + 1), Path: hostile, Evidence: hostile, Remedy: hostile, Why: hostile, Docs: []string{hostile, "https://docs.gitlab.com/"}})
	}
	j.Findings = append(j.Findings,
		checks.Finding{Check: "of-the-instance", Verdict: checks.Violated, Level: scan.LevelInstance},
		checks.Finding{Check: "not-known", Verdict: checks.Unknown, Level: scan.LevelProject, Count: 3})
	var b strings.Builder
	if err := Write(&b, j, "https://gitlab.example.com"); err != nil {
		t.Fatal(err)
	}
	records, err := csv.NewReader(strings.NewReader(b.String())).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(records) != 2 || records[0][0] != "title" || records[0][1] != "description" {
		t.Fatalf("%d records, the first %q", len(records), records[0])
	}
	title, description := records[1][0], records[1][1]
	if n := len([]rune(title)); n > maxTitle || strings.Contains(title, "\n") {
		t.Errorf("a title of %d characters: %q", n, title)
	}
	for line := range strings.SplitSeq(description, "\n") {
		if strings.HasPrefix(strings.TrimSpace(line), "/") {
			t.Errorf("a line begins with a quick action: %q", line)
		}
	}
	for _, bad := range []string{"@root", "~\"label\"", "![", "evil.example/p.png)"} {
		if strings.Contains(description, bad) {
			t.Errorf("the description holds %q", bad)
		}
	}
	if n := strings.Count(description, "- [ ] "); n != shown || !strings.Contains(description, "and 50 more") {
		t.Errorf("%d projects are listed, want %d and the rest counted", n, shown)
	}
	if !report.Plainlink("https://gitlab.example.com") {
		t.Error("links are left out")
	}
}

package main

import (
	"bytes"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"readiness/checks"
	"readiness/checks/matrix"
	"readiness/report"
)

// TestWrittenDecisions lets what people wrote into the workbook decide: what moves
// and what they answered. A file comes first, what makes no sense is said, and
// every cell stands again or is kept.
func TestWrittenDecisions(t *testing.T) {
	out := t.TempDir()
	var stdout, stderr bytes.Buffer
	env := environment{stdin: bytes.NewReader(nil), stdout: &stdout, stderr: &stderr, now: time.Now, getenv: func(string) string { return "" }}
	if code := run(t.Context(), []string{"demo", "--projects", "40", "--seed", "3", "--out", out}, env); code != exitOK {
		t.Fatalf("exit %d: %s", code, stderr.String())
	}
	project := func(key, column, text string) report.Note {
		return report.Note{Sheet: report.SheetProjects, Key: key, Column: column, Text: text, About: "was/called-so"}
	}
	notes := []report.Note{
		{Sheet: report.SheetGroups, Key: "1", Column: "Scope", Text: "Out", About: "legacy"},
		{Sheet: report.SheetGroups, Key: "1", Column: "Reason", Text: "nobody uses it", About: "legacy"},
		project("1", "Scope", "perhaps"),
		project("1", "Wave", "w1"),
		project("2", "Target path", "not a/path"),
		project("3", "Scope", "in"),
		project("987654", "Scope", "out"),
		{Sheet: report.SheetScoping, Key: "sq-source-os", Column: "Answer", Text: "Debian"},
		{Sheet: report.SheetScoping, Key: "sq-source-os", Column: "By", Text: "Anna"},
		{Sheet: report.SheetScoping, Key: "sq-unheard-of", Column: "Answer", Text: "yes"},
	}
	m, err := matrix.Load()
	if err != nil {
		t.Fatal(err)
	}
	fromFile, err := checks.ReadPlan("plan.csv", []byte("Level,Id,Scope\nproject,3,undecided\n"))
	if err != nil {
		t.Fatal(err)
	}
	by := terms{matrix: m, target: checks.DefaultTarget(), decisions: checks.Decisions{Plan: fromFile}, past: history{failOn: checks.Blocker},
		book: book{path: "readiness.xlsx", notes: notes, source: "https://gitlab.example.com"}}
	var warned bytes.Buffer
	by.book.decided(&by, &warned)
	for _, want := range []string{`unknown scope "perhaps"`, "the target path"} {
		if !strings.Contains(warned.String(), want) {
			t.Errorf("nothing says %s: %s", want, warned.String())
		}
	}
	told, err := judge(filepath.Join(out, "readiness.db"), by)
	if err != nil {
		t.Fatal(err)
	}
	defer told.close()
	if p := told.judgement.Planned; p == nil || p.Out.Groups == 0 || p.Out.Projects == 0 {
		t.Errorf("planned: %+v", p)
	}
	s, _ := told.report.Sheet(report.SheetProjects)
	column := func(header string) int {
		return slices.IndexFunc(s.Columns, func(c report.Column) bool { return c.Header == header })
	}
	shown := map[string]string{}
	for row, err := range s.Rows {
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range []string{"Scope", "Wave", "Target path"} {
			shown[row[column("Id")].String()+" "+h] = row[column(h)].String()
		}
	}
	for place, want := range map[string]string{"1 Scope": "perhaps", "1 Wave": "w1", "2 Target path": "not a/path", "3 Scope": "undecided", "4 Scope": ""} {
		if shown[place] != want {
			t.Errorf("%s shows %q, not %q", place, shown[place], want)
		}
	}
	var kept []string
	for _, n := range told.report.Kept {
		kept = append(kept, n.Key+" "+n.Text)
	}
	slices.Sort(kept)
	if want := []string{"3 in", "987654 out", "sq-unheard-of yes"}; !slices.Equal(kept, want) {
		t.Errorf("kept %q, not %q", kept, want)
	}
	for _, q := range told.report.Advice.Scoping {
		if q.ID == "sq-source-os" && !strings.Contains(q.Answer, "Debian") {
			t.Errorf("the answer is %q", q.Answer)
		}
	}
}

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"readiness/report"
	"readiness/scan"
)

// seen is a sheet as another program reads it: numbers, text, {"d": date},
// {"f": formula}.
type seen struct {
	Name   string
	Tables map[string]string
	Rows   [][]any
}

// openpyxl is a Python that has the package, or "".
func openpyxl() string {
	for _, python := range []string{filepath.Join(os.Getenv("READINESS_CLIENTS"), "gitlab-evaluate", "bin", "python"), "python3", "/usr/bin/python3"} {
		if exec.Command(python, "-c", "import openpyxl").Run() == nil {
			return python
		}
	}
	return ""
}

// TestOpenpyxl lets another program read every sheet of the workbook and holds
// each cell to the report, and what there is of every subject to the JSON.
// 'make clients' installs what it wants; any python3 with openpyxl does.
func TestOpenpyxl(t *testing.T) {
	if testing.Short() {
		t.Skip("nothing in it runs at the same time")
	}
	python := openpyxl()
	if python == "" {
		t.Skip("no python3 has the package openpyxl: the workbook is read by nobody else; 'make clients' installs it, READINESS_CLIENTS names the folder")
	}
	for _, role := range []string{"admin", "developer"} {
		t.Run(role, func(t *testing.T) { readByOpenpyxl(t, python, role) })
	}
}

func readByOpenpyxl(t *testing.T, python, role string) {
	dir := t.TempDir()
	var stdout, stderr bytes.Buffer
	env := environment{stdin: bytes.NewReader(nil), stdout: &stdout, stderr: &stderr, now: time.Now, getenv: func(string) string { return "" }}
	if code := run(t.Context(), []string{"demo", "--projects", "60", "--seed", "5", "--role", role, "--out", dir}, env); code != exitOK {
		t.Fatalf("exit %d: %s", code, stderr.String())
	}
	script, err := filepath.Abs(filepath.Join("testdata", "openpyxl_dump.py"))
	if err != nil {
		t.Fatal(err)
	}
	dump := filepath.Join(dir, "dump.json")
	if said, err := exec.Command(python, script, filepath.Join(dir, workbookName), dump).CombinedOutput(); err != nil {
		t.Fatalf("openpyxl: %v: %s", err, said)
	}
	var sheets []seen
	decode(t, dump, &sheets)
	var doc document
	decode(t, filepath.Join(dir, "readiness.json"), &doc)

	f := targetFlags{destination: "gitlab.com"}
	by, err := f.terms()
	if err != nil {
		t.Fatal(err)
	}
	told, err := judge(filepath.Join(dir, "readiness.db"), by)
	if err != nil {
		t.Fatal(err)
	}
	defer told.close()
	cells := 0
	for i := range told.report.Sheets {
		s := &told.report.Sheets[i]
		at := slices.IndexFunc(sheets, func(o seen) bool { return o.Name == s.Name })
		if at < 0 {
			t.Errorf("openpyxl sees no sheet %s", s.Name)
			continue
		}
		cells += doc.hold(t, s, sheets[at])
	}
	if cells < 10_000 {
		t.Errorf("%d cells were compared", cells)
	}
	doc.holdSummary(t, sheets[0])
}

func decode(t *testing.T, path string, v any) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(data, v)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// document is the JSON report.
type document struct {
	Methods []struct {
		Title, Verdict               string
		Carried, Partial, Unverified int
		Lost                         int `json:"not_carried"`
		UseUnknown                   int `json:"use_unknown"`
	}
	Findings                []struct{ Verdict string }
	Groups, Projects, Users []subject
}

// subject is a group, project or user of the JSON report.
type subject struct {
	ID    int64
	Facts map[scan.FactID]struct{ Value, Gap any }
}

// hold compares what openpyxl saw of a sheet with the report's cells, and with
// the JSON where a column is a fact. It returns how many cells that were.
func (d *document) hold(t *testing.T, s *report.Sheet, saw seen) int {
	t.Helper()
	head := 2 + len(s.Above)
	if len(saw.Tables) != 1 || len(saw.Rows) <= head {
		t.Errorf("%s: %d tables, %d rows", s.Name, len(saw.Tables), len(saw.Rows))
		return 0
	}
	for i, c := range s.Columns {
		if saw.Rows[head][i] != c.Header {
			t.Errorf("%s: column %d is %v, not %s", s.Name, i+1, saw.Rows[head][i], c.Header)
		}
	}
	of := map[int64]subject{}
	for _, one := range map[string][]subject{report.SheetGroups: d.Groups, report.SheetProjects: d.Projects, report.SheetUsers: d.Users}[s.Name] {
		of[one.ID] = one
	}
	row, cells, facts := head, 0, 0
	for want, err := range s.Rows {
		if err != nil {
			t.Fatal(err)
		}
		if row++; row >= len(saw.Rows) {
			t.Fatalf("%s: openpyxl sees %d rows, there are more", s.Name, len(saw.Rows))
		}
		for i, c := range want {
			cells++
			got := saw.Rows[row][i]
			if why := differs(c, got); why != "" {
				t.Errorf("%s, row %d, %s: %s", s.Name, row+1, s.Columns[i].Header, why)
			}
			if fact, is := of[want[0].Int()].Facts[s.Columns[i].Fact]; is {
				facts++
				if why := contradicts(fact.Value, fact.Gap, s.Columns[i].Kind, got); why != "" {
					t.Errorf("%s, row %d, %s: %s", s.Name, row+1, s.Columns[i].Header, why)
				}
			}
		}
	}
	if row != len(saw.Rows)-1 {
		t.Errorf("%s: openpyxl sees %d rows, there are %d", s.Name, len(saw.Rows), row+1)
	}
	if len(of) > 0 && facts < 20*len(of) {
		t.Errorf("%s: %d facts of %d subjects were compared with the JSON", s.Name, facts, len(of))
	}
	if s.Name == report.SheetFindings {
		n := 0
		for _, f := range d.Findings {
			if f.Verdict != "question" {
				n++
			}
		}
		if n != row-head {
			t.Errorf("%d findings in the workbook, %d in the JSON", row-head, n)
		}
	}
	return cells
}

// differs says how what openpyxl saw is not the report's cell, or "".
func differs(c report.Cell, got any) string {
	formula, linked := "", false
	if m, is := got.(map[string]any); is {
		formula, linked = m["f"].(string)
	}
	var want any = c.String()
	switch c.Kind() {
	case report.Empty:
		want = nil
	case report.Count, report.ID, report.Bytes, report.Percent:
		n, is := got.(float64)
		if linked && c.Link() != "" {
			if formula == fmt.Sprintf("=HYPERLINK(%q,%d)", c.Link(), c.Int()) {
				return ""
			}
		}
		if is && math.Abs(n-c.Float()) <= 1e-9*math.Abs(c.Float()) {
			return ""
		}
		want = c.Float()
	case report.Date:
		m, _ := got.(map[string]any)
		want = c.Time().Format("2006-01-02T15:04:05")
		if m["d"] == want {
			return ""
		}
	default:
		if linked && c.Link() != "" && formula == fmt.Sprintf("=HYPERLINK(%q,%q)", c.Link(), c.String()) {
			return ""
		}
	}
	if got == want {
		return ""
	}
	return fmt.Sprintf("openpyxl sees %v, the report says %v", got, want)
}

// contradicts says how what openpyxl saw is not what the JSON says of a fact, or "".
func contradicts(value, gap any, kind report.Kind, got any) string {
	n, number := got.(float64)
	var want float64
	switch v := value.(type) {
	case float64:
		want = v
	case []any:
		want = float64(len(v))
		if len(v) > 0 {
			if one, is := v[0].(map[string]any); is && one["count"] != nil { // each stands for several
				return ""
			} else if is && one["jobs"] != nil { // the largest pipeline's
				want = one["jobs"].(float64)
			}
		}
	default:
		return ""
	}
	if gap != nil {
		if number {
			return fmt.Sprintf("openpyxl sees the number %v, of what the JSON says was not read whole", got)
		}
		return ""
	}
	if kind == report.Bytes {
		want /= 1 << 20
	}
	if kind != report.Count && kind != report.Bytes {
		return ""
	}
	if !number || math.Abs(n-want) > 1e-9*math.Abs(want) {
		return fmt.Sprintf("openpyxl sees %v, the JSON says %v", got, want)
	}
	return ""
}

// holdSummary compares the traffic lights of the first page with the JSON.
func (d *document) holdSummary(t *testing.T, saw seen) {
	t.Helper()
	found := 0
	for _, m := range d.Methods {
		for _, row := range saw.Rows {
			if row[0] != m.Title || m.Verdict == "impossible" {
				continue
			}
			found++
			for i, n := range []int{m.Carried, m.Partial, m.Lost, m.Unverified + m.UseUnknown} {
				if row[2+i] != float64(n) {
					t.Errorf("%s: openpyxl sees %v in column %d, the JSON says %d", m.Title, row[2+i], 3+i, n)
				}
			}
		}
	}
	if found < 4 || !strings.HasPrefix(saw.Name, "Summary") {
		t.Errorf("%d methods were found on the sheet %s", found, saw.Name)
	}
}

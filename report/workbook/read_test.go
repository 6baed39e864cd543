package workbook

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"readiness/report"
	"readiness/report/reporttest"
)

// reportWith builds the report of the test's scan with what people wrote before.
func reportWith(t testing.TB, notes []report.Note) *report.Report {
	t.Helper()
	inv := reporttest.New()
	r, err := report.Build(reporttest.Judge(inv), inv, report.Options{Version: "0.1.0", Written: notes})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// saved is a file with the data.
func saved(t testing.TB, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "earlier.xlsx")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func read(t testing.TB, data []byte) *Earlier {
	t.Helper()
	e, err := Read(saved(t, data))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// pen writes into a workbook as a person does.
type pen struct {
	t    testing.TB
	f    *excelize.File
	head map[string]int // row of the headers by sheet
}

func newPen(t testing.TB, data []byte) *pen {
	p := &pen{t, open(t, data), map[string]int{}}
	for _, s := range report.PeopledSheets() {
		rows, err := p.f.GetRows(s.Sheet)
		if err != nil {
			t.Fatal(err)
		}
		p.head[s.Sheet] = slices.IndexFunc(rows, func(r []string) bool { return slices.Contains(r, s.Key) && slices.Contains(r, s.Filled[0]) }) + 1
	}
	return p
}

// cell is the cell under a header in the n-th row below it.
func (p *pen) cell(sheet, header string, n int) string {
	row, err := p.f.GetRows(sheet)
	if err != nil {
		p.t.Fatal(err)
	}
	name, err := excelize.CoordinatesToCellName(slices.Index(row[p.head[sheet]-1], header)+1, p.head[sheet]+n)
	if err != nil {
		p.t.Fatal(sheet, header, err)
	}
	return name
}

func (p *pen) write(sheet, header string, n int, v any) {
	if err := p.f.SetCellValue(sheet, p.cell(sheet, header, n), v); err != nil {
		p.t.Fatal(err)
	}
}

func (p *pen) saved() []byte {
	var b bytes.Buffer
	if err := p.f.Write(&b); err != nil {
		p.t.Fatal(err)
	}
	return b.Bytes()
}

// TestPeopledSheets holds the list of columns that are read back to the columns
// that are there to fill in, and keys to being different.
func TestPeopledSheets(t *testing.T) {
	r := reportWith(t, nil)
	for _, s := range r.Sheets {
		i := slices.IndexFunc(report.PeopledSheets(), func(p report.Peopled) bool { return p.Sheet == s.Name })
		var filled []string
		key := -1
		for k, c := range s.Columns {
			if c.Filled {
				filled = append(filled, c.Header)
			}
			if i >= 0 && c.Header == report.PeopledSheets()[i].Key {
				key = k
			}
		}
		if len(filled) == 0 && i < 0 {
			continue
		}
		if i < 0 || key < 0 || !slices.Equal(filled, report.PeopledSheets()[i].Filled) {
			t.Errorf("%s: people fill in %v, and what is read back is otherwise", s.Name, filled)
			continue
		}
		seen := map[string]bool{}
		for row, err := range s.Rows {
			if err != nil {
				t.Fatal(err)
			}
			if k := row[key].String(); k == "" || seen[k] {
				t.Errorf("%s: the key %q stands twice or is empty", s.Name, k)
			} else {
				seen[k] = true
			}
		}
	}
}

// TestReadBack writes as people do and finds it again in the next workbook.
func TestReadBack(t *testing.T) {
	p := newPen(t, build(t, reportWith(t, nil), maxRows))
	p.write(report.SheetActions, "Owner", 1, "Anna")
	p.write(report.SheetActions, "Notes", 2, "=1+1 is no formula\nsecond line\n\nlast")
	p.write(report.SheetProjects, "Scope", 1, "out")
	p.write(report.SheetProjects, "Wave", 3, 7)
	p.write(report.SheetGroups, "Target path", 2, "acme/new")
	p.write(report.SheetScoping, "Answer", 1, "Debian 12")
	p.write(report.SheetChecklist, "By", 4, "日本")
	date, err := p.f.NewStyle(&excelize.Style{NumFmt: 14})
	if err != nil {
		t.Fatal(err)
	}
	due := p.cell(report.SheetActions, "Due", 1)
	p.write(report.SheetActions, "Due", 1, 46380)
	if err := p.f.SetCellStyle(report.SheetActions, due, due, date); err != nil {
		t.Fatal(err)
	}
	// Numbers mean what they are shown as.
	share, err := p.f.NewStyle(&excelize.Style{NumFmt: 9})
	if err != nil {
		t.Fatal(err)
	}
	half := p.cell(report.SheetGroups, "Reason", 1)
	p.write(report.SheetGroups, "Reason", 1, 0.5)
	if err := p.f.SetCellStyle(report.SheetGroups, half, half, share); err != nil {
		t.Fatal(err)
	}
	p.write(report.SheetChecklist, "Answer", 2, true)
	// Columns and rows move.
	for _, err := range []error{p.f.InsertCols(report.SheetProjects, "A", 2), p.f.InsertRows(report.SheetProjects, 1, 3)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	first := read(t, p.saved())
	if first.Source != reporttest.URL || len(first.Notes) != 10 {
		t.Fatalf("%s: %+v", first.Source, first.Notes)
	}
	want := map[string]string{"Owner": "Anna", "Notes": "=1+1 is no formula\nsecond line\n\nlast", "Scope": "out", "Wave": "7", "Target path": "acme/new",
		"By": "日本", "Due": "2026-12-24", "Reason": "50%"}
	for _, n := range first.Notes {
		answer := map[string]string{report.SheetScoping: "Debian 12", report.SheetChecklist: "TRUE"}[n.Sheet]
		if n.Column == "Answer" && n.Text != answer || n.Column != "Answer" && want[n.Column] != n.Text || n.Key == "" || n.About == "" || n.Kept {
			t.Errorf("%+v", n)
		}
	}
	r := reportWith(t, first.Notes)
	if len(r.Kept) != 0 {
		t.Errorf("kept: %+v", r.Kept)
	}
	second := read(t, build(t, r, maxRows))
	if !slices.EqualFunc(first.Notes, second.Notes, func(a, b report.Note) bool { return a == b }) {
		t.Errorf("then %+v", second.Notes)
	}
	if again := read(t, build(t, reportWith(t, nil), maxRows)); again.Touched || len(again.Notes) != 0 {
		t.Errorf("a fresh workbook: %+v", again)
	}
}

// TestKept holds that what has no row is kept, comes back with its row, and that
// of two texts for one place neither is lost.
func TestKept(t *testing.T) {
	notes := []report.Note{
		{Sheet: report.SheetProjects, Key: "99999", Column: "Scope", Text: "out", About: "gone/project"},
		{Sheet: report.SheetProjects, Key: "101", Column: "Reason", Text: "first"},
		{Sheet: report.SheetProjects, Key: "101", Column: "Reason", Text: "second"},
		{Sheet: report.SheetProjects, Key: "", Column: "Reason", Text: "below the table"},
		{Sheet: report.SheetActions, Key: "old-check:group-11", Column: "Owner", Text: "Bert", Kept: true},
		{Sheet: report.SheetProjects, Key: "102", Column: "Reason", Text: "back again", Kept: true},
	}
	r := reportWith(t, notes)
	e := read(t, build(t, r, maxRows))
	var placed, kept []string
	for _, n := range e.Notes {
		if n.Kept {
			kept = append(kept, n.Text)
		} else {
			placed = append(placed, n.Text)
		}
	}
	slices.Sort(kept)
	slices.Sort(placed)
	if !slices.Equal(placed, []string{"back again", "first"}) || !slices.Equal(kept, []string{"Bert", "below the table", "out", "second"}) {
		t.Errorf("placed %q, kept %q", placed, kept)
	}
	for _, n := range r.Kept {
		if n.Why == "" {
			t.Errorf("%+v does not say why", n)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	good := build(t, reportWith(t, nil), maxRows)
	foreign := excelize.NewFile()
	var other bytes.Buffer
	if err := foreign.Write(&other); err != nil {
		t.Fatal(err)
	}
	beheaded := newPen(t, good)
	if err := beheaded.f.RemoveRow(report.SheetActions, beheaded.head[report.SheetActions]); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		data []byte
		want error
	}{
		"text":      {[]byte("a,b\n"), ErrNotWorkbook},
		"nothing":   {nil, ErrNotWorkbook},
		"foreign":   {other.Bytes(), ErrNotWorkbook},
		"cut":       {good[:len(good)/2], ErrDamaged},
		"protected": {append([]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), good...), ErrProtected},
		"beheaded":  {beheaded.saved(), ErrNotWorkbook},
	} {
		if _, err := Read(saved(t, c.data)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestNoCellIsLost runs any sequence of scans and people writing in between: each
// cell that somebody wrote is in the newest workbook, in its row or kept.
func TestNoCellIsLost(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and nothing in it runs at the same time")
	}
	// A sequence takes a second; -rapid.checks asks for more of them.
	if f := flag.Lookup("rapid.checks"); f != nil && f.Value.String() == f.DefValue {
		if err := f.Value.Set("10"); err != nil {
			t.Fatal(err)
		}
		defer f.Value.Set(f.DefValue)
	}
	peopled := report.PeopledSheets()
	rapid.Check(t, func(rt *rapid.T) {
		var notes []report.Note
		written := map[string]bool{}
		for run := range rapid.IntRange(1, 4).Draw(rt, "runs") {
			inv := reporttest.New()
			// Projects and groups come and go.
			gone := rapid.IntRange(0, len(inv.ProjectsIn)-1).Draw(rt, "projects gone")
			inv.ProjectsIn = inv.ProjectsIn[gone:]
			inv.GroupsIn = inv.GroupsIn[:rapid.IntRange(1, len(inv.GroupsIn)).Draw(rt, "groups left")]
			r, err := report.Build(reporttest.Judge(inv), inv, report.Options{Version: "0.1.0", Written: notes})
			if err != nil {
				rt.Fatal(err)
			}
			// Only what people write in is of interest here.
			r.Charts = nil
			r.Sheets = slices.DeleteFunc(r.Sheets, func(s report.Sheet) bool {
				return s.Name != report.SheetAbout && s.Name != report.SheetKept && !slices.ContainsFunc(peopled, func(p report.Peopled) bool { return p.Sheet == s.Name })
			})
			e := read(t, build(t, r, maxRows))
			texts := map[string]bool{}
			for _, n := range e.Notes {
				texts[n.Text] = true
			}
			for text := range written {
				if !texts[text] {
					rt.Fatalf("run %d lost %q; it has %v", run, text, texts)
				}
			}
			// A person writes: into an empty cell, or over what stands there, which is
			// then theirs to lose.
			p := newPen(t, build(t, r, maxRows))
			for i := range rapid.IntRange(0, 4).Draw(rt, "cells") {
				s := peopled[rapid.IntRange(0, len(peopled)-1).Draw(rt, "sheet")]
				rows, err := p.f.GetRows(s.Sheet)
				if err != nil {
					rt.Fatal(err)
				}
				n := rapid.IntRange(1, max(1, min(len(rows)-p.head[s.Sheet], 6))).Draw(rt, "row")
				h := s.Filled[rapid.IntRange(0, len(s.Filled)-1).Draw(rt, "column")]
				before, err := p.f.GetCellValue(s.Sheet, p.cell(s.Sheet, h, n))
				if err != nil {
					rt.Fatal(err)
				}
				delete(written, strings.TrimSpace(before))
				text := fmt.Sprintf("written %d.%d %s", run, i, rapid.SampledFrom([]string{"", "=A1", "'quoted", "two\nlines", "<&>", "Ž"}).Draw(rt, "text"))
				p.write(s.Sheet, h, n, text)
				written[strings.TrimSpace(text)] = true
			}
			notes = read(t, p.saved()).Notes
		}
	})
}

// TestLibreOffice lets LibreOffice open a workbook, write, sort, filter, insert
// and move, and save it again; what was written is read back whole. It wants
// soffice and a python3 with its module uno.
func TestLibreOffice(t *testing.T) {
	if _, err := exec.LookPath("soffice"); err != nil {
		t.Skip("soffice is not installed: LibreOffice is not tried")
	}
	python := ""
	for _, name := range []string{"/usr/bin/python3", "python3"} {
		if exec.Command(name, "-c", "import uno").Run() == nil {
			python = name
			break
		}
	}
	if python == "" {
		t.Skip("no python3 has the module uno: LibreOffice is not tried")
	}
	if testing.Short() {
		t.Skip("LibreOffice takes ten seconds")
	}
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in.xlsx"), filepath.Join(dir, "out.xlsx")
	if err := os.WriteFile(in, build(t, reportWith(t, nil), maxRows), 0o600); err != nil {
		t.Fatal(err)
	}
	script, err := filepath.Abs(filepath.Join("testdata", "person.py"))
	if err != nil {
		t.Fatal(err)
	}
	if said, err := exec.Command(python, script, in, out, filepath.Join(dir, "profile"), filepath.Base(dir)+fmt.Sprint(os.Getpid())).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	data, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	e := read(t, data)
	if e.Source != reporttest.URL || !e.Touched {
		t.Errorf("source %s, touched %v", e.Source, e.Touched)
	}
	got := map[string]string{}
	for _, n := range e.Notes {
		got[n.Sheet+" "+n.Key+" "+n.Column] = n.Text
	}
	want := map[string]string{}
	for _, p := range reporttest.New().ProjectsIn {
		key := fmt.Sprintf("%s %d ", report.SheetProjects, p.ID)
		want[key+"Scope"], want[key+"Reason"], want[key+"Wave"] = "in", fmt.Sprintf("reason of %d\nsecond line", p.ID), "7"
	}
	r := reportWith(t, nil)
	actions, _ := r.Sheet(report.SheetActions)
	for row := range actions.Rows {
		key := report.SheetActions + " " + row[len(row)-1].String() + " "
		want[key+"Owner"], want[key+"Due"], want[key+"Status"] = "=not a formula", "2026-12-24", "in progress"
		want[key+"Notes"] = "Žluťoučký kůň, 日本語, <b>&amp;</b>"
		break
	}
	scoping := report.SheetScoping + " " + r.Advice.Scoping[0].ID + " "
	want[scoping+"Answer"], want[scoping+"By"] = "Debian 12", "A. Person"
	for place, text := range want {
		if got[place] != text {
			t.Errorf("%s: %q, want %q", place, got[place], text)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d cells were read, %d written", len(got), len(want))
	}
	// And it stands again.
	if kept := reportWith(t, e.Notes).Kept; len(kept) != 0 {
		t.Errorf("kept: %+v", kept)
	}
}

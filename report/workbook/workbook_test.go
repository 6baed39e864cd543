package workbook

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"readiness/report"
	"readiness/report/reporttest"
)

func build(t testing.TB, r *report.Report, rows int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b, r, rows); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func open(t testing.TB, data []byte) *excelize.File {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// covered are the cells that another one is merged over.
func covered(t testing.TB, f *excelize.File, sheet string) map[string]bool {
	t.Helper()
	merged, err := f.GetMergeCells(sheet, true)
	if err != nil {
		t.Fatal(err)
	}
	cells := map[string]bool{}
	for _, m := range merged {
		left, top, _ := excelize.CellNameToCoordinates(m.GetStartAxis())
		right, bottom, _ := excelize.CellNameToCoordinates(m.GetEndAxis())
		for row := top; row <= bottom; row++ {
			for column := left; column <= right; column++ {
				name, _ := excelize.CoordinatesToCellName(column, row)
				cells[name] = column != left || row != top
			}
		}
	}
	return cells
}

// dump writes a sheet's cells, a row to a line: numbers after #, formulas
// after ƒ, text as it is.
func dump(t testing.TB, f *excelize.File, sheet string) string {
	t.Helper()
	rows, err := f.GetRows(sheet)
	if err != nil {
		t.Fatal(err)
	}
	covered := covered(t, f, sheet)
	var b strings.Builder
	for i, row := range rows {
		fmt.Fprintf(&b, "%d", i+1)
		for k := range row {
			cell, _ := excelize.CoordinatesToCellName(k+1, i+1)
			if covered[cell] {
				continue
			}
			raw, _ := f.GetCellValue(sheet, cell, excelize.Options{RawCellValue: true})
			formula, _ := f.GetCellFormula(sheet, cell)
			kind, _ := f.GetCellType(sheet, cell)
			switch {
			case formula != "":
				fmt.Fprintf(&b, " | ƒ %s", formula)
			case raw == "":
				b.WriteString(" |")
			case kind == excelize.CellTypeUnset || kind == excelize.CellTypeNumber:
				fmt.Fprintf(&b, " | #%s (%s)", raw, row[k])
			default:
				fmt.Fprintf(&b, " | %s", raw)
			}
		}
		b.WriteString("\n")
	}
	return b.String()
}

func TestGoldens(t *testing.T) {
	r, _, _ := reporttest.Report(t)
	f := open(t, build(t, r, maxRows))
	for _, sheet := range f.GetSheetList() {
		reporttest.Golden(t, strings.ToLower(strings.ReplaceAll(sheet, " ", "-"))+".txt", dump(t, f, sheet))
	}
}

// TestEngagedGoldens has the sheets that only an engagement has, and those that
// tell more in one.
func TestEngagedGoldens(t *testing.T) {
	f := open(t, build(t, reporttest.Engaged(t), maxRows))
	for _, sheet := range []string{report.SheetProfile, report.SheetComparison, report.SheetDestination, report.SheetOther, report.SheetChanges,
		report.SheetKept, report.SheetLeftBehind, report.SheetActions, report.SheetFindings, report.SheetSummary, report.SheetCharts} {
		reporttest.Golden(t, "engaged-"+strings.ToLower(strings.ReplaceAll(sheet, " ", "-"))+".txt", dump(t, f, sheet))
	}
}

func TestSameBytes(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and nothing in it runs at the same time")
	}
	r, _, _ := reporttest.Report(t)
	first := build(t, r, maxRows)
	for range 5 { // excelize keeps streams in a map
		if !bytes.Equal(first, build(t, r, maxRows)) {
			t.Fatal("the same report has other bytes")
		}
	}
}

// TestParts reads every part as XML and follows every relation.
func TestParts(t *testing.T) {
	inv := reporttest.New()
	inv.Many = 60
	r, err := report.Build(reporttest.Judge(inv), inv, report.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Run("continued", func(t *testing.T) { holdParts(t, r, build(t, r, 40)) })
	engaged := reporttest.Engaged(t)
	t.Run("engaged", func(t *testing.T) { holdParts(t, engaged, build(t, engaged, maxRows)) })
}

// holdParts reads every part of a workbook and looks for what makes Excel offer a
// repair.
func holdParts(t *testing.T, r *report.Report, data []byte) {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	if z.File[0].Name != "[Content_Types].xml" {
		t.Errorf("the first part is %s", z.File[0].Name)
	}
	parts := map[string][]byte{}
	for _, f := range z.File {
		if _, twice := parts[f.Name]; twice {
			t.Errorf("%s stands twice", f.Name)
		}
		rc, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		parts[f.Name], err = io.ReadAll(rc)
		if err != nil {
			t.Fatal(err)
		}
	}
	for name, part := range parts {
		for d := xml.NewDecoder(bytes.NewReader(part)); ; {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Errorf("%s is not well-formed: %v", name, err)
				break
			}
		}
		if !strings.HasSuffix(name, ".rels") {
			continue
		}
		type relation struct {
			ID     string `xml:"Id,attr"`
			Target string `xml:"Target,attr"`
			Mode   string `xml:"TargetMode,attr"`
		}
		var list struct {
			R []relation `xml:"Relationship"`
		}
		if err := xml.Unmarshal(part, &list); err != nil {
			t.Fatal(err)
		}
		base := path.Dir(path.Dir(name))
		for _, rel := range list.R {
			target := path.Join(base, rel.Target)
			if strings.HasPrefix(rel.Target, "/") {
				target = rel.Target[1:]
			}
			if rel.Mode != "External" && parts[target] == nil {
				t.Errorf("%s leads to %s, which is not there", name, target)
			}
		}
	}
	types := string(parts["[Content_Types].xml"])
	for name := range parts {
		if ext := path.Ext(name); ext == ".xml" && name != "[Content_Types].xml" && !strings.Contains(types, `"/`+name+`"`) && !strings.Contains(types, `Extension="xml"`) {
			t.Errorf("%s has no content type", name)
		}
	}
	// What makes Excel offer a repair: tables with the same name or id, headers
	// that differ from the table's columns, ranges that overlap.
	names := map[string]bool{}
	for name, part := range parts {
		if !strings.HasPrefix(name, "xl/tables/") {
			continue
		}
		var table struct {
			ID      string `xml:"id,attr"`
			Name    string `xml:"displayName,attr"`
			Columns []struct {
				Name string `xml:"name,attr"`
			} `xml:"tableColumns>tableColumn"`
		}
		if err := xml.Unmarshal(part, &table); err != nil {
			t.Fatal(err)
		}
		for _, key := range []string{"id " + table.ID, "name " + strings.ToLower(table.Name)} {
			if names[key] {
				t.Errorf("%s: two tables have the %s", name, key)
			}
			names[key] = true
		}
		heads := map[string]bool{}
		for _, c := range table.Columns {
			if key := strings.ToLower(c.Name); heads[key] || key == "" {
				t.Errorf("table %s: the column %q stands twice or has no name", table.Name, c.Name)
			} else {
				heads[key] = true
			}
		}
	}
	if len(names) < 2*len(r.Sheets) {
		t.Errorf("%d sheets have %d tables", len(r.Sheets), len(names)/2)
	}
}

// TestNamesStayText: hostile names are stored as strings and stand in no formula.
func TestNamesStayText(t *testing.T) {
	r, _, _ := reporttest.Report(t)
	f := open(t, build(t, r, maxRows))
	found := map[string]bool{}
	for _, sheet := range f.GetSheetList() {
		rows, err := f.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		for i, row := range rows {
			for k, v := range row {
				cell, _ := excelize.CoordinatesToCellName(k+1, i+1)
				formula, _ := f.GetCellFormula(sheet, cell)
				kind, _ := f.GetCellType(sheet, cell)
				for _, name := range reporttest.Hostile {
					name = report.Clean(name)
					if v == name {
						found[name] = true
						if formula != "" || kind != excelize.CellTypeInlineString && kind != excelize.CellTypeSharedString {
							t.Errorf("%s!%s: %q is of type %v with the formula %q", sheet, cell, v, kind, formula)
						}
					}
				}
				if formula != "" && !strings.HasPrefix(formula, `HYPERLINK("https://gitlab.example.com`) &&
					!strings.HasPrefix(formula, `HYPERLINK("https://docs.gitlab.com/`) && !strings.HasPrefix(formula, `HYPERLINK("https://gitlab.com/gitlab-org/`) &&
					!strings.HasPrefix(formula, `HYPERLINK("https://handbook.gitlab.com/`) && formula != `HYPERLINK("#'Summary'!A1","Summary")` {
					t.Errorf("%s!%s: formula %s", sheet, cell, formula)
				}
			}
		}
	}
	for _, name := range reporttest.Hostile {
		if !found[report.Clean(name)] {
			t.Errorf("%q is not in the workbook", name)
		}
	}
}

// TestGapsAreWords: what could not be read is text, a true zero a number.
func TestGapsAreWords(t *testing.T) {
	r, _, _ := reporttest.Report(t)
	f := open(t, build(t, r, maxRows))
	cell := func(project, header string) (string, string, excelize.CellType) {
		rows, _ := f.GetRows(report.SheetProjects)
		column := -1
		for i, row := range rows {
			for k, v := range row {
				if v == header {
					column = k
				}
			}
			if len(row) > 1 && row[1] == project {
				name, _ := excelize.CoordinatesToCellName(column+1, i+1)
				raw, _ := f.GetCellValue(report.SheetProjects, name, excelize.Options{RawCellValue: true})
				kind, _ := f.GetCellType(report.SheetProjects, name)
				style, _ := f.GetCellStyle(report.SheetProjects, name)
				s, _ := f.GetStyle(style)
				return raw, fmt.Sprint(s.Fill.Pattern), kind
			}
		}
		t.Fatalf("no project %s", project)
		return "", "", 0
	}
	for _, c := range []struct {
		project, header, want string
		text                  bool
	}{
		{"platform/secret/vault", "Branches", "hidden", true},
		{"platform/secret/vault", "Git repository (MiB)", "withheld", true},
		{"platform/secret/vault", "Webhooks", "refused", true},
		{"platform/secret/vault", "Container registry (MiB)", "too old", true},
		{"platform/secret/vault", "Storage (MiB)", "none seen, rest unread", true},
		{"anna/notes", "Git repository (MiB)", "0", false},
		{"anna/notes", "Pipelines", "0", false},
		{"platform/monolith", "Git repository (MiB)", "38912", false},
	} {
		raw, fill, kind := cell(c.project, c.header)
		text := kind == excelize.CellTypeInlineString || kind == excelize.CellTypeSharedString
		if raw != c.want || text != c.text || c.text != (fill == fmt.Sprint(hatch)) {
			t.Errorf("%s of %s is %q, text %v, fill %s", c.header, c.project, raw, text, fill)
		}
	}
}

func TestManyRows(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and nothing in it runs at the same time")
	}
	inv := reporttest.New()
	inv.Many = 3000
	r, err := report.Build(reporttest.Judge(inv), inv, report.Options{})
	if err != nil {
		t.Fatal(err)
	}
	data := build(t, r, maxRows)
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	most := 0
	last := false
	for _, f := range z.File {
		rc, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		part, err := io.ReadAll(rc)
		if err != nil {
			t.Fatal(err)
		}
		most = max(most, bytes.Count(part, []byte("<row ")))
		last = last || bytes.Contains(part, []byte("<t>platform/service-002999</t>"))
	}
	if most != 3+3000 || !last { // title, note, headers
		t.Errorf("the longest sheet has %d rows, want 3,003; the last project is there: %v", most, last)
	}
}

// TestContinued: a sheet that is full goes on in the next, and says so.
func TestContinued(t *testing.T) {
	inv := reporttest.New()
	inv.Many = 100
	r, err := report.Build(reporttest.Judge(inv), inv, report.Options{})
	if err != nil {
		t.Fatal(err)
	}
	f := open(t, build(t, r, 50))
	list := strings.Join(f.GetSheetList(), ",")
	if !strings.Contains(list, "About,Projects (2),Projects (3)") {
		t.Fatalf("the sheets are %s", list)
	}
	seen := map[string]int{}
	for _, sheet := range []string{"Projects", "Projects (2)", "Projects (3)"} {
		rows, err := f.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		if len(rows) > 50 {
			t.Errorf("%s has %d rows", sheet, len(rows))
		}
		for _, row := range rows[3:] {
			if len(row) > 1 {
				seen[row[1]]++
			}
		}
	}
	if len(seen) != 100 {
		t.Errorf("%d projects are told, want 100", len(seen))
	}
	last, _ := f.GetCellValue("Projects", "A50")
	if last != "Continued on the sheet Projects (2)" {
		t.Errorf("the last row says %q", last)
	}
	for _, n := range f.GetDefinedName() {
		if !strings.HasPrefix(n.RefersTo, "'"+n.Scope+"'") {
			t.Errorf("%s of %s refers to %s", n.Name, n.Scope, n.RefersTo)
		}
	}
}

func TestPrint(t *testing.T) {
	r, _, _ := reporttest.Report(t)
	f := open(t, build(t, r, maxRows))
	titles := map[string]bool{}
	for _, n := range f.GetDefinedName() {
		if n.Name == "_xlnm.Print_Titles" {
			titles[n.Scope] = true
		}
	}
	for _, sheet := range f.GetSheetList() {
		layout, err := f.GetPageLayout(sheet)
		if err != nil {
			t.Fatal(err)
		}
		if sheet == report.SheetSummary && *layout.FitToHeight != 1 {
			t.Errorf("%s may take %d pages", sheet, *layout.FitToHeight)
		}
		if *layout.Orientation != "landscape" || *layout.FitToWidth != 1 {
			t.Errorf("%s is not landscape, one page wide", sheet)
		}
		footer, err := f.GetHeaderFooter(sheet)
		if err != nil || footer == nil || !strings.Contains(footer.OddFooter, "&P of &N") {
			t.Errorf("%s has no page numbers: %v", sheet, err)
		}
		panes, err := f.GetPanes(sheet)
		if sheet != report.SheetSummary && sheet != report.SheetCharts && (err != nil || !panes.Freeze || panes.YSplit < 3 || !titles[sheet]) {
			t.Errorf("%s: headers do not stay: %+v, %v", sheet, panes, err)
		}
	}
	props, err := f.GetDocProps()
	if err != nil {
		t.Fatal(err)
	}
	if props.Created != "2026-11-20T10:23:00Z" || props.Title != "Migration readiness of https://gitlab.example.com" {
		t.Errorf("properties: %+v", props)
	}
}

func BenchmarkWrite(b *testing.B) {
	inv := reporttest.New()
	inv.Many = 10000
	r, err := report.Build(reporttest.Judge(inv), inv, report.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := Write(io.Discard, r); err != nil {
			b.Fatal(err)
		}
	}
}

// TestPeopleChooseFromLists has the columns that people fill in offer what they
// choose from, on the rows of the table and no others.
func TestPeopleChooseFromLists(t *testing.T) {
	r, _, _ := reporttest.Report(t)
	f := open(t, build(t, r, maxRows))
	lists := 0
	for i := range r.Sheets {
		s := &r.Sheets[i]
		validations, err := f.GetDataValidations(s.Name)
		if err != nil {
			t.Fatal(err)
		}
		want := 0
		for _, c := range s.Columns {
			if len(c.Choices) > 0 {
				want++
			}
		}
		if len(validations) != want {
			t.Errorf("%s: %d lists, want %d", s.Name, len(validations), want)
		}
		lists += want
	}
	if lists < 2 {
		t.Errorf("%d lists in the workbook", lists)
	}
}

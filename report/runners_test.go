package report_test

import (
	"slices"
	"strings"
	"testing"

	"readiness/report"
	"readiness/report/reporttest"
	"readiness/scan"
)

// firstCells are the first cells of the rows of a sheet, in words.
func firstCells(t *testing.T, r *report.Report, name string) []string {
	t.Helper()
	s, ok := r.Sheet(name)
	if !ok {
		t.Fatalf("no sheet %s; left out: %v", name, r.LeftOut)
	}
	var all []string
	for row, err := range s.Rows {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, row[0].String())
	}
	return all
}

// TestRunners lists those of the whole instance by type and id; a part of it has
// those that serve everybody, since nothing tells whose the others are.
func TestRunners(t *testing.T) {
	build := func(inv scan.Inventory) *report.Report {
		r, err := report.Build(reporttest.Judge(inv), inv, report.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	inv := reporttest.New()
	if got := firstCells(t, build(inv), report.SheetRunners); !slices.Equal(got, []string{"7", "8", "9"}) {
		t.Errorf("the runners are %v", got)
	}
	for part, err := range scan.Split(inv, 100) {
		if err != nil {
			t.Fatal(err)
		}
		if got := firstCells(t, build(part), report.SheetRunners); !slices.Equal(got, []string{"7"}) {
			t.Errorf("the runners of %q are %v", part.Group, got)
		}
	}
	for _, c := range []struct {
		list scan.Listing[scan.Runner]
		why  string
	}{
		{scan.Listed([]scan.Runner{}), "The instance has no runner."},
		{scan.Cut[scan.Runner](nil, scan.Gap{Reason: scan.ReasonForbidden, Cure: "an administrator's token"}),
			"The list of runners is not known: the server refused: the token lacks the right. It needs an administrator's token."},
	} {
		inv := reporttest.New()
		inv.Source.RunnerTags = c.list
		if r := build(inv); !slices.Contains(r.LeftOut, report.LeftOut{Name: report.SheetRunners, Why: c.why}) {
			t.Errorf("left out: %v, want runners with: %s", r.LeftOut, c.why)
		}
	}
}

// TestLinksHoldNumbersAlone follows every link to the instance: it holds its
// address and a number, and leads nowhere that the source's version does not know.
func TestLinksHoldNumbersAlone(t *testing.T) {
	pages := map[string]string{"/projects/": "13.12", "/admin/runners/": "13.12", "/-/g/": "17.5", "/-/u/": "17.11"}
	for _, version := range []string{"13.12", "17.4", "17.5", "17.10", "18.9"} {
		inv := reporttest.New()
		inv.Source.Version = scan.Known(scan.MustVersion(version))
		r, err := report.Build(reporttest.Judge(inv), inv, report.Options{})
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for _, s := range r.Sheets {
			for row, err := range s.Rows {
				if err != nil {
					t.Fatal(err)
				}
				for i, c := range row {
					rest, ours := strings.CutPrefix(c.Link(), reporttest.URL)
					if !ours || rest == "" {
						continue
					}
					at := strings.LastIndex(rest, "/") + 1
					since, known := pages[rest[:at]]
					if !known || strings.Trim(rest[at:], "0123456789") != "" || !scan.MustVersion(version).AtLeast(scan.MustVersion(since)) {
						t.Errorf("%s, %s, %s: the link is %s", version, s.Name, s.Columns[i].Header, c.Link())
					}
					seen[rest[:at]] = true
				}
			}
		}
		for page, since := range pages {
			if seen[page] != scan.MustVersion(version).AtLeast(scan.MustVersion(since)) {
				t.Errorf("%s: links to %s: %v", version, page, seen[page])
			}
		}
	}
}

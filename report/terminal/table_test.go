package terminal

import (
	"errors"
	"strings"
	"testing"

	"readiness/report"
	"readiness/report/reporttest"
)

func TestTable(t *testing.T) {
	r, _, _ := reporttest.Report(t)
	s, ok := r.Sheet(report.SheetProjects)
	if !ok {
		t.Fatal("no sheet of projects")
	}
	var b strings.Builder
	for _, opt := range []TableOptions{
		{Options{Width: 80}, "repository_size", 5},
		{Options{Width: 120}, "Path", 3},
		{Options{Width: 120}, "", 2},
	} {
		if err := Table(&b, s, opt); err != nil {
			t.Fatal(err)
		}
		b.WriteString("\n")
	}
	reporttest.Golden(t, "table.txt", b.String())
	for _, line := range strings.Split(b.String(), "\n") {
		if len([]rune(line)) > 120 {
			t.Errorf("a line of %d characters: %s", len([]rune(line)), line)
		}
	}
}

// TestTableSortsTheUnreadLast has the project whose size is unread come after
// those of size zero.
func TestTableSortsTheUnreadLast(t *testing.T) {
	r, _, _ := reporttest.Report(t)
	s, _ := r.Sheet(report.SheetProjects)
	var b strings.Builder
	if err := Table(&b, s, TableOptions{Options{Width: 100}, "repository-size", 0}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), "withheld") || strings.LastIndex(b.String(), "withheld") < strings.LastIndex(b.String(), " 0.0") {
		t.Errorf("what could not be read does not come last \n%s", b.String())
	}
}

func TestTableRefusesAColumn(t *testing.T) {
	r, _, _ := reporttest.Report(t)
	s, _ := r.Sheet(report.SheetProjects)
	var b strings.Builder
	err := Table(&b, s, TableOptions{Options{}, "no-such", 1})
	if !errors.Is(err, ErrNoColumn) || !strings.Contains(err.Error(), "Visibility") || b.Len() > 0 {
		t.Errorf("%v; wrote %d bytes", err, b.Len())
	}
}

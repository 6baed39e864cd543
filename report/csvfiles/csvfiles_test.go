package csvfiles

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"

	"readiness/report"
	"readiness/report/reporttest"
)

func TestFiles(t *testing.T) {
	r, _, inv := reporttest.Report(t)
	_ = inv
	var all strings.Builder
	for _, f := range Files(r) {
		var b bytes.Buffer
		if err := f.Write(&b); err != nil {
			t.Fatal(err)
		}
		records, err := csv.NewReader(bytes.NewReader(b.Bytes())).ReadAll()
		if err != nil {
			t.Fatalf("%s is no CSV: %v", f.Name, err)
		}
		for _, record := range records {
			for _, field := range record {
				if field != "" && strings.ContainsRune("=+@", rune(field[0])) {
					t.Errorf("%s: %q would be taken for a formula", f.Name, field)
				}
			}
		}
		if f.Name == "matrix.csv" || f.Name == "about.csv" {
			continue // data and constants, shown in other goldens
		}
		all.WriteString("== " + f.Name + "\n" + b.String())
	}
	reporttest.Golden(t, "folder.txt", all.String())
}

// TestRowsAreWhole holds every file to as many records as its sheet has rows.
func TestRowsAreWhole(t *testing.T) {
	r, _, _ := reporttest.Report(t)
	for i := range r.Sheets {
		s := &r.Sheets[i]
		want := 1
		for _, err := range s.Rows {
			if err != nil {
				t.Fatal(err)
			}
			want++
		}
		var b bytes.Buffer
		if err := Sheet(&b, s); err != nil {
			t.Fatal(err)
		}
		records, err := csv.NewReader(&b).ReadAll()
		if err != nil || len(records) != want {
			t.Errorf("%s: %d records, want %d (%v)", s.Name, len(records), want, err)
		}
	}
}

func TestValue(t *testing.T) {
	for _, c := range []struct {
		name   string
		cell   report.Cell
		column report.Kind
		want   string
	}{
		{"nothing to say", report.Cell{}, report.Count, ""},
		{"a true zero", report.CountCell(0), report.Count, "0"},
		{"a count without separators", report.CountCell(1234567), report.Count, "1234567"},
		{"a size in the header's unit", report.BytesCell(1<<20, report.MiB), report.Bytes, "1.000"},
		{"a size among words", report.BytesCell(1<<20, report.MiB), report.Text, "1.0 MiB"},
		{"a gap is words", report.GapCell("refused"), report.Count, "refused"},
		{"a formula", report.TextCell("=HYPERLINK(0)"), report.Text, "'=HYPERLINK(0)"},
		{"a command", report.TextCell("-2+3"), report.Text, "'-2+3"},
		{"a mention", report.TextCell("@SUM(A1)"), report.Text, "'@SUM(A1)"},
	} {
		if got := value(c.cell, c.column); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

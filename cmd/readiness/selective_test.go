package main

import (
	"bytes"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"time"

	"readiness/checks"
	"readiness/checks/matrix"
	"readiness/report"
	"readiness/scan"
)

// whole is an inventory of which all facts are read, whoever asks.
type whole struct{ scan.Inventory }

// Every sheet says the same whether its facts alone are read of the projects, or
// all of them.
func TestSheetsNameTheirFacts(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the same commands as other tests, to read what they write")
	}
	out := t.TempDir()
	var stderr bytes.Buffer
	env := environment{stdin: bytes.NewReader(nil), stdout: &bytes.Buffer{}, stderr: &stderr, now: time.Now, getenv: func(string) string { return "" }}
	if code := run(t.Context(), []string{"demo", "--projects", "300", "--seed", "5", "--out", out}, env); code != exitOK {
		t.Fatalf("exit %d: %s", code, stderr.String())
	}
	path := filepath.Join(out, "readiness.db")
	m, err := matrix.Load()
	if err != nil {
		t.Fatal(err)
	}
	told, err := judge(path, terms{target: checks.DefaultTarget(), matrix: m, past: history{failOn: checks.Blocker}})
	if err != nil {
		t.Fatal(err)
	}
	defer told.close()
	if _, selective := any(told.snapshot).(scan.Selective); !selective {
		t.Fatal("the snapshot reads all facts")
	}
	of, err := report.Build(told.judgement, whole{told.snapshot}, told.options)
	if err != nil {
		t.Fatal(err)
	}
	read := func(s report.Sheet) (rows [][]report.Cell) {
		for row, err := range s.Rows {
			if err != nil {
				t.Fatal(err)
			}
			rows = append(rows, slices.Clone(row))
		}
		return rows
	}
	if len(told.report.Sheets) != len(of.Sheets) {
		t.Fatalf("%d sheets, want %d", len(told.report.Sheets), len(of.Sheets))
	}
	for i, s := range told.report.Sheets {
		if got, want := read(s), read(of.Sheets[i]); !reflect.DeepEqual(got, want) {
			t.Errorf("sheet %s: it does not name every fact that it looks at", s.Name)
		}
	}
}

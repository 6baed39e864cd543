package reporttest

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"readiness/checks"
	"readiness/report"
)

var update = flag.Bool("update", false, "write the goldens anew")

// Report builds the report of the scan.
func Report(t testing.TB) (*report.Report, *checks.Judgement, *Inventory) {
	t.Helper()
	inv := New()
	j := Judge(inv)
	r, err := report.Build(j, inv, report.Options{Version: "0.1.0"})
	if err != nil {
		t.Fatal(err)
	}
	return r, j, inv
}

// Golden compares got with testdata/name, line by line.
func Golden(t testing.TB, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; write it with -update", err)
	}
	want, have := strings.Split(string(b), "\n"), strings.Split(got, "\n")
	for i := range max(len(want), len(have)) {
		w, h := "(end)", "(end)"
		if i < len(want) {
			w = want[i]
		}
		if i < len(have) {
			h = have[i]
		}
		if w != h {
			t.Errorf("%s differs from line %d on; write it with -update if that is meant\nwant %s\nhave %s", path, i+1, w, h)
			return
		}
	}
}

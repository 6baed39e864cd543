package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"readiness/checks"
	"readiness/scan"
)

// TestFirstSnapshotMakesNoFalseNews compares a scan of today with one that the
// first version made of the same world: what only today's version reads is no
// news, and nothing that it cannot tell of that time is new, resolved or gone.
func TestFirstSnapshotMakesNoFalseNews(t *testing.T) {
	f, err := os.Open(filepath.Join("..", "..", "scan", "snapshot", "testdata", "first.db.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	db, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	out := t.TempDir()
	first := filepath.Join(out, "first.db")
	if err := os.WriteFile(first, db, 0o600); err != nil {
		t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer
	env := environment{stdin: bytes.NewReader(nil), stdout: &stdout, stderr: &stderr, now: time.Now, getenv: func(string) string { return "" }}
	if code := run(t.Context(), []string{"demo", "--projects", "30", "--seed", "4", "--out", filepath.Join(out, "now"), "--previous", first}, env); code != exitOK {
		t.Fatalf("exit %d: %s", code, stderr.String())
	}
	text, err := os.ReadFile(filepath.Join(out, "now", "readiness.json"))
	if err != nil {
		t.Fatal(err)
	}
	var told struct {
		Changes struct {
			Findings []struct{ Check, State string }
		}
	}
	if err := json.Unmarshal(text, &told); err != nil {
		t.Fatal(err)
	}
	// What the first version read.
	stdout.Reset()
	if code := run(t.Context(), []string{"report", first, "--format", "json"}, env); code != exitBlocker {
		t.Fatalf("exit %d: %s", code, stderr.String())
	}
	var then struct {
		Coverage struct {
			NotAsked []struct{ Fact scan.FactID } `json:"not_asked_facts"`
		}
	}
	if err := json.Unmarshal(stdout.Bytes(), &then); err != nil {
		t.Fatal(err)
	}
	var later []scan.FactID
	for _, g := range then.Coverage.NotAsked {
		later = append(later, g.Fact)
	}
	if len(later) == 0 {
		t.Fatal("the first version read all that today's does")
	}
	all := checks.All()
	untold := 0
	for _, c := range told.Changes.Findings {
		i := slices.IndexFunc(all, func(k checks.Check) bool { return k.ID == c.Check })
		if i < 0 {
			continue
		}
		needsLater := slices.ContainsFunc(all[i].Needs, func(id scan.FactID) bool { return slices.Contains(later, id) })
		switch c.State {
		case "new", "regressed", "gone":
			if needsLater {
				t.Errorf("%s is %s, and the first version could not tell", c.Check, c.State)
			}
		case "open":
			untold++
		}
	}
	if untold == 0 {
		t.Error("nothing is told for the first time: this test looks in the wrong place")
	}
}

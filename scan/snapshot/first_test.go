package snapshot

import (
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"testing"

	"readiness/scan"
)

// first unpacks a snapshot of the demonstration that the first version of this
// schema made, in February 2026 by its own clock. Facts were added since, and one
// was retired.
func first(t *testing.T) string {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", "first.db.gz"))
	must(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	must(t, err)
	path := filepath.Join(t.TempDir(), "first.db")
	out, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o600)
	must(t, err)
	_, err = io.Copy(out, z)
	must(t, err)
	must(t, out.Close())
	return path
}

// TestFirstSnapshotsStayReadable reads a snapshot of the first version whole: its
// hash still holds, what it read is there, and what nobody read then is said to be
// not asked for.
func TestFirstSnapshotsStayReadable(t *testing.T) {
	path := first(t)
	s := openFile(t, path)
	must(t, s.Verify(t.Context()))
	past, err := History(path)
	must(t, err)
	if len(past) != 1 || past[0].Meta.Hash == "" || past[0].Meta.Finished.IsZero() {
		t.Errorf("%+v", past)
	}
	n, read, later := 0, 0, 0
	for p, err := range s.Projects() {
		must(t, err)
		n++
		if p.Path == "" {
			t.Errorf("project %d has no path", p.ID)
		}
		for id, r := range scan.Facts(p) {
			g, gap := r.Gap()
			switch {
			case !gap:
				read++
			case g.Reason == scan.ReasonNotAsked:
				later++
			case g.Reason == scan.ReasonUnset:
				t.Errorf("%s of project %d is unset", id, p.ID)
			}
		}
	}
	if n != 30 || read < 30*60 || later == 0 {
		t.Errorf("%d projects, %d facts read, %d not asked for", n, read, later)
	}
	_, err = s.Instance()
	must(t, err)

	// A scan by this version goes into the same file, beside it.
	r, err := Begin(path, past[0].Meta.Scope, "test", begun)
	must(t, err)
	if r.Resumed() || r.Number() != 2 {
		t.Errorf("run %d, resumed %v", r.Number(), r.Resumed())
	}
	must(t, r.Close())
}

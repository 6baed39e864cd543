package snapshot

import (
	"errors"
	"path/filepath"
	"slices"
	"testing"

	"readiness/scan"
)

// A note holds of a run for good, once, and is part of its hash.
func TestNotes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "noted.db")
	r := begin(t, path)
	must(t, r.Note(scan.NoteUnverified))
	must(t, r.Close())
	r = begin(t, path) // the scan goes on, this time verified
	must(t, r.Note(scan.NoteUnverified))
	store(t, r, 3)
	must(t, r.Finish(begun, scan.Requests{}))
	must(t, r.Close())
	s := openFile(t, path)
	if n := s.Meta().Notes; !slices.Equal(n, []scan.Note{scan.NoteUnverified}) {
		t.Errorf("notes %q", n)
	}
	must(t, s.Verify(t.Context()))
	plain := openFile(t, finished(t, 3))
	if len(plain.Meta().Notes) > 0 || plain.Meta().Hash == s.Meta().Hash {
		t.Errorf("a run without notes has %q and the hash %s", plain.Meta().Notes, plain.Meta().Hash)
	}
	exec1(t, path, "DELETE FROM note")
	if err := openFile(t, path).Verify(t.Context()); !errors.Is(err, ErrDamaged) {
		t.Errorf("without its note the run is verified: %v", err)
	}
	exec1(t, path, "INSERT INTO note VALUES (1, 'of-the-future')")
	if _, err := Open(path); !errors.Is(err, ErrNewer) {
		t.Errorf("a note of a later version: %v", err)
	}
}

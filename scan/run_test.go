package scan_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"readiness/scan"
	"readiness/scan/snapshot"
)

var (
	begun = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	whole = scan.Scope{URL: "https://gitlab.example.com", Depth: scan.Deep}
)

func begin(t *testing.T, path string, scope scan.Scope) *snapshot.Run {
	t.Helper()
	run, err := snapshot.Begin(path, scope, "test", begun)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := run.Close(); err != nil {
			t.Error(err)
		}
	})
	return run
}

// finish finishes and closes the run and returns the hash.
func finish(t *testing.T, run *snapshot.Run, path string) string {
	t.Helper()
	if err := run.Finish(begun.Add(time.Hour), scan.Requests{}); err != nil {
		t.Fatal(err)
	}
	if err := run.Close(); err != nil {
		t.Fatal(err)
	}
	return open(t, path).Meta().Hash
}

func open(t *testing.T, path string) *snapshot.Snapshot {
	t.Helper()
	s, err := snapshot.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// undisturbed scans a world in peace and returns the snapshot's hash.
func undisturbed(t *testing.T, scope scan.Scope) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "s.db")
	run := begin(t, path, scope)
	if err := scan.Run(t.Context(), smallWorld(), run, scan.Options{Scope: scope}); err != nil {
		t.Fatal(err)
	}
	return finish(t, run, path)
}

func TestRunReadsEverythingOnce(t *testing.T) {
	for _, depth := range []scan.Depth{scan.Quick, scan.Standard, scan.Deep} {
		t.Run(depth.String(), func(t *testing.T) {
			scope := scan.Scope{URL: whole.URL, Depth: depth}
			path := filepath.Join(t.TempDir(), "s.db")
			run := begin(t, path, scope)
			w := smallWorld()
			var last scan.Progress
			err := scan.Run(t.Context(), w, run, scan.Options{Scope: scope, Workers: 3, Progress: func(p scan.Progress) { last = p }})
			if err != nil {
				t.Fatal(err)
			}
			finish(t, run, path)
			for q, n := range w.asked {
				if n != 1 && !isWalk(q) {
					t.Errorf("%q was asked %d times", q, n)
				}
			}
			if _, ok := w.asked["wide project 17"]; ok != (depth >= scan.Standard) {
				t.Errorf("at depth %s the wide part of project 17 was asked: %v", depth, ok)
			}
			if _, ok := w.asked["deep group 3"]; ok != (depth >= scan.Deep) {
				t.Errorf("at depth %s the deep part of group 3 was asked: %v", depth, ok)
			}
			s := open(t, path)
			n := 0
			for p, err := range s.Projects() {
				if err != nil {
					t.Fatal(err)
				}
				n++
				if p.ID != int64(n) {
					t.Errorf("project %d comes in place %d", p.ID, n)
				}
				checkAgainstTruth(t, p, depth)
			}
			if n != w.projects {
				t.Errorf("%d projects, want %d", n, w.projects)
			}
			if p := last.Projects; last.Phase != scan.PhaseDone || p.Done != 43 || p.Listed != 43 || p.Expected.Or(0) != 43 {
				t.Errorf("last progress %+v", last)
			}
			if last.Groups.Done != 7 || last.Users.Done != 25 {
				t.Errorf("last progress %+v", last)
			}
		})
	}
}

// isWalk tells questions without a subject, or a cursor, of their own.
func isWalk(q string) bool { return q == "list group" || q == "list user" || q == "list project" }

// checkAgainstTruth compares every fact of p with what the world answers.
func checkAgainstTruth(t *testing.T, p *scan.Project, depth scan.Depth) {
	t.Helper()
	truth := &scan.Project{ID: p.ID}
	for _, part := range scan.Deep.Parts() {
		answer(truth, part)
	}
	for id, want := range scan.Facts(truth) {
		e, _ := scan.Lookup(id)
		got := scan.FactOf(p, id)
		if e.Depth > depth {
			if g, _ := got.Gap(); g.Reason != scan.ReasonNotAsked || g.Cure != "--depth "+e.Depth.String() {
				t.Errorf("project %d: %s lies beyond depth %s and is %v", p.ID, id, depth, g)
			}
			continue
		}
		a, errA := want.MarshalJSON()
		b, errB := got.MarshalJSON()
		if string(a) != string(b) || errA != nil || errB != nil {
			t.Errorf("project %d: %s is %s, want %s (%v, %v)", p.ID, id, b, a, errA, errB)
		}
	}
}

// However many projects there are, only so many questions are under way and
// only so many projects are in memory.
func TestWorkIsBounded(t *testing.T) {
	const workers, page = 4, 10
	path := filepath.Join(t.TempDir(), "s.db")
	run := begin(t, path, whole)
	w := &world{projects: 600, page: page}
	listed, read, ahead := 0, 0, 0
	w.after = func(q string) {
		switch {
		case strings.HasPrefix(q, "list project"):
			listed += page
		case strings.HasPrefix(q, "deep project"):
			read++
		}
		ahead = max(ahead, listed-read)
	}
	if err := scan.Run(t.Context(), w, run, scan.Options{Scope: whole, Workers: workers}); err != nil {
		t.Fatal(err)
	}
	if w.peak > workers {
		t.Errorf("%d questions at the same time, at most %d allowed", w.peak, workers)
	}
	// A page in each wide worker, one that waits for a worker, one just listed.
	if most := (workers + 2) * page; ahead > most {
		t.Errorf("the listing was %d projects ahead of the work, at most %d expected", ahead, most)
	}
}

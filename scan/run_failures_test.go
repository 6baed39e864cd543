package scan_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"readiness/scan"
	"readiness/scan/snapshot"
)

func TestFailuresBecomeGapsAndSiblingsGoOn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	run := begin(t, path, whole)
	w := smallWorld()
	w.before = func(q string) error {
		switch q {
		case "wide project 13", "deep project 5", "deep group 2", "list user 10":
			return fmt.Errorf("%s: 502 Bad Gateway", q)
		}
		return nil
	}
	var mu sync.Mutex
	var failures []string
	err := scan.Run(t.Context(), w, run, scan.Options{Scope: whole, Failed: func(err error) {
		mu.Lock()
		defer mu.Unlock()
		failures = append(failures, err.Error())
	}})
	if err != nil {
		t.Fatal(err)
	}
	if len(failures) != 4 {
		t.Errorf("told of the failures %q, want 4", failures)
	}
	finish(t, run, path)
	s := open(t, path)
	failedParts := make(map[string]bool)
	n := 0
	for p, err := range s.Projects() {
		if err != nil {
			t.Fatal(err)
		}
		n++
		for id, r := range scan.Facts(p) {
			if g, gap := r.Gap(); gap && g.Reason == scan.ReasonFailed {
				e, _ := scan.Lookup(id)
				failedParts[fmt.Sprintf("%s %d", scan.Deep.Parts()[e.Depth], p.ID)] = true
				if g.Endpoint != e.Read {
					t.Errorf("%s failed at %q, is read at %q", id, g.Endpoint, e.Read)
				}
			}
		}
	}
	if n != 43 {
		t.Errorf("%d projects", n)
	}
	want := map[string]bool{"deep 5": true}
	for id := 11; id <= 20; id++ { // the page of project 13
		want[fmt.Sprintf("wide %d", id)] = true
	}
	for k := range want {
		if !failedParts[k] {
			t.Errorf("part %s has no failed fact", k)
		}
	}
	for k := range failedParts {
		if !want[k] {
			t.Errorf("part %s has a failed fact", k)
		}
	}
	for _, walk := range s.Meta().Walks {
		switch {
		case !walk.Done:
			t.Errorf("%s: not done", walk.Level)
		case walk.Level == scan.LevelUser:
			if walk.Gap == nil || walk.Gap.Reason != scan.ReasonFailed || walk.Listed != 10 {
				t.Errorf("users: %+v", walk)
			}
		case walk.Gap != nil:
			t.Errorf("%s: %v", walk.Level, walk.Gap)
		}
	}
}

// noFailedFact demands that what was not asked is interrupted, not failed.
func noFailedFact(t *testing.T, path string) (interrupted int) {
	t.Helper()
	s := open(t, path)
	if !s.Meta().Finished.IsZero() {
		t.Error("the run is finished")
	}
	for p, err := range s.Projects() {
		if err != nil {
			t.Fatal(err)
		}
		for id, r := range scan.Facts(p) {
			switch g, _ := r.Gap(); g.Reason {
			case scan.ReasonFailed, scan.ReasonUnset:
				t.Errorf("project %d: %s is %s", p.ID, id, g.Reason)
			case scan.ReasonInterrupted:
				interrupted++
			}
		}
	}
	return interrupted
}

func TestLostTokenEndsTheScanAndKeepsIt(t *testing.T) {
	want := undisturbed(t, whole)
	for _, at := range []string{"list project 20", "wide project 13", "deep project 7", "list user 10"} {
		t.Run(at, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "s.db")
			run := begin(t, path, whole)
			w := smallWorld()
			gone := false
			w.before = func(q string) error {
				if gone = gone || q == at; gone {
					return fmt.Errorf("GET /user: %w", scan.ErrAuthentication)
				}
				return nil
			}
			err := scan.Run(t.Context(), w, run, scan.Options{Scope: whole, Workers: 4})
			if !errors.Is(err, scan.ErrAuthentication) || strings.Contains(err.Error(), "\n") {
				t.Fatalf("ended with %v", err)
			}
			if err := run.Finish(begun, scan.Requests{}); !errors.Is(err, snapshot.ErrIncomplete) {
				t.Errorf("finishing it: %v", err)
			}
			if err := run.Close(); err != nil {
				t.Fatal(err)
			}
			noFailedFact(t, path)

			again := begin(t, path, whole)
			if err := scan.Run(t.Context(), smallWorld(), again, scan.Options{Scope: whole}); err != nil {
				t.Fatal(err)
			}
			if got := finish(t, again, path); got != want {
				t.Errorf("hash %s, undisturbed %s", got, want)
			}
		})
	}
}

// another is a source that tells another reader.
type another struct {
	*world
	user  string
	admin bool
}

func (a another) Instance(ctx context.Context) (*scan.Instance, error) {
	i, err := a.world.Instance(ctx)
	if err == nil {
		i.Caller, i.CallerAdmin = scan.Known(a.user), scan.Known(a.admin)
	}
	return i, err
}

// A scan goes on only with the rights that it was begun with.
func TestAnotherReaderIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	stopped, stop := context.WithCancel(t.Context())
	w := smallWorld()
	w.after = func(q string) {
		if q == "deep project 5" {
			stop()
		}
	}
	run := begin(t, path, whole)
	if err := scan.Run(stopped, another{w, "ann", true}, run, scan.Options{Scope: whole}); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	for _, c := range []struct {
		user    string
		admin   bool
		refused string
	}{
		{"bob", true, "by ann, and this token is bob's"},
		{"ann", false, "ann, with an administrator's rights then, without an administrator's rights now"},
		{"ann", true, ""},
	} {
		w := smallWorld()
		err := scan.Run(t.Context(), another{w, c.user, c.admin}, run, scan.Options{Scope: whole})
		if errors.Is(err, scan.ErrOtherReader) != (c.refused != "") || err != nil && !strings.Contains(err.Error(), c.refused) {
			t.Errorf("%s, administrator %v: %v", c.user, c.admin, err)
		}
		if c.refused != "" && len(w.asked) > 1 {
			t.Errorf("%s asked for %v", c.user, w.asked)
		}
	}
	finish(t, run, path)
}

func TestUnreadableInstanceEndsTheScan(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	run := begin(t, path, whole)
	w := smallWorld()
	refused := errors.New("connection refused")
	w.before = func(string) error { return refused }
	if err := scan.Run(t.Context(), w, run, scan.Options{Scope: whole}); !errors.Is(err, refused) {
		t.Errorf("ended with %v", err)
	}
	if len(w.asked) != 1 {
		t.Errorf("asked %v", w.asked)
	}
}

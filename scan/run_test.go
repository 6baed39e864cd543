package scan_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
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

var errKilled = errors.New("killed")

// dying is a Store that dies at its nth commit, before or after it, and leaves
// the files as kill -9 would.
type dying struct {
	*snapshot.Run
	path, image string
	at          int
	after       bool

	mu      sync.Mutex
	commits int
	kept    map[string]bool // "wide project 12": parts in the image
	pages   map[string]bool // "list project 10": pages in the image
	cursor  map[scan.Level]string
}

func (d *dying) Commit(part scan.Part, subjects []scan.Subject, walk *scan.Walk) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.commits++
	if d.commits > d.at || d.commits == d.at && !d.after {
		if d.commits == d.at {
			if err := copySnapshot(d.path, d.image); err != nil {
				return err
			}
		}
		return errKilled
	}
	if err := d.Run.Commit(part, subjects, walk); err != nil {
		return err
	}
	for _, s := range subjects {
		d.kept[fmt.Sprintf("%s %s %d", part, s.Level(), s.Key())] = true
	}
	if walk != nil {
		d.pages[fmt.Sprintf("list %s %s", walk.Level, d.cursor[walk.Level])] = true
		d.cursor[walk.Level] = walk.Cursor
	}
	if d.commits == d.at {
		if err := copySnapshot(d.path, d.image); err != nil {
			return err
		}
		return errKilled
	}
	return nil
}

// copySnapshot copies the file and its log as they lie on the disk.
func copySnapshot(from, to string) error {
	for _, suffix := range []string{"", "-wal"} {
		in, err := os.Open(from + suffix)
		if err != nil {
			return err
		}
		out, err := os.OpenFile(to+suffix, os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			return errors.Join(err, in.Close())
		}
		_, err = io.Copy(out, in)
		if err := errors.Join(err, in.Close(), out.Close()); err != nil {
			return err
		}
	}
	return nil
}

// A scan that dies at any commit and goes on has the hash of one that did not,
// and asks nothing again that it had stored.
func TestKilledScanGoesOn(t *testing.T) {
	want := undisturbed(t, whole)
	seed := uint64(time.Now().UnixNano())
	r := rand.New(rand.NewPCG(seed, 0))
	const commits = 3 + 1 + 3 + 5 + 1 + 5 + 7 + 43 // parts of the instance, pages, wide pages, deep subjects
	for range 12 {
		at, after, workers := 1+r.IntN(commits), r.IntN(2) == 0, 1+r.IntN(5)
		t.Run(fmt.Sprintf("commit %d, after %v, %d workers", at, after, workers), func(t *testing.T) {
			t.Logf("seed %d", seed)
			dir := t.TempDir()
			d := &dying{
				path: filepath.Join(dir, "first.db"), image: filepath.Join(dir, "image.db"), at: at, after: after,
				kept: make(map[string]bool), pages: make(map[string]bool), cursor: make(map[scan.Level]string),
			}
			d.Run = begin(t, d.path, whole)
			err := scan.Run(t.Context(), smallWorld(), d, scan.Options{Scope: whole, Workers: workers})
			if !errors.Is(err, errKilled) {
				t.Fatalf("the killed run ended with %v", err)
			}
			run := begin(t, d.image, whole)
			if !run.Resumed() {
				t.Error("the second run did not resume the first")
			}
			w := smallWorld()
			var progress []scan.Progress
			if err := scan.Run(t.Context(), w, run, scan.Options{Scope: whole, Workers: workers, Batch: 4,
				Progress: func(p scan.Progress) { progress = append(progress, p) }}); err != nil {
				t.Fatal(err)
			}
			if got := finish(t, run, d.image); got != want {
				t.Errorf("hash %s, undisturbed %s", got, want)
			}
			for q := range w.asked {
				if d.kept[q] || d.pages[q] {
					t.Errorf("%q was asked although its answer was kept", q)
				}
			}
			last := progress[len(progress)-1].Projects
			if last.Done != 43 || last.Listed != 43 {
				t.Errorf("last progress %+v", last)
			}
		})
	}
}

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

// A list that ends early, by itself, is told from one that is whole: the instance
// counts what it has, approximately.
func TestListsAreReconciledWithTheInstance(t *testing.T) {
	for _, c := range []struct {
		counted int64
		scope   scan.Scope
		short   bool
	}{
		{43, whole, false},
		{47, whole, false}, // four may have come and gone
		{48, whole, true},
		{20, whole, false},
		{1000, scan.Scope{URL: whole.URL, Depth: scan.Deep, Groups: []string{"platform"}}, false},
	} {
		path := filepath.Join(t.TempDir(), "s.db")
		run := begin(t, path, c.scope)
		if err := scan.Run(t.Context(), counting{smallWorld(), c.counted}, run, scan.Options{Scope: c.scope}); err != nil {
			t.Fatal(err)
		}
		finish(t, run, path)
		for _, w := range open(t, path).Meta().Walks {
			if short := w.Gap != nil; short != (c.short && w.Level == scan.LevelProject) {
				t.Errorf("%d counted: the walk over %ss: %v", c.counted, w.Level, w.Gap)
			} else if short && (w.Gap.Reason != scan.ReasonTruncated || !strings.Contains(w.Gap.Cure, "counts 48 projects and listed 43")) {
				t.Errorf("gap %+v", w.Gap)
			}
		}
	}
}

// counting is a source whose instance says how many projects it has.
type counting struct {
	*world
	projects int64
}

func (c counting) Instance(ctx context.Context) (*scan.Instance, error) {
	i, err := c.world.Instance(ctx)
	if err == nil {
		none := scan.Missing[int64](scan.Gap{Reason: scan.ReasonForbidden})
		i.CountedProjects, i.CountedGroups, i.CountedUsers = scan.Known(c.projects), none, none
	}
	return i, err
}

func TestCancelledScanIsKept(t *testing.T) {
	want := undisturbed(t, whole)
	path := filepath.Join(t.TempDir(), "s.db")
	run := begin(t, path, whole)
	ctx, cancel := context.WithCancel(t.Context())
	w := smallWorld()
	w.before = func(q string) error {
		if q == "deep project 9" {
			cancel()
		}
		if ctx.Err() != nil {
			return fmt.Errorf("read: connection closed") // as a client says that does not wrap the context's error
		}
		return nil
	}
	if err := scan.Run(ctx, w, run, scan.Options{Scope: whole, Workers: 2}); !errors.Is(err, context.Canceled) {
		t.Fatalf("ended with %v", err)
	}
	if err := run.Close(); err != nil {
		t.Fatal(err)
	}
	if noFailedFact(t, path) == 0 {
		t.Error("nothing is interrupted")
	}
	again := begin(t, path, whole)
	if err := scan.Run(t.Context(), smallWorld(), again, scan.Options{Scope: whole}); err != nil {
		t.Fatal(err)
	}
	if got := finish(t, again, path); got != want {
		t.Errorf("hash %s, undisturbed %s", got, want)
	}
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

// A listing that leads in a circle ends with a Gap.
func TestListingThatRepeatsItself(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	run := begin(t, path, whole)
	if err := scan.Run(t.Context(), circular{smallWorld()}, run, scan.Options{Scope: whole}); err != nil {
		t.Fatal(err)
	}
	finish(t, run, path)
	for _, walk := range open(t, path).Meta().Walks {
		if walk.Level == scan.LevelUser && (walk.Gap == nil || walk.Gap.Reason != scan.ReasonFailed) {
			t.Errorf("users: %+v", walk)
		}
	}
}

type circular struct{ *world }

func (c circular) Users(ctx context.Context, cursor string) (scan.Page[*scan.User], error) {
	p, err := c.world.Users(ctx, cursor)
	if cursor == "10" {
		p.Next = cursor
	}
	return p, err
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

func TestRemaining(t *testing.T) {
	known := scan.Known[int64]
	for _, c := range []struct {
		name  string
		tally scan.Tally
		took  time.Duration
		want  time.Duration
		ok    bool
	}{
		{"half way", scan.Tally{Listed: 60, Done: 50, Expected: known(100)}, time.Minute, time.Minute, true},
		{"a head start does not count as pace", scan.Tally{Listed: 100, Done: 90, Earlier: 80, Expected: known(100)}, time.Minute, time.Minute, true},
		{"more than expected", scan.Tally{Listed: 120, Done: 60, Expected: known(100)}, time.Minute, time.Minute, true},
		{"nothing done", scan.Tally{Listed: 60, Expected: known(100)}, time.Minute, 0, false},
		{"nobody knows how many", scan.Tally{Listed: 60, Done: 50}, time.Minute, 0, false},
	} {
		got, ok := scan.Progress{Projects: c.tally, Elapsed: c.took}.Remaining()
		if got != c.want || ok != c.ok {
			t.Errorf("%s: %v, %v; want %v, %v", c.name, got, ok, c.want, c.ok)
		}
	}
}

func TestProgressUsesTheClockItIsGiven(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	run := begin(t, path, whole)
	now := begun
	var mu sync.Mutex
	ticks := 0
	clock := func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		ticks++
		now = now.Add(time.Second)
		return now
	}
	var last scan.Progress
	if err := scan.Run(t.Context(), smallWorld(), run, scan.Options{Scope: whole, Clock: clock, Progress: func(p scan.Progress) {
		if p.Elapsed <= last.Elapsed || p.Projects.Done < last.Projects.Done {
			t.Errorf("%+v came after %+v", p, last)
		}
		last = p
	}}); err != nil {
		t.Fatal(err)
	}
	if last.Elapsed != time.Duration(ticks-1)*time.Second {
		t.Errorf("%v elapsed after %d ticks", last.Elapsed, ticks)
	}
}

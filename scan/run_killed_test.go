package scan_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"readiness/scan"
	"readiness/scan/snapshot"
)

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

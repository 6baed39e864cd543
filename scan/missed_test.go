package scan_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"readiness/scan"
)

// Entries that a page misses are said of the whole list, which goes on to its end,
// also where the scan is interrupted in between.
func TestMissedEntriesAreSaid(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	ctx, interrupt := context.WithCancel(t.Context())
	w := smallWorld()
	w.after = func(question string) {
		if question == "wide project 21" {
			interrupt()
		}
	}
	run := begin(t, path, whole)
	if err := scan.Run(ctx, missing{w}, run, scan.Options{Scope: whole, Workers: 1}); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if err := run.Close(); err != nil {
		t.Fatal(err)
	}
	run = begin(t, path, whole)
	if err := scan.Run(t.Context(), missing{smallWorld()}, run, scan.Options{Scope: whole}); err != nil {
		t.Fatal(err)
	}
	finish(t, run, path)
	walks := open(t, path).Meta().Walks
	if len(walks) != 3 {
		t.Fatalf("%d walks", len(walks))
	}
	for _, walk := range walks {
		if walk.Level == scan.LevelProject && (!walk.Done || walk.Listed != 42 || walk.Gap == nil || *walk.Gap != missed) {
			t.Errorf("projects: %+v", walk)
		}
		if walk.Level != scan.LevelProject && walk.Gap != nil {
			t.Errorf("%ss: %v", walk.Level, walk.Gap)
		}
	}
}

var missed = scan.Gap{Reason: scan.ReasonFailed, Status: 500, Endpoint: scan.ReadProjects, Cure: "look at project 3"}

// missing is a world whose first page of projects comes without its third.
type missing struct{ *world }

func (m missing) Projects(ctx context.Context, cursor string) (scan.Page[*scan.Project], error) {
	p, err := m.world.Projects(ctx, cursor)
	if cursor == "" && err == nil {
		p.Items, p.Missed = append(p.Items[:2:2], p.Items[3:]...), &missed
	}
	return p, err
}

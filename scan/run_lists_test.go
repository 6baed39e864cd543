package scan_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"readiness/scan"
)

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

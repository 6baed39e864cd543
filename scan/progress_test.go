package scan_test

import (
	"path/filepath"
	"sync"
	"testing"
	"time"

	"readiness/scan"
)

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

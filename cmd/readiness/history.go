package main

import (
	"errors"
	"fmt"
	"runtime"
	"slices"

	"github.com/spf13/pflag"
	"golang.org/x/sync/errgroup"

	"readiness/checks"
	"readiness/checks/track"
	"readiness/scan/snapshot"
)

// maxPast is how many earlier scans are judged again beside the current one: a
// quarter of a year of weekly scans. Older ones stay in the snapshot.
const maxPast = 13

// historyFlags are the flags that say what came before and how grave a finding
// has to be to fail.
type historyFlags struct {
	previous, baseline string
	failOn             string
}

func (f *historyFlags) register(flags *pflag.FlagSet) {
	flags.StringVar(&f.previous, "previous", "", "`snapshot` of an earlier scan to compare with, besides the earlier scans in the same snapshot")
	flags.StringVar(&f.baseline, "baseline", "", "`snapshot` that the contract was signed on, or FILE@N for the N-th scan in a file: the drift against it is told")
	flags.StringVar(&f.failOn, "fail-on", string(checks.Blocker), "`severity` from which on a finding fails with exit 3: blocker, high, medium, low or info")
}

// history is what is known of the time before.
type history struct {
	previous, baseline string // files; "": none was named
	failOn             checks.Severity
	only               *pastRun // the one earlier scan to compare with; nil: all that are found
}

func (f *historyFlags) history() (h history, err error) {
	h = history{previous: f.previous, baseline: f.baseline, failOn: checks.Severity(f.failOn)}
	if h.failOn == "" {
		h.failOn = checks.Blocker
	}
	if !slices.Contains(checks.Severities(), h.failOn) {
		return h, usagef("--fail-on: unknown severity %.40q: choose from blocker, high, medium, low, info", f.failOn)
	}
	if f.previous != "" {
		if err := finishedScan(f.previous); err != nil {
			return h, usagef("--previous: %w", err)
		}
	}
	if f.baseline != "" {
		if _, err := oneRun(f.baseline); err != nil {
			return h, usagef("--baseline: %w", err)
		}
	}
	return h, nil
}

// finishedScan refuses a file that is no snapshot with a finished scan in it.
func finishedScan(file string) error {
	past, err := snapshot.History(file)
	if err == nil && len(past) == 0 {
		err = fmt.Errorf("%s: its scan was not finished: finish it first", file)
	}
	return err
}

// run is one scan in one file.
type pastRun struct {
	file string
	snapshot.Past
}

// earlier lists the finished scans before the one that is told, the oldest first.
func (h history) earlier(file string, current *snapshot.Snapshot) ([]pastRun, error) {
	if h.only != nil {
		return []pastRun{*h.only}, nil
	}
	var all []pastRun
	add := func(file string, named bool) error {
		past, err := snapshot.History(file)
		if err != nil {
			return snapshotError(err)
		}
		for _, p := range past {
			switch same := p.Meta.Scope.URL == current.Meta().Scope.URL; {
			case !same && named:
				return usagef("--previous: %s is a scan of %s, not of %s: give one of the same instance", file, p.Meta.Scope.URL, current.Meta().Scope.URL)
			case same:
				all = append(all, pastRun{file, p})
			}
		}
		return nil
	}
	if h.previous != "" {
		if err := add(h.previous, true); err != nil {
			return nil, err
		}
	}
	if err := add(file, false); err != nil {
		return nil, err
	}
	// The same scan may be in both files, and the current one among them. One of
	// a part of the instance, as of a wave, does not tell what the rest was like.
	now := current.Meta()
	seen := map[string]bool{}
	all = slices.DeleteFunc(all, func(p pastRun) bool {
		key := p.Meta.Hash + p.Meta.Finished.String()
		late := p.file == file && p.Number >= current.Number() || !now.Finished.IsZero() && !p.Meta.Finished.Before(now.Finished)
		drop := late || seen[key] || !track.Reaches(p.Meta.Scope, now.Scope)
		seen[key] = true
		return drop
	})
	slices.SortStableFunc(all, func(a, b pastRun) int { return a.Meta.Finished.Compare(b.Meta.Finished) })
	return all[max(len(all)-maxPast, 0):], nil
}

// track judges the earlier scans as the current one was and says what became of
// the findings.
func (h history) track(file string, current *snapshot.Snapshot, j *checks.Judgement, by terms) (_ *track.Tracked, err error) {
	runs, err := h.earlier(file, current)
	if err != nil {
		return nil, err
	}
	out := &track.Tracked{Course: track.NewCourse()}
	var last track.Judged
	var open []*snapshot.Snapshot
	defer func() {
		for _, s := range open {
			err = errors.Join(err, s.Close())
		}
	}()
	// A few at a time, so that no more judgements than these are held at once.
	for batch := range slices.Chunk(runs, min(max(runtime.NumCPU(), 1), 4)) {
		judged := make([]track.Judged, len(batch))
		var work errgroup.Group
		for i, r := range batch {
			work.Go(func() error {
				j, s, err := judgePast(r.file, r.Number, by)
				if err == nil {
					judged[i] = track.Judged{Judgement: j, Inventory: s}
				}
				return err
			})
		}
		err := work.Wait()
		for _, past := range judged {
			if past.Judgement != nil {
				open = append(open, past.Inventory.(*snapshot.Snapshot))
			}
		}
		if err != nil {
			return nil, err
		}
		for _, past := range judged {
			out.Course.Add(past.Judgement)
			last = past
		}
	}
	out.Course.Add(j)
	now := track.Judged{Judgement: j, Inventory: current}
	if last.Judgement != nil {
		if out.Previous, err = track.Beside("the scan before", last, now, out.Course); err != nil {
			return nil, err
		}
		if h.only == nil { // limits are for what was signed, or what was asked to be compared
			for i := range out.Previous.Metrics {
				out.Previous.Metrics[i].Limit = nil
			}
		}
	}
	if h.baseline == "" {
		return out, nil
	}
	pinned, err := oneRun(h.baseline)
	if err != nil {
		return nil, err
	}
	if pinned.Meta.Scope.URL != j.Meta.Scope.URL {
		return nil, usagef("--baseline: %s is a scan of %s, not of %s", h.baseline, pinned.Meta.Scope.URL, j.Meta.Scope.URL)
	}
	before, s, err := judgePast(pinned.file, pinned.Number, by)
	if err != nil {
		return nil, err
	}
	open = append(open, s)
	out.Baseline, err = track.Beside("the baseline "+h.baseline, track.Judged{Judgement: before, Inventory: s}, now, track.Compare(before, j))
	return out, err
}

// judgePast judges one earlier scan by the terms of the current one. The caller
// closes the snapshot.
func judgePast(file string, number int64, by terms) (*checks.Judgement, *snapshot.Snapshot, error) {
	s, err := snapshot.OpenRun(file, number)
	if err != nil {
		return nil, nil, snapshotError(err)
	}
	j, err := checks.EvaluateBy(s, by.matrix, by.target, by.profile, by.decisions)
	if err != nil {
		s.Close()
		return nil, nil, fmt.Errorf("judge the earlier scan %d of %s: %w", number, file, err)
	}
	return j, s, nil
}

package track

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"readiness/checks"
	"readiness/scan"
)

// Move is what has become of a group, project or user between two scans.
type Move string

// The moves.
const (
	Added       Move = "added"
	Deleted     Move = "deleted"  // or moved out of what is scanned
	Unseen      Move = "not seen" // the later scan did not cover it, or may not see it
	Renamed     Move = "renamed"  // in its place
	Transferred Move = "transferred"
	Archived    Move = "archived"
	Unarchived  Move = "unarchived"
)

// Moves lists every move, in the order in which they are told.
func Moves() []Move {
	return []Move{Added, Deleted, Unseen, Renamed, Transferred, Archived, Unarchived}
}

// Shift is one change of a subject.
type Shift struct {
	Level  scan.Level `json:"level"`
	ID     int64      `json:"id"`
	Move   Move       `json:"move"`
	Before string     `json:"before,omitempty"` // path or username; "": it was not there
	After  string     `json:"after,omitempty"`  // "": it is not there, or was not seen
}

// Shifts lists, by level, move and id, how the groups, projects and users of two
// scans differ in what identifies them and in whether projects are archived.
// What lies below a group that was renamed or transferred went with it and is
// not listed. was and is are the ledgers of the two scans: nothing is added that
// the scan before would not have listed, nor deleted that the one after would
// not.
//
// It walks both inventories side by side, in the order of ids, as a snapshot
// walks them, and fails only if a walk does.
func Shifts(before, after scan.Inventory, was, is *checks.Ledger) ([]Shift, error) {
	const archived = "project.archived-state"
	s := &shifts{was: was, is: is, places: map[string]string{}}
	note := func(a, b scan.Subject) {
		if a != nil && b != nil && a.Address() != b.Address() {
			s.places[a.Address()] = b.Address()
		}
	}
	users := func(do func(a, b scan.Subject)) error { return join(before.Users(), after.Users(), do) }
	groups := func(do func(a, b scan.Subject)) error { return join(before.Groups(), after.Groups(), do) }
	projects := func(do func(a, b scan.Subject)) error {
		return join(scan.ProjectsWith(before, archived), scan.ProjectsWith(after, archived), do)
	}
	// The places of namespaces first: they explain the paths of what lies in them.
	for _, step := range []struct {
		walk func(func(a, b scan.Subject)) error
		do   func(a, b scan.Subject)
	}{{users, note}, {groups, note}, {groups, s.compare}, {projects, s.compare}, {users, s.compare}} {
		if err := step.walk(step.do); err != nil {
			return nil, fmt.Errorf("compare two scans: %w", err)
		}
	}
	slices.SortStableFunc(s.all, func(a, b Shift) int {
		return cmp.Or(cmp.Compare(slices.Index(scan.Levels(), a.Level), slices.Index(scan.Levels(), b.Level)),
			cmp.Compare(slices.Index(Moves(), a.Move), slices.Index(Moves(), b.Move)), cmp.Compare(a.ID, b.ID))
	})
	return s.all, nil
}

// shifts collects what has changed.
type shifts struct {
	was, is *checks.Ledger
	places  map[string]string // paths of namespaces before, and after, that differ
	all     []Shift
}

func (s *shifts) add(of scan.Subject, move Move, before, after string) {
	s.all = append(s.all, Shift{of.Level(), of.Key(), move, before, after})
}

// compare notes what has become of one subject, of which a or b is nil where it
// is missing.
func (s *shifts) compare(a, b scan.Subject) {
	switch {
	case a == nil:
		if s.was.Covers(b.Level(), b.Key(), b.Address()) {
			s.add(b, Added, "", b.Address())
		}
		return
	case b == nil:
		if s.is.Covers(a.Level(), a.Key(), a.Address()) {
			s.add(a, Deleted, a.Address(), "")
		} else {
			s.add(a, Unseen, a.Address(), "")
		}
		return
	}
	was, is := a.Address(), b.Address()
	parent := up(was)
	if to, moved := s.places[parent]; moved {
		parent = to
	}
	switch {
	case up(is) != parent:
		s.add(b, Transferred, was, is)
	case was[len(up(was)):] != is[len(up(is)):]:
		s.add(b, Renamed, was, is)
	}
	p, isProject := a.(*scan.Project)
	if !isProject {
		return
	}
	x, xKnown := p.Archived.Get()
	y, yKnown := b.(*scan.Project).Archived.Get()
	switch {
	case !xKnown || !yKnown || x == y:
	case y:
		s.add(b, Archived, was, is)
	default:
		s.add(b, Unarchived, was, is)
	}
}

// up is the path of the namespace that holds what lies at path, "" for none.
func up(path string) string { return path[:max(strings.LastIndexByte(path, '/'), 0)] }

// join walks two sequences of subjects, each in the order of ids, and calls do
// with each subject of either as it is in both; nil: it is not in that one.
func join[S scan.Subject](before, after iter.Seq2[S, error], do func(a, b scan.Subject)) error {
	next, stop := iter.Pull2(before)
	defer stop()
	take, end := iter.Pull2(after)
	defer end()
	a, errA, moreA := next()
	b, errB, moreB := take()
	for moreA || moreB {
		if errA != nil || errB != nil {
			return errors.Join(errA, errB)
		}
		switch {
		case !moreB || moreA && a.Key() < b.Key():
			do(a, nil)
			a, errA, moreA = next()
		case !moreA || b.Key() < a.Key():
			do(nil, b)
			b, errB, moreB = take()
		default:
			do(a, b)
			a, errA, moreA = next()
			b, errB, moreB = take()
		}
	}
	return nil
}

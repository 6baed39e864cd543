package checks

import (
	"slices"
	"strconv"
	"strings"

	"readiness/scan"
)

// Ledger remembers of one judgement what findings alone do not tell: which
// subjects passed by, which of the projects are archived, and which checks could
// not be decided for whom. It keeps a few bytes for each subject and a bit for
// each check that is undecided, and outlives its judgement.
type Ledger struct {
	Scope     scan.Scope
	cut       map[scan.Level]scan.Gap
	met       map[scan.Level]map[int64]int // id → place in the walk
	archived  map[int64]bool
	undecided map[ledgerKey]bits
}

type ledgerKey struct {
	check string
	level scan.Level
}

// bits is a set of places.
type bits []uint64

func (b *bits) set(i int) {
	for len(*b) <= i/64 {
		*b = append(*b, 0)
	}
	(*b)[i/64] |= 1 << (i % 64)
}

func (b bits) has(i int) bool { return i/64 < len(b) && b[i/64]&(1<<(i%64)) != 0 }

func newLedger(scope scan.Scope, cut map[scan.Level]scan.Gap) *Ledger {
	return &Ledger{Scope: scope, cut: cut, met: map[scan.Level]map[int64]int{}, archived: map[int64]bool{}, undecided: map[ledgerKey]bits{}}
}

// meet notes that a subject passes by.
func (l *Ledger) meet(s scan.Subject) {
	level := l.met[s.Level()]
	if level == nil {
		level = map[int64]int{}
		l.met[s.Level()] = level
	}
	level[s.Key()] = len(level)
	if p, is := s.(*scan.Project); is {
		if archived, known := p.Archived.Get(); known && archived {
			l.archived[p.ID] = true
		}
	}
}

// miss notes that a check could not be decided for a subject that was met.
func (l *Ledger) miss(check string, level scan.Level, id int64) {
	key := ledgerKey{check, level}
	b := l.undecided[key]
	b.set(l.met[level][id])
	l.undecided[key] = b
}

// Standing is how a check that made no finding about a subject stands with it.
type Standing int

// The standings.
const (
	Clear     Standing = iota // the check was decided, and found nothing
	Undecided                 // a fact it needs could not be read
	Absent                    // the subject is not there any more, or not yet
	Uncovered                 // whether the subject is there is not known: its list was cut, or GitLab may hide it
	Outside                   // the scan was not asked about it
)

// Standing tells why there is no finding of a check about a subject, which lay at
// path when it was last seen. Nothing is clear that was not looked at: a subject
// that a scan did not cover is not absent, and one that could not be judged is
// not in order. A nil Ledger covers nothing.
func (l *Ledger) Standing(check string, level scan.Level, id int64, path string) Standing {
	if l == nil {
		return Uncovered
	}
	place, met := l.met[level][id]
	_, cut := l.cut[level]
	switch {
	case met && l.undecided[ledgerKey{check, level}].has(place):
		return Undecided
	case met:
		return Clear
	case !covers(l.Scope, level, id, path):
		return Outside
	case cut:
		return Uncovered
	}
	return Absent
}

// Covers reports whether the scan listed the subject, or would have if it had
// been there, at path.
func (l *Ledger) Covers(level scan.Level, id int64, path string) bool {
	s := l.Standing("", level, id, path)
	return s == Clear || s == Absent
}

// Archived reports whether a project is known to be archived.
func (l *Ledger) Archived(project int64) bool { return l != nil && l.archived[project] }

// covers reports whether a scan of this scope lists the subject if it is there.
func covers(s scan.Scope, level scan.Level, id int64, path string) bool {
	switch {
	case len(s.Groups)+len(s.Projects) == 0:
		return true
	case level == scan.LevelUser:
		return false // what a part of an instance lists of its users depends on the part
	case len(s.Projects) > 0:
		return level == scan.LevelProject && (slices.Contains(s.Projects, path) || slices.Contains(s.Projects, strconv.FormatInt(id, 10)))
	}
	return slices.ContainsFunc(s.Groups, func(g string) bool { return path == g || strings.HasPrefix(path, g+"/") })
}

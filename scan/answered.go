package scan

import (
	"fmt"
	"reflect"
)

const cureFailed = "scan again into a new file; if it fails again, look at the source's log"

// readOf is where a level's listing is read.
func readOf(l Level) string {
	switch l {
	case LevelGroup:
		return ReadGroups
	case LevelUser:
		return ReadUsers
	}
	return ReadProjects
}

// fillFailed gives every fact of the part that has no answer the Gap that its
// request failed.
func fillFailed(s Subject, part Part) {
	for id, r := range Facts(s) {
		if IsUnset(r) && part.sets(id) {
			e, _ := Lookup(id)
			r.setGap(&Gap{Reason: ReasonFailed, Endpoint: e.Read, Cure: cureFailed})
		}
	}
}

// answered returns a copy of s with just what a part's answer adds to before,
// within the scope: the part's own facts, and those of other parts that the
// answer set or changed. A nil before is a subject of which nothing was known.
func answered(s, before Subject, part Part, scope Scope) Subject {
	mend(s)
	out := clone(s)
	var known []Read
	if before != nil {
		for _, r := range Facts(before) {
			known = append(known, r)
		}
	}
	i := 0
	for id, r := range Facts(out) {
		_, left := scope.NotAsked(id)
		switch {
		case left:
			r.setGap(&Gap{Reason: ReasonUnset})
		case part.sets(id):
		case s.Level() == LevelInstance:
			r.setGap(&Gap{Reason: ReasonUnset}) // one answer, committed part by part
		case known != nil && reflect.DeepEqual(known[i], r):
			r.setGap(&Gap{Reason: ReasonUnset})
		}
		i++
	}
	return out
}

// mend adds to Gaps where the answer came from, and puts one in the place of every
// number below zero: no count, size or limit is, and in a sum it would hide what
// others have. GitLab itself tells negative sizes where its statistics have
// drifted, source:
// https://gitlab.com/gitlab-org/gitlab/-/issues/368326
func mend(s Subject) {
	for id, r := range Facts(s) {
		if g, _ := r.Gap(); g.Reason == ReasonFailed && g.Endpoint == "" {
			e, _ := Lookup(id)
			g.Endpoint = e.Read
			r.setGap(&g)
		}
		if f, is := r.(*Fact[int64]); is && f.known && f.value < 0 {
			e, _ := Lookup(id)
			r.setGap(&Gap{Reason: ReasonFailed, Endpoint: e.Read, Cure: fmt.Sprintf(
				"the source tells %d, which nothing can be: have its administrator refresh the statistics, and scan again", f.value)})
		}
	}
}

// clone copies a subject; the items of its lists are shared.
func clone(s Subject) Subject {
	v := reflect.ValueOf(s)
	c := reflect.New(v.Type().Elem())
	c.Elem().Set(v.Elem())
	return c.Interface().(Subject)
}

package checks

import (
	"cmp"
	"slices"

	"readiness/scan"
)

// maxExamples is how many addresses stand for all subjects with the same gap.
const maxExamples = 10

// gapTally is how often something could not be read for one reason at one endpoint.
type gapTally struct {
	gap      scan.Gap // the first one met; its status and cure stand for the others
	count    int64
	examples []string
}

// gapTallies counts gaps by reason and endpoint in the order in which they are
// met. There are few of them, so a slice serves best.
type gapTallies struct {
	list []gapTally
	last int
}

// of returns the tally for a gap's reason and endpoint.
func (t *gapTallies) of(g scan.Gap) *gapTally {
	same := func(i int) bool { return t.list[i].gap.Reason == g.Reason && t.list[i].gap.Endpoint == g.Endpoint }
	if t.last < len(t.list) && same(t.last) {
		return &t.list[t.last]
	}
	for i := range t.list {
		if same(i) {
			t.last = i
			return &t.list[i]
		}
	}
	t.list = append(t.list, gapTally{gap: g})
	t.last = len(t.list) - 1
	return &t.list[t.last]
}

// add counts one subject.
func (t *gapTallies) add(g scan.Gap, address string) {
	tally := t.of(g)
	tally.count++
	if len(tally.examples) < maxExamples {
		tally.examples = append(tally.examples, address)
	}
}

// commonest returns the gap met most often, the gravest of those met equally
// often, or nil if there was none.
func (t *gapTallies) commonest() *scan.Gap {
	if len(t.list) == 0 {
		return nil
	}
	worst := slices.MinFunc(t.list, func(a, b gapTally) int {
		return cmp.Or(cmp.Compare(b.count, a.count), cmp.Compare(gravity(a.gap.Reason), gravity(b.gap.Reason)),
			cmp.Compare(a.gap.Endpoint, b.gap.Endpoint))
	})
	return &worst.gap
}

// gravity ranks a reason in the order that reports use.
func gravity(r scan.Reason) int { return slices.Index(scan.Reasons(), r) }

// cuts says why the listing of each level may lack subjects, for those that may:
// it was not read to its end, or GitLab may hide projects and groups from the
// caller without a word.
func cuts(meta scan.Meta, i *scan.Instance) map[scan.Level]scan.Gap {
	cut := map[scan.Level]scan.Gap{}
	if g, hidden := i.WholeScope.Gap(); hidden {
		cut[scan.LevelGroup], cut[scan.LevelProject] = g, g
	}
	for _, list := range cutLists(meta) {
		cut[list.Level] = list.Gap
	}
	return cut
}

// cutLists lists the listings that were not read to their end, or lack entries.
func cutLists(meta scan.Meta) []CutList {
	lists := []CutList{}
	for _, level := range []scan.Level{scan.LevelGroup, scan.LevelProject, scan.LevelUser} {
		i := slices.IndexFunc(meta.Walks, func(w scan.Walk) bool { return w.Level == level })
		switch {
		case i < 0 && meta.Finished.IsZero():
			lists = append(lists, CutList{Level: level, Gap: scan.Gap{Reason: scan.ReasonInterrupted}})
		case i < 0:
			lists = append(lists, CutList{Level: level, Gap: scan.Gap{Reason: scan.ReasonUnset}})
		case meta.Walks[i].Gap != nil:
			lists = append(lists, CutList{level, meta.Walks[i].Listed, *meta.Walks[i].Gap})
		case !meta.Walks[i].Done:
			lists = append(lists, CutList{level, meta.Walks[i].Listed, scan.Gap{Reason: scan.ReasonInterrupted}})
		}
	}
	return lists
}

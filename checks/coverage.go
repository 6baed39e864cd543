package checks

import (
	"cmp"
	"slices"

	"readiness/scan"
)

// coverage says how much of what was asked for could be read. A fact nobody was
// told to ask for is counted apart: it is missing, but by choice. So is a fact of
// a feature that is switched off: no right would show more.
func coverage(t *tables, meta scan.Meta, cut map[scan.Level]scan.Gap, items []ItemUse) Coverage {
	c := Coverage{Walks: meta.Walks, Lists: cutLists(meta), Gaps: []GapCount{}, Asked: []GapCount{}, Off: []GapCount{}, NoReader: []string{}}
	for _, l := range t.all() {
		for i := range l.columns {
			col := &l.columns[i]
			c.Facts += col.read
			c.Read += col.read
			for _, g := range col.gaps.list {
				count := GapCount{Fact: col.entry.ID, Title: col.entry.Title, Level: l.level,
					Gap: g.gap, Count: g.count, Examples: g.examples}
				switch g.gap.Reason {
				case scan.ReasonNotAsked:
					c.NotAsked += g.count
					c.Asked = append(c.Asked, count)
				case scan.ReasonFeatureOff:
					c.SwitchedOff += g.count
					c.Off = append(c.Off, count)
				default:
					c.Facts += g.count
					c.Gaps = append(c.Gaps, count)
				}
			}
		}
	}
	c.Lists = slices.DeleteFunc(c.Lists, func(l CutList) bool { return l.Gap.Reason == scan.ReasonNotAsked })
	// The facts were collected in the catalogue's order, which ties keep.
	slices.SortStableFunc(c.Gaps, func(a, b GapCount) int {
		return cmp.Or(cmp.Compare(gravity(a.Gap.Reason), gravity(b.Gap.Reason)), cmp.Compare(b.Count, a.Count))
	})
	for _, item := range items {
		if item.Use == NoReader {
			c.NoReader = append(c.NoReader, item.Item.ID)
		}
	}
	c.Complete = len(c.Gaps) == 0 && !meta.Finished.IsZero()
	for _, g := range cut {
		c.Complete = c.Complete && g.Reason == scan.ReasonNotAsked
	}
	return c
}

// Percent is the share of the facts asked for that could be read, rounded down to
// a tenth, so that 100 is said only of all; 0 if nothing was asked.
func (c Coverage) Percent() float64 {
	if c.Facts == 0 {
		return 0
	}
	return float64(c.Read*1000/c.Facts) / 10
}

package checks

import (
	"fmt"

	"readiness/checks/matrix"
	"readiness/scan"
)

// column is what became of one fact over all subjects of its level.
type column struct {
	entry    scan.Entry
	amount   scan.Total // a fact that is no number counts 1 where it is positive
	subjects scan.Total // 1 for each subject where the fact is positive
	gaps     gapTallies
	read     int64
	// parts are the same fact as far as it tells of items by kind.
	parts []part
}

// part is what became of those things in a fact's lists that are an item's.
type part struct {
	item string // its id
	use  matrix.ItemUse
	column
}

// table is what became of all facts of one level.
type table struct {
	level    scan.Level
	subjects scan.Total // 1 each
	columns  []column   // in declaration order of the facts
	index    map[scan.FactID]int
	cut      *scan.Gap // why the listing was not read to its end
}

// newTable makes the table of a level; zero is any subject of that level. Of
// facts that tell items by kind it also keeps what each of these items has.
func newTable(zero scan.Subject, cut map[scan.Level]scan.Gap, items []matrix.Item) (*table, error) {
	t := &table{level: zero.Level(), index: map[scan.FactID]int{}}
	for id := range scan.Facts(zero) {
		entry, known := scan.Lookup(id)
		if !known {
			return nil, fmt.Errorf("fact %s of a %s is not in the catalogue of facts", id, t.level)
		}
		t.index[id] = len(t.columns)
		t.columns = append(t.columns, column{entry: entry})
	}
	for _, item := range items {
		if i, ok := t.index[item.Use.Fact]; ok && item.Use.ByKind() {
			c := &t.columns[i]
			c.parts = append(c.parts, part{item.ID, item.Use, column{entry: c.entry}})
		}
	}
	if g, isCut := cut[t.level]; isCut {
		t.cut = &g
	}
	return t, nil
}

// observe counts one subject's facts.
func (t *table) observe(s scan.Subject) {
	t.subjects.AddKnown(1)
	i := 0
	for _, r := range scan.Facts(s) {
		t.columns[i].observe(s, r)
		i++
	}
}

func (c *column) observe(s scan.Subject, r scan.Read) {
	n, known := c.measure(r)
	c.count(s, r, n, known)
	for i := range c.parts {
		p := &c.parts[i]
		n, known := p.use.Amount(r)
		p.count(s, r, n, known)
	}
}

// count counts one subject's amount.
func (c *column) count(s scan.Subject, r scan.Read, n int64, known bool) {
	switch {
	case known:
		c.read++
		c.amount.AddKnown(n)
		c.subjects.AddKnown(min(n, 1))
		return
	case n > 0: // a list that was cut: it is in use, and how much is a lower bound
		c.amount.AddPartial(n)
		c.subjects.AddKnown(1)
	default:
		c.amount.AddUnread(1)
		c.subjects.AddUnread(1)
	}
	g, _ := r.Gap()
	c.gaps.add(g, s.Address())
}

// measure is a fact's amount, 0 or 1 if the fact is no number to add up.
func (c *column) measure(r scan.Read) (int64, bool) {
	n, known := r.Amount()
	switch c.entry.Unit {
	case scan.Flag, scan.Text, scan.Date:
		n = min(n, 1)
	}
	return n, known
}

// close accounts for the subjects of a listing that was not read to its end. How
// many there are is unknown; unseen is the least that is known of it.
func (t *table) close(unseen int64) {
	if t.cut == nil {
		return
	}
	t.subjects.AddUnread(unseen)
	for i := range t.columns {
		c := &t.columns[i]
		c.addUnread(unseen)
		for k := range c.parts {
			c.parts[k].addUnread(unseen)
		}
	}
}

func (c *column) addUnread(n int64) {
	c.amount.AddUnread(n)
	c.subjects.AddUnread(n)
}

// gap is the commonest reason why something of the column is unread.
func (t *table) gap(c *column) *scan.Gap {
	if g := c.gaps.commonest(); g != nil {
		return g
	}
	return t.cut
}

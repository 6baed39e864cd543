package matrix

import (
	"slices"

	"readiness/scan"
)

// Combination is a way of migrating made of two methods: its base, with the
// statuses of another for what that adds.
type Combination struct {
	ID       string
	Title    string
	Base     Method
	AddsFrom Method   // whose statuses hold for what is added
	Adds     []string // ids of items
	Drops    []string // ids of items that it leaves behind
	Note     string
	Source   string // https link
}

// Combination returns the combination with this id, and whether there is one.
func (m *Matrix) Combination(id string) (Combination, bool) {
	i := slices.IndexFunc(m.Combinations, func(c Combination) bool { return c.ID == id })
	if i < 0 {
		return Combination{}, false
	}
	return m.Combinations[i], true
}

// Combine says what a combination does with an item between two versions: what
// it drops is not carried, what it adds is as AddsFrom has it, all else is as
// its base has it.
func (m *Matrix) Combine(c Combination, item *Item, source, destination scan.Version) Answer {
	if slices.Contains(c.Adds, item.ID) {
		return m.Answer(item, c.AddsFrom, source, destination)
	}
	base := m.Answer(item, c.Base, source, destination)
	if base.Status == NotApplicable || !slices.Contains(c.Drops, item.ID) {
		return base
	}
	return Answer{Status: NotCarried, Note: because("Left behind by "+c.Title, c.Note), Source: c.Source, ReadOn: base.ReadOn}
}

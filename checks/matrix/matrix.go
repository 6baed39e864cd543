package matrix

import (
	"slices"

	"readiness/scan"
)

// Status is what a method does with an item.
type Status string

// The statuses of an item under a method, for one source and destination.
const (
	Carried       Status = "carried"
	Partial       Status = "partial"
	NotCarried    Status = "not-carried"
	Unverified    Status = "unverified"     // nobody has confirmed it: never taken for carried
	NotApplicable Status = "not-applicable" // the source's version does not have the feature
)

// Side says whose version a rule depends on.
type Side string

// The sides of a migration. Of Both, the lower version counts for since and the
// higher for until.
const (
	SourceSide      Side = "source"
	DestinationSide Side = "destination"
	Both            Side = "both"
)

// Rule is what is known about one item under one method. Read it with
// Matrix.Answer: its Status alone says nothing about a pair of versions.
type Rule struct {
	Status     Status       // carried, partial, not-carried or unverified
	Since      scan.Version // zero: holds wherever the method works
	Until      scan.Version // the last version for which it holds; zero: still holds
	SinceSide  Side         // whose version Since and Until are; empty without either
	SinceExact bool         // false: seen in Since, may have existed earlier
	Requires   string       // extra condition; the status is what happens without it
	Note       string
	Source     string // https link
	ReadOn     string // the day its source was read, YYYY-MM-DD
	// Rides is the method that the item travels with, if this one drives another
	// and does not copy the item itself: that one's Since counts here too.
	Rides Method
}

// Item is a thing that a GitLab instance may hold and a migration may lose.
type Item struct {
	ID           string
	Level        scan.Level
	Title        string
	Tier         string       // free, premium or ultimate: the lowest that has it
	Impact       Impact       // of losing it unnoticed
	FeatureSince scan.Version // zero: older than the matrix looks back
	Use          ItemUse
	Rules        map[Method]Rule
	Remedy       string
	Conflict     string // who says what, where sources disagree
}

// Impact grades what it means for a customer to lose an item unnoticed. The
// grades are this project's own assessment; the header of data/methods.yaml says
// how they were found.
type Impact string

// The impacts.
const (
	HighImpact   Impact = "high"   // stops people or pipelines, or loses content or protection that nothing brings back
	MediumImpact Impact = "medium" // noticed, and can be repaired
	LowImpact    Impact = "low"    // history, looks and personal conveniences
)

// Impacts lists every impact, gravest first.
func Impacts() []Impact { return []Impact{HighImpact, MediumImpact, LowImpact} }

// ItemUse is how to tell whether an item is in use: exactly one of Fact, Within,
// Always and Question is set, but for a Fact that nothing reads, which may have a
// Question: then people are asked.
type ItemUse struct {
	Fact     scan.FactID // in use where positive; its amount is the item's
	Within   scan.FactID // can only be in use where positive; the amount is not the item's
	Always   bool        // part of every subject of the item's level
	Question string      // no API tells: what to ask a person, and who usually knows
	// Of a Fact that lists things of several kinds, at most one of: the only kinds
	// that are the item's, and those that are not.
	Kinds, ExceptKinds []string
}

// ByKind reports whether only some kinds of what the fact lists are the item's.
func (u ItemUse) ByKind() bool { return len(u.Kinds)+len(u.ExceptKinds) > 0 }

// Counts reports whether things of a kind are the item's.
func (u ItemUse) Counts(kind string) bool {
	return (len(u.Kinds) == 0 || slices.Contains(u.Kinds, kind)) && !slices.Contains(u.ExceptKinds, kind)
}

// Amount is how much of the item a subject holds, by its fact that tells.
func (u ItemUse) Amount(r scan.Read) (n int64, known bool) {
	if u.ByKind() {
		return scan.AmountOf(r, u.Counts)
	}
	return r.Amount()
}

// Origin is a body of documents or code that statuses were read from.
type Origin struct {
	ID      string
	What    string
	Where   string // repository and commit that were read
	Version string // of GitLab that it describes
	ReadOn  string // YYYY-MM-DD
	Link    string // what "<ID>:" in a source stands for: an https link up to the path
}

// Matrix is the whole of what is known, on the day it was read. It is not
// changed once it is loaded.
type Matrix struct {
	ReadOn string // YYYY-MM-DD
	Items  []Item // in the data's order
	// Newest is the newest GitLab version that the statuses were checked against;
	// zero: no bound is known.
	Newest       scan.Version
	Details      []Detail // one for each method, in report order
	Combinations []Combination
	Origins      []Origin
}

// Item returns the item with this id, or nil if there is none.
func (m *Matrix) Item(id string) *Item {
	i := slices.IndexFunc(m.Items, func(it Item) bool { return it.ID == id })
	if i < 0 {
		return nil
	}
	return &m.Items[i]
}

package matrix

import "readiness/scan"

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

// Rule is what is known about one item under one method.
type Rule struct {
	Status     Status
	Since      scan.Version // zero: holds wherever the method works
	Until      scan.Version // zero: still holds
	SinceSide  string       // source, destination or both: whose version counts
	SinceExact bool
	Requires   string // extra condition; the status is what happens without it
	Note       string
	Source     string // https link
}

// Item is a thing that a GitLab instance may hold and a migration may lose.
type Item struct {
	ID           string
	Level        scan.Level
	Title        string
	Tier         string
	FeatureSince scan.Version // zero: older than the matrix looks back
	Use          ItemUse
	Rules        map[Method]Rule
	Remedy       string
	Conflict     string // who says what, where sources disagree
}

// ItemUse is how to tell whether an item is in use: exactly one of Fact, Within,
// Always and Question is set.
type ItemUse struct {
	Fact     scan.FactID // in use where positive; its amount is the item's
	Within   scan.FactID // can only be in use where positive; the amount is not the item's
	Always   bool        // part of every subject of the item's level
	Question string      // no API tells: what to ask a person
}

// Answer is a rule read for one source version and one destination version.
type Answer struct {
	Status Status
	Note   string // why, in words
	Source string
}

// Matrix is the whole of what is known, on the day it was read.
type Matrix struct {
	ReadOn string // YYYY-MM-DD
	Items  []Item // in the data's order
	// Newest is the newest GitLab version that the statuses were checked against.
	Newest scan.Version
}

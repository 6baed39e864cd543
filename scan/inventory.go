package scan

import (
	"iter"
	"time"
)

// Inventory is a scan as it was stored, finished or not. In an unfinished one
// every fact that was not reached is the gap ReasonInterrupted. The subjects
// come in the order of their ids, one at a time; an error ends a walk.
type Inventory interface {
	Meta() Meta
	Instance() (*Instance, error)
	Groups() iter.Seq2[*Group, error]
	Projects() iter.Seq2[*Project, error]
	Users() iter.Seq2[*User, error]
}

// Selective is an Inventory that reads a few facts of each project for less than
// all of them.
type Selective interface {
	// ProjectsWith walks the projects as Projects does. What identifies them and
	// these facts are read; every other fact is unset.
	ProjectsWith(facts ...FactID) iter.Seq2[*Project, error]
}

// ProjectsWith walks the projects of inv for whoever looks at nothing of them but
// these facts and what identifies them. Any other fact may be unset: whoever looks
// at it all the same finds a gap, never a zero.
func ProjectsWith(inv Inventory, facts ...FactID) iter.Seq2[*Project, error] {
	if s, ok := inv.(Selective); ok {
		return s.ProjectsWith(facts...)
	}
	return inv.Projects()
}

// Meta is what a snapshot says of the scan itself.
type Meta struct {
	Scope    Scope
	Started  time.Time
	Finished time.Time // zero: unfinished
	Tool     string    // version of the program that scanned
	Hash     string    // SHA-256 over the sorted logical rows, hex
	Requests Requests
	Walks    []Walk // how each listing ended
	Notes    []Note // sorted
}

// Requests is what a scan cost the source. It differs between equal scans.
type Requests struct {
	REST    int64         `json:"rest"`
	GraphQL int64         `json:"graphql"`
	Retries int64         `json:"retries"`
	Waited  time.Duration `json:"waited_ns"` // spent waiting for rate limits
	Took    time.Duration `json:"took_ns"`
}

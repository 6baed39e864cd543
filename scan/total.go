package scan

import (
	"encoding/json"
	"math"
)

// Total is a sum that remembers what it could not see. It never prints 0 for
// something nobody has read.
type Total struct {
	sum    int64
	read   int64
	unread int64
}

// Add counts one subject: its amount if r is known, else one more unread.
func (t *Total) Add(r Read) {
	if n, ok := r.Amount(); ok {
		t.AddKnown(n)
		return
	}
	t.unread++
}

// AddKnown counts one subject whose amount is n.
func (t *Total) AddKnown(n int64) { t.sum = Plus(t.sum, n); t.read++ }

// AddPartial counts one subject of whose amount only a part, at least n, could
// be read: it adds n and stays unread.
func (t *Total) AddPartial(n int64) { t.sum = Plus(t.sum, n); t.unread++ }

// AddUnread counts n subjects whose amount could not be read.
func (t *Total) AddUnread(n int64) { t.unread += n }

// Sum returns the sum over the subjects that were read, and whether it is the
// whole truth: something was read and nothing is unread, or there is no subject
// at all. A sum that no int64 holds is a lower bound.
func (t Total) Sum() (n int64, complete bool) {
	return t.sum, t.unread == 0 && t.sum < math.MaxInt64
}

// Plus adds two amounts, neither below zero. What no int64 holds is the largest
// that one does: a sum that wrapped around would be smaller than its parts.
func Plus(a, b int64) int64 {
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}

// Read and Unread count the subjects with and without a known amount.
func (t Total) Read() int64   { return t.read }
func (t Total) Unread() int64 { return t.unread }

// Unknown reports whether subjects exist and nothing of them could be read.
func (t Total) Unknown() bool { return t.read == 0 && t.unread > 0 && t.sum == 0 }

// MarshalJSON writes {"value": n or null, "read": r, "unread": u}; the value is
// a lower bound where unread is positive, and null where nothing was read.
func (t Total) MarshalJSON() ([]byte, error) {
	w := struct {
		Value  *int64 `json:"value"`
		Read   int64  `json:"read"`
		Unread int64  `json:"unread"`
	}{Read: t.read, Unread: t.unread}
	if !t.Unknown() {
		w.Value = &t.sum
	}
	return json.Marshal(w)
}

package snapshot

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"hash"
	"slices"

	"readiness/scan"
)

// digest adds up the hash of a run. Every piece is written with its length, so
// that no two contents read the same.
type digest struct {
	h     hash.Hash
	c     *codec
	order map[scan.Level][]int // the facts of a level in the order of their ids
}

func newDigest(c *codec) *digest {
	d := &digest{h: sha256.New(), c: c, order: make(map[scan.Level][]int)}
	for level, ids := range c.known {
		order := make([]int, len(ids))
		for i := range order {
			order[i] = i
		}
		slices.SortFunc(order, func(a, b int) int {
			if ids[a] < ids[b] {
				return -1
			}
			return 1
		})
		d.order[level] = order
	}
	return d
}

func (d *digest) piece(b []byte) {
	var n [8]byte
	for i, l := 0, len(b); i < 8; i++ {
		n[i] = byte(l >> (8 * i))
	}
	d.h.Write(n[:])
	d.h.Write(b)
}

// subject adds one subject. Subjects must come in the order of level and id.
func (d *digest) subject(level scan.Level, identity []byte, t told) error {
	d.piece([]byte(level))
	d.piece(identity)
	for _, i := range d.order[level] {
		raw := t[i]
		if raw == nil {
			continue
		}
		d.piece([]byte(d.c.known[level][i]))
		if raw[0] != '{' {
			d.piece(raw)
			continue
		}
		gap, value, err := d.c.gapOf(raw)
		if err != nil {
			return err
		}
		if err := d.gap(*gap); err != nil {
			return err
		}
		d.piece(value)
	}
	return nil
}

func (d *digest) gap(gap scan.Gap) error {
	b, err := json.Marshal(gap)
	if err != nil {
		return err
	}
	d.piece([]byte("gap"))
	d.piece(b)
	return nil
}

// walk adds how a listing ended.
func (d *digest) walk(w scan.Walk) error {
	d.piece([]byte("walk"))
	d.piece([]byte(w.Level))
	if w.Gap != nil {
		return d.gap(*w.Gap)
	}
	return nil
}

// note adds something that holds of the run as a whole.
func (d *digest) note(n scan.Note) {
	d.piece([]byte("note"))
	d.piece([]byte(n))
}

func (d *digest) sum() string { return hex.EncodeToString(d.h.Sum(nil)) }

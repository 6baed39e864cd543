package gitlabsim

import (
	"math"
	"math/bits"
	"slices"
)

// kind keeps the draws of different sorts of entity apart.
type kind uint64

const (
	ofInstance kind = iota + 1
	ofGroup
	ofProject
	ofUser
	ofBlock
)

// draw is one random number, settled by the world's seed, an entity and what it
// is drawn for. Drawing for one purpose never disturbs another, so a world
// keeps its face when new properties are added.
type draw uint64

// draw returns the number for what of the i-th entity of kind k.
func (w *World) draw(k kind, i int, what string) draw {
	h := uint64(14695981039346656037) // FNV-1a
	for j := range len(what) {
		h = (h ^ uint64(what[j])) * 1099511628211
	}
	return draw(mix(mix(w.cfg.Seed^uint64(k)<<56) ^ mix(uint64(i)+h) ^ h))
}

// mix is the finaliser of SplitMix64.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// again is the n-th further number for the same purpose.
func (d draw) again(n int) draw { return draw(mix(uint64(d) + uint64(n)*0x9e3779b97f4a7c15 + 1)) }

// unit is uniform in [0, 1).
func (d draw) unit() float64 { return float64(d>>11) / (1 << 53) }

// chance is true in that many of a hundred cases.
func (d draw) chance(percent float64) bool { return d.unit()*100 < percent }

// below is uniform in [0, n); 0 where n is not positive.
func (d draw) below(n int) int {
	if n <= 0 {
		return 0
	}
	hi, _ := bits.Mul64(uint64(d), uint64(n))
	return int(hi)
}

// between is uniform in [lo, hi].
func (d draw) between(lo, hi int) int { return lo + d.below(hi-lo+1) }

// few counts things of which most have none: with the given chance one or more,
// each further one half as likely, at most limit.
func (d draw) few(percent float64, limit int) int {
	if !d.chance(percent) {
		return 0
	}
	n := 1
	for n < limit && d.again(n)&1 == 1 {
		n++
	}
	return n
}

// logNormal is distributed log-normally around the median.
func (d draw) logNormal(median, sigma float64) float64 {
	u, v := d.unit(), d.again(1).unit()
	return median * math.Exp(sigma*math.Sqrt(-2*math.Log(1-u))*math.Cos(2*math.Pi*v))
}

// count is a log-normal count around the median.
func (d draw) count(median, sigma float64) int64 {
	return int64(math.Round(d.logNormal(median, sigma)))
}

// hex is n hexadecimal digits.
func (d draw) hex(n int) string {
	const digits = "0123456789abcdef"
	b := make([]byte, n)
	for i := range b {
		if i%16 == 0 {
			d = d.again(i)
		}
		b[i] = digits[d>>(4*(i%16))&15]
	}
	return string(b)
}

func pick[T any](d draw, from []T) T { return from[d.below(len(from))] }

// weighted picks an index with the given weights.
func (d draw) weighted(weights ...int) int {
	sum := 0
	for _, w := range weights {
		sum += w
	}
	n := d.below(sum)
	for i, w := range weights {
		if n -= w; n < 0 {
			return i
		}
	}
	return len(weights) - 1
}

// permutation shuffles [0, n) without a table: a Feistel network over the next
// power of four, walked until it lands inside.
type permutation struct {
	n    int
	half uint
	keys [4]uint64
}

func newPermutation(n int, key draw) permutation {
	p := permutation{n: n, half: 1}
	for n > 1<<(2*p.half) {
		p.half++
	}
	for i := range p.keys {
		p.keys[i] = uint64(key.again(i))
	}
	return p
}

func (p permutation) round(i int, x uint64) uint64 {
	return mix(x^p.keys[i]) & (1<<p.half - 1)
}

// to maps an index to its place, from a place back to the index.
func (p permutation) to(i int) int {
	for {
		l, r := uint64(i)>>p.half, uint64(i)&(1<<p.half-1)
		for k := range p.keys {
			l, r = r, l^p.round(k, r)
		}
		if i = int(l<<p.half | r); i < p.n {
			return i
		}
	}
}

func (p permutation) from(i int) int {
	for {
		l, r := uint64(i)>>p.half, uint64(i)&(1<<p.half-1)
		for k := len(p.keys) - 1; k >= 0; k-- {
			l, r = r^p.round(k, l), l
		}
		if i = int(l<<p.half | r); i < p.n {
			return i
		}
	}
}

// scatter deals numbered items out to owners so that both directions and the
// total are known without a walk: every run of block owners gets per items.
type scatter struct {
	w          *World
	what       string
	owners     int
	block, per int
	eligible   func(owner int) bool // nil: every owner
}

// total is how many items there are.
func (s scatter) total() int { return (s.owners + s.block - 1) / s.block * s.per }

// owner is who has the item.
func (s scatter) owner(item int) int {
	base := item / s.per * s.block
	n := min(s.block, s.owners-base)
	d := s.w.draw(ofBlock, item, s.what)
	if s.eligible == nil {
		return base + d.below(n)
	}
	start := d.below(n)
	for k := range n {
		if o := base + (start+k)%n; s.eligible(o) {
			return o
		}
	}
	return base + start
}

// of lists an owner's items in ascending order.
func (s scatter) of(owner int) []int {
	var items []int
	first := owner / s.block * s.per
	for i := first; i < first+s.per; i++ {
		if s.owner(i) == owner {
			items = append(items, i)
		}
	}
	return items
}

// sortBy sorts numbers ascending or descending.
func sortBy(numbers []int, desc bool) {
	slices.Sort(numbers)
	if desc {
		slices.Reverse(numbers)
	}
}

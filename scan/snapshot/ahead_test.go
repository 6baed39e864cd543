package snapshot

import (
	"errors"
	"testing"
)

// What is read ahead comes in its order, with its error at its end, and nothing is
// read any more once the walk has ended.
func TestAhead(t *testing.T) {
	broken := errors.New("broken")
	for _, n := range []int{0, 1, 2, 3, furthest, 5*furthest + 1} {
		for _, stop := range []int{-1, 0, 1, n / 2, n} {
			reading := false
			seq := func(yield func(int, error) bool) {
				reading = true
				defer func() { reading = false }()
				for i := range n {
					if !yield(i, nil) {
						return
					}
				}
				yield(n, broken)
			}
			next := 0
			for i, err := range ahead(seq) {
				if i != next || (err == broken) != (i == n) {
					t.Errorf("%d subjects: %d, %v in the place of %d", n, i, err, next)
				}
				next++
				if i == stop {
					break
				}
			}
			if want := n + 1; stop < 0 && next != want || stop >= 0 && next != min(stop+1, want) {
				t.Errorf("%d subjects, stopped at %d: %d came", n, stop, next)
			}
			if reading {
				t.Errorf("%d subjects, stopped at %d: it reads on", n, stop)
			}
		}
	}
}

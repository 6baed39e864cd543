package snapshot

import (
	"iter"
	"sync"
)

// furthest is how many subjects are read at once before anybody asks for them.
const furthest = 32

// ahead walks what seq walks, while a goroutine reads what comes next: reading and
// judging, or writing, go on at the same time. It holds a hundred subjects at most.
// The goroutine is gone when the walk ends, wherever it does.
func ahead[T any](seq iter.Seq2[T, error]) iter.Seq2[T, error] {
	type read struct {
		subject T
		err     error
	}
	return func(yield func(T, error) bool) {
		batches, stop := make(chan []read), make(chan struct{})
		var reader sync.WaitGroup
		defer reader.Wait()
		defer close(stop)
		reader.Go(func() {
			defer close(batches)
			size := 1 // many look at the first one alone
			var batch []read
			hand := func() bool {
				select {
				case batches <- batch:
					size = min(2*size, furthest)
					batch = make([]read, 0, size)
					return true
				case <-stop:
					return false
				}
			}
			for subject, err := range seq {
				if batch = append(batch, read{subject, err}); len(batch) >= size && !hand() {
					return
				}
			}
			if len(batch) > 0 {
				hand()
			}
		})
		for batch := range batches {
			for _, r := range batch {
				if !yield(r.subject, r.err) {
					return
				}
			}
		}
	}
}

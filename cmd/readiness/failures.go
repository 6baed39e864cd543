package main

import (
	"fmt"
	"io"
	"sync"
)

// failures counts the answers that failed during a scan. The zero value is ready.
type failures struct {
	mu    sync.Mutex
	count int
	first error
}

func (f *failures) add(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.count++; f.count == 1 {
		f.first = err
	}
}

// tell says in one line how many answers failed, if any did.
func (f *failures) tell(w io.Writer) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.count == 1:
		fmt.Fprintln(w, oneLine("1 answer failed: "+f.first.Error()))
	case f.count > 1:
		fmt.Fprintln(w, oneLine(fmt.Sprintf("%d answers failed; the first: %v", f.count, f.first)))
	}
}

package main

import (
	"fmt"
	"sync"

	"readiness/report/terminal"
	"readiness/scan"
	"readiness/scan/gitlab"
)

// notices returns what writes a line to standard error while a scan goes on, over
// the one that shows how far it has come. Calls may overlap.
func notices(env environment) func(string) {
	var mu sync.Mutex
	start := ""
	if env.stderrTerminal {
		start = "\r\x1b[K"
	}
	return func(line string) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Fprintln(env.stderr, start+"readiness: "+oneLine(line))
	}
}

// progress shows on a terminal's standard error how far a scan has come; in a
// pipe it says nothing.
type progress struct {
	line *terminal.Progress // nil: not a terminal
	src  *gitlab.Source
}

func newProgress(env environment, src *gitlab.Source) progress {
	if !env.stderrTerminal {
		return progress{}
	}
	fmt.Fprintln(env.stderr, "Reading; an interrupted scan goes on when the same command is run again.")
	return progress{terminal.NewProgress(env.stderr, env.columns()), src}
}

func (p progress) tell(now scan.Progress) {
	if p.line != nil {
		r := p.src.Requests()
		p.line.Show(now, r.REST+r.GraphQL)
	}
}

func (p progress) done() {
	if p.line != nil {
		p.line.Clear()
	}
}

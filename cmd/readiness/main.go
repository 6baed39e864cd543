// Command readiness scans a GitLab instance before a migration and says what
// each migration method would leave behind.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/term"
)

// version is stamped at build time.
var version = "dev"

// memory is what the program tries to stay below, by collecting sooner: a report
// of 100,000 projects writes a lot and keeps little of it.
const memory = 400 << 20

// garbage is how much of what is in use may wait to be collected, in per cent. By
// Go's 100 a deep scan of 1,000 projects takes 4 MB more, and some 4 % less of the
// processor.
const garbage = 80

// spare tells the runtime of memory and garbage, unless its own variables do.
func spare() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbage)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memory)
	}
}

func main() {
	spare()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	go func() {
		<-ctx.Done()
		stop() // a second interrupt ends the program at once
	}()
	os.Exit(run(ctx, os.Args[1:], surroundings()))
}

// The exit codes of every command.
const (
	exitOK          = 0
	exitFailure     = 1   // network, TLS, disk, damaged snapshot
	exitUsage       = 2   // flag, file, YAML, URL, token
	exitBlocker     = 3   // a finding at or above --fail-on
	exitUnread      = 4   // none seen, but something asked for could not be read
	exitInterrupted = 130 // the snapshot is kept
)

const exitCodesHelp = `Exit codes:
    0  nothing at or above --fail-on (default blocker), and all that was asked
       for was read
    1  failure: network, TLS, disk, damaged snapshot
    2  usage: flag, file, YAML, URL, token
    3  a finding at or above --fail-on (default blocker)
    4  none at that level, but something asked for could not be read
  130  interrupted; the snapshot is kept, and the same command goes on`

// environment is everything a command may touch of the world around it.
type environment struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	getenv         func(string) string
	now            func() time.Time
	stdinTerminal  bool
	stdoutTerminal bool
	stderrTerminal bool
	width          int // columns of the terminal; 0 if there is none
}

func surroundings() environment {
	env := environment{
		stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr,
		getenv: os.Getenv, now: time.Now,
		stdinTerminal:  term.IsTerminal(int(os.Stdin.Fd())),
		stdoutTerminal: term.IsTerminal(int(os.Stdout.Fd())),
		stderrTerminal: term.IsTerminal(int(os.Stderr.Fd())),
	}
	if w, _, err := term.GetSize(int(os.Stdout.Fd())); err == nil {
		env.width = w
	}
	return env
}

// colour reports whether what goes to a stream may be coloured.
// NO_COLOR: https://no-color.org; CLICOLOR_FORCE: https://bixense.com/clicolors/
func (e environment) colour(terminal bool) bool {
	switch {
	case e.getenv("NO_COLOR") != "":
		return false
	case e.getenv("CLICOLOR_FORCE") != "" && e.getenv("CLICOLOR_FORCE") != "0":
		return true
	}
	return terminal && e.getenv("TERM") != "dumb"
}

// columns is the width to write for: the terminal's, else COLUMNS, else 80.
func (e environment) columns() int {
	if e.width > 0 {
		return e.width
	}
	if n, err := strconv.Atoi(e.getenv("COLUMNS")); err == nil && n > 0 {
		return n
	}
	return 80
}

// exit is an error with the exit code it ends the program with.
type exit struct {
	code int
	err  error // nil: the code says it all
}

func (e *exit) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit %d", e.code)
	}
	return e.err.Error()
}

func (e *exit) Unwrap() error { return e.err }

// usage marks err as the caller's to mend: a flag, a file, a URL, a token.
func usage(err error) error { return &exit{exitUsage, err} }

// usagef is usage with fmt.Errorf.
func usagef(format string, args ...any) error { return usage(fmt.Errorf(format, args...)) }

// run executes the command line and returns the exit code.
func run(ctx context.Context, args []string, env environment) int {
	root := rootCommand(env)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitOK
	}
	var e *exit
	if !errors.As(err, &e) {
		// Only what no command has classified comes here.
		e = &exit{exitFailure, err}
	}
	if ctx.Err() != nil && e.code == exitFailure {
		e.code = exitInterrupted
	}
	if e.err != nil {
		fmt.Fprintf(env.stderr, "readiness: %s\n", oneLine(err.Error()))
	}
	return e.code
}

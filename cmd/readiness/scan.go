package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"readiness/scan"
	"readiness/scan/gitlab"
	"readiness/scan/redact"
	"readiness/scan/snapshot"
)

// scanFlags are the flags of 'readiness scan'.
type scanFlags struct {
	url, out, tokenFile, depth string
	groups                     []string
	projects                   string
	only, skip                 []string
	workers                    int
	maxRPS                     float64
	connection                 connectionFlags
	redact                     string
	target                     targetFlags
	destination                destinationFlags
}

func scanCommand(env environment) *cobra.Command {
	var f scanFlags
	c := &cobra.Command{
		Use:   "scan",
		Short: "Read a GitLab instance and judge its readiness to migrate",
		Long: `scan reads a GitLab instance through its API, changing nothing, judges what it
found for a destination, prints a summary and writes into the --out folder:
  readiness.db    the snapshot, from which 'readiness report' judges again, offline
  readiness.xlsx  the workbook
  readiness.json  the same for programs

The token comes from GITLAB_TOKEN, --token-file or standard input, never from
the command line. Scope read_api is enough; an administrator's token sees all.
An interrupted scan goes on when the same command is run again. A source that
goes away is waited for, half an hour at most; then the scan ends so that it can
go on later. A new scan asks everything again: nothing is taken from an old one.
With --redact nothing but readiness.db holds a name: readiness-redacted.db is the
copy to send.

` + exitCodesHelp,
		Example: `  readiness scan --url https://gitlab.example.com --out acme/
  readiness scan --url https://gitlab.example.com --group platform --out acme/ \
      --destination self-managed --destination-version 18.9`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error { return f.run(c.Context(), env) },
	}
	flags := c.Flags()
	flags.StringVar(&f.url, "url", "", "base `URL` of the instance, e.g. https://gitlab.example.com")
	flags.StringVar(&f.out, "out", "", "`folder` to write into; made if it is not there")
	flags.StringVar(&f.tokenFile, "token-file", "", "`file` that holds the token (- for standard input)")
	flags.StringArrayVar(&f.groups, "group", nil, "full `path` of a group to limit the scan to, with its subgroups; repeatable")
	flags.StringVar(&f.depth, "depth", scan.Standard.String(), "how much to ask: "+strings.Join(scan.Depths(), ", "))
	flags.StringVar(&f.projects, "projects", "", "`file` with the only projects to read: full paths or ids, one a line, or a CSV of a wave")
	flags.StringSliceVar(&f.only, "only", nil, "`areas` to ask about, beyond what the listings carry: "+areaNames())
	flags.StringSliceVar(&f.skip, "skip", nil, "`areas` not to ask about")
	flags.IntVar(&f.workers, "workers", 8, "requests under way at once, at most; fewer while the source is slow")
	flags.Float64Var(&f.maxRPS, "max-rps", 0, "requests a second, at most (0: no limit of ours)")
	flags.StringVar(&f.redact, "redact", "", "put pseudonyms in the place of names in all that is told: `file` with their key, made if it is not there; see 'readiness redact'")
	f.connection.register(flags)
	f.target.register(flags)
	f.target.registerVerbose(flags)
	f.destination.register(flags)
	return c
}

// plan is a checked command line: everything that can be refused before the
// first request has been.
type plan struct {
	terms
	scope scan.Scope
	token string
	out   string
	names *redact.Redactor // nil: names are told
}

func (f *scanFlags) plan(env environment) (plan, error) {
	var p plan
	var err error
	switch {
	case f.url == "":
		return p, usagef("--url is missing: give the instance's base URL, e.g. https://gitlab.example.com")
	case f.out == "":
		return p, usagef("--out is missing: name the folder to write into")
	case f.workers < 1 || f.workers > 64:
		return p, usagef("--workers: %d is out of range: choose from 1 to 64", f.workers)
	case f.maxRPS < 0:
		return p, usagef("--max-rps: %g is negative", f.maxRPS)
	}
	if err := f.connection.check(); err != nil {
		return p, err
	}
	depth := slices.Index(scan.Depths(), f.depth)
	if depth < 0 {
		return p, usagef("--depth: unknown depth %.40q: choose from %s", f.depth, strings.Join(scan.Depths(), ", "))
	}
	if p.terms, err = f.target.terms(); err != nil {
		return p, err
	}
	if p.token, err = readToken(f.tokenFile, env); err != nil {
		return p, err
	}
	groups := slices.Clone(f.groups)
	for i, g := range groups {
		if groups[i] = strings.Trim(g, "/"); groups[i] == "" {
			return p, usagef("--group: %q is no group's path", g)
		}
	}
	slices.Sort(groups)
	p.scope = scan.Scope{URL: strings.TrimRight(f.url, "/"), Groups: slices.Compact(groups), Depth: scan.Depth(depth)}
	if p.scope.Areas, err = selectAreas(f.only, f.skip); err != nil {
		return p, err
	}
	switch {
	case f.projects != "" && len(groups) > 0:
		return p, usagef("--projects and --group: give one of the two")
	case f.projects != "":
		if p.scope.Projects, err = readProjectList(f.projects, p.scope.URL); err != nil {
			return p, err
		}
	}
	p.out = f.out
	if f.redact != "" {
		if p.names, err = redactor(env, f.redact); err != nil {
			return p, err
		}
	}
	if err := p.terms.read(f.target.workbookFile, env.stderr, filepath.Join(f.out, workbookName)); err != nil {
		return p, err
	}
	told := p.scope
	if p.names != nil { // the workbook is of the redacted copy
		told = p.names.Scope(told)
	}
	if err := p.book.of(told.URL); err != nil {
		return p, err
	}
	if err := unlocked(filepath.Join(f.out, workbookName)); err != nil {
		return p, err
	}
	return p, prepareFolder(f.out)
}

func (f *scanFlags) run(ctx context.Context, env environment) error {
	p, err := f.plan(env)
	if err != nil {
		return err
	}
	destinationToken, err := f.destination.token(env)
	if err != nil {
		return err
	}
	done, err := f.connection.open(env)
	if err != nil {
		return err
	}
	defer done()
	var failed failures
	src, err := gitlab.Open(ctx, f.connection.apply(gitlab.Options{
		BaseURL:  p.scope.URL,
		Token:    p.token,
		Groups:   p.scope.Groups,
		Projects: p.scope.Projects,
		Depth:    p.scope.Depth,
		Areas:    p.scope.Areas,
		Workers:  f.workers,
		MaxRPS:   f.maxRPS,
		Failed:   failed.add,
		Notice:   notices(env),
	}, true))
	if err != nil {
		return sourceError(err)
	}
	destination, err := f.destination.open(ctx, destinationToken, &f.connection)
	if err != nil {
		return err
	}
	path := filepath.Join(p.out, "readiness.db")
	if err := record(ctx, env, src, p.scope, path, f.workers, &failed, f.connection.notes()...); err != nil {
		return err
	}
	if destination != nil {
		if err := readDestination(ctx, env, destination, p.target.Parent, path); err != nil {
			return err
		}
	}
	if p.names != nil {
		copied := filepath.Join(p.out, "readiness-redacted.db")
		if err := redacted(ctx, path, copied, p.names); err != nil {
			return err
		}
		fmt.Fprintf(env.stderr, "readiness: %s holds the names and stays where they are, as %s does\n", path, f.redact)
		path = copied
	}
	return tell(env, path, p.terms, p.out, "")
}

// sourceError gives what went wrong on opening the source its exit code.
func sourceError(err error) error {
	var input *gitlab.InputError
	if errors.As(err, &input) {
		return usage(err)
	}
	return err
}

// record scans the source into the snapshot at path. What stops it before the
// end leaves the snapshot as far as it came. failed is what the source is telling
// its failures; notes hold of all that is read.
func record(ctx context.Context, env environment, src *gitlab.Source, scope scan.Scope, path string, workers int, failed *failures, notes ...scan.Note) error {
	store, err := snapshot.Begin(path, scope, version, env.now())
	if err != nil {
		return snapshotError(err)
	}
	defer store.Close()
	for _, n := range notes {
		if err := store.Note(n); err != nil {
			return err
		}
	}
	show := newProgress(env, src)
	err = scan.Run(ctx, src, store, scan.Options{Scope: scope, Workers: workers, Progress: show.tell, Failed: failed.add})
	show.done()
	failed.tell(env.stderr)
	for _, name := range src.Unlisted() {
		fmt.Fprintf(env.stderr, "readiness: --projects: %.200q is not on the source, or hidden from the token: nothing was read of it\n", name)
	}
	switch {
	case ctx.Err() != nil:
		return &exit{exitInterrupted, fmt.Errorf("interrupted: %s keeps what was read; the same command goes on", path)}
	case errors.Is(err, scan.ErrAuthentication):
		return usagef("%w; %s keeps what was read, and the same command with a good token goes on", err, path)
	case errors.Is(err, scan.ErrOtherReader):
		return usagef("%s: %w; go on with that token, or write to another --out", path, err)
	case err != nil:
		return fmt.Errorf("%w; %s keeps what was read, and the same command goes on", err, path)
	}
	return store.Finish(env.now(), src.Requests())
}

// snapshotError gives what is wrong with a snapshot its exit code.
func snapshotError(err error) error {
	for _, mine := range []error{fs.ErrNotExist, snapshot.ErrNotSnapshot, snapshot.ErrNewer, snapshot.ErrOtherRun, snapshot.ErrNoRun} {
		if errors.Is(err, mine) {
			return usage(err)
		}
	}
	return err
}

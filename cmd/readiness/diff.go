package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"readiness/report/jsonreport"
	"readiness/report/markdown"
	"readiness/report/terminal"
	"readiness/report/workbook"
	"readiness/scan/snapshot"
)

func diffCommand(env environment) *cobra.Command {
	var target targetFlags
	var format, output string
	var top int
	c := &cobra.Command{
		Use:   "diff OLD NEW",
		Short: "Say what has changed between two scans of an instance",
		Long: `diff judges two scans alike and says what has changed between them: sums,
findings (new, there again, resolved, gone, not assessed), and what was added,
deleted, renamed, transferred or archived. OLD and NEW are snapshots, of which
the newest finished scan counts, or FILE@N for the N-th scan in a file. With one
file its last two scans are compared.

Exit codes:
    0  nothing is worse
    1  failure: disk, damaged snapshot
    2  usage: flag, file, YAML
    3  a finding at or above --fail-on (default blocker) is new or there again`,
		Example: `  readiness diff signed.db acme/readiness.db --profile engagement.yaml
  readiness diff acme/readiness.db@1 acme/readiness.db@3 --format markdown
  readiness diff acme/readiness.db`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 && len(args) != 2 {
				return usagef("give the two snapshots to compare: readiness diff signed.db acme/readiness.db")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			f, err := parseForm(format)
			switch {
			case err != nil:
				return err
			case f == formCSV || f == formHTML || f == formWave:
				return usagef("--format: diff writes table, json, xlsx or markdown")
			case f == formWorkbook && output == "":
				return usagef("--output is missing: a workbook needs a file to be written to")
			case top < 0:
				return usagef("--top: %d is negative", top)
			case target.past.previous != "":
				return usagef("--previous: diff names the earlier scan itself, as OLD")
			}
			by, err := target.terms()
			if err != nil {
				return err
			}
			older, newer, err := twoRuns(args)
			if err != nil {
				return err
			}
			if err := by.readBeside(newer.file, target.workbookFile, "", env.stderr); err != nil {
				return err
			}
			return diff(env, older, newer, by, f, output, top)
		},
	}
	flags := c.Flags()
	flags.StringVar(&format, "format", string(formTable), "table, json, xlsx (the whole workbook of NEW) or markdown")
	flags.StringVar(&output, "output", "", "`file` to write (default: standard output; xlsx needs one)")
	flags.IntVar(&top, "top", 40, "`rows` of changes that the table shows (0: all)")
	target.register(flags)
	return c
}

// twoRuns finds the scans that the arguments name.
func twoRuns(args []string) (older, newer pastRun, err error) {
	if len(args) == 2 {
		if older, err = oneRun(args[0]); err == nil {
			newer, err = oneRun(args[1])
		}
		switch {
		case err != nil:
		case older.Meta.Scope.URL != newer.Meta.Scope.URL:
			err = usagef("%s is a scan of %s, %s one of %s: give two of the same instance", args[0], older.Meta.Scope.URL, args[1], newer.Meta.Scope.URL)
		case older.file == newer.file && older.Number == newer.Number:
			err = usagef("%s and %s are the same scan", args[0], args[1])
		}
		return older, newer, err
	}
	past, err := snapshot.History(args[0])
	switch {
	case err != nil:
		return older, newer, snapshotError(err)
	case len(past) < 2:
		return older, newer, usagef("%s holds one finished scan: give a second snapshot to compare with", args[0])
	}
	n := len(past)
	return pastRun{args[0], past[n-2]}, pastRun{args[0], past[n-1]}, nil
}

// oneRun finds the scan that FILE or FILE@N names.
func oneRun(arg string) (pastRun, error) {
	file, number, numbered := strings.Cut(arg, "@")
	n, notNumber := strconv.ParseInt(number, 10, 64)
	if numbered && notNumber != nil {
		file, numbered = arg, false // a file with an @ in its name
	}
	past, err := snapshot.History(file)
	if err != nil {
		return pastRun{}, snapshotError(err)
	}
	for i := len(past) - 1; i >= 0; i-- {
		if !numbered || past[i].Number == n {
			return pastRun{file, past[i]}, nil
		}
	}
	if numbered {
		return pastRun{}, usagef("%s has no finished scan %d: it has %d", file, n, len(past))
	}
	return pastRun{}, usagef("%s: its scan was not finished: finish it first", file)
}

// diff writes what has changed from one scan to another.
func diff(env environment, older, newer pastRun, by terms, f form, output string, top int) error {
	by.past.only = &older
	t, err := judgeRun(newer.file, newer.Number, by)
	if err != nil {
		return err
	}
	defer t.close()
	write := func(w io.Writer) error {
		c := t.report.Changes()
		opt := terminal.Options{Width: env.columns(), Color: output == "" && env.colour(env.stdoutTerminal)}
		switch f {
		case formWorkbook:
			return workbook.Write(w, t.report)
		case formJSON:
			return jsonreport.WriteChanges(w, t.judgement, t.report, t.tracked, by.past.failOn)
		case formMarkdown:
			return markdown.WriteSheet(w, c.Title, c.Lines, c.Sheet)
		}
		if err := terminal.Lines(w, c.Title, c.Lines, opt); err != nil || c.Sheet == nil {
			return err
		}
		if _, err := fmt.Fprintln(w); err != nil {
			return err
		}
		return terminal.Table(w, c.Sheet, terminal.TableOptions{Options: opt, Top: top})
	}
	if output == "" {
		err = write(env.stdout)
	} else {
		err = writeFile(output, write)
	}
	if err != nil {
		return err
	}
	if len(t.tracked.Course.Worse(by.past.failOn)) > 0 {
		return &exit{code: exitBlocker}
	}
	return nil
}

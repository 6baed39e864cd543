package main

import (
	"strings"

	"github.com/spf13/cobra"

	"readiness/checks"
	"readiness/scan"
)

func reportCommand(env environment) *cobra.Command {
	var target targetFlags
	var format string
	var as retold
	var compare []string
	c := &cobra.Command{
		Use:   "report SNAPSHOT",
		Short: "Judge a snapshot again, offline, for the same or another target",
		Long: `report judges the snapshot of an earlier scan, without asking the source again,
and writes one form of the report: table (the terminal summary), xlsx (the
workbook), json, csv (a folder with one file for each sheet), markdown, html
(one page to sort and search, offline), or congregate-wave (the waves of --plan,
as Congregate stages them). With --sheet the terminal shows one sheet.

` + exitCodesHelp,
		Example: `  readiness report acme/readiness.db --destination self-managed --destination-version 18.9
  readiness report acme/readiness.db --destination dedicated --format xlsx --output dedicated.xlsx
  readiness report acme/readiness.db --sheet Projects --sort repository_size --top 20
  readiness report acme/readiness.db --edition sow --brand brand.yaml --output acme/annex
  readiness report acme/readiness.db --split-by group --output acme/teams
  readiness report acme/readiness.db --destination gitlab.com --compare self-managed@19.5 --compare dedicated`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("give the snapshot to report on: readiness report acme/readiness.db")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			by, err := target.terms()
			if err != nil {
				return err
			}
			if as.form, err = parseForm(format); err != nil {
				return err
			}
			if err := as.check(); err != nil {
				return err
			}
			if by.verbose && !as.summary() {
				return usagef("--verbose adds to the summary: leave --format, --sheet, --edition and --split-by out, or --verbose")
			}
			overwritten := ""
			if as.form == formWorkbook {
				overwritten = as.output
				if err := unlocked(as.output); err != nil {
					return err
				}
			}
			if err := by.readBeside(args[0], target.workbookFile, overwritten, env.stderr); err != nil {
				return err
			}
			others, err := comparedTargets(by.target, compare)
			if err != nil {
				return err
			}
			return again(env, args[0], by, others, as)
		},
	}
	flags := c.Flags()
	flags.StringVar(&format, "format", string(formTable), formNames())
	flags.StringVar(&as.output, "output", "", "`file` to write, or for csv the folder (default: standard output; xlsx and csv need one)")
	flags.StringVar(&as.sheet, "sheet", "", "show this `sheet` instead of the summary, e.g. Projects")
	flags.StringVar(&as.sort, "sort", "", "`column` to sort the sheet by, e.g. repository_size: numbers from the largest down")
	flags.IntVar(&as.top, "top", 0, "`rows` of the sheet to show (0: all)")
	flags.StringVar(&as.edition, "edition", "", "make this `edition` instead: "+editionSOW+", the annex to a Statement of Work, a workbook and Markdown in the folder --output; what was issued is never overwritten")
	flags.StringVar(&as.split, "split-by", "", "write a workbook of its own data and a CSV of issues to import for each top-level `group`, in folders under --output")
	flags.StringArrayVar(&compare, "compare", nil, "another `destination[@version]` to judge for side by side, e.g. self-managed@19.5; repeatable")
	target.register(flags)
	target.registerVerbose(flags)
	return c
}

// comparedTargets makes of each destination[@version] a target that is else as
// the first one. Its limits and seats are not another's.
func comparedTargets(first checks.Target, specs []string) ([]checks.Target, error) {
	var all []checks.Target
	for _, spec := range specs {
		t := first
		name, v, versioned := strings.Cut(spec, "@")
		var err error
		if t.Destination, err = checks.ParseDestination(name); err != nil {
			return nil, usagef("--compare: %w", err)
		}
		if t.Destination != first.Destination {
			t.Version = checks.NewestVersion
		}
		if versioned {
			if t.Version, err = scan.ParseVersion(v); err != nil {
				return nil, usagef("--compare %.60s: %w", spec, err)
			}
		}
		t.Limits, t.Seats = checks.Limits{}, 0
		all = append(all, t)
	}
	return all, nil
}

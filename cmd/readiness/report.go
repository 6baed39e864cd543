package main

import (
	"github.com/spf13/cobra"
)

func reportCommand(env environment) *cobra.Command {
	var target targetFlags
	var format, output string
	c := &cobra.Command{
		Use:   "report SNAPSHOT",
		Short: "Judge a snapshot again, offline, for the same or another target",
		Long: `report judges the snapshot of an earlier scan, without asking the source again,
and writes one form of the report: table (the terminal summary), xlsx (the
workbook) or json.

` + exitCodesHelp,
		Example: `  readiness report acme/readiness.db --destination self-managed --destination-version 18.9
  readiness report acme/readiness.db --destination dedicated --format xlsx --output dedicated.xlsx`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("give the snapshot to report on: readiness report acme/readiness.db")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			t, p, err := target.target()
			if err != nil {
				return err
			}
			form, err := parseForm(format)
			if err != nil {
				return err
			}
			if form == formWorkbook && output == "" {
				return usagef("--output is missing: a workbook needs a file to be written to")
			}
			m, err := knowledge(target.matrixFile)
			if err != nil {
				return err
			}
			return again(env, args[0], m, t, p, form, output)
		},
	}
	flags := c.Flags()
	flags.StringVar(&format, "format", string(formTable), "table, xlsx or json")
	flags.StringVar(&output, "output", "", "`file` to write (default: standard output; a workbook needs one)")
	target.register(flags)
	return c
}

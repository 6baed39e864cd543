package main

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/spf13/cobra"
)

func rootCommand(env environment) *cobra.Command {
	root := &cobra.Command{
		Use:   "readiness",
		Short: "Say what a GitLab migration would leave behind, before it starts",
		Long: `readiness reads a GitLab instance, changes nothing on it, and says what each
migration method would leave behind, what must be fixed first, and what it
could not see. It writes an Excel workbook for the Statement of Work.

Start with 'readiness demo', which scans a simulated instance.

` + exitCodesHelp,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          noArguments,
	}
	root.SetIn(env.stdin)
	root.SetOut(env.stdout)
	root.SetErr(env.stderr)
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return usagef("%w; see '%s --help'", err, c.CommandPath())
	})
	root.AddCommand(
		doctorCommand(env),
		scanCommand(env),
		reportCommand(env),
		diffCommand(env),
		matrixCommand(env),
		checksCommand(env),
		redactCommand(env),
		verifyCommand(env),
		demoCommand(env),
		versionCommand(env),
	)
	root.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
	return root
}

func versionCommand(env environment) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the program's version",
		Args:  noArguments,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintf(env.stdout, "readiness %s\n", version)
			return err
		},
	}
}

// noArguments refuses arguments, naming the first.
func noArguments(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if c.HasSubCommands() {
		return usagef("unknown command %.60q; see '%s --help'", args[0], c.CommandPath())
	}
	return usagef("unexpected argument %.60q: %s takes none; see its --help", args[0], c.CommandPath())
}

// oneLine makes an error one line of printable text, whatever the source of its
// parts was.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\r':
			return ' '
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"readiness/scan"
	"readiness/scan/redact"
	"readiness/scan/snapshot"
)

func redactCommand(env environment) *cobra.Command {
	var key, output string
	c := &cobra.Command{
		Use:   "redact SNAPSHOT",
		Short: "Copy a snapshot with pseudonyms in the place of names",
		Long: `redact copies the finished scans of a snapshot with pseudonyms in the place of
the names of groups, projects and people, and of all that is derived from them:
paths, addresses, hosts, e-mail addresses, branches, files, variables. Ids,
numbers and dates stay. Every report can be made from the copy.

The pseudonyms are made with the key in the --key file, which is made if it is
not there. The same key gives the same pseudonyms, so that later scans can be
compared. Whoever has the key and a guess can test the guess: keep it where the
names are, and send only the copy.`,
		Example: `  readiness redact acme/readiness.db --key acme.key --output acme/readiness-redacted.db`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("give the snapshot to redact: readiness redact acme/readiness.db --key acme.key --output redacted.db")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			switch {
			case key == "":
				return usagef("--key is missing: name the file that holds the key, or is to hold it")
			case output == "":
				return usagef("--output is missing: name the file to write the copy to")
			}
			named, err := snapshot.Open(args[0])
			if err != nil { // rather than make a key for nothing
				return snapshotError(err)
			}
			if err := named.Close(); err != nil {
				return err
			}
			r, err := redactor(env, key)
			if err != nil {
				return err
			}
			if err := redacted(c.Context(), args[0], output, r); err != nil {
				return err
			}
			_, err = fmt.Fprintf(env.stdout, "%s holds no name; %s and %s stay where the names are\n", output, key, args[0])
			return err
		},
	}
	c.Flags().StringVar(&key, "key", "", "`file` with the key of the pseudonyms; made if it is not there")
	c.Flags().StringVar(&output, "output", "", "`file` to write the copy to")
	return c
}

// redactor makes one with the key in a file, which it makes if it is not there.
func redactor(env environment, path string) (*redact.Redactor, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		text = []byte(redact.NewKey())
		if err = writeFile(path, func(w io.Writer) error { _, err := w.Write(text); return err }); err == nil {
			fmt.Fprintf(env.stderr, "readiness: %s is the new key of the pseudonyms: keep it where the names are\n", path)
		}
	}
	if err != nil {
		return nil, usagef("the key of the pseudonyms: %w", err)
	}
	r, err := redact.New(string(text))
	if err != nil {
		return nil, usagef("%s: %w", path, err)
	}
	return r, nil
}

// redacted writes a redacted copy of the snapshot at from to another file, in the
// place of an earlier copy.
func redacted(ctx context.Context, from, to string, r *redact.Redactor) error {
	dir, err := os.MkdirTemp(filepath.Dir(to), ".redacted-*")
	if err != nil {
		return usagef("write the redacted copy: %w", takesNone(filepath.Dir(to), err))
	}
	defer os.RemoveAll(dir)
	part := filepath.Join(dir, "copy.db")
	if err := snapshot.Rewrite(ctx, from, part, r, scan.NoteRedacted); err != nil {
		return snapshotError(err)
	}
	return os.Rename(part, to)
}

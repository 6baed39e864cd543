package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"readiness/report"
	"readiness/scan"
	"readiness/scan/snapshot"
)

func verifyCommand(env environment) *cobra.Command {
	var expected, format string
	c := &cobra.Command{
		Use:   "verify-snapshot FILE",
		Short: "Prove that a snapshot is whole, and print its checksums",
		Long: `verify-snapshot reads a snapshot to its end, as when it has travelled from where
the source is to where reports are made. It prints the SHA-256 of the file and,
for each finished scan in it, the SHA-256 of its content, which it works out anew
and compares with the one noted when the scan was finished.

The file is all that travels: every report can be made from it, with no network.

Exit codes:
    0  the file is whole, and as --sha256 says
    1  it is damaged, or another file than --sha256 says
    2  usage; it is no snapshot, or no scan in it is finished`,
		Example: `  readiness verify-snapshot acme/readiness.db
  readiness verify-snapshot readiness.db --sha256 2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("give the snapshot to verify: readiness verify-snapshot acme/readiness.db")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			if format != "table" && format != "json" {
				return usagef("--format: unknown format %.40q: choose from table, json", format)
			}
			expected = strings.ToLower(strings.TrimSpace(expected))
			if b, err := hex.DecodeString(expected); err != nil || len(b) != 0 && len(b) != sha256.Size {
				return usagef("--sha256: %.80q is no SHA-256: give its 64 hexadecimal digits", expected)
			}
			return verifySnapshot(c.Context(), env, args[0], expected, format)
		},
	}
	c.Flags().StringVar(&expected, "sha256", "", "the SHA-256 that the file has to have, in `hex`")
	c.Flags().StringVar(&format, "format", "table", "table or json")
	return c
}

// verified is a snapshot as verify-snapshot found it.
type verified struct {
	File   string        `json:"file"`
	Bytes  int64         `json:"bytes"`
	SHA256 string        `json:"sha256"` // of the file
	Scans  []verifiedRun `json:"scans"`
}

type verifiedRun struct {
	Number   int64       `json:"number"`
	URL      string      `json:"url"`
	Depth    string      `json:"depth"`
	Started  time.Time   `json:"started"`
	Finished time.Time   `json:"finished"`
	Tool     string      `json:"tool"`
	Hash     string      `json:"content_sha256"`
	Notes    []scan.Note `json:"notes,omitempty"`
}

func verifySnapshot(ctx context.Context, env environment, path, expected, format string) error {
	if log, err := os.Stat(path + "-wal"); err == nil && log.Size() > 0 {
		return fmt.Errorf("%s is not whole without %s-wal beside it: a scan is under way, or was killed; run it again to its end, then copy the file alone", path, path)
	}
	numbers, err := snapshot.FinishedRuns(ctx, path)
	if err != nil {
		return snapshotError(err)
	}
	v := verified{File: path}
	if v.SHA256, v.Bytes, err = checksum(path); err != nil {
		return err
	}
	if expected != "" && v.SHA256 != expected {
		return fmt.Errorf("%s is another file, or was changed on its way: its SHA-256 is %s, not %s; copy it again", path, v.SHA256, expected)
	}
	for _, n := range numbers {
		run, err := verifyRun(ctx, path, n)
		if err != nil {
			return err
		}
		v.Scans = append(v.Scans, run)
	}
	if format == "json" {
		enc := json.NewEncoder(env.stdout)
		enc.SetIndent("", "  ")
		enc.SetEscapeHTML(false)
		return enc.Encode(v)
	}
	return v.write(env.stdout)
}

func checksum(path string) (sum string, size int64, err error) {
	f, err := os.Open(path)
	if err != nil {
		return "", 0, err
	}
	h := sha256.New()
	size, err = io.Copy(h, f)
	return hex.EncodeToString(h.Sum(nil)), size, errors.Join(err, f.Close())
}

func verifyRun(ctx context.Context, path string, number int64) (verifiedRun, error) {
	s, err := snapshot.OpenRun(path, number)
	if err != nil {
		return verifiedRun{}, snapshotError(err)
	}
	defer s.Close()
	if err := s.Verify(ctx); err != nil {
		return verifiedRun{}, snapshotError(err)
	}
	if _, err := s.Destination(); err != nil {
		return verifiedRun{}, snapshotError(err)
	}
	m := s.Meta()
	return verifiedRun{number, m.Scope.URL, m.Scope.Depth.String(), m.Started.UTC(), m.Finished.UTC(), "readiness " + m.Tool, m.Hash, m.Notes}, nil
}

func (v verified) write(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s is whole: %s bytes, with %s\n", v.File, report.Thousands(v.Bytes), report.Many(int64(len(v.Scans)), "finished scan", "finished scans"))
	fmt.Fprintf(&b, "SHA-256   %s\n", v.SHA256)
	for _, r := range v.Scans {
		fmt.Fprintf(&b, "\nScan %d    %s, depth %s, by %s\n", r.Number, oneLine(r.URL), r.Depth, oneLine(r.Tool))
		fmt.Fprintf(&b, "Time      %s to %s\n", r.Started.Format("2006-01-02 15:04"), r.Finished.Format("2006-01-02 15:04 UTC"))
		fmt.Fprintf(&b, "Content   %s\n", r.Hash)
		for _, n := range r.Notes {
			fmt.Fprintf(&b, "Note      %s\n", n.Sentence())
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

//go:build unix

package main

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"readiness/scan/gitlabsim"
)

// nobody is an account that owns nothing, by convention.
const nobody = 65534

// bounded runs the command as an account that modes bind: root's tests as nobody,
// others as themselves. It returns a folder that account can enter, and that the
// test owns, too.
func bounded(t *testing.T) (dir string, command func(secret string, args ...string) (code int, stdout, stderr string)) {
	t.Helper()
	dir = t.TempDir()
	program, err := exec.LookPath("readiness")
	if err != nil {
		t.Fatal(err)
	}
	attr := &syscall.SysProcAttr{}
	if os.Geteuid() == 0 {
		attr.Credential = &syscall.Credential{Uid: nobody, Gid: nobody}
		for _, d := range []string{filepath.Dir(dir), dir} { // the first is made for one account alone
			if err := os.Chmod(d, 0o755); err != nil {
				t.Fatal(err)
			}
		}
		binary, err := os.ReadFile(program)
		if err != nil {
			t.Fatal(err)
		}
		program = filepath.Join(dir, "readiness")
		if err := os.WriteFile(program, binary, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	command = func(secret string, args ...string) (int, string, string) {
		var out, errs bytes.Buffer
		cmd := exec.Command(program, args...)
		cmd.Dir, cmd.SysProcAttr, cmd.Stdout, cmd.Stderr = dir, attr, &out, &errs
		cmd.Env = []string{"GITLAB_TOKEN=" + secret, "HOME=" + dir}
		var ended *exec.ExitError
		if err := cmd.Run(); err != nil && !errors.As(err, &ended) {
			t.Skipf("the command cannot be run as another account here: %v", err)
		}
		return cmd.ProcessState.ExitCode(), out.String(), errs.String()
	}
	if code, _, errs := command("", "version"); code != exitOK {
		t.Fatalf("it exits %d: %s", code, errs)
	}
	return dir, command
}

// below lists what lies in a folder, with its size and when it was written.
func below(t *testing.T, dir string) string {
	t.Helper()
	var all strings.Builder
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil && !d.IsDir() {
			all.WriteString(path + " " + info.ModTime().String() + "\n")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}

// An account that may not write into a folder, or may not read a file, is told so in
// one line, which names it and says what to do; it leaves nothing behind, and asks
// the source for nothing.
func TestLockedPlaces(t *testing.T) {
	if testing.Short() {
		t.Skip("commands of their own process, which do nothing at the same time")
	}
	s := newSource(t, gitlabsim.Config{Projects: 20, Seed: 3}, nil)
	dir, command := bounded(t)
	whole := filepath.Join(t.TempDir(), "whole")
	if code, _, errs := s.command(t, "scan", "--url", s.web.URL, "--out", whole, "--depth", "quick"); code == exitUsage || code == exitFailure {
		t.Fatal(errs)
	}
	snapshot, err := os.ReadFile(filepath.Join(whole, "readiness.db"))
	if err != nil {
		t.Fatal(err)
	}
	asked := s.server.Stats().Requests
	for name, mode := range map[string]fs.FileMode{"open": 0o700, "locked": 0o500, "shut": 0} {
		d := filepath.Join(dir, name)
		if err := os.Mkdir(d, 0o700); err != nil {
			t.Fatal(err)
		}
		for file, mode := range map[string]fs.FileMode{"open.db": 0o400, "shut.db": 0} {
			f := filepath.Join(d, file)
			write(t, f, snapshot)
			if err := os.Chmod(f, mode); err != nil {
				t.Fatal(err)
			}
		}
		if os.Geteuid() == 0 {
			for _, path := range []string{d, filepath.Join(d, "open.db"), filepath.Join(d, "shut.db")} {
				if err := os.Chown(path, nobody, nobody); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := os.Chmod(d, mode); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = os.Chmod(d, 0o700) }) // to be removed
	}
	before := below(t, filepath.Join(dir, "open")) + below(t, filepath.Join(dir, "locked"))

	mend, another := "mend that, or name another", "run as the account that wrote it"
	for _, c := range []struct {
		args string
		code int
		says []string
	}{
		{"scan --out locked", exitUsage, []string{"--out", "folder locked ", mend}},
		{"scan --out locked/deeper", exitUsage, []string{"--out", "folder locked/deeper ", mend}},
		{"scan --out shut", exitUsage, []string{"shut/readiness.xlsx", "move it away"}}, // which may be there
		{"report open/open.db --output locked/r.txt", exitFailure, []string{"locked/r.txt", "folder locked ", mend}},
		{"report open/open.db --format json --output locked/r.json", exitFailure, []string{"locked/r.json", "folder locked ", mend}},
		{"report open/open.db --format xlsx --output locked/r.xlsx", exitFailure, []string{"locked/r.xlsx", "folder locked ", mend}},
		{"report open/open.db --format html --output missing/r.html", exitFailure, []string{"missing/r.html", "folder missing ", mend}},
		{"report open/open.db --format csv --output locked", exitFailure, []string{"folder locked ", mend}},
		{"report open/open.db --format csv --output locked/csv", exitUsage, []string{"--output", "folder locked/csv ", mend}},
		{"report open/open.db --edition sow --output locked", exitFailure, []string{"folder locked ", mend}},
		{"report open/open.db --edition sow --output locked/sow", exitUsage, []string{"--output", "folder locked/sow ", mend}},
		{"report open/open.db --split-by group --output locked", exitUsage, []string{"--output", "folder locked/", mend}},
		{"redact open/open.db --key locked/key --output open/r.db", exitUsage, []string{"locked/key", "folder locked ", mend}},
		{"report open/shut.db", exitFailure, []string{"open/shut.db", another}},
		{"report shut/open.db", exitFailure, []string{"shut/open.db", another}},
		{"report open/shut.db --format json", exitFailure, []string{"open/shut.db", another}},
		{"report open/open.db --previous locked/shut.db", exitUsage, []string{"--previous", "locked/shut.db", another}},
		{"verify-snapshot open/shut.db", exitFailure, []string{"open/shut.db", another}},
		{"diff open/open.db locked/shut.db", exitFailure, []string{"locked/shut.db", another}},
	} {
		t.Run(c.args, func(t *testing.T) {
			args := strings.Fields(c.args)
			if args[0] == "scan" {
				args = append(args, "--url", s.web.URL)
			}
			code, stdout, stderr := command(s.server.Token(gitlabsim.Admin), args...)
			if code != c.code || stdout != "" || strings.Count(stderr, "\n") != 1 {
				t.Errorf("it exits %d, not %d, and says %q, %.200q", code, c.code, stderr, stdout)
			}
			for _, says := range c.says {
				if !strings.Contains(stderr, says) {
					t.Errorf("it says %q without %q", stderr, says)
				}
			}
			if after := below(t, filepath.Join(dir, "open")) + below(t, filepath.Join(dir, "locked")); after != before {
				t.Errorf("there lies\n%sand not what was there:\n%s", after, before)
			}
		})
	}
	// What it may read is enough to report on, wherever it lies.
	if code, stdout, stderr := command("", "report", "locked/open.db"); code != exitBlocker && code != exitUnread && code != exitOK || stdout == "" || stderr != "" {
		t.Errorf("a report of a file that may only be read exits %d: %s", code, stderr)
	}
	if now := s.server.Stats().Requests; now != asked {
		t.Errorf("the source was asked %d times", now-asked)
	}
}

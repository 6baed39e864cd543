package main

import (
	"bytes"
	"database/sql"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	_ "modernc.org/sqlite"

	"readiness/scan/gitlabsim"
)

// A folder in which a scan goes on takes no second one, which asks the source for
// nothing that counts, and leaves the first one alone.
func TestTwoScansIntoOneFolder(t *testing.T) {
	s := newSource(t, gitlabsim.Config{Projects: 20, Seed: 3}, nil)
	reached, gate := make(chan struct{}), make(chan struct{})
	var once sync.Once
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api/v4/groups" && r.URL.Query().Get("per_page") == "100" {
			once.Do(func() { close(reached); <-gate })
		}
		s.server.ServeHTTP(w, r)
	}))
	t.Cleanup(web.Close)
	out := t.TempDir()
	first := make(chan int)
	var said string
	go func() {
		code, _, stderr := s.command(t, "scan", "--url", web.URL, "--out", out)
		said = stderr
		first <- code
	}()
	select {
	case <-reached:
	case code := <-first:
		t.Fatalf("the first scan exits %d: %s", code, said)
	}
	code, stdout, stderr := s.command(t, "scan", "--url", web.URL, "--out", out)
	if code == exitOK || code == exitBlocker || code == exitUnread || stdout != "" || !strings.Contains(stderr, "readiness.db") || strings.Count(stderr, "\n") != 1 {
		t.Errorf("the second scan exits %d and says %q, %q", code, stdout, stderr)
	}
	close(gate)
	if code := <-first; code != exitBlocker && code != exitUnread && code != exitOK {
		t.Errorf("the first scan exits %d: %s", code, said)
	}
	if code, _, errs := s.command(t, "verify-snapshot", filepath.Join(out, "readiness.db")); code != exitOK {
		t.Errorf("the snapshot of the first: %s", errs)
	}
}

// What lies in the folder and is no snapshot to go on with is named in one line
// and stays as it is; no report takes it for an empty instance.
func TestSpoiltSnapshots(t *testing.T) {
	s := newSource(t, gitlabsim.Config{Projects: 20, Seed: 3}, nil)
	good := filepath.Join(t.TempDir(), "good")
	if code, _, errs := s.command(t, "scan", "--url", s.web.URL, "--out", good, "--depth", "quick"); code == exitUsage || code == exitFailure {
		t.Fatal(errs)
	}
	whole, err := os.ReadFile(filepath.Join(good, "readiness.db"))
	if err != nil {
		t.Fatal(err)
	}
	spoil := func(at, n int) func(string) {
		return func(path string) {
			b := bytes.Clone(whole)
			copy(b[at:min(at+n, len(b))], bytes.Repeat([]byte{0xa5}, n))
			write(t, path, b)
		}
	}
	for name, c := range map[string]struct {
		make func(path string)
		says string
	}{
		"newer": {func(path string) {
			write(t, path, whole)
			db, err := sql.Open("sqlite", path)
			if err == nil {
				_, err = db.Exec("PRAGMA user_version = 9999")
			}
			if err != nil {
				t.Fatal(err)
			}
			db.Close()
		}, "newer"},
		"cut":          {func(path string) { write(t, path, whole[:len(whole)/2]) }, ""},
		"its head":     {spoil(0, 64), ""},
		"its schema":   {spoil(100, 4000), ""},
		"its middle":   {spoil(len(whole)/3, len(whole)/3), ""},
		"another file": {func(path string) { write(t, path, []byte("PK\x03\x04 not a database at all")) }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			out := t.TempDir()
			path := filepath.Join(out, "readiness.db")
			c.make(path)
			before, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for _, args := range [][]string{
				{"report", path}, {"report", path, "--format", "json"}, {"verify-snapshot", path}, {"diff", path, filepath.Join(good, "readiness.db")},
			} {
				code, stdout, stderr := s.command(t, args...)
				if code != exitUsage && code != exitFailure || !strings.Contains(stderr, c.says) || strings.Count(stderr, "\n") != 1 || strings.Contains(stdout, "projects") {
					t.Errorf("%s exits %d and says %q, %.200q", args, code, stderr, stdout)
				}
			}
			if after, err := os.ReadFile(path); err != nil || !bytes.Equal(before, after) {
				t.Errorf("reports change it (%v)", err)
			}
			code, stdout, stderr := s.command(t, "scan", "--url", s.web.URL, "--out", out, "--depth", "quick")
			if name != "its middle" && (code != exitUsage && code != exitFailure || stdout != "" || strings.Count(stderr, "\n") != 1) {
				t.Errorf("a scan exits %d and says %q, %.200q", code, stderr, stdout)
			}
			left, err := os.ReadDir(out)
			if err != nil || name != "its middle" && len(left) != 1 {
				t.Errorf("beside it lies %v, %v", left, err)
			}
		})
	}
}

func write(t *testing.T, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// A folder that cannot be written to is said before anything is asked of the
// source.
func TestReadOnlyFolder(t *testing.T) {
	s := newSource(t, gitlabsim.Config{Projects: 20, Seed: 3}, nil)
	dir := t.TempDir()
	locked, file := filepath.Join(dir, "locked"), filepath.Join(dir, "file")
	if err := os.Mkdir(locked, 0o500); err != nil {
		t.Fatal(err)
	}
	write(t, file, nil)
	folders := map[string]string{"a folder without the right to write": locked, "a file": file, "below a file": filepath.Join(file, "x")}
	if os.Geteuid() == 0 { // who may write anywhere
		delete(folders, "a folder without the right to write")
		if _, err := os.Stat("/proc/self"); err == nil {
			folders["where nobody may write"] = "/proc/self"
		}
	}
	for name, folder := range folders {
		t.Run(name, func(t *testing.T) {
			code, stdout, stderr := s.command(t, "scan", "--url", s.web.URL, "--out", folder)
			if code != exitUsage || stdout != "" || !strings.Contains(stderr, "--out") || strings.Count(stderr, "\n") != 1 {
				t.Errorf("it exits %d and says %q, %q", code, stdout, stderr)
			}
		})
	}
	if n := s.server.Stats().Requests; n != 0 {
		t.Errorf("the source was asked %d times", n)
	}
}

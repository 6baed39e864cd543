package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"readiness/scan/gitlabsim"
)

// Whatever is written, only its owner may read: files and the folders made for
// them, of every command.
func TestOutputsArePrivate(t *testing.T) {
	s := newSource(t, gitlabsim.Config{Projects: 30, Seed: 5}, nil)
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, filepath.FromSlash(name)) }
	if err := os.WriteFile(at("requests.tsv"), []byte("older\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	db := at("scan/deeper/readiness.db")
	for _, args := range [][]string{
		{"scan", "--url", s.web.URL, "--out", at("scan/deeper"), "--redact", at("acme.key"), "--request-log", at("requests.tsv")},
		{"redact", db, "--key", at("other.key"), "--output", at("redacted.db")},
		{"report", db, "--split-by", "group", "--output", at("teams")},
		{"report", db, "--edition", "sow", "--output", at("annex/deeper")},
		{"report", db, "--format", "csv", "--output", at("csv/deeper")},
		{"report", db, "--format", "xlsx", "--output", at("r.xlsx")},
		{"report", db, "--format", "json", "--output", at("r.json")},
		{"report", db, "--format", "html", "--output", at("r.html")},
		{"report", db, "--format", "markdown", "--output", at("r.md")},
	} {
		if code, _, errs := s.command(t, args...); code == exitUsage || code == exitFailure {
			t.Errorf("%s exits %d: %s", args, code, errs)
		}
	}
	files := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		want := fs.FileMode(0o600)
		if d.IsDir() {
			want = 0o700
		} else {
			files++
		}
		if info.Mode().Perm() != want {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		return nil
	})
	if err != nil || files < 25 {
		t.Errorf("%d files, %v", files, err)
	}
}

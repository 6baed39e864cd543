package main

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"readiness/scan"
	"readiness/scan/gitlabsim"
	"readiness/scan/snapshot"
)

// namesOf are the names in a snapshot that are of the source alone: single words,
// which may be ours too, are left out.
func namesOf(t *testing.T, path string) []string {
	t.Helper()
	s, err := snapshot.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	names := map[string]bool{}
	add := func(all ...string) {
		for _, n := range all {
			if strings.ContainsAny(n, "/.@ ") && len(n) > 6 {
				names[n] = true
			}
		}
	}
	url, _ := strings.CutPrefix(s.Meta().Scope.URL, "http://")
	add(url)
	for g, err := range s.Groups() {
		if err != nil {
			t.Fatal(err)
		}
		add(g.Path, g.Name, g.WebURL)
	}
	for p, err := range s.Projects() {
		if err != nil {
			t.Fatal(err)
		}
		add(p.Path, p.Name, p.WebURL)
		for _, h := range p.Webhooks.Items {
			add(h.Host)
		}
	}
	for u, err := range s.Users() {
		if err != nil {
			t.Fatal(err)
		}
		add(u.Username, u.Name, u.WebURL, u.Email.Or(""), u.PublicEmail.Or(""))
	}
	if len(names) < 60 {
		t.Fatalf("only %d names", len(names))
	}
	list := make([]string, 0, len(names))
	for n := range names {
		list = append(list, n)
	}
	return list
}

// prints are the fingerprints of a report's findings with their verdicts.
func prints(t *testing.T, text string) map[string]string {
	t.Helper()
	var r struct {
		Findings []struct{ Fingerprint, Check, Verdict string }
	}
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, f := range r.Findings {
		if !strings.HasPrefix(f.Check, "naming-") && f.Check != "version-known-import-defects" { // which go by names
			all[f.Fingerprint] = f.Check + " " + f.Verdict
		}
	}
	return all
}

// A redacted scan tells no name in any form, keeps the fingerprints of what it
// finds, and is the same when it is redacted again with the same key.
func TestRedactedScan(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the same commands as other tests, to read what they write")
	}
	s := newSource(t, gitlabsim.Config{Projects: 60, Seed: 21}, nil)
	out, key := t.TempDir(), filepath.Join(t.TempDir(), "acme.key")
	code, stdout, stderr := s.command(t, "scan", "--url", s.web.URL, "--out", out, "--depth", "deep", "--redact", key, "--destination-url", s.web.URL)
	if code != exitBlocker && code != exitUnread || !strings.Contains(stderr, "is the new key") || !strings.Contains(stderr, "stays where they are") {
		t.Fatalf("it exits %d and says %s", code, stderr)
	}
	plain, copied := filepath.Join(out, "readiness.db"), filepath.Join(out, "readiness-redacted.db")
	names := namesOf(t, plain)
	told := s.tellAll(t, copied, "--compare", "dedicated")
	told["scan"] = stdout
	for name, text := range texts(t, out) {
		if name != "readiness.db" {
			told[name] = text
		}
	}
	for where, text := range told {
		for _, n := range names {
			if strings.Contains(text, n) {
				t.Errorf("%s holds the name %q", where, n)
				break
			}
		}
		if strings.HasPrefix(where, "r.") && len(strings.Fields(where)) == 1 && !strings.HasSuffix(where, ".xlsx") && !strings.Contains(text, "Names are pseudonyms") {
			t.Errorf("%s does not say that names are pseudonyms", where)
		}
	}

	original := s.tellAll(t, plain)
	before, after := prints(t, original["r.json"]), prints(t, told["r.json"])
	for print, what := range before {
		if after[print] != what {
			t.Errorf("%s becomes %q", what, after[print])
		}
	}
	for print, what := range after {
		if before[print] == "" {
			t.Errorf("%s is new", what)
		}
	}

	// Again, with the same key and with another.
	hash := func(path string) string {
		s, err := snapshot.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if err := s.Verify(t.Context()); err != nil {
			t.Error(err)
		}
		if m := s.Meta(); !slices.Contains(m.Notes, scan.NoteRedacted) {
			t.Errorf("notes %v", m.Notes)
		}
		return s.Meta().Hash
	}
	again, other := filepath.Join(out, "again.db"), filepath.Join(out, "other.db")
	for path, key := range map[string]string{again: key, other: key + ".2"} {
		if code, _, errs := s.command(t, "redact", plain, "--key", key, "--output", path); code != exitOK {
			t.Fatalf("it exits %d: %s", code, errs)
		}
	}
	if a, b, c := hash(copied), hash(again), hash(other); a != b || a == c {
		t.Errorf("hashes %.8s, %.8s with the same key, %.8s with another", a, b, c)
	}

	if err := os.WriteFile(key, []byte("abc"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{plain}, {plain, "--key", key, "--output", again}, {plain, "--key", key + ".2"}, {filepath.Join(out, "none.db"), "--key", key + ".3", "--output", again}, {}} {
		if code, _, _ := s.command(t, append([]string{"redact"}, args...)...); code != exitUsage {
			t.Errorf("redact %s exits %d", args, code)
		}
	}
	if _, err := os.Stat(key + ".3"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a key was made of which there is no use: %v", err)
	}
}

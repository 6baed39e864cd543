package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestOldSourceForGitLabCom judges the commonest case: what blocks the instance
// stands once, with the required upgrade stops, and hides no project's own
// verdict.
func TestOldSourceForGitLabCom(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the same commands as other tests, to read what they write")
	}
	dir := t.TempDir()
	env := environment{
		stdin: strings.NewReader(""), stdout: io.Discard, stderr: new(bytes.Buffer),
		getenv: func(string) string { return "" }, now: time.Now,
	}
	if code := run(context.Background(), []string{"demo", "--projects", "120", "--seed", "3", "--gitlab-version", "16.11.0", "--out", dir}, env); code != exitOK {
		t.Fatalf("exit %d: %s", code, env.stderr)
	}
	text, err := os.ReadFile(filepath.Join(dir, "readiness.json"))
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Findings []struct {
			Check, Verdict, Severity, Level, Evidence, Remedy string
		}
		Projects []struct {
			Path    string
			Methods []struct {
				Method, Verdict string
				Losses          int
			}
		}
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	times := map[string]int{}
	stops := ""
	for _, f := range doc.Findings {
		if f.Verdict == "violated" && f.Level == "instance" {
			times[f.Check]++
			if f.Remedy == "" {
				t.Errorf("%s has no cure", f.Check)
			}
		}
		if f.Check == "version-required-upgrade-stops" {
			stops = f.Evidence
		}
	}
	for _, id := range []string{"version-direct-transfer-minor-gap", "version-file-export-minor-gap"} {
		if times[id] != 1 {
			t.Errorf("%s stands %d times", id, times[id])
		}
	}
	for _, stop := range []string{"17.3.7", "17.5.5", "17.8.7", "17.11.7", "18.2", "18.5", "18.8", "18.11", "19.2"} {
		if !strings.Contains(stops, stop) {
			t.Errorf("the stop %s is missing: %s", stop, stops)
		}
	}
	states, losses := map[string]int{}, map[int]bool{}
	for _, p := range doc.Projects {
		for _, v := range p.Methods {
			if v.Method == "direct_transfer" {
				states[v.Verdict]++
				losses[v.Losses] = true
			}
		}
	}
	if n := len(doc.Projects); n < 120 || states["blocked"] == 0 || states["blocked"] > n/2 || len(losses) < 5 {
		t.Errorf("%d projects are not told apart: %v, %d different counts of losses", n, states, len(losses))
	}
}

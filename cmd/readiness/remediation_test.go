package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"readiness/checks/track"
	"readiness/scan"
	"readiness/scan/gitlabsim"
)

// TestRemediation scans a world before and after people have worked on it, and
// compares what the report says has changed with what they did.
func TestRemediation(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the same commands as other tests, to read what they write")
	}
	world, err := gitlabsim.New(gitlabsim.Config{Projects: 150, Seed: 5})
	if err != nil {
		t.Fatal(err)
	}
	_, _, done, err := world.Remediate(0.4)
	if err != nil {
		t.Fatal(err)
	}
	out := t.TempDir()
	var stdout, stderr bytes.Buffer
	env := environment{stdin: bytes.NewReader(nil), stdout: &stdout, stderr: &stderr, now: time.Now, getenv: func(string) string { return "" }}
	if code := run(t.Context(), []string{"demo", "--projects", "150", "--seed", "5", "--then-remediate", "40%", "--out", out}, env); code != exitOK {
		t.Fatalf("exit %d: %s", code, stderr.String())
	}
	text, err := os.ReadFile(filepath.Join(out, "readiness.json"))
	if err != nil {
		t.Fatal(err)
	}
	var told struct {
		Findings []struct {
			Check, Verdict, State string
			Level                 scan.Level
			ID                    int64
		}
		Progress []struct {
			Open   map[string]int64
			States map[track.State]int64
		}
		Changes struct {
			Sums []struct {
				Name       string
				Difference *int64
			}
			Findings []struct {
				Check, State string
				Level        scan.Level
				ID           int64
			}
			Subjects []track.Shift
		}
	}
	if err := json.Unmarshal(text, &told); err != nil {
		t.Fatal(err)
	}
	moved := map[track.Move][]int64{}
	for _, s := range told.Changes.Subjects {
		if s.Level != scan.LevelProject {
			t.Errorf("nobody touched the %s %d: %+v", s.Level, s.ID, s)
		}
		moved[s.Move] = append(moved[s.Move], s.ID)
	}
	for move, want := range map[track.Move][]int64{track.Added: done.Added, track.Deleted: done.Deleted, track.Renamed: done.Renamed,
		track.Transferred: done.Transferred, track.Archived: done.Archived, track.Unarchived: nil, track.Unseen: nil} {
		if !slices.Equal(moved[move], want) {
			t.Errorf("%s: %v, and people did %v", move, moved[move], want)
		}
	}

	// What was too large and is no more is resolved; what still is stays open,
	// whatever it is called now; what was deleted or archived is gone.
	const tooLarge = "size-repository-over-5gib"
	resolved := 0
	for _, f := range told.Changes.Findings {
		switch {
		case f.Level != scan.LevelProject:
		case slices.Contains(done.Deleted, f.ID) || slices.Contains(done.Archived, f.ID):
			if f.State != string(track.Gone) {
				t.Errorf("%s of %d is %s", f.Check, f.ID, f.State)
			}
		case slices.Contains(done.Remedied, f.ID) && f.Check == tooLarge:
			if resolved++; f.State != string(track.Resolved) {
				t.Errorf("%s of %d is %s", f.Check, f.ID, f.State)
			}
		case slices.Contains(done.Left, f.ID) && f.Check == tooLarge:
			t.Errorf("%s of %d has changed: %s", f.Check, f.ID, f.State)
		}
	}
	open := 0
	for _, f := range told.Findings {
		if f.Check == tooLarge && f.Verdict == "violated" {
			if open++; f.State != string(track.Open) || !slices.Contains(done.Left, f.ID) {
				t.Errorf("%d is %s", f.ID, f.State)
			}
		}
	}
	if resolved == 0 || open == 0 {
		t.Errorf("%d resolved, %d open: this world shows nothing", resolved, open)
	}
	if n := len(told.Progress); n != 2 {
		t.Fatalf("%d scans are told", n)
	}
	before, after := told.Progress[0], told.Progress[1]
	if after.Open["blocker"] >= before.Open["blocker"] || after.States[track.Resolved] == 0 || before.States[track.Resolved] != 0 {
		t.Errorf("from %+v to %+v", before, after)
	}
	for _, s := range told.Changes.Sums {
		if s.Name == "projects" && (s.Difference == nil || *s.Difference != int64(len(done.Added)-len(done.Deleted))) {
			t.Errorf("projects: %v", s.Difference)
		}
	}
	if said := strings.Join(strings.Fields(stdout.String()), " "); !strings.Contains(said, "Changes since 2026-03-02: ") || !strings.Contains(said, "Two weeks later:") {
		t.Error(said)
	}

	stderr.Reset()
	for _, args := range [][]string{{"--then-remediate", "none"}, {"--then-remediate", "120%"}, {"--then-remediate", "40%", "--projects", "10"}, {"--then-remediate", "40%", "--serve", ":0"}} {
		if code := run(t.Context(), append([]string{"demo", "--out", t.TempDir()}, args...), env); code != exitUsage {
			t.Errorf("%v exits %d", args, code)
		}
	}
}

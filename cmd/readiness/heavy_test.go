//go:build linux

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"readiness/scan"
	"readiness/scan/gitlabsim"
)

// peakFile names the file that peaking writes to.
const peakFile = "READINESS_TEST_PEAK"

// peaking is the program, which writes at its end how much memory it had at most,
// in KiB. It tells so itself: what the kernel tells of a child (ru_maxrss) is at least
// what its parent had when it began, which here holds the simulated instance.
func peaking() {
	spare() // as main does
	code := run(context.Background(), os.Args[1:], surroundings())
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		panic(err)
	}
	_, after, _ := strings.Cut(string(status), "VmHWM:")
	if err := os.WriteFile(os.Getenv(peakFile), []byte(strings.Fields(after)[0]), 0o600); err != nil {
		panic(err)
	}
	os.Exit(code)
}

// heavyMark stands for a long text until an answer is sent.
const heavyMark = "b1b38f0c"

// heavyText is what is sent for it: 1 MiB.
var heavyText = bytes.Repeat([]byte("lorem ipsum dolo"), 1<<16)

// heavyKeys are the free texts that people give to groups, projects and themselves.
var heavyKeys = []string{"description", "name", "bio", "location", "organization", "job_title", "note"}

// heavy answers as a simulated instance does, with 1 MiB in the place of each such
// text. It holds none of its answers.
type heavy struct{ of http.Handler }

func (h heavy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	kept := httptest.NewRecorder()
	h.of.ServeHTTP(kept, r)
	text := kept.Body.Bytes()
	var answer any
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if decoder.Decode(&answer) == nil {
		h.plant(answer)
		var err error
		if text, err = json.Marshal(answer); err != nil {
			panic(err)
		}
	}
	for key, values := range kept.Header() {
		if key != "Content-Length" {
			w.Header()[key] = values
		}
	}
	w.WriteHeader(kept.Code)
	for i, part := range bytes.Split(text, []byte(heavyMark)) {
		if i > 0 {
			if _, err := w.Write(heavyText); err != nil {
				return
			}
		}
		if _, err := w.Write(part); err != nil {
			return
		}
	}
}

// plant marks the texts of groups, projects and people in an answer, wherever in it
// they are told of. GraphQL tells what it is that has an id, REST where it is shown.
func (h heavy) plant(v any) {
	switch v := v.(type) {
	case []any:
		for _, inner := range v {
			h.plant(inner)
		}
	case map[string]any:
		_, ours := v["web_url"]
		if id, graph := v["id"].(string); graph {
			_, rest, _ := strings.Cut(id, "gid://gitlab/")
			kind, _, _ := strings.Cut(rest, "/")
			ours = slices.Contains([]string{"Project", "Group", "User"}, kind)
		}
		for key, inner := range v {
			if text, _ := inner.(string); text != "" && ours && slices.Contains(heavyKeys, key) {
				v[key] = heavyMark
			} else {
				h.plant(inner)
			}
		}
	}
}

// What people may write where GitLab shows it costs no more memory than it may,
// however long it is, and no fact of what has it. A page of a listing has 100 times
// what one answer may be.
//
// The program tries to stay below 400 MiB (memory). It reads three walks and some of
// the lists of the instance side by side, in pages of up to 64 MiB that are in memory
// as text and, in part, as values, and a runtime that is pressed for memory is behind
// by a few of them. A report reads one subject after the other. 700 and 400 MiB are
// one and a half times and twice what they were measured to take.
func TestHeavyTexts(t *testing.T) {
	if testing.Short() {
		t.Skip("sends gigabytes")
	}
	s := newSource(t, gitlabsim.Config{Projects: 45, Seed: 21, Positive: true}, nil)
	web := httptest.NewServer(heavy{s.server})
	t.Cleanup(web.Close)
	dir := t.TempDir()
	calm, out := filepath.Join(dir, "calm"), filepath.Join(dir, "out")
	if code, _, errs := s.command(t, "scan", "--url", s.web.URL, "--out", calm); code == exitUsage || code == exitFailure {
		t.Fatal(errs)
	}
	for _, c := range []struct {
		most float64 // MiB
		args []string
	}{
		{700, []string{"scan", "--url", web.URL, "--out", out}},
		{400, []string{"report", filepath.Join(out, "readiness.db"), "--format", "html", "--output", filepath.Join(dir, "r.html")}},
	} {
		peak := filepath.Join(dir, "peak")
		cmd := exec.Command("readiness-peaking", c.args...)
		var said bytes.Buffer
		cmd.Stderr = &said
		cmd.Env = append(os.Environ(), "GITLAB_TOKEN="+s.server.Token(gitlabsim.Admin), peakFile+"="+peak)
		var ended *exec.ExitError
		if err := cmd.Run(); err != nil && !errors.As(err, &ended) {
			t.Fatal(err)
		}
		if code := cmd.ProcessState.ExitCode(); code != exitBlocker && code != exitUnread && code != exitOK || said.Len() > 0 {
			t.Errorf("%s exits %d and says %.500s", c.args[0], code, said.String())
		}
		text, err := os.ReadFile(peak)
		if err != nil {
			t.Fatal(err)
		}
		kib, err := strconv.ParseFloat(string(text), 64)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: at most %.0f MiB in %v", c.args[0], kib/1024, cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime())
		if kib/1024 > c.most {
			t.Errorf("%s takes %.0f MiB, more than %.0f", c.args[0], kib/1024, c.most)
		}
	}
	spoilt := everything(t, filepath.Join(out, "readiness.db"))
	for key, before := range everything(t, filepath.Join(calm, "readiness.db")) {
		after := spoilt[key]
		if after == nil {
			t.Errorf("%s is missing", key)
			continue
		}
		for id, r := range scan.Facts(before) {
			if was, is := fmt.Sprint(r.Any()), fmt.Sprint(scan.FactOf(after, id).Any()); was != is {
				g, _ := scan.FactOf(after, id).Gap()
				t.Errorf("%s of %s: read %.100s, want %.100s (%+v)", id, key, is, was, g)
			}
		}
	}
}

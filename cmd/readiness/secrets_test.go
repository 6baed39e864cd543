package main

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"readiness/scan/gitlabsim"
)

// The simulated instance holds a recognisable string wherever GitLab holds a
// secret. A whole scan leaves it in no file and on no screen, and changes
// nothing on the source.
func TestNoSecretLeavesTheSource(t *testing.T) {
	world, err := gitlabsim.New(gitlabsim.Config{Projects: 120, Seed: 11})
	if err != nil {
		t.Fatal(err)
	}
	server := gitlabsim.NewServer(world, gitlabsim.Options{})
	listing := httptest.NewRequest("GET", "/api/v4/projects?per_page=100", nil)
	listing.Header.Set("PRIVATE-TOKEN", server.Token(gitlabsim.Admin))
	served := httptest.NewRecorder()
	server.ServeHTTP(served, listing)
	if !bytes.Contains(served.Body.Bytes(), []byte(world.Canary())) {
		t.Fatal("the simulated instance serves no secret that could leak")
	}

	out := t.TempDir()
	var stdout, stderr bytes.Buffer
	env := environment{stdin: bytes.NewReader(nil), stdout: &stdout, stderr: &stderr, now: time.Now,
		getenv: func(string) string { return "" }}
	demo := demoFlags{out: out, role: string(gitlabsim.Admin),
		target: targetFlags{destination: "gitlab.com", tier: "ultimate"}}
	if err := demo.scan(t.Context(), env, world, server); err != nil {
		t.Fatal(err)
	}

	told := map[string][]byte{"standard output": stdout.Bytes(), "standard error": stderr.Bytes()}
	files, err := filepath.Glob(filepath.Join(out, "*"))
	if err != nil || len(files) != 3 {
		t.Fatalf("files %q, %v", files, err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		told[file] = content
		if filepath.Ext(file) != ".xlsx" {
			continue
		}
		book, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range book.File {
			r, err := part.Open()
			if err != nil {
				t.Fatal(err)
			}
			if told[file+" "+part.Name], err = io.ReadAll(r); err != nil {
				t.Fatal(err)
			}
		}
	}
	for where, text := range told {
		for _, secret := range []string{world.Canary(), server.Token(gitlabsim.Admin)} {
			if bytes.Contains(text, []byte(secret)) {
				t.Errorf("%s holds %q", where, secret)
			}
		}
	}

	answer := httptest.NewRecorder()
	server.ServeHTTP(answer, httptest.NewRequest("GET", "/-/sim/stats", nil))
	var stats struct{ Requests, Writes int }
	if err := json.Unmarshal(answer.Body.Bytes(), &stats); err != nil {
		t.Fatal(err)
	}
	if stats.Writes != 0 || stats.Requests < 120 {
		t.Errorf("%d requests, of which %d would have changed something", stats.Requests, stats.Writes)
	}
}

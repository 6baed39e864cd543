package main

import (
	"bytes"
	"encoding/json"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"readiness/scan/gitlabsim"
)

// inExamples runs a command in a folder of its own in which the examples lie as
// they do in the repository.
func inExamples(t *testing.T, getenv func(string) string) func(args ...string) (int, string, string) {
	t.Helper()
	examples, err := filepath.Abs(filepath.Join("..", "..", "examples"))
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	if err := os.Symlink(examples, "examples"); err != nil {
		t.Skipf("no symbolic links here: %v", err)
	}
	return func(args ...string) (int, string, string) {
		var stdout, stderr bytes.Buffer
		env := environment{stdin: bytes.NewReader(nil), stdout: &stdout, stderr: &stderr, now: time.Now, getenv: getenv}
		code := run(t.Context(), args, env)
		return code, stdout.String(), stderr.String()
	}
}

// TestExampleDecisions judges the demonstration by the examples of what people
// decide: every row and waiver matches something.
func TestExampleDecisions(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the same commands as other tests, to read what they write")
	}
	readiness := inExamples(t, func(string) string { return "" })
	code, said, errors := readiness("demo", "--out", "d", "--plan", "examples/plan.csv", "--waivers", "examples/waivers.yaml",
		"--answers", "examples/answers.yaml", "--profile", "examples/profile.yaml")
	if code != exitOK {
		t.Fatalf("exit %d: %s", code, errors)
	}
	for _, line := range []string{"Plan ", "Waived "} {
		if !strings.Contains(said, "\n"+line) {
			t.Errorf("the summary has no line %s", line)
		}
	}
	text, err := os.ReadFile("d/readiness.json")
	if err != nil {
		t.Fatal(err)
	}
	var told struct {
		Plan struct {
			Waves []struct{ Wave string }
		}
		Findings []struct {
			Check, State, Evidence string
			Decision               *struct{ Ruling string }
		}
	}
	if err := json.Unmarshal(text, &told); err != nil {
		t.Fatal(err)
	}
	rulings := map[string]int{}
	for _, f := range told.Findings {
		if f.Decision != nil {
			rulings[f.Decision.Ruling]++
		}
		if strings.HasSuffix(f.Check, "-without-effect") || f.Check == "waiver-expired" {
			t.Errorf("%s: %s", f.Check, f.Evidence)
		}
	}
	if rulings["waived"] == 0 || rulings["out of scope"] == 0 || len(told.Plan.Waves) != 3 {
		t.Errorf("decided %v, waves %v", rulings, told.Plan.Waves)
	}
	if code, _, errors := readiness("report", "d/readiness.db", "--plan", "examples/plan.csv", "--format", "congregate-wave", "--output", "waves.csv"); code != exitBlocker {
		t.Errorf("exit %d: %s", code, errors)
	}
	if waves, err := os.ReadFile("waves.csv"); err != nil || !strings.Contains(string(waves), "wave-1,2026-06-12,") {
		t.Errorf("%v: %.300s", err, waves)
	}
}

// TestExamplePipeline runs what the example of a pipeline runs, two weeks in a row.
func TestExamplePipeline(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the same commands as other tests, to read what they write")
	}
	text, err := os.ReadFile(filepath.Join("..", "..", "examples", "gitlab-ci.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var pipeline struct {
		Readiness struct {
			Script      []string `yaml:"script"`
			AfterScript []string `yaml:"after_script"`
			Artifacts   struct {
				Paths []string `yaml:"paths"`
			} `yaml:"artifacts"`
			Cache struct {
				When  string   `yaml:"when"`
				Paths []string `yaml:"paths"`
			} `yaml:"cache"`
		} `yaml:"readiness"`
	}
	if err := yaml.Unmarshal(text, &pipeline); err != nil {
		t.Fatal(err)
	}
	world, err := gitlabsim.New(gitlabsim.Config{Projects: 40})
	if err != nil {
		t.Fatal(err)
	}
	server := gitlabsim.NewServer(world, gitlabsim.Options{})
	web := httptest.NewServer(server)
	t.Cleanup(web.Close)
	variables := map[string]string{"GITLAB_TOKEN": server.Token(gitlabsim.Admin), "SOURCE_URL": web.URL}
	readiness := inExamples(t, func(key string) string { return variables[key] })
	job := pipeline.Readiness
	if job.Cache.When != "always" || len(job.Cache.Paths) != 1 {
		t.Errorf("a job that fails has to keep its history too: %+v", job.Cache)
	}
	ran := 0
	for week := range 2 {
		for _, line := range append(job.Script[:len(job.Script):len(job.Script)], job.AfterScript...) {
			line = strings.TrimSuffix(strings.ReplaceAll(line, `"$SOURCE_URL"`, web.URL), " || true")
			args := strings.Fields(line)
			if args[0] != "bin/readiness" {
				continue
			}
			code, said, errors := readiness(args[1:]...)
			switch {
			case args[1] == "scan" && code != exitBlocker && code != exitUnread && code != exitOK:
				t.Fatalf("week %d: %s exits %d: %s", week, line, code, errors)
			case args[1] == "scan" && week == 1 && !strings.Contains(said, "\nChanges "):
				t.Errorf("the second week does not say what has changed: %s", said)
			case args[1] == "diff" && week == 1 && code != exitOK:
				t.Errorf("%s exits %d: %s", line, code, errors)
			}
			ran++
		}
	}
	if ran != 4 {
		t.Errorf("%d commands of the program were run", ran)
	}
	for _, path := range job.Artifacts.Paths {
		if _, err := os.Stat(path); err != nil {
			t.Errorf("the artifact %s is not made: %v", path, err)
		}
	}
}

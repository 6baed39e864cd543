package main

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the outputs under examples/ anew")

// TestExamples keeps what examples/ shows as the program says it today.
func TestExamples(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the same commands as other tests, to read what they write")
	}
	examples, err := filepath.Abs(filepath.Join("..", "..", "examples"))
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	for name, args := range map[string][]string{
		"demo/summary.txt":           {"demo"},
		"demo/summary-developer.txt": {"demo", "--role", "developer"},
		"demo/matrix-item.txt":       {"matrix", "--item", "project.cicd-variables", "--source-version", "16.11"},
	} {
		var stdout, stderr bytes.Buffer
		env := environment{
			stdin: bytes.NewReader(nil), stdout: &stdout, stderr: &stderr, now: time.Now,
			getenv: func(key string) string { return map[string]string{"COLUMNS": "100"}[key] },
		}
		if code := run(t.Context(), args, env); code != exitOK {
			t.Fatalf("readiness %v exited %d: %s", args, code, stderr.String())
		}
		file := filepath.Join(examples, name)
		if *update {
			if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, stdout.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(want, stdout.Bytes()) {
			t.Errorf("examples/%s is not what the program says; 'make examples' renews it. It says now:\n%s", name, stdout.String())
		}
	}
}

package ciconfig

import (
	"flag"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

var update = flag.Bool("update", false, "record anew what gitlab-ci-local reads")

// recorded is what another reader resolved of a configuration: for each job its
// image, for each image "" where the runner's own is used.
type recorded map[string]string

// TestHardFiles compares what is read of hand-made hard files with what
// gitlab-ci-local 4.61.1, which GitLab's makers have no part in, resolves of
// them. Its answers are recorded in expected.yaml; where it is installed (see
// make clients) it is asked again. Every file of a folder is included by another.
func TestHardFiles(t *testing.T) {
	folders, err := filepath.Glob("testdata/hard/*")
	if err != nil || len(folders) < 30 {
		t.Fatalf("%d folders (%v)", len(folders), err)
	}
	tool := findTool()
	if tool == "" && *update {
		t.Fatal("gitlab-ci-local is not installed: make clients installs it")
	}
	for _, folder := range folders {
		t.Run(filepath.Base(folder), func(t *testing.T) {
			files := filesOf(t, folder)
			want := recorded{}
			record := filepath.Join(folder, "expected.yaml")
			if tool != "" {
				want = preview(t, tool, files)
				if *update {
					text, err := yaml.Marshal(want)
					if err != nil {
						t.Fatal(err)
					}
					if err := os.WriteFile(record, text, 0o644); err != nil {
						t.Fatal(err)
					}
				}
			} else {
				text, err := os.ReadFile(record)
				if err != nil {
					t.Fatal(err)
				}
				if err := yaml.Unmarshal(text, &want); err != nil {
					t.Fatal(err)
				}
			}
			config := Read(".gitlab-ci.yml", files, About{Project: "group/project", Host: "gitlab.example.com"})
			got := recorded{}
			for _, j := range config.Jobs {
				got[j.Name] = j.Image
			}
			if !maps.Equal(got, want) {
				t.Errorf("read %v, want %v", got, want)
			}
			if paths := slices.Sorted(maps.Keys(files)); !slices.Equal(slices.Sorted(slices.Values(config.Files)), paths) {
				t.Errorf("read the files %v of %v", config.Files, paths)
			}
			for _, m := range config.Mentions.Items {
				if m.Kind == "problem" {
					t.Errorf("a problem in a good file: %+v", m)
				}
			}
		})
	}
}

// findTool is the path of gitlab-ci-local, or "".
func findTool() string {
	if dir := os.Getenv("READINESS_CLIENTS"); dir != "" {
		found, _ := filepath.Glob(filepath.Join(dir, "*", "node_modules", ".bin", "gitlab-ci-local"))
		direct, _ := filepath.Glob(filepath.Join(dir, "node_modules", ".bin", "gitlab-ci-local"))
		if found = append(found, direct...); len(found) > 0 {
			return found[0]
		}
	}
	return ""
}

// filesOf reads a folder, but for the record, as the repository it stands for.
func filesOf(t testing.TB, folder string) map[string]File {
	t.Helper()
	files := map[string]File{}
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == "expected.yaml" {
			return err
		}
		text, err := os.ReadFile(path)
		name, _ := filepath.Rel(folder, path)
		files[filepath.ToSlash(name)] = File{Text: string(text)}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// preview asks gitlab-ci-local, in a repository of its own.
func preview(t *testing.T, tool string, files map[string]File) recorded {
	t.Helper()
	dir := t.TempDir()
	for name, f := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(f.Text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	run := func(name string, args ...string) string {
		c := exec.Command(name, args...)
		c.Dir = dir
		out, err := c.Output()
		if err != nil {
			t.Fatalf("%s %s: %v", name, strings.Join(args, " "), err)
		}
		return string(out)
	}
	run("git", "init", "-q")
	run("git", "add", "-A")
	run("git", "-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-qm", "files")
	run("git", "remote", "add", "origin", "git@gitlab.example.com:group/project.git")
	_, text, _ := strings.Cut("\n"+run(tool, "--preview"), "\n---\n")
	var all map[string]yaml.Node
	if err := yaml.Unmarshal([]byte(text), &all); err != nil {
		t.Fatal(err)
	}
	jobs := recorded{}
	for name, n := range all {
		if strings.HasPrefix(name, ".") || slices.Contains(keywords, name) || n.Kind != yaml.MappingNode {
			continue
		}
		var j struct{ Image struct{ Name string } }
		if err := n.Decode(&j); err != nil {
			t.Fatalf("job %s: %v", name, err)
		}
		jobs[name] = j.Image.Name
	}
	return jobs
}

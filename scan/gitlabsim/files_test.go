package gitlabsim

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// The files of a repository are the same over both APIs, and the languages'
// shares add up.
func TestFilesAndLanguages(t *testing.T) {
	w := newWorld(t, Config{})
	s := NewServer(w, Options{})
	p := find(t, w, func(p Project) bool { return len(w.Files(p)) > 120 && p.Access.Repository != "disabled" })
	blobs, cursor := 0, ""
	for {
		rw := query(t, s, s.Token(Admin), fmt.Sprintf(`{ project(fullPath: %q) { languages { name share } repository { tree(recursive: true) {
			blobs(after: %q) { nodes { name path } pageInfo { endCursor hasNextPage } } } } } }`, p.FullPath, cursor), nil)
		var a struct {
			Data struct {
				Project struct {
					Languages  []Language
					Repository struct {
						Tree struct {
							Blobs struct {
								Nodes    []struct{ Name, Path string }
								PageInfo struct {
									EndCursor   string
									HasNextPage bool
								}
							}
						}
					}
				}
			}
		}
		if err := json.Unmarshal(rw.Body.Bytes(), &a); err != nil {
			t.Fatal(err)
		}
		if fmt.Sprint(a.Data.Project.Languages) != fmt.Sprint(w.Languages(p)) {
			t.Errorf("languages %v, want %v", a.Data.Project.Languages, w.Languages(p))
		}
		page := a.Data.Project.Repository.Tree.Blobs
		for _, b := range page.Nodes {
			if want := w.Files(p)[blobs]; b.Path != want {
				t.Fatalf("file %d is %s, want %s", blobs, b.Path, want)
			}
			blobs++
		}
		if !page.PageInfo.HasNextPage {
			break
		}
		cursor = page.PageInfo.EndCursor
	}
	if want := len(w.Files(p)); blobs != want {
		t.Errorf("%d files over GraphQL, want %d", blobs, want)
	}
	root, all := into[[]struct{ Path, Type string }](t, ask(t, s, s.Token(Admin), fmt.Sprintf("/projects/%d/repository/tree?per_page=100", p.ID))), map[string]bool{}
	for _, path := range w.Files(p) {
		first, _, _ := strings.Cut(path, "/")
		all[first] = true
	}
	if len(root) != len(all) {
		t.Errorf("the root holds %d entries, want %d", len(root), len(all))
	}
	for id := range w.ProjectIDs() {
		p, _ := w.Project(id)
		sum := 0.0
		for _, l := range w.Languages(p) {
			sum += l.Share
		}
		if sum != 0 && (sum < 99.9 || sum > 100.1) {
			t.Errorf("project %d: shares add up to %v", id, sum)
		}
		for k, path := range w.Files(p) {
			if _, ok := w.file(p, path); !ok && k%7 == 0 {
				t.Errorf("project %d lists %s and cannot give it", id, path)
			}
		}
	}
}

// Clients ask for /api/v4//version and /api/v4/features/; GitLab's router answers
// as if the slashes were not there.
func TestSlashesAreSqueezed(t *testing.T) {
	s := NewServer(newWorld(t, Config{}), Options{})
	for _, path := range []string{"//version", "/groups//1", "//application///statistics", "/features/", "/groups/1/"} {
		if rw := ask(t, s, s.Token(Admin), path); rw.Code != 200 {
			t.Errorf("GET %s: %d %s", path, rw.Code, rw.Body)
		}
	}
}

// Personal projects are the caller's own.
func TestPersonalProjects(t *testing.T) {
	w := newWorld(t, Config{})
	s := NewServer(w, Options{})
	p := find(t, w, func(p Project) bool { return p.Personal })
	rw := query(t, s, s.Token(Admin), `{ projects(personal: true) { count nodes { fullPath } } }`, nil)
	if strings.Contains(rw.Body.String(), p.FullPath) && !strings.HasPrefix(p.FullPath, "root/") {
		t.Errorf("the administrator's personal projects: %s", rw.Body)
	}
}

package scan_test

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"testing"

	"readiness/scan"
)

// split is an inventory of projects by path that counts how often it is walked.
type split struct {
	scan.Inventory
	groups   []string
	projects []string
	walks    int
	broken   error
}

func (s *split) Meta() scan.Meta {
	return scan.Meta{Hash: "ab", Walks: []scan.Walk{{Level: scan.LevelUser, Done: true, Listed: 7}}}
}

func (s *split) Groups() iter.Seq2[*scan.Group, error] {
	return func(yield func(*scan.Group, error) bool) {
		for i, path := range s.groups {
			if !yield(&scan.Group{ID: int64(i + 1), Path: path}, nil) {
				return
			}
		}
	}
}

func (s *split) Projects() iter.Seq2[*scan.Project, error] {
	return func(yield func(*scan.Project, error) bool) {
		s.walks++
		for i, path := range s.projects {
			p := &scan.Project{ID: int64(i + 1), Path: path, Personal: scan.Known(path[0] == '~')}
			if !yield(p, nil) {
				return
			}
		}
		if s.broken != nil {
			yield(nil, s.broken)
		}
	}
}

// TestSplit has every project in exactly one namespace, however few fit in
// memory, and no account in any.
func TestSplit(t *testing.T) {
	inv := &split{groups: []string{"alpha", "alpha/deep", "beta", "empty"}}
	for i := range 30 {
		inv.projects = append(inv.projects, fmt.Sprintf("alpha/deep/p%d", i), fmt.Sprintf("~anna/p%d", i))
		if i%3 == 0 {
			inv.projects = append(inv.projects, fmt.Sprintf("beta/p%d", i))
		}
	}
	for _, atOnce := range []int64{1, 10, 30, 1000} {
		inv.walks = 0
		var order []string
		seen := map[int64]bool{}
		for n, err := range scan.Split(inv, atOnce) {
			if err != nil {
				t.Fatal(err)
			}
			order = append(order, n.Group)
			for range 2 { // a report walks it again
				count := int64(0)
				for p, err := range n.Projects() {
					if err != nil || scan.TopGroup(p) != n.Group {
						t.Errorf("%q holds %s, %v", n.Group, p.Path, err)
					}
					seen[p.ID] = true
					count++
				}
				if count != n.Holds {
					t.Errorf("%q holds %d projects and tells %d", n.Group, n.Holds, count)
				}
			}
			for g := range n.Groups() {
				if n.Group != "alpha" && g.Path != n.Group {
					t.Errorf("%q holds the group %s", n.Group, g.Path)
				}
			}
			for range n.Users() {
				t.Error("a namespace holds users")
			}
			meta := n.Meta()
			if w := meta.Walks[0]; w.Gap == nil || w.Gap.Reason != scan.ReasonNotAsked || meta.Hash != "ab" {
				t.Errorf("%q: %+v", n.Group, meta)
			}
			if n.Group != "" && !slices.Equal(meta.Scope.Groups, []string{n.Group}) {
				t.Errorf("%q has the scope %v", n.Group, meta.Scope.Groups)
			}
		}
		if !slices.Equal(order, []string{"alpha", "beta", "empty", ""}) {
			t.Errorf("namespaces %q", order)
		}
		if len(seen) != len(inv.projects) {
			t.Errorf("%d at once: %d projects of %d are told", atOnce, len(seen), len(inv.projects))
		}
		if atOnce == 1000 && inv.walks != 2 {
			t.Errorf("%d walks where all fit in memory, want 2: one to count, one to keep", inv.walks)
		}
	}
	inv.broken = errors.New("disk gone")
	for _, err := range scan.Split(inv, 10) {
		if err == nil {
			t.Error("an inventory that cannot be read was split")
		}
		break
	}
}

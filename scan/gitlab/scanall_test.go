package gitlab

import (
	"testing"

	"readiness/scan"
)

// whole is all that a source answered.
type wholeScan struct {
	instance *scan.Instance
	groups   map[int64]*scan.Group
	users    map[int64]*scan.User
	projects map[int64]*scan.Project
}

func (w wholeScan) subjects() []scan.Subject {
	all := []scan.Subject{w.instance}
	for _, g := range w.groups {
		all = append(all, g)
	}
	for _, u := range w.users {
		all = append(all, u)
	}
	for _, p := range w.projects {
		all = append(all, p)
	}
	return all
}

// scanAll asks a source everything, in the order of a scan, and fails the test
// where a method leaves a fact of its part unset.
func scanAll(t *testing.T, s *Source) wholeScan {
	t.Helper()
	ctx := t.Context()
	w := wholeScan{groups: map[int64]*scan.Group{}, users: map[int64]*scan.User{}, projects: map[int64]*scan.Project{}}
	var err error
	if w.instance, err = s.Instance(ctx); err != nil {
		t.Fatal(err)
	}
	mustSet(t, w.instance, scan.Quick, scan.Standard)
	each(t, "groups", func(cursor string) (string, int) {
		page, err := s.Groups(ctx, cursor)
		if err != nil {
			t.Fatal(err)
		}
		for _, g := range page.Items {
			mustSet(t, g, scan.Quick)
			w.groups[g.ID] = g
		}
		if s.depth >= scan.Standard {
			if err := s.WideGroups(ctx, page.Items); err != nil {
				t.Fatal(err)
			}
		}
		for _, g := range page.Items {
			if s.depth >= scan.Standard {
				mustSet(t, g, scan.Standard)
			}
			if s.depth >= scan.Deep {
				if err := s.DeepGroup(ctx, g); err != nil {
					t.Fatal(err)
				}
				mustSet(t, g, scan.Deep)
			}
		}
		return page.Next, len(page.Items)
	})
	each(t, "users", func(cursor string) (string, int) {
		page, err := s.Users(ctx, cursor)
		if err != nil {
			t.Fatal(err)
		}
		if s.depth >= scan.Standard {
			if err := s.WideUsers(ctx, page.Items); err != nil {
				t.Fatal(err)
			}
		}
		for _, u := range page.Items {
			mustSet(t, u, scan.Quick)
			w.users[u.ID] = u
			if s.depth >= scan.Standard {
				mustSet(t, u, scan.Standard)
			}
			if s.depth >= scan.Deep {
				if err := s.DeepUser(ctx, u); err != nil {
					t.Fatal(err)
				}
				mustSet(t, u, scan.Deep)
			}
		}
		return page.Next, len(page.Items)
	})
	each(t, "projects", func(cursor string) (string, int) {
		page, err := s.Projects(ctx, cursor)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range page.Items {
			mustSet(t, p, scan.Quick)
			w.projects[p.ID] = p
		}
		if s.depth >= scan.Standard {
			if err := s.WideProjects(ctx, page.Items); err != nil {
				t.Fatal(err)
			}
		}
		for _, p := range page.Items {
			if s.depth >= scan.Standard {
				mustSet(t, p, scan.Standard)
			}
			if s.depth >= scan.Deep {
				if err := s.DeepProject(ctx, p); err != nil {
					t.Fatal(err)
				}
				mustSet(t, p, scan.Deep)
			}
		}
		return page.Next, len(page.Items)
	})
	return w
}

// each walks pages to their end and fails the test if there is none.
func each(t *testing.T, what string, page func(cursor string) (next string, n int)) {
	t.Helper()
	cursor := ""
	for range 1000 {
		next, _ := page(cursor)
		if next == "" {
			return
		}
		cursor = next
	}
	t.Fatalf("the walk over %s does not end", what)
}

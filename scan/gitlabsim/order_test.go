package gitlabsim

import (
	"cmp"
	"slices"
	"strings"
	"testing"
)

// Clients rely on the order that GitLab gives a list by itself.
func TestOrders(t *testing.T) {
	w := newWorld(t, Config{Projects: 250})
	s := NewServer(w, Options{})
	projects, groups, users := slices.Collect(w.ProjectIDs()), slices.Collect(w.GroupIDs()), slices.Collect(w.UserIDs())
	by := func(ids []int64, key func(int64) string) []int64 {
		sorted := slices.Clone(ids)
		slices.SortFunc(sorted, func(a, b int64) int { return cmp.Or(cmp.Compare(key(a), key(b)), cmp.Compare(a, b)) })
		return sorted
	}
	groupName := func(id int64) string { g, _ := w.Group(id); return g.Name }
	projectName := func(id int64) string { p, _ := w.Project(id); return p.Name }
	active := func(id int64) string { p, _ := w.Project(id); return p.LastActivityAt.Format(timestamp) }
	username := func(id int64) string { u, _ := w.User(id); return u.Username }
	for _, c := range []struct {
		path string
		want []int64
	}{
		{"/projects?per_page=100", reversed(projects)},
		{"/projects?per_page=100&sort=asc", projects},
		{"/projects?per_page=100&order_by=name&sort=asc", by(projects, projectName)},
		{"/projects?per_page=90&order_by=last_activity_at", reversed(by(projects, active))},
		{"/projects?order_by=name&sort=asc&per_page=100&id_after=100", slices.DeleteFunc(by(projects, projectName), func(id int64) bool { return id <= 100 })},
		{"/groups?per_page=7", by(groups, groupName)},
		{"/groups?per_page=7&sort=desc", reversed(by(groups, groupName))},
		{"/groups?per_page=7&pagination=keyset", by(groups, groupName)}, // keyset is for those without a token
		{"/users?per_page=100", reversed(users)},
		{"/users?per_page=100&order_by=username&sort=asc", by(users, username)},
	} {
		if got := walkAll(t, s, s.Token(Admin), c.path); !slices.Equal(got, c.want) {
			t.Errorf("GET %s: %v\nwant %v", c.path, got, c.want)
		}
	}
	public := slices.DeleteFunc(by(groups, groupName), func(id int64) bool { g, _ := w.Group(id); return g.Visibility != "public" })
	if got := walkAll(t, s, "", "/groups?pagination=keyset&order_by=name&sort=asc&per_page=2"); !slices.Equal(got, public) {
		t.Errorf("groups by keyset: %v, want %v", got, public)
	}
	for path, status := range map[string]int{"/projects?order_by=colour": 400, "/groups?sort=up": 400, "/users?order_by=": 200, "/projects?order_by=storage_size": 200} {
		if rw := ask(t, s, s.Token(Admin), path); rw.Code != status {
			t.Errorf("GET %s: %d %s", path, rw.Code, rw.Body)
		}
	}
	for path, status := range map[string]int{"/groups?pagination=keyset&order_by=path": 405, "/groups?page=501&per_page=100": 405, "/projects?page=501&per_page=100": 405} {
		if rw := ask(t, s, "", path); rw.Code != status {
			t.Errorf("GET %s without a token: %d %s", path, rw.Code, rw.Body)
		}
	}
}

// The filters of GET /projects keep what they say.
func TestProjectFilters(t *testing.T) {
	w := newWorld(t, Config{Projects: 250})
	s := NewServer(w, Options{})
	owner := caller{role: Owner, user: userOwner}
	level := func(p Project) int { return w.level(owner, &p) }
	for _, c := range []struct {
		query string
		keep  func(Project) bool
	}{
		{"archived=true", func(p Project) bool { return p.Archived }},
		{"archived=false", func(p Project) bool { return !p.Archived }},
		{"visibility=internal", func(p Project) bool { return p.Visibility == "internal" }},
		{"membership=true", func(p Project) bool { return level(p) > 0 }},
		{"owned=true", func(p Project) bool { return level(p) >= levelOwner }},
		{"min_access_level=40", func(p Project) bool { return level(p) >= levelMaintainer }},
		{"search=SERVICE", func(p Project) bool {
			return strings.Contains(strings.ToLower(p.Name+"\n"+p.Path+"\n"+p.Description), "service")
		}},
		{"simple=true&archived=true&visibility=public", func(p Project) bool { return p.Archived && p.Visibility == "public" }},
	} {
		var want []int64
		for id := range w.ProjectIDs() {
			if p, _ := w.Project(id); w.visible(owner, p.index) && c.keep(p) {
				want = append(want, id)
			}
		}
		for _, order := range []string{"order_by=id&sort=asc&per_page=20&", "order_by=id&sort=asc&pagination=keyset&per_page=20&"} {
			if got := walkAll(t, s, s.Token(Owner), "/projects?"+order+c.query); !slices.Equal(got, want) || len(want) == 0 {
				t.Errorf("%s%s: %v\nwant %v", order, c.query, got, want)
			}
		}
	}
	simple := into[[]map[string]any](t, ask(t, s, s.Token(Owner), "/projects?simple=true"))[0]
	if _, full := simple["permissions"]; full || simple["path_with_namespace"] == nil {
		t.Errorf("simple: %v", simple)
	}
}

// What a filter keeps is remembered for as many as are in use, not for ever.
func TestFiltersAreForgotten(t *testing.T) {
	w := newWorld(t, Config{Projects: 100})
	s := NewServer(w, Options{})
	for _, word := range []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"} {
		ask(t, s, s.Token(Developer), "/projects?search="+word)
		ask(t, s, s.Token(Developer), "/projects?search="+word+"&page=2")
	}
	if n := len(w.walks.kept); n != mostKept || len(w.walks.recent) != n {
		t.Errorf("%d filters are remembered", n)
	}
}

package gitlabsim

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// walks remembers what lists asked of a world cost most: the order of entities
// by something that does not rise with their ids, and which of them a filter
// keeps. GitLab has indexes for it.
type walks struct {
	mu     sync.Mutex
	orders map[string][]int32
	kept   map[string]*kept
	recent []string // keys of kept, the oldest first
}

// mostKept bounds how many filters are remembered.
const mostKept = 8

// order is the entities 0 to n-1 ascending by less, ties by id.
func (w *World) order(what string, n int, key func(int) string) []int32 {
	w.walks.mu.Lock()
	defer w.walks.mu.Unlock()
	if o, ok := w.walks.orders[what]; ok {
		return o
	}
	keys := make([]string, n)
	o := make([]int32, n)
	for i := range n {
		keys[i], o[i] = key(i), int32(i)
	}
	slices.SortFunc(o, func(a, b int32) int { return cmp.Or(cmp.Compare(keys[a], keys[b]), cmp.Compare(a, b)) })
	if w.walks.orders == nil {
		w.walks.orders = map[string][]int32{}
	}
	w.walks.orders[what] = o
	return o
}

// kept is the entities that a filter keeps, as far as somebody asked.
type kept struct {
	mu    sync.Mutex
	found []int32
	next  int // the first position that was not looked at
}

// remembered is the memory of a filter; the same key means the same selection.
func (w *World) remembered(key string) *kept {
	w.walks.mu.Lock()
	defer w.walks.mu.Unlock()
	if k, ok := w.walks.kept[key]; ok {
		return k
	}
	if w.walks.kept == nil {
		w.walks.kept = map[string]*kept{}
	}
	if len(w.walks.recent) == mostKept {
		delete(w.walks.kept, w.walks.recent[0])
		w.walks.recent = w.walks.recent[1:]
	}
	k := &kept{}
	w.walks.kept[key], w.walks.recent = k, append(w.walks.recent, key)
	return k
}

// slice is the page of the selection and how many there are in all, counted no
// further than a page or X-Total needs.
func (k *kept) slice(s selection, offset, limit int) (found []int, total int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for enough := max(maxCounted, offset+limit); len(k.found) <= enough && k.next < s.size(); k.next++ {
		if i := s.at(k.next); s.keep(i) {
			k.found = append(k.found, int32(i))
		}
	}
	for _, i := range k.found[min(offset, len(k.found)):min(offset+limit, len(k.found))] {
		found = append(found, int(i))
	}
	return found, len(k.found)
}

// walkKey tells selections apart: who asks for what, but for the page.
func (c *call) walkKey() string {
	q := c.link("page", "", "per_page", "")
	return fmt.Sprint(c.who.role, " ", c.who.user, " ", q)
}

// badValue is how GitLab's framework refuses a value that is none of those allowed.
func badValue(name string) refusal {
	return refusal{http.StatusBadRequest, object{{"error", name + " does not have a valid value"}}}
}

// sorted reads order_by and sort. byID says which values rise with the id, keys
// what the others are by.
func (c *call) sorted(s *selection, what, by, direction string, byID []string, keys map[string]func(int) string) error {
	if v := c.query.Get("order_by"); v != "" {
		by = v
	}
	if v := c.query.Get("sort"); v != "" {
		direction = v
	}
	if direction != "asc" && direction != "desc" {
		return badValue("sort")
	}
	s.desc = direction == "desc"
	if contains(byID, by) {
		return nil
	}
	key, ok := keys[by]
	if !ok {
		return badValue("order_by")
	}
	s.order = c.w.order(what+" "+by, s.n, key)
	return nil
}

// sortedProjects orders projects; the default is the date of creation, newest first.
func (c *call) sortedProjects(s *selection) error {
	of := func(f func(Project) string) func(int) string {
		return func(i int) string { return f(c.w.project(i)) }
	}
	number := func(f func(Project) int64) func(int) string {
		return of(func(p Project) string { return fmt.Sprintf("%020d", f(p)) })
	}
	active := of(func(p Project) string { return p.LastActivityAt.Format(timestamp) })
	keys := map[string]func(int) string{"name": of(func(p Project) string { return p.Name }), "path": of(func(p Project) string { return p.Path }),
		"updated_at": active, "last_activity_at": active, "star_count": number(func(p Project) int64 { return p.Stars })}
	if c.who.admin() {
		keys["storage_size"] = number(func(p Project) int64 { return p.Sizes.Storage() })
		keys["repository_size"] = number(func(p Project) int64 { return p.Sizes.Repository })
		keys["packages_size"] = number(func(p Project) int64 { return p.Sizes.Packages })
		keys["wiki_size"] = number(func(p Project) int64 { return p.Sizes.Wiki })
	}
	return c.sorted(s, "projects", "created_at", "desc", []string{"id", "created_at", "similarity"}, keys)
}

// sortedGroups orders groups; the default is their name.
func (c *call) sortedGroups(s *selection) error {
	return c.sorted(s, "groups", "name", "asc", []string{"id"}, map[string]func(int) string{"name": c.w.groupName, "path": c.w.groupPath,
		"similarity": c.w.groupName})
}

// sortedUsers orders accounts; the default is their id, the newest first.
func (c *call) sortedUsers(s *selection) error {
	date := func(i int) string { return c.w.user(i).CreatedAt.Format(timestamp) }
	return c.sorted(s, "users", "id", "desc", []string{"id"}, map[string]func(int) string{"created_at": date, "updated_at": date,
		"username": c.w.username, "name": func(i int) string { return c.w.user(i).Name }})
}

// nameOrder sorts groups that are at hand, by name unless another order is asked.
func (c *call) nameOrder(groups []int) {
	by := c.query.Get("order_by")
	slices.SortFunc(groups, func(a, b int) int {
		switch by {
		case "id":
			return cmp.Compare(a, b)
		case "path":
			return cmp.Or(cmp.Compare(c.w.groupPath(a), c.w.groupPath(b)), cmp.Compare(a, b))
		}
		return cmp.Or(cmp.Compare(c.w.groupName(a), c.w.groupName(b)), cmp.Compare(a, b))
	})
	if c.query.Get("sort") == "desc" {
		slices.Reverse(groups)
	}
}

// searched reports whether a text holds what was searched for, in any case.
func searched(want string, texts ...string) bool {
	return slices.ContainsFunc(texts, func(t string) bool { return strings.Contains(strings.ToLower(t), strings.ToLower(want)) })
}

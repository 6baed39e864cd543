package checks

import (
	"maps"
	"slices"
	"strings"

	"readiness/scan"
)

// Trees is a judge of whole group trees: every project is measured on its own
// while it passes by, and what the projects below one top-level group add up to
// is judged once for that group. Where a scan covers subgroups, each of these is
// the head of its tree. Personal projects are in no tree.
type Trees struct {
	Project func(*Context, *scan.Project) int64
	// Judge says what the sum means; of a tree with a project that could not be
	// measured it is a lower bound, and the outcome is heard only if it is
	// Regardless.
	Judge func(c *Context, sum int64) Outcome
}

// tree is what was measured below one head.
type tree struct {
	sum int64
	gap *scan.Gap // of the first project that could not be measured
}

// forest knows the heads of all trees by their paths.
type forest map[string]*scan.Group

// add notes a group if it is the head of a tree.
func (f forest) add(g *scan.Group, scope scan.Scope) {
	if g.ParentID == 0 || slices.Contains(scope.Groups, g.Path) {
		f[g.Path] = &scan.Group{ID: g.ID, Path: g.Path, Name: g.Name, WebURL: g.WebURL, ParentID: g.ParentID}
	}
}

// head is the path of the tree that a project's full path lies in, "" for none:
// the shortest, where the scope names both a group and one below it.
func (f forest) head(path string) string {
	for i := range len(path) {
		if path[i] == '/' && f[path[:i]] != nil {
			return path[:i]
		}
	}
	return ""
}

// measure adds a project to its tree.
func (k *running) measure(c *Context, head string, p *scan.Project) {
	if k.trees[head] == nil {
		k.trees[head] = &tree{}
	}
	t := k.trees[head]
	c.missing = nil
	n := k.Trees.Project(c, p)
	if c.missing != nil && t.gap == nil {
		t.gap = c.missing
	}
	t.sum = scan.Plus(t.sum, n)
}

// concludeTrees judges every tree, in the order of the heads' paths.
func (k *running) concludeTrees(c *Context, f forest) {
	for _, head := range slices.SortedFunc(maps.Keys(k.trees), strings.Compare) {
		t := k.trees[head]
		c.missing = t.gap
		o, gap := c.heed(k.Trees.Judge(c, t.sum))
		// A tree is made of what moves, whatever was decided about its head.
		all := k.decided
		k.decided = all.without()
		k.hear(f[head], o, gap)
		k.decided = all
	}
}

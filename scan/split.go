package scan

import (
	"fmt"
	"iter"
	"slices"
	"strings"
)

// Namespace is what lies in one top-level group, as an inventory of its own: the
// instance's facts, the group with its subgroups and projects, and no users,
// since accounts belong to no group.
type Namespace struct {
	Inventory
	Group string // full path; "": the personal namespaces
	Holds int64  // how many projects
}

// TopGroup is the top-level group that a project lies in; "": a personal namespace.
func TopGroup(p *Project) string {
	if personal, known := p.Personal.Get(); known && personal {
		return ""
	}
	top, _, _ := strings.Cut(p.Path, "/")
	return top
}

// Split walks the namespaces of an inventory in the order of their paths, personal
// namespaces last. It holds up to atOnce projects in memory and walks the
// inventory as often as that takes; a group with more is read from the inventory
// while it is told. One is good until the next.
func Split(inv Inventory, atOnce int64) iter.Seq2[Namespace, error] {
	return func(yield func(Namespace, error) bool) {
		sizes := map[string]int64{}
		groups := map[string][]*Group{}
		for g, err := range inv.Groups() {
			if err != nil {
				yield(Namespace{}, fmt.Errorf("split by group: %w", err))
				return
			}
			top, _, _ := strings.Cut(g.Path, "/")
			groups[top] = append(groups[top], g)
			sizes[top] += 0
		}
		for p, err := range ProjectsWith(inv, "project.personal-namespace-project") {
			if err != nil {
				yield(Namespace{}, fmt.Errorf("split by group: %w", err))
				return
			}
			sizes[TopGroup(p)]++
		}
		for _, batch := range batches(sizes, atOnce) {
			held := map[string][]*Project{}
			if len(batch) > 1 || sizes[batch[0]] <= atOnce {
				for p, err := range inv.Projects() {
					if err != nil {
						yield(Namespace{}, fmt.Errorf("split by group: %w", err))
						return
					}
					if top := TopGroup(p); slices.Contains(batch, top) {
						held[top] = append(held[top], p)
					}
				}
			}
			for _, top := range batch {
				part := within{Inventory: inv, top: top, groups: groups[top], projects: held[top], held: sizes[top] <= atOnce}
				if !yield(Namespace{part, top, sizes[top]}, nil) {
					return
				}
			}
		}
	}
}

// batches puts groups together whose projects fit in memory at once.
func batches(sizes map[string]int64, atOnce int64) [][]string {
	var names []string
	for name := range sizes {
		names = append(names, name)
	}
	slices.SortFunc(names, func(x, y string) int {
		if (x == "") != (y == "") { // personal namespaces last
			return strings.Compare(y, x)
		}
		return strings.Compare(x, y)
	})
	var all [][]string
	room := int64(0)
	for _, name := range names {
		if n := sizes[name]; len(all) == 0 || n > room {
			all = append(all, nil)
			room = atOnce
		}
		all[len(all)-1] = append(all[len(all)-1], name)
		room -= sizes[name]
	}
	return all
}

// within is the inventory of a Namespace.
type within struct {
	Inventory
	top      string
	groups   []*Group
	projects []*Project
	held     bool // projects are all of them; else they are read anew
}

// accountsElsewhere is why a part holds no users.
var accountsElsewhere = Gap{Reason: ReasonNotAsked, Cure: "the report of the whole instance: accounts belong to no group"}

func (w within) Meta() Meta {
	m := w.Inventory.Meta()
	if w.top != "" {
		m.Scope.Groups = []string{w.top}
	}
	m.Walks = slices.Clone(m.Walks)
	at := slices.IndexFunc(m.Walks, func(o Walk) bool { return o.Level == LevelUser })
	if at < 0 {
		m.Walks, at = append(m.Walks, Walk{Level: LevelUser}), len(m.Walks)
	}
	m.Walks[at] = Walk{Level: LevelUser, Done: true, Gap: &accountsElsewhere}
	return m
}

func (w within) Groups() iter.Seq2[*Group, error] {
	return func(yield func(*Group, error) bool) {
		for _, g := range w.groups {
			if !yield(g, nil) {
				return
			}
		}
	}
}

func (w within) Projects() iter.Seq2[*Project, error] {
	return func(yield func(*Project, error) bool) {
		if w.held {
			for _, p := range w.projects {
				if !yield(p, nil) {
					return
				}
			}
			return
		}
		for p, err := range w.Inventory.Projects() {
			if err == nil && TopGroup(p) != w.top {
				continue
			}
			if !yield(p, err) {
				return
			}
		}
	}
}

func (within) Users() iter.Seq2[*User, error] { return func(func(*User, error) bool) {} }

package checks

import (
	"slices"
	"strings"
)

// Places says where groups and projects go that do not simply go under the
// target's parent: full paths at the source, each with the full path at the
// destination. What lies below a group goes with it, unless it has a place of
// its own.
type Places map[string]string

// Path is the full path at the destination of a group or project of the source.
func (t Target) Path(source string) string {
	for at := source; at != ""; at = up(at) {
		if to, moved := t.Places[at]; moved {
			return to + source[len(at):]
		}
	}
	if t.Parent == "" {
		return source
	}
	return t.Parent + "/" + source
}

// Moves reports whether any path changes on the way.
func (t Target) Moves() bool { return t.Parent != "" || len(t.Places) > 0 }

// sources lists the paths that have a place, sorted.
func (p Places) sources() []string {
	all := make([]string, 0, len(p))
	for s := range p {
		all = append(all, s)
	}
	slices.Sort(all)
	return all
}

// up is the path of the group that holds what lies at path, "" for none.
func up(path string) string {
	i := strings.LastIndexByte(path, '/')
	return path[:max(i, 0)]
}

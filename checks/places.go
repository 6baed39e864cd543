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

// Waves says in which wave groups and projects go: full paths at the source, each
// with the name of its wave. What lies below a group goes with it, unless it has
// a wave of its own. Waves go in the order of their names, numbers in them by size.
type Waves map[string]string

// Wave is the wave of a group or project; "" is the one that nobody has stated.
// Without any statement each top-level group is taken for a wave.
func (t Target) Wave(source string) string {
	if len(t.Waves) == 0 {
		top, _, _ := strings.Cut(source, "/")
		return top
	}
	for at := source; at != ""; at = up(at) {
		if wave, stated := t.Waves[at]; stated {
			return wave
		}
	}
	return ""
}

// apart reports whether two projects that need each other are at some time on
// different instances: they go in different waves, or the other does not go.
func (t Target) apart(from, to string, inside bool) bool {
	return !inside || !strings.EqualFold(t.Wave(from), t.Wave(to))
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

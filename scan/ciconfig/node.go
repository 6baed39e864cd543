package ciconfig

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// node is a piece of configuration with anchors resolved. It knows the place
// where its text stands, wherever it is merged to.
type node struct {
	kind  kind
	text  string // of a scalar
	null  bool
	file  string
	line  int
	items []*node // of a list, and of a reference its path
	pairs []pair  // of a mapping, in order, each key once
	// at finds the keys of a large mapping; it holds as long as it is as long as
	// pairs: they are only ever added to or deleted.
	at map[string]int
}

type kind int

const (
	scalar kind = iota
	list
	mapping
	reference // !reference [job, keyword …], resolved when all files are merged
)

type pair struct {
	key   string
	line  int
	value *node
}

// get returns the value of a key, or nil. It may be asked of nil.
func (n *node) get(key string) *node {
	if n == nil || n.kind != mapping {
		return nil
	}
	if i := n.index(key); i >= 0 {
		return n.pairs[i].value
	}
	return nil
}

func (n *node) index(key string) int {
	if len(n.pairs) > 32 {
		if len(n.at) != len(n.pairs) {
			n.at = make(map[string]int, len(n.pairs))
			for i, p := range n.pairs {
				n.at[p.key] = i
			}
		}
		if i, known := n.at[key]; known {
			return i
		}
		return -1
	}
	return slices.IndexFunc(n.pairs, func(p pair) bool { return p.key == key })
}

// each returns the items of a list, or what is no list as its only item.
func (n *node) each() []*node {
	switch {
	case n == nil || n.null:
		return nil
	case n.kind == list:
		return n.items
	}
	return []*node{n}
}

// str is the text of a scalar, else "".
func (n *node) str() string {
	if n == nil || n.kind != scalar || n.null {
		return ""
	}
	return n.text
}

// deepMerge lays over on base, as GitLab merges included files and what a job
// extends: mappings key by key, anything else replaced.
func (r *reader) deepMerge(base, over *node) *node {
	if base == nil || over == nil || base.kind != mapping || over.kind != mapping {
		if over == nil {
			return base
		}
		return over
	}
	if !r.room(len(base.pairs)) {
		return over
	}
	merged := &node{kind: mapping, file: over.file, line: over.line, pairs: slices.Clone(base.pairs)}
	at := make(map[string]int, len(base.pairs))
	for i, p := range base.pairs {
		at[p.key] = i
	}
	for _, p := range over.pairs {
		if i, known := at[p.key]; known {
			merged.pairs[i] = pair{p.key, p.line, r.deepMerge(merged.pairs[i].value, p.value)}
			continue
		}
		at[p.key] = len(merged.pairs)
		merged.pairs = append(merged.pairs, p)
	}
	return merged
}

// room reports whether so many nodes more may be made, and counts them.
func (r *reader) room(n int) bool {
	r.nodes += n + 1
	return r.nodes <= maxNodes
}

// convert makes a node of what the parser read, with inputs put in. under are
// the anchors being resolved, depth is the nesting.
func (r *reader) convert(y *yaml.Node, file string, inputs map[string]*node, under []*yaml.Node, depth int) *node {
	n := &node{file: file, line: y.Line, kind: scalar}
	if depth > maxDepth {
		r.unread(file, "the file is nested deeper than GitLab reads")
	}
	if depth > maxDepth || !r.room(1) {
		n.null = true
		return n
	}
	switch y.Kind {
	case yaml.AliasNode:
		if y.Alias == nil || slices.Contains(under, y.Alias) {
			n.null = true
			return n
		}
		return r.convert(y.Alias, file, inputs, append(under, y.Alias), depth+1)
	case yaml.SequenceNode:
		n.kind = list
		if y.Tag == "!reference" {
			n.kind = reference
		}
		for _, item := range y.Content {
			n.items = append(n.items, r.convert(item, file, inputs, under, depth+1))
		}
	case yaml.MappingNode:
		n.kind = mapping
		at := make(map[string]int, len(y.Content)/2)
		put := func(p pair, again bool) {
			i, known := at[p.key]
			switch {
			case !known:
				at[p.key] = len(n.pairs)
				n.pairs = append(n.pairs, p)
			case again:
				n.pairs[i] = p
			}
		}
		for i := 0; i+1 < len(y.Content); i += 2 {
			if k := y.Content[i]; k.Tag == "!!merge" || k.Value == "<<" && k.Kind == yaml.ScalarNode && k.Style == 0 {
				continue
			}
			key := y.Content[i].Value
			if y.Content[i].Kind == yaml.AliasNode && y.Content[i].Alias != nil {
				key = y.Content[i].Alias.Value
			}
			put(pair{fill(key, inputs), y.Content[i].Line, r.convert(y.Content[i+1], file, inputs, under, depth+1)}, true)
		}
		// What is merged in gives way to what stands there, the first to the later.
		for i := 0; i+1 < len(y.Content); i += 2 {
			if k := y.Content[i]; k.Tag == "!!merge" || k.Value == "<<" && k.Kind == yaml.ScalarNode && k.Style == 0 {
				for _, m := range r.convert(y.Content[i+1], file, inputs, under, depth+1).each() {
					for _, p := range m.pairs {
						put(p, false)
					}
				}
			}
		}
	default:
		n.null = y.Tag == "!!null"
		n.text = y.Value
		if strings.Contains(n.text, "$[[") {
			if whole := wholeInput(n.text, inputs); whole != nil {
				return whole
			}
			n.text = fill(n.text, inputs)
		}
	}
	return n
}

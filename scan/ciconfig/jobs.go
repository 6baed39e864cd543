package ciconfig

import (
	"slices"
	"strings"
)

// keywords are the keys of a configuration that are no jobs.
// Source: https://docs.gitlab.com/ci/yaml/#keywords
var keywords = []string{"default", "include", "stages", "variables", "workflow", "spec", "image", "services", "cache",
	"before_script", "after_script", "types", "pages_url"}

// job is a job with all that it inherits.
type job struct {
	name string
	line int
	file string
	*node
}

// Depths that GitLab follows.
// Source: https://docs.gitlab.com/ci/yaml/yaml_optimization/#reference-tags, https://docs.gitlab.com/ci/yaml/#extends
const (
	maxExtends    = 11
	maxReferences = 10
)

// jobs are the jobs of the merged configuration that run.
func (r *reader) jobs(config *node) []job {
	if config == nil {
		return nil
	}
	var all []job
	for _, p := range config.pairs {
		if strings.HasPrefix(p.key, ".") || slices.Contains(keywords, p.key) {
			continue
		}
		if p.value.kind != mapping {
			r.problem(p.value.file, p.line, "job "+p.key+" is no mapping")
			continue
		}
		n := r.extended(config, p.key, p.value, nil)
		n = r.resolved(config, n, 0)
		all = append(all, job{p.key, p.line, p.value.file, r.inherited(config, n)})
	}
	return all
}

// extended lays a job over the jobs that it extends, the first below the later.
func (r *reader) extended(config *node, name string, n *node, under []string) *node {
	bases := n.get("extends").each()
	if len(bases) == 0 || !r.room(1) {
		return n
	}
	if slices.Contains(under, name) || len(under) > maxExtends {
		r.problem(n.file, n.line, "extends of "+name+" leads to itself, or too deep")
		return n
	}
	var below *node
	for _, b := range bases {
		base := config.get(b.str())
		if base == nil {
			if !undecided(b.str()) {
				r.problem(b.file, b.line, name+" extends "+b.str()+", which is not in the files that were read")
			}
			continue
		}
		below = r.deepMerge(below, r.extended(config, b.str(), base, append(under, name)))
	}
	merged := r.deepMerge(below, n)
	if merged == n {
		return n
	}
	merged.pairs = slices.DeleteFunc(merged.pairs, func(p pair) bool { return p.key == "extends" })
	return merged
}

// resolved puts what they name in the place of references; led counts the
// references that led to n.
func (r *reader) resolved(config, n *node, led int) *node {
	if n == nil || !r.room(1) {
		return n
	}
	switch n.kind {
	case reference:
		target := config
		for _, step := range n.items {
			target = target.get(step.str())
		}
		switch {
		case target == nil:
			var names []string
			for _, step := range n.items {
				names = append(names, step.str())
			}
			r.problem(n.file, n.line, "!reference ["+strings.Join(names, ", ")+"] names nothing in the files that were read")
			return &node{kind: scalar, null: true, file: n.file, line: n.line}
		case led >= maxReferences:
			r.problem(n.file, n.line, "references lead deeper than GitLab follows")
			return &node{kind: scalar, null: true, file: n.file, line: n.line}
		}
		return r.resolved(config, target, led+1)
	case list:
		if !slices.ContainsFunc(n.items, holdsReference) {
			return n
		}
		out := &node{kind: list, file: n.file, line: n.line}
		for _, item := range n.items {
			v := r.resolved(config, item, led)
			if item.kind == reference && v.kind == list {
				if !r.room(len(v.items)) {
					break
				}
				out.items = append(out.items, v.items...)
				continue
			}
			out.items = append(out.items, v)
		}
		return out
	case mapping:
		if !holdsReference(n) {
			return n
		}
		out := &node{kind: mapping, file: n.file, line: n.line, pairs: slices.Clone(n.pairs)}
		for i := range out.pairs {
			out.pairs[i].value = r.resolved(config, out.pairs[i].value, led)
		}
		return out
	}
	return n
}

// holdsReference reports whether a reference stands somewhere in n.
func holdsReference(n *node) bool {
	if n == nil {
		return false
	}
	switch n.kind {
	case reference:
		return true
	case list:
		return slices.ContainsFunc(n.items, holdsReference)
	case mapping:
		return slices.ContainsFunc(n.pairs, func(p pair) bool { return holdsReference(p.value) })
	}
	return false
}

// inherited gives a job the defaults that it does not set itself, unless it
// inherits none of them. Source: https://docs.gitlab.com/ci/yaml/#inherit
func (r *reader) inherited(config, n *node) *node {
	wanted := func(string) bool { return true }
	if i := n.get("inherit").get("default"); i != nil {
		if i.kind == list {
			wanted = func(key string) bool {
				return slices.ContainsFunc(i.items, func(k *node) bool { return k.str() == key })
			}
		} else if i.str() == "false" {
			wanted = func(string) bool { return false }
		}
	}
	out := &node{kind: mapping, file: n.file, line: n.line, pairs: slices.Clone(n.pairs)}
	for _, key := range []string{"image", "services", "tags", "id_tokens", "before_script", "after_script", "cache", "hooks"} {
		if out.index(key) >= 0 || !wanted(key) {
			continue
		}
		v := config.get("default").get(key)
		if v == nil {
			v = config.get(key)
		}
		if v != nil {
			out.pairs = append(out.pairs, pair{key, v.line, r.resolved(config, v, 0)})
		}
	}
	return out
}

// imageName is the reference of an image, written short or long.
func imageName(n *node) string {
	if n == nil {
		return ""
	}
	if n.kind == mapping {
		return n.get("name").str()
	}
	return n.str()
}

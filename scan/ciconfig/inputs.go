package ciconfig

import (
	"regexp"
	"strings"
)

// interpolation is $[[ inputs.name ]], perhaps with functions after it.
// Source: https://docs.gitlab.com/ci/inputs/
var interpolation = regexp.MustCompile(`\$\[\[\s*inputs\.([A-Za-z0-9_-]+)\s*(\|[^\]]*)?\]\]`)

// inputsOf are the inputs that a file declares in its header, with the values
// that its includer gives or else their defaults.
func inputsOf(spec, given *node) map[string]*node {
	inputs := map[string]*node{}
	declared := spec.get("inputs")
	if declared == nil || declared.kind != mapping {
		return inputs
	}
	for _, p := range declared.pairs {
		if v := given.get(p.key); v != nil {
			inputs[p.key] = v
		} else if v := p.value.get("default"); v != nil {
			inputs[p.key] = v
		}
	}
	return inputs
}

// wholeInput is the input's value if the text is nothing but one interpolation:
// such an input may be a list or a mapping.
func wholeInput(text string, inputs map[string]*node) *node {
	m := interpolation.FindStringSubmatch(text)
	if m == nil || m[0] != strings.TrimSpace(text) || m[2] != "" {
		return nil
	}
	v, known := inputs[m[1]]
	if !known || v.kind == scalar && !v.null {
		return nil // a scalar keeps the place of the text that names it
	}
	return v
}

// fill puts the inputs into a text. One that has no value stays as it stands:
// nobody but the includer knows it.
func fill(text string, inputs map[string]*node) string {
	if !strings.Contains(text, "$[[") {
		return text
	}
	return interpolation.ReplaceAllStringFunc(text, func(s string) string {
		m := interpolation.FindStringSubmatch(s)
		if v, known := inputs[m[1]]; known && v.kind == scalar {
			return v.text
		}
		return s
	})
}

// undecided reports whether a text has something in it that the file does not tell:
// a variable or an input.
func undecided(text string) bool {
	return strings.Contains(text, "$")
}

package ciconfig

import (
	"slices"
	"strings"
	"testing"
)

func TestLocals(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want []string
		bad  bool
	}{
		"none":      {"stages: [build]\nbuild:\n  script: make\n", nil, false},
		"empty":     {"", nil, false},
		"string":    {"include: /ci/a.yml\n", []string{"ci/a.yml"}, false},
		"URL":       {"include: https://example.com/a.yml\n", nil, false},
		"list":      {"include:\n  - ci/a.yml\n  - local: /ci/b.yml\n    rules: [{if: $X}]\n  - remote: https://example.com/c.yml\n  - project: a/b\n    file: d.yml\n  - template: T.yml\n", []string{"ci/a.yml", "ci/b.yml"}, false},
		"one":       {"include:\n  local: '/ci/*.yml'\n", []string{"ci/*.yml"}, false},
		"variable":  {"include:\n  - local: /ci/$ENV.yml\n", nil, false},
		"reference": {"include: [{local: a.yml}]\nx:\n  script:\n    - !reference [y, script]\n", []string{"a.yml"}, false},
		"header":    {"spec:\n  inputs:\n    x:\n---\ninclude: a.yml\n", []string{"a.yml"}, false},
		"invalid":   {"include: [\n  - : :\n\t", nil, true},
		"large":     {strings.Repeat("#\n", 2<<20), nil, true},
	} {
		got, err := Locals(c.text)
		if !slices.Equal(got, c.want) || (err != nil) != c.bad {
			t.Errorf("%s: %q, %v; want %q", name, got, err, c.want)
		}
	}
}

func TestMatch(t *testing.T) {
	for _, c := range []struct {
		pattern, file string
		want          bool
	}{
		{"ci/*.yml", "ci/a.yml", true}, {"ci/*.yml", "ci/x/a.yml", false}, {"ci/*.yml", "ci/a.yaml", false},
		{"ci/**.yml", "ci/x/a.yml", true}, {"ci/**.yml", "ci/a.yml", true}, {"ci/**/*.yml", "ci/a.yml", false},
		{"ci/**/*.yml", "ci/x/a.yml", true}, {"ci/a.yml", "ci/aXyml", false},
	} {
		if got := Match(c.pattern, c.file); got != c.want {
			t.Errorf("%s matches %s: %v", c.pattern, c.file, got)
		}
	}
	for pattern, want := range map[string]string{"ci/*.yml": "ci", "*.yml": "", "ci/x*/y.yml": "ci", "a/b/**.yml": "a/b"} {
		if got, glob := Folder(pattern); got != want || !glob {
			t.Errorf("%s lies in %q, %v", pattern, got, glob)
		}
	}
}

func FuzzLocals(f *testing.F) {
	f.Add("include:\n  - local: /ci/*.yml\n")
	f.Add("a: &a [*a]\ninclude: *a\n")
	f.Fuzz(func(t *testing.T, text string) {
		paths, _ := Locals(text)
		for _, p := range paths {
			if p == "" || strings.HasPrefix(p, "/") || strings.Contains(p, "$") {
				t.Errorf("path %q", p)
			}
			Match(p, p)
			Folder(p)
		}
	})
}

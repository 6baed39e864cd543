package ciconfig

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"readiness/scan"
)

// FuzzRead reads any two files, of which the one may include the other: nothing
// fails, the limits hold, what is kept is text, the same twice gives the same, and
// no password of an address is kept.
func FuzzRead(f *testing.F) {
	hard, _ := filepath.Glob("testdata/hard/*/.gitlab-ci.yml")
	for _, path := range hard {
		text, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text), "x: {script: [y]}\n")
	}
	f.Add("include: /b.yml\na: {extends: .b, script: [!reference [.b, script]]}\n", "include: a.yml\n.b: {script: [$X, 'https://u:SECRET@h/p?SECRET#SECRET']}\n")
	f.Add("include: ['*.yml', '/**/b.yml', {local: $X}]\n", "spec: {inputs: {x: {default: [a]}}}\n---\nj: {tags: $[[ inputs.x ]]}\n")
	f.Add("a: &a [*a, *a]\nb: {<<: *a, image: {name: *a}}\n", "&x ? [a] : {b: c}\n")
	f.Add("include: {remote: 'https://u:SECRET@h/p?SECRET'}\nx: {image: 'u:SECRET@h.example/p', trigger: {project: a/b}}\n", "\x00")
	f.Add(strings.Repeat("[", 500), strings.Repeat("- ", 2_000)+"x")
	f.Fuzz(func(t *testing.T, root, other string) {
		files := map[string]File{"a.yml": {Text: root}, "b.yml": {Text: other}, "c.yml": {Missing: true}}
		paths, patterns := Wanted("a.yml", files)
		for _, p := range slices.Concat(paths, patterns) {
			if p == "" || strings.HasPrefix(p, "/") || strings.Contains(p, "$") || strings.Contains("/"+p+"/", "/../") {
				t.Errorf("wanted %q", p)
			}
			Match(p, "ci/a.yml")
		}
		c := Read("a.yml", files, about)
		if len(c.Mentions.Items) > maxMentions {
			t.Errorf("%d mentions", len(c.Mentions.Items))
		}
		for _, m := range c.Mentions.Items {
			if len(m.Value) > maxValue || len(m.Job) > maxValue || !utf8.ValidString(m.Value) || !utf8.ValidString(m.Job) || m.Line < 0 {
				t.Errorf("%+v", m)
			}
			if !slices.Contains(scan.CIKinds(), m.Kind) || m.Value == "" {
				t.Errorf("%+v", m)
			}
			// Names are kept as they are; addresses without logins and queries.
			if slices.Contains([]scan.CIKind{scan.CIIncludeRemote, scan.CIForeignHost, scan.CIHost, scan.CIIDToken}, m.Kind) && strings.ContainsAny(m.Value, "@?#") && !strings.Contains(m.Value, "$") {
				t.Errorf("%+v", m)
			}
		}
		again := Read("a.yml", files, about)
		if !slices.Equal(again.Mentions.Items, c.Mentions.Items) || again.Mentions.Complete() != c.Mentions.Complete() {
			t.Error("read twice, it says something else")
		}
	})
}

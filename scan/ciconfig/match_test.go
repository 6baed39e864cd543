package ciconfig

import "testing"

func TestMatch(t *testing.T) {
	for _, c := range []struct {
		pattern, file string
		want          bool
	}{
		{"ci/*.yml", "ci/a.yml", true}, {"ci/*.yml", "ci/x/a.yml", false}, {"ci/*.yml", "ci/a.yaml", false},
		{"ci/**.yml", "ci/x/a.yml", true}, {"ci/**.yml", "ci/a.yml", true}, {"ci/**/*.yml", "ci/a.yml", true},
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

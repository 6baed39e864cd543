package checks

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"readiness/checks/matrix"
	"readiness/scan"
)

func TestEveryCheckIsWhole(t *testing.T) {
	kebab := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)+$`)
	seen := map[string]bool{}
	for _, k := range All() {
		t.Run(k.ID, func(t *testing.T) {
			if !kebab.MatchString(k.ID) || seen[k.ID] {
				t.Errorf("the id must be kebab-case and unique")
			}
			seen[k.ID] = true
			if k.Title == "" || strings.HasSuffix(k.Title, ".") || k.Area == "" {
				t.Errorf("title %q, area %q", k.Title, k.Area)
			}
			for _, s := range []string{k.Why, k.Remedy} {
				if !strings.HasSuffix(s, ".") || strings.HasSuffix(s, "..") {
					t.Errorf("why and remedy must end with a full stop: %q", s)
				}
			}
			if len(k.Docs) == 0 {
				t.Errorf("no documentation")
			}
			for _, d := range k.Docs {
				if !strings.HasPrefix(d, "https://") || strings.Contains(d, "//docs.gitlab.com//") || strings.Contains(d, "_index") {
					t.Errorf("documentation %q", d)
				}
			}
			if !slices.Contains(Severities(), k.Severity) || !slices.Contains(scan.Levels(), k.Level) {
				t.Errorf("severity %q, level %q", k.Severity, k.Level)
			}
			if len(k.Methods) == 0 || len(intersect(k.Methods, matrix.Methods())) != len(k.Methods) || len(k.Destinations) == 0 {
				t.Errorf("methods %v, destinations %v", k.Methods, k.Destinations)
			}
			for _, id := range k.Needs {
				if _, known := scan.Lookup(id); !known {
					t.Errorf("needs the fact %s, which is not in the catalogue", id)
				}
			}
			if !k.Judges() && k.Ask == nil {
				t.Errorf("neither judges nor asks")
			}
			switch any := k.Across != nil && k.Across.One != "" && k.Across.Judge == nil && k.Across.Mention == nil && k.Across.Same == nil; {
			case k.Judges() && k.Rule == "" && !any:
				t.Errorf("does not say how it decides")
			case !k.Judges() && k.Rule != "":
				t.Errorf("says how it decides, and only asks")
			}
			if rule := k.Decision(); rule != "" && (!strings.HasSuffix(rule, ".") || !strings.HasPrefix(rule, "Broken ") && !strings.HasPrefix(rule, "A question ")) {
				t.Errorf("decides by %q", rule)
			}
			if (k.If == nil) != (k.When == "") {
				t.Errorf("concerns some targets only and does not say which, or the other way round")
			}
			if k.Across != nil && (k.Instance != nil || k.Group != nil || k.Project != nil || k.User != nil) {
				t.Errorf("judges subjects both one by one and across")
			}
			if len(cases[k.ID]) == 0 {
				t.Errorf("has no test: add cases to cases_test.go")
			}
		})
	}
	for id := range cases {
		if !seen[id] {
			t.Errorf("cases for %s, which is no check", id)
		}
	}
}

func TestDuplicateCheckIsRefused(t *testing.T) {
	twice := append(All(), All()[0])
	if _, err := evaluate(twice, emptyWorld(), smallMatrix(), DefaultTarget(), nil); err == nil || !strings.Contains(err.Error(), All()[0].ID) {
		t.Errorf("err = %v", err)
	}
}

// ours are checks that stand on the matrix's prerequisites (the rules know no
// Geo), one of what new places change, and one of variables that nothing defines.
var ours = []string{"geo-version-exact-match", "geo-license", "references-change-path", "ci-variables-undefined"}

// TestChecksKeepToTheRules compares the catalogue with the readiness rules. A
// check may name fewer methods than its rule, never others: Congregate is judged
// over file export, and rules that name it also for its use of direct transfer
// are narrowed.
func TestChecksKeepToTheRules(t *testing.T) {
	dir := os.Getenv("READINESS_REFERENCE")
	if dir == "" {
		t.Skip("READINESS_REFERENCE is not set: the readiness rules are not compared")
	}
	text, err := os.ReadFile(filepath.Join(dir, "readiness-rules.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Rules []struct {
			ID           string
			Severity     Severity
			Methods      []matrix.Method
			Destinations []Destination
			Source       []string
		}
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	for _, k := range All() {
		if slices.Contains(ours, k.ID) {
			continue
		}
		found := false
		for _, r := range file.Rules {
			if r.ID != k.ID {
				continue
			}
			found = true
			if r.Severity != k.Severity {
				t.Errorf("%s: severity %s, the rule says %s", k.ID, k.Severity, r.Severity)
			}
			for _, m := range k.Methods {
				if !slices.Contains(matrix.Researched(), m) {
					m = matrix.Congregate // of which it is a mode
				}
				if !slices.Contains(r.Methods, m) && m != matrix.Geo { // the rules know no Geo
					t.Errorf("%s: names %s, the rule does not", k.ID, m)
				}
			}
			for _, m := range r.Methods {
				if !slices.Contains(k.Methods, m) && m != matrix.Congregate {
					t.Errorf("%s: does not name %s, the rule does", k.ID, m)
				}
			}
			if !slices.Equal(sorted(k.Destinations), sorted(r.Destinations)) {
				t.Errorf("%s: destinations %v, the rule says %v", k.ID, k.Destinations, r.Destinations)
			}
		}
		if !found {
			t.Errorf("%s is no rule", k.ID)
		}
	}
}

func sorted(d []Destination) []Destination { d = slices.Clone(d); slices.Sort(d); return d }

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
			if !k.judges() && k.Ask == nil {
				t.Errorf("neither judges nor asks")
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
	if _, err := evaluate(twice, emptyWorld(), smallMatrix(), DefaultTarget()); err == nil || !strings.Contains(err.Error(), All()[0].ID) {
		t.Errorf("err = %v", err)
	}
}

// ours are checks that stand on the matrix's prerequisites: the rules know no Geo.
var ours = []string{"geo-version-exact-match", "geo-license"}

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
			if len(intersect(k.Methods, r.Methods)) != len(k.Methods) {
				t.Errorf("%s: methods %v, the rule says %v", k.ID, k.Methods, r.Methods)
			}
			if dropped := intersect(r.Methods, possibleAnywhere(r.Destinations)); len(k.Methods) < len(dropped) &&
				!slices.Equal(append(slices.Clone(k.Methods), matrix.Congregate), slices.Concat(k.Methods, intersect(dropped, []matrix.Method{matrix.Congregate}))) {
				t.Errorf("%s: methods %v, the rule says %v", k.ID, k.Methods, r.Methods)
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

func possibleAnywhere(ds []Destination) (all []matrix.Method) {
	for _, d := range ds {
		all = union(all, possible(Target{Destination: d}))
	}
	return all
}

func sorted(d []Destination) []Destination { d = slices.Clone(d); slices.Sort(d); return d }

package matrix

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	yaml "github.com/goccy/go-yaml"

	"readiness/scan"
)

// referenceItem is an item as the research wrote it down.
type referenceItem struct {
	ID           string
	Level        string
	Title        string
	Tier         string
	FeatureSince string `yaml:"feature_since"`
	Support      map[string]struct {
		Status     string
		Since      string
		SinceSide  string `yaml:"since_side"`
		SinceExact *bool  `yaml:"since_exact"`
		Requires   string
		Note       string
		Source     string
	}
	Remediation string
	Conflict    string
}

type reference struct {
	SchemaVersion int    `yaml:"schema_version"`
	ReadOn        string `yaml:"read_on"`
	Sources       []struct {
		ID, What, Where, Version string
		ReadOn                   string `yaml:"read_on"`
	}
	Methods []struct {
		ID, Title, Summary, Offering string
		Moves                        map[string]string
		Prerequisites                []struct{ Kind, Text, Source string }
	}
	Combinations []struct {
		ID, Title, Base, Note, Source string
		Adds, Drops                   []string
	}
	Items []referenceItem
}

func readReference(t *testing.T) []byte {
	t.Helper()
	dir := os.Getenv("READINESS_REFERENCE")
	if dir == "" {
		t.Skip("READINESS_REFERENCE is not set: nothing to compare the matrix with")
	}
	b, err := os.ReadFile(filepath.Join(dir, "migration-matrix.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Nothing that was researched is lost or altered on its way into the program.
func TestReference(t *testing.T) {
	b := readReference(t)
	var ref reference
	if err := yaml.UnmarshalWithOptions(b, &ref, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	m := load(t)
	equal := func(where string, got, want any) {
		t.Helper()
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, want %v", where, got, want)
		}
	}
	// cites reports whether an address is that of a source, which for one of the
	// declared sources is its link with the same path.
	cites := func(where, got, source string) {
		t.Helper()
		path := source
		if id, rest, ok := strings.Cut(source, ":"); ok && !strings.HasPrefix(source, "https:") {
			path = strings.TrimSuffix(rest, "/")
			project := "https://gitlab.com/gitlab-org/gitlab/-/"
			if id == "congregate" {
				project = "https://gitlab.com/gitlab-org/professional-services-automation/tools/migration/congregate/-/"
			}
			if !strings.HasPrefix(got, project) || !strings.HasSuffix(got, "/"+path) {
				t.Errorf("%s: %s, want %s of %s", where, got, path, project)
			}
			return
		}
		equal(where, got, path)
	}
	version := func(s string) scan.Version {
		if s == "" {
			return scan.Version{}
		}
		return scan.MustVersion(s)
	}

	equal("read_on", m.ReadOn, ref.ReadOn)
	for i, s := range ref.Sources {
		o := m.Origins[i]
		equal("source", []string{o.ID, o.What, o.Where, o.Version, o.ReadOn}, []string{s.ID, s.What, s.Where, s.Version, s.ReadOn})
	}
	for i, want := range ref.Methods {
		got := m.Details[i]
		equal(want.ID, []string{string(got.Method), got.Title, got.Summary, got.Offering}, []string{want.ID, want.Title, want.Summary, want.Offering})
		for level, text := range want.Moves {
			equal(want.ID+" moves "+level, got.Moves[scan.Level(level)], text)
		}
		equal(want.ID+" prerequisites", len(got.Prerequisites), len(want.Prerequisites))
		for j, p := range want.Prerequisites {
			equal(want.ID, []string{got.Prerequisites[j].Kind, got.Prerequisites[j].Text}, []string{p.Kind, p.Text})
			cites(want.ID, got.Prerequisites[j].Source, p.Source)
		}
	}
	for i, want := range ref.Combinations {
		got := m.Combinations[i]
		equal(want.ID, []string{got.ID, got.Title, string(got.Base), got.Note}, []string{want.ID, want.Title, want.Base, want.Note})
		cites(want.ID, got.Source, want.Source)
		if !slices.Equal(got.Adds, want.Adds) || !slices.Equal(got.Drops, want.Drops) {
			t.Errorf("%s: adds %v and drops %v, want %v and %v", want.ID, got.Adds, got.Drops, want.Adds, want.Drops)
		}
	}
	equal("combinations", len(m.Combinations), len(ref.Combinations))
	equal("items", len(m.Items), len(ref.Items))
	for i, want := range ref.Items {
		got := m.Items[i]
		equal(want.ID, []string{got.ID, string(got.Level), got.Title, got.Tier, got.Remedy, got.Conflict},
			[]string{want.ID, want.Level, want.Title, want.Tier, want.Remediation, want.Conflict})
		equal(want.ID+" feature_since", got.FeatureSince, version(want.FeatureSince))
		equal(want.ID+" methods", len(want.Support), len(Methods()))
		for method, w := range want.Support {
			where, r := want.ID+", "+method, got.Rules[Method(method)]
			if w.Status == "unknown" {
				w.Status = string(Unverified)
			}
			equal(where, []string{string(r.Status), string(r.SinceSide), r.Requires, r.Note}, []string{w.Status, w.SinceSide, w.Requires, w.Note})
			equal(where+" since", r.Since, version(w.Since))
			equal(where+" since_exact", r.SinceExact, w.SinceExact == nil || *w.SinceExact)
			cites(where, r.Source, w.Source)
		}
	}
}

// The research itself is a file that overrides: it has the same form, and what
// it says is what the matrix says.
func TestReferenceAsOverride(t *testing.T) {
	b := readReference(t)
	m := load(t)
	n, err := m.Override("migration-matrix.yaml", b)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(m, n) {
		t.Error("the matrix differs from itself overridden by the research it was made from")
	}
}

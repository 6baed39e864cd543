package redact

import (
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"readiness/scan"
)

func redactor(t *testing.T) *Redactor {
	t.Helper()
	r, err := New(strings.Repeat("ab", KeySize))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// marked fills every word of a value, whatever its type, with one that is in no
// vocabulary.
func marked(v reflect.Value, n *int) {
	switch v.Kind() {
	case reflect.String:
		*n++
		v.SetString(fmt.Sprintf("zqname%d", *n))
	case reflect.Int64:
		v.SetInt(7)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		marked(v.Index(0), n)
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				marked(v.Field(i), n)
			}
		}
	}
}

// valueOf is the JSON of a value full of names for a fact, by the type of what it holds.
func valueOf(t *testing.T, fact scan.Read, n *int) []byte {
	t.Helper()
	typ := reflect.TypeOf(fact).Elem()
	get, ok := reflect.PointerTo(typ).MethodByName("Get")
	var of reflect.Type
	if ok {
		of = get.Type.Out(0)
	} else {
		items, _ := typ.FieldByName("Items")
		of = items.Type
	}
	v := reflect.New(of).Elem()
	switch of {
	case reflect.TypeFor[time.Time]():
		v.Set(reflect.ValueOf(time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)))
	case reflect.TypeFor[scan.Version]():
		v.Set(reflect.ValueOf(scan.MustVersion("17.11.2-ee")))
	default:
		marked(v, n)
	}
	b, err := json.Marshal(map[string]any{"value": v.Interface()})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// subjects is one of each level whose every word is a name.
func subjects(t *testing.T, n *int) []scan.Subject {
	t.Helper()
	all := []scan.Subject{new(scan.Instance), new(scan.Group), new(scan.Project), new(scan.User)}
	for _, s := range all {
		v := reflect.ValueOf(s).Elem()
		for i := range v.NumField() {
			if f := v.Field(i); f.Kind() == reflect.String {
				*n++
				f.SetString(fmt.Sprintf("zqname%d", *n))
			}
		}
		for id, fact := range scan.Facts(s) {
			if err := fact.UnmarshalJSON(valueOf(t, fact, n)); err != nil {
				t.Fatalf("%s: %v", id, err)
			}
		}
	}
	return all
}

var name = regexp.MustCompile(`zqname\d+`)

// No name is left of any subject, in its identity or in a fact, whatever facts
// there are, but in those whose words are GitLab's.
func TestNoNameIsLeft(t *testing.T) {
	r, n := redactor(t), 0
	for _, s := range subjects(t, &n) {
		if err := r.Subject(s); err != nil {
			t.Fatal(err)
		}
		v := reflect.ValueOf(s).Elem()
		for i := range v.NumField() {
			if f := v.Field(i); f.Kind() == reflect.String && name.MatchString(f.String()) {
				t.Errorf("%s.%s is %q", v.Type(), v.Type().Field(i).Name, f)
			}
		}
		for id, fact := range scan.Facts(s) {
			b, err := fact.MarshalJSON()
			if err != nil {
				t.Fatal(err)
			}
			left := name.FindString(string(b))
			if left == "" {
				continue
			}
			switch {
			case strings.Contains(fmt.Sprint(words), string(id)):
			case strings.Contains(string(b), `"type":"`+left) || strings.Contains(string(b), `"slug":"`+left) || strings.Contains(string(b), `"kind":"`+left):
				if len(name.FindAllString(string(b), -1)) > 1 {
					t.Errorf("%s: %s", id, b)
				}
			default:
				t.Errorf("%s: %s", id, b)
			}
		}
	}
	if n < 60 {
		t.Errorf("only %d names were tried", n)
	}
	d := &scan.Destination{URL: "https://zqname1.example.com", Parent: "zqname2/zqname3", ParentAddresses: scan.Known([]string{"10.1.2.0/24"}),
		ParentDomains: scan.Known([]string{"zqname4.com"}), Taken: scan.Known([]string{"zqname2/zqname3/zqname5"}),
		Plan: scan.Missing[string](scan.Gap{Reason: scan.ReasonFailed, Cure: "the answer names zqname6"})}
	if err := r.Destination(d); err != nil {
		t.Fatal(err)
	}
	if b, _ := json.Marshal(d); name.Match(b) || strings.Contains(string(b), "10.1.2") {
		t.Errorf("the destination: %s", b)
	}
	if b, _ := json.Marshal(r.Scope(scan.Scope{URL: "https://zqname1.example.com:8443", Groups: []string{"zqname2"}, Projects: []string{"12", "zqname2/zqname3"}})); name.Match(b) || !strings.Contains(string(b), `:8443"`) || !strings.Contains(string(b), `"12"`) {
		t.Errorf("the scope: %s", b)
	}
}

// Pseudonyms are the same with the same key and others with another; what is
// known of a name besides itself stays.
func TestPseudonyms(t *testing.T) {
	r := redactor(t)
	other, _ := New(strings.Repeat("cd", KeySize))
	if a, b, c := r.path("Acme/api"), r.path("acme/API"), other.path("acme/api"); a != b || a == c {
		t.Errorf("%s, %s, %s", a, b, c)
	}
	if group, project := r.path("acme"), r.path("acme/api"); !strings.HasPrefix(project, group+"/") || strings.Count(project, "/") != 1 {
		t.Errorf("%s in %s", project, group)
	}
	for in, want := range map[string]string{
		"10.2.3.4:8080":       `^10\.\d+\.\d+\.\d+:8080$`,
		"203.0.113.9":         `^h-\w+\.example$`,
		"jenkins":             `^h-\w+\.internal$`,
		"ci.corp:8443":        `^h-\w+\.internal:8443$`,
		"git.example.com:443": `^h-\w+\.example:443$`,
		"[fd00::1]:22":        `^10\.\d+\.\d+\.\d+:22$`,
		"":                    `^$`,
	} {
		if got := r.host(in); !regexp.MustCompile(want).MatchString(got) {
			t.Errorf("host %q is %q", in, got)
		}
	}
	if a, b := r.email("Ann@Example.com"), r.email("ann@example.com"); a != b || !strings.HasSuffix(a, "@"+r.host("example.com")) {
		t.Errorf("%s, %s", a, b)
	}
	p := &scan.Project{Path: "acme/api", WebURL: "http://git.example.com/acme/api", CIConfigPath: scan.Known("ci.yml@acme/templates"), DefaultBranch: scan.Known("main"),
		Submodules:      scan.Listed([]scan.Submodule{{Path: "vendor/x", Host: "git.example.com", Target: "acme/api"}}),
		JobTokenAllowed: scan.Listed([]scan.Allowed{{Path: "acme/api"}}), SecuritySettings: scan.Known([]string{"secret_push_protection_enabled"})}
	if err := r.Subject(p); err != nil {
		t.Fatal(err)
	}
	if want := "http://" + r.host("git.example.com") + "/" + r.path("acme/api"); p.WebURL != want {
		t.Errorf("the page is %s, want %s", p.WebURL, want)
	}
	if path, _ := p.CIConfigPath.Get(); !strings.HasSuffix(path, "@"+r.path("acme/templates")) || !strings.Contains(path, ".yml@") {
		t.Errorf("the configuration lies at %s", path)
	}
	if branch, _ := p.DefaultBranch.Get(); branch != "main" {
		t.Errorf("the default branch is %s", branch)
	}
	if s := p.Submodules.Items[0]; s.Target != p.Path || s.Host != r.host("git.example.com") {
		t.Errorf("the submodule is %+v", s)
	}
	if settings, _ := p.SecuritySettings.Get(); settings[0] != "secret_push_protection_enabled" {
		t.Errorf("GitLab's name of a setting is %s", settings[0])
	}
	if a := p.JobTokenAllowed.Items[0]; a.Path != p.Path {
		t.Errorf("on the allowlist is %+v", a)
	}
}

// Cures of the catalogue and of the scanner stay; what may repeat a name does not.
func TestGaps(t *testing.T) {
	r := redactor(t)
	for cure, stays := range map[string]bool{
		"":                                    true,
		"GitLab 15.3 or newer":                true,
		"--depth deep":                        true,
		"Maintainer or higher on the project": true,
		"the folder acme was not told: x":     false,
		"GraphQL refused the question (group acme)":  false,
		"look at the configuration: the folder acme": false,
	} {
		g := r.Gap(scan.Gap{Reason: scan.ReasonWithheld, Cure: cure})
		if (g.Cure == cure) != stays {
			t.Errorf("%q becomes %q", cure, g.Cure)
		}
	}
	for _, e := range scan.Catalog() {
		if g := r.Gap(scan.Gap{Reason: scan.ReasonForbidden, Cure: e.Needs}); g.Cure != e.Needs {
			t.Errorf("%s: the cure %q is lost", e.ID, e.Needs)
		}
	}
}

func TestKeys(t *testing.T) {
	if a, b := NewKey(), NewKey(); a == b || len(a) != 2*KeySize+1 {
		t.Errorf("%q, %q", a, b)
	}
	for _, bad := range []string{"", "abcd", strings.Repeat("xy", KeySize), strings.Repeat("ab", KeySize+1)} {
		if _, err := New(bad); err == nil {
			t.Errorf("%q is taken for a key", bad)
		}
	}
}

// What an image, a component or an address is named by keeps its shape, so that
// rules about hosts and variables say the same of a redacted snapshot.
func TestReferences(t *testing.T) {
	r := redactor(t)
	project := r.path("platform/go")
	for s, want := range map[string]string{
		"registry.example.com:5050/platform/go:1.24": r.host("registry.example.com:5050") + "/" + project + ":" + r.text("1.24"),
		"$CI_REGISTRY/platform/go@sha256:00":         "$CI_REGISTRY/" + project + "@" + r.text("sha256:00"),
		"$CI_SERVER_FQDN/platform/go@1":              "$CI_SERVER_FQDN/" + project + "@" + r.text("1"),
		"${CI_REGISTRY_IMAGE}":                       "${CI_REGISTRY_IMAGE}",
		"golang:1.24":                                r.path("golang") + ":" + r.text("1.24"),
		"$SECRET_NAME/go":                            r.path("$SECRET_NAME/go"),
	} {
		if got := r.reference(s); got != want {
			t.Errorf("%s: %s, want %s", s, got, want)
		}
	}
}

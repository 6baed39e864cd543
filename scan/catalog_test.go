package scan

import (
	"reflect"
	"regexp"
	"strings"
	"testing"
)

// prefixes are how the ids of a level's facts begin.
var prefixes = map[Level][]string{
	LevelInstance: {"instance.", "caller."},
	LevelGroup:    {"group."},
	LevelProject:  {"project."},
	LevelUser:     {"user."},
}

func TestCatalogEntries(t *testing.T) {
	id := regexp.MustCompile(`^[a-z]+(\.[a-z0-9]+(-[a-z0-9]+)*)+$`)
	seen := make(map[FactID]bool)
	for _, e := range Catalog() {
		if seen[e.ID] {
			t.Errorf("%s: twice in the catalogue", e.ID)
		}
		seen[e.ID] = true
		if !id.MatchString(string(e.ID)) {
			t.Errorf("%s: not a kebab-case id", e.ID)
		}
		known := false
		for _, p := range prefixes[e.Level] {
			known = known || strings.HasPrefix(string(e.ID), p)
		}
		if !known {
			t.Errorf("%s: an id of level %q begins with %q", e.ID, e.Level, prefixes[e.Level])
		}
		if e.Title == "" {
			t.Errorf("%s: no title", e.ID)
		}
		switch {
		case e.Unread != "": // Read, if there is one, says where it could be read
		case e.Read == "":
			t.Errorf("%s: neither read nor a reason why not", e.ID)
		case e.Needs == "":
			t.Errorf("%s: does not say what reading it takes", e.ID)
		}
		if e.Since != "" {
			if _, err := ParseVersion(e.Since); err != nil {
				t.Errorf("%s: since: %v", e.ID, err)
			}
		}
		if e.Depth < Quick || e.Depth > Deep {
			t.Errorf("%s: depth %d", e.ID, e.Depth)
		}
		if got, ok := Lookup(e.ID); !ok || got != e {
			t.Errorf("%s: Lookup finds %+v, %v", e.ID, got, ok)
		}
	}
}

// Every fact of a struct is in the catalogue, and the other way round, in the
// same order; what has no reader has no field.
func TestCatalogMatchesTheStructs(t *testing.T) {
	var declared []FactID
	for _, s := range []Subject{new(Instance), new(Group), new(Project), new(User)} {
		typ := reflect.TypeOf(s).Elem()
		for i := range typ.NumField() {
			f := typ.Field(i)
			_, isFact := reflect.New(f.Type).Interface().(Read)
			id := FactID(f.Tag.Get("fact"))
			switch {
			case isFact != (id != ""):
				t.Errorf("%s.%s: a fact and a fact tag go together", typ.Name(), f.Name)
			case isFact:
				declared = append(declared, id)
				if e, ok := Lookup(id); ok && e.Level != s.Level() {
					t.Errorf("%s.%s: %s is of level %s", typ.Name(), f.Name, id, e.Level)
				}
				checkUnit(t, id, f.Type)
			}
		}
	}
	var readable []FactID
	for _, e := range Catalog() {
		if e.Unread == "" {
			readable = append(readable, e.ID)
		}
	}
	for i := range max(len(declared), len(readable)) {
		var d, r FactID
		if i < len(declared) {
			d = declared[i]
		}
		if i < len(readable) {
			r = readable[i]
		}
		if d != r {
			t.Fatalf("the structs' fact %d is %q, the catalogue's %q", i, d, r)
		}
	}
}

func checkUnit(t *testing.T, id FactID, typ reflect.Type) {
	t.Helper()
	e, ok := Lookup(id)
	if !ok {
		t.Errorf("%s: not in the catalogue", id)
		return
	}
	name := typ.Name()
	want := map[string][]Unit{
		"Fact[int64]": {Count, Bytes}, "Fact[readiness/scan.ID]": {Flag}, "Fact[bool]": {Flag}, "Fact[string]": {Text},
		"Fact[[]string]": {List}, "Fact[time.Time]": {Date}, "Fact[readiness/scan.Version]": {Text},
	}[name]
	if strings.HasPrefix(name, "Listing[") {
		want = []Unit{List}
	}
	for _, u := range want {
		if u == e.Unit {
			return
		}
	}
	t.Errorf("%s: a %s has unit %v, not %s", id, name, want, e.Unit)
}

func TestDepthParts(t *testing.T) {
	for d, want := range map[Depth]int{Quick: 1, Standard: 2, Deep: 3} {
		if n := len(d.Parts()); n != want {
			t.Errorf("%s asks %d parts, want %d", d, n, want)
		}
	}
	for _, e := range Catalog() {
		n := 0
		for _, p := range Deep.Parts() {
			if p.sets(e.ID) {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%s is set by %d parts", e.ID, n)
		}
	}
}

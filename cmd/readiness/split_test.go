package main

import (
	"iter"
	"testing"

	"readiness/scan"
)

// oneGroup is an inventory with a single group.
type oneGroup struct {
	scan.Inventory
	path string // "": none
}

func (o oneGroup) Groups() iter.Seq2[*scan.Group, error] {
	return func(yield func(*scan.Group, error) bool) {
		if o.path != "" {
			yield(&scan.Group{ID: 12, Path: o.path}, nil)
		}
	}
}

// Whatever a group is called, its folder is one of its own, inside the one given.
func TestFolderOfAGroup(t *testing.T) {
	for path, want := range map[string]string{
		"":                    "personal-namespaces",
		"acme":                "acme",
		"acme.v2":             "acme.v2",
		"_a-b":                "_a-b",
		".hidden":             "group 12", // GitLab allows it
		"..":                  "group 12",
		"a.":                  "group 12",
		"a/b":                 "group 12",
		`a\b`:                 "group 12",
		"C:":                  "group 12",
		"con":                 "group 12",
		"LPT1.x":              "group 12",
		"console":             "console",
		"Personal-Namespaces": "group 12",
		"\x1b[31m":            "group 12",
	} {
		got, err := folderOf(scan.Namespace{Inventory: oneGroup{path: path}, Group: path})
		if err != nil || got != want {
			t.Errorf("the folder of %q is %q, %v; want %q", path, got, err, want)
		}
	}
	if got, err := folderOf(scan.Namespace{Inventory: oneGroup{}, Group: ".."}); err != nil || got != "" {
		t.Errorf("a group that was not read has folder %q, %v", got, err)
	}
}

package matrix

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/goccy/go-yaml/ast"

	"readiness/checks/yamlfile"
)

// Other is what is known of moving from one system that is not GitLab.
type Other struct {
	ID            string // e.g. bitbucket_server
	Name          string
	GitLab        Importer
	Congregate    Importer
	Prerequisites []Statement // those of every importer included
	Items         []OtherItem
	Limits        []Statement
	ReadOn        string // YYYY-MM-DD
}

// Importer is a way in; the zero Importer is one of which nothing is known.
type Importer struct {
	Name    string
	How     string
	Sources []string // https links
}

// Statement is one sentence and who says so.
type Statement struct {
	Side    string // source, destination, users …; "" where it is of no side
	Text    string
	Sources []string // https links
}

// OtherItem is a thing that such a system holds.
type OtherItem struct {
	ID         string
	Title      string
	GitLab     Status // by GitLab's own importer; Unverified where no statement was found
	Congregate Status
	Note       string
	Basis      string // stated, omission, code, observed or general
	Sources    []string
}

var others = sync.OnceValues(func() ([]Other, error) {
	const path = "data/other-sources.yaml"
	b, err := data.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the embedded data on other systems: %w", err)
	}
	d := yamlfile.Parse(path, b)
	var all []Other
	if d.Err == nil {
		all = readOthers(d)
	}
	if d.Err != nil {
		return nil, fmt.Errorf("read the data on other systems: %w", d.Err)
	}
	return all, nil
})

// Others lists what is known of every system that is not GitLab. Callers share
// it and must not change it.
func Others() ([]Other, error) { return others() }

// OtherSystem returns the system with this id; hyphens pass for underscores.
func OtherSystem(id string) (Other, error) {
	all, err := Others()
	if err != nil {
		return Other{}, err
	}
	var names []string
	for _, o := range all {
		if o.ID == strings.ReplaceAll(strings.ToLower(id), "-", "_") {
			return o, nil
		}
		names = append(names, strings.ReplaceAll(o.ID, "_", "-"))
	}
	return Other{}, fmt.Errorf("unknown system %.40q: choose from %s", id, strings.Join(names, ", "))
}

func readOthers(d *yamlfile.Document) (all []Other) {
	day := ""
	var common []Statement
	for f := range d.Fields(d.Root, "the file") {
		switch f.Key {
		case "read_on":
			day = d.Day(f.Value, f.Key)
		case "common":
			common = statements(d, f.Value, f.Key)
		case "systems":
			for e := range d.Elements(f.Value, f.Key) {
				o := readOther(d, e)
				o.ReadOn = day
				o.Prerequisites = slices.Concat(o.Prerequisites, common)
				all = append(all, o)
			}
		default:
			d.Unknown(f, "the file", "read_on", "common", "systems")
		}
	}
	return all
}

func readOther(d *yamlfile.Document, n ast.Node) (o Other) {
	const what = "a system"
	for f := range d.Fields(n, what) {
		switch f.Key {
		case "id":
			o.ID = d.Text(f.Value, f.Key)
		case "name":
			o.Name = d.Text(f.Value, f.Key)
		case "gitlab":
			o.GitLab = readImporter(d, f.Value)
		case "congregate":
			o.Congregate = readImporter(d, f.Value)
		case "prerequisites":
			o.Prerequisites = statements(d, f.Value, f.Key)
		case "limits":
			o.Limits = statements(d, f.Value, f.Key)
		case "items":
			for e := range d.Elements(f.Value, f.Key) {
				o.Items = append(o.Items, readOtherItem(d, e))
			}
		default:
			d.Unknown(f, what, "id", "name", "gitlab", "congregate", "prerequisites", "items", "limits")
		}
	}
	if o.ID == "" || o.Name == "" || len(o.Items) == 0 {
		d.Fail(n, "%s needs id, name and items", what)
	}
	return o
}

func readImporter(d *yamlfile.Document, n ast.Node) (i Importer) {
	for f := range d.Fields(n, "an importer") {
		switch f.Key {
		case "name":
			i.Name = d.Text(f.Value, f.Key)
		case "how":
			i.How = d.Text(f.Value, f.Key)
		case "sources":
			i.Sources = readLinks(d, f.Value)
		default:
			d.Unknown(f, "an importer", "name", "how", "sources")
		}
	}
	return i
}

func statements(d *yamlfile.Document, n ast.Node, what string) (all []Statement) {
	for e := range d.Elements(n, what) {
		var s Statement
		for f := range d.Fields(e, what) {
			switch f.Key {
			case "side":
				s.Side = d.Text(f.Value, f.Key)
			case "text":
				s.Text = d.Text(f.Value, f.Key)
			case "sources":
				s.Sources = readLinks(d, f.Value)
			default:
				d.Unknown(f, what, "side", "text", "sources")
			}
		}
		if s.Text == "" || s.Sources == nil {
			d.Fail(e, "%s: a sentence needs text and sources", what)
		}
		all = append(all, s)
	}
	return all
}

func readOtherItem(d *yamlfile.Document, n ast.Node) (i OtherItem) {
	const what = "an item"
	status := func(n ast.Node, of string) Status {
		s := yamlfile.Choice(d, n, of, Carried, Partial, NotCarried, "unknown")
		if s == "unknown" {
			return Unverified
		}
		return s
	}
	for f := range d.Fields(n, what) {
		switch f.Key {
		case "id":
			i.ID = d.Text(f.Value, f.Key)
		case "title":
			i.Title = d.Text(f.Value, f.Key)
		case "gitlab":
			i.GitLab = status(f.Value, f.Key)
		case "congregate":
			i.Congregate = status(f.Value, f.Key)
		case "note":
			i.Note = d.Text(f.Value, f.Key)
		case "basis":
			i.Basis = yamlfile.Choice(d, f.Value, f.Key, "stated", "omission", "code", "observed", "general")
		case "sources":
			i.Sources = readLinks(d, f.Value)
		default:
			d.Unknown(f, what, "id", "title", "gitlab", "congregate", "note", "basis", "sources")
		}
	}
	if i.ID == "" || i.Title == "" || i.GitLab == "" || i.Congregate == "" || i.Basis == "" || i.Sources == nil {
		d.Fail(n, "%s needs id, title, gitlab, congregate, basis and sources", what)
	}
	return i
}

func readLinks(d *yamlfile.Document, n ast.Node) []string {
	all := d.Words(n, "sources")
	for _, l := range all {
		if !isLink(l) {
			d.Fail(n, "source %.120q is not an https address", l)
		}
	}
	return all
}

package matrix

import (
	"embed"
	"fmt"
	"slices"
	"sync"

	"github.com/goccy/go-yaml/ast"

	"readiness/checks/yamlfile"
)

//go:embed data/*.yaml
var data embed.FS

// files are the embedded data in report order. The first declares the sources
// that the others cite.
var files = []string{
	"methods",
	"instance",
	"group",
	"project-repository",
	"project-settings",
	"project-planning",
	"project-merge-requests",
	"project-cicd",
	"project-operations",
	"project-packages-security",
	"user",
}

var embedded = sync.OnceValues(readEmbedded)

func readEmbedded() (*Matrix, error) {
	docs := make([]*yamlfile.Document, len(files))
	var wg sync.WaitGroup
	for i, name := range files {
		wg.Go(func() {
			path := "data/" + name + ".yaml"
			b, err := data.ReadFile(path)
			if err != nil {
				docs[i] = &yamlfile.Document{Err: fmt.Errorf("read the embedded matrix: %w", err)}
				return
			}
			docs[i] = yamlfile.Parse(path, b)
		})
	}
	wg.Wait()
	return (&Matrix{}).with(docs)
}

// Load returns the embedded matrix. It is read once; callers share its rules and
// must not change them.
func Load() (*Matrix, error) {
	m, err := embedded()
	if err != nil {
		return nil, err
	}
	return m.clone(), nil
}

// Override returns the matrix with what a YAML file adds to it or puts in place
// of what it says; m itself stays as it is. The file has the form of the
// embedded ones. Of an item that the matrix has already it may give a part: the
// fields and the rules it names are replaced whole, the others stay. The error
// names the file by the given name, and the line.
func (m *Matrix) Override(name string, data []byte) (*Matrix, error) {
	return m.with([]*yamlfile.Document{yamlfile.Parse(name, data)})
}

func (m *Matrix) clone() *Matrix {
	c := *m
	c.Items = slices.Clone(m.Items)
	c.Details = slices.Clone(m.Details)
	c.Combinations = slices.Clone(m.Combinations)
	c.Origins = slices.Clone(m.Origins)
	return &c
}

// with returns m with what the documents say.
func (m *Matrix) with(docs []*yamlfile.Document) (*Matrix, error) {
	l := loading{Matrix: m.clone(), index: make(map[string]int), seen: make(map[string]string)}
	for i, item := range l.Items {
		l.index[item.ID] = i
	}
	for _, d := range docs {
		l.document(d)
	}
	for _, check := range l.later {
		check()
	}
	for _, d := range docs {
		if d.Err != nil {
			return nil, fmt.Errorf("read the matrix: %w", d.Err)
		}
	}
	l.rides()
	return l.Matrix, nil
}

// loading is a matrix while documents are read into it.
type loading struct {
	*Matrix
	index map[string]int    // of items, by id
	seen  map[string]string // where an item of these documents stands, by id
	later []func()          // what can only be checked once every item is known
	day   string            // the last read_on: holds for the documents that follow, too
}

func (l *loading) document(d *yamlfile.Document) {
	if d.Err != nil || d.Root == nil {
		return
	}
	const what = "the file"
	var sources, methods, combinations, items ast.Node
	for f := range d.Fields(d.Root, what) {
		switch f.Key {
		case "schema_version":
			yamlfile.Choice(d, f.Value, "schema_version", "1")
		case "read_on":
			l.day = d.Day(f.Value, "read_on")
		case "newest":
			l.Newest = d.Version(f.Value, "newest")
		case "sources":
			sources = f.Value
		case "methods":
			methods = f.Value
		case "combinations":
			combinations = f.Value
		case "items":
			items = f.Value
		default:
			d.Unknown(f, what, "schema_version", "read_on", "newest", "sources", "methods", "combinations", "items")
		}
	}
	if l.ReadOn == "" {
		l.ReadOn = l.day
	}
	each := func(n ast.Node, what string, read func(*yamlfile.Document, ast.Node)) {
		if n == nil {
			return
		}
		for e := range d.Elements(n, what) {
			read(d, e)
		}
	}
	each(sources, "sources", l.origin)
	each(methods, "methods", l.detail)
	each(combinations, "combinations", l.combination)
	each(items, "items", l.item)
}

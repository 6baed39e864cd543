package matrix

import (
	"embed"
	"fmt"
	"slices"
	"sync"

	"github.com/goccy/go-yaml/ast"
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
	docs := make([]*document, len(files))
	var wg sync.WaitGroup
	for i, name := range files {
		wg.Go(func() {
			path := "data/" + name + ".yaml"
			b, err := data.ReadFile(path)
			if err != nil {
				docs[i] = &document{err: fmt.Errorf("read the embedded matrix: %w", err)}
				return
			}
			docs[i] = parse(path, b)
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
	return m.with([]*document{parse(name, data)})
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
func (m *Matrix) with(docs []*document) (*Matrix, error) {
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
		if d.err != nil {
			return nil, fmt.Errorf("read the matrix: %w", d.err)
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

func (l *loading) document(d *document) {
	if d.err != nil || d.root == nil {
		return
	}
	const what = "the file"
	var sources, methods, combinations, items ast.Node
	for f := range d.fields(d.root, what) {
		switch f.key {
		case "schema_version":
			choice(d, f.value, "schema_version", "1")
		case "read_on":
			l.day = d.day(f.value, "read_on")
		case "newest":
			l.Newest = d.version(f.value, "newest")
		case "sources":
			sources = f.value
		case "methods":
			methods = f.value
		case "combinations":
			combinations = f.value
		case "items":
			items = f.value
		default:
			d.unknown(f, what, "schema_version", "read_on", "newest", "sources", "methods", "combinations", "items")
		}
	}
	if l.ReadOn == "" {
		l.ReadOn = l.day
	}
	each := func(n ast.Node, what string, read func(*document, ast.Node)) {
		if n == nil {
			return
		}
		for e := range d.elements(n, what) {
			read(d, e)
		}
	}
	each(sources, "sources", l.origin)
	each(methods, "methods", l.detail)
	each(combinations, "combinations", l.combination)
	each(items, "items", l.item)
}

package matrix

import (
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"

	yaml "github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"readiness/scan"
)

// maxFile is the most that a file may hold, in bytes; the embedded data is under
// half a megabyte.
const maxFile = 4 << 20

// document is one YAML file while it is read. The first thing wrong with it is
// kept in err with its line, and after that every read yields nothing, so that
// callers need to look once, at the end.
type document struct {
	name string
	root ast.Node // nil if the file is empty
	err  error
}

// parse reads the YAML of a file, whose name is for errors only.
func parse(name string, data []byte) *document {
	d := &document{name: name}
	if len(data) > maxFile {
		d.err = fmt.Errorf("%s: larger than %d MiB: give a file of items to add or override", name, maxFile>>20)
		return d
	}
	f, err := parser.ParseBytes(data, 0)
	if err != nil {
		var syntax *yaml.SyntaxError
		if errors.As(err, &syntax) && syntax.Token != nil && syntax.Token.Position != nil {
			d.err = fmt.Errorf("%s:%d: %s", name, syntax.Token.Position.Line, firstLine(syntax.Message))
		} else {
			d.err = fmt.Errorf("%s: %s", name, firstLine(err.Error()))
		}
		return d
	}
	for _, doc := range f.Docs {
		if doc.Body == nil || doc.Body.Type() == ast.CommentType {
			continue
		}
		if d.root != nil {
			d.fail(doc.Body, "a second document: put all items into one")
		}
		d.root = doc.Body
	}
	return d
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(strings.TrimSpace(s), "\n")
	return s
}

// line is the line of the file on which a node begins.
func line(n ast.Node) int {
	if m, ok := n.(*ast.MappingNode); ok && !m.IsFlowStyle && len(m.Values) > 0 {
		n = m.Values[0].Key
	}
	if t := n.GetToken(); t != nil && t.Position != nil {
		return t.Position.Line
	}
	return 1
}

// fail keeps what is wrong with a node, unless something was wrong before.
func (d *document) fail(n ast.Node, format string, args ...any) {
	if d.err == nil {
		d.err = fmt.Errorf("%s:%d: %s", d.name, line(n), fmt.Sprintf(format, args...))
	}
}

// field is a key of a mapping with its value.
type field struct {
	key   string
	name  ast.Node // of the key itself, for errors
	value ast.Node
}

// fields walks a mapping; what says whose, for errors.
func (d *document) fields(n ast.Node, what string) iter.Seq[field] {
	return func(yield func(field) bool) {
		var values []*ast.MappingValueNode
		switch n := n.(type) {
		case *ast.MappingNode:
			values = n.Values
		case *ast.MappingValueNode:
			values = []*ast.MappingValueNode{n}
		default:
			d.fail(n, "%s must be a mapping of names to values", what)
		}
		seen := make(map[string]bool, len(values))
		for _, v := range values {
			key, ok := scalar(v.Key)
			if !ok {
				d.fail(v.Key, "%s has a key that is not a plain name", what)
			}
			if seen[key] {
				d.fail(v.Key, "%s has %.60q twice", what, key)
			}
			seen[key] = true
			if d.err != nil || !yield(field{key, v.Key, v.Value}) {
				return
			}
		}
	}
}

// elements walks a list; what says of what, for errors.
func (d *document) elements(n ast.Node, what string) iter.Seq[ast.Node] {
	return func(yield func(ast.Node) bool) {
		list, ok := n.(*ast.SequenceNode)
		if !ok {
			d.fail(n, "%s must be a list", what)
			return
		}
		for _, v := range list.Values {
			if d.err != nil || !yield(v) {
				return
			}
		}
	}
}

// unknown fails on a key that what does not have.
func (d *document) unknown(f field, what string, known ...string) {
	d.fail(f.name, "%s has no field %.60q: it has %s", what, f.key, strings.Join(known, ", "))
}

// scalar returns the text of a scalar as it was written, so that 18.10 stays
// 18.10, and whether the node is one.
func scalar(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return n.GetToken().Value, true
	}
	return "", false
}

// text reads a text that must not be empty nor hold control characters.
func (d *document) text(n ast.Node, what string) string {
	s, ok := scalar(n)
	s = strings.TrimSpace(s)
	switch {
	case !ok:
		d.fail(n, "%s must be a text", what)
	case s == "":
		d.fail(n, "%s is empty", what)
	case strings.ContainsFunc(s, func(r rune) bool { return r < ' ' && r != '\n' || r == 0x7f || r == '\ufffd' }):
		d.fail(n, "%s holds a control character", what)
	}
	return s
}

// words reads a list of texts that must not be empty.
func (d *document) words(n ast.Node, what string) []string {
	var list []string
	for e := range d.elements(n, what) {
		list = append(list, d.text(e, what))
	}
	if list == nil {
		d.fail(n, "%s is empty", what)
	}
	return list
}

// flag reads true or false.
func (d *document) flag(n ast.Node, what string) bool {
	b, ok := n.(*ast.BoolNode)
	if !ok {
		d.fail(n, "%s must be true or false", what)
		return false
	}
	return b.Value
}

// version reads a GitLab version.
func (d *document) version(n ast.Node, what string) scan.Version {
	v, err := scan.ParseVersion(d.text(n, what))
	if err != nil {
		d.fail(n, "%s: %v", what, err)
	} else if v.IsZero() {
		d.fail(n, "%s: 0.0 is not a GitLab version", what)
	}
	return v
}

// day reads a date as YYYY-MM-DD.
func (d *document) day(n ast.Node, what string) string {
	s := d.text(n, what)
	if _, err := time.Parse(time.DateOnly, s); err != nil {
		d.fail(n, "%s %.40q is not a date: give it as YYYY-MM-DD", what, s)
	}
	return s
}

// choice reads one of a few words.
func choice[T ~string](d *document, n ast.Node, what string, known ...T) T {
	s := T(d.text(n, what))
	names := make([]string, len(known))
	for i, k := range known {
		if s == k {
			return s
		}
		names[i] = string(k)
	}
	d.fail(n, "unknown %s %.60q: choose from %s", what, string(s), strings.Join(names, ", "))
	return s
}

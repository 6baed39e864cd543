// Package yamlfile reads YAML that people write: every error names the file and
// the line, and no key passes unknown.
package yamlfile

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

// Document is one YAML file while it is read. The first thing wrong with it is
// kept in Err with its line, and after that every read yields nothing, so that
// callers need to look once, at the end.
type Document struct {
	Name string
	Root ast.Node // nil if the file is empty
	Err  error
}

// Parse reads the YAML of a file, whose name is for errors only.
func Parse(name string, data []byte) *Document {
	d := &Document{Name: name}
	if len(data) > maxFile {
		d.Err = fmt.Errorf("%s: larger than %d MiB: give a smaller file", name, maxFile>>20)
		return d
	}
	f, err := parser.ParseBytes(data, 0)
	if err != nil {
		var syntax *yaml.SyntaxError
		if errors.As(err, &syntax) && syntax.Token != nil && syntax.Token.Position != nil {
			d.Err = fmt.Errorf("%s:%d: %s", name, syntax.Token.Position.Line, firstLine(syntax.Message))
		} else {
			d.Err = fmt.Errorf("%s: %s", name, firstLine(err.Error()))
		}
		return d
	}
	for _, doc := range f.Docs {
		if doc.Body == nil || doc.Body.Type() == ast.CommentType {
			continue
		}
		if d.Root != nil {
			d.Fail(doc.Body, "a second document: put all into one")
		}
		d.Root = doc.Body
	}
	return d
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(strings.TrimSpace(s), "\n")
	return s
}

// Line is the line of the file on which a node begins.
func Line(n ast.Node) int {
	if m, ok := n.(*ast.MappingNode); ok && !m.IsFlowStyle && len(m.Values) > 0 {
		n = m.Values[0].Key
	}
	if t := n.GetToken(); t != nil && t.Position != nil {
		return t.Position.Line
	}
	return 1
}

// Fail keeps what is wrong with a node, unless something was wrong before.
func (d *Document) Fail(n ast.Node, format string, args ...any) {
	if d.Err == nil {
		d.Err = fmt.Errorf("%s:%d: %s", d.Name, Line(n), fmt.Sprintf(format, args...))
	}
}

// Field is a key of a mapping with its value.
type Field struct {
	Key   string
	Name  ast.Node // of the key itself, for errors
	Value ast.Node
}

// Fields walks a mapping; what says whose, for errors.
func (d *Document) Fields(n ast.Node, what string) iter.Seq[Field] {
	return func(yield func(Field) bool) {
		var values []*ast.MappingValueNode
		switch n := n.(type) {
		case *ast.MappingNode:
			values = n.Values
		case *ast.MappingValueNode:
			values = []*ast.MappingValueNode{n}
		default:
			d.Fail(n, "%s must be a mapping of names to values", what)
		}
		seen := make(map[string]bool, len(values))
		for _, v := range values {
			key, ok := Scalar(v.Key)
			if !ok {
				d.Fail(v.Key, "%s has a key that is not a plain name", what)
			}
			if seen[key] {
				d.Fail(v.Key, "%s has %.60q twice", what, key)
			}
			seen[key] = true
			if d.Err != nil || !yield(Field{key, v.Key, v.Value}) {
				return
			}
		}
	}
}

// Elements walks a list; what says of what, for errors.
func (d *Document) Elements(n ast.Node, what string) iter.Seq[ast.Node] {
	return func(yield func(ast.Node) bool) {
		list, ok := n.(*ast.SequenceNode)
		if !ok {
			d.Fail(n, "%s must be a list", what)
			return
		}
		for _, v := range list.Values {
			if d.Err != nil || !yield(v) {
				return
			}
		}
	}
}

// Unknown fails on a key that what does not have.
func (d *Document) Unknown(f Field, what string, known ...string) {
	d.Fail(f.Name, "%s has no field %.60q: it has %s", what, f.Key, strings.Join(known, ", "))
}

// Scalar returns the text of a scalar as it was written, so that 18.10 stays
// 18.10, and whether the node is one.
func Scalar(n ast.Node) (string, bool) {
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

// Text reads a text that must not be empty nor hold control characters.
func (d *Document) Text(n ast.Node, what string) string {
	s, ok := Scalar(n)
	s = strings.TrimSpace(s)
	switch {
	case !ok:
		d.Fail(n, "%s must be a text", what)
	case s == "":
		d.Fail(n, "%s is empty", what)
	case strings.ContainsFunc(s, func(r rune) bool { return r < ' ' && r != '\n' || r == 0x7f || r == '\ufffd' }):
		d.Fail(n, "%s holds a control character", what)
	}
	return s
}

// Words reads a list of texts that must not be empty.
func (d *Document) Words(n ast.Node, what string) []string {
	var list []string
	for e := range d.Elements(n, what) {
		list = append(list, d.Text(e, what))
	}
	if list == nil {
		d.Fail(n, "%s is empty", what)
	}
	return list
}

// Flag reads true or false.
func (d *Document) Flag(n ast.Node, what string) bool {
	b, ok := n.(*ast.BoolNode)
	if !ok {
		d.Fail(n, "%s must be true or false", what)
		return false
	}
	return b.Value
}

// Version reads a GitLab version.
func (d *Document) Version(n ast.Node, what string) scan.Version {
	v, err := scan.ParseVersion(d.Text(n, what))
	if err != nil {
		d.Fail(n, "%s: %v", what, err)
	} else if v.IsZero() {
		d.Fail(n, "%s: 0.0 is not a GitLab version", what)
	}
	return v
}

// Day reads a date as YYYY-MM-DD.
func (d *Document) Day(n ast.Node, what string) string {
	s := d.Text(n, what)
	if _, err := time.Parse(time.DateOnly, s); err != nil {
		d.Fail(n, "%s %.40q is not a date: give it as YYYY-MM-DD", what, s)
	}
	return s
}

// Choice reads one of a few words.
func Choice[T ~string](d *Document, n ast.Node, what string, known ...T) T {
	s := T(d.Text(n, what))
	names := make([]string, len(known))
	for i, k := range known {
		if s == k {
			return s
		}
		names[i] = string(k)
	}
	d.Fail(n, "unknown %s %.60q: choose from %s", what, string(s), strings.Join(names, ", "))
	return s
}

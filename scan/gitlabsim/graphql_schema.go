package gitlabsim

import (
	_ "embed"
	"fmt"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"

	"readiness/scan"
)

//go:embed schema.graphql
var schemaText string

// cost is what the complexity formula needs to know of a field.
type cost struct {
	resolver, gitaly bool
	fixed            int
	factor           float64
	page             int
	extra            int // what the field's own resolver adds
}

// loadSchema reads the schema as the played version has it: what is newer, and
// on the Community Edition what is Enterprise only, is not there.
func loadSchema(v scan.Version, enterprise bool) (*ast.Schema, map[*ast.FieldDefinition]cost, error) {
	doc, err := parser.ParseSchemas(validator.Prelude, &ast.Source{Name: "schema.graphql", Input: schemaText})
	if err != nil {
		return nil, nil, err
	}
	there := func(directives ast.DirectiveList) bool {
		if d := directives.ForName("since"); d != nil && !v.AtLeast(scan.MustVersion(d.Arguments.ForName("version").Value.Raw)) {
			return false
		}
		return enterprise || directives.ForName("ee") == nil
	}
	gone := map[string]bool{}
	for _, def := range doc.Definitions {
		var values ast.EnumValueList
		for _, e := range def.EnumValues {
			if there(e.Directives) {
				values = append(values, e)
			}
		}
		def.EnumValues = values
		for _, f := range def.Fields {
			f.Type = typeAt(f, v)
		}
	}
	for again := true; again; {
		again = false
		for _, def := range doc.Definitions {
			if def.Kind != ast.Object && def.Kind != ast.Interface || def.BuiltIn || gone[def.Name] {
				continue
			}
			var fields ast.FieldList
			for _, f := range def.Fields {
				if !there(f.Directives) || gone[f.Type.Name()] {
					continue
				}
				var args ast.ArgumentDefinitionList
				for _, a := range f.Arguments {
					if there(a.Directives) {
						args = append(args, a)
					}
				}
				f.Arguments = args
				fields = append(fields, f)
			}
			again = again || len(fields) != len(def.Fields)
			def.Fields = fields
			gone[def.Name] = len(fields) == 0
		}
	}
	var kept ast.DefinitionList
	for _, def := range doc.Definitions {
		if gone[def.Name] {
			continue
		}
		def.Interfaces = without(def.Interfaces, gone)
		kept = append(kept, def)
	}
	doc.Definitions = kept
	reachable(doc)
	schema, err := validator.ValidateSchemaDocument(doc)
	if err != nil {
		return nil, nil, fmt.Errorf("GraphQL schema of %s: %w", v, err)
	}
	return schema, costs(schema), nil
}

// typeAt is the type a field has in a version: where it was another one before
// several versions, that before the oldest which is still ahead.
func typeAt(f *ast.FieldDefinition, v scan.Version) *ast.Type {
	t, until := f.Type, scan.Version{}
	for _, d := range f.Directives.ForNames("was") {
		before := scan.MustVersion(d.Arguments.ForName("before").Value.Raw)
		if !v.AtLeast(before) && (until.IsZero() || !before.AtLeast(until)) {
			t, until = parseType(d.Arguments.ForName("type").Value.Raw), before
		}
	}
	return t
}

// parseType reads a type such as "[ID!]!".
func parseType(text string) *ast.Type {
	inner, required := strings.CutSuffix(text, "!")
	if list, ok := strings.CutPrefix(inner, "["); ok {
		return &ast.Type{Elem: parseType(strings.TrimSuffix(list, "]")), NonNull: required}
	}
	return &ast.Type{NamedType: inner, NonNull: required}
}

// reachable drops the types that no query can reach.
func reachable(doc *ast.SchemaDocument) {
	seen := map[string]bool{}
	var reach func(name string)
	reach = func(name string) {
		def := doc.Definitions.ForName(name)
		if def == nil || seen[name] {
			return
		}
		seen[name] = true
		for _, f := range def.Fields {
			reach(f.Type.Name())
			for _, a := range f.Arguments {
				reach(a.Type.Name())
			}
		}
		if def.Kind == ast.Interface {
			for _, other := range doc.Definitions {
				if contains(other.Interfaces, name) {
					reach(other.Name)
				}
			}
		}
	}
	reach("Query")
	var kept ast.DefinitionList
	for _, def := range doc.Definitions {
		if seen[def.Name] || def.BuiltIn || strings.HasPrefix(def.Name, "__") {
			kept = append(kept, def)
		}
	}
	doc.Definitions = kept
}

func without(names []string, gone map[string]bool) []string {
	var left []string
	for _, n := range names {
		if !gone[n] {
			left = append(left, n)
		}
	}
	return left
}

func costs(schema *ast.Schema) map[*ast.FieldDefinition]cost {
	m := map[*ast.FieldDefinition]cost{}
	for _, def := range schema.Types {
		for _, f := range def.Fields {
			c := cost{factor: 0.01, page: 100}
			if d := f.Directives.ForName("cost"); d != nil {
				args := d.ArgumentMap(nil)
				c.resolver, _ = args["resolver"].(bool)
				c.gitaly, _ = args["gitaly"].(bool)
				if n, ok := args["fixed"].(int64); ok {
					c.fixed = int(n)
				}
				switch n := args["factor"].(type) {
				case float64:
					c.factor = n
				case int64:
					c.factor = float64(n)
				}
				if n, ok := args["page"].(int64); ok {
					c.page = int(n)
				}
				if n, ok := args["extra"].(int64); ok {
					c.extra = int(n)
				}
			}
			m[f] = c
		}
	}
	return m
}

// isConnection reports whether a field answers with pages.
func isConnection(f *ast.FieldDefinition) bool { return strings.HasSuffix(f.Type.Name(), "Connection") }

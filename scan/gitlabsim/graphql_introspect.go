package gitlabsim

import (
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/vektah/gqlparser/v2/ast"

	"readiness/scan"
)

// GitLab 13 to 16 execute an introspection query. 18 does not: what looks like
// one is answered with a prebuilt file, whatever was selected, and whoever names
// another operation finds the entry points gone. What 17 does is not known; it
// is taken to execute.
// Source: app/controllers/graphql_controller.rb, app/graphql/gitlab_schema.rb.

const introspectionOperation = "IntrospectionQuery"

// prebuiltIntrospection reports whether the version answers with the file.
func (api *graphqlAPI) prebuiltIntrospection() bool {
	return api.world.cfg.Version.AtLeast(scan.Version{Major: 18})
}

// introspects reports whether a request is taken for an introspection query.
func (q graphqlRequest) introspects() bool {
	if q.OperationName != nil {
		return q.operation() == introspectionOperation
	}
	return strings.Contains(q.Query, "__schema") || strings.Contains(q.Query, "__type") && !strings.Contains(q.Query, "__typename") ||
		strings.Contains(q.Query, "query "+introspectionOperation)
}

// wholeSchema is the prebuilt file: GitLab's is 8 to 10 MB, this one describes
// what is simulated.
type wholeSchema struct {
	once   sync.Once
	answer any
}

func (api *graphqlAPI) introspection() any {
	api.whole.once.Do(func() {
		x, no := api.prepare(caller{user: -1}, graphqlRequest{Query: introspectionQuery}, true)
		if no != nil {
			panic("the introspection query is refused: a test asks it")
		}
		api.whole.answer = x.execute()
	})
	return api.whole.answer
}

// introspectionQuery is the one that clients send.
const introspectionQuery = `query IntrospectionQuery {
  __schema {
    queryType { name } mutationType { name } subscriptionType { name }
    types { ...FullType }
    directives { name description locations args { ...InputValue } }
  }
}
fragment FullType on __Type {
  kind name description
  fields(includeDeprecated: true) { name description args { ...InputValue } type { ...TypeRef } isDeprecated deprecationReason }
  inputFields { ...InputValue }
  interfaces { ...TypeRef }
  enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason }
  possibleTypes { ...TypeRef }
}
fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue }
fragment TypeRef on __Type {
  kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } }
}`

// entryPoint is the first field of a query that asks for the schema, nil if none does.
func entryPoint(doc *ast.QueryDocument) *ast.Field {
	var find func(ast.SelectionSet) *ast.Field
	find = func(selections ast.SelectionSet) *ast.Field {
		for _, s := range selections {
			switch s := s.(type) {
			case *ast.Field:
				if s.Name == "__schema" || s.Name == "__type" {
					return s
				}
			case *ast.InlineFragment:
				if f := find(s.SelectionSet); f != nil {
					return f
				}
			}
		}
		return nil
	}
	for _, o := range doc.Operations {
		if f := find(o.SelectionSet); f != nil {
			return f
		}
	}
	for _, f := range doc.Fragments {
		if f := find(f.SelectionSet); f != nil {
			return f
		}
	}
	return nil
}

// introspect resolves the fields of the introspection types.
func (x *execution) introspect(def *ast.Definition, value any, f *ast.Field, args map[string]any) any {
	schema := x.api.schema
	switch v := value.(type) {
	case *ast.Schema:
		return schemaField(v, f.Name)
	case *ast.Type:
		return typeField(schema, v, f.Name)
	case *ast.FieldDefinition:
		return fieldField(v, f.Name)
	case *ast.ArgumentDefinition:
		switch f.Name {
		case "name":
			return v.Name
		case "description":
			return orNull(v.Description)
		case "type":
			return v.Type
		case "defaultValue":
			return defaultOf(v.DefaultValue)
		case "isDeprecated":
			return false
		}
	case *ast.EnumValueDefinition:
		switch f.Name {
		case "name":
			return v.Name
		case "description":
			return orNull(v.Description)
		case "isDeprecated":
			return v.Directives.ForName("deprecated") != nil
		}
	case *ast.DirectiveDefinition:
		switch f.Name {
		case "name":
			return v.Name
		case "description":
			return orNull(v.Description)
		case "locations":
			l := list{}
			for _, at := range v.Locations {
				l = append(l, string(at))
			}
			return l
		case "args":
			return each(v.Arguments)
		case "isRepeatable":
			return v.IsRepeatable
		}
	default:
		switch {
		case def != schema.Query:
		case f.Name == "__schema":
			return schema
		case f.Name == "__type":
			if name, ok := args["name"].(string); ok && schema.Types[name] != nil {
				return ast.NamedType(name, nil)
			}
		}
	}
	return nil
}

func schemaField(schema *ast.Schema, name string) any {
	switch name {
	case "queryType":
		return ast.NamedType(schema.Query.Name, nil)
	case "types":
		l := list{}
		for _, name := range slices.Sorted(maps.Keys(schema.Types)) {
			l = append(l, ast.NamedType(name, nil))
		}
		return l
	case "directives":
		l := list{}
		for _, name := range []string{"deprecated", "include", "skip"} { // those that GitLab's clients see; @since and @cost are the simulation's own
			if d := schema.Directives[name]; d != nil {
				l = append(l, d)
			}
		}
		return l
	}
	return nil // no mutations, no subscriptions
}

func typeField(schema *ast.Schema, t *ast.Type, name string) any {
	inner := *t
	switch {
	case t.NonNull:
		inner.NonNull = false
		switch name {
		case "kind":
			return "NON_NULL"
		case "ofType":
			return &inner
		}
		return nil
	case t.Elem != nil:
		switch name {
		case "kind":
			return "LIST"
		case "ofType":
			return t.Elem
		}
		return nil
	}
	def := schema.Types[t.NamedType]
	switch name {
	case "kind":
		return string(def.Kind)
	case "name":
		return def.Name
	case "description":
		return orNull(def.Description)
	case "fields":
		if def.Kind != ast.Object && def.Kind != ast.Interface {
			return nil
		}
		l := list{}
		for _, f := range def.Fields {
			if !strings.HasPrefix(f.Name, "__") {
				l = append(l, f)
			}
		}
		return l
	case "inputFields":
		if def.Kind == ast.InputObject {
			return each(def.Fields)
		}
	case "enumValues":
		if def.Kind == ast.Enum {
			return each(def.EnumValues)
		}
	case "interfaces":
		if def.Kind == ast.Object {
			l := list{}
			for _, name := range def.Interfaces {
				l = append(l, ast.NamedType(name, nil))
			}
			return l
		}
	case "possibleTypes":
		if def.IsAbstractType() {
			l := list{}
			for _, d := range schema.GetPossibleTypes(def) {
				l = append(l, ast.NamedType(d.Name, nil))
			}
			return l
		}
	}
	return nil
}

func fieldField(f *ast.FieldDefinition, name string) any {
	switch name {
	case "name":
		return f.Name
	case "description":
		return orNull(f.Description)
	case "args":
		return each(f.Arguments)
	case "type":
		return f.Type
	case "isDeprecated":
		return f.Directives.ForName("deprecated") != nil
	case "defaultValue": // of an input object's field
		return defaultOf(f.DefaultValue)
	}
	return nil
}

func defaultOf(v *ast.Value) any {
	if v == nil {
		return nil
	}
	return v.String()
}

func each[T any](items []T) list {
	l := make(list, len(items))
	for i := range items {
		l[i] = items[i]
	}
	return l
}

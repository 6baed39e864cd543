package gitlabsim

import (
	"encoding/json"
	"fmt"

	"github.com/vektah/gqlparser/v2/ast"
)

// execution is one query being answered.
type execution struct {
	api       *graphqlAPI
	w         *World
	who       caller
	operation *ast.OperationDefinition
	vars      map[string]any
	score     int
	errors    list
}

// gqlFailure is an error that a resolver raises: its field becomes null.
type gqlFailure string

func (x *execution) execute() any {
	data := x.object(x.api.schema.Query, x, x.operation.SelectionSet, nil)
	o := object{{"data", data}}
	o.when(len(x.errors) > 0, "errors", x.errors)
	return o
}

// included evaluates @skip and @include.
func (x *execution) included(directives ast.DirectiveList) bool {
	if d := directives.ForName("skip"); d != nil && d.ArgumentMap(x.vars)["if"] == true {
		return false
	}
	if d := directives.ForName("include"); d != nil && d.ArgumentMap(x.vars)["if"] == false {
		return false
	}
	return true
}

// collect gathers the fields of a selection by the key they answer under.
func (x *execution) collect(def *ast.Definition, selections ast.SelectionSet, keys *[]string, fields map[string][]*ast.Field) {
	for _, s := range selections {
		switch s := s.(type) {
		case *ast.Field:
			if x.included(s.Directives) {
				if _, ok := fields[s.Alias]; !ok {
					*keys = append(*keys, s.Alias)
				}
				fields[s.Alias] = append(fields[s.Alias], s)
			}
		case *ast.InlineFragment:
			if x.included(s.Directives) && x.applies(def, s.TypeCondition) {
				x.collect(def, s.SelectionSet, keys, fields)
			}
		case *ast.FragmentSpread:
			if x.included(s.Directives) && x.applies(def, s.Definition.TypeCondition) {
				x.collect(def, s.Definition.SelectionSet, keys, fields)
			}
		}
	}
}

func (x *execution) applies(def *ast.Definition, condition string) bool {
	return condition == "" || condition == def.Name || contains(def.Interfaces, condition)
}

func (x *execution) object(def *ast.Definition, value any, selections ast.SelectionSet, path list) any {
	if def.Kind == ast.Interface {
		def = x.api.schema.Types[concrete(value)]
	}
	var keys []string
	fields := map[string][]*ast.Field{}
	x.collect(def, selections, &keys, fields)
	o := make(object, 0, len(keys))
	for _, key := range keys {
		same := fields[key]
		f := same[0]
		if f.Name == "__typename" {
			o.put(key, def.Name)
			continue
		}
		below := f.SelectionSet
		for _, other := range same[1:] {
			below = append(below[:len(below):len(below)], other.SelectionSet...)
		}
		at := append(path[:len(path):len(path)], key)
		o.put(key, x.complete(f.Definition.Type, x.resolve(def, value, f, at), below, at))
	}
	return o
}

// resolve asks the world for a field's value.
func (x *execution) resolve(def *ast.Definition, value any, f *ast.Field, path list) any {
	args := f.ArgumentMap(x.vars)
	var result any
	if c, ok := value.(*connection); ok {
		result = c.field(x, f.Name, args)
	} else if e, ok := value.(edge); ok {
		result = e.field(f.Name)
	} else if r, ok := resolvers[def.Name+"."+f.Name]; ok {
		result = r(x, value, args)
	} else {
		result = x.introspect(def, value, f, args)
	}
	if list, ok := result.(*connection); ok {
		list.def = f.Definition
		if err := list.page(args, x.api.costs[f.Definition].page); err != "" {
			result = err
		}
	}
	if failure, ok := result.(gqlFailure); ok {
		x.errors = append(x.errors, object{{"message", string(failure)}, {"locations", list{object{{"line", f.Position.Line}, {"column", f.Position.Column}}}}, {"path", path}})
		return nil
	}
	return result
}

func (x *execution) complete(t *ast.Type, value any, selections ast.SelectionSet, path list) any {
	if value == nil {
		return nil
	}
	if t.Elem != nil {
		items, _ := value.(list)
		out := make(list, len(items))
		for i, item := range items {
			out[i] = x.complete(t.Elem, item, selections, append(path[:len(path):len(path)], i))
		}
		return out
	}
	if def := x.api.schema.Types[t.NamedType]; def.IsCompositeType() {
		return x.object(def, value, selections, path)
	}
	if text, ok := value.(string); ok && t.NamedType == "Int" {
		return json.RawMessage(text) // a number that newer versions write as a string
	}
	return value
}

// connection is a list that is answered in pages.
type connection struct {
	total  int64
	at     func(k int) any          // the k-th of all
	seen   func(k int) bool         // nil: all; those that are not are removed once the page is cut
	cursor func(k int) string       // nil: by position
	after  func(string) (int, bool) // how many come up to and including a cursor

	def      *ast.FieldDefinition
	from, to int // the page
}

// counting is a connection of n things whose items are made by at.
func counting(n int64, at func(k int) any) *connection { return &connection{total: n, at: at} }

// listing is a connection over a list.
func listing[T any](items []T, at func(T) any) *connection {
	return counting(int64(len(items)), func(k int) any { return at(items[k]) })
}

const badCursor = gqlFailure("Please provide a valid cursor")

// page cuts the page that the arguments ask for.
func (c *connection) page(args map[string]any, size int) any {
	if size == 0 {
		size = maxPageSize
	}
	first, hasFirst := number(args["first"])
	last, hasLast := number(args["last"])
	if hasFirst && hasLast {
		return gqlFailure("Can only provide either `first` or `last`, not both")
	}
	c.from, c.to = 0, int(c.total)
	position := c.after
	if position == nil {
		position = func(cursor string) (int, bool) {
			id, err := cursorID(cursor)
			return int(id), err == nil
		}
	}
	if text, ok := args["after"].(string); ok && text != "" {
		n, ok := position(text)
		if !ok {
			return badCursor
		}
		c.from = max(0, min(n, c.to))
	}
	if text, ok := args["before"].(string); ok && text != "" {
		n, ok := position(text)
		if !ok {
			return badCursor
		}
		c.to = max(c.from, min(n-1, c.to))
	}
	if hasLast {
		c.from = max(c.from, c.to-min(max(last, 0), size))
		return ""
	}
	if !hasFirst {
		first = size
	}
	c.to = min(c.to, c.from+min(max(first, 0), size))
	return ""
}

func (c *connection) cursorAt(k int) any {
	if k < c.from || k >= c.to {
		return nil
	}
	if c.cursor != nil {
		return c.cursor(k)
	}
	return idCursor(int64(k + 1))
}

func (c *connection) field(_ *execution, name string, args map[string]any) any {
	switch name {
	case "count":
		if limit, ok := number(args["limit"]); ok && c.total > int64(limit) {
			return limit + 1
		}
		return c.total
	case "limit":
		return 8000 // variables of a project; an instance's is 25
	case "pageInfo":
		return object{{"hasNextPage", int64(c.to) < c.total}, {"hasPreviousPage", c.from > 0},
			{"startCursor", c.cursorAt(c.from)}, {"endCursor", c.cursorAt(c.to - 1)}}
	case "nodes", "edges":
		l := list{}
		for k := c.from; k < c.to; k++ {
			switch {
			case c.seen != nil && !c.seen(k):
			case name == "nodes":
				l = append(l, c.at(k))
			default:
				l = append(l, edge{c.cursorAt(k), c.at(k)})
			}
		}
		return l
	}
	return nil
}

// edge is a node with its cursor.
type edge struct{ cursor, node any }

func (e edge) field(name string) any {
	if name == "cursor" {
		return e.cursor
	}
	return e.node
}

// gid is a global id.
func gid(kind string, id int64) string { return fmt.Sprintf("gid://gitlab/%s/%d", kind, id) }

// fromGID reads the number out of a global id, or out of a plain number.
func fromGID(v any) (int64, bool) {
	var text string
	switch v := v.(type) {
	case string:
		text = v
	case json.Number:
		text = v.String()
	case int64:
		return v, true
	}
	for i := len(text) - 1; i >= 0; i-- {
		if text[i] == '/' {
			text = text[i+1:]
			break
		}
	}
	var id int64
	n, err := fmt.Sscanf(text, "%d", &id)
	return id, err == nil && n == 1
}

// float is a number of GraphQL's type Float, which graphql-ruby writes with a
// fraction even where it is whole.
func float(n int64) any { return json.RawMessage(fmt.Sprintf("%d.0", n)) }

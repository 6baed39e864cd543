package gitlab

import (
	"reflect"
	"slices"
	"strings"
)

// Ask is what a request asks for and what of its answer is decoded.
type Ask struct {
	Endpoint   string   // as in scan.Gap
	Parameters []string // names of the query's parameters; empty for GraphQL
	Fields     []string // keys of the answer that are decoded, nested ones with dots; empty: none, e.g. where a list is only counted
	Query      string   // GraphQL alone: its text
}

// note tells whoever wants to know what c asks for and which keys of the answer
// are decoded into v, a pointer; nil: none.
func (s *Source) note(c call, v any) {
	if s.noted == nil {
		return
	}
	a := Ask{Endpoint: c.endpoint, Parameters: sortedKeys(c.query)}
	if v != nil {
		a.Fields = keysOf(reflect.TypeOf(v), "")
	}
	s.noted(a)
}

// keysOf lists the keys of a JSON body that are decoded into a type.
func keysOf(t reflect.Type, prefix string) (keys []string) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice && t.Elem().Kind() != reflect.Uint8 {
		t = t.Elem()
	}
	leaf := func() []string {
		if prefix == "" {
			return nil
		}
		return []string{prefix}
	}
	if t.Kind() == reflect.Map { // every key, whatever it is
		return []string{strings.TrimPrefix(prefix+".*", ".")}
	}
	if t.Kind() != reflect.Struct {
		return leaf()
	}
	for i := range t.NumField() {
		f := t.Field(i)
		key, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous && key == "":
			keys = append(keys, keysOf(f.Type, prefix)...)
		case key == "" && f.Name == "value": // of a field[T]
			return keysOf(f.Type, prefix)
		case key != "" && key != "-":
			keys = append(keys, keysOf(f.Type, strings.TrimPrefix(prefix+"."+key, "."))...)
		}
	}
	if len(keys) == 0 {
		return leaf()
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

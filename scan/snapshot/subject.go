package snapshot

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"sync"
	"unicode/utf8"

	"readiness/scan"
)

// newSubject returns an empty subject of a level.
func newSubject(level scan.Level) scan.Subject {
	switch level {
	case scan.LevelInstance:
		return new(scan.Instance)
	case scan.LevelGroup:
		return new(scan.Group)
	case scan.LevelProject:
		return new(scan.Project)
	case scan.LevelUser:
		return new(scan.User)
	}
	panic(fmt.Sprintf("snapshot: no subject of level %q", level))
}

// identity is a struct type with just the fields of a subject's type that are no
// facts, in their order and with their JSON names, and where those fields lie.
type identity struct {
	plain reflect.Type
	index []int
	names []string // of those fields, with what stands around them: {"id":  ,"path":
}

var identityOf = sync.OnceValue(func() map[reflect.Type]identity {
	m := make(map[reflect.Type]identity)
	for _, level := range scan.Levels() {
		t := reflect.TypeOf(newSubject(level)).Elem()
		var (
			id     identity
			fields []reflect.StructField
		)
		for i := range t.NumField() {
			if f := t.Field(i); f.Tag.Get("fact") == "" {
				fields = append(fields, reflect.StructField{Name: f.Name, Type: f.Type, Tag: f.Tag})
				name := `,"` + f.Tag.Get("json") + `":`
				if len(id.index) == 0 {
					name = "{" + name[1:]
				}
				id.index, id.names = append(id.index, i), append(id.names, name)
			}
		}
		id.plain = reflect.StructOf(fields)
		m[t] = id
	}
	return m
})

// encodeIdentity writes what of a subject is no fact as a JSON object.
func encodeIdentity(s scan.Subject) ([]byte, error) {
	v := reflect.ValueOf(s).Elem()
	id := identityOf()[v.Type()]
	plain := reflect.New(id.plain).Elem()
	for n, i := range id.index {
		plain.Field(n).Set(v.Field(i))
	}
	return json.Marshal(plain.Interface())
}

// decodeIdentity sets in s what encodeIdentity wrote.
func decodeIdentity(b []byte, s scan.Subject) error {
	v := reflect.ValueOf(s).Elem()
	id := identityOf()[v.Type()]
	if id.take(b, v) {
		return nil
	}
	plain := reflect.New(id.plain)
	if err := json.Unmarshal(b, plain.Interface()); err != nil {
		return err
	}
	for n, i := range id.index {
		v.Field(i).Set(plain.Elem().Field(n))
	}
	return nil
}

// take sets in v what encodeIdentity wrote if nothing in it is escaped, many times
// faster than a decoder, and reports whether it could: whatever looks otherwise is
// a decoder's to read or refuse.
func (id identity) take(b []byte, v reflect.Value) bool {
	for n, i := range id.index {
		var ok bool
		if b, ok = bytes.CutPrefix(b, []byte(id.names[n])); !ok {
			return false
		}
		switch f := v.Field(i); f.Kind() {
		case reflect.Int64:
			end := bytes.IndexAny(b, ",}")
			digits := string(b[:max(end, 0)])
			number, err := strconv.ParseInt(digits, 10, 64)
			if err != nil || digits != strconv.FormatInt(number, 10) {
				return false
			}
			f.SetInt(number)
			b = b[end:]
		case reflect.String:
			end := bytes.IndexByte(b[min(1, len(b)):], '"') + 1
			if end < 1 || b[0] != '"' || !plain(b[1:end]) {
				return false
			}
			f.SetString(string(b[1:end]))
			b = b[end+1:]
		default:
			return false
		}
	}
	return string(b) == "}"
}

// plain reports whether a JSON string says just what stands in it.
func plain(b []byte) bool {
	return bytes.IndexFunc(b, func(r rune) bool { return r < ' ' || r == '\\' || r == utf8.RuneError }) < 0
}

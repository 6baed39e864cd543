package snapshot

import (
	"encoding/json"
	"fmt"
	"reflect"
	"sync"

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
				id.index = append(id.index, i)
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
	plain := reflect.New(id.plain)
	if err := json.Unmarshal(b, plain.Interface()); err != nil {
		return err
	}
	for n, i := range id.index {
		v.Field(i).Set(plain.Elem().Field(n))
	}
	return nil
}

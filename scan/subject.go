package scan

import (
	"encoding/json"
	"fmt"
	"iter"
	"reflect"
	"sync"
)

// Level is the kind of thing a fact or a finding is about.
type Level string

// The levels of GitLab's hierarchy that a migration treats apart.
const (
	LevelInstance Level = "instance"
	LevelGroup    Level = "group"
	LevelProject  Level = "project"
	LevelUser     Level = "user"
)

// Levels lists every level, outermost first.
func Levels() []Level { return []Level{LevelInstance, LevelGroup, LevelProject, LevelUser} }

// Subject is what facts are about: *Instance, *Group, *Project or *User.
type Subject interface {
	Level() Level
	Key() int64      // GitLab's id; 0 for the instance
	Address() string // full path, username, or the instance's URL
	Link() string    // its page on the source
}

func (i *Instance) Level() Level    { return LevelInstance }
func (i *Instance) Key() int64      { return 0 }
func (i *Instance) Address() string { return i.URL }
func (i *Instance) Link() string    { return i.URL }
func (g *Group) Level() Level       { return LevelGroup }
func (g *Group) Key() int64         { return g.ID }
func (g *Group) Address() string    { return g.Path }
func (g *Group) Link() string       { return g.WebURL }
func (p *Project) Level() Level     { return LevelProject }
func (p *Project) Key() int64       { return p.ID }
func (p *Project) Address() string  { return p.Path }
func (p *Project) Link() string     { return p.WebURL }
func (u *User) Level() Level        { return LevelUser }
func (u *User) Key() int64          { return u.ID }
func (u *User) Address() string     { return u.Username }
func (u *User) Link() string        { return u.WebURL }

// field is one fact of a subject's struct type.
type field struct {
	id    FactID
	index int
}

// layout is where the facts of a subject's struct type are.
type layout struct {
	fields []field        // in declaration order
	index  map[FactID]int // of the struct's fields
}

// layouts holds the layout of each struct type.
var layouts sync.Map

func layoutOf(t reflect.Type) layout {
	if l, ok := layouts.Load(t); ok {
		return l.(layout)
	}
	l := layout{index: map[FactID]int{}}
	for i := range t.NumField() {
		if id := t.Field(i).Tag.Get("fact"); id != "" {
			l.fields = append(l.fields, field{FactID(id), i})
			l.index[FactID(id)] = i
		}
	}
	layouts.Store(t, l)
	return l
}

// Facts walks a subject's facts in declaration order. The Reads point into s:
// what is set through them is set in s.
func Facts(s Subject) iter.Seq2[FactID, Read] {
	v := reflect.ValueOf(s).Elem()
	return func(yield func(FactID, Read) bool) {
		for _, f := range layoutOf(v.Type()).fields {
			if !yield(f.id, v.Field(f.index).Addr().Interface().(Read)) {
				return
			}
		}
	}
}

// FactOf returns the fact of s with this id, or nil if its level has none.
func FactOf(s Subject, id FactID) Read {
	v := reflect.ValueOf(s).Elem()
	i, ok := layoutOf(v.Type()).index[id]
	if !ok {
		return nil
	}
	return v.Field(i).Addr().Interface().(Read)
}

// FillUnset gives every fact of s that nobody has answered for, and that keep
// accepts, the gap g.
func FillUnset(s Subject, g Gap, keep func(FactID) bool) {
	for id, r := range Facts(s) {
		if IsUnset(r) && keep(id) {
			r.setGap(&g)
		}
	}
}

// Forget replaces the fact of s with this id by the gap g, whatever it was.
// Tests use it to prove that no judgement gets better by knowing less.
func Forget(s Subject, id FactID, g Gap) {
	if r := FactOf(s, id); r != nil {
		r.setGap(&g)
	}
}

// Merge copies into dst every fact that src has answered for. Both must be of
// the same type; what identifies dst stays.
func Merge(dst, src Subject) {
	d, s := reflect.ValueOf(dst).Elem(), reflect.ValueOf(src).Elem()
	for _, f := range layoutOf(d.Type()).fields {
		from := s.Field(f.index).Addr().Interface().(Read)
		if !IsUnset(from) {
			d.Field(f.index).Addr().Interface().(Read).copyFrom(from)
		}
	}
}

// MarshalFacts writes the facts of s that somebody has answered for as one JSON
// object, by fact id, in declaration order.
func MarshalFacts(s Subject) ([]byte, error) { return AppendFacts(nil, s) }

// AppendFacts appends to dst what MarshalFacts writes.
func AppendFacts(dst []byte, s Subject) ([]byte, error) {
	dst = append(dst, '{')
	first := true
	for id, r := range Facts(s) {
		if IsUnset(r) {
			continue
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = append(append(append(dst, '"'), id...), '"', ':')
		var err error
		if dst, err = r.appendJSON(dst); err != nil {
			return nil, fmt.Errorf("write fact %s of %s: %w", id, s.Address(), err)
		}
	}
	return append(dst, '}'), nil
}

// UnmarshalFacts sets in s the facts that MarshalFacts wrote. A fact this
// version does not know is an error: it would be lost silently.
func UnmarshalFacts(b []byte, s Subject) error {
	var raw map[FactID]json.RawMessage
	if err := json.Unmarshal(b, &raw); err != nil {
		return err
	}
	for id, r := range Facts(s) {
		v, ok := raw[id]
		if !ok {
			continue
		}
		if err := r.UnmarshalJSON(v); err != nil {
			return fmt.Errorf("read fact %s of %s: %w", id, s.Address(), err)
		}
		delete(raw, id)
	}
	for id := range raw {
		return fmt.Errorf("unknown fact %.60q of a %s", id, s.Level())
	}
	return nil
}

package scan

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"
	"unicode/utf8"
)

// Fact is a value that was read, or the Gap that says why it was not. The zero
// Fact is the gap ReasonUnset: a fact nobody answered for, never a zero.
type Fact[T any] struct {
	value T
	gap   *Gap
	known bool
}

// Known is a fact that was read.
func Known[T any](v T) Fact[T] { return Fact[T]{value: v, known: true} }

// Missing is a fact that could not be read, for the reason g.
func Missing[T any](g Gap) Fact[T] { return Fact[T]{gap: &g} }

// Get returns the value and true, or the zero value and false if there is none.
func (f Fact[T]) Get() (T, bool) { return f.value, f.known }

// Or returns the value, or def if there is none. It is for display only: a
// judgement that needs the difference calls Get.
func (f Fact[T]) Or(def T) T {
	if f.known {
		return f.value
	}
	return def
}

// Gap returns why there is no value, and whether that is so.
func (f Fact[T]) Gap() (Gap, bool) { return gapOf(f.gap, f.known) }

func gapOf(g *Gap, known bool) (Gap, bool) {
	switch {
	case g != nil:
		return *g, true
	case known:
		return Gap{}, false
	}
	return Gap{Reason: ReasonUnset}, true
}

// Amount measures a known value: a number is itself, true is 1, an id that is
// not 0 is 1, a string or a list is the number of its elements (a non-empty
// string is 1), a time is 1.
// It reports false where the value is unknown.
func (f Fact[T]) Amount() (int64, bool) {
	if !f.known {
		return 0, false
	}
	return amount(any(f.value)), true
}

func amount(v any) int64 {
	switch v := v.(type) {
	case int64:
		return v
	case ID:
		return amount(v != 0)
	case bool:
		if v {
			return 1
		}
	case string:
		if v != "" {
			return 1
		}
	case []string:
		return int64(len(v))
	case time.Time:
		if !v.IsZero() {
			return 1
		}
	case Version:
		return 1
	default:
		panic(fmt.Sprintf("scan: no amount for a fact of type %T", v))
	}
	return 0
}

// Any returns the value for display, or nil if there is none.
func (f Fact[T]) Any() any {
	if !f.known {
		return nil
	}
	return f.value
}

func (f *Fact[T]) unset() bool   { return unset(f.gap, f.known) }
func (f *Fact[T]) setGap(g *Gap) { *f = Fact[T]{gap: g} }
func (f *Fact[T]) setValue(b []byte) error {
	var v T
	if err := json.Unmarshal(b, &v); err != nil {
		return err
	}
	*f = Known(v)
	return nil
}
func (f *Fact[T]) copyFrom(r Read) { *f = *r.(*Fact[T]) }

// Listing is a list of things that were read. If the walk stopped early it
// keeps what it has so far plus the Gap that says why; it is complete only
// without one. The zero Listing is the gap ReasonUnset.
type Listing[T any] struct {
	Items []T
	gap   *Gap
	known bool
}

// Listed is a list that was read to its end.
func Listed[T any](items []T) Listing[T] { return Listing[T]{Items: items, known: true} }

// Cut is a list whose walk stopped early for the reason g, after items.
func Cut[T any](items []T, g Gap) Listing[T] { return Listing[T]{Items: items, gap: &g} }

// Complete reports whether the list was read to its end.
func (l Listing[T]) Complete() bool { return l.known }

// Gap returns why the list is incomplete, and whether it is.
func (l Listing[T]) Gap() (Gap, bool) { return gapOf(l.gap, l.known) }

// Amount is the number of items, known only if the list is complete. An item
// that stands for several things counts as so many (see PackageCount).
func (l Listing[T]) Amount() (int64, bool) {
	var n int64
	for _, item := range l.Items {
		n = Plus(n, amountOfItem(item))
	}
	return n, l.known
}

func amountOfItem[T any](item T) int64 {
	if several, ok := any(item).(interface{ amount() int64 }); ok {
		return several.amount()
	}
	return 1
}

// Any returns the items for display, or nil if the list is incomplete.
func (l Listing[T]) Any() any {
	if !l.known {
		return nil
	}
	return l.Items
}

func (l *Listing[T]) unset() bool   { return unset(l.gap, l.known) }
func (l *Listing[T]) setGap(g *Gap) { *l = Listing[T]{Items: l.Items, gap: g} }
func (l *Listing[T]) setValue(b []byte) error {
	if string(b) == "[]" { // as most are, and there are millions
		*l = Listed([]T{})
		return nil
	}
	var items []T
	if err := json.Unmarshal(b, &items); err != nil {
		return err
	}
	*l = Listed(items)
	return nil
}
func (l *Listing[T]) copyFrom(r Read) { *l = *r.(*Listing[T]) }

// Read is what every fact can tell without its type: *Fact[T] and *Listing[T].
type Read interface {
	// Gap returns why there is no (complete) value, and whether that is so.
	Gap() (Gap, bool)
	// Amount measures the value; false where it is unknown.
	Amount() (int64, bool)
	// Any returns the value, or nil where it is unknown.
	Any() any
	json.Marshaler
	json.Unmarshaler
	appendJSON([]byte) ([]byte, error)
	unset() bool
	setGap(*Gap)
	setValue([]byte) error
	copyFrom(Read)
}

// SetGap says why a fact has no value, or a list of which there are no items. Any
// number of facts may have the same g, which nobody changes any more.
func SetGap(r Read, g *Gap) { r.setGap(g) }

// SetValue sets a fact, or a list that was read to its end, from the JSON of its value.
func SetValue(r Read, value []byte) error { return r.setValue(value) }

// IsUnset reports whether nobody has answered for the fact.
func IsUnset(r Read) bool { return r.unset() }

func unset(g *Gap, known bool) bool {
	if g != nil {
		return g.Reason == ReasonUnset
	}
	return !known
}

// wire is the JSON form of a fact: either a value or a gap, and for a list that
// was cut both the items so far and the gap.
type wire[T any] struct {
	Value *T   `json:"value,omitempty"`
	Gap   *Gap `json:"gap,omitempty"`
}

var errWire = errors.New("a fact is an object with a value or a gap")

// MarshalJSON writes {"value": …} or {"gap": {…}}.
func (f Fact[T]) MarshalJSON() ([]byte, error) { return f.appendJSON(nil) }

// appendJSON appends what json.Marshal writes, for less: a report of a large
// instance has millions of facts, of few types.
func (f *Fact[T]) appendJSON(dst []byte) ([]byte, error) {
	if g, gap := f.Gap(); gap {
		return append(g.appendJSON(append(dst, `{"gap":`...)), '}'), nil
	}
	dst = append(dst, `{"value":`...)
	switch v := any(&f.value).(type) {
	case *int64:
		dst = strconv.AppendInt(dst, *v, 10)
	case *ID:
		dst = strconv.AppendInt(dst, int64(*v), 10)
	case *bool:
		dst = strconv.AppendBool(dst, *v)
	case *string:
		dst = appendString(dst, *v)
	case *[]string: // null would be no value
		dst = append(dst, '[')
		for i, s := range *v {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendString(dst, s)
		}
		dst = append(dst, ']')
	default:
		b, err := json.Marshal(v)
		if err != nil {
			return nil, err
		}
		dst = append(dst, b...)
	}
	return append(dst, '}'), nil
}

// appendJSON appends what json.Marshal writes.
func (g *Gap) appendJSON(dst []byte) []byte {
	dst = appendString(append(dst, `{"reason":`...), string(g.Reason))
	if g.Status != 0 {
		dst = strconv.AppendInt(append(dst, `,"status":`...), int64(g.Status), 10)
	}
	if g.Endpoint != "" {
		dst = appendString(append(dst, `,"endpoint":`...), g.Endpoint)
	}
	if g.Cure != "" {
		dst = appendString(append(dst, `,"cure":`...), g.Cure)
	}
	return append(dst, '}')
}

// appendString appends what json.Marshal writes.
func appendString(dst []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= utf8.RuneSelf || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			b, _ := json.Marshal(s) // no string fails
			return append(dst, b...)
		}
	}
	dst = append(append(dst, '"'), s...)
	return append(dst, '"')
}

// UnmarshalJSON reads what MarshalJSON writes.
func (f *Fact[T]) UnmarshalJSON(b []byte) error {
	var w wire[T]
	if err := json.Unmarshal(b, &w); err != nil {
		return err
	}
	switch {
	case w.Gap != nil && w.Value == nil && w.Gap.Reason == ReasonUnset:
		*f = Fact[T]{}
	case w.Gap != nil && w.Value == nil:
		*f = Missing[T](*w.Gap)
	case w.Value != nil && w.Gap == nil:
		*f = Known(*w.Value)
	default:
		return errWire
	}
	return nil
}

// MarshalJSON writes {"value": […]}, or {"gap": {…}} with the items so far
// under "value" if there are any.
func (l Listing[T]) MarshalJSON() ([]byte, error) { return l.appendJSON(nil) }

func (l *Listing[T]) appendJSON(dst []byte) ([]byte, error) {
	g, gap := l.Gap()
	dst = append(dst, '{')
	switch {
	case len(l.Items) > 0:
		b, err := json.Marshal(l.Items)
		if err != nil {
			return nil, err
		}
		dst = append(append(dst, `"value":`...), b...)
	case !gap:
		dst = append(dst, `"value":[]`...)
	}
	if gap {
		if len(l.Items) > 0 {
			dst = append(dst, ',')
		}
		dst = g.appendJSON(append(dst, `"gap":`...))
	}
	return append(dst, '}'), nil
}

// UnmarshalJSON reads what MarshalJSON writes.
func (l *Listing[T]) UnmarshalJSON(b []byte) error {
	var w wire[[]T]
	if err := json.Unmarshal(b, &w); err != nil {
		return err
	}
	var items []T
	if w.Value != nil {
		items = *w.Value
	}
	switch {
	case w.Gap != nil && w.Gap.Reason == ReasonUnset:
		*l = Listing[T]{}
	case w.Gap != nil:
		*l = Cut(items, *w.Gap)
	case w.Value != nil:
		*l = Listed(items)
	default:
		return errWire
	}
	return nil
}

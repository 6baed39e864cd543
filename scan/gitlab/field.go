package gitlab

import (
	"encoding/json"
	"net/http"

	"readiness/scan"
)

// field is one key of a JSON body that may be absent, null or of an unexpected
// type, and tells these apart: GitLab leaves out what a caller may not see.
type field[T any] struct {
	value   T
	present bool
	null    bool
	bad     bool // present, but not of this type
}

// UnmarshalJSON never fails: one odd value costs one fact, not the whole page.
func (f *field[T]) UnmarshalJSON(b []byte) error {
	*f = field[T]{present: true}
	if isNull(b) {
		f.null = true
		return nil
	}
	if err := json.Unmarshal(b, &f.value); err != nil {
		var zero T
		f.value, f.bad = zero, true
	}
	return nil
}

// ok reports whether there is a value.
func (f field[T]) ok() bool { return f.present && !f.null && !f.bad }

// said reports whether the answer spoke: a value, or null.
func (f field[T]) said() bool { return f.present && !f.bad }

// or is the field if it has a value, else other.
func (f field[T]) or(other field[T]) field[T] {
	if f.ok() {
		return f
	}
	return other
}

// senseless is the Gap of a field that is not of its type. Run adds where it was read.
var senseless = scan.Gap{Reason: scan.ReasonFailed, Status: http.StatusOK,
	Cure: "the answer is not what GitLab documents: look at what stands between here and the source"}

// keep sets the fact if the field has a value, or one that makes no sense.
func (f field[T]) keep(fact *scan.Fact[T]) {
	switch {
	case f.ok():
		*fact = scan.Known(f.value)
	case f.bad:
		*fact = scan.Missing[T](senseless)
	}
}

// keepOr is keep, with a value for null.
func (f field[T]) keepOr(fact *scan.Fact[T], null T) {
	switch {
	case f.ok():
		*fact = scan.Known(f.value)
	case f.present && f.null:
		*fact = scan.Known(null)
	case f.bad:
		*fact = scan.Missing[T](senseless)
	}
}

// there sets the fact to whether the field holds something: neither null nor
// the type's zero value.
func there[T comparable](f field[T], fact *scan.Fact[bool]) {
	switch {
	case f.said():
		var zero T
		*fact = scan.Known(f.ok() && f.value != zero)
	case f.bad:
		*fact = scan.Missing[bool](senseless)
	}
}

// length sets the fact to how long a list is.
func length[T any](f field[[]T], fact *scan.Fact[int64]) {
	switch {
	case f.ok():
		*fact = scan.Known(int64(len(f.value)))
	case f.bad:
		*fact = scan.Missing[int64](senseless)
	}
}

package gitlabsim

import (
	"encoding/json"
	"strconv"
	"time"
)

// member is one key of a JSON object, object one with its keys in order, list
// any array.
type member struct {
	key   string
	value any
}

type (
	object []member
	list   []any
)

// put adds a key.
func (o *object) put(key string, value any) { *o = append(*o, member{key, value}) }

// when adds a key under a condition; GitLab leaves keys out rather than
// answering null for what a caller may not read.
func (o *object) when(ok bool, key string, value any) {
	if ok {
		o.put(key, value)
	}
}

// MarshalJSON writes the keys in order.
func (o object) MarshalJSON() ([]byte, error) { return appendJSON(nil, o) }

// timestamp is how GitLab writes instants.
const timestamp = "2006-01-02T15:04:05.000Z"

// appendJSON writes v; what it does not know goes through encoding/json.
func appendJSON(b []byte, v any) ([]byte, error) {
	var err error
	switch v := v.(type) {
	case nil:
		return append(b, "null"...), nil
	case object:
		b = append(b, '{')
		for i, m := range v {
			if i > 0 {
				b = append(b, ',')
			}
			b = strconv.AppendQuote(b, m.key) // keys are plain words
			b = append(b, ':')
			if b, err = appendJSON(b, m.value); err != nil {
				return nil, err
			}
		}
		return append(b, '}'), nil
	case list:
		b = append(b, '[')
		for i, x := range v {
			if i > 0 {
				b = append(b, ',')
			}
			if b, err = appendJSON(b, x); err != nil {
				return nil, err
			}
		}
		return append(b, ']'), nil
	case bool:
		return strconv.AppendBool(b, v), nil
	case int:
		return strconv.AppendInt(b, int64(v), 10), nil
	case int64:
		return strconv.AppendInt(b, v, 10), nil
	case time.Time:
		if v.IsZero() {
			return append(b, "null"...), nil
		}
		b = append(b, '"')
		b = v.UTC().AppendFormat(b, timestamp)
		return append(b, '"'), nil
	}
	raw, err := json.Marshal(v)
	return append(b, raw...), err
}

// orNull is the string, or null where it is empty.
func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// strs makes a JSON array of strings, never null.
func strs(s []string) list {
	l := make(list, len(s))
	for i := range s {
		l[i] = s[i]
	}
	return l
}

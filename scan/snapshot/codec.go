package snapshot

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"readiness/scan"
)

// fields is the order of the facts in row.facts, by level and part.
type fields map[scan.Level]map[scan.Part][]scan.FactID

// currentFields is the order in which this version writes: the facts of a
// part's depth as their struct declares them.
func currentFields() fields {
	f := make(fields)
	for _, level := range scan.Levels() {
		f[level] = make(map[scan.Part][]scan.FactID)
		for id := range scan.Facts(newSubject(level)) {
			e, ok := scan.Lookup(id)
			if !ok {
				panic(fmt.Sprintf("snapshot: fact %s is not in the catalogue", id))
			}
			part := scan.Deep.Parts()[e.Depth]
			f[level][part] = append(f[level][part], id)
		}
	}
	return f
}

// codec turns subjects into rows and back for one run.
type codec struct {
	fields fields
	// index is where each field of the run is among the facts of this version's
	// struct; known lists those facts, and after them those that are retired: they
	// stay in the file and in its hash, and no subject has them.
	index map[scan.Level]map[scan.Part][]int
	known map[scan.Level][]scan.FactID
	where map[scan.FactID]int // in known of its level
	gaps  gaps
}

// retired reports whether earlier versions read a fact that this one does not: it
// has turned out that no API tells it, or another fact says it better.
func retired(id scan.FactID) bool {
	e, known := scan.Lookup(id)
	return known && e.Unread != ""
}

// newCodec prepares to read and write rows with the run's fields. A field that
// this version does not know, and that is not retired, is an error: it would be
// lost silently.
func newCodec(f fields) (*codec, error) {
	c := &codec{
		fields: f,
		index:  make(map[scan.Level]map[scan.Part][]int),
		known:  make(map[scan.Level][]scan.FactID),
		where:  make(map[scan.FactID]int),
		gaps:   gaps{numbers: make(map[scan.Gap]int64)},
	}
	for _, level := range scan.Levels() {
		for id := range scan.Facts(newSubject(level)) {
			c.where[id] = len(c.known[level])
			c.known[level] = append(c.known[level], id)
		}
		c.index[level] = make(map[scan.Part][]int)
		for part, ids := range f[level] {
			for _, id := range ids {
				i, ok := c.where[id]
				if !ok && retired(id) {
					i, ok = len(c.known[level]), true
					c.where[id] = i
					c.known[level] = append(c.known[level], id)
				}
				if !ok || c.known[level][i] != id {
					return nil, fmt.Errorf("%w: it holds the fact %.60q, which this version does not know; use the version that made it, or a newer one", ErrNewer, id)
				}
				c.index[level][part] = append(c.index[level][part], i)
			}
		}
	}
	return c, nil
}

// gaps numbers the distinct gaps of a run, from 0.
type gaps struct {
	list    []scan.Gap
	numbers map[scan.Gap]int64
	saved   int // how many of list are in the file
}

func (g *gaps) number(gap scan.Gap) int64 {
	n, ok := g.numbers[gap]
	if !ok {
		n = int64(len(g.list))
		g.list = append(g.list, gap)
		g.numbers[gap] = n
	}
	return n
}

// get returns a gap that many facts share, and that nobody changes.
func (g *gaps) get(n int64) (*scan.Gap, error) {
	if n < 0 || n >= int64(len(g.list)) {
		return nil, fmt.Errorf("gap number %d is not in the file", n)
	}
	return &g.list[n], nil
}

// readsOf collects a subject's facts in declaration order.
func readsOf(s scan.Subject, into []scan.Read) []scan.Read {
	into = into[:0]
	for _, r := range scan.Facts(s) {
		into = append(into, r)
	}
	return into
}

// encode writes the facts that are set in s as row.facts and row.extra (nil if
// there is none).
func (c *codec) encode(part scan.Part, s scan.Subject) (facts, extra []byte, err error) {
	level := s.Level()
	reads := readsOf(s, make([]scan.Read, 0, len(c.known[level])))
	own := make([]bool, len(reads))
	facts = append(make([]byte, 0, 512), '[')
	for n, i := range c.index[level][part] {
		if n > 0 {
			facts = append(facts, ',')
		}
		own[i] = true
		if facts, err = c.appendFact(facts, reads[i]); err != nil {
			return nil, nil, fmt.Errorf("write fact %s: %w", c.known[level][i], err)
		}
	}
	facts = append(facts, ']')
	for i, r := range reads {
		if own[i] || scan.IsUnset(r) {
			continue
		}
		id := c.known[level][i]
		if extra == nil {
			extra = append(extra, '{')
		} else {
			extra = append(extra, ',')
		}
		extra = append(extra, '"')
		extra = append(extra, id...)
		extra = append(extra, '"', ':')
		if extra, err = c.appendFact(extra, r); err != nil {
			return nil, nil, fmt.Errorf("write fact %s: %w", id, err)
		}
	}
	if extra != nil {
		extra = append(extra, '}')
	}
	return facts, extra, nil
}

var unset = []byte("null")

func (c *codec) appendFact(dst []byte, r scan.Read) ([]byte, error) {
	gap, missing := r.Gap()
	if !missing {
		return appendValue(dst, r.Any())
	}
	if gap.Reason == scan.ReasonUnset {
		return append(dst, unset...), nil
	}
	dst = append(dst, `{"gap":`...)
	dst = strconv.AppendInt(dst, c.gaps.number(gap), 10)
	// Only a list can have a value besides its gap.
	switch r.(type) {
	case *scan.Fact[int64], *scan.Fact[bool], *scan.Fact[string]:
		return append(dst, '}'), nil
	}
	b, err := r.MarshalJSON()
	if err != nil {
		return nil, err
	}
	var cut struct{ Value json.RawMessage }
	if err := json.Unmarshal(b, &cut); err != nil {
		return nil, err
	}
	if cut.Value != nil {
		dst = append(dst, `,"value":`...)
		dst = append(dst, cut.Value...)
	}
	return append(dst, '}'), nil
}

func appendValue(dst []byte, v any) ([]byte, error) {
	switch v := v.(type) {
	case int64:
		return strconv.AppendInt(dst, v, 10), nil
	case bool:
		return strconv.AppendBool(dst, v), nil
	}
	b, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	switch b[0] {
	case '{':
		return nil, fmt.Errorf("a value of type %T is a JSON object, which stands for a gap", v)
	case 'n': // a nil list that was read is an empty one
		b = []byte("[]")
	}
	return append(dst, b...), nil
}

// told is what the parts of one subject tell: the raw element of each known
// fact, in declaration order; nil where no part tells it.
type told []json.RawMessage

// merge adds what a part tells. Parts must come in their order. What it cuts the
// facts into lies in *list from call to call.
func (c *codec) merge(t told, list *[]json.RawMessage, level scan.Level, part scan.Part, facts, extra []byte) error {
	var ok bool
	if *list, ok = elements((*list)[:0], facts); !ok {
		if err := json.Unmarshal(facts, list); err != nil {
			return err
		}
	}
	index := c.index[level][part]
	if len(*list) != len(index) {
		return fmt.Errorf("%d facts where the part %s has %d", len(*list), part, len(index))
	}
	for n, raw := range *list {
		if !bytes.Equal(raw, unset) {
			t[index[n]] = raw
		}
	}
	if extra == nil {
		return nil
	}
	var more map[scan.FactID]json.RawMessage
	if err := json.Unmarshal(extra, &more); err != nil {
		return err
	}
	for id, raw := range more {
		i, ok := c.where[id]
		if !ok || i >= len(t) || c.known[level][i] != id {
			return fmt.Errorf("unknown fact %.60q of a %s", id, level)
		}
		t[i] = raw
	}
	return nil
}

// elements cuts an array as Commit writes it, without space, into its elements,
// which it appends to list, many times faster than a decoder that checks each of
// them; whoever reads an element does. It reports false for whatever looks
// otherwise.
func elements(list []json.RawMessage, b []byte) (all []json.RawMessage, ok bool) {
	if len(b) < 3 || b[0] != '[' {
		return list, false
	}
	depth, start := 0, 1
	for i := 1; i < len(b); i++ {
		switch b[i] {
		case '"':
			for i++; i < len(b) && b[i] != '"'; i++ {
				if b[i] == '\\' {
					i++
				}
			}
		case '[', '{':
			depth++
		case ',', ']', '}':
			if depth == 0 {
				if i == start || b[i] == '}' || b[start] <= ' ' || b[i-1] <= ' ' {
					return list, false
				}
				list = append(list, b[start:i:i])
				start = i + 1
				if b[i] == ']' {
					return list, i == len(b)-1
				}
			} else if b[i] != ',' {
				depth--
			}
		}
	}
	return list, false
}

// reading is how the subjects of a level are read. Facts go by their places.
type reading struct {
	fill []*scan.Gap // why a fact is missing that no part tells; nil: it stays unset
	only []int       // the facts that are read, the others stay unset; nil: all
}

// decode sets in s what its parts tell.
func (c *codec) decode(t told, how reading, s scan.Subject) error {
	known := c.known[s.Level()]
	for _, place := range how.only {
		if err := c.decodeFact(t, how, place, scan.FactOf(s, known[place])); err != nil {
			return fmt.Errorf("read fact %s: %w", known[place], err)
		}
	}
	if how.only != nil {
		return nil
	}
	place := 0
	for id, r := range scan.Facts(s) {
		if err := c.decodeFact(t, how, place, r); err != nil {
			return fmt.Errorf("read fact %s: %w", id, err)
		}
		place++
	}
	return nil
}

func (c *codec) decodeFact(t told, how reading, place int, r scan.Read) error {
	raw := t[place]
	if raw == nil {
		if how.fill != nil && how.fill[place] != nil {
			scan.SetGap(r, how.fill[place])
		}
		return nil
	}
	if raw[0] != '{' {
		return setValue(raw, r)
	}
	gap, value, err := c.gapOf(raw)
	if err != nil {
		return err
	}
	return setGap(r, gap, value)
}

// setGap sets why there is no value and, for a list, its items so far.
func setGap(r scan.Read, gap *scan.Gap, value json.RawMessage) error {
	if value == nil {
		scan.SetGap(r, gap)
		return nil
	}
	return setWire(r, gap, value)
}

// gapOf reads an element that is no plain value: its gap, and for a list its
// items so far.
func (c *codec) gapOf(raw []byte) (gap *scan.Gap, value json.RawMessage, err error) {
	// Most are just a number, and there are millions.
	if digits, ok := bytes.CutPrefix(raw, []byte(`{"gap":`)); ok {
		if n, err := strconv.ParseInt(string(digits[:len(digits)-1]), 10, 64); err == nil {
			gap, err = c.gaps.get(n)
			return gap, nil, err
		}
	}
	var w struct {
		Gap   *int64          `json:"gap"`
		Value json.RawMessage `json:"value"`
	}
	if err := json.Unmarshal(raw, &w); err != nil {
		return gap, nil, err
	}
	if w.Gap == nil {
		return gap, nil, fmt.Errorf("neither a value nor a gap")
	}
	gap, err = c.gaps.get(*w.Gap)
	return gap, w.Value, err
}

func setValue(raw []byte, r scan.Read) error {
	switch r := r.(type) {
	case *scan.Fact[int64]:
		n, err := strconv.ParseInt(string(raw), 10, 64)
		*r = scan.Known(n)
		return err
	case *scan.Fact[scan.ID]:
		n, err := strconv.ParseInt(string(raw), 10, 64)
		*r = scan.Known(scan.ID(n))
		return err
	case *scan.Fact[time.Time]:
		var at time.Time
		err := at.UnmarshalJSON(raw)
		*r = scan.Known(at)
		return err
	case *scan.Fact[bool]:
		if string(raw) != "true" && string(raw) != "false" {
			return fmt.Errorf("%.20q is neither true nor false", raw)
		}
		*r = scan.Known(raw[0] == 't')
		return nil
	case *scan.Fact[string]:
		if raw[0] == '"' && bytes.IndexByte(raw, '\\') < 0 {
			*r = scan.Known(strings.ToValidUTF8(string(raw[1:len(raw)-1]), "\uFFFD"))
			return nil
		}
		var s string
		err := json.Unmarshal(raw, &s)
		*r = scan.Known(s)
		return err
	}
	return scan.SetValue(r, raw)
}

// setWire goes through the JSON form that every fact reads.
func setWire(r scan.Read, gap *scan.Gap, value json.RawMessage) error {
	b, err := json.Marshal(struct {
		Gap   *scan.Gap       `json:"gap,omitempty"`
		Value json.RawMessage `json:"value,omitempty"`
	}{gap, value})
	if err != nil {
		return err
	}
	return r.UnmarshalJSON(b)
}

package snapshot

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"readiness/scan"
)

// What a row of a damaged or foreign snapshot holds is refused with an error, or
// is a value: it never panics.
func FuzzRow(f *testing.F) {
	f.Add([]byte(`{"ID":1,"Path":"acme/shop"}`), []byte(`[null,1,true,"a"]`), []byte(`{"project.issues":7}`))
	f.Add([]byte(`{}`), []byte(`[{"gap":0},{"gap":1,"value":[]},{"gap":`), []byte(`{"project.issues":{"gap":9}}`))
	f.Add([]byte(`null`), []byte(`[]`), []byte(`{"project.issues":{}}`))
	f.Add([]byte(`[`), []byte(`x`), []byte(`{"project.issues":null}`))
	f.Fuzz(func(t *testing.T, identity, facts, extra []byte) {
		p := &scan.Project{}
		_ = decodeIdentity(identity, p)
		for _, part := range scan.Deep.Parts() {
			c, err := newCodec(currentFields())
			if err != nil {
				t.Fatal(err)
			}
			tale := make(told, len(c.known[scan.LevelProject]))
			if c.merge(tale, new([]json.RawMessage), scan.LevelProject, part, facts, extra) == nil {
				_ = c.decode(tale, reading{}, p)
			}
			clear(tale)
			if c.merge(tale, new([]json.RawMessage), scan.LevelProject, part, []byte("["+strings.Join(slices.Repeat([]string{"null"}, len(c.index[scan.LevelProject][part])), ",")+"]"), extra) == nil {
				_ = c.decode(tale, reading{}, p)
			}
		}
	})
}

// What is taken for an identity as encodeIdentity writes it says the same to a
// decoder, and whatever encodeIdentity writes without an escape is taken.
func FuzzIdentity(f *testing.F) {
	for _, name := range []string{"Shop", "Läden & Söhne", `"`, `\`, "\x00", "\xff", "\uFFFD", `","name":"`, "</script>"} {
		f.Add([]byte(`{"id":7,"path":"acme/shop","name":"Shop","web_url":"","group_id":-1,"access":0}`), name, int64(7))
	}
	for _, b := range []string{``, `{"id":07,"path":`, `{"id":+7,"path":"`, `{"id":7,"path":"a","name":"\u0041","web_url":"","group_id":1,"access":0}`} {
		f.Add([]byte(b), "", int64(0))
	}
	id := identityOf()[reflect.TypeFor[scan.Project]()]
	f.Fuzz(func(t *testing.T, b []byte, name string, number int64) {
		var p, decoded scan.Project
		if id.take(b, reflect.ValueOf(&p).Elem()) {
			if err := json.Unmarshal(b, &decoded); err != nil || !reflect.DeepEqual(p, decoded) {
				t.Errorf("%q is taken for %+v, and a decoder says %+v, %v", b, p, decoded, err)
			}
		}
		want := scan.Project{ID: number, Path: name, Name: name, GroupID: -number}
		written, err := encodeIdentity(&want)
		if err != nil {
			t.Fatal(err)
		}
		var read scan.Project
		if err := decodeIdentity(written, &read); err != nil {
			t.Fatal(err)
		}
		want.Path, want.Name = string([]rune(name)), string([]rune(name)) // valid UTF-8
		if !reflect.DeepEqual(read, want) {
			t.Errorf("%q is read back as %+v", written, read)
		}
		if taken := id.take(written, reflect.ValueOf(new(scan.Project)).Elem()); !taken && !strings.ContainsAny(string(written), "\\\uFFFD") {
			t.Errorf("%q is not taken", written)
		}
	})
}

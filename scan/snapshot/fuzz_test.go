package snapshot

import (
	"encoding/json"
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
				_ = c.decode(tale, nil, p)
			}
			clear(tale)
			if c.merge(tale, new([]json.RawMessage), scan.LevelProject, part, []byte("["+strings.Join(slices.Repeat([]string{"null"}, len(c.index[scan.LevelProject][part])), ",")+"]"), extra) == nil {
				_ = c.decode(tale, nil, p)
			}
		}
	})
}

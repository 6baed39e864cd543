package jsonreport

import _ "embed" // the schema

// SchemaJSON is the JSON Schema (draft 2020-12) of the document that Write
// writes. It names every field: what it does not name is not written.
//
//go:embed schema.json
var SchemaJSON []byte

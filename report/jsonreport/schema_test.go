package jsonreport_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"readiness/checks"
	"readiness/checks/track"
	"readiness/report/jsonreport"
	"readiness/report/reporttest"
	"readiness/scan"
)

func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(jsonreport.SchemaJSON))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("urn:readiness:1", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("urn:readiness:1")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func instance(t *testing.T, doc string) any {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(doc))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestSchema holds documents of several scans to the published schema.
func TestSchema(t *testing.T) {
	s := schema(t)
	unread := reporttest.New()
	gap := scan.Gap{Reason: scan.ReasonForbidden, Status: 403, Endpoint: "GET /x", Cure: "a right"}
	for _, p := range unread.ProjectsIn {
		for id := range scan.Facts(p) {
			scan.Forget(p, id, gap)
		}
	}
	for name, doc := range map[string]string{
		"whole":        write(t, reporttest.New(), jsonreport.Run{Program: "readiness 0.1.0"}),
		"written":      write(t, reporttest.New(), jsonreport.Run{Address: "http://127.0.0.1:1", Written: time.Unix(1, 0)}),
		"unread":       write(t, unread, jsonreport.Run{}),
		"compared":     write(t, reporttest.New(), jsonreport.Run{Compared: []*checks.Judgement{reporttest.Judge(reporttest.New())}}),
		"nothing seen": write(t, &reporttest.Inventory{Source: reporttest.New().Source}, jsonreport.Run{}),
	} {
		if err := s.Validate(instance(t, doc)); err != nil {
			t.Errorf("%s: %#v", name, err)
		}
	}
}

// TestSchemaIsStrict changes a document so that it is not what the schema says.
func TestSchemaIsStrict(t *testing.T) {
	s := schema(t)
	doc := write(t, reporttest.New(), jsonreport.Run{})
	for what, change := range map[string]func(map[string]any){
		"a field more":      func(d map[string]any) { d["surprise"] = 1 },
		"a field less":      func(d map[string]any) { delete(d, "coverage") },
		"a total as number": func(d map[string]any) { d["inventory"].(map[string]any)["projects"] = 14 },
		"an unknown reason": func(d map[string]any) {
			d["projects"].([]any)[0].(map[string]any)["facts"] = map[string]any{"project.x": map[string]any{"gap": map[string]any{"reason": "tired"}}}
		},
		"a fact of no level": func(d map[string]any) {
			d["projects"].([]any)[0].(map[string]any)["facts"] = map[string]any{"x": map[string]any{"value": 1}}
		},
		"an unknown severity": func(d map[string]any) { d["findings"].([]any)[0].(map[string]any)["severity"] = "awful" },
	} {
		v := instance(t, doc).(map[string]any)
		change(v)
		if s.Validate(v) == nil {
			t.Errorf("%s is taken", what)
		}
	}
}

// TestSchemaNamesAll holds the lists of words in the schema to the program's.
func TestSchemaNamesAll(t *testing.T) {
	var doc struct {
		Defs map[string]struct {
			Enum       []string
			Properties map[string]struct{ Enum []string }
		} `json:"$defs"`
	}
	if err := json.Unmarshal(jsonreport.SchemaJSON, &doc); err != nil {
		t.Fatal(err)
	}
	has := func(what string, enum []string, word string) {
		t.Helper()
		for _, e := range enum {
			if e == word {
				return
			}
		}
		t.Errorf("the schema has no %s %q", what, word)
	}
	for _, r := range scan.Reasons() {
		has("reason", doc.Defs["gap"].Properties["reason"].Enum, string(r))
	}
	for _, v := range checks.Severities() {
		has("severity", doc.Defs["severity"].Enum, string(v))
	}
	for _, v := range track.States() {
		has("state", doc.Defs["state"].Enum, string(v))
	}
	for _, v := range checks.Parties() {
		has("party", doc.Defs["party"].Enum, string(v))
	}
	for _, v := range checks.ActionKinds() {
		has("kind", doc.Defs["actionKind"].Enum, string(v))
	}
	for _, v := range scan.Levels() {
		has("level", doc.Defs["level"].Enum, string(v))
	}
}

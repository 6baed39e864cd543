package jsonreport_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"iter"
	"strings"
	"testing"
	"time"

	"readiness/report"
	"readiness/report/jsonreport"
	"readiness/report/reporttest"
	"readiness/scan"
)

func write(t *testing.T, inv *reporttest.Inventory, run jsonreport.Run) string {
	t.Helper()
	j := reporttest.Judge(inv)
	r, err := report.Build(j, inv, report.Options{Version: "0.1.0"})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := jsonreport.Write(&b, j, inv, r, run); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestGolden(t *testing.T) {
	got := write(t, reporttest.New(), jsonreport.Run{Program: "readiness 0.1.0"})
	reporttest.Golden(t, "report.json", got)
	if !strings.HasSuffix(got, "\n}\n") {
		t.Error("no line break at the end")
	}
}

// decode reads the document; a key that stands twice is an error.
func decode(t *testing.T, doc string) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal([]byte(doc), &m); err != nil {
		t.Fatal(err)
	}
	return m
}

func at(v any, path ...string) any {
	for _, p := range path {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[p]
	}
	return v
}

func TestDocument(t *testing.T) {
	m := decode(t, write(t, reporttest.New(), jsonreport.Run{}))
	for _, c := range []struct {
		path string
		want any
	}{
		{"schema", "readiness/1"},
		{"source.url", reporttest.URL},
		{"source.version", "16.11.10-ee"},
		{"source.edition", "enterprise"},
		{"target.destination", "gitlab_com"},
		{"inventory.projects.value", 14.0},
		{"inventory.groups.value", 3.0},
		{"inventory.users.unread", 0.0},
	} {
		if got := at(m, strings.Split(c.path, ".")...); got != c.want {
			t.Errorf("%s is %v, want %v", c.path, got, c.want)
		}
	}
	for key, n := range map[string]int{"methods": 8, "projects": 14, "groups": 3, "users": 3, "findings": 7} {
		if got := len(m[key].([]any)); got != n {
			t.Errorf("%s has %d entries, want %d", key, got, n)
		}
	}
	names := m["projects"].([]any)
	if got := at(names[4], "path"); got != reporttest.Hostile[0] {
		t.Errorf("the path is %q: not as the source has it", got)
	}
	for _, p := range names {
		for id, f := range at(p, "facts").(map[string]any) {
			_, value := f.(map[string]any)["value"]
			_, gap := f.(map[string]any)["gap"]
			if value == gap {
				t.Errorf("%s of %v has value %v and gap %v", id, at(p, "path"), value, gap)
			}
		}
	}
	hidden := at(names[2], "facts", "project.branches", "gap", "status")
	if hidden != 404.0 {
		t.Errorf("the gap's status is %v, want 404", hidden)
	}
}

// TestOnlyRunDiffers: the same scan at another time, at another pace.
func TestOnlyRunDiffers(t *testing.T) {
	one := reporttest.New()
	other := reporttest.New()
	other.Head.Started = other.Head.Started.Add(time.Hour)
	other.Head.Requests.Took *= 2
	a := decode(t, write(t, one, jsonreport.Run{}))
	b := decode(t, write(t, other, jsonreport.Run{Program: "readiness 2", Address: "127.0.0.1:9", Written: time.Unix(1, 0)}))
	delete(a, "run")
	delete(b, "run")
	x, _ := json.Marshal(a)
	y, _ := json.Marshal(b)
	if !bytes.Equal(x, y) {
		t.Error("something but .run differs")
	}
	if first, again := write(t, one, jsonreport.Run{}), write(t, one, jsonreport.Run{}); first != again {
		t.Error("the same report has other bytes")
	}
}

func TestNothingToTell(t *testing.T) {
	inv := reporttest.New()
	inv.ProjectsIn, inv.GroupsIn, inv.UsersIn = nil, nil, nil
	inv.Source = &scan.Instance{URL: reporttest.URL}
	scan.FillUnset(inv.Source, scan.Gap{Reason: scan.ReasonForbidden}, func(scan.FactID) bool { return true })
	m := decode(t, write(t, inv, jsonreport.Run{}))
	if v, there := at(m, "source").(map[string]any)["version"]; !there || v != nil {
		t.Errorf("the unknown version is %v, want null", v)
	}
	for _, key := range []string{"projects", "groups", "users", "left_behind"} {
		if _, ok := m[key].([]any); !ok {
			t.Errorf("%s is %v, want a list", key, m[key])
		}
	}
}

type broken struct{ *reporttest.Inventory }

func (b broken) Users() iter.Seq2[*scan.User, error] {
	return func(yield func(*scan.User, error) bool) { yield(nil, errors.New("the snapshot is damaged")) }
}

func TestBrokenInventory(t *testing.T) {
	r, j, inv := reporttest.Report(t)
	var b bytes.Buffer
	if err := jsonreport.Write(&b, j, broken{inv}, r, jsonreport.Run{}); err == nil || !strings.Contains(err.Error(), "users: the snapshot is damaged") {
		t.Errorf("got %v", err)
	}
}

package matrix

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"readiness/scan"
)

var update = flag.Bool("update", false, "write the golden files anew")

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs; look at it with go test -update and git diff", path)
	}
}

// A few items as people will read them, for a source of long ago, an ordinary
// one, one that is up to date, an unknown one, and a destination nobody checked.
func TestGoldenAnswers(t *testing.T) {
	m := load(t)
	var out bytes.Buffer
	for _, pair := range [][2]string{{"14.3", "19.5"}, {"17.11", "19.5"}, {"19.5", "19.5"}, {"", "19.5"}, {"19.4", "19.6"}} {
		var source scan.Version
		if pair[0] != "" {
			source = scan.MustVersion(pair[0])
		}
		for _, id := range []string{
			"project.vulnerabilities", "group.epic-boards", "project.default-branch", "project.custom-field-values",
			"project.container-registry", "project.cicd-variables", "project.secure-files", "project.inherited-members",
		} {
			fmt.Fprintf(&out, "%s, %q to %q\n", id, pair[0], pair[1])
			for _, method := range Methods() {
				a := m.Answer(m.Item(id), method, source, scan.MustVersion(pair[1]))
				fmt.Fprintf(&out, "  %-16s %-14s %s\n", method, a.Status, a.Note)
			}
		}
	}
	golden(t, "answers.txt", out.Bytes())
}

func TestTable(t *testing.T) {
	m := load(t)
	table := m.Table(scan.MustVersion("18.9.2-ee"), scan.MustVersion("19.5"))
	if want := 353 * 8; len(table.Rows) != want {
		t.Fatalf("%d rows, want %d", len(table.Rows), want)
	}
	seen := make(map[string]bool)
	for _, r := range table.Rows {
		seen[r.Item+" "+string(r.Method)] = true
		if r.Note == "" || !isLink(r.Source) || r.ReadOn == "" || r.Status == "" {
			t.Errorf("%s, %s: %+v", r.Item, r.Method, r)
		}
	}
	if len(seen) != len(table.Rows) {
		t.Errorf("%d different rows of %d", len(seen), len(table.Rows))
	}
	table.Rows = append(table.Rows[:2:2], table.Rows[len(table.Rows)-1])
	b, err := json.MarshalIndent(table, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "table.json", append(b, '\n'))
}

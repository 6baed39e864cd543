package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"

	"readiness/scan"
	"readiness/scan/gitlab"
	"readiness/scan/gitlabsim"
	"readiness/scan/snapshot"
)

// scanned scans deeply what a handler answers into a file, and returns what was
// said on the way.
func (s *source) scanned(t *testing.T, h http.Handler, path string) (said string) {
	t.Helper()
	web := httptest.NewServer(h)
	t.Cleanup(web.Close)
	var stderr bytes.Buffer
	env := environment{stdin: bytes.NewReader(nil), stdout: io.Discard, stderr: &stderr, now: s.world.Now, stderrTerminal: true,
		getenv: func(string) string { return "" }}
	var failed failures
	scope := scan.Scope{URL: s.world.ExternalURL(), Depth: scan.Deep}
	src, err := gitlab.Open(t.Context(), gitlab.Options{BaseURL: web.URL, PublicURL: scope.URL, Token: s.server.Token(gitlabsim.Admin), Depth: scope.Depth,
		Clock: hasty{}, Failed: failed.add, Notice: notices(env)})
	if err != nil {
		t.Fatal(err)
	}
	if err := record(t.Context(), env, src, scope, path, 4, &failed); err != nil {
		t.Fatal(err)
	}
	return stderr.String()
}

// everything reads the subjects of a snapshot by level and id.
func everything(t *testing.T, path string) map[string]scan.Subject {
	t.Helper()
	s, err := snapshot.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Verify(t.Context()); err != nil {
		t.Error(err)
	}
	for _, w := range s.Meta().Walks {
		if w.Gap != nil {
			t.Errorf("the walk over %ss: %v", w.Level, w.Gap)
		}
	}
	instance, err := s.Instance()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]scan.Subject{"instance": instance}
	keep := func(x scan.Subject, err error) {
		if err != nil {
			t.Fatal(err)
		}
		key := fmt.Sprint(x.Level(), " ", x.Key())
		if all[key] != nil {
			t.Errorf("%s is there twice", key)
		}
		all[key] = x
	}
	for x, err := range s.Groups() {
		keep(x, err)
	}
	for x, err := range s.Users() {
		keep(x, err)
	}
	for x, err := range s.Projects() {
		keep(x, err)
	}
	return all
}

// plain writes a fact without what a hostile source put before its texts.
func plain(t *testing.T, r scan.Read) string {
	t.Helper()
	text, err := json.Marshal(r.Any())
	if err != nil {
		t.Fatal(err)
	}
	var v any
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&v); err != nil {
		t.Fatal(err)
	}
	var clean func(any) any
	clean = func(v any) any {
		switch v := v.(type) {
		case string:
			for _, text := range hostileTexts {
				v = strings.ReplaceAll(v, received(text), "")
			}
			return v
		case []any:
			for i := range v {
				v[i] = clean(v[i])
			}
			slices.SortFunc(v, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
		case map[string]any:
			for key := range v {
				v[key] = clean(v[key])
			}
		}
		return v
	}
	return fmt.Sprint(clean(v))
}

// A source that is hostile wherever it can be costs what it spoils, which is
// said, and nothing else: what remains is the truth, and what is told of it is
// well-formed, steers nothing and runs nowhere.
func TestHostileSource(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the same commands as other tests, on names that are long")
	}
	s := newSource(t, gitlabsim.Config{Projects: 40, Seed: 21, Positive: true}, nil)
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { t.Errorf("another host is asked for %s", r.URL) }))
	t.Cleanup(elsewhere.Close)
	h := newHostile(s.server, s.world, elsewhere.URL)
	dir := t.TempDir()
	calm, spoilt := filepath.Join(dir, "calm.db"), filepath.Join(dir, "hostile.db")
	s.scanned(t, s.server, calm)
	said := s.scanned(t, h, spoilt)
	steersNothing(t, "standard error", strings.NewReplacer("\r\x1b[K", "").Replace(said))
	if stats := s.server.Stats(); stats.Writes != 0 {
		t.Errorf("%d writes", stats.Writes)
	}
	for path, n := range h.n {
		if n > 400 && path != "/api/graphql" {
			t.Errorf("%s was asked for %d times", path, n)
		}
	}

	t.Run("truth", func(t *testing.T) { h.compare(t, everything(t, calm), everything(t, spoilt)) })
	if info, err := os.Stat(spoilt); err != nil || info.Size() > 8<<20 {
		t.Errorf("the snapshot is %d bytes long, %v", info.Size(), err)
	}

	before := s.tellAll(t, calm, "--compare", "dedicated")
	told := s.tellAll(t, spoilt, "--compare", "dedicated")
	delete(told, "standard error") // it says nothing of a report that can be made
	for name, text := range told {
		t.Run(strings.ReplaceAll(name, "/", "-"), func(t *testing.T) {
			if len(text) > 16<<20 {
				t.Errorf("%d bytes", len(text))
			}
			wellFormed(t, name, text, before[name])
		})
	}
	marked := 0
	for _, text := range told {
		marked += strings.Count(text, mark)
	}
	if marked < 400 {
		t.Errorf("hostile text is told %d times only", marked)
	}

	t.Run("sheets", func(t *testing.T) {
		_, stdout, _ := s.command(t, "report", spoilt, "--sheet", "nonsense")
		for _, sheet := range []string{"Projects", "Groups", "Users", "Findings", "Pipelines", "Left behind", "Not assessed"} {
			code, out, errs := s.command(t, "report", spoilt, "--sheet", sheet)
			if code == exitUsage {
				t.Logf("%s: %s", sheet, errs)
			}
			stdout += out + errs
		}
		steersNothing(t, "sheets", stdout)
		if len(stdout) < 1000 {
			t.Error("no sheet is shown")
		}
	})
	t.Run("other commands", func(t *testing.T) {
		out := filepath.Join(dir, "out")
		for _, args := range [][]string{
			{"report", spoilt, "--edition", "sow", "--output", filepath.Join(out, "sow")},
			{"report", spoilt, "--split-by", "group", "--output", filepath.Join(out, "teams")},
			{"diff", calm, spoilt}, {"diff", calm, spoilt, "--format", "markdown"},
			{"verify-snapshot", spoilt},
			{"redact", spoilt, "--key", filepath.Join(dir, "key"), "--output", filepath.Join(dir, "redacted.db")},
		} {
			code, stdout, stderr := s.command(t, args...)
			t.Logf("%s exits %d: %.200s", args[0], code, stderr)
			if code == exitFailure {
				t.Errorf("%s: %s", args, stderr)
			}
			steersNothing(t, args[0], stdout+stderr)
			if strings.Contains(stderr, "panic") {
				t.Errorf("%s: %s", args, stderr)
			}
		}
		_, stdout, _ := s.command(t, "report", filepath.Join(dir, "redacted.db"), "--format", "json")
		if strings.Contains(stdout, mark) {
			t.Errorf("a redacted report holds a name: …%.200s…", stdout[strings.Index(stdout, mark)-80:])
		}
	})
	// Nothing is where a path of the source would have it.
	if left, err := filepath.Glob(filepath.Join(os.TempDir(), mark+"*")); err != nil || len(left) > 0 {
		t.Errorf("files %q, %v", left, err)
	}
}

// compare fails where a fact of the hostile source is neither what it is without
// hostility nor a gap that the hostility explains.
func (h *hostile) compare(t *testing.T, calm, spoilt map[string]scan.Subject) {
	if len(calm) != len(spoilt) {
		t.Errorf("%d subjects, want %d", len(spoilt), len(calm))
	}
	// expected takes a fact of the project at a place out of the comparison.
	expected := func(place int, id scan.FactID) (scan.Read, scan.Subject) {
		key := fmt.Sprint("project ", h.project(place))
		if calm[key] == nil || spoilt[key] == nil {
			t.Fatalf("no %s", key)
		}
		scan.Forget(calm[key], id, scan.Gap{Reason: scan.ReasonNotAsked})
		was := copied(spoilt[key])
		scan.Forget(spoilt[key], id, scan.Gap{Reason: scan.ReasonNotAsked})
		return scan.FactOf(was, id), was
	}
	gap := func(place int, ids ...scan.FactID) {
		for _, id := range ids {
			r, p := expected(place, id)
			if g, is := r.Gap(); !is || g.Reason != scan.ReasonFailed && g.Reason != scan.ReasonTruncated || g.Endpoint == "" {
				t.Errorf("%s of %d is %.100v, %+v; want a gap", id, p.Key(), r.Any(), g)
			}
		}
	}
	known := func(place int, id scan.FactID, want string) {
		r, p := expected(place, id)
		got, err := json.Marshal(r.Any())
		if err != nil || strings.Trim(string(got), `"`) != want {
			t.Errorf("%s of %d is %s, want %s", id, p.Key(), got, want)
		}
	}
	gap(0, "project.repository-size", "project.stars")
	known(1, "project.repository-size", "9007199254740993")
	known(1, "project.lfs-objects-size", "9223372036854775807")
	gap(2, "project.repository-size", "project.stars", "project.forks")
	known(3, "project.created-at", "9999-12-31T23:59:59.999Z")
	known(3, "project.last-activity-at", "9999-12-31T23:59:59-23:59") // in the year 10000 of UTC
	known(4, "project.created-at", "0000-01-01T00:00:00Z")
	gap(4, "project.last-activity-at")
	gap(5, "project.created-at", "project.topics", "project.visibility")
	gap(5, "project.commits", "project.repository-size", "project.lfs-objects-size", "project.job-artifacts-size", "project.pipeline-artifacts-size",
		"project.packages-size", "project.container-registry-size", "project.wiki-size", "project.snippets-size", "project.uploads-size") // its statistics are no object
	for i, text := range illFiles {
		place := len(illNumbers) + i
		known(place, "project.ci-config-file", fmt.Sprint(len(text)))
		r, p := expected(place, "project.ci-mentions")
		if _, cut := r.Gap(); !cut && !strings.Contains(fmt.Sprint(r.Any()), "problem") {
			t.Errorf("of the configuration of %d nothing says that it cannot be read: %.200v", p.Key(), r.Any())
		}
		expected(place, "project.ci-local-files")
	}
	for i := range illHooks {
		gap(len(illNumbers)+len(illFiles)+i, "project.webhooks")
	}
	for key, before := range calm {
		after := spoilt[key]
		if after == nil {
			t.Errorf("%s is missing", key)
			continue
		}
		for id, r := range scan.Facts(before) {
			got := scan.FactOf(after, id)
			g, lost := got.Gap()
			_, usual := r.Gap()
			was, is := plain(t, r), plain(t, got)
			switch {
			case lost && !usual:
				t.Errorf("%s of %s: %v (%s)", id, key, g, g.Cure)
			case was != is:
				t.Errorf("%s of %s: read %.200s, want %.200s", id, key, is, was)
			}
		}
	}
}

func copied(s scan.Subject) scan.Subject {
	p := *s.(*scan.Project)
	return &p
}

// steersNothing fails where text holds what would steer a terminal or turn a line
// around.
func steersNothing(t *testing.T, where, text string) {
	t.Helper()
	if !utf8.ValidString(text) {
		t.Errorf("%s is no UTF-8", where)
	}
	for i, r := range text {
		if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029') && r != '\u200c' && r != '\u200d' {
			t.Errorf("%s holds %U: …%q…", where, r, text[max(0, i-60):min(len(text), i+60)])
			return
		}
	}
}

// wellFormed holds one form of a report to its grammar. was is the same of a calm
// source.
func wellFormed(t *testing.T, name, text, was string) {
	if text == "" {
		t.Fatal("it is empty")
	}
	if filepath.Ext(name) != ".xlsx" && !strings.HasPrefix(name, "r.xlsx ") && name != "r.html" {
		if strings.HasPrefix(name, "csv") {
			text = strings.ReplaceAll(text, "\r\n", "\n")
		}
		steersNothing(t, name, text)
	}
	switch {
	case name == "r.json":
		if !json.Valid([]byte(text)) {
			t.Error("it is no JSON")
		}
		if !strings.Contains(text, "9007199254740993") {
			t.Error("a large number is lost")
		}
	case strings.HasPrefix(name, "csv"):
		rows, err := csv.NewReader(strings.NewReader(text)).ReadAll() // as many fields in each
		if err != nil {
			t.Error(err)
		}
		for _, row := range rows {
			for _, cell := range row {
				if cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\r\n") && !onlyNumber.MatchString(cell) {
					t.Errorf("a formula: %.80q", cell)
				}
			}
		}
	case name == "r.html":
		for what, n := range elements(t, text) {
			if _, usual := elements(t, was)[what]; !usual {
				t.Errorf("%d times %s, which a calm source brings not", n, what)
			}
		}
	case name == "r.md":
		for _, line := range strings.Split(text, "\n") {
			if bad := markup.FindString(line); bad != "" {
				t.Errorf("%q in %.200q", bad, line)
			}
		}
	case strings.HasPrefix(name, "r.xlsx "):
		formulas := map[string]bool{}
		decoder := xml.NewDecoder(strings.NewReader(text))
		for inFormula := false; ; {
			token, err := decoder.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			switch token := token.(type) {
			case xml.StartElement:
				inFormula = token.Name.Local == "f" && strings.Contains(name, "worksheets")
				for _, a := range token.Attr {
					if a.Name.Local == "Target" && strings.Contains(a.Value, "://") && !strings.HasPrefix(a.Value, "http") {
						t.Errorf("a relation to %s", a.Value)
					}
				}
			case xml.EndElement:
				inFormula = false
			case xml.CharData:
				if inFormula {
					formulas[string(token)] = true
				}
			}
		}
		for f := range formulas {
			if strings.Contains(f, mark) || strings.Contains(f, "evil") || !strings.HasPrefix(f, "HYPERLINK(") {
				t.Errorf("the formula %s", f)
			}
		}
	}
}

var (
	onlyNumber = regexp.MustCompile(`^-?[0-9.]+$`)
	markup     = regexp.MustCompile(`(?i)<(script|img|b|/?t[drh]|!--)|[^\\]\]\(javascript|!\[x\]`)
)

// elements counts the elements of a page with their attributes and the scheme of
// their addresses.
func elements(t *testing.T, page string) map[string]int {
	t.Helper()
	all := map[string]int{}
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	for n := range root.Descendants() {
		if n.Type == html.CommentNode {
			all["a comment"]++
		}
		if n.Type != html.ElementNode {
			continue
		}
		what := n.Data
		for _, a := range n.Attr {
			what += " " + a.Key
			if a.Key == "href" || a.Key == "src" {
				scheme, _, _ := strings.Cut(a.Val, ":")
				what += "=" + scheme
			}
		}
		all[what]++
	}
	return all
}

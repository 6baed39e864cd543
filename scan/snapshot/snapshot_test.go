package snapshot

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"readiness/scan"
)

var (
	begun = time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)
	scope = scan.Scope{URL: "https://gitlab.example.com", Depth: scan.Deep}
)

// fill gives every fact of s a value or, for every seventh, a gap.
func fill(s scan.Subject) {
	i := s.Key()
	for id, r := range scan.Facts(s) {
		i++
		e, _ := scan.Lookup(id)
		gap := scan.Gap{Reason: scan.ReasonForbidden, Status: 403, Endpoint: e.Read, Cure: e.Needs}
		if i%7 == 0 {
			if err := setGap(r, &gap, nil); err != nil {
				panic(err)
			}
			continue
		}
		switch r := r.(type) {
		case *scan.Fact[int64]:
			*r = scan.Known(i * 1000)
		case *scan.Fact[scan.ID]:
			*r = scan.Known(scan.ID(i))
		case *scan.Fact[bool]:
			*r = scan.Known(i%2 == 0)
		case *scan.Fact[string]:
			*r = scan.Known("enabled")
		case *scan.Fact[time.Time]:
			*r = scan.Known(begun)
		case *scan.Fact[[]string]:
			*r = scan.Known([]string{"a", "b"})
		case *scan.Fact[scan.Version]:
			*r = scan.Known(scan.MustVersion("17.11.2-ee"))
		case *scan.Listing[scan.Variable]:
			*r = scan.Listed([]scan.Variable{{Key: "DEPLOY_KEY", Type: "env_var", Environment: "*"}})
		case *scan.Listing[scan.ProtectedBranch]:
			*r = scan.Cut([]scan.ProtectedBranch{{Name: "main"}}, gap)
		default:
			if err := r.UnmarshalJSON([]byte(`{"value":[]}`)); err != nil {
				panic(err)
			}
		}
	}
}

func project(id int64) *scan.Project {
	p := &scan.Project{
		ID: id, Path: fmt.Sprintf("group-%d/subgroup/project-%d", id/50, id), Name: fmt.Sprintf("Project %d", id),
		WebURL: fmt.Sprintf("https://gitlab.example.com/group-%d/subgroup/project-%d", id/50, id), GroupID: id / 50,
	}
	fill(p)
	return p
}

// partOf returns a copy of p with the facts of one part.
func partOf(p *scan.Project, part scan.Part) *scan.Project {
	c := &scan.Project{ID: p.ID, Path: p.Path, Name: p.Name, WebURL: p.WebURL, GroupID: p.GroupID}
	scan.Merge(c, p)
	for id := range scan.Facts(c) {
		if e, _ := scan.Lookup(id); scan.Deep.Parts()[e.Depth] != part {
			scan.Forget(c, id, scan.Gap{Reason: scan.ReasonUnset})
		}
	}
	return c
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func begin(t testing.TB, path string) *Run {
	t.Helper()
	r, err := Begin(path, scope, "test", begun)
	must(t, err)
	t.Cleanup(func() { must(t, r.Close()) })
	return r
}

// store puts an instance and projects 1 to n into r and ends the walks.
func store(t testing.TB, r *Run, n int64) {
	t.Helper()
	inst := &scan.Instance{URL: scope.URL}
	fill(inst)
	must(t, r.Commit(scan.PartListing, []scan.Subject{inst}, nil))
	for id := int64(1); id <= n; id++ {
		p := project(id)
		for _, part := range scan.Deep.Parts() {
			must(t, r.Commit(part, []scan.Subject{partOf(p, part)}, nil))
		}
	}
	for _, level := range walked {
		must(t, r.Commit(scan.PartListing, nil, &scan.Walk{Level: level, Done: true}))
	}
}

// finished makes a finished snapshot of n projects and returns its path.
func finished(t testing.TB, n int64) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "readiness.db")
	r := begin(t, path)
	store(t, r, n)
	must(t, r.Finish(begun.Add(time.Hour), scan.Requests{REST: 12, Took: time.Hour}))
	must(t, r.Close())
	return path
}

func openFile(t testing.TB, path string) *Snapshot {
	t.Helper()
	s, err := Open(path)
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	return s
}

func TestRoundTrip(t *testing.T) {
	path := finished(t, 20)
	s := openFile(t, path)
	m := s.Meta()
	if !reflect.DeepEqual(m.Scope, scope) || m.Tool != "test" || !m.Started.Equal(begun) || !m.Finished.Equal(begun.Add(time.Hour)) ||
		m.Requests.REST != 12 || len(m.Hash) != 64 || len(m.Walks) != 3 {
		t.Errorf("meta %+v", m)
	}
	n := int64(0)
	for p, err := range s.Projects() {
		must(t, err)
		n++
		want := project(n)
		a, err := scan.MarshalFacts(want)
		must(t, err)
		b, err := scan.MarshalFacts(p)
		must(t, err)
		if string(a) != string(b) {
			t.Errorf("project %d\nis   %s\nwant %s", n, b, a)
		}
		if p.ID != want.ID || p.Path != want.Path || p.Name != want.Name || p.WebURL != want.WebURL || p.GroupID != want.GroupID {
			t.Errorf("project %d is %d %s %s %s %d", n, p.ID, p.Path, p.Name, p.WebURL, p.GroupID)
		}
		for range s.Groups() { // a walk within a walk
			t.Error("there is no group")
		}
	}
	if n != 20 {
		t.Errorf("%d projects", n)
	}
	must(t, s.Verify(t.Context()))
	inst, err := s.Instance()
	must(t, err)
	if v, ok := inst.Version.Get(); inst.URL != scope.URL || !ok || v.Major != 17 {
		t.Errorf("instance %+v", inst)
	}
}

// What identifies a subject is every field that is no fact.
func TestIdentityIsComplete(t *testing.T) {
	for _, level := range scan.Levels() {
		s := newSubject(level)
		v := reflect.ValueOf(s).Elem()
		for i := range v.NumField() {
			if v.Type().Field(i).Tag.Get("fact") != "" {
				continue
			}
			switch f := v.Field(i); f.Kind() {
			case reflect.String:
				f.SetString("=x\x00\u202e\"" + v.Type().Field(i).Name)
			case reflect.Int64:
				f.SetInt(int64(i + 1))
			case reflect.Bool:
				f.SetBool(true)
			default:
				t.Fatalf("%s.%s: no test value for a %s", level, v.Type().Field(i).Name, f.Kind())
			}
		}
		b, err := encodeIdentity(s)
		must(t, err)
		back := newSubject(level)
		must(t, decodeIdentity(b, back))
		if !reflect.DeepEqual(s, back) {
			t.Errorf("%s: %+v came back as %+v", level, s, back)
		}
	}
}

func TestFinishedSnapshotIsOnePrivateFile(t *testing.T) {
	path := finished(t, 3)
	entries, err := os.ReadDir(filepath.Dir(path))
	must(t, err)
	if len(entries) != 1 {
		t.Errorf("beside the snapshot lies %v", entries)
	}
	stat, err := os.Stat(path)
	must(t, err)
	if stat.Mode().Perm() != 0o600 {
		t.Errorf("its mode is %v", stat.Mode())
	}
	s := openFile(t, path)
	for _, err := range s.Projects() {
		must(t, err)
	}
	if entries, err = os.ReadDir(filepath.Dir(path)); err != nil || len(entries) != 1 {
		t.Errorf("after Open there is %v, %v", entries, err)
	}
}

func TestHashKnowsContentNotOrder(t *testing.T) {
	hash := func(order []int64, change func(*scan.Project)) string {
		path := filepath.Join(t.TempDir(), "s.db")
		r, err := Begin(path, scope, "other tool", begun.Add(time.Duration(len(order))*time.Hour))
		must(t, err)
		for _, id := range order {
			p := project(id)
			change(p)
			for _, part := range scan.Deep.Parts() {
				must(t, r.Commit(part, []scan.Subject{partOf(p, part)}, nil))
			}
		}
		store(t, r, 0)
		must(t, r.Finish(begun.Add(time.Duration(order[0])*time.Hour), scan.Requests{REST: order[0]}))
		must(t, r.Close())
		return openFile(t, path).Meta().Hash
	}
	as := func(*scan.Project) {}
	want := hash([]int64{1, 2, 3}, as)
	if got := hash([]int64{3, 1, 2}, as); got != want {
		t.Error("another order gave another hash")
	}
	if got := hash([]int64{1, 2, 2, 3}, as); got != want {
		t.Error("a project that came twice gave another hash")
	}
	for name, change := range map[string]func(*scan.Project){
		"value":          func(p *scan.Project) { p.Stars = scan.Known[int64](-1) },
		"zero for a gap": func(p *scan.Project) { p.Commits = scan.Known[int64](0) },
		"gap":            func(p *scan.Project) { p.Stars = scan.Missing[int64](scan.Gap{Reason: scan.ReasonFailed}) },
		"name":           func(p *scan.Project) { p.Name += "!" },
		"cut list":       func(p *scan.Project) { p.Webhooks = scan.Cut(p.Webhooks.Items, scan.Gap{Reason: scan.ReasonTruncated}) },
	} {
		if hash([]int64{1, 2, 3}, change) == want {
			t.Errorf("another %s gave the same hash", name)
		}
	}
}

func TestUnfinishedRun(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	r := begin(t, path)
	must(t, r.Commit(scan.PartListing, []scan.Subject{partOf(project(1), scan.PartListing)},
		&scan.Walk{Level: scan.LevelProject, Cursor: "id>1", Listed: 1}))
	must(t, r.Close())

	s := openFile(t, path)
	if !s.Meta().Finished.IsZero() {
		t.Error("the run says it is finished")
	}
	for _, w := range s.Meta().Walks {
		if w.Done || w.Gap == nil || w.Gap.Reason != scan.ReasonInterrupted {
			t.Errorf("walk %+v", w)
		}
	}
	inst, err := s.Instance()
	must(t, err)
	if g, _ := inst.Version.Gap(); g.Reason != scan.ReasonInterrupted || inst.URL != scope.URL {
		t.Errorf("version of %s: %v", inst.URL, g)
	}
	for p, err := range s.Projects() {
		must(t, err)
		if g, _ := p.Issues.Gap(); g.Reason != scan.ReasonInterrupted || g.Cure == "" {
			t.Errorf("issues: %v", g)
		}
		if _, ok := p.Visibility.Get(); !ok {
			t.Error("what was read is lost")
		}
	}
	must(t, s.Verify(t.Context()))
	must(t, s.Close())

	again := begin(t, path)
	if !again.Resumed() || again.Number() != r.Number() {
		t.Errorf("the run was not resumed: %v, %d", again.Resumed(), again.Number())
	}
	if w, err := again.Walk(scan.LevelProject); err != nil || w.Cursor != "id>1" || w.Listed != 1 || w.Done {
		t.Errorf("walk %+v, %v", w, err)
	}
}

func TestLacking(t *testing.T) {
	r := begin(t, filepath.Join(t.TempDir(), "s.db"))
	for id := int64(1); id <= 9; id++ {
		must(t, r.Commit(scan.PartListing, []scan.Subject{partOf(project(id), scan.PartListing)}, nil))
		if id%3 == 0 {
			must(t, r.Commit(scan.PartWide, []scan.Subject{partOf(project(id), scan.PartWide)}, nil))
		}
	}
	for _, c := range []struct {
		part  scan.Part
		after int64
		limit int
		want  []int64
	}{
		{scan.PartWide, 0, 100, []int64{1, 2, 4, 5, 7, 8}},
		{scan.PartWide, 2, 3, []int64{4, 5, 7}},
		{scan.PartWide, 8, 100, nil},
		{scan.PartDeep, 7, 100, []int64{8, 9}},
		{scan.PartListing, 0, 100, nil},
	} {
		subjects, err := r.Lacking(scan.LevelProject, c.part, c.after, c.limit)
		must(t, err)
		var got []int64
		for _, s := range subjects {
			got = append(got, s.Key())
			p := s.(*scan.Project)
			if p.Path != project(p.ID).Path {
				t.Errorf("project %d has the path %q", p.ID, p.Path)
			}
			if scan.IsUnset(&p.Visibility) || scan.IsUnset(&p.Issues) != (p.ID%3 != 0) {
				t.Errorf("project %d: what is known of it is not what was stored", p.ID)
			}
		}
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("lacking %s after %d: %v, want %v", c.part, c.after, got, c.want)
		}
	}
}

func TestListed(t *testing.T) {
	r := begin(t, filepath.Join(t.TempDir(), "s.db"))
	must(t, r.Commit(scan.PartListing, []scan.Subject{&scan.Project{ID: 1}, &scan.Project{ID: 5}, &scan.User{ID: 2}}, nil))
	for _, ids := range [][]int64{{5, 2, 1, 9, 5}, nil} {
		got, err := r.Listed(scan.LevelProject, ids)
		must(t, err)
		if ids == nil != (len(got) == 0) || ids != nil && !reflect.DeepEqual(got, map[int64]bool{1: true, 5: true}) {
			t.Errorf("of %v are listed %v", ids, got)
		}
	}
}

func TestLaterPartIsRight(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	r := begin(t, path)
	store(t, r, 1)
	listing := partOf(project(1), scan.PartListing)
	listing.RegistrySize = scan.Missing[int64](scan.Gap{Reason: scan.ReasonWithheld})
	wide := partOf(project(1), scan.PartWide)
	wide.RegistrySize = scan.Known[int64](0)
	must(t, r.Commit(scan.PartWide, []scan.Subject{wide}, nil))
	must(t, r.Commit(scan.PartListing, []scan.Subject{listing}, nil)) // listed again afterwards
	must(t, r.Finish(begun, scan.Requests{}))
	must(t, r.Close())
	for p, err := range openFile(t, path).Projects() {
		must(t, err)
		if n, ok := p.RegistrySize.Get(); n != 0 || !ok {
			t.Error("what the wide part told of a listing's fact is lost")
		}
	}
}

func TestFinishNamesWhatIsUnset(t *testing.T) {
	r := begin(t, filepath.Join(t.TempDir(), "s.db"))
	if err := r.Finish(begun, scan.Requests{}); !errors.Is(err, ErrIncomplete) || !strings.Contains(err.Error(), "instance") {
		t.Errorf("without an instance: %v", err)
	}
	store(t, r, 2)
	p := partOf(project(2), scan.PartWide)
	scan.Forget(p, "project.releases", scan.Gap{Reason: scan.ReasonUnset})
	must(t, r.Commit(scan.PartWide, []scan.Subject{p}, nil))
	err := r.Finish(begun, scan.Requests{})
	if !errors.Is(err, ErrIncomplete) || !strings.Contains(err.Error(), "project.releases") || !strings.Contains(err.Error(), "project-2") {
		t.Errorf("error %v", err)
	}
	must(t, r.Commit(scan.PartWide, []scan.Subject{partOf(project(2), scan.PartWide)}, &scan.Walk{Level: scan.LevelUser, Cursor: "2"}))
	if err := r.Finish(begun, scan.Requests{}); !errors.Is(err, ErrIncomplete) || !strings.Contains(err.Error(), "users") {
		t.Errorf("with a walk that is not at its end: %v", err)
	}
}

func TestFinishedRunsBecomeHistory(t *testing.T) {
	path := finished(t, 3)
	r, err := Begin(path, scan.Scope{URL: "https://other.example.com", Depth: scan.Quick}, "test", begun)
	must(t, err)
	if r.Resumed() || r.Number() != 2 {
		t.Errorf("run %d, resumed %v", r.Number(), r.Resumed())
	}
	must(t, r.Close())
	// The newest finished run is what a report is about.
	s := openFile(t, path)
	if s.Number() != 1 || s.Meta().Scope.URL != scope.URL {
		t.Errorf("opened run %d of %s", s.Number(), s.Meta().Scope.URL)
	}
	second, err := OpenRun(path, 2)
	must(t, err)
	defer second.Close()
	for range second.Projects() {
		t.Error("the second run holds a project of the first")
	}
	if _, err := OpenRun(path, 3); !errors.Is(err, ErrNoRun) {
		t.Errorf("run 3: %v", err)
	}
}

func TestBeginRefusesAnotherScope(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	limited := scan.Scope{URL: scope.URL, Groups: []string{"b", "a", "b"}, Depth: scan.Deep}
	r, err := Begin(path, limited, "test", begun)
	must(t, err)
	must(t, r.Close())
	for _, other := range []scan.Scope{
		scope,
		{URL: scope.URL, Groups: []string{"a"}, Depth: scan.Deep},
		{URL: scope.URL, Groups: []string{"a", "b"}, Depth: scan.Quick},
		{URL: "https://other.example.com", Groups: []string{"a", "b"}, Depth: scan.Deep},
	} {
		_, err := Begin(path, other, "test", begun)
		if !errors.Is(err, ErrOtherRun) || !strings.Contains(err.Error(), "groups a, b") {
			t.Errorf("%+v: %v", other, err)
		}
		oneLine(t, err)
	}
	r, err = Begin(path, scan.Scope{URL: scope.URL, Groups: []string{"a", "b"}, Depth: scan.Deep}, "test", begun)
	must(t, err)
	if !r.Resumed() {
		t.Error("the same groups in another order are another scan")
	}
	must(t, r.Close())
}

func TestFactView(t *testing.T) {
	path := finished(t, 8)
	db, err := sql.Open("sqlite", path)
	must(t, err)
	defer db.Close()
	var n, sum int64
	must(t, db.QueryRow(`SELECT count(*), sum(value) FROM fact WHERE fact = 'project.stars' AND reason IS NULL`).Scan(&n, &sum))
	wantN, wantSum := int64(0), int64(0)
	for id := int64(1); id <= 8; id++ {
		if v, ok := project(id).Stars.Get(); ok {
			wantN, wantSum = wantN+1, wantSum+v
		}
	}
	if n != wantN || sum != wantSum || n == 8 {
		t.Errorf("stars: %d of sum %d, want %d of %d", n, sum, wantN, wantSum)
	}
	var address, value, reason, endpoint string
	must(t, db.QueryRow(`SELECT address, value, reason, endpoint FROM fact WHERE fact = 'project.protected-branches' AND value IS NOT NULL LIMIT 1`).
		Scan(&address, &value, &reason, &endpoint))
	if !strings.Contains(address, "/project-") || !strings.Contains(value, `"name":"main"`) || reason != "forbidden" || endpoint == "" {
		t.Errorf("a cut list: %s %s %s %s", address, value, reason, endpoint)
	}
	var names int
	must(t, db.QueryRow(`SELECT count(DISTINCT fact) FROM fact WHERE level = 'project'`).Scan(&names))
	want := 0
	for range scan.Facts(new(scan.Project)) {
		want++
	}
	if names != want {
		t.Errorf("the view has %d facts of projects, want %d", names, want)
	}
}

// A run of a version that knew fewer facts says so of the others.
func TestFactsOfALaterVersionAreNotAsked(t *testing.T) {
	path := finished(t, 2)
	exec1(t, path, `DELETE FROM field WHERE level = 'project' AND part = 'deep' AND position = (SELECT max(position) FROM field WHERE level = 'project' AND part = 'deep')`)
	exec1(t, path, `UPDATE row SET facts = json_remove(facts, '$[#-1]') WHERE level = 'project' AND part = 'deep'`)
	for p, err := range openFile(t, path).Projects() {
		must(t, err)
		last := currentFields()[scan.LevelProject][scan.PartDeep]
		if g, _ := scan.FactOf(p, last[len(last)-1]).Gap(); g.Reason != scan.ReasonNotAsked || !strings.Contains(g.Cure, "scan again") {
			t.Errorf("%v", g)
		}
	}
}

// Of projects of which some facts are wanted these are as ever, and all others are
// gaps that nobody has answered for.
func TestProjectsWith(t *testing.T) {
	path := finished(t, 20)
	s := openFile(t, path)
	wanted := []scan.FactID{"project.fork-relationship", "project.cicd-variables", "project.branches"}
	var all []*scan.Project
	for p, err := range s.Projects() {
		must(t, err)
		all = append(all, p)
	}
	n := 0
	for p, err := range s.ProjectsWith(wanted...) {
		must(t, err)
		if p.ID != all[n].ID || p.Path != all[n].Path || p.WebURL != all[n].WebURL {
			t.Errorf("project %d is %d %s", all[n].ID, p.ID, p.Path)
		}
		for id, r := range scan.Facts(p) {
			if slices.Contains(wanted, id) {
				if want := scan.FactOf(all[n], id); !reflect.DeepEqual(r, want) {
					t.Errorf("project %d: %s is %+v, want %+v", p.ID, id, r, want)
				}
			} else if !scan.IsUnset(r) {
				t.Errorf("project %d: %s was not asked for and is %+v", p.ID, id, r)
			}
		}
		n++
	}
	if n != len(all) {
		t.Errorf("%d projects, want %d", n, len(all))
	}
}

// elements agrees with a decoder wherever it takes an array for one, and takes
// for one all that Commit writes.
func FuzzElements(f *testing.F) {
	for _, text := range []string{`[null,1,true,"a\"],[b",{"gap":3,"value":[1,{"x":"}"}]},[]]`, `[]`, `[1,]`, `[,1]`, `[1}]`, `[1]]`, `["\\"]`, `["\\\"]`, `[{]}`, `[ ]`, `[ 1]`, ``} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		list, ok := elements(nil, b)
		var want []json.RawMessage
		if json.Unmarshal(b, &want) != nil || !ok {
			return // what is no JSON its elements' readers refuse
		}
		if len(list) != len(want) {
			t.Fatalf("%q: %d elements, want %d", b, len(list), len(want))
		}
		for i, raw := range list {
			if !bytes.Equal(raw, want[i]) {
				t.Errorf("%q: element %d is %q, want %q", b, i, raw, want[i])
			}
		}
	})
}

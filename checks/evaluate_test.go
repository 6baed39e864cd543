package checks

import (
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"reflect"
	"slices"
	"strings"
	"testing"

	"readiness/checks/matrix"
	"readiness/scan"
)

// fullWorld is an inventory with something of most things: three projects of
// which one could be read only in part.
func fullWorld() *world {
	w := soundWorld()
	p, q := w.projects[0], w.projects[1]
	p.Archived, p.RepositorySize, p.Issues = scan.Known(true), scan.Known(3*gib), scan.Known[int64](7)
	p.Webhooks = scan.Listed([]scan.Webhook{{Host: "a.example.com"}, {Host: "b.example.com"}})
	q.Personal, q.RepositorySize, q.LFSSize = scan.Known(true), scan.Missing[int64](refused), scan.Known(gib)
	q.Webhooks = scan.Cut([]scan.Webhook{{Host: "c.example.com"}}, scan.Gap{Reason: scan.ReasonTruncated, Endpoint: "GET /projects/:id/hooks"})
	r := w.addProject(3)
	r.Empty, r.DeployKeys = scan.Known(true), scan.Missing[int64](scan.Gap{Reason: scan.ReasonNotAsked, Cure: "--depth standard"})
	r.ForkedFrom = scan.Known[scan.ID](123456)
	w.users[0].Kind = scan.Known(scan.KindProjectBot)
	w.users[1].State = scan.Missing[string](refused)
	return w
}

func total(n, read, unread int64) string { return fmt.Sprintf("%d of %d+%d", n, read, unread) }

func totalOf(t scan.Total) string {
	n, _ := t.Sum()
	return total(n, t.Read(), t.Unread())
}

func TestTotals(t *testing.T) {
	totals := evaluated(t, fullWorld(), DefaultTarget()).Totals
	for name, pair := range map[string]struct {
		got  scan.Total
		want string
	}{
		"projects":                  {totals.Projects, total(3, 3, 0)},
		"archived":                  {totals.ArchivedProjects, total(1, 3, 0)},
		"personal":                  {totals.PersonalProjects, total(1, 3, 0)},
		"empty":                     {totals.EmptyProjects, total(1, 3, 0)},
		"groups":                    {totals.Groups, total(2, 2, 0)},
		"top-level groups":          {totals.TopLevelGroups, total(2, 2, 0)},
		"users":                     {totals.Users, total(2, 2, 0)},
		"bots":                      {totals.Bots, total(1, 2, 0)},
		"active humans":             {totals.ActiveHumans, total(0, 1, 1)},
		"storage":                   {totals.Storage, total(4*gib, 2, 1)},
		"project.webhooks":          {totals.Facts["project.webhooks"], total(3, 2, 1)},
		"project.fork-relationship": {totals.Facts["project.fork-relationship"], total(1, 3, 0)},
		"instance.system-hooks":     {totals.Facts["instance.system-hooks"], total(0, 1, 0)},
	} {
		if got := totalOf(pair.got); got != pair.want {
			t.Errorf("%s: %s, want %s", name, got, pair.want)
		}
	}
}

func TestCutListingIsNeverWhole(t *testing.T) {
	w := fullWorld()
	w.cut(scan.LevelProject)
	w.instance.CountedProjects = scan.Known[int64](120)
	j := evaluated(t, w, DefaultTarget())
	if got, want := totalOf(j.Totals.Projects), total(3, 3, 117); got != want {
		t.Errorf("projects: %s, want %s", got, want)
	}
	if got, want := totalOf(j.Totals.Facts["project.labels"]), total(0, 3, 117); got != want {
		t.Errorf("labels: %s, want %s", got, want)
	}
	w.instance.CountedProjects = scan.Missing[int64](refused)
	if got, want := totalOf(evaluated(t, w, DefaultTarget()).Totals.Projects), total(3, 3, 1); got != want {
		t.Errorf("projects: %s, want %s", got, want)
	}
	if j.Coverage.Complete {
		t.Error("coverage is complete, though a listing was cut")
	}
	if got, want := j.Coverage.Lists, []CutList{{scan.LevelProject, 0, refused}}; !slices.Equal(got, want) {
		t.Errorf("cut lists: %v, want %v", got, want)
	}
	w = soundWorld()
	w.meta.Walks[0].Gap = &scan.Gap{Reason: scan.ReasonNotAsked}
	if j := evaluated(t, w, DefaultTarget()); len(j.Coverage.Lists) > 0 {
		t.Errorf("a list that was not asked for is said to be cut: %v", j.Coverage.Lists)
	}
	w = soundWorld()
	w.meta.Walks = nil
	if j := evaluated(t, w, DefaultTarget()); j.Coverage.Complete {
		t.Error("coverage is complete, though nothing says that the listings were read to their ends")
	}
}

func TestCoverage(t *testing.T) {
	w := fullWorld()
	for range 12 {
		w.addProject(int64(len(w.projects) + 1)).Topics = scan.Missing[[]string](refused)
	}
	c := evaluated(t, w, DefaultTarget()).Coverage
	var got []string
	for _, g := range c.Gaps {
		got = append(got, fmt.Sprintf("%s %s %d %d", g.Fact, g.Gap.Reason, g.Count, len(g.Examples)))
	}
	want := []string{"project.topics forbidden 12 10", "project.repository-size forbidden 1 1", "user.state forbidden 1 1", "project.webhooks truncated 1 1"}
	if !slices.Equal(got, want) {
		t.Errorf("gaps:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if c.Gaps[0].Examples[0] != "group-1/project-4" || c.Gaps[0].Gap != refused {
		t.Errorf("first gap: %+v", c.Gaps[0])
	}
	if c.Facts != c.Read+15 || c.NotAsked != 1 || len(c.Asked) != 1 || c.Asked[0].Fact != "project.deploy-keys" || c.Complete {
		t.Errorf("%d facts, %d read, %d not asked (%v), complete %v", c.Facts, c.Read, c.NotAsked, c.Asked, c.Complete)
	}
	w = soundWorld()
	w.projects[0].Webhooks = scan.Cut[scan.Webhook](nil, scan.Gap{Reason: scan.ReasonNotAsked})
	if c := evaluated(t, w, DefaultTarget()).Coverage; !c.Complete || c.Percent() != 100 {
		t.Errorf("what was not asked for is held against the scan: %+v", c)
	}
}

func TestItems(t *testing.T) {
	j := evaluated(t, fullWorld(), DefaultTarget())
	var got []string
	for _, u := range j.Items {
		gap := "-"
		if u.Gap != nil {
			gap = string(u.Gap.Reason)
		}
		got = append(got, fmt.Sprintf("%s: %s, %s in %s, measured %v, gap %s", u.Item.ID, u.Use, totalOf(u.Amount), totalOf(u.Subjects), u.Measured, gap))
	}
	want := []string{
		"project.issues: in-use, 7 of 3+0 in 1 of 3+0, measured true, gap -",
		"project.webhooks: in-use, 3 of 2+1 in 2 of 3+0, measured true, gap truncated",
		"project.deploy-keys: unknown, 0 of 2+1 in 0 of 2+1, measured true, gap not-asked",
		"project.references: in-use, 7 of 3+0 in 1 of 3+0, measured false, gap -",
		"project.name: in-use, 3 of 3+0 in 3 of 3+0, measured false, gap -",
		"instance.server-hooks: question, 0 of 0+0 in 0 of 0+0, measured false, gap -",
		"project.npm: not-in-use, 0 of 3+0 in 0 of 3+0, measured true, gap -",
		"project.other-packages: not-in-use, 0 of 3+0 in 0 of 3+0, measured true, gap -",
		"project.vulnerabilities: not-in-use, 0 of 3+0 in 0 of 3+0, measured true, gap -",
	}
	if !slices.Equal(got, want) {
		t.Errorf("items:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestLosses(t *testing.T) {
	j := evaluated(t, fullWorld(), DefaultTarget())
	var got []string
	for _, l := range j.Losses {
		got = append(got, fmt.Sprintf("%s %s %s %s", l.Answer.Status, l.Use, l.Item.ID, l.Method))
	}
	want := []string{
		"not-carried in-use project.webhooks direct_transfer",
		"not-carried in-use project.webhooks file_export",
		"not-carried unknown project.deploy-keys direct_transfer",
		"partial in-use project.name file_export",
		"partial unknown project.deploy-keys file_export",
		"unverified in-use project.references direct_transfer",
	}
	if !slices.Equal(got, want) {
		t.Errorf("losses:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// Packages count for the items of their types alone, wherever items are counted.
func TestItemsByKind(t *testing.T) {
	w := soundWorld()
	npm, nuget := scan.PackageCount{Type: "npm", Count: 4}, scan.PackageCount{Type: "nuget", Count: 2}
	w.projects[0].Packages = scan.Listed([]scan.PackageCount{npm, nuget, {Type: "other", Count: 7}})
	w.projects[1].Packages = scan.Cut([]scan.PackageCount{npm}, refused)
	target := DefaultTarget()
	target.Methods = []matrix.Method{matrix.DirectTransfer}
	check := func(name, npm, others string, losses ...string) {
		t.Helper()
		j := evaluated(t, w, target)
		for _, u := range j.Items {
			want := map[string]string{"project.npm": npm, "project.other-packages": others}[u.Item.ID]
			gap := ""
			if u.Gap != nil {
				gap = " " + string(u.Gap.Reason)
			}
			if got := fmt.Sprintf("%s, %s in %s%s", u.Use, totalOf(u.Amount), totalOf(u.Subjects), gap); want != "" && got != want {
				t.Errorf("%s: %s: %s, want %s", name, u.Item.ID, got, want)
			}
		}
		for i, p := range w.projects {
			v := j.Project(p)[0]
			if got := fmt.Sprint(v.State, " ", v.Losses); got != losses[i] {
				t.Errorf("%s: project %d: %s, want %s", name, i, got, losses[i])
			}
		}
		if n, _ := j.Totals.Facts["project.package-registry"].Sum(); n == 0 {
			t.Errorf("%s: there are no packages at all", name)
		}
	}
	check("one whole, one cut", "in-use, 8 of 1+1 in 2 of 2+0 forbidden", "in-use, 9 of 1+1 in 1 of 1+1 forbidden", "losses 2", "losses 1")
	w.projects[0].Packages = scan.Listed([]scan.PackageCount{npm})
	check("nothing else seen", "in-use, 8 of 1+1 in 2 of 2+0 forbidden", "unknown, 0 of 1+1 in 0 of 1+1 forbidden", "losses 1", "losses 1")
	w.projects[1].Packages = scan.Listed([]scan.PackageCount{})
	check("one type only", "in-use, 4 of 2+0 in 1 of 2+0", "not-in-use, 0 of 2+0 in 0 of 2+0", "losses 1", "no-known-loss 0")
	w.projects[0].Packages = scan.Listed([]scan.PackageCount{nuget})
	w.cut(scan.LevelProject)
	check("a list of projects cut", "unknown, 0 of 2+1 in 0 of 2+1 forbidden", "in-use, 2 of 2+1 in 1 of 2+1 forbidden", "losses 1", "no-known-loss 0")
}

// Of losses, what hurts most comes first, then what was counted, then what
// the most subjects have; but nothing that is carried in part or perhaps not in
// use comes before what is surely lost.
func TestWorstLossesFirst(t *testing.T) {
	w := soundWorld()
	for _, p := range w.projects {
		p.Labels, p.Issues, p.Releases = scan.Known[int64](1), scan.Known[int64](9), scan.Known[int64](5)
	}
	w.projects[0].Schedules = scan.Known[int64](1)
	w.projects[0].Snippets = scan.Missing[int64](refused)
	lost := map[matrix.Method]matrix.Rule{matrix.Geo: {Status: matrix.NotCarried}}
	m := &matrix.Matrix{Items: []matrix.Item{
		{ID: "low", Impact: matrix.LowImpact, Use: matrix.ItemUse{Fact: "project.issues"}, Rules: lost},
		{ID: "high, everywhere", Impact: matrix.HighImpact, Level: scan.LevelProject, Use: matrix.ItemUse{Always: true}, Rules: lost},
		{ID: "high, within", Impact: matrix.HighImpact, Use: matrix.ItemUse{Within: "project.issues"}, Rules: lost},
		{ID: "high, perhaps", Impact: matrix.HighImpact, Use: matrix.ItemUse{Fact: "project.snippets"}, Rules: lost},
		{ID: "high, in part", Impact: matrix.HighImpact, Use: matrix.ItemUse{Fact: "project.issues"}, Rules: map[matrix.Method]matrix.Rule{matrix.Geo: {Status: matrix.Partial}}},
		{ID: "high, unverified", Impact: matrix.HighImpact, Use: matrix.ItemUse{Fact: "project.issues"}, Rules: map[matrix.Method]matrix.Rule{matrix.Geo: {Status: matrix.Unverified}}},
		{ID: "high, not there", Impact: matrix.HighImpact, Use: matrix.ItemUse{Fact: "project.agents"}, Rules: lost},
		{ID: "medium", Impact: matrix.MediumImpact, Use: matrix.ItemUse{Fact: "project.labels"}, Rules: lost},
		{ID: "high, one project", Impact: matrix.HighImpact, Use: matrix.ItemUse{Fact: "project.pipeline-schedules"}, Rules: lost},
		{ID: "high, two projects", Impact: matrix.HighImpact, Use: matrix.ItemUse{Fact: "project.labels"}, Rules: lost},
		{ID: "high, two as well", Impact: matrix.HighImpact, Use: matrix.ItemUse{Fact: "project.releases"}, Rules: lost},
	}}
	target := DefaultTarget()
	target.Destination, target.Methods = SelfManaged, []matrix.Method{matrix.Geo}
	j, err := Evaluate(w, m, target)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, l := range j.Losses {
		got = append(got, l.Item.ID)
	}
	want := []string{"high, two projects", "high, two as well", "high, one project", "high, everywhere", "high, within", "medium", "low",
		"high, perhaps", "high, in part", "high, unverified"}
	if !slices.Equal(got, want) {
		t.Errorf("losses:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if v := methodOf(j, matrix.Geo); v.HighLosses != 6 || v.NotCarried != 7 || v.Partial != 1 {
		t.Errorf("%d losses of high impact among %d not and %d partly carried; want 6 of 7 and 1", v.HighLosses, v.NotCarried, v.Partial)
	}
}

func TestNotApplicableCountsNowhere(t *testing.T) {
	w := soundWorld()
	w.instance.Version = scan.Known(scan.MustVersion("18.11.0")) // before the feature
	w.projects[0].Vulnerabilities = scan.Known[int64](5)
	j := evaluated(t, w, DefaultTarget())
	if slices.ContainsFunc(j.Losses, func(l Loss) bool { return l.Item.ID == "project.vulnerabilities" }) || j.Methods[0].NotCarried != 0 {
		t.Errorf("losses %v, not carried %d", j.Losses, j.Methods[0].NotCarried)
	}
}

func TestMatrixOfUnknownFactsIsRefused(t *testing.T) {
	m := smallMatrix()
	m.Items[0].Use = matrix.ItemUse{Fact: "project.issue"}
	if _, err := Evaluate(soundWorld(), m, DefaultTarget()); err == nil || !strings.Contains(err.Error(), "project.issue") {
		t.Errorf("err = %v", err)
	}
}

func TestTargetsThatMakeNoSense(t *testing.T) {
	for name, change := range map[string]func(*Target){
		"destination": func(t *Target) { t.Destination = "mars" },
		"version":     func(t *Target) { t.Version = scan.Version{} },
		"no method":   func(t *Target) { t.Methods = nil },
		"method":      func(t *Target) { t.Methods = []matrix.Method{"rsync"} },
	} {
		target := DefaultTarget()
		change(&target)
		if _, err := Evaluate(soundWorld(), smallMatrix(), target); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// broken is an inventory whose projects end in an error.
type broken struct{ *world }

func (b broken) Projects() iter.Seq2[*scan.Project, error] {
	return func(yield func(*scan.Project, error) bool) { yield(nil, errors.New("disk image is malformed")) }
}

func TestBrokenInventory(t *testing.T) {
	if _, err := Evaluate(broken{soundWorld()}, smallMatrix(), DefaultTarget()); err == nil || !strings.Contains(err.Error(), "read the projects of the inventory: disk image is malformed") {
		t.Errorf("err = %v", err)
	}
}

func TestJudgingIsPure(t *testing.T) {
	w := fullWorld().forgetAll()
	w.projects[0].RepositorySize = scan.Known(6 * gib)
	before, _ := json.Marshal(w.projects)
	a, b := evaluated(t, w, DefaultTarget()), evaluated(t, w, DefaultTarget())
	if !reflect.DeepEqual(a.Findings, b.Findings) || !reflect.DeepEqual(a.Coverage, b.Coverage) || !reflect.DeepEqual(a.Losses, b.Losses) || !reflect.DeepEqual(a.Methods, b.Methods) {
		t.Error("two judgements of one inventory differ")
	}
	if after, _ := json.Marshal(w.projects); string(after) != string(before) {
		t.Error("judging changed the inventory")
	}
}

func TestRealMatrix(t *testing.T) {
	m, err := matrix.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, target := range everyTarget() {
		for name, w := range map[string]*world{"in order": soundWorld(), "nothing read": soundWorld().forgetAll()} {
			j, err := Evaluate(w, m, target)
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range j.Methods {
				if n := v.Carried + v.Partial + v.NotCarried + v.Unverified + v.UseUnknown + v.NotReadable; n == 0 || n > len(m.Items) {
					t.Errorf("%s, %s: %d items counted for %s", target.Destination, name, n, v.ID)
				}
			}
			for _, l := range j.Losses {
				if l.Use == NoReader || l.Use == AskPerson {
					t.Errorf("%s is %s and a loss", l.Item.ID, l.Use)
				}
			}
		}
	}
}

func TestWords(t *testing.T) {
	for n, want := range map[int64]string{0: "0 bytes", 1: "1 byte", 1023: "1,023 bytes", 1024: "1 KiB", 5 * gib: "5 GiB", 5*gib + 1: "5 GiB",
		7*gib + gib/2: "7.5 GiB", 1<<40 - 1: "1023.9 GiB", 1 << 60: "1 EiB"} {
		if got := roundBytes(n); got != want {
			t.Errorf("roundBytes(%d) = %q, want %q", n, got, want)
		}
	}
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", -1234567: "-1,234,567"} {
		if got := Thousands(n); got != want {
			t.Errorf("Thousands(%d) = %q, want %q", n, got, want)
		}
	}
}

// BenchmarkEvaluate judges 1,000 projects; ns/project is what one costs.
func BenchmarkEvaluate(b *testing.B) {
	w := soundWorld()
	for len(w.projects) < 1000 {
		w.addProject(int64(len(w.projects) + 1))
	}
	m := smallMatrix()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Evaluate(w, m, DefaultTarget()); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(w.projects)), "ns/project")
}

func BenchmarkProject(b *testing.B) {
	w := soundWorld()
	j := evaluated(b, w, DefaultTarget())
	b.ReportAllocs()
	for b.Loop() {
		j.Project(w.projects[0])
	}
}

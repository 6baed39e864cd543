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
	q.Personal, q.RepositorySize, q.LFSSize = true, scan.Missing[int64](refused), scan.Known(gib)
	q.Webhooks = scan.Cut([]scan.Webhook{{Host: "c.example.com"}}, scan.Gap{Reason: scan.ReasonTruncated, Endpoint: "GET /projects/:id/hooks"})
	r := w.addProject(3)
	r.Empty, r.DeployKeys = scan.Known(true), scan.Missing[int64](scan.Gap{Reason: scan.ReasonNotAsked, Cure: "--depth standard"})
	r.ForkedFrom = scan.Known[int64](123456)
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

func TestReach(t *testing.T) {
	for _, c := range []struct {
		destination Destination
		airGapped   bool
		impossible  []matrix.Method
	}{
		{GitLabCom, false, []matrix.Method{matrix.BackupRestore, matrix.Geo}},
		{Dedicated, false, []matrix.Method{matrix.BackupRestore, matrix.OfflineTransfer}},
		{SelfManaged, false, nil},
		{SelfManaged, true, []matrix.Method{matrix.DirectTransfer, matrix.Geo}},
	} {
		target := DefaultTarget()
		target.Destination, target.AirGapped = c.destination, c.airGapped
		j := evaluated(t, fullWorld(), target)
		for _, m := range j.Methods {
			if want := slices.Contains(c.impossible, m.ID); (m.State == Impossible) != want || want && !strings.Contains(m.Reason, "https://") {
				t.Errorf("%s, air gap %v: %s is %s: %s", c.destination, c.airGapped, m.ID, m.State, m.Reason)
			}
		}
		for _, l := range j.Losses {
			if slices.Contains(c.impossible, l.Method) {
				t.Errorf("%s: %s is impossible and has losses", c.destination, l.Method)
			}
		}
		for _, f := range j.Findings {
			if len(intersect(f.Methods, c.impossible)) > 0 {
				t.Errorf("%s: %s names the impossible in %v", c.destination, f.Check, f.Methods)
			}
		}
	}
}

func methodOf(j *Judgement, m matrix.Method) MethodVerdict {
	return j.Methods[slices.Index(matrix.Methods(), m)]
}

func TestMethodVerdicts(t *testing.T) {
	w := soundWorld()
	dt := methodOf(evaluated(t, w, DefaultTarget()), matrix.DirectTransfer)
	if dt.State != NoKnownLoss || dt.Carried != 1 || dt.Questions < 5 {
		t.Errorf("in order: %+v", dt)
	}
	fe := methodOf(evaluated(t, w, DefaultTarget()), matrix.FileExport)
	if fe.State != Losses || fe.Partial != 1 {
		t.Errorf("a partly carried item in use: %+v", fe)
	}
	w.projects[0].Webhooks = scan.Cut[scan.Webhook](nil, refused)
	if dt := methodOf(evaluated(t, w, DefaultTarget()), matrix.DirectTransfer); dt.State != Losses || dt.UseUnknown != 1 ||
		!strings.Contains(dt.Reason, "No loss is known") || !strings.Contains(dt.Reason, "1 more item") {
		t.Errorf("an item whose use is unknown: %+v", dt)
	}
	w.projects[0].RepositorySize = scan.Missing[int64](refused)
	if dt := methodOf(evaluated(t, w, DefaultTarget()), matrix.DirectTransfer); dt.State != NotAssessed || !slices.Equal(dt.UnknownGate, []string{"size-repository-over-5gib"}) {
		t.Errorf("an unread size: %+v", dt)
	}
	w.projects[1].RepositorySize = scan.Known(6 * gib)
	j := evaluated(t, w, DefaultTarget())
	if dt := methodOf(j, matrix.DirectTransfer); dt.State != Blocked || !slices.Equal(dt.Blockers, []string{"size-repository-over-5gib"}) {
		t.Errorf("a large repository: %+v", dt)
	}
	if !j.Blocked() {
		t.Error("a blocker was found, yet the judgement is not blocked")
	}
	target := DefaultTarget()
	target.Methods = []matrix.Method{matrix.Geo}
	j = evaluated(t, w, target)
	if j.Blocked() || len(j.Losses) != 0 {
		t.Error("a method that is not in play makes findings or losses")
	}
	if dt := methodOf(j, matrix.DirectTransfer); dt.State != Blocked || dt.InPlay {
		t.Errorf("not in play: %+v", dt)
	}
}

func TestFindings(t *testing.T) {
	w := soundWorld()
	w.projects[0].RepositorySize = scan.Known(6 * gib)
	w.projects[1].RepositorySize = scan.Missing[int64](refused)
	for range 12 {
		w.addProject(int64(len(w.projects) + 1)).RepositorySize = scan.Missing[int64](refused)
	}
	j := evaluated(t, w, DefaultTarget())
	first := j.Findings[0]
	if first.Check != "size-repository-over-5gib" || first.Verdict != Violated || first.ID != 1 || first.Path != "group-1/project-1" ||
		first.Fingerprint != "size-repository-over-5gib/project/1" || !strings.Contains(first.Evidence, "6 GiB (6,442,450,944 bytes)") {
		t.Errorf("first finding: %+v", first)
	}
	second := of(j, "size-repository-over-5gib")[1]
	if second.Verdict != Unknown || second.Count != 13 || len(second.Examples) != 10 || *second.Gap != refused || second.Path != "" ||
		!strings.HasPrefix(second.Evidence, "13 projects could not be judged") {
		t.Errorf("unknown: %+v", second)
	}
	last := 0
	for _, f := range j.Findings {
		if order(f) < last {
			t.Errorf("%s %s %s is out of order", f.Check, f.Verdict, f.Severity)
		}
		last = order(f)
	}
	w.projects[0].Path = "renamed"
	if got := evaluated(t, w, DefaultTarget()).Findings[0]; got.Fingerprint != first.Fingerprint || got.Path != "renamed" {
		t.Errorf("a renamed project lost its history: %+v", got)
	}
	w.projects = append(w.projects, w.projects[0])
	if _, err := Evaluate(w, smallMatrix(), DefaultTarget()); err == nil || !strings.Contains(err.Error(), "fingerprint") {
		t.Errorf("the same project twice: %v", err)
	}
}

func TestEvidenceAcrossSubjects(t *testing.T) {
	w := soundWorld()
	w.projects[0].Variables = scan.Listed([]scan.Variable{variable, variable})
	w.groups[1].Variables = scan.Listed([]scan.Variable{variable})
	evidence := func() string {
		return of(evaluated(t, w, DefaultTarget()), "ci-variables-not-carried")[0].Evidence
	}
	if got, want := evidence(), "3 variables in 1 of 2 groups and 1 of 2 projects; e.g. group-2, group-1/project-1"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	w.instance.Variables = scan.Listed([]scan.Variable{variable})
	w.projects[1].Variables = scan.Cut[scan.Variable](nil, refused)
	w.cut(scan.LevelGroup)
	if got, want := evidence(), "at least 4 variables in the instance itself, 1 group and 1 of 2 projects (the list of groups was not read to its end, 1 project unread); e.g. group-2, group-1/project-1"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	w.projects[0].Personal = true
	if got, want := of(evaluated(t, w, DefaultTarget()), "projects-in-personal-namespaces")[0].Evidence, "1 of 2 projects; e.g. group-1/project-1"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestSentence(t *testing.T) {
	target := DefaultTarget()
	for _, c := range []struct {
		name    string
		methods []matrix.Method
		change  func(*world)
		want    string
	}{
		{"in order", []matrix.Method{matrix.DirectTransfer}, func(*world) {}, "No blocker and no known loss for Direct transfer in what was read."},
		{"losses", []matrix.Method{matrix.DirectTransfer, matrix.FileExport}, func(*world) {},
			"No blocker was found for File export/import, with losses known or possible; no blocker and no known loss for Direct transfer in what was read."},
		{"impossible", []matrix.Method{matrix.Geo, matrix.BackupRestore}, func(*world) {}, "None of the methods in play can reach GitLab.com."},
		{"blocked and unknown", matrix.Methods(), func(w *world) {
			w.instance.DirectTransfer = scan.Known(false)
			w.instance.ProjectExport = scan.Missing[bool](refused)
		}, "2 of 6 methods cannot reach GitLab.com; 1 of 4 possible methods is blocked; File export/import and Congregate could not be assessed: no blocker was found, but not everything that decides it could be read; no blocker and no known loss for Offline transfer in what could be read (99 % of facts)."},
		{"a list was cut", []matrix.Method{matrix.DirectTransfer}, func(w *world) { w.cut(scan.LevelUser) },
			"No blocker and no known loss for Direct transfer in what could be read (a list was not read to its end)."},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := soundWorld()
			c.change(w)
			target.Methods = c.methods
			got := evaluated(t, w, target).Sentence()
			if got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
			if strings.Contains(strings.ToLower(got), "clean") || strings.Contains(strings.ToLower(got), "guarantee") {
				t.Errorf("%q promises", got)
			}
		})
	}
}

func TestProjectRows(t *testing.T) {
	w := soundWorld()
	w.instance.DirectTransfer = scan.Known(false) // blocks the instance, not a project
	w.projects[0].RepositorySize = scan.Known(6 * gib)
	w.projects[1].Webhooks = scan.Listed([]scan.Webhook{{Host: "example.com"}})
	target := DefaultTarget()
	target.Methods = []matrix.Method{matrix.DirectTransfer, matrix.FileExport, matrix.OfflineTransfer, matrix.Geo}
	j := evaluated(t, w, target)
	row := func(p *scan.Project) (s []string) {
		for _, v := range j.Project(p) {
			s = append(s, fmt.Sprintf("%s %d", v.State, v.Losses))
		}
		return s
	}
	if got, want := row(w.projects[0]), []string{"blocked 0", "blocked 1", "blocked 0", "impossible 0"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if got, want := row(w.projects[1]), []string{"losses 1", "losses 2", "no-known-loss 0", "impossible 0"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	w.projects[1].RepositorySize = scan.Missing[int64](refused)
	if got, want := row(w.projects[1]), []string{"not-assessed 1", "not-assessed 2", "not-assessed 0", "impossible 0"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if (&Judgement{}).Project(w.projects[0]) != nil {
		t.Error("a judgement that nobody made has verdicts")
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
		t.Skipf("the matrix does not load: %v", err)
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
		if got := thousands(n); got != want {
			t.Errorf("thousands(%d) = %q, want %q", n, got, want)
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

package checks

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"readiness/checks/matrix"
	"readiness/scan"
)

func TestReach(t *testing.T) {
	for _, c := range []struct {
		destination Destination
		airGapped   bool
		impossible  []matrix.Method
	}{
		{GitLabCom, false, []matrix.Method{matrix.BackupRestore, matrix.Geo}},
		{Dedicated, false, []matrix.Method{matrix.BackupRestore, matrix.OfflineTransfer}},
		{SelfManaged, false, nil},
		{SelfManaged, true, []matrix.Method{matrix.DirectTransfer, matrix.Congregate, matrix.CongregateDirect, matrix.Geo}},
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

// TestExecutor: on GitLab.com only GitLab's own people run Congregate; elsewhere
// anybody with an administrator's account does.
func TestExecutor(t *testing.T) {
	for _, c := range []struct {
		destination Destination
		executor    Party
		ruledOut    bool
	}{
		{GitLabCom, "", false}, {GitLabCom, GitLabPS, false}, {GitLabCom, Partner, true}, {GitLabCom, CustomerP, true},
		{Dedicated, Partner, false}, {SelfManaged, CustomerP, false},
	} {
		target := DefaultTarget()
		target.Destination, target.Executor = c.destination, c.executor
		j := evaluated(t, fullWorld(), target)
		for _, m := range []matrix.Method{matrix.Congregate, matrix.CongregateDirect} {
			if v := methodOf(j, m); (v.State == Impossible) != c.ruledOut {
				t.Errorf("%s executed by %q: %s is %s: %s", c.destination, c.executor, m, v.State, v.Reason)
			}
		}
		if v := methodOf(j, matrix.FileExport); v.State == Impossible {
			t.Errorf("file export: %s", v.Reason)
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
	w.projects[0].Personal = scan.Known(true)
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
		{"in order", []matrix.Method{matrix.DirectTransfer}, func(*world) {}, "In what was read: no blocker and no known loss for Direct transfer."},
		{"losses", []matrix.Method{matrix.DirectTransfer, matrix.FileExport}, func(*world) {},
			"In what was read: no blocker was found for File export/import, with losses known or possible; no blocker and no known loss for Direct transfer."},
		{"impossible", []matrix.Method{matrix.Geo, matrix.BackupRestore}, func(*world) {}, "None of the methods in play is possible for GitLab.com."},
		{"blocked and unknown", matrix.Researched(), func(w *world) {
			w.instance.DirectTransfer = scan.Known(false)
			w.instance.ProjectExport = scan.Missing[bool](refused)
		}, "In what could be read (99.8 % of facts): Direct transfer is blocked; File export/import and Congregate could not be assessed: no blocker was found, but not every check for blockers could be decided; no blocker and no known loss for Offline transfer; Backup and restore and Geo are ruled out for GitLab.com."},
		{"a list was cut", []matrix.Method{matrix.DirectTransfer}, func(w *world) { w.cut(scan.LevelUser) },
			"In what could be read (a list was not read to its end): no blocker and no known loss for Direct transfer."},
		{"not asked", []matrix.Method{matrix.DirectTransfer}, func(w *world) {
			w.projects[0].Labels = scan.Missing[int64](scan.Gap{Reason: scan.ReasonNotAsked})
		}, "In what was read (all that was asked for, not all there is to ask): no blocker and no known loss for Direct transfer."},
		{"nothing", []matrix.Method{matrix.DirectTransfer}, func(w *world) { w.forgetAll() },
			"In what could be read (nothing was): Direct transfer could not be assessed: no blocker was found, but not every check for blockers could be decided."},
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

// TestItemsWithoutReader: an item whose fact nobody reads is counted once, and
// is neither in use nor a loss.
func TestItemsWithoutReader(t *testing.T) {
	var unreadable scan.FactID
	for _, e := range scan.Catalog() {
		if e.Unread != "" {
			unreadable = e.ID
			break
		}
	}
	if unreadable == "" {
		t.Skip("every fact of the catalogue has a reader")
	}
	m := smallMatrix()
	m.Items[1].Use = matrix.ItemUse{Fact: unreadable}
	j, err := Evaluate(fullWorld(), m, DefaultTarget())
	if err != nil {
		t.Fatal(err)
	}
	if j.Items[1].Use != NoReader || !slices.Equal(j.Coverage.NoReader, []string{"project.webhooks"}) || methodOf(j, matrix.DirectTransfer).NotReadable != 1 {
		t.Errorf("use %s, no reader %v", j.Items[1].Use, j.Coverage.NoReader)
	}
	if slices.ContainsFunc(j.Losses, func(l Loss) bool { return l.Item.ID == "project.webhooks" }) {
		t.Error("an item without a reader is a loss")
	}
	j, err = Evaluate(soundWorld(), m, DefaultTarget())
	if err != nil {
		t.Fatal(err)
	}
	if dt := methodOf(j, matrix.DirectTransfer); dt.State != NoKnownLoss || !strings.Contains(dt.Reason, "1 item that this version has no reader for") {
		t.Errorf("the verdict hides what has no reader: %s: %s", dt.State, dt.Reason)
	}
}

// TestJudgesAreNotTrusted: whatever a judge makes of a fact it did not get, the
// runner says unknown, unless what is known decides.
func TestJudgesAreNotTrusted(t *testing.T) {
	w := soundWorld()
	w.projects[1].Issues = scan.Missing[int64](refused)
	for name, c := range map[string]struct {
		says Outcome
		want Verdict
	}{
		"ok":                   {ok(), Unknown},
		"ok, regardless":       {ok().regardless(), Unknown},
		"violated":             {violated("so"), Unknown},
		"violated, regardless": {violated("so").regardless(), Violated},
		"not applicable":       {notApplicable(), Unknown},
		"question":             {question("so?"), Unknown},
	} {
		says := c.says
		k := Check{ID: "rash", Severity: Blocker, Level: scan.LevelProject, Methods: imports, Destinations: Destinations(),
			Project: func(c *Context, p *scan.Project) Outcome {
				if p.ID == 1 {
					return ok()
				}
				need(c, p.Issues)
				return says
			}}
		j, err := evaluate([]Check{k}, w, smallMatrix(), DefaultTarget(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := verdictOf(j, k); got != c.want {
			t.Errorf("a judge says %s of a missing fact, the runner %s, want %s", name, got, c.want)
		}
	}
}

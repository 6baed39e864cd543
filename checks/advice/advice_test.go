package advice

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"readiness/checks"
	"readiness/scan"
)

// TestDataIsWhole holds the questions and tasks to what a reader needs, and the
// checks they name to being checks.
func TestDataIsWhole(t *testing.T) {
	known := map[string]bool{}
	for _, k := range checks.All() {
		known[k.ID] = true
	}
	if len(questions) != 40 || len(tasks) != 55 {
		t.Errorf("%d questions, %d tasks", len(questions), len(tasks))
	}
	seen := map[string]bool{}
	for _, q := range questions {
		if seen[q.ID] || q.Question == "" || q.Why == "" || len(q.Sources) == 0 || !slices.Contains([]string{"measured", "partly", "person"}, q.Answered) {
			t.Errorf("%+v", q)
		}
		seen[q.ID] = true
		if q.Answered == "measured" && inventory[q.ID] == nil && !slices.Contains(unanswered, q.ID) {
			t.Errorf("%s is measured, and nothing measures it", q.ID)
		}
	}
	for id := range inventory {
		if !seen[id] {
			t.Errorf("%s answers no question", id)
		}
	}
	for _, task := range tasks {
		if seen[task.ID] || task.Item == "" || len(task.Sources) == 0 || !slices.Contains(Phases(), task.Phase) ||
			!slices.Contains([]Side{Customer, Executor, Both}, task.Party) {
			t.Errorf("%+v", task)
		}
		seen[task.ID] = true
		for _, s := range task.Sources {
			if !strings.HasPrefix(s, "https://") {
				t.Errorf("%s: source %s", task.ID, s)
			}
		}
	}
}

// unanswered are questions that the inventory should answer and does not yet.
var unanswered = []string{}

// TestReferenceIsTakenOver compares the data with what it was taken from.
func TestReferenceIsTakenOver(t *testing.T) {
	dir := os.Getenv("READINESS_REFERENCE")
	if dir == "" {
		t.Skip("READINESS_REFERENCE is not set: the questions and tasks are not compared")
	}
	text, err := os.ReadFile(filepath.Join(dir, "readiness-rules.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		ScopingQuestions []struct{ ID, Question string } `yaml:"scoping_questions"`
		Checklist        []struct {
			ID, Item  string
			Automatic []string
		}
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	for i, q := range file.ScopingQuestions {
		if questions[i].ID != q.ID || questions[i].Question != q.Question {
			t.Errorf("%s: %q, the reference has %q", q.ID, questions[i].Question, q.Question)
		}
	}
	for i, c := range file.Checklist {
		if tasks[i].ID != c.ID || tasks[i].Item != c.Item || !slices.Equal(tasks[i].Checks, c.Automatic) {
			t.Errorf("%s differs from the reference", c.ID)
		}
	}
}

func TestReadAnswers(t *testing.T) {
	a, err := ReadAnswers("answers.yaml", []byte("sq-source-os: Debian 12\nck-channel:\n  answer: agreed\n  by: A. Person\n  date: 2026-11-02\n"))
	if err != nil || a["sq-source-os"].Answer != "Debian 12" || a["ck-channel"] != (Stated{"agreed", "A. Person", "2026-11-02"}) {
		t.Errorf("%+v, %v", a, err)
	}
	for _, c := range []struct{ text, want string }{
		{"sq-nothing: x\n", "answers.yaml:1"},
		{"sq-source-os: x\nck-channel:\n  answr: y\n", "answers.yaml:3"},
		{"ck-channel:\n  by: z\n", "the answer is missing"},
		{"ck-channel: {answer: x, date: soon}\n", "answers.yaml:1"},
		{"- a\n", "answers.yaml:1"},
		{"a: [", "answers.yaml"},
	} {
		if _, err := ReadAnswers("answers.yaml", []byte(c.text)); err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %v, want one line with %q", c.text, err, c.want)
		}
	}
}

func FuzzReadAnswers(f *testing.F) {
	f.Add([]byte("sq-source-os: Debian 12\nck-channel:\n  answer: agreed\n  by: A. Person\n  date: 2026-11-02\n"))
	f.Fuzz(func(t *testing.T, data []byte) { _, _ = ReadAnswers("answers.yaml", data) })
}

// TestChecklist settles tasks by findings, by what was read and by people; a
// finding is never hidden by what somebody stated.
func TestChecklist(t *testing.T) {
	j := &checks.Judgement{Target: checks.DefaultTarget()}
	find := func(id string) Task {
		t.Helper()
		all := checklist(j, Answers{"ck-versions": {Answer: "done", By: "A. Person"}, "ck-channel": {Answer: "agreed"}})
		return all[slices.IndexFunc(all, func(task Task) bool { return task.ID == id })]
	}
	if got := find("ck-versions"); got.State != Told || !strings.Contains(got.Evidence, "stated: done") {
		t.Errorf("stated, nothing found: %+v", got)
	}
	if got := find("ck-clean-repositories"); got.State != Measured {
		t.Errorf("nothing found: %+v", got)
	}
	if got := find("ck-channel"); got.State != Told {
		t.Errorf("stated: %+v", got)
	}
	if got := find("ck-pilot"); got.State != Open {
		t.Errorf("nobody said: %+v", got)
	}
	j.Findings = []checks.Finding{{Check: "version-required-upgrade-stops", Verdict: checks.Violated, Level: scan.LevelInstance}}
	if got := find("ck-versions"); got.State != NotInOrder || !strings.Contains(got.Evidence, "version-required-upgrade-stops") || !strings.Contains(got.Evidence, "stated: done") {
		t.Errorf("found, though stated: %+v", got)
	}
	j.Findings[0].Verdict = checks.Unknown
	if got := find("ck-versions"); got.State != Unread {
		t.Errorf("could not be read: %+v", got)
	}
}

// TestActions puts findings together by check and group, and prices them by the
// profile alone.
func TestActions(t *testing.T) {
	finding := func(check, path string, v checks.Verdict) checks.Finding {
		return checks.Finding{Check: check, Path: path, Verdict: v, Level: scan.LevelProject, Severity: checks.High, Remedy: "Do it."}
	}
	j := &checks.Judgement{Findings: []checks.Finding{finding("b", "x/one", checks.Violated), finding("b", "x/two/three", checks.Violated),
		finding("b", "y/one", checks.Violated), {Check: "a", Verdict: checks.Unknown, Level: scan.LevelProject, Severity: checks.Blocker, Count: 7, Gap: &scan.Gap{Cure: "a better token"}}}}
	all := actions(j)
	var said []string
	for _, a := range all {
		said = append(said, a.Check+" "+a.Group+" "+string(a.Verdict))
		if len(a.Hours) > 0 {
			t.Errorf("hours without a profile: %+v", a)
		}
	}
	if want := []string{"a  unknown", "b x violated", "b y violated"}; !slices.Equal(said, want) {
		t.Fatalf("%q, want %q", said, want)
	}
	if all[0].Count != 7 || !strings.Contains(all[0].Remedy, "a better token") || all[1].Count != 2 || all[1].Kind != checks.PerProject {
		t.Errorf("%+v", all)
	}
	j.Profile = &checks.Profile{Efforts: []checks.UnitEffort{{Kind: checks.PerProject, Party: checks.Partner, Low: 1, High: 3},
		{Kind: checks.Scripted, Party: checks.CustomerP, Of: []string{"b"}, Low: 5, High: 8}}}
	if got := actions(j)[1].Hours; !slices.Equal(got, []Hours{{checks.Partner, 2, 6}, {checks.CustomerP, 5, 8}}) {
		t.Errorf("hours %+v", got)
	}
}

// TestEffortOfTheUnread widens the range by what could not be read, and names it.
func TestEffortOfTheUnread(t *testing.T) {
	j := &checks.Judgement{Profile: &checks.Profile{Efforts: []checks.UnitEffort{{Kind: checks.PerProject, Party: checks.Partner, Low: 1, High: 2}}}}
	a := &Advice{Actions: []Action{{Check: "c", Title: "Thing", Kind: checks.PerProject, Verdict: checks.Violated, Count: 10},
		{Check: "d", Title: "Group thing", Kind: checks.PerGroup, Verdict: checks.Violated, Count: 1}}}
	e := effort(j, a)
	if len(e.Parties) != 1 || e.Parties[0] != (Hours{checks.Partner, 10, 20}) {
		t.Errorf("%+v", e.Parties)
	}
	if !slices.Equal(e.Open, []string{"Group thing: the profile states no hours for it"}) {
		t.Errorf("open %q", e.Open)
	}
	if len(e.Quantities) != 2 || e.Quantities[0].Kind != checks.PerGroup {
		t.Errorf("quantities %+v", e.Quantities)
	}
}

// TestWaves divides by the published caps: exactly at a cap is one wave.
func TestWaves(t *testing.T) {
	for _, c := range []struct {
		destination checks.Destination
		projects    int64
		unread      int64
		low, high   float64
	}{
		{checks.GitLabCom, 300, 0, 1, 1}, {checks.GitLabCom, 301, 0, 1, 2}, {checks.GitLabCom, 501, 0, 2, 2},
		{checks.SelfManaged, 200, 0, 1, 1}, {checks.SelfManaged, 201, 0, 2, 2}, {checks.Dedicated, 1000, 1, 2, 5}, {checks.GitLabCom, 0, 0, 0, 0},
	} {
		j := &checks.Judgement{Target: checks.Target{Destination: c.destination}}
		j.Totals.Projects.AddKnown(c.projects)
		if c.unread > 0 {
			j.Totals.Projects.AddUnread(c.unread)
		}
		if e := waves(j); e.Low != c.low || e.High != c.high || e.Open != (c.unread > 0) {
			t.Errorf("%+v: %+v", c, e)
		}
	}
}

// TestMachineTime meets the two published totals within the range it gives.
// Source: https://docs.gitlab.com/user/group/import/
func TestMachineTime(t *testing.T) {
	for _, c := range []struct{ projects, issues, merges, pipelines, hours int64 }{{100, 19900, 83000, 100000, 8}, {1926, 22000, 160000, 1100000, 34}} {
		j := &checks.Judgement{}
		j.Totals.Projects.AddKnown(c.projects)
		j.Totals.Facts = map[scan.FactID]scan.Total{}
		for id, n := range map[scan.FactID]int64{"project.issues": c.issues, "project.merge-requests": c.merges, "project.pipelines": c.pipelines} {
			var total scan.Total
			total.AddKnown(n)
			j.Totals.Facts[id] = total
		}
		e, ok := machineTime(j, "direct_transfer")
		if !ok || e.Open || e.Low > float64(c.hours) || e.High < float64(c.hours) {
			t.Errorf("%+v: %+v", c, e)
		}
		delete(j.Totals.Facts, "project.pipelines")
		if e, _ := machineTime(j, "direct_transfer"); !e.Open {
			t.Errorf("pipelines unread, and the range is closed: %+v", e)
		}
	}
}

func TestUpgradeStops(t *testing.T) {
	n, words := checks.UpgradeStops(scan.MustVersion("16.11.0"), scan.MustVersion("17.5"))
	if n != 3 || !strings.Contains(words, "16.11.10") || !strings.Contains(words, "17.3.7") {
		t.Errorf("%d: %s", n, words)
	}
	if n, _ := checks.UpgradeStops(scan.MustVersion("18.9.0"), scan.MustVersion("18.10")); n != 0 {
		t.Errorf("%d stops from 18.9 to 18.10", n)
	}
}

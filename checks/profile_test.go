package checks

import (
	"os"
	"slices"
	"strings"
	"testing"

	"readiness/checks/matrix"
	"readiness/scan"
)

func readProfile(t testing.TB, text string) *Profile {
	t.Helper()
	p, err := ReadProfile("engagement.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestProfileErrors holds every mistake to an error that names file and line.
func TestProfileErrors(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"title: a\ntresholds: {}\n", `engagement.yaml:2: the profile has no field "tresholds"`},
		{"thresholds:\n  size-repository: 5 GiB\n", `engagement.yaml:2: unknown check "size-repository"`},
		{"thresholds:\n  size-repository-over-5gib: 5 GIB\n", `engagement.yaml:2: git-repository-of-a-project: "5 GIB": give an amount with its unit`},
		{"thresholds:\n  size-repository-over-5gib: 5000\n", "engagement.yaml:2: git-repository-of-a-project: \"5000\": give an amount"},
		{"thresholds:\n  size-repository-over-5gib: -5 GiB\n", "is negative"},
		{"thresholds:\n  projects-many-pipelines: 5\n", "engagement.yaml:2: projects-many-pipelines has several thresholds: say which"},
		{"thresholds:\n  projects-many-pipelines:\n    branches: 5\n", `engagement.yaml:3: projects-many-pipelines has no threshold "branches"`},
		{"thresholds:\n  projects-many-pipelines:\n    pipelines-of-a-project: 5 GiB\n", `engagement.yaml:3: pipelines-of-a-project: "5 GiB": the unit is records`},
		{"thresholds:\n  projects-many-pipelines:\n    pipelines-of-a-project: 0.5\n", "is not a whole number"},
		{"checks-off:\n  - check: size-repository-over-5gib\n", "engagement.yaml:2: size-repository-over-5gib is switched off without a reason"},
		{"checks-off:\n  - {check: nope, reason: a}\n", `engagement.yaml:2: unknown check "nope"`},
		{"severities:\n  size-repository-over-5gib: grave\n", `engagement.yaml:2: unknown severity "grave"`},
		{"efforts:\n  - {kind: sometimes, party: partner, hours: 1}\n", `engagement.yaml:2: unknown kind of action "sometimes"`},
		{"efforts:\n  - {kind: once, party: nobody, hours: 1}\n", `engagement.yaml:2: unknown party "nobody"`},
		{"efforts:\n  - {kind: once, party: partner, hours: {low: 2, high: 1}}\n", "high not below low"},
		{"efforts:\n  - {kind: once, party: partner, hours: 1, of: [project.nothing]}\n", "is neither an item of the matrix nor a check"},
		{"efforts:\n  - {kind: once, party: partner, hours: 1}\n  - {kind: once, party: partner, hours: 2}\n", "engagement.yaml:3: the effort once of the partner is stated twice"},
		{"target:\n  destination: gitlab.org\n", `engagement.yaml:2: destination: unknown destination "gitlab.org"`},
		{"target:\n  version: nineteen\n", "engagement.yaml:2: version"},
		{"target:\n  methods: [teleport]\n", `engagement.yaml:2: unknown method "teleport"`},
		{"target:\n  email-domains: [example]\n", `engagement.yaml:2: "example" is no domain`},
		{"target:\n  parent: a//b\n", `engagement.yaml:2: parent: "a//b" is no path`},
		{"target:\n  seats: 0\n", "engagement.yaml:2: seats: give how many"},
		{"target:\n  limits:\n    import: 5 GiB\n", `engagement.yaml:3: limits has no field "import"`},
		{"target:\n  new-places:\n    a: ''\n", "engagement.yaml:3: "},
		{"questions:\n  - {id: A b, question: q, why: w}\n", `engagement.yaml:2: id "A b"`},
		{"other-sources:\n  sourceforge: {}\n", `engagement.yaml:2: unknown system "sourceforge"`},
		{"other-sources:\n  github: {stars: 4}\n", `engagement.yaml:2: GitHub.com, Enterprise Cloud and Enterprise Server has no item "stars"`},
		{"a: [\n", "engagement.yaml:"},
	} {
		_, err := ReadProfile("engagement.yaml", []byte(c.text))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want %q", c.text, err, c.want)
		}
	}
}

// TestProfileJudges holds a profile to changing exactly what it says.
func TestProfileJudges(t *testing.T) {
	w := soundWorld()
	w.projects[0].RepositorySize = scan.Known(5 * gib)
	judged := func(text string) *Judgement {
		j, err := EvaluateWith(w, smallMatrix(), DefaultTarget(), readProfile(t, text))
		if err != nil {
			t.Fatal(err)
		}
		return j
	}
	const id = "size-repository-over-5gib"
	if f := of(judged(""), id); len(f) != 0 {
		t.Errorf("an empty profile: %v", f)
	}
	j := judged("thresholds: {" + id + ": 4 GiB}")
	if f := of(j, id); len(f) != 1 || !strings.Contains(f[0].Evidence, "over 4 GiB") {
		t.Errorf("a lower threshold: %v", f)
	}
	if v := j.Project(w.projects[0])[0]; v.Method != matrix.DirectTransfer || v.State != Blocked {
		t.Errorf("the project by itself: %v", v)
	}
	j = judged("thresholds: {" + id + ": 4 GiB}\nseverities: {" + id + ": low}")
	if f := of(j, id); len(f) != 1 || f[0].Severity != Low || j.Blocked() {
		t.Errorf("another severity: %v, blocked %v", f, j.Blocked())
	}
	j = judged("thresholds: {" + id + ": 4 GiB}\nchecks-off: [{check: " + id + ", reason: agreed}]")
	if f := of(j, id); len(f) != 0 || len(j.Profile.Off) != 1 || j.Profile.Off[0].Severity != Blocker {
		t.Errorf("switched off: %v, %v", f, j.Profile.Off)
	}
	w.projects[0].Issues, w.projects[0].MergeRequests = scan.Known[int64](4000), scan.Known[int64](4000)
	for _, name := range []string{"issues", "merge-requests"} {
		const many = "projects-many-issues-or-merge-requests"
		f := of(judged("thresholds: {"+many+": {"+name+"-of-a-project: 3999}}"), many)
		if len(f) != 1 || !strings.Contains(f[0].Evidence, strings.ReplaceAll(name, "-", " ")) {
			t.Errorf("%s of two equal thresholds: %v", name, f)
		}
	}
	j = judged("questions: [{id: board, question: Does it meet?, who: the manager, why: It must.}]")
	if f := of(j, "profile-board"); len(f) != 1 || f[0].Verdict != Question || f[0].Evidence != "Does it meet? Ask: the manager." {
		t.Errorf("a question: %v", f)
	}
}

// TestEveryThresholdCanBeChanged holds every threshold to a name of its own
// within its check, and to a value that tells it from the check's others.
func TestEveryThresholdCanBeChanged(t *testing.T) {
	for _, k := range All() {
		names, values := map[string]bool{}, map[int64]bool{}
		for _, th := range k.Thresholds {
			named := slices.Contains([]string{"projects-many-issues-or-merge-requests", "users-placeholder-limit", "limits-gitlab-com-plan-quotas"}, k.ID)
			if names[th.Name()] || th.Unit != unitRelease && values[th.Value] && !named {
				t.Errorf("%s: two thresholds with the name %s or the value %d", k.ID, th.Name(), th.Value)
			}
			names[th.Name()], values[th.Value] = true, true
		}
	}
}

func TestEffort(t *testing.T) {
	p := readProfile(t, `
efforts:
  - {kind: per-project, party: partner, hours: {low: 0.1, high: 0.5}}
  - {kind: per-project, party: partner, of: [project.webhooks], hours: 2}
`)
	for _, c := range []struct {
		kind      ActionKind
		party     Party
		of        string
		low, high float64
		known     bool
	}{
		{PerProject, Partner, "project.webhooks", 2, 2, true},
		{PerProject, Partner, "project.badges", 0.1, 0.5, true},
		{PerProject, CustomerP, "project.webhooks", 0, 0, false},
		{Once, Partner, "", 0, 0, false},
	} {
		e, known := p.Effort(c.kind, c.party, c.of)
		if known != c.known || e.Low != c.low || e.High != c.high {
			t.Errorf("%s %s %s: %v, %v", c.kind, c.party, c.of, e, known)
		}
	}
	if _, known := (*Profile)(nil).Effort(Once, Partner, ""); known {
		t.Error("hours without a profile")
	}
}

func TestPlaces(t *testing.T) {
	target := Target{Parent: "acme/imported", Places: Places{"platform": "acme/platform", "platform/tools": "tools", "web/site": "acme/site"}}
	for from, want := range map[string]string{
		"design": "acme/imported/design", "platform": "acme/platform", "platform/api/core": "acme/platform/api/core",
		"platform/tools/x": "tools/x", "platform/toolsmith": "acme/platform/toolsmith", "web/site": "acme/site", "web": "acme/imported/web",
	} {
		if got := target.Path(from); got != want {
			t.Errorf("%s goes to %s, want %s", from, got, want)
		}
	}
	if (Target{}).Path("a/b") != "a/b" || (Target{}).Moves() {
		t.Error("without new places nothing moves")
	}
}

func TestParseAmount(t *testing.T) {
	for _, c := range []struct {
		text, unit string
		want       int64
	}{
		{"5 GiB", unitBytes, 5 * gib}, {"1.5GiB", unitBytes, gib + gib/2}, {"400 GB", unitBytes, 400 * gb}, {"512 bytes", unitBytes, 512},
		{"30 days", unitDays, 30}, {"1 day", unitDays, 1}, {"5000", unitRecords, 5000}, {"2 records", unitRecords, 2},
	} {
		if got, err := parseAmount(c.text, c.unit); err != nil || got != c.want {
			t.Errorf("%q: %d, %v, want %d", c.text, got, err, c.want)
		}
	}
	for _, c := range [][2]string{{"5", unitBytes}, {"5 gib", unitBytes}, {"5", unitDays}, {"5 weeks", unitDays}, {"1e3", unitRecords}, {"", unitRecords}, {"9e99 GiB", unitBytes}, {"99999999999 TiB", unitBytes}, {"NaN GiB", unitBytes}, {"0x10", unitRecords}} {
		if got, err := parseAmount(c[0], c[1]); err == nil {
			t.Errorf("%q as %s: %d", c[0], c[1], got)
		}
	}
}

// TestExampleProfile keeps the example that is shipped in order.
func TestExampleProfile(t *testing.T) {
	text, err := os.ReadFile("../examples/profile.yaml")
	if err != nil {
		t.Fatal(err)
	}
	p := readProfile(t, string(text))
	if p.Target.Destination != GitLabCom || p.Target.Seats != 1500 || len(p.Efforts) != 8 || len(p.Off) != 1 || len(p.Questions) != 1 || !strings.Contains(p.Assumptions, "assumptions") {
		t.Errorf("%+v", p)
	}
}

// FuzzReadProfile: no file makes the reader panic, and what it accepts can be
// judged by.
func FuzzReadProfile(f *testing.F) {
	if text, err := os.ReadFile("../examples/profile.yaml"); err == nil {
		f.Add(text)
	}
	for _, s := range []string{"", "thresholds: {size-repository-over-5gib: 4 GiB}", "target: {new-places: {a: b}}", "efforts: [{kind: once, party: partner, hours: 1}]", "a: *b", "- 1", "\x00", "target: {limits: {import-file: unlimited}}"} {
		f.Add([]byte(s))
	}
	w, m := soundWorld(), smallMatrix()
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := ReadProfile("p.yaml", data)
		if err != nil {
			if !strings.Contains(err.Error(), "p.yaml:") {
				t.Errorf("an error that names no place: %v", err)
			}
			return
		}
		if _, err := EvaluateWith(w, m, DefaultTarget().With(p.Target), p); err != nil {
			t.Errorf("accepted, but: %v", err)
		}
	})
}

package reporttest

import (
	"testing"
	"time"

	"readiness/checks"
	"readiness/checks/track"
	"readiness/report"
	"readiness/scan"
)

// profileYAML is what somebody decided for the engagement.
const profileYAML = `title: Engagement of the test
assumptions: Figures of the test.
thresholds:
  size-repository-over-5gib: 4 GiB
severities:
  users-bots-and-service-accounts: high
checks-off:
  - {check: users-personal-credentials, reason: agreed at kickoff}
efforts:
  - {kind: once, party: partner, hours: {low: 4, high: 12}}
  - {kind: per-project, party: customer, hours: {low: 0.5, high: 1}, note: acceptance}
questions:
  - {id: change-board, question: Does the board meet?, who: the release manager, why: Nobody else may announce a freeze.}
other-sources:
  bitbucket-server: {prs: 1300}
`

// Engaged builds the report of the scan as the middle of an engagement has it:
// with a profile, an earlier scan, a destination that was read, another target
// beside, and words of people for rows that are gone.
func Engaged(t testing.TB) *report.Report {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	earlier := New()
	earlier.Head.Hash = "0" + earlier.Head.Hash[1:]
	earlier.Head.Started, earlier.Head.Finished = earlier.Head.Started.AddDate(0, 0, -14), earlier.Head.Finished.AddDate(0, 0, -14)
	earlier.ProjectsIn[1].Path = "platform/old-tool"
	earlier.ProjectsIn = earlier.ProjectsIn[:len(earlier.ProjectsIn)-1]
	before := Judge(earlier)
	before.Findings = before.Findings[1:]

	inv := New()
	j := Judge(inv)
	var err error
	j.Profile, err = checks.ReadProfile("engagement.yaml", []byte(profileYAML))
	must(err)
	j.Target.Read = &scan.Destination{URL: "https://new.example.com", Parent: "acme", ReadAt: Start.Add(2 * time.Hour),
		Version: scan.Known(scan.MustVersion("19.5")), Plan: scan.Known("ultimate"), Seats: scan.Known(int64(50)),
		SeatsUsed:      scan.Missing[int64](refused("GET /license", "an administrator's token")),
		DirectTransfer: scan.Known(true), MaxImportSize: scan.Known(int64(5 << 30)), Taken: scan.Known([]string{"acme/tool", Hostile[0]})}
	for _, f := range j.Target.Read.Facts() {
		known(f.Title, f.Read)
	}
	course := track.Compare(before, j)
	previous, err := track.Beside("the scan before", track.Judged{Judgement: before, Inventory: earlier}, track.Judged{Judgement: j, Inventory: inv}, course)
	must(err)

	other := checks.DefaultTarget()
	other.Destination, other.Methods = checks.SelfManaged, j.Target.Methods
	compared, err := checks.Evaluate(inv, Matrix(), other)
	must(err)
	r, err := report.Build(j, inv, report.Options{Version: "0.1.0", Compare: []*checks.Judgement{compared},
		Tracked: &track.Tracked{Course: course, Previous: previous},
		Written: []report.Note{{Sheet: report.SheetProjects, Key: "999", Column: "Wave", Text: "7", About: "platform/gone"},
			{Sheet: report.SheetProjects, Key: "102", Column: "Reason", Text: "=not a formula\nsecond line"}}})
	must(err)
	return r
}

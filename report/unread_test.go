package report_test

import (
	"strings"
	"testing"

	"readiness/checks"
	"readiness/report"
	"readiness/report/reporttest"
	"readiness/scan"
)

// A list that is not whole comes first of all that could not be read, with what
// would cure it, and how long it would be is not made up.
func TestCutListsAreToldFirst(t *testing.T) {
	inv := reporttest.New()
	j := reporttest.Judge(inv)
	const cure = "the source fails on the one with id 17"
	j.Coverage.Lists = []checks.CutList{{Level: scan.LevelProject, Listed: 1299,
		Gap: scan.Gap{Reason: scan.ReasonFailed, Status: 500, Endpoint: scan.ReadProjects, Cure: cure}}}
	r, err := report.Build(j, inv, report.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if u := r.Summary.Unread[0]; u.Subjects() != "list of projects" || !strings.Contains(u.Title, "1,299 listed") || u.Cure != cure {
		t.Errorf("the summary's first is %+v", u)
	}
	s, _ := r.Sheet(report.SheetNotAssessed)
	var words []string
	for row := range s.Rows {
		for _, cell := range row {
			words = append(words, cell.String())
		}
		break
	}
	want := "Could not be read|List of projects|Project|not known|1,299 listed, which need not be all: the request failed.|" + cure + "|500|" + scan.ReadProjects + "|"
	if got := strings.Join(words, "|"); got != want {
		t.Errorf("the first row is %q, want %q", got, want)
	}
}

package advice

import (
	"slices"
	"strings"
	"testing"
	"time"

	"readiness/checks"
	"readiness/checks/matrix"
	"readiness/scan"
)

func TestWave(t *testing.T) {
	at := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	methods := func(direct, congregate checks.MethodState) []checks.MethodVerdict {
		return []checks.MethodVerdict{
			{ID: matrix.DirectTransfer, Title: "Direct transfer", InPlay: true, State: direct, Reason: "Because."},
			{ID: matrix.Congregate, Title: "Congregate", InPlay: true, State: congregate, Reason: "Because."},
			{ID: matrix.Geo, Title: "Geo", InPlay: true, State: checks.Impossible, Reason: "Never."},
			{ID: matrix.FileExport, Title: "File export", State: checks.NoKnownLoss},
		}
	}
	for name, c := range map[string]struct {
		methods []checks.MethodVerdict
		found   []string
		ended   bool
		go_     bool
		reason  string
	}{
		"all well":          {methods(checks.Losses, checks.NoKnownLoss), []string{"12", "a/b"}, true, true, ""},
		"one way is enough": {methods(checks.Blocked, checks.Losses), []string{"12", "a/b"}, true, true, ""},
		"blocked":           {methods(checks.Blocked, checks.Blocked), []string{"12", "a/b"}, true, false, "Direct transfer: Because. Congregate: Because."},
		"not assessed":      {methods(checks.NotAssessed, checks.Blocked), []string{"12", "a/b"}, true, false, "Direct transfer: Because."},
		"one is missing":    {methods(checks.Losses, checks.Losses), []string{"a/b"}, true, false, "1 of 2 listed projects are not there, hidden, or called otherwise by now: 12."},
		"did not end":       {methods(checks.Losses, checks.Losses), []string{"12", "a/b"}, false, false, "The scan did not end."},
	} {
		j := &checks.Judgement{Methods: c.methods, Meta: scan.Meta{Scope: scan.Scope{Projects: []string{"12", "a/b"}}, Finished: at}}
		if !c.ended {
			j.Meta.Finished = time.Time{}
		}
		found := map[string]bool{}
		for _, f := range c.found {
			found[f] = true
		}
		w := wave(j, found)
		if w.Go != c.go_ || !strings.Contains(strings.Join(w.Reasons, " "), c.reason) || c.go_ && len(w.Reasons) > 0 {
			t.Errorf("%s: %+v", name, w)
		}
		if slices.Contains(w.Methods, matrix.FileExport) || slices.Contains(w.Methods, matrix.Geo) {
			t.Errorf("%s: goes by %v", name, w.Methods)
		}
	}
	if wave(&checks.Judgement{}, nil) != nil {
		t.Error("a scan of everything is no wave")
	}
	found := map[string]bool{}
	names(found, []string{"12", "a/b"}, &scan.Project{ID: 12, Path: "c/d"})
	names(found, []string{"12", "a/b"}, &scan.Project{ID: 13, Path: "a/b"})
	if !found["12"] || !found["a/b"] || len(found) != 2 {
		t.Errorf("found %v", found)
	}
}

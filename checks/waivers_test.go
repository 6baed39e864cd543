package checks

import (
	"slices"
	"strings"
	"testing"
	"time"

	"readiness/scan"
)

const waived = "size-repository-over-5gib"

// largeWorld is in order but that two repositories are too large.
func largeWorld() *world {
	w := soundWorld()
	for i, p := range w.projects[:2] {
		p.ID, p.Path, p.RepositorySize = int64(70+i), []string{"acme/a", "acme/sub/b"}[i], scan.Known[int64](relationLimit+1)
	}
	return w
}

func judgedBy(t *testing.T, w *world, d Decisions) *Judgement {
	t.Helper()
	j, err := EvaluateBy(w, smallMatrix(), DefaultTarget(), nil, d)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func readWaivers(t *testing.T, text string) *Waivers {
	t.Helper()
	w, err := ReadWaivers("waivers.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestWaivers(t *testing.T) {
	for name, c := range map[string]struct {
		subject, until string
		waives         []int64
		finding        string // what is wrong with the waiver itself
	}{
		"by path":             {"acme/a", "2026-11-01", []int64{70}, ""},
		"by id":               {"71", "2026-11-01", []int64{71}, ""},
		"below a group":       {"acme/sub/*", "2026-11-01", []int64{71}, ""},
		"below a group above": {"acme/*", "2027-01-01", []int64{70, 71}, ""},
		"all":                 {"'*'", "2027-01-01", []int64{70, 71}, ""},
		"over":                {"acme/a", "2026-10-31", nil, "waiver-expired"},
		"another project":     {"acme/c", "2027-01-01", nil, "waiver-without-effect"},
	} {
		t.Run(name, func(t *testing.T) {
			w := readWaivers(t, "waivers: [{check: "+waived+", subject: "+c.subject+", reason: agreed, approved-by: The board, until: "+c.until+"}]")
			j := judgedBy(t, largeWorld(), Decisions{Waivers: w})
			var got []int64
			var wrong string
			for _, f := range j.Findings {
				if f.Decision != nil {
					got = append(got, f.ID)
					if f.Check != waived || f.Decision.Ruling != RulingWaived || !strings.Contains(f.Decision.Why, "agreed; approved by The board, until "+c.until) {
						t.Errorf("%+v", f)
					}
				}
				if strings.HasPrefix(f.Check, "waiver-") {
					wrong += f.Check
					if f.Remedy == "" || f.Why == "" || !strings.Contains(f.Evidence, waived) {
						t.Errorf("%+v", f)
					}
				}
			}
			slices.Sort(got)
			if !slices.Equal(got, c.waives) || wrong != c.finding {
				t.Errorf("waives %v, says %q", got, wrong)
			}
			for _, m := range j.Methods {
				if blocked := slices.Contains(m.Blockers, waived); blocked && len(c.waives) == 2 || strings.Contains(m.Reason, "Waived and not counted") && len(c.waives) == 0 {
					t.Errorf("%s: %v, %s", m.ID, m.Blockers, m.Reason)
				}
			}
			for _, p := range largeWorld().projects[:2] {
				for _, v := range j.Project(p) {
					if v.Method == "direct_transfer" && (v.State == Blocked) == slices.Contains(c.waives, p.ID) {
						t.Errorf("project %d is %s", p.ID, v.State)
					}
				}
			}
		})
	}
}

func TestWaiversThatAreRefused(t *testing.T) {
	for text, want := range map[string]string{
		"waivers: [{check: nothing-such, subject: a, reason: r, approved-by: b, until: 2026-01-01}]":                             "waivers.yaml:1: unknown check",
		"waivers: [{check: version-direct-transfer-minor-gap, subject: instance, reason: r, approved-by: b, until: 2026-01-01}]": "cannot be waived",
		"waivers: [{check: network-allow-lists, subject: instance, reason: r, approved-by: b, until: 2026-01-01}]":               "it asks people",
		"waivers: [{check: " + waived + ", subject: a, reason: r, approved-by: b}]":                                              "a waiver needs check, subject, reason, approved-by and until",
		"waivers: [{check: " + waived + ", subject: a, reason: r, approved-by: b, until: soon}]":                                 "is not a date",
		"waivers: [{check: " + waived + ", subject: a, reason: r, approved: b, until: 2026-01-01}]":                              `no field "approved"`,
		"waive: []": `no field "waive"`,
		"gaps: [{fact: project.unicorns, reason: r, approved-by: b, until: 2026-01-01}]": "unknown fact",
	} {
		if _, err := ReadWaivers("waivers.yaml", []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

// TestAcceptedGaps accepts what could not be read for the exit code alone: the
// verdict stays as unsure as it was.
func TestAcceptedGaps(t *testing.T) {
	w := soundWorld()
	w.projects[0].Issues = scan.Missing[int64](scan.Gap{Reason: scan.ReasonForbidden, Endpoint: "GET /x"})
	accept := readWaivers(t, "gaps: [{fact: project.issues, reason: r, approved-by: b, until: 2026-11-01}]")
	j := judgedBy(t, w, Decisions{Waivers: accept})
	day := func(d int) time.Time { return time.Date(2026, 11, d, 23, 0, 0, 0, time.UTC) }
	if j.Coverage.Complete || !accept.Accepted(j.Coverage, day(1)) || accept.Accepted(j.Coverage, day(2)) {
		t.Errorf("complete %v, accepted %v, later %v", j.Coverage.Complete, accept.Accepted(j.Coverage, day(1)), accept.Accepted(j.Coverage, day(2)))
	}
	w.projects[1].Pipelines = scan.Missing[int64](scan.Gap{Reason: scan.ReasonForbidden, Endpoint: "GET /x"})
	if j := judgedBy(t, w, Decisions{Waivers: accept}); accept.Accepted(j.Coverage, day(1)) {
		t.Error("a gap that nobody named is accepted")
	}
	w = soundWorld()
	w.meta.Walks[1].Gap = &scan.Gap{Reason: scan.ReasonFailed}
	if j := judgedBy(t, w, Decisions{Waivers: accept}); accept.Accepted(j.Coverage, day(1)) {
		t.Error("a list that was cut is accepted")
	}
}

func FuzzReadWaivers(f *testing.F) {
	f.Add([]byte("waivers: [{check: " + waived + ", subject: acme/a, reason: agreed, approved-by: b, until: 2026-11-01}]"))
	f.Add([]byte("gaps:\n  - {fact: project.issues, reason: r, approved-by: b, until: 2026-11-01}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		w, err := ReadWaivers("w", data)
		if (w == nil) == (err == nil) {
			t.Fatal(w, err)
		}
	})
}

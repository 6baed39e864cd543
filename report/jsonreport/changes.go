package jsonreport

import (
	"fmt"
	"io"
	"time"

	"readiness/checks"
	"readiness/checks/track"
	"readiness/report"
	"readiness/scan"
)

// finding is a finding with what has become of it. Only what is violated has a
// state: what is unknown says so itself, and a question has no course.
type finding struct {
	checks.Finding
	State track.State `json:"state,omitempty"`
	Note  string      `json:"state_note,omitempty"`
	First *time.Time  `json:"first_found,omitempty"` // end of the scan that found it first, where there are several
}

func findingOf(f checks.Finding, t *track.Tracked) finding {
	f.Methods, f.Docs = list(f.Methods), list(f.Docs)
	out := finding{Finding: f}
	if t == nil || f.Verdict != checks.Violated {
		return out
	}
	if thread := t.Course.Of(f.Fingerprint); thread != nil {
		out.State, out.Note = thread.State, thread.Note
		if len(t.Course.Points()) > 1 {
			first := thread.First.UTC()
			out.First = &first
		}
	}
	return out
}

// changes are what has changed since an earlier scan.
type changes struct {
	Against  string        `json:"against"`
	Ended    time.Time     `json:"ended"`
	Snapshot string        `json:"snapshot_sha256"`
	Sums     []sum         `json:"sums"` // null: the scans cover different parts of the instance
	Findings []change      `json:"findings"`
	Subjects []track.Shift `json:"subjects"`
}

// sum is one amount of both scans.
type sum struct {
	Name       string     `json:"name"`
	Unit       scan.Unit  `json:"unit"`
	Before     scan.Total `json:"before"`
	After      scan.Total `json:"after"`
	Difference *int64     `json:"difference"` // null: one of the two is not whole
	Limit      string     `json:"change_request_over,omitempty"`
	Over       bool       `json:"change_request,omitempty"`
	Without    []string   `json:"without,omitempty"` // kinds of storage that are not in the sums
}

// change is a finding whose state or evidence has changed.
type change struct {
	Fingerprint string          `json:"fingerprint"`
	Check       string          `json:"check"`
	Severity    checks.Severity `json:"severity"`
	Level       scan.Level      `json:"level"`
	ID          int64           `json:"id"`
	Path        string          `json:"path"`
	State       track.State     `json:"state"`
	Note        string          `json:"note,omitempty"`
	Before      string          `json:"evidence_before,omitempty"`
	Evidence    string          `json:"evidence"` // of a finding that is not there any more: the last one
}

func changesOf(p *track.Comparison) changes {
	c := changes{Against: p.Name, Ended: p.Ended.UTC(), Snapshot: p.Snapshot, Findings: []change{}, Subjects: list(p.Shifts)}
	for _, m := range p.Metrics {
		s := sum{Name: m.Name, Unit: m.Unit, Before: m.Before, After: m.After, Without: m.Without}
		if m.Limit != nil {
			s.Limit = m.Limit.String()
		}
		if d := m.Difference(); !d.Unknown {
			s.Difference, s.Over = &d.Amount, d.Over
		}
		c.Sums = append(c.Sums, s)
	}
	for _, t := range p.Course.Changes() {
		f := t.Finding
		c.Findings = append(c.Findings, change{f.Fingerprint, f.Check, f.Severity, f.Level, f.ID, f.Path, t.State, t.Note, t.Before, f.Evidence})
	}
	return c
}

// tracked writes what the scans before say: the course of the findings, and what
// has changed since the scan before and since the baseline.
func (s *stream) tracked(t *track.Tracked) {
	if t == nil || len(t.Course.Points()) < 2 && t.Baseline == nil {
		return
	}
	s.field("progress", t.Course.Points())
	if t.Previous != nil {
		s.field("changes", changesOf(t.Previous))
	}
	if t.Baseline != nil {
		s.field("baseline", changesOf(t.Baseline))
	}
}

// ChangesSchema names the form of the document that WriteChanges writes.
const ChangesSchema = "readiness-changes/1"

// WriteChanges writes what has changed between two scans, for programs. worse
// counts the findings that are new or there again at or above failOn.
func WriteChanges(w io.Writer, j *checks.Judgement, r *report.Report, t *track.Tracked, failOn checks.Severity) error {
	s := newStream(w)
	s.raw("{")
	s.field("schema", ChangesSchema)
	s.field("source", sourceOf(j, r))
	s.field("target", j.Target)
	s.field("fail_on", failOn)
	s.field("worse", len(t.Course.Worse(failOn)))
	s.tracked(t)
	s.raw("\n}\n")
	if s.err == nil {
		s.err = s.w.Flush()
	}
	if s.err != nil {
		return fmt.Errorf("write the JSON report: %w", s.err)
	}
	return nil
}

// plannedOf gives a plan without waves an empty list of them.
func plannedOf(p checks.Planned) checks.Planned {
	p.Waves = list(p.Waves)
	return p
}

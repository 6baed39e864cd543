package checks

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"readiness/checks/yamlfile"
	"readiness/scan"
)

// Waivers are findings and gaps that somebody accepts, each until a day.
type Waivers struct {
	Name string // of the file
	All  []Waiver
	Gaps []AcceptedGap
}

// Waiver accepts what one check finds at one subject, or at several.
type Waiver struct {
	Check string
	// Subject is a full path, a username or an id; "group/*" for all below a group;
	// "*" for every subject; "instance" for the instance.
	Subject  string
	Reason   string
	Approved string    // by whom
	Until    time.Time // the last day on which it holds
}

// AcceptedGap accepts that a fact could not be read, for the exit code only: what
// the gap leaves open stays open.
type AcceptedGap struct {
	Fact     scan.FactID
	Reason   string
	Approved string
	Until    time.Time
}

// Waivable reports whether somebody may accept what the check finds. A blocker of
// the instance as a whole means that a method does not work, whoever accepts it:
// take the method out of play instead. A profile's severity changes nothing in it.
func (k Check) Waivable() bool { return k.Severity != Blocker || k.Level != scan.LevelInstance }

// ReadWaivers reads waivers from YAML; name is the file's, for errors and for the
// report. Everything that is not known is an error that names the line.
func ReadWaivers(name string, data []byte) (*Waivers, error) {
	d := yamlfile.Parse(name, data)
	w := &Waivers{Name: name}
	if d.Err == nil && d.Root != nil {
		for f := range d.Fields(d.Root, "the waivers") {
			switch f.Key {
			case "waivers":
				for e := range d.Elements(f.Value, f.Key) {
					w.All = append(w.All, readWaiver(d, e))
				}
			case "gaps":
				for e := range d.Elements(f.Value, f.Key) {
					w.Gaps = append(w.Gaps, readAcceptedGap(d, e))
				}
			default:
				d.Unknown(f, "the waivers", "waivers", "gaps")
			}
		}
	}
	if d.Err != nil {
		return nil, fmt.Errorf("read the waivers: %w", d.Err)
	}
	return w, nil
}

func readWaiver(d *yamlfile.Document, n ast.Node) Waiver {
	const what = "a waiver"
	var w Waiver
	for f := range d.Fields(n, what) {
		switch f.Key {
		case "check":
			w.Check = d.Text(f.Value, f.Key)
			all := All()
			i := slices.IndexFunc(all, func(k Check) bool { return k.ID == w.Check })
			switch {
			case i < 0:
				d.Fail(f.Value, "unknown check %.60q; 'readiness checks' lists them all", w.Check)
			case !all[i].Judges():
				d.Fail(f.Value, "%s finds nothing, it asks people: give its answer in the answers", w.Check)
			case !all[i].Waivable():
				d.Fail(f.Value, "%s cannot be waived: its methods do not work until it is remedied; take them out of play with --method", w.Check)
			}
		case "subject":
			w.Subject = strings.Trim(d.Text(f.Value, f.Key), "/")
		case "reason":
			w.Reason = d.Text(f.Value, f.Key)
		case "approved-by":
			w.Approved = d.Text(f.Value, f.Key)
		case "until":
			w.Until = day(d, f)
		default:
			d.Unknown(f, what, "check", "subject", "reason", "approved-by", "until")
		}
	}
	if w.Check == "" || w.Subject == "" || w.Reason == "" || w.Approved == "" || w.Until.IsZero() {
		d.Fail(n, "%s needs check, subject, reason, approved-by and until", what)
	}
	return w
}

func readAcceptedGap(d *yamlfile.Document, n ast.Node) AcceptedGap {
	const what = "an accepted gap"
	var g AcceptedGap
	for f := range d.Fields(n, what) {
		switch f.Key {
		case "fact":
			g.Fact = scan.FactID(d.Text(f.Value, f.Key))
			if _, known := scan.Lookup(g.Fact); !known {
				d.Fail(f.Value, "unknown fact %.60q; the report's JSON lists them under coverage.gaps", string(g.Fact))
			}
		case "reason":
			g.Reason = d.Text(f.Value, f.Key)
		case "approved-by":
			g.Approved = d.Text(f.Value, f.Key)
		case "until":
			g.Until = day(d, f)
		default:
			d.Unknown(f, what, "fact", "reason", "approved-by", "until")
		}
	}
	if g.Fact == "" || g.Reason == "" || g.Approved == "" || g.Until.IsZero() {
		d.Fail(n, "%s needs fact, reason, approved-by and until", what)
	}
	return g
}

func day(d *yamlfile.Document, f yamlfile.Field) time.Time {
	t, err := time.Parse(time.DateOnly, d.Day(f.Value, f.Key))
	if err != nil {
		return time.Time{} // the document has kept the error
	}
	return t
}

// holds reports whether a day is not after the last one on which something holds.
func holds(until, asOf time.Time) bool { return !asOf.UTC().Truncate(24 * time.Hour).After(until) }

// matches reports whether the waiver is about the subject.
func (w Waiver) matches(check string, s scan.Subject) bool {
	if w.Check != check {
		return false
	}
	if s.Level() == scan.LevelInstance {
		return w.Subject == "instance" || w.Subject == "*"
	}
	if above, below := strings.CutSuffix(w.Subject, "/*"); below {
		return strings.HasPrefix(s.Address(), above+"/")
	}
	return w.Subject == "*" || w.Subject == s.Address() || w.Subject == strconv.FormatInt(s.Key(), 10)
}

// of says which waiver accepts a finding, nil if none does on the day.
func (w *Waivers) of(check string, s scan.Subject, asOf time.Time) *Decision {
	if w == nil {
		return nil
	}
	for _, one := range w.All {
		if one.matches(check, s) && holds(one.Until, asOf) {
			return &Decision{RulingWaived, fmt.Sprintf("%s; approved by %s, until %s", one.Reason, one.Approved, one.Until.Format(time.DateOnly))}
		}
	}
	return nil
}

// findings are what is wrong with the waivers themselves: those that are over
// although what they accepted is still there, and those that match nothing.
func (w *Waivers) findings(found []Finding, asOf time.Time, t Target) []Finding {
	if w == nil {
		return nil
	}
	var all []Finding
	for _, one := range w.All {
		matched := slices.ContainsFunc(found, func(f Finding) bool { return f.Verdict == Violated && one.matches(f.Check, addressed{f}) })
		all = append(all, w.judge(matched, one.Until, asOf, t, one.Check+", "+one.Subject)...)
	}
	return all
}

// gapFindings are the same for accepted gaps.
func (w *Waivers) gapFindings(c Coverage, asOf time.Time, t Target) []Finding {
	if w == nil {
		return nil
	}
	var all []Finding
	for _, one := range w.Gaps {
		matched := slices.ContainsFunc(c.Gaps, func(g GapCount) bool { return g.Fact == one.Fact })
		all = append(all, w.judge(matched, one.Until, asOf, t, "unread "+string(one.Fact))...)
	}
	return all
}

// judge says what is wrong with one waiver, if anything is.
func (w *Waivers) judge(matched bool, until, asOf time.Time, t Target, what string) []Finding {
	f := Finding{Verdict: Violated, Level: scan.LevelInstance, Path: w.Name, Methods: t.Methods, Docs: []string{},
		Evidence: fmt.Sprintf("%s, until %s", what, until.Format(time.DateOnly))}
	switch {
	case !matched:
		f.Check, f.Title, f.Severity = "waiver-without-effect", "Waiver matches nothing", Low
		f.Why = "What it accepted is remedied, or its subject is called otherwise and what is found there counts."
		f.Remedy = "Remove it, or give the subject's id instead of its path."
	case !holds(until, asOf):
		f.Check, f.Title, f.Severity = "waiver-expired", "Waiver is over", Medium
		f.Why = "What it accepted is there and counts again."
		f.Remedy = "Remedy what it accepted, or have it approved anew with another day."
	default:
		return nil
	}
	f.Fingerprint = fingerprint(f.Check, scan.LevelInstance, "0", f.Evidence)
	return []Finding{f}
}

// addressed is a finding's subject, as far as waivers ask.
type addressed struct{ f Finding }

func (a addressed) Level() scan.Level { return a.f.Level }
func (a addressed) Key() int64        { return a.f.ID }
func (a addressed) Address() string   { return a.f.Path }
func (a addressed) Link() string      { return a.f.URL }

// Accepted reports whether every gap that keeps the coverage from being complete
// is accepted on the day. The walks must have ended: what was never listed cannot
// be accepted fact by fact.
func (w *Waivers) Accepted(c Coverage, asOf time.Time) bool {
	if w == nil || len(c.Gaps) == 0 {
		return false
	}
	for _, walk := range c.Walks {
		if !walk.Done || walk.Gap != nil {
			return false
		}
	}
	return !slices.ContainsFunc(c.Gaps, func(g GapCount) bool {
		return !slices.ContainsFunc(w.Gaps, func(a AcceptedGap) bool { return a.Fact == g.Fact && holds(a.Until, asOf) })
	})
}

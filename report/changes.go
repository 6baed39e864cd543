package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"readiness/checks"
	"readiness/checks/track"
	"readiness/scan"
)

// SheetChanges is the sheet of what has changed since earlier scans.
const SheetChanges = "Changes"

// findingState words what has become of a finding.
func (b *builder) findingState(f checks.Finding) Cell {
	if f.Verdict == checks.Unknown {
		return verdictCell(f.Verdict)
	}
	t := b.course().Of(f.Fingerprint)
	if t == nil {
		return verdictCell(f.Verdict)
	}
	return trackCell(t.State)
}

// findingNote says why a finding's state is what it is, and since when it is there.
func (b *builder) findingNote(f checks.Finding) Cell {
	t := b.course().Of(f.Fingerprint)
	if t == nil || f.Verdict == checks.Unknown {
		return Cell{}
	}
	words := t.Note
	if len(b.course().Points()) > 1 && t.State != track.New {
		words = strings.TrimPrefix(words+"; found first on "+t.First.UTC().Format(time.DateOnly), "; ")
	}
	return TextCell(words)
}

// course is that of all scans that are known, nil if nobody looked.
func (b *builder) course() *track.Course {
	if b.opt.Tracked == nil {
		return nil
	}
	return b.opt.Tracked.Course
}

// trackCell words a state.
func trackCell(s track.State) Cell {
	c := TextCell(upperFirst(string(s)))
	switch s {
	case track.Regressed:
		return c.Toned(Bad)
	case track.New:
		return c.Toned(Caution)
	case track.Resolved:
		return c.Toned(Good)
	case track.NotAssessed:
		return c.Toned(Unknown)
	case track.Waived, track.OutOfScope, track.Gone:
		return c.Toned(Muted)
	}
	return c
}

// trackLines say on the first page what has changed since the scan before, and
// how far the source has drifted from the baseline.
func (b *builder) trackLines() []Line {
	t := b.opt.Tracked
	if t == nil {
		return nil
	}
	var lines []Line
	if p := t.Previous; p != nil {
		lines = append(lines, Line{"Changes", changedCell(p)})
		if words := sumsWords(p); words != "" {
			lines = append(lines, Line{"Drift", dueCell(p, words)})
		}
	}
	if p := t.Baseline; p != nil {
		lines = append(lines, Line{"Baseline", driftCell(p)})
	}
	return lines
}

// changedCell counts what has become of the findings.
func changedCell(p *track.Comparison) Cell {
	counts := map[track.State]int64{}
	var graver int64
	var untold int64
	for _, t := range p.Course.Changes() {
		if t.Untold {
			untold++
		}
		if !t.Changed {
			continue
		}
		counts[t.State]++
		if (t.State == track.New || t.State == track.Regressed) && t.Finding.Severity == checks.Blocker {
			graver++
		}
	}
	points := p.Course.Points()
	var open int64
	for _, n := range points[len(points)-1].Open {
		open += n
	}
	var parts []string
	for _, s := range []track.State{track.Resolved, track.New, track.Regressed, track.Gone, track.Waived, track.OutOfScope, track.NotAssessed} {
		if n := counts[s]; n > 0 {
			parts = append(parts, fmt.Sprintf("%s %s", Thousands(n), s))
		}
	}
	if untold > 0 {
		parts = append(parts, Thousands(untold)+" told for the first time, whether they are new is not known")
	}
	if len(parts) == 0 {
		parts = append(parts, "no finding has changed")
	}
	words := fmt.Sprintf("since %s: %s; %s to work off", p.Ended.UTC().Format(time.DateOnly), strings.Join(parts, ", "), Many(open, "finding", "findings"))
	if graver > 0 {
		return TextCell(fmt.Sprintf("%s; %s among the new", words, Many(graver, "blocker", "blockers"))).Toned(Bad)
	}
	return TextCell(words)
}

// driftCell says how far the source is from what was signed.
func driftCell(p *track.Comparison) Cell {
	if p.Metrics == nil {
		return GapCell(fmt.Sprintf("%s of %s covers another part of the instance: nothing follows from a difference", p.Name, p.Ended.UTC().Format(time.DateOnly)))
	}
	parts := sumsWords(p)
	if parts == "" {
		parts = "no sum has changed"
	}
	return dueCell(p, fmt.Sprintf("against %s of %s: %s", p.Name, p.Ended.UTC().Format(time.DateOnly), parts))
}

// dueCell says beside how far the sums have grown whether a change request is due.
func dueCell(p *track.Comparison, words string) Cell {
	if over := overLimit(p); len(over) > 0 {
		return TextCell(fmt.Sprintf("%s. A change request is due by the profile's limits: %s", words, strings.Join(over, ", "))).Toned(Bad)
	}
	return TextCell(words)
}

// sumsWords says how the sums of two scans differ, "" if they do not.
func sumsWords(p *track.Comparison) string {
	var parts []string
	for _, m := range p.Metrics {
		if d := differenceWords(m); d != "" {
			parts = append(parts, m.Name+" "+d)
		}
	}
	return strings.Join(parts, ", ")
}

// overLimit names the sums that have grown by more than somebody stated.
func overLimit(p *track.Comparison) []string {
	var names []string
	for _, m := range p.Metrics {
		if m.Difference().Over {
			names = append(names, m.Name)
		}
	}
	return names
}

// differenceWords is how a metric has changed, "" if it has not.
func differenceWords(m track.Metric) string {
	d := m.Difference()
	if d.Unknown {
		return "not known"
	}
	if d.Amount == 0 {
		return ""
	}
	words := signed(d.Amount, m.Unit)
	if d.Share != 0 {
		words += fmt.Sprintf(" (%+.1f %%)", d.Share*100)
	}
	if d.Over {
		words += ", over " + m.Limit.String()
	}
	return words
}

// signed is an amount with its sign.
func signed(n int64, u scan.Unit) string {
	sign := "+"
	if n < 0 {
		sign, n = "-", -n
	}
	if u == scan.Bytes {
		return sign + Size(n)
	}
	return sign + Thousands(n)
}

// change is one line of the sheet.
type change struct {
	against  string
	what     Cell
	of       string
	severity Cell
	id       Cell
	subject  string
	before   Cell
	after    Cell
	note     string
}

// addChanges adds what has changed since earlier scans: sums, findings, and what
// there is.
func (b *builder) addChanges() error {
	s := Sheet{Name: SheetChanges, Title: "What has changed", Frozen: 2,
		Note: "All scans are judged by the checks, matrix and target of this report, so that what the program has learnt is no news. Resolved: looked for and not found any more. Gone: the subject was deleted, archived or migrated. Not assessed: found before, and this scan could not tell."}
	t := b.opt.Tracked
	if t == nil || t.Previous == nil && t.Baseline == nil {
		b.add(s, "There is no earlier scan to compare with.")
		return nil
	}
	var all []change
	for _, p := range []*track.Comparison{t.Previous, t.Baseline} {
		if p != nil {
			all = append(all, b.changes(p)...)
		}
	}
	if len(all) == 0 {
		b.add(s, "Nothing has changed.")
		return nil
	}
	cols := []column[change]{
		col("Change", Text, 14, func(c change) Cell { return c.what }),
		col("Severity", Text, 10, func(c change) Cell { return c.severity }),
		long("What", 48, func(c change) Cell { return TextCell(c.subject) }),
		col("Of", Text, 12, func(c change) Cell { return TextCell(c.of) }),
		col("Id", ID, 9, func(c change) Cell { return c.id }),
		long("Before", 40, func(c change) Cell { return c.before }),
		long("Now", 40, func(c change) Cell { return c.after }),
		long("Note", 44, func(c change) Cell { return TextCell(c.note) }),
		col("Against", Text, 26, func(c change) Cell { return TextCell(c.against) }),
	}
	s.Columns, s.Rows = headers(cols), rows(cols, each(all))
	b.add(s, "")
	return nil
}

// changes lists the changes against one earlier scan.
func (b *builder) changes(p *track.Comparison) []change {
	against := p.Name + ", " + p.Ended.UTC().Format(time.DateOnly)
	var all []change
	if p.Metrics == nil {
		all = append(all, change{against: against, what: GapCell("not compared"), of: "sum", note: "the two scans cover different parts of the instance"})
	}
	for _, m := range p.Metrics {
		if words := differenceWords(m); words != "" {
			c := change{against: against, what: TextCell(words), of: "sum", subject: upperFirst(m.Name),
				before: totalCell(m.Before, m.Unit), after: totalCell(m.After, m.Unit)}
			if m.Difference().Over {
				c.what = c.what.Toned(Bad)
				c.note = "a change request is due by the profile's limit of " + m.Limit.String()
			}
			if len(m.Without) > 0 {
				c.note = strings.TrimPrefix(c.note+"; without what not both scans could tell: "+strings.Join(m.Without, ", "), "; ")
			}
			all = append(all, c)
		}
	}
	for _, t := range p.Course.Changes() {
		f := t.Finding
		c := change{against: against, what: trackCell(t.State), of: "finding", severity: severityCell(f.Severity),
			subject: f.Title, id: b.findingID(f), note: t.Note}
		if f.Level != scan.LevelInstance {
			c.subject += ": " + f.Path
		}
		switch {
		case !t.Changed:
			c.what, c.before, c.after = TextCell("Other evidence"), TextCell(t.Before), TextCell(f.Evidence)
		case t.Made:
			c.before, c.after = TextCell(t.Before), TextCell(f.Evidence)
		default:
			c.before = TextCell(f.Evidence)
		}
		all = append(all, c)
	}
	for _, s := range p.Shifts {
		if s.Move == track.Unseen && p.Metrics == nil {
			continue // the scan was not asked about it
		}
		one, _ := levelNoun(s.Level)
		c := change{against: against, what: TextCell(upperFirst(string(s.Move))), of: one, subject: s.After, before: TextCell(s.Before), after: TextCell(s.After)}
		if s.After == "" {
			c.subject = s.Before
		}
		if s.Move == track.Unseen {
			c.what, c.note = c.what.Toned(Unknown), "the scan did not cover it, or may not see it"
		}
		c.id = b.idCell(s.Level, s.ID)
		all = append(all, c)
	}
	return all
}

// progressChart shows the course of the findings over the scans.
func (b *builder) progressChart() Chart {
	c := Chart{Title: "Progress over the scans", Unit: "findings"}
	course := b.course()
	if course == nil || len(course.Points()) < 2 {
		return c
	}
	shown := []track.State{track.Resolved, track.Gone, track.Waived, track.OutOfScope, track.NotAssessed}
	c.Series = []Series{{Name: "Blockers to work off", Tone: Bad}, {Name: "Others to work off", Tone: Caution},
		{Name: "Resolved", Tone: Good}, {Name: "Gone", Tone: Muted}, {Name: "Waived", Tone: Plain}, {Name: "Out of scope", Tone: Muted}, {Name: "Not assessed", Tone: Unknown}}
	for _, p := range course.Points() {
		c.Categories = append(c.Categories, p.Ended.UTC().Format(time.DateOnly))
		var others int64
		for s, n := range p.Open {
			if s != checks.Blocker {
				others += n
			}
		}
		values := []int64{p.Open[checks.Blocker], others}
		for _, s := range shown {
			values = append(values, p.States[s])
		}
		for i, n := range values {
			c.Series[i].Values = append(c.Series[i].Values, float64(n))
		}
	}
	c.Series = slices.DeleteFunc(c.Series, func(s Series) bool {
		return !slices.ContainsFunc(s.Values, func(v float64) bool { return v > 0 })
	})
	return c
}

// Changes are what an earlier scan and a later one differ in, for whoever wants to
// know that alone.
type Changes struct {
	Title string
	Lines []Line
	Sheet *Sheet // nil: nothing has changed
}

// Changes draws what the report tells of the scan before.
func (r *Report) Changes() Changes {
	c := Changes{Title: Clean("What has changed at " + r.Instance)}
	for _, l := range r.Summary.Facts {
		switch l.Label {
		case "Target", "Scope", "Changes", "Drift":
			c.Lines = append(c.Lines, l)
		case "Scanned":
			c.Lines = append(c.Lines, Line{"Now", l.Value})
		}
	}
	c.Sheet, _ = r.Sheet(SheetChanges)
	return c
}

package report

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"readiness/checks"
	"readiness/checks/advice"
	"readiness/scan"
)

// What people choose from in the columns that they fill in.
var (
	statuses = []string{"open", "in progress", "done", "not needed"}
	decided  = []string{"yes", "no", "partly", "not needed"}
)

// planLines say on the first page what is advised, and what it takes.
func (b *builder) planLines() []Line {
	a := b.out.Advice
	lines := []Line{{"Advice", TextCell(a.Reason)}}
	for _, e := range a.Calendar {
		if e.ID == "total" && e.High > 0 {
			words := span(e.Low, e.High, "working day", "working days")
			if e.Open {
				words = "at least " + words
			}
			lines = append(lines, Line{"Calendar", TextCell(words + ", one thing after the other")})
		}
	}
	return append(lines, Line{"Work", TextCell(b.workWords())})
}

// workWords says how much there is to do by hand.
func (b *builder) workWords() string {
	e := b.out.Advice.Effort
	var parts []string
	steps := 0
	for _, q := range e.Quantities {
		steps += q.Steps
		parts = append(parts, timesWords(q))
	}
	if steps == 0 {
		return "nothing by hand is known from what was read"
	}
	words := fmt.Sprintf("%s of work by hand: %s", Many(int64(steps), "kind", "kinds"), strings.Join(parts, ", "))
	if len(e.Parties) == 0 {
		return words + "; hours need a profile"
	}
	var hours []string
	for _, h := range e.Parties {
		hours = append(hours, fmt.Sprintf("%s %s", h.Party.Title(), span(h.Low, h.High, "hour", "hours")))
	}
	words += "; by the profile's figures " + strings.Join(hours, ", ")
	if len(e.Open) > 0 {
		words += fmt.Sprintf(", without %s that cannot be counted or have no figure", Many(int64(len(e.Open)), "thing", "things"))
	}
	return words
}

// timesWords says how often work of one kind is done.
func timesWords(q advice.Quantity) string {
	c := totalCell(q.Times, scan.Count)
	switch {
	case c.Kind() == Gap:
		return fmt.Sprintf("%s %s", c, kindWords(q.Kind))
	case q.Kind == checks.Once:
		return fmt.Sprintf("%s done once", c)
	}
	return fmt.Sprintf("%s %s %s", c, pick(c.Int(), "time", "times"), kindWords(q.Kind))
}

func kindWords(k checks.ActionKind) string {
	switch k {
	case checks.Once:
		return "once"
	case checks.PerGroup:
		return "by group"
	case checks.PerProject:
		return "by project"
	case checks.PerUser:
		return "by user"
	}
	return string(k)
}

// span words a range of amounts.
func span(low, high float64, one, many string) string {
	if low == high && low == 1 {
		return "1 " + one
	}
	if low == high {
		return decimal(low) + " " + many
	}
	return decimal(low) + " to " + decimal(high) + " " + many
}

// decimal writes a number to a tenth, whole ones without.
func decimal(v float64) string {
	if v == math.Trunc(v) || v >= 100 {
		return Thousands(int64(math.Round(v)))
	}
	return strconv.FormatFloat(v, 'f', 1, 64)
}

// addActions adds what is to be done, a row for each check and top-level group,
// with columns for the people who do it.
func (b *builder) addActions() error {
	all := b.out.Advice.Actions
	s := Sheet{Name: SheetActions, Title: "What to do", Frozen: 2,
		Note: "One row for each check and top-level group, gravest first. Owner, Status, Due and Notes are for the people who do it. The likely contact is whoever owns the group."}
	if len(all) == 0 {
		b.add(s, "Nothing was found that asks for an action.")
		return nil
	}
	cols := []column[advice.Action]{
		col("Severity", Text, 18, func(a advice.Action) Cell {
			if a.Verdict == checks.Unknown {
				return TextCell(upperFirst(string(a.Severity)) + ": not known").Toned(Unknown)
			}
			return severityCell(a.Severity)
		}),
		long("Finding", 40, func(a advice.Action) Cell { return TextCell(a.Title) }),
		col("Group", Text, 24, func(a advice.Action) Cell {
			if a.Group == "" {
				return TextCell(map[bool]string{true: "instance", false: "all"}[a.Level == scan.LevelInstance]).Toned(Muted)
			}
			return TextCell(a.Group)
		}),
		col("How many", Count, 9, func(a advice.Action) Cell { return CountCell(a.Count) }),
		col("Of what", Text, 10, func(a advice.Action) Cell { one, many := levelNoun(a.Level); return TextCell(pick(a.Count, one, many)) }),
		long("What to do", 60, func(a advice.Action) Cell { return TextCell(a.Remedy) }),
		col("Likely contact", Text, 22, b.contactCell),
		long("For example", 34, func(a advice.Action) Cell { return TextCell(strings.Join(a.Examples, ", ")) }),
		col("Hours", Text, 26, func(a advice.Action) Cell { return hoursCell(a.Hours) }),
	}
	cols = append(cols, written(b, SheetActions, b.actionKey, nil, blank[advice.Action]("Owner", 18), blank[advice.Action]("Status", 12, statuses...),
		blank[advice.Action]("Due", 12), blank[advice.Action]("Notes", 34))...)
	cols = append(cols, col("Check", Text, 36, func(a advice.Action) Cell { return TextCell(a.Check) }),
		col("Key", Text, 12, func(a advice.Action) Cell { return TextCell(b.actionKey(a)).Toned(Muted) }))
	s.Printed = 8 // what fits a page; the rest is for the screen
	s.Columns, s.Rows = headers(cols), rows(cols, each(all))
	b.add(s, "")
	return nil
}

func pick(n int64, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// contact says who is likely to see to an action: the owners of the top-level
// groups whose projects and subgroups it is about, whose list GitLab shows to
// whoever may see it; without such a group the administrators; and for what could
// not be read, whoever can give the token more rights.
func contact(unknown bool, groups ...string) string {
	switch {
	case unknown:
		return "whoever issues the token"
	case len(groups) == 0:
		return "administrators"
	case len(groups) == 1:
		return Clean("owners of " + groups[0])
	}
	return "owners of " + Many(int64(len(groups)), "group", "groups")
}

// contactCell is the likely contact for an action.
func (b *builder) contactCell(a advice.Action) Cell {
	var groups []string
	if a.Group != "" {
		groups = []string{a.Group}
	}
	return TextCell(contact(a.Verdict == checks.Unknown, groups...))
}

func hoursCell(hs []advice.Hours) Cell {
	var parts []string
	for _, h := range hs {
		parts = append(parts, h.Party.Title()+": "+span(h.Low, h.High, "hour", "hours"))
	}
	return TextCell(strings.Join(parts, "; "))
}

// planned is a line of the effort or of the calendar.
type planned struct {
	part, what string
	amount     Cell
	high       Cell
	unit, why  string
	source     string
}

// addPlan adds effort and calendar, each line with its assumption.
func (b *builder) addPlan() error {
	a := b.out.Advice
	s := Sheet{Name: SheetPlan, Title: "Effort and calendar", Frozen: 2,
		Note: "Ranges, not promises: each line says what it rests on. Nobody publishes what single steps cost; hours stand here only if a profile states them."}
	var all []planned
	for _, q := range a.Effort.Quantities {
		high := totalCell(q.Times, scan.Count)
		low := high
		if high.AtLeast() {
			low = CountCell(high.Int())
		}
		all = append(all, planned{"work by hand", fmt.Sprintf("%s: %s", upperFirst(kindWords(q.Kind)), Many(int64(q.Steps), "thing to do", "things to do")), low, high, "times in all",
			"findings of checks, and what the recommended method leaves behind", ""})
	}
	for _, h := range a.Effort.Parties {
		all = append(all, planned{"hours", upperFirst(h.Party.Title()), number(h.Low), number(h.High), "hours", a.Effort.Assumptions, ""})
	}
	for _, o := range a.Effort.Open {
		all = append(all, planned{"not in the sums", o, Cell{}, GapCell("open"), "", "", ""})
	}
	for _, e := range a.Calendar {
		high := number(e.High)
		if e.Open {
			high = GapCell("open")
		}
		all = append(all, planned{"calendar", e.What, number(e.Low), high, e.Unit, e.Assumption, e.Source})
	}
	if len(all) == 0 {
		b.add(s, "There is nothing to estimate.")
		return nil
	}
	cols := []column[planned]{
		col("Part", Text, 16, func(p planned) Cell { return TextCell(p.part) }),
		long("What", 48, func(p planned) Cell { return TextCell(p.what) }),
		col("Low", Text, 16, func(p planned) Cell { return p.amount }),
		col("High", Text, 16, func(p planned) Cell { return p.high }),
		col("Unit", Text, 20, func(p planned) Cell { return TextCell(p.unit) }),
		long("Rests on", 70, func(p planned) Cell { return TextCell(p.why) }),
		col("Source", Text, 24, func(p planned) Cell { return sourceCell(p.source) }),
	}
	s.Columns, s.Rows = headers(cols), rows(cols, each(all))
	b.add(s, "")
	return nil
}

// number is an amount that may have a tenth.
func number(v float64) Cell { return TextCell(decimal(v)) }

// settledCell words how far something is settled.
func settledCell(s advice.State) Cell {
	c := TextCell(upperFirst(string(s)))
	switch s {
	case advice.Measured, advice.Told:
		return c.Toned(Good)
	case advice.NotInOrder:
		return c.Toned(Bad)
	case advice.Unread:
		return c.Toned(Unknown)
	case advice.Partly:
		return c.Toned(Caution)
	}
	return c.Toned(Muted)
}

// addScoping adds the questions that scope a migration, with what is known.
func (b *builder) addScoping() error {
	s := Sheet{Name: SheetScoping, Title: "Scoping questions", Frozen: 2,
		Note: "Measured: answered by what was read. Partly: a person has to complete it. Stated: a person's answer. Answer, By and Date are for people; 'answers.yaml' (--answers) holds them for the next run."}
	cols := []column[advice.Question]{
		col("Id", Text, 28, func(q advice.Question) Cell { return TextCell(q.ID) }),
		long("Question", 52, func(q advice.Question) Cell { return TextCell(q.Question) }),
		col("State", Text, 11, func(q advice.Question) Cell { return settledCell(q.State) }),
		long("Known", 60, func(q advice.Question) Cell { return TextCell(q.Answer) }),
		long("Why it matters", 40, func(q advice.Question) Cell { return TextCell(q.Why) }),
	}
	cols = append(cols, written(b, SheetScoping, func(q advice.Question) string { return q.ID },
		func(q advice.Question, header string) string { return statedField(b.opt.Stated, q.ID, header) },
		blank[advice.Question]("Answer", 34), blank[advice.Question]("By", 16), blank[advice.Question]("Date", 12))...)
	s.Columns, s.Rows = headers(cols), rows(cols, each(b.out.Advice.Scoping))
	b.add(s, "")
	return nil
}

// addChecklist adds the tasks of a migration by phase.
func (b *builder) addChecklist() error {
	s := Sheet{Name: SheetChecklist, Title: "Checklist", Frozen: 2,
		Note: "Measured: the checks named found nothing in what was read. A finding stands whatever was stated. Answer, By and Date are for people."}
	cols := []column[advice.Task]{
		col("Id", Text, 26, func(t advice.Task) Cell { return TextCell(t.ID) }),
		col("Phase", Text, 14, func(t advice.Task) Cell { return TextCell(t.Phase) }),
		long("Task", 56, func(t advice.Task) Cell { return TextCell(t.Item) }),
		col("Who", Text, 18, func(t advice.Task) Cell { return TextCell(b.sideWords(t.Party)) }),
		col("State", Text, 13, func(t advice.Task) Cell { return settledCell(t.State) }),
		long("Evidence", 56, func(t advice.Task) Cell { return TextCell(t.Evidence) }),
	}
	cols = append(cols, written(b, SheetChecklist, func(t advice.Task) string { return t.ID },
		func(t advice.Task, header string) string { return statedField(b.opt.Stated, t.ID, header) },
		blank[advice.Task]("Answer", 14, decided...), blank[advice.Task]("By", 16), blank[advice.Task]("Date", 12))...)
	s.Columns, s.Rows = headers(cols), rows(cols, each(b.out.Advice.Checklist))
	b.add(s, "")
	return nil
}

// sideWords names a side as this engagement has it.
func (b *builder) sideWords(p advice.Side) string {
	executor := b.j.Target.Executor
	who := executor.Title()
	if executor == "" {
		who = "whoever executes"
	}
	switch p {
	case advice.Customer:
		return "the customer"
	case advice.Executor:
		return who
	}
	if executor == checks.CustomerP {
		return who
	}
	return "the customer and " + who
}

// moment says when a phase of the checklist is.
func moment(phase string) string {
	switch phase {
	case "waves":
		return "during"
	case "after", "considerations":
		return "after"
	}
	return "before"
}

// addParties adds who has to do what, and when.
func (b *builder) addParties() error {
	s := Sheet{Name: SheetParties, Title: "Who does what", Frozen: 2,
		Note: "The tasks of the checklist by party and time. Before: until kickoff of the first wave. During: in every wave. After: until acceptance."}
	cols := []column[advice.Task]{
		col("Who", Text, 30, func(t advice.Task) Cell { return TextCell(b.sideWords(t.Party)) }),
		col("When", Text, 9, func(t advice.Task) Cell { return TextCell(moment(t.Phase)) }),
		long("Task", 80, func(t advice.Task) Cell { return TextCell(t.Item) }),
		col("State", Text, 13, func(t advice.Task) Cell { return settledCell(t.State) }),
		col("Source", Text, 24, func(t advice.Task) Cell { return sourceCell(first(t.Sources)) }),
	}
	s.Columns, s.Rows = headers(cols), rows(cols, each(b.byParty()))
	b.add(s, "")
	return nil
}

// byParty is the checklist by who does it, then by when.
func (b *builder) byParty() []advice.Task {
	all := slices.Clone(b.out.Advice.Checklist)
	when := []string{"before", "during", "after"}
	slices.SortStableFunc(all, func(x, y advice.Task) int {
		if d := strings.Compare(b.sideWords(x.Party), b.sideWords(y.Party)); d != 0 {
			return d
		}
		return slices.Index(when, moment(x.Phase)) - slices.Index(when, moment(y.Phase))
	})
	return all
}

func first(s []string) string {
	if len(s) == 0 {
		return ""
	}
	return s[0]
}

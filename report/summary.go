package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"readiness/checks"
	"readiness/checks/advice"
	"readiness/checks/matrix"
	"readiness/scan"
)

// Summary is what a reader sees first, on paper and in a terminal. All of its
// text is clean.
type Summary struct {
	Title   string
	Verdict Cell   // the judgement in a sentence, only as sure as the coverage
	Facts   []Line // source, target, scope, time
	Reading Line   // how much of what was asked for could be read
	Methods []MethodLine
	// Comparison is what the methods mean for other targets; nil: none was asked for.
	Comparison *Comparison
	// Actions are the checks of severity blocker and high that were violated or
	// could not be decided, gravest first; Lower counts those of lower severity.
	Actions []ActionLine
	Lower   int
	Areas   []AreaLine   // the same and those of lower severity, by area
	Unread  []UnreadLine // what could not be read, most grave first
	Totals  []TotalLine
	// NoReader counts the items of the matrix that this version cannot see.
	NoReader int
}

// Line is a value with its name.
type Line struct {
	Label string
	Value Cell
}

// MethodLine is the verdict on one method.
type MethodLine struct {
	Method  matrix.Method
	Title   string
	InPlay  bool
	State   Cell
	Reason  string
	Carried int // items in use, by what the method does with them
	Partial int
	Lost    int
	// NotAssessed counts the items in use for which nobody knows what the method
	// does, and those whose use could not be read.
	NotAssessed int
	Questions   int
	Worst       []string // items left behind, worst first, with their amounts
}

// ActionLine is what one check found, over all its subjects.
type ActionLine struct {
	Check    string
	Severity Cell
	Verdict  Cell
	Title    string
	Count    int64 // subjects
	Level    scan.Level
	Where    string // some of them
	Evidence string // what was measured, if there is one subject
	Methods  []matrix.Method
	Remedy   string
	Who      string // who is likely to see to it
	Grave    bool   // a blocker, or high
	Unknown  bool
}

// AreaLine is what the checks of one area found, gravest first.
type AreaLine struct {
	Title   string
	Actions []ActionLine
}

// Subjects is the number of subjects in words.
func (a ActionLine) Subjects() string {
	if a.Level == scan.LevelInstance && a.Count <= 1 {
		return "instance"
	}
	return manyOf(a.Count, a.Level)
}

// Single is the only subject's path, or "" if there are several, or it is the
// instance, or nobody knows.
func (a ActionLine) Single() string {
	if a.Count != 1 || a.Unknown || a.Level == scan.LevelInstance {
		return ""
	}
	return a.Where
}

// UnreadLine is a fact that could not be read, or a list that is not whole.
type UnreadLine struct {
	Title string
	List  bool // of the level's subjects; Count says nothing
	Count int64
	Level scan.Level
	Why   string
	Cure  string
}

// Subjects is the number of subjects in words, or which list it is.
func (u UnreadLine) Subjects() string {
	if u.List {
		_, many := levelNoun(u.Level)
		return "list of " + many
	}
	if u.Level == scan.LevelInstance && u.Count == 1 {
		return "instance"
	}
	return manyOf(u.Count, u.Level)
}

// TotalLine is a sum over the inventory.
type TotalLine struct {
	Label string
	Part  bool // it is part of the line above that is none
	// Charted reports that a chart shows it too.
	Charted bool
	Amount  Cell
	Unit    string
	Note    string // what the sum could not see
}

func (b *builder) summary() Summary {
	j := b.j
	s := Summary{
		Title:    Clean("Migration readiness of " + b.out.Instance),
		Verdict:  TextCell(j.Sentence()).Toned(b.overall()),
		NoReader: len(j.Coverage.NoReader),
		Facts: []Line{
			{"Source", TextCell(b.sourceWords())},
			{"Target", TextCell(b.targetWords())},
			{"Scope", TextCell(b.scopeWords())},
			{"Scanned", b.scannedCell()},
			{"Made with", TextCell(b.madeWith())},
		},
		Reading: Line{"Coverage", b.coverageCell()},
		Methods: b.methodLines(),
		Totals:  b.totalLines(),
	}
	s.Facts = append(s.Facts, b.decisionLines()...)
	s.Facts = append(s.Facts, b.trackLines()...)
	s.Facts = append(s.Facts, b.planLines()...)
	for _, n := range j.Meta.Notes {
		s.Facts = append(s.Facts, Line{"Note", TextCell(n.Sentence()).Toned(Bad)})
	}
	if brand := b.opt.Brand; brand != nil {
		by := brand.Name
		if brand.Engagement != "" {
			by += ", engagement " + brand.Engagement
		}
		lines := []Line{{"By", TextCell(by)}}
		if brand.Customer != "" {
			lines = append([]Line{{"Customer", TextCell(brand.Customer)}}, lines...)
		}
		s.Facts = append(lines, s.Facts...)
	}
	all := actionLines(j.Findings)
	s.Areas = areaLines(all)
	for _, a := range all {
		if a.Grave {
			s.Actions = append(s.Actions, a)
		} else {
			s.Lower++
		}
	}
	for _, l := range j.Coverage.Lists {
		s.Unread = append(s.Unread, UnreadLine{Title: notAll(l), List: true, Level: l.Level,
			Why: Clean(l.Gap.Reason.Sentence()), Cure: Clean(l.Gap.Cure)})
	}
	for _, g := range j.Coverage.Gaps {
		s.Unread = append(s.Unread, UnreadLine{Title: Clean(g.Title), Count: g.Count, Level: g.Level,
			Why: Clean(g.Gap.Reason.Sentence()), Cure: Clean(g.Gap.Cure)})
	}
	return s
}

// madeWith names the versions of the program and of what it knows of methods.
func (b *builder) madeWith() string {
	if m := b.j.Matrix; m != nil {
		return fmt.Sprintf("%s; matrix of %s, up to GitLab %s", b.out.Program, m.ReadOn, m.Newest.Short())
	}
	return b.out.Program
}

// overall is the tone of the best that a method in play can promise.
func (b *builder) overall() Tone {
	best := Bad
	rank := map[Tone]int{Bad: 0, Unknown: 1, Caution: 2, Good: 3}
	for _, m := range b.possible() {
		if t := stateCell(m.State).Tone(); rank[t] > rank[best] {
			best = t
		}
	}
	if best == Good && !b.j.Coverage.Complete {
		return Unknown
	}
	return best
}

func (b *builder) scannedCell() Cell {
	if b.meta.Finished.IsZero() {
		return TextCell("begun " + MomentCell(b.meta.Started).String() + ", not finished").Toned(Unknown)
	}
	return MomentCell(b.meta.Finished)
}

// coverageCell says how much of what was asked for could be read.
func (b *builder) coverageCell() Cell {
	c := b.j.Coverage
	if c.Facts == 0 {
		return GapCell("nothing was read")
	}
	s := fmt.Sprintf("%s of %s facts asked for were read", PercentCell(c.Read, c.Facts), Thousands(c.Facts))
	if n := len(c.Gaps); n > 0 {
		s += fmt.Sprintf("; %s could not be read for some", Many(int64(n), "kind of fact", "kinds of facts"))
	}
	if c.SwitchedOff > 0 {
		s += fmt.Sprintf("; %s switched off at the source", Many(c.SwitchedOff, "is", "are"))
	}
	cell := TextCell(s)
	if !c.Complete {
		return cell.Toned(Unknown)
	}
	return cell
}

func (b *builder) methodLines() []MethodLine {
	worst := map[matrix.Method][]string{}
	for _, l := range b.j.Losses {
		if l.Answer.Status == matrix.NotCarried && l.Use == checks.InUse {
			worst[l.Method] = append(worst[l.Method], Clean(lossWords(l.ItemUse)))
		}
	}
	var lines []MethodLine
	for _, m := range b.j.Methods {
		if mode := !slices.Contains(matrix.Researched(), m.ID); mode && !m.InPlay {
			continue // a mode of Congregate that nobody thinks of
		}
		line := MethodLine{Method: m.ID, Title: Clean(m.Title), InPlay: m.InPlay, State: stateCell(m.State), Reason: Clean(m.Reason),
			Carried: m.Carried, Partial: m.Partial, Lost: m.NotCarried, NotAssessed: m.Unverified + m.UseUnknown, Questions: m.Questions}
		switch {
		case !m.InPlay:
			line.State = TextCell("Not in play").Toned(Muted)
			line.Reason = withoutLink(strings.TrimSuffix(line.Reason, ".")) + "."
		case m.State == checks.Impossible:
			line.Reason = withoutLink(strings.TrimSuffix(line.Reason, ".")) + "."
		default:
			line.Worst = worst[m.ID]
		}
		lines = append(lines, line)
	}
	return lines
}

// lossWords names an item with how much of it there is, if that was counted.
func lossWords(i checks.ItemUse) string {
	if !i.Measured || i.Unit != scan.Count && i.Unit != scan.List && i.Unit != scan.Bytes {
		return i.Item.Title
	}
	return fmt.Sprintf("%s (%s)", i.Item.Title, totalCell(i.Amount, i.Unit))
}

// actionLines puts findings of the same check and verdict together, in the
// order in which the first of them comes. Questions are not among them.
func actionLines(fs []checks.Finding) []ActionLine {
	type key struct {
		check   string
		verdict checks.Verdict
	}
	at := map[key]int{}
	var lines []ActionLine
	tops := map[int][]string{}
	for _, f := range fs {
		if f.Verdict == checks.Question || f.Decision != nil {
			continue
		}
		k := key{f.Check, f.Verdict}
		i, ok := at[k]
		if !ok {
			i = len(lines)
			at[k] = i
			lines = append(lines, ActionLine{Check: f.Check, Severity: severityCell(f.Severity), Verdict: verdictCell(f.Verdict),
				Title: Clean(f.Title), Evidence: Clean(f.Evidence), Level: f.Level, Methods: f.Methods, Remedy: Clean(f.Remedy),
				Grave: f.Severity == checks.Blocker || f.Severity == checks.High, Unknown: f.Verdict == checks.Unknown})
			if lines[i].Unknown && f.Gap != nil && f.Gap.Cure != "" {
				lines[i].Remedy = Clean("Let it be read: " + f.Gap.Cure)
			}
		}
		l := &lines[i]
		where := f.Path
		if f.Verdict == checks.Unknown {
			l.Count += f.Count
			where = strings.Join(f.Examples, ", ")
		} else {
			l.Count++
			if top := advice.TopGroup(f); top != "" && !slices.Contains(tops[i], top) {
				tops[i] = append(tops[i], top)
			}
		}
		if where != "" && len(l.Where) < 200 {
			if l.Where != "" {
				l.Where += ", "
			}
			l.Where += Cut(Clean(where), 120)
		}
	}
	for i := range lines {
		if lines[i].Unknown || lines[i].Count != 1 {
			lines[i].Evidence = ""
		}
		lines[i].Who = contact(lines[i].Unknown, tops[i]...)
	}
	return lines
}

// areaLines puts what checks found together by their area, in the catalogue's
// order; what is of no check in the catalogue comes last.
func areaLines(all []ActionLine) []AreaLine {
	const other = "Other"
	area := map[string]string{}
	var order []string
	for _, k := range checks.All() {
		title := areaTitle(k.Area)
		area[k.ID] = title
		if !slices.Contains(order, title) {
			order = append(order, title)
		}
	}
	by := map[string][]ActionLine{}
	for _, a := range all {
		title := cmp.Or(area[a.Check], other)
		by[title] = append(by[title], a)
	}
	var areas []AreaLine
	for _, title := range append(order, other) {
		if len(by[title]) > 0 {
			areas = append(areas, AreaLine{title, by[title]})
		}
	}
	return areas
}

// totalLines are the sums worth a line on the first page.
func (b *builder) totalLines() []TotalLine {
	t := b.j.Totals
	var lines []TotalLine
	add := func(label string, part bool, total scan.Total, unit scan.Unit, level scan.Level, noun string) {
		if total.Read() == 0 && total.Unread() == 0 && part {
			return
		}
		c := totalCell(total, unit)
		l := TotalLine{Label: label, Part: part, Amount: c, Unit: noun, Charted: part && unit == scan.Bytes}
		if unit == scan.Bytes {
			l.Unit = unitFor(c.Int()).String()
		}
		if n := total.Unread(); n > 0 {
			l.Note = fmt.Sprintf("%s of %s unread", Thousands(n), manyOf(n+total.Read(), level))
		}
		lines = append(lines, l)
	}
	add("Projects", false, t.Projects, scan.Count, scan.LevelProject, "projects")
	add("archived", true, t.ArchivedProjects, scan.Count, scan.LevelProject, "projects")
	add("personal", true, t.PersonalProjects, scan.Count, scan.LevelProject, "projects")
	add("with an empty repository", true, t.EmptyProjects, scan.Count, scan.LevelProject, "projects")
	add("marked for deletion", true, t.PendingDeletion, scan.Count, scan.LevelProject, "projects")
	add("Groups", false, t.Groups, scan.Count, scan.LevelGroup, "groups")
	add("top-level", true, t.TopLevelGroups, scan.Count, scan.LevelGroup, "groups")
	add("Users", false, t.Users, scan.Count, scan.LevelUser, "users")
	add("active people", true, t.ActiveHumans, scan.Count, scan.LevelUser, "users")
	add("bots and service accounts", true, t.Bots, scan.Count, scan.LevelUser, "users")
	add("Storage", false, t.Storage, scan.Bytes, scan.LevelProject, "")
	for _, e := range scan.Catalog() {
		if total, ok := t.Facts[e.ID]; ok && e.Level == scan.LevelProject && e.Unit == scan.Bytes && countsAsStorage(e.ID) {
			add(e.Title, true, total, scan.Bytes, scan.LevelProject, "")
		}
	}
	return lines
}

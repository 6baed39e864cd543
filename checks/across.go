package checks

import (
	"fmt"
	"slices"
	"strings"

	"readiness/scan"
)

// Across is a judge of all subjects together: each is measured on its own while
// it passes by, and what they add up to is judged once, for the instance.
type Across struct {
	// One and Many name what is counted, e.g. "webhook", "webhooks". Empty: the
	// subjects themselves are counted, and the measures return 0 or 1.
	One, Many string

	Instance func(*Context, *scan.Instance) int64
	Group    func(*Context, *scan.Group) int64
	Project  func(*Context, *scan.Project) int64
	User     func(*Context, *scan.User) int64
	// Mention stands in for Project where what counts are mentions of a project's
	// CI/CD configuration: it says of each whether it does.
	Mention func(*Context, *scan.Project, scan.CIMention) bool
	// Same stands in for User where what counts is that users are alike: those of
	// whose texts one that is not "" is another's, too, are counted, but for the
	// first. All texts are kept until the end of the pass.
	Same func(*Context, *scan.User) []string

	// Judge says what the tally means. nil: violated if anything was counted.
	Judge func(*Context, *Tally) Outcome
}

// levels lists the listings that are measured.
func (a *Across) levels() (l []scan.Level) {
	if a.Group != nil {
		l = append(l, scan.LevelGroup)
	}
	if a.Project != nil || a.Mention != nil {
		l = append(l, scan.LevelProject)
	}
	if a.User != nil || a.Same != nil {
		l = append(l, scan.LevelUser)
	}
	return l
}

// ofProject measures a project; nil: projects are not looked at.
func (a *Across) ofProject() func(*Context, *scan.Project) int64 {
	if a.Mention == nil {
		return a.Project
	}
	return func(c *Context, p *scan.Project) (n int64) {
		for _, m := range needAll(c, p.CIMentions) {
			if a.Mention(c, p, m) {
				c.point(m.File, m.Line)
				n++
			}
		}
		return n
	}
}

// Tally is what a judge across all subjects has measured.
type Tally struct {
	across *Across
	levels map[scan.Level]*levelTally
	marked int64           // subjects that the measure marked besides what it counted
	alike  map[string]bool // the texts of Across.Same so far
}

type levelTally struct {
	amount   int64
	read     int64
	unread   int64
	positive int64
	examples []string
	gaps     gapTallies
	cut      bool // there are more subjects than were listed
}

// maxNamed is how many subjects an evidence names.
const maxNamed = 3

func newTally(a *Across, cut map[scan.Level]scan.Gap) *Tally {
	t := &Tally{across: a, levels: map[scan.Level]*levelTally{}}
	for _, level := range a.levels() {
		_, isCut := cut[level]
		t.levels[level] = &levelTally{cut: isCut}
	}
	if a.Instance != nil {
		t.levels[scan.LevelInstance] = &levelTally{}
	}
	return t
}

func measure[S scan.Subject](c *Context, t *Tally, f func(*Context, S) int64, s S) {
	l := t.levels[s.Level()]
	c.missing, c.where, c.marked = nil, "", false
	n := f(c, s)
	if c.missing != nil {
		l.unread++
		l.gaps.add(*c.missing, s.Address())
		return
	}
	l.read++
	if n > 0 {
		l.amount = scan.Plus(l.amount, n)
		l.positive++
		t.marked += one(c.marked)
		if len(l.examples) < maxNamed {
			example := s.Address()
			if c.where != "" {
				example += " " + c.where
			}
			l.examples = append(l.examples, example)
		}
	}
}

// meet counts a user who is like one before, whatever else of them is missing.
func (t *Tally) meet(c *Context, u *scan.User) int64 {
	if t.alike == nil {
		t.alike = map[string]bool{}
	}
	texts, again := t.across.Same(c, u), false
	for i, text := range texts {
		if text != "" && !slices.Contains(texts[:i], text) {
			again = again || t.alike[text]
			t.alike[text] = true
		}
	}
	if again {
		c.missing = nil
	}
	return one(again)
}

// Amount is what was counted over all levels: a lower bound unless complete.
func (t *Tally) Amount() (n int64, complete bool) {
	complete = true
	for _, l := range t.levels {
		n = scan.Plus(n, l.amount)
		complete = complete && l.unread == 0 && !l.cut
	}
	return n, complete
}

// seen is how many subjects passed by, measured or not.
func (t *Tally) seen() (n int64) {
	for _, l := range t.levels {
		n += l.read + l.unread
	}
	return n
}

var subjectNames = map[scan.Level][2]string{
	scan.LevelInstance: {"instance", "instances"},
	scan.LevelGroup:    {"group", "groups"},
	scan.LevelProject:  {"project", "projects"},
	scan.LevelUser:     {"user", "users"},
}

// String words the tally as evidence: how many, where, and what is unread.
func (t *Tally) String() string {
	var where, unread, examples []string
	var total int64
	for _, level := range scan.Levels() {
		l := t.levels[level]
		if l == nil {
			continue
		}
		names := subjectNames[level]
		switch {
		case level == scan.LevelInstance && l.positive > 0:
			where = append(where, "the instance itself")
		case l.positive > 0:
			of := ""
			if !l.cut {
				of = " of " + Thousands(l.read+l.unread)
				if l.read+l.unread == l.positive {
					of = ""
				}
			}
			if of == "" {
				where = append(where, plural(l.positive, names[0], names[1]))
			} else {
				where = append(where, Thousands(l.positive)+of+" "+names[1])
			}
		}
		if l.unread > 0 {
			unread = append(unread, plural(l.unread, names[0], names[1])+" unread")
		}
		if l.cut {
			unread = append(unread, "the list of "+names[1]+" was not read to its end")
		}
		if level != scan.LevelInstance {
			examples = append(examples, l.examples...)
		}
		total = scan.Plus(total, l.amount)
	}
	s := list(where)
	if t.across.Many != "" {
		s = plural(total, t.across.One, t.across.Many)
		if len(where) > 0 {
			s += " in " + list(where)
		}
	}
	if s == "" {
		s = "none"
	}
	if len(unread) > 0 {
		s = "at least " + s + " (" + strings.Join(unread, ", ") + ")"
	}
	if len(examples) > 0 {
		s += fmt.Sprintf("; e.g. %s", strings.Join(examples[:min(len(examples), maxNamed)], ", "))
	}
	return s
}

// conclude judges a tally at the end of the pass. If the verdict is unknown the
// gaps say why, by the level of the subjects that could not be measured.
func (t *Tally) conclude(c *Context) (Outcome, map[scan.Level]*gapTallies) {
	judge := t.across.Judge
	if judge == nil {
		judge = ifAny
	}
	c.missing = nil
	o := judge(c, t)
	gaps := map[scan.Level]*gapTallies{}
	for level, l := range t.levels {
		missing := l.gaps
		if l.cut {
			missing.of(c.Cut[level]) // how many subjects are missing is unknown: count nothing
		}
		if level == scan.LevelInstance && c.missing != nil {
			missing.add(*c.missing, c.Instance.Address())
		}
		if len(missing.list) > 0 {
			gaps[level] = &missing
		}
	}
	if c.missing != nil && t.levels[scan.LevelInstance] == nil {
		missing := new(gapTallies)
		missing.add(*c.missing, c.Instance.Address())
		gaps[scan.LevelInstance] = missing
	}
	if len(gaps) > 0 && (o.Verdict == OK || !o.Regardless) {
		return Outcome{Verdict: Unknown}, gaps
	}
	return o, nil
}

// ifAny is the commonest judgement of a tally: it is violated if anything was
// counted, whatever else there may be.
func ifAny(_ *Context, t *Tally) Outcome {
	if n, _ := t.Amount(); n > 0 {
		return violated("%s", t).regardless()
	}
	return ok()
}

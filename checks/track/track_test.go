package track

import (
	"slices"
	"strings"
	"testing"

	"readiness/checks"
	"readiness/scan"
)

// TestStates leads one finding through scans and says what it has become.
func TestStates(t *testing.T) {
	inGroup := func(path string) func(*scan.Scope) { return func(s *scan.Scope) { s.Groups = []string{path} } }
	listed := func(names ...string) func(*scan.Scope) { return func(s *scan.Scope) { s.Projects = names } }
	cut := func(w *world) *world {
		w.meta.Walks[1].Gap = &scan.Gap{Reason: scan.ReasonFailed, Endpoint: scan.ReadProjects}
		return w
	}
	for name, c := range map[string]struct {
		scans []*world
		state State
		note  string
		made  bool
	}{
		"first scan":                 {[]*world{scanOn(1, large(7, "acme/a"))}, Open, "", true},
		"still there":                {[]*world{scanOn(1, large(7, "acme/a")), scanOn(2, large(7, "acme/a"))}, Open, "", true},
		"grew too large":             {[]*world{scanOn(1, small(7, "acme/a")), scanOn(2, large(7, "acme/a"))}, New, "", true},
		"new project":                {[]*world{scanOn(1), scanOn(2, large(7, "acme/a"))}, New, "", true},
		"new, then there":            {[]*world{scanOn(1), scanOn(2, large(7, "acme/a")), scanOn(3, large(7, "acme/a"))}, Open, "", true},
		"remedied":                   {[]*world{scanOn(1, large(7, "acme/a")), scanOn(2, small(7, "acme/a"))}, Resolved, "", false},
		"stays remedied":             {[]*world{scanOn(1, large(7, "acme/a")), scanOn(2, small(7, "acme/a")), scanOn(3, unread(7, "acme/a"))}, Resolved, "", false},
		"came back":                  {[]*world{scanOn(1, large(7, "acme/a")), scanOn(2, small(7, "acme/a")), scanOn(3, large(7, "acme/a"))}, Regressed, "it had been resolved", true},
		"renamed":                    {[]*world{scanOn(1, large(7, "acme/a")), scanOn(2, large(7, "acme/b"))}, Open, "", true},
		"transferred":                {[]*world{scanOn(1, large(7, "acme/a")), scanOn(2, large(7, "other/a"))}, Open, "", true},
		"transferred and remedied":   {[]*world{scanOn(1, large(7, "acme/a")), scanOn(2, small(7, "other/a"))}, Resolved, "", false},
		"deleted":                    {[]*world{scanOn(1, large(7, "acme/a")), scanOn(2)}, Gone, "deleted", false},
		"archived":                   {[]*world{scanOn(1, large(7, "acme/a")), scanOn(2, archived(large(7, "acme/a")))}, Gone, "archived since", true},
		"archived and remedied":      {[]*world{scanOn(1, large(7, "acme/a")), scanOn(2, archived(small(7, "acme/a")))}, Gone, "archived", false},
		"always archived":            {[]*world{scanOn(1, archived(large(7, "acme/a"))), scanOn(2, archived(large(7, "acme/a")))}, Open, "", true},
		"revived":                    {[]*world{scanOn(1, large(7, "acme/a")), scanOn(2, archived(large(7, "acme/a"))), scanOn(3, large(7, "acme/a"))}, Open, "", true},
		"withheld now":               {[]*world{scanOn(1, large(7, "acme/a")), scanOn(2, unread(7, "acme/a"))}, NotAssessed, "could not be read", false},
		"withheld between":           {[]*world{scanOn(1, large(7, "acme/a")), scanOn(2, unread(7, "acme/a")), scanOn(3, large(7, "acme/a"))}, Open, "", true},
		"withheld before":            {[]*world{scanOn(1, unread(7, "acme/a")), scanOn(2, large(7, "acme/a"))}, Open, "no earlier scan could tell", true},
		"list cut":                   {[]*world{scanOn(1, large(7, "acme/a")), cut(scanOn(2))}, NotAssessed, "not read to the end", false},
		"list cut before":            {[]*world{cut(scanOn(1)), scanOn(2, large(7, "acme/a"))}, Open, "no earlier scan could tell", true},
		"another group scanned":      {[]*world{scanOn(1, large(7, "acme/a")), scanOn(2).of(inGroup("other"))}, NotAssessed, "not asked about it", false},
		"gone from the group":        {[]*world{scanOn(1, large(7, "acme/a")).of(inGroup("acme")), scanOn(2).of(inGroup("acme"))}, Gone, "moved out", false},
		"a wave of others":           {[]*world{scanOn(1, large(7, "acme/a")), scanOn(2, small(8, "acme/b")).of(listed("acme/b"))}, NotAssessed, "not asked about it", false},
		"a wave with it":             {[]*world{scanOn(1, large(7, "acme/a")), scanOn(2, small(7, "acme/a")).of(listed("acme/a"))}, Resolved, "", false},
		"a wave whose project went":  {[]*world{scanOn(1, large(7, "acme/a")), scanOn(2).of(listed("7"))}, Gone, "deleted", false},
		"seen again after the wave":  {[]*world{scanOn(1, large(7, "acme/a")), scanOn(2).of(listed("acme/b")), scanOn(3, small(7, "acme/a"))}, Resolved, "", false},
		"first seen by another wave": {[]*world{scanOn(1).of(listed("acme/b")), scanOn(2, large(7, "acme/a"))}, Open, "no earlier scan could tell", true},
	} {
		t.Run(name, func(t *testing.T) {
			course := NewCourse()
			for _, w := range c.scans {
				course.Add(judged(t, w))
			}
			got := course.Of(tooLarge + "/project/7")
			if got == nil {
				t.Fatal("no scan made the finding")
			}
			if got.State != c.state || !strings.Contains(got.Note, c.note) || c.note == "" && got.Note != "" || got.Made != c.made {
				t.Errorf("it is %s (%q), made %v; want %s (%q), made %v", got.State, got.Note, got.Made, c.state, c.note, c.made)
			}
			counted := course.Points()[len(course.Points())-1].States
			var sum int64
			for _, n := range counted {
				sum += n
			}
			if sum != int64(len(course.Threads())) || counted[c.state] == 0 {
				t.Errorf("%d findings are counted as %v", len(course.Threads()), counted)
			}
		})
	}
}

// TestInstanceWide holds findings about the instance as a whole to a scan that
// covers as much.
func TestInstanceWide(t *testing.T) {
	personal := func() *scan.Project {
		p := small(9, "anna/notes")
		p.Personal = scan.Known(true)
		return p
	}
	const fingerprint = "projects-in-personal-namespaces/instance/0"
	c := Compare(judged(t, scanOn(1, personal())), judged(t, scanOn(2).of(func(s *scan.Scope) { s.Groups = []string{"acme"} })))
	if got := c.Of(fingerprint); got == nil || got.State != NotAssessed {
		t.Errorf("a scan of one group says of the whole instance: %+v", got)
	}
	c = Compare(judged(t, scanOn(1, personal())), judged(t, scanOn(2)))
	if got := c.Of(fingerprint); got == nil || got.State != Resolved {
		t.Errorf("a scan of the whole instance says: %+v", got)
	}
	other := personal()
	other.ID = 10
	c = Compare(judged(t, scanOn(1, personal())), judged(t, scanOn(2, personal(), other)))
	if got := c.Of(fingerprint); got == nil || got.State != Open || got.Before == "" {
		t.Errorf("the evidence changed, and the finding says: %+v", got)
	}
}

// TestDecisions holds that what people decide shows as such, wins over what the
// scans say of a finding that is there, and hides nothing that is not.
func TestDecisions(t *testing.T) {
	waivers, err := checks.ReadWaivers("waivers.yaml", []byte("waivers: [{check: "+tooLarge+", subject: acme/a, reason: agreed, approved-by: The board, until: 2026-03-02}]"))
	if err != nil {
		t.Fatal(err)
	}
	by := checks.Decisions{Waivers: waivers}
	c := NewCourse()
	c.Add(judgedBy(t, scanOn(1, large(7, "acme/a")), by))
	if got := c.Of(tooLarge + "/project/7"); got.State != Waived || !strings.Contains(got.Note, "The board") || got.ToDo() || got.Stands() {
		t.Errorf("waived: %+v", got)
	}
	c.Add(judgedBy(t, scanOn(2, small(7, "acme/a")), by))
	if got := c.Of(tooLarge + "/project/7"); got.State != Resolved {
		t.Errorf("waived and remedied: %+v", got)
	}
	c.Add(judgedBy(t, scanOn(4, large(7, "acme/a")), by))
	if got := c.Of(tooLarge + "/project/7"); got.State != Regressed || !slices.Contains(c.Worse(checks.Blocker), got) {
		t.Errorf("the waiver is over: %+v", got)
	}
	for _, scope := range []struct {
		word  string
		state State
	}{{"out", OutOfScope}, {"migrated", Gone}, {"in", Open}, {"undecided", Open}} {
		plan, err := checks.ReadPlan("plan.csv", []byte("Path,Scope,Reason\nacme,"+scope.word+",agreed\n"))
		if err != nil {
			t.Fatal(err)
		}
		c := Compare(judged(t, scanOn(1, large(7, "acme/a"))), judgedBy(t, scanOn(2, large(7, "acme/a")), checks.Decisions{Plan: plan}))
		if got := c.Of(tooLarge + "/project/7"); got.State != scope.state || got.Decided != (got.State != Open) || got.Decided && !strings.Contains(got.Note, "agreed") {
			t.Errorf("%s: %+v", scope.word, got)
		}
	}
}

package report

import (
	"fmt"
	"slices"
	"strings"

	"readiness/checks"
	"readiness/checks/matrix"
	"readiness/scan"
)

// clause is something that the numbers rest on, or that they leave out. It names
// no project and no person.
type clause struct {
	kind   string // assumption or exclusion
	what   string
	why    string // what follows from it
	source string
}

const (
	assumption = "Assumption"
	exclusion  = "Exclusion"
)

// addClauses adds what a contract that rests on this report has to say.
func (b *builder) addClauses() error {
	s := Sheet{Name: SheetClauses, Title: "What this report assumes and leaves out", Frozen: 1,
		Note: "Each follows from how the scan was run, what it was judged for and what is published. “No known loss” always means: in what was read, by what is known of the method. It is no warranty."}
	cols := []column[clause]{
		col("Kind", Text, 12, func(c clause) Cell { return TextCell(c.kind) }),
		long("What", 70, func(c clause) Cell { return TextCell(c.what) }),
		long("What follows", 70, func(c clause) Cell { return TextCell(c.why) }),
		col("Source", Text, 24, func(c clause) Cell { return sourceCell(c.source) }),
	}
	s.Columns, s.Rows = headers(cols), rows(cols, each(b.clauses()))
	b.add(s, "")
	return nil
}

func (b *builder) clauses() []clause {
	return slices.Concat(b.assumptions(), b.exclusions())
}

// assumptions are what the numbers rest on.
func (b *builder) assumptions() []clause {
	t := b.j.Target
	all := []clause{
		{assumption, "The source is as it was when the scan ended, " + b.scannedCell().String() + ".", "Growth, new projects and changed settings since then are in no number: a new scan tells.", ""},
		{assumption, "The target is " + b.targetWords() + ".", "Another destination, version or tier changes verdicts and losses: the same snapshot can be judged for it.", ""},
	}
	if t.Destination == checks.GitLabCom && !t.VersionStated {
		all = append(all, clause{assumption, "GitLab.com is taken to run " + t.Version.Short() + ", the newest version that the matrix was checked against.", "What later versions carry more or less is not known here.", ""})
	}
	if v := t.AssumedSource; !v.IsZero() {
		all = append(all, clause{assumption, "The source is judged as if it had been upgraded to " + v.Short() + ".", "The upgrade itself is work that comes first.", ""})
	}
	if t.Executor == "" {
		all = append(all, clause{assumption, "Nobody stated who executes the migration.", "Rights that only one party has may narrow the choice of methods.", ""})
	}
	if !t.AirGapped {
		all = append(all, clause{assumption, "There is a network path between source and destination where a method needs one.", "Firewalls and proxies between the two are not seen by a scan.", ""})
	}
	if m := b.j.Matrix; m != nil {
		all = append(all, clause{assumption, fmt.Sprintf("What methods carry is taken from GitLab’s and Congregate’s documents and code as read on %s, up to GitLab %s.", m.ReadOn, m.Newest.Short()),
			"Where sources disagree or are silent the cell says “not verified” and counts as a loss that may happen.", "https://docs.gitlab.com/user/import/"})
	}
	if _, ok := b.j.Totals.Facts["project.repository-size"]; ok {
		all = append(all, clause{assumption, "Sizes and counts are those that the source’s API tells; statistics may lag behind.", "Sizes of exports and transfers differ from them.", "https://docs.gitlab.com/api/statistics/"})
	}
	for _, e := range b.out.Advice.Calendar {
		if e.Assumption != "" && e.ID != "total" {
			all = append(all, clause{assumption, "Calendar, " + lowerFirst(e.What) + ": " + e.Assumption, "", e.Source})
		}
	}
	if e := b.out.Advice.Effort; e.Assumptions != "" {
		all = append(all, clause{assumption, "Hours: " + e.Assumptions, "", ""})
	} else {
		all = append(all, clause{assumption, "No profile states what single steps cost.", "The report counts steps and names no hours.", ""})
	}
	return append(all, b.decided()...)
}

// decided are the decisions of a profile that change what is judged.
func (b *builder) decided() []clause {
	p := b.j.Profile
	if p == nil {
		return nil
	}
	var all []clause
	for _, o := range p.Off {
		all = append(all, clause{exclusion, "The check " + o.Check + " is switched off: " + o.Reason, "What it would have found is not told.", ""})
	}
	if n := len(p.Thresholds) + len(p.Severities); n > 0 {
		all = append(all, clause{assumption, fmt.Sprintf("The profile changes thresholds or severities of %s.", Many(int64(n), "check", "checks")), "The sheet Profile lists them.", ""})
	}
	return all
}

// exclusions are what the numbers leave out.
func (b *builder) exclusions() []clause {
	var all []clause
	add := func(what, why string) { all = append(all, clause{exclusion, what, why, ""}) }
	scope := b.meta.Scope
	switch {
	case len(scope.Projects) > 0:
		add(fmt.Sprintf("Only %s were scanned, with the groups they lie in.", Many(int64(len(scope.Projects)), "listed project", "listed projects")), "Nothing is said of any other.")
	case len(scope.Groups) > 0:
		add(fmt.Sprintf("Only these groups were scanned, with their subgroups: %s.", strings.Join(scope.Groups, ", ")), "Nothing is said of other groups or of personal projects.")
	}
	if scope.Depth < scan.Deep {
		add(fmt.Sprintf("The scan’s depth was %s.", scope.Depth), "Facts that take calls for each project were not asked for: see Not assessed.")
	}
	if len(scope.Areas) > 0 {
		add("Not every area was asked for.", "See the scope on the first page, and Not assessed.")
	}
	for _, w := range b.meta.Walks {
		if words := b.cutWords(w.Level); words != "" {
			add(words, "Totals are lower bounds.")
		}
	}
	if n := len(b.j.Coverage.Gaps); n > 0 {
		add(fmt.Sprintf("%s could not be read for some subjects.", Many(int64(n), "kind of fact", "kinds of facts")), "What they hide is in no number; the sheet Not assessed names each with its cure.")
	}
	if n := len(b.j.Coverage.NoReader); n > 0 {
		add(fmt.Sprintf("Of %s of the matrix no reader tells whether they are in use.", Many(int64(n), "item", "items")), "They have to be looked for by hand; the matrix tells what each method does with them.")
	}
	if ruled := b.ruledOut(); ruled != "" {
		add(ruled, "They are in no comparison.")
	}
	if out := b.notInPlay(); out != "" {
		add("Not in play: "+out+".", "They are in no comparison.")
	}
	all = append(all, b.lostByAll()...)
	add("Values of variables, tokens, keys and secrets are never read.", "Whether they can be told at all, and entering them anew, is the customer’s.")
	add("What files in repositories contain is read only as far as Not assessed and Findings say.", "Scripts, hard-coded addresses elsewhere and the quality of pipelines are not judged.")
	if p := b.j.Profile; p == nil || len(p.Others) == 0 {
		add("Systems that are not this GitLab instance.", "Other source systems, external registries, runners’ hosts and integrations’ other ends are not in the numbers.")
	}
	return all
}

// notInPlay names the methods that nobody thinks of.
func (b *builder) notInPlay() string {
	var names []string
	for _, m := range b.j.Methods {
		if !m.InPlay && slices.Contains(matrix.Researched(), m.ID) {
			names = append(names, m.Title)
		}
	}
	return strings.Join(names, ", ")
}

// lostByAll are the items in use that no possible method carries, by impact.
func (b *builder) lostByAll() []clause {
	possible := b.possible()
	if len(possible) == 0 {
		return nil
	}
	titles := map[matrix.Impact][]string{}
	for _, i := range b.j.Items {
		if i.Use != checks.InUse {
			continue
		}
		if !slices.ContainsFunc(possible, func(m checks.MethodVerdict) bool {
			return b.answer(&i.Item, m.ID).Status != matrix.NotCarried
		}) {
			titles[i.Item.Impact] = append(titles[i.Item.Impact], i.Item.Title)
		}
	}
	var all []clause
	for _, impact := range matrix.Impacts() {
		if list := titles[impact]; len(list) > 0 {
			all = append(all, clause{exclusion, fmt.Sprintf("In use and left behind by every possible method, of %s impact: %s.", impact, strings.Join(list, "; ")),
				"They are moved or set up by hand, or not at all: Left behind tells how.", ""})
		}
	}
	return all
}

func lowerFirst(s string) string {
	if s == "" || len(s) > 1 && s[1] >= 'A' && s[1] <= 'Z' || strings.HasPrefix(s, "Git") {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}

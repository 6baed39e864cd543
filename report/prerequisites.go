package report

import (
	"cmp"
	"slices"

	"readiness/checks"
	"readiness/checks/matrix"
)

// condition is something that a method works with or needs.
type condition struct {
	method checks.MethodVerdict
	matrix.Prerequisite
}

// conditionWords are the kinds of conditions in the order of a kickoff: what it
// is driven by, who may do it, what slows it down, then the rest.
var conditionWords = map[string]string{
	"route": "API route", "permission": "Rights", "limit": "Limits", "version": "Versions", "network": "Network",
	"setting": "Settings", "user-mapping": "User mapping", "edition": "Edition", "license": "Licence", "tool": "Tools",
	"disk": "Disk", "data": "Data", "scope": "Scope",
}

var conditionOrder = []string{"route", "permission", "limit", "version", "edition", "license", "network", "setting", "user-mapping", "tool", "disk", "data", "scope"}

// addPrerequisites adds by which API each method in play works, with which
// rights, at which rates, and what else it needs.
func (b *builder) addPrerequisites() error {
	s := Sheet{Name: SheetPrerequisites, Title: "What each method works with", Frozen: 2,
		Note: sentences("API route, rights and limits first. The limits are GitLab’s defaults: an instance may have set its own. Findings tells which of these the source or the target does not meet.", b.ruledOut())}
	var all []condition
	for _, m := range b.possible() {
		d := b.j.Matrix.Detail(m.ID)
		list := append([]matrix.Prerequisite{d.Route}, d.Prerequisites...)
		slices.SortStableFunc(list, func(x, y matrix.Prerequisite) int { return cmp.Compare(place(x.Kind), place(y.Kind)) })
		for _, p := range list {
			if p.Text != "" {
				all = append(all, condition{m, p})
			}
		}
	}
	if len(all) == 0 {
		b.add(s, sentences("No method in play is possible.", b.ruledOut()))
		return nil
	}
	cols := []column[condition]{
		col("Method", Text, 20, func(c condition) Cell { return TextCell(c.method.Title) }),
		col("About", Text, 14, func(c condition) Cell { return TextCell(cmp.Or(conditionWords[c.Kind], upperFirst(c.Kind))) }),
		long("What it takes", 100, func(c condition) Cell { return TextCell(c.Text) }),
		col("Source", Text, 24, func(c condition) Cell { return sourceCell(c.Source) }),
	}
	s.Columns, s.Rows = headers(cols), rows(cols, each(all))
	b.add(s, "")
	return nil
}

// place is where a kind of condition stands, unknown kinds last.
func place(kind string) int {
	if i := slices.Index(conditionOrder, kind); i >= 0 {
		return i
	}
	return len(conditionOrder)
}

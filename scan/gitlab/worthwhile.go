package gitlab

import (
	"time"

	"readiness/scan"
)

// dormantAfter is how long nothing has happened in a project that is dormant. It
// is a choice of ours: a year holds every yearly job.
const dormantAfter = 365 * 24 * time.Hour

// asks reports whether a scan of this depth and these areas asks for the fact.
func (s *Source) asks(id scan.FactID) bool {
	_, left := s.limits.NotAsked(id)
	return !left
}

// asksAny reports whether any of the facts is asked for.
func (s *Source) asksAny(ids ...scan.FactID) bool {
	for _, id := range ids {
		if s.asks(id) {
			return true
		}
	}
	return false
}

// dormant reports whether p is known to have no repository and no CI, and
// to have seen nothing for a year. Of those a deep scan asks no more than who
// their members are and whom they call, unless the project was listed by name.
func (s *Source) dormant(p *scan.Project) bool {
	if len(s.limits.Projects) > 0 || !p.Empty.Or(false) {
		return false
	}
	if n, known := p.Pipelines.Get(); (!known || n > 0) && p.BuildsAccess.Or("") != featureDisabled {
		return false
	}
	last, known := p.LastActivityAt.Get()
	return known && s.asOf.Sub(last) > dormantAfter
}

// gate is a fact of a deep scan of which a wide page tells where there is none,
// so that those projects need not be asked.
type gate struct {
	id    scan.FactID
	field string // as in graphFields
	key   string // response key
	text  string // selection
	right right  // who is told
	none  func(n node) bool
}

var gates = []gate{
	{id: pushRulesFact, field: "Project.pushRules", key: "pushRules", text: "pushRules{rejectUnsignedCommits}", right: right{access: maintainer},
		none: func(n node) bool { return isNull(n.keys["pushRules"]) }},
	{id: integrationsFact, field: "Project.services", key: "services", text: "services(active:true,first:1){edges{cursor}}", right: right{access: maintainer},
		none: func(n node) bool { return empty(n, "services") }},
	// Who was invited or asks for access may be among these, but nobody that REST
	// lists is left out. Source: app/finders/members_finder.rb.
	{id: membersFact, field: "Project.projectMembers(relations)", key: "projectMembers", text: "projectMembers(relations:[DIRECT],first:1){edges{cursor}}", right: right{access: maintainer},
		none: func(n node) bool { return empty(n, "projectMembers") }},
}

// empty reports whether a connection was told to have nothing in it.
func empty(n node, key string) bool {
	var c struct{ Edges []any }
	ok, fail := n.get(key, &c)
	return ok && fail == "" && c.Edges != nil && len(c.Edges) == 0
}

// gatesSelection asks what spares a deep scan its own requests.
func (s *Source) gatesSelection() (text []string) {
	for _, g := range gates {
		if s.depth >= scan.Deep && s.schema.has(g.field) && s.asks(g.id) {
			text = append(text, g.text)
		}
	}
	return text
}

// passGates notes what a wide page told there is none of.
func (s *Source) passGates(p *scan.Project, n node) {
	for _, g := range gates {
		_, told := n.keys[g.key]
		_, failed := n.failed[g.key]
		if told && !failed && s.may(p, g.right) == whole && g.none(n) {
			s.spare.Store(unusedFact{p.ID, g.id}, true)
		}
	}
}

type unusedFact struct {
	project int64
	id      scan.FactID
}

// unused reports whether a wide page told that p has nothing of the kind. It
// forgets the answer: a deep scan asks once.
func (s *Source) unused(p *scan.Project, id scan.FactID) bool {
	_, none := s.spare.LoadAndDelete(unusedFact{p.ID, id})
	return none
}

// spared is the gap of what is not asked of a dormant project.
func spared(id scan.FactID) scan.Gap {
	return because(id, scan.ReasonNotAsked, "list the project in --projects: of one without repository and pipelines, in which nothing has happened for a year, no more is asked")
}

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

// spared is the gap of what is not asked of a dormant project.
func spared(id scan.FactID) scan.Gap {
	return because(id, scan.ReasonNotAsked, "list the project in --projects: of one without repository and pipelines, in which nothing has happened for a year, no more is asked")
}

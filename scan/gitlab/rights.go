package gitlab

import (
	"slices"

	"readiness/scan"
)

// GitLab's access levels, source: https://docs.gitlab.com/api/access_requests/#valid-access-levels.
const (
	guest      = 10
	reporter   = 20
	developer  = 30
	maintainer = 40
	owner      = 50
)

// right is what it takes to be told the whole of something in a project. GitLab
// answers those with less in silence: with nothing, or with a part.
type right struct {
	access int64 // access level that is told the whole
	// open: everybody who sees a project that is not private is told the whole,
	// if its feature is open to everybody.
	open bool
	// part: those with less may be told a part, so even a number is no value.
	part bool
	// feature is the access level of the feature it belongs to; nil: none.
	feature func(*scan.Project) scan.Fact[string]
	// kept: switching the feature off hides it from nobody.
	kept bool
	plan string // licence it takes: "", premium or ultimate
	// changers: it is told to those who may change it, in an archived project nobody,
	// administrators included.
	changers bool
}

// verdict is whether a caller's reading can be trusted to be the whole.
type verdict int

const (
	partial verdict = iota
	whole
	off       // the feature is switched off: what exists is hidden from everybody
	unsettled // the project's settings were not told: none and switched off look alike
)

// may judges how far the caller's reading of p can be trusted.
func (s *Source) may(p *scan.Project, r right) verdict {
	feature := "enabled"
	if r.feature != nil {
		level := r.feature(p)
		if g, gap := level.Gap(); gap && g.Reason == scan.ReasonFailed && !r.kept {
			return unsettled
		}
		feature = level.Or("")
	}
	if g, gap := p.Archived.Gap(); r.changers && gap && g.Reason == scan.ReasonFailed {
		return unsettled
	}
	if feature == featureDisabled && !r.kept {
		return off
	}
	if s.admin || (r.access > 0 && p.Access >= r.access) {
		return whole
	}
	visibility := p.Visibility.Or("private")
	if r.open && (visibility == "public" || visibility == "internal") && (feature == "enabled" || feature == "public") {
		return whole
	}
	return partial
}

// number turns a count that was told into a fact. Zero is a value only for those
// who would have been told of more.
func (s *Source) number(p *scan.Project, id scan.FactID, r right, n int64) scan.Fact[int64] {
	v := s.may(p, r)
	if n > 0 && (v == whole || !r.part) {
		return scan.Known(n)
	}
	switch v {
	case whole:
		return scan.Known(n)
	case off:
		return scan.Missing[int64](gapFor(id, scan.ReasonFeatureOff))
	case unsettled:
		return scan.Missing[int64](unsettledGap(id))
	}
	return scan.Missing[int64](s.withheld(id, r))
}

// unsettledGap is why it is not said that a project has none.
func unsettledGap(id scan.FactID) scan.Gap {
	return because(id, scan.ReasonFailed, "the project's own settings, on which the source fails: without them none and switched off look alike")
}

// silence is why GraphQL answered null.
func (s *Source) silence(p *scan.Project, id scan.FactID, r right) scan.Gap {
	if r.plan != "" {
		if has, known := s.licensed(r.plan); (known && !has) || s.admin {
			return gapFor(id, scan.ReasonFeatureOff)
		}
	}
	switch s.may(p, r) {
	case off:
		return gapFor(id, scan.ReasonFeatureOff)
	case unsettled:
		return unsettledGap(id)
	}
	if r.changers && p.Archived.Or(false) {
		return frozen(id)
	}
	return s.withheld(id, r)
}

// frozen is why nobody is told of something in an archived project.
// Source: app/policies/concerns/archived_abilities.rb at 18.9 (admin_build, which
// lists of trigger tokens ask for, in GraphQL and in REST).
func frozen(id scan.FactID) scan.Gap {
	return because(id, scan.ReasonWithheld, "unarchive the project for a scan: while it is archived GitLab tells nobody, administrators included")
}

func (s *Source) withheld(id scan.FactID, r right) scan.Gap {
	g := gapFor(id, scan.ReasonWithheld)
	if r.part {
		g.Cure = "Reporter or higher on the project: others are not told of confidential ones"
	}
	return g
}

func issuesAccess(p *scan.Project) scan.Fact[string] { return p.IssuesAccess }

// mergeRequestsAccess is that of merge requests, unless the repository they need
// is closed to some.
func mergeRequestsAccess(p *scan.Project) scan.Fact[string] {
	if p.MergeRequestsAccess.Or("") == "enabled" && p.RepositoryAccess.Or("") != "enabled" {
		return p.RepositoryAccess
	}
	return p.MergeRequestsAccess
}

func repositoryAccess(p *scan.Project) scan.Fact[string] { return p.RepositoryAccess }
func buildsAccess(p *scan.Project) scan.Fact[string]     { return p.BuildsAccess }
func snippetsAccess(p *scan.Project) scan.Fact[string]   { return p.SnippetsAccess }
func registryAccess(p *scan.Project) scan.Fact[string]   { return p.RegistryAccess }
func pagesAccess(p *scan.Project) scan.Fact[string]      { return p.PagesAccess }

// planningAccess is that of what issues and merge requests share: milestones.
func planningAccess(p *scan.Project) scan.Fact[string] {
	issues, merges := p.IssuesAccess.Or(""), p.MergeRequestsAccess.Or("")
	switch {
	case issues == "enabled" || merges == "enabled" && p.RepositoryAccess.Or("") == "enabled":
		return scan.Known("enabled")
	case issues == featureDisabled && merges == featureDisabled:
		return scan.Known(featureDisabled)
	}
	return scan.Known("private")
}

// furtherAccess is that of a feature without a fact of its own, as far as the
// listing tells it: switched off or not.
func furtherAccess(feature string) func(*scan.Project) scan.Fact[string] {
	return func(p *scan.Project) scan.Fact[string] {
		off, known := p.FeaturesOff.Get()
		switch g, gap := p.FeaturesOff.Gap(); {
		case gap && g.Reason == scan.ReasonFailed:
			return scan.Missing[string](g)
		case !known:
			return scan.Fact[string]{}
		case slices.Contains(off, feature):
			return scan.Known(featureDisabled)
		}
		return scan.Known("enabled")
	}
}

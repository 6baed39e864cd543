package checks

import (
	"fmt"
	"strings"

	"readiness/scan"
)

// Threshold is a limit that a check measures by. The judge and this entry name
// one constant, so that what is printed is what is judged.
type Threshold struct {
	Metric  string       // what is measured, e.g. "Git repository of a project"
	Value   int64        // in Unit; 0 where the limit is a release
	Release scan.Version // the limit where it is a release of GitLab, else zero
	Unit    string       // one of Units
	Source  string       // https address that publishes the limit, or the profile that states it

	// What it was before a profile changed it.
	was        int64
	wasRelease scan.Version
}

// Name is the threshold's name in a profile: its metric in kebab-case.
func (t Threshold) Name() string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(t.Metric), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	}), "-")
}

// limit is what the check that is judging measures by instead of the published
// limit, or that limit itself if no profile changes it. Where a check measures by
// two thresholds of one value, name tells which.
func (c *Context) limit(published int64, name ...string) int64 {
	for _, t := range c.changed {
		if t.was == published && (name == nil || name[0] == t.Name()) {
			return t.Value
		}
	}
	return published
}

// release is limit for a limit that is a release.
func (c *Context) release(published scan.Version) scan.Version {
	for _, t := range c.changed {
		if t.wasRelease.Compare(published) == 0 && t.Unit == unitRelease {
			return t.Release
		}
	}
	return published
}

// The units of thresholds.
const (
	unitBytes    = "bytes"
	unitReleases = "minor releases"
	unitRelease  = "release"
	unitLevels   = "levels"
	unitDays     = "days"
	unitAccounts = "accounts"
	unitRecords  = "records"
	unitProjects = "projects"
	unitSeconds  = "seconds"
	unitHours    = "hours"
)

// Units lists every unit a threshold may have.
func Units() []string {
	return []string{unitBytes, unitReleases, unitRelease, unitLevels, unitDays, unitAccounts, unitRecords, unitProjects, unitSeconds, unitHours}
}

// String is the limit for people, e.g. "5 GiB (5,368,709,120 bytes)" or "16.8".
func (t Threshold) String() string {
	switch t.Unit {
	case unitBytes:
		return exactBytes(t.Value)
	case unitRelease:
		return t.Release.Short()
	}
	return fmt.Sprintf("%s %s", Thousands(t.Value), t.Unit)
}

// Questions lists what the check asks a person, whatever is measured: for each
// destination that has a question of its own, the question as it is worded
// before anything was read.
func (k Check) Questions() []string {
	if k.Ask == nil {
		return nil
	}
	var all []string
	seen := map[string]bool{}
	for _, d := range k.Destinations {
		t := DefaultTarget()
		t.Destination = d
		if q := k.Ask(&Context{Target: t, Instance: &scan.Instance{}}); q != "" && !seen[q] {
			seen[q] = true
			all = append(all, q)
		}
	}
	return all
}

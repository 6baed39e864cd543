package checks

import (
	"fmt"

	"readiness/scan"
)

// Threshold is a limit that a check measures by. The judge and this entry name
// one constant, so that what is printed is what is judged.
type Threshold struct {
	Metric  string       // what is measured, e.g. "Git repository of a project"
	Value   int64        // in Unit; 0 where the limit is a release
	Release scan.Version // the limit where it is a release of GitLab, else zero
	Unit    string       // one of Units
	Source  string       // https address that publishes the limit
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
)

// Units lists every unit a threshold may have.
func Units() []string {
	return []string{unitBytes, unitReleases, unitRelease, unitLevels, unitDays, unitAccounts, unitRecords}
}

// String is the limit for people, e.g. "5 GiB (5,368,709,120 bytes)" or "16.8".
func (t Threshold) String() string {
	switch t.Unit {
	case unitBytes:
		return exactBytes(t.Value)
	case unitRelease:
		return t.Release.Short()
	}
	return fmt.Sprintf("%s %s", thousands(t.Value), t.Unit)
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

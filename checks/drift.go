package checks

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"readiness/checks/yamlfile"
)

// The sums by which one scan is compared with another.
const (
	MetricProjects = "projects"
	MetricGroups   = "groups"
	MetricUsers    = "users" // active people
	MetricStorage  = "storage"
	MetricFindings = "findings" // to be worked off
	MetricBlockers = "blockers" // of those, the gravest
)

// Metrics lists the names of all sums, in the order in which they are told.
func Metrics() []string {
	return []string{MetricProjects, MetricGroups, MetricUsers, MetricStorage, MetricFindings, MetricBlockers}
}

// DriftLimit is how far a sum may grow from what the contract was signed on
// before a change request is due. No such figure is published: it is the
// profile's author's.
type DriftLimit struct {
	Of string // one of Metrics
	// Share of the sum that was signed, 0.1 for a tenth; 0: Amount counts.
	Share  float64
	Amount int64 // in the sum's own unit
}

// Exceeded reports whether a growth from before is beyond the limit.
func (l DriftLimit) Exceeded(before, growth int64) bool {
	if l.Share > 0 {
		return float64(growth) > l.Share*float64(before)
	}
	return growth > l.Amount
}

// String is the limit as a profile states it.
func (l DriftLimit) String() string {
	switch {
	case l.Share > 0:
		return strconv.FormatFloat(l.Share*100, 'f', -1, 64) + " %"
	case l.Of == MetricStorage:
		return roundBytes(l.Amount)
	}
	return Thousands(l.Amount)
}

// driftLimit reads one limit: a share as "10 %", or an amount.
func (r *profileReader) driftLimit(f yamlfile.Field) {
	if !slices.Contains(Metrics(), f.Key) {
		r.Fail(f.Name, "change-request has no sum %.60q: it has %s", f.Key, strings.Join(Metrics(), ", "))
		return
	}
	limit := DriftLimit{Of: f.Key}
	text := r.Text(f.Value, f.Key)
	if number, share := strings.CutSuffix(text, "%"); share {
		n, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
		if err != nil || math.IsNaN(n) || math.IsInf(n, 0) || n <= 0 || n > 1e6 {
			r.Fail(f.Value, "%s: %.40q is no share: give it as 10 %%", f.Key, text)
		}
		limit.Share = n / 100
	} else {
		unit := unitRecords
		if f.Key == MetricStorage {
			unit = unitBytes
		}
		limit.Amount = r.count(f.Value, f.Key, unit)
	}
	r.p.Drift = append(r.p.Drift, limit)
}

// DriftLimit returns what the profile states for a sum.
func (p *Profile) DriftLimit(metric string) (DriftLimit, bool) {
	if p == nil {
		return DriftLimit{}, false
	}
	i := slices.IndexFunc(p.Drift, func(l DriftLimit) bool { return l.Of == metric })
	if i < 0 {
		return DriftLimit{}, false
	}
	return p.Drift[i], true
}

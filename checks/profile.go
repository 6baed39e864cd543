package checks

import (
	"fmt"
	"slices"
	"strings"

	"readiness/checks/matrix"
	"readiness/scan"
)

// Profile is what a person has decided for one engagement: where it goes, which
// limits count, which checks do not, what work costs. The zero Profile changes
// nothing. It is not changed once it is read.
type Profile struct {
	Name  string // of the file, "" without one
	Title string // what the engagement is called
	// Assumptions says whose figures these are, for whoever reads the report.
	Assumptions string

	Target     TargetTerms
	Off        []SwitchedOff       // sorted by check
	Severities map[string]Severity // by check
	Thresholds map[string][]Threshold
	Efforts    []UnitEffort
	Questions  []ProfileQuestion
	Others     []OtherSource // in the file's order
	Drift      []DriftLimit  // when a change request is due, in the file's order
}

// OtherSource is a system that is no GitLab and is to be moved too, with the
// quantities that a person states: nothing of it is read.
type OtherSource struct {
	System     string           // its id in the matrix
	Quantities map[string]int64 // by id of its items
}

// TargetTerms is the part of a Target that a profile states; what it leaves
// unsaid is zero.
type TargetTerms struct {
	Destination   Destination
	Version       scan.Version
	Tier          Tier
	Parent        string
	Executor      Party
	AirGapped     *bool
	Methods       []matrix.Method
	EmailDomains  []string
	Seats         int64
	AssumedSource scan.Version
	Limits        Limits
	Places        Places
}

// SwitchedOff is a check that is not judged, with the reason that somebody gave.
type SwitchedOff struct {
	Check  string `json:"check"`
	Title  string `json:"title"`
	Reason string `json:"reason"`
	// Severity is the grade the check would have had: a blocker that is switched
	// off leaves its methods less certain.
	Severity Severity `json:"severity"`
}

// ActionKind says how often a piece of manual work comes up.
type ActionKind string

// The kinds of action.
const (
	Once       ActionKind = "once"
	PerGroup   ActionKind = "per-group"
	PerProject ActionKind = "per-project"
	PerUser    ActionKind = "per-user"
	Scripted   ActionKind = "scripted" // the script once, however much it is run on
)

// ActionKinds lists every kind of action.
func ActionKinds() []ActionKind { return []ActionKind{Once, PerGroup, PerProject, PerUser, Scripted} }

// Party is who does a piece of work, or executes the migration.
type Party string

// The parties of a migration. The zero Party is one that was not stated.
const (
	Partner   Party = "partner"
	GitLabPS  Party = "gitlab-ps" // GitLab Professional Services
	CustomerP Party = "customer"
)

// Parties lists every party.
func Parties() []Party { return []Party{Partner, GitLabPS, CustomerP} }

// Title is the party's name for people.
func (p Party) Title() string {
	switch p {
	case Partner:
		return "the partner"
	case GitLabPS:
		return "GitLab Professional Services"
	case CustomerP:
		return "the customer"
	}
	return "not stated"
}

// ParseParty reads partner, gitlab-ps or customer.
func ParseParty(s string) (Party, error) {
	if p := Party(strings.ToLower(s)); slices.Contains(Parties(), p) {
		return p, nil
	}
	return "", fmt.Errorf("unknown party %.40q: choose from partner, gitlab-ps, customer", s)
}

// UnitEffort is what one action of a kind costs a party, in hours. No such
// figures are published: they are the profile's author's.
type UnitEffort struct {
	Kind  ActionKind `json:"kind"`
	Party Party      `json:"party"`
	// Of names the items of the matrix and the checks that it is for; nil: all
	// that no other effort names.
	Of   []string `json:"of,omitempty"`
	Low  float64  `json:"low_hours"`
	High float64  `json:"high_hours"` // not below Low
	Note string   `json:"note,omitempty"`
}

// Effort returns what one action on an item of the matrix or a check costs a
// party: the effort that names it, else the general one of the kind.
func (p *Profile) Effort(kind ActionKind, party Party, of string) (UnitEffort, bool) {
	if p == nil {
		return UnitEffort{}, false
	}
	general := -1
	for i, e := range p.Efforts {
		switch {
		case e.Kind != kind || e.Party != party:
		case slices.Contains(e.Of, of):
			return e, true
		case e.Of == nil:
			general = i
		}
	}
	if general < 0 {
		return UnitEffort{}, false
	}
	return p.Efforts[general], true
}

// ProfileQuestion is a question that the engagement adds to those of the checks.
type ProfileQuestion struct {
	ID       string // kebab-case
	Question string
	Who      string // who usually knows, "" if not said
	Why      string
}

// profileArea is the area of the questions that a profile adds.
const profileArea = "profile"

// check makes a question a check, so that it is told like all others.
func (q ProfileQuestion) check() Check {
	ask := q.Question
	if q.Who != "" {
		ask += " Ask: " + q.Who + "."
	}
	return Check{
		ID: "profile-" + q.ID, Area: profileArea, Severity: Info, Level: scan.LevelInstance,
		Title: "Question of this engagement", Why: q.Why, Remedy: "Have it answered by whoever knows and write the answer into the contract.",
		Methods: matrix.Methods(), Destinations: Destinations(),
		Ask: func(*Context) string { return ask },
	}
}

// Checks returns the checks as the profile has them: thresholds and severities
// changed, its questions added, those that it switches off left out. The checks
// that are given stay as they are.
func (p *Profile) Checks(all []Check) []Check {
	if p == nil {
		return all
	}
	out := make([]Check, 0, len(all)+len(p.Questions))
	for _, k := range all {
		if slices.ContainsFunc(p.Off, func(o SwitchedOff) bool { return o.Check == k.ID }) {
			continue
		}
		if s, changed := p.Severities[k.ID]; changed {
			k.Severity = s
		}
		if changed := p.Thresholds[k.ID]; changed != nil {
			k.Thresholds = slices.Clone(k.Thresholds)
			for _, c := range changed {
				i := slices.IndexFunc(k.Thresholds, func(t Threshold) bool { return t.Name() == c.Name() })
				k.Thresholds[i] = c
			}
			k.changed = changed
		}
		out = append(out, k)
	}
	for _, q := range p.Questions {
		out = append(out, q.check())
	}
	return out
}

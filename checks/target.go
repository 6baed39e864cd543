package checks

import (
	"fmt"
	"slices"
	"strings"

	"readiness/checks/matrix"
	"readiness/scan"
)

// Destination is the kind of GitLab a migration goes to.
type Destination string

// The destinations, by the ids that the rules use.
const (
	GitLabCom   Destination = "gitlab_com"
	Dedicated   Destination = "dedicated"
	SelfManaged Destination = "self_managed"
)

// Destinations lists every destination.
func Destinations() []Destination { return []Destination{GitLabCom, Dedicated, SelfManaged} }

// Title is the destination's name for people.
func (d Destination) Title() string {
	switch d {
	case GitLabCom:
		return "GitLab.com"
	case Dedicated:
		return "GitLab Dedicated"
	case SelfManaged:
		return "GitLab Self-Managed"
	}
	return string(d)
}

// ParseDestination reads gitlab.com, dedicated or self-managed; dots, hyphens
// and underscores are one.
func ParseDestination(s string) (Destination, error) {
	d := Destination(strings.NewReplacer("-", "_", ".", "_").Replace(strings.ToLower(s)))
	if slices.Contains(Destinations(), d) {
		return d, nil
	}
	return "", fmt.Errorf("unknown destination %.40q: choose from gitlab.com, dedicated, self-managed", s)
}

// Tier is a subscription tier of GitLab.
type Tier string

// The tiers, lowest first.
const (
	Free     Tier = "free"
	Premium  Tier = "premium"
	Ultimate Tier = "ultimate"
)

// ParseTier reads free, premium or ultimate.
func ParseTier(s string) (Tier, error) {
	if t := Tier(strings.ToLower(s)); slices.Contains([]Tier{Free, Premium, Ultimate}, t) {
		return t, nil
	}
	return "", fmt.Errorf("unknown tier %.40q: choose from free, premium, ultimate", s)
}

// Target is where a migration goes and how: what the same snapshot is judged for.
type Target struct {
	Destination Destination     `json:"destination"`
	Version     scan.Version    `json:"version"`
	Tier        Tier            `json:"tier"`
	Methods     []matrix.Method `json:"methods"`    // in play, in report order; never empty
	AirGapped   bool            `json:"air_gapped"` // no network path between source and destination
	// Parent is the full path of the destination group that the source's
	// top-level groups go under; "": not stated.
	Parent string `json:"parent,omitempty"`
}

// NewestVersion is the newest GitLab whose behaviour the matrix was checked
// against; gitlab.com is taken to run it.
var NewestVersion = scan.MustVersion("19.5")

// DefaultTarget is what a scan is judged for unless told otherwise: the
// commonest case, gitlab.com Ultimate, with every method in play.
func DefaultTarget() Target {
	return Target{Destination: GitLabCom, Version: NewestVersion, Tier: Ultimate, Methods: matrix.Methods()}
}

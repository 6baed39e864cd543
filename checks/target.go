package checks

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

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
	// Places are the paths that go elsewhere than under Parent.
	Places Places `json:"new_places,omitempty"`
	// Waves are the parts in which projects go by the plan; empty: not stated.
	Waves Waves `json:"-"`
	// Executor is who runs the migration: it decides which rights there are.
	// "": not stated.
	Executor Party `json:"executor,omitempty"`
	// AssumedSource is the version the source is judged at instead of the one that
	// was read, as after an upgrade; zero: as it was read.
	AssumedSource scan.Version `json:"assumed_source_version,omitzero"`
	// EmailDomains are those that people's addresses may have; nil: not stated.
	EmailDomains []string `json:"email_domains,omitempty"`
	// Seats is how many the destination's subscription has; 0: not stated.
	Seats int64 `json:"seats,omitempty"`
	// AsOf is the day that ages are counted to; zero: the scan's end.
	AsOf time.Time `json:"as_of,omitzero"`
	// VersionStated says that somebody named Version: it counts before what was read.
	VersionStated bool `json:"-"`
	// Read is what was read of the destination itself; nil: nothing was.
	Read   *scan.Destination `json:"-"`
	Limits Limits            `json:"limits,omitzero"` // as stated or read; what GitLab.com publishes is not repeated
}

// NewestVersion is the newest GitLab whose behaviour the matrix was checked
// against; gitlab.com is taken to run it.
var NewestVersion = scan.MustVersion("19.5")

// DefaultTarget is what a scan is judged for unless told otherwise: the
// commonest case, gitlab.com Ultimate, with every method in play.
func DefaultTarget() Target {
	return Target{Destination: GitLabCom, Version: NewestVersion, Tier: Ultimate, Methods: DefaultMethods(false)}
}

// DefaultMethods are those in play unless somebody chooses: all of them, but
// Congregate's mode for air gaps only where there is one.
func DefaultMethods(airGapped bool) []matrix.Method {
	return slices.DeleteFunc(matrix.Methods(), func(m matrix.Method) bool { return m == matrix.CongregateAirGapped && !airGapped })
}

// limits are those of the destination, as far as anybody says what they are: as
// they were stated, else as GitLab.com publishes its own.
func (t Target) limits() Limits {
	if t.Destination == GitLabCom {
		return t.Limits.or(gitLabComLimits())
	}
	return t.Limits
}

// With returns the target with what the terms state in place of its own.
func (t Target) With(terms TargetTerms) Target {
	set(&t.Destination, terms.Destination)
	if !terms.Version.IsZero() {
		t.Version, t.VersionStated = terms.Version, true
	}
	set(&t.Tier, terms.Tier)
	set(&t.Parent, terms.Parent)
	set(&t.Executor, terms.Executor)
	set(&t.Seats, terms.Seats)
	if terms.AirGapped != nil {
		t.AirGapped, t.Methods = *terms.AirGapped, DefaultMethods(*terms.AirGapped)
	}
	if terms.Methods != nil {
		t.Methods = terms.Methods
	}
	if terms.EmailDomains != nil {
		t.EmailDomains = terms.EmailDomains
	}
	if terms.Places != nil {
		t.Places = terms.Places
	}
	if !terms.AssumedSource.IsZero() {
		t.AssumedSource = terms.AssumedSource
	}
	t.Limits = terms.Limits.or(t.Limits)
	return t
}

// WithRead returns the target with what was read of the destination where nobody
// has stated anything else.
func (t Target) WithRead(d *scan.Destination) Target {
	if d == nil {
		return t
	}
	t.Read = d
	if v, read := d.Version.Get(); read && !t.VersionStated {
		t.Version = v
	}
	if n, read := d.Seats.Get(); read && t.Seats == 0 {
		t.Seats = n
	}
	limit := func(f scan.Fact[int64]) Limit {
		n, read := f.Get()
		if !read {
			return Limit{}
		}
		return Limit{Bytes: n, Source: d.URL + "/api/v4/application/settings", ReadOn: d.ReadAt.Format(time.DateOnly)}
	}
	t.Limits = t.Limits.or(Limits{RelationDownload: limit(d.MaxDownloadSize), ImportFile: limit(d.MaxImportSize), DecompressedArchive: limit(d.MaxDecompressedSize)})
	return t
}

// taken is the set of paths that are there already at the destination, in lower
// case; empty if they were not read.
func (t Target) taken() map[string]bool {
	set := map[string]bool{}
	if t.Read != nil {
		paths, _ := t.Read.Taken.Get()
		for _, p := range paths {
			set[p] = true
		}
	}
	return set
}

func set[T comparable](to *T, v T) {
	var zero T
	if v != zero {
		*to = v
	}
}

// groupPath is a full path of groups, each part as GitLab allows them.
// Source: https://docs.gitlab.com/user/reserved_names/
var groupPath = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*$`)

// ParsePath reads the full path of a group or project.
func ParsePath(s string) (string, error) {
	p := strings.Trim(s, "/")
	if !groupPath.MatchString(p) {
		return "", fmt.Errorf("%.60q is no path of a group or project: give one as acme/imported", s)
	}
	return p, nil
}

var domainName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$`)

// ParseDomain reads a domain of e-mail addresses, in lower case.
func ParseDomain(s string) (string, error) {
	d := strings.ToLower(strings.TrimPrefix(s, "@"))
	if !domainName.MatchString(d) {
		return "", fmt.Errorf("%.60q is no domain: give one as example.com", s)
	}
	return d, nil
}

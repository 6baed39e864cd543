package gitlabsim

import (
	"errors"
	"fmt"
	"iter"
	"net/url"
	"strings"
	"sync"
	"time"

	"readiness/scan"
)

// Tier is the edition and licence a world runs under.
type Tier string

// The tiers. CE is the Community Edition; Free is the Enterprise Edition
// without a licence.
const (
	CE       Tier = "ce"
	Free     Tier = "free"
	Premium  Tier = "premium"
	Ultimate Tier = "ultimate"
)

// Enterprise reports whether the tier runs Enterprise Edition code.
func (t Tier) Enterprise() bool { return t != CE }

// Licensed reports whether the tier has what Premium has.
func (t Tier) Licensed() bool { return t == Premium || t == Ultimate }

// Config says which world to make. The zero value of each field stands for its
// default.
type Config struct {
	Seed        uint64       // default 1
	Projects    int          // default 300
	Version     scan.Version // default 18.9.0
	Tier        Tier         // default Ultimate
	ExternalURL string       // default https://gitlab.example.com
	Now         time.Time    // the world's present; default 2026-03-02 09:00 UTC

	// SaaS makes the world GitLab.com as a customer sees it: nobody who asks is an
	// administrator, requests are limited, and the defaults above are its own:
	// version 19.5.0-pre at https://gitlab.com.
	SaaS bool
	// Throttle limits all requests. Where it is on, the application settings say so.
	Throttle Throttle
	// EndpointLimits applies the limits per endpoint that a fresh installation has;
	// one that was upgraded to 18.0 or later starts without.
	EndpointLimits bool
	// Dormant is how many of a hundred projects have neither repository nor
	// pipelines and have seen nothing for more than a year, instead of the few that
	// chance makes so; 0 leaves it to chance.
	Dormant int
	// Positive makes every count above zero and every feature available, so that a
	// zero that somebody reads is a lie.
	Positive bool
	// Sound makes a world in which everything is in order but that it has an
	// administrator; by default it is small and runs the newest version.
	Sound bool
	// Plant is a readiness rule that a Sound world breaks, one of Plants.
	Plant string
}

// gitlabCom fills in what is particular to GitLab.com.
// Source: https://docs.gitlab.com/user/gitlab_com/#rate-limits-on-gitlabcom
func (cfg *Config) gitlabCom() {
	if cfg.Version.IsZero() {
		cfg.Version = scan.Version{Major: 19, Minor: 5, Suffix: "pre"}
	}
	if cfg.ExternalURL == "" {
		cfg.ExternalURL = "https://gitlab.com"
	}
	if !cfg.Throttle.on() {
		cfg.Throttle = Throttle{Requests: 2000, Unauthenticated: 500, Period: time.Minute}
	}
	cfg.EndpointLimits = true
}

// World is a simulated instance. All its methods may be called at any time from
// any goroutine; nothing in it changes.
type World struct {
	cfg  Config
	host string // of the external URL

	projects, groups, users int // how many
	tops                    int // how many groups are top-level
	shared                  int // how many projects lie in groups, not in users' namespaces
	slots                   permutation
	personal                scatter // of personal projects over users
	userNames               permutation

	deployKeys, projectTokens, groupTokens, bots scatter
	domains, snippets, personalSnippets          scatter
	groupRunners, projectRunners                 scatter
	accessTokens                                 scatter
	aliases                                      scatter
	workspaces                                   scatter

	churn *churn // nil: the projects are those of the configuration

	walks walks

	countOnce sync.Once
	counts    counted
}

// New makes the world that cfg describes.
func New(cfg Config) (*World, error) {
	if cfg.SaaS {
		cfg.gitlabCom()
	}
	if err := cfg.sow(); err != nil {
		return nil, err
	}
	if cfg.Seed == 0 {
		cfg.Seed = 1
	}
	if cfg.Throttle.Period == 0 {
		cfg.Throttle.Period = time.Hour
	}
	if cfg.Projects == 0 {
		cfg.Projects = 300
	}
	if cfg.Version.IsZero() {
		cfg.Version = scan.Version{Major: 18, Minor: 9}
	}
	if cfg.Tier == "" {
		cfg.Tier = Ultimate
	}
	if cfg.ExternalURL == "" {
		cfg.ExternalURL = "https://gitlab.example.com"
	}
	if cfg.Now.IsZero() {
		cfg.Now = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	}
	cfg.ExternalURL = strings.TrimRight(cfg.ExternalURL, "/")
	cfg.Now = cfg.Now.UTC().Truncate(time.Millisecond)
	u, err := url.Parse(cfg.ExternalURL)
	switch {
	case err != nil:
		return nil, fmt.Errorf("simulate a world: %w", err)
	case u.Scheme == "" || u.Host == "":
		return nil, fmt.Errorf("simulate a world: external URL %.60q has no scheme or host", cfg.ExternalURL)
	case cfg.Throttle.Period < time.Second || cfg.Throttle.Period%time.Second != 0:
		return nil, fmt.Errorf("simulate a world: the throttle's period %s is not whole seconds", cfg.Throttle.Period)
	case cfg.Projects < 1:
		return nil, errors.New("simulate a world: give at least one project")
	case cfg.Version.Major < 13:
		return nil, fmt.Errorf("simulate a world: version %s is older than 13.0, the oldest that is simulated", cfg.Version)
	}
	switch cfg.Tier {
	case CE, Free, Premium, Ultimate:
	default:
		return nil, fmt.Errorf("simulate a world: tier %.20q is none of ce, free, premium, ultimate", cfg.Tier)
	}
	w := &World{cfg: cfg, host: u.Host, projects: cfg.Projects,
		groups: max(4, cfg.Projects/12), users: max(12, cfg.Projects/2)}
	w.tops = max(2, w.groups/16)
	w.shared = w.projects - w.projects/10
	if cfg.Sound {
		w.shared = w.projects
		if w.planting("projects-in-personal-namespaces") {
			w.shared--
		}
	}
	w.slots = newPermutation(w.projects, w.draw(ofInstance, 0, "slots"))
	w.userNames = newPermutation(len(firstNames)*len(lastNames), w.draw(ofInstance, 0, "user-names"))
	w.personal = scatter{w, "personal", w.users, 15, 4, w.human}
	w.bots = scatter{w, "bots", w.projects, 32, 1, nil}
	w.deployKeys = w.dealt(scatter{w, "deploy-keys", w.projects, 16, 3, nil})
	w.projectTokens = w.dealt(scatter{w, "deploy-tokens", w.projects, 8, 1, nil})
	w.groupTokens = w.dealt(scatter{w, "group-deploy-tokens", w.groups, 5, 2, nil})
	w.domains = w.dealt(scatter{w, "pages-domains", w.projects, 40, 2, nil})
	w.workspaces = w.dealt(scatter{w, "workspaces", w.projects, 25, 2, nil})
	w.aliases = w.dealt(scatter{w, "project-aliases", w.projects, 30, 1, nil})
	w.snippets = w.dealt(scatter{w, "snippets", w.projects, 12, 3, nil})
	w.personalSnippets = scatter{w, "personal-snippets", w.users, 9, 2, w.human}
	w.groupRunners = scatter{w, "group-runners", w.groups, 6, 2, nil}
	w.projectRunners = scatter{w, "project-runners", w.projects, 20, 2, nil}
	w.accessTokens = scatter{w, "access-tokens", w.users, 6, 4, nil}
	for _, s := range []*scatter{&w.bots, &w.deployKeys, &w.projectTokens, &w.groupTokens, &w.domains, &w.snippets, &w.personalSnippets,
		&w.groupRunners, &w.projectRunners, &w.accessTokens, &w.aliases, &w.workspaces} {
		*s = w.sown(*s)
	}
	return w, nil
}

// Config is the configuration with its defaults filled in.
func (w *World) Config() Config { return w.cfg }

// ExternalURL is the instance's external URL, without a trailing slash.
func (w *World) ExternalURL() string { return w.cfg.ExternalURL }

// Now is the world's present.
func (w *World) Now() time.Time { return w.cfg.Now }

// Canary stands wherever a real GitLab would hold a secret's value: values of
// variables, tokens of hooks, runners and triggers, passwords in URLs. A tool
// that lets it out would let a real secret out.
func (w *World) Canary() string {
	return "CANARY" + w.draw(ofInstance, 0, "canary").hex(12) + "SECRET"
}

// Entity ids leave gaps, as deleted rows do.
const (
	projectGap = 10 // every tenth project was deleted
	groupGap   = 14
	userGap    = 25
)

// spread maps the i-th survivor to its id, gather an id to its survivor.
func spread(i, gap int) int64 { return int64(i + i/(gap-1) + 1) }

func gather(id int64, gap, n int) (int, bool) {
	if id < 1 || id%int64(gap) == 0 {
		return 0, false
	}
	i := id - 1 - id/int64(gap)
	return int(i), i < int64(n)
}

func (w *World) projectID(i int) int64 { return spread(i, projectGap) }
func (w *World) groupID(i int) int64   { return spread(i, groupGap) }
func (w *World) userID(i int) int64    { return spread(i, userGap) }

func (w *World) projectIndex(id int64) (int, bool) {
	i, ok := gather(id, projectGap, w.projects)
	return i, ok && w.exists(i)
}
func (w *World) groupIndex(id int64) (int, bool) { return gather(id, groupGap, w.groups) }
func (w *World) userIndex(id int64) (int, bool)  { return gather(id, userGap, w.users) }

// userNamespace is the id of a user's personal namespace. Groups and personal
// namespaces share one sequence of ids in GitLab; here the latter follow.
func (w *World) userNamespace(i int) int64 { return w.groupID(w.groups) + 1000 + w.userID(i) }

// Projects, Groups and Users count the entities.
func (w *World) Projects() int {
	if w.churn != nil {
		return w.projects - len(w.churn.absent)
	}
	return w.projects
}
func (w *World) Groups() int { return w.groups }
func (w *World) Users() int  { return w.users }

// ProjectIDs walks the ids of all projects, ascending.
func (w *World) ProjectIDs() iter.Seq[int64] {
	return func(yield func(int64) bool) {
		for i := range w.projects {
			if w.exists(i) && !yield(w.projectID(i)) {
				return
			}
		}
	}
}

// GroupIDs walks the ids of all groups, ascending.
func (w *World) GroupIDs() iter.Seq[int64] { return walk(w.groups, w.groupID) }

// UserIDs walks the ids of all users, ascending.
func (w *World) UserIDs() iter.Seq[int64] { return walk(w.users, w.userID) }

func walk(n int, id func(int) int64) iter.Seq[int64] {
	return func(yield func(int64) bool) {
		for i := range n {
			if !yield(id(i)) {
				return
			}
		}
	}
}

// ago is the instant a number of days before the world's present.
func (w *World) ago(days float64) time.Time {
	return w.cfg.Now.Add(-time.Duration(days * 24 * float64(time.Hour))).Truncate(time.Millisecond)
}

func (w *World) day(t time.Time) string { return t.Format(time.DateOnly) }

// hidesVariables reports whether the version has hidden CI/CD variables.
// Source: https://docs.gitlab.com/ci/variables/#hide-a-cicd-variable
func (w *World) hidesVariables() bool {
	return w.cfg.Version.AtLeast(scan.Version{Major: 17, Minor: 4})
}

// Visibilities, from the narrowest.
var visibilities = []string{"private", "internal", "public"}

// Attribute is a custom attribute.
type Attribute struct{ Key, Value string }

func (w *World) attributes(d draw) []Attribute {
	all := []Attribute{{"cost-center", fmt.Sprint(4000 + d.below(90))}, {"owner-team", pick(d, groupWords)}, {"criticality", "high"}}
	return all[:w.some(d.few(12, len(all)))]
}

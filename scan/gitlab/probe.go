package gitlab

import (
	"context"
	"crypto/tls"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"readiness/scan"
)

// Certificate is what a source shows of itself over TLS.
type Certificate struct {
	Protocol string    `json:"protocol"` // e.g. "TLS 1.3"
	Subject  string    `json:"subject"`
	Issuer   string    `json:"issuer"`
	NotAfter time.Time `json:"not_after"`
}

// Probe is what a handful of requests tell about a source before it is scanned.
type Probe struct {
	URL         string                  `json:"url"`
	Certificate *Certificate            `json:"certificate"` // nil: the source is reached without TLS
	Unverified  bool                    `json:"unverified"`  // certificates were not verified
	Version     scan.Fact[scan.Version] `json:"version"`
	Enterprise  scan.Fact[bool]         `json:"enterprise"`
	Plan        scan.Fact[string]       `json:"plan"` // of the licence; unread where the token is no administrator's

	Username      string              `json:"username"`
	TokenKind     string              `json:"token_kind"` // personal, project, group or other
	Scopes        scan.Fact[[]string] `json:"scopes"`
	Expires       scan.Fact[string]   `json:"expires"` // a date; "": never
	Administrator scan.Fact[bool]     `json:"administrator"`
	// AdminMode says that the account is an administrator's and the token all the
	// same has no administrator's rights: Admin Mode is on and the token lacks its scope.
	AdminMode bool `json:"admin_mode_missing"`

	GraphQL           scan.Fact[bool]  `json:"graphql"`
	Throttle          scan.Fact[bool]  `json:"throttle"`            // of authenticated API requests
	ThrottlePerMinute scan.Fact[int64] `json:"throttle_per_minute"` // as the settings have it
	LimitPerMinute    scan.Fact[int64] `json:"limit_per_minute"`    // as the RateLimit headers have it, per minute
	LimitRemaining    scan.Fact[int64] `json:"limit_remaining"`     // requests left in the window, as the headers have it

	// How much there is, in the scope: GitLab's own statistics, else the lengths
	// of the lists this token is told of.
	Projects   scan.Fact[int64] `json:"projects"`
	Groups     scan.Fact[int64] `json:"groups"`
	Users      scan.Fact[int64] `json:"users"`
	Counted    bool             `json:"counted"`    // by the instance's statistics, which are approximate
	Maintained scan.Fact[int64] `json:"maintained"` // projects in which the account is Maintainer or Owner; asked only of others than administrators

	Latency  time.Duration `json:"latency_ns"` // mean time of the answers
	Requests scan.Requests `json:"requests"`
}

// Examine opens a source and asks what decides how a scan of it would go: at
// most ten requests. It returns the errors of Open, and the context's.
func Examine(ctx context.Context, opt Options) (*Probe, error) {
	if opt.Transport == nil {
		network, err := newNetwork(opt)
		if err != nil {
			return nil, err
		}
		opt.Transport = network
	}
	w := &witness{base: opt.Transport, now: time.Now}
	if opt.Clock != nil {
		w.now = opt.Clock.Now
	}
	opt.Transport, opt.Outage = w, -1 // who examines a source wants to know now
	s, err := Open(ctx, opt)
	if err != nil {
		return nil, err
	}
	i := &scan.Instance{URL: s.public, Version: s.metadata.version, Enterprise: s.metadata.enterprise}
	steps := []func(context.Context, *scan.Instance) error{s.readSettings, s.readToken, s.probeGraphQL}
	for _, step := range steps {
		if err := step(ctx, i); err != nil {
			return nil, err
		}
	}
	p := &Probe{
		URL: s.public, Unverified: opt.Insecure, Version: i.Version, Enterprise: i.Enterprise, Username: s.user.Username,
		TokenKind: s.tokenKind(i), Scopes: i.TokenScopes, Expires: i.TokenExpires,
		Administrator: i.CallerAdmin, AdminMode: s.user.IsAdmin && !s.admin && !i.CallerAdmin.Or(true),
		GraphQL: i.GraphQL, Throttle: i.APIThrottle, ThrottlePerMinute: i.APIThrottlePerMinute,
	}
	if s.admin {
		if err := s.readLicense(ctx, i); err != nil {
			return nil, err
		}
	}
	p.Plan = i.Plan
	if s.admin && len(s.scope) == 0 {
		if err := s.readStatistics(ctx, i); err != nil {
			return nil, err
		}
		p.Projects, p.Groups, p.Users = i.CountedProjects, i.CountedGroups, i.CountedUsers
		_, p.Counted = i.CountedProjects.Get()
	}
	if err := s.countScope(ctx, p); err != nil {
		return nil, err
	}
	w.tell(p)
	p.Requests = s.Requests()
	return p, nil
}

// tokenKind names the kind of token: GitLab does not say, the account's name does.
func (s *Source) tokenKind(i *scan.Instance) string {
	personal, known := i.TokenPersonal.Get()
	switch {
	case !known:
		return "unknown"
	case personal:
		return "personal access token"
	case strings.HasPrefix(s.user.Username, "project_"):
		return "project access token"
	case strings.HasPrefix(s.user.Username, "group_"):
		return "group access token"
	case s.user.Bot:
		return "token of a bot or service account"
	}
	return "OAuth or job token"
}

// countScope asks how long the listings are that a scan would walk, where
// GitLab's statistics have not told. A length GitLab leaves out stays unknown.
func (s *Source) countScope(ctx context.Context, p *Probe) error {
	whole := len(s.scope) == 0
	for _, c := range []struct {
		fact  *scan.Fact[int64]
		id    scan.FactID
		path  string // in a group of the scope
		self  int64  // what the list leaves out
		all   string // of the instance
		query url.Values
	}{
		{&p.Projects, "instance.counted-projects", "/projects", 0, "projects", url.Values{"include_subgroups": {"true"}}},
		{&p.Groups, "instance.counted-groups", "/descendant_groups", 1, "groups", url.Values{"all_available": {"true"}}},
		{&p.Users, "instance.counted-users", "/members/all", 0, "users", nil},
		{&p.Maintained, "instance.counted-projects", "/projects", 0, "projects", url.Values{"include_subgroups": {"true"}, "min_access_level": {strconv.Itoa(maintainer)}}},
	} {
		if _, known := c.fact.Get(); known {
			continue
		}
		if c.fact == &p.Maintained && s.admin {
			*c.fact = scan.Missing[int64](scan.Gap{Reason: scan.ReasonNotAsked})
			continue
		}
		var sum int64
		var gap *scan.Gap
		calls := []call{{endpoint: "GET /" + c.all, path: c.all, query: c.query}}
		if !whole {
			calls = nil
			for _, g := range s.scope {
				calls = append(calls, call{endpoint: "GET /groups/:id" + c.path, path: "groups/" + strconv.FormatInt(g.id, 10) + c.path, query: c.query})
			}
			sum = c.self * int64(len(s.scope))
		}
		for _, one := range calls {
			n, r, err := s.count(ctx, one)
			if err != nil {
				return err
			}
			if r != nil {
				g := r.gap(c.id, s.version())
				gap = &g
				break
			}
			sum += n
		}
		if gap != nil {
			*c.fact = scan.Missing[int64](*gap)
		} else {
			*c.fact = scan.Known(sum)
		}
	}
	return nil
}

// witness notes what passes between a source and its transport besides the
// bodies: the certificate, the limits and the time answers take.
type witness struct {
	base http.RoundTripper
	now  func() time.Time

	mu      sync.Mutex
	tls     *tls.ConnectionState
	header  http.Header // of the last answer that named a limit
	answers int
	took    time.Duration
}

// RoundTrip implements http.RoundTripper.
func (w *witness) RoundTrip(req *http.Request) (*http.Response, error) {
	begun := w.now()
	resp, err := w.base.RoundTrip(req)
	if err != nil {
		return resp, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.answers++; w.answers > 1 { // the first one also connects
		w.took += w.now().Sub(begun)
	}
	if resp.TLS != nil {
		w.tls = resp.TLS
	}
	if resp.Header.Get("RateLimit-Limit") != "" {
		w.header = resp.Header
	}
	return resp, nil
}

func (w *witness) tell(p *Probe) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.answers > 1 {
		p.Latency = w.took / time.Duration(w.answers-1)
	}
	if w.tls != nil && len(w.tls.PeerCertificates) > 0 {
		c := w.tls.PeerCertificates[0]
		p.Certificate = &Certificate{Protocol: tls.VersionName(w.tls.Version), Subject: c.Subject.String(), Issuer: c.Issuer.String(), NotAfter: c.NotAfter}
	}
	for _, h := range []struct {
		key  string
		fact *scan.Fact[int64]
	}{{"RateLimit-Limit", &p.LimitPerMinute}, {"RateLimit-Remaining", &p.LimitRemaining}} {
		// GitLab gives the limit per minute whatever the period is, source:
		// https://docs.gitlab.com/administration/settings/user_and_ip_rate_limits/#response-headers
		n, err := strconv.ParseInt(w.header.Get(h.key), 10, 64)
		if err != nil || n < 0 {
			*h.fact = scan.Missing[int64](scan.Gap{Reason: scan.ReasonWithheld, Cure: "the answers carry no RateLimit headers"})
			continue
		}
		*h.fact = scan.Known(n)
	}
}

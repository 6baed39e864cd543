package gitlab

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"readiness/scan"
)

// DefaultWorkers is how many requests are under way at most, if Options say nothing.
const DefaultWorkers = 8

// Options say which instance is read, as whom and how hard.
type Options struct {
	BaseURL   string     // where the instance is reached
	PublicURL string     // what it is called in the scan; "": BaseURL
	Token     string     // personal, group or project access token with scope read_api
	Groups    []string   // full paths; empty: the whole instance
	Depth     scan.Depth // what is asked; facts beyond it become gaps
	// Areas are what is asked about beyond the listings; empty: all.
	Areas []scan.Area
	// Projects are the full paths or ids of the only projects to read, with the
	// groups they lie in; empty: all. With Groups it cannot be given.
	Projects []string
	// AsOf is the instant that a project's last activity is measured against; zero: now.
	AsOf      time.Time
	Workers   int     // requests under way at the same time, at most; 0: DefaultWorkers
	MaxRPS    float64 // requests a second at most; 0: no limit of our own
	CAFile    string  // PEM file with certificate authorities to trust besides the system's
	Insecure  bool    // do not verify the server's certificate
	UserAgent string
	// ClientCert and ClientKey are PEM files with the certificate shown to the
	// server, where it asks for one, and its key; "": none.
	ClientCert, ClientKey string
	// Timeout bounds one attempt at one request, its answer's body included; 0: 90 s.
	Timeout time.Duration
	// SecretEndpoints allows lists in REST whose answers carry secret values, where
	// nothing else tells what is in them; see SecretEndpoints, the function. The
	// values are not decoded.
	SecretEndpoints bool
	// Outage is how long the source may be away before a reading ends with
	// scan.ErrUnreachable; 0: half an hour, negative: it is not waited for, and
	// each request fails by itself.
	Outage time.Duration
	// Transport replaces the network, in tests; nil: a transport of our own.
	Transport http.RoundTripper
	// Way is how a source is reached that is only played; nil: as the connection shows.
	Way *scan.Way
	// Clock replaces time, in tests; nil: the wall clock.
	Clock Clock
	// Logf, if not nil, is told of each request that got no answer. It never sees a
	// secret.
	Logf func(format string, args ...any)
	// Sent, if not nil, is told of each request that was sent, retries included.
	// Calls may overlap. It never sees a secret.
	Sent func(Exchange)
	// Noted, if not nil, is told what each question asks for, when it is answered.
	// Calls may overlap.
	Noted func(Ask)
	// Notice, if not nil, is told in a line what somebody who waits for the scan
	// wants to know: that the source is away or back, what it does not know. Calls
	// may overlap. It never sees a secret.
	Notice func(string)
	// Failed, if not nil, is told of each answer that failed for good, after all
	// retries, and so became gaps. Calls may overlap. It never sees a secret.
	Failed func(error)
}

// InputError says that what the user gave is wrong: the URL, the token, a group,
// the CA file. Every other error of Open is about the network or the server.
type InputError struct {
	Problem string // what was being done and what came of it
	Next    string // what to do
}

// Error is one line.
func (e *InputError) Error() string { return e.Problem + "; " + e.Next }

func wrong(next, format string, args ...any) error {
	return &InputError{Problem: fmt.Sprintf(format, args...), Next: next}
}

// Open connects to an instance and makes sure, before anything is scanned, that
// it is a GitLab, that it accepts the token, that the token may read, and that
// every group of the scope exists. It returns an *InputError where the user can
// mend it on the command line.
func Open(ctx context.Context, opt Options) (*Source, error) {
	base, err := parseURL(opt.BaseURL)
	if err != nil {
		return nil, err
	}
	public := base
	if opt.PublicURL != "" {
		if public, err = parseURL(opt.PublicURL); err != nil {
			return nil, err
		}
	}
	token := strings.TrimSpace(opt.Token)
	if token == "" {
		return nil, wrong("give a token with scope read_api", "there is no token for %s", base)
	}
	if strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return nil, wrong("give the token alone, on one line", "the token for %s contains characters no token has", base)
	}
	if opt.Clock == nil {
		opt.Clock = wallClock{}
	}
	network, watched := opt.Transport, newLookout(base, opt.Clock)
	if network == nil {
		own, err := newNetwork(opt)
		if err != nil {
			return nil, err
		}
		watched.watch(own)
		network = own
	}
	way := watched.way
	switch {
	case opt.Way != nil:
		way = func() scan.Way { return *opt.Way }
	case public.Host != base.Host || opt.Transport != nil:
		way = elsewhere
	}
	if opt.AsOf.IsZero() {
		opt.AsOf = opt.Clock.Now()
	}
	if opt.Workers <= 0 {
		opt.Workers = DefaultWorkers
	}
	if opt.Timeout <= 0 {
		opt.Timeout = attemptTimeout
	}
	if opt.Outage == 0 {
		opt.Outage = longestOutage
	}
	if opt.UserAgent == "" {
		opt.UserAgent = "readiness"
	}
	t := &transport{
		base: network, source: base, token: token, agent: opt.UserAgent,
		govern: newGovernor(opt.Workers), outage: outage{longest: opt.Outage},
		pace: newPacer(opt.Clock, opt.MaxRPS), clock: opt.Clock, maxBody: maxBody, timeout: opt.Timeout, sent: opt.Sent,
	}
	t.notice = func(format string, args ...any) {
		if opt.Notice != nil {
			opt.Notice(fmt.Sprintf(format, args...))
		}
	}
	s := &Source{
		public: public.String(), base: base.String(), host: public.Host, depth: opt.Depth,
		limits: scan.Scope{Depth: opt.Depth, Areas: opt.Areas, Projects: opt.Projects}, asOf: opt.AsOf,
		transport: t, http: t.client(), logf: opt.Logf, failed: opt.Failed, started: opt.Clock.Now(), way: way,
		secrets: opt.SecretEndpoints, noted: opt.Noted,
	}
	if s.rest, err = newREST(t, s.base); err != nil {
		return nil, fmt.Errorf("prepare to read %s: %w", s.base, err)
	}
	for _, step := range []func(context.Context) error{s.identify, s.checkScope, s.readVersion} {
		if err := step(ctx); err != nil {
			return nil, s.orOther(ctx, err)
		}
	}
	for _, path := range opt.Groups {
		if err := s.addGroup(ctx, path); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// parseURL reads the base URL of an instance, with or without /api/v4.
func parseURL(text string) (*url.URL, error) {
	const give = "give the instance's base URL, as in https://gitlab.example.com"
	text = strings.TrimSpace(text)
	if text == "" {
		return nil, wrong(give, "there is no URL of a GitLab instance")
	}
	u, err := url.Parse(text)
	if err != nil || u.Opaque != "" || (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" {
		return nil, wrong(give, "%q is not the URL of an instance", hideUserinfo(text))
	}
	if u.User != nil {
		return nil, wrong("give the URL without user and password, and the token by GITLAB_TOKEN", "the URL of %s contains credentials", u.Host)
	}
	if u.RawQuery != "" || u.Fragment != "" {
		return nil, wrong(give, "the URL of %s has a query or a fragment", u.Host)
	}
	path := strings.TrimRight(u.Path, "/")
	path = strings.TrimRight(strings.TrimSuffix(path, "/api/v4"), "/")
	return &url.URL{Scheme: u.Scheme, Host: u.Host, Path: path}, nil
}

// hideUserinfo shortens a URL for a message, without what may be a password.
func hideUserinfo(s string) string {
	if i := strings.LastIndex(s, "@"); i >= 0 {
		s = "…" + s[i:]
	}
	return clip(s)
}

// newNetwork is a transport for the real network.
func newNetwork(opt Options) (*http.Transport, error) {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost = max(opt.Workers, DefaultWorkers)
	t.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: opt.Insecure} //nolint:gosec // asked for by name on the command line
	if opt.ClientCert != "" || opt.ClientKey != "" {
		own, err := tls.LoadX509KeyPair(opt.ClientCert, opt.ClientKey)
		if err != nil {
			return nil, wrong("give a certificate and its key, each in a file in PEM form, the key without a passphrase", "read the client certificate: %v", err)
		}
		t.TLSClientConfig.Certificates = []tls.Certificate{own}
	}
	if opt.CAFile == "" {
		return t, nil
	}
	const give = "give a file with the certificate authority in PEM form"
	pem, err := os.ReadFile(opt.CAFile)
	if err != nil {
		return nil, wrong(give, "read the CA file: %v", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, wrong(give, "the CA file %s holds no certificate", opt.CAFile)
	}
	t.TLSClientConfig.RootCAs = pool
	return t, nil
}

// identify asks who the token is, which tells at once whether the server is
// there, is a GitLab and knows the token.
func (s *Source) identify(ctx context.Context) error {
	a, r, err := s.send(ctx, http.MethodGet, call{endpoint: userEndpoint, path: "user"})
	switch {
	case err != nil:
		return err
	case r != nil && r.Err != nil:
		return s.unreachable(r.Err)
	case r != nil && r.Cure == notJSON:
		return s.notGitLab("answers %d with a web page, not with GitLab's API: it is no GitLab, or a proxy or login page stands before it", r.Status)
	case r != nil:
		return s.refused(r)
	}
	s.note(call{endpoint: userEndpoint}, &s.user)
	if err := json.Unmarshal(a.body, &s.user); err != nil || s.user.ID == 0 || s.user.Username == "" {
		return s.notGitLab("answers, but not as GitLab does")
	}
	return nil
}

func (s *Source) notGitLab(format string, args ...any) error {
	return wrong("give the base URL of a GitLab instance and make sure that this machine reaches it without a login page",
		"%s %s", s.base, fmt.Sprintf(format, args...))
}

// refused words an answer to GET /user that is no user.
func (s *Source) refused(r *refusal) error {
	const newToken = "make a new token with scope read_api and give that"
	switch {
	case r.Status == http.StatusUnauthorized && strings.Contains(r.message, "expired"):
		return wrong(newToken, "%s does not accept the token: it has expired", s.base)
	case r.Status == http.StatusUnauthorized && strings.Contains(r.message, "revoked"):
		return wrong(newToken, "%s does not accept the token: it was revoked", s.base)
	case r.Status == http.StatusUnauthorized && (strings.Contains(r.message, "401 Unauthorized") || strings.Contains(r.message, "invalid_token")):
		return wrong("check that the token is whole and belongs to this instance, or "+newToken,
			"%s does not know the token", s.base)
	case r.Status == http.StatusUnauthorized:
		return s.notGitLab("refuses the token in words that are not GitLab's (401 %s)", r.message)
	case r.Status == http.StatusForbidden && strings.Contains(r.message, "insufficient"):
		return lacksScope(s.base)
	case r.Status == http.StatusForbidden:
		return wrong("let the account's owner sign in and see what it asks for, or use another account",
			"%s refuses the account of the token (403 %s)", s.base, r.message)
	case r.Status == http.StatusNotFound, r.Status == http.StatusGone, r.Status == http.StatusMethodNotAllowed:
		return s.notGitLab("has no GitLab API at /api/v4 (%d)", r.Status)
	}
	return fmt.Errorf("ask %s who the token belongs to: it answers %d %s; try again when it is up, and see whether its URL is right",
		s.base, r.Status, r.message)
}

func lacksScope(base string) error {
	return wrong("make a token with scope read_api", "%s accepts the token, but the token lacks read_api", base)
}

// unreachable words an error below HTTP.
func (s *Source) unreachable(err error) error {
	var redirect *redirectError
	var dns *net.DNSError
	var name x509.HostnameError
	var unknown x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(err, &redirect):
		return wrong("give that URL if it is the instance's", "%s does not answer itself: %v", s.base, redirect)
	case speaksPlainHTTP(err):
		return wrong("give the URL with http://, or the port that speaks TLS", "%s speaks plain HTTP on this port", s.base)
	case errors.As(err, &unknown):
		return fmt.Errorf("connect to %s: its certificate is signed by an authority this machine does not know; give the authority's certificate with --ca-file", s.base)
	case errors.As(err, &name):
		return fmt.Errorf("connect to %s: its certificate is for another name (%s); use the name in the certificate", s.base, clip(name.Error()))
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return fmt.Errorf("connect to %s: its certificate has expired, or this machine's clock is wrong; renew the certificate or set the clock", s.base)
	case wantsCertificate(err):
		return fmt.Errorf("connect to %s: it asks for a client certificate (%s); give one that it accepts with --client-cert and --client-key", s.base, clip(plainCause(err)))
	case isTLS(err):
		return fmt.Errorf("connect to %s: TLS failed (%s); check the port and the server's certificate, or give its authority with --ca-file", s.base, clip(plainCause(err)))
	case errors.As(err, &dns) && dns.IsNotFound:
		return fmt.Errorf("connect to %s: there is no host of that name; check the URL and this machine's DNS", s.base)
	}
	return fmt.Errorf("connect to %s: %s; check the URL, the network and the proxy settings", s.base, clip(plainCause(err)))
}

// checkScope makes sure that the token may read more than its own user, which
// scope read_user allows too. The project that it asks for tells the registry's
// host, where the instance has one.
// Source: lib/api/entities/project.rb at 18.9.
func (s *Source) checkScope(ctx context.Context) error {
	var newest []struct {
		ID     int64         `json:"id"`
		Images field[string] `json:"container_registry_image_prefix"`
	}
	query := url.Values{"per_page": {"1"}, "order_by": {"id"}, "sort": {"desc"}, "pagination": {"keyset"}}
	ask := func() (r *refusal, err error) {
		_, r, err = s.read(ctx, call{endpoint: scan.ReadProjects, path: "projects", query: query}, &newest)
		return r, err
	}
	r, err := ask()
	if err == nil && r != nil && !ofScope(r) { // what hangs on it is for the whole scan, and the refusal may be a passing one
		r, err = ask()
	}
	query.Del("pagination")
	for page := 2; err == nil && r != nil && ofOneEntry(r) && page <= 1+mostMissed; page++ { // the source may fail on the newest
		query.Set("page", strconv.Itoa(page))
		r, err = ask()
	}
	switch {
	case err != nil:
		return err
	case r != nil && ofScope(r):
		return lacksScope(s.base)
	case r != nil: // it costs the facts it touches
		s.registry = scan.Missing[string](r.gap(registryHostFact, scan.Version{}))
	case len(newest) > 0:
		s.newest = newest[0].ID
		host, _, _ := strings.Cut(newest[0].Images.value, "/")
		s.registry = scan.Known(strings.ToLower(host))
	}
	return nil
}

// ofScope reports whether a refusal is for the token's scope.
func ofScope(r *refusal) bool {
	return r.Status == http.StatusForbidden && strings.Contains(r.message, "insufficient")
}

// addGroup takes a group into the scope.
func (s *Source) addGroup(ctx context.Context, path string) error {
	path = strings.Trim(strings.TrimSpace(path), "/")
	if path == "" {
		return wrong("give the full path of a group, as in acme/platform", "an empty group path was given")
	}
	var g struct {
		ID       int64  `json:"id"`
		FullPath string `json:"full_path"`
	}
	_, r, err := s.read(ctx, call{endpoint: "GET /groups/:id", path: "groups/" + url.PathEscape(path),
		query: url.Values{"with_projects": {"false"}}}, &g)
	switch {
	case err != nil:
		return err
	case r != nil && (r.Status == http.StatusNotFound || r.Status == http.StatusForbidden):
		return wrong("check the full path, or use a token that may see the group",
			"%s has no group %q, or hides it from this token", s.base, clip(path))
	case r != nil:
		return fmt.Errorf("look up group %q at %s: %s; try again", clip(path), s.base, r.short())
	}
	s.scope = append(s.scope, scopeGroup{g.ID, g.FullPath})
	return nil
}

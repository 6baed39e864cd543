package gitlab

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"readiness/scan"
)

// user is the owner of the token.
type user struct {
	ID       int64  `json:"id"`
	Username string `json:"username"`
	Bot      bool   `json:"bot"`
	IsAdmin  bool   `json:"is_admin"`
	WebURL   string `json:"web_url"` // at the address by which the instance calls itself
}

// ownHost is the host of the address by which the source calls itself. Where it is
// reached by another name, through a tunnel or from within, files name this one.
func (s *Source) ownHost() scan.Fact[string] {
	_, rest, _ := strings.Cut(s.user.WebURL, "://")
	host, _, _ := strings.Cut(rest, "/") // the rest is the account's name
	if u, err := url.Parse("https://" + host); err == nil && u.Hostname() != "" && u.User == nil {
		return scan.Known(strings.ToLower(u.Host))
	}
	return scan.Missing[string](because("instance.own-host", scan.ReasonWithheld, "GitLab tells it in web_url of GET /user: see what answers in its place"))
}

// metadata is what the source says it runs.
type metadata struct {
	text       string // the version as it was told
	version    scan.Fact[scan.Version]
	enterprise scan.Fact[bool]
}

// readVersion learns the version, on which every later question depends. A
// source that does not tell is read with nothing that came after 13.0.
func (s *Source) readVersion(ctx context.Context) error {
	var m struct {
		Version    string      `json:"version"`
		Enterprise field[bool] `json:"enterprise"`
	}
	_, r, err := s.read(ctx, call{endpoint: scan.ReadMetadata, path: "metadata"}, &m)
	if err == nil && r != nil && r.Status == http.StatusNotFound { // before 15.2
		_, r, err = s.read(ctx, call{endpoint: "GET /version", path: "version"}, &m)
	}
	if err != nil {
		return err
	}
	if r != nil {
		s.metadata.version = scan.Missing[scan.Version](r.gap("instance.version", scan.Version{}))
		s.metadata.enterprise = scan.Missing[bool](r.gap("instance.enterprise", scan.Version{}))
		return nil
	}
	s.metadata.text = m.Version
	v, err := scan.ParseVersion(strings.TrimSpace(m.Version))
	if err != nil {
		s.metadata.version = scan.Missing[scan.Version](because("instance.version", scan.ReasonFailed, "the source names a version that cannot be read: "+retold(m.Version)))
	} else {
		s.metadata.version = scan.Known(v)
		s.schema.version = v
	}
	switch {
	case m.Enterprise.ok():
		s.metadata.enterprise = scan.Known(m.Enterprise.value)
	case strings.Contains(v.Suffix, "ee"): // before 15.6 only the version's suffix tells
		s.metadata.enterprise = scan.Known(true)
	case err == nil && v.Suffix == "":
		s.metadata.enterprise = scan.Known(false)
	default:
		s.metadata.enterprise = scan.Missing[bool](because("instance.enterprise", scan.ReasonWithheld, "GitLab 15.6 or newer says so itself"))
	}
	s.schema.enterprise = s.metadata.enterprise
	return nil
}

// Package redact puts pseudonyms in the place of names: of groups, projects and
// people, of hosts, e-mail addresses, branches, files, variables and all other
// words that the source's people chose. Ids, numbers, dates and GitLab's own words
// stay.
//
// A pseudonym is a keyed hash: the same name has the same one wherever and
// whenever it is redacted with the same key, so that scans can be compared, and
// nobody without the key can find out names by trying. What a later version reads
// is redacted unless this package says that its words are GitLab's.
package redact

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"readiness/scan"
)

// KeySize is how long a key is, in bytes.
const KeySize = 32

// NewKey makes a key as a line of text, to be kept where the names are.
func NewKey() string {
	b := make([]byte, KeySize)
	_, _ = rand.Read(b) // never fails, since Go 1.24
	return hex.EncodeToString(b) + "\n"
}

// Redactor redacts with one key.
type Redactor struct{ key []byte }

// New makes a redactor with a key as NewKey writes it.
func New(text string) (*Redactor, error) {
	key, err := hex.DecodeString(strings.TrimSpace(text))
	if err != nil || len(key) != KeySize {
		return nil, errors.New("this is no key: it has to be one line of 64 hexadecimal digits, as readiness makes it")
	}
	return &Redactor{key}, nil
}

// pseudonym is the word that stands for text of a kind; "" for "".
func (r *Redactor) pseudonym(kind, text string) string {
	if text == "" {
		return ""
	}
	h := hmac.New(sha256.New, r.key)
	fmt.Fprintf(h, "%s\x00%s", kind, text)
	return strings.ToLower(base32.StdEncoding.EncodeToString(h.Sum(nil)[:8])[:12])
}

// text stands for a word or words of any kind.
func (r *Redactor) text(s string) string { return prefixed("t-", r.pseudonym("text", s)) }

func prefixed(prefix, s string) string {
	if s == "" {
		return ""
	}
	return prefix + s
}

// path stands for the full path of a group or project, or for a username, which
// is the path of a person's namespace. Each part depends on those above it. Case
// makes no difference, as at GitLab.
func (r *Redactor) path(s string) string {
	parts := strings.Split(s, "/")
	for i := range parts {
		parts[i] = prefixed("n-", r.pseudonym("path", strings.ToLower(strings.Join(strings.Split(s, "/")[:i+1], "/"))))
	}
	return strings.Join(parts, "/")
}

// internal are suffixes of names that no public resolver answers for.
var internal = []string{".localhost", ".local", ".internal", ".home.arpa", ".lan", ".intranet", ".corp"}

// host stands for a host with or without a port. Whether the internet can reach
// it stays to be seen: a private address becomes another, a name of one label or
// below a reserved suffix one below .internal.
func (r *Redactor) host(s string) string {
	if s == "" {
		return ""
	}
	name, port := s, ""
	if i := strings.LastIndexByte(s, ':'); i >= 0 && strings.Trim(s[i+1:], "0123456789") == "" && (strings.Count(s, ":") == 1 || strings.HasSuffix(s[:i], "]")) {
		name, port = s[:i], s[i:]
	}
	word := r.pseudonym("host", strings.ToLower(name))
	if addr, err := netip.ParseAddr(strings.Trim(name, "[]")); err == nil {
		if a := addr.Unmap(); a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() || a.IsUnspecified() {
			return fmt.Sprintf("10.%d.%d.%d", word[0], word[1], word[2]) + port
		}
		return "h-" + word + ".example" + port
	}
	if lower := strings.ToLower(name); !strings.Contains(name, ".") || slices.ContainsFunc(internal, func(s string) bool { return strings.HasSuffix(lower, s) }) {
		return "h-" + word + ".internal" + port
	}
	return "h-" + word + ".example" + port
}

// address stands for a URL: its scheme stays, of the rest only the host and, as a
// path of GitLab's, the path are told apart.
func (r *Redactor) address(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" {
		return r.text(s)
	}
	out := strings.ToLower(u.Scheme) + "://" + r.host(u.Host)
	if path := strings.Trim(u.Path, "/"); path != "" {
		out += "/" + r.path(path)
	}
	return out
}

// email stands for an e-mail address, whose domain is a host's name.
func (r *Redactor) email(s string) string {
	local, domain, ok := strings.Cut(strings.ToLower(s), "@")
	if !ok {
		return r.text(s)
	}
	return prefixed("m-", r.pseudonym("email", local+"@"+domain)) + "@" + r.host(domain)
}

// file stands for a path in a repository, whose ending stays.
func (r *Redactor) file(s string) string {
	ending := ""
	if i := strings.LastIndexByte(s, '.'); i >= 0 && slices.Contains([]string{".yml", ".yaml", ".json", ".toml"}, s[i:]) {
		ending = s[i:]
	}
	return prefixed("f-", r.pseudonym("file", s)) + ending
}

// Scope redacts what a scan covers.
func (r *Redactor) Scope(s scan.Scope) scan.Scope {
	s.URL = r.address(s.URL)
	s.Groups = r.each(s.Groups, r.path)
	s.Projects = r.each(s.Projects, func(p string) string {
		if strings.Trim(p, "0123456789") == "" {
			return p // an id
		}
		return r.path(p)
	})
	return s
}

func (r *Redactor) each(all []string, one func(string) string) []string {
	out := make([]string, 0, len(all))
	for _, s := range all {
		out = append(out, one(s))
	}
	slices.Sort(out)
	return out
}

// cures are how cures begin that hold no word of the source's.
var cures = []string{"--", "GitLab ", "Guest", "Reporter", "Developer", "Maintainer", "Owner", "an administrator", "any ", "a token", "a scan ",
	"scan again", "run the", "look which variables", "the list changes", "GraphQL at", "no licence", "the server"}

const elsewhere = "see the snapshot that was not redacted"

// Gap redacts a reason why something is not known: servers' words and names that
// it may repeat are left out.
func (r *Redactor) Gap(g scan.Gap) scan.Gap {
	catalogued := slices.ContainsFunc(scan.Catalog(), func(e scan.Entry) bool { return e.Needs == g.Cure })
	if g.Cure == "" || catalogued {
		return g
	}
	if g.Reason == scan.ReasonFailed || strings.ContainsAny(g.Cure, `("`) || !slices.ContainsFunc(cures, func(c string) bool { return strings.HasPrefix(g.Cure, c) }) {
		g.Cure = elsewhere
	}
	return g
}

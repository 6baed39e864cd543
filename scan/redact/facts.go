package redact

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"readiness/scan"
)

// Subject redacts a subject in place: its identity and every fact of it.
func (r *Redactor) Subject(s scan.Subject) error {
	switch s := s.(type) {
	case *scan.Instance:
		s.URL = r.address(s.URL)
	case *scan.Group:
		s.Path, s.Name, s.WebURL = r.path(s.Path), r.last(s.Path), r.page(s.WebURL, s.Path)
	case *scan.Project:
		s.Path, s.Name, s.WebURL = r.path(s.Path), r.last(s.Path), r.page(s.WebURL, s.Path)
	case *scan.User:
		s.Username, s.Name, s.WebURL = r.path(s.Username), r.path(s.Username), r.page(s.WebURL, s.Username)
	default:
		return fmt.Errorf("redact: no way to redact a %s", s.Level())
	}
	for id, fact := range scan.Facts(s) {
		if scan.IsUnset(fact) {
			continue
		}
		if err := r.fact(string(id), fact); err != nil {
			return fmt.Errorf("redact %s of %s %d: %w", id, s.Level(), s.Key(), err)
		}
	}
	return nil
}

// last is the pseudonym of a path's last part, which stands for the display name.
func (r *Redactor) last(path string) string {
	p := r.path(path)
	return p[strings.LastIndexByte(p, '/')+1:]
}

// page is the address of a subject's page.
func (r *Redactor) page(url, path string) string {
	scheme, rest, ok := strings.Cut(url, "://")
	if !ok || !strings.EqualFold(scheme, "http") && !strings.EqualFold(scheme, "https") {
		return r.text(url)
	}
	host, _, _ := strings.Cut(rest, "/")
	return strings.ToLower(scheme) + "://" + r.host(host) + "/" + r.path(path)
}

// fact redacts the words of one fact, by its JSON form: what has no words stays
// as it is.
func (r *Redactor) fact(id string, fact scan.Read) error {
	b, err := fact.MarshalJSON()
	if err != nil {
		return err
	}
	var wire struct {
		Value any       `json:"value,omitempty"`
		Gap   *scan.Gap `json:"gap,omitempty"`
	}
	decoder := json.NewDecoder(strings.NewReader(string(b)))
	decoder.UseNumber()
	if err := decoder.Decode(&wire); err != nil {
		return err
	}
	if _, missing := fact.Gap(); !missing {
		if _, text := wire.Value.(string); !text && !holdsText(wire.Value) {
			return nil
		}
	}
	wire.Value = r.value(id, "", "", wire.Value)
	if wire.Gap != nil {
		g := r.Gap(*wire.Gap)
		wire.Gap = &g
	}
	if b, err = json.Marshal(wire); err != nil {
		return err
	}
	return fact.UnmarshalJSON(b)
}

func holdsText(v any) bool {
	switch v := v.(type) {
	case string:
		return true
	case []any:
		return slices.ContainsFunc(v, holdsText)
	case map[string]any:
		for _, inner := range v {
			if holdsText(inner) {
				return true
			}
		}
	}
	return false
}

// value redacts a JSON value that stands under a key of an item of a kind.
func (r *Redactor) value(id, key, kind string, v any) any {
	switch v := v.(type) {
	case string:
		return r.word(id, key, kind, v)
	case []any:
		for i := range v {
			v[i] = r.value(id, key, kind, v[i])
		}
	case map[string]any:
		kind, _ := v["kind"].(string)
		for k, inner := range v {
			v[k] = r.value(id, k, kind, inner)
		}
	}
	return v
}

// words are facts whose words are GitLab's own, or ours.
var words = []scan.FactID{
	"instance.version", "instance.license", "instance.address", "instance.import-sources",
	"caller.token-scopes",
	"group.visibility", "group.project-creation-level", "group.subgroup-creation-level",
	"project.visibility", "project.merge-method",
	"project.issues-access", "project.merge-requests-access", "project.repository-access", "project.builds-access", "project.wiki-access",
	"project.snippets-access", "project.container-registry-access", "project.pages-settings",
	"project.other-ci-files", // paths of a fixed list
	"project.approval-settings", "project.push-rules", "project.security-settings", "project.cicd-settings", "project.features-off",
	"user.state", "user.kind",
}

// kept are keys of items whose words are GitLab's own, or ours.
var kept = map[string][]string{
	"type": {"cicd-variables", "package-registry", "runner-tags"}, "kind": {"ci-"}, "slug": {"integrations"},
}

// common are names that tell nothing of who chose them.
var common = []string{"main", "master", "default", "*", "public", "none", "production", "staging"}

// vocabulary are the kinds of CI/CD mentions whose values are GitLab's own words.
var vocabulary = []scan.CIKind{scan.CIIncludeTemplate, scan.CISecrets, scan.CIDeprecated}

var (
	day     = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:\d{2}))?$`)
	endings = regexp.MustCompile(`^\*\.[a-z0-9]{1,5}$`) // patterns of Git LFS that name a type of file
	// signIn are providers that GitLab names; others are the administrators' choice.
	signIn = regexp.MustCompile(`^(ldap(main|secondary)?|saml|group_saml|scim|openid_connect|google_oauth2|github|gitlab|bitbucket|azure_oauth2|azure_activedirectory_v2|kerberos|atlassian_oauth2|auth0|jwt|cas3|crowd)$`)
)

func (r *Redactor) word(id, key, kind, s string) string {
	switch {
	case s == "", day.MatchString(s), slices.Contains(words, scan.FactID(id)), slices.Contains(common, s):
		return s
	case slices.ContainsFunc(kept[key], func(part string) bool { return strings.Contains(id, part) }):
		return s
	}
	switch id {
	case "user.email", "user.public-email", "user.secondary-emails":
		return r.email(s)
	case "caller.username", "project.job-token-allowed":
		return r.path(s)
	case "project.ci-config-path":
		if file, project, ok := strings.Cut(s, "@"); ok {
			return r.file(file) + "@" + r.path(project)
		}
		if strings.Contains(s, "://") {
			return r.address(s)
		}
		return r.file(s)
	case "project.lfs-config-hosts", "instance.registry-host", "instance.own-host":
		return r.host(s)
	case "project.lfs-patterns":
		if endings.MatchString(s) {
			return s
		}
	case "user.identities":
		if signIn.MatchString(s) {
			return s
		}
	}
	switch key {
	case "host":
		return r.host(s)
	case "target":
		return r.path(s)
	case "path", "file":
		return r.file(s)
	case "value":
		return r.mention(scan.CIKind(kind), s)
	}
	return r.text(s)
}

// mention redacts what a CI/CD configuration mentions.
func (r *Redactor) mention(kind scan.CIKind, s string) string {
	switch kind {
	case scan.CIIncludeProject, scan.CITrigger, scan.CINeedsProject:
		return r.path(s)
	case scan.CIJobToken:
		if slices.Contains([]string{"api", "git", "registry", "packages"}, s) {
			return s
		}
		return r.path(s)
	case scan.CIHost, scan.CIAddress, scan.CIForeignHost:
		return r.host(s)
	case scan.CIImage, scan.CIService, scan.CIIncludeComponent, scan.CIIncludeRemote:
		return r.reference(s)
	case scan.CIScanner:
		if strings.HasSuffix(s, ".gitlab-ci.yml") { // a template of GitLab's
			return s
		}
		return r.reference(s)
	case scan.CIIncludeLocal:
		return r.file(s)
	case scan.CIConfigElsewhere:
		return r.word("project.ci-config-path", "", "", s)
	}
	if slices.Contains(vocabulary, kind) {
		return s
	}
	return r.text(s)
}

// reference redacts what is named by a host and a path, perhaps with a tag or a
// version: an image, a component, an address without its scheme. Predefined
// variables stay.
func (r *Redactor) reference(s string) string {
	name, version := s, ""
	if i := strings.IndexByte(s, '@'); i >= 0 {
		name, version = s[:i], "@"+r.text(s[i+1:])
	} else if i := strings.LastIndexByte(s, ':'); i > strings.LastIndexByte(s, '/') {
		name, version = s[:i], ":"+r.text(s[i+1:])
	}
	first, rest, more := strings.Cut(name, "/")
	switch {
	case predefined.MatchString(first):
	case more && strings.ContainsAny(first, ".:"):
		first = r.host(first)
	default:
		return r.path(name) + version
	}
	if more {
		first += "/" + r.path(rest)
	}
	return first + version
}

// predefined are GitLab's own variables.
var predefined = regexp.MustCompile(`^\$\{?CI_[A-Z_]+\}?$`)

// Destination redacts what was read of the destination, in place.
func (r *Redactor) Destination(d *scan.Destination) error {
	d.URL = r.address(d.URL)
	d.Parent = r.path(d.Parent)
	for _, f := range []struct {
		id   string
		read scan.Read
	}{{"destination.addresses", &d.ParentAddresses}, {"destination.domains", &d.ParentDomains}} {
		if err := r.fact(f.id, f.read); err != nil {
			return err
		}
	}
	if paths, known := d.Taken.Get(); known {
		d.Taken = scan.Known(r.each(paths, r.path))
	}
	for _, f := range d.Facts() {
		if g, missing := f.Read.Gap(); missing && r.Gap(g) != g {
			b, err := json.Marshal(map[string]scan.Gap{"gap": r.Gap(g)})
			if err == nil {
				err = f.Read.UnmarshalJSON(b)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

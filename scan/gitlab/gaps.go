package gitlab

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strings"

	"readiness/scan"
)

// refusal is an answer that holds no value. It becomes the Gap of every fact
// that the answer would have given, see gap.
type refusal struct {
	Endpoint string
	Status   int
	Reason   scan.Reason
	Cure     string // "": what the catalogue says the fact needs
	Err      error  // for messages; nil if an answer came
	unknown  bool   // the server has no such route
	heavy    bool   // a smaller question may succeed
	message  string // GitLab's own words, shortened
}

// rule says what a status means. Rules are tried in order; an empty endpoint or
// text matches any.
type rule struct {
	endpoint string // route pattern, exact
	status   int
	text     string // part of the body
	reason   scan.Reason
	cure     string
}

// rules is the one table from (endpoint, status, body) to the reason of a Gap.
// Bodies and statuses are those of GitLab's REST API, source:
// https://docs.gitlab.com/api/rest/troubleshooting/ and lib/api/helpers.rb.
var rules = []rule{
	{"", 401, "", scan.ReasonForbidden, ""},
	{"", 403, "insufficient_scope", scan.ReasonForbidden, "a token with scope read_api"},
	{"", 403, "insufficient_granular_scope", scan.ReasonForbidden, "a token whose fine-grained permissions cover it, or one with scope read_api"},
	{"", 403, "", scan.ReasonForbidden, ""},
	{"GET /groups/:id/member_roles", 400, "", scan.ReasonFeatureOff, ""}, // self-managed instances have roles of their own instead
	{"GET /member_roles", 400, "", scan.ReasonFeatureOff, ""},            // GitLab.com has roles of groups instead
	{"GET /pages/domains", 404, "", scan.ReasonFeatureOff, ""},
	{"GET /license", 404, routeUnknown, scan.ReasonFeatureOff, ""},
	{"GET /geo_sites", 404, routeUnknown, scan.ReasonFeatureOff, ""},
	{"GET /groups/:id/hooks", 404, routeUnknown, scan.ReasonFeatureOff, ""},
	{"GET /projects/:id/packages", 404, packagesOff, scan.ReasonFeatureOff, ""},
	{"GET /projects/:id/pages/domains", 404, pagesOff, scan.ReasonFeatureOff, ""},
	{"GET /projects/:id/clusters", 404, projectMissing, scan.ReasonHidden, ""},
	{"GET /projects/:id/clusters", 404, "", scan.ReasonFeatureOff, ""},
	{"", 404, "", scan.ReasonHidden, ""},
	{"", 405, "", scan.ReasonTruncated, "the instance refuses to walk a list this far by page: limit the scan to groups"},
	{"", 410, "", scan.ReasonTooOld, ""},
	{"", 429, "", scan.ReasonFailed, "the rate limit held to the end: scan with fewer requests a second, or at a quieter hour"},
}

const (
	// routeUnknown is how GitLab words a route it does not have; what is hidden
	// says "message" instead.
	routeUnknown = `"error":"404 Not Found"`
	// The features' own switches in gitlab.yml answer a bare 404.
	packagesOff = `"message":"404 Not Found"`
	pagesOff    = `"message":"404 Not Found"`
	// projectMissing is how GitLab words that there is no such project, or none that
	// the caller may see.
	projectMissing = "404 Project Not Found"

	notJSON = "a page that is not JSON; a proxy or login page answered: scan from where GitLab answers directly"
)

// refuse sorts an answer: nil if it is a value.
func refuse(endpoint string, status int, h http.Header, body []byte, head bool) *refusal {
	r := &refusal{Endpoint: endpoint, Status: status}
	if status != http.StatusOK {
		r.message = words(body)
	}
	compact := strings.NewReplacer(": ", ":", " :", ":").Replace(string(body[:min(len(body), 2048)]))
	r.unknown = status == http.StatusNotFound && strings.Contains(compact, routeUnknown)
	if !head && status != http.StatusTooManyRequests && status < 500 && !looksJSON(h, body, endpoint == rawFile && status == http.StatusOK) {
		r.Reason, r.Cure = scan.ReasonFailed, notJSON
		return r
	}
	if status == http.StatusOK {
		return nil
	}
	for _, rule := range rules {
		if rule.status == status && (rule.endpoint == "" || rule.endpoint == endpoint) &&
			(rule.text == "" || strings.Contains(compact, rule.text)) {
			r.Reason, r.Cure = rule.reason, rule.cure
			return r
		}
	}
	r.Reason, r.Cure = scan.ReasonFailed, "run the scan again; if it stays, ask the source's administrator about this answer"
	return r
}

// failure is a request to which no usable answer came.
func failure(endpoint string, err error) *refusal {
	return &refusal{Endpoint: endpoint, Reason: scan.ReasonFailed, Err: err, heavy: errors.Is(err, errTooLarge),
		Cure: "no usable answer (" + causeWords(err) + "): run the scan again"}
}

// short is the refusal in a few words, for messages.
func (r *refusal) short() string {
	if r.Err != nil {
		return causeWords(r.Err)
	}
	return strings.TrimSpace(fmt.Sprintf("it answers %d %s", r.Status, strings.TrimPrefix(r.message, fmt.Sprint(r.Status, " "))))
}

// looksJSON reports whether an answer can be GitLab's: a login page or a proxy
// speaks HTML, whatever the status. The text of a file is no JSON either.
func looksJSON(h http.Header, body []byte, isFile bool) bool {
	if media, _, err := mime.ParseMediaType(h.Get("Content-Type")); err == nil && (media == "text/html" || media == "application/xhtml+xml") {
		return false
	}
	if isFile {
		return true // which may well be XML
	}
	body = bytes.TrimSpace(body)
	return len(body) == 0 || !bytes.HasPrefix(body, []byte("<"))
}

// words is the message of an error body in one short line.
func words(body []byte) string {
	var b struct {
		Message     any    `json:"message"`
		Error       any    `json:"error"`
		Description string `json:"error_description"`
	}
	if json.Unmarshal(body, &b) != nil {
		return ""
	}
	var parts []string
	for _, p := range []any{b.Message, b.Error, b.Description} {
		if p != nil && p != "" {
			parts = append(parts, fmt.Sprint(p))
		}
	}
	return retold(strings.Join(parts, ": "))
}

// clip makes text from outside fit for one line of a message.
func clip(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
	if runes := []rune(s); len(runes) > 160 {
		return string(runes[:160]) + "…"
	}
	return s
}

// gap is the refusal as the Gap of one fact at a source of version v.
func (r *refusal) gap(id scan.FactID, v scan.Version) scan.Gap {
	g := scan.Gap{Reason: r.Reason, Status: r.Status, Endpoint: r.Endpoint, Cure: r.Cure}
	e, _ := scan.Lookup(id)
	if g.Endpoint == scan.ReadGraphQL && strings.HasPrefix(e.Read, scan.ReadGraphQL) {
		g.Endpoint = e.Read
	}
	if g.Reason == scan.ReasonHidden && tooOld(e, v) {
		g.Reason = scan.ReasonTooOld
	}
	if g.Cure == "" {
		g.Cure = cure(g.Reason, e)
	}
	return g
}

func tooOld(e scan.Entry, v scan.Version) bool {
	if e.Since == "" || v.IsZero() {
		return false
	}
	return !v.AtLeast(scan.MustVersion(e.Since))
}

// cure says what would let a fact be read that lacks a value for this reason.
func cure(reason scan.Reason, e scan.Entry) string {
	switch reason {
	case scan.ReasonForbidden, scan.ReasonWithheld, scan.ReasonHidden:
		return e.Needs
	case scan.ReasonTooOld:
		if e.Since != "" {
			return "GitLab " + e.Since + " or newer"
		}
	case scan.ReasonNotAsked:
		return "--depth " + e.Depth.String()
	}
	return ""
}

// gapFor is a Gap that no answer caused, at the endpoint the catalogue names.
func gapFor(id scan.FactID, reason scan.Reason) scan.Gap {
	e, _ := scan.Lookup(id)
	return scan.Gap{Reason: reason, Endpoint: e.Read, Cure: cure(reason, e)}
}

// because is gapFor with a cure of its own.
func because(id scan.FactID, reason scan.Reason, cure string) scan.Gap {
	g := gapFor(id, reason)
	g.Cure = cure
	return g
}

// settle gives every fact of subject that the part should have set, and that
// nobody has, the gap that reason words for it.
func settle(subject scan.Subject, depth scan.Depth, gap func(scan.FactID) scan.Gap) {
	for id, fact := range scan.Facts(subject) {
		if e, ok := scan.Lookup(id); ok && e.Depth == depth && scan.IsUnset(fact) {
			scan.Forget(subject, id, gap(id))
		}
	}
}

package gitlabsim

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Faults is a plan of what goes wrong while a server answers. Its text is
//
//	plan   = [ clause ] { ( ";" | newline ) [ clause ] }
//	clause = kind { blank word "=" value }
//
// as in
//
//	429 burst=20 every=200 retry-after=1; 500 share=0.02; reset share=0.01
//	500 project=17; 404 route=/projects/:id/hooks; revoke after=500; churn every=50
//
// The kinds are
//
//	429          too many requests: GitLab has two forms of it, form=rack (plain text
//	             and RateLimit headers) and form=app (JSON, Retry-After alone); without
//	             form each request draws one. retry-after=SECONDS is what both say.
//	403 404 500  an answer of GitLab's with this status
//	502 503 504  an answer of the proxy before GitLab; retry-after=SECONDS as above
//	reset        the connection is reset
//	stall        the server falls silent, before its answer or in the midst of it
//	truncate     the answer breaks off, or arrives whole as half its JSON
//	notjson      the answer has status 200 and a body that is no JSON
//	html         the answer has status 200 and is the sign-in page
//	slow         the answer comes delay=DURATION later (200ms); other faults may follow
//	revoke       the token is no longer accepted, anywhere
//	poison       an answer that tells of project=ID, by itself or in a list of
//	             projects, has status 500 instead; with form=full one with simple=true has not
//	graphql-off  GraphQL answers status=404 or 403 (404)
//	churn        a project is created, renamed or deleted, in turn, after each
//	             every=N requests
//
// Which requests a clause concerns say route=PATTERN (a route as in
// /projects/:id/hooks, or its beginning and "*"; GraphQL is /graphql) and
// project=ID (requests about this project alone, GraphQL's among them). Which of
// those it strikes say
//
//	share=0.02            that part of them, each drawn by itself
//	burst=20 every=200    of each 200 the last 20; every alone means burst=1
//	after=300 until=400   only those from the 301st to the 400th, with or without the above
//
// and without any of these all are struck. The first clause that strikes a
// request decides its answer.
type Faults []Fault

// Fault is one clause of a plan. The zero value of a field means that its word
// is not given.
type Fault struct {
	Kind       string
	Share      float64       // of the requests concerned, in (0, 1]
	Burst      int           // requests struck of each Every
	Every      int           // requests
	After      int           // requests spared at the start
	Until      int           // the last request struck
	Route      string        // route pattern
	Project    int64         // id
	RetryAfter int           // seconds
	Form       string        // of a 429: rack or app; of poison: full
	Delay      time.Duration // of slow
	Status     int           // of graphql-off
}

// The words of a clause in the order in which String writes them.
var when = []string{"share", "burst", "every", "after", "until"}
var where = []string{"route", "project"}

// faultWords lists, by kind, the words it takes.
var faultWords = map[string][]string{
	"429":         slices.Concat(when, where, []string{"retry-after", "form"}),
	"403":         slices.Concat(when, where),
	"404":         slices.Concat(when, where),
	"500":         slices.Concat(when, where),
	"502":         slices.Concat(when, where, []string{"retry-after"}),
	"503":         slices.Concat(when, where, []string{"retry-after"}),
	"504":         slices.Concat(when, where, []string{"retry-after"}),
	"reset":       slices.Concat(when, where),
	"stall":       slices.Concat(when, where),
	"truncate":    slices.Concat(when, where),
	"notjson":     slices.Concat(when, where),
	"html":        slices.Concat(when, where),
	"slow":        slices.Concat(when, where, []string{"delay"}),
	"revoke":      {"after"},
	"poison":      {"project", "form"},
	"graphql-off": {"after", "until", "status"},
	"churn":       {"every"},
}

// FaultKinds lists every kind of fault.
func FaultKinds() []string {
	return []string{"429", "403", "404", "500", "502", "503", "504", "reset", "stall", "truncate", "notjson", "html", "slow", "poison", "revoke", "graphql-off", "churn"}
}

const (
	defaultDelay = 200 * time.Millisecond
	longestDelay = time.Hour
	mostRequests = 1_000_000_000
)

// ParseFaults reads a plan; an empty text is an empty plan. Its error names the
// word that is wrong and what it may be.
func ParseFaults(text string) (Faults, error) {
	var plan Faults
	for _, clause := range strings.FieldsFunc(text, func(r rune) bool { return r == ';' || r == '\n' }) {
		words := strings.Fields(clause)
		if len(words) == 0 {
			continue
		}
		f, err := parseFault(words)
		if err != nil {
			return nil, fmt.Errorf("faults: in %.60q: %w", strings.Join(words, " "), err)
		}
		plan = append(plan, f)
	}
	return plan, nil
}

func parseFault(words []string) (Fault, error) {
	f := Fault{Kind: words[0]}
	takes, ok := faultWords[f.Kind]
	if !ok {
		return f, fmt.Errorf("unknown fault %.40q: choose from %s", f.Kind, strings.Join(FaultKinds(), ", "))
	}
	var given []string
	for _, w := range words[1:] {
		name, value, ok := strings.Cut(w, "=")
		switch {
		case !ok || value == "":
			return f, fmt.Errorf("%.40q has no value: write word=value", w)
		case !slices.Contains(takes, name):
			return f, fmt.Errorf("%s takes no %.40q: choose from %s", f.Kind, name, strings.Join(takes, ", "))
		case slices.Contains(given, name):
			return f, fmt.Errorf("%s is given twice", name)
		}
		given = append(given, name)
		if err := f.set(name, value); err != nil {
			return f, fmt.Errorf("%s=%.40s: %w", name, value, err)
		}
	}
	return f, f.complete()
}

// set reads one word's value.
func (f *Fault) set(name, value string) (err error) {
	switch name {
	case "share":
		f.Share, err = strconv.ParseFloat(value, 64)
		if err != nil || !(f.Share > 0 && f.Share <= 1) {
			return errors.New("write a part of 1, as in 0.02")
		}
	case "burst":
		f.Burst, err = wholeNumber(value, 1, mostRequests)
	case "every":
		f.Every, err = wholeNumber(value, 1, mostRequests)
	case "after":
		f.After, err = wholeNumber(value, 1, mostRequests)
	case "until":
		f.Until, err = wholeNumber(value, 1, mostRequests)
	case "retry-after":
		f.RetryAfter, err = wholeNumber(value, 1, 86_400)
	case "project":
		var n int
		n, err = wholeNumber(value, 1, 1<<53)
		f.Project = int64(n)
	case "route":
		if !strings.HasPrefix(value, "/") {
			return errors.New("write a route as in /projects/:id/hooks")
		}
		f.Route = value
	case "form":
		forms := []string{"rack", "app"}
		if f.Kind == "poison" {
			forms = []string{"full"}
		}
		if !slices.Contains(forms, value) {
			return errors.New("choose from " + strings.Join(forms, ", "))
		}
		f.Form = value
	case "status":
		if value != "403" && value != "404" {
			return errors.New("choose from 403, 404")
		}
		f.Status, err = strconv.Atoi(value)
	case "delay":
		f.Delay, err = time.ParseDuration(value)
		if err != nil || f.Delay <= 0 || f.Delay > longestDelay {
			return errors.New("write a duration of at most an hour, as in 200ms")
		}
	}
	return err
}

func wholeNumber(value string, lo, hi int) (int, error) {
	n, err := strconv.Atoi(value)
	if err != nil || n < lo || n > hi {
		return 0, fmt.Errorf("write a whole number from %d to %d", lo, hi)
	}
	return n, nil
}

// complete fills in what follows from other words and refuses what cannot be.
func (f *Fault) complete() error {
	switch {
	case f.Kind == "poison" && f.Project == 0:
		return errors.New("poison needs project=ID: which one")
	case f.Kind == "churn" && f.Every == 0:
		return errors.New("churn needs every=N: after how many requests something changes")
	case f.Share > 0 && f.Every > 0:
		return errors.New("share and every exclude each other")
	case f.Burst > 0 && f.Every == 0:
		return errors.New("burst needs every=N: of how many requests")
	case f.Burst > f.Every:
		return fmt.Errorf("burst=%d is more than every=%d", f.Burst, f.Every)
	case f.Until > 0 && f.Until <= f.After:
		return fmt.Errorf("until=%d is not beyond after=%d", f.Until, f.After)
	}
	if f.Every > 0 && f.Burst == 0 && f.Kind != "churn" {
		f.Burst = 1
	}
	if f.Kind == "slow" && f.Delay == 0 {
		f.Delay = defaultDelay
	}
	if f.Kind == "graphql-off" && f.Status == 0 {
		f.Status = 404
	}
	return nil
}

// String is the plan's text; ParseFaults reads it back.
func (p Faults) String() string {
	clauses := make([]string, len(p))
	for i, f := range p {
		clauses[i] = f.String()
	}
	return strings.Join(clauses, "; ")
}

// String is the clause's text.
func (f Fault) String() string {
	words := []string{f.Kind}
	say := func(given bool, name string, value any) {
		if given {
			words = append(words, fmt.Sprintf("%s=%v", name, value))
		}
	}
	say(f.Share != 0, "share", strconv.FormatFloat(f.Share, 'f', -1, 64))
	say(f.Burst != 0, "burst", f.Burst)
	say(f.Every != 0, "every", f.Every)
	say(f.After != 0, "after", f.After)
	say(f.Until != 0, "until", f.Until)
	say(f.Route != "", "route", f.Route)
	say(f.Project != 0, "project", f.Project)
	say(f.RetryAfter != 0, "retry-after", f.RetryAfter)
	say(f.Form != "", "form", f.Form)
	say(f.Delay != 0, "delay", f.Delay)
	say(f.Status != 0, "status", f.Status)
	return strings.Join(words, " ")
}

// strikes reports whether the clause strikes the n-th request that it concerns,
// counted from 1.
func (f Fault) strikes(n int, d draw) bool {
	switch {
	case n <= f.After, f.Until > 0 && n > f.Until:
		return false
	case f.Share > 0:
		return d.unit() < f.Share
	case f.Every > 0:
		return (n-f.After-1)%f.Every >= f.Every-f.Burst
	}
	return true
}

// concerns reports whether the clause is about a request to the route, with this
// id in its path and this body.
func (f Fault) concerns(route, id, body string) bool {
	if f.Kind == "graphql-off" && route != graphqlRoute || f.Kind == "poison" {
		return false // of poison the answer decides
	}
	if f.Route != "" {
		if beginning, ok := strings.CutSuffix(f.Route, "*"); !(ok && strings.HasPrefix(route, beginning)) && route != f.Route {
			return false
		}
	}
	if f.Project == 0 {
		return true
	}
	if route == graphqlRoute {
		return strings.Contains(body, fmt.Sprintf(`gid://gitlab/Project/%d"`, f.Project))
	}
	return strings.HasPrefix(route, "/projects/:id") && id == strconv.FormatInt(f.Project, 10)
}

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"time"

	"readiness/scan"
	"readiness/scan/gitlab"
	"readiness/scan/gitlabsim"
)

// reading is one thing that a scan reads, as 'readiness checks --reads' tells it.
type reading struct {
	Request    string   `json:"request"`
	Parameters []string `json:"parameters,omitempty"`
	Fields     []string `json:"fields"`          // of the answer; empty: it is only counted, or a file's text
	Needs      string   `json:"needs"`           // role and tier
	Allowed    string   `json:"flag,omitempty"`  // the flag without which it is not asked
	Personal   []string `json:"personal_data"`   // fields about people
	Facts      []string `json:"facts,omitempty"` // what is kept of it, by fact id
	Unread     []string `json:"unread,omitempty"`
}

// asking collects what scans ask.
type asking struct {
	mu         sync.Mutex
	fields     map[string]map[string]bool // by endpoint
	parameters map[string]map[string]bool
	err        error
}

func put(m map[string]map[string]bool, key string, values ...string) {
	if m[key] == nil {
		m[key] = map[string]bool{}
	}
	for _, v := range values {
		m[key][v] = true
	}
}

func (a *asking) add(q gitlab.Ask) {
	a.mu.Lock()
	defer a.mu.Unlock()
	put(a.fields, q.Endpoint, q.Fields...)
	put(a.parameters, q.Endpoint, q.Parameters...)
	if q.Query != "" {
		fields, err := gitlabsim.Selected(q.Query)
		put(a.fields, q.Endpoint, fields...)
		if a.err == nil {
			a.err = err
		}
	}
}

// inMemory hands requests to a server without a network.
type inMemory struct{ http.Handler }

func (m inMemory) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body == nil {
		r = r.Clone(r.Context())
		r.Body = http.NoBody
	}
	answer := httptest.NewRecorder()
	m.ServeHTTP(answer, r)
	return answer.Result(), r.Context().Err()
}

// impatient is a clock in which waiting takes no time.
type impatient struct{}

func (impatient) Now() time.Time                                   { return time.Now() }
func (impatient) Sleep(ctx context.Context, _ time.Duration) error { return ctx.Err() }
func (impatient) Within(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, d)
}

// forgetful is a store that keeps nothing.
type forgetful struct{}

func (forgetful) Walk(l scan.Level) (scan.Walk, error)                              { return scan.Walk{Level: l}, nil }
func (forgetful) Listed(scan.Level, []int64) (map[int64]bool, error)                { return nil, nil }
func (forgetful) Commit(scan.Part, []scan.Subject, *scan.Walk) error                { return nil }
func (forgetful) Lacking(scan.Level, scan.Part, int64, int) ([]scan.Subject, error) { return nil, nil }

// rehearsals are scans that together ask all that any scan asks.
var rehearsals = []struct {
	version string
	role    gitlabsim.Role
	faults  string
	group   bool // the scan is limited to a group
}{
	{version: "19.5", role: gitlabsim.Admin},
	{version: "17.11", role: gitlabsim.Admin},
	{version: "18.9", role: gitlabsim.Developer},
	{version: "18.9", role: gitlabsim.Admin, faults: "graphql-off"},
	{version: "18.9", role: gitlabsim.Owner, group: true},
	{version: "14.10", role: gitlabsim.Admin},
}

// rehearse finds out what scans ask: it lets them ask a simulated instance in
// memory. Nothing else is asked.
func rehearse(ctx context.Context) (*asking, error) {
	a := &asking{fields: map[string]map[string]bool{}, parameters: map[string]map[string]bool{}}
	for _, r := range rehearsals {
		world, err := gitlabsim.New(gitlabsim.Config{Projects: 20, Positive: true, Version: scan.MustVersion(r.version)})
		if err != nil {
			return nil, err
		}
		faults, err := gitlabsim.ParseFaults(r.faults)
		if err != nil {
			return nil, err
		}
		server := gitlabsim.NewServer(world, gitlabsim.Options{Faults: faults})
		opt := gitlab.Options{BaseURL: world.ExternalURL(), Token: server.Token(r.role), Depth: scan.Deep, AsOf: world.Now(),
			SecretEndpoints: true, Transport: inMemory{server}, Clock: impatient{}, Noted: a.add}
		if r.group {
			opt.Groups = []string{customersGroup(world)}
		}
		src, err := gitlab.Open(ctx, opt)
		if err == nil {
			err = scan.Run(ctx, src, forgetful{}, scan.Options{Scope: scan.Scope{URL: opt.BaseURL, Groups: opt.Groups, Depth: scan.Deep}, Workers: 4})
		}
		if err != nil {
			return nil, fmt.Errorf("rehearse a scan: %w", err)
		}
	}
	return a, a.err
}

// readings puts together what scans ask with what the catalogue knows of it.
func (a *asking) readings() []reading {
	var list []reading
	graph := a.fields[scan.ReadGraphQL]
	taken := map[string]bool{}
	for _, q := range gitlab.Questions(scan.Deep) {
		r := reading{Request: q.Endpoint, Needs: q.Needs}
		for _, e := range q.Facts {
			r.Facts = append(r.Facts, string(e.ID))
		}
		if selection, is := strings.CutPrefix(q.Endpoint, scan.ReadGraphQL); is {
			path := strings.Join(strings.FieldsFunc(selection, func(c rune) bool { return strings.ContainsRune("{} ", c) }), ".")
			for field := range graph {
				if field == path || strings.HasPrefix(field, path+".") {
					r.Fields = append(r.Fields, field)
					taken[field] = true
				}
			}
		} else {
			r.Fields, r.Parameters = keys(a.fields[q.Endpoint]), keys(a.parameters[q.Endpoint])
		}
		list = append(list, r)
	}
	for endpoint := range a.fields {
		if slices.ContainsFunc(list, func(r reading) bool { return r.Request == endpoint }) {
			continue
		}
		r := reading{Request: endpoint, Needs: "any token with scope read_api", Fields: keys(a.fields[endpoint]), Parameters: keys(a.parameters[endpoint])}
		if endpoint == scan.ReadGraphQL {
			r.Fields = slices.DeleteFunc(r.Fields, func(f string) bool { return taken[f] })
		}
		for i, id := range gitlab.Stands(endpoint) {
			r.Facts = append(r.Facts, string(id))
			if i == 0 {
				r.Needs = gitlab.Needs(id)
			}
		}
		list = append(list, r)
	}
	for i := range list {
		r := &list[i]
		if slices.Contains(gitlab.SecretEndpoints(), r.Request) {
			r.Allowed = "--allow-secret-endpoints"
		}
		slices.Sort(r.Fields)
		r.Personal = personal(r.Request, r.Fields)
		if r.Fields == nil {
			r.Fields = []string{}
		}
	}
	slices.SortStableFunc(list, func(a, b reading) int { return strings.Compare(a.Request, b.Request) })
	return list
}

func keys(m map[string]bool) []string {
	all := make([]string, 0, len(m))
	for k := range m {
		all = append(all, k)
	}
	slices.Sort(all)
	return all
}

// people are the requests whose answers are about people.
var people = []string{"GET /user", scan.ReadUsers, "GET /groups/:id/members/all"}

// personal lists the fields that tell something about a person: everything of
// accounts; elsewhere what may name one. Paths of projects in personal namespaces
// hold usernames, and people are named in files and descriptions.
func personal(request string, fields []string) []string {
	list := []string{}
	if slices.Contains(people, request) {
		return append(list, fields...)
	}
	for _, f := range fields {
		last := f[strings.LastIndexByte(f, '.')+1:]
		switch {
		case strings.Contains(f, "user") && !strings.Contains(f, "users_count"), strings.Contains(f, "author"), strings.Contains(f, "email"), strings.HasPrefix(f, "owner"),
			last == "path_with_namespace", last == "web_url", last == "full_path", last == "description", last == "rawTextBlob":
			list = append(list, f)
		}
	}
	if strings.HasSuffix(request, "/raw") {
		list = append(list, "the file's text")
	}
	return list
}

// tellReads prints what scans read, and what a role is not told of it ("": not
// asked for).
func tellReads(ctx context.Context, env environment, role, format string) error {
	var reader gitlab.Reader
	if role != "" {
		i := slices.IndexFunc(offlineRoles, func(r offlineRole) bool { return r.name == role })
		if i < 0 {
			return usagef("--role: unknown role %.40q: choose from %s", role, offlineRoleNames())
		}
		reader = gitlab.Reader{Role: offlineRoles[i].role, Depth: scan.Deep, Secrets: true}
	}
	a, err := rehearse(ctx)
	if err != nil {
		return err
	}
	list := a.readings()
	lost := map[string]bool{}
	if role != "" {
		for _, u := range reader.Unread() {
			for _, e := range u.Facts {
				lost[string(e.ID)] = true
			}
		}
		for i := range list {
			list[i].Unread = slices.DeleteFunc(slices.Clone(list[i].Facts), func(id string) bool { return !lost[id] })
		}
	}
	if format == "json" {
		enc := json.NewEncoder(env.stdout)
		enc.SetIndent("", "  ")
		enc.SetEscapeHTML(false)
		return enc.Encode(struct {
			Role  string    `json:"role,omitempty"`
			Reads []reading `json:"reads"`
		}{role, list})
	}
	s := &sheet{width: min(max(env.columns(), 60), 120), bold: env.colour(env.stdoutTerminal)}
	asked := 0
	for i, r := range list {
		const indent = 12
		say := func(label, text string) { s.under("  "+label, text, indent) }
		if i == 0 || list[i-1].Request != r.Request {
			if asked++; i > 0 {
				s.line("")
			}
			s.heading(r.Request)
			switch {
			case len(r.Fields) > 0:
				say("fields", strings.Join(r.Fields, ", "))
			case strings.HasSuffix(r.Request, "/raw"):
				say("fields", "the file's text")
			default:
				say("fields", "how many there are")
			}
			if len(r.Personal) > 0 {
				say("personal", strings.Join(r.Personal, ", "))
			}
			if r.Allowed != "" {
				say("only with", r.Allowed)
			}
		}
		say("needs", r.Needs)
		if len(r.Facts) > 0 {
			say("kept as", strings.Join(r.Facts, ", "))
		}
		if role != "" && len(r.Facts) > 0 {
			switch n := len(r.Unread); {
			case n == 0:
				say(role, "is told")
			case n == len(r.Facts):
				say(role, "is told nothing of it")
			default:
				say(role, "is not told: "+strings.Join(r.Unread, ", "))
			}
		}
	}
	s.line("")
	s.under("", fmt.Sprintf("%d kinds of requests, none of which changes anything: all are GET, but GraphQL's, which is POST with a query. Values of CI/CD variables, tokens and passwords are no fields of any.", asked), 0)
	_, err = io.WriteString(env.stdout, s.String())
	return err
}

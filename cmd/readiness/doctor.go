package main

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"readiness/scan"
	"readiness/scan/gitlab"
)

// doctorFlags are the flags of 'readiness doctor'.
type doctorFlags struct {
	url, tokenFile, format, role string
	groups                       []string
	workers                      int
	maxRPS                       float64
	connection                   connectionFlags
	offline                      bool
}

// offlineRoles are the roles whose rights can be told without a token. An auditor
// sees all projects and groups, but neither settings nor the admin area:
// https://docs.gitlab.com/administration/auditor_users/
var offlineRoles = []offlineRole{
	{"admin", scan.RoleAdministrator, ""},
	{"auditor", scan.RoleReporter, "An auditor sees every project and group, but no settings and no CI/CD variables. It is reckoned as Reporter everywhere; where an answer is empty, a scan cannot tell nothing from withheld, and says so."},
	{"owner", scan.RoleOwner, "Only in the groups that the account owns. All that lies elsewhere is as for one who is no member."},
	{"maintainer", scan.RoleMaintainer, "Only in the projects where the account has the role. All that lies elsewhere is as for one who is no member."},
	{"developer", scan.RoleDeveloper, "Only in the projects where the account has the role. All that lies elsewhere is as for one who is no member."},
}

type offlineRole struct {
	name string
	role scan.Role
	note string
}

func offlineRoleNames() string {
	var names []string
	for _, r := range offlineRoles {
		names = append(names, r.name)
	}
	return strings.Join(names, ", ")
}

func doctorCommand(env environment) *cobra.Command {
	var f doctorFlags
	c := &cobra.Command{
		Use:   "doctor",
		Short: "Say before a scan what it will be able to read, and what it will cost",
		Long: `doctor makes some ten requests that change nothing, and says whether a full scan
is possible: how the instance is reached, its version, what the token may read,
what it will not be told and what would cure that, and for each depth how many
requests a scan makes and how long it takes.

With --offline it asks nothing and needs no token: it prints what a scan reads,
with which right, and what the --role leaves unread.

Exit codes:
    0  a full scan is possible
    1  failure: network, TLS
    2  usage: flag, file, URL, token
    4  only a partial scan is possible
  130  interrupted`,
		Example: `  readiness doctor --url https://gitlab.example.com
  readiness doctor --offline --role auditor`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error { return f.run(c.Context(), env) },
	}
	flags := c.Flags()
	flags.StringVar(&f.url, "url", "", "base `URL` of the instance, e.g. https://gitlab.example.com")
	flags.StringVar(&f.tokenFile, "token-file", "", "`file` that holds the token (- for standard input)")
	flags.StringArrayVar(&f.groups, "group", nil, "full `path` of a group that the scan will be limited to; repeatable")
	flags.IntVar(&f.workers, "workers", gitlab.DefaultWorkers, "requests that the scan will have under way at once")
	flags.Float64Var(&f.maxRPS, "max-rps", 0, "requests a second that the scan will make, at most (0: no limit of ours)")
	f.connection.register(flags)
	flags.BoolVar(&f.offline, "offline", false, "ask nothing: print what a scan reads and with which right")
	flags.StringVar(&f.role, "role", "", "with --offline, the token's role: "+offlineRoleNames())
	flags.StringVar(&f.format, "format", "table", "table or json")
	return c
}

func (f *doctorFlags) check() error {
	switch {
	case f.format != "table" && f.format != "json":
		return usagef("--format: unknown format %.40q: choose from table, json", f.format)
	case f.offline && f.url != "":
		return usagef("--offline asks nothing of --url: give one of the two")
	case f.offline && f.role == "":
		return usagef("--role is missing: choose from %s", offlineRoleNames())
	case f.offline:
		return nil
	case f.role != "":
		return usagef("--role goes with --offline: with --url the token's own role is found out")
	case f.url == "":
		return usagef("--url is missing: give the instance's base URL, or --offline --role to ask nothing")
	case f.workers < 1 || f.workers > 64:
		return usagef("--workers: %d is out of range: choose from 1 to 64", f.workers)
	case f.maxRPS < 0:
		return usagef("--max-rps: %g is negative", f.maxRPS)
	}
	return f.connection.check()
}

func (f *doctorFlags) run(ctx context.Context, env environment) error {
	if err := f.check(); err != nil {
		return err
	}
	d, err := f.diagnose(ctx, env)
	if err != nil {
		return err
	}
	if f.format == "json" {
		enc := json.NewEncoder(env.stdout)
		enc.SetIndent("", "  ")
		enc.SetEscapeHTML(false)
		err = enc.Encode(d)
	} else {
		err = d.write(env)
	}
	if err == nil && !d.Full {
		return &exit{code: exitUnread}
	}
	return err
}

// diagnosis is what doctor says. In JSON its names are kept; new ones may come.
type diagnosis struct {
	Schema string `json:"schema"` // "readiness-doctor/1"
	Full   bool   `json:"full"`   // a full scan is possible
	Role   string `json:"role,omitempty"`
	Note   string `json:"note,omitempty"`

	Source    *gitlab.Probe  `json:"source,omitempty"`
	Asks      []asked        `json:"asks,omitempty"` // offline alone
	Unread    []unread       `json:"unread"`
	Depending []unread       `json:"depending,omitempty"` // read only where the account has the role
	Facts     int            `json:"facts"`               // kinds of facts a deep scan reads
	Expected  []expectedScan `json:"expected,omitempty"`  // empty where nobody knows how much there is

	checked time.Time
}

// asked is one question of a scan.
type asked struct {
	Endpoint string `json:"endpoint"`
	Needs    string `json:"needs"`
	Depth    string `json:"depth"`
	Facts    int    `json:"facts"`
	Unread   int    `json:"unread"` // facts of it that this role is not told of
}

// unread are facts of one endpoint that stay unread for one reason.
type unread struct {
	Endpoint string        `json:"endpoint"`
	Cure     string        `json:"cure"`
	Facts    []scan.FactID `json:"facts"`
	titles   []string
}

// expectedScan is what a scan of one depth is expected to cost.
type expectedScan struct {
	Depth   string `json:"depth"`
	REST    int64  `json:"rest"`
	GraphQL int64  `json:"graphql"`
	Seconds int64  `json:"seconds"` // rounded up
}

// widePage is how long GitLab is expected to take for a wide GraphQL page. It is
// an assumption, on the safe side: GitLab gives up on a query after 30 s.
const widePage = time.Second

func (f *doctorFlags) diagnose(ctx context.Context, env environment) (*diagnosis, error) {
	d := &diagnosis{Schema: "readiness-doctor/1", Unread: []unread{}, checked: env.now()}
	for _, q := range gitlab.Questions(scan.Deep) {
		d.Facts += len(q.Facts)
	}
	if f.offline {
		return d, d.offline(f.role, f.connection.secrets)
	}
	token, err := readToken(f.tokenFile, env)
	if err != nil {
		return nil, err
	}
	groups := slices.Clone(f.groups)
	for i, g := range groups {
		if groups[i] = strings.Trim(g, "/"); groups[i] == "" {
			return nil, usagef("--group: %q is no group's path", g)
		}
	}
	done, err := f.connection.open(env)
	if err != nil {
		return nil, err
	}
	defer done()
	p, err := gitlab.Examine(ctx, f.connection.apply(gitlab.Options{
		BaseURL: f.url, Token: token, Groups: groups, Depth: scan.Quick, Workers: 1, MaxRPS: f.maxRPS,
	}, true))
	if errors.Is(err, scan.ErrAuthentication) {
		return nil, usage(err)
	}
	if err != nil {
		return nil, sourceError(err)
	}
	d.Source = p
	d.rights(f.connection.secrets)
	d.expect(int64(f.workers), f.maxRPS, f.connection.secrets)
	return d, nil
}

// offline says what a role leaves unread, on a source new enough for all.
func (d *diagnosis) offline(name string, secrets bool) error {
	i := slices.IndexFunc(offlineRoles, func(r offlineRole) bool { return r.name == name })
	if i < 0 {
		return usagef("--role: unknown role %.40q: choose from %s", name, offlineRoleNames())
	}
	d.Role, d.Note = name, offlineRoles[i].note
	d.Unread = untold(gitlab.Reader{Role: offlineRoles[i].role, Depth: scan.Deep, Secrets: secrets}, nil)
	lost := map[scan.FactID]bool{}
	for _, u := range d.Unread {
		for _, id := range u.Facts {
			lost[id] = true
		}
	}
	for _, q := range gitlab.Questions(scan.Deep) {
		a := asked{Endpoint: q.Endpoint, Needs: q.Role.String(), Depth: q.Depth.String(), Facts: len(q.Facts)}
		for _, e := range q.Facts {
			if lost[e.ID] {
				a.Unread++
			}
		}
		d.Asks = append(d.Asks, a)
	}
	d.Full = len(d.Unread) == 0
	return nil
}

// rights says what the token will not be told. What a role in a project or group
// takes depends on where the account has which: nothing less than an
// administrator is sure of it.
func (d *diagnosis) rights(secrets bool) {
	p := d.Source
	most := gitlab.Reader{Role: scan.RoleOwner, Depth: scan.Deep, Version: p.Version.Or(scan.Version{}), NoGraph: !p.GraphQL.Or(false), Secrets: secrets}
	if p.Administrator.Or(false) {
		most.Role = scan.RoleAdministrator
	}
	d.Unread = untold(most, nil)
	if most.Role < scan.RoleAdministrator {
		seen := map[scan.FactID]bool{}
		for _, u := range d.Unread {
			for _, id := range u.Facts {
				seen[id] = true
			}
		}
		least := most
		least.Role = scan.RoleMember
		d.Depending = untold(least, seen)
	}
	d.Role = "administrator"
	switch {
	case p.AdminMode:
		d.Role = "administrator's account without administrator's rights"
	case !p.Administrator.Or(true):
		d.Role = "no administrator"
	case !p.Administrator.Or(false):
		d.Role = "unknown"
	}
	d.Full = most.Role == scan.RoleAdministrator && len(d.Unread) == 0
}

// untold lists what a reader is not told, but for some facts.
func untold(r gitlab.Reader, but map[scan.FactID]bool) []unread {
	list := []unread{}
	for _, u := range r.Unread() {
		one := unread{Endpoint: u.Endpoint, Cure: u.Cure}
		for _, e := range u.Facts {
			if !but[e.ID] {
				one.Facts, one.titles = append(one.Facts, e.ID), append(one.titles, e.Title)
			}
		}
		if len(one.Facts) > 0 {
			list = append(list, one)
		}
	}
	return list
}

// perMinute is how many requests a minute will be let through; 0: not known.
func (d *diagnosis) perMinute(maxRPS float64) int64 {
	p, limit := d.Source, int64(0)
	least := func(n int64) {
		if n > 0 && (limit == 0 || n < limit) {
			limit = n
		}
	}
	if p.Throttle.Or(false) {
		least(p.ThrottlePerMinute.Or(0))
	}
	least(p.LimitPerMinute.Or(0))
	if maxRPS > 0 {
		least(max(int64(maxRPS*60), 1))
	}
	return limit
}

func (d *diagnosis) expect(workers int64, maxRPS float64, secrets bool) {
	p := d.Source
	projects, known := p.Projects.Get()
	if !known {
		return // nothing is expected of what nobody has counted
	}
	size := scan.Size{Projects: projects, Groups: p.Groups.Or(0), Users: p.Users.Or(0)}
	how := scan.Reading{Administrator: p.Administrator.Or(false), GraphQL: p.GraphQL.Or(false), Secrets: secrets}
	for depth := scan.Quick; depth <= scan.Deep; depth++ {
		e := depth.Estimate(size, how)
		takes := e.Takes(p.Latency, widePage, workers, d.perMinute(maxRPS))
		d.Expected = append(d.Expected, expectedScan{depth.String(), e.REST, e.GraphQL, int64((takes + time.Second - 1) / time.Second)})
	}
}

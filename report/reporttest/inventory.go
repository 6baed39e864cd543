// Package reporttest holds a small scan with everything that a report has to
// cope with: hostile names, giants, gaps of every kind, true zeros.
package reporttest

import (
	"fmt"
	"iter"
	"time"

	"readiness/scan"
)

// Inventory is a scan in memory.
type Inventory struct {
	Head     scan.Meta
	Source   *scan.Instance
	GroupsIn []*scan.Group
	// Many repeats the last of ProjectsIn, with ids that follow, until there are so many.
	Many       int
	ProjectsIn []*scan.Project
	UsersIn    []*scan.User
}

// Meta returns what the scan says of itself.
func (i *Inventory) Meta() scan.Meta { return i.Head }

// Instance returns the instance.
func (i *Inventory) Instance() (*scan.Instance, error) { return i.Source, nil }

// Groups walks the groups.
func (i *Inventory) Groups() iter.Seq2[*scan.Group, error] { return walk(i.GroupsIn) }

// Users walks the users.
func (i *Inventory) Users() iter.Seq2[*scan.User, error] { return walk(i.UsersIn) }

// Projects walks the projects.
func (i *Inventory) Projects() iter.Seq2[*scan.Project, error] {
	if i.Many <= len(i.ProjectsIn) {
		return walk(i.ProjectsIn)
	}
	return func(yield func(*scan.Project, error) bool) {
		for p, err := range walk(i.ProjectsIn) {
			if !yield(p, err) {
				return
			}
		}
		last := *i.ProjectsIn[len(i.ProjectsIn)-1]
		for n := len(i.ProjectsIn); n < i.Many; n++ {
			p := last
			p.ID += int64(n)
			p.Path = fmt.Sprintf("platform/service-%06d", n)
			p.WebURL = i.Head.Scope.URL + "/" + p.Path
			if !yield(&p, nil) {
				return
			}
		}
	}
}

func walk[T any](items []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, item := range items {
			if !yield(item, nil) {
				return
			}
		}
	}
}

// URL is the instance's address.
const URL = "https://gitlab.example.com"

// Start is when the scan began.
var Start = time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)

// fill answers every fact of s that is unset with the plainest value of its
// type: zero, no, nothing, a leap day.
func fill(s scan.Subject) {
	for id, r := range scan.Facts(s) {
		known(string(id), r)
	}
}

// known gives a fact that has no value one: nothing, or a day.
func known(name string, r scan.Read) {
	if !scan.IsUnset(r) {
		return
	}
	err := fmt.Errorf("no value for %s", name)
	for _, v := range []string{`0`, `false`, `"2024-02-29T12:00:00Z"`, `[]`, `""`} {
		if _, text := r.(*scan.Fact[string]); text {
			v = `""`
		}
		if err = r.UnmarshalJSON([]byte(`{"value":` + v + `}`)); err == nil {
			return
		}
	}
	panic(err)
}

func refused(endpoint, cure string) scan.Gap {
	return scan.Gap{Reason: scan.ReasonForbidden, Status: 403, Endpoint: endpoint, Cure: cure}
}

// Hostile are names that a source may hold and that no form may obey.
var Hostile = []string{
	`=HYPERLINK("https://evil.example","click")`,
	`+1+cmd|' /C calc'!A0`,
	`-2+3`,
	`@SUM(A1:A9)`,
	"tab\tand\nline",
	"bell\a\x1b[31mred\x1b[0m",
	"\u202egnirts desrever",
	"bad\xff\xfeutf8",
	`<script>alert("&")</script>`,
	"_x000D_escaped",
}

// New returns the scan.
func New() *Inventory {
	inv := &Inventory{
		Head: scan.Meta{
			Scope:   scan.Scope{URL: URL, Depth: scan.Deep},
			Started: Start, Finished: Start.Add(83 * time.Minute), Tool: "0.1.0",
			Hash:     "5d41402abc4b2a76b9719d911017c592a1b2c3d4e5f60718293a4b5c6d7e8f90",
			Requests: scan.Requests{REST: 1834, GraphQL: 62, Retries: 3, Waited: 41 * time.Second, Took: 83 * time.Minute},
			Walks: []scan.Walk{{Level: scan.LevelGroup, Done: true}, {Level: scan.LevelProject, Done: true},
				{Level: scan.LevelUser, Done: true}},
		},
		Source: &scan.Instance{
			URL: URL, Version: scan.Known(scan.MustVersion("16.11.10-ee")), Enterprise: scan.Known(true), Plan: scan.Known("ultimate"),
			Caller: scan.Known("scanner"), CallerAdmin: scan.Known(false), TokenScopes: scan.Known([]string{"read_api"}),
			TokenExpires: scan.Known("2027-01-31"), GraphQL: scan.Known(true),
			SystemHooks:     scan.Missing[int64](refused("GET /hooks", "an administrator's token (with scope admin_mode where Admin Mode is on)")),
			CountedProjects: scan.Missing[int64](refused(scan.ReadStatistics, "an administrator's token (with scope admin_mode where Admin Mode is on)")),
			Runners:         scan.Known(int64(1)),
			RunnerTags: scan.Listed([]scan.Runner{{ID: 9, Type: "project", Tags: []string{"docker", Hostile[0]}, Protected: true},
				{ID: 7, Type: "instance", Tags: []string{}, RunUntagged: true}, {ID: 8, Type: "group", Tags: []string{"gpu"}, Paused: true}}),
		},
	}
	fill(inv.Source)

	group := func(id int64, path string, parent int64) *scan.Group {
		g := &scan.Group{ID: id, Path: path, Name: path, WebURL: URL + "/groups/" + path, ParentID: parent,
			Visibility: scan.Known("private"), Members: scan.Known(int64(12)), Milestones: scan.Known(int64(3)),
			Variables: scan.Listed([]scan.Variable{{Key: "DEPLOY_HOST"}})}
		return g
	}
	secret := group(12, "platform/secret", 11)
	secret.Variables = scan.Cut[scan.Variable](nil, refused("GET /groups/:id/variables", "Owner of the group"))
	secret.Webhooks = scan.Cut[scan.Webhook](nil, refused("GET /groups/:id/hooks", "Owner of the group, Premium or higher"))
	inv.GroupsIn = []*scan.Group{group(11, "platform", 0), secret, group(13, Hostile[0], 0)}
	for _, g := range inv.GroupsIn {
		fill(g)
	}

	variables := func(n int) scan.Listing[scan.Variable] {
		var vs []scan.Variable
		for i := range n {
			vs = append(vs, scan.Variable{Key: fmt.Sprintf("KEY_%d", i), Type: "env_var", Environment: "*", Masked: i%2 == 0})
		}
		return scan.Listed(vs)
	}
	project := func(id int64, path string, size int64) *scan.Project {
		return &scan.Project{ID: id, Path: path, Name: path, WebURL: URL + "/" + path, GroupID: 11,
			Visibility: scan.Known("private"), CreatedAt: scan.Known(Start.AddDate(-3, 0, int(id%300))),
			LastActivityAt: scan.Known(Start.AddDate(0, 0, -int(id%900))), RepositorySize: scan.Known(size),
			DefaultBranch: scan.Known("main"), Issues: scan.Known(id * 7 % 91), MergeRequests: scan.Known(id * 13 % 57),
			Branches: scan.Known(id % 19), Members: scan.Known(id % 23), Pipelines: scan.Known(id * 31 % 2048)}
	}
	giant := project(101, "platform/monolith", 38<<30)
	giant.LFSSize, giant.RegistryRepos, giant.RegistrySize = scan.Known[int64](12<<30), scan.Known[int64](41), scan.Known[int64](256<<30)
	giant.Variables, giant.Webhooks = variables(61), scan.Listed([]scan.Webhook{{ID: 1, Host: "ci.example.com", VerifyTLS: true}})
	giant.Packages = scan.Listed([]scan.PackageCount{{Type: "maven", Count: 310}, {Type: "npm", Count: 44}})
	giant.PackagesSize, giant.Issues, giant.Pipelines = scan.Known[int64](7<<30), scan.Known[int64](18234), scan.Known[int64](231877)

	small := project(102, "platform/tool", 700)
	small.Variables = variables(3)

	hidden := project(103, "platform/secret/vault", 0)
	hidden.RepositorySize = scan.Missing[int64](scan.Gap{Reason: scan.ReasonWithheld, Endpoint: scan.ReadProjects, Cure: "Reporter or higher on the project"})
	hidden.Variables = scan.Cut[scan.Variable](nil, scan.Gap{Reason: scan.ReasonWithheld, Endpoint: scan.ReadGraphQL, Cure: "Maintainer or higher on the project"})
	hidden.Webhooks = scan.Cut[scan.Webhook](nil, refused("GET /projects/:id/hooks", "Maintainer or higher on the project"))
	hidden.Branches = scan.Missing[int64](scan.Gap{Reason: scan.ReasonHidden, Status: 404, Endpoint: "GET /projects/:id/repository/branches", Cure: "Reporter or higher on the project"})
	hidden.RegistrySize = scan.Missing[int64](scan.Gap{Reason: scan.ReasonTooOld, Endpoint: scan.ReadProjects})
	hidden.RegistryRepos = scan.Missing[int64](scan.Gap{Reason: scan.ReasonFailed, Status: 500, Endpoint: scan.ReadGraphQL})

	empty := project(104, "anna/notes", 0)
	empty.Personal, empty.Empty, empty.Archived = scan.Known(true), scan.Known(true), scan.Known(true)
	empty.ForkedFrom = scan.Known(scan.ID(102))
	empty.Issues, empty.Pipelines, empty.DefaultBranch = scan.Known[int64](0), scan.Known[int64](0), scan.Known("")

	inv.ProjectsIn = []*scan.Project{giant, small, hidden, empty}
	for i, name := range Hostile {
		p := project(int64(200+i), name, int64(i+1)*3<<20)
		p.WebURL = URL + "/" + name
		inv.ProjectsIn = append(inv.ProjectsIn, p)
	}
	for _, p := range inv.ProjectsIn {
		fill(p)
	}

	user := func(id int64, username, name string) *scan.User {
		return &scan.User{ID: id, Username: username, Name: name, WebURL: URL + "/" + username, State: scan.Known("active"),
			Kind: scan.Known(scan.KindHuman), Email: scan.Known(username + "@example.com"),
			Identities: scan.Listed([]scan.Identity{{Provider: "saml"}}), LastActivity: scan.Known("2026-11-19")}
	}
	shy := user(2, "bert", "Bert Özdemir")
	shy.Email = scan.Missing[string](refused(scan.ReadUsers, "an administrator's token (with scope admin_mode where Admin Mode is on)"))
	shy.LastActivity, shy.State = scan.Known(""), scan.Known("blocked")
	inv.UsersIn = []*scan.User{user(1, "anna", "Anna Šimek"), shy, user(3, "eve", Hostile[0])}
	for _, u := range inv.UsersIn {
		fill(u)
	}
	return inv
}

package checks

import (
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"readiness/checks/matrix"
	"readiness/scan"
)

// world is an inventory in memory.
type world struct {
	meta     scan.Meta
	instance *scan.Instance
	groups   []*scan.Group
	projects []*scan.Project
	users    []*scan.User
}

func (w *world) Meta() scan.Meta                           { return w.meta }
func (w *world) Instance() (*scan.Instance, error)         { return w.instance, nil }
func (w *world) Groups() iter.Seq2[*scan.Group, error]     { return each(w.groups) }
func (w *world) Users() iter.Seq2[*scan.User, error]       { return each(w.users) }
func (w *world) Projects() iter.Seq2[*scan.Project, error] { return each(w.projects) }

func each[T any](all []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, v := range all {
			if !yield(v, nil) {
				return
			}
		}
	}
}

func (w *world) subjects() []scan.Subject {
	all := []scan.Subject{w.instance}
	for _, g := range w.groups {
		all = append(all, g)
	}
	for _, p := range w.projects {
		all = append(all, p)
	}
	for _, u := range w.users {
		all = append(all, u)
	}
	return all
}

// readNothing sets every fact to the zero of its kind: read, and nothing there.
func readNothing[S scan.Subject](s S) S {
	for id, r := range scan.Facts(s) {
		if err := r.UnmarshalJSON([]byte(`{"value":` + zeroOf(id, r) + `}`)); err != nil {
			panic(fmt.Sprint(id, err))
		}
	}
	return s
}

func zeroOf(id scan.FactID, r scan.Read) string {
	switch r.(type) {
	case *scan.Fact[int64], *scan.Fact[scan.ID]:
		return "0"
	case *scan.Fact[bool]:
		return "false"
	case *scan.Fact[string]:
		return `""`
	case *scan.Fact[time.Time]:
		return `"2020-01-02T03:04:05Z"`
	case *scan.Fact[scan.Version]:
		return `"19.5.0-ee"`
	}
	return "[]"
}

var everyWalk = []scan.Walk{{Level: scan.LevelGroup, Done: true}, {Level: scan.LevelProject, Done: true}, {Level: scan.LevelUser, Done: true}}

// emptyWorld is an instance in order, fully read, that holds nothing.
func emptyWorld() *world {
	i := readNothing(&scan.Instance{URL: "https://gitlab.example.com"})
	i.Version = scan.Known(scan.MustVersion("19.5.0-ee"))
	i.Enterprise = scan.Known(true)
	i.Plan = scan.Known("ultimate")
	i.CallerAdmin, i.WholeScope = scan.Known(true), scan.Known(true)
	i.DirectTransfer = scan.Known(true)
	i.ProjectExport = scan.Known(true)
	i.OfflineExports = scan.Known(true)
	i.ProjectCreation = scan.Known[int64](2)
	i.NetworkAddress, i.Certificate = scan.Known(scan.AddressPublic), scan.Known(scan.CertificatePublic)
	at := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	return &world{instance: i, meta: scan.Meta{Scope: scan.Scope{URL: i.URL, Depth: scan.Deep}, Started: at, Finished: at, Walks: slices.Clone(everyWalk)}}
}

// soundWorld is an instance in order with two of everything in order.
func soundWorld() *world {
	w := emptyWorld()
	for n := range int64(2) {
		w.addGroup(n + 1)
		w.addProject(n + 1)
		w.addUser(n + 1)
	}
	return w
}

func (w *world) addGroup(id int64) *scan.Group {
	path := fmt.Sprintf("group-%d", id)
	g := readNothing(&scan.Group{ID: id, Path: path, Name: path, WebURL: w.instance.URL + "/groups/" + path})
	g.Visibility = scan.Known("private")
	g.ProjectCreation = scan.Known("maintainer")
	w.groups = append(w.groups, g)
	return g
}

func (w *world) addProject(id int64) *scan.Project {
	path := fmt.Sprintf("group-1/project-%d", id)
	p := readNothing(&scan.Project{ID: id, Path: path, Name: path, WebURL: w.instance.URL + "/" + path, GroupID: 1})
	p.Visibility = scan.Known("private")
	p.JobTokenRestricted = scan.Known(true)
	p.LastActivityAt = scan.Known(w.meta.Finished.AddDate(0, 0, -1))
	w.projects = append(w.projects, p)
	return p
}

func (w *world) addUser(id int64) *scan.User {
	name := fmt.Sprintf("user-%d", id)
	u := readNothing(&scan.User{ID: id, Username: name, Name: name, WebURL: w.instance.URL + "/" + name})
	u.State = scan.Known("active")
	u.Kind = scan.Known(scan.KindHuman)
	u.Email = scan.Known(name + "@example.com")
	u.PublicEmail = u.Email
	u.Confirmed = scan.Known(true)
	w.users = append(w.users, u)
	return u
}

var refused = scan.Gap{Reason: scan.ReasonForbidden, Status: 403, Endpoint: "GET /somewhere", Cure: "an administrator's token"}

// forgetAll leaves nothing read, not even the lists to their ends.
func (w *world) forgetAll() *world {
	for _, s := range w.subjects() {
		for id := range scan.Facts(s) {
			scan.Forget(s, id, refused)
		}
	}
	for i := range w.meta.Walks {
		w.meta.Walks[i].Gap = &refused
	}
	return w
}

// targetFor is a target that the methods of the check can reach, at the version
// of the sound world.
func targetFor(k Check) Target {
	t := DefaultTarget()
	t.Methods = matrix.Methods()
	t.Version = scan.MustVersion("19.5.0")
	t.Destination = k.Destinations[0]
	if k.If != nil && !k.If(t) {
		if t.Parent = "acme/imported"; !k.If(t) {
			t.Parent, t.AirGapped = "", true
		}
	}
	for _, d := range k.Destinations {
		t.Destination = d
		if len(k.applicable(t)) == len(k.Methods) {
			return t
		}
	}
	for _, d := range k.Destinations {
		if t.Destination = d; len(k.applicable(t)) > 0 {
			return t
		}
	}
	return t
}

// smallMatrix is a matrix of a few items that tests can reason about.
func smallMatrix() *matrix.Matrix {
	rules := func(dt, fe matrix.Status) map[matrix.Method]matrix.Rule {
		out := map[matrix.Method]matrix.Rule{}
		for _, m := range matrix.Methods() {
			out[m] = matrix.Rule{Status: matrix.Carried}
		}
		out[matrix.DirectTransfer], out[matrix.FileExport] = matrix.Rule{Status: dt}, matrix.Rule{Status: fe}
		return out
	}
	return &matrix.Matrix{Newest: scan.MustVersion("19.5"), Items: []matrix.Item{
		{ID: "project.issues", Level: scan.LevelProject, Title: "Issues", Use: matrix.ItemUse{Fact: "project.issues"}, Rules: rules(matrix.Carried, matrix.Carried)},
		{ID: "project.webhooks", Level: scan.LevelProject, Title: "Webhooks", Use: matrix.ItemUse{Fact: "project.webhooks"}, Rules: rules(matrix.NotCarried, matrix.NotCarried)},
		{ID: "project.deploy-keys", Level: scan.LevelProject, Title: "Deploy keys", Use: matrix.ItemUse{Fact: "project.deploy-keys"}, Rules: rules(matrix.NotCarried, matrix.Partial)},
		{ID: "project.references", Level: scan.LevelProject, Title: "References", Use: matrix.ItemUse{Within: "project.issues"}, Rules: rules(matrix.Unverified, matrix.Carried)},
		{ID: "project.name", Level: scan.LevelProject, Title: "Names", Use: matrix.ItemUse{Always: true}, Rules: rules(matrix.Carried, matrix.Partial)},
		{ID: "instance.server-hooks", Level: scan.LevelInstance, Title: "Server hooks", Use: matrix.ItemUse{Question: "Are there any?"}, Rules: rules(matrix.NotCarried, matrix.NotCarried)},
		{ID: "project.npm", Level: scan.LevelProject, Title: "npm packages", Use: matrix.ItemUse{Fact: "project.package-registry", Kinds: []string{"npm"}}, Rules: rules(matrix.NotCarried, matrix.Carried)},
		{ID: "project.other-packages", Level: scan.LevelProject, Title: "Other packages", Use: matrix.ItemUse{Fact: "project.package-registry", ExceptKinds: []string{"npm"}}, Rules: rules(matrix.NotCarried, matrix.Partial)},
		{ID: "project.vulnerabilities", Level: scan.LevelProject, Title: "Vulnerabilities", FeatureSince: scan.MustVersion("19.0"), Use: matrix.ItemUse{Fact: "project.vulnerabilities"}, Rules: rules(matrix.NotCarried, matrix.NotCarried)},
	}}
}

func evaluated(t testing.TB, w *world, target Target) *Judgement {
	t.Helper()
	j, err := Evaluate(w, smallMatrix(), target)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// verdictOf is what a check's judges say of a world as a whole; the question
// that it raises anyway counts only if it has no judge.
func verdictOf(j *Judgement, k Check) Verdict {
	v := OK
	for _, f := range j.Findings {
		asked := strings.HasSuffix(f.Fingerprint, "/question")
		switch {
		case f.Check != k.ID, asked && k.Judges():
		case f.Verdict == Violated:
			return Violated
		case f.Verdict == Unknown || v != Unknown:
			v = f.Verdict
		}
	}
	return v
}

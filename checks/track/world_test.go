package track

import (
	"fmt"
	"iter"
	"testing"
	"time"

	"readiness/checks"
	"readiness/checks/matrix"
	"readiness/scan"
)

// tooLarge is the check that these tests watch: a project breaks it by its
// repository's size alone.
const tooLarge = "size-repository-over-5gib"

// world is an inventory in memory: an instance of projects, each in order but
// for what a test says.
type world struct {
	meta     scan.Meta
	source   *scan.Instance
	groups   []*scan.Group
	projects []*scan.Project
	users    []*scan.User
}

func (w *world) Meta() scan.Meta                           { return w.meta }
func (w *world) Instance() (*scan.Instance, error)         { return w.source, nil }
func (w *world) Groups() iter.Seq2[*scan.Group, error]     { return each(w.groups) }
func (w *world) Projects() iter.Seq2[*scan.Project, error] { return each(w.projects) }
func (w *world) Users() iter.Seq2[*scan.User, error]       { return each(w.users) }

func each[T any](all []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, v := range all {
			if !yield(v, nil) {
				return
			}
		}
	}
}

// zeroed sets every fact to the zero of its kind.
func zeroed[S scan.Subject](s S) S {
	for id, r := range scan.Facts(s) {
		if !scan.IsUnset(r) {
			continue
		}
		err := fmt.Errorf("no value for %s", id)
		for _, v := range []string{`0`, `false`, `"2026-02-28T12:00:00Z"`, `[]`, `""`} {
			if _, text := r.(*scan.Fact[string]); text {
				v = `""`
			}
			if err = r.UnmarshalJSON([]byte(`{"value":` + v + `}`)); err == nil {
				break
			}
		}
		if err != nil {
			panic(err)
		}
	}
	return s
}

const url = "https://gitlab.example.com"

// scanOn is a scan that ended on the given day of March and read all.
func scanOn(day int, projects ...*scan.Project) *world {
	at := time.Date(2026, 3, day, 10, 0, 0, 0, time.UTC)
	w := &world{projects: projects, meta: scan.Meta{Scope: scan.Scope{URL: url, Depth: scan.Deep}, Started: at, Finished: at, Tool: "1.0.0",
		Hash:  fmt.Sprintf("%064d", day),
		Walks: []scan.Walk{{Level: scan.LevelGroup, Done: true}, {Level: scan.LevelProject, Done: true}, {Level: scan.LevelUser, Done: true}}}}
	w.source = zeroed(&scan.Instance{URL: url, Version: scan.Known(scan.MustVersion("19.5.0-ee")), Enterprise: scan.Known(true), Plan: scan.Known("ultimate"),
		CallerAdmin: scan.Known(true), WholeScope: scan.Known(true), DirectTransfer: scan.Known(true), ProjectExport: scan.Known(true),
		OfflineExports: scan.Known(true), ProjectCreation: scan.Known[int64](2)})
	w.groups = []*scan.Group{zeroed(&scan.Group{ID: 1, Path: "acme", Name: "acme", WebURL: url + "/groups/acme", Visibility: scan.Known("private")})}
	return w
}

// of limits the scan.
func (w *world) of(limit func(*scan.Scope)) *world { limit(&w.meta.Scope); return w }

// large is a project that is too large, small one that is not.
func large(id int64, path string) *scan.Project { return sized(id, path, 6<<30) }
func small(id int64, path string) *scan.Project { return sized(id, path, 1<<20) }

func sized(id int64, path string, bytes int64) *scan.Project {
	return zeroed(&scan.Project{ID: id, Path: path, Name: path, WebURL: url + "/" + path, GroupID: 1, Visibility: scan.Known("private"),
		RepositorySize: scan.Known(bytes), DefaultBranch: scan.Known("main"), LFSEnabled: scan.Known(true)})
}

// unread is a project whose size could not be read.
func unread(id int64, path string) *scan.Project {
	p := small(id, path)
	p.RepositorySize = scan.Missing[int64](scan.Gap{Reason: scan.ReasonWithheld, Endpoint: scan.ReadProjects})
	return p
}

func archived(p *scan.Project) *scan.Project { p.Archived = scan.Known(true); return p }

func judged(t testing.TB, w *world) *checks.Judgement {
	t.Helper()
	return judgedBy(t, w, checks.Decisions{})
}

func judgedBy(t testing.TB, w *world, by checks.Decisions) *checks.Judgement {
	t.Helper()
	m, err := matrix.Load()
	if err != nil {
		t.Fatal(err)
	}
	target := checks.DefaultTarget()
	j, err := checks.EvaluateBy(w, m, target, nil, by)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

package gitlabsim

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"readiness/scan"
)

func newWorld(t testing.TB, cfg Config) *World {
	t.Helper()
	w, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestSameSeedSameWorld(t *testing.T) {
	a, b, other := newWorld(t, Config{Seed: 7}), newWorld(t, Config{Seed: 7}), newWorld(t, Config{Seed: 8})
	differ := 0
	for id := range a.ProjectIDs() {
		if !reflect.DeepEqual(a.ProjectTruth(id), b.ProjectTruth(id)) {
			t.Fatalf("project %d differs between equal worlds", id)
		}
		if !reflect.DeepEqual(a.ProjectTruth(id), other.ProjectTruth(id)) {
			differ++
		}
	}
	if differ < 250 {
		t.Errorf("only %d of 300 projects differ between seeds", differ)
	}
}

// Every mapping that is computed both ways must agree with itself.
func TestMappingsInvert(t *testing.T) {
	for _, n := range []int{1, 2, 13, 300, 5000} {
		w := newWorld(t, Config{Projects: n, Seed: uint64(n)})
		paths := map[string]bool{}
		perGroup := map[int64]int{}
		for id := range w.ProjectIDs() {
			p, ok := w.Project(id)
			if !ok || p.ID != id {
				t.Fatalf("%d projects: project %d has id %d, %v", n, id, p.ID, ok)
			}
			if paths[p.FullPath] {
				t.Fatalf("%d projects: path %s twice", n, p.FullPath)
			}
			paths[p.FullPath] = true
			if i, ok := w.projectAt(p.FullPath); !ok || i != p.index {
				t.Fatalf("%d projects: %s found at %d, %v; want %d", n, p.FullPath, i, ok, p.index)
			}
			if !p.Personal {
				perGroup[p.NamespaceID]++
			}
			for _, f := range p.Forks {
				if fork, ok := w.Project(f); !ok || fork.ForkedFrom != id {
					t.Errorf("project %d lists fork %d, which says it is of %d", id, f, fork.ForkedFrom)
				}
			}
		}
		for id := range w.GroupIDs() {
			g, _ := w.Group(id)
			if i, ok := w.groupAt(g.FullPath); !ok || i != g.index {
				t.Fatalf("%d projects: group %s found at %d, %v; want %d", n, g.FullPath, i, ok, g.index)
			}
			if have := len(w.groupProjects(g.index)); have != perGroup[id] {
				t.Errorf("%d projects: group %d lists %d projects, %d lie in it", n, id, have, perGroup[id])
			}
			if p, ok := w.groupParent(g.index); ok && !contains(w.groupChildren(p), g.index) {
				t.Errorf("group %d is not among its parent's", id)
			}
		}
		names := map[string]bool{}
		for id := range w.UserIDs() {
			u, _ := w.User(id)
			if names[u.Username] {
				t.Fatalf("%d projects: username %s twice", n, u.Username)
			}
			names[u.Username] = true
			if u.Kind == scan.KindHuman {
				if i, ok := w.userAt(u.Username); !ok || i != u.index {
					t.Fatalf("user %s found at %d, %v; want %d", u.Username, i, ok, u.index)
				}
			}
		}
	}
}

func TestEveryFactOfTheTruthIsKnown(t *testing.T) {
	for _, tier := range []Tier{CE, Free, Premium, Ultimate} {
		w := newWorld(t, Config{Projects: 60, Tier: tier})
		check := func(s scan.Subject) {
			t.Helper()
			for id, r := range scan.Facts(s) {
				if g, gap := r.Gap(); gap {
					t.Errorf("%s %s: %s has the gap %s", tier, s.Address(), id, g)
				}
			}
		}
		check(w.InstanceTruth())
		for id := range w.ProjectIDs() {
			check(w.ProjectTruth(id))
		}
		for id := range w.GroupIDs() {
			check(w.GroupTruth(id))
		}
		for id := range w.UserIDs() {
			check(w.UserTruth(id))
		}
	}
}

// The world must be worth scanning: each thing a migration can lose is there,
// and none is everywhere.
func TestDistributions(t *testing.T) {
	w := newWorld(t, Config{Projects: 3000})
	share := map[string]int{}
	depth := 0
	for id := range w.ProjectIDs() {
		p, _ := w.Project(id)
		for name, ok := range map[string]bool{
			"archived": p.Archived, "empty": p.Empty, "personal": p.Personal, "fork": p.ForkedFrom != 0, "deletion": p.DeletionOn != "",
			"private": p.Visibility == "private", "internal": p.Visibility == "internal", "public": p.Visibility == "public",
			"above 5 GiB": p.Sizes.Repository > 5*gib, "above 10 GiB": p.Sizes.Repository > 10*gib, "lfs": p.Sizes.LFS > 0,
			"packages": len(p.Packages) > 0, "registry": p.RegistryRepos > 0, "ci": w.ciFilePath(&p) != "", "ci path": p.CIConfigPath != "",
			"variables": len(w.Variables(p)) > 0, "many variables": len(w.Variables(p)) > 100, "webhooks": len(w.Webhooks(p)) > 0,
			"mirrors": len(w.Mirrors(p)) > 0, "pull mirror": p.PullMirror, "deploy keys": len(w.DeployKeys(p)) > 0, "deploy tokens": len(w.DeployTokens(p)) > 0,
			"pages": p.PagesDeployments > 0, "wiki": p.WikiPages > 0, "vulnerabilities": p.Vulnerabilities.Sum() > 0, "dormant": w.Now().Sub(p.LastActivityAt) > 365*24*time.Hour,
			"hostile": contains(hostileNames, p.Name), "framework": len(p.Frameworks) > 0, "schedules": p.Schedules > 0, "members": len(w.Members(p)) > 0,
		} {
			if ok {
				share[name]++
			} else {
				share[name] += 0
			}
		}
		depth = max(depth, strings.Count(p.FullPath, "/"))
	}
	for name, n := range share {
		t.Logf("%-16s %5.1f %%", name, float64(n)/30)
		if n == 0 || n == 3000 {
			t.Errorf("%s: %d of 3000 projects", name, n)
		}
	}
	if depth < 4 {
		t.Errorf("the deepest project lies %d levels down", depth)
	}
	small := newWorld(t, Config{})
	var five, ten bool
	for id := range small.ProjectIDs() {
		p, _ := small.Project(id)
		five, ten = five || p.Sizes.Repository > 5*gib, ten || p.Sizes.Repository > 10*gib
	}
	if !five || !ten {
		t.Error("the default world lacks a giant")
	}
}

func TestConfigIsChecked(t *testing.T) {
	for _, cfg := range []Config{{Projects: -1}, {Tier: "gold"}, {ExternalURL: "gitlab"}, {Version: scan.MustVersion("12.9")}} {
		if _, err := New(cfg); err == nil {
			t.Errorf("New(%+v) made a world", cfg)
		}
	}
}

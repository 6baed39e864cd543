package gitlab

import (
	"net/http/httptest"
	"testing"

	"readiness/scan"
	"readiness/scan/gitlabsim"
)

// made is what one page of reading cost, in requests a project: the whole scan
// less what a scan of an instance costs before its first project.
func made(t *testing.T, cfg gitlabsim.Config, depth scan.Depth, faults string) (*gitlabsim.World, wholeScan, float64) {
	t.Helper()
	world, err := gitlabsim.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := gitlabsim.ParseFaults(faults)
	if err != nil {
		t.Fatal(err)
	}
	server := gitlabsim.NewServer(world, gitlabsim.Options{Faults: plan})
	web := httptest.NewServer(server)
	t.Cleanup(web.Close)
	s, err := Open(t.Context(), Options{BaseURL: web.URL, PublicURL: world.ExternalURL(), Way: wayTo(world), Token: server.Token(gitlabsim.Admin), Depth: depth, Clock: newFastClock()})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Instance(t.Context()); err != nil {
		t.Fatal(err)
	}
	w := wholeScan{projects: map[int64]*scan.Project{}}
	before := s.Requests()
	for cursor := ""; ; {
		page, err := s.Projects(t.Context(), cursor)
		if err != nil {
			t.Fatal(err)
		}
		if depth >= scan.Standard {
			if err := s.WideProjects(t.Context(), page.Items); err != nil {
				t.Fatal(err)
			}
		}
		if depth >= scan.Deep {
			for _, p := range page.Items {
				if err := s.DeepProject(t.Context(), p); err != nil {
					t.Fatal(err)
				}
			}
		}
		for _, p := range page.Items {
			w.projects[p.ID] = p
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	after := s.Requests()
	t.Logf("by endpoint: %v", server.Stats().ByEndpoint)
	n := after.REST + after.GraphQL - before.REST - before.GraphQL
	return world, w, float64(n) / float64(len(w.projects))
}

// The requests a project that a scan may make, by depth: at 18.11 Ultimate, with
// an administrator's token. What a scan asks once per instance is not in it.
func TestRequestsAProject(t *testing.T) {
	cfg := gitlabsim.Config{Projects: 400, Seed: 31, Version: scan.MustVersion("18.11")}
	for depth, most := range map[scan.Depth]float64{scan.Quick: 0.03, scan.Standard: 0.25} {
		if _, _, n := made(t, cfg, depth, ""); n > most {
			t.Errorf("%s: %.3f requests a project, more than %.2f", depth, n, most)
		} else {
			t.Logf("%s: %.3f requests a project", depth, n)
		}
	}
}

// A deep scan asks a live project at most 20 times, one that sleeps at most twice, its
// share of wide pages included.
func TestRequestsOfADeepScan(t *testing.T) {
	for dormant, most := range map[int]float64{0: 20, 100: 2} {
		cfg := gitlabsim.Config{Projects: 120, Seed: 31, Version: scan.MustVersion("18.11"), Dormant: dormant}
		world, w, n := made(t, cfg, scan.Deep, "")
		asleep := 0
		for _, p := range w.projects {
			if sleeps(world, world.ProjectTruth(p.ID)) {
				asleep++
			}
		}
		if dormant == 100 && asleep != len(w.projects) {
			t.Errorf("%d of %d projects sleep, of a world asleep", asleep, len(w.projects))
		}
		if n > most {
			t.Errorf("with %d %% asleep: %.2f requests a project, more than %.2f", dormant, n, most)
		} else {
			t.Logf("with %d %% asleep: %.2f requests a project", dormant, n)
		}
	}
}

// Where GraphQL does not tell, REST answers for it with at most twelve requests
// a project, at standard depth as in a deep scan.
func TestRequestsWithoutGraphQL(t *testing.T) {
	for _, c := range []struct{ version, faults string }{{"18.11", "graphql-off"}, {"15.11", ""}, {"13.12", ""}} {
		cfg := gitlabsim.Config{Projects: 120, Seed: 31, Version: scan.MustVersion(c.version)}
		world, w, standard := made(t, cfg, scan.Standard, c.faults)
		if standard > 12 {
			t.Errorf("%s %s: %.2f requests a project at standard depth, more than 12", c.version, c.faults, standard)
		}
		d := compareAll(t, world, w.subjects()[1:])
		d.report(t)
		for _, id := range append(fileFacts, ciFileFact) {
			for reason, n := range d.gaps[id] {
				if reason != scan.ReasonFeatureOff {
					t.Errorf("%s %s: %s: %d gaps %s", c.version, c.faults, id, n, reason)
				}
			}
		}
		t.Logf("%s %s: %.2f requests a project at standard depth", c.version, c.faults, standard)
	}
}

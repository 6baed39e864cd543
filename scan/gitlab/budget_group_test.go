package gitlab

import (
	"net/http/httptest"
	"testing"

	"readiness/scan"
	"readiness/scan/gitlabsim"
)

// The requests that a scan may make for a group, by depth: with an
// administrator's token, what is asked once per instance not counted. Where
// groups can be asked for by id, from 18.7 on, three questions answer for a
// hundred; a deep scan asks what the licence has, and of subgroups nothing that
// top-level groups alone have.
func TestRequestsAGroup(t *testing.T) {
	if testing.Short() {
		t.Skip("scans like those of the other worlds, to count requests")
	}
	for _, c := range []struct {
		version string
		tier    gitlabsim.Tier
		depth   scan.Depth
		most    float64
	}{
		{"18.11", gitlabsim.Ultimate, scan.Quick, 0.02},
		{"18.11", gitlabsim.Ultimate, scan.Standard, 0.05},
		{"16.11", gitlabsim.Ultimate, scan.Standard, 0.65},
		{"18.11", gitlabsim.Ultimate, scan.Deep, 21},
		{"18.11", gitlabsim.Premium, scan.Deep, 21},
		{"18.11", gitlabsim.CE, scan.Deep, 12},
	} {
		world, err := gitlabsim.New(gitlabsim.Config{Projects: 2400, Seed: 31, Version: scan.MustVersion(c.version), Tier: c.tier})
		if err != nil {
			t.Fatal(err)
		}
		server := gitlabsim.NewServer(world, gitlabsim.Options{})
		web := httptest.NewServer(server)
		t.Cleanup(web.Close)
		s, err := Open(t.Context(), Options{BaseURL: web.URL, PublicURL: world.ExternalURL(), Token: server.Token(gitlabsim.Admin), Depth: c.depth, Clock: newFastClock()})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Instance(t.Context()); err != nil {
			t.Fatal(err)
		}
		before, groups := s.Requests(), 0
		each(t, "groups", func(cursor string) (string, int) {
			page, err := s.Groups(t.Context(), cursor)
			if err != nil {
				t.Fatal(err)
			}
			groups += len(page.Items)
			if c.depth >= scan.Standard {
				if err := s.WideGroups(t.Context(), page.Items); err != nil {
					t.Fatal(err)
				}
			}
			if c.depth >= scan.Deep {
				for _, g := range page.Items {
					if err := s.DeepGroup(t.Context(), g); err != nil {
						t.Fatal(err)
					}
				}
			}
			return page.Next, len(page.Items)
		})
		after := s.Requests()
		n := float64(after.REST+after.GraphQL-before.REST-before.GraphQL) / float64(groups)
		if n > c.most {
			t.Errorf("%s %s %s: %.3f requests a group, more than %.2f", c.version, c.tier, c.depth, n, c.most)
		}
		t.Logf("%s %s %s: %.3f requests for each of %d groups", c.version, c.tier, c.depth, n, groups)
	}
}

// A page of a hundred accounts costs its listing and one question; a deep scan asks
// of each active one its keys and tokens, and of technical ones what they wrote.
func TestRequestsAUser(t *testing.T) {
	for depth, most := range map[scan.Depth]float64{scan.Quick: 0.02, scan.Standard: 0.03, scan.Deep: 3} {
		world, err := gitlabsim.New(gitlabsim.Config{Projects: 600, Seed: 31, Version: scan.MustVersion("18.11")})
		if err != nil {
			t.Fatal(err)
		}
		server := gitlabsim.NewServer(world, gitlabsim.Options{})
		web := httptest.NewServer(server)
		t.Cleanup(web.Close)
		s, err := Open(t.Context(), Options{BaseURL: web.URL, PublicURL: world.ExternalURL(), Token: server.Token(gitlabsim.Admin), Depth: depth, Clock: newFastClock()})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Instance(t.Context()); err != nil {
			t.Fatal(err)
		}
		before, users := s.Requests(), 0
		each(t, "users", func(cursor string) (string, int) {
			page, err := s.Users(t.Context(), cursor)
			if err != nil {
				t.Fatal(err)
			}
			users += len(page.Items)
			if depth >= scan.Standard {
				if err := s.WideUsers(t.Context(), page.Items); err != nil {
					t.Fatal(err)
				}
			}
			for _, u := range page.Items {
				if depth < scan.Deep {
					break
				}
				if err := s.DeepUser(t.Context(), u); err != nil {
					t.Fatal(err)
				}
			}
			return page.Next, len(page.Items)
		})
		after := s.Requests()
		n := float64(after.REST+after.GraphQL-before.REST-before.GraphQL) / float64(users)
		if n > most {
			t.Errorf("%s: %.3f requests an account, more than %.2f", depth, n, most)
		}
		t.Logf("%s: %.3f requests for each of %d accounts", depth, n, users)
	}
}

package gitlab

import (
	"testing"
	"time"

	"readiness/scan"
	"readiness/scan/gitlabsim"
)

// The limits of endpoints are kept to beforehand: no request runs into one, and
// none waits where there is none.
func TestEndpointLimitsAreKnownBeforehand(t *testing.T) {
	if testing.Short() {
		t.Skip("scans like those of the other worlds, with limits")
	}
	for name, c := range map[string]struct {
		version string
		limits  bool // as a new installation has them
		role    gitlabsim.Role
		waits   bool
	}{
		"an administrator is told of them":            {"18.11", true, gitlabsim.Admin, true},
		"others expect the defaults":                  {"18.11", true, gitlabsim.Owner, true},
		"an administrator is told that there is none": {"18.11", false, gitlabsim.Admin, false},
		"an older version has none":                   {"17.9", false, gitlabsim.Owner, false},
	} {
		t.Run(name, func(t *testing.T) {
			world, err := gitlabsim.New(gitlabsim.Config{Projects: 20, Seed: 7, Version: scan.MustVersion(c.version), EndpointLimits: c.limits})
			if err != nil {
				t.Fatal(err)
			}
			clock := newFastClock()
			server := gitlabsim.NewServer(world, gitlabsim.Options{Clock: clock.Now})
			s, err := Open(t.Context(), Options{BaseURL: serve(t, server), PublicURL: world.ExternalURL(), Token: server.Token(c.role), Clock: clock})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.Instance(t.Context()); err != nil {
				t.Fatal(err)
			}
			before := clock.total()
			var id int64
			for id = range world.ProjectIDs() {
				break
			}
			for range 1000 {
				var b projectBody
				if _, _, err := s.read(t.Context(), call{endpoint: "GET /projects/:id", path: projectPath(id, "")}, &b); err != nil {
					t.Fatal(err)
				}
			}
			if n := s.Requests().Retries; n > 0 {
				t.Errorf("%d requests ran into the limit", n)
			}
			want := time.Duration(0)
			if c.waits {
				want = 2 * time.Minute // 1,000 at 400 a minute
			}
			if waited := clock.total() - before; waited != want {
				t.Errorf("waited %v, want %v", waited, want)
			}
		})
	}
}

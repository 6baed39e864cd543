package gitlab

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"readiness/scan"
	"readiness/scan/gitlabsim"
)

// examine probes a simulated world as one role.
func examine(t *testing.T, cfg gitlabsim.Config, role gitlabsim.Role, adapt ...func(*Options)) (*gitlabsim.World, *Probe) {
	t.Helper()
	world, err := gitlabsim.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	server := gitlabsim.NewServer(world, gitlabsim.Options{})
	web := httptest.NewServer(server)
	t.Cleanup(web.Close)
	opt := Options{BaseURL: web.URL, PublicURL: world.ExternalURL(), Token: server.Token(role), Clock: newFastClock()}
	for _, a := range adapt {
		a(&opt)
	}
	p, err := Examine(t.Context(), opt)
	if err != nil {
		t.Fatal(err)
	}
	return world, p
}

func TestExamine(t *testing.T) {
	for _, c := range []struct {
		role             gitlabsim.Role
		admin, adminMode bool
	}{
		{gitlabsim.Admin, true, false},
		{gitlabsim.AdminNoMode, false, true},
		{gitlabsim.Developer, false, false},
		{gitlabsim.Maintainer, false, false},
	} {
		t.Run(string(c.role), func(t *testing.T) {
			_, p := examine(t, gitlabsim.Config{Seed: 4, Projects: 60}, c.role)
			if got, known := p.Administrator.Get(); got != c.admin || !known {
				t.Errorf("administrator is %v, %v; want %v", got, known, c.admin)
			}
			if p.AdminMode != c.adminMode {
				t.Errorf("Admin Mode stands in the way: %v, want %v", p.AdminMode, c.adminMode)
			}
			if p.TokenKind != "personal access token" {
				t.Errorf("the token is a %q", p.TokenKind)
			}
			if !p.GraphQL.Or(false) || p.Version.Or(scan.Version{}).Short() != "18.9" {
				t.Errorf("GraphQL %v, version %v", p.GraphQL.Any(), p.Version.Any())
			}
			most := int64(10)
			if c.adminMode {
				most++ // whether it is so is asked twice
			}
			if n := p.Requests.REST + p.Requests.GraphQL; n > most {
				t.Errorf("%d requests, want %d at most", n, most)
			}
			if p.Certificate != nil {
				t.Error("a certificate, though the source speaks plain HTTP")
			}
			n, known := p.Projects.Get()
			switch {
			case !known || n == 0:
				t.Errorf("projects are %d, %v", n, known)
			case c.admin && (n != 60 || !p.Counted):
				t.Errorf("the administrator is told of %d projects, counted %v", n, p.Counted)
			case !c.admin && (n >= 60 || p.Counted):
				t.Errorf("%s is told of %d projects of 60, counted %v", c.role, n, p.Counted)
			}
			if m, known := p.Maintained.Get(); known == c.admin || m > n {
				t.Errorf("Maintainer in %d of %d projects, known %v", m, n, known)
			}
		})
	}
}

// TestExamineUnknownIsNotZero: a listing without a total is not an empty one.
func TestExamineUnknownIsNotZero(t *testing.T) {
	h := healthy("18.9.0").
		with("GET /application/settings", say(403, `{"message":"403 Forbidden"}`)).
		with("GET /projects", say(200, `[{"id":1}]`, "X-Next-Page", "2")).
		with("GET /groups", say(500, `{"message":"500 Internal Server Error"}`))
	p, err := Examine(t.Context(), Options{BaseURL: serve(t, h), Token: testToken, Clock: newFastClock()})
	if err != nil {
		t.Fatal(err)
	}
	for what, fact := range map[string]scan.Fact[int64]{"projects": p.Projects, "groups": p.Groups, "users": p.Users} {
		if n, known := fact.Get(); known {
			t.Errorf("%s are %d, though nobody told", what, n)
		}
	}
}

func TestExamineTLSAndLimits(t *testing.T) {
	h := healthy("18.9.0")
	h["GET /metadata"] = say(200, `{"version":"18.9.0","enterprise":true}`, "RateLimit-Limit", "600", "RateLimit-Remaining", "597")
	web := httptest.NewTLSServer(h)
	t.Cleanup(web.Close)
	p, err := Examine(t.Context(), Options{BaseURL: web.URL, Token: testToken, Insecure: true, Clock: newFastClock()})
	if err != nil {
		t.Fatal(err)
	}
	if p.Certificate == nil || !strings.Contains(p.Certificate.Issuer, "Acme Co") || !p.Certificate.NotAfter.After(time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("the certificate is %+v", p.Certificate)
	}
	if n, _ := p.LimitPerMinute.Get(); n != 600 {
		t.Errorf("the limit is %d", n)
	}
}

// TestEstimate holds the expected number of requests to real scans: within 30 %.
func TestEstimate(t *testing.T) {
	if testing.Short() {
		t.Skip("scans like those of the other worlds, to count requests")
	}
	for _, c := range []struct {
		role     gitlabsim.Role
		projects int
		depth    scan.Depth
	}{
		{gitlabsim.Admin, 400, scan.Quick},
		{gitlabsim.Admin, 400, scan.Standard},
		{gitlabsim.Admin, 150, scan.Deep},
		{gitlabsim.Developer, 400, scan.Quick},
		{gitlabsim.Developer, 400, scan.Standard},
		{gitlabsim.Developer, 200, scan.Deep},
	} {
		t.Run(string(c.role)+" "+c.depth.String(), func(t *testing.T) {
			cfg := gitlabsim.Config{Seed: 11, Projects: c.projects}
			depth := func(o *Options) { o.Depth = c.depth }
			_, _, _, s := simulate(t, cfg, c.role, depth)
			_, p := examine(t, cfg, c.role, depth)
			size := scan.Size{Projects: p.Projects.Or(-1), Groups: p.Groups.Or(-1), Users: p.Users.Or(-1)}
			got := c.depth.Estimate(size, scan.Reading{Administrator: p.Administrator.Or(false), GraphQL: p.GraphQL.Or(false)})
			made := s.Requests()
			near(t, "requests", got.Total(), made.REST+made.GraphQL)
			t.Logf("%+v: expected %+v, made %d and %d", size, got, made.REST, made.GraphQL)
		})
	}
}

func near(t *testing.T, what string, got, want int64) {
	t.Helper()
	if 10*got < 7*want || 10*got > 13*want {
		t.Errorf("%d %s expected, %d made: further than 30 %% off", got, what, want)
	}
}

// TestEstimateWithoutGraphQL: where GraphQL is refused, REST answers for it.
func TestEstimateWithoutGraphQL(t *testing.T) {
	world, err := gitlabsim.New(gitlabsim.Config{Projects: 40, Seed: 7})
	if err != nil {
		t.Fatal(err)
	}
	faults, err := gitlabsim.ParseFaults("graphql-off")
	if err != nil {
		t.Fatal(err)
	}
	server := gitlabsim.NewServer(world, gitlabsim.Options{Faults: faults})
	web := httptest.NewServer(server)
	t.Cleanup(web.Close)
	s, err := Open(t.Context(), Options{BaseURL: web.URL, Token: server.Token(gitlabsim.Admin), Depth: scan.Deep, Clock: newFastClock()})
	if err != nil {
		t.Fatal(err)
	}
	w := scanAll(t, s)
	size := scan.Size{Projects: int64(len(w.projects)), Groups: int64(len(w.groups)), Users: int64(len(w.users))}
	made := s.Requests()
	got := scan.Deep.Estimate(size, scan.Reading{Administrator: true})
	near(t, "requests", got.Total(), made.REST+made.GraphQL)
	t.Logf("%+v: expected %+v, made %+v", size, got, made)
}

// TestUnread holds what is said to stay unread to what a scan could not read.
func TestUnread(t *testing.T) {
	if u := (Reader{Role: scan.RoleAdministrator, Depth: scan.Deep, Version: scan.MustVersion("18.9")}).Unread(); len(u) > 0 {
		t.Errorf("an administrator is told not to read %+v", u)
	}
	_, _, whole, _ := simulate(t, gitlabsim.Config{Seed: 4, Projects: 60}, gitlabsim.Developer)
	for _, u := range (Reader{Role: scan.RoleOwner, Depth: scan.Deep, Version: scan.MustVersion("18.9")}).Unread() {
		for _, e := range u.Facts {
			for _, s := range whole.subjects() {
				fact := scan.FactOf(s, e.ID)
				if s.Level() != e.Level || fact == nil {
					continue
				}
				if _, gap := fact.Gap(); !gap && !partOf(e.ID) {
					t.Errorf("%s of %s was read, though it is said to need %s", e.ID, s.Address(), u.Cure)
					break
				}
			}
		}
	}
	old := Reader{Role: scan.RoleAdministrator, Depth: scan.Deep, Version: scan.MustVersion("14.0")}.Unread()
	if len(old) == 0 || !strings.Contains(old[0].Cure, "or newer") {
		t.Errorf("GitLab 14.0 is said to tell all: %+v", old)
	}
}

// partOf are facts that everybody is told of their own account.
func partOf(id scan.FactID) bool {
	return strings.HasPrefix(string(id), "user.") || id == "caller.whole-scope"
}

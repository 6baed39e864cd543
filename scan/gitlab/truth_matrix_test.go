package gitlab

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"readiness/scan"
	"readiness/scan/gitlabsim"
)

var (
	simulatedVersions = []string{"13.12.0", "14.10.0", "15.11.0", "16.11.0", "17.11.0", "18.11.0", "19.5.0"}
	simulatedTiers    = []gitlabsim.Tier{gitlabsim.CE, gitlabsim.Free, gitlabsim.Premium, gitlabsim.Ultimate}
)

// explained reports whether a gap is one that GitLab leaves an administrator.
func explained(version scan.Version, id scan.FactID, reason scan.Reason) bool {
	e, _ := scan.Lookup(id)
	switch reason {
	case scan.ReasonFeatureOff: // a feature that a project, an edition or a licence lacks
		return true
	case scan.ReasonTooOld:
		since := e.Since
		if later, ok := askedSince[id]; ok {
			since = later
		}
		return since != "" && !version.AtLeast(scan.MustVersion(since))
	case scan.ReasonWithheld: // the registry does not count, nobody is told of an archived project's tokens
		return id == "project.container-registry-size" || id == triggersFact
	}
	return false
}

// askedSince are facts that are asked for later than their catalogue entry says:
// GraphQL fields of which a part is younger or of an unknown milestone wait for
// the next schema at hand (13.12, 15.8, 16.3, 18.7) or the documented milestone.
var askedSince = map[scan.FactID]string{
	"project.pipeline-triggers":         "16.4",
	"project.container-registry-access": "14.2",
}

// At every version and tier an administrator's scan finds the world's truth; what
// it does not find that version or tier does not have.
func TestEveryVersionAndTier(t *testing.T) {
	if testing.Short() {
		t.Skip("scans like those of the other worlds, at every version")
	}
	for _, version := range simulatedVersions {
		for _, tier := range simulatedTiers {
			t.Run(version+" "+string(tier), func(t *testing.T) {
				t.Parallel()
				world, server, w, _ := simulate(t, gitlabsim.Config{Projects: 40, Seed: 21, Version: scan.MustVersion(version), Tier: tier}, gitlabsim.Admin)
				if len(w.projects) != world.Projects() || len(w.groups) != world.Groups() || len(w.users) != world.Users() {
					t.Errorf("%d of %d projects, %d of %d groups, %d of %d users", len(w.projects), world.Projects(), len(w.groups), world.Groups(), len(w.users), world.Users())
				}
				d := compareAll(t, world, w.subjects())
				d.report(t)
				for id, reasons := range d.gaps {
					for reason, n := range reasons {
						if !explained(world.Config().Version, id, reason) {
							t.Errorf("%s: %d gaps %s", id, n, reason)
						}
					}
				}
				if n := server.Stats().Writes; n != 0 {
					t.Errorf("%d writes", n)
				}
				noCanary(t, world, w)
			})
		}
	}
}

// Where there is something of everything no role reads a zero, at any version.
func TestNoRoleReadsAZero(t *testing.T) {
	if testing.Short() {
		t.Skip("scans like those of the other worlds, as every role")
	}
	for _, version := range []string{"13.12.0", "16.11.0", "19.5.0"} {
		for _, role := range gitlabsim.Roles() {
			t.Run(version+" "+string(role), func(t *testing.T) {
				t.Parallel()
				world, server, w, _ := simulate(t, gitlabsim.Config{Projects: 40, Seed: 22, Version: scan.MustVersion(version), Positive: true}, role)
				truthOrGap(t, world, w, role)
				for _, subject := range w.subjects() {
					truth := truthOf(world, subject)
					for id, r := range scan.Facts(subject) {
						n, known := r.Amount()
						if there, _ := scan.FactOf(truth, id).Amount(); known && n == 0 && there > 0 {
							t.Errorf("%s of %s is read as zero", id, subject.Address())
						}
					}
				}
				if n := server.Stats().Writes; n != 0 {
					t.Errorf("%d writes", n)
				}
				noCanary(t, world, w)
			})
		}
	}
}

// truthOrGap fails for a fact that is neither the truth nor a gap that says
// whose it is: nothing that was asked may be unread without a cause.
func truthOrGap(t *testing.T, world *gitlabsim.World, w wholeScan, role gitlabsim.Role) {
	t.Helper()
	var compared []scan.Subject
	for _, subject := range w.subjects() {
		if i, ok := subject.(*scan.Instance); ok && role != gitlabsim.Admin { // the truth is the administrator's
			if i.CallerAdmin.Or(true) {
				t.Errorf("%s is taken for an administrator", role)
			}
			forgetCaller(i)
		}
		compared = append(compared, subject)
	}
	d := compareAll(t, world, compared)
	d.report(t)
	for id, reasons := range d.gaps {
		for reason, n := range reasons {
			switch reason {
			case scan.ReasonForbidden, scan.ReasonHidden, scan.ReasonWithheld, scan.ReasonFeatureOff, scan.ReasonTooOld:
			case scan.ReasonNotAsked:
				if !strings.HasPrefix(string(id), "caller.") && role == gitlabsim.Admin {
					t.Errorf("%s: %d gaps %s", id, n, reason)
				}
			default:
				t.Errorf("%s: %d gaps %s", id, n, reason)
			}
		}
	}
	if d.known == 0 {
		t.Error("nothing was read")
	}
}

// Of a token's scopes read_api suffices, read_user does not: then the scan does
// not begin, and says what is missing.
func TestScopesOfTheToken(t *testing.T) {
	world, err := gitlabsim.New(gitlabsim.Config{Projects: 20})
	if err != nil {
		t.Fatal(err)
	}
	server := gitlabsim.NewServer(world, gitlabsim.Options{})
	url := serve(t, server)
	for scope, opens := range map[string]bool{gitlabsim.ScopeAPI: true, gitlabsim.ScopeReadAPI: true, gitlabsim.ScopeReadUser: false} {
		_, err := Open(t.Context(), Options{BaseURL: url, Token: server.TokenWith(gitlabsim.Admin, scope), Clock: newFastClock()})
		if (err == nil) != opens || err != nil && !strings.Contains(err.Error(), "read_api") {
			t.Errorf("scope %s: %v", scope, err)
		}
	}
}

// A group of GitLab.com, read by its Owner: the scan completes; what GitLab.com
// tells no customer is a gap.
func TestGitLabComAsASource(t *testing.T) {
	cfg := gitlabsim.Config{Projects: 120, Seed: 5, SaaS: true}
	world, err := gitlabsim.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	var path string
	for id := range world.GroupIDs() {
		path = world.GroupTruth(id).Path // the first has the Owner among its members
		break
	}
	want := 0
	for id := range world.ProjectIDs() {
		if strings.HasPrefix(world.ProjectTruth(id).Path, path+"/") {
			want++
		}
	}
	clock := newFastClock()
	server := gitlabsim.NewServer(world, gitlabsim.Options{Clock: clock.Now})
	began := clock.Now()
	s, err := Open(t.Context(), Options{BaseURL: serve(t, server), PublicURL: world.ExternalURL(), Way: wayTo(world), Token: server.Token(gitlabsim.Owner), Depth: scan.Deep,
		Clock: clock, Groups: []string{path}})
	if err != nil {
		t.Fatal(err)
	}
	w := scanAll(t, s)
	if len(w.projects) != want || want == 0 {
		t.Errorf("%d projects under %s, want %d", len(w.projects), path, want)
	}
	truthOrGap(t, world, w, gitlabsim.Owner)
	for _, u := range w.users {
		if _, gap := u.Email.Gap(); !gap {
			t.Errorf("the e-mail address of %s was told", u.Username)
		}
	}
	for _, p := range w.projects {
		if g, gap := p.Variables.Gap(); gap && g.Reason != scan.ReasonFeatureOff {
			t.Errorf("%s: an Owner was not told its variables: %+v", p.Path, g)
		}
	}
	if n := server.Stats().ByEndpoint["GET (throttled)"]; n > 0 {
		t.Errorf("%d requests were throttled: the headers tell what is left", n)
	}
	t.Logf("%d projects, %+v, %s of the clock", len(w.projects), s.Requests(), clock.Now().Sub(began).Round(time.Second))
}

// No minor version is asked for a field that it does not have yet: each would
// cost a request, a line of progress and a fact that is said to be out of reach.
func TestNoFieldIsAskedTooEarly(t *testing.T) {
	if testing.Short() {
		t.Skip("scans like those of the other worlds, at every version")
	}
	last := map[int]int{13: 12, 14: 10, 15: 11, 16: 11, 17: 11, 18: 11, 19: 5}
	for major := 13; major <= 19; major++ {
		for minor := 0; minor <= last[major]; minor++ {
			version := fmt.Sprintf("%d.%d.0", major, minor)
			if !scan.MustVersion(version).AtLeast(scan.MustVersion("13.12.0")) {
				continue
			}
			t.Run(version, func(t *testing.T) {
				t.Parallel()
				simulate(t, gitlabsim.Config{Projects: 5, Seed: 21, Version: scan.MustVersion(version)}, gitlabsim.Admin, func(o *Options) {
					o.Notice = func(line string) {
						if strings.Contains(line, "does not know a field") {
							t.Error(line)
						}
					}
				})
			})
		}
	}
}

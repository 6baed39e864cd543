package gitlab

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"readiness/scan"
	"readiness/scan/gitlabsim"
)

// simulate scans a whole simulated world as one role.
func simulate(t *testing.T, cfg gitlabsim.Config, role gitlabsim.Role, adapt ...func(*Options)) (*gitlabsim.World, *gitlabsim.Server, wholeScan, *Source) {
	t.Helper()
	world, err := gitlabsim.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	server := gitlabsim.NewServer(world, gitlabsim.Options{})
	web := httptest.NewServer(server)
	t.Cleanup(web.Close)
	opt := Options{BaseURL: web.URL, PublicURL: world.ExternalURL(), Way: wayTo(world), Token: server.Token(role), Depth: scan.Deep, Clock: newFastClock()}
	for _, a := range adapt {
		a(&opt)
	}
	s, err := Open(t.Context(), opt)
	if err != nil {
		t.Fatal(err)
	}
	return world, server, scanAll(t, s), s
}

func wayTo(w *gitlabsim.World) *scan.Way {
	way := w.Way()
	return &way
}

// truthOf is what the world says of a subject; nil if it has none of that id.
func truthOf(w *gitlabsim.World, s scan.Subject) scan.Subject {
	switch s := s.(type) {
	case *scan.Instance:
		return w.InstanceTruth()
	case *scan.Group:
		if t := w.GroupTruth(s.ID); t != nil {
			return t
		}
	case *scan.Project:
		if t := w.ProjectTruth(s.ID); t != nil {
			return t
		}
	case *scan.User:
		if t := w.UserTruth(s.ID); t != nil {
			return t
		}
	}
	return nil
}

// difference compares facts with the truth. A gap differs from nothing here: it
// is reported by reason.
type differences struct {
	wrong []string
	gaps  map[scan.FactID]map[scan.Reason]int
	known int
}

func compareAll(t *testing.T, world *gitlabsim.World, all []scan.Subject) differences {
	t.Helper()
	d := differences{gaps: map[scan.FactID]map[scan.Reason]int{}}
	for _, s := range all {
		truth := truthOf(world, s)
		if truth == nil {
			d.wrong = append(d.wrong, fmt.Sprintf("%s %s is not in the world", s.Level(), s.Address()))
			continue
		}
		for id, r := range scan.Facts(s) {
			if g, gap := r.Gap(); gap {
				if g.Reason == scan.ReasonNotAsked && (sleeps(world, truth) || idle(truth) || notWorth(truth, id)) {
					continue // spared
				}
				if d.gaps[id] == nil {
					d.gaps[id] = map[scan.Reason]int{}
				}
				d.gaps[id][g.Reason]++
				continue
			}
			d.known++
			if got, want := canonical(t, r), canonical(t, scan.FactOf(truth, id)); got != want {
				d.wrong = append(d.wrong, fmt.Sprintf("%s of %s: read %.120s, truth %.120s", id, s.Address(), got, want))
			}
		}
	}
	return d
}

// sleeps reports whether a deep scan asks next to nothing of the subject: a
// project without repository and pipelines, in which nothing has happened for a year.
func sleeps(world *gitlabsim.World, truth scan.Subject) bool {
	p, ok := truth.(*scan.Project)
	return ok && p.Empty.Or(false) && (p.Pipelines.Or(-1) == 0 || p.BuildsAccess.Or("") == "disabled") && world.Now().Sub(p.LastActivityAt.Or(world.Now())) > dormantAfter
}

// idle reports whether a deep scan asks nothing of an account: a bot, or one that
// is not active.
func idle(truth scan.Subject) bool {
	u, ok := truth.(*scan.User)
	if !ok {
		return false
	}
	kind := u.Kind.Or("")
	return u.State.Or("") != "active" || kind != scan.KindHuman && kind != scan.KindServiceAccount
}

// notWorth reports whether a fact is not asked of a project that cannot have use
// of it, and whose truth is nothing then.
func notWorth(truth scan.Subject, id scan.FactID) bool {
	p, ok := truth.(*scan.Project)
	n, _ := scan.FactOf(truth, id).Amount()
	return ok && n == 0 && (id == "project.resource-groups" && p.Pipelines.Or(1) == 0 || id == "project.feature-flag-user-lists" && p.FeatureFlags.Or(1) == 0)
}

// canonical is a fact's JSON with lists in an order of their own: their order is
// no part of the truth.
func canonical(t *testing.T, r scan.Read) string {
	t.Helper()
	b, err := json.Marshal(r.Any())
	if err != nil {
		t.Fatal(err)
	}
	var list []json.RawMessage
	if json.Unmarshal(b, &list) == nil {
		slices.SortFunc(list, func(a, b json.RawMessage) int { return cmp.Compare(string(a), string(b)) })
		return fmt.Sprintf("%s", list)
	}
	return string(b)
}

func (d differences) report(t *testing.T) {
	t.Helper()
	for i, w := range d.wrong {
		if i == 40 {
			t.Errorf("… and %d more", len(d.wrong)-i)
			break
		}
		t.Error(w)
	}
}

// What an administrator's scan finds is the world's truth, fact by fact. The
// only gaps are those for which GitLab has no answer.
func TestAdministratorReadsTheTruth(t *testing.T) {
	world, server, w, s := simulate(t, gitlabsim.Config{Projects: 150, Seed: 7}, gitlabsim.Admin)
	if len(w.projects) != world.Projects() || len(w.groups) != world.Groups() || len(w.users) != world.Users() {
		t.Errorf("%d of %d projects, %d of %d groups, %d of %d users", len(w.projects), world.Projects(), len(w.groups), world.Groups(), len(w.users), world.Users())
	}
	d := compareAll(t, world, w.subjects())
	d.report(t)
	for id, reasons := range d.gaps {
		for reason, n := range reasons {
			e, _ := scan.Lookup(id)
			switch {
			case reason == scan.ReasonFeatureOff: // a feature that a project switched off
			case reason == scan.ReasonTooOld && e.Since != "" && !world.Config().Version.AtLeast(scan.MustVersion(e.Since)):
			case id == "project.container-registry-size" && reason == scan.ReasonWithheld: // the registry does not count
			case id == triggersFact && reason == scan.ReasonWithheld: // nobody is told of those of archived projects
			default:
				t.Errorf("%s: %d gaps %s", id, n, reason)
			}
		}
	}
	if st := server.Stats(); st.Writes != 0 {
		t.Errorf("%d writes", st.Writes)
	}
	t.Logf("%d facts known; %+v", d.known, s.Requests())
	noCanary(t, world, w)
}

// A project whose job fetches the project itself with its token: that is no way to
// another, but the host is still written out.
func TestProjectThatFetchesItself(t *testing.T) {
	world, _, w, _ := simulate(t, gitlabsim.Config{Projects: 40, Seed: 656508}, gitlabsim.Admin)
	compareAll(t, world, w.subjects()).report(t)
	for _, p := range w.projects {
		writesOut := func(m scan.CIMention) bool { return m.Kind == scan.CIHost && m.Line == 23 }
		if p.Path == "integrations/website-tests" && slices.ContainsFunc(p.CIMentions.Items, writesOut) {
			return
		}
	}
	t.Error("the project is not there, or its line 23 names no host")
}

func noCanary(t *testing.T, world *gitlabsim.World, w wholeScan) {
	t.Helper()
	for _, subject := range w.subjects() {
		b, err := scan.MarshalFacts(subject)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(b), world.Canary()) {
			t.Errorf("%s keeps a secret", subject.Address())
		}
	}
}

// Whatever the role, version and tier: a fact is the truth or a gap, never a
// guess, and above all never a zero where there is something.
func TestEveryRoleReadsTheTruthOrAGap(t *testing.T) {
	type world struct {
		version string
		tier    gitlabsim.Tier
		roles   []gitlabsim.Role
	}
	for _, c := range []world{
		{"18.9.0", gitlabsim.Ultimate, []gitlabsim.Role{gitlabsim.AdminNoMode, gitlabsim.Auditor, gitlabsim.Owner, gitlabsim.Maintainer, gitlabsim.Developer, gitlabsim.Outsider}},
		{"13.12.0", gitlabsim.Free, []gitlabsim.Role{gitlabsim.Admin, gitlabsim.Developer}},
		{"15.4.0", gitlabsim.Premium, []gitlabsim.Role{gitlabsim.Admin, gitlabsim.Maintainer}},
		{"16.3.0", gitlabsim.CE, []gitlabsim.Role{gitlabsim.Admin, gitlabsim.Owner}},
		{"17.11.0", gitlabsim.Ultimate, []gitlabsim.Role{gitlabsim.Admin}},
		{"19.0.0", gitlabsim.Free, []gitlabsim.Role{gitlabsim.Admin}},
	} {
		for _, role := range c.roles {
			t.Run(fmt.Sprintf("%s %s %s", c.version, c.tier, role), func(t *testing.T) {
				t.Parallel()
				world, server, w, s := simulate(t, gitlabsim.Config{Projects: 60, Seed: 11, Version: scan.MustVersion(c.version), Tier: c.tier}, role)
				if role != gitlabsim.Admin && w.instance.CallerAdmin.Or(true) {
					t.Error("taken for an administrator")
				}
				var compared []scan.Subject
				for _, subject := range w.subjects() {
					if i, ok := subject.(*scan.Instance); ok { // the truth is the administrator's
						forgetCaller(i)
					}
					compared = append(compared, subject)
				}
				d := compareAll(t, world, compared)
				d.report(t)
				if server.Stats().Writes != 0 {
					t.Error("the source was written to")
				}
				noCanary(t, world, w)
				t.Logf("%d projects, %d facts known, %+v", len(w.projects), d.known, s.Requests())
			})
		}
	}
}

func forgetCaller(i *scan.Instance) {
	for id := range scan.Facts(i) {
		if strings.HasPrefix(string(id), "caller.") {
			scan.Forget(i, id, scan.Gap{Reason: scan.ReasonNotAsked})
		}
	}
}

func TestScopedSimulation(t *testing.T) {
	cfg := gitlabsim.Config{Projects: 80, Seed: 3}
	world, err := gitlabsim.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	var path string
	for id := range world.GroupIDs() {
		if g := world.GroupTruth(id); g.ParentID == 0 {
			path = g.Path
			break
		}
	}
	want := 0
	for id := range world.ProjectIDs() {
		if p := world.ProjectTruth(id); strings.HasPrefix(p.Path, path+"/") {
			want++
		}
	}
	_, _, w, _ := simulate(t, cfg, gitlabsim.Admin, func(o *Options) { o.Groups = []string{path}; o.Depth = scan.Standard })
	if len(w.projects) != want || want == 0 {
		t.Errorf("%d projects under %s, want %d", len(w.projects), path, want)
	}
	d := compareAll(t, world, w.subjects())
	d.report(t)
}

// Files name an instance as it calls itself, also where the scan reaches it by
// another address.
func TestReachedByAnotherAddress(t *testing.T) {
	t.Parallel()
	world, _, w, s := simulate(t, gitlabsim.Config{Projects: 60, Seed: 5}, gitlabsim.Admin, func(o *Options) { o.PublicURL = "" })
	if w.instance.URL == world.ExternalURL() || w.instance.OwnHost.Or("") != "gitlab.example.com" {
		t.Fatalf("reached at %s, calls itself %+v", w.instance.URL, w.instance.OwnHost)
	}
	if hosts := s.hosts(); len(hosts) != 3 {
		t.Errorf("its hosts are %s", hosts)
	}
	own := 0
	for _, p := range w.projects {
		truth := world.ProjectTruth(p.ID)
		for _, id := range []scan.FactID{"project.ci-mentions", "project.package-addresses"} {
			r := scan.FactOf(p, id)
			if _, gap := r.Gap(); gap {
				continue
			}
			if got, want := canonical(t, r), canonical(t, scan.FactOf(truth, id)); got != want {
				t.Errorf("%s of %s: read %.300s, truth %.300s", id, p.Path, got, want)
			}
		}
		for _, m := range p.CIMentions.Items {
			if m.Kind == scan.CIHost {
				own++
			}
		}
	}
	if own == 0 {
		t.Error("no file names the instance")
	}
}

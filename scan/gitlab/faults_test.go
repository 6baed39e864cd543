package gitlab

import (
	"fmt"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"readiness/scan"
	"readiness/scan/gitlabsim"
	"readiness/scan/snapshot"
)

// faulty is a scan of a simulated instance on which a plan of faults lies.
type faulty struct {
	server   *gitlabsim.Server
	clock    *fastClock
	err      error              // of scan.Run
	snapshot *snapshot.Snapshot // of the finished scan; nil: it did not finish
	path     string
	requests scan.Requests
	failures []string
	groups   []string // the scan's scope
}

// scanUnder scans a world of 60 projects under a plan of faults into a snapshot.
func scanUnder(t *testing.T, plan string, adapt ...func(*Options)) faulty {
	t.Helper()
	return scanWorld(t, gitlabsim.Config{Projects: 40, Seed: 7}, plan, adapt...)
}

func scanWorld(t *testing.T, cfg gitlabsim.Config, plan string, adapt ...func(*Options)) faulty {
	t.Helper()
	return scanInto(t, filepath.Join(t.TempDir(), "s.db"), cfg, plan, adapt...)
}

// scanInto begins or resumes the scan that the file at path holds.
func scanInto(t *testing.T, path string, cfg gitlabsim.Config, plan string, adapt ...func(*Options)) faulty {
	t.Helper()
	faults, err := gitlabsim.ParseFaults(plan)
	if err != nil {
		t.Fatal(err)
	}
	world, err := gitlabsim.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	clock := newFastClock()
	f := faulty{server: gitlabsim.NewServer(world, gitlabsim.Options{Faults: faults, Stalled: clock.stalled}), clock: clock}
	web := httptest.NewUnstartedServer(f.server)
	web.Start()
	t.Cleanup(web.Close)
	network, err := newNetwork(Options{})
	if err != nil {
		t.Fatal(err)
	}
	opt := Options{BaseURL: web.URL, PublicURL: world.ExternalURL(), Way: wayTo(world), Token: f.server.Token(gitlabsim.Admin), Depth: scan.Deep,
		Clock: f.clock, Transport: numbered{network}}
	for _, a := range adapt {
		a(&opt)
	}
	f.groups = opt.Groups
	src, err := Open(t.Context(), opt)
	if err != nil {
		f.err = err
		return f
	}
	scope := scan.Scope{URL: world.ExternalURL(), Groups: opt.Groups, Depth: opt.Depth}
	f.path = path
	run, err := snapshot.Begin(f.path, scope, "test", f.clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	f.err = scan.Run(t.Context(), src, run, scan.Options{Scope: scope, Workers: opt.Workers, Failed: func(err error) {
		mu.Lock()
		defer mu.Unlock()
		f.failures = append(f.failures, err.Error())
	}})
	f.requests = src.Requests()
	if f.err == nil {
		if err := run.Finish(f.clock.Now(), f.requests); err != nil {
			t.Fatal(err)
		}
	}
	if err := run.Close(); err != nil {
		t.Fatal(err)
	}
	if f.err == nil {
		f.snapshot = openSnapshot(t, f.path, snapshot.Open)
	}
	return f
}

func openSnapshot(t *testing.T, path string, open func(string) (*snapshot.Snapshot, error)) *snapshot.Snapshot {
	t.Helper()
	s, err := open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// subjectsOf reads all that a snapshot holds.
func subjectsOf(t *testing.T, s *snapshot.Snapshot) []scan.Subject {
	t.Helper()
	instance, err := s.Instance()
	if err != nil {
		t.Fatal(err)
	}
	all := []scan.Subject{instance}
	for g, err := range s.Groups() {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, g)
	}
	for u, err := range s.Users() {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, u)
	}
	for p, err := range s.Projects() {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	return all
}

func keyOf(s scan.Subject) string { return fmt.Sprintf("%s %d", s.Level(), s.Key()) }

// quiet is the same scan without faults, done once.
var quiet = struct {
	sync.Once
	hash     string
	requests int64
	gaps     map[string]scan.Gap // by subject and fact
	subjects map[string]bool
}{}

func undisturbed(t *testing.T) {
	t.Helper()
	quiet.Do(func() {
		f := scanUnder(t, "")
		if f.err != nil {
			t.Fatal(f.err)
		}
		quiet.hash, quiet.requests = f.snapshot.Meta().Hash, f.server.Stats().Requests
		quiet.gaps, quiet.subjects = map[string]scan.Gap{}, map[string]bool{}
		for _, s := range subjectsOf(t, f.snapshot) {
			quiet.subjects[keyOf(s)] = true
			for id, r := range scan.Facts(s) {
				if g, gap := r.Gap(); gap {
					quiet.gaps[keyOf(s)+" "+string(id)] = g
				}
			}
		}
	})
	if quiet.hash == "" {
		t.Fatal("the undisturbed scan failed")
	}
}

// Whatever the network and the server do, a scan ends; what it found is the
// truth, or a gap that says what failed; and no fault makes it ask without end.
func TestFaultsCostNothingOrAreTold(t *testing.T) {
	t.Parallel()
	undisturbed(t)
	for name, c := range map[string]struct {
		plan    string
		gaps    []scan.Reason // reasons for which more is missing than without faults; none: the snapshot is the same
		bound   float64       // requests at the server, as a multiple of those without faults; 0: as many more as there were faults
		quietly bool          // the plan is one in which nothing need be struck
	}{
		"429, by Rack::Attack":     {plan: "429 burst=20 every=200 form=rack retry-after=1"},
		"429, by the application":  {plan: "429 burst=8 every=100 form=app"},
		"429 of both kinds":        {plan: "429 share=0.1"},
		"500, now and then":        {plan: "500 share=0.02"},
		"502":                      {plan: "502 share=0.02"},
		"503 in bursts":            {plan: "503 burst=4 every=150 retry-after=7"},
		"504":                      {plan: "504 share=0.02"},
		"connection resets":        {plan: "reset share=0.03"},
		"truncated answers":        {plan: "truncate share=0.02"},
		"answers that are no JSON": {plan: "notjson share=0.02"},
		"login page, now and then": {plan: "html share=0.02"},
		"stalls":                   {plan: "stall share=0.01"},
		"a restart":                {plan: "502 after=200 until=230"},
		"an upgrade with its page": {plan: "503 after=300 until=330 retry-after=30; html after=240 until=250"},
		"no connection at all":     {plan: "reset after=150 until=180"},
		"slow answers":             {plan: "slow share=0.1 delay=2ms", quietly: true},
		"all of them": {plan: "429 burst=5 every=120 retry-after=2; 500 share=0.005; 502 share=0.01; 503 share=0.005; reset share=0.01; " +
			"truncate share=0.005; notjson share=0.005; html share=0.005; slow share=0.02 delay=1ms"},
		"GraphQL off": {plan: "graphql-off", gaps: []scan.Reason{scan.ReasonHidden, scan.ReasonForbidden, scan.ReasonWithheld, scan.ReasonFeatureOff}, bound: 6},
		"GraphQL off, and answers that break off": {plan: "graphql-off; truncate share=0.05", bound: 7,
			gaps: []scan.Reason{scan.ReasonHidden, scan.ReasonForbidden, scan.ReasonWithheld, scan.ReasonFeatureOff, scan.ReasonFailed}},
		"GraphQL off, and a proxy's words": {plan: "graphql-off; notjson burst=9 every=110", bound: 8,
			gaps: []scan.Reason{scan.ReasonHidden, scan.ReasonForbidden, scan.ReasonWithheld, scan.ReasonFeatureOff, scan.ReasonFailed}},
		"GraphQL forbidden midway":     {plan: "graphql-off after=4 status=403", gaps: []scan.Reason{scan.ReasonForbidden, scan.ReasonHidden, scan.ReasonWithheld, scan.ReasonFeatureOff}, bound: 6},
		"one project fails":            {plan: "500 project=17", gaps: []scan.Reason{scan.ReasonFailed, scan.ReasonWithheld, scan.ReasonHidden}, bound: 1.6},
		"one endpoint fails":           {plan: "502 route=/projects/:id/hooks", gaps: []scan.Reason{scan.ReasonFailed}, bound: 1.6},
		"one endpoint is no JSON":      {plan: "notjson route=/projects/:id/hooks", gaps: []scan.Reason{scan.ReasonFailed}, bound: 1.4},
		"one endpoint always limited":  {plan: "429 route=/projects/:id/members", gaps: []scan.Reason{scan.ReasonFailed}, bound: 2},
		"the listing of users fails":   {plan: "500 route=/users", gaps: []scan.Reason{scan.ReasonFailed}},
		"instance-wide lists fail":     {plan: "500 route=/snippets/all; 500 route=/pages/domains; 500 route=/deploy_keys", gaps: []scan.Reason{scan.ReasonFailed, scan.ReasonFeatureOff}, bound: 1.7},
		"every second answer is a 502": {plan: "502 every=2", gaps: []scan.Reason{scan.ReasonFailed, scan.ReasonFeatureOff, scan.ReasonHidden}, bound: 3},
	} {
		t.Run(name, func(t *testing.T) {
			if testing.Short() && c.bound > 0 {
				t.Skip("faults that stay strike the same code as those that pass")
			}
			t.Parallel()
			f := scanUnder(t, c.plan)
			if f.err != nil {
				t.Fatalf("ended with %v", f.err)
			}
			var struck int64
			for _, n := range f.server.Injected() {
				struck += n
			}
			if struck == 0 {
				t.Error("nothing was struck")
			}
			f.report(t, c.gaps)
			stats := f.server.Stats()
			if stats.Writes != 0 {
				t.Errorf("%d writes", stats.Writes)
			}
			// net/http itself may repeat what was reset on a connection kept open.
			most := quiet.requests + struck + f.server.Injected()["reset"]
			most += stats.ByEndpoint[userEndpoint] // whether the source is there at all
			if c.bound != 0 {
				most = int64(c.bound * float64(quiet.requests))
			}
			t.Logf("%d requests, %d without faults, %d at most; %d faults; waited %v; %v", stats.Requests, quiet.requests, most, struck, f.requests.Waited, f.server.Injected())
			if stats.Requests > most {
				t.Errorf("%d requests at the server, want %d at most", stats.Requests, most)
			}
			if sent := f.requests.REST + f.requests.GraphQL + f.requests.Retries; stats.Requests > sent+f.server.Injected()["reset"] {
				t.Errorf("%d requests at the server, %d told", stats.Requests, sent)
			}
		})
	}
}

// report fails the test where a fact is neither the truth nor a gap that the
// faults explain.
func (f faulty) report(t *testing.T, reasons []scan.Reason) {
	t.Helper()
	if len(reasons) == 0 {
		if f.snapshot.Meta().Hash != quiet.hash {
			t.Error("the snapshot is another one than without faults")
		}
	}
	subjects := subjectsOf(t, f.snapshot)
	if f.server.Injected()["graphql-off"] > 0 {
		scan.Forget(subjects[0], "instance.graphql", scan.Gap{Reason: reasons[0]}) // the world knows nothing of its faults
	}
	d := compareAll(t, f.server.World(), subjects)
	d.report(t)
	more, n := map[scan.Reason]int{}, 0
	for _, s := range subjects {
		for id, r := range scan.Facts(s) {
			g, gap := r.Gap()
			if _, usual := quiet.gaps[keyOf(s)+" "+string(id)]; !gap || usual {
				continue
			}
			more[g.Reason]++
			if !slices.Contains(reasons, g.Reason) {
				if n++; n <= 5 {
					t.Errorf("%s of %s: %v (%s)", id, s.Address(), g, g.Cure)
				}
			}
		}
	}
	cut := map[scan.Level]bool{}
	for _, w := range f.snapshot.Meta().Walks {
		if cut[w.Level] = w.Gap != nil; w.Gap != nil && !slices.Contains(reasons, w.Gap.Reason) {
			t.Errorf("the walk over %ss: %v", w.Level, w.Gap)
		}
	}
	there := map[string]bool{}
	for _, s := range subjects {
		there[keyOf(s)] = true
	}
	for key := range quiet.subjects {
		level, _, _ := strings.Cut(key, " ")
		if !there[key] && !cut[scan.Level(level)] {
			t.Errorf("%s is missing, and nothing says so", key)
		}
	}
	if len(more) > 0 || len(cut) > 0 {
		t.Logf("missing: %v; walks cut: %v; %d failures told", more, cut, len(f.failures))
	}
}

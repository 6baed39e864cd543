package gitlab

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

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
	return scanWorld(t, gitlabsim.Config{Projects: 60, Seed: 7}, plan, adapt...)
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

// Projects that are created, renamed or deleted while they are read neither end
// the scan nor make a fact that was never true.
func TestChurn(t *testing.T) {
	t.Parallel()
	topGroup := func(o *Options) {
		world, err := gitlabsim.New(gitlabsim.Config{Projects: 160, Seed: 3})
		if err != nil {
			t.Fatal(err)
		}
		most := map[string]int{}
		for id := range world.ProjectIDs() {
			top, _, _ := strings.Cut(world.ProjectTruth(id).Path, "/")
			most[top]++
		}
		for id := range world.GroupIDs() {
			if g := world.GroupTruth(id); g.ParentID == 0 && (o.Groups == nil || most[g.Path] > most[o.Groups[0]]) {
				o.Groups = []string{g.Path}
			}
		}
	}
	for name, c := range map[string]struct {
		plan  string
		adapt func(*Options)
	}{
		"deep":     {"churn every=25", func(*Options) {}},
		"standard": {"churn every=2", func(o *Options) { o.Depth = scan.Standard }},
		"a group":  {"churn every=25", topGroup},
		"and 502":  {"churn every=25; 502 share=0.02; 429 burst=4 every=200 retry-after=1", func(*Options) {}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := scanWorld(t, gitlabsim.Config{Projects: 160, Seed: 3}, c.plan, c.adapt)
			if f.err != nil {
				t.Fatalf("ended with %v", f.err)
			}
			worlds := f.server.Worlds()
			if len(worlds) < 10 {
				t.Fatalf("only %d changes", len(worlds)-1)
			}
			read := map[int64]bool{}
			wrong, hidden, truncated := 0, 0, 0
			for _, s := range subjectsOf(t, f.snapshot) {
				var truths []scan.Subject
				for _, w := range worlds {
					if truth := truthOf(w, s); truth != nil {
						truths = append(truths, truth)
					}
				}
				if s.Level() == scan.LevelProject {
					read[s.Key()] = true
				}
				if !slices.ContainsFunc(truths, func(truth scan.Subject) bool { return truth.Address() == s.Address() }) {
					t.Errorf("%s was never at %s", keyOf(s), s.Address())
				}
				for id, r := range scan.Facts(s) {
					if g, gap := r.Gap(); gap {
						switch g.Reason {
						case scan.ReasonHidden:
							hidden++
						case scan.ReasonTruncated:
							truncated++
						case scan.ReasonFailed, scan.ReasonForbidden:
							t.Errorf("%s of %s: %v", id, s.Address(), g)
						}
						continue
					}
					got := canonical(t, r)
					if !slices.ContainsFunc(truths, func(truth scan.Subject) bool { return canonical(t, scan.FactOf(truth, id)) == got }) {
						if wrong++; wrong <= 8 {
							t.Errorf("%s of %s: read %.100s, which was never true (%.100s)", id, s.Address(), got, canonical(t, scan.FactOf(truths[0], id)))
						}
					}
				}
			}
			cut := false
			for _, w := range f.snapshot.Meta().Walks {
				cut = cut || w.Level == scan.LevelProject && w.Gap != nil
			}
			missing := 0
			for id := range worlds[0].ProjectIDs() {
				p := worlds[len(worlds)-1].ProjectTruth(id)
				inScope := len(f.groups) == 0 || p != nil && strings.HasPrefix(p.Path, f.groups[0]+"/")
				if p != nil && inScope && !read[id] && !cut { // it was there from first to last
					missing++
				}
			}
			if missing > 0 {
				t.Errorf("%d projects were not read, and nothing says so", missing)
			}
			t.Logf("%d changes, %d projects read, hidden %v, truncated %v", len(worlds)-1, len(read), hidden, truncated)
		})
	}
}

// A token that is revoked ends the scan at once; what was read is kept, and no
// fact is taken for forbidden.
func TestRevokedTokenEndsTheScan(t *testing.T) {
	t.Parallel()
	undisturbed(t)
	for _, after := range []int{1, 2, 3, 10, 40, 100, 250, 400, 600} {
		t.Run(fmt.Sprint(after), func(t *testing.T) {
			t.Parallel()
			f := scanUnder(t, fmt.Sprintf("revoke after=%d", after))
			if f.snapshot != nil {
				t.Fatal("the scan finished")
			}
			if f.path == "" { // Open found out
				var input *InputError
				if after > 3 || f.err == nil || errors.As(f.err, &input) != (after == 1) && !errors.Is(f.err, scan.ErrAuthentication) {
					t.Errorf("Open ended with %v", f.err)
				}
				return
			}
			if !errors.Is(f.err, scan.ErrAuthentication) {
				t.Fatalf("ended with %v", f.err)
			}
			if n := f.server.Injected()["revoke"]; n > 3*DefaultWorkers {
				t.Errorf("%d requests after the token was revoked", n)
			}
			if after < 60 {
				return // the instance itself was not read
			}
			s := openSnapshot(t, f.path, func(path string) (*snapshot.Snapshot, error) { return snapshot.OpenRun(path, 1) })
			known := 0
			subjects := subjectsOf(t, s)
			for _, subject := range subjects {
				for id, r := range scan.Facts(subject) {
					g, gap := r.Gap()
					if _, usual := quiet.gaps[keyOf(subject)+" "+string(id)]; !gap {
						known++
					} else if id == "project.container-registry-size" && g.Reason == scan.ReasonWithheld {
						// The listing's zero, until a wide page tells that there is no repository.
					} else if !usual && g.Reason != scan.ReasonInterrupted {
						t.Errorf("%s of %s: %v", id, subject.Address(), g)
					}
				}
			}
			d := compareAll(t, f.server.World(), subjects)
			d.report(t)
			if known == 0 {
				t.Error("nothing was kept")
			}
			t.Logf("%d facts kept, %d requests after the revocation", known, f.server.Injected()["revoke"])
		})
	}
}

// A source that goes away and stays away ends the scan after half an hour, with
// what was read kept and nothing taken for failed; the same scan goes on later.
func TestOutageEndsTheScan(t *testing.T) {
	t.Parallel()
	undisturbed(t)
	for name, plan := range map[string]string{
		"502":              "502 after=%d",
		"500":              "500 after=%d",
		"no connection":    "reset after=%d",
		"silence":          "stall after=%d",
		"the sign-in page": "html after=%d",
	} {
		moments := []int{20, 80, 300, 500}
		if testing.Short() {
			moments = []int{80}
		}
		for _, after := range moments {
			t.Run(fmt.Sprint(name, " after ", after), func(t *testing.T) {
				t.Parallel()
				var told []string
				var mu sync.Mutex
				cfg, path := gitlabsim.Config{Projects: 60, Seed: 7}, filepath.Join(t.TempDir(), "s.db")
				f := scanInto(t, path, cfg, fmt.Sprintf(plan, after), func(o *Options) {
					o.Notice = func(line string) {
						mu.Lock()
						defer mu.Unlock()
						told = append(told, line)
					}
				})
				if !errors.Is(f.err, scan.ErrUnreachable) {
					t.Fatalf("ended with %v", f.err)
				}
				if len(f.failures) > 0 {
					t.Errorf("%d failures told, the first: %s", len(f.failures), f.failures[0])
				}
				if len(told) != 1 || !strings.Contains(told[0], "waiting for it up to 30m") {
					t.Errorf("told %q", told)
				}
				// Every request under way with all its attempts, and the search for the source;
				// net/http itself may repeat what was reset on a connection kept open.
				most := DefaultWorkers*maxAttempts + 45 + f.server.Injected()["reset"]/2
				if n := f.server.Stats().Requests - int64(after); n > most {
					t.Errorf("%d requests to a source that was away", n)
				}
				if away := f.clock.Now().Sub(newFastClock().now); away < longestOutage || away > 3*longestOutage {
					t.Errorf("waited %v", away)
				}
				again := scanInto(t, path, cfg, "")
				if again.err != nil {
					t.Fatal(again.err)
				}
				if again.snapshot.Meta().Hash != quiet.hash {
					t.Error("the resumed scan's snapshot is another one than without an outage")
					again.report(t, nil)
				}
			})
		}
	}
}

// watched tells when requests leave and what they are answered.
type watched struct {
	http.RoundTripper
	clock *fastClock
	t     *testing.T

	until map[string]time.Time // by path, "" for all: when Retry-After lets requests leave again
}

func (w *watched) RoundTrip(r *http.Request) (*http.Response, error) {
	now := w.clock.Now()
	for _, key := range []string{"", r.URL.Path} {
		if now.Before(w.until[key]) {
			w.t.Errorf("%s left %v before Retry-After allows it", r.URL.Path, w.until[key].Sub(now))
		}
	}
	resp, err := w.RoundTripper.RoundTrip(r)
	if err == nil && resp.StatusCode == http.StatusTooManyRequests {
		key := r.URL.Path
		if resp.Header.Get("RateLimit-Limit") != "" {
			key = ""
		}
		if after, ok := retryAfter(resp.Header, now); ok {
			w.until[key] = w.clock.Now().Add(after)
		}
	}
	return resp, err
}

// One request at a time, none leaves before the last Retry-After allows it.
func TestRetryAfterIsHonoured(t *testing.T) {
	t.Parallel()
	var w *watched
	f := scanUnder(t, "429 burst=3 every=20; 503 share=0.01 retry-after=9", func(o *Options) {
		w = &watched{RoundTripper: http.DefaultTransport, clock: o.Clock.(*fastClock), t: t, until: map[string]time.Time{}}
		o.Transport, o.Workers = w, 1
	})
	if f.err != nil {
		t.Fatal(f.err)
	}
	if len(w.until) < 5 {
		t.Errorf("only %d paths were limited", len(w.until))
	}
}

// A list by offset that loses an item while it is walked moves others to pages
// that were read: the walk begins again, so that none is passed over.
func TestListThatShrinksIsWalkedAgain(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		gone func(request int) int // how many of the first groups are gone by the n-th request
		cut  bool
	}{
		"once":     {func(n int) int { return min(n, 1) }, false},
		"for ever": {func(n int) int { return n }, true},
	} {
		t.Run(name, func(t *testing.T) {
			requests := 0
			s, _ := open(t, healthy("18.9.0-ee").with("GET /groups", func(w http.ResponseWriter, r *http.Request) {
				first, all := 1+c.gone(requests), 250
				requests++
				page, _ := strconv.Atoi(r.URL.Query().Get("page"))
				if q := r.URL.Query(); q.Has("total") || q.Has("again") {
					t.Errorf("asked for %s", r.URL)
				}
				var bodies []string
				for id := first + 100*(page-1); id <= min(all, first+100*page-1); id++ {
					bodies = append(bodies, fmt.Sprintf(`{"id":%d,"full_path":"g%d"}`, id, id))
				}
				next := ""
				if first+100*page <= all {
					next = strconv.Itoa(page + 1)
				}
				say(200, "["+strings.Join(bodies, ",")+"]", "X-Total", strconv.Itoa(all-first+1), "X-Next-Page", next, "X-Page", strconv.Itoa(page))(w, r)
			}))
			seen := map[int64]bool{}
			var gap *scan.Gap
			for cursor := ""; ; {
				page, err := s.Groups(t.Context(), cursor)
				if err != nil {
					t.Fatal(err)
				}
				for _, g := range page.Items {
					seen[g.ID] = true
				}
				if gap, cursor = page.Gap, page.Next; cursor == "" {
					break
				}
			}
			if (gap != nil) != c.cut || requests > 20 {
				t.Errorf("%v after %d requests", gap, requests)
			}
			for id := int64(2); id <= 250 && !c.cut; id++ {
				if !seen[id] {
					t.Errorf("group %d was passed over", id)
				}
			}
		})
	}
}

// An instance-wide list that grows while it is walked would count an item twice.
func TestWalkOfAListThatGrows(t *testing.T) {
	t.Parallel()
	requests := 0
	s, _ := open(t, healthy("18.9.0-ee").with("GET /things", func(w http.ResponseWriter, r *http.Request) {
		newest := 150 + min(requests, 1) // newest first
		requests++
		page, _ := strconv.Atoi(r.URL.Query().Get("page"))
		var bodies []string
		for id := newest - 100*(page-1); id >= 1 && id > newest-100*page; id-- {
			bodies = append(bodies, fmt.Sprintf(`{"id":%d}`, id))
		}
		next := ""
		if newest > 100*page {
			next = strconv.Itoa(page + 1)
		}
		say(200, "["+strings.Join(bodies, ",")+"]", "X-Total", strconv.Itoa(newest), "X-Next-Page", next, "X-Page", strconv.Itoa(page))(w, r)
	}))
	things, r, err := walk[struct{ ID int64 }](t.Context(), s, call{endpoint: "GET /things", path: "things"})
	if err != nil || r != nil || len(things) != 151 || requests != 4 {
		t.Errorf("%d things after %d requests, %+v, %v", len(things), requests, r, err)
	}
}

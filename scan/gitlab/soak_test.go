package gitlab

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"readiness/scan"
	"readiness/scan/gitlabsim"
	"readiness/scan/snapshot"
)

// soaking is how long a soak test goes on and with which seed; without
// READINESS_SOAK it is short, and always the same.
func soaking(t *testing.T) (d time.Duration, random *rand.Rand) {
	t.Helper()
	text := os.Getenv("READINESS_SOAK")
	if text == "" {
		return 0, rand.New(rand.NewPCG(4, 8))
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		t.Fatalf("READINESS_SOAK: %v", err)
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	return d, rand.New(rand.NewPCG(seed, 8))
}

// trouble draws a clause of a kind of fault. What every request suffers begins
// late, for a source that never answered is not scanned at all.
func trouble(kind string, r *rand.Rand) string {
	share := fmt.Sprintf(" share=%.3f", 0.002+0.03*r.Float64())
	burst := fmt.Sprintf(" burst=%d every=%d", 1+r.IntN(12), 60+r.IntN(200))
	after := 40 + r.IntN(400)
	spell := fmt.Sprintf(" after=%d until=%d", after, after+1+r.IntN(25))
	routes := []string{"/projects/:id/hooks", "/projects/:id/members", "/groups/:id/milestones", "/graphql", "/users", "/runners/all"}
	route := " route=" + routes[r.IntN(len(routes))]
	one := fmt.Sprintf(" project=%d", 1+r.IntN(40))
	how := []string{share, burst, spell, route, one}[r.IntN(5)]
	switch kind {
	case "churn":
		return fmt.Sprintf("churn every=%d", 10+r.IntN(40))
	case "slow":
		return "slow delay=1ms" + share
	case "revoke":
		return fmt.Sprintf("revoke after=%d", after)
	case "graphql-off":
		return fmt.Sprintf("graphql-off status=%d after=%d", []int{403, 404}[r.IntN(2)], 1+r.IntN(30))
	case "reset":
		return "reset" + []string{share, spell}[r.IntN(2)] // net/http repeats what is reset
	case "429", "503":
		how = []string{share, burst, spell}[r.IntN(3)] + fmt.Sprintf(" retry-after=%d", 1+r.IntN(90))
	case "502", "500", "504":
		if r.IntN(8) == 0 {
			how = fmt.Sprintf(" after=%d", after) // for good
		}
	}
	return kind + how
}

// soak is what many scans came to.
type soak struct {
	scans, projects, differences, gaps, stopped int
	faults                                      map[string]int64
}

// Whatever goes wrong, alone and together, a finished scan holds the truth or says
// what it could not read, and asks no more than it may.
func TestSoak(t *testing.T) {
	d, random := soaking(t)
	sum := soak{faults: map[string]int64{}}
	begun := time.Now()
	kinds := gitlabsim.FaultKinds()
	for round := 0; ; round++ {
		cfg := gitlabsim.Config{Projects: 40, Seed: random.Uint64N(1 << 20)}
		calm := scanWorld(t, cfg, "")
		if calm.err != nil {
			t.Fatal(calm.err)
		}
		var plans []string
		switch {
		case d == 0:
			for range 4 {
				plans = append(plans, mixed(kinds, random))
			}
		default:
			for _, kind := range kinds {
				plans = append(plans, trouble(kind, random))
			}
			for range len(kinds) {
				plans = append(plans, mixed(kinds, random))
			}
		}
		for _, plan := range plans {
			sum.scan(t, cfg, plan, calm)
		}
		if t.Failed() || time.Since(begun) >= d {
			break
		}
	}
	var faults []string
	for _, kind := range slices.Sorted(maps.Keys(sum.faults)) {
		faults = append(faults, fmt.Sprintf("%s %d", kind, sum.faults[kind]))
	}
	t.Logf("faults injected: %s", strings.Join(faults, ", "))
	t.Logf("%d scans, %d stopped and gone on with; %d projects; %d facts said not to have been read; differences: %d",
		sum.scans, sum.stopped, sum.projects, sum.gaps, sum.differences)
}

// mixed is a plan of two to four kinds.
func mixed(kinds []string, random *rand.Rand) string {
	var clauses []string
	for _, i := range random.Perm(len(kinds))[:2+random.IntN(3)] {
		clauses = append(clauses, trouble(kinds[i], random))
	}
	return strings.Join(clauses, "; ")
}

// scan scans a world under a plan, goes on without faults if that stopped it, and
// compares what was found with what is, or was while the world changed.
func (sum *soak) scan(t *testing.T, cfg gitlabsim.Config, plan string, calm faulty) {
	t.Helper()
	what := fmt.Sprintf("world %d, %s", cfg.Seed, plan)
	path := filepath.Join(t.TempDir(), "s.db")
	f := scanInto(t, path, cfg, plan)
	sum.scans++
	struck := int64(0)
	for kind, n := range f.server.Injected() {
		sum.faults[kind] += n
		struck += n
	}
	stats := f.server.Stats()
	if stats.Writes != 0 {
		t.Errorf("%s: %d writes", what, stats.Writes)
	}
	// GraphQL that is refused is asked for by REST; what fails, again, with patience.
	if most := 6*calm.server.Stats().Requests + 2*struck; stats.Requests > most {
		t.Errorf("%s: %d requests, %d without faults", what, stats.Requests, calm.server.Stats().Requests)
	}
	worlds := f.server.Worlds()
	if scan.Ends(f.err) {
		sum.stopped++
		again := scanInto(t, path, cfg, "")
		worlds = append(worlds, again.server.Worlds()...)
		f.err, f.snapshot = again.err, again.snapshot
	}
	if f.err != nil {
		t.Errorf("%s: ended with %v", what, f.err)
		return
	}
	there := map[string]bool{}
	for _, s := range subjectsOf(t, f.snapshot) {
		there[keyOf(s)] = true
		if s.Level() == scan.LevelProject {
			sum.projects++
		}
		var truths []scan.Subject
		for _, w := range worlds {
			if truth := truthOf(w, s); truth != nil {
				truths = append(truths, truth)
			}
		}
		for id, r := range scan.Facts(s) {
			if _, gap := r.Gap(); gap {
				sum.gaps++
				continue
			}
			switch injected := f.server.Injected(); {
			case id == "caller.administrator" && injected["403"] > 0:
				continue // so GitLab says that somebody is none
			case id == "group.push-rules" && injected["404"] > 0:
				continue // so GitLab says that there are none
			case id == "instance.graphql" && injected["graphql-off"]+injected["403"]+injected["404"] > 0:
				continue // so GitLab says that it is off: the world knows nothing of its faults
			}
			got := canonical(t, r)
			if !slices.ContainsFunc(truths, func(truth scan.Subject) bool { return canonical(t, scan.FactOf(truth, id)) == got }) {
				if sum.differences++; sum.differences <= 5 {
					t.Errorf("%s: %s of %s: read %.100s, which was never true", what, id, s.Address(), got)
				}
			}
		}
	}
	cut := map[scan.Level]bool{}
	for _, w := range f.snapshot.Meta().Walks {
		cut[w.Level] = w.Gap != nil
	}
	for _, s := range subjectsOf(t, calm.snapshot) {
		if !there[keyOf(s)] && !cut[s.Level()] && len(f.server.Worlds()) == 1 {
			if sum.differences++; sum.differences <= 5 {
				t.Errorf("%s: %s is missing, and nothing says so", what, keyOf(s))
			}
		}
	}
}

// TestKilledScanProcess is the body of the processes that TestSoakKilled starts
// and kills: one scan of the instance that it is told of.
func TestKilledScanProcess(t *testing.T) {
	path := os.Getenv("READINESS_KILLED_FILE")
	if path == "" {
		t.Skip("started by TestSoakKilled")
	}
	asOf := newFastClock().now
	opt := Options{BaseURL: os.Getenv("READINESS_KILLED_URL"), PublicURL: "https://gitlab.example.com", Token: os.Getenv("READINESS_KILLED_TOKEN"),
		Depth: scan.Deep, AsOf: asOf}
	src, err := Open(t.Context(), opt)
	if err != nil {
		t.Fatal(err)
	}
	scope := scan.Scope{URL: opt.PublicURL, Depth: scan.Deep}
	run, err := snapshot.Begin(path, scope, "test", asOf)
	if err != nil {
		t.Fatal(err)
	}
	if err := scan.Run(context.Background(), src, run, scan.Options{Scope: scope}); err != nil {
		t.Fatal(err)
	}
	if err := run.Finish(asOf, src.Requests()); err != nil {
		t.Fatal(err)
	}
	if err := run.Close(); err != nil {
		t.Fatal(err)
	}
}

// finished reports whether the snapshot at path holds a finished scan.
func finished(path string) bool {
	s, err := snapshot.Open(path)
	if err != nil {
		return false // killed before it had begun one
	}
	defer s.Close()
	return !s.Meta().Finished.IsZero()
}

// A scan that is killed with -9, at any moment and as often as it may be, ends
// with the snapshot of one that never was.
func TestSoakKilled(t *testing.T) {
	d, random := soaking(t)
	kills := 3
	if d > 0 {
		kills = 200
	}
	world, err := gitlabsim.New(gitlabsim.Config{Projects: 40, Seed: 11})
	if err != nil {
		t.Fatal(err)
	}
	server := gitlabsim.NewServer(world, gitlabsim.Options{})
	web := httptest.NewServer(server)
	defer web.Close()
	process := func(path string) *exec.Cmd {
		cmd := exec.Command(os.Args[0], "-test.run=^TestKilledScanProcess$")
		cmd.Env = append(os.Environ(), "READINESS_KILLED_FILE="+path, "READINESS_KILLED_URL="+web.URL, "READINESS_KILLED_TOKEN="+server.Token(gitlabsim.Admin))
		return cmd
	}
	hash := func(path string) string {
		s := openSnapshot(t, path, snapshot.Open)
		return s.Meta().Hash
	}
	undisturbed := filepath.Join(t.TempDir(), "undisturbed.db")
	start := time.Now()
	if out, err := process(undisturbed).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	takes := time.Since(start)
	calm, want := server.Stats().Requests, hash(undisturbed)
	// Each start asks for the instance again, and for what was under way: a page
	// and as many subjects as there are workers, each with all its questions.
	first := server.Stats().Requests
	src, err := Open(t.Context(), Options{BaseURL: web.URL, PublicURL: "https://gitlab.example.com", Token: server.Token(gitlabsim.Admin), Depth: scan.Deep})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := src.Instance(t.Context()); err != nil {
		t.Fatal(err)
	}
	again := server.Stats().Requests - first + 30*DefaultWorkers
	killed, scans := 0, 0
	for killed < kills {
		path := filepath.Join(t.TempDir(), "s.db")
		before, here := server.Stats().Requests, 0
		for {
			cmd := process(path)
			var said bytes.Buffer
			cmd.Stdout, cmd.Stderr = &said, &said
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			moment := time.AfterFunc(time.Duration(random.Int64N(int64(takes))), func() { _ = cmd.Process.Kill() })
			err := cmd.Wait()
			moment.Stop()
			var status *exec.ExitError
			if err == nil {
				break
			}
			if !errors.As(err, &status) || status.Exited() {
				t.Fatalf("after %d kills a scan ended with %v: %s", killed, err, said.String())
			}
			killed++
			here++
			if finished(path) { // what comes next would be a scan of its own
				break
			}
		}
		scans++
		if got := hash(path); got != want {
			t.Fatalf("killed %d times: hash %s, undisturbed %s", here, got, want)
		}
		if n := server.Stats().Requests - before; n > calm+int64(here)*again {
			t.Errorf("killed %d times: %d requests, undisturbed %d", here, n, calm)
		}
	}
	t.Logf("killed %d times in %d scans, which all ended with the undisturbed snapshot", killed, scans)
}

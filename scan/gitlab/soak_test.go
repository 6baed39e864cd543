package gitlab

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
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
	case "poison":
		return "poison" + one + []string{"", " form=full"}[r.IntN(2)]
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
	scans, projects, differences, gaps, stopped, refused int

	faults map[string]int64
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
		// The first question refused, as GitLab and what stands before it do.
		plans = append(plans, fmt.Sprintf("%d until=1", []int{403, 404}[round%2]))
		for _, plan := range plans {
			sum.scan(t, cfg, plan, calm)
		}
		if t.Failed() || time.Since(begun) >= d {
			break
		}
	}
	if sum.refused == 0 {
		t.Error("no scan was refused its first question")
	}
	var faults []string
	for _, kind := range slices.Sorted(maps.Keys(sum.faults)) {
		faults = append(faults, fmt.Sprintf("%s %d", kind, sum.faults[kind]))
	}
	t.Logf("faults injected: %s", strings.Join(faults, ", "))
	t.Logf("%d scans, %d stopped and gone on with, %d not begun; %d projects; %d facts said not to have been read; differences: %d",
		sum.scans, sum.stopped, sum.refused, sum.projects, sum.gaps, sum.differences)
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
	refused := f.err != nil && f.path == ""
	if refused && !refusesToBegin(f.err, path, struck) {
		t.Errorf("%s: not begun: %v", what, f.err)
		return
	}
	if refused || scan.Ends(f.err) {
		if refused {
			sum.refused++
		} else {
			sum.stopped++
		}
		again := scanInto(t, path, cfg, "")
		worlds = append(worlds, again.server.Worlds()...)
		f.err, f.snapshot = again.err, again.snapshot
	}
	if f.err != nil {
		t.Errorf("%s: ended with %v", what, f.err)
		return
	}
	there := map[string]bool{}
	injected := f.server.Injected()
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
			// Where an injected answer is GitLab's own, word for word, nobody can tell
			// them apart; what it decides for the whole scan is asked twice.
			switch {
			case id == "caller.administrator" && injected["403"] > 1:
				continue // so GitLab refuses an administrator whose token lacks Admin Mode
			case id == "instance.graphql" && injected["graphql-off"]+injected["403"]+injected["404"] > 1:
				continue // so whatever stands before GitLab closes it: the world knows nothing of its faults
			case id == "group.push-rules" && injected["404"] > 0:
				continue // so GitLab says that there are none
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

// refusesToBegin reports whether an error of Open is what it should be where faults
// struck its questions: a line that says what was being done and what to do next,
// with nothing written yet.
func refusesToBegin(err error, path string, struck int64) bool {
	_, noFile := os.Stat(path)
	said := err.Error()
	return struck > 0 && errors.Is(noFile, fs.ErrNotExist) && strings.Contains(said, "; ") && !strings.Contains(said, "\n")
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

// finished reports whether the snapshot at path holds a finished scan. A kill may
// leave no file, or one without a scan, and none that cannot be read.
func finished(t *testing.T, path string) bool {
	t.Helper()
	s, err := snapshot.Open(path)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, snapshot.ErrNoRun) {
		return false
	}
	if err != nil {
		t.Fatalf("a killed scan left what cannot be read: %v", err)
	}
	defer s.Close()
	return !s.Meta().Finished.IsZero()
}

// priced is a source that notes what each question costs when nothing is left of
// what was learned from those before, as after a kill: so dear it can be.
type priced struct {
	*Source
	costs []int64 // requests
}

func (p *priced) price() (done func()) {
	p.spare.Clear()
	p.clustersOff.Clear()
	before := p.transport.rest.Load() + p.transport.graphql.Load()
	return func() { p.costs = append(p.costs, p.transport.rest.Load()+p.transport.graphql.Load()-before) }
}

func (p *priced) Groups(ctx context.Context, cursor string) (scan.Page[*scan.Group], error) {
	defer p.price()()
	return p.Source.Groups(ctx, cursor)
}

func (p *priced) Users(ctx context.Context, cursor string) (scan.Page[*scan.User], error) {
	defer p.price()()
	return p.Source.Users(ctx, cursor)
}

func (p *priced) Projects(ctx context.Context, cursor string) (scan.Page[*scan.Project], error) {
	defer p.price()()
	return p.Source.Projects(ctx, cursor)
}

func (p *priced) WideGroups(ctx context.Context, page []*scan.Group) error {
	defer p.price()()
	return p.Source.WideGroups(ctx, page)
}

func (p *priced) WideUsers(ctx context.Context, page []*scan.User) error {
	defer p.price()()
	return p.Source.WideUsers(ctx, page)
}

func (p *priced) WideProjects(ctx context.Context, page []*scan.Project) error {
	defer p.price()()
	return p.Source.WideProjects(ctx, page)
}

func (p *priced) DeepGroup(ctx context.Context, g *scan.Group) error {
	defer p.price()()
	return p.Source.DeepGroup(ctx, g)
}

func (p *priced) DeepUser(ctx context.Context, u *scan.User) error {
	defer p.price()()
	return p.Source.DeepUser(ctx, u)
}

func (p *priced) DeepProject(ctx context.Context, one *scan.Project) error {
	defer p.price()()
	return p.Source.DeepProject(ctx, one)
}

// prices is what a scan of the instance costs at most: to begin it, all the
// questions after that, and those of them that can be under way at one moment.
func prices(t *testing.T, url, token string, requests func() int64) (begin, all, underWay int64) {
	t.Helper()
	asOf := newFastClock().now
	before := requests()
	src, err := Open(t.Context(), Options{BaseURL: url, PublicURL: "https://gitlab.example.com", Token: token, Depth: scan.Deep, AsOf: asOf})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := src.Instance(t.Context()); err != nil {
		t.Fatal(err)
	}
	begin = requests() - before
	scope := scan.Scope{URL: "https://gitlab.example.com", Depth: scan.Deep}
	run, err := snapshot.Begin(filepath.Join(t.TempDir(), "priced.db"), scope, "test", asOf)
	if err != nil {
		t.Fatal(err)
	}
	defer run.Close()
	p := &priced{Source: src}
	if err := scan.Run(t.Context(), p, run, scan.Options{Scope: scope, Workers: 1}); err != nil { // one question at a time
		t.Fatal(err)
	}
	slices.Sort(p.costs)
	for i, n := range p.costs {
		all += n
		if i >= len(p.costs)-DefaultWorkers {
			underWay += n
		}
	}
	return begin, all, underWay
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
	// Each start asks what it takes to begin; after a kill nothing else is asked a
	// second time but the questions that were under way, one for each worker.
	begin, all, underWay := prices(t, web.URL, server.Token(gitlabsim.Admin), func() int64 { return server.Stats().Requests })
	dearest := int64(0)
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
			if finished(t, path) { // what comes next would be a scan of its own
				break
			}
		}
		scans++
		if got := hash(path); got != want {
			t.Fatalf("killed %d times: hash %s, undisturbed %s", here, got, want)
		}
		n := server.Stats().Requests - before
		if n > begin+all+int64(here)*(begin+underWay) {
			t.Errorf("killed %d times: %d requests, undisturbed %d; to begin %d, then %d, %d of them under way", here, n, calm, begin, all, underWay)
		}
		if here > 0 {
			dearest = max(dearest, (n-calm)/int64(here))
		}
	}
	t.Logf("killed %d times in %d scans, which all ended with the undisturbed snapshot; %d requests undisturbed, %d more a kill at most (%d to begin, %d under way)",
		killed, scans, calm, dearest, begin, underWay)
}

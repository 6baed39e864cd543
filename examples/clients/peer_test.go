//go:build linux

package clients

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"text/tabwriter"
	"time"

	"readiness/scan"
	"readiness/scan/gitlabsim"
	"readiness/scan/snapshot"
)

// contest is one run of a program over the served instance, to its workbook.
type contest struct {
	name     string
	wall     time.Duration
	cpu      time.Duration // of all its processes
	peak     int64         // MB, of its largest process
	requests int64
	rows     int // projects told
	differ   int // of those, with a number that is not the truth
	unread   int // facts of projects that are said not to have been read
	failed   error
}

// run measures a command; exit codes that are verdicts are none of its failures.
func run(t *testing.T, name string, from instance, verdicts []int, cmd *exec.Cmd) contest {
	t.Helper()
	c := contest{name: name}
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	before, start := from.stats(t), time.Now()
	err := cmd.Run()
	c.wall, c.requests = time.Since(start), from.stats(t).Requests-before.Requests
	if state := cmd.ProcessState; state != nil {
		c.cpu = state.UserTime() + state.SystemTime()
		if usage, ok := state.SysUsage().(*syscall.Rusage); ok {
			c.peak = usage.Maxrss / 1024 // kB on Linux
		}
		for _, code := range verdicts {
			if state.ExitCode() == code {
				err = nil
			}
		}
	}
	if err != nil {
		c.failed = fmt.Errorf("%w\n%.2000s", err, out.String())
	}
	return c
}

// TestPeer is skipped unless READINESS_PEER lists how many projects the instances
// have on which both programs run, as in 1000,5000. The figures depend on the
// machine; the differences do not, and only they can fail it.
func TestPeer(t *testing.T) {
	sizes := os.Getenv("READINESS_PEER")
	if sizes == "" {
		t.Skip("READINESS_PEER is not set: run `make bench-peer`")
	}
	folder, err := filepath.Abs(filepath.Join(os.Getenv("READINESS_CLIENTS"), "gitlab-evaluate"))
	if err != nil {
		t.Fatal(err)
	}
	missing := ""
	if why, err := os.ReadFile(folder + ".why"); err == nil {
		missing = string(bytes.TrimSpace(why))
	} else if _, err := os.Stat(folder); err != nil {
		missing = "not in the folder READINESS_CLIENTS"
	}
	for _, size := range strings.Split(sizes, ",") {
		n, err := strconv.Atoi(size)
		if err != nil {
			t.Fatalf("READINESS_PEER: %v", err)
		}
		peerAt(t, n, folder, missing)
	}
}

func peerAt(t *testing.T, n int, folder, missing string) {
	world, err := gitlabsim.New(gitlabsim.Config{Seed: seed, Projects: n})
	if err != nil {
		t.Fatal(err)
	}
	served := serve(t, "--projects", fmt.Sprint(n), "--latency", "20ms")
	var all []contest
	for _, depth := range []string{"standard", "deep"} {
		out := t.TempDir()
		cmd := exec.Command(served.binary, "scan", "--url", served.url, "--depth", depth, "--out", out)
		cmd.Env = append(os.Environ(), "GITLAB_TOKEN="+served.token)
		c := run(t, "readiness, "+depth, served, []int{3, 4}, cmd) // it found blockers, or could not read all
		if c.failed == nil {
			c.judge(t, world, filepath.Join(out, "readiness.db"))
		}
		all = append(all, c)
	}
	if missing == "" {
		out := t.TempDir()
		// Without --processes it takes one for each core, as its manual recommends.
		cmd := exec.Command(filepath.Join(folder, "bin", "evaluate-gitlab"), "--source", served.url, "--token", served.token, "--filename", "report")
		cmd.Dir = out
		c := run(t, "gitlab-evaluate 0.48.1", served, nil, cmd)
		if c.failed == nil {
			c.judgePeer(t, world, folder, filepath.Join(out, "report.xlsx"), served)
		}
		all = append(all, c)
	}
	var table bytes.Buffer
	w := tabwriter.NewWriter(&table, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "%d PROJECTS, 20 ms\tWALL\tCPU\tPEAK\tREQUESTS\tA PROJECT\tROWS\tROWS THAT DIFFER\tNOT READ, SAID SO\t\n", n)
	for _, c := range all {
		if c.failed != nil {
			fmt.Fprintf(w, "%s\tfailed\t\t\t\t\t\t\t\t\n", c.name)
			t.Errorf("%s: %v", c.name, c.failed)
			continue
		}
		fmt.Fprintf(w, "%s\t%.1f s\t%.1f s\t%d MB\t%d\t%.2f\t%d\t%d\t%d\t\n", c.name, c.wall.Seconds(), c.cpu.Seconds(), c.peak,
			c.requests, float64(c.requests)/float64(n), c.rows, c.differ, c.unread)
	}
	w.Flush()
	fmt.Printf("\n%s", &table)
	if missing != "" {
		fmt.Printf("gitlab-evaluate: not run: %s\n", missing)
	}
}

// judge compares every fact of every project in a snapshot with the truth.
func (c *contest) judge(t *testing.T, world *gitlabsim.World, path string) {
	t.Helper()
	s, err := snapshot.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for p, err := range s.Projects() {
		if err != nil {
			t.Fatal(err)
		}
		c.rows++
		truth, wrong := world.ProjectTruth(p.ID), false
		for id, r := range scan.Facts(p) {
			g, gap := r.Gap()
			switch {
			case gap && g.Reason != scan.ReasonNotAsked && g.Reason != scan.ReasonFeatureOff:
				c.unread++
			case gap:
			case !sameFact(r, scan.FactOf(truth, id)):
				if wrong = true; c.differ < 3 {
					t.Logf("%s: %s of %s: %v, truth %v", c.name, id, p.Path, r.Any(), scan.FactOf(truth, id).Any())
				}
			}
		}
		if wrong {
			c.differ++
		}
	}
	if c.differ > 0 {
		t.Errorf("%s: %d of %d projects differ from the truth", c.name, c.differ, c.rows)
	}
}

// sameFact compares what two facts say. The order of a list is GitLab's.
func sameFact(a, b scan.Read) bool {
	text := func(r scan.Read) any {
		b, err := json.Marshal(r)
		if err != nil {
			panic(err) // facts are made to be stored
		}
		var v map[string]any
		if err := json.Unmarshal(b, &v); err != nil {
			panic(err)
		}
		if list, ok := v["value"].([]any); ok {
			slices.SortFunc(list, func(a, b any) int { return strings.Compare(show(a, true), show(b, true)) })
		}
		return v
	}
	return equal(text(a), text(b))
}

// judgePeer compares the workbook's rows of projects with the truth.
func (c *contest) judgePeer(t *testing.T, world *gitlabsim.World, folder, report string, served instance) {
	t.Helper()
	if err := os.Setenv("REPORT", report); err != nil {
		t.Fatal(err)
	}
	defer os.Unsetenv("REPORT")
	theirs, err := read(clients[2], folder, served)
	if err != nil {
		c.failed = err
		return
	}
	rows, differ := map[string]bool{}, map[string]bool{}
	for name, truth := range evaluated(world) {
		if !strings.HasPrefix(name, "Raw Project Data: ") {
			continue
		}
		for key, want := range truth {
			got, listed := theirs[name][key]
			rows[key] = rows[key] || listed
			if !listed || !equal(got, plain(want.value)) {
				if differ[key] = true; len(differ) <= 3 {
					t.Logf("%s: %s of %s: %s, truth %s", c.name, name, key, show(got, listed), show(plain(want.value), true))
				}
			}
		}
	}
	c.rows, c.differ = len(rows), len(differ)
}

//go:build linux

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
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

	"github.com/spf13/pflag"

	"readiness/scan"
	"readiness/scan/gitlab"
	"readiness/scan/gitlabsim"
)

// measuring adds the commands that TestScale measures.
func measuring(commands map[string]func()) map[string]func() {
	commands["readiness-scan-alone"], commands["readiness-report-alone"], commands["readiness-peaking"] = scanAlone, reportAlone, peaking
	return commands
}

// scanAlone is the command that TestScale measures reading with: it scans and
// judges nothing. Its arguments are URL, token, depth and file.
func scanAlone() {
	url, token, depth, path := os.Args[1], os.Args[2], os.Args[3], os.Args[4]
	env := surroundings()
	fail := func(err error) {
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(exitFailure)
		}
	}
	scope := scan.Scope{URL: url, Depth: scan.Depth(slices.Index(scan.Depths(), depth))}
	var failed failures
	src, err := gitlab.Open(context.Background(), gitlab.Options{BaseURL: url, Token: token, Depth: scope.Depth, Failed: failed.add, Notice: notices(env)})
	fail(err)
	fail(record(context.Background(), env, src, scope, path, gitlab.DefaultWorkers, &failed))
}

// reportAlone is the command that TestScale measures telling with: judging,
// workbook, JSON and summary. Its arguments are the file and a folder.
func reportAlone() {
	spare() // as main does
	var f targetFlags
	flags := pflag.NewFlagSet("report", pflag.ContinueOnError)
	f.register(flags)
	by, err := f.terms()
	if err == nil {
		env := surroundings()
		env.stdout = io.Discard
		err = tell(env, os.Args[1], by, os.Args[2], "")
	}
	if e, ok := err.(*exit); err != nil && (!ok || e.err != nil) {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(exitFailure)
	}
}

// figure is one thing that is measured, and what it may be at most.
type figure struct {
	what      string
	got, most float64
	unit      string
}

// cost is what a command took.
type cost struct {
	seconds, cpu float64
	peak         float64 // MB
}

func measured(t *testing.T, name string, args ...string) cost {
	t.Helper()
	cmd := exec.Command(name, args...)
	var said bytes.Buffer
	cmd.Stderr = &said
	start := time.Now()
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s: %v\n%.2000s", name, err, said.String())
	}
	if said.Len() > 0 {
		t.Logf("%s: %.500s", name, said.String())
	}
	c := cost{seconds: time.Since(start).Seconds(), cpu: (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()}
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		c.peak = float64(usage.Maxrss) / 1024
	}
	return c
}

// played is a simulated instance in a process of its own.
type played struct{ url, token string }

func play(t *testing.T, flags ...string) played {
	t.Helper()
	cmd := exec.Command("readiness", append([]string{"demo", "--serve", "127.0.0.1:0", "--gitlab-version", "18.11", "--seed", "31"}, flags...)...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	var p played
	lines := bufio.NewScanner(out)
	for (p.url == "" || p.token == "") && lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), "=")
		switch name {
		case "GITLAB_URL":
			p.url = value
		case "GITLAB_TOKEN":
			p.token = value
		}
	}
	go io.Copy(io.Discard, out)
	return p
}

func (p played) stats(t *testing.T) gitlabsim.Stats {
	t.Helper()
	r, err := http.Get(p.url + "/-/sim/stats")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	var s gitlabsim.Stats
	if err := json.NewDecoder(r.Body).Decode(&s); err != nil {
		t.Fatal(err)
	}
	return s
}

// own is how many requests a project's own calls are, of those that were made.
func own(s gitlabsim.Stats, projects int) float64 {
	n := int64(0)
	for endpoint, times := range s.ByEndpoint {
		if strings.HasPrefix(endpoint, "GET /projects/:id") {
			n += times
		}
	}
	return float64(n) / float64(projects)
}

// scan scans p alone and returns the requests a project and the cost.
func (p played) scan(t *testing.T, depth scan.Depth, projects int) (path string, perProject float64, c cost) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "readiness.db")
	before := p.stats(t).Requests
	c = measured(t, "readiness-scan-alone", p.url, p.token, depth.String(), path)
	return path, float64(p.stats(t).Requests-before) / float64(projects), c
}

// TestScale is skipped unless READINESS_SCALE says how many projects there are:
// for requests and time, then for memory and the report, as in 10000,100000. It
// prints figures beside what they may be at most; none fails it.
func TestScale(t *testing.T) {
	sizes := strings.Split(os.Getenv("READINESS_SCALE"), ",")
	if len(sizes) != 2 {
		t.Skip("READINESS_SCALE is not set: run `make bench-scale`")
	}
	few, err := strconv.Atoi(sizes[0])
	if err != nil {
		t.Fatal(err)
	}
	many, err := strconv.Atoi(sizes[1])
	if err != nil {
		t.Fatal(err)
	}
	var all []figure
	show := func(what string, got, most float64, unit string) {
		all = append(all, figure{what, got, most, unit})
		t.Logf("%s: %.3g %s", what, got, unit)
	}
	number := func(n int) []string { return []string{"--projects", strconv.Itoa(n)} }

	world := play(t, number(few)...)
	for depth, most := range map[scan.Depth]float64{scan.Quick: 0.03, scan.Standard: 0.25} {
		_, n, _ := world.scan(t, depth, few)
		show(fmt.Sprintf("requests a project, %s, of %d", depth, few), n, most, "")
	}
	// What a deep scan costs does not depend on the size: fewer projects tell it.
	for dormant, most := range map[int]float64{1: 20, 100: 2} {
		n := max(few/5, 50)
		world := play(t, append(number(n), "--dormant", strconv.Itoa(dormant))...)
		_, per, _ := world.scan(t, scan.Deep, n)
		what := map[bool]string{true: "live", false: "dormant"}[dormant < 50]
		show(fmt.Sprintf("requests a project, deep, %s, of %d: its own", what, n), own(world.stats(t), n), most, "")
		show(fmt.Sprintf("requests a project, deep, %s, of %d: with groups, users and lists", what, n), per, 0, "")
	}
	_, _, far := play(t, append(number(few), "--latency", "50ms")...).scan(t, scan.Standard, few)
	show(fmt.Sprintf("wall time, standard, %d projects, 50 ms, 8 workers", few), far.seconds, 60, "s")
	show("  of that the scan's own CPU", far.cpu, 0, "s")

	path, _, read := play(t, number(many)...).scan(t, scan.Standard, many)
	show(fmt.Sprintf("peak memory, scan, standard, %d projects", many), read.peak, 200, "MB")
	show("  which took", read.seconds, 0, "s")
	if file, err := os.Stat(path); err == nil {
		show("  and wrote", float64(file.Size())/1e6, 0, "MB")
	}
	told := measured(t, "readiness-report-alone", path, t.TempDir())
	show(fmt.Sprintf("time, report of %d projects: judge, workbook, JSON", many), told.seconds, 60, "s")
	show(fmt.Sprintf("peak memory, report of %d projects", many), told.peak, 500, "MB")

	slices.SortStableFunc(all[:6], func(a, b figure) int { return strings.Compare(a.what, b.what) })
	var table bytes.Buffer
	w := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "FIGURE\tMEASURED\tAT MOST\t")
	for _, f := range all {
		most, verdict := "", ""
		if f.most > 0 {
			if most = strings.TrimSpace(fmt.Sprintf("%g %s", f.most, f.unit)); f.got > f.most {
				verdict = "MISSED"
			}
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", f.what, strings.TrimSpace(fmt.Sprintf("%.3g %s", f.got, f.unit)), most, verdict)
	}
	w.Flush()
	fmt.Printf("\n%s", &table)
}

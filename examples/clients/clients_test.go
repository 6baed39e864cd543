// Package clients compares what GitLab clients that other people wrote read
// from the simulated instance with what is true there. `make clients` runs it.
package clients

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"readiness/scan/gitlabsim"
)

// The instance that the clients read.
const (
	seed     = 12 // a world with lists of more than 100 and 10,000 rows, and a project with more than 100 packages
	projects = 200
	group    = 1 // the id of the group that gitlab-evaluate is run over
)

// client is one client: how its script is run, and what it should tell.
type client struct {
	name, version string
	command       func(folder string) []string
	truth         func(*gitlabsim.World) tables
}

var clients = []client{
	{"python-gitlab", "7.1.0", func(folder string) []string {
		return []string{filepath.Join(folder, "bin", "python"), "python_gitlab.py"}
	}, listed},
	{"gitbeaker", "43.8.0", func(string) []string { return []string{"node", "gitbeaker.mjs"} }, listed},
	{"gitlab-evaluate", "0.48.1", func(folder string) []string {
		return []string{filepath.Join(folder, "bin", "python"), "gitlab_evaluate.py"}
	}, evaluated},
}

// knownDifferences are the places where a client is known to read something
// other than what is true, each with the reason. In all of them the instance
// answers as GitLab does.
//
// Two readings of gitlab-evaluate do not show in this world, where only empty
// repositories are switched off: for a repository that is switched off GitLab
// refuses branches and tags with 403 (lib/api/branches.rb, tags.rb: read_code)
// and answers null over GraphQL (app/graphql/types/repository_type.rb), and the
// tool writes 0 branches, 0 tags and no files where it could not read.
var knownDifferences = map[string]string{
	// https://docs.gitlab.com/api/rest/#pagination-response-headers
	"total above 10,000": "GitLab leaves X-Total out of lists of more than 10,000 rows; who reads the header alone has no number",
	// lib/gitlab/database/count/tablesample_count_strategy.rb: tables of 10,000
	// rows and more are estimated. The tool writes the estimate beside the sum of
	// its own rows, which is the truth.
	"instance statistics above 10,000": "GET /application/statistics estimates large tables; the tool reports the estimate as the total",
	// The tool's query of projects selects packages { nodes { packageType } }
	// without a page size and asks for no second page; GitLab gives the newest
	// 100 (app/graphql/types/project_type.rb, default page size).
	"package types beyond 100 packages": "the tool takes the types of a project's 100 newest packages for those of all",
}

// told is what a client reads by resource and key.
type told map[string]map[string]any

// expected is the truth about one key. Where a client is known to read
// something else, instead is exactly that, and why a key of knownDifferences.
type expected struct {
	value   any
	instead any
	why     string
}

// tables are the truth by resource and key.
type tables map[string]map[string]expected

func (t tables) put(resource string, key, value any) { t.differs(resource, key, value, nil, "") }

// differs says what a client reads instead of the truth.
func (t tables) differs(resource string, key, value, instead any, why string) {
	if t[resource] == nil {
		t[resource] = map[string]expected{}
	}
	t[resource][fmt.Sprint(key)] = expected{value, instead, why}
}

// TestClients is skipped unless READINESS_CLIENTS names the folder that
// install.sh installed the clients into.
func TestClients(t *testing.T) {
	scratch := os.Getenv("READINESS_CLIENTS")
	if scratch == "" {
		t.Skip("READINESS_CLIENTS is not set: run `make clients`")
	}
	world, err := gitlabsim.New(gitlabsim.Config{Seed: seed, Projects: projects})
	if err != nil {
		t.Fatal(err)
	}
	served := serve(t, "--projects", fmt.Sprint(projects))
	var table, notes bytes.Buffer
	rows := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	fmt.Fprintln(rows, "CLIENT\tRESOURCE\tTHEIRS\tTRUTH\tEQUAL")
	ran := 0
	for _, c := range clients {
		folder := filepath.Join(scratch, c.name)
		if why, err := os.ReadFile(folder + ".why"); err == nil {
			fmt.Fprintf(rows, "%s %s\t\t\t\tnot run: %s\n", c.name, c.version, bytes.TrimSpace(why))
			continue
		}
		if _, err := os.Stat(folder); err != nil {
			fmt.Fprintf(rows, "%s %s\t\t\t\tnot run: not in the folder READINESS_CLIENTS\n", c.name, c.version)
			continue
		}
		ran++
		before, start := served.stats(t), time.Now()
		theirs, err := read(c, folder, served)
		took, after := time.Since(start), served.stats(t)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		fmt.Fprintf(&notes, "%s %s: %d requests, %d of them refused, %.1f s\n", c.name, c.version,
			after.Requests-before.Requests, after.Refused-before.Refused, took.Seconds())
		if n := after.Writes - before.Writes; n > 0 {
			t.Errorf("%s: %d requests were no reads", c.name, n)
		}
		compare(t, c, theirs, c.truth(world), rows, &notes)
	}
	rows.Flush()
	fmt.Printf("\n%s\n%s", &table, &notes)
	if ran == 0 {
		t.Error("no client could be run")
	}
}

// instance is the program serving the simulated instance.
type instance struct{ url, token, binary string }

// serve builds the program and starts `readiness demo --serve`.
func serve(t *testing.T, flags ...string) instance {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "readiness")
	if out, err := exec.Command("go", "build", "-o", binary, "readiness/cmd/readiness").CombinedOutput(); err != nil {
		t.Fatalf("build readiness: %v\n%s", err, out)
	}
	cmd := exec.Command(binary, "demo", "--serve", "127.0.0.1:0", "--seed", fmt.Sprint(seed))
	cmd.Args = append(cmd.Args, flags...)
	cmd.Stderr = os.Stderr
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
	i := instance{binary: binary}
	lines := bufio.NewScanner(out)
	for (i.url == "" || i.token == "") && lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), "=")
		switch name {
		case "GITLAB_URL":
			i.url = value
		case "GITLAB_TOKEN":
			i.token = value
		}
	}
	if i.url == "" || i.token == "" {
		t.Fatal("readiness demo --serve named no GITLAB_URL and GITLAB_TOKEN")
	}
	go io.Copy(io.Discard, out)
	return i
}

func (i instance) stats(t *testing.T) (s gitlabsim.Stats) {
	t.Helper()
	r, err := http.Get(i.url + "/-/sim/stats")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if err := json.NewDecoder(r.Body).Decode(&s); err != nil {
		t.Fatal(err)
	}
	return s
}

// read runs a client's script and gathers its lines.
func read(c client, folder string, from instance) (told, error) {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return nil, err
	}
	words := c.command(folder)
	cmd := exec.Command(words[0], words[1:]...)
	cmd.Env = append(os.Environ(), "GITLAB_URL="+from.url, "GITLAB_TOKEN="+from.token, "CLIENT_FOLDER="+folder, fmt.Sprintf("GROUP=%d", group))
	var out, complaints bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaints
	ran := cmd.Run()
	theirs := told{}
	lines := bufio.NewScanner(&out)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var x struct {
			Resource, Key string
			Value         any
		}
		if err := json.Unmarshal(lines.Bytes(), &x); err != nil {
			return theirs, fmt.Errorf("%.200q is no JSON: %w", lines.Text(), err)
		}
		if theirs[x.Resource] == nil {
			theirs[x.Resource] = map[string]any{}
		}
		if _, twice := theirs[x.Resource][x.Key]; twice {
			return theirs, fmt.Errorf("%s: %s is listed twice", x.Resource, x.Key)
		}
		theirs[x.Resource][x.Key] = x.Value
	}
	if ran != nil {
		return theirs, fmt.Errorf("%w\n%s", ran, complaints.Bytes())
	}
	return theirs, lines.Err()
}

// resources are those a client should tell: each that its script names.
func (c client) resources(theirs told, truth tables) []string {
	script, _ := os.ReadFile(c.command(".")[1])
	var names []string
	for name := range truth {
		if c.name == "gitlab-evaluate" || bytes.Contains(script, []byte(`"`+name+`"`)) || bytes.Contains(script, []byte(`'`+name+`'`)) {
			names = append(names, name)
		}
	}
	for name := range theirs {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// compare writes a row for each resource and fails where a difference is not explained.
func compare(t *testing.T, c client, theirs told, truth tables, rows io.Writer, notes io.Writer) {
	t.Helper()
	reasons := map[string]int{}
	for _, name := range c.resources(theirs, truth) {
		explained, wrong := 0, 0
		var their, true_ float64
		keys := map[string]bool{}
		for key := range theirs[name] {
			keys[key] = true
		}
		for key := range truth[name] {
			keys[key] = true
		}
		for _, key := range slices.Sorted(maps.Keys(keys)) {
			got, listed := theirs[name][key]
			want, exists := truth[name][key]
			their, true_ = their+amount(got), true_+amount(plain(want.value))
			switch {
			case listed && exists && want.why != "" && equal(got, plain(want.instead)):
				explained++
				reasons[want.why]++
			case listed && exists && want.why == "" && equal(got, plain(want.value)):
			default:
				if wrong++; wrong <= 3 {
					t.Errorf("%s, %s %s: theirs %s, truth %s", c.name, name, key, show(got, listed), show(plain(want.value), exists))
				}
			}
		}
		verdict := "yes"
		switch {
		case wrong > 0:
			verdict = fmt.Sprintf("NO: %d of %d differ", wrong, len(keys))
		case explained > 0:
			verdict = fmt.Sprintf("but for %d explained", explained)
		}
		fmt.Fprintf(rows, "%s\t%s\t%s\t%s\t%s\n", c.name, name, number(their), number(true_), verdict)
	}
	for _, why := range slices.Sorted(maps.Keys(reasons)) {
		fmt.Fprintf(notes, "  explained, %d × %s: %s\n", reasons[why], why, knownDifferences[why])
	}
}

// plain is the value as it comes out of JSON.
func plain(v any) any {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // the truth is made of plain values
	}
	var out any
	if err := json.Unmarshal(b, &out); err != nil {
		panic(err)
	}
	return out
}

// equal compares plain values; lists of lists have no order, and numbers with a
// fraction may be rounded to hundredths.
func equal(a, b any) bool {
	switch a := a.(type) {
	case float64:
		b, ok := b.(float64)
		return ok && (a == b || (a != math.Trunc(a) || b != math.Trunc(b)) && math.Abs(a-b) < 0.0101)
	case []any:
		b, ok := b.([]any)
		if !ok || len(a) != len(b) {
			return false
		}
		a, b = unordered(a), unordered(b)
		for i := range a {
			if !equal(a[i], b[i]) {
				return false
			}
		}
		return true
	case map[string]any:
		b, ok := b.(map[string]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for k := range a {
			if v, ok := b[k]; !ok || !equal(a[k], v) {
				return false
			}
		}
		return true
	}
	return a == b
}

func unordered(list []any) []any {
	if len(list) == 0 {
		return list
	}
	if _, nested := list[0].([]any); !nested {
		return list
	}
	return slices.SortedFunc(slices.Values(list), func(a, b any) int { return strings.Compare(show(a, true), show(b, true)) })
}

// amount is what a value adds to a row's total: a number itself, a list and an
// object what they hold, anything else one.
func amount(v any) float64 {
	switch v := v.(type) {
	case nil:
		return 0
	case float64:
		return v
	case []any:
		return float64(len(v))
	case map[string]any:
		if _, refused := v["refused"]; refused {
			return 0
		}
		return float64(len(v))
	}
	return 1
}

func number(f float64) string { return fmt.Sprintf("%.10g", math.Round(f*100)/100) }

func show(v any, there bool) string {
	if !there {
		return "nothing"
	}
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	if len(b) > 300 {
		return string(b[:300]) + "…"
	}
	return string(b)
}

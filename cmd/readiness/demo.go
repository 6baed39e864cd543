package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"readiness/scan"
	"readiness/scan/gitlab"
	"readiness/scan/gitlabsim"
)

// demoFlags are the flags of 'readiness demo'.
type demoFlags struct {
	projects  int
	seed      uint64
	version   string
	tier      string
	saas      bool
	dormant   int
	out       string
	serve     string
	role      string
	latency   time.Duration
	faults    string
	remediate string
	target    targetFlags
}

func demoCommand(env environment) *cobra.Command {
	var f demoFlags
	c := &cobra.Command{
		Use:   "demo",
		Short: "Scan a simulated GitLab instance, or serve it",
		Long: `demo starts a simulated GitLab instance on this machine, scans it over HTTP as
'readiness scan' would scan a real one, and leaves the snapshot, the workbook
and the JSON report in the --out folder. It exits 0 when the demonstration ran,
whatever was found.

With --serve it serves the instance until it is interrupted, for any GitLab
client. Once it listens it prints lines that a shell can evaluate: GITLAB_URL,
GITLAB_TOKEN for the administrator and one token for each other role.`,
		Example: `  readiness demo --projects 300 --seed 7 --out out/demo
  readiness demo --then-remediate 40%
  readiness demo --serve 127.0.0.1:8080`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error { return f.run(c.Context(), env) },
	}
	flags := c.Flags()
	flags.IntVar(&f.projects, "projects", 300, "number of projects")
	flags.Uint64Var(&f.seed, "seed", 1, "seed of the world: the same seed gives the same instance")
	flags.StringVar(&f.version, "gitlab-version", "", "GitLab version to play (default 18.9, or GitLab.com's with --saas)")
	flags.StringVar(&f.tier, "gitlab-tier", string(gitlabsim.Ultimate), "tier to play: ce, free, premium, ultimate")
	flags.BoolVar(&f.saas, "saas", false, "play GitLab.com, of which a customer sees a group")
	flags.IntVar(&f.dormant, "dormant", 0, "how many of a hundred projects sleep: no repository, no pipelines, no activity (0: the few that chance makes so)")
	flags.StringVar(&f.out, "out", "readiness-demo", "`folder` to write into; made if it is not there")
	flags.StringVar(&f.serve, "serve", "", "serve the instance on this `address` until interrupted, e.g. 127.0.0.1:8080")
	flags.StringVar(&f.role, "role", "", "role of the token that the demonstration scans with: "+roleNames()+" (default admin, or owner with --saas)")
	flags.DurationVar(&f.latency, "latency", 0, "delay of each answer, as a network would have")
	flags.StringVar(&f.faults, "faults", "", "`plan` of what goes wrong, deterministic by --seed: "+faultsHelp)
	flags.StringVar(&f.remediate, "then-remediate", "", "scan a second time, two weeks later, when people have worked through this `share` of what is too large, e.g. 40%, and renamed, transferred, archived, deleted and added projects")
	f.target.register(flags)
	f.target.registerVerbose(flags)
	return c
}

const faultsHelp = `clauses separated by ";", as in "429 burst=20 every=200 retry-after=1; 500 share=0.02; reset share=0.01; stall share=0.005; html after=300 until=320; slow share=0.05 delay=200ms; 502 project=17; 404 route=/projects/:id/hooks; poison project=17; graphql-off; revoke after=500; churn every=50"`

func roleNames() string {
	var names []string
	for _, r := range gitlabsim.Roles() {
		names = append(names, string(r))
	}
	return strings.Join(names, ", ")
}

// customersGroup is the group that belongs to the account with role Owner: the
// world's first.
func customersGroup(world *gitlabsim.World) string {
	for id := range world.GroupIDs() {
		g, _ := world.Group(id)
		return g.FullPath
	}
	return ""
}

// demoWorkers is how many requests the demonstration has under way at once.
const demoWorkers = 8

func (f *demoFlags) run(ctx context.Context, env environment) error {
	cfg := gitlabsim.Config{Seed: f.seed, Projects: f.projects, Tier: gitlabsim.Tier(f.tier), SaaS: f.saas, Dormant: f.dormant}
	if f.dormant < 0 || f.dormant > 100 {
		return usagef("--dormant: %d is no share of a hundred", f.dormant)
	}
	if f.version != "" {
		v, err := scan.ParseVersion(f.version)
		if err != nil {
			return usagef("--gitlab-version: %w", err)
		}
		cfg.Version = v
	}
	tiers := []gitlabsim.Tier{gitlabsim.CE, gitlabsim.Free, gitlabsim.Premium, gitlabsim.Ultimate}
	if !slices.Contains(tiers, cfg.Tier) {
		return usagef("--gitlab-tier: unknown tier %.40q: choose from ce, free, premium, ultimate", f.tier)
	}
	world, err := gitlabsim.New(cfg)
	if err != nil {
		return usage(err)
	}
	faults, err := gitlabsim.ParseFaults(f.faults)
	if err != nil {
		return usagef("--%w", err)
	}
	opt := gitlabsim.Options{Latency: f.latency, Faults: faults}
	switch {
	case f.remediate != "" && (f.serve != "" || f.saas):
		return usagef("--then-remediate: it scans an instance twice, and goes with neither --serve nor --saas")
	case f.remediate != "":
		return f.twice(ctx, env, world, opt)
	case f.serve != "":
		return serve(ctx, env, gitlabsim.NewServer(world, opt), f.serve)
	}
	path, by, err := f.ready(env)
	if err != nil {
		return err
	}
	return f.scan(ctx, env, gitlabsim.NewServer(world, opt), world.Now(), path, by)
}

// remediationTime is what passes between the two scans of a demonstration with
// remediation.
const remediationTime = 14 * 24 * time.Hour

// twice scans a world before and after people have worked on it.
func (f *demoFlags) twice(ctx context.Context, env environment, world *gitlabsim.World, opt gitlabsim.Options) error {
	percent, err := strconv.ParseFloat(strings.TrimSuffix(f.remediate, "%"), 64)
	if err != nil {
		return usagef("--then-remediate: %.40q is no share: give one as 40%%", f.remediate)
	}
	before, after, done, err := world.Remediate(percent / 100)
	if err != nil {
		return usagef("--then-remediate: %w", err)
	}
	path, by, err := f.ready(env)
	if err != nil {
		return err
	}
	if err := f.scan(ctx, env, gitlabsim.NewServer(before, opt), world.Now(), path, by); err != nil {
		return err
	}
	fmt.Fprintf(env.stdout, "\nTwo weeks later: %d projects are too large no more, %d still are; %d were renamed, %d transferred, %d archived, %d deleted, %d added.\n\n",
		len(done.Remedied), len(done.Left), len(done.Renamed), len(done.Transferred), len(done.Archived), len(done.Deleted), len(done.Added))
	if err := by.read(f.target.workbookFile, env.stderr, filepath.Join(f.out, workbookName)); err != nil {
		return err
	}
	return f.scan(ctx, env, gitlabsim.NewServer(after, opt), world.Now().Add(remediationTime), path, by)
}

// listen serves the simulated instance on the address and returns its base URL.
func listen(server http.Handler, address string) (base string, stop func(), err error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return "", nil, usagef("listen: %w", err)
	}
	s := &http.Server{Handler: server, ReadHeaderTimeout: 10 * time.Second}
	go s.Serve(l)
	return "http://" + l.Addr().String(), func() { s.Close() }, nil
}

func serve(ctx context.Context, env environment, server *gitlabsim.Server, address string) error {
	base, stop, err := listen(server, address)
	if err != nil {
		return err
	}
	defer stop()
	fmt.Fprintf(env.stdout, "GITLAB_URL=%s\n", base)
	for _, role := range gitlabsim.Roles() {
		name := "GITLAB_TOKEN"
		if role != gitlabsim.Admin {
			name += "_" + strings.ToUpper(strings.ReplaceAll(string(role), "-", "_"))
		}
		fmt.Fprintf(env.stdout, "%s=%s\n", name, server.Token(role))
	}
	<-ctx.Done()
	return nil
}

// ready readies the folder: a demonstration begins with a snapshot of its own.
func (f *demoFlags) ready(env environment) (path string, by terms, err error) {
	if by, err = f.target.terms(); err != nil {
		return "", by, err
	}
	if f.role != "" && !slices.Contains(gitlabsim.Roles(), gitlabsim.Role(f.role)) {
		return "", by, usagef("--role: unknown role %.40q: choose from %s", f.role, roleNames())
	}
	if err := prepareFolder(f.out); err != nil {
		return "", by, err
	}
	if err := by.read(f.target.workbookFile, env.stderr, filepath.Join(f.out, workbookName)); err != nil {
		return "", by, err
	}
	if err := unlocked(filepath.Join(f.out, workbookName)); err != nil {
		return "", by, err
	}
	path = filepath.Join(f.out, "readiness.db")
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", by, usagef("--out: %w", err)
	}
	return path, by, nil
}

// scan runs the main job on the simulated instance. The world has a public URL
// and an instant of its own, so that equal demonstrations leave equal reports.
func (f *demoFlags) scan(ctx context.Context, env environment, server *gitlabsim.Server, now time.Time, path string, by terms) error {
	world := server.World()
	role := gitlabsim.Role(f.role)
	if role == "" {
		role = gitlabsim.Admin
		if f.saas {
			role = gitlabsim.Owner
		}
	}
	base, stop, err := listen(server, "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer stop()

	scope := scan.Scope{URL: world.ExternalURL(), Depth: scan.Deep}
	if f.saas {
		scope.Groups = []string{customersGroup(world)}
	}
	var failed failures
	way := world.Way()
	src, err := gitlab.Open(ctx, gitlab.Options{
		BaseURL:   base,
		PublicURL: scope.URL,
		Way:       &way,
		Token:     server.Token(role),
		Groups:    scope.Groups,
		Depth:     scope.Depth,
		AsOf:      now,
		Workers:   demoWorkers,
		UserAgent: "readiness/" + version,
		Failed:    failed.add,
		Notice:    notices(env),
	})
	if err != nil {
		return err
	}
	fixed := env
	fixed.now = func() time.Time { return now }
	if err := record(ctx, fixed, src, scope, path, demoWorkers, &failed); err != nil {
		return err
	}
	var verdict *exit
	if err := tell(fixed, path, by, f.out, base); !errors.As(err, &verdict) || verdict.err != nil {
		return err
	}
	return nil // the demonstration ran, whatever it found
}

package checks

import (
	"slices"
	"strings"

	"readiness/checks/matrix"
	"readiness/scan"
)

// referenceChecks are about what projects need of one another and where they
// name each other.
var referenceChecks = []Check{
	{
		ID: "scope-cross-wave-dependencies", Area: "references", Severity: High, Level: scan.LevelInstance,
		Title:        "Dependencies between waves",
		Why:          "For days each side works against a stale or unreachable partner: includes, triggers, images, submodules and forks lead from one instance to the other.",
		Rule:         "Broken where a project needs one that goes in another wave (without stated waves: lies in another top-level group) or was not scanned or does not move.",
		Remedy:       "Order the waves by the sheet of dependencies: templates, policies and libraries first, and what needs each other in a circle in one wave.",
		Docs:         []string{congregate("customer/migration-wave-considerations.md"), congregate("runbooks/discovery.md"), congregate("customer/pre-and-post-migration.md")},
		Methods:      imports,
		Destinations: Destinations(),
		Needs:        append(scan.DependencyFacts(), "instance.own-host"),
		Graph: func(c *Context, g *Graph) Outcome {
			found, outside, examples := kinds{}, int64(0), []string{}
			for _, e := range g.edges {
				to, inside := g.target(e.Dependency)
				if !c.Target.apart(e.from, to, inside) {
					continue
				}
				found[e.Kind]++
				outside += one(!inside)
				if len(examples) < maxNamed {
					examples = append(examples, e.words(to))
				}
			}
			if len(found) == 0 {
				return ok()
			}
			what := "lead to another wave or out of what was scanned and moves"
			if len(c.Target.Waves) == 0 {
				what = "lead to another top-level group, which may go in another wave, or out of what was scanned and moves"
			}
			return violated("%s%s %s%s, %s of them out of it; e.g. %s", g.atLeast(), found, what, g.reservations(), Thousands(outside), strings.Join(examples, "; ")).regardless()
		},
	},
	{
		ID: "references-change-path", Area: "references", Severity: High, Level: scan.LevelInstance,
		Title:        "Includes, images, triggers, submodules and allowlist entries whose path changes",
		Why:          "In their new places the projects they lead to have other paths: pipelines cannot be created, images and submodules are not found.",
		Rule:         "Broken where a project names another one whose path at the destination differs; of a relative address where the way between the two does.",
		Remedy:       "Rewrite them on the day of the wave by the sheet of dependencies, which has both paths, or write them with predefined variables before.",
		Docs:         append(links("ci/yaml/includes", "ci/variables/predefined_variables"), congregate("customer/migration-wave-considerations.md")),
		Methods:      imports,
		Destinations: Destinations(),
		If:           Target.Moves,
		When:         "the target states new places: --destination-parent, or target paths in a plan or profile",
		Needs:        append(scan.DependencyFacts(), "instance.own-host"),
		Graph: func(c *Context, g *Graph) Outcome {
			found, examples := kinds{}, []string{}
			for _, e := range g.edges {
				to, inside := g.target(e.Dependency)
				if !inside || !c.Target.renames(e.from, to, e.Dependency) {
					continue
				}
				found[e.Kind]++
				if len(examples) < maxNamed {
					examples = append(examples, e.words(to)+", then "+c.Target.Path(to))
				}
			}
			if len(found) == 0 {
				return ok()
			}
			return violated("%s%s get another path%s; e.g. %s", g.atLeast(), found, g.reservations(), strings.Join(examples, "; ")).regardless()
		},
	},
	{
		ID: "projects-absolute-references", Area: "references", Severity: Medium, Level: scan.LevelInstance,
		Title:        "Submodules and files that name the source's host",
		Why:          "Direct transfer rewrites links within what it imports and nothing in files: links die with the source and recursive clones fail.",
		Remedy:       "Make the addresses of submodules relative now, keep a redirect on the old host name, and run a rewrite after the last wave.",
		Docs:         append(links("user/group/import"), congregate("customer/famq.md"), "https://gitlab.com/gitlab-org/gitlab/-/issues/328705"),
		Methods:      imports,
		Destinations: Destinations(),
		Needs:        []scan.FactID{"instance.own-host", "project.submodules", "project.lfs-config-hosts"},
		Across: &Across{
			One: "submodule or LFS address", Many: "submodules and LFS addresses",
			Project: func(c *Context, p *scan.Project) (n int64) {
				for _, m := range needAll(c, p.Submodules) {
					if !m.Relative && m.Host != "" && c.own(m.Host) {
						c.point(".gitmodules", 0)
						n++
					}
				}
				for _, host := range need(c, p.LFSHosts) {
					if c.own(host) {
						c.point(".lfsconfig", 0)
						n++
					}
				}
				return n
			},
		},
	},
	{
		ID: "lfs-foreign-lfs-url", Area: "references", Severity: High, Level: scan.LevelInstance,
		Title:        "Git LFS at another host than the repository",
		Why:          "The import leaves these files out, and after the move clients still talk to the other server.",
		Rule:         "Broken where the LFS configuration of a project names another host than the source's.",
		Remedy:       "Remove the address or point it to the destination, and copy the objects of the other store yourself.",
		Docs:         links("user/group/import"),
		Methods:      imports,
		Destinations: Destinations(),
		Needs:        []scan.FactID{"instance.own-host", "project.lfs-config-hosts"},
		Across: &Across{
			Project: func(c *Context, p *scan.Project) int64 {
				return one(slices.ContainsFunc(need(c, p.LFSHosts), func(host string) bool { return !c.own(host) }))
			},
		},
	},
	{
		ID: "packages-addresses-and-scopes", Area: "references", Severity: Medium, Level: scan.LevelInstance,
		Title:        "Package managers tied to the source's host, numbers and scopes",
		Why:          "Installs fail for all who use the packages, also in projects that have not moved yet: hosts and the numbers of projects and groups change, and GitLab's npm endpoint for a whole instance asks for scopes that are paths of top-level groups.",
		Remedy:       "Write CI_API_V4_URL and CI_PROJECT_ID instead, and publish packages whose scope changes again under the new top-level path.",
		Docs:         []string{"https://gitlab.com/gitlab-org/gitlab/-/issues/33685", congregate("customer/famq.md")},
		Methods:      imports,
		Destinations: Destinations(),
		Needs:        []scan.FactID{"project.package-addresses"},
		Across: &Across{
			One: "address or scope", Many: "addresses and scopes",
			Project: func(c *Context, p *scan.Project) (n int64) {
				for _, a := range needAll(c, p.PackageAddresses) {
					if a.Kind == scan.AddressScope && !c.Target.movesScope(a.Value) {
						continue
					}
					c.point(a.File, a.Line)
					n++
				}
				return n
			},
		},
	},
	{
		ID: "ci-job-token-access", Area: "references", Severity: High, Level: scan.LevelInstance,
		Title:        "Job tokens used across projects, and allowlists that are not migrated",
		Why:          "Clones and package downloads across projects are refused although no code changed: no import carries the list, and on GitLab.com it cannot be switched off.",
		Rule:         "Broken where a configuration uses a job token against another project, others are on a project's allowlist, or a project admits every project; lists longer than the limit are named.",
		Remedy:       "Record who uses whom by the sheet of dependencies, and write the lists anew at the destination before the first pipeline.",
		Docs:         append(links("ci/jobs/ci_job_token", "user/project/settings/import_export"), "https://gitlab.com/gitlab-org/gitlab/-/issues/536537"),
		Methods:      imports,
		Destinations: Destinations(),
		Needs:        []scan.FactID{"project.ci-mentions", "project.job-token-restricted", "project.job-token-allowlist"},
		Thresholds: []Threshold{
			{Metric: "groups and projects on an allowlist", Value: allowlistLimit, Unit: unitRecords, Source: "https://docs.gitlab.com/ci/jobs/ci_job_token/"},
		},
		Across: &Across{
			One: "use, allowlist or open project", Many: "uses, allowlists and open projects",
			Project: func(c *Context, p *scan.Project) (n int64) {
				for _, m := range needAll(c, p.CIMentions) {
					if m.Kind == scan.CIJobToken {
						c.point(m.File, m.Line)
						n++
					}
				}
				if n > 0 { // whatever the list may hold
					return n
				}
				others := need(c, p.JobTokenAllowlist)
				c.marked = others+1 > c.limit(allowlistLimit) // the project itself is on it
				return one(others > 0) + one(!need(c, p.JobTokenRestricted))
			},
			Judge: func(c *Context, t *Tally) Outcome {
				o := ifAny(c, t)
				if t.marked > 0 {
					o.Evidence += "; " + plural(t.marked, "list", "lists") + " longer than " + Thousands(c.limit(allowlistLimit)) + " entries"
				}
				return o
			},
		},
	},
	{
		ID: "ci-cross-project-pipelines", Area: "references", Severity: High, Level: scan.LevelInstance,
		Title:        "Pipelines that start or need those of other projects",
		Why:          "While the two halves live on different instances the one is not started, or the other fails.",
		Rule:         "Broken where a configuration triggers a pipeline of another project or needs one's jobs.",
		Remedy:       "Put linked projects into one wave, and name them by paths instead of numbers.",
		Docs:         []string{congregate("customer/migration-wave-considerations.md"), congregate("runbooks/discovery.md")},
		Methods:      imports,
		Destinations: Destinations(),
		Needs:        []scan.FactID{"project.ci-mentions"},
		Across: &Across{
			One: "trigger or need of another project", Many: "triggers and needs of other projects",
			Mention: func(c *Context, p *scan.Project, m scan.CIMention) bool {
				return m.Kind == scan.CITrigger || m.Kind == scan.CINeedsProject
			},
		},
	},
	{
		ID: "ci-include-project", Area: "references", Severity: High, Level: scan.LevelInstance,
		Title:        "Configurations that include files of other projects",
		Why:          "No pipeline can be created until the other project is at its path and whoever starts the pipeline may read it; internal visibility does not exist on GitLab.com.",
		Rule:         "Broken where a configuration includes a file of another project, unless that keeps its path and goes in the same or an earlier stated wave.",
		Remedy:       "Migrate the projects that hold templates first, keep their paths, and let all who include them read them.",
		Docs:         []string{congregate("runbooks/discovery.md"), congregate("customer/migration-wave-considerations.md")},
		Methods:      imports,
		Destinations: Destinations(),
		Needs:        []scan.FactID{"project.ci-mentions"},
		Across: &Across{
			One: "include", Many: "includes",
			Mention: func(c *Context, p *scan.Project, m scan.CIMention) bool {
				return m.Kind == scan.CIIncludeProject && !c.Target.arrives(p.Path, m)
			},
		},
	},
}

// renames reports whether a project needs to name another one anew when both are
// in their new places. An upstream is known by its id, as a package registry may be: that
// changes whatever the path.
func (t Target) renames(from, to string, d scan.Dependency) bool {
	if d.Kind == scan.NeedsUpstream || d.Kind == scan.NeedsPackages && d.To == "" || t.Path(to) == to && !d.Relative {
		return false
	}
	return !d.Relative || way(from, to) != way(t.Path(from), t.Path(to))
}

// way is the relative path from one full path to another.
func way(from, to string) string {
	a, b := strings.Split(from, "/"), strings.Split(to, "/")
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	return strings.Repeat("../", len(a)) + strings.Join(b, "/")
}

// allowlistLimit is how many groups and projects an allowlist of job tokens holds,
// the project itself included. Source: https://docs.gitlab.com/ci/jobs/ci_job_token/
const allowlistLimit = 200

// movesScope reports whether an npm scope is the path of a top-level group that
// gets another path, or one below another group.
func (t Target) movesScope(scope string) bool {
	top := strings.TrimPrefix(scope, "@")
	return t.Path(top) != top
}

// arrives reports whether what a project includes of another is at the
// destination with it or before it, under the path that it is included by.
func (t Target) arrives(from string, m scan.CIMention) bool {
	if m.Open || len(t.Waves) == 0 || t.Path(m.Value) != m.Value {
		return false
	}
	wave := t.Wave(m.Value)
	return wave != "" && !later(wave, t.Wave(from))
}

// later reports whether a wave goes after another by their names: the first
// number in which they differ decides, else their letters.
func later(wave, than string) bool {
	digits := func(s string) int {
		i := 0
		for i < len(s) && s[i] >= '0' && s[i] <= '9' {
			i++
		}
		return i
	}
	for wave != "" && than != "" {
		a, b := digits(wave), digits(than)
		if a > 0 && b > 0 {
			x, y := strings.TrimLeft(wave[:a], "0"), strings.TrimLeft(than[:b], "0")
			if x != y {
				return len(x) > len(y) || len(x) == len(y) && x > y
			}
			wave, than = wave[a:], than[b:]
			continue
		}
		if wave[0] != than[0] {
			return wave[0] > than[0]
		}
		wave, than = wave[1:], than[1:]
	}
	return wave != ""
}

// everyWay are the methods of an air gap: all but those that need a network path.
var everyWay = append(slices.Clone(imports), matrix.BackupRestore)

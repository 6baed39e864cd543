package checks

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"readiness/scan"
)

// Graph is what the projects of an inventory need of one another, gathered while
// they pass by and judged at the end, when it is known which projects there are.
type Graph struct {
	hosts  []string           // of the source
	paths  map[string]string  // of all projects, by the same in lower case
	byID   map[scan.ID]string // their paths
	groups map[string]string  // paths of all groups, by the same in lower case
	edges  []edge
	unread gapTallies // projects of which not every dependency was read
	count  int64      // such projects
	cut    bool       // there are more projects than were listed
}

// edge is one dependency of a project.
type edge struct {
	from string
	scan.Dependency
}

func newGraph(c *Context) *Graph {
	_, cut := c.Cut[scan.LevelProject]
	return &Graph{hosts: c.hosts(), paths: map[string]string{}, byID: map[scan.ID]string{}, groups: map[string]string{}, cut: cut}
}

// add takes in a project that passes by.
func (g *Graph) add(c *Context, p *scan.Project) {
	g.paths[strings.ToLower(p.Path)] = p.Path
	g.byID[scan.ID(p.ID)] = p.Path
	for _, d := range scan.Dependencies(p, g.hosts...) {
		g.edges = append(g.edges, edge{p.Path, d})
	}
	c.missing = nil
	needAll(c, p.CIMentions)
	if slices.ContainsFunc(needAll(c, p.Submodules), func(m scan.Submodule) bool { return !m.Relative && m.Host != "" }) {
		need(c, c.Instance.OwnHost)
	}
	needAll(c, p.PackageAddresses)
	need(c, p.ForkedFrom)
	none, gap := p.JobTokenAllowlist.Gap()
	if !(gap && none.Reason == scan.ReasonTooOld && c.beforeAllowlists()) && need(c, p.JobTokenAllowlist) > 0 {
		needAll(c, p.JobTokenAllowed)
	}
	if c.missing != nil {
		g.count++
		g.unread.add(*c.missing, p.Path)
	}
}

// beforeAllowlists reports whether the source is known to be older than the first
// release whose projects say whose job tokens come in.
// Source: https://docs.gitlab.com/ci/jobs/ci_job_token/ (history).
func (c *Context) beforeAllowlists() bool {
	v, known := c.Instance.Version.Get()
	return known && !v.AtLeast(scan.MustVersion("15.9"))
}

// target is the project or group that a dependency leads to; inside says that it is one of
// those that were listed. Of an image it is the one whose path begins its own.
func (g *Graph) target(d scan.Dependency) (path string, inside bool) {
	if d.To == "" {
		if path, inside = g.byID[d.ToID]; inside {
			return path, true
		}
		return "project " + strconv.FormatInt(int64(d.ToID), 10), false
	}
	if d.Group {
		if path, inside = g.groups[strings.ToLower(d.To)]; inside {
			return path, true
		}
		return d.To, false
	}
	if d.Kind == scan.NeedsImage {
		for at := d.To; at != ""; at = up(at) {
			if path, inside = g.paths[strings.ToLower(at)]; inside {
				return path, true
			}
		}
		return d.To, false
	}
	if path, inside = g.paths[strings.ToLower(d.To)]; inside {
		return path, true
	}
	return d.To, false
}

// words is a dependency as evidence: from where it leads to where.
func (e edge) words(to string) string {
	if e.Kind == scan.NeedsAllowlist {
		return fmt.Sprintf("%s admits %s", e.from, to)
	}
	if place := placeOf(e.File, e.Line); place != "" {
		return fmt.Sprintf("%s %s needs %s", e.from, place, to)
	}
	return fmt.Sprintf("%s needs %s", e.from, to)
}

// placeOf writes a file with a line, if it has one.
func placeOf(file string, line int) string {
	if line == 0 {
		return file
	}
	return file + ":" + strconv.Itoa(line)
}

// kinds counts dependencies by kind, for evidence.
type kinds map[scan.DependencyKind]int64

var dependencyNames = map[scan.DependencyKind][2]string{
	scan.NeedsInclude: {"include", "includes"}, scan.NeedsComponent: {"component", "components"}, scan.NeedsConfig: {"whole configuration", "whole configurations"},
	scan.NeedsImage: {"image", "images"}, scan.NeedsTrigger: {"trigger", "triggers"}, scan.NeedsArtifacts: {"artifact of another pipeline", "artifacts of other pipelines"},
	scan.NeedsJobToken: {"use of a job token", "uses of a job token"}, scan.NeedsSubmodule: {"submodule", "submodules"}, scan.NeedsUpstream: {"fork", "forks"},
	scan.NeedsPackages: {"package registry", "package registries"}, scan.NeedsAllowlist: {"allowlist entry", "allowlist entries"},
}

// DependencyName is what a dependency is called.
func DependencyName(kind scan.DependencyKind) string { return dependencyNames[kind][0] }

func (k kinds) String() string {
	var words []string
	for _, kind := range scan.DependencyKinds() {
		if n := k[kind]; n > 0 {
			words = append(words, plural(n, dependencyNames[kind][0], dependencyNames[kind][1]))
		}
	}
	return list(words)
}

// atLeast is what to write before a number that the graph gave.
func (g *Graph) atLeast() string {
	if g.count > 0 || g.cut {
		return "at least "
	}
	return ""
}

// reservations says what the graph may lack, as the end of an evidence.
func (g *Graph) reservations() string {
	var words []string
	if g.count > 0 {
		words = append(words, plural(g.count, "project", "projects")+" unread")
	}
	if g.cut {
		words = append(words, "the list of projects was not read to its end")
	}
	if len(words) == 0 {
		return ""
	}
	return " (" + strings.Join(words, ", ") + ")"
}

// concludeGraph judges the graph of all projects.
func (k *running) concludeGraph(c *Context, g *Graph) {
	if k.Graph == nil {
		return
	}
	c.missing = nil
	o := k.Graph(c, g)
	missing := gapTallies{list: slices.Clone(g.unread.list)}
	if g.cut {
		missing.of(c.Cut[scan.LevelProject]) // how many are missing is unknown: count nothing
	}
	if len(missing.list) > 0 && !(o.Verdict == Violated && o.Regardless) {
		k.ledger.miss(k.ID, scan.LevelInstance, 0)
		k.unknown[scan.LevelProject], k.unsure = &missing, k.methods
		return
	}
	k.hear(c.Instance, o, nil)
}

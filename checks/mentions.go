package checks

import (
	"slices"

	"readiness/scan"
)

// Mentioned is what a project's CI/CD configuration says, with the checks that
// find fault with it.
type Mentioned struct {
	scan.CIMention
	Project *scan.Project
	Checks  []string // ids, in the catalogue's order; never empty
}

// Needed is what a project needs of another one.
type Needed struct {
	scan.Dependency
	Project *scan.Project
	Target  string // full path of the other project, as far as it is known
	Inside  bool   // the other project is among those that were listed and move
	// NewPath is the other project's path at the destination where what names it has
	// to be changed.
	NewPath string
	Apart   bool // the two go in different waves, or the other is not inside
}

// Mentioned lists what a project's configuration says and a check of the target
// finds fault with.
func (j *Judgement) Mentioned(p *scan.Project) (all []Mentioned) {
	if len(j.mention) == 0 || j.Leaves(p) {
		return nil
	}
	for _, m := range p.CIMentions.Items {
		var ids []string
		for _, k := range j.mention {
			j.ctx.missing = nil
			if k.Across.Mention(j.ctx, p, m) && j.ctx.missing == nil {
				ids = append(ids, k.ID)
			}
		}
		if ids != nil {
			all = append(all, Mentioned{CIMention: m, Project: p, Checks: ids})
		}
	}
	return all
}

// MentionedFacts are the facts of projects that Mentioned looks at.
func (j *Judgement) MentionedFacts() []scan.FactID {
	facts := []scan.FactID{"project.ci-mentions"}
	for _, k := range j.mention {
		for _, id := range k.Needs {
			if e, _ := scan.Lookup(id); e.Level == scan.LevelProject && !slices.Contains(facts, id) {
				facts = append(facts, id)
			}
		}
	}
	return facts
}

// Needed lists what a project needs of others, as far as it was read.
// It looks at scan.DependencyFacts.
func (j *Judgement) Needed(p *scan.Project) (all []Needed) {
	if j.graph == nil || j.Leaves(p) {
		return nil
	}
	for _, d := range scan.Dependencies(p, j.graph.hosts...) {
		n := Needed{Dependency: d, Project: p}
		n.Target, n.Inside = j.graph.target(d)
		n.Apart = j.Target.apart(p.Path, n.Target, n.Inside)
		if n.Inside && j.Target.renames(p.Path, n.Target, d) {
			n.NewPath = j.Target.Path(n.Target)
		}
		all = append(all, n)
	}
	return all
}

// keep notes what Mentioned and Needed look at. The graph's edges are not kept.
func (j *Judgement) keep(r *runner) {
	j.ctx = r.ctx
	for _, k := range r.checks {
		if k.Across != nil && k.Across.Mention != nil && len(k.shown) > 0 {
			j.mention = append(j.mention, k.Check)
		}
	}
	if r.graph != nil {
		r.graph.edges = nil
		j.graph = r.graph
	}
}

// ofKinds counts mentions of these kinds.
func ofKinds(kinds ...scan.CIKind) func(*Context, *scan.Project, scan.CIMention) bool {
	return func(_ *Context, _ *scan.Project, m scan.CIMention) bool { return slices.Contains(kinds, m.Kind) }
}

package checks

import (
	"fmt"
	"slices"
	"strings"

	"readiness/checks/matrix"
	"readiness/scan"
)

// running is one check at work on an inventory.
type running struct {
	*Check
	methods []matrix.Method // of the check's, those that can reach the target
	shown   []matrix.Method // of those, the ones in play: what findings name

	tally   *Tally
	project func(*Context, *scan.Project) int64 // what the tally measures of projects, if it does
	trees   map[string]*tree                    // by the path of the head
	unknown map[scan.Level]*gapTallies
	// gates are the methods that the check is violated or unknown for.
	violated, unsure []matrix.Method
	asked            []matrix.Method // methods its questions touch, once for each question
	findings         []Finding
	ledger           *Ledger
	decided          *decided
}

// runner judges subjects as they pass by and turns outcomes into findings.
type runner struct {
	ctx     *Context
	checks  []*running
	heads   forest
	ledger  *Ledger
	decided *decided
	graph   *Graph // nil: no check judges it
}

// applicable returns the methods of a check that can reach the target, none if
// the check does not concern it.
func (k *Check) applicable(t Target) []matrix.Method {
	if !slices.Contains(k.Destinations, t.Destination) || k.If != nil && !k.If(t) {
		return nil
	}
	return intersect(matrix.Concerns(k.Methods), possible(t))
}

func intersect(a, b []matrix.Method) []matrix.Method {
	return slices.DeleteFunc(slices.Clone(a), func(m matrix.Method) bool { return !slices.Contains(b, m) })
}

// newRunner readies every check that concerns the target.
func newRunner(all []Check, ctx *Context, d *decided) (*runner, error) {
	ctx.taken = ctx.Target.taken()
	r := &runner{ctx: ctx, heads: forest{}, ledger: newLedger(ctx.Scope, ctx.Cut), decided: d}
	seen := map[string]bool{}
	for i := range all {
		k := &all[i]
		if seen[k.ID] {
			return nil, fmt.Errorf("two checks have the id %q", k.ID)
		}
		seen[k.ID] = true
		methods := k.applicable(ctx.Target)
		if len(methods) == 0 {
			continue
		}
		run := &running{Check: k, methods: methods, shown: intersect(methods, ctx.Target.Methods), unknown: map[scan.Level]*gapTallies{}, trees: map[string]*tree{}, ledger: r.ledger, decided: d}
		if k.Across != nil {
			run.tally, run.project = newTally(k.Across, ctx.Cut), k.Across.ofProject()
		}
		if k.Graph != nil && r.graph == nil {
			r.graph = newGraph(ctx)
		}
		r.checks = append(r.checks, run)
	}
	return r, nil
}

func (r *runner) instance(i *scan.Instance) {
	r.ledger.meet(i)
	for _, k := range r.checks {
		r.ctx.changed = k.changed
		if k.Instance != nil {
			o, gap := judge(r.ctx, k.Instance, i)
			k.hear(i, o, gap)
		}
		if k.Across != nil && k.Across.Instance != nil {
			measure(r.ctx, k.tally, k.Across.Instance, i)
		}
	}
}

func (r *runner) group(g *scan.Group) {
	r.ledger.meet(g)
	r.heads.add(g, r.ctx.Scope)
	r.ctx.learn(g)
	if r.graph != nil {
		r.graph.groups[strings.ToLower(g.Path)] = g.Path
	}
	for _, k := range r.checks {
		r.ctx.changed = k.changed
		if k.Group != nil {
			o, gap := judge(r.ctx, k.Group, g)
			k.hear(g, o, gap)
		}
		if k.Across != nil && k.Across.Group != nil {
			measure(r.ctx, k.tally, k.Across.Group, g)
		}
	}
}

func (r *runner) project(p *scan.Project) {
	r.ledger.meet(p)
	head := r.heads.head(p.Path)
	if r.graph != nil {
		r.graph.add(r.ctx, p)
	}
	for _, k := range r.checks {
		r.ctx.changed = k.changed
		if k.Project != nil {
			o, gap := judge(r.ctx, k.Project, p)
			k.hear(p, o, gap)
		}
		if k.project != nil {
			measure(r.ctx, k.tally, k.project, p)
		}
		if k.Trees != nil && head != "" {
			k.measure(r.ctx, head, p)
		}
	}
}

func (r *runner) user(u *scan.User) {
	r.ledger.meet(u)
	for _, k := range r.checks {
		r.ctx.changed = k.changed
		if k.User != nil {
			o, gap := judge(r.ctx, k.User, u)
			k.hear(u, o, gap)
		}
		if k.Across != nil && k.Across.User != nil {
			measure(r.ctx, k.tally, k.Across.User, u)
		}
		if k.Across != nil && k.Across.Same != nil {
			measure(r.ctx, k.tally, k.tally.meet, u)
		}
	}
}

// left judges a group or project that the plan leaves out: what is found there is
// told, and counts nowhere.
func (r *runner) left(s scan.Subject) {
	r.ledger.meet(s)
	g, isGroup := s.(*scan.Group)
	p, isProject := s.(*scan.Project)
	if isGroup {
		r.heads.add(g, r.ctx.Scope)
		r.ctx.learn(g)
	}
	for _, k := range r.checks {
		r.ctx.changed = k.changed
		switch {
		case isGroup && k.Group != nil:
			o, gap := judge(r.ctx, k.Group, g)
			k.hear(g, o, gap)
		case isProject && k.Project != nil:
			o, gap := judge(r.ctx, k.Project, p)
			k.hear(p, o, gap)
		}
	}
}

// close concludes what is judged at the end and asks the questions. Then it
// returns every finding, sorted; two with one fingerprint are an error.
func (r *runner) close() ([]Finding, error) {
	findings := []Finding{}
	for _, k := range r.checks {
		r.ctx.changed = k.changed
		if k.Across != nil {
			o, gaps := k.tally.conclude(r.ctx)
			if o.Verdict == Unknown {
				k.unknown = gaps
				k.unsure = k.methods
				k.ledger.miss(k.ID, scan.LevelInstance, 0)
			} else {
				k.hear(r.ctx.Instance, o, nil)
			}
		}
		k.concludeTrees(r.ctx, r.heads)
		k.concludeGraph(r.ctx, r.graph)
		k.missCut(r.ctx)
		k.missTrees(r.ctx, r.heads)
		if k.Ask != nil {
			if q := k.Ask(r.ctx); q != "" {
				o := question("%s", q)
				o.Discriminator = "question"
				k.hear(r.ctx.Instance, o, nil)
			}
		}
		k.reportUnknown()
		findings = append(findings, k.findings...)
	}
	if r.decided != nil {
		findings = append(findings, r.decided.findings(findings, r.ctx.Target)...)
	}
	SortFindings(findings)
	seen := map[string]bool{}
	for _, f := range findings {
		if seen[f.Fingerprint] {
			return nil, fmt.Errorf("two findings have the fingerprint %q: the check %s must tell its outcomes apart", f.Fingerprint, f.Check)
		}
		seen[f.Fingerprint] = true
	}
	return findings, nil
}

// missCut notes for a check that looks at subjects one by one that the listing
// of their level was cut: those it did not see are unknown.
func (k *running) missCut(c *Context) {
	for level, looks := range map[scan.Level]bool{
		scan.LevelGroup: k.Group != nil || k.Trees != nil, scan.LevelProject: k.Project != nil || k.Trees != nil, scan.LevelUser: k.User != nil,
	} {
		if gap, cut := c.Cut[level]; looks && cut {
			k.unknownOf(level).of(gap) // how many subjects are missing is unknown: count nothing
			k.unsure = k.methods
		}
	}
}

// missTrees notes that no tree was judged as a whole where groups or projects
// are missing from what was listed.
func (k *running) missTrees(c *Context, f forest) {
	_, groups := c.Cut[scan.LevelGroup]
	_, projects := c.Cut[scan.LevelProject]
	if k.Trees == nil || !groups && !projects {
		return
	}
	for _, head := range f {
		k.ledger.miss(k.ID, scan.LevelGroup, head.ID)
	}
}

func (k *running) unknownOf(level scan.Level) *gapTallies {
	if k.unknown[level] == nil {
		k.unknown[level] = &gapTallies{}
	}
	return k.unknown[level]
}

// hear takes an outcome for one subject.
func (k *running) hear(s scan.Subject, o Outcome, gap *scan.Gap) {
	methods, shown := k.methods, k.shown
	if o.Methods != nil {
		only := matrix.Concerns(o.Methods)
		methods, shown = intersect(methods, only), intersect(shown, only)
	}
	var decision *Decision
	switch o.Verdict {
	case OK, NotApplicable:
		return
	case Unknown:
		k.ledger.miss(k.ID, s.Level(), s.Key())
		if k.decided.leaves(s) {
			return
		}
		k.unknownOf(s.Level()).add(*gap, s.Address())
		k.unsure = k.methods
		return
	case Violated:
		if decision = k.decided.finding(k.ID, s); decision == nil {
			k.violated = union(k.violated, methods)
		}
	case Question:
		if k.decided.leaves(s) {
			return
		}
		k.asked = append(k.asked, methods...)
	}
	if len(shown) == 0 {
		return
	}
	f := k.finding(o.Verdict, s.Level(), shown)
	f.ID, f.Path, f.URL, f.Evidence = s.Key(), s.Address(), s.Link(), o.Evidence
	f.Fingerprint = fingerprint(k.ID, s.Level(), fmt.Sprint(s.Key()), o.Discriminator)
	f.Decision = decision
	k.findings = append(k.findings, f)
}

// reportUnknown makes one finding for all subjects whose facts are missing for
// one reason at one endpoint.
func (k *running) reportUnknown() {
	if len(k.shown) == 0 {
		return
	}
	for _, level := range scan.Levels() {
		gaps := k.unknown[level]
		if gaps == nil {
			continue
		}
		for _, g := range gaps.list {
			f := k.finding(Unknown, level, k.shown)
			f.Gap, f.Count, f.Examples = &g.gap, g.count, g.examples
			names := subjectNames[level]
			switch {
			case g.count == 0:
				f.Evidence = fmt.Sprintf("A list was not read to its end, so how many are missing is unknown: %s.", g.gap)
			case level == scan.LevelInstance:
				f.Evidence = fmt.Sprintf("Could not be judged: %s.", g.gap)
			default:
				f.Evidence = fmt.Sprintf("%s could not be judged: %s.", plural(g.count, names[0], names[1]), g.gap)
			}
			f.Fingerprint = fingerprint(k.ID, level, "unknown", string(g.gap.Reason)+" "+g.gap.Endpoint)
			k.findings = append(k.findings, f)
		}
	}
}

// finding is the one place where what a check knows is attached to what it found.
func (k *running) finding(v Verdict, level scan.Level, methods []matrix.Method) Finding {
	return Finding{Check: k.ID, Title: k.Title, Verdict: v, Severity: k.Severity, Level: level, Methods: methods,
		Remedy: k.Remedy, Why: k.Why, Docs: k.Docs}
}

// fingerprint names a finding across scans. It holds no path, so that a renamed
// project keeps its history.
func fingerprint(check string, level scan.Level, id, discriminator string) string {
	parts := []string{check, string(level), id}
	if discriminator != "" {
		parts = append(parts, discriminator)
	}
	return strings.Join(parts, "/")
}

// order ranks a finding: what blocks, what may block, then by severity what is
// so before what is unknown, and last what only people can tell.
func order(f Finding) int {
	severity := slices.Index(Severities(), f.Severity)
	switch f.Verdict {
	case Violated:
		return 2 * severity
	case Unknown:
		return 2*severity + 1
	}
	return 2*len(Severities()) + severity
}

func union(a, b []matrix.Method) []matrix.Method {
	for _, m := range b {
		if !slices.Contains(a, m) {
			a = append(a, m)
		}
	}
	return a
}

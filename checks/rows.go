package checks

import (
	"slices"
	"strings"

	"readiness/checks/matrix"
	"readiness/scan"
)

// rows is what Judgement.Project needs of all projects alike, worked out once.
type rows struct {
	target   Target
	instance *scan.Instance
	scope    scan.Scope
	gates    []*Check // checks on one project that block
	// leaves lists, by the place of a fact in a project, the items that the fact
	// tells, together unless they count different kinds of what it lists.
	leaves  [][]*told
	always  []left // items that every project has
	decided *decided
}

// told are items that one fact tells in one way.
type told struct {
	use  matrix.ItemUse
	left []left // for each method in play
	// high are the titles of those of them that matter most and that the method
	// does not, or only partly, carry.
	high [][]string
}

// left counts, for one method in play, items that it leaves behind.
type left struct {
	notOrPartly, unverified int
}

func newRows(all []Check, j *Judgement, judged *scan.Instance, a answers, d *decided) *rows {
	r := &rows{decided: d, target: j.Target, instance: judged, scope: j.Meta.Scope, always: make([]left, len(j.Target.Methods))}
	for i := range all {
		if k := &all[i]; k.Severity == Blocker && k.Project != nil && len(k.applicable(j.Target)) > 0 {
			r.gates = append(r.gates, k)
		}
	}
	place := map[scan.FactID]int{}
	for id := range scan.Facts(new(scan.Project)) {
		place[id] = len(place)
	}
	r.leaves = make([][]*told, len(place))
	for i, item := range j.Items {
		into, high := []left(nil), make([][]string, len(j.Target.Methods))
		if u := item.Item.Use; u.Always && item.Item.Level == scan.LevelProject {
			into = r.always
		} else if p, ok := place[scan.FactID(string(u.Fact)+string(u.Within))]; ok && !u.Always && u.Question == "" {
			t := r.told(p, u)
			into, high = t.left, t.high
		} else {
			continue
		}
		for k, m := range j.Target.Methods {
			switch a.items[i][slices.Index(matrix.Methods(), m)].Status {
			case matrix.NotCarried, matrix.Partial:
				into[k].notOrPartly++
				if item.Item.Impact == matrix.HighImpact {
					high[k] = append(high[k], item.Item.Title)
				}
			case matrix.Unverified:
				into[k].unverified++
			}
		}
	}
	return r
}

// told returns what counts the items of a use that the fact at this place tells.
func (r *rows) told(place int, u matrix.ItemUse) *told {
	for _, t := range r.leaves[place] {
		if !u.ByKind() && !t.use.ByKind() {
			return t
		}
	}
	t := &told{u, make([]left, len(r.target.Methods)), make([][]string, len(r.target.Methods))}
	r.leaves[place] = append(r.leaves[place], t)
	return t
}

// HighLosses names what of one project the method does not, or only partly,
// carry and what matters most if it is lost, in the matrix's order.
func (j *Judgement) HighLosses(p *scan.Project, m matrix.Method) []string {
	if j.rows == nil {
		return nil
	}
	k := slices.Index(j.rows.target.Methods, m)
	if k < 0 {
		return nil
	}
	var titles []string
	place := 0
	for _, fact := range scan.Facts(p) {
		for _, t := range j.rows.leaves[place] {
			if n, _ := t.use.Amount(fact); n > 0 && len(t.high[k]) > 0 {
				titles = append(titles, t.high[k]...)
			}
		}
		place++
	}
	return titles
}

// Applies reports whether the check has anything to say of the target.
func (k Check) Applies(t Target) bool { return len(k.applicable(t)) > 0 }

// UpgradeStops counts the versions at which an upgrade from one version up to
// another has to stop at least, those that only some instances need left out,
// and says which they are.
func UpgradeStops(from, to scan.Version) (n int, words string) {
	words = stopsBetween(from, to)
	for s := range strings.SplitSeq(strings.ReplaceAll(words, " and ", ", "), ", ") {
		if strings.ContainsAny(s, "0123456789") && !strings.Contains(s, "(with ") {
			n++
		}
	}
	return n, words
}

// Project says what each method in play means for one project by itself, as if
// whatever blocks the instance were cured. It may be called at the same time
// for several projects. It returns nil if j does not come from Evaluate.
func (j *Judgement) Project(p *scan.Project) []ProjectVerdict {
	r := j.rows
	if r == nil {
		return nil
	}
	methods := r.target.Methods
	certain, possibly := slices.Clone(r.always), make([]left, len(methods))
	place := 0
	for _, fact := range scan.Facts(p) {
		for _, t := range r.leaves[place] {
			n, known := t.use.Amount(fact)
			into := certain
			if n <= 0 {
				if known {
					continue
				}
				into = possibly
			}
			for k := range t.left {
				into[k].notOrPartly += t.left[k].notOrPartly
				into[k].unverified += t.left[k].unverified
			}
		}
		place++
	}
	blocked, unsure := r.gate(p)
	out := make([]ProjectVerdict, len(methods))
	for k, m := range methods {
		v := ProjectVerdict{Method: m, Losses: certain[k].notOrPartly, State: NoKnownLoss}
		switch {
		case impossible(m, r.target) != "":
			v.State = Impossible
		case slices.Contains(blocked, m):
			v.State = Blocked
		case slices.Contains(unsure, m):
			v.State = NotAssessed
		case certain[k] != left{} || possibly[k] != left{}:
			v.State = Losses
		}
		out[k] = v
	}
	return out
}

// gate runs the checks that can block a project by itself.
func (r *rows) gate(p *scan.Project) (blocked, unsure []matrix.Method) {
	c := &Context{Target: r.target, Instance: r.instance, Scope: r.scope}
	for _, k := range r.gates {
		c.changed = k.changed
		o, _ := judge(c, k.Project, p)
		methods := matrix.Concerns(k.Methods)
		if o.Methods != nil {
			methods = intersect(methods, matrix.Concerns(o.Methods))
		}
		switch o.Verdict {
		case Violated:
			if r.decided.finding(k.ID, p) != nil {
				continue
			}
			blocked = append(blocked, methods...)
		case Unknown:
			unsure = append(unsure, methods...)
		}
	}
	return blocked, unsure
}

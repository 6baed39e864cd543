package checks

import (
	"slices"

	"readiness/checks/matrix"
	"readiness/scan"
)

// rows is what Judgement.Project needs of all projects alike, worked out once.
type rows struct {
	target   Target
	instance *scan.Instance
	scope    scan.Scope
	gates    []*Check // checks on one project that block
	// leaves lists, by the place of a fact in a project, for each method in play
	// the items that the fact tells and the method does not carry.
	leaves [][]left
	always []left // items that every project has
}

// left counts, for one method in play, items that it leaves behind.
type left struct {
	notOrPartly, unverified int
}

func newRows(all []Check, j *Judgement, a answers) *rows {
	r := &rows{target: j.Target, instance: j.Instance, scope: j.Meta.Scope, always: make([]left, len(j.Target.Methods))}
	for i := range all {
		if k := &all[i]; k.Severity == Blocker && k.Project != nil && len(k.applicable(j.Target)) > 0 {
			r.gates = append(r.gates, k)
		}
	}
	place := map[scan.FactID]int{}
	for id := range scan.Facts(new(scan.Project)) {
		place[id] = len(place)
	}
	r.leaves = make([][]left, len(place))
	for i, item := range j.Items {
		var into []left
		if u := item.Item.Use; u.Always && item.Item.Level == scan.LevelProject {
			into = r.always
		} else if p, ok := place[scan.FactID(string(u.Fact)+string(u.Within))]; ok && !u.Always && u.Question == "" {
			if r.leaves[p] == nil {
				r.leaves[p] = make([]left, len(j.Target.Methods))
			}
			into = r.leaves[p]
		} else {
			continue
		}
		for k, m := range j.Target.Methods {
			switch a.items[i][slices.Index(matrix.Methods(), m)].Status {
			case matrix.NotCarried, matrix.Partial:
				into[k].notOrPartly++
			case matrix.Unverified:
				into[k].unverified++
			}
		}
	}
	return r
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
		leaves := r.leaves[place]
		place++
		if leaves == nil {
			continue
		}
		n, known := fact.Amount()
		into := certain
		if n <= 0 {
			if known {
				continue
			}
			into = possibly
		}
		for k := range leaves {
			into[k].notOrPartly += leaves[k].notOrPartly
			into[k].unverified += leaves[k].unverified
		}
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
		o, _ := judge(c, k.Project, p)
		methods := k.Methods
		if o.Methods != nil {
			methods = intersect(methods, o.Methods)
		}
		switch o.Verdict {
		case Violated:
			blocked = append(blocked, methods...)
		case Unknown:
			unsure = append(unsure, methods...)
		}
	}
	return blocked, unsure
}

// Package advice makes of a judgement what a project manager can act on: the
// method for each project, the work that is left and what it costs, how long it
// takes, and the questions and tasks of an engagement with what the inventory
// answers of them.
//
// It adds no fact and no claim of its own: figures come from the judgement, from
// published numbers that are named beside them, from the profile, or from what a
// person stated, and say which.
package advice

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"readiness/checks"
	"readiness/checks/matrix"
	"readiness/scan"
)

// Advice is what follows from a judgement for the people who plan the migration.
type Advice struct {
	// Method is the one recommended for most projects; "": none can be.
	Method matrix.Method `json:"method"`
	Reason string        `json:"reason"`
	// Methods are those in play that the target does not rule out, in report order.
	Methods   []MethodShare `json:"methods"`
	Groups    []Group       `json:"groups"` // by path, personal namespaces last
	Actions   []Action      `json:"actions"`
	Effort    Effort        `json:"effort"`
	Calendar  []Estimate    `json:"calendar"`
	Scoping   []Question    `json:"scoping"`
	Checklist []Task        `json:"checklist"`
	Wave      *Wave         `json:"wave,omitempty"` // of a scan of listed projects
}

// MethodShare is how the projects fare by one method.
type MethodShare struct {
	Method      matrix.Method                `json:"method"`
	Title       string                       `json:"title"`
	States      map[checks.MethodState]int64 `json:"projects"`    // projects by verdict
	Recommended int64                        `json:"recommended"` // projects that it is recommended for
}

// Group is a top-level group with the projects below it.
type Group struct {
	Path        string                  `json:"path"` // "": the personal namespaces
	Projects    int64                   `json:"projects"`
	Method      matrix.Method           `json:"method"` // recommended for most of them; "": none
	Recommended map[matrix.Method]int64 `json:"recommended"`
	Blocked     int64                   `json:"blocked"` // projects that every method is blocked for
	Unsure      int64                   `json:"unsure"`  // projects whose recommended method is not assessed
	Storage     scan.Total              `json:"storage"` // bytes
}

// Project is what is advised for one project.
type Project struct {
	Verdicts []checks.ProjectVerdict
	Method   matrix.Method // recommended; "": every method in play is blocked or impossible
	Reason   string        // one sentence
	Matters  []string      // what it leaves behind that matters most, at most three
	More     int           // further ones
}

// rank orders verdicts from the best to the worst to choose by.
var rank = map[checks.MethodState]int{checks.NoKnownLoss: 0, checks.Losses: 1, checks.NotAssessed: 2, checks.Blocked: 3, checks.Impossible: 4}

// ForProject advises one project. It may be called at the same time for several.
func ForProject(j *checks.Judgement, p *scan.Project) Project {
	a := Project{Verdicts: j.Project(p)}
	best := slices.Clone(a.Verdicts)
	// Of equal ones the first in report order is taken: the sort is stable.
	slices.SortStableFunc(best, func(x, y checks.ProjectVerdict) int {
		return cmp.Or(cmp.Compare(rank[x.State], rank[y.State]), cmp.Compare(x.Losses, y.Losses))
	})
	if len(best) == 0 || best[0].State == checks.Blocked || best[0].State == checks.Impossible {
		a.Reason = "Every method in play is blocked for this project: see its findings."
		return a
	}
	a.Method = best[0].Method
	lost := j.HighLosses(p, a.Method)
	a.Matters, a.More = lost[:min(len(lost), 3)], max(len(lost)-3, 0)
	switch title := a.Method.Title(); best[0].State {
	case checks.NoKnownLoss:
		a.Reason = title + ": no known loss in what was read."
	case checks.Losses:
		a.Reason = fmt.Sprintf("%s leaves the fewest items behind: %d", title, best[0].Losses)
		if len(best) > 1 && rank[best[1].State] < rank[checks.Blocked] {
			a.Reason += fmt.Sprintf(", %s %d", best[1].Method.Title(), best[1].Losses)
		}
		a.Reason += "."
	default:
		a.Reason = title + " may do: no blocker was found, but not every check for one could be decided."
	}
	return a
}

// Of advises on a judgement and the inventory that it was made of, whose
// projects it walks once. It fails only if that walk fails.
func Of(j *checks.Judgement, inv scan.Inventory, stated Answers) (*Advice, error) {
	a := &Advice{}
	groups, found := map[string]*Group{}, map[string]bool{}
	shares := map[matrix.Method]*MethodShare{}
	for _, v := range j.Methods {
		if v.InPlay && v.State != checks.Impossible {
			shares[v.ID] = &MethodShare{Method: v.ID, Title: v.Title, States: map[checks.MethodState]int64{}}
		}
	}
	for p, err := range inv.Projects() {
		if err != nil {
			return nil, fmt.Errorf("advise on the projects: %w", err)
		}
		names(found, j.Meta.Scope.Projects, p)
		if j.Leaves(p) {
			continue
		}
		top, _, _ := strings.Cut(p.Path, "/")
		if personal, known := p.Personal.Get(); known && personal {
			top = ""
		}
		g := groups[top]
		if g == nil {
			g = &Group{Path: top, Recommended: map[matrix.Method]int64{}}
			groups[top] = g
		}
		g.add(j, p, shares)
	}
	for _, g := range groups {
		g.Method = most(g.Recommended)
		a.Groups = append(a.Groups, *g)
	}
	slices.SortFunc(a.Groups, func(x, y Group) int {
		if (x.Path == "") != (y.Path == "") {
			return cmp.Compare(y.Path, x.Path)
		}
		return strings.Compare(x.Path, y.Path)
	})
	recommended := map[matrix.Method]int64{}
	for _, m := range matrix.Methods() {
		if s := shares[m]; s != nil {
			a.Methods = append(a.Methods, *s)
			recommended[m] = s.Recommended
		}
	}
	a.Method = most(recommended)
	a.Reason = instanceReason(j, a, recommended[a.Method])
	a.Actions = actions(j)
	a.Effort = effort(j, a)
	a.Calendar = calendar(j, a)
	a.Scoping = scoping(j, a, stated)
	a.Checklist = checklist(j, stated)
	a.Wave = wave(j, found)
	return a, nil
}

// add counts a project into its group and the methods.
func (g *Group) add(j *checks.Judgement, p *scan.Project, shares map[matrix.Method]*MethodShare) {
	g.Projects++
	advised := ForProject(j, p)
	for _, v := range advised.Verdicts {
		if s := shares[v.Method]; s != nil {
			s.States[v.State]++
		}
		if v.Method == advised.Method && v.State == checks.NotAssessed {
			g.Unsure++
		}
	}
	if advised.Method == "" {
		g.Blocked++
	} else {
		g.Recommended[advised.Method]++
		if s := shares[advised.Method]; s != nil {
			s.Recommended++
		}
	}
	var size int64
	whole := true
	for _, f := range []*scan.Fact[int64]{&p.RepositorySize, &p.LFSSize, &p.JobArtifactsSize, &p.PipelineArtifactsSize,
		&p.PackagesSize, &p.RegistrySize, &p.WikiSize, &p.SnippetsSize, &p.UploadsSize} {
		n, known := f.Get()
		size += n
		whole = whole && known
	}
	if whole {
		g.Storage.AddKnown(size)
	} else {
		g.Storage.AddPartial(size)
	}
}

// most is the method with the largest count, the first in report order among
// equals; "" if there is none.
func most(counts map[matrix.Method]int64) matrix.Method {
	best, n := matrix.Method(""), int64(0)
	for _, m := range matrix.Methods() {
		if counts[m] > n {
			best, n = m, counts[m]
		}
	}
	return best
}

// instanceReason says in one sentence why the method is recommended, and what
// must be cured first.
func instanceReason(j *checks.Judgement, a *Advice, n int64) string {
	var projects int64
	for _, g := range a.Groups {
		projects += g.Projects
	}
	if a.Method == "" {
		if projects == 0 {
			return "No project was seen: nothing can be recommended."
		}
		return "No method in play can be recommended: each is blocked for every project that was read."
	}
	s := fmt.Sprintf("%s is the best choice for %d of %d projects", a.Method.Title(), n, projects)
	i := slices.IndexFunc(j.Methods, func(v checks.MethodVerdict) bool { return v.ID == a.Method })
	v := j.Methods[i]
	switch v.State {
	case checks.Blocked:
		s += ", once what blocks it as a whole is cured"
	case checks.NotAssessed:
		s += ", as far as could be read: not every check for blockers could be decided"
	}
	if c := combination(j, a.Method); c != "" {
		s += ". Known to be combined: " + c
	}
	return s + "."
}

// combination names the combinations of the matrix that begin with a method.
func combination(j *checks.Judgement, m matrix.Method) string {
	var names []string
	for _, c := range j.Matrix.Combinations {
		if c.Base == m {
			names = append(names, c.Title)
		}
	}
	return strings.Join(names, "; ")
}

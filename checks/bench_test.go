package checks

import (
	"fmt"
	"testing"

	"readiness/checks/matrix"
	"readiness/scan"
)

// BenchmarkHundredThousandProjects judges 100,000 projects in 8,000 groups for
// all methods with the whole matrix, each project on its own as well. A tenth of
// them differ from one another in what they hold; every second has a CI/CD
// configuration that mentions one thing of each kind and needs other projects.
//
// It is to stay below 15 s on two cores:
//
//	go test ./checks -bench HundredThousand -benchtime 1x -run '^$'
func BenchmarkHundredThousandProjects(b *testing.B) {
	m, err := matrix.Load()
	if err != nil {
		b.Fatal(err)
	}
	w := fullWorld()
	for id := range int64(8_000) {
		g := *w.groups[0]
		g.ID, g.Path = id+10, fmt.Sprintf("group-%d/sub-%d", id%300+10, id+10)
		if id < 300 {
			g.Path = fmt.Sprintf("group-%d", id+10)
		} else {
			g.ParentID = id%300 + 10
		}
		w.groups = append(w.groups, &g)
	}
	kinds := w.projects
	for n := 0; len(w.projects) < 100_000; n++ {
		p := *kinds[n%len(kinds)]
		id := int64(n + 1000)
		p.ID, p.Path = id, fmt.Sprintf("group-%d/sub-%d/project-%d", id%300+10, id%8000, id)
		p.RepositorySize, p.Issues = scan.Known(id<<16), scan.Known(id%1200)
		if n%2 == 0 {
			p.CIMentions = scan.Listed(fullConfiguration(id))
		}
		w.projects = append(w.projects, &p)
	}
	target := DefaultTarget()
	target.Methods = matrix.Methods()
	for b.Loop() {
		j, err := Evaluate(w, m, target)
		if err != nil {
			b.Fatal(err)
		}
		for _, p := range w.projects {
			j.Project(p)
		}
	}
}

// fullConfiguration mentions one thing of each kind.
func fullConfiguration(id int64) (all []scan.CIMention) {
	for line, kind := range scan.CIKinds() {
		all = append(all, scan.CIMention{Kind: kind, File: ".gitlab-ci.yml", Line: line + 1, Own: line%2 == 0,
			Value: fmt.Sprintf("group-%d/sub-%d/project-%d", (id+7)%300+10, (id+7)%8000, id+7)})
	}
	return all
}

package checks

import (
	"strings"
	"testing"

	"readiness/scan"
)

func readPlan(t *testing.T, text string) *Plan {
	t.Helper()
	p, err := ReadPlan("plan.csv", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// plannedWorld has projects in two trees.
func plannedWorld() *world {
	w := soundWorld()
	group, project := *w.groups[0], *w.projects[0]
	w.groups, w.projects = nil, nil
	for i, path := range []string{"acme", "acme/old", "acme/old/kept", "other"} {
		g := group
		g.ID, g.Path = int64(i+1), path
		w.groups = append(w.groups, &g)
	}
	for i, path := range []string{"acme/a", "acme/old/b", "acme/old/kept/c", "other/d"} {
		p := project
		p.ID, p.Path, p.RepositorySize = int64(i+11), path, scan.Known[int64](relationLimit+1)
		w.projects = append(w.projects, &p)
	}
	return w
}

// TestPlan holds that a group's decision reaches down until it is overruled, and
// that what is left out is in no sum and no verdict, but told.
func TestPlan(t *testing.T) {
	plan := readPlan(t, "Path;Scope;Reason;Wave;Target path\nacme;in;;w1;new/acme\nacme/old;out;nobody uses it;;\nacme/old/kept;in;;w2;\n")
	j := judgedBy(t, plannedWorld(), Decisions{Plan: plan})
	if n, whole := j.Totals.Projects.Sum(); n != 3 || !whole {
		t.Errorf("%d projects are counted", n)
	}
	p := j.Planned
	if p.In.Projects != 2 || p.In.Groups != 2 || p.Undecided.Projects != 1 || p.Undecided.Groups != 1 || p.Out.Projects != 1 || p.Out.Groups != 1 {
		t.Errorf("%+v", p)
	}
	if len(p.Waves) != 3 || p.Waves[0].Wave != "" || p.Waves[1].Wave != "w1" || p.Waves[1].Projects != 1 || p.Waves[2].Projects != 1 {
		t.Errorf("%+v", p.Waves)
	}
	for _, f := range j.Findings {
		if f.Check != waived {
			continue
		}
		out := f.Path == "acme/old/b"
		if (f.Decision != nil) != out || out && (f.Decision.Ruling != RulingOut || !strings.Contains(f.Decision.Why, "nobody uses it")) {
			t.Errorf("%s: %+v", f.Path, f.Decision)
		}
	}
	if to := j.Target.Path("acme/old/kept/c"); to != "new/acme/old/kept/c" {
		t.Errorf("it goes to %s", to)
	}
	// With all of it left out nothing is counted, and no method is blocked by it.
	j = judgedBy(t, plannedWorld(), Decisions{Plan: readPlan(t, "Path,Scope\nacme,out\nother,migrated\n")})
	if n, whole := j.Totals.Projects.Sum(); n != 0 || !whole {
		t.Errorf("%d projects are counted", n)
	}
	if j.Blocked() {
		t.Error("what does not move blocks")
	}
}

// TestPlanFollowsIDs keeps decided what was renamed, and tells of rows that match
// nothing.
func TestPlanFollowsIDs(t *testing.T) {
	plan := readPlan(t, "Level,Id,Path,Scope,Target path\nproject,11,acme/old-name,out,\ngroup,4,renamed,out,x\nproject,,acme/missing,out,\n")
	j := judgedBy(t, plannedWorld(), Decisions{Plan: plan})
	if j.Planned.Out.Projects != 2 || j.Planned.Out.Groups != 1 {
		t.Errorf("%+v", j.Planned)
	}
	if to := j.Target.Path("other/d"); to != "x/d" {
		t.Errorf("it goes to %s", to)
	}
	n := 0
	for _, f := range j.Findings {
		if f.Check == "plan-without-effect" {
			n++
			if f.Evidence != "acme/missing" {
				t.Errorf("%+v", f)
			}
		}
	}
	if n != 1 {
		t.Errorf("%d rows are said to match nothing", n)
	}
}

func TestPlansThatAreRefused(t *testing.T) {
	for text, want := range map[string]string{
		"":                              "it is empty",
		"Name,Scope\na,in\n":            "no column names what a row is about",
		"Path,Notes\na,b\n":             "no column decides anything",
		"Path,Scope\na,maybe\n":         `plan.csv:2: unknown scope "maybe"`,
		"Path,Scope\na b,in\n":          "plan.csv:2: \"a b\" is no path",
		"Path,Scope\na,in\na,out\n":     "plan.csv:3: a stands on line 2 already",
		"Id,Scope\nx,in\n":              "is no id",
		"Path,Scope\n,in\n":             "neither a path nor an id",
		"Path,Level,Scope\na,user,in\n": "the level is group or project",
		"Path,Target path\na,../up\n":   "the target path",
		"Path,Scope\n\"a,in\n":          "plan.csv: line",
		"Path,Scope\na,in,more\n":       "wrong number of fields",
	} {
		if _, err := ReadPlan("plan.csv", []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func FuzzReadPlan(f *testing.F) {
	f.Add([]byte("Path;Scope;Reason;Wave;Target path\nacme;in;;w1;new/acme\n"))
	f.Add([]byte("\ufeffId,Level,Scope\n1,group,out\n# note\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := ReadPlan("p", data)
		if (p == nil) == (err == nil) {
			t.Fatal(p, err)
		}
	})
}

// What the plan leaves out is no partner that moves, and tells nothing of itself.
func TestDependenciesByPlan(t *testing.T) {
	w := soundWorld()
	w.projects[0].CIMentions = scan.Listed([]scan.CIMention{{Kind: scan.CITrigger, File: ".gitlab-ci.yml", Line: 3, Value: "group-1/project-2", Own: true}})
	w.projects[1].CIMentions = scan.Listed([]scan.CIMention{{Kind: scan.CITrigger, File: ".gitlab-ci.yml", Line: 4, Value: "group-1/project-1", Own: true}})
	judged := func(plan string) *Judgement {
		j, err := EvaluateBy(w, smallMatrix(), DefaultTarget(), nil, Decisions{Plan: readPlan(t, plan)})
		if err != nil {
			t.Fatal(err)
		}
		return j
	}
	broken := func(j *Judgement) bool { return len(of(j, "scope-cross-wave-dependencies")) > 0 }
	if j := judged("Path;Scope;Wave\ngroup-1;in;1\n"); broken(j) || len(j.Needed(w.projects[0])) != 1 || j.Needed(w.projects[0])[0].Apart {
		t.Errorf("in one wave: %+v", of(j, "scope-cross-wave-dependencies"))
	}
	if j := judged("Path;Scope;Wave\ngroup-1;in;1\ngroup-1/project-2;;2\n"); !broken(j) || !j.Needed(w.projects[0])[0].Apart {
		t.Error("in two waves, and nothing is apart")
	}
	j := judged("Path;Scope;Wave\ngroup-1;in;1\ngroup-1/project-2;out;\n")
	if n := j.Needed(w.projects[0]); !broken(j) || n[0].Inside || !n[0].Apart {
		t.Errorf("the partner stays: %+v", n)
	}
	if len(j.Needed(w.projects[1]))+len(j.Mentioned(w.projects[1])) > 0 {
		t.Error("what stays is told of")
	}
}

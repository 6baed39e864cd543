package advice

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"readiness/checks"
)

// State is how far a question or a task is settled, and by what.
type State string

// The states.
const (
	Measured   State = "measured" // by what was read
	Told       State = "stated"   // by a person
	Partly     State = "partly"   // by what was read, for a part
	NotInOrder State = "not in order"
	Unread     State = "unknown" // what would tell could not be read
	Open       State = "open"
)

// Side is who does a task.
type Side string

// The sides of a migration.
const (
	Customer Side = "customer"
	Executor Side = "executor" // whoever runs the migration
	Both     Side = "both"
)

// Phases lists the phases of the checklist, in their order.
func Phases() []string {
	return []string{"access", "communication", "users", "preparation", "waves", "after", "considerations"}
}

// Task is one point of the checklist.
type Task struct {
	ID      string   `json:"id" yaml:"id"`
	Phase   string   `json:"phase" yaml:"phase"`
	Item    string   `json:"item" yaml:"item"`
	Party   Side     `json:"party" yaml:"party"`
	Checks  []string `json:"checks" yaml:"checks"` // those that tell whether it is done
	Person  bool     `json:"person" yaml:"person"` // whether a person has to say so all the same
	Sources []string `json:"sources" yaml:"sources"`

	State    State  `json:"state" yaml:"-"`
	Evidence string `json:"evidence" yaml:"-"`
	By       string `json:"by,omitempty" yaml:"-"`
	Date     string `json:"date,omitempty" yaml:"-"`
}

//go:embed checklist.yaml
var checklistYAML []byte

// tasks are the points of the checklist as the data has them.
var tasks = load[Task]("checklist.yaml", checklistYAML)

// load reads data that is part of the program; it cannot be wrong.
func load[T any](name string, data []byte) []T {
	var all []T
	if err := yaml.UnmarshalWithOptions(data, &all, yaml.Strict()); err != nil {
		panic(fmt.Sprintf("advice: %s: %v", name, err))
	}
	return all
}

// checklist answers every task from the verdicts of its checks and from what a
// person stated. What somebody stated stands beside what was measured; it does
// not hide a finding.
func checklist(j *checks.Judgement, stated Answers) []Task {
	judged := verdictsByCheck(j)
	all := slices.Clone(tasks)
	for i := range all {
		t := &all[i]
		var broken, unread, fine []string
		for _, id := range t.Checks {
			switch v := judged[id]; v {
			case checks.Violated:
				broken = append(broken, id)
			case checks.Unknown:
				unread = append(unread, id)
			case checks.OK:
				fine = append(fine, id)
			}
		}
		s, said := stated[t.ID]
		t.By, t.Date = s.By, s.Date
		switch {
		case len(broken) > 0:
			t.State, t.Evidence = NotInOrder, "found: "+strings.Join(broken, ", ")
		case len(unread) > 0:
			t.State, t.Evidence = Unread, "could not be decided: "+strings.Join(unread, ", ")
		case said:
			t.State = Told
		case len(fine) > 0 && t.Person:
			t.State, t.Evidence = Partly, "nothing found by "+strings.Join(fine, ", ")
		case len(fine) > 0:
			t.State, t.Evidence = Measured, "nothing found by "+strings.Join(fine, ", ")
		default:
			t.State = Open
		}
		if said {
			t.Evidence = strings.TrimPrefix(t.Evidence+"; stated: "+s.Answer, "; ")
		}
	}
	return all
}

// verdictsByCheck is the gravest verdict of each check that judges the target;
// those that ask only, that do not apply or that are switched off are not in it.
func verdictsByCheck(j *checks.Judgement) map[string]checks.Verdict {
	all := map[string]checks.Verdict{}
	for _, k := range j.Profile.Checks(checks.All()) {
		if k.Judges() && k.Applies(j.Target) {
			all[k.ID] = checks.OK
		}
	}
	for _, f := range j.Findings {
		if v, judges := all[f.Check]; judges && f.Decision == nil && (f.Verdict == checks.Violated || f.Verdict == checks.Unknown && v == checks.OK) {
			all[f.Check] = f.Verdict
		}
	}
	return all
}

package advice

import (
	"fmt"
	"slices"

	"readiness/checks"
	"readiness/checks/matrix"
	"readiness/scan"
)

// Effort is the manual work that was found, by kind. Nobody publishes what it
// costs: there are hours only where the profile states them.
type Effort struct {
	Quantities []Quantity `json:"quantities"`
	Parties    []Hours    `json:"hours"` // sums by party; empty without a profile
	// Open names what could not be counted, or has no hours: the sums leave it out
	// of the low end and cannot bound the high end by it.
	Open []string `json:"open"`
	// Assumptions says whose figures the hours are.
	Assumptions string `json:"assumptions"`
}

// Quantity is how much work of one kind there is.
type Quantity struct {
	Kind  checks.ActionKind `json:"kind"`
	Steps int               `json:"steps"` // different things to do
	Times scan.Total        `json:"times"` // how often in all
}

// step is one thing to do, however often.
type step struct {
	of, title string
	kind      checks.ActionKind
	times     scan.Total
}

// steps are the work that follows from what was found and from what the
// recommended method leaves behind. A loss that a broken check is about already
// is not counted twice.
func steps(j *checks.Judgement, a *Advice) []step {
	var all []step
	at := map[string]int{}
	for _, action := range a.Actions {
		if action.Verdict != checks.Violated {
			continue
		}
		i, known := at[action.Check]
		if !known {
			i = len(all)
			at[action.Check] = i
			all = append(all, step{of: action.Check, title: action.Title, kind: action.Kind})
		}
		all[i].times.AddKnown(action.Count)
	}
	judged := map[scan.FactID]bool{}
	for _, k := range checks.All() {
		if _, broken := at[k.ID]; broken {
			for _, f := range k.Needs {
				judged[f] = true
			}
		}
	}
	for _, l := range j.Losses {
		if l.Method != a.Method || l.Answer.Status != matrix.NotCarried && l.Answer.Status != matrix.Partial {
			continue
		}
		if l.Use != checks.InUse && l.Use != checks.UseUnknown || judged[l.Item.Use.Fact] || judged[l.Item.Use.Within] {
			continue
		}
		s := step{of: l.Item.ID, title: l.Item.Title, kind: kindOf(l.Item.Level), times: l.Subjects}
		if s.kind == checks.Once {
			s.times = scan.Total{}
			if l.Use == checks.InUse {
				s.times.AddKnown(1)
			} else {
				s.times.AddUnread(1)
			}
		}
		all = append(all, s)
	}
	return all
}

func effort(j *checks.Judgement, a *Advice) Effort {
	e := Effort{Quantities: []Quantity{}, Parties: []Hours{}, Open: []string{}}
	if j.Profile != nil {
		e.Assumptions = j.Profile.Assumptions
	}
	stated := j.Profile != nil && len(j.Profile.Efforts) > 0
	sums := map[checks.Party]*Hours{}
	by := map[checks.ActionKind]*Quantity{}
	for _, s := range steps(j, a) {
		q := by[s.kind]
		if q == nil {
			q = &Quantity{Kind: s.kind}
			by[s.kind] = q
		}
		q.Steps++
		n, complete := s.times.Sum()
		q.Times.AddKnown(n)
		if !complete {
			q.Times.AddUnread(s.times.Unread())
			e.Open = append(e.Open, fmt.Sprintf("%s: %d could not be read", s.title, s.times.Unread()))
		}
		if !stated {
			continue
		}
		cost := hours(j.Profile, s.kind, s.of, n, n+s.times.Unread())
		if len(cost) == 0 {
			e.Open = append(e.Open, s.title+": the profile states no hours for it")
		}
		for _, h := range cost {
			sum := sums[h.Party]
			if sum == nil {
				sum = &Hours{Party: h.Party}
				sums[h.Party] = sum
			}
			sum.Low += h.Low
			sum.High += h.High
		}
	}
	for _, kind := range checks.ActionKinds() {
		if q := by[kind]; q != nil {
			e.Quantities = append(e.Quantities, *q)
		}
	}
	for _, party := range checks.Parties() {
		if h := sums[party]; h != nil {
			e.Parties = append(e.Parties, *h)
		}
	}
	slices.Sort(e.Open)
	e.Open = slices.Compact(e.Open)
	return e
}

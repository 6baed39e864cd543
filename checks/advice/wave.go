package advice

import (
	"fmt"
	"slices"
	"strings"

	"readiness/checks"
	"readiness/checks/matrix"
	"readiness/scan"
)

// Wave is the answer of the evening before a wave: whether the projects that were
// listed can move.
type Wave struct {
	Go bool `json:"go"`
	// Methods are those in play that nothing was found against.
	Methods []matrix.Method `json:"methods"`
	// Missing are the names of the list under which no project was read.
	Missing []string `json:"missing"`
	Reasons []string `json:"reasons"` // why not, or what it rests on; sentences
}

// wave answers for a scan of listed projects; nil for any other. found are the
// names and ids under which projects were read.
func wave(j *checks.Judgement, found map[string]bool) *Wave {
	listed := j.Meta.Scope.Projects
	if len(listed) == 0 {
		return nil
	}
	w := &Wave{Methods: []matrix.Method{}, Missing: []string{}, Reasons: []string{}}
	for _, name := range listed {
		if !found[name] {
			w.Missing = append(w.Missing, name)
		}
	}
	if n := len(w.Missing); n > 0 {
		some := strings.Join(w.Missing[:min(n, 3)], ", ")
		if n > 3 {
			some += " …"
		}
		w.Reasons = append(w.Reasons, fmt.Sprintf("%d of %d listed projects are not there, hidden, or called otherwise by now: %s.", n, len(listed), some))
	}
	if j.Meta.Finished.IsZero() {
		w.Reasons = append(w.Reasons, "The scan did not end.")
	}
	var against []string
	for _, m := range j.Methods {
		switch {
		case !m.InPlay || m.State == checks.Impossible:
		case m.State == checks.Losses || m.State == checks.NoKnownLoss:
			w.Methods = append(w.Methods, m.ID)
		default:
			against = append(against, m.Title+": "+m.Reason)
		}
	}
	w.Go = len(w.Reasons) == 0 && len(w.Methods) > 0
	if len(w.Methods) == 0 {
		if len(against) == 0 {
			against = []string{"None of the methods in play can reach the destination."}
		}
		w.Reasons = append(w.Reasons, against...)
	}
	return w
}

// names notes under which names a list may have a project.
func names(found map[string]bool, listed []string, p *scan.Project) {
	for _, name := range []string{p.Path, fmt.Sprint(p.ID)} {
		if _, is := slices.BinarySearch(listed, name); is {
			found[name] = true
		}
	}
}

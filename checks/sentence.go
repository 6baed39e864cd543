package checks

import (
	"fmt"
	"strings"
)

// Blocked reports whether a blocker was found for a method in play that can
// reach the target.
func (j *Judgement) Blocked() bool {
	for _, f := range j.Findings {
		if f.Verdict == Violated && f.Severity == Blocker && f.Decision == nil {
			return true
		}
	}
	return false
}

// Sentence is the verdict in one sentence, only as sure as the coverage. It
// speaks of the methods in play and promises nothing.
func (j *Judgement) Sentence() string {
	titles := map[MethodState][]string{}
	reachable := 0
	for _, m := range j.Methods {
		if !m.InPlay {
			continue
		}
		if m.State != Impossible {
			reachable++
		}
		titles[m.State] = append(titles[m.State], m.Title)
	}
	if reachable == 0 {
		return fmt.Sprintf("None of the methods in play is possible for %s.", j.Target.Destination.Title())
	}
	var parts []string
	if t := titles[Blocked]; len(t) > 0 {
		parts = append(parts, fmt.Sprintf("%s %s blocked", list(t), isAre(len(t))))
	}
	if t := titles[NotAssessed]; len(t) > 0 {
		parts = append(parts, fmt.Sprintf("%s could not be assessed: no blocker was found, but not every check for blockers could be decided", list(t)))
	}
	if t := titles[Losses]; len(t) > 0 {
		parts = append(parts, fmt.Sprintf("no blocker was found for %s, with losses known or possible", list(t)))
	}
	if t := titles[NoKnownLoss]; len(t) > 0 {
		parts = append(parts, "no blocker and no known loss for "+list(t))
	}
	if t := titles[Impossible]; len(t) > 0 {
		parts = append(parts, fmt.Sprintf("%s %s ruled out for %s", list(t), isAre(len(t)), j.Target.Destination.Title()))
	}
	if j.Profile != nil && len(j.Profile.Off) > 0 {
		parts = append(parts, plural(int64(len(j.Profile.Off)), "check is", "checks are")+" switched off by the profile")
	}
	return j.Coverage.sureness() + ": " + strings.Join(parts, "; ") + "."
}

// sureness says how far a verdict can be relied on.
func (c Coverage) sureness() string {
	switch {
	case c.Complete && c.NotAsked > 0:
		return "In what was read (all that was asked for, not all there is to ask)"
	case c.Complete:
		return "In what was read"
	case c.Read == 0:
		return "In what could be read (nothing was)"
	case c.Read == c.Facts:
		return "In what could be read (a list was not read to its end)"
	}
	return fmt.Sprintf("In what could be read (%.1f %% of facts)", c.Percent())
}

func isAre(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

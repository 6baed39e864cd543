package advice

import (
	"cmp"
	"slices"
	"strings"

	"readiness/checks"
	"readiness/checks/matrix"
	"readiness/scan"
)

// Action is what one check asks people to do in one top-level group.
type Action struct {
	Check    string            `json:"check"`
	Title    string            `json:"title"`
	Group    string            `json:"group"` // top-level group; "": the instance, or a personal namespace
	Severity checks.Severity   `json:"severity"`
	Verdict  checks.Verdict    `json:"verdict"` // violated, or unknown: then the action is to let it be read
	Kind     checks.ActionKind `json:"kind"`
	Count    int64             `json:"count"` // things to do it for: projects, groups, users; 1 for the instance
	Level    scan.Level        `json:"level"`
	Examples []string          `json:"examples"` // up to three of their paths
	Methods  []matrix.Method   `json:"methods"`
	Remedy   string            `json:"remedy"`
	Hours    []Hours           `json:"hours"` // by party, those that the profile states
	// Fingerprint names the action across scans.
	Fingerprint string `json:"fingerprint"`
}

// Hours are what work costs one party, low to high.
type Hours struct {
	Party checks.Party `json:"party"`
	Low   float64      `json:"low"`
	High  float64      `json:"high"`
}

// kindOf is how often work on subjects of a level comes up.
func kindOf(l scan.Level) checks.ActionKind {
	switch l {
	case scan.LevelGroup:
		return checks.PerGroup
	case scan.LevelProject:
		return checks.PerProject
	case scan.LevelUser:
		return checks.PerUser
	}
	return checks.Once
}

// TopGroup is the top-level group whose project or subgroup was found; "" if the
// finding is about neither, or could not be decided.
func TopGroup(f checks.Finding) string {
	if f.Verdict != checks.Violated || f.Level != scan.LevelProject && f.Level != scan.LevelGroup {
		return ""
	}
	top, _, _ := strings.Cut(f.Path, "/")
	return top
}

// actions puts findings together by check and top-level group, gravest first.
func actions(j *checks.Judgement) []Action {
	type key struct {
		check, group string
		verdict      checks.Verdict
	}
	at := map[key]int{}
	all := []Action{}
	for _, f := range j.Findings {
		if f.Verdict != checks.Violated && f.Verdict != checks.Unknown || f.Decision != nil {
			continue
		}
		group := TopGroup(f)
		k := key{f.Check, group, f.Verdict}
		i, known := at[k]
		if !known {
			i = len(all)
			at[k] = i
			a := Action{Check: f.Check, Title: f.Title, Group: group, Severity: f.Severity, Verdict: f.Verdict, Kind: kindOf(f.Level), Level: f.Level,
				Methods: f.Methods, Remedy: f.Remedy, Examples: []string{}, Hours: []Hours{}, Fingerprint: f.Check + ":" + group}
			if f.Verdict == checks.Unknown {
				a.Fingerprint += ":unknown"
				if f.Gap != nil && f.Gap.Cure != "" {
					a.Remedy = "Let it be read: " + f.Gap.Cure + "."
				}
			}
			all = append(all, a)
		}
		a := &all[i]
		if f.Verdict == checks.Unknown {
			a.Count += f.Count
			a.Examples = append(a.Examples, f.Examples[:min(len(f.Examples), 3)]...)
		} else {
			a.Count++
			if f.Path != "" {
				a.Examples = append(a.Examples, f.Path)
			}
		}
		a.Examples = a.Examples[:min(len(a.Examples), 3)]
	}
	for i := range all {
		a := &all[i]
		if a.Verdict == checks.Violated {
			a.Hours = hours(j.Profile, a.Kind, a.Check, a.Count, a.Count)
		}
	}
	severity := func(s checks.Severity) int { return slices.Index(checks.Severities(), s) }
	slices.SortStableFunc(all, func(x, y Action) int {
		return cmp.Or(cmp.Compare(severity(x.Severity), severity(y.Severity)), cmp.Compare(x.Verdict, y.Verdict)*-1,
			strings.Compare(x.Check, y.Check), strings.Compare(x.Group, y.Group))
	})
	return all
}

// hours is what so many pieces of work cost each party for whom the profile
// states it. Where the profile names the work as scripted, the script counts once.
func hours(p *checks.Profile, kind checks.ActionKind, of string, least, most int64) []Hours {
	all := []Hours{}
	for _, party := range checks.Parties() {
		if e, ok := p.Effort(checks.Scripted, party, of); ok && slices.Contains(e.Of, of) {
			all = append(all, Hours{party, e.Low, e.High})
			continue
		}
		if e, ok := p.Effort(kind, party, of); ok {
			all = append(all, Hours{party, e.Low * float64(least), e.High * float64(most)})
		}
	}
	return all
}

// OfLoss is what it costs to see to what a method leaves behind of an item, for
// each party whose hours the profile states; nil: nothing is to be done, or nobody
// states what it costs.
func OfLoss(p *checks.Profile, l checks.Loss) []Hours {
	if p == nil || l.Answer.Status != matrix.NotCarried && l.Answer.Status != matrix.Partial {
		return nil
	}
	kind := kindOf(l.Item.Level)
	least, unread := int64(1), int64(0)
	if kind != checks.Once {
		least, _ = l.Subjects.Sum()
		unread = l.Subjects.Unread()
	} else if l.Use == checks.UseUnknown {
		least, unread = 0, 1
	}
	return hours(p, kind, l.Item.ID, least, least+unread)
}

// Work is what was found of one project, and what it costs to see to it.
type Work struct {
	Findings int64
	Hours    []Hours // by party, those that the profile states; nil: none
}

// ByProject is the work on every project of which something was found, by its
// id. What the recommended method leaves behind comes on top.
func ByProject(j *checks.Judgement) map[int64]Work {
	all := map[int64]Work{}
	for _, f := range j.Findings {
		if f.Verdict != checks.Violated || f.Decision != nil || f.Level != scan.LevelProject || f.ID == 0 {
			continue
		}
		w := all[f.ID]
		w.Findings++
		for _, h := range hours(j.Profile, checks.PerProject, f.Check, 1, 1) {
			if i := slices.IndexFunc(w.Hours, func(o Hours) bool { return o.Party == h.Party }); i >= 0 {
				w.Hours[i].Low += h.Low
				w.Hours[i].High += h.High
			} else {
				w.Hours = append(w.Hours, h)
			}
		}
		all[f.ID] = w
	}
	return all
}

package checks

import (
	"fmt"
	"slices"
	"strings"

	"readiness/checks/matrix"
)

// verdicts says of all six methods what they mean for the source and the target.
// The counts of items hold for a method by itself, even where it is impossible.
func verdicts(t Target, items []ItemUse, a answers, ran []*running) []MethodVerdict {
	var out []MethodVerdict
	for k, m := range matrix.Methods() {
		v := MethodVerdict{ID: m, Title: m.Title(), InPlay: slices.Contains(t.Methods, m), Blockers: []string{}, UnknownGate: []string{}}
		doubtful := 0 // items that the method would leave behind, if they are in use
		unseen := 0   // items that it would leave behind and that have no reader
		for i, item := range items {
			status := a.items[i][k].Status
			switch {
			case status == matrix.NotApplicable:
			case item.Use == NoReader:
				v.NotReadable++
				unseen += int(one(isLoss(status)))
			case item.Use == AskPerson:
				v.Questions += int(one(isLoss(status)))
			case item.Use == UseUnknown:
				v.UseUnknown++
				doubtful += int(one(isLoss(status)))
			case item.Use == InUse:
				lost := status == matrix.NotCarried || status == matrix.Partial
				v.HighLosses += int(one(lost && item.Item.Impact == matrix.HighImpact))
				switch status {
				case matrix.Carried:
					v.Carried++
				case matrix.Partial:
					v.Partial++
				case matrix.NotCarried:
					v.NotCarried++
				default:
					v.Unverified++
				}
			}
		}
		var blockers []string // titles
		for _, run := range ran {
			for _, asked := range run.asked {
				v.Questions += int(one(asked == m))
			}
			if run.Severity != Blocker {
				continue
			}
			switch {
			case slices.Contains(run.violated, m):
				v.Blockers = append(v.Blockers, run.ID)
				blockers = append(blockers, run.Title)
			case slices.Contains(run.unsure, m):
				v.UnknownGate = append(v.UnknownGate, run.ID)
			}
		}
		lost := v.NotCarried + v.Partial + v.Unverified
		switch why := impossible(m, t); {
		case why != "":
			v.State, v.Reason = Impossible, why
		case len(blockers) > 0:
			v.State = Blocked
			v.Reason = "Blocked until remedied: " + strings.Join(blockers, "; ") + "."
		case len(v.UnknownGate) > 0:
			v.State = NotAssessed
			v.Reason = fmt.Sprintf("No blocker was found in what was read, but %s could not be decided: %s.",
				plural(int64(len(v.UnknownGate)), "check for blockers", "checks for blockers"), strings.Join(v.UnknownGate, ", "))
		case lost+doubtful > 0:
			v.State, v.Reason = Losses, lossReason(v, doubtful)+noReaderReason(unseen)
		default:
			v.State, v.Reason = NoKnownLoss, "No blocker and no known loss in what was read."+noReaderReason(unseen)
		}
		out = append(out, v)
	}
	return out
}

func lossReason(v MethodVerdict, doubtful int) string {
	var parts []string
	for _, p := range []struct {
		n    int
		what string
	}{{v.NotCarried, "not carried"}, {v.Partial, "only partly carried"}, {v.Unverified, "unverified"}} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", p.n, p.what))
		}
	}
	s := "No loss is known in what was read"
	if len(parts) > 0 {
		s = "Of the items in use " + list(parts)
	}
	if doubtful > 0 {
		s += fmt.Sprintf("; whether %s that it may leave behind %s in use could not be read",
			plural(int64(doubtful), "more item", "more items"), map[bool]string{true: "is", false: "are"}[doubtful == 1])
	}
	return s + "."
}

// noReaderReason says how much the verdict on losses leaves out.
func noReaderReason(unseen int) string {
	if unseen == 0 {
		return ""
	}
	return fmt.Sprintf(" It may leave behind %s that this version has no reader for.", plural(int64(unseen), "item", "items"))
}

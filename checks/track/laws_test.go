package track

import (
	"testing"

	"pgregory.net/rapid"

	"readiness/scan"
)

// TestForgettingResolvesNothing is the law that this package keeps: whatever the
// later scan could not read, nothing is resolved or gone by it that is not so by
// what is true, and nothing is new.
func TestForgettingResolvesNothing(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var before, after []*scan.Project
		for id := range rapid.Int64Range(1, 4).Draw(rt, "projects") {
			size := func(what string) int64 {
				return rapid.SampledFrom([]int64{1 << 20, 6 << 30, 30 << 30}).Draw(rt, what)
			}
			was := sized(id+1, "acme/p", size("before"))
			was.Pipelines = scan.Known(rapid.SampledFrom([]int64{0, 9000}).Draw(rt, "pipelines before"))
			before = append(before, was)
			if rapid.IntRange(0, 5).Draw(rt, "deleted") == 0 {
				continue
			}
			is := sized(id+1, "acme/p", size("after"))
			is.Pipelines = scan.Known(rapid.SampledFrom([]int64{0, 9000}).Draw(rt, "pipelines after"))
			after = append(after, is)
		}
		then := judged(t, scanOn(1, before...))
		truth := Compare(then, judged(t, scanOn(2, after...)))

		// The same scan, having read less.
		gap := scan.Gap{Reason: scan.ReasonForbidden, Status: 403, Endpoint: scan.ReadProjects}
		ids := []scan.FactID{"project.repository-size", "project.pipelines", "project.wiki-size", "project.archived-state"}
		for _, p := range after {
			for _, id := range ids {
				if rapid.Bool().Draw(rt, "forget "+string(id)) {
					scan.Forget(p, id, gap)
				}
			}
		}
		less := scanOn(2, after...)
		if rapid.Bool().Draw(rt, "list cut") {
			less.meta.Walks[1].Gap = &gap
			less.projects = less.projects[:rapid.IntRange(0, len(less.projects)).Draw(rt, "listed")]
		}
		for _, seen := range Compare(then, judged(t, less)).Threads() {
			if seen.Finding.Check == "scope-partial-visibility" {
				continue // it is about what the scan could see
			}
			is := truth.Of(seen.Finding.Fingerprint)
			switch seen.State {
			case Resolved, Gone:
				if is == nil || is.State != Resolved && is.State != Gone {
					rt.Fatalf("%s is %s by what was read, and %v in truth", seen.Finding.Fingerprint, seen.State, is)
				}
			case New, Regressed:
				if is == nil || is.State != seen.State {
					rt.Fatalf("%s is %s by what was read, and %v in truth", seen.Finding.Fingerprint, seen.State, is)
				}
			}
		}
	})
}

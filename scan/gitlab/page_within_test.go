package gitlab

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"readiness/scan"
	"readiness/scan/gitlabsim"
)

// A project on which the source fails in every list costs what only a list tells of
// it, or itself where no list holds it at all, and nothing else; which one is said.
func TestPassOver(t *testing.T) {
	t.Parallel()
	cfg := gitlabsim.Config{Projects: 220, Seed: 5}
	world, err := gitlabsim.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ids := slices.Sorted(world.ProjectIDs())
	last := len(ids) - 1
	top, _, _ := strings.Cut(world.ProjectTruth(ids[120]).Path, "/")
	for name, c := range map[string]struct {
		poisoned []int64
		group    string
		full     bool // the plain form of a list holds them
		lost     int  // at most, if the walk ends there
	}{
		"in the middle":           {poisoned: ids[120:121]},
		"in a group":              {poisoned: ids[120:121], group: top},
		"in a full list":          {poisoned: ids[120:121], full: true},
		"in a full list, a group": {poisoned: ids[120:121], group: top, full: true},
		"the first and the last":  {poisoned: []int64{ids[0], ids[last]}},
		"two beside each other":   {poisoned: ids[119:121]},
		"in every page":           {poisoned: []int64{ids[3], ids[99], ids[100], ids[150], ids[201], ids[210]}},
		"more than are passed":    {poisoned: ids[50:54], lost: len(ids) - 50},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var plan []string
			for _, id := range c.poisoned {
				plan = append(plan, fmt.Sprintf("poison project=%d", id))
				if c.full {
					plan[len(plan)-1] += " form=full"
				}
			}
			f := scanWorld(t, cfg, strings.Join(plan, ";"), func(o *Options) {
				o.Depth = scan.Quick
				if name == "in the middle" || name == "in a full list" {
					o.Depth = scan.Standard
				}
				if c.group != "" {
					o.Groups = []string{c.group}
				}
			})
			if f.err != nil {
				t.Fatal(f.err)
			}
			compareAll(t, world, subjectsOf(t, f.snapshot)).report(t)
			there := map[int64]scan.Subject{}
			for _, s := range subjectsOf(t, f.snapshot) {
				if s.Level() == scan.LevelProject {
					there[s.Key()] = s
				}
			}
			missing := 0
			for _, id := range ids {
				inScope := c.group == "" || strings.HasPrefix(world.ProjectTruth(id).Path, c.group+"/")
				p, listed := there[id]
				switch poisoned := slices.Contains(c.poisoned, id); {
				case !inScope:
				case !listed && (!poisoned || c.full):
					missing++
				case poisoned && listed:
					mustGap(t, p, "project.repository-size", scan.ReasonFailed)
					mustGap(t, p, "project.shared-with-groups", scan.ReasonFailed)
					if !c.full {
						t.Errorf("project %d is listed", id)
					}
				}
			}
			if missing > c.lost {
				t.Errorf("%d other projects are not listed", missing)
			}
			for _, w := range f.snapshot.Meta().Walks {
				whole := w.Level != scan.LevelProject || c.full
				if !w.Done || (w.Gap == nil) != whole || !whole && w.Gap.Reason != scan.ReasonFailed {
					t.Errorf("the walk over %ss: %+v", w.Level, w.Gap)
				}
				var lost []string
				for _, id := range c.poisoned {
					if lost = append(lost, fmt.Sprint(id)); c.group != "" {
						lost[len(lost)-1] = "0"
					}
				}
				if named := lostWords(lost) + ":"; !whole && c.lost == 0 && !strings.Contains(w.Gap.Cure, named) {
					t.Errorf("%q does not say %q", w.Gap.Cure, named)
				}
			}
			t.Logf("%d requests, %d failed", f.server.Stats().Requests, f.server.Injected()["poison"])
		})
	}
}

// A list that fails wherever it is looked at is given up before long.
func TestBrokenListIsGivenUp(t *testing.T) {
	t.Parallel()
	for level, plan := range map[scan.Level]string{scan.LevelProject: "500 route=/projects", scan.LevelGroup: "500 route=/groups", scan.LevelUser: "500 route=/users"} {
		f := scanWorld(t, gitlabsim.Config{Projects: 220, Seed: 5}, plan, func(o *Options) { o.Depth = scan.Quick })
		if f.err != nil {
			t.Fatal(f.err)
		}
		for _, w := range f.snapshot.Meta().Walks {
			if given := w.Level == level; given != (w.Gap != nil) || given && (!w.Done || w.Gap.Reason != scan.ReasonFailed || w.Listed != 0) {
				t.Errorf("%s: the walk over %ss: %+v", plan, w.Level, w)
			}
		}
		if n := f.server.Injected()["500"]; n > 60 {
			t.Errorf("%s: %d requests failed", plan, n)
		}
	}
}

func TestPlaceInAPage(t *testing.T) {
	for _, cursor := range []string{"", "id_after=7", "page=3", "cursor=abc", "id_after=7&size=20", "done=40&id_after=7&size=20", "done=41&lost=0%2C0&missed=1&page=3&size=1", "id_after=7&lost=6%2C9"} {
		p, err := readPlace(cursor)
		if err != nil || p.cursor() != cursor {
			t.Errorf("%q is read as %q, %v", cursor, p.cursor(), err)
		}
	}
	for _, cursor := range []string{"size=7", "size=x", "size=20&done=5", "size=1&done=100", "size=1&done=-1", "done=5"} {
		if _, err := readPlace(cursor); err == nil {
			t.Errorf("%q is read", cursor)
		}
	}
}

func TestLostWords(t *testing.T) {
	many := strings.Split(strings.Repeat("8,", mostNamed)+"9", ",")
	for want, lost := range map[string][]string{
		"the source itself fails on one entry":                                                  {"0"},
		"the source itself fails on one entry (id 7)":                                           {"7"},
		"the source itself fails on 3 entries (ids 7, 9)":                                       {"7", "0", "9"},
		"the source itself fails on 2 entries":                                                  {"0", "0"},
		"the source itself fails on 51 entries (ids " + strings.Repeat("8, ", mostNamed) + "…)": many,
	} {
		if got := lostWords(lost); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

package checks

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"readiness/checks/matrix"
	"readiness/scan"
)

// everyTarget lists targets that differ in all that checks look at.
func everyTarget() (all []Target) {
	for _, d := range Destinations() {
		for _, gap := range []bool{false, true} {
			t := DefaultTarget()
			t.Version = scan.MustVersion("19.5.0")
			t.Destination, t.AirGapped, t.Methods = d, gap, DefaultMethods(gap)
			all = append(all, t)
		}
	}
	return all
}

// TestNothingReadIsUnknown is the second law, first half.
func TestNothingReadIsUnknown(t *testing.T) {
	for name, w := range map[string]*world{"nothing listed": emptyWorld().forgetAll(), "listed only": soundWorld().forgetAll()} {
		for _, target := range everyTarget() {
			j := evaluated(t, w, target)
			for _, k := range All() {
				if len(intersect(k.applicable(target), target.Methods)) == 0 {
					continue
				}
				if v := verdictOf(j, k); v != Unknown && v != Question {
					t.Errorf("%s, %s: %s says %s", name, target.Destination, k.ID, v)
				}
			}
			if j.Coverage.Complete || j.Blocked() {
				t.Errorf("%s: complete %v, blocked %v", name, j.Coverage.Complete, j.Blocked())
			}
			for _, m := range j.Methods {
				if m.State != Impossible && m.State != NotAssessed {
					t.Errorf("%s, %s: %s is %s", name, target.Destination, m.ID, m.State)
				}
			}
			for id, total := range j.Totals.Facts {
				if !total.Unknown() {
					t.Errorf("%s: the total of %s is known", name, id)
				}
			}
		}
	}
	totals := evaluated(t, emptyWorld().forgetAll(), DefaultTarget()).Totals
	for i, total := range []scan.Total{totals.Projects, totals.ArchivedProjects, totals.PersonalProjects, totals.EmptyProjects,
		totals.PendingDeletion, totals.Groups, totals.TopLevelGroups, totals.Users, totals.ActiveHumans, totals.Bots, totals.Storage} {
		if !total.Unknown() {
			t.Errorf("total %d is known, though nothing was listed", i)
		}
	}
}

// TestEmptyInstanceInOrder is the second law, second half.
func TestEmptyInstanceInOrder(t *testing.T) {
	for _, target := range everyTarget() {
		j := evaluated(t, emptyWorld(), target)
		for _, k := range All() {
			if v := verdictOf(j, k); v == Violated || v == Unknown {
				t.Errorf("%s: %s says %s: %v", target.Destination, k.ID, v, of(j, k.ID))
			}
		}
		if !j.Coverage.Complete || j.Blocked() || j.Coverage.Percent() != 100 {
			t.Errorf("complete %v, blocked %v, %v %%", j.Coverage.Complete, j.Blocked(), j.Coverage.Percent())
		}
	}
}

// numbers and words are amounts and names on both sides of every threshold.
var (
	numbers  = []int64{0, 0, 0, 1, 2, 5*gib - 1, 5 * gib, 5*gib + 1, 10*gib + 1, 40*gib + 1, 200 * gb, 400*gb + 1, 500*gib + 1}
	words    = []string{"", "private", "internal", "public", "noone", "maintainer", "active", "blocked", "human", "bot", "ghost", "free", "premium", "ultimate", "odd"}
	versions = []string{"12.0.0", "14.10.3", "15.0.0", "16.7.0", "16.11.0", "17.6.0", "18.11.0", "19.2.0", "19.3.0", "19.5.0", "19.5.2", "20.0.0"}
)

func drawFact(t *rapid.T, r scan.Read) {
	if rapid.IntRange(0, 4).Draw(t, "missing") == 0 {
		return // set by the caller
	}
	n := rapid.SampledFrom(numbers)
	switch f := r.(type) {
	case *scan.Fact[int64]:
		*f = scan.Known(n.Draw(t, "n"))
	case *scan.Fact[scan.ID]:
		*f = scan.Known(scan.ID(n.Draw(t, "id")))
	case *scan.Fact[bool]:
		*f = scan.Known(rapid.Bool().Draw(t, "b"))
	case *scan.Fact[string]:
		*f = scan.Known(rapid.SampledFrom(words).Draw(t, "s"))
	case *scan.Fact[[]string]:
		*f = scan.Known(rapid.SliceOfN(rapid.SampledFrom(words), 0, 2).Draw(t, "list"))
	case *scan.Fact[time.Time]:
		*f = scan.Known(time.Unix(rapid.SampledFrom([]int64{0, 1_793_000_000}).Draw(t, "time"), 0))
	case *scan.Fact[scan.Version]:
		*f = scan.Known(scan.MustVersion(rapid.SampledFrom(versions).Draw(t, "version")))
	case *scan.Listing[scan.Variable]:
		*f = scan.Listed(make([]scan.Variable, rapid.IntRange(0, 2).Draw(t, "variables")))
		for i := range f.Items {
			f.Items[i].Hidden = rapid.Bool().Draw(t, "hidden")
		}
	case *scan.Listing[scan.PackageCount]:
		*f = scan.Listed([]scan.PackageCount{{Type: rapid.SampledFrom([]string{"npm", "nuget"}).Draw(t, "type"), Count: rapid.Int64Range(0, 1).Draw(t, "packages")}})
	case *scan.Listing[scan.Webhook]:
		*f = scan.Listed([]scan.Webhook{{Host: rapid.SampledFrom([]string{"example.com", "10.0.0.1"}).Draw(t, "host")}}[:rapid.IntRange(0, 1).Draw(t, "hooks")])
	case *scan.Listing[scan.Identity]:
		*f = scan.Listed([]scan.Identity{{Provider: rapid.SampledFrom([]string{"saml", "ldapmain"}).Draw(t, "provider")}}[:rapid.IntRange(0, 1).Draw(t, "identities")])
	case *scan.Listing[scan.Integration]:
		*f = scan.Listed(make([]scan.Integration, rapid.IntRange(0, 1).Draw(t, "integrations")))
	case *scan.Listing[scan.CIMention]:
		mentions := make([]scan.CIMention, rapid.IntRange(0, 3).Draw(t, "mentions"))
		for i := range mentions {
			mentions[i] = scan.CIMention{Kind: rapid.SampledFrom(scan.CIKinds()).Draw(t, "kind"), File: ".gitlab-ci.yml", Line: 1 + i, Value: "group-10/x", Own: rapid.Bool().Draw(t, "own")}
		}
		*f = scan.Listed(mentions)
	case *scan.Listing[scan.PackageAddress]:
		*f = scan.Listed([]scan.PackageAddress{{File: ".npmrc", Line: 1, Kind: scan.AddressHost, Value: "gitlab.example.com"}}[:rapid.IntRange(0, 1).Draw(t, "addresses")])
	case *scan.Listing[scan.CIFile]:
		*f = scan.Listed(make([]scan.CIFile, rapid.IntRange(0, 1).Draw(t, "files")))
	case *scan.Listing[scan.Allowed]:
		*f = scan.Listed([]scan.Allowed{{Path: "acme/app"}, {Path: "tools", Group: true}}[:rapid.IntRange(0, 2).Draw(t, "allowed")])
	case *scan.Listing[scan.PipelineJobs]:
		*f = scan.Listed([]scan.PipelineJobs{{Jobs: rapid.SampledFrom([]int64{1, 500, 501, 2001}).Draw(t, "jobs"), Most: rapid.SampledFrom([]int64{0, 2001}).Draw(t, "most")}}[:rapid.IntRange(0, 1).Draw(t, "pipelines")])
	case *scan.Listing[scan.Submodule]:
		*f = scan.Listed(make([]scan.Submodule, rapid.IntRange(0, 1).Draw(t, "submodules")))
	case *scan.Listing[scan.ApprovalRule]:
		*f = scan.Listed([]scan.ApprovalRule{{Type: "regular", Users: 1}}[:rapid.IntRange(0, 1).Draw(t, "approval rules")])
	case *scan.Listing[scan.Mirror]:
		*f = scan.Listed(make([]scan.Mirror, rapid.IntRange(0, 1).Draw(t, "mirrors")))
	case *scan.Listing[scan.ProtectedBranch]:
		*f = scan.Listed(make([]scan.ProtectedBranch, rapid.IntRange(0, 1).Draw(t, "branches")))
	case *scan.Listing[scan.Runner]:
		*f = scan.Listed([]scan.Runner{{Type: rapid.SampledFrom([]string{"instance", "group", "project"}).Draw(t, "of"), Tags: []string{"linux"}}}[:rapid.IntRange(0, 1).Draw(t, "runners")])
	default:
		t.Fatalf("no generator for a fact of type %T", r)
	}
}

// drawWorld draws an inventory: sound, or with every fact drawn by itself.
func drawWorld(t *rapid.T) *world {
	w := emptyWorld()
	for n := range rapid.Int64Range(0, 2).Draw(t, "groups") {
		w.addGroup(n + 1)
	}
	for n := range rapid.Int64Range(0, 3).Draw(t, "projects") {
		w.addProject(n + 1).Personal = scan.Known(rapid.Bool().Draw(t, "personal"))
	}
	for n := range rapid.Int64Range(0, 2).Draw(t, "users") {
		w.addUser(n + 1)
	}
	share := rapid.SampledFrom([]int{0, 5, 50, 100}).Draw(t, "share of facts drawn, %")
	gap := scan.Gap{Reason: rapid.SampledFrom(scan.Reasons()).Draw(t, "reason"), Endpoint: "GET /drawn"}
	for _, s := range w.subjects() {
		for id, r := range scan.Facts(s) {
			if rapid.IntRange(1, 100).Draw(t, "draw") <= share {
				scan.Forget(s, id, gap)
				drawFact(t, r)
			}
		}
	}
	if rapid.IntRange(0, 4).Draw(t, "cut") == 0 {
		w.meta.Walks[rapid.IntRange(0, 2).Draw(t, "walk")].Gap = &gap
	}
	return w
}

func drawTarget(t *rapid.T) Target {
	target := DefaultTarget()
	target.Destination = rapid.SampledFrom(Destinations()).Draw(t, "destination")
	target.Version = scan.MustVersion(rapid.SampledFrom([]string{"16.7", "17.6", "19.2", "19.5"}).Draw(t, "target version"))
	target.Tier = rapid.SampledFrom([]Tier{Free, Premium, Ultimate}).Draw(t, "tier")
	target.AirGapped = rapid.Bool().Draw(t, "air-gapped")
	target.Methods = rapid.SampledFrom([][]matrix.Method{matrix.Methods(), {matrix.FileExport}, {matrix.DirectTransfer, matrix.BackupRestore}}).Draw(t, "methods")
	return target
}

// TestForgettingNeverHelps is the third law: forgetting any single fact leaves a
// check's verdict as it was or makes it unknown, and leaves it as it was if the
// check does not declare the fact; and nothing that is added up gets better.
func TestForgettingNeverHelps(t *testing.T) {
	m := smallMatrix()
	rapid.Check(t, func(t *rapid.T) {
		w, target := drawWorld(t), drawTarget(t)
		before, err := Evaluate(w, m, target)
		if err != nil {
			t.Fatal(err)
		}
		// Forget a few facts that were known, one after the other.
		for range 8 {
			s := rapid.SampledFrom(w.subjects()).Draw(t, "subject")
			var known []scan.FactID
			for id, r := range scan.Facts(s) {
				if _, gap := r.Gap(); !gap {
					known = append(known, id)
				}
			}
			if len(known) == 0 {
				continue
			}
			id := rapid.SampledFrom(known).Draw(t, "fact")
			scan.Forget(s, id, refused)
			after, err := Evaluate(w, m, target)
			if err != nil {
				t.Fatal(err)
			}
			compare(t, id, before, after)
			before = after
		}
	})
}

// TestForgettingEachNeededFact is the third law for the facts that decide: every
// fact that a check needs, forgotten in each of the worlds that test the check.
func TestForgettingEachNeededFact(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and nothing in it runs at the same time")
	}
	for _, k := range All() {
		for _, c := range cases[k.ID] {
			for _, id := range k.Needs {
				w, target := soundWorld(), targetFor(k)
				c.change(w, &target)
				before := evaluated(t, w, target)
				for _, s := range w.subjects() {
					r := scan.FactOf(s, id)
					if r == nil || r.Any() == nil {
						continue
					}
					scan.Forget(s, id, refused)
					after := evaluated(t, w, target)
					compare(t, id, before, after)
					before = after
				}
			}
		}
	}
}

// TestForgettingTheVersion is the third law for the fact that the whole matrix
// is read by, with the matrix itself.
func TestForgettingTheVersion(t *testing.T) {
	m, err := matrix.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, version := range versions {
		for _, target := range everyTarget() {
			w := fullWorld()
			w.instance.Version = scan.Known(scan.MustVersion(version))
			before, err := Evaluate(w, m, target)
			if err != nil {
				t.Fatal(err)
			}
			w.forget("instance.version")
			after, err := Evaluate(w, m, target)
			if err != nil {
				t.Fatal(err)
			}
			compare(t, "instance.version", before, after)
		}
	}
}

func compare(t rapid.TB, forgotten scan.FactID, before, after *Judgement) {
	for _, k := range All() {
		was, is := verdictOf(before, k), verdictOf(after, k)
		// Whether the token sees the whole scope decides whether the listings are
		// whole, and with that every check on what is listed.
		declared := slices.Contains(k.Needs, forgotten) || forgotten == "caller.whole-scope"
		if was != is && (is != Unknown || !declared) {
			t.Fatalf("without %s, %s says %s instead of %s", forgotten, k.ID, is, was)
		}
	}
	badness := []MethodState{NoKnownLoss, Losses, NotAssessed, Blocked, Impossible}
	for i, was := range before.Methods {
		is := after.Methods[i]
		better := slices.Index(badness, is.State) < slices.Index(badness, was.State)
		opened := was.State == Blocked && is.State == NotAssessed && len(is.UnknownGate) > 0
		if better && !opened {
			t.Fatalf("without %s, %s is %s instead of %s", forgotten, is.ID, is.State, was.State)
		}
	}
	for i, was := range before.Items {
		is := after.Items[i]
		if was.Use != is.Use && is.Use != UseUnknown {
			t.Fatalf("without %s, %s is %s instead of %s", forgotten, is.Item.ID, is.Use, was.Use)
		}
		if is.Use == UseUnknown && is.Gap == nil {
			t.Fatalf("%s is unknown for no reason", is.Item.ID)
		}
	}
	for _, was := range before.Losses {
		if !slices.ContainsFunc(after.Losses, func(l Loss) bool { return l.Item.ID == was.Item.ID && l.Method == was.Method }) {
			t.Fatalf("without %s, the loss of %s by %s is gone", forgotten, was.Item.ID, was.Method)
		}
	}
	for id, was := range before.Totals.Facts {
		notBetter(t, forgotten, string(id), was, after.Totals.Facts[id])
	}
	a, b := before.Totals, after.Totals
	for i, pair := range [][2]scan.Total{{a.Projects, b.Projects}, {a.ArchivedProjects, b.ArchivedProjects}, {a.EmptyProjects, b.EmptyProjects},
		{a.PendingDeletion, b.PendingDeletion}, {a.Groups, b.Groups}, {a.Users, b.Users}, {a.ActiveHumans, b.ActiveHumans}, {a.Bots, b.Bots}, {a.Storage, b.Storage}} {
		notBetter(t, forgotten, []string{"projects", "archived", "empty", "pending", "groups", "users", "humans", "bots", "storage"}[i], pair[0], pair[1])
	}
	if after.Coverage.Complete || after.Coverage.Read != before.Coverage.Read-1 {
		t.Fatalf("without %s, coverage is complete (%v) or reads %d instead of one less than %d", forgotten, after.Coverage.Complete, after.Coverage.Read, before.Coverage.Read)
	}
}

// notBetter holds a total to knowing no more than before. The instance's own
// counts only say how many subjects were missed at the least.
func notBetter(t rapid.TB, forgotten scan.FactID, name string, was, is scan.Total) {
	n, whole := was.Sum()
	m, wholeNow := is.Sum()
	counted := slices.Contains([]scan.FactID{"instance.counted-projects", "instance.counted-groups", "instance.counted-users"}, forgotten)
	if m > n || wholeNow && !whole || is.Read() > was.Read() || is.Unread() < was.Unread() && !counted {
		t.Fatalf("without %s, the total of %s went from %d of %d+%d to %d of %d+%d", forgotten, name, n, was.Read(), was.Unread(), m, is.Read(), is.Unread())
	}
}

// TestProjectRowsAgree ties a project's own verdicts to the whole's: what blocks
// a project blocks the method, and forgetting does not help a project either.
func TestProjectRowsAgree(t *testing.T) {
	m := smallMatrix()
	badness := []MethodState{NoKnownLoss, Losses, NotAssessed, Blocked, Impossible}
	rapid.Check(t, func(t *rapid.T) {
		w, target := drawWorld(t), drawTarget(t)
		j, err := Evaluate(w, m, target)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range w.projects {
			rows := j.Project(p)
			if len(rows) != len(target.Methods) {
				t.Fatalf("%d verdicts for %d methods", len(rows), len(target.Methods))
			}
			for i, v := range rows {
				whole := j.Methods[slices.Index(matrix.Methods(), v.Method)].State
				if slices.Index(badness, v.State) > slices.Index(badness, whole) {
					t.Fatalf("%s: %s is %s for a project and %s for the whole", target.Methods[i], v.Method, v.State, whole)
				}
			}
			forgotten := *p
			scan.Forget(&forgotten, "project.repository-size", refused)
			for i, v := range j.Project(&forgotten) {
				was := rows[i].State
				if slices.Index(badness, v.State) < slices.Index(badness, was) && !(was == Blocked && v.State == NotAssessed) {
					t.Fatalf("without its size a project is %s instead of %s", v.State, was)
				}
			}
		}
	})
}

package scan

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestZeroFactsAreUnsetNotZero(t *testing.T) {
	var f Fact[int64]
	var l Listing[Variable]
	for name, r := range map[string]Read{"fact": &f, "listing": &l} {
		g, gap := r.Gap()
		if !gap || g.Reason != ReasonUnset || !IsUnset(r) {
			t.Errorf("zero %s: gap %v, %v; want unset", name, g, gap)
		}
		if n, ok := r.Amount(); ok {
			t.Errorf("zero %s measures %d", name, n)
		}
		if v := r.Any(); v != nil {
			t.Errorf("zero %s has the value %v", name, v)
		}
	}
	if _, ok := f.Get(); ok {
		t.Error("a zero fact has a value")
	}
	if l.Complete() {
		t.Error("a zero listing is complete")
	}
}

func TestKnownZeroIsKnown(t *testing.T) {
	f := Known[int64](0)
	if n, ok := f.Amount(); n != 0 || !ok {
		t.Errorf("known 0 measures %d, %v", n, ok)
	}
	l := Listed[Variable](nil)
	if n, ok := l.Amount(); n != 0 || !ok {
		t.Errorf("an empty list measures %d, %v", n, ok)
	}
	if _, gap := f.Gap(); gap {
		t.Error("known 0 has a gap")
	}
}

func TestCutListingKeepsItemsAndIsNoAmount(t *testing.T) {
	l := Cut([]Mirror{{ID: 1}}, Gap{Reason: ReasonTruncated})
	if _, ok := l.Amount(); ok || l.Complete() || l.Any() != nil || len(l.Items) != 1 {
		t.Errorf("cut listing %+v must be incomplete with one item", l)
	}
}

func TestAmountOfEveryFactType(t *testing.T) {
	for _, c := range []struct {
		fact Read
		want int64
	}{
		{ptr(Known[int64](7)), 7},
		{ptr(Known(true)), 1}, {ptr(Known(false)), 0},
		{ptr(Known("x")), 1}, {ptr(Known("")), 0},
		{ptr(Known([]string{"a", "b"})), 2}, {ptr(Known[[]string](nil)), 0},
		{ptr(Known(time.Unix(1, 0))), 1}, {ptr(Known(time.Time{})), 0},
		{ptr(Known(MustVersion("16.11"))), 1},
	} {
		if n, ok := c.fact.Amount(); n != c.want || !ok {
			t.Errorf("amount of %v: %d, %v; want %d", c.fact.Any(), n, ok, c.want)
		}
	}
	// Every fact that a subject declares can be measured.
	for _, s := range []Subject{new(Instance), new(Group), new(Project), new(User)} {
		for id, r := range Facts(s) {
			answer := reflect.ValueOf(r).MethodByName("Get")
			if !answer.IsValid() {
				continue // a Listing
			}
			r.copyFrom(knownZero(t, r))
			if _, ok := r.Amount(); !ok {
				t.Errorf("known %s cannot be measured", id)
			}
		}
	}
}

func knownZero(t *testing.T, r Read) Read {
	t.Helper()
	switch r.(type) {
	case *Fact[int64]:
		return ptr(Known[int64](0))
	case *Fact[bool]:
		return ptr(Known(false))
	case *Fact[string]:
		return ptr(Known(""))
	case *Fact[[]string]:
		return ptr(Known([]string{}))
	case *Fact[time.Time]:
		return ptr(Known(time.Time{}))
	case *Fact[ID]:
		return ptr(Known(ID(1)))
	case *Fact[Version]:
		return ptr(Known(Version{Major: 13}))
	}
	t.Fatalf("no test value for %T", r)
	return nil
}

func ptr[T any](v T) *T { return &v }

// genGap draws a gap as a reader gives it.
func genGap(t *rapid.T) Gap {
	return Gap{
		Reason:   rapid.SampledFrom(slices.DeleteFunc(Reasons(), func(r Reason) bool { return r == ReasonUnset })).Draw(t, "reason"),
		Status:   rapid.SampledFrom([]int{0, 401, 403, 404, 500}).Draw(t, "status"),
		Endpoint: rapid.String().Draw(t, "endpoint"),
		Cure:     rapid.String().Draw(t, "cure"),
	}
}

// genRead sets r to something: nothing, a gap, a value; lists also cut.
func genRead(t *rapid.T, r Read) {
	switch rapid.IntRange(0, 3).Draw(t, "kind") {
	case 0:
		return
	case 1:
		g := genGap(t)
		r.setGap(&g)
		return
	}
	hostile := rapid.String()
	switch r := r.(type) {
	case *Fact[int64]:
		*r = Known(rapid.Int64().Draw(t, "n"))
	case *Fact[ID]:
		*r = Known(ID(rapid.Int64().Draw(t, "id")))
	case *Fact[bool]:
		*r = Known(rapid.Bool().Draw(t, "b"))
	case *Fact[string]:
		*r = Known(hostile.Draw(t, "s"))
	case *Fact[[]string]:
		if *r = Known(rapid.SliceOf(hostile).Draw(t, "list")); rapid.Bool().Draw(t, "nil") {
			*r = Known[[]string](nil)
		}
	case *Fact[time.Time]:
		*r = Known(time.Unix(rapid.Int64Range(-6e10, 2e11).Draw(t, "time"), 0).UTC())
	case *Fact[Version]:
		*r = Known(Version{Major: rapid.IntRange(0, 99).Draw(t, "major"), Minor: 11, Suffix: rapid.SampledFrom([]string{"", "ee", "pre"}).Draw(t, "suffix")})
	case *Listing[Variable]:
		genListing(t, r, func() Variable { return Variable{Key: hostile.Draw(t, "key"), Protected: true} })
	case *Listing[PackageCount]:
		genListing(t, r, func() PackageCount { return PackageCount{Type: hostile.Draw(t, "type"), Count: 1} })
	case *Listing[ProtectedBranch]:
		genListing(t, r, func() ProtectedBranch { return ProtectedBranch{Name: hostile.Draw(t, "branch")} })
	case *Listing[CIMention]:
		genListing(t, r, func() CIMention {
			return CIMention{Kind: rapid.SampledFrom(CIKinds()).Draw(t, "kind"), File: hostile.Draw(t, "file"), Line: 7, Value: hostile.Draw(t, "value"), Own: true}
		})
	case *Listing[PackageAddress]:
		genListing(t, r, func() PackageAddress {
			return PackageAddress{File: hostile.Draw(t, "file"), Line: 2, Kind: AddressHost, Value: hostile.Draw(t, "value")}
		})
	case *Listing[ApprovalRule]:
		genListing(t, r, func() ApprovalRule { return ApprovalRule{Type: hostile.Draw(t, "type"), Required: 2} })
	case *Listing[Allowed]:
		genListing(t, r, func() Allowed { return Allowed{Path: hostile.Draw(t, "path"), Group: true} })
	case *Listing[PipelineJobs]:
		genListing(t, r, func() PipelineJobs { return PipelineJobs{Jobs: 1001, Most: 1200} })
	case *Listing[CIFile]:
		genListing(t, r, func() CIFile { return CIFile{Path: hostile.Draw(t, "path"), Size: 7} })
	case *Listing[Submodule]:
		genListing(t, r, func() Submodule { return Submodule{Path: hostile.Draw(t, "path"), Host: hostile.Draw(t, "host")} })
	case *Listing[Webhook]:
		genListing(t, r, func() Webhook { return Webhook{Host: hostile.Draw(t, "host")} })
	case *Listing[Mirror]:
		genListing(t, r, func() Mirror { return Mirror{Host: hostile.Draw(t, "host")} })
	case *Listing[Integration]:
		genListing(t, r, func() Integration { return Integration{Slug: hostile.Draw(t, "slug")} })
	case *Listing[Runner]:
		genListing(t, r, func() Runner { return Runner{ID: 7, Tags: rapid.SliceOf(hostile).Draw(t, "tags")} })
	case *Listing[Identity]:
		genListing(t, r, func() Identity { return Identity{Provider: hostile.Draw(t, "provider")} })
	default:
		t.Fatalf("no generator for %T: add one", r)
	}
}

func genListing[T any](t *rapid.T, l *Listing[T], item func() T) {
	var items []T
	for range rapid.IntRange(0, 3).Draw(t, "items") {
		items = append(items, item())
	}
	if *l = Listed(items); rapid.Bool().Draw(t, "cut") {
		*l = Cut(items, genGap(t))
	}
}

// Whatever a fact says, its JSON says the same, and never more: a value stays a
// value, a gap a gap, unset unset.
func TestFactsSurviveJSON(t *testing.T) {
	for _, blank := range []func() Subject{
		func() Subject { return new(Instance) }, func() Subject { return new(Group) },
		func() Subject { return new(Project) }, func() Subject { return new(User) },
	} {
		t.Run(string(blank().Level()), rapid.MakeCheck(func(t *rapid.T) {
			s := blank()
			for id, r := range Facts(s) {
				genRead(t, r)
				b, err := json.Marshal(r)
				if err != nil {
					t.Fatalf("%s: %v", id, err)
				}
				back := reflect.New(reflect.TypeOf(r).Elem()).Interface().(Read)
				if err := json.Unmarshal(b, back); err != nil {
					t.Fatalf("%s: %s: %v", id, b, err)
				}
				again, err := json.Marshal(back)
				if err != nil || string(again) != string(b) {
					t.Fatalf("%s: %s came back as %s, %v", id, b, again, err)
				}
				wantGap, want := r.Gap()
				if gotGap, got := back.Gap(); gotGap != wantGap || got != want {
					t.Fatalf("%s: gap %v, %v came back as %v, %v", id, wantGap, want, gotGap, got)
				}
				n, ok := r.Amount()
				if m, ok2 := back.Amount(); ok != ok2 || ok && n != m {
					t.Fatalf("%s: amount %d, %v came back as %d, %v", id, n, ok, m, ok2)
				}
			}
		}))
	}
}

func TestFactJSONRefusesNeitherValueNorGap(t *testing.T) {
	for _, b := range []string{`{}`, `null`, `{"value":1,"gap":{"reason":"failed"}}`, `7`, `{"value":"x"}`} {
		var f Fact[int64]
		if err := json.Unmarshal([]byte(b), &f); err == nil && b != "null" {
			t.Errorf("%s was read as %+v", b, f)
		}
		if !IsUnset(&f) {
			t.Errorf("%s left a fact that is not unset", b)
		}
	}
	var l Listing[Mirror]
	if err := json.Unmarshal([]byte(`{}`), &l); err == nil || l.Complete() {
		t.Error("{} was read as a list")
	}
}

func TestGapWords(t *testing.T) {
	for _, r := range Reasons() {
		if r.Sentence() == string(r) || r.Sentence() == "" {
			t.Errorf("reason %s has no sentence", r)
		}
	}
	for want, g := range map[string]Gap{
		"the server refused: the token lacks the right (403 from GET /hooks)": {Reason: ReasonForbidden, Status: 403, Endpoint: "GET /hooks"},
		"not asked for in this scan (GET /hooks)":                             {Reason: ReasonNotAsked, Endpoint: "GET /hooks"},
		"the request failed (502)":                                            {Reason: ReasonFailed, Status: 502},
	} {
		if g.String() != want {
			t.Errorf("%+v: %q, want %q", g, g.String(), want)
		}
	}
}

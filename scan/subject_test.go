package scan

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestMergeTakesWhatIsAnswered(t *testing.T) {
	a := &Project{ID: 1, Path: "a/b", Stars: Known[int64](1), Forks: Known[int64](2)}
	b := &Project{ID: 9, Path: "other", Forks: Missing[int64](Gap{Reason: ReasonForbidden}), Issues: Known[int64](0)}
	Merge(a, b)
	if a.ID != 1 || a.Path != "a/b" {
		t.Errorf("Merge changed what identifies the subject: %d %s", a.ID, a.Path)
	}
	if n, ok := a.Stars.Get(); n != 1 || !ok {
		t.Error("an unset fact overwrote a value")
	}
	if g, _ := a.Forks.Gap(); g.Reason != ReasonForbidden {
		t.Error("a gap that was answered did not arrive")
	}
	if n, ok := a.Issues.Get(); n != 0 || !ok {
		t.Error("a known zero did not arrive")
	}
}

func TestForget(t *testing.T) {
	p := &Project{Stars: Known[int64](1), Webhooks: Listed([]Webhook{{ID: 1}})}
	g := Gap{Reason: ReasonForbidden, Status: 403}
	for _, id := range []FactID{"project.stars", "project.webhooks"} {
		Forget(p, id, g)
		r := FactOf(p, id)
		if got, gap := r.Gap(); !gap || got != g {
			t.Errorf("%s: %v, %v after Forget", id, got, gap)
		}
		if _, ok := r.Amount(); ok {
			t.Errorf("%s can still be measured after Forget", id)
		}
	}
	Forget(p, "user.state", g) // of another level: nothing happens
	if FactOf(p, "user.state") != nil {
		t.Error("a project has a user's fact")
	}
}

func TestFillUnset(t *testing.T) {
	p := &Project{Stars: Known[int64](1), Forks: Missing[int64](Gap{Reason: ReasonForbidden})}
	g := Gap{Reason: ReasonInterrupted}
	FillUnset(p, g, PartListing.sets)
	for id, r := range Facts(p) {
		e, _ := Lookup(id)
		got, gap := r.Gap()
		switch {
		case id == "project.stars":
			if gap {
				t.Error("a value was overwritten")
			}
		case id == "project.forks":
			if got.Reason != ReasonForbidden {
				t.Error("a gap was overwritten")
			}
		case e.Depth == Quick:
			if got != g {
				t.Errorf("%s: %v", id, got)
			}
		default:
			if !IsUnset(r) {
				t.Errorf("%s is of another part and was set to %v", id, got)
			}
		}
	}
}

func TestSubjectsSurviveMarshalFacts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := &Project{ID: 1}
		for _, r := range Facts(p) {
			genRead(t, r)
		}
		b, err := MarshalFacts(p)
		if err != nil {
			t.Fatal(err)
		}
		back := &Project{ID: 1}
		if err := UnmarshalFacts(b, back); err != nil {
			t.Fatal(err)
		}
		again, err := MarshalFacts(back)
		if err != nil || string(again) != string(b) {
			t.Fatalf("%s\ncame back as\n%s, %v", b, again, err)
		}
	})
}

// What is appended is to the byte what an encoder makes of the value and the gap.
func TestFactsAreWrittenAsAnEncoderWrites(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := &Project{ID: 1}
		for _, r := range Facts(p) {
			genRead(t, r)
		}
		for id, r := range Facts(p) {
			var w struct {
				Value any  `json:"value,omitempty"`
				Gap   *Gap `json:"gap,omitempty"`
			}
			if g, gap := r.Gap(); gap {
				w.Gap = &g
				if items := reflect.ValueOf(r).Elem().FieldByName("Items"); items.IsValid() && items.Len() > 0 {
					w.Value = items.Interface()
				}
			} else if w.Value = r.Any(); reflect.ValueOf(w.Value).Kind() == reflect.Slice && reflect.ValueOf(w.Value).IsNil() {
				w.Value = []int{}
			}
			want, err := json.Marshal(w)
			if err != nil {
				t.Fatal(err)
			}
			got, err := r.appendJSON([]byte("x"))
			if err != nil || string(got) != "x"+string(want) {
				t.Fatalf("%s: %s, want %s, %v", id, got[1:], want, err)
			}
		}
	})
}

func TestUnmarshalFactsRefusesUnknownFacts(t *testing.T) {
	err := UnmarshalFacts([]byte(`{"project.from-the-future":{"value":1}}`), new(Project))
	if err == nil || !strings.Contains(err.Error(), "project.from-the-future") {
		t.Errorf("error %v", err)
	}
}

func TestAnsweredKeepsWhatThePartTells(t *testing.T) {
	before := &Project{ID: 1, Stars: Known[int64](1), RegistrySize: Missing[int64](Gap{Reason: ReasonWithheld})}
	after := clone(before).(*Project)
	after.RegistryRepos = Known[int64](0)
	after.RegistrySize = Known[int64](0) // now it is known to be a true zero
	after.Branches = Known[int64](5)     // deeper than the scan
	got := answered(after, before, PartWide, Scope{Depth: Standard}).(*Project)
	if !IsUnset(&got.Stars) {
		t.Error("what was known before is told again")
	}
	if n, ok := got.RegistrySize.Get(); n != 0 || !ok {
		t.Error("a fact of another part that the answer changed is lost")
	}
	if _, ok := got.RegistryRepos.Get(); !ok {
		t.Error("the part's own fact is lost")
	}
	if !IsUnset(&got.Branches) {
		t.Error("a fact deeper than the scan is kept")
	}
	if n, _ := after.Stars.Get(); n != 1 {
		t.Error("answered changed its argument")
	}
}

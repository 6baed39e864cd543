package scan

import (
	"slices"
	"testing"
)

func TestAmountOf(t *testing.T) {
	maven := func(kind string) bool { return kind == "maven" }
	packages := []PackageCount{{Type: "maven", Count: 3}, {Type: "npm", Count: 4}, {Type: "maven", Count: 2}, {Type: "other", Count: 7}}
	whole, cut, branches := Listed(packages), Cut(packages, Gap{Reason: ReasonFailed}), Listed(make([]ProtectedBranch, 2))
	unset, number := Listing[PackageCount]{}, Known[int64](5)
	for _, c := range []struct {
		name   string
		read   Read
		counts func(string) bool
		n      int64
		known  bool
	}{
		{"one kind", &whole, maven, 5, true},
		{"all but one", &whole, func(k string) bool { return !maven(k) }, 11, true},
		{"none of it", &whole, func(k string) bool { return k == "rpm" }, 0, true},
		{"cut", &cut, maven, 5, false},
		{"unset", &unset, maven, 0, false},
		{"items without kind", &branches, maven, 0, false},
		{"no list", &number, maven, 0, false},
	} {
		if n, known := AmountOf(c.read, c.counts); n != c.n || known != c.known {
			t.Errorf("%s: %d, %v; want %d, %v", c.name, n, known, c.n, c.known)
		}
	}
}

// The kinds of a fact are listed if, and only if, its items have kinds.
func TestKinds(t *testing.T) {
	for _, s := range []Subject{new(Instance), new(Group), new(Project), new(User)} {
		for id, r := range Facts(s) {
			r.UnmarshalJSON([]byte(`{"value":[]}`)) //nolint:errcheck // a fact that is no list stays unread
			if _, byKind := AmountOf(r, func(string) bool { return true }); byKind != (Kinds(id) != nil) {
				t.Errorf("%s: its items have kinds: %v, listed are %v", id, byKind, Kinds(id))
			}
		}
	}
	if kinds := Kinds("project.package-registry"); len(kinds) != len(slices.Compact(slices.Sorted(slices.Values(kinds)))) {
		t.Errorf("a kind stands twice in %v", kinds)
	}
}

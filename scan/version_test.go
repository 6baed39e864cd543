package scan

import "testing"

func TestMinorsTo(t *testing.T) {
	for _, c := range []struct {
		from, to string
		want     int
	}{
		{"16.11", "16.11", 0},
		{"16.11.1", "16.11.10", 0},
		{"16.0", "16.3", 3},
		{"11.11", "12.0", 1},
		{"12.10", "13.0", 1},
		{"13.12", "14.0", 1},
		{"14.10", "15.0", 1},
		{"15.11", "16.0", 1},
		{"17.11", "18.0", 1},
		{"18.11", "19.0", 1},
		{"13.0", "14.0", 13},
		{"14.0", "15.0", 11},
		{"16.0", "18.0", 24},
	} {
		from, to := MustVersion(c.from), MustVersion(c.to)
		if n := from.MinorsTo(to); n != c.want {
			t.Errorf("%s to %s: %d, want %d", from, to, n, c.want)
		}
		if n := to.MinorsTo(from); n != -c.want {
			t.Errorf("%s to %s: %d, want %d", to, from, n, -c.want)
		}
	}
}

func TestVersionOrder(t *testing.T) {
	ordered := []string{"13.0", "13.0.1", "13.9", "13.10", "14.0-ee", "16.11.10-ee", "19.0.0-pre", "19.0.1"}
	for i := range ordered {
		for j := range ordered {
			got, want := MustVersion(ordered[i]).Compare(MustVersion(ordered[j])), 0
			switch {
			case i < j:
				want = -1
			case i > j:
				want = 1
			}
			if got != want {
				t.Errorf("%s against %s: %d, want %d", ordered[i], ordered[j], got, want)
			}
		}
	}
	if !MustVersion("16.11.0").AtLeast(MustVersion("16.11.10")) {
		t.Error("AtLeast must look at the minor alone")
	}
}

func FuzzParseVersion(f *testing.F) {
	for _, s := range []string{"16.11", "v16.11.10-ee", "19.0.0-pre", "13.0.0-rc42.ee", "16", "", "16.", "16..1", "a.b", "-1.0", "99999.1", "1.2.3.4", "16.11\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		v, err := ParseVersion(s)
		if err != nil {
			if v != (Version{}) {
				t.Errorf("%q: an error and the version %v", s, v)
			}
			return
		}
		if v.Major < 0 || v.Minor < 0 || v.Patch < 0 {
			t.Errorf("%q: %v", s, v)
		}
		again, err := ParseVersion(v.String())
		if err != nil || again != v {
			t.Errorf("%q: %v is written as %q, which reads %v, %v", s, v, v.String(), again, err)
		}
		var text Version
		if err := text.UnmarshalText([]byte(s)); err != nil || text != v {
			t.Errorf("%q: %v, %v through text", s, text, err)
		}
	})
}

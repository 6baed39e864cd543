package scan

import (
	"cmp"
	"fmt"
	"regexp"
	"strconv"
)

// Version is a GitLab version such as 16.11.10-ee or 19.0.0-pre. Minor and
// Patch are 0 where the text left them out.
type Version struct {
	Major, Minor, Patch int
	Suffix              string // what follows the numbers, without the dash: "ee", "pre"; no part in comparisons
}

var versionText = regexp.MustCompile(`^v?(\d{1,4})(?:\.(\d{1,4}))?(?:\.(\d{1,6}))?(?:[-+.]([0-9A-Za-z.+-]{1,64}))?$`)

// ParseVersion reads "16.11", "16.11.10-ee", "v19.0.0-pre".
func ParseVersion(s string) (Version, error) {
	m := versionText.FindStringSubmatch(s)
	if m == nil {
		return Version{}, fmt.Errorf("%.40q is not a GitLab version: give it as 18.9 or 18.9.2", s)
	}
	number := func(i int) int { n, _ := strconv.Atoi(m[i]); return n } // at most six digits: cannot fail but for "", which is 0
	return Version{Major: number(1), Minor: number(2), Patch: number(3), Suffix: m[4]}, nil
}

// MustVersion is ParseVersion for versions written in the code.
func MustVersion(s string) Version {
	v, err := ParseVersion(s)
	if err != nil {
		panic(err)
	}
	return v
}

// IsZero reports whether v is no version at all.
func (v Version) IsZero() bool { return v.Major == 0 && v.Minor == 0 && v.Patch == 0 }

// String writes the full version, e.g. "16.11.10-ee".
func (v Version) String() string {
	s := fmt.Sprintf("%d.%d.%d", v.Major, v.Minor, v.Patch)
	if v.Suffix != "" {
		s += "-" + v.Suffix
	}
	return s
}

// Short writes the version without patch level and suffix, e.g. "16.11".
func (v Version) Short() string { return fmt.Sprintf("%d.%d", v.Major, v.Minor) }

// Compare orders by major, minor and patch; the suffix has no part in it.
func (v Version) Compare(w Version) int {
	return cmp.Or(cmp.Compare(v.Major, w.Major), cmp.Compare(v.Minor, w.Minor), cmp.Compare(v.Patch, w.Patch))
}

// CompareMinor orders by major and minor alone.
func (v Version) CompareMinor(w Version) int {
	return cmp.Or(cmp.Compare(v.Major, w.Major), cmp.Compare(v.Minor, w.Minor))
}

// AtLeast reports whether v is the minor release w or newer.
func (v Version) AtLeast(w Version) bool { return v.CompareMinor(w) >= 0 }

// lastMinor is the last minor release of a major version: 12.10, 13.12, 14.10
// and x.11 from 15 on, when GitLab settled on a yearly major in May.
// Source: https://docs.gitlab.com/policy/maintenance/ and https://about.gitlab.com/releases/
func lastMinor(major int) int {
	switch major {
	case 12, 14:
		return 10
	case 13:
		return 12
	case 11:
		return 11
	}
	return 11
}

// MinorsTo counts the minor releases from v up to w across majors; it is
// negative if w is the older one. 17.11 to 18.0 is 1.
func (v Version) MinorsTo(w Version) int {
	if v.CompareMinor(w) > 0 {
		return -w.MinorsTo(v)
	}
	n := w.Minor - v.Minor
	for major := v.Major; major < w.Major; major++ {
		n += lastMinor(major) + 1
	}
	return n
}

// MarshalText and UnmarshalText make a version a string in JSON and YAML.
func (v Version) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (v *Version) UnmarshalText(b []byte) error {
	w, err := ParseVersion(string(b))
	if err != nil {
		return err
	}
	*v = w
	return nil
}

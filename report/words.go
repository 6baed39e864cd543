package report

import (
	"fmt"
	"strconv"
	"strings"

	"readiness/checks"
	"readiness/checks/matrix"
	"readiness/scan"
)

// Thousands writes n with separators: 1,234,567.
func Thousands(n int64) string { return checks.Thousands(n) }

// Size writes a number of bytes with a binary unit: 41.2 GiB.
func Size(n int64) string {
	if n < 1024 {
		return Thousands(n) + " B"
	}
	v, units := float64(n)/1024, []string{"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"}
	for len(units) > 1 && v >= 1023.95 {
		v, units = v/1024, units[1:]
	}
	return strconv.FormatFloat(v, 'f', 1, 64) + " " + units[0]
}

// Mebibytes writes a size in MiB without the unit, for a column that names it:
// 1,234.5. What is there is never written as zero.
func Mebibytes(c Cell) string {
	v := float64(c.Int()) / float64(MiB)
	tenths := int64(v*10 + 0.5)
	text := fmt.Sprintf("%s.%d", Thousands(tenths/10), tenths%10)
	if tenths == 0 && c.Int() > 0 {
		text = "< 0.1"
	}
	if c.AtLeast() {
		text = "at least " + text
	}
	return text
}

// Many writes a count with its noun: "1 project", "1,204 projects".
func Many(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return Thousands(n) + " " + many
}

// levelNoun is what the subjects of a level are called.
func levelNoun(l scan.Level) (one, many string) {
	switch l {
	case scan.LevelInstance:
		return "instance", "instances"
	case scan.LevelGroup:
		return "group", "groups"
	case scan.LevelProject:
		return "project", "projects"
	case scan.LevelUser:
		return "user", "users"
	}
	return string(l), string(l)
}

func manyOf(n int64, l scan.Level) string {
	one, many := levelNoun(l)
	return Many(n, one, many)
}

// TotalWords writes a total in words that keep what it could not see:
// "at least 41.0 GiB, 3 of 120 projects unread".
func TotalWords(t scan.Total, u scan.Unit, l scan.Level) string {
	c := totalCell(t, u)
	if t.Unread() == 0 {
		return c.String()
	}
	return fmt.Sprintf("%s, %s of %s unread", c, Thousands(t.Unread()), manyOf(t.Read()+t.Unread(), l))
}

// shortReason is the reason of a gap in a word or two, for a column of numbers.
func shortReason(r scan.Reason) string {
	switch r {
	case scan.ReasonForbidden:
		return "refused"
	case scan.ReasonHidden:
		return "hidden"
	case scan.ReasonTruncated:
		return "cut short"
	case scan.ReasonNotAsked:
		return "not asked"
	case scan.ReasonFeatureOff:
		return "feature off"
	case scan.ReasonTooOld:
		return "too old"
	case scan.ReasonUnset:
		return "no answer"
	}
	return string(r) // withheld, failed, interrupted
}

// stateCell words the verdict on a method.
func stateCell(s checks.MethodState) Cell {
	switch s {
	case checks.Impossible:
		return TextCell("Not possible").Toned(Muted)
	case checks.Blocked:
		return TextCell("Blocked").Toned(Bad)
	case checks.NotAssessed:
		return TextCell("Not assessed").Toned(Unknown)
	case checks.Losses:
		return TextCell("Losses").Toned(Caution)
	case checks.NoKnownLoss:
		return TextCell("No known loss").Toned(Good)
	}
	return TextCell(string(s)).Toned(Unknown)
}

// statusCell words what a method does with an item.
func statusCell(s matrix.Status) Cell {
	switch s {
	case matrix.Carried:
		return TextCell("Carried").Toned(Good)
	case matrix.Partial:
		return TextCell("Partly").Toned(Caution)
	case matrix.NotCarried:
		return TextCell("Left behind").Toned(Bad)
	case matrix.Unverified, "":
		return TextCell("Not verified").Toned(Unknown)
	case matrix.NotApplicable:
		return TextCell("Not in this version").Toned(Muted)
	}
	return TextCell(string(s)).Toned(Unknown)
}

func severityCell(s checks.Severity) Cell {
	c := TextCell(upperFirst(string(s)))
	switch s {
	case checks.Blocker:
		return c.Toned(Bad)
	case checks.High:
		return c.Toned(Caution)
	}
	return c
}

func verdictCell(v checks.Verdict) Cell {
	switch v {
	case checks.Violated:
		return TextCell("Found")
	case checks.Unknown:
		return TextCell("Not known").Toned(Unknown)
	case checks.Question:
		return TextCell("Question")
	}
	return TextCell(string(v))
}

func upperFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// methodTitles lists methods by their titles.
func methodTitles(ms []matrix.Method) string {
	var t []string
	for _, m := range ms {
		t = append(t, m.Title())
	}
	return strings.Join(t, ", ")
}

// host is the host of a plain link, to show instead of the whole.
func host(url string) string {
	_, rest, _ := strings.Cut(url, "://")
	h, _, _ := strings.Cut(rest, "/")
	return h
}

// sourceCell is a link to where a claim comes from, shown by its host.
func sourceCell(url string) Cell {
	if !Plainlink(url) {
		return TextCell(url)
	}
	return TextCell(host(url)).Linked(url)
}

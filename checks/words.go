package checks

import (
	"fmt"
	"strconv"
	"strings"
)

// Sizes. GiB is 1024³ bytes; limits that GitLab publishes in GB are decimal.
const (
	gib int64 = 1 << 30
	gb  int64 = 1e9
)

// roundBytes writes a size for people, rounded down, e.g. "5 GiB" or "7.3 GiB".
func roundBytes(n int64) string {
	units := []string{"bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"}
	if n < 1024 {
		return plural(n, "byte", "bytes")
	}
	u, rest := 0, n
	scale := int64(1)
	for rest >= 1024 && u < len(units)-1 {
		rest >>= 10
		scale <<= 10
		u++
	}
	tenths := (n % scale) / (scale / 10)
	if tenths > 9 {
		tenths = 9
	}
	if tenths == 0 {
		return fmt.Sprintf("%d %s", n/scale, units[u])
	}
	return fmt.Sprintf("%d.%d %s", n/scale, tenths, units[u])
}

// exactBytes writes a size for people with the exact number of bytes, so that
// what lies just over a limit can be told from it.
func exactBytes(n int64) string {
	if n < 1024 {
		return roundBytes(n)
	}
	return fmt.Sprintf("%s (%s bytes)", roundBytes(n), Thousands(n))
}

// Thousands writes a number with commas between its thousands: 1,234,567.
func Thousands(n int64) string {
	s := strconv.FormatInt(n, 10)
	sign := ""
	if s[0] == '-' {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

// plural writes an amount with what it counts.
func plural(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return Thousands(n) + " " + many
}

// list joins words as a sentence does: "a, b and c".
func list(words []string) string {
	switch n := len(words); n {
	case 0:
		return ""
	case 1:
		return words[0]
	default:
		return strings.Join(words[:n-1], ", ") + " and " + words[n-1]
	}
}

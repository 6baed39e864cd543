package checks

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// byteUnits are the units an amount of bytes may be stated in. GitLab publishes
// in both: GiB is 1024³ bytes, GB is 1000³.
var byteUnits = map[string]float64{
	"bytes": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40,
	"kB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12,
}

// parseAmount reads an amount in one of Units but that of releases, as a person
// states it: "10 GiB", "30 days", "5000". Bytes and days need their unit; for
// counts it may be left out.
func parseAmount(s, unit string) (int64, error) {
	number, named, _ := strings.Cut(strings.TrimSpace(s), " ")
	if named == "" { // "10GiB"
		if i := strings.IndexFunc(number, func(r rune) bool { return r != '.' && (r < '0' || r > '9') }); i > 0 {
			number, named = number[:i], number[i:]
		}
	}
	named = strings.TrimSpace(named)
	scale := 1.0
	switch {
	case unit == unitBytes:
		var known bool
		if scale, known = byteUnits[named]; !known {
			return 0, fmt.Errorf("%.40q: give an amount with its unit, e.g. 10 GiB: one of %s", s, strings.Join(byteUnitNames(), ", "))
		}
	case named == "" && unit != unitDays, named == unit, named == strings.TrimSuffix(unit, "s"):
	default:
		return 0, fmt.Errorf("%.40q: the unit is %s, as in \"100 %s\"", s, unit, unit)
	}
	n, err := strconv.ParseFloat(number, 64)
	switch v := n * scale; {
	case err != nil || math.IsNaN(n) || math.IsInf(n, 0) || strings.ContainsAny(number, "eExXpP_+"):
		return 0, fmt.Errorf("%.40q: %.40q is no number", s, number)
	case n < 0:
		return 0, fmt.Errorf("%.40q is negative", s)
	case v != math.Trunc(v) && unit != unitBytes:
		return 0, fmt.Errorf("%.40q is not a whole number", s)
	case v > math.MaxInt64/2:
		return 0, fmt.Errorf("%.40q is too large", s)
	default:
		return int64(v), nil
	}
}

func byteUnitNames() []string {
	var names []string
	for u := range byteUnits {
		names = append(names, u)
	}
	slices.SortFunc(names, func(a, b string) int {
		if byteUnits[a] != byteUnits[b] {
			return int(byteUnits[a]/1e3 - byteUnits[b]/1e3)
		}
		return strings.Compare(a, b)
	})
	return names
}

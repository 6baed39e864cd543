package main

import (
	"slices"
	"strings"

	"readiness/scan"
)

func areaNames() string {
	var names []string
	for _, a := range scan.Areas() {
		names = append(names, string(a))
	}
	return strings.Join(names, ", ")
}

// selectAreas is what --only and --skip leave of the areas; nil: all.
func selectAreas(only, skip []string) ([]scan.Area, error) {
	parse := func(flag string, names []string) ([]scan.Area, error) {
		var areas []scan.Area
		for _, n := range names {
			if !slices.Contains(scan.Areas(), scan.Area(n)) {
				return nil, usagef("--%s: unknown area %.40q: choose from %s", flag, n, areaNames())
			}
			areas = append(areas, scan.Area(n))
		}
		return areas, nil
	}
	in, err := parse("only", only)
	if err != nil {
		return nil, err
	}
	out, err := parse("skip", skip)
	if err != nil {
		return nil, err
	}
	left := scan.Select(in, out)
	if left != nil && len(left) == 0 {
		return nil, usagef("--skip: nothing is left to ask about: use --depth quick")
	}
	return left, nil
}

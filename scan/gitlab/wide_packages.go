package gitlab

import (
	"context"
	"slices"
	"strings"

	"readiness/scan"
)

// packagesRight: the package registry has an access level of its own, which is
// not read, so an open project does not mean open packages.
var packagesRight = right{access: reporter}

const packagesFact = "project.package-registry"

// widePackages sets the packages of p where the total settles them. Where there
// are packages it returns how many, for their types to be asked.
func (s *Source) widePackages(p *scan.Project, n node) (total int64, more bool) {
	gap := func(g scan.Gap) { p.Packages = scan.Cut[scan.PackageCount](nil, g) }
	if g, gone := s.nodeGap(n, packagesFact, "Project.packages"); gone {
		gap(g)
		return 0, false
	}
	var c connection[struct{}]
	ok, fail := n.get("packages", &c)
	switch {
	case fail != "":
		gap(failed(packagesFact, fail))
	case !ok || c.Count == nil:
		gap(s.silence(p, packagesFact, packagesRight))
	case *c.Count < 0:
		gap(failed(packagesFact, "the answer is not what the schema says"))
	case *c.Count > 0:
		return *c.Count, true
	case p.PackagesSize.Or(0) > 0: // bytes of packages that are not told of
		gap(gapFor(packagesFact, scan.ReasonWithheld))
	case s.may(p, packagesRight) == whole:
		p.Packages = scan.Listed([]scan.PackageCount{})
	default:
		gap(gapFor(packagesFact, scan.ReasonWithheld))
	}
	return 0, false
}

func (s *Source) typesSelection() string {
	var text []string
	for _, t := range packageTypes {
		if s.schema.has("PackageTypeEnum." + t) {
			text = append(text, strings.ToLower(t)+":packages(packageType:"+t+",first:1){count}")
		}
	}
	return strings.Join(text, " ")
}

// wideTypes sets how many packages of each type there are. What the types do not
// account for is of a type that this program does not know.
func (s *Source) wideTypes(ctx context.Context, page []*scan.Project, totals map[int64]int64) error {
	nodes, err := s.askProjects(ctx, idsOf(page), nil, s.typesSelection)
	if err != nil {
		return err
	}
	for _, p := range page {
		n := nodes[p.ID]
		if g, gone := s.nodeGap(n, packagesFact, "Project.packages"); gone {
			p.Packages = scan.Cut[scan.PackageCount](nil, g)
			continue
		}
		left := totals[p.ID]
		var items []scan.PackageCount
		var trouble string
		for _, t := range packageTypes {
			var c connection[struct{}]
			ok, fail := n.get(strings.ToLower(t), &c)
			if fail != "" {
				trouble = fail
			}
			if ok && c.Count != nil && *c.Count > 0 {
				items = append(items, scan.PackageCount{Type: strings.ToLower(t), Count: *c.Count})
				left -= *c.Count
			}
		}
		if trouble != "" {
			p.Packages = scan.Cut(items, failed(packagesFact, trouble))
			continue
		}
		if left > 0 {
			items = append(items, scan.PackageCount{Type: otherType, Count: left})
		}
		sortPackages(items)
		p.Packages = scan.Listed(items)
	}
	return nil
}

// otherType stands for package types newer than this program.
const otherType = "other"

func sortPackages(items []scan.PackageCount) {
	slices.SortFunc(items, func(a, b scan.PackageCount) int { return strings.Compare(a.Type, b.Type) })
}

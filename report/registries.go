package report

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strings"

	"readiness/scan"
)

// registryFacts are those that the sheet of registries shows.
var registryFacts = []scan.FactID{"project.container-registry-access", "project.container-expiration-policy", "project.package-registry",
	"project.container-registry", "project.container-registry-size", "project.packages-size", "project.last-activity-at"}

// addRegistries adds the projects that hold container images or packages, or may
// hold some: what was not read is not taken for none.
func (b *builder) addRegistries() error {
	s := Sheet{Name: SheetRegistries, Title: "Container registries and packages", Frozen: 2,
		Note: sentences("Projects with container repositories or packages, and those of which that could not be read (hatched).", b.cutWords(scan.LevelProject))}
	if b.meta.Scope.Depth < scan.Standard {
		b.add(s, "Registries and packages were not asked for: --depth standard reads them.")
		return nil
	}
	holders := func() iter.Seq2[*scan.Project, error] {
		return keeping(scan.ProjectsWith(b.inv, registryFacts...), holdsPackages)
	}
	if ok, err := occurs(holders()); err != nil || !ok {
		b.add(s, "No project holds container repositories or packages.")
		return err
	}
	of := facts[*scan.Project]{scan.LevelProject, b.meta.Scope.Depth, func(p *scan.Project) scan.Subject { return p }}
	cols := []column[*scan.Project]{
		col("Id", ID, 9, func(p *scan.Project) Cell { return b.idCell(scan.LevelProject, p.ID) }),
		col("Path", Text, 48, func(p *scan.Project) Cell { return TextCell(p.Path) }),
		of.column("project.container-registry-access").under("Registry access", 11),
		of.column("project.container-expiration-policy").under("Clean-up policy", 9),
		long("Packages by type", 40, packageTypes),
		of.column("project.container-registry").under("Container repositories", 13),
		of.column("project.container-registry-size").under("Container registry (MiB)", 22),
		of.column("project.package-registry").under("Packages", 10),
		of.column("project.packages-size").under("Packages (MiB)", 22),
		of.column("project.last-activity-at").under("Last activity", 12),
	}
	s.Columns, s.Rows = headers(cols), rows(cols, holders())
	b.add(s, "")
	return nil
}

// holdsPackages reports whether a project holds images or packages, or that this
// could not be read.
func holdsPackages(p *scan.Project) bool {
	for _, id := range []scan.FactID{"project.container-registry", "project.package-registry"} {
		r := scan.FactOf(p, id)
		if g, gap := r.Gap(); gap && g.Reason != scan.ReasonFeatureOff && g.Reason != scan.ReasonNotAsked {
			return true
		}
		if n, _ := r.Amount(); n > 0 {
			return true
		}
	}
	return false
}

// packageTypes counts a project's packages by type, most first.
func packageTypes(p *scan.Project) Cell {
	if g, gap := p.Packages.Gap(); gap && len(p.Packages.Items) == 0 {
		return GapCell(shortReason(g.Reason))
	}
	list := slices.Clone(p.Packages.Items)
	slices.SortStableFunc(list, func(x, y scan.PackageCount) int {
		return cmp.Or(cmp.Compare(y.Count, x.Count), strings.Compare(x.Type, y.Type))
	})
	var parts []string
	for _, t := range list {
		if t.Count > 0 {
			parts = append(parts, fmt.Sprintf("%s %s", t.Type, Thousands(t.Count)))
		}
	}
	if len(parts) == 0 {
		return TextCell("none").Toned(Muted)
	}
	if _, gap := p.Packages.Gap(); gap {
		parts = append(parts, "rest unread")
	}
	return TextCell(strings.Join(parts, ", "))
}

// keeping walks the subjects that are wanted.
func keeping[S any](subjects iter.Seq2[S, error], wanted func(S) bool) iter.Seq2[S, error] {
	return func(yield func(S, error) bool) {
		for s, err := range subjects {
			if err == nil && !wanted(s) {
				continue
			}
			if !yield(s, err) {
				return
			}
		}
	}
}

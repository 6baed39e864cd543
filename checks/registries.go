package checks

import (
	"slices"

	"readiness/checks/matrix"
	"readiness/scan"
)

// congregatePackages are the package types that Congregate copies.
// Source: congregate/migration/gitlab/packages.py of Congregate.
var congregatePackages = []string{"generic", "maven", "npm", "pypi", "helm"}

var registryChecks = []Check{
	{
		ID: "registry-images-not-carried", Area: "registries", Severity: High, Level: scan.LevelInstance,
		Title:        "Container images stay behind",
		Why:          "Deployments that pull by the old address break, and copying the images often takes longer than all other data together. Only Congregate copies them, with the registry on at both ends.",
		Remedy:       "Delete old tags with clean-up policies first, decide between rebuilding and copying (skopeo or Congregate), and schedule the copy on its own.",
		Docs:         append(links("user/group/import/migrated_items", "user/project/settings/import_export"), congregate("congregate/migration/gitlab/registries.py"), "https://gitlab.com/gitlab-org/gitlab/-/issues/236007"),
		Methods:      imports,
		Destinations: Destinations(),
		Needs:        []scan.FactID{"project.container-registry"},
		Across: &Across{
			One: "registry repository", Many: "registry repositories",
			Project: func(c *Context, p *scan.Project) int64 { return need(c, p.RegistryRepos) },
		},
	},
	{
		ID: "packages-not-carried", Area: "registries", Severity: High, Level: scan.LevelInstance,
		Title:        "Packages stay behind",
		Why:          "Builds that resolve dependencies from the registry fail after the cut-over.",
		Remedy:       "List packages by type and age, publish them again from pipelines or copy them with an importer, and keep the source readable until consumers have moved.",
		Docs:         append(links("user/group/import/migrated_items", "user/project/settings/import_export", "user/gitlab_com"), "https://pypi.org/project/gitlab-evaluate/"),
		Methods:      imports,
		Destinations: Destinations(),
		Needs:        []scan.FactID{"project.package-registry"},
		Across: &Across{
			One: "package", Many: "packages",
			Project: func(c *Context, p *scan.Project) int64 {
				return packages(needAll(c, p.Packages), func(string) bool { return true })
			},
		},
	},
	{
		ID: "packages-unsupported-by-congregate", Area: "registries", Severity: Medium, Level: scan.LevelInstance,
		Title:        "Package types that Congregate leaves out",
		Why:          "They are logged as unsupported and silently absent at the destination.",
		Remedy:       "Publish these types again with their own client or a script before users switch.",
		Docs:         []string{congregate("congregate/migration/gitlab/packages.py"), congregate("customer/gitlab-migration-features-matrix.md")},
		Methods:      []matrix.Method{matrix.Congregate},
		Destinations: Destinations(),
		Needs:        []scan.FactID{"project.package-registry"},
		Across: &Across{
			One: "package of another type than generic, maven, npm, pypi and helm", Many: "packages of other types than generic, maven, npm, pypi and helm",
			Project: func(c *Context, p *scan.Project) int64 {
				return packages(needAll(c, p.Packages), func(t string) bool { return !slices.Contains(congregatePackages, t) })
			},
		},
	},
}

// packages counts the packages of the types that count.
func packages(of []scan.PackageCount, counts func(packageType string) bool) (n int64) {
	for _, p := range of {
		if counts(p.Type) {
			n = scan.Plus(n, p.Count)
		}
	}
	return n
}

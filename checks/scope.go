package checks

import (
	"slices"

	"readiness/checks/matrix"
	"readiness/scan"
)

var scopeChecks = []Check{
	{
		ID: "scope-partial-visibility", Area: "scope", Severity: High, Level: scan.LevelInstance,
		Title:        "The scan did not see everything",
		Why:          "What the token may not see cannot be judged: rules look kept because data are absent, and every amount is too low.",
		Rule:         "Broken where the token does not see every group and project of the scope, or a listing was not read to its end.",
		Remedy:       "Scan again with an administrator's token that may read the API, in Admin Mode where that is on.",
		Docs:         []string{congregate("customer/migration-readiness-checklist.md"), congregate("congregate/helpers/configuration_validator.py"), "https://pypi.org/project/gitlab-evaluate/"},
		Methods:      matrix.Methods(),
		Destinations: Destinations(),
		Needs:        []scan.FactID{"caller.whole-scope"},
		Instance: func(c *Context, i *scan.Instance) Outcome {
			if !need(c, i.WholeScope) {
				return violated("projects and groups hidden from the token are in no amount")
			}
			for _, level := range scan.Levels() {
				if g, cut := c.Cut[level]; cut && g.Reason != scan.ReasonNotAsked {
					why := g.String()
					if g.Cure != "" {
						why += "; " + g.Cure
					}
					return violated("the list of %s was not read to its end: %s", subjectNames[level][1], why)
				}
			}
			return ok()
		},
	},
	{
		ID: "destination-tier-or-edition-lower", Area: "scope", Severity: High, Level: scan.LevelInstance,
		Title:        "Source has a higher plan than the destination",
		Why:          "Data of features that the destination is not licensed for are not imported or cannot be reached.",
		Rule:         "Broken where the source's plan is higher than the target's tier; a question where the plan is none that is known.",
		Remedy:       "Match the plan, or decide with the owners what may be lost and export it before.",
		Docs:         append(links("user/project/settings/import_export"), congregate("customer/gitlab-migration-features-matrix.md"), "https://gitlab.com/gitlab-org/gitlab/-/issues/327288"),
		Methods:      []matrix.Method{matrix.DirectTransfer, matrix.FileExport, matrix.Congregate, matrix.BackupRestore, matrix.OfflineTransfer},
		Destinations: Destinations(),
		Needs:        []scan.FactID{"instance.license"},
		Instance: func(c *Context, i *scan.Instance) Outcome {
			plan := need(c, i.Plan)
			if rank(plan) < 0 {
				return question("What does the source's plan %.40q include? It was read, but is none that is known.", plan)
			}
			if rank(plan) > rank(string(c.Target.Tier)) {
				return violated("source %s, destination %s", plan, c.Target.Tier)
			}
			return ok()
		},
	},
	{
		ID: "geo-license", Area: "scope", Severity: Blocker, Level: scan.LevelInstance,
		Title:        "Geo needs a Premium or Ultimate licence",
		Why:          "Without it a secondary site cannot be added.",
		Rule:         "Broken where the source has no licence or one below Premium; a question where the plan is none that is known.",
		Remedy:       "Get a Premium or Ultimate licence for the time of the migration, or choose another method.",
		Docs:         links("administration/geo"),
		Methods:      []matrix.Method{matrix.Geo},
		Destinations: []Destination{SelfManaged, Dedicated},
		Needs:        []scan.FactID{"instance.license"},
		Instance: func(c *Context, i *scan.Instance) Outcome {
			plan := need(c, i.Plan)
			switch {
			case plan == "":
				return violated("the source has no licence loaded")
			case rank(plan) < 0:
				return question("Does the source's plan %.40q include Geo? It was read, but is none that is known.", plan)
			case rank(plan) < rank(string(Premium)):
				return violated("the source's licensed plan is %s", plan)
			}
			return ok()
		},
	},
	{
		ID: "destination-not-empty-for-restore", Area: "scope", Severity: Blocker, Level: scan.LevelInstance,
		Title:        "Restore needs an empty destination",
		Why:          "A restore erases the destination's database, stops at repositories of the same name, and leaves old objects in buckets as orphans.",
		Remedy:       "Restore to a fresh installation of the same version with empty buckets.",
		Docs:         links("administration/backup_restore/restore_gitlab"),
		Methods:      []matrix.Method{matrix.BackupRestore},
		Destinations: []Destination{SelfManaged},
		Ask: func(*Context) string {
			return "Is the destination a fresh installation, without projects, users and objects in its buckets?"
		},
	},
}

// rank orders plans: no licence is free, and a plan that is unknown is below 0.
func rank(plan string) int {
	if plan == "" {
		return 0
	}
	return slices.Index([]string{"free", "starter", "premium", "ultimate"}, plan)
}

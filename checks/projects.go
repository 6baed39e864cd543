package checks

import (
	"readiness/checks/matrix"
	"readiness/scan"
)

var projectChecks = []Check{
	{
		ID: "projects-in-personal-namespaces", Area: "projects", Severity: Medium, Level: scan.LevelInstance,
		Title:        "Projects in personal namespaces",
		Why:          "The importers take groups as their target: work outside groups is forgotten until the source is shut down, and whatever is imported into a personal namespace is credited to its owner for good.",
		Rule:         "Broken where a project lies in a personal namespace.",
		Remedy:       "Ask the owners to move live projects into a group before the next scan, and let the rest expire.",
		Docs:         append(links("api/bulk_imports", "user/import/mapping/post_migration_mapping"), congregate("customer/famq.md")),
		Methods:      imports,
		Destinations: Destinations(),
		Needs:        []scan.FactID{"project.personal-namespace-project"},
		Across: &Across{
			Project: func(c *Context, p *scan.Project) int64 { return one(need(c, p.Personal)) },
		},
	},
	{
		ID: "projects-pending-deletion", Area: "projects", Severity: Medium, Level: scan.LevelInstance,
		Title:        "Projects or groups marked for deletion",
		Why:          "They are picked up with their group and fail: the whole migration is reported as failed, and real errors hide among these.",
		Rule:         "Broken where a group or project is marked for deletion.",
		Remedy:       "Delete them at once or restore them before the wave.",
		Docs:         []string{"https://gitlab.com/gitlab-org/gitlab/-/issues/460238", congregate("runbooks/migrations-to-dot-com.md")},
		Methods:      []matrix.Method{matrix.DirectTransfer, matrix.Congregate, matrix.OfflineTransfer},
		Destinations: Destinations(),
		Needs:        []scan.FactID{"group.pending-deletion", "project.pending-deletion"},
		Across: &Across{
			Group:   func(c *Context, g *scan.Group) int64 { return one(need(c, g.PendingDeletion)) },
			Project: func(c *Context, p *scan.Project) int64 { return one(need(c, p.PendingDeletion)) },
		},
	},
	{
		ID: "visibility-internal", Area: "projects", Severity: High, Level: scan.LevelInstance,
		Title:        "Internal projects and groups",
		Why:          "GitLab.com has no internal level and makes them private: what everyone could use becomes the members' alone, and includes and dependencies across projects break.",
		Rule:         "Broken where a group or project is internal.",
		Remedy:       "Define access per group (Reporter, or Guest with a role that may read code), add CI/CD job token allowlists, and tell the users.",
		Docs:         append(links("user/gitlab_com", "user/group/import"), congregate("customer/famq.md")),
		Methods:      imports,
		Destinations: []Destination{GitLabCom},
		Needs:        []scan.FactID{"group.visibility", "project.visibility"},
		Across: &Across{
			Group:   func(c *Context, g *scan.Group) int64 { return one(need(c, g.Visibility) == "internal") },
			Project: func(c *Context, p *scan.Project) int64 { return one(need(c, p.Visibility) == "internal") },
		},
	},
	{
		ID: "visibility-public-exposure", Area: "projects", Severity: High, Level: scan.LevelInstance,
		Title:        "Public projects of what may be a private network",
		Why:          "What was public inside the company becomes readable by the whole internet.",
		Rule:         "A question where a group or project is public.",
		Remedy:       "Make them private before the migration, or import them into a private parent group.",
		Docs:         links("user/group/import"),
		Methods:      imports,
		Destinations: []Destination{GitLabCom, Dedicated},
		Needs:        []scan.FactID{"group.visibility", "project.visibility"},
		Across: &Across{
			Group:   func(c *Context, g *scan.Group) int64 { return one(need(c, g.Visibility) == "public") },
			Project: func(c *Context, p *scan.Project) int64 { return one(need(c, p.Visibility) == "public") },
			Judge: func(_ *Context, t *Tally) Outcome {
				if n, _ := t.Amount(); n > 0 {
					return question("Is the source reachable from the internet? If not, what is public inside becomes public to all: %s", t).regardless()
				}
				return ok()
			},
		},
	},
}

package checks

import (
	"readiness/scan"
)

var ciChecks = []Check{
	{
		ID: "ci-variables-not-carried", Area: "ci", Severity: High, Level: scan.LevelInstance,
		Title:        "CI/CD variables are not migrated",
		Why:          "Deployments fail or, worse, go on with stale addresses. Congregate copies the project and group variables whose values it can read; nothing else copies any.",
		Remedy:       "Have the owners of the secrets recreate them at the destination, best after a move to an external secrets manager, and update values that name the source; pipeline schedules have variables of their own to look at.",
		Docs:         append(links("user/group/import/migrated_items", "user/project/settings/import_export"), congregate("customer/famq.md"), congregate("congregate/migration/gitlab/variables.py")),
		Methods:      imports,
		Destinations: Destinations(),
		Needs:        []scan.FactID{"instance.cicd-variables", "group.cicd-variables", "project.cicd-variables"},
		Across: &Across{
			One: "variable", Many: "variables",
			Instance: func(c *Context, i *scan.Instance) int64 { return int64(len(needAll(c, i.Variables))) },
			Group:    func(c *Context, g *scan.Group) int64 { return int64(len(needAll(c, g.Variables))) },
			Project:  func(c *Context, p *scan.Project) int64 { return int64(len(needAll(c, p.Variables))) },
		},
	},
	{
		ID: "ci-variables-hidden", Area: "ci", Severity: High, Level: scan.LevelInstance,
		Title:        "Masked and hidden variables that nobody can read",
		Why:          "The API does not return their values to anybody: tools leave them out without failing.",
		Remedy:       "List their owners and have them enter the values again at the destination.",
		Docs:         []string{congregate("congregate/migration/gitlab/variables.py"), "https://gitlab.com/gitlab-org/gitlab/-/merge_requests/141926"},
		Methods:      imports,
		Destinations: Destinations(),
		Needs:        []scan.FactID{"group.cicd-variables", "project.cicd-variables"},
		Across: &Across{
			One: "hidden variable", Many: "hidden variables",
			Group:   func(c *Context, g *scan.Group) int64 { return hidden(needAll(c, g.Variables)) },
			Project: func(c *Context, p *scan.Project) int64 { return hidden(needAll(c, p.Variables)) },
		},
	},
	{
		ID: "ci-schedules-and-triggers", Area: "ci", Severity: Medium, Level: scan.LevelInstance,
		Title:        "Pipeline schedules go inactive and trigger tokens are lost",
		Why:          "Schedules arrive inactive and owned by whoever imports, trigger tokens not at all: nightly builds stop unnoticed and outside callers get 404.",
		Remedy:       "Publish a list of schedules with owners to be switched on again and of new trigger tokens to be issued.",
		Docs:         links("user/project/settings/import_export", "user/group/import/migrated_items", "user/gitlab_com"),
		Methods:      imports,
		Destinations: Destinations(),
		Needs:        []scan.FactID{"project.pipeline-schedules", "project.pipeline-triggers"},
		Across: &Across{
			One: "schedule or trigger token", Many: "schedules and trigger tokens",
			Project: func(c *Context, p *scan.Project) int64 { return sum(c, &p.Schedules, &p.Triggers) },
		},
	},
	{
		ID: "runners-reregistration", Area: "ci", Severity: High, Level: scan.LevelInstance,
		Title:        "Group and project runners must be registered anew",
		Why:          "No import moves a runner's registration: jobs stay pending after the wave, and automation built on registration tokens breaks where those are switched off.",
		Rule:         "Broken where there is any group or project runner.",
		Remedy:       "Create runners at the destination with authentication tokens, rewrite config.toml and bring the runners' versions close to the destination's.",
		Docs:         []string{congregate("customer/famq.md"), congregate("runbooks/discovery.md"), "https://gitlab.com/gitlab-org/gitlab/-/issues/387993"},
		Methods:      imports,
		Destinations: Destinations(),
		Needs:        []scan.FactID{"instance.group-runners", "instance.project-runners"},
		Instance: func(c *Context, i *scan.Instance) Outcome {
			if group, project := need(c, i.GroupRunners), need(c, i.ProjectRunners); group+project > 0 {
				return violated("%s and %s", plural(group, "group runner", "group runners"), plural(project, "project runner", "project runners"))
			}
			return ok()
		},
	},
	{
		ID: "ci-project-settings-not-carried", Area: "ci", Severity: Medium, Level: scan.LevelInstance,
		Title:        "CI/CD settings of projects are reset",
		Why:          "Pipelines behave a little differently in every project: of these settings importers carry little more than the depth of clones.",
		Remedy:       "Export what differs from the defaults as a table, and set it again by script after each wave.",
		Docs:         []string{"https://gitlab.com/gitlab-org/gitlab/-/issues/536537"},
		Methods:      imports,
		Destinations: Destinations(),
		Needs:        []scan.FactID{"project.cicd-settings", "project.deploy-freezes", "project.pipeline-subscriptions", "project.merge-trains"},
		Across: &Across{
			One: "setting, deploy freeze or subscription that no new project has", Many: "settings, deploy freezes and subscriptions that no new project has",
			Project: func(c *Context, p *scan.Project) int64 {
				return int64(len(need(c, p.CISettings))) + offered(c, p.DeployFreezes) + offered(c, p.Subscriptions) + one(offered(c, p.MergeTrains))
			},
		},
	},
	{
		ID: "runners-instance-runners-in-use", Area: "ci", Severity: High, Level: scan.LevelInstance,
		Title:        "Projects may depend on the source's instance runners",
		Why:          "Nobody can register instance runners on GitLab.com: pipelines have no capacity, or run on hosted runners that reach no internal network and use up compute minutes.",
		Rule:         "Broken where there is any instance runner.",
		Remedy:       "Size group runners or hosted minutes, and place runners of your own where they reach internal systems.",
		Docs:         append(links("user/gitlab_com"), congregate("runbooks/discovery.md")),
		Methods:      imports,
		Destinations: []Destination{GitLabCom},
		Needs:        []scan.FactID{"instance.runners"},
		Instance: func(c *Context, i *scan.Instance) Outcome {
			if n := need(c, i.Runners); n > 0 {
				return violated("%s", plural(n, "instance runner", "instance runners"))
			}
			return ok()
		},
	},
}

// hidden counts the variables whose values nobody can read again.
func hidden(of []scan.Variable) (n int64) {
	for _, v := range of {
		n += one(v.Hidden)
	}
	return n
}

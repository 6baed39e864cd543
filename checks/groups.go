package checks

import (
	"strings"

	"readiness/scan"
)

// maxNesting is how many levels a group tree may have, top-level group included.
// Source: https://docs.gitlab.com/user/group/subgroups/
const maxNesting = 20

var groupChecks = []Check{
	{
		ID: "groups-nesting-depth", Area: "groups", Severity: Blocker, Level: scan.LevelGroup,
		Title:        "Group tree too deep for its new place",
		Why:          "The lower subgroups and the projects in them are not created.",
		Rule:         "Broken where the group's path at the destination has more levels than the limit.",
		Remedy:       "Flatten the branch at the source or choose a parent group higher up.",
		Docs:         links("user/group/subgroups"),
		Methods:      imports,
		Destinations: Destinations(),
		Thresholds: []Threshold{
			{Metric: "depth of a group tree", Value: maxNesting, Unit: unitLevels, Source: "https://docs.gitlab.com/user/group/subgroups/"},
		},
		Group: func(c *Context, g *scan.Group) Outcome {
			to := c.Target.Path(g.Path)
			if n := depth(to); int64(n) > c.limit(maxNesting) {
				return violated("level %d at the source becomes level %d at the destination; the limit is %d", depth(g.Path), n, c.limit(maxNesting))
			}
			return ok()
		},
		Ask: func(c *Context) string {
			if c.Target.Moves() {
				return ""
			}
			return "Under which destination group do the groups go, and how deep is it? They were judged as top-level groups."
		},
	},
	{
		ID: "groups-shared-with-groups", Area: "groups", Severity: High, Level: scan.LevelInstance,
		Title:        "Groups and projects shared with other groups",
		Why:          "Access narrows in silence, or turns into direct membership that outlives the group's: direct transfer copies shared members as direct ones, file exports lose the share.",
		Remedy:       "Migrate the whole group structure before the projects and restore the shares from the recorded list.",
		Docs:         append(links("user/group/import", "user/group/import/direct_transfer_migrations"), congregate("customer/famq.md"), "https://gitlab.com/gitlab-org/gitlab/-/issues/458345"),
		Methods:      imports,
		Destinations: Destinations(),
		Needs:        []scan.FactID{"group.shared-with-groups", "project.shared-with-groups"},
		Across: &Across{
			One: "invited group", Many: "invited groups",
			Group:   func(c *Context, g *scan.Group) int64 { return need(c, g.SharedWith) },
			Project: func(c *Context, p *scan.Project) int64 { return need(c, p.SharedWithGroups) },
		},
	},
	{
		ID: "groups-directory-links", Area: "groups", Severity: Medium, Level: scan.LevelInstance,
		Title:        "Groups filled from LDAP or SAML, and locked memberships",
		Why:          "No import carries the links: memberships stop following the directory. A lock refuses direct members, from 18.4 on imported ones too.",
		Remedy:       "Export the table of links, create them again as SAML group links when the mapping of people is finished, and lift locks during imports.",
		Docs:         append(links("user/group/import/direct_transfer_migrations", "user/project/settings/import_export"), congregate("runbooks/discovery.md")),
		Methods:      imports,
		Destinations: Destinations(),
		Needs:        []scan.FactID{"group.ldap-group-links", "group.saml-group-links", "group.membership-lock"},
		Across: &Across{
			One: "link to a directory or membership lock", Many: "links to a directory and membership locks",
			Group: func(c *Context, g *scan.Group) int64 {
				return offered(c, g.LDAPLinks) + offered(c, g.SAMLLinks) + one(offered(c, g.MembershipLock))
			},
		},
	},
	{
		ID: "destination-namespace-not-ready", Area: "groups", Severity: Blocker, Level: scan.LevelInstance,
		Title:        "Destination group has to be prepared",
		Why:          "Imports fail, or fall under the limits of Free such as 200 placeholder users.",
		Remedy:       "Create the top-level group as private, link the subscription to it, and set roles and defaults before users are invited.",
		Docs:         append(links("user/gitlab_com", "user/import/mapping/post_migration_mapping", "user/group/import", "api/bulk_imports"), congregate("congregate/helpers/configuration_validator.py")),
		Methods:      imports,
		Destinations: Destinations(),
		Ask: func(*Context) string {
			return "Does the destination's top-level group exist, private, linked to the subscription, with subgroups and projects allowed?"
		},
	},
	{
		ID: "naming-path-taken", Area: "groups", Severity: Blocker, Level: scan.LevelInstance,
		Title:        "Paths may be taken at the destination",
		Why:          "The import fails, or ends in a green status that hides that nothing came in; failed attempts that await deletion hold their path too, on GitLab.com for 30 days.",
		Rule:         "Broken by each group or project whose path at the destination is taken, where the destination was read.",
		Remedy:       "Reserve the top-level group early, rename or map what is taken, and delete failed attempts at once.",
		Docs:         append(links("user/gitlab_com"), congregate("customer/group-project-and-user-conflict-resolution.md"), "https://gitlab.com/gitlab-org/gitlab/-/issues/341185", "https://gitlab.com/gitlab-org/gitlab/-/issues/519401"),
		Methods:      imports,
		Destinations: Destinations(),
		Across: &Across{
			One: "path that is taken", Many: "paths that are taken",
			Group:   func(c *Context, g *scan.Group) int64 { return c.isTaken(g.Path) },
			Project: func(c *Context, p *scan.Project) int64 { return c.isTaken(p.Path) },
		},
		Ask: func(*Context) string {
			return "Are the paths of the groups and projects to migrate free at the destination, also of groups and projects awaiting deletion?"
		},
	},
}

// depth is the level of a full path: 1 for a top-level group, 0 for none.
func depth(path string) int {
	if path == "" {
		return 0
	}
	return strings.Count(path, "/") + 1
}

// isTaken is 1 if the path that something moves to is taken at the destination.
func (c *Context) isTaken(path string) int64 {
	if len(c.taken) > 0 {
		c.named()
	}
	return one(c.taken[strings.ToLower(c.Target.Path(path))])
}

package scan

const (
	guestGroup            = "any member of the group"
	guestGroupPaid        = "any member of the group, Premium or higher"
	reporterGroup         = "Reporter or higher on the group"
	reporterGroupUltimate = "Reporter or higher on the group, Ultimate"
	reporterGroupPaid     = "Reporter or higher on the group, Premium or higher"
	maintainerGroup       = "Maintainer or higher on the group"
	maintainerGroupPaid   = "Maintainer or higher on the group, Premium or higher"
	ownerUltimate         = "Owner of the group, Ultimate"
	anyoneUltimate        = "any token that sees the project, Ultimate"
	reporterPaid          = "Reporter or higher on the project, Premium or higher"
	developerPaid         = "Developer or higher on the project, Premium or higher"
	developerUltimate     = "Developer or higher on the project, Ultimate"
	maintainerPaid        = "Maintainer or higher on the project, Premium or higher"
	maintainerUltimate    = "Maintainer or higher on the project, Ultimate"
	adminUltimate         = "an administrator's token, Ultimate"
	reporterUltimate      = "Reporter or higher on the project, Ultimate"
)

// unreadFacts are facts that a migration's outcome depends on and that no API of
// GitLab tells, or none that is fit for a scan, each with the reason.
var unreadFacts = []Entry{
	{ID: "instance.custom-project-templates", Level: LevelInstance, Title: "Instance project template group", Unit: Flag, Depth: Quick, Unread: "no version's API tells custom_project_templates_group_id; it stands in Admin > Settings > Templates"},

	{ID: "group.saved-views", Level: LevelGroup, Title: "Saved work item views", Unit: Count, Depth: Standard, Unread: "GitLab tells everybody, administrators too, their own private views and the shared ones alone"},

	{ID: "project.hardcoded-urls", Level: LevelProject, Title: "Files that name the source's host", Unit: Count, Depth: Deep, Read: "GET /projects/:id/search?scope=blobs", Needs: reporter, Unread: "a search through every repository, which the source would feel; CI/CD configurations, submodules, Git LFS and the settings of package managers are read for addresses instead"},
	{ID: "project.metrics-settings", Level: LevelProject, Title: "Metrics dashboard settings", Unit: Flag, Depth: Quick, Unread: "GitLab removed the feature; no API answers for what is left of it"},
	{ID: "project.managed-licenses", Level: LevelProject, Title: "Managed licenses", Unit: Count, Depth: Deep, Read: "GET /projects/:id/managed_licenses", Needs: developerUltimate, Unread: "since 16.0 GitLab answers with an empty list, whatever there was"},
}

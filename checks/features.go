package checks

import (
	"fmt"
	"slices"

	"readiness/scan"
)

const (
	// stale is after how many days without activity a project counts as stale: a
	// default of this catalogue, which the source asks to agree on.
	stale = 365
	// largeBlob is the size from which on pushes to Free projects are refused.
	// Source: https://docs.gitlab.com/user/free_push_limit/
	largeBlob = 100 << 20
	// suspectRepository is the size from which on a repository without LFS is
	// suspected of large files: a default of this catalogue.
	suspectRepository = 1 << 30
	// What one record may hold before importers drop it.
	// Source: https://docs.gitlab.com/administration/instance_limits/ and, for
	// names and versions, https://docs.gitlab.com/user/group/import/ and
	// https://docs.gitlab.com/user/gitlab_com/
	rowSize      = 50 << 20
	nameLength   = 255
	itemComments = 5_000
	diffVersions = 1_000
)

// externalCI are the integrations with other CI systems, by GitLab's slugs.
// Source: https://docs.gitlab.com/user/project/integrations/
var externalCI = []string{"bamboo", "buildkite", "drone-ci", "jenkins", "mock-ci", "teamcity"}

// featureChecks are about what projects use, and what of it is worth moving.
var featureChecks = []Check{
	{
		ID: "projects-stale-or-empty", Area: "projects", Severity: Info, Level: scan.LevelInstance,
		Title:        "Stale or empty projects",
		Why:          "Every project costs time in a wave and in checks, and the export of an empty one looks like a failure.",
		Rule:         "Broken where a project's last activity is longer ago than the limit, or it has neither a commit nor an issue.",
		Remedy:       "Agree with the owners on deletion or archiving, and leave these projects out of the waves.",
		Docs:         []string{congregate(preAndPostRunbook), congregate("runbooks/migrations-to-dot-com.md")},
		Methods:      imports,
		Destinations: Destinations(),
		Needs:        []scan.FactID{"project.last-activity-at", "project.empty-repository", "project.issues"},
		Thresholds: []Threshold{
			{Metric: "days without activity", Value: stale, Unit: unitDays, Source: congregate(preAndPostRunbook)},
		},
		Across: &Across{
			Project: func(c *Context, p *scan.Project) int64 {
				last := need(c, p.LastActivityAt)
				if c.AsOf.IsZero() {
					c.note(scan.Gap{Reason: scan.ReasonInterrupted}) // nobody can say how long ago that was
				}
				old := last.Before(c.AsOf.AddDate(0, 0, -int(c.limit(stale))))
				return one(old || need(c, p.Empty) && need(c, p.Issues) == 0)
			},
		},
	},
	{
		ID: "projects-minor-features", Area: "projects", Severity: Low, Level: scan.LevelInstance,
		Title:        "Features that need a hand after the import",
		Why:          "They are small losses that users report one by one; Service Desk gets another address, and Dedicated has none.",
		Remedy:       "Put them on the list of what each owner does after the migration.",
		Docs:         append(links("user/group/import/migrated_items", "user/project/settings/import_export", "subscriptions/gitlab_dedicated"), congregate("customer/gitlab-migration-features-matrix.md")),
		Methods:      imports,
		Destinations: Destinations(),
		Needs: []scan.FactID{"project.service-desk", "project.topics", "project.alert-integrations", "project.requirements",
			"project.error-tracking-settings", "group.custom-fields", "group.custom-emoji"},
		Across: &Across{
			One:   "use of Service Desk or error tracking, topic, alert endpoint, requirement, custom field or emoji",
			Many:  "uses of Service Desk and error tracking, topics, alert endpoints, requirements, custom fields and emoji",
			Group: func(c *Context, g *scan.Group) int64 { return offered(c, g.CustomFields) + offered(c, g.CustomEmoji) },
			Project: func(c *Context, p *scan.Project) int64 {
				return one(need(c, p.ServiceDesk)) + int64(len(need(c, p.Topics))) + need(c, p.AlertEndpoints) + offered(c, p.Requirements) + one(offered(c, p.Sentry))
			},
		},
	},
	{
		ID: "projects-links-and-dependencies", Area: "projects", Severity: Medium, Level: scan.LevelInstance,
		Title:        "Links of issues, dependencies of merge requests and comments on wikis",
		Why:          "Relations in plans and the history of reviews shrink without an error: file exports keep only the newest version of each merge request's changes.",
		Rule:         "A question where a project has issues or merge requests.",
		Remedy:       "Merge or close dependent merge requests before the wave, and export links to set them again by API where they matter.",
		Docs:         append(links("user/group/import/migrated_items", "user/project/settings/import_export"), congregate(preAndPostRunbook)),
		Methods:      imports,
		Destinations: Destinations(),
		Needs:        []scan.FactID{"project.issues", "project.merge-requests"},
		Across: &Across{
			One: "issue or merge request", Many: "issues and merge requests",
			Project: func(c *Context, p *scan.Project) int64 { return sum(c, &p.Issues, &p.MergeRequests) },
			Judge:   askIfAny("Do teams link issues, let merge requests depend on others or comment on wiki pages? They know; GitLab tells only issue by issue. There may be some among %s"),
		},
	},
	{
		ID: "integrations-external-ci", Area: "integrations", Severity: Medium, Level: scan.LevelInstance,
		Title:        "Other CI systems bound to GitLab",
		Why:          "They go on building from the old remote: address, credentials and webhook have to change in every job.",
		Remedy:       "Count the jobs for each server, prepare a script that changes address and credentials, and test the network path to the new host.",
		Docs:         []string{migrationScoping, congregate("customer/pre-and-post-migration.md")},
		Methods:      imports,
		Destinations: Destinations(),
		Needs:        []scan.FactID{"project.integrations", "project.other-ci-files"},
		Across: &Across{
			One: "integration with another CI system or file of one", Many: "integrations with other CI systems and files of theirs",
			Project: func(c *Context, p *scan.Project) (n int64) {
				n = int64(len(need(c, p.OtherCI)))
				for _, x := range needAll(c, p.Integrations) {
					n += one(slices.Contains(externalCI, x.Slug))
				}
				return n
			},
		},
		Ask: func(*Context) string {
			return "Which build servers poll the source or are called by it, and how many jobs does each have? Their administrators know; a server that polls is in no list of GitLab."
		},
	},
	{
		ID: "size-blob-over-100mib", Area: "size", Severity: Medium, Level: scan.LevelInstance,
		Title:        "Single files of 100 MiB or more in Git history",
		Why:          "GitLab.com refuses pushes of such files to Free projects: a repository cannot be pushed by hand, and developers stand still at the next forced push. Everywhere they slow clones and imports.",
		Rule:         "A question where a repository is larger than the limit and its project has LFS switched off.",
		Remedy:       "Move the files to LFS or strip them from the history before the migration.",
		Docs:         links("user/free_push_limit", "user/gitlab_com", "administration/settings/account_and_limit_settings"),
		Methods:      imports,
		Destinations: []Destination{GitLabCom},
		Needs:        []scan.FactID{"project.repository-size", "project.lfs-setting"},
		Thresholds: []Threshold{
			{Metric: "single file in Git history", Value: largeBlob, Unit: unitBytes, Source: "https://docs.gitlab.com/user/free_push_limit/"},
			{Metric: "repository without LFS that is suspected", Value: suspectRepository, Unit: unitBytes, Source: "https://docs.gitlab.com/user/free_push_limit/"},
		},
		Across: &Across{
			Project: func(c *Context, p *scan.Project) int64 {
				return one(need(c, p.RepositorySize) > c.limit(suspectRepository) && !need(c, p.LFSEnabled))
			},
			Judge: askIfAny("Do these repositories, large and without LFS, hold files of 100 MiB or more? Their owners find out in a clone: %s"),
		},
		Ask: func(c *Context) string {
			return fmt.Sprintf("Do repositories hold single files of %s or more? No API tells; in a clone: git rev-list --objects --all | git cat-file --batch-check='%%(objecttype) %%(objectsize) %%(rest)' | awk '$1 == \"blob\" && $2 >= %d'", roundBytes(c.limit(largeBlob)), c.limit(largeBlob))
		},
	},
	{
		ID: "limits-record-shape", Area: "limits", Severity: Medium, Level: scan.LevelInstance,
		Title:        "Single records that are larger than the importers take",
		Why:          "The record is dropped, and a row that is too long ends the import of its kind.",
		Remedy:       "Split or export the item by hand, delete notes that bots generated, and shorten file names.",
		Docs:         append(links("user/group/import", "user/gitlab_com"), instanceLimits, congregate("dev/bin/check_merge_request_sizes.py"), "https://gitlab.com/gitlab-org/gitlab/-/issues/406685"),
		Methods:      imports,
		Destinations: Destinations(),
		Thresholds: []Threshold{
			{Metric: "row of an export file", Value: rowSize, Unit: unitBytes, Source: instanceLimits},
			{Metric: "characters of a file name", Value: nameLength, Unit: unitRecords, Source: importDocs},
			{Metric: "comments on one item", Value: itemComments, Unit: unitRecords, Source: instanceLimits},
			{Metric: "versions of a merge request's changes", Value: diffVersions, Unit: unitRecords, Source: "https://docs.gitlab.com/user/gitlab_com/"},
		},
		Ask: func(c *Context) string {
			return fmt.Sprintf("Are there merge requests or issues with more than %s comments, %s versions of changes or %s of text, or uploads with names longer than %s characters? Their authors know; no list tells, and Congregate's check_merge_request_sizes.py tries one merge request after the other.",
				Thousands(c.limit(itemComments)), Thousands(c.limit(diffVersions)), roundBytes(c.limit(rowSize)), Thousands(c.limit(nameLength)))
		},
	},
}

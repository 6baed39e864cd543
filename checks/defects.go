package checks

import (
	"strings"

	"readiness/checks/matrix"
	"readiness/scan"
)

// The releases that mended documented defects of importers.
// Source: https://docs.gitlab.com/user/group/import/ and Congregate's
// runbooks/direct-transfer-migrations.md and customer/famq.md.
var (
	epicsCreditedSince     = scan.MustVersion("17.3")  // destination: 17.0 to 17.2 credit epics to the importing user
	permissionsSince       = scan.MustVersion("17.7")  // destination: permissions follow a reassignment
	samePathSince          = scan.MustVersion("17.10") // destination: a group may keep its source path
	diffNotesSince         = scan.MustVersion("16.10") // source: no notes on diffs are lost
	scheduledPoliciesSince = scan.MustVersion("16.2")  // source: scheduled policies do not disturb
	digitPathsSince        = scan.MustVersion("15.5")  // source: groups with a path of digits are found
	manyRefsSince          = scan.MustVersion("18.0")  // source: exports of many refs are fast
	epicsMiscreditedFrom   = scan.MustVersion("17.0")
)

const importDocs = "https://docs.gitlab.com/user/group/import/"

var directTransferRunbook = congregate("runbooks/direct-transfer-migrations.md")

var defectChecks = []Check{
	{
		ID: "version-known-import-defects", Area: "version", Severity: High, Level: scan.LevelInstance,
		Title:        "Releases with documented defects of importers",
		Why:          "Each defect damages authorship, permissions or history so that only another import repairs it.",
		Rule:         "Broken where the release of one side has a defect that the limits name; those of single groups and projects where the group's path is all digits and where a project has more branches or tags than the limits.",
		Remedy:       "Upgrade past the releases concerned, or apply the workaround: rename the group, switch scheduled policies off, delete refs.",
		Docs:         append(links("user/group/import", "user/group/import/troubleshooting", "user/project/settings/import_export"), directTransferRunbook, congregate("customer/famq.md"), "https://gitlab.com/gitlab-org/gitlab/-/issues/519401"),
		Methods:      []matrix.Method{matrix.DirectTransfer, matrix.FileExport, matrix.Congregate},
		Destinations: Destinations(),
		Needs:        []scan.FactID{"instance.version", "project.branches", "project.git-tags"},
		Thresholds: []Threshold{
			{Metric: "release of the destination that begins to credit epics to the importing user", Release: epicsMiscreditedFrom, Unit: unitRelease, Source: importDocs},
			{Metric: "first release of the destination that credits epics to their authors again after 17.0", Release: epicsCreditedSince, Unit: unitRelease, Source: importDocs},
			{Metric: "first release of a Self-Managed destination whose permissions follow a reassignment", Release: permissionsSince, Unit: unitRelease, Source: importDocs},
			{Metric: "first release of the destination where a group may keep its source path", Release: samePathSince, Unit: unitRelease, Source: "https://gitlab.com/gitlab-org/gitlab/-/issues/519401"},
			{Metric: "first release of the source that loses no notes on diffs", Release: diffNotesSince, Unit: unitRelease, Source: directTransferRunbook},
			{Metric: "first release of the source that scheduled policies do not disturb", Release: scheduledPoliciesSince, Unit: unitRelease, Source: directTransferRunbook},
			{Metric: "first release of the source that finds groups with a path of digits", Release: digitPathsSince, Unit: unitRelease, Source: directTransferRunbook},
			{Metric: "first release of the source whose exports of many refs are fast", Release: manyRefsSince, Unit: unitRelease, Source: "https://docs.gitlab.com/user/project/settings/import_export/"},
			{Metric: "branches of a project", Value: manyBranches, Unit: unitRecords, Source: gitlabEvaluate},
			{Metric: "Git tags of a project", Value: manyTags, Unit: unitRecords, Source: gitlabEvaluate},
		},
		Instance: func(c *Context, i *scan.Instance) Outcome {
			var defects []string
			to := c.Target.Version
			if to.AtLeast(c.release(epicsMiscreditedFrom)) && !to.AtLeast(c.release(epicsCreditedSince)) {
				defects = append(defects, "the destination "+to.Short()+" credits imported epics and work items to the importing user")
			}
			if c.Target.Destination == SelfManaged && !to.AtLeast(c.release(permissionsSince)) {
				defects = append(defects, "the destination "+to.Short()+" does not update permissions after a reassignment")
			}
			if !to.AtLeast(c.release(samePathSince)) {
				defects = append(defects, "the destination "+to.Short()+" may refuse a group under its source path")
			}
			if from := need(c, i.Version); !from.IsZero() && !from.AtLeast(c.release(diffNotesSince)) {
				defects = append(defects, "the source "+from.Short()+" loses some notes on diffs of merge requests")
			}
			if len(defects) > 0 {
				return violated("%s", strings.Join(defects, "; ")).only(matrix.DirectTransfer).regardless()
			}
			return ok()
		},
		Group: func(c *Context, g *scan.Group) Outcome {
			c.named()
			if strings.Trim(g.Path, "0123456789") != "" {
				return ok()
			}
			if from := need(c, c.Instance.Version); !from.AtLeast(c.release(digitPathsSince)) {
				return violated("the path %s is all digits: the source %s answers 404 for it", g.Path, from.Short()).only(matrix.DirectTransfer)
			}
			return ok()
		},
		Project: func(c *Context, p *scan.Project) Outcome {
			from := need(c, c.Instance.Version)
			if from.AtLeast(c.release(manyRefsSince)) {
				return ok()
			}
			branches, tags := need(c, p.Branches), need(c, p.Tags)
			if branches > c.limit(manyBranches) || tags > c.limit(manyTags) {
				o := violated("%s and %s: the source %s exports very many refs slowly", plural(branches, "branch", "branches"),
					plural(tags, "tag", "tags"), from.Short()).only(matrix.FileExport, matrix.Congregate)
				o.Regardless = !from.IsZero()
				return o
			}
			return ok()
		},
		Ask: func(c *Context) string {
			if from, known := c.Instance.Version.Get(); known && from.AtLeast(c.release(scheduledPoliciesSince)) {
				return ""
			}
			return "Do scheduled scan execution policies run on the source? At 16.1 and older, direct transfer must not be used where they do. Its security team knows."
		},
	},
}

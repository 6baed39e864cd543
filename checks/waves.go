package checks

import (
	"slices"

	"readiness/checks/matrix"
	"readiness/scan"
)

// What a wave and the tools that move it cope with.
const (
	// heavyProject is the storage above which Evaluate flags a project.
	// Source: https://pypi.org/project/gitlab-evaluate/
	heavyProject = 20 * gb
	// stagingDisk is the disk of Professional Services' migration host.
	// Source: runbooks/migration-pre-and-post-requisites.md of Congregate.
	stagingDisk = 200 * gb
	// waveProjects is the general cap of projects for a wave.
	// Source: customer/migration-wave-considerations.md of Congregate.
	waveProjects = 200
	// waveProjectsDedicated is the cap of projects for a wave to Dedicated.
	waveProjectsDedicated = 500
	// perMinute is how many exports, imports or direct transfers one account may
	// start in a minute.
	// Source: https://docs.gitlab.com/administration/instance_limits/
	perMinute = 6
	// exportLifetime is how many hours an export file is kept.
	// Source: https://docs.gitlab.com/user/project/settings/import_export/
	exportLifetime = 24
	// importStuck and congregateWait are how many seconds an import may take before
	// GitLab marks it as stuck, and Congregate gives up waiting.
	// Source: https://docs.gitlab.com/user/project/settings/import_export_troubleshooting/
	// and congregate/helpers/conf.py of Congregate.
	importStuck    = 15 * 3600
	congregateWait = 3600
)

const (
	preAndPostRunbook = "runbooks/migration-pre-and-post-requisites.md"
	instanceLimits    = "https://docs.gitlab.com/administration/instance_limits/"
	migrationScoping  = "https://handbook.gitlab.com/handbook/customer-success/professional-services-engineering/engagement-mgmt/scoping-information/migrations"
)

var waveChecks = []Check{
	{
		ID: "size-wave-and-project-volume", Area: "waves", Severity: Medium, Level: scan.LevelProject,
		Title:        "Project or group tree heavier than the usual tools handle",
		Why:          "One oversized wave overruns its window and holds up every team in it.",
		Rule:         "Broken where a project's storage is above its limit, or the exports of all projects below a top-level group together above the disk where a wave is staged.",
		Remedy:       "Spread heavy projects over the waves, start them first or alone, and give the migration host a larger disk.",
		Docs:         []string{gitlabEvaluate, congregate(preAndPostRunbook)},
		Methods:      imports,
		Destinations: Destinations(),
		Needs: []scan.FactID{"project.repository-size", "project.wiki-size", "project.lfs-objects-size", "project.job-artifacts-size",
			"project.packages-size", "project.snippets-size", "project.uploads-size"},
		Thresholds: []Threshold{
			{Metric: "storage of a project", Value: heavyProject, Unit: unitBytes, Source: gitlabEvaluate},
			{Metric: "files staged for a wave", Value: stagingDisk, Unit: unitBytes, Source: congregate(preAndPostRunbook)},
		},
		Project: func(c *Context, p *scan.Project) Outcome {
			n := sum(c, &p.RepositorySize, &p.WikiSize, &p.LFSSize, &p.JobArtifactsSize, &p.PackagesSize, &p.SnippetsSize, &p.UploadsSize)
			if o, is := over("storage", n, c.limit(heavyProject), "a project that moves along with others"); is {
				return o
			}
			return ok()
		},
		Trees: &Trees{
			Project: func(c *Context, p *scan.Project) int64 {
				return sum(c, &p.RepositorySize, &p.WikiSize, &p.LFSSize, &p.UploadsSize, &p.SnippetsSize)
			},
			Judge: func(c *Context, n int64) Outcome {
				if o, is := over("export files of all projects below", n, c.limit(stagingDisk), "the disk where one wave is staged"); is {
					return o.only(matrix.FileExport, matrix.Congregate)
				}
				return ok()
			},
		},
	},
	{
		ID: "groups-wave-size", Area: "waves", Severity: Medium, Level: scan.LevelGroup,
		Title:        "Group tree larger than a wave",
		Why:          "The group is cut over on several days and lives in two halves meanwhile.",
		Rule:         "Broken where more projects lie below a top-level group than the limit of a wave to the destination.",
		Remedy:       "Bring the structure of groups first and the projects in waves by their dependencies, or agree on a longer window.",
		Docs:         []string{congregate("customer/migration-wave-considerations.md"), congregate("runbooks/discovery.md"), congregate("customer/pre-and-post-migration.md"), migrationScoping},
		Methods:      []matrix.Method{matrix.DirectTransfer, matrix.Congregate},
		Destinations: Destinations(),
		Thresholds: []Threshold{
			{Metric: "projects of a wave", Value: waveProjects, Unit: unitProjects, Source: congregate("customer/migration-wave-considerations.md")},
			{Metric: "projects of a wave to Dedicated", Value: waveProjectsDedicated, Unit: unitProjects, Source: migrationScoping},
		},
		Trees: &Trees{
			Project: func(*Context, *scan.Project) int64 { return 1 },
			Judge: func(c *Context, n int64) Outcome {
				limit := c.limit(waveProjects)
				if c.Target.Destination == Dedicated {
					limit = c.limit(waveProjectsDedicated)
				}
				if o, is := moreThan("projects below the group", n, limit); is {
					return o
				}
				return ok()
			},
		},
	},
	{
		ID: "groups-not-top-level", Area: "waves", Severity: Medium, Level: scan.LevelGroup,
		Title:        "Scope is not made of whole top-level groups",
		Why:          "What members, shares and labels come from the groups above is lost, and a tree that is split over waves takes more planning.",
		Rule:         "Broken where the scan covers projects by name, and for each subgroup at which it begins.",
		Remedy:       "Move whole trees in one wave; otherwise use the API for each subgroup and restore inherited members by hand.",
		Docs:         append(links("user/group/import", "user/import/gitlab_instances/offline-transfer-migrations"), congregate("customer/famq.md"), directTransferRunbook),
		Methods:      imports,
		Destinations: Destinations(),
		Instance: func(c *Context, _ *scan.Instance) Outcome {
			if n := int64(len(c.Scope.Projects)); n > 0 {
				return violated("the scan covers %s by name, not whole groups", plural(n, "project", "projects"))
			}
			return ok()
		},
		Group: func(c *Context, g *scan.Group) Outcome {
			if g.ParentID != 0 && slices.Contains(c.Scope.Groups, g.Path) {
				return violated("the scan begins at this subgroup: direct transfer's page and Congregate's staging take top-level groups, exports take the whole tree")
			}
			return ok()
		},
	},
	{
		ID: "air-gap-late-size-failure", Area: "waves", Severity: High, Level: scan.LevelProject,
		Title:        "Size limits that are checked only after the transport",
		Why:          "The project fails when its media have been carried across: each failure takes another physical round trip.",
		Rule:         "Broken where repository, LFS objects or uploads are above the limit of offline transfer; behind an air gap also where all that an archive holds is above the limit of file imports.",
		Remedy:       "Raise the destination's limits before the first import, and hold back the projects concerned.",
		Docs:         links("user/import/gitlab_instances/offline-transfer-migrations", "administration/settings/import_and_export_settings"),
		Methods:      []matrix.Method{matrix.FileExport, matrix.Congregate, matrix.OfflineTransfer},
		Destinations: []Destination{GitLabCom, SelfManaged},
		Needs: []scan.FactID{"project.repository-size", "project.wiki-size", "project.lfs-objects-size",
			"project.uploads-size", "project.snippets-size"},
		Thresholds: []Threshold{
			{Metric: "repository, LFS objects or uploads of a project", Value: relationLimit, Unit: unitBytes, Source: "https://docs.gitlab.com/administration/settings/import_and_export_settings/"},
			{Metric: "decompressed export file", Value: decompressedLimit, Unit: unitBytes, Source: "https://docs.gitlab.com/user/gitlab_com/"},
		},
		Project: func(c *Context, p *scan.Project) Outcome {
			limits := c.Target.limits()
			relation, found := c.atMost(limits.RelationDownload, relationLimit), ok()
			for _, r := range []struct {
				what string
				size *scan.Fact[int64]
			}{{"Git repository", &p.RepositorySize}, {"LFS objects", &p.LFSSize}, {"uploads", &p.UploadsSize}} {
				if o, is := over(r.what, need(c, *r.size), relation, "a relation in offline transfer"); is {
					found = o.only(matrix.OfflineTransfer)
					break
				}
			}
			if !c.Target.AirGapped {
				return found // files are tried before anything else is done with them
			}
			n := sum(c, &p.RepositorySize, &p.WikiSize, &p.LFSSize, &p.UploadsSize, &p.SnippetsSize)
			o, is := over("repository, wiki, LFS objects, uploads and snippets", n, c.atMost(limits.DecompressedArchive, decompressedLimit), "a decompressed archive")
			switch {
			case !is && !slices.Contains(c.Target.Methods, matrix.OfflineTransfer):
				return ok() // but for what is not known of the archive
			case !is:
				return found
			case found.Verdict == Violated: // one does not hide the other: only one method may be in play
				o.Evidence = found.Evidence + "; " + o.Evidence
				return o.only(matrix.OfflineTransfer, matrix.FileExport, matrix.Congregate)
			}
			return o.only(matrix.FileExport, matrix.Congregate)
		},
	},
	{
		ID: "air-gap-one-by-one-volume", Area: "waves", Severity: Medium, Level: scan.LevelInstance,
		Title:        "More exports than one account makes while the first file is kept",
		Why:          "Each group and project is exported, downloaded and imported by itself, and the files are deleted after a day: without a script, storage and bookkeeping some are gone before they are carried.",
		Rule:         "Broken where there are more groups and projects than one account exports in the lifetime of a file.",
		Remedy:       "Script the loop, take each file out of GitLab at once with a checksum, and follow it through to its import.",
		Docs:         append(links("user/project/settings/import_export", "administration/settings/import_and_export_settings", "user/gitlab_com"), instanceLimits),
		Methods:      []matrix.Method{matrix.FileExport, matrix.Congregate},
		Destinations: Destinations(),
		Thresholds: []Threshold{
			{Metric: "exports of an account in a minute", Value: perMinute, Unit: unitRecords, Source: instanceLimits},
			{Metric: "lifetime of an export file", Value: exportLifetime, Unit: unitHours, Source: "https://docs.gitlab.com/user/project/settings/import_export/"},
		},
		Across: &Across{
			Group:   func(*Context, *scan.Group) int64 { return 1 },
			Project: func(*Context, *scan.Project) int64 { return 1 },
			Judge: func(c *Context, t *Tally) Outcome {
				rate, hours := c.limit(perMinute), c.limit(exportLifetime)
				if n, _ := t.Amount(); n > rate*60*hours {
					return violated("%s groups and projects; one account exports %s a minute, %s in the %d hours that a file is kept",
						Thousands(n), Thousands(rate), Thousands(rate*60*hours), hours).regardless()
				}
				return ok()
			},
		},
	},
	{
		ID: "limits-import-export-rates", Area: "waves", Severity: Medium, Level: scan.LevelInstance,
		Title:        "Exports and imports are limited by the minute",
		Why:          "Plain loops are answered with 429, and waves last longer than was computed.",
		Rule:         "Broken where there are more projects than one account exports in a minute, by the source's setting or the published limit, whichever is lower.",
		Remedy:       "Raise the limits for the migration's account where the instance is your own, build pauses into scripts, and run several imports at once where both sides bear it.",
		Docs:         append(links("user/gitlab_com", "user/group/import"), instanceLimits, directTransferRunbook),
		Methods:      imports,
		Destinations: Destinations(),
		Thresholds: []Threshold{
			{Metric: "exports, imports or direct transfers of an account in a minute", Value: perMinute, Unit: unitRecords, Source: instanceLimits},
		},
		Needs: []scan.FactID{"instance.project-export-limit"},
		Across: &Across{
			Project: func(*Context, *scan.Project) int64 { return 1 },
			Judge: func(c *Context, t *Tally) Outcome {
				rate, source := c.limit(perMinute), need(c, c.Instance.ProjectExportLimit)
				n, _ := t.Amount()
				switch {
				case source > 0 && n > source && (rate == 0 || source < rate):
					return violated("%s projects; at the source's %s a minute and account, exports take at least %s",
						Thousands(n), Thousands(source), plural((n+source-1)/source, "minute", "minutes")).regardless()
				case rate > 0 && n > rate:
					return violated("%s projects; at %s a minute and account, exports take at least %s, and imports as long again",
						Thousands(n), Thousands(rate), plural((n+rate-1)/rate, "minute", "minutes")).regardless()
				}
				return ok()
			},
		},
		Ask: unlessGitLabCom("Were the destination's limits of imports and exports changed from 6 a minute? Its administrators know; a direct transfer works on 5 groups and projects at a time."),
	},
	{
		ID: "limits-timeouts", Area: "waves", Severity: Medium, Level: scan.LevelProject,
		Title:        "Projects that outlast the timeouts",
		Why:          "A large project is declared failed while it is still being worked on, and trying again doubles its data.",
		Rule:         "Broken where the time that a project takes by the published averages (40 seconds, and for each issue 0.1, merge request 1 and pipeline 0.2) is above a limit.",
		Remedy:       "Set Congregate's timeout above the largest estimate, move giants by direct transfer, and let Sidekiq run empty before a wave.",
		Docs:         append(links("user/group/import", "user/project/settings/import_export_troubleshooting"), instanceLimits, congregate("congregate/helpers/conf.py"), congregate("runbooks/airgapped-migration-usage.md")),
		Methods:      []matrix.Method{matrix.DirectTransfer, matrix.FileExport, matrix.Congregate},
		Destinations: Destinations(),
		Needs:        []scan.FactID{"project.issues", "project.merge-requests", "project.pipelines"},
		Thresholds: []Threshold{
			{Metric: "duration of a file import", Value: importStuck, Unit: unitSeconds, Source: "https://docs.gitlab.com/user/project/settings/import_export_troubleshooting/"},
			{Metric: "wait of Congregate for an export or import", Value: congregateWait, Unit: unitSeconds, Source: congregate("congregate/helpers/conf.py")},
		},
		Project: func(c *Context, p *scan.Project) Outcome {
			s := serialSeconds(need(c, p.Issues), need(c, p.MergeRequests), need(c, p.Pipelines))
			const evidence = "about %s by the published averages of direct transfer (one after the other), over the %s"
			if limit := c.limit(importStuck); s > limit {
				return violated(evidence+" after which GitLab marks an import as stuck", duration(s), duration(limit)).
					only(matrix.FileExport, matrix.Congregate).regardless()
			}
			if limit := c.limit(congregateWait); s > limit {
				return violated(evidence+" that Congregate waits unless told otherwise", duration(s), duration(limit)).
					only(matrix.Congregate).regardless()
			}
			return ok()
		},
		Ask: func(*Context) string {
			return "How long is the queue of the source's Sidekiq before a wave? Direct transfer gives up when an export has stayed empty for 5 minutes. An administrator sees it under Admin, Monitoring, Background jobs."
		},
	},
}

// serialSeconds is about how long a project takes by direct transfer if nothing
// runs at the same time: 40 s for the project itself, 0.1 s for an issue, 1 s for
// a merge request, 0.2 s for a pipeline.
// Source: https://docs.gitlab.com/user/group/import/ (averages of migration).
func serialSeconds(issues, mergeRequests, pipelines int64) int64 {
	return (400 + issues + 10*mergeRequests + 2*pipelines) / 10
}

// duration writes seconds as hours or minutes, rounded down.
func duration(seconds int64) string {
	if seconds >= 3600 {
		return plural(seconds/3600, "hour", "hours")
	}
	return plural(seconds/60, "minute", "minutes")
}

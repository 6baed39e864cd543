package checks

import (
	"readiness/checks/matrix"
	"readiness/scan"
)

// Limits in bytes.
const (
	// relationLimit is the default maximum of one relation's download; on
	// GitLab.com it is fixed.
	// Source: https://docs.gitlab.com/administration/settings/import_and_export_settings/
	relationLimit = 5 * gib
	// gitLabComImportLimit is the largest export file that GitLab.com takes.
	// Source: https://docs.gitlab.com/user/gitlab_com/
	gitLabComImportLimit = 5 * gib
	// gitLabComExportLimit is the largest file that GitLab.com exports.
	// Source: https://docs.gitlab.com/user/gitlab_com/
	gitLabComExportLimit = 40 * gib
	// decompressedLimit is the largest archive that an import unpacks, by the
	// setting's default, which is GitLab.com's too; decompressedTable is what the
	// table of limits says instead.
	// Source: https://docs.gitlab.com/administration/settings/import_and_export_settings/
	// and https://docs.gitlab.com/administration/instance_limits/
	decompressedLimit = 25 * gib
	decompressedTable = 10 * gib
	// freeQuota and paidQuota are a project's repository and LFS on GitLab.com.
	// Source: https://docs.gitlab.com/user/storage_usage_quotas/
	freeQuota = 10 * gib
	paidQuota = 500 * gib
	// backupGitData is about how much Git data the backup command copes with.
	// Source: https://docs.gitlab.com/administration/backup_restore/backup_gitlab/
	backupGitData = 400 * gb
)

// exportLimitSince is the first version with the setting max_export_size.
// Source: https://docs.gitlab.com/administration/settings/import_and_export_settings/
var exportLimitSince = scan.MustVersion("15.0")

var sizeChecks = []Check{
	{
		ID: "size-repository-over-5gib", Area: "size", Severity: Blocker, Level: scan.LevelProject,
		Title:        "Repository larger than one relation may be",
		Why:          "Direct and offline transfer fetch the repository as one file of at most 5 GiB: the project fails after hours of work and then needs moving by hand, about two such projects a day.",
		Rule:         "Broken where the Git repository is larger than the destination downloads of a relation: its own limit if that is known, else the default.",
		Remedy:       "Shrink the repository (large blobs, stale refs), move binaries to LFS, raise the limit where the destination is Self-Managed or Dedicated, or plan an incremental push.",
		Docs:         links("user/group/import/troubleshooting", "user/gitlab_com", "administration/settings/import_and_export_settings"),
		Methods:      []matrix.Method{matrix.DirectTransfer, matrix.OfflineTransfer},
		Destinations: Destinations(),
		Needs:        []scan.FactID{"project.repository-size"},
		Thresholds: []Threshold{
			{Metric: "Git repository of a project", Value: relationLimit, Unit: unitBytes, Source: "https://docs.gitlab.com/administration/settings/import_and_export_settings/"},
		},
		Project: func(c *Context, p *scan.Project) Outcome {
			if o, is := over("Git repository", need(c, p.RepositorySize), c.atMost(c.Target.limits().RelationDownload, relationLimit), "a relation's download"); is {
				return o
			}
			return ok()
		},
		Ask: unlessKnown(func(l Limits) Limit { return l.RelationDownload }, "Was the destination's bulk_import_max_download_file_size changed from 5 GiB (5120 MiB)? Projects were judged by the default."),
	},
	{
		ID: "size-project-export-over-limit", Area: "size", Severity: Blocker, Level: scan.LevelProject,
		Title:        "Export file expected to be larger than may be exported or imported",
		Why:          "The export stops, the upload is cut off or the import refuses the archive.",
		Rule:         "Broken where repository, wiki, LFS objects, uploads and snippets add up to more than the destination imports, if its limit is known, or than the source exports.",
		Remedy:       "Make the project smaller, export without LFS objects or uploads and push those separately, import through object storage up to 10 GiB, or use direct transfer, where only single relations count.",
		Docs:         append(links("user/gitlab_com", "user/project/settings/import_export", "administration/settings/import_and_export_settings"), congregate("customer/famq.md"), congregate("runbooks/migrations-to-dot-com.md")),
		Methods:      []matrix.Method{matrix.FileExport, matrix.Congregate},
		Destinations: Destinations(),
		Needs: []scan.FactID{"project.repository-size", "project.wiki-size", "project.lfs-objects-size",
			"project.uploads-size", "project.snippets-size", "instance.version", "instance.max-export-size"},
		Thresholds: []Threshold{
			{Metric: "export file imported to GitLab.com", Value: gitLabComImportLimit, Unit: unitBytes, Source: "https://docs.gitlab.com/user/gitlab_com/"},
			{Metric: "export file written by GitLab.com", Value: gitLabComExportLimit, Unit: unitBytes, Source: "https://docs.gitlab.com/user/gitlab_com/"},
			{Metric: "first release of the source with an export limit", Release: exportLimitSince, Unit: unitRelease, Source: "https://docs.gitlab.com/administration/settings/import_and_export_settings/"},
		},
		Project: func(c *Context, p *scan.Project) Outcome {
			const what = "repository, wiki, LFS objects, uploads and snippets"
			n := sum(c, &p.RepositorySize, &p.WikiSize, &p.LFSSize, &p.UploadsSize, &p.SnippetsSize)
			if l := c.Target.limits().ImportFile; l.Known() {
				if o, is := over(what, n, c.atMost(l, gitLabComImportLimit), "an import file on "+c.Target.Destination.Title()); is {
					return o
				}
			}
			if limit := exportLimit(c); limit > 0 && n > limit {
				return violated("%s: %s, over %s of an export file on the source", what, exactBytes(n), roundBytes(limit))
			}
			return ok()
		},
		Ask: unlessKnown(func(l Limits) Limit { return l.ImportFile }, "What is the destination's max_import_size? Projects were judged by the source's export limit alone."),
	},
	{
		ID: "size-decompressed-archive", Area: "size", Severity: Medium, Level: scan.LevelProject,
		Title:        "Archive too large to unpack",
		Why:          "The import stops when it checks the size of the unpacked archive, or when unpacking takes longer than 210 seconds.",
		Rule:         "Broken where repository, wiki, LFS objects, uploads and snippets add up to more than the destination unpacks; a question between the two published limits where the destination's own is not known. The sum is a lower bound of what an archive unpacks to.",
		Remedy:       "Raise max_decompressed_archive_size and decompress_archive_file_timeout where the destination is Self-Managed or Dedicated; elsewhere delete pipelines and split the project.",
		Docs:         links("administration/settings/import_and_export_settings", "administration/instance_limits", "user/gitlab_com"),
		Methods:      imports,
		Destinations: Destinations(),
		Needs:        []scan.FactID{"project.repository-size", "project.wiki-size", "project.lfs-objects-size", "project.uploads-size", "project.snippets-size"},
		Thresholds: []Threshold{
			{Metric: "unpacked archive by the setting's default", Value: decompressedLimit, Unit: unitBytes, Source: "https://docs.gitlab.com/administration/settings/import_and_export_settings/"},
			{Metric: "unpacked archive by the table of limits", Value: decompressedTable, Unit: unitBytes, Source: "https://docs.gitlab.com/administration/instance_limits/"},
		},
		// The statistics are of what an archive holds beside its records, so that
		// they are a lower bound of what it unpacks to.
		Project: func(c *Context, p *scan.Project) Outcome {
			const what = "repository, wiki, LFS objects, uploads and snippets"
			n := sum(c, &p.RepositorySize, &p.WikiSize, &p.LFSSize, &p.UploadsSize, &p.SnippetsSize)
			own := c.Target.limits().DecompressedArchive
			if o, is := over(what, n, c.atMost(own, decompressedLimit), "an unpacked archive"); is {
				return o
			}
			if n > c.limit(decompressedTable) && !own.Known() {
				return question("%s: %s. What is the destination's max_decompressed_archive_size? Published are %s and, as the default of the setting, %s.",
					what, exactBytes(n), roundBytes(c.limit(decompressedTable)), roundBytes(c.limit(decompressedLimit)))
			}
			return ok()
		},
	},
	{
		ID: "size-lfs-or-uploads-relation-over-5gib", Area: "size", Severity: High, Level: scan.LevelProject,
		Title:        "LFS objects or uploads larger than one relation may be",
		Why:          "The project arrives, but large files or the attachments of its issues are missing; for uploads there is no way round on GitLab.com.",
		Rule:         "Broken where LFS objects or uploads are larger than the destination downloads of a relation: its own limit if that is known, else the default.",
		Remedy:       "Raise the download limit where the destination is Self-Managed or Dedicated; else prune attachments and prepare a git lfs push of the missing objects.",
		Docs:         append(links("user/group/import/troubleshooting"), "https://gitlab.com/gitlab-org/gitlab/-/issues/526344"),
		Methods:      []matrix.Method{matrix.DirectTransfer, matrix.OfflineTransfer},
		Destinations: Destinations(),
		Needs:        []scan.FactID{"project.lfs-objects-size", "project.uploads-size"},
		Thresholds: []Threshold{
			{Metric: "LFS objects or uploads of a project", Value: relationLimit, Unit: unitBytes, Source: "https://docs.gitlab.com/administration/settings/import_and_export_settings/"},
		},
		Project: func(c *Context, p *scan.Project) Outcome {
			if o, is := over("LFS objects", need(c, p.LFSSize), c.atMost(c.Target.limits().RelationDownload, relationLimit), "a relation's download"); is {
				return o
			}
			if o, is := over("uploads", need(c, p.UploadsSize), c.atMost(c.Target.limits().RelationDownload, relationLimit), "a relation's download"); is {
				return o
			}
			return ok()
		},
	},
	{
		ID: "size-gitlab-com-storage-quota", Area: "size", Severity: High, Level: scan.LevelProject,
		Title:        "Repository and LFS above GitLab.com's quota for a project",
		Why:          "The project turns read-only after the move until storage is bought.",
		Rule:         "Broken where repository and LFS objects add up to more than the quota of the target's plan.",
		Remedy:       "Clean the project up, buy storage or choose a paid plan before its wave.",
		Docs:         links("user/storage_usage_quotas", "user/gitlab_com"),
		Methods:      imports,
		Destinations: []Destination{GitLabCom},
		Needs:        []scan.FactID{"project.repository-size", "project.lfs-objects-size"},
		Thresholds: []Threshold{
			{Metric: "repository and LFS of a project on Free", Value: freeQuota, Unit: unitBytes, Source: "https://docs.gitlab.com/user/storage_usage_quotas/"},
			{Metric: "repository and LFS of a project on Premium or Ultimate", Value: paidQuota, Unit: unitBytes, Source: "https://docs.gitlab.com/user/storage_usage_quotas/"},
		},
		Project: func(c *Context, p *scan.Project) Outcome {
			limit, plan := c.limit(paidQuota), "a project on Premium or Ultimate"
			if c.Target.Tier == Free {
				limit, plan = c.limit(freeQuota), "a project on Free"
			}
			if o, is := over("repository and LFS objects", sum(c, &p.RepositorySize, &p.LFSSize), limit, plan); is {
				return o
			}
			return ok()
		},
	},
	{
		ID: "size-backup-command-not-viable", Area: "size", Severity: High, Level: scan.LevelInstance,
		Title:        "Instance too large for the backup command",
		Why:          "Backup and restore then take longer than any acceptable downtime.",
		Rule:         "Broken where all repositories together are larger than the limit.",
		Remedy:       "Use incremental or server-side repository backups, copies of volumes or a Geo failover, and time a rehearsal.",
		Docs:         links("administration/backup_restore/backup_gitlab", "administration/backup_restore/migrate_to_new_server"),
		Methods:      []matrix.Method{matrix.BackupRestore},
		Destinations: []Destination{SelfManaged},
		Needs:        []scan.FactID{"project.repository-size"},
		Thresholds: []Threshold{
			{Metric: "Git data of the instance", Value: backupGitData, Unit: unitBytes, Source: "https://docs.gitlab.com/administration/backup_restore/backup_gitlab/"},
		},
		Across: &Across{
			One: "byte", Many: "bytes",
			Project: func(c *Context, p *scan.Project) int64 { return need(c, p.RepositorySize) },
			Judge: func(c *Context, t *Tally) Outcome {
				if n, _ := t.Amount(); n > c.limit(backupGitData) {
					return violated("Git data of %s, over about %s GB", exactBytes(n), Thousands(c.limit(backupGitData)/gb)).regardless()
				}
				return ok()
			},
		},
		Ask: func(*Context) string {
			return "How large are the database (limit about 100 GB) and all local data together (limit about 1 TB)? No API tells."
		},
	},
}

// exportLimit is the largest export file that the source writes, in bytes; 0:
// unlimited.
func exportLimit(c *Context) int64 {
	if fromGitLabCom(c.Instance) {
		return c.limit(gitLabComExportLimit)
	}
	if v := need(c, c.Instance.Version); !v.IsZero() && !v.AtLeast(c.release(exportLimitSince)) {
		return 0
	}
	return need(c, c.Instance.MaxExportSize)
}

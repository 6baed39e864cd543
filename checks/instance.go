package checks

import (
	"slices"

	"readiness/checks/matrix"
	"readiness/scan"
)

// noOne is the value of default_project_creation that lets nobody create
// projects, and noOneName that of a group's project_creation_level.
// Source: https://docs.gitlab.com/api/settings/ and https://docs.gitlab.com/api/groups/
const (
	noOne     = 0
	noOneName = "noone"
)

var instanceChecks = []Check{
	{
		ID: "instance-direct-transfer-disabled", Area: "instance", Severity: Blocker, Level: scan.LevelInstance,
		Title:        "Direct transfer is switched off",
		Why:          "The migration cannot even be started: the importer answers that direct transfer is not enabled.",
		Rule:         "Broken where bulk_import_enabled is off at the source, or at the destination if that was read.",
		Remedy:       "Have an administrator of each instance allow migration by direct transfer.",
		Docs:         append(links("user/group/import/direct_transfer_migrations", "administration/settings/import_and_export_settings"), congregate("congregate/helpers/configuration_validator.py")),
		Methods:      []matrix.Method{matrix.DirectTransfer},
		Destinations: Destinations(),
		Needs:        []scan.FactID{"instance.bulk-import-enabled"},
		Instance: func(c *Context, i *scan.Instance) Outcome {
			if !need(c, i.DirectTransfer) {
				return violated("the source's setting bulk_import_enabled is off")
			}
			if d := c.Target.Read; d != nil {
				if on, read := d.DirectTransfer.Get(); read && !on {
					return violated("the destination's setting bulk_import_enabled is off")
				}
			}
			return ok()
		},
		Ask: unlessRead(func(d *scan.Destination) bool { return known(d.DirectTransfer) }, "Is the destination's setting bulk_import_enabled on? It is off by default."),
	},
	{
		ID: "instance-file-export-or-import-disabled", Area: "instance", Severity: Blocker, Level: scan.LevelInstance,
		Title:        "Project export or the import of GitLab exports is switched off",
		Why:          "Every request to export or to import is refused.",
		Rule:         "Broken where project_export_enabled is off at the source, or gitlab_project is not among the import sources of the destination if that was read.",
		Remedy:       "Switch on project export at the source and the import source GitLab export at the destination while the migration lasts.",
		Docs:         links("administration/settings/import_and_export_settings", "user/project/settings/import_export", "user/gitlab_com"),
		Methods:      []matrix.Method{matrix.FileExport, matrix.Congregate},
		Destinations: Destinations(),
		Needs:        []scan.FactID{"instance.project-export-enabled"},
		Instance: func(c *Context, i *scan.Instance) Outcome {
			if !need(c, i.ProjectExport) {
				return violated("the source's setting project_export_enabled is off")
			}
			if d := c.Target.Read; d != nil {
				if sources, read := d.ImportSources.Get(); read && !slices.Contains(sources, "gitlab_project") {
					return violated("GitLab export is not among the destination's import sources")
				}
			}
			return ok()
		},
		Ask: unlessRead(func(d *scan.Destination) bool { return known(d.ImportSources) }, "Is GitLab export among the destination's import sources? Since 16.0 none is switched on by default."),
	},
	{
		ID: "instance-project-creation-no-one", Area: "instance", Severity: Blocker, Level: scan.LevelGroup,
		Title:        `Role that may create projects is "No one"`,
		Why:          "Direct transfer cannot bring a group's projects along with the group.",
		Rule:         "Broken where default_project_creation of the instance is 0, and for each group whose project_creation_level is noone.",
		Remedy:       "Set the instance's default or the listed groups to Maintainers or lower for the migration, and restore the setting afterwards.",
		Docs:         links("user/group/import/direct_transfer_migrations"),
		Methods:      []matrix.Method{matrix.DirectTransfer},
		Destinations: Destinations(),
		Needs:        []scan.FactID{"instance.default-project-creation", "group.project-creation-level"},
		Instance: func(c *Context, i *scan.Instance) Outcome {
			if need(c, i.ProjectCreation) == noOne {
				return violated("the source's setting default_project_creation is 0, No one")
			}
			return ok()
		},
		Group: func(c *Context, g *scan.Group) Outcome {
			if need(c, g.ProjectCreation) == noOneName {
				return violated("the group's project_creation_level is noone")
			}
			return ok()
		},
		Ask: func(*Context) string {
			return "May projects be created in the destination group, or is its role to create projects No one?"
		},
	},
	{
		ID: "instance-maintenance-mode-and-freeze", Area: "instance", Severity: High, Level: scan.LevelInstance,
		Title:        "Maintenance mode blocks exports, and changes after the export are lost",
		Why:          "In maintenance mode the API answers 503 to exports and imports; without a freeze, whatever teams change after their project was taken stays behind.",
		Rule:         "Broken where the source is in maintenance mode, for all methods but backup and restore.",
		Remedy:       "Use maintenance mode only around backup and restore; for the other methods announce a code freeze at least a week ahead and archive migrated projects at once.",
		Docs:         append(links("administration/maintenance_mode", "user/group/import"), congregate("customer/famq.md"), congregate("runbooks/migration-pre-and-post-requisites.md")),
		Methods:      []matrix.Method{matrix.DirectTransfer, matrix.FileExport, matrix.Congregate, matrix.BackupRestore, matrix.OfflineTransfer},
		Destinations: Destinations(),
		Needs:        []scan.FactID{"instance.maintenance-mode"},
		Instance: func(c *Context, i *scan.Instance) Outcome {
			if need(c, i.MaintenanceMode) {
				return violated("the source is in maintenance mode").only(imports...)
			}
			return ok()
		},
		Ask: func(*Context) string {
			return "Is a freeze of the source agreed for the time of the migration, and who announces it?"
		},
	},
	{
		ID: "instance-server-and-system-hooks", Area: "instance", Severity: High, Level: scan.LevelInstance,
		Title:        "System hooks, server hooks or file hooks in use",
		Why:          "Policies and automations that ran on every push or event stop without an error: GitLab.com has none of these hooks, Dedicated no server and file hooks, and backups leave server and file hooks out.",
		Rule:         "Broken where the source has a system hook, for all methods but backup and restore.",
		Remedy:       "Replace them by push rules, group webhooks or pipeline execution policies, or copy the hook files by hand to the new Self-Managed server.",
		Docs:         append(links("administration/backup_restore/backup_gitlab", "subscriptions/gitlab_dedicated"), congregate("customer/gitlab-migration-features-matrix.md")),
		Methods:      []matrix.Method{matrix.DirectTransfer, matrix.FileExport, matrix.Congregate, matrix.BackupRestore, matrix.OfflineTransfer},
		Destinations: Destinations(),
		Needs:        []scan.FactID{"instance.system-hooks"},
		Instance: func(c *Context, i *scan.Instance) Outcome {
			if n := need(c, i.SystemHooks); n > 0 {
				return violated("%s", plural(n, "system hook", "system hooks")).only(imports...) // a backup holds them
			}
			return ok()
		},
		Ask: func(*Context) string {
			return "Are server-side Git hooks or file hooks installed on the source's nodes? No API tells."
		},
	},
	{
		ID: "instance-restore-secrets-and-layout", Area: "instance", Severity: Blocker, Level: scan.LevelInstance,
		Title:        "Backup needs its secrets, configuration and storage names",
		Why:          "Without gitlab-secrets.json every encrypted value (CI/CD variables, two-factor secrets, runner tokens) is unreadable after the restore, and repositories on storages the new server does not know are lost.",
		Remedy:       "Copy secrets and configuration first, define the same storage names, rehearse a restore and run gitlab:doctor:secrets afterwards.",
		Docs:         links("administration/backup_restore/restore_gitlab", "administration/backup_restore/backup_gitlab", "administration/backup_restore/migrate_to_new_server"),
		Methods:      []matrix.Method{matrix.BackupRestore},
		Destinations: []Destination{SelfManaged},
		Needs:        []scan.FactID{"instance.repository-storages"},
		Ask: func(c *Context) string {
			storages := ""
			if names, known := c.Instance.RepositoryStorages.Get(); known && len(names) > 0 {
				storages = " (the source has " + list(slices.Sorted(slices.Values(names))) + ")"
			}
			return "Are gitlab-secrets.json, the configuration, object storage, TLS and SSH host keys copied apart from the backup, and does the new server have the same storage names" + storages + " and host name?"
		},
	},
}

// unlessGitLabCom asks the question for destinations whose settings are the
// customer's; GitLab.com's are known.
func unlessGitLabCom(q string) func(*Context) string {
	return func(c *Context) string {
		if c.Target.Destination == GitLabCom {
			return ""
		}
		return q
	}
}

// unlessRead is unlessGitLabCom for what can be read of the destination.
func unlessRead(answered func(*scan.Destination) bool, q string) func(*Context) string {
	ask := unlessGitLabCom(q)
	return func(c *Context) string {
		if d := c.Target.Read; d != nil && answered(d) {
			return ""
		}
		return ask(c)
	}
}

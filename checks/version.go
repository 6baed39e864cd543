package checks

import (
	"strings"

	"readiness/checks/matrix"
	"readiness/scan"
)

// Limits on versions.
var (
	// offlineSince is the first version with offline transfer on both sides.
	// Source: https://docs.gitlab.com/user/import/gitlab_instances/offline-transfer-migrations/
	offlineSince = scan.MustVersion("19.3")
	// directTransferFloor is the version advised for batched relations.
	// Source: https://docs.gitlab.com/user/group/import/direct_transfer_migrations/
	directTransferFloor = scan.MustVersion("16.8")
	// directTransferBaseline is what Professional Services asks of a source.
	// Source: customer/famq.md of Congregate.
	directTransferBaseline = scan.MustVersion("16.11")
)

// maxMinorGap is how many minor releases a source may be behind, in releases.
// Source: https://docs.gitlab.com/user/group/import/direct_transfer_migrations/ and
// https://docs.gitlab.com/user/project/settings/import_export/
const maxMinorGap = 2

var versionChecks = []Check{
	{
		ID: "version-direct-transfer-minor-gap", Area: "version", Severity: Blocker, Level: scan.LevelInstance,
		Title:        "Source too far behind the destination for direct transfer",
		Why:          "The importer is kept compatible with sources up to two minor releases back; beyond that, relations fail or arrive incomplete, mostly without an error.",
		Rule:         "Broken where the source is more minor releases behind the destination than the limit; never from GitLab.com to Dedicated, for which GitLab waives it.",
		Remedy:       "Upgrade the source until it is at most two minor releases behind the destination on the day of the migration; for GitLab.com plan a last upgrade just before the first wave.",
		Docs:         append(links("user/group/import/direct_transfer_migrations"), congregate("customer/famq.md")),
		Methods:      []matrix.Method{matrix.DirectTransfer},
		Destinations: Destinations(),
		Needs:        []scan.FactID{"instance.version"},
		Thresholds: []Threshold{
			{Metric: "minor releases the source is behind", Value: maxMinorGap, Unit: unitReleases, Source: "https://docs.gitlab.com/user/group/import/direct_transfer_migrations/"},
		},
		Instance: func(c *Context, i *scan.Instance) Outcome {
			if fromGitLabCom(i) && c.Target.Destination == Dedicated {
				return notApplicable() // the rule is waived for this pair
			}
			return minorGap(c, i)
		},
	},
	{
		ID: "version-file-export-minor-gap", Area: "version", Severity: Blocker, Level: scan.LevelInstance,
		Title:        "Export files older than the importer accepts",
		Why:          "An import takes files of the same minor release or of the two before it; an older file is refused or loses relations, and exporting again means a second pass over every project.",
		Rule:         "Broken where the source is more minor releases behind the destination than the limit.",
		Remedy:       "Upgrade the source to within two minor releases of the destination before exporting, or restore a backup to an interim instance, upgrade that and export from there.",
		Docs:         append(links("user/project/settings/import_export"), congregate("customer/famq.md")),
		Methods:      []matrix.Method{matrix.FileExport, matrix.Congregate},
		Destinations: Destinations(),
		Needs:        []scan.FactID{"instance.version"},
		Thresholds: []Threshold{
			{Metric: "minor releases the source is behind", Value: maxMinorGap, Unit: unitReleases, Source: "https://docs.gitlab.com/user/project/settings/import_export/"},
		},
		Instance: minorGap,
	},
	{
		ID: "version-destination-older", Area: "version", Severity: Blocker, Level: scan.LevelInstance,
		Title:        "Destination runs an older release than the source",
		Why:          "No method imports from a newer GitLab: attributes the destination does not know break the import.",
		Rule:         "Broken where the destination's major or minor release is below the source's.",
		Remedy:       "Upgrade the destination first; for GitLab Dedicated line up the waves with its maintenance windows.",
		Docs:         append(links("user/project/settings/import_export", "user/import/gitlab_instances/offline-transfer-migrations"), congregate("customer/famq.md")),
		Methods:      []matrix.Method{matrix.DirectTransfer, matrix.FileExport, matrix.Congregate, matrix.BackupRestore, matrix.OfflineTransfer},
		Destinations: []Destination{Dedicated, SelfManaged},
		Needs:        []scan.FactID{"instance.version"},
		Instance: func(c *Context, i *scan.Instance) Outcome {
			if v := need(c, i.Version); c.Target.Version.CompareMinor(v) < 0 {
				return violated("source %s, destination %s", v, c.Target.Version.Short())
			}
			return ok()
		},
	},
	{
		ID: "version-restore-exact-match", Area: "version", Severity: Blocker, Level: scan.LevelInstance,
		Title:        "Backup can only be restored to the same version and edition",
		Why:          "The restore stops with a version mismatch before it writes any data.",
		Rule:         "Broken where major, minor or patch differ; a question where only the destination's patch level was not stated.",
		Remedy:       "Install exactly the source's build on the new server, restore, verify, and only then upgrade or change the edition.",
		Docs:         links("administration/backup_restore/restore_gitlab", "administration/backup_restore/backup_gitlab"),
		Methods:      []matrix.Method{matrix.BackupRestore},
		Destinations: []Destination{SelfManaged},
		Needs:        []scan.FactID{"instance.version"},
		Instance:     sameVersion,
		Ask: func(*Context) string {
			return "Is the destination of the same edition (Community or Enterprise) as the source?"
		},
	},
	{
		ID: "geo-version-exact-match", Area: "version", Severity: Blocker, Level: scan.LevelInstance,
		Title:        "Geo sites must run the same version",
		Why:          "A secondary site of another version cannot follow the primary.",
		Rule:         "Broken where major, minor or patch differ; a question where only the destination's patch level was not stated.",
		Remedy:       "Install exactly the source's build on the secondary site, promote it, and upgrade afterwards.",
		Docs:         links("administration/geo"),
		Methods:      []matrix.Method{matrix.Geo},
		Destinations: []Destination{SelfManaged, Dedicated},
		Needs:        []scan.FactID{"instance.version"},
		Instance:     sameVersion,
		Ask: func(c *Context) string {
			if c.Target.Destination == Dedicated {
				return "Has GitLab agreed to run the migration to Dedicated by Geo together with you?"
			}
			return "Do both sites run the same PostgreSQL version with the same storages and locale data?"
		},
	},
	{
		ID: "version-below-direct-transfer-floor", Area: "version", Severity: High, Level: scan.LevelInstance,
		Title:        "Release below what direct transfer is advised for",
		Why:          "Large relations are then exported in one piece, which exhausts Sidekiq's memory and runs into timeouts.",
		Rule:         "Broken where either side is older than GitLab advises, or the source older than Professional Services asks for.",
		Remedy:       "Upgrade to 16.11 or later, best to the newest release that both sides can run.",
		Docs:         append(links("user/group/import/direct_transfer_migrations"), congregate("customer/famq.md")),
		Methods:      []matrix.Method{matrix.DirectTransfer},
		Destinations: Destinations(),
		Needs:        []scan.FactID{"instance.version"},
		Thresholds: []Threshold{
			{Metric: "oldest release advised on both sides", Release: directTransferFloor, Unit: unitRelease, Source: "https://docs.gitlab.com/user/group/import/direct_transfer_migrations/"},
			{Metric: "oldest release of the source for Professional Services", Release: directTransferBaseline, Unit: unitRelease, Source: congregate("customer/famq.md")},
		},
		Instance: func(c *Context, i *scan.Instance) Outcome {
			if d := c.Target.Version; !d.AtLeast(c.release(directTransferFloor)) {
				return violated("destination %s, GitLab advises %s or later on both sides", d.Short(), c.release(directTransferFloor).Short()).regardless()
			}
			switch v := need(c, i.Version); {
			case !v.AtLeast(c.release(directTransferFloor)):
				return violated("source %s, GitLab advises %s or later on both sides", v, c.release(directTransferFloor).Short())
			case !v.AtLeast(c.release(directTransferBaseline)):
				return violated("source %s, Professional Services asks for %s or later", v, c.release(directTransferBaseline).Short())
			}
			return ok()
		},
	},
	{
		ID: "version-required-upgrade-stops", Area: "version", Severity: High, Level: scan.LevelInstance,
		Title:        "Upgrade needed before the migration, with stops on the way",
		Why:          "Passing a required stop, or going on before its background migrations have ended, corrupts the upgrade and costs days or weeks.",
		Rule:         "Broken where the source is more minor releases behind the destination than the limit; the evidence names every required stop on the way.",
		Remedy:       "Plan one maintenance window per stop, wait for the background migrations at each, and check that operating system and PostgreSQL support the last version.",
		Docs:         links("update/upgrade_paths"),
		Methods:      []matrix.Method{matrix.DirectTransfer, matrix.FileExport, matrix.Congregate, matrix.BackupRestore, matrix.OfflineTransfer},
		Destinations: Destinations(),
		Needs:        []scan.FactID{"instance.version"},
		Thresholds: []Threshold{
			{Metric: "minor releases the source is behind", Value: maxMinorGap, Unit: unitReleases, Source: "https://docs.gitlab.com/user/group/import/direct_transfer_migrations/"},
		},
		Instance: func(c *Context, i *scan.Instance) Outcome {
			v := need(c, i.Version)
			if int64(v.MinorsTo(c.Target.Version)) <= c.limit(maxMinorGap) {
				return ok()
			}
			// A backup is restored to the version it was made with: no upgrade first.
			return violated("from %s towards %s: %s", v, c.Target.Version.Short(), stopsBetween(v, c.Target.Version)).only(imports...)
		},
	},
	{
		ID: "version-offline-transfer-prerequisites", Area: "version", Severity: Blocker, Level: scan.LevelInstance,
		Title:        "Offline transfer is not available or not switched on",
		Why:          "Without release 19.3, the feature flags and the settings on both sides the API refuses to export or import; GitLab calls the feature an experiment that is not for production.",
		Rule:         "Broken where either side is older than the first release with it, or the source's setting offline_transfer_exports_enabled is off.",
		Remedy:       "Use file exports for production work; switch flags and settings on only for a trial between Self-Managed instances.",
		Docs:         links("user/import/gitlab_instances/offline-transfer-migrations", "administration/settings/import_and_export_settings", "subscriptions/gitlab_dedicated"),
		Methods:      []matrix.Method{matrix.OfflineTransfer},
		Destinations: Destinations(),
		Needs:        []scan.FactID{"instance.version", "instance.offline-transfer-exports-enabled"},
		Thresholds: []Threshold{
			{Metric: "first release with offline transfer, on both sides", Release: offlineSince, Unit: unitRelease, Source: "https://docs.gitlab.com/user/import/gitlab_instances/offline-transfer-migrations/"},
		},
		Instance: func(c *Context, i *scan.Instance) Outcome {
			if d := c.Target.Version; !d.AtLeast(c.release(offlineSince)) {
				return violated("destination %s, offline transfer needs %s or later on both sides", d.Short(), c.release(offlineSince).Short()).regardless()
			}
			if v := need(c, i.Version); !v.IsZero() && !v.AtLeast(c.release(offlineSince)) {
				return violated("source %s, offline transfer needs %s or later on both sides", v, c.release(offlineSince).Short())
			}
			if !need(c, i.OfflineExports) {
				return violated("the source's setting offline_transfer_exports_enabled is off")
			}
			return ok()
		},
		Ask: func(c *Context) string {
			if c.Target.Destination == GitLabCom {
				return "Has GitLab switched on offline transfer imports for the destination group on GitLab.com, and is the flag offline_transfer_exports on at the source?"
			}
			return "Are the flags offline_transfer_exports (source) and offline_transfer_imports (destination) and the destination's setting offline_transfer_imports_enabled on?"
		},
	},
}

// minorGap is violated if the source is too many minor releases behind.
func minorGap(c *Context, i *scan.Instance) Outcome {
	v := need(c, i.Version)
	if n := int64(v.MinorsTo(c.Target.Version)); n > c.limit(maxMinorGap) {
		return violated("source %s is %s behind the destination's %s; the limit is %d",
			v, plural(n, "minor release", "minor releases"), c.Target.Version.Short(), c.limit(maxMinorGap))
	}
	return ok()
}

// sameVersion is violated unless both sides run the same version to the patch. A
// target stated without its patch level is a question.
func sameVersion(c *Context, i *scan.Instance) Outcome {
	v, d := need(c, i.Version), c.Target.Version
	switch {
	case v.Compare(d) == 0:
		return ok()
	case v.CompareMinor(d) == 0 && d.Patch == 0:
		return question("Does the destination run exactly %s? Its patch level was not stated.", v)
	}
	return violated("source %s, destination %s", v, d)
}

// fromGitLabCom reports whether the source is GitLab.com itself.
func fromGitLabCom(i *scan.Instance) bool {
	return strings.TrimSuffix(strings.TrimPrefix(i.URL, "https://"), "/") == "gitlab.com"
}

// upgradeStop is a version that an upgrade may not pass.
type upgradeStop struct {
	version string
	only    string // for whom, if not for everybody
}

// upgradeStops lists the stops from 15.0 up to 17.5; from there on every x.2,
// x.5, x.8 and x.11 is one. Source: https://docs.gitlab.com/update/upgrade_paths/
var upgradeStops = []upgradeStop{
	{"15.0.5", ""}, {"15.1.6", "several web nodes"}, {"15.4.6", ""}, {"15.11.13", ""}, {"16.0.10", "many users or pipeline variables"},
	{"16.1.8", "npm packages"}, {"16.2.11", "a large history of pipeline variables"}, {"16.3.9", ""}, {"16.7.10", ""}, {"16.11.10", ""},
	{"17.1.8", "large ci_pipeline_messages"}, {"17.3.7", ""}, {"17.5.5", ""}, {"17.8.7", ""}, {"17.11.7", ""},
}

// stopsBetween names the required stops after one version and up to another.
func stopsBetween(from, to scan.Version) string {
	var stops []string
	if from.Major < 15 {
		stops = append(stops, "those before 15.0")
	}
	for _, s := range upgradeStops {
		if v := scan.MustVersion(s.version); v.Compare(from) > 0 && v.CompareMinor(to) <= 0 {
			if s.only != "" {
				s.version += " (with " + s.only + ")"
			}
			stops = append(stops, s.version)
		}
	}
	for major := 18; major <= to.Major; major++ {
		for _, minor := range []int{2, 5, 8, 11} {
			if v := (scan.Version{Major: major, Minor: minor}); v.CompareMinor(from) > 0 && v.CompareMinor(to) <= 0 {
				stops = append(stops, v.Short())
			}
		}
	}
	if len(stops) == 0 {
		return "no required stop on the way"
	}
	return "required stops " + list(stops)
}

package checks

import (
	"readiness/checks/matrix"
	"readiness/scan"
)

// serverChecks ask what no API tells, most of it of the administrators of the
// servers, with the command that shows it.
var serverChecks = []Check{
	{
		ID: "instance-temporary-disk-space", Area: "server", Severity: High, Level: scan.LevelInstance,
		Title:        "Free space for archives on source and destination",
		Why:          "A full disk makes exports fail and can stop the source itself.",
		Remedy:       "Enlarge or clean the volumes of every Sidekiq node and watch them during the waves.",
		Docs:         links("user/group/import/direct_transfer_migrations", "user/group/import/troubleshooting", "user/project/settings/import_export"),
		Methods:      imports,
		Destinations: Destinations(),
		Ask: func(*Context) string {
			return "How much space is free for archives of the projects moved at once? An administrator runs on every Sidekiq node: df -h /tmp /var/opt/gitlab/gitlab-rails/shared/tmp"
		},
	},
	{
		ID: "instance-sidekiq-not-dimensioned", Area: "server", Severity: Medium, Level: scan.LevelInstance,
		Title:        "Sidekiq capacity for importers",
		Why:          "Restarts for lack of memory interrupt exports, and imports slow everybody else down.",
		Remedy:       "Give importers a queue and a process of their own on both sides, with more memory, and tune the export settings.",
		Docs:         append(links("administration/sidekiq/configuration_for_imports", "administration/settings/import_and_export_settings"), congregate("runbooks/direct-transfer-migrations.md")),
		Methods:      imports,
		Destinations: []Destination{Dedicated, SelfManaged},
		Ask: func(*Context) string {
			return "Do importer jobs have a Sidekiq process of their own on both sides? An administrator runs: sudo grep -n routing_rules /etc/gitlab/gitlab.rb"
		},
	},
	{
		ID: "instance-object-storage-not-proxied", Area: "server", Severity: High, Level: scan.LevelInstance,
		Title:        "Destination must reach the source's object storage",
		Why:          "Where GitLab does not proxy downloads, uploads and LFS objects are missing after an import that looks green.",
		Remedy:       "Switch proxy_download on at the source or open the buckets to the destination, and try one project with LFS.",
		Docs:         links("user/group/import/direct_transfer_migrations", "user/group/import/troubleshooting", "subscriptions/gitlab_dedicated"),
		Methods:      []matrix.Method{matrix.DirectTransfer},
		Destinations: Destinations(),
		Ask: func(*Context) string {
			return "Does the source keep objects in buckets, and with proxy_download on? An administrator runs: sudo grep -n object_store /etc/gitlab/gitlab.rb"
		},
	},
	{
		ID: "registry-object-storage-not-in-backup", Area: "server", Severity: High, Level: scan.LevelInstance,
		Title:        "Objects in buckets are not in a backup",
		Why:          "The restored instance lists images and files that are not there.",
		Remedy:       "Copy or replicate each bucket with the provider's tools in the same window, and empty the target buckets first.",
		Docs:         links("administration/backup_restore/backup_gitlab", "administration/backup_restore/restore_gitlab"),
		Methods:      []matrix.Method{matrix.BackupRestore},
		Destinations: []Destination{SelfManaged},
		Ask: func(*Context) string {
			return "Which of registry, artifacts, LFS, uploads and packages lie in object storage? An administrator runs: sudo grep -nE 'object_store|registry.*storage' /etc/gitlab/gitlab.rb"
		},
	},
	{
		ID: "network-proxy-limits", Area: "server", Severity: Medium, Level: scan.LevelInstance,
		Title:        "Proxies that shorten or reroute traffic",
		Why:          "Uploads are cut off with 413, and downloads fail with an invalid content type.",
		Remedy:       "Raise the limits above the largest export, route through Workhorse, and exempt the migration host from inspection.",
		Docs:         append(links("administration/settings/import_and_export_settings", "user/group/import/troubleshooting"), congregate("runbooks/discovery.md")),
		Methods:      []matrix.Method{matrix.DirectTransfer, matrix.FileExport, matrix.Congregate},
		Destinations: []Destination{Dedicated, SelfManaged},
		Ask: func(*Context) string {
			return "What sizes and times do proxies before either instance allow? Network administrators know; on the server: sudo grep -rn client_max_body_size /etc/gitlab/gitlab.rb /etc/nginx"
		},
	},
	{
		ID: "network-allow-lists", Area: "server", Severity: High, Level: scan.LevelInstance,
		Title:        "Allow-lists of addresses on both sides",
		Why:          "Imports stall on blocked calls, and after the cut-over people and pipelines cannot work.",
		Remedy:       "Extend the lists for the migration, and give the new hosts to the network teams.",
		Docs:         append(links("user/gitlab_com"), congregate("customer/migration-readiness-checklist.md")),
		Methods:      []matrix.Method{matrix.DirectTransfer},
		Destinations: []Destination{GitLabCom, Dedicated},
		Ask: func(*Context) string {
			return "Does the source's firewall admit the destination and the migration host, and may people and runners reach the destination's hosts? Network administrators know."
		},
	},
	{
		ID: "air-gap-object-store-access", Area: "server", Severity: High, Level: scan.LevelInstance,
		Title:        "Offline transfer needs a bucket on each side",
		Why:          "Without an object store inside the closed network it cannot be used, and what stays in buckets leaks source code.",
		Remedy:       "Provide a bucket for each side, and plan copy, checksums, encryption and deletion.",
		Docs:         links("user/import/gitlab_instances/offline-transfer-migrations", "administration/settings/import_and_export_settings"),
		Methods:      []matrix.Method{matrix.OfflineTransfer},
		Destinations: []Destination{GitLabCom, SelfManaged},
		Ask: func(*Context) string {
			return "Which bucket (AWS S3, Google Cloud Storage or an S3-compatible one that an administrator has allowed) can each side reach, and who owns its credentials?"
		},
	},
	{
		ID: "destination-capacity", Area: "server", Severity: High, Level: scan.LevelInstance,
		Title:        "Destination's capacity for import and operation",
		Why:          "The waves crawl, or the platform fails in its first week.",
		Remedy:       "Size by reference architecture, add importer processes and test the load with a pilot wave.",
		Docs:         links("user/group/import", "administration/sidekiq/configuration_for_imports"),
		Methods:      []matrix.Method{matrix.DirectTransfer, matrix.FileExport, matrix.Congregate, matrix.BackupRestore, matrix.OfflineTransfer},
		Destinations: []Destination{Dedicated, SelfManaged},
		Ask: func(*Context) string {
			return "Is the destination sized for the source's users and storage by a reference architecture, with room for imports? Its administrators know."
		},
	},
	{
		ID: "integrations-api-consumers", Area: "server", Severity: High, Level: scan.LevelInstance,
		Title:        "Scripts and systems that call the API",
		Why:          "IDs, tokens, host names and SSH host keys change: reports, bots and settings of editors fail after the cut-over.",
		Remedy:       "Find the consumers by owners of tokens and logs of proxies, and publish the new IDs and a date.",
		Docs:         []string{congregate("customer/famq.md"), congregate("customer/pre-and-post-migration.md")},
		Methods:      imports,
		Destinations: Destinations(),
		Ask: func(*Context) string {
			return "Which scripts and systems call the source's API or use its numeric IDs? Owners of tokens know; an administrator sees them in /var/log/gitlab/gitlab-rails/api_json.log"
		},
	},
	{
		ID: "security-audit-events", Area: "server", Severity: Medium, Level: scan.LevelInstance,
		Title:        "Audit events and activity are not migrated",
		Why:          "Evidence is lost when the source is deleted.",
		Remedy:       "Stream or export audit data, and keep a copy of the source that can be read for as long as it must be kept.",
		Docs:         append(links("user/project/settings/import_export"), congregate("customer/gitlab-migration-features-matrix.md")),
		Methods:      imports,
		Destinations: Destinations(),
		Ask: func(*Context) string {
			return "How long must audit events, job logs and activity be kept? The compliance officer knows."
		},
	},
	{
		ID: "users-saml-not-linked", Area: "server", Severity: High, Level: scan.LevelInstance,
		Title:        "People not linked to the destination's SAML identity",
		Why:          "Where single sign-on is enforced members are not added, and accepted reassignments lose their memberships for good.",
		Remedy:       "Have everybody sign in once through the identity provider, and leave enforcement off until mapping is done.",
		Docs:         append(links("user/import/mapping/post_migration_mapping"), congregate("runbooks/direct-transfer-migrations.md"), congregate("customer/famq.md")),
		Methods:      imports,
		Destinations: []Destination{GitLabCom},
		Ask: func(*Context) string {
			return "Does the destination group enforce SAML single sign-on, and has everybody linked an account? An Owner of the group knows."
		},
	},
	{
		ID: "air-gap-method-eligibility", Area: "server", Severity: Blocker, Level: scan.LevelInstance,
		Title:        "Network path between the instances",
		Why:          "Direct transfer needs one: choosing the method late costs the whole plan.",
		Remedy:       "Fix the method first and rehearse it with one small group.",
		Docs:         append(links("user/import/gitlab_instances/offline-transfer-migrations"), congregate("runbooks/airgapped-migration-usage.md"), congregate("customer/migration-methods.md")),
		Methods:      []matrix.Method{matrix.DirectTransfer},
		Destinations: Destinations(),
		Ask: func(*Context) string {
			return "Is there a network path between the two instances: both ways, one way or none? Network administrators know; the target was judged as if there were one."
		},
	},
}

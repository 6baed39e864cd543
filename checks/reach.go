package checks

import (
	"fmt"
	"slices"

	"readiness/checks/matrix"
)

// reach says which destinations a method can reach at all, whatever the source
// holds.
type reach struct {
	destinations []Destination
	network      bool   // needs a network path between the two instances
	because      string // what the method needs, as a sentence without its full stop
	source       string
}

// reaches is what the matrix reference's offerings and prerequisites say.
var reaches = map[matrix.Method]reach{
	matrix.DirectTransfer: {
		destinations: Destinations(), network: true,
		because: "direct transfer is pulled by the destination over HTTPS from the source",
		source:  "https://docs.gitlab.com/user/group/import/direct_transfer_migrations/",
	},
	matrix.FileExport: {
		destinations: Destinations(),
		source:       "https://docs.gitlab.com/user/project/settings/import_export/",
	},
	matrix.Congregate: {
		destinations: Destinations(),
		source:       congregate("customer/migration-methods.md"),
	},
	matrix.BackupRestore: {
		destinations: []Destination{SelfManaged},
		because:      "backup and restore needs servers of one's own on both sides",
		source:       "https://docs.gitlab.com/administration/backup_restore/restore_gitlab/",
	},
	matrix.OfflineTransfer: {
		destinations: []Destination{GitLabCom, SelfManaged},
		because:      "offline transfer is not offered there: its feature flags cannot be changed",
		source:       "https://docs.gitlab.com/user/import/gitlab_instances/offline-transfer-migrations/",
	},
	matrix.Geo: {
		destinations: []Destination{Dedicated, SelfManaged}, network: true,
		because: "Geo replicates between Self-Managed sites that reach each other, or to Dedicated together with GitLab",
		source:  "https://docs.gitlab.com/administration/geo/",
	},
}

// impossible says why a method can never reach the target, or "" if it can.
func impossible(m matrix.Method, t Target) string {
	r := reaches[m]
	switch {
	case !slices.Contains(r.destinations, t.Destination):
		return fmt.Sprintf("It cannot reach %s: %s (%s).", t.Destination.Title(), r.because, r.source)
	case r.network && t.AirGapped:
		return fmt.Sprintf("It cannot cross an air gap: %s (%s).", r.because, r.source)
	}
	return ""
}

// possible lists the methods that can reach the target, in report order.
func possible(t Target) []matrix.Method {
	return slices.DeleteFunc(matrix.Methods(), func(m matrix.Method) bool { return impossible(m, t) != "" })
}

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
	network      bool // needs a network path between the two instances
	// administrator: needs an administrator of the destination, which on
	// GitLab.com only GitLab's own people are.
	administrator bool
	because       string // what the method needs, as a sentence without its full stop
	source        string
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
		destinations: Destinations(), network: true, administrator: true,
		because: "Congregate calls the API of both instances; across a gap it has a mode of its own",
		source:  congregate("customer/migration-methods.md"),
	},
	matrix.CongregateDirect: {
		destinations: Destinations(), network: true, administrator: true,
		because: "direct transfer is pulled by the destination over HTTPS from the source",
		source:  congregate("runbooks/direct-transfer-migrations.md"),
	},
	matrix.CongregateAirGapped: {
		destinations: Destinations(), administrator: true,
		source: congregate("runbooks/airgapped-migration-usage.md"),
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
	case r.administrator && t.Destination == GitLabCom && (t.Executor == Partner || t.Executor == CustomerP):
		return fmt.Sprintf("It needs an administrator of GitLab.com, which %s is not: only GitLab Professional Services runs it there (%s).", t.Executor.Title(), r.source)
	case r.network && t.AirGapped:
		return fmt.Sprintf("It cannot cross an air gap: %s (%s).", r.because, r.source)
	}
	return ""
}

// possible lists the methods that can reach the target, in report order.
func possible(t Target) []matrix.Method {
	return slices.DeleteFunc(matrix.Methods(), func(m matrix.Method) bool { return impossible(m, t) != "" })
}

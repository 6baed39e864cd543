// Package matrix is what is known about migration methods: for every item that
// a GitLab instance may hold and every method, whether the method carries it,
// from which version on, and who says so.
package matrix

import (
	"fmt"
	"slices"
	"strings"
)

// Method is a way to move a GitLab instance, by the id its data uses.
type Method string

// The methods, in the order every report uses.
const (
	DirectTransfer Method = "direct_transfer"
	FileExport     Method = "file_export"
	Congregate     Method = "congregate" // over file export, its default
	// Congregate's other modes, which no rules of their own describe: see Combine.
	CongregateDirect    Method = "congregate_direct_transfer"
	CongregateAirGapped Method = "congregate_air_gapped"
	BackupRestore       Method = "backup_restore"
	OfflineTransfer     Method = "offline_transfer"
	Geo                 Method = "geo"
)

// Methods lists every method in report order.
func Methods() []Method {
	return []Method{DirectTransfer, FileExport, Congregate, CongregateDirect, CongregateAirGapped, BackupRestore, OfflineTransfer, Geo}
}

// Researched lists the methods that the data has a rule for under every item, in
// report order: all but the modes, which are made of two others.
func Researched() []Method {
	return []Method{DirectTransfer, FileExport, Congregate, BackupRestore, OfflineTransfer, Geo}
}

// modes are the methods that are a combination of two others, by its id.
var modes = map[Method]string{CongregateDirect: "congregate_over_direct_transfer", CongregateAirGapped: "congregate_air_gapped"}

// Concerns lists, in report order, the methods that what is said of the given
// ones holds for: these themselves, and the modes made of them. What holds for
// Congregate alone holds for all its modes; what holds for it because of the
// file exports underneath holds where there are some.
func Concerns(methods []Method) []Method {
	var all []Method
	for _, m := range Methods() {
		is := slices.Contains(methods, m)
		tool := slices.Contains(methods, Congregate)
		switch m {
		case CongregateDirect:
			is = is || slices.Contains(methods, DirectTransfer) || tool && !slices.Contains(methods, FileExport)
		case CongregateAirGapped:
			is = is || slices.Contains(methods, FileExport) || tool
		}
		if is {
			all = append(all, m)
		}
	}
	return all
}

// Title is the method's name for people.
func (m Method) Title() string {
	switch m {
	case DirectTransfer:
		return "Direct transfer"
	case FileExport:
		return "File export/import"
	case Congregate:
		return "Congregate"
	case CongregateDirect:
		return "Congregate (direct)"
	case CongregateAirGapped:
		return "Congregate (gapped)"
	case BackupRestore:
		return "Backup and restore"
	case OfflineTransfer:
		return "Offline transfer"
	case Geo:
		return "Geo"
	}
	return string(m)
}

// ParseMethod reads a method's id; hyphens pass for underscores.
func ParseMethod(s string) (Method, error) {
	m := Method(strings.ReplaceAll(strings.ToLower(s), "-", "_"))
	if slices.Contains(Methods(), m) {
		return m, nil
	}
	var names []string
	for _, m := range Methods() {
		names = append(names, strings.ReplaceAll(string(m), "_", "-"))
	}
	return "", fmt.Errorf("unknown method %.40q: choose from %s", s, strings.Join(names, ", "))
}

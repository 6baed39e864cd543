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
	DirectTransfer  Method = "direct_transfer"
	FileExport      Method = "file_export"
	Congregate      Method = "congregate" // over file export, its default
	BackupRestore   Method = "backup_restore"
	OfflineTransfer Method = "offline_transfer"
	Geo             Method = "geo"
)

// Methods lists every method in report order.
func Methods() []Method {
	return []Method{DirectTransfer, FileExport, Congregate, BackupRestore, OfflineTransfer, Geo}
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

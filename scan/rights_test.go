package scan_test

import (
	"strings"
	"testing"

	"readiness/scan"
)

// TestRoles holds the role of every fact that is read to the words of its Needs.
func TestRoles(t *testing.T) {
	seen := map[scan.Role]int{}
	for _, e := range scan.Catalog() {
		if e.Unread != "" {
			continue
		}
		role := e.Role()
		seen[role]++
		if role == scan.RoleMember && !strings.HasPrefix(e.Needs, "any") {
			t.Errorf("%s needs %q, which is taken for no right at all", e.ID, e.Needs)
		}
	}
	for role := scan.RoleMember; role <= scan.RoleAdministrator; role++ {
		if seen[role] == 0 {
			t.Errorf("no fact needs the role %s", role)
		}
	}
}

package gitlabsim

import (
	"testing"

	"readiness/scan"
)

// A positive world has no zero.
func TestPositiveWorlds(t *testing.T) {
	for _, version := range []string{"13.12", "16.11", "19.5"} {
		w := newWorld(t, Config{Projects: 60, Positive: true, Version: scan.MustVersion(version)})
		check := func(s scan.Subject) {
			for id, r := range scan.Facts(s) {
				switch r.Any().(type) {
				case bool, string:
					continue
				}
				g, group := s.(*scan.Group)
				if n, known := r.Amount(); known && n == 0 && !zeroAnyway[id] && !(group && g.ParentID != 0 && ofTopLevel[id]) {
					t.Errorf("%s: %s of %s is zero", version, id, s.Address())
				}
			}
		}
		check(w.InstanceTruth())
		for id := range w.ProjectIDs() {
			check(w.ProjectTruth(id))
		}
		for id := range w.GroupIDs() {
			check(w.GroupTruth(id))
		}
	}
}

// zeroAnyway are facts that are no counts of what a caller may be kept from:
// forks come in pairs, labels are words, every feature is on, bots live in some
// projects, projects lie in some groups only, package managers are set up in some
// repositories, and an export without a limit has the limit zero.
var zeroAnyway = map[scan.FactID]bool{"project.forks": true, "project.fork-relationship": true, "project.topics": true,
	"project.features-off": true, "project.access-tokens": true, "project.package-addresses": true, "project.cicd-settings": true,
	"project.compliance-label": true, "group.storage": true, "instance.max-export-size": true,
	// GitLab.com's alone, and roles that few members hold.
	"group.scim": true, "group.custom-roles": true, "group.ssh-certificates": true, "group.enterprise-users": true, "group.custom-role-assignments": true}

// ofTopLevel are facts of which top-level groups alone have any.
var ofTopLevel = map[scan.FactID]bool{"group.audit-streaming": true, "group.compliance-frameworks": true, "group.security-attributes": true, "group.custom-fields": true,
	"group.work-item-statuses": true, "group.custom-work-item-types": true, "group.crm": true, "group.virtual-registries": true, "group.service-accounts": true}

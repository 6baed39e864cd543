package scan

import "strings"

// Role is the least right that reading a fact takes, from seeing the project or
// group at all up to administering the instance. Each includes those before it.
type Role int

// The roles, as GitLab names them.
const (
	RoleMember        Role = iota // whoever sees the project or group
	RoleReporter                  // on the project
	RoleDeveloper                 // on the project
	RoleMaintainer                // on the project
	RoleOwner                     // of the group
	RoleAdministrator             // of the instance, with Admin Mode's consent where that is on
)

// String is the role in one word.
func (r Role) String() string {
	return [...]string{"anyone", "Reporter", "Developer", "Maintainer", "Owner", "administrator"}[r]
}

// Role is the least role that Needs asks for. What Needs says of tiers and of
// scopes is no part of it.
func (e Entry) Role() Role {
	for _, r := range []Role{RoleReporter, RoleDeveloper, RoleMaintainer, RoleOwner} {
		if strings.HasPrefix(e.Needs, r.String()) {
			return r
		}
	}
	if strings.HasPrefix(e.Needs, admin[:len("an administrator")]) {
		return RoleAdministrator
	}
	return RoleMember
}

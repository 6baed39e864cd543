package gitlabsim

import (
	"net/http"
	"slices"
	"strings"

	"readiness/scan"
)

// Role says whose token a request carries.
type Role string

// The roles. AdminNoMode is an administrator whose token lacks the scope
// admin_mode on an instance that has Admin Mode on: a normal user.
const (
	Anonymous   Role = ""
	Admin       Role = "admin"
	AdminNoMode Role = "admin-no-admin-mode"
	Auditor     Role = "auditor"
	Owner       Role = "owner"
	Maintainer  Role = "maintainer"
	Developer   Role = "developer"
	Outsider    Role = "outsider"
)

// Roles lists every role that has a token.
func Roles() []Role {
	return []Role{Admin, AdminNoMode, Auditor, Owner, Maintainer, Developer, Outsider}
}

var roleUsers = map[Role]int{Admin: userRoot, AdminNoMode: userRoot, Auditor: userAuditor, Owner: userOwner,
	Maintainer: userMaintainer, Developer: userDeveloper, Outsider: userOutsider}

// The scopes a token may have.
const (
	ScopeAPI      = "api"
	ScopeReadAPI  = "read_api"
	ScopeReadUser = "read_user"
)

var scopes = []string{ScopeAPI, ScopeReadAPI, ScopeReadUser}

// Token is the role's personal access token with scope read_api (and, for
// Admin, admin_mode).
func (s *Server) Token(role Role) string { return s.TokenWith(role, ScopeReadAPI) }

// TokenWith is the role's token with another scope: api, read_api or read_user.
func (s *Server) TokenWith(role Role, scope string) string {
	d := s.world.draw(ofInstance, roleUsers[role], "token-"+string(role)+"-"+scope)
	return "glpat-" + d.hex(20)
}

// caller is who a request comes from.
type caller struct {
	role  Role
	user  int      // index; -1 for nobody
	scope []string // of the token
	token int64    // id of the token
}

func (c caller) admin() bool   { return c.role == Admin }
func (c caller) auditor() bool { return c.role == Auditor }
func (c caller) known() bool   { return c.role != Anonymous }

// readsAll reports whether the caller can_read_all_resources.
func (c caller) readsAll() bool { return c.admin() || c.auditor() }

// tokens maps each token to its caller.
func (s *Server) tokens() map[string]caller {
	m := map[string]caller{}
	id := int64(s.world.accessTokenCount())
	for _, role := range Roles() {
		acts := role
		switch {
		case s.world.cfg.SaaS && (role == Admin || role == AdminNoMode || role == Auditor):
			continue // GitLab's own people
		case role == Auditor && !s.world.cfg.Tier.Licensed():
			acts = Outsider // Premium's role
		}
		for _, scope := range scopes {
			id++
			c := caller{role: acts, user: roleUsers[role], scope: []string{scope}, token: id}
			if role == Admin {
				c.scope = append(c.scope, "admin_mode")
			}
			m[s.TokenWith(role, scope)] = c
		}
	}
	return m
}

func bearer(r *http.Request) string {
	if t := r.Header.Get("PRIVATE-TOKEN"); t != "" {
		return t
	}
	if t, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		return strings.TrimSpace(t)
	}
	q := r.URL.Query()
	if t := q.Get("private_token"); t != "" {
		return t
	}
	return q.Get("access_token")
}

// authenticate finds the caller; a token that is unknown is refused with 401,
// one without the scope for the route with 403.
func (s *Server) authenticate(r *http.Request, allowed ...string) (caller, error) {
	token := bearer(r)
	if token == "" {
		return caller{user: -1}, nil
	}
	c, ok := s.callers[token]
	if !ok {
		return caller{}, unauthorized
	}
	if !slices.ContainsFunc(c.scope, func(have string) bool { return slices.Contains(allowed, have) }) {
		return caller{}, refusal{http.StatusForbidden, object{{"error", "insufficient_scope"},
			{"error_description", "The request requires higher privileges than provided by the access token."},
			{"scope", strings.Join(allowed, " ")}}}
	}
	return c, nil
}

// visible reports whether the caller sees the i-th project at all.
func (w *World) visible(c caller, i int) bool {
	group, owner, _ := w.place(i)
	return w.visibleAt(c, i, group, owner)
}

func (w *World) visibleAt(c caller, i, group, owner int) bool {
	if !w.exists(i) {
		return false
	}
	if c.readsAll() {
		return true
	}
	switch visibilities[w.projectVisibility(i, group)] {
	case "public":
		return true
	case "internal":
		if c.known() {
			return true
		}
	}
	return c.known() && w.levelAt(c, i, group, owner) > 0
}

// level is the access level of the caller in a project: levelAdmin for an
// administrator, 0 for who is no member.
func (w *World) level(c caller, p *Project) int { return w.levelAt(c, p.index, p.group, p.owner) }

func (w *World) levelAt(c caller, i, group, owner int) int {
	switch {
	case c.admin():
		return levelAdmin
	case c.user < 0:
		return 0
	case owner >= 0 && owner == c.user:
		return levelOwner
	}
	return w.projectLevel(c.user, i, group)
}

func (w *World) groupVisible(c caller, i int) bool {
	if c.readsAll() {
		return true
	}
	switch visibilities[w.groupVisibility(i)] {
	case "public":
		return true
	case "internal":
		if c.known() {
			return true
		}
	}
	// A member of a single project sees the groups above it, too; that is
	// decided by the few direct memberships in the group's own projects.
	return c.known() && (w.groupLevel(c.user, i) > 0 || w.memberBelow(c.user, i))
}

// memberBelow reports whether the account is a direct member of a project in
// the group or below it.
func (w *World) memberBelow(user, i int) bool {
	for _, p := range w.groupProjects(i) {
		if w.roleInProject(user, p) > 0 {
			return true
		}
	}
	for _, c := range w.groupChildren(i) {
		if w.memberBelow(user, c) {
			return true
		}
	}
	return false
}

func (w *World) levelInGroup(c caller, i int) int {
	switch {
	case c.admin():
		return levelAdmin
	case c.user < 0:
		return 0
	}
	return w.groupLevel(c.user, i)
}

// can reports whether a feature of the project may be read: disabled ones by
// nobody, private ones by members from a level on, others by whoever sees the
// project.
func can(c caller, p *Project, level int, feature string, private int) bool {
	switch feature {
	case "disabled":
		return false
	case "private":
		return level >= private || c.auditor()
	}
	return true
}

// readsCode reports whether the caller may read the repository: on private
// projects that takes Reporter.
func readsCode(c caller, p *Project, level int) bool {
	if p.Access.Repository == "disabled" {
		return false
	}
	if level >= levelReporter || c.auditor() {
		return true
	}
	return p.Visibility != "private" && p.Access.Repository != "private" && !externalOnInternal(c, p)
}

func externalOnInternal(c caller, p *Project) bool { return !c.known() && p.Visibility != "public" }

// roleUsername is the username of the account behind a role.
func (w *World) roleUsername(role Role) string {
	if u := fixedUsers[roleUsers[role]]; u.kind == scan.KindHuman {
		return u.username
	}
	return ""
}

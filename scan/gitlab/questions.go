package gitlab

import (
	"cmp"
	"slices"
	"strings"

	"readiness/scan"
)

// Question is one request of a scan, with the facts that its answer gives to
// whoever has the role.
type Question struct {
	Endpoint string
	Needs    string // in the catalogue's words
	Role     scan.Role
	Depth    scan.Depth
	Facts    []scan.Entry
}

// Questions lists what a scan of depth d asks, by depth, then in the catalogue's
// order. It asks the source nothing.
func Questions(d scan.Depth) []Question {
	var list []Question
	for _, e := range scan.Catalog() {
		if e.Unread != "" || e.Depth > d {
			continue
		}
		q := Question{Endpoint: e.Read, Needs: e.Needs, Role: e.Role(), Depth: e.Depth}
		i := slices.IndexFunc(list, func(o Question) bool {
			return o.Endpoint == q.Endpoint && o.Role == q.Role && o.Depth == q.Depth
		})
		if i < 0 {
			i, list = len(list), append(list, q)
		}
		list[i].Facts = append(list[i].Facts, e)
	}
	slices.SortStableFunc(list, func(a, b Question) int { return cmp.Compare(a.Depth, b.Depth) })
	return list
}

// Reader is who asks, and what.
type Reader struct {
	Role    scan.Role
	Depth   scan.Depth
	Version scan.Version // zero: not known, and taken for new enough
	NoGraph bool         // GraphQL does not answer
	// Secrets: lists in REST whose answers carry secret values may be asked.
	Secrets bool
}

// Unread is a question that will bring nothing, or nothing for some facts.
type Unread struct {
	Question        // with only the facts that stay unread
	Cure     string // what would let them be read
}

// Unread lists what the reader will not be told for want of a right, of a
// version or of GraphQL. What the licence or a project's settings have switched
// off is not in it.
func (r Reader) Unread() []Unread {
	var list []Unread
	for _, q := range Questions(r.Depth) {
		for _, e := range q.Facts {
			cure := r.cure(e)
			if cure == "" {
				continue
			}
			i := slices.IndexFunc(list, func(o Unread) bool {
				return o.Endpoint == q.Endpoint && o.Role == q.Role && o.Depth == q.Depth && o.Cure == cure
			})
			if i >= 0 {
				list[i].Facts = append(list[i].Facts, e)
				continue
			}
			u := Unread{Question: q, Cure: cure}
			u.Facts = []scan.Entry{e}
			list = append(list, u)
		}
	}
	return list
}

// cure is what the reader lacks to be told of a fact; "": nothing.
func (r Reader) cure(e scan.Entry) string {
	least := e.Role()
	right, perProject := perProjectRight(e.ID)
	secret := secretEndpoint(e.ID) != ""
	perProject = perProject && r.Depth >= scan.Deep && (r.Secrets || !secret)
	if perProject {
		least = min(least, right)
	}
	switch {
	case e.ID == "instance.offline-transfer-exports-enabled" && r.Role >= least:
		return "" // an older version has nothing to switch on
	case r.Role < least && perProject && least < e.Role():
		return least.String() + " or higher on the project"
	case r.Role < least:
		return e.Needs
	case perProject: // REST tells it, whatever the version
		return ""
	case r.Secrets && secret:
		return ""
	case !r.Version.IsZero() && tooOld(e, r.Version):
		return "GitLab " + e.Since + " or newer" + orAllowed(secret)
	case r.NoGraph && strings.HasPrefix(e.Read, scan.ReadGraphQL):
		return "GraphQL at /api/graphql opened for this token" + orAllowed(secret)
	}
	return ""
}

func orAllowed(secret bool) string {
	if secret {
		return ", or --allow-secret-endpoints"
	}
	return ""
}

// perProjectRight is the role for which a deep scan can ask REST, project by
// project, for a fact that a wide page or an instance-wide list did not tell.
func perProjectRight(id scan.FactID) (scan.Role, bool) {
	role := func(r right) scan.Role {
		for _, of := range []struct {
			access int64
			role   scan.Role
		}{{owner, scan.RoleOwner}, {maintainer, scan.RoleMaintainer}, {developer, scan.RoleDeveloper}, {reporter, scan.RoleReporter}} {
			if r.access >= of.access {
				return of.role
			}
		}
		return scan.RoleMember
	}
	for _, c := range slices.Concat(wideCounts, moreCounts) {
		if c.id == id && c.rest.path != "" {
			return role(c.right), true
		}
	}
	for _, c := range restJoins {
		if c.id == id {
			return role(c.right), true
		}
	}
	switch id {
	case packagesFact:
		return role(packagesRight), true
	case branchesFact:
		return role(branchesRight), true
	case ciFileFact:
		return role(filesRight), true
	case variablesFact:
		return role(variablesRight), true
	}
	return 0, false
}

// Stands lists the facts that an endpoint in REST tells, project by project or
// where GraphQL does not, although the catalogue reads them elsewhere.
func Stands(endpoint string) (ids []scan.FactID) {
	for _, c := range wideCounts {
		if c.rest.endpoint == endpoint && endpoint != "" {
			ids = append(ids, c.id)
		}
	}
	for _, c := range restJoins {
		if c.rest.endpoint == endpoint {
			ids = append(ids, c.id)
		}
	}
	for _, id := range []scan.FactID{instanceVariables, groupVariablesFact, variablesFact, triggersFact} {
		if secretEndpoint(id) == endpoint && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	switch endpoint {
	case "GET /projects/:id/packages":
		ids = append(ids, packagesFact)
	case "GET /projects/:id/protected_branches":
		ids = append(ids, branchesFact)
	case rawFile, "GET /projects/:id/repository/tree":
		ids = append(ids, ciFileFact)
	}
	return ids
}

// Needs is the right in the catalogue's words that it takes to be told a fact by
// REST, project by project; "": REST tells it nobody, or nobody else.
func Needs(id scan.FactID) string {
	if role, ok := perProjectRight(id); ok && role > scan.RoleMember {
		return role.String() + " or higher on the project"
	}
	e, _ := scan.Lookup(id)
	return e.Needs
}

package clients

import (
	"fmt"
	"math"
	"path"
	"slices"
	"strings"
	"time"

	"readiness/scan"
	"readiness/scan/gitlabsim"
)

// evaluated is the truth about what gitlab-evaluate's workbook says of the
// whole instance and of one group.
func evaluated(w *gitlabsim.World) tables {
	t := tables{}
	everything := everyProject(w)
	evaluateSheets(w, t, "", everything)
	var users []gitlabsim.User
	active := 0
	for id := range w.UserIDs() {
		if u, _ := w.User(id); !internal(u) {
			users = append(users, u)
			if u.State == "active" {
				active++
			}
		}
	}
	evaluateUsers(t, "", users)
	account := func(name string, value any) { t.put("App Stats: "+name, "", value) }
	account("GitLab Version", w.Instance().Version.String()+"-ee")
	account("Total Users", w.Users())
	account("Total Active Users", active)
	account("Total Groups", w.Groups())
	account("Total Projects", w.Projects())
	evaluateSums(t, "", everything)
	archived := 0
	for _, p := range everything {
		if p.Archived {
			archived++
		}
	}
	account("Total Archived Projects", archived)

	tree := below(w, group)
	var inside []gitlabsim.Project
	belongs := map[int64]bool{}
	for _, p := range everything {
		if !p.Personal && tree[p.NamespaceID] {
			inside = append(inside, p)
			for _, m := range w.Members(p) {
				belongs[m.UserID] = true
			}
		}
	}
	for id := range tree {
		g, _ := w.Group(id)
		for _, m := range w.GroupMembers(g) {
			belongs[m.UserID] = true
		}
	}
	var members []gitlabsim.User
	active = 0
	for _, u := range users {
		if belongs[u.ID] {
			members = append(members, u)
			if u.State == "active" {
				active++
			}
		}
	}
	const scope = "group: "
	evaluateSheets(w, t, scope, inside)
	evaluateUsers(t, scope, members)
	evaluateSums(t, scope, inside)
	account = func(name string, value any) { t.put(scope+"App Stats: "+name, "", value) }
	account("GitLab Version", w.Instance().Version.String()+"-ee")
	account("Total Users", len(members))
	account("Total Active Users", active)
	account("Total Groups", len(tree)-1) // its descendants
	account("Total Projects", len(inside))
	account("Enumeration", fmt.Sprintf("COMPLETE - %d of %d projects", len(inside), len(inside)))
	account("User Enumeration", fmt.Sprintf("COMPLETE - %d users enumerated", len(members)))
	return t
}

// evaluateSums are the sums over projects on the sheet App Stats.
func evaluateSums(t tables, scope string, projects []gitlabsim.Project) {
	var mergeRequests, issues, forks int64
	for _, p := range projects {
		mergeRequests += p.MergeRequests
		issues += p.Issues
		if p.ForkedFrom != 0 {
			forks++
		}
	}
	for name, n := range map[string]int64{"Merge Requests": mergeRequests, "Issues": issues, "Forks": forks} {
		if scope == "" && n >= 10_000 {
			estimate := n - n*7/1000 // the simulated database's
			t.differs("App Stats: Total "+name, "", n, estimate, "instance statistics above 10,000")
			continue
		}
		t.put(scope+"App Stats: Total "+name, "", n)
	}
}

// evaluateSheets are the sheet Raw Project Data and what App Stats draws from
// languages and files.
func evaluateSheets(w *gitlabsim.World, t tables, scope string, projects []gitlabsim.Project) {
	shares := map[string]float64{}
	allFiles := map[string]int{}
	for _, p := range projects {
		cell := func(column string, value any) { t.put(scope+"Raw Project Data: "+column, p.ID, value) }
		kind := "group"
		if p.Personal {
			kind = "user"
		}
		cell("project", p.Name)
		cell("url", p.WebURL)
		cell("kind", kind)
		cell("namespace", path.Dir(p.FullPath))
		cell("last_activity_at", p.LastActivityAt.Format(time.RFC3339))
		cell("mirror", p.PullMirror)
		cell("archived", p.Archived)
		cell("is_fork", p.ForkedFrom != 0)
		cell("visibility", p.Visibility)
		cell("pipelines", p.Pipelines)
		cell("issues", p.Issues)
		cell("merge_requests", p.MergeRequests)
		cell("commit_count", p.Commits)
		cell("branches", p.Branches)
		cell("tags", p.Tags)
		s := p.Sizes
		cell("storage_size", s.Storage())
		cell("repository_size", s.Repository)
		cell("wiki_size", s.Wiki)
		cell("lfs_objects_size", s.LFS)
		cell("build_artifacts_size", s.JobArtifacts)
		cell("snippets_size", s.Snippets)
		cell("uploads_size", s.Uploads)
		cell("packages_size", s.Packages)
		cell("container_registry_size", s.Registry)
		// A sum of the tool's, of answers only.
		cell("estimated_export_size", s.Repository+s.Wiki+s.LFS+s.Snippets+s.Uploads)
		cell("container_tag_count", w.RegistryTags(p))
		cell("package_count", packages(p))
		kinds, newest := packageTypes(p, math.MaxInt64), packageTypes(p, 100)
		if slices.Equal(kinds, newest) {
			cell("package_types_in_use", kinds)
		} else {
			t.differs(scope+"Raw Project Data: package_types_in_use", p.ID, kinds, newest, "package types beyond 100 packages")
		}

		languages := map[string]float64{}
		for _, l := range w.Languages(p) {
			languages[l.Name] = l.Share
			shares[l.Name] += l.Share
		}
		cell("languages", languages)
		files := map[string]int{}
		for _, file := range w.Files(p) {
			files[extension(file)]++
			allFiles[extension(file)]++
		}
		cell("file_extensions", files)
	}
	sum := 0.0
	for _, share := range shares {
		sum += share
	}
	for name, share := range shares {
		t.put(scope+"App Stats: Programming Languages", name, math.Round(1e4*share/sum)/100)
	}
	for name, n := range allFiles {
		t.put(scope+"App Stats: File Extensions", name, n)
	}
}

// packageTypes are the types of a project's newest packages, as GraphQL names them.
func packageTypes(p gitlabsim.Project, newest int64) []string {
	kinds := []string{}
	for _, c := range slices.Backward(p.Packages) {
		if newest <= 0 {
			break
		}
		kinds = append(kinds, strings.ToUpper(c.Type))
		newest -= c.Count
	}
	slices.Sort(kinds)
	return kinds
}

// extension is the bucket of a file as the tool names it.
func extension(file string) string {
	name := strings.TrimLeft(path.Base(file), ".")
	if ext := path.Ext(name); ext != "" {
		return strings.ToLower(ext[1:])
	}
	return "no_extension"
}

// evaluateUsers are the sheet Users and the counts of its rows. A group's are
// read over GraphQL, which has no e-mail, seat, administrator or auditor, but
// the type of account.
func evaluateUsers(t tables, scope string, users []gitlabsim.User) {
	states, kinds, access := map[string]int{}, map[string]int{}, map[string]int{}
	for _, u := range users {
		cell := func(column string, value any) { t.put(scope+"Users: "+column, u.Username, value) }
		kind, email, external, seat, admin, auditor := "human", any(u.Email), any(u.External), any(u.Kind == scan.KindHuman && u.State == "active"), any(u.Admin), any(u.Auditor)
		reach := map[bool]string{true: "external", false: "not external"}[u.External]
		if bot(u) {
			kind = "bot"
		}
		if scope != "" {
			kind = map[string]string{scan.KindHuman: "human", scan.KindProjectBot: "project_bot", scan.KindServiceAccount: "service_account"}[u.Kind]
			email, external, seat, admin, auditor, reach = u.PublicEmail, "", "", "", "", "unknown"
		}
		states[u.State]++
		kinds[kind]++
		access[reach]++
		cell("email", email)
		cell("state", u.State)
		cell("user_type", kind)
		cell("bot", bot(u))
		cell("external", external)
		cell("last_activity_on", u.LastActivity)
		cell("using_license_seat", seat)
		cell("is_admin", admin)
		cell("is_auditor", auditor)
	}
	if scope != "" {
		access = nil // with nothing known there is no table
	}
	for table, counts := range map[string]map[string]int{"Users by State": states, "Users by Type": kinds, "Users by External Access": access} {
		for name, n := range counts {
			t.put(scope+"App Stats: "+table, name, n)
		}
	}
}

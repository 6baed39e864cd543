package clients

import (
	"fmt"
	"maps"
	"net/http"
	"slices"

	"readiness/scan"
	"readiness/scan/gitlabsim"
)

// refused is what the scripts tell of a list that is refused.
func refused(status int) any { return map[string]int{"refused": status} }

func off(access string, status int, value any) any {
	if access == "disabled" {
		return refused(status)
	}
	return value
}

func names[T any](items []T, name func(T) string) []string {
	found := []string{}
	for _, x := range items {
		found = append(found, name(x))
	}
	slices.Sort(found)
	return found
}

func ids[T any](items []T, id func(T) int64) []int64 {
	found := []int64{}
	for _, x := range items {
		found = append(found, id(x))
	}
	slices.Sort(found)
	return found
}

func levels(members []gitlabsim.Member) any {
	found := [][]int64{}
	for _, m := range members {
		found = append(found, []int64{m.UserID, int64(m.Level)})
	}
	return found
}

func key(v gitlabsim.Variable) string    { return v.Key }
func address(h gitlabsim.Webhook) string { return h.URL }
func counted(f scan.Fact[int64]) int64   { n, _ := f.Get(); return n }
func bot(u gitlabsim.User) bool          { return u.Kind != scan.KindHuman && u.Kind != scan.KindGhost }
func internal(u gitlabsim.User) bool     { return u.Kind == scan.KindGhost || u.Kind == scan.KindBot }

func everyProject(w *gitlabsim.World) []gitlabsim.Project {
	var all []gitlabsim.Project
	for id := range w.ProjectIDs() {
		p, _ := w.Project(id)
		all = append(all, p)
	}
	return all
}

// below are the ids of a group and its subgroups.
func below(w *gitlabsim.World, id int64) map[int64]bool {
	tree := map[int64]bool{id: true}
	for again := true; again; {
		again = false
		for child := range w.GroupIDs() {
			if g, _ := w.Group(child); tree[g.ParentID] && !tree[child] {
				tree[child], again = true, true
			}
		}
	}
	return tree
}

// listed is the truth about what python-gitlab and gitbeaker list.
func listed(w *gitlabsim.World) tables {
	t := tables{}
	listInstance(w, t)
	for id := range w.UserIDs() {
		u, _ := w.User(id)
		t.put("users by keyset", id, []any{u.Username, u.State, u.Admin, u.External, bot(u), u.TwoFactor, len(u.Identities)})
		t.put("users page by page", id, u.Username)
	}
	for id := range w.GroupIDs() {
		listGroup(w, t, id)
	}
	for _, p := range everyProject(w) {
		listProject(w, t, p)
	}
	return t
}

func listInstance(w *gitlabsim.World, t tables) {
	in := w.Instance()
	t.put("version", "", in.Version.String()+"-ee")
	t.put("own account", "", []any{"root", true})
	t.put("application settings", "bulk_import_enabled", in.Settings.DirectTransfer)
	t.put("application settings", "project_export_enabled", in.Settings.ProjectExport)
	t.put("application settings", "max_export_size", in.Settings.MaxExportSize)
	t.put("application statistics", "projects", fmt.Sprint(w.Projects()))
	t.put("application statistics", "groups", fmt.Sprint(w.Groups()))
	t.put("application statistics", "users", fmt.Sprint(w.Users()))
	t.put("license", "plan", in.License.Plan)
	t.put("features", "", names(in.FeatureFlags, func(f gitlabsim.FeatureFlag) string { return f.Name }))
	t.put("system hooks", "", names(in.SystemHooks, address))
	t.put("applications", "", names(in.Applications, func(a gitlabsim.Application) string { return a.Name }))
	t.put("broadcast messages", "", ids(in.BroadcastMessages, func(b gitlabsim.Broadcast) int64 { return b.ID }))
	t.put("topics", "", names(in.Topics, func(s string) string { return s }))
	t.put("instance variables", "", names(in.Variables, key))
	t.put("deploy tokens of all", "", in.DeployTokens)
	t.put("pages domains of all", "", in.PagesDomains)
	t.put("snippets of all", "", in.ProjectSnippets+in.PersonalSnippets)
	t.put("runners", "instance_type", in.InstanceRunners)
	t.put("runners", "group_type", in.GroupRunners)
	t.put("runners", "project_type", in.ProjectRunners)
	t.put("personal access tokens", "active", in.ActiveAccessTokens)
	t.put("projects by header", "", w.Projects())
}

func listGroup(w *gitlabsim.World, t tables, id int64) {
	g, _ := w.Group(id)
	t.put("groups", id, []any{g.FullPath, g.Visibility, w.GroupStorage(id)})
	t.put("group members", id, levels(w.GroupMembers(g)))
	everybody := map[int64]bool{}
	for at := g; ; at, _ = w.Group(at.ParentID) {
		for _, m := range w.GroupMembers(at) {
			everybody[m.UserID] = true
		}
		if at.ParentID == 0 {
			break
		}
	}
	t.put("group members with inherited ones", id, slices.Sorted(maps.Keys(everybody)))
	t.put("group variables", id, names(w.GroupVariables(g), key))
	t.put("group hooks", id, names(w.GroupWebhooks(g), address))
	t.put("group deploy tokens", id, len(w.GroupDeployTokens(g)))
	t.put("group badges", id, g.Badges)
	t.put("group boards", id, g.Boards)
	t.put("group milestones", id, g.Milestones)
	t.put("group labels", id, g.Labels)
	tree, inside := below(w, id), []int64{}
	for _, p := range everyProject(w) {
		if !p.Personal && tree[p.NamespaceID] {
			inside = append(inside, p.ID)
		}
	}
	t.put("projects of a group and its subgroups", id, inside)
	delete(tree, id)
	t.put("descendant groups", id, ids(slices.Collect(maps.Keys(tree)), func(child int64) int64 { return child }))
}

func listProject(w *gitlabsim.World, t tables, p gitlabsim.Project) {
	id, a, s, truth := p.ID, p.Access, p.Sizes, w.ProjectTruth(p.ID)
	t.put("projects page by page", id, p.FullPath)
	t.put("projects by keyset", id, []any{p.FullPath, p.Visibility, p.Archived, p.Empty, p.Stars, names(p.Topics, func(s string) string { return s })})
	t.put("project statistics", id, []any{p.Commits, s.Storage(), s.Repository, s.Wiki, s.LFS, s.JobArtifacts, s.Packages, s.Snippets, s.Uploads})
	t.put("branches", id, off(a.Repository, http.StatusForbidden, p.Branches))
	t.put("tags", id, off(a.Repository, http.StatusForbidden, p.Tags))
	files := any(w.Files(p))
	if p.Empty {
		files = refused(http.StatusNotFound)
	}
	t.put("files", id, off(a.Repository, http.StatusForbidden, files))
	languages := map[string]float64{}
	for _, l := range w.Languages(p) {
		languages[l.Name] = l.Share
	}
	t.put("languages", id, languages)
	t.put("hooks", id, names(w.Webhooks(p), address))
	variables := [][]any{}
	for _, v := range w.Variables(p) {
		variables = append(variables, []any{v.Key, v.Scope, v.Masked, v.Protected})
	}
	t.put("variables", id, variables)
	t.put("members", id, levels(w.Members(p)))
	t.put("environments", id, off(a.Environments, http.StatusForbidden, p.Environments))
	t.put("releases", id, off(a.Releases, http.StatusForbidden, p.Releases))
	t.put("deploy keys", id, ids(w.DeployKeys(p), func(k gitlabsim.DeployKey) int64 { return k.ID }))
	t.put("deploy tokens", id, len(w.DeployTokens(p)))
	t.put("protected branches", id, off(a.Repository, http.StatusForbidden, names(w.ProtectedBranches(p), func(b gitlabsim.ProtectedBranch) string { return b.Name })))
	t.put("protected tags", id, p.ProtectedTags)
	t.put("remote mirrors", id, ids(w.Mirrors(p), func(m gitlabsim.Mirror) int64 { return m.ID }))
	t.put("integrations", id, names(w.Integrations(p), func(x gitlabsim.Integration) string { return x.Slug }))
	t.put("triggers", id, p.Triggers)
	t.put("pipeline schedules", id, off(a.Builds, http.StatusForbidden, p.Schedules))
	t.put("snippets", id, off(a.Snippets, http.StatusForbidden, counted(truth.Snippets)))
	t.put("wiki pages", id, off(a.Wiki, http.StatusForbidden, p.WikiPages))
	t.put("pages domains", id, counted(truth.PagesDomains))
	t.put("packages", id, packages(p))
	t.put("registry tags", id, off(a.Registry, http.StatusForbidden, w.RegistryTags(p)))
	t.put("issues", id, off(a.Issues, http.StatusNotFound, p.Issues))
	byHeader := func(resource, access string, n int64) {
		if n > 10_000 {
			t.differs(resource, id, n, nil, "total above 10,000")
			return
		}
		t.put(resource, id, off(access, http.StatusForbidden, n))
	}
	byHeader("merge requests", a.MergeRequests, p.MergeRequests)
	byHeader("pipelines", a.Builds, p.Pipelines)
	t.put("forks", id, ids(p.Forks, func(fork int64) int64 { return fork }))
	t.put("projects over GraphQL", id, []any{p.FullPath, p.Issues, p.MergeRequests, p.Pipelines, p.Releases, packages(p),
		p.RegistryRepos, s.Storage(), p.Commits, s.Registry})
}

func packages(p gitlabsim.Project) (n int64) {
	for _, c := range p.Packages {
		n += c.Count
	}
	return n
}

package gitlabsim

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
)

// served counts the rows of a list as its X-Total says and as they are.
func served(t *testing.T, s *Server, path string) int64 {
	t.Helper()
	rw := ask(t, s, s.Token(Admin), path+"?per_page=100")
	if rw.Code != 200 {
		t.Errorf("GET %s: %d %s", path, rw.Code, rw.Body)
		return -1
	}
	rows := int64(len(into[[]any](t, rw)))
	text := rw.Header().Get("X-Total")
	if text == "" {
		return rows // a list that is not paginated
	}
	total, err := strconv.ParseInt(text, 10, 64)
	if err != nil || total < rows || total <= 100 && total != rows {
		t.Errorf("GET %s: X-Total %q with %d rows", path, text, rows)
	}
	return total
}

// What the lists serve is what the truth counts, for every project and group.
func TestListsAreTheTruth(t *testing.T) {
	w := newWorld(t, Config{Projects: 150, Seed: 3})
	s := NewServer(w, Options{})
	for id := range w.ProjectIDs() {
		truth, base := w.ProjectTruth(id), fmt.Sprintf("/projects/%d", id)
		p, _ := w.Project(id)
		counts := map[string]interface{ Amount() (int64, bool) }{
			"/hooks": truth.Webhooks, "/members": truth.Members, "/deploy_tokens": truth.DeployTokens, "/deploy_keys": truth.DeployKeys,
			"/remote_mirrors": truth.RemoteMirrors, "/protected_tags": truth.ProtectedTags, "/integrations": truth.Integrations,
			"/variables": truth.Variables, "/pages/domains": truth.PagesDomains,
		}
		if !p.Archived { // of archived projects nobody is told
			counts["/triggers"] = truth.Triggers
		}
		if p.Access.Repository != "disabled" {
			counts["/repository/branches"], counts["/repository/tags"], counts["/protected_branches"] = truth.Branches, truth.Tags, truth.ProtectedBranches
		}
		if p.Access.Issues != "disabled" {
			counts["/issues"] = truth.Issues
		}
		if p.Access.MergeRequests != "disabled" {
			counts["/merge_requests"] = truth.MergeRequests
		}
		if p.Access.Builds != "disabled" {
			counts["/pipelines"], counts["/pipeline_schedules"] = truth.Pipelines, truth.Schedules
		}
		if p.Access.Snippets != "disabled" {
			counts["/snippets"] = truth.Snippets
		}
		if p.Access.Environments != "disabled" {
			counts["/environments"] = truth.Environments
		}
		if p.Access.Releases != "disabled" {
			counts["/releases"] = truth.Releases
		}
		if p.Access.Registry != "disabled" {
			counts["/registry/repositories"] = truth.RegistryRepos
		}
		for path, fact := range counts {
			want, _ := fact.Amount()
			if got := served(t, s, base+path); got != want && got <= maxCounted && !(want > maxCounted && got == 100) {
				t.Errorf("GET %s: %d rows, truth %d", base+path, got, want)
			}
		}
	}
	for id := range w.GroupIDs() {
		truth, base := w.GroupTruth(id), fmt.Sprintf("/groups/%d", id)
		for path, fact := range map[string]interface{ Amount() (int64, bool) }{
			"/members": truth.Members, "/milestones": truth.Milestones, "/boards": truth.Boards, "/badges": truth.Badges,
			"/hooks": truth.Webhooks, "/deploy_tokens": truth.DeployTokens, "/variables": truth.Variables,
		} {
			want, _ := fact.Amount()
			if got := served(t, s, base+path); got != want {
				t.Errorf("GET %s: %d rows, truth %d", base+path, got, want)
			}
		}
	}
	in := w.InstanceTruth()
	for path, fact := range map[string]interface{ Amount() (int64, bool) }{
		"/hooks": in.SystemHooks, "/applications": in.Applications, "/broadcast_messages": in.BroadcastMessages, "/topics": in.Topics,
		"/deploy_tokens": in.DeployTokens, "/pages/domains": in.PagesDomains, "/geo_sites": in.GeoSites, "/features": in.FeatureFlags,
	} {
		want, _ := fact.Amount()
		if got := served(t, s, path); got != want {
			t.Errorf("GET %s: %d rows, truth %d", path, got, want)
		}
	}
}

// Instance-wide lists deal out exactly what the projects have.
func TestInstanceListsAddUp(t *testing.T) {
	w := newWorld(t, Config{Projects: 333, Seed: 5})
	var tokens, domains, snippets, keyUses, bots int
	for id := range w.ProjectIDs() {
		p, _ := w.Project(id)
		tokens += len(w.DeployTokens(p))
		domains += len(w.domains.of(p.index))
		snippets += len(w.snippets.of(p.index))
		keyUses += len(w.DeployKeys(p))
		bots += len(w.projectBots(p.index))
	}
	for id := range w.GroupIDs() {
		g, _ := w.Group(id)
		tokens += len(w.GroupDeployTokens(g))
	}
	uses := 0
	for k := range w.deployKeyCount() {
		key := w.deployKey(k)
		uses += len(key.Writable) + len(key.ReadOnly)
		if len(key.Writable)+len(key.ReadOnly) == 0 {
			t.Errorf("deploy key %d is enabled nowhere", key.ID)
		}
	}
	allBots := 0
	for id := range w.UserIDs() {
		if u, _ := w.User(id); strings.HasPrefix(u.Username, "project_") {
			allBots++
		}
	}
	in := w.Instance()
	for _, c := range []struct {
		what      string
		got, want int
	}{
		{"deploy tokens", tokens, int(in.DeployTokens)}, {"Pages domains", domains, int(in.PagesDomains)}, {"snippets", snippets, int(in.ProjectSnippets)},
		{"uses of deploy keys", keyUses, uses}, {"bots", bots, allBots},
	} {
		if c.got != c.want || c.want == 0 {
			t.Errorf("%s: projects and groups have %d, the instance %d", c.what, c.got, c.want)
		}
	}
}

// The canary stands where secrets stand, so that a leak can be seen; where
// GitLab masks a secret it does not.
func TestCanary(t *testing.T) {
	w := newWorld(t, Config{})
	s := NewServer(w, Options{})
	p := find(t, w, func(p Project) bool { return len(w.Mirrors(p)) > 0 })
	v := find(t, w, func(p Project) bool { return len(w.Variables(p)) > 3 })
	for path, want := range map[string]bool{
		"/application/settings":                          true,
		fmt.Sprintf("/projects/%d", p.ID):                true, // runners_token
		fmt.Sprintf("/projects/%d/variables", v.ID):      true,
		fmt.Sprintf("/projects/%d/remote_mirrors", p.ID): false,
		"/projects?simple=true":                          false,
		"/users":                                         false,
	} {
		if has := strings.Contains(ask(t, s, s.Token(Admin), path).Body.String(), w.Canary()); has != want {
			t.Errorf("GET %s: canary %v, want %v", path, has, want)
		}
	}
	if rw := query(t, s, s.Token(Admin), `{ projects(first: 100) { nodes { ciVariables(first: 100) { nodes { key } } } } }`, nil); strings.Contains(rw.Body.String(), w.Canary()) {
		t.Error("the keys of variables carry their values")
	}
}

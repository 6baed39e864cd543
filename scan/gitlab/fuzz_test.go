package gitlab

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"readiness/scan"
)

// tree is a JSON value as it stands there: of keys that come twice both are kept.
type tree struct {
	keys  []string // of an object
	inner []tree   // of an object or a list
	word  string   // of anything else, as it is written
}

// plainly reads JSON without any of what this package decodes it with; ok is
// false where it is none.
func plainly(body []byte) (v tree, ok bool) {
	if !json.Valid(body) {
		return v, false
	}
	d := json.NewDecoder(strings.NewReader(string(body)))
	d.UseNumber()
	var read func() tree
	read = func() (v tree) {
		token, _ := d.Token()
		switch token := token.(type) {
		case json.Delim:
			for d.More() {
				if token == '{' {
					key, _ := d.Token()
					v.keys = append(v.keys, key.(string))
				}
				v.inner = append(v.inner, read())
			}
			_, _ = d.Token()
		case string:
			v.word = strconv.Quote(token)
		case json.Number:
			v.word = token.String()
		case bool:
			v.word = strconv.FormatBool(token)
		case nil:
			v.word = "null"
		}
		return v
	}
	return read(), true
}

// at lists all that stands under a path of keys, of which encoding/json does not
// mind the case; "*" is every entry of a list.
func (v tree) at(path ...string) []tree {
	if len(path) == 0 {
		return []tree{v}
	}
	var found []tree
	for i, inner := range v.inner {
		if path[0] == "*" && v.keys == nil || v.keys != nil && strings.EqualFold(v.keys[i], path[0]) {
			found = append(found, inner.at(path[1:]...)...)
		}
	}
	return found
}

// says reports whether a word stands under the path.
func (v tree) says(word string, path ...string) bool {
	return slices.ContainsFunc(v.at(path...), func(t tree) bool { return t.word == word })
}

// only reports whether v is an object with this one key, and returns its value.
func (v tree) only(key string) (tree, bool) {
	if len(v.keys) != 1 || v.keys[0] != key {
		return tree{}, false
	}
	return v.inner[0], true
}

// Whatever stands in the place of a REST answer, every project of it has each of
// its listed facts as a value or a gap, and a value only where the answer says just
// that of that project.
func FuzzListedProjects(f *testing.F) {
	f.Add([]byte(`[{"id":1,"path_with_namespace":"a/b","archived":true,"visibility":"private","star_count":0,"statistics":{"repository_size":7},"last_activity_at":"2026-01-02T03:04:05Z"}]`), `<https://x/y?id_after=7>; rel="next"`)
	f.Add([]byte(`[{"id":9007199254740993,"statistics":{"repository_size":-1,"commit_count":1e3},"created_at":"9999-12-31T23:59:59Z"},null,{"id":1,"ID":2},{"id":1}]`), `<%zz>; rel="next"`)
	f.Add([]byte(`[{"id":3,"star_count":4,"star_count":"5","forks_count":null,"Statistics":{"wiki_size":9223372036854775808}}]`), ``)
	f.Add([]byte(`{"message":"x"}`), `;`)
	f.Add([]byte(`[`), ``)
	f.Fuzz(func(t *testing.T, body []byte, link string) {
		_ = nextLink(http.Header{"Link": {link}})
		s, _ := open(t, healthy("18.9.0-ee").with("GET /projects", turns(say(200, `[]`), say(200, string(body)))))
		page, err := s.Projects(t.Context(), "")
		if err != nil {
			return
		}
		answer, ok := plainly(body)
		if page.Gap == nil && (!ok || len(page.Items) != len(answer.inner)) {
			t.Errorf("%d projects of %q, and no gap", len(page.Items), body)
		}
		for i, p := range page.Items {
			mustSet(t, p, scan.Quick)
			if i >= len(answer.inner) {
				t.Fatalf("more projects than %q has", body)
			}
			told := answer.inner[i]
			if p.ID != 0 && !told.says(strconv.FormatInt(p.ID, 10), "id") {
				t.Errorf("project %d of %q", p.ID, body)
			}
			for path, fact := range map[string]scan.Fact[int64]{
				"star_count": p.Stars, "forks_count": p.Forks, "open_issues_count": p.OpenIssues, "statistics.repository_size": p.RepositorySize,
				"statistics.lfs_objects_size": p.LFSSize, "statistics.wiki_size": p.WikiSize, "statistics.commit_count": p.Commits,
			} {
				if n, known := fact.Get(); known && !told.says(strconv.FormatInt(n, 10), strings.Split(path, ".")...) {
					t.Errorf("%s is %d of %q", path, n, body)
				}
			}
			if v, known := p.Archived.Get(); known && !told.says(strconv.FormatBool(v), "archived") {
				t.Errorf("archived is %v of %q", v, body)
			}
			if v, known := p.Visibility.Get(); known && !told.says(strconv.Quote(v), "visibility") {
				t.Errorf("visibility is %q of %q", v, body)
			}
		}
	})
}

// Whatever stands in the place of a GraphQL answer, a number is known only where
// the answer says just that of that project, and is where it says nothing else.
func FuzzGraphAnswer(f *testing.F) {
	f.Add([]byte(`{"data":{"projects":{"nodes":[{"id":"gid://gitlab/Project/1",` + everything + `}]}}}`))
	f.Add([]byte(`{"data":{"projects":{"nodes":[{"id":"gid://gitlab/Project/1","issues":{"count":42}}]}}}`))
	f.Add([]byte(`{"data":{"projects":{"nodes":[{"id":"gid://gitlab/Project/1","issues":{"count":9223372036854775808}}]}},"errors":[{"message":"x","path":["projects","nodes",-1,"issues"]}]}`))
	f.Add([]byte(`{"data":{"projects":{"nodes":[null,{"id":7}]}},"errors":[{"path":["projects","nodes",1.5]}]}`))
	f.Add([]byte(`{"data":{"projects":{"nodes":[{"id":"gid://gitlab/Project/1","labels":{"count":3},"Labels":{"count":4}},{"id":"gid://gitlab/Project/1","labels":{"count":5}}]}}}`))
	f.Add([]byte(`{"data":null,"errors":[]}`))
	f.Add([]byte(`{`))
	f.Fuzz(func(t *testing.T, body []byte) {
		s := admin(t, "18.9.0-ee", graph(func(asked) string { return string(body) }), scan.Standard, nil)
		page := someProjects(1)
		if err := s.WideProjects(t.Context(), page); err != nil {
			return
		}
		answer, _ := plainly(body)
		nodes := slices.DeleteFunc(answer.at("data", "projects", "nodes", "*"), func(n tree) bool { return !n.says(`"gid://gitlab/Project/1"`, "id") })
		p := page[0]
		facts := map[string]scan.Fact[int64]{
			"issues.count": p.Issues, "mergeRequests.count": p.MergeRequests, "pipelines.count": p.Pipelines, "releases.count": p.Releases,
			"labels.count": p.Labels, "clusterAgents.count": p.Agents, "terraformStates.count": p.TerraformStates, "containerRepositoriesCount": p.RegistryRepos,
		}
		for _, path := range slices.Sorted(maps.Keys(facts)) {
			n, known := facts[path].Get()
			said := slices.ContainsFunc(nodes, func(node tree) bool { return node.says(strconv.FormatInt(n, 10), strings.Split(path, ".")...) })
			if known && !said {
				t.Errorf("%s is %d of %q", path, n, body)
			}
		}
		if n, plain := onlyIssues(answer); plain {
			if got, known := p.Issues.Get(); !known || got != n {
				t.Errorf("issues are %d, %v of %q", got, known, body)
			}
		}
	})
}

// onlyIssues is the number of issues in an answer that says nothing else.
func onlyIssues(answer tree) (int64, bool) {
	data, a := answer.only("data")
	projects, b := data.only("projects")
	nodes, c := projects.only("nodes")
	if !a || !b || !c || len(nodes.inner) != 1 || len(nodes.inner[0].keys) != 2 || !nodes.inner[0].says(`"gid://gitlab/Project/1"`, "id") {
		return 0, false
	}
	counts := nodes.inner[0].at("issues", "count")
	issues := nodes.inner[0].at("issues")
	if len(counts) != 1 || len(issues[0].keys) != 1 || nodes.keys != nil {
		return 0, false
	}
	n, err := strconv.ParseUint(counts[0].word, 10, 63)
	return int64(n), err == nil
}

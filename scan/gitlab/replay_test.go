package gitlab

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"readiness/scan"
)

// exchange is one recorded answer of a real GitLab.
type exchange struct {
	Request struct {
		Method string `json:"method"`
		URL    string `json:"url"`
	} `json:"request"`
	Response struct {
		Status  int               `json:"status"`
		Headers map[string]string `json:"headers"`
		Body    json.RawMessage   `json:"body"`
	} `json:"response"`
}

// replay answers with what real GitLabs answered, by path: the first recording
// of a path wins, a lone object of a list is wrapped into that list, and single
// projects and groups are also in the listing they belong to. All else is 404.
type replay struct {
	byPath map[string]exchange
	asked  map[string]bool
}

var listPath = regexp.MustCompile(`^/(users|groups|projects)$|/(issues|deployments|jobs|pipelines|members/all|merge_requests|branches|tags|labels|releases|milestones)$`)

func loadReplay(t *testing.T) *replay {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(reference(t, "recorded"), "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no recordings: %v", err)
	}
	slices.Sort(files)
	rp := &replay{byPath: map[string]exchange{}, asked: map[string]bool{}}
	lone := map[string][]json.RawMessage{} // single objects by their listing
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var e exchange
		if err := json.Unmarshal(text, &e); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		u, err := url.Parse(e.Request.URL)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		path := strings.TrimSuffix(strings.TrimPrefix(u.EscapedPath(), "/api/v4"), "/")
		if e.Response.Status == 200 && strings.HasPrefix(string(e.Response.Body), "{") {
			if listPath.MatchString(path) {
				e.Response.Body = json.RawMessage("[" + string(e.Response.Body) + "]")
			} else if parts := strings.Split(path, "/"); len(parts) == 3 && (parts[1] == "projects" || parts[1] == "groups") {
				lone["/"+parts[1]] = append(lone["/"+parts[1]], e.Response.Body)
			}
		}
		if _, there := rp.byPath[path]; !there {
			rp.byPath[path] = e
		}
	}
	for path, bodies := range lone {
		e := rp.byPath[path]
		var all []json.RawMessage
		if err := json.Unmarshal(e.Response.Body, &all); err != nil {
			t.Fatal(err)
		}
		seen := map[int64]bool{}
		var list []json.RawMessage
		for _, b := range append(all, bodies...) {
			if id := idOf(b); !seen[id] {
				seen[id] = true
				list = append(list, b)
			}
		}
		e.Response.Headers = nil // they counted another list
		e.Response.Body, _ = json.Marshal(list)
		rp.byPath[path] = e
	}
	return rp
}

func idOf(b json.RawMessage) int64 {
	var o struct {
		ID int64 `json:"id"`
	}
	_ = json.Unmarshal(b, &o)
	return o.ID
}

func (rp *replay) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := strings.TrimPrefix(r.URL.EscapedPath(), "/api/v4")
	e, ok := rp.byPath[path]
	if !ok || r.Method == http.MethodPost {
		say(404, `{"message":"404 Not Found"}`)(w, r)
		return
	}
	for k, v := range e.Response.Headers {
		if k := http.CanonicalHeaderKey(k); k == "Link" || strings.HasPrefix(k, "X-") {
			w.Header().Set(k, v)
		}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(e.Response.Status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(e.Response.Body)
	}
}

// body is the recorded body behind a path, decoded.
func body[T any](t *testing.T, rp *replay, path string) T {
	t.Helper()
	var v T
	if err := json.Unmarshal(rp.byPath[path].Response.Body, &v); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return v
}

func TestReplayOfRealAnswers(t *testing.T) {
	rp := loadReplay(t)
	s, _ := open(t, rp, func(o *Options) { o.Depth = scan.Deep })
	w := scanAll(t, s)

	version := body[map[string]any](t, rp, "/version")["version"].(string)
	if v, ok := w.instance.Version.Get(); !ok || v.String() != version {
		t.Errorf("version = %v, want %s", w.instance.Version.Any(), version)
	}
	if v, ok := w.instance.GraphQL.Get(); !ok || v {
		t.Errorf("GraphQL = %v, want a known no", w.instance.GraphQL.Any())
	}
	if got, want := w.instance.Caller.Or(""), body[map[string]any](t, rp, "/user")["username"]; got != want {
		t.Errorf("caller = %q, want %q", got, want)
	}

	// Facts of real projects against the recorded bodies, key by key.
	keys := map[scan.FactID]string{
		"project.visibility": "visibility", "project.archived-state": "archived", "project.default-branch": "default_branch",
		"project.stars": "star_count", "project.forks": "forks_count", "project.open-issues": "open_issues_count",
		"project.merge-method": "merge_method", "project.lfs-setting": "lfs_enabled", "project.empty-repository": "empty_repo",
		"project.issues-access": "issues_access_level", "project.wiki-access": "wiki_access_level", "project.builds-access": "builds_access_level",
		"project.repository-access": "repository_access_level", "project.pages-settings": "pages_access_level",
		"project.shared-runner-setting": "shared_runners_enabled", "project.auto-devops": "auto_devops_enabled",
		"project.ci-config-path": "ci_config_path", "project.service-desk": "service_desk_enabled",
	}
	statistics := map[scan.FactID]string{
		"project.repository-size": "repository_size", "project.job-artifacts-size": "job_artifacts_size", "project.lfs-objects-size": "lfs_objects_size",
		"project.packages-size": "packages_size", "project.commits": "commit_count", "project.wiki-size": "wiki_size", "project.uploads-size": "uploads_size",
	}
	checked := map[scan.FactID]bool{}
	for path, id := range map[string]int64{"/projects/25157276": 25157276, "/projects/ase%2Fase": 470007,
		"/projects/packit-service%2Fogr-tests": 14233409, "/projects/9715852": 9715852, "/projects/88891": 88891} {
		p := w.projects[id]
		if p == nil {
			t.Errorf("project %d was not found", id)
			continue
		}
		recorded := body[map[string]any](t, rp, path)
		if p.Path != recorded["path_with_namespace"] || p.Name != recorded["name"] || p.WebURL != recorded["web_url"] {
			t.Errorf("project %d is %s %q %s", id, p.Path, p.Name, p.WebURL)
		}
		stats, _ := recorded["statistics"].(map[string]any)
		compare := func(fact scan.FactID, want any, there bool) {
			r := scan.FactOf(p, fact)
			if _, gap := r.Gap(); !there || want == nil {
				if !there && !gap {
					t.Errorf("%s of %s = %v, but no answer holds it", fact, p.Path, r.Any())
				}
				return
			}
			got := r.Any()
			if n, ok := got.(int64); ok {
				got = float64(n)
			}
			if got != want {
				g, _ := r.Gap()
				t.Errorf("%s of %s = %v (%v), want %v", fact, p.Path, got, g, want)
			}
			checked[fact] = true
		}
		for fact, key := range keys {
			want, there := recorded[key]
			compare(fact, want, there)
		}
		for fact, key := range statistics {
			want, there := stats[key]
			compare(fact, want, there)
		}
	}
	if len(checked) < 20 {
		t.Errorf("only %d facts were compared: %v", len(checked), checked)
	}

	// Lists of the deep pass: the real totals of packit-service/ogr-tests.
	ogr := w.projects[14233409]
	for fact, path := range map[scan.FactID]string{"project.branches": "/projects/14233409/repository/branches",
		"project.git-tags": "/projects/14233409/repository/tags", "project.releases": "/projects/14233409/releases"} {
		want := int64(len(body[[]any](t, rp, path)))
		for k, v := range rp.byPath[path].Response.Headers {
			if strings.EqualFold(k, "X-Total") {
				want, _ = strconv.ParseInt(v, 10, 64)
			}
		}
		if n, ok := scan.FactOf(ogr, fact).Amount(); !ok || n != want {
			t.Errorf("%s = %v, want %d", fact, scan.FactOf(ogr, fact).Any(), want)
		}
	}
	// Its recorded root folder holds no CI/CD configuration: a zero that was read.
	if n, known := ogr.CIConfigFile.Get(); !known || n != 0 {
		t.Errorf("project.ci-config-file = %v, want 0: the root folder was recorded", ogr.CIConfigFile.Any())
	}
	// What no recording answers is a gap, never a zero.
	for _, fact := range []scan.FactID{"project.webhooks", "project.members", "project.environments", "project.deploy-tokens", "project.remote-mirrors",
		"project.protected-tags", "project.integrations", "project.cicd-variables", "project.protected-branches",
		"project.package-registry", "project.container-registry", "project.pipelines", "project.pipeline-schedules", "project.deploy-keys",
		"project.snippets", "project.pages-domains", "project.terraform-states", "project.custom-attributes"} {
		if _, gap := scan.FactOf(ogr, fact).Gap(); !gap {
			t.Errorf("%s = %v, but no recording answers it", fact, scan.FactOf(ogr, fact).Any())
		}
	}
	for _, fact := range []scan.FactID{"instance.license", "instance.bulk-import-enabled", "instance.system-hooks", "instance.runners",
		"instance.cicd-variables", "instance.counted-projects", "instance.snippets", "instance.deploy-keys"} {
		if _, gap := scan.FactOf(w.instance, fact).Gap(); !gap {
			t.Errorf("%s = %v, but no recording answers it", fact, scan.FactOf(w.instance, fact).Any())
		}
	}
	silent := w.projects[9715852] // of which nothing but the project itself was recorded
	for fact, r := range scan.Facts(silent) {
		e, _ := scan.Lookup(fact)
		if _, gap := r.Gap(); e.Depth > scan.Quick && !gap {
			t.Errorf("%s of %s = %v, but no recording answers it", fact, silent.Path, r.Any())
		}
	}
	g := w.groups[61015181]
	if g == nil || g.Visibility.Or("") != "private" || g.ParentID != 61014943 || g.SubgroupCreation.Or("") != "maintainer" {
		t.Errorf("group 61015181 = %+v", g)
	}
	u := w.users[2994199]
	if u == nil || u.State.Or("") != "active" || u.Kind.Or("") != scan.KindHuman || u.LastActivity.Or("") != "2024-01-09" {
		t.Errorf("user 2994199 = %+v", u)
	}
	t.Logf("%d projects, %d groups, %d users, %d facts compared, %+v", len(w.projects), len(w.groups), len(w.users), len(checked), s.Requests())
}

// No secret of a recording may end in what is kept: the recorder marked them.
func TestReplayKeepsNoSecret(t *testing.T) {
	rp := loadReplay(t)
	for path, e := range rp.byPath {
		e.Response.Body = json.RawMessage(strings.ReplaceAll(string(e.Response.Body), "[REDACTED]", "SECRET-VALUE"))
		rp.byPath[path] = e
	}
	var log strings.Builder
	s, _ := open(t, rp, func(o *Options) {
		o.Logf = func(format string, args ...any) { _, _ = io.WriteString(&log, format) }
	})
	w := scanAll(t, s)
	for _, subject := range w.subjects() {
		b, err := scan.MarshalFacts(subject)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(b), "SECRET-VALUE") || strings.Contains(string(b), testToken) {
			t.Errorf("%s keeps a secret: %s", subject.Address(), b)
		}
	}
	if strings.Contains(log.String(), "SECRET-VALUE") || strings.Contains(log.String(), testToken) {
		t.Error("the log tells a secret")
	}
}

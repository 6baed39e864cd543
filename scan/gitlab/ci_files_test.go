package gitlab

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"readiness/scan"
	"readiness/scan/ciconfig"
	"readiness/scan/gitlabsim"
)

// inflated serves a simulated instance whose files at the default path of a
// CI/CD configuration hold so many bytes more, of comments.
func inflated(server http.Handler, more int) http.Handler {
	padding := strings.Repeat("# "+strings.Repeat("x", 61)+"\n", more/64)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			server.ServeHTTP(w, r)
			return
		}
		told := httptest.NewRecorder()
		server.ServeHTTP(told, r)
		var answer any
		if err := json.Unmarshal(told.Body.Bytes(), &answer); err != nil {
			w.WriteHeader(told.Code)
			_, _ = w.Write(told.Body.Bytes())
			return
		}
		inflate(answer, padding)
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(answer)
	})
}

func inflate(v any, padding string) {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			inflate(item, padding)
		}
	case map[string]any:
		if text, is := v["rawTextBlob"].(string); is && v["path"] == defaultCIFile {
			v["rawTextBlob"], v["rawSize"] = text+padding, len(text)+len(padding)
		}
		for _, inner := range v {
			inflate(inner, padding)
		}
	}
}

// Configurations larger than GitLab runs are told by their size and as problems;
// what they may mention is cut. A page of them that is too large for one answer is
// asked for in parts.
func TestLargeConfigurations(t *testing.T) {
	if testing.Short() {
		t.Skip("one reader of long files; the race detector sees it in shorter ones")
	}
	world, err := gitlabsim.New(gitlabsim.Config{Projects: 60, Seed: 5})
	if err != nil {
		t.Fatal(err)
	}
	server := gitlabsim.NewServer(world, gitlabsim.Options{})
	web := httptest.NewServer(inflated(server, ciconfig.MaxFile))
	t.Cleanup(web.Close)
	s, err := Open(t.Context(), Options{BaseURL: web.URL, PublicURL: world.ExternalURL(), Token: server.Token(gitlabsim.Admin), Depth: scan.Standard, Clock: newFastClock()})
	if err != nil {
		t.Fatal(err)
	}
	large := 0
	for _, p := range scanAll(t, s).projects {
		if size, known := p.CIConfigFile.Get(); !known || size < ciconfig.MaxFile {
			if _, gap := p.CIMentions.Gap(); gap && p.RepositoryAccess.Or("") != featureDisabled {
				t.Errorf("%s: its mentions are cut", p.Path)
			}
			continue
		}
		large++
		g, gap := p.CIMentions.Gap()
		if !gap || g.Reason != scan.ReasonTruncated || len(p.CIMentions.Items) != 1 || p.CIMentions.Items[0].Kind != scan.CIProblem {
			t.Errorf("%s: %+v %v", p.Path, p.CIMentions.Items, g)
		}
		if _, gap := p.CILocals.Gap(); !gap {
			t.Errorf("%s: its local files are complete", p.Path)
		}
	}
	if large < maxBody/(4*ciconfig.MaxFile) {
		t.Errorf("only %d configurations were large", large)
	}
}

// A page of large configurations that are read is drawn from in parts, so that
// few of their texts are held at a time.
func TestHeavyConfigurations(t *testing.T) {
	if testing.Short() {
		t.Skip("one reader of long files; the race detector sees it in shorter ones")
	}
	world, err := gitlabsim.New(gitlabsim.Config{Projects: 60, Seed: 5})
	if err != nil {
		t.Fatal(err)
	}
	server := gitlabsim.NewServer(world, gitlabsim.Options{})
	web := httptest.NewServer(inflated(server, 1<<19))
	t.Cleanup(web.Close)
	s, err := Open(t.Context(), Options{BaseURL: web.URL, PublicURL: world.ExternalURL(), Token: server.Token(gitlabsim.Admin), Depth: scan.Standard, Clock: newFastClock()})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range scanAll(t, s).projects {
		truth := world.ProjectTruth(p.ID)
		if got, want := canonical(t, &p.CIMentions), canonical(t, &truth.CIMentions); got != want && p.CIMentions.Complete() {
			t.Errorf("%s: read %.200s, truth %.200s", p.Path, got, want)
		}
	}
}

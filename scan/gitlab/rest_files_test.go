package gitlab

import (
	"fmt"
	"net/http"
	"testing"

	"readiness/scan"
)

// In REST each folder and file is an answer of its own: one that is refused, but for
// the word that there is none, costs the fact, and is not taken for one that is not there.
func TestOtherCIByREST(t *testing.T) {
	const fact = scan.FactID("project.other-ci-files")
	noTree, noFile := say(404, `{"message":"404 Tree Not Found"}`), say(404, `{"message":"404 File Not Found"}`)
	elsewhere := say(404, `{"message":"404 Not Found"}`) // what a closed route, a hidden project or a proxy says
	for name, c := range map[string]struct {
		workflows, circle http.HandlerFunc
		want              string
		gap               scan.Reason
	}{
		"both are there":           {workflows: say(200, `[{"path":".github/workflows/ci.yml"}]`), circle: say(200, "version: 2\n", "Content-Disposition", "inline"), want: "[.circleci/config.yml .github/workflows Jenkinsfile]"},
		"neither is there":         {workflows: noTree, circle: noFile, want: "[Jenkinsfile]"},
		"no word about the folder": {workflows: elsewhere, circle: noFile, gap: scan.ReasonHidden},
		"no word about the file":   {workflows: noTree, circle: elsewhere, gap: scan.ReasonHidden},
		"the folder is refused":    {workflows: say(403, `{"message":"403 Forbidden"}`), circle: noFile, gap: scan.ReasonForbidden},
	} {
		t.Run(name, func(t *testing.T) {
			s := admin(t, "18.9.0-ee", say(404, `{"error":"404 Not Found"}`), scan.Standard, routes{
				"GET /projects/1/repository/tree": func(w http.ResponseWriter, r *http.Request) {
					if r.URL.Query().Get("path") == ".github/workflows" {
						c.workflows(w, r)
						return
					}
					say(200, `[{"path":"Jenkinsfile"},{"path":".circleci"},{"path":".github"}]`)(w, r)
				},
				"GET /projects/1/repository/files/.circleci/config.yml/raw": c.circle,
			})
			p := someProjects(1)[0]
			p.RepositoryAccess, p.Visibility = scan.Known("enabled"), scan.Known("private")
			if err := s.WideProjects(t.Context(), []*scan.Project{p}); err != nil {
				t.Fatal(err)
			}
			if c.gap != "" {
				mustGap(t, p, fact, c.gap)
			} else if got := fmt.Sprint(p.OtherCI.Any()); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

package gitlab

import (
	"net/http"
	"testing"

	"readiness/scan"
)

// What one refusal would decide for a whole scan is asked a second time: a
// refusal in passing decides nothing, and one that stays is believed.
func TestWhatDecidesIsAskedTwice(t *testing.T) {
	const administrator = `{"id":7,"username":"ann","is_admin":true}`
	settings := say(200, `{"default_project_visibility":"private"}`)
	graphQL := say(200, `{"data":{"metadata":{"version":"18.9.0"}}}`)
	no, closed := say(403, `{"message":"403 Forbidden"}`), say(404, `{"message":"404 Not Found"}`)
	for _, c := range []struct {
		name         string
		user         string
		rs           routes
		admin, graph bool
	}{
		{name: "refused in passing", user: administrator, rs: routes{"GET /application/settings": turns(no, settings), "POST /api/graphql": turns(closed, graphQL)}, admin: true, graph: true},
		{name: "refused to the end", user: administrator, rs: routes{"GET /application/settings": no, "POST /api/graphql": closed}},
		{name: "no administrator is asked once", user: `{"id":7,"username":"ann"}`, rs: routes{"GET /application/settings": turns(no, settings), "POST /api/graphql": graphQL}, graph: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := healthy("18.9.0-ee").with("GET /user", say(200, c.user))
			for key, answer := range c.rs {
				h = h.with(key, answer)
			}
			s, _ := open(t, h)
			i, err := s.Instance(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if got, known := i.CallerAdmin.Get(); !known || got != c.admin {
				t.Errorf("administrator %v, known %v", got, known)
			}
			if got, known := i.GraphQL.Get(); !known || got != c.graph {
				t.Errorf("GraphQL %v, known %v", got, known)
			}
			if (s.graphOff.Load() == nil) != c.graph {
				t.Error("what is asked later follows another answer")
			}
			mustSet(t, i, scan.Quick, scan.Standard)
		})
	}
}

// So it is with the registry's host, without which nothing that a file mentions of
// it is known for the source's own.
func TestRegistryHostIsAskedTwice(t *testing.T) {
	newest := say(200, `[{"id":9,"container_registry_image_prefix":"Registry.example.com:5050/acme/x"}]`)
	no, broken := say(404, `{"message":"404 Not Found"}`), say(500, `{"message":"500 Internal Server Error"}`)
	second := func(w http.ResponseWriter, r *http.Request) { // the source fails on the newest project
		if r.URL.Query().Get("page") == "2" {
			newest(w, r)
		} else {
			broken(w, r)
		}
	}
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		want   string
		gap    scan.Reason
	}{
		"told":                      {answer: newest, want: "registry.example.com:5050"},
		"refused in passing":        {answer: turns(no, newest), want: "registry.example.com:5050"},
		"the newest project broken": {answer: second, want: "registry.example.com:5050"},
		"no project":                {answer: say(200, `[]`)},
		"refused to the end":        {answer: no, gap: scan.ReasonHidden},
		"failed to the end":         {answer: broken, gap: scan.ReasonFailed},
	} {
		t.Run(name, func(t *testing.T) {
			s, _ := open(t, healthy("18.9.0-ee").with("GET /projects", c.answer))
			if got := s.registry.Or(""); got != c.want {
				t.Errorf("the registry is at %q, want %q", got, c.want)
			}
			p := &scan.Project{ID: 1, Path: "acme/x"}
			s.drawFacts(newCIText(p, ".gitlab-ci.yml", blob{size: 15, text: "a: {script: x}\n"}))
			g, gap := p.CIMentions.Gap()
			if gap != (c.gap != "") || gap && g.Reason != c.gap {
				t.Errorf("what the file mentions: %+v", g)
			}
		})
	}
}

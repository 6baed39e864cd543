package gitlab

import (
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

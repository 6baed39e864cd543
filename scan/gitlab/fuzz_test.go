package gitlab

import (
	"encoding/json"
	"net/http"
	"testing"

	"readiness/scan"
)

// Whatever stands in the place of a REST answer, every project of it has each of
// its listed facts as a value or a gap.
func FuzzListedProjects(f *testing.F) {
	f.Add([]byte(`[{"id":1,"path_with_namespace":"a/b","statistics":{"repository_size":7},"last_activity_at":"2026-01-02T03:04:05Z"}]`), `<https://x/y?id_after=7>; rel="next"`)
	f.Add([]byte(`[{"id":9007199254740993,"statistics":{"repository_size":-1},"created_at":"9999-12-31T23:59:59Z"},null,{"id":1},{"id":1}]`), `<%zz>; rel="next"`)
	f.Add([]byte(`{"message":"x"}`), `;`)
	f.Add([]byte(`[`), ``)
	f.Fuzz(func(t *testing.T, body []byte, link string) {
		_ = nextLink(http.Header{"Link": {link}})
		s, _ := open(t, healthy("18.9.0-ee").with("GET /projects", turns(say(200, `[]`), say(200, string(body)))))
		page, err := s.Projects(t.Context(), "")
		if err != nil {
			return
		}
		for _, p := range page.Items {
			mustSet(t, p, scan.Quick)
		}
	})
}

// Whatever stands in the place of a GraphQL answer, a number is known only where
// the answer is JSON.
func FuzzGraphAnswer(f *testing.F) {
	f.Add([]byte(`{"data":{"projects":{"nodes":[{"id":"gid://gitlab/Project/1",` + everything + `}]}}}`))
	f.Add([]byte(`{"data":{"projects":{"nodes":[{"id":"gid://gitlab/Project/1","issues":{"count":9223372036854775808}}]}},"errors":[{"message":"x","path":["projects","nodes",-1,"issues"]}]}`))
	f.Add([]byte(`{"data":{"projects":{"nodes":[null,{"id":7}]}},"errors":[{"path":["projects","nodes",1.5]}]}`))
	f.Add([]byte(`{"data":null,"errors":[]}`))
	f.Add([]byte(`{`))
	f.Fuzz(func(t *testing.T, body []byte) {
		s := admin(t, "18.9.0-ee", graph(func(asked) string { return string(body) }), scan.Standard, nil)
		page := someProjects(1)
		if err := s.WideProjects(t.Context(), page); err != nil {
			return
		}
		if n, known := page[0].Issues.Get(); known && !json.Valid(body) {
			t.Errorf("%d issues are known of an answer that is no JSON: %q", n, body)
		}
	})
}

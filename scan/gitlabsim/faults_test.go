package gitlabsim

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
)

func TestParseFaults(t *testing.T) {
	for text, want := range map[string]string{ // what it reads as; "!" and words of the error
		"": "",
		"429 burst=20 every=200 retry-after=1; 500 share=0.02;": "429 burst=20 every=200 retry-after=1; 500 share=0.02",
		"\n reset\tshare=.01 \n\nhtml after=300 until=400\n":    "reset share=0.01; html after=300 until=400",
		"502 every=7":                     "502 burst=1 every=7",
		"slow":                            "slow delay=200ms",
		"slow share=1 delay=1.5s":         "slow share=1 delay=1.5s",
		"graphql-off after=5":             "graphql-off after=5 status=404",
		"500 route=/projects/* project=7": "500 route=/projects/* project=7",
		"429 form=rack":                   "429 form=rack",
		"poison project=7":                "poison project=7",
		"poison form=full project=7":      "poison project=7 form=full",
		"churn every=50; revoke after=9":  "churn every=50; revoke after=9",

		"418":                       `!unknown fault "418": choose from 429`,
		"500 shar=0.1":              `!500 takes no "shar": choose from share`,
		"500 share":                 `!"share" has no value`,
		"500 share=2":               "!share=2: write a part of 1",
		"500 share=NaN":             "!write a part of 1",
		"500 share=0":               "!write a part of 1",
		"500 share=0.1 share=0.2":   "!share is given twice",
		"500 share=0.1 every=3":     "!exclude each other",
		"500 burst=3":               "!burst needs every=N",
		"500 burst=3 every=2":       "!burst=3 is more than every=2",
		"500 after=3 until=3":       "!until=3 is not beyond after=3",
		"500 after=-1":              "!after=-1: write a whole number from 1",
		"429 form=nginx":            "!choose from rack, app",
		"graphql-off status=500":    "!choose from 403, 404",
		"slow delay=2h":             "!at most an hour",
		"slow delay=-1s":            "!at most an hour",
		"500 route=projects":        "!write a route as in /projects/:id/hooks",
		"poison":                    "!poison needs project=ID",
		"poison project=7 form=app": "!choose from full",
		"churn":                     "!churn needs every=N",
		"revoke share=0.1":          `!revoke takes no "share": choose from after`,
		"500 share=0.02; 502 a=b;":  `!in "502 a=b"`,
	} {
		plan, err := ParseFaults(text)
		words, wrong := strings.CutPrefix(want, "!")
		switch {
		case wrong && (err == nil || !strings.Contains(err.Error(), words) || strings.Contains(err.Error(), "\n")):
			t.Errorf("%q: %v, want %q", text, err, words)
		case !wrong && (err != nil || plan.String() != want):
			t.Errorf("%q reads as %q, %v; want %q", text, plan, err, want)
		}
	}
	for _, kind := range FaultKinds() {
		if faultWords[kind] == nil {
			t.Errorf("%s takes no words", kind)
		}
	}
	if len(faultWords) != len(FaultKinds()) {
		t.Error("a kind is not listed")
	}
}

func FuzzParseFaults(f *testing.F) {
	for _, text := range []string{"", "429 burst=20 every=200 retry-after=1; 500 share=0.02", "slow delay=3ms share=1e-9\nchurn every=1",
		"404 route=/projects/:id/hooks project=17 after=1 until=2", "graphql-off status=403;429 form=app"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		plan, err := ParseFaults(text)
		if err != nil {
			if strings.Contains(err.Error(), "\n") || len(err.Error()) > 600 {
				t.Errorf("%q is not fit to print", err)
			}
			return
		}
		again, err := ParseFaults(plan.String())
		if err != nil || !reflect.DeepEqual(plan, again) {
			t.Errorf("%q reads as %q, which reads as %q, %v", text, plan, again, err)
		}
	})
}

func parseFaults(t *testing.T, text string) Faults {
	t.Helper()
	plan, err := ParseFaults(text)
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

type givingUp struct{}

// giveUp lets the client of a request that is not answered go away.
func giveUp(r *http.Request) { r.Context().Value(givingUp{}).(context.CancelFunc)() }

// outcome is what a client gets for one request: status and length, or an error.
// The server's Stalled is giveUp.
func outcome(t *testing.T, s *Server, method, path, body string) (out string) {
	t.Helper()
	defer func() {
		if recover() != nil {
			out = "aborted"
		}
	}()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r := httptest.NewRequestWithContext(context.WithValue(ctx, givingUp{}, cancel), method, path, strings.NewReader(body))
	r.Header.Set("PRIVATE-TOKEN", s.Token(Admin))
	rw := httptest.NewRecorder()
	stalls := s.Injected()["stall"]
	s.ServeHTTP(rw, r)
	if s.Injected()["stall"] > stalls { // the context's end alone may just be a busy machine
		return "silence"
	}
	return fmt.Sprint(rw.Code, " ", rw.Header().Get("Content-Type"), " ", rw.Body.Len())
}

// Equal sequences of requests meet equal faults, whatever comes between.
func TestFaultsAreDeterministic(t *testing.T) {
	const plan = "429 share=0.1; 500 share=0.1; 503 share=0.1; reset share=0.05; truncate share=0.1; notjson share=0.1; html share=0.05"
	paths := []string{"/api/v4/projects?per_page=3", "/api/v4/projects/7", "/api/v4/projects/7/hooks", "/api/v4/user", "/api/v4/version"}
	run := func(seed uint64, disturbed bool) (all []string) {
		s := NewServer(newWorld(t, Config{Seed: seed}), Options{Faults: parseFaults(t, plan), Stalled: giveUp})
		for n := range 100 {
			if disturbed {
				outcome(t, s, http.MethodGet, fmt.Sprintf("/api/v4/projects/%d", n+100), "")
			}
			all = append(all, outcome(t, s, http.MethodGet, paths[n%len(paths)], ""))
		}
		return all
	}
	first, again, other := run(1, false), run(1, true), run(2, false)
	if !reflect.DeepEqual(first, again) {
		t.Errorf("%v\n%v", first, again)
	}
	if reflect.DeepEqual(first, other) {
		t.Error("another seed meets the same faults")
	}
	kinds := map[string]bool{}
	for _, o := range first {
		kinds[strings.Fields(o)[0]] = true
	}
	for _, want := range []string{"200", "429", "500", "503", "aborted"} {
		if !kinds[want] {
			t.Errorf("no %s among %v", want, first)
		}
	}
}

func TestFaultsWhenAndWhere(t *testing.T) {
	ask := func(s *Server, path string) string {
		return strings.Fields(outcome(t, s, http.MethodGet, "/api/v4"+path, ""))[0]
	}
	graphql := func(s *Server, id int) string {
		return strings.Fields(outcome(t, s, http.MethodPost, "/api/graphql",
			fmt.Sprintf(`{"query":"query($ids:[ID!]){projects(ids:$ids){nodes{id}}}","variables":{"ids":["gid://gitlab/Project/%d"]}}`, id)))[0]
	}
	for plan, want := range map[string]string{ // the answers to six equal requests for /projects/7/hooks
		"500":                          "500 500 500 500 500 500",
		"500 after=2":                  "200 200 500 500 500 500",
		"500 after=2 until=3":          "200 200 500 200 200 200",
		"500 burst=2 every=3":          "200 500 500 200 500 500",
		"500 every=2":                  "200 500 200 500 200 500",
		"502 until=2; 503 until=4":     "502 502 503 503 200 200",
		"404 route=/projects/:id":      "200 200 200 200 200 200",
		"404 route=/projects/:id/h*":   "404 404 404 404 404 404",
		"403 project=7 until=1":        "403 200 200 200 200 200",
		"403 project=77":               "200 200 200 200 200 200",
		"revoke after=3":               "200 200 200 401 401 401",
		"graphql-off":                  "200 200 200 200 200 200",
		"html until=1; stall until=2":  "200 silence 200 200 200 200",
		"slow delay=1ms; 504 until=1":  "504 200 200 200 200 200",
		"truncate until=4 share=1":     "",
		"429 form=rack retry-after=30": "429 429 429 429 429 429",
	} {
		s := NewServer(newWorld(t, Config{}), Options{Faults: parseFaults(t, plan), Stalled: giveUp})
		var got []string
		for range 6 {
			got = append(got, ask(s, "/projects/7/hooks"))
		}
		if want != "" && strings.Join(got, " ") != want {
			t.Errorf("%s: %v, want %s", plan, got, want)
		}
	}
	s := NewServer(newWorld(t, Config{}), Options{Faults: parseFaults(t, "500 project=7")})
	for path, want := range map[string]string{"/projects/7": "500", "/projects/77": "200", "/projects": "200", "/users/7": "200", "/groups/7": "200"} {
		if got := ask(s, path); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
	if a, b := graphql(s, 7), graphql(s, 77); a != "500" || b != "200" {
		t.Errorf("GraphQL about project 7: %s, about 77: %s", a, b)
	}
	if n := s.Stats().Faults["500"]; n != 2 {
		t.Errorf("%d faults in the meters", n)
	}
}

func TestTooManyRequests(t *testing.T) {
	for form, want := range map[string]string{"rack": "Retry later\n", "app": `{"message":{"error":"This endpoint has been requested too many times. Try again later."}}`} {
		s := NewServer(newWorld(t, Config{}), Options{Faults: parseFaults(t, "429 retry-after=37 form="+form)})
		rw := ask(t, s, s.Token(Admin), "/projects")
		if rw.Code != 429 || rw.Body.String() != want || rw.Header().Get("Retry-After") != "37" || (rw.Header().Get("RateLimit-Remaining") == "0") != (form == "rack") {
			t.Errorf("%s: %d %q %v", form, rw.Code, rw.Body, rw.Header())
		}
	}
}

// The world's truth before and after each change can be asked; what the server
// says is what it is now.
func TestChurnTruth(t *testing.T) {
	w := newWorld(t, Config{Projects: 120})
	s := NewServer(w, Options{Faults: parseFaults(t, "churn every=1")})
	if s.World().Projects() != 114 {
		t.Fatalf("%d projects at the start, want 114 of 120", s.World().Projects())
	}
	for range 20 {
		before := s.World()
		rw := ask(t, s, s.Token(Admin), "/projects?pagination=keyset&order_by=id&sort=asc&per_page=100")
		now := s.World()
		projects := into[[]struct {
			ID   int64  `json:"id"`
			Path string `json:"path_with_namespace"`
		}](t, rw)
		for k, id := 0, idsOf(now); k < len(projects); k++ {
			if projects[k].ID != id[k] || projects[k].Path != now.ProjectTruth(id[k]).Path {
				t.Fatalf("project %+v in place %d, truth %d at %s", projects[k], k, id[k], now.ProjectTruth(id[k]).Path)
			}
		}
		if before == now {
			continue
		}
		created, renamed, deleted := 0, 0, 0
		for i := range w.projects {
			id := w.projectID(i)
			a, b := before.ProjectTruth(id), now.ProjectTruth(id)
			switch {
			case a == nil && b != nil:
				created++
			case a != nil && b == nil:
				deleted++
			case a != nil && a.Path != b.Path:
				renamed++
				if at, ok := now.projectAt(b.Path); !ok || at != i {
					t.Errorf("%s is not found", b.Path)
				}
				if _, ok := now.projectAt(a.Path); ok {
					t.Errorf("%s is still there", a.Path)
				}
			}
		}
		if created+renamed+deleted != 1 {
			t.Errorf("%d created, %d renamed, %d deleted at once", created, renamed, deleted)
		}
	}
	worlds := s.Worlds()
	if len(worlds) != 1+3*6 || worlds[0].Projects() != 114 || worlds[len(worlds)-1] != s.World() || s.World().Projects() != 114 {
		t.Errorf("%d states, %d projects at the end", len(worlds), s.World().Projects())
	}
	if int64(w.domains.total()) < worlds[0].Instance().PagesDomains {
		t.Error("there are more Pages domains without the projects that have them")
	}
}

func idsOf(w *World) []int64 {
	var ids []int64
	for id := range w.ProjectIDs() {
		ids = append(ids, id)
	}
	return ids
}

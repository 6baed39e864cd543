package gitlab

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"readiness/scan"
	"readiness/scan/gitlabsim"
)

// Projects that are created, renamed or deleted while they are read neither end
// the scan nor make a fact that was never true.
func TestChurn(t *testing.T) {
	t.Parallel()
	topGroup := func(o *Options) {
		world, err := gitlabsim.New(gitlabsim.Config{Projects: 120, Seed: 3})
		if err != nil {
			t.Fatal(err)
		}
		most := map[string]int{}
		for id := range world.ProjectIDs() {
			top, _, _ := strings.Cut(world.ProjectTruth(id).Path, "/")
			most[top]++
		}
		for id := range world.GroupIDs() {
			if g := world.GroupTruth(id); g.ParentID == 0 && (o.Groups == nil || most[g.Path] > most[o.Groups[0]]) {
				o.Groups = []string{g.Path}
			}
		}
	}
	for name, c := range map[string]struct {
		plan  string
		adapt func(*Options)
	}{
		"deep":     {"churn every=25", func(*Options) {}},
		"standard": {"churn every=2", func(o *Options) { o.Depth = scan.Standard }},
		"a group":  {"churn every=25", topGroup},
		"and 502":  {"churn every=25; 502 share=0.02; 429 burst=4 every=200 retry-after=1", func(*Options) {}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := scanWorld(t, gitlabsim.Config{Projects: 120, Seed: 3}, c.plan, c.adapt)
			if f.err != nil {
				t.Fatalf("ended with %v", f.err)
			}
			worlds := f.server.Worlds()
			if len(worlds) < 10 {
				t.Fatalf("only %d changes", len(worlds)-1)
			}
			read := map[int64]bool{}
			wrong, hidden, truncated := 0, 0, 0
			for _, s := range subjectsOf(t, f.snapshot) {
				var truths []scan.Subject
				for _, w := range worlds {
					if truth := truthOf(w, s); truth != nil {
						truths = append(truths, truth)
					}
				}
				if s.Level() == scan.LevelProject {
					read[s.Key()] = true
				}
				if !slices.ContainsFunc(truths, func(truth scan.Subject) bool { return truth.Address() == s.Address() }) {
					t.Errorf("%s was never at %s", keyOf(s), s.Address())
				}
				for id, r := range scan.Facts(s) {
					if g, gap := r.Gap(); gap {
						switch g.Reason {
						case scan.ReasonHidden:
							hidden++
						case scan.ReasonTruncated:
							truncated++
						case scan.ReasonFailed, scan.ReasonForbidden:
							t.Errorf("%s of %s: %v", id, s.Address(), g)
						}
						continue
					}
					got := canonical(t, r)
					if !slices.ContainsFunc(truths, func(truth scan.Subject) bool { return canonical(t, scan.FactOf(truth, id)) == got }) {
						if wrong++; wrong <= 8 {
							t.Errorf("%s of %s: read %.100s, which was never true (%.100s)", id, s.Address(), got, canonical(t, scan.FactOf(truths[0], id)))
						}
					}
				}
			}
			cut := false
			for _, w := range f.snapshot.Meta().Walks {
				cut = cut || w.Level == scan.LevelProject && w.Gap != nil
			}
			missing := 0
			for id := range worlds[0].ProjectIDs() {
				p := worlds[len(worlds)-1].ProjectTruth(id)
				inScope := len(f.groups) == 0 || p != nil && strings.HasPrefix(p.Path, f.groups[0]+"/")
				if p != nil && inScope && !read[id] && !cut { // it was there from first to last
					missing++
				}
			}
			if missing > 0 {
				t.Errorf("%d projects were not read, and nothing says so", missing)
			}
			t.Logf("%d changes, %d projects read, hidden %v, truncated %v", len(worlds)-1, len(read), hidden, truncated)
		})
	}
}

// A list by offset that loses an item while it is walked moves others to pages
// that were read: the walk begins again, so that none is passed over.
func TestListThatShrinksIsWalkedAgain(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		gone func(request int) int // how many of the first groups are gone by the n-th request
		cut  bool
	}{
		"once":     {func(n int) int { return min(n, 1) }, false},
		"for ever": {func(n int) int { return n }, true},
	} {
		t.Run(name, func(t *testing.T) {
			requests := 0
			s, _ := open(t, healthy("18.9.0-ee").with("GET /groups", func(w http.ResponseWriter, r *http.Request) {
				first, all := 1+c.gone(requests), 250
				requests++
				page, _ := strconv.Atoi(r.URL.Query().Get("page"))
				if q := r.URL.Query(); q.Has("total") || q.Has("again") {
					t.Errorf("asked for %s", r.URL)
				}
				var bodies []string
				for id := first + 100*(page-1); id <= min(all, first+100*page-1); id++ {
					bodies = append(bodies, fmt.Sprintf(`{"id":%d,"full_path":"g%d"}`, id, id))
				}
				next := ""
				if first+100*page <= all {
					next = strconv.Itoa(page + 1)
				}
				say(200, "["+strings.Join(bodies, ",")+"]", "X-Total", strconv.Itoa(all-first+1), "X-Next-Page", next, "X-Page", strconv.Itoa(page))(w, r)
			}))
			seen := map[int64]bool{}
			var gap *scan.Gap
			for cursor := ""; ; {
				page, err := s.Groups(t.Context(), cursor)
				if err != nil {
					t.Fatal(err)
				}
				for _, g := range page.Items {
					seen[g.ID] = true
				}
				if gap, cursor = page.Gap, page.Next; cursor == "" {
					break
				}
			}
			if (gap != nil) != c.cut || requests > 20 {
				t.Errorf("%v after %d requests", gap, requests)
			}
			for id := int64(2); id <= 250 && !c.cut; id++ {
				if !seen[id] {
					t.Errorf("group %d was passed over", id)
				}
			}
		})
	}
}

// An instance-wide list that grows while it is walked would count an item twice.
func TestWalkOfAListThatGrows(t *testing.T) {
	t.Parallel()
	requests := 0
	s, _ := open(t, healthy("18.9.0-ee").with("GET /things", func(w http.ResponseWriter, r *http.Request) {
		newest := 150 + min(requests, 1) // newest first
		requests++
		page, _ := strconv.Atoi(r.URL.Query().Get("page"))
		var bodies []string
		for id := newest - 100*(page-1); id >= 1 && id > newest-100*page; id-- {
			bodies = append(bodies, fmt.Sprintf(`{"id":%d}`, id))
		}
		next := ""
		if newest > 100*page {
			next = strconv.Itoa(page + 1)
		}
		say(200, "["+strings.Join(bodies, ",")+"]", "X-Total", strconv.Itoa(newest), "X-Next-Page", next, "X-Page", strconv.Itoa(page))(w, r)
	}))
	things, r, err := walk[struct{ ID int64 }](t.Context(), s, call{endpoint: "GET /things", path: "things"})
	if err != nil || r != nil || len(things) != 151 || requests != 4 {
		t.Errorf("%d things after %d requests, %+v, %v", len(things), requests, r, err)
	}
}

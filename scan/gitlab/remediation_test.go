package gitlab

import (
	"net/http/httptest"
	"testing"

	"readiness/scan"
	"readiness/scan/gitlabsim"
)

// TestRemediatedWorldIsReadAsItIs scans a world before and after people have
// worked on it: both are read as they are, transferred projects in their new
// groups.
func TestRemediatedWorldIsReadAsItIs(t *testing.T) {
	world, err := gitlabsim.New(gitlabsim.Config{Projects: 120, Seed: 9})
	if err != nil {
		t.Fatal(err)
	}
	before, after, done, err := world.Remediate(0.4)
	if err != nil {
		t.Fatal(err)
	}
	if len(done.Transferred) == 0 || len(done.Renamed) == 0 || len(done.Archived) == 0 || len(done.Deleted) == 0 || len(done.Added) == 0 || len(done.Remedied) == 0 {
		t.Errorf("nothing of a kind was done: %+v", done)
	}
	for _, w := range []*gitlabsim.World{before, after} {
		server := gitlabsim.NewServer(w, gitlabsim.Options{})
		web := httptest.NewServer(server)
		t.Cleanup(web.Close)
		s, err := Open(t.Context(), Options{BaseURL: web.URL, PublicURL: w.ExternalURL(), Way: wayTo(w), Token: server.Token(gitlabsim.Admin), Depth: scan.Deep, Clock: newFastClock()})
		if err != nil {
			t.Fatal(err)
		}
		all := scanAll(t, s)
		if d := compareAll(t, w, all.subjects()); len(d.wrong) > 0 {
			t.Errorf("%d differences, the first: %s", len(d.wrong), d.wrong[0])
		}
		if n := len(all.projects); n != w.Projects() {
			t.Errorf("%d of %d projects", n, w.Projects())
		}
	}
}

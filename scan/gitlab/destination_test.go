package gitlab

import (
	"context"
	"iter"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"readiness/scan"
)

// TestDestination reads a destination that answers some questions, refuses some,
// and must see nothing but GET.
func TestDestination(t *testing.T) {
	answers := map[string]string{
		"/api/v4/user":                                     `{"id":1,"username":"root","is_admin":true}`,
		"/api/v4/personal_access_tokens/self":              `{"scopes":["read_api"]}`,
		"/api/v4/metadata":                                 `{"version":"19.4.1-ee","enterprise":true}`,
		"/api/v4/version":                                  `{"version":"19.4.1-ee"}`,
		"/api/v4/application/settings":                     `{"bulk_import_enabled":false,"import_sources":["gitlab_project"],"max_import_size":0,"bulk_import_max_download_file_size":10240,"restricted_visibility_levels":["public"],"default_project_visibility":"private"}`,
		"/api/v4/license":                                  `{"plan":"ultimate","user_limit":250,"active_users":200}`,
		"/api/v4/groups/acme%2Fimported":                   `{"visibility":"private","require_two_factor_authentication":true,"shared_runners_setting":"disabled_and_overridable","ip_restriction_ranges":"10.0.0.0/8,192.0.2.1","runners_token":"GR1348941secret"}`,
		"/api/v4/users":                                    `[{"id":1,"username":"root","email":"root@example.org"},{"id":2,"username":"Ada","email":"ada@example.com"},{"id":3,"username":"bob","email":"other@example.com"}]`,
		"/api/v4/groups/acme%2Fimported/descendant_groups": `[{"full_path":"acme/imported/Web"}]`,
		"/api/v4/groups/acme%2Fimported/projects":          `[{"path_with_namespace":"acme/imported/web/site"}]`,
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet {
			t.Errorf("%s %s", r.Method, r.URL)
		}
		w.Header().Set("Content-Type", "application/json")
		body, known := answers[r.URL.EscapedPath()]
		if !known {
			w.WriteHeader(http.StatusForbidden)
			body = `{"message":"403 Forbidden"}`
		}
		w.Write([]byte(body))
	}))
	defer server.Close()
	ctx := context.Background()
	s, err := Open(ctx, Options{BaseURL: server.URL, Token: "t"})
	if err != nil {
		t.Fatal(err)
	}
	d, err := s.Destination(ctx, "acme/imported", accounts(map[string]string{"ada": "Ada@example.com", "bob": "bob@example.com", "eve": ""}), time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	if v, _ := d.Version.Get(); v.Short() != "19.4" {
		t.Errorf("version %v", d.Version)
	}
	if v, read := d.DirectTransfer.Get(); !read || v {
		t.Errorf("direct transfer %v", d.DirectTransfer)
	}
	if v, read := d.MaxImportSize.Get(); !read || v != 0 {
		t.Errorf("import size %v", d.MaxImportSize)
	}
	if v, _ := d.MaxDownloadSize.Get(); v != 10<<30 {
		t.Errorf("download size %v", d.MaxDownloadSize)
	}
	if g, gap := d.MaxDecompressedSize.Gap(); !gap || g.Reason != scan.ReasonWithheld {
		t.Errorf("what was not said is %v", d.MaxDecompressedSize)
	}
	if v, _ := d.Seats.Get(); v != 250 {
		t.Errorf("seats %v", d.Seats)
	}
	if v, _ := d.ParentAddresses.Get(); !slices.Equal(v, []string{"10.0.0.0/8", "192.0.2.1"}) {
		t.Errorf("addresses %v", v)
	}
	if g, gap := d.ParentPushRule.Gap(); !gap || g.Reason != scan.ReasonForbidden || g.Status != 403 || g.Cure == "" {
		t.Errorf("a refused push rule is %v", d.ParentPushRule)
	}
	if v, _ := d.ParentRunners.Get(); v != "disabled_and_overridable" {
		t.Errorf("instance runners %v", d.ParentRunners)
	}
	if v, _ := d.KnownAddresses.Get(); v != 1 {
		t.Errorf("people with an account there: %v", d.KnownAddresses)
	}
	if v, _ := d.TakenNames.Get(); v != 1 {
		t.Errorf("names that others have: %v", d.TakenNames)
	}
	if v, _ := d.Taken.Get(); !slices.Equal(v, []string{"acme/imported/web", "acme/imported/web/site"}) {
		t.Errorf("taken %v", v)
	}
	for _, f := range d.Facts() {
		if scan.IsUnset(f.Read) {
			t.Errorf("nobody answered for %s", f.Title)
		}
	}
}

// accounts are users by name, with their addresses.
func accounts(of map[string]string) iter.Seq2[*scan.User, error] {
	return func(yield func(*scan.User, error) bool) {
		for name, email := range of {
			if !yield(&scan.User{Username: name, Email: scan.Known(email)}, nil) {
				return
			}
		}
	}
}

// Whom the destination or the source hides is not counted as nobody.
func TestPeopleAreNotGuessed(t *testing.T) {
	hides := func(body string) *Source {
		s, _ := open(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			answer := map[string]string{"/api/v4/user": `{"id":1,"username":"root"}`, "/api/v4/users": body}[r.URL.Path]
			if answer == "" {
				answer = "[]"
			}
			_, _ = w.Write([]byte(answer))
		}))
		return s
	}
	unread := func(yield func(*scan.User, error) bool) {
		yield(&scan.User{Username: "ada", Email: scan.Missing[string](scan.Gap{Reason: scan.ReasonWithheld})}, nil)
	}
	for name, c := range map[string]struct {
		body string
		of   iter.Seq2[*scan.User, error]
	}{
		"the destination leaves addresses out": {`[{"id":2,"username":"ada"}]`, accounts(map[string]string{"ada": "ada@example.com"})},
		"the source left addresses out":        {`[{"id":2,"username":"ada","email":"ada@example.com"}]`, unread},
	} {
		d := &scan.Destination{}
		if err := hides(c.body).people(t.Context(), d, c.of); err != nil {
			t.Fatal(err)
		}
		if g, gap := d.KnownAddresses.Gap(); !gap || g.Reason != scan.ReasonWithheld {
			t.Errorf("%s: %v", name, d.KnownAddresses)
		}
	}
}

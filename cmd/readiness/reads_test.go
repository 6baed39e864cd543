package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"readiness/scan"
	"readiness/scan/gitlab"
	"readiness/scan/gitlabsim"
)

// What 'checks --reads' lists is all that a scan asks: every request of a scan
// of another instance is in it, every fact that is read is, and no field is a secret.
func TestReads(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the same commands as other tests, to read what they write")
	}
	s := newSource(t, gitlabsim.Config{Projects: 20, Seed: 9, Version: scan.MustVersion("17.11")}, nil)
	code, out, errs := s.command(t, "checks", "--reads", "--role", "auditor", "--format", "json")
	var told struct{ Reads []reading }
	if err := json.Unmarshal([]byte(out), &told); err != nil || code != exitOK {
		t.Fatalf("it exits %d, %v: %s", code, err, errs)
	}
	requests, facts, unread := map[string]bool{}, map[string]bool{}, 0
	for _, r := range told.Reads {
		requests[r.Request] = true
		for _, f := range r.Facts {
			facts[f] = true
		}
		unread += len(r.Unread)
		for _, f := range r.Fields {
			last := f[strings.LastIndexByte(f, '.')+1:]
			if slices.Contains(secretKeys, last) && last != "variables" {
				t.Errorf("%s: the field %s is a secret", r.Request, f)
			}
		}
		if r.Needs == "" {
			t.Errorf("%s: nobody says what it needs", r.Request)
		}
		if slices.Contains(people, r.Request) && len(r.Personal) == 0 {
			t.Errorf("%s is about people and has no personal data", r.Request)
		}
		if secret := slices.Contains(gitlab.SecretEndpoints(), r.Request); secret != (r.Allowed != "") {
			t.Errorf("%s: the flag %q", r.Request, r.Allowed)
		}
	}
	for _, e := range scan.Catalog() {
		if e.Unread == "" && !facts[string(e.ID)] {
			t.Errorf("the fact %s is not in it", e.ID)
		}
	}
	if unread == 0 {
		t.Error("an auditor is told all")
	}
	for _, name := range []string{"username", "email", "public_email", "identities.provider"} {
		i := slices.IndexFunc(told.Reads, func(r reading) bool { return r.Request == scan.ReadUsers })
		if !slices.Contains(told.Reads[i].Personal, name) {
			t.Errorf("%s of an account is not called personal: %s", name, told.Reads[i].Personal)
		}
	}

	s.command(t, "scan", "--url", s.web.URL, "--out", t.TempDir(), "--depth", "deep", "--allow-secret-endpoints")
	for endpoint := range s.server.Stats().ByEndpoint {
		if method, path, _ := strings.Cut(endpoint, " "); method == "GET" && !requests["GET "+path] && !strings.Contains(path, "(") {
			t.Errorf("a scan asked %s, which is not in the list", endpoint)
		}
	}
	if code, out, _ := s.command(t, "checks", "--reads"); code != exitOK || strings.Contains(out, "is told nothing of it") || !strings.Contains(out, "GET /projects/:id/hooks\n") {
		t.Errorf("as a table it exits %d:\n%s", code, out)
	}
	for _, args := range [][]string{{"--role", "auditor"}, {"--reads", "--role", "pope"}, {"--reads", "--format", "xml"}} {
		if code, _, _ := s.command(t, append([]string{"checks"}, args...)...); code != exitUsage {
			t.Errorf("checks %s exits %d", args, code)
		}
	}
}

package main

import (
	"bytes"
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"readiness/scan/gitlabsim"
)

// doctor runs 'readiness doctor' on a simulated instance as one role.
func doctor(t *testing.T, role gitlabsim.Role, faults string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	world, err := gitlabsim.New(gitlabsim.Config{Seed: 3, Projects: 40})
	if err != nil {
		t.Fatal(err)
	}
	plan, err := gitlabsim.ParseFaults(faults)
	if err != nil {
		t.Fatal(err)
	}
	server := gitlabsim.NewServer(world, gitlabsim.Options{Faults: plan})
	web := httptest.NewServer(server)
	t.Cleanup(web.Close)
	var out, errs bytes.Buffer
	env := environment{
		stdin: bytes.NewReader(nil), stdout: &out, stderr: &errs, now: world.Now,
		getenv: func(key string) string { return map[string]string{"GITLAB_TOKEN": server.Token(role)}[key] },
	}
	code = run(t.Context(), append([]string{"doctor", "--url", web.URL}, args...), env)
	return code, out.String(), errs.String()
}

func TestDoctor(t *testing.T) {
	for _, c := range []struct {
		role   gitlabsim.Role
		faults string
		code   int
		says   []string
		not    []string
	}{
		{gitlabsim.Admin, "", exitOK,
			[]string{"A full scan is possible", "licence ultimate", "scopes read_api, admin_mode", "GraphQL   answers", "40 projects", "(approximate)", "doctor made 8 requests"},
			[]string{"would give"}},
		{gitlabsim.Developer, "", exitUnread,
			[]string{"Only a partial scan is possible", "no administrator", "as far as this token sees", "GET /application/settings", "Maintainer or higher on the project would give", "GraphQL projects.ciVariables"},
			[]string{"A full scan", "users, as the instance counts"}},
		{gitlabsim.AdminNoMode, "", exitUnread,
			[]string{"Admin Mode is on", "make a token with the scopes read_api", "Only a partial scan is possible"},
			[]string{"administrator: nothing in the scope is hidden"}},
		{gitlabsim.Admin, "graphql-off", exitUnread,
			[]string{"closed to this token", "GraphQL at /api/graphql opened for this token would give", "GraphQL projects.ciVariables"},
			[]string{"GraphQL projects.issues "}}, // REST tells of those
	} {
		t.Run(string(c.role)+" "+c.faults, func(t *testing.T) {
			code, out, errs := doctor(t, c.role, c.faults)
			if code != c.code || errs != "" {
				t.Errorf("it exits %d, want %d, and complains %q", code, c.code, errs)
			}
			flat := strings.Join(strings.Fields(out), " ")
			for _, want := range c.says {
				if !strings.Contains(flat, strings.Join(strings.Fields(want), " ")) {
					t.Errorf("it does not say %q:\n%s", want, out)
				}
			}
			for _, no := range c.not {
				if strings.Contains(flat, no) {
					t.Errorf("it says %q:\n%s", no, out)
				}
			}
			for line := range strings.SplitSeq(out, "\n") {
				if ansi.StringWidth(line) > 80 {
					t.Errorf("more than 80 columns: %s", line)
				}
			}
			if strings.Contains(out, "glpat-") {
				t.Error("it says the token")
			}
		})
	}
}

func TestDoctorJSON(t *testing.T) {
	if testing.Short() {
		t.Skip("nothing in it that the other tests of the doctor do not run")
	}
	code, out, _ := doctor(t, gitlabsim.Developer, "", "--format", "json", "--max-rps", "8")
	var d struct {
		Schema string
		Full   bool
		Source struct {
			Projects struct{ Value *int64 }
		}
		Unread, Depending []struct{ Endpoint, Cure string }
		Expected          []struct {
			Depth                  string
			REST, GraphQL, Seconds int64
		}
	}
	if err := json.Unmarshal([]byte(out), &d); err != nil {
		t.Fatal(err)
	}
	if code != exitUnread || d.Schema != "readiness-doctor/1" || d.Full || d.Source.Projects.Value == nil || len(d.Unread) == 0 || len(d.Depending) == 0 {
		t.Errorf("it exits %d and says %+v", code, d)
	}
	if len(d.Expected) != 3 {
		t.Fatalf("it expects %+v", d.Expected)
	}
	for _, e := range d.Expected {
		if 8*e.Seconds < e.REST+e.GraphQL {
			t.Errorf("%s: %d requests in %d s, though eight a second are asked for", e.Depth, e.REST+e.GraphQL, e.Seconds)
		}
	}
}

// TestDoctorWords: what the source says of itself cannot break the page.
func TestDoctorWords(t *testing.T) {
	if got := said("a\x1b[31mb\nc\u202ed" + strings.Repeat("x", 500)); strings.ContainsAny(got, "\x1b\n\u202e") || ansi.StringWidth(got) > 120 {
		t.Errorf("%q", got)
	}
	for d, want := range map[time.Duration]string{30 * time.Second: "under 1 min", 61 * time.Second: "2 min", 3 * time.Hour: "3.0 h"} {
		if got := minutes(d); got != want {
			t.Errorf("%v is %q, want %q", d, got, want)
		}
	}
}

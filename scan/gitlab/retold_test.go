package gitlab

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
)

// Of a server's words everything stays that tells what went wrong, and nothing
// that may be a secret.
func TestRetold(t *testing.T) {
	for said, want := range map[string]string{
		"403 Forbidden": "",
		"insufficient_granular_scope: Your token lacks the permission read_variable": "",
		"Query has complexity of 262, which exceeds max complexity of 250":           "",
		"Field 'ciVariables' doesn't exist on type 'Project'":                        "",
		"gid://gitlab/Project/278964 was not found":                                  "",
		"The token glpat-abcDEFghijKLmnopqrst is revoked":                            "The token … is revoked",
		"GR1348941abcdefghij":                                    "…",
		"invalid password=hunter2, try again":                    "invalid password=…, try again",
		`{"token":"hunter2"}`:                                    `{"token":…}`,
		"clone https://bob:hunter2@git.example.com/x.git failed": "clone https://…@git.example.com/x.git failed",
		"see /callback?code=hunter2&state=x":                     "see /callback?code=…&state=…",
		"Authorization: Bearer abcdefgh12":                       "Authorization: …",
		"PG::Error: column value CANARY0123456789abSECRET":       "PG::Error: column value …",
	} {
		if want == "" {
			want = said
		}
		if got := retold(said); got != want {
			t.Errorf("%q is retold as %q, want %q", said, got, want)
		}
	}
	if got := causeWords(&net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: "gitlab-prod-01-internal.example.com"}}); !strings.Contains(got, "gitlab-prod-01-internal.example.com") {
		t.Errorf("a host is left out: %s", got)
	}
	if got := causeWords(errors.New(`malformed HTTP response "CANARY0123456789abSECRET"`)); strings.Contains(got, "CANARY") {
		t.Errorf("what a server wrote stays: %s", got)
	}
	if got := causeWords(context.DeadlineExceeded); got != "context deadline exceeded" {
		t.Errorf("%s", got)
	}
}

package gitlab

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestOtherSystems: a server that is no GitLab is told by its answers, to
// questions that carry no token.
func TestOtherSystems(t *testing.T) {
	for _, c := range []struct{ path, header, body, want string }{
		{"/api/v1/version", "", `{"version":"1.26.0"}`, "--from gitea"},
		{"/rest/api/1.0/application-properties", "", `{"version":"8.19.0","displayName":"Bitbucket"}`, "--from bitbucket-server"},
		{"", "X-GitHub-Enterprise-Version", "", "--from github"},
		{"", "X-VSS-E2EID", "", "--from azure-devops"},
		{"", "", "", "give the base URL of a GitLab instance"},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !strings.HasPrefix(r.URL.Path, "/api/v4/") && r.Header.Get("Private-Token")+r.Header.Get("Authorization") != "" {
				t.Errorf("%s was asked with the token", r.URL)
			}
			if c.header != "" {
				w.Header().Set(c.header, "x")
			}
			w.Header().Set("Content-Type", "application/json")
			if c.path == "" || r.URL.Path != c.path {
				w.WriteHeader(http.StatusNotFound)
			}
			w.Write([]byte(c.body))
		}))
		_, err := Open(context.Background(), Options{BaseURL: server.URL, Token: "t"})
		server.Close()
		var input *InputError
		if !errors.As(err, &input) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s%s: %v, want %q", c.path, c.header, err, c.want)
		}
	}
}

package gitlab

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"
)

// recogniseWithin bounds each question to a server that is no GitLab.
const recogniseWithin = 10 * time.Second

// orOther makes of an error about a server that does not answer as GitLab one
// that names the system it is, if that can be told from its name or its answers.
// It asks without the token, which is for a GitLab only.
func (s *Source) orOther(ctx context.Context, err error) error {
	var input *InputError
	if !errors.As(err, &input) {
		return err
	}
	system, command := s.recognise(ctx)
	if system == "" {
		return err
	}
	return wrong("'readiness matrix --from "+command+"' says what a migration from there brings along", "%s is %s, not GitLab", s.base, system)
}

func (s *Source) recognise(ctx context.Context) (system, command string) {
	host := strings.ToLower(s.transport.source.Hostname())
	switch {
	case host == "github.com" || host == "api.github.com" || strings.HasSuffix(host, ".ghe.com"):
		return "GitHub", "github"
	case host == "bitbucket.org" || host == "api.bitbucket.org":
		return "Bitbucket Cloud", "bitbucket-cloud"
	case host == "dev.azure.com" || strings.HasSuffix(host, ".visualstudio.com"):
		return "Azure DevOps", "azure-devops"
	}
	var version struct{ Version string }
	if h, body := s.bare(ctx, "/api/v1/version"); h != nil {
		switch {
		case json.Unmarshal(body, &version) == nil && version.Version != "":
			return "Gitea or Forgejo", "gitea"
		case h.Get("X-GitHub-Enterprise-Version") != "" || h.Get("X-GitHub-Request-Id") != "":
			return "GitHub", "github"
		case h.Get("X-VSS-E2EID") != "" || h.Get("X-TFS-ProcessId") != "":
			return "Azure DevOps", "azure-devops"
		}
	}
	var about struct{ DisplayName string }
	if _, body := s.bare(ctx, "/rest/api/1.0/application-properties"); json.Unmarshal(body, &about) == nil && about.DisplayName == "Bitbucket" {
		return "Bitbucket Server or Data Center", "bitbucket-server"
	}
	return "", ""
}

// bare asks without a token and returns the header of whatever answers, and the
// start of the body of a 200.
func (s *Source) bare(ctx context.Context, path string) (http.Header, []byte) {
	ctx, cancel := context.WithTimeout(ctx, recogniseWithin)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.base+path, nil)
	if err != nil {
		return nil, nil
	}
	resp, err := s.transport.base.RoundTrip(req)
	if err != nil {
		return nil, nil
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return resp.Header, nil
	}
	body, _ := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	return resp.Header, body
}

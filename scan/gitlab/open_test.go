package gitlab

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestOpenRefuses(t *testing.T) {
	html := say(200, "<!DOCTYPE html><html>Please sign in</html>", "Content-Type", "text/html; charset=utf-8")
	for name, c := range map[string]struct {
		handler http.Handler
		adapt   func(*Options)
		words   []string
		network bool // no fault of the input
	}{
		"no URL":                 {nil, func(o *Options) { o.BaseURL = "" }, []string{"no URL"}, false},
		"no scheme":              {nil, func(o *Options) { o.BaseURL = "gitlab.example.com" }, []string{"is not the URL"}, false},
		"other scheme":           {nil, func(o *Options) { o.BaseURL = "ftp://gitlab.example.com" }, []string{"is not the URL"}, false},
		"credentials in the URL": {nil, func(o *Options) { o.BaseURL = "https://u:hunter2@gitlab.example.com" }, []string{"credentials"}, false},
		"no token":               {nil, func(o *Options) { o.Token = "" }, []string{"no token"}, false},
		"token with a newline":   {nil, func(o *Options) { o.Token = "glpat-a\nb" }, []string{"no token has"}, false},
		"login page":             {routes{"GET /user": html}, nil, []string{"web page", "login page"}, false},
		"proxy's 403 page":       {routes{"GET /user": say(403, "<html>no</html>", "Content-Type", "text/html")}, nil, []string{"403", "web page"}, false},
		"another product":        {routes{"GET /user": say(200, `{"login":"ann","id":0}`)}, nil, []string{"not as GitLab does"}, false},
		"another product's 401":  {routes{"GET /user": say(401, `{"message":"Bad credentials"}`)}, nil, []string{"not GitLab's", "Bad credentials"}, false},
		"no API":                 {routes{}, nil, []string{"no GitLab API", "404"}, false},
		"unknown token":          {routes{"GET /user": say(401, `{"message":"401 Unauthorized"}`)}, nil, []string{"does not know the token"}, false},
		"expired token": {routes{"GET /user": say(401, `{"error":"invalid_token","error_description":"Token is expired. You can either do re-authorization or token refresh."}`)},
			nil, []string{"has expired", "make a new token"}, false},
		"revoked token": {routes{"GET /user": say(401, `{"error":"invalid_token","error_description":"Token was revoked. You have to re-authorize from the user."}`)},
			nil, []string{"was revoked"}, false},
		"no scope": {routes{"GET /user": say(403, `{"error":"insufficient_scope","error_description":"The request requires higher privileges than provided by the access token.","scope":"read_user api"}`)},
			nil, []string{"lacks read_api"}, false},
		"scope read_user": {healthy("18.9.0-ee").with("GET /projects", say(403, `{"error":"insufficient_scope","scope":"api read_api"}`)),
			nil, []string{"lacks read_api"}, false},
		"blocked account": {routes{"GET /user": say(403, `{"message":"403 Forbidden - Your account has been blocked."}`)}, nil, []string{"has been blocked"}, false},
		"redirect away": {routes{"GET /user": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://git.example.net/api/v4/user", http.StatusMovedPermanently)
		}}, nil, []string{"redirects to https://git.example.net"}, false},
		"unknown group": {healthy("18.9.0-ee").with("GET /groups/*", say(404, `{"message":"404 Group Not Found"}`)),
			func(o *Options) { o.Groups = []string{"acme/none"} }, []string{`no group "acme/none"`}, false},
		"server down": {routes{"GET /user": say(502, "<html>GitLab is not responding</html>")}, nil, []string{"502", "try again"}, true},
		"no server":   {nil, func(o *Options) { o.BaseURL = "http://127.0.0.1:1" }, []string{"connect to http://127.0.0.1:1"}, true},
		"CA file":     {nil, func(o *Options) { o.CAFile = "/nonexistent/ca.pem" }, []string{"read the CA file"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			opt := Options{Token: testToken, Clock: newFastClock(), BaseURL: "https://gitlab.example.com"}
			if c.handler != nil {
				opt.BaseURL = serve(t, c.handler)
			}
			if c.adapt != nil {
				c.adapt(&opt)
			}
			_, err := Open(t.Context(), opt)
			if err == nil {
				t.Fatal("Open was content")
			}
			var input *InputError
			if errors.As(err, &input) == c.network {
				t.Errorf("%T: is it the input that is wrong? %v", err, err)
			}
			message := err.Error()
			for _, w := range c.words {
				if !strings.Contains(message, w) {
					t.Errorf("%q does not say %q", message, w)
				}
			}
			if strings.Contains(message, "\n") || strings.Contains(message, "hunter2") || strings.Contains(message, testToken) {
				t.Errorf("%q is not fit to print", message)
			}
		})
	}
}

func TestOpenTLS(t *testing.T) {
	server := httptest.NewUnstartedServer(healthy("18.9.0-ee"))
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // of the handshakes that have to fail
	server.StartTLS()
	defer server.Close()
	opt := Options{BaseURL: server.URL, Token: testToken, Clock: newFastClock()}
	_, err := Open(t.Context(), opt)
	var input *InputError
	if err == nil || errors.As(err, &input) || !strings.Contains(err.Error(), "--ca-file") {
		t.Errorf("unknown authority: %v", err)
	}
	ca := filepath.Join(t.TempDir(), "ca.pem")
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: mustCert(t, server.Certificate()).Raw})
	if err := os.WriteFile(ca, block, 0o600); err != nil {
		t.Fatal(err)
	}
	opt.CAFile = ca
	if _, err := Open(t.Context(), opt); err != nil {
		t.Errorf("with the CA file: %v", err)
	}
	opt.CAFile, opt.Insecure = "", true
	if _, err := Open(t.Context(), opt); err != nil {
		t.Errorf("insecure: %v", err)
	}
	opt = Options{BaseURL: strings.Replace(serve(t, healthy("18.9.0")), "http://", "https://", 1), Token: testToken, Clock: newFastClock()}
	if _, err := Open(t.Context(), opt); err == nil || !strings.Contains(err.Error(), "http://") {
		t.Errorf("plain HTTP behind https: %v", err)
	}
}

func mustCert(t *testing.T, c *x509.Certificate) *x509.Certificate {
	t.Helper()
	if c == nil {
		t.Fatal("no certificate")
	}
	return c
}

func TestParseURL(t *testing.T) {
	for in, want := range map[string]string{
		"https://gitlab.example.com":            "https://gitlab.example.com",
		" https://gitlab.example.com/ ":         "https://gitlab.example.com",
		"https://gitlab.example.com/api/v4/":    "https://gitlab.example.com",
		"http://example.com:8080/gitlab/":       "http://example.com:8080/gitlab",
		"https://example.com/gitlab/api/v4":     "https://example.com/gitlab",
		"https://gitlab.example.com/?private=1": "",
	} {
		u, err := parseURL(in)
		if (err != nil) != (want == "") || (err == nil && u.String() != want) {
			t.Errorf("parseURL(%q) = %v, %v", in, u, err)
		}
	}
}

func TestVersionAndEdition(t *testing.T) {
	for body, want := range map[string]string{
		`{"version":"18.9.1-ee","enterprise":true}`:  "18.9.1-ee true",
		`{"version":"15.3.0-ee"}`:                    "15.3.0-ee true",
		`{"version":"13.12.15"}`:                     "13.12.15 false",
		`{"version":"16.10.0-pre"}`:                  "16.10.0-pre unknown",
		`{"version":"something else"}`:               "unknown unknown",
		`{"version":"18.9.1","enterprise":false}`:    "18.9.1 false",
		`{"version":"18.9.1-ee","enterprise":"yes"}`: "18.9.1-ee true",
	} {
		rs := healthy("").with("GET /metadata", say(404, `{"error":"404 Not Found"}`)).with("GET /version", say(200, body))
		s, _ := open(t, rs)
		version, enterprise := "unknown", "unknown"
		if v, ok := s.metadata.version.Get(); ok {
			version = v.String()
		}
		if e, ok := s.metadata.enterprise.Get(); ok {
			enterprise = map[bool]string{true: "true", false: "false"}[e]
		}
		if got := version + " " + enterprise; got != want {
			t.Errorf("%s: %s, want %s", body, got, want)
		}
	}
}

package main

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"readiness/scan"
	"readiness/scan/gitlab"
	"readiness/scan/gitlabsim"
)

// The simulated instance holds a recognisable string wherever GitLab holds a
// secret. A whole scan leaves it in no file and on no screen, and changes
// nothing on the source.
func TestNoSecretLeavesTheSource(t *testing.T) {
	world, err := gitlabsim.New(gitlabsim.Config{Projects: 120, Seed: 11})
	if err != nil {
		t.Fatal(err)
	}
	server := gitlabsim.NewServer(world, gitlabsim.Options{})
	listing := httptest.NewRequest("GET", "/api/v4/projects?per_page=100", nil)
	listing.Header.Set("PRIVATE-TOKEN", server.Token(gitlabsim.Admin))
	served := httptest.NewRecorder()
	server.ServeHTTP(served, listing)
	if !bytes.Contains(served.Body.Bytes(), []byte(world.Canary())) {
		t.Fatal("the simulated instance serves no secret that could leak")
	}

	out := t.TempDir()
	var stdout, stderr bytes.Buffer
	env := environment{stdin: bytes.NewReader(nil), stdout: &stdout, stderr: &stderr, now: time.Now,
		getenv: func(string) string { return "" }}
	demo := demoFlags{out: out, role: string(gitlabsim.Admin),
		target: targetFlags{destination: "gitlab.com", tier: "ultimate"}}
	path, by, err := demo.ready(env)
	if err == nil {
		err = demo.scan(t.Context(), env, server, world.Now(), path, by)
	}
	if err != nil {
		t.Fatal(err)
	}

	told := map[string][]byte{"standard output": stdout.Bytes(), "standard error": stderr.Bytes()}
	files, err := filepath.Glob(filepath.Join(out, "*"))
	if err != nil || len(files) != 3 {
		t.Fatalf("files %q, %v", files, err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		told[file] = content
		if filepath.Ext(file) != ".xlsx" {
			continue
		}
		book, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range book.File {
			r, err := part.Open()
			if err != nil {
				t.Fatal(err)
			}
			if told[file+" "+part.Name], err = io.ReadAll(r); err != nil {
				t.Fatal(err)
			}
		}
	}
	for where, text := range told {
		for _, secret := range []string{world.Canary(), server.Token(gitlabsim.Admin)} {
			if bytes.Contains(text, []byte(secret)) {
				t.Errorf("%s holds %q", where, secret)
			}
		}
	}

	answer := httptest.NewRecorder()
	server.ServeHTTP(answer, httptest.NewRequest("GET", "/-/sim/stats", nil))
	var stats struct{ Requests, Writes int }
	if err := json.Unmarshal(answer.Body.Bytes(), &stats); err != nil {
		t.Fatal(err)
	}
	if stats.Writes != 0 || stats.Requests < 120 {
		t.Errorf("%d requests, of which %d would have changed something", stats.Requests, stats.Writes)
	}
}

// careless answers as the simulated instance does, with the canary wherever
// GitLab, a custom integration or a proxy might put a secret: keys of every JSON
// object, addresses with passwords, CI/CD configurations; and every so often, if
// it is also broken, with an error that repeats a secret.
type careless struct {
	of     http.Handler
	canary string
	broken bool

	mu   sync.Mutex
	n    int
	sent []string // requests, whole
}

// secretKeys hold secrets somewhere in GitLab's answers.
var secretKeys = []string{"value", "token", "runners_token", "password", "secret", "private_key", "properties", "url_variables", "custom_headers",
	"import_url", "registration_token", "webhook_url", "api_key", "certificate", "trigger_token", "invite_token", "feed_token", "variables", "private_token"}

const carelessJob = `
leaking-job:
  image: "https://u:%[1]s@registry.example.com/a/b:1?t=%[1]s"
  variables: {DEPLOY_PASSWORD: %[1]s, ADDRESS: "https://u:%[1]s@gitlab.example.com/x?token=%[1]s#%[1]s"}
  environment: {name: live, url: "https://u:%[1]s@live.example.com/?k=%[1]s"}
  script:
    - 'curl --header "PRIVATE-TOKEN: %[1]s" https://u:%[1]s@gitlab.example.com/api/v4/projects/1?private_token=%[1]s'
    - docker login -u ci -p %[1]s registry.gitlab.example.com
    - export AWS_SECRET_ACCESS_KEY=%[1]s
`

func (c *careless) plant(v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = c.plant(v[i])
		}
	case map[string]any:
		for key, inner := range v {
			text, is := inner.(string)
			switch {
			case is && (key == "url" || strings.HasSuffix(key, "_url")) && key != "web_url" && key != "avatar_url" && strings.Contains(text, "://"):
				scheme, rest, _ := strings.Cut(text, "://")
				host, _, _ := strings.Cut(rest[strings.LastIndexByte(rest, '@')+1:], "/")
				v[key] = fmt.Sprintf("%s://u:%[3]s@%[2]s/%[3]s?token=%[3]s#%[3]s", scheme, host, c.canary)
			case is && key == "rawTextBlob" && strings.Contains(text, "script:"):
				v[key] = text + fmt.Sprintf(carelessJob, c.canary)
			default:
				v[key] = c.plant(inner)
			}
		}
		_, row := v["id"]
		if _, invited := v["invite_email"]; row || invited {
			for _, key := range secretKeys {
				if _, there := v[key]; !there {
					v[key] = c.canary
				}
			}
		}
	}
	return v
}

// errors that repeat a secret, each another way.
func (c *careless) fail(w http.ResponseWriter, r *http.Request, kind int) {
	says := func(status int, contentType, body string) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, strings.ReplaceAll(body, "CANARY", c.canary))
	}
	raw := func(answer string) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			_, _ = io.WriteString(conn, strings.ReplaceAll(answer, "CANARY", c.canary))
			_ = conn.Close()
		}
	}
	switch kind % 12 {
	case 0:
		says(403, "application/json", `{"message":"403 Forbidden - token CANARY lacks the right"}`)
	case 1:
		says(400, "application/json", `{"error":"password=CANARY is invalid","error_description":"Authorization: Bearer CANARY"}`)
	case 2:
		says(404, "application/json", `{"message":{"base":["CANARY"],"url":["https://u:CANARY@host/"]}}`)
	case 3:
		says(200, "application/json", `[{"id":"CANARY","created_at":"CANARY","name":7}]`)
	case 4:
		http.Redirect(w, r, "https://elsewhere.example/"+c.canary+"?private_token="+c.canary, http.StatusFound)
	case 5:
		http.Redirect(w, r, "/sign_in/"+c.canary+"?private_token="+c.canary, http.StatusTemporaryRedirect)
	case 6:
		says(200, "application/json", `{"data":null,"errors":[{"message":"Variable $ids of CANARY was provided invalid value"},{"message":"row (1, CANARY)"}]}`)
	case 7:
		says(502, "text/html", `<html>Private-Token: CANARY</html>`)
	case 8:
		says(500, "application/json", `{"message":"500 PG::Error: value CANARY"}`)
	case 9:
		raw("HTTP/1.1 200 CANARY\r\nContent-Length: CANARY\r\n\r\n")
	case 10:
		raw("CANARY 200 OK\r\n\r\n")
	case 11:
		says(200, "text/plain", `CANARY upstream`)
	}
}

func (c *careless) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	c.mu.Lock()
	c.n++
	n := c.n
	if !strings.HasPrefix(r.URL.Path, "/sign_in/") { // where the source itself has sent us
		c.sent = append(c.sent, r.Method+" "+r.URL.String()+" "+string(body))
	}
	c.mu.Unlock()
	if c.broken && n > 12 && n%5 == 0 && r.URL.Path != "/api/v4/user" {
		c.fail(w, r, n/5)
		return
	}
	kept := httptest.NewRecorder()
	c.of.ServeHTTP(kept, r)
	var answer any
	decoder := json.NewDecoder(bytes.NewReader(kept.Body.Bytes()))
	decoder.UseNumber()
	text := kept.Body.Bytes()
	if decoder.Decode(&answer) == nil {
		if text, err = json.Marshal(c.plant(answer)); err != nil {
			return
		}
	}
	for key, values := range kept.Header() {
		w.Header()[key] = values
	}
	w.Header().Set("Content-Length", fmt.Sprint(len(text)))
	w.Header().Set("Set-Cookie", "_gitlab_session="+c.canary)
	w.WriteHeader(kept.Code)
	_, _ = w.Write(text)
}

// hasty is a clock in which waiting takes no time.
type hasty struct{}

func (hasty) Now() time.Time                                   { return time.Now() }
func (hasty) Sleep(ctx context.Context, _ time.Duration) error { return ctx.Err() }
func (hasty) Within(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, d)
}

// Whatever a source puts secrets into, errors included, none is in a file, on a
// screen, in the log of requests or in a request.
func TestNoSecretOfACarelessSource(t *testing.T) {
	for _, c := range []struct {
		version string
		broken  bool
	}{{"18.9", false}, {"18.9", true}, {"14.10", true}} {
		t.Run(fmt.Sprint(c.version, " broken ", c.broken), func(t *testing.T) {
			if testing.Short() && c.version != "18.9" {
				t.Skip("another version runs the same at the same time")
			}
			s := newSource(t, gitlabsim.Config{Projects: 25, Seed: 12, Version: scan.MustVersion(c.version), Positive: true}, nil)
			leaky := &careless{of: s.server, canary: s.world.Canary(), broken: c.broken}
			web := httptest.NewServer(leaky)
			t.Cleanup(web.Close)
			out := t.TempDir()
			path := filepath.Join(out, "readiness.db")
			var stdout, stderr bytes.Buffer
			env := environment{stdin: bytes.NewReader(nil), stdout: &stdout, stderr: &stderr, now: s.world.Now, stderrTerminal: true,
				getenv: func(string) string { return "" }}
			flags := connectionFlags{requestLog: filepath.Join(out, "requests.tsv"), secrets: true}
			done, err := flags.open(env)
			if err != nil {
				t.Fatal(err)
			}
			var failed failures
			var logged remarks // told by many at once
			scope := scan.Scope{URL: web.URL, Depth: scan.Deep}
			src, err := gitlab.Open(t.Context(), flags.apply(gitlab.Options{BaseURL: web.URL, Token: s.server.Token(gitlabsim.Admin), Depth: scope.Depth,
				Clock: hasty{}, Workers: 4, Failed: failed.add, Logf: logged.add}, true))
			if err != nil {
				t.Fatal(err)
			}
			if err := record(t.Context(), env, src, scope, path, 4, &failed); err != nil {
				t.Fatal(err)
			}
			done()
			told := s.tellAll(t, path)
			for name, text := range texts(t, out) {
				told[name] = text
			}
			told["scan"], told["requests"] = stdout.String()+stderr.String()+logged.text.String(), strings.Join(leaky.sent, "\n")
			for where, text := range told {
				for _, secret := range []string{leaky.canary, s.server.Token(gitlabsim.Admin)} {
					if i := strings.Index(text, secret); i >= 0 {
						t.Errorf("%s holds a secret: …%q…", where, text[max(0, i-120):min(len(text), i+60)])
					}
				}
			}
			if told["requests.tsv"] == "" || told["r.json"] == "" || c.broken && failed.count == 0 {
				t.Errorf("nothing was told, or nothing failed (%d)", failed.count)
			}
			t.Logf("%d requests, %d answers failed", len(leaky.sent), failed.count)
		})
	}
}

// remarks collects lines that come from several goroutines.
type remarks struct {
	mu   sync.Mutex
	text strings.Builder
}

func (r *remarks) add(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	fmt.Fprintf(&r.text, format+"\n", args...)
}

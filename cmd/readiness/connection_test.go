package main

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"io/fs"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"readiness/scan"
	"readiness/scan/gitlab"
	"readiness/scan/gitlabsim"
)

// source is a simulated instance on the network, and what was sent to it.
type source struct {
	world  *gitlabsim.World
	server *gitlabsim.Server
	web    *httptest.Server

	mu     sync.Mutex
	agents map[string]int
}

// newSource makes an instance; configure, if not nil, makes it speak TLS.
func newSource(t *testing.T, cfg gitlabsim.Config, configure func(*httptest.Server)) *source {
	t.Helper()
	world, err := gitlabsim.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	s := &source{world: world, server: gitlabsim.NewServer(world, gitlabsim.Options{}), agents: map[string]int{}}
	s.web = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.agents[r.UserAgent()]++
		s.mu.Unlock()
		s.server.ServeHTTP(w, r)
	}))
	s.web.Config.ErrorLog = log.New(io.Discard, "", 0) // handshakes that fail are meant to
	if configure == nil {
		s.web.Start()
	} else {
		configure(s.web)
		s.web.StartTLS()
	}
	t.Cleanup(s.web.Close)
	return s
}

// command runs the program against the source and returns its exit code and
// what it printed.
func (s *source) command(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	secrets := map[string]string{"GITLAB_TOKEN": s.server.Token(gitlabsim.Admin), "GITLAB_DESTINATION_TOKEN": s.server.Token(gitlabsim.Admin)}
	env := environment{stdin: bytes.NewReader(nil), stdout: &out, stderr: &errs, now: s.world.Now,
		getenv: func(key string) string { return secrets[key] }}
	code = run(t.Context(), args, env)
	return code, out.String(), errs.String()
}

// every form that a snapshot is reported in besides the terminal, with what its
// file is called.
var everyForm = map[string]string{"xlsx": "r.xlsx", "json": "r.json", "markdown": "r.md", "html": "r.html", "csv": "csv"}

// tellAll reports the snapshot in every form and returns all text of it by what
// it stands in: parts of the workbook are unpacked.
func (s *source) tellAll(t *testing.T, snapshot string, flags ...string) map[string]string {
	t.Helper()
	dir := t.TempDir()
	_, out, errs := s.command(t, append([]string{"report", snapshot}, flags...)...)
	told := map[string]string{"terminal": out, "standard error": errs}
	for form, name := range everyForm {
		path := filepath.Join(dir, name)
		if code, _, errs := s.command(t, append([]string{"report", snapshot, "--format", form, "--output", path}, flags...)...); code != exitBlocker && code != exitUnread && code != exitOK {
			t.Fatalf("%s: it exits %d: %s", form, code, errs)
		}
	}
	for name, text := range texts(t, dir) {
		told[name] = text
	}
	return told
}

// texts reads all files under a folder, and those packed in workbooks.
func texts(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(dir, path)
		all[name] = string(content)
		if info, err := d.Info(); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v, %v", name, info.Mode(), err)
		}
		if filepath.Ext(path) != ".xlsx" {
			return nil
		}
		book, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
		if err != nil {
			return err
		}
		for _, part := range book.File {
			r, err := part.Open()
			if err != nil {
				return err
			}
			text, err := io.ReadAll(r)
			if err != nil {
				return err
			}
			all[name+" "+part.Name] = string(text)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// pemFile writes a block into a file of the test's own.
func pemFile(t *testing.T, kind string, der []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), strings.ToLower(strings.ReplaceAll(kind, " ", "-"))+".pem")
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Where certificates were not verified, every output says so; where they were,
// none does.
func TestUnverifiedIsSaidEverywhere(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the same commands as other tests, to read what they write")
	}
	s := newSource(t, gitlabsim.Config{Projects: 25, Seed: 4}, func(*httptest.Server) {})
	ca := pemFile(t, "CERTIFICATE", s.web.Certificate().Raw)
	const says = "Certificates were not verified"
	for _, c := range []struct {
		flags    []string
		verified bool
	}{{[]string{"--insecure-skip-verify"}, false}, {[]string{"--ca-file", ca}, true}} {
		out := t.TempDir()
		_, stdout, stderr := s.command(t, append([]string{"scan", "--url", s.web.URL, "--out", out}, c.flags...)...)
		if has := strings.Contains(stderr, "warning: certificates are not verified"); has == c.verified {
			t.Errorf("%s: standard error says %q", c.flags, stderr)
		}
		told := s.tellAll(t, filepath.Join(out, "readiness.db"))
		told["summary"] = stdout
		told["JSON of the scan"] = texts(t, out)["readiness.json"]
		for _, name := range []string{"summary", "terminal", "r.json", "JSON of the scan", "r.md", "r.html", "r.xlsx xl/worksheets/sheet1.xml", "csv/about.csv"} {
			text := strings.Join(strings.Fields(told[name]), " ")
			if name == "r.xlsx xl/worksheets/sheet1.xml" {
				text += told["r.xlsx xl/sharedStrings.xml"]
			}
			if has := strings.Contains(text, says); has == c.verified || text == "" {
				t.Errorf("%s: %s says it: %v (%d bytes)", c.flags, name, has, len(text))
			}
		}
		_, stdout, _ = s.command(t, append([]string{"doctor", "--url", s.web.URL}, c.flags...)...)
		if has := strings.Contains(stdout, "(not verified), issued by"); has == c.verified {
			t.Errorf("%s: doctor says it: %v\n%s", c.flags, has, stdout)
		}
	}
	if code, _, errs := s.command(t, "scan", "--url", s.web.URL, "--out", t.TempDir()); code != exitFailure || !strings.Contains(errs, "--ca-file") {
		t.Errorf("a certificate of nobody: it exits %d and says %s", code, errs)
	}
}

// Every request is one line of the log, without the token and without values
// that may be secret; its User-Agent names the program and whom to ask.
func TestRequestLog(t *testing.T) {
	s := newSource(t, gitlabsim.Config{Projects: 120, Seed: 4}, nil)
	file := filepath.Join(t.TempDir(), "requests.tsv")
	s.command(t, "scan", "--url", s.web.URL, "--out", t.TempDir(), "--depth", "deep", "--request-log", file, "--contact", "ops@consultants.example")
	text := texts(t, filepath.Dir(file))["requests.tsv"]
	lines := strings.Split(strings.TrimSpace(text), "\n")
	if n := s.server.Stats().Requests; int64(len(lines)) != n {
		t.Errorf("%d lines for %d requests", len(lines), n)
	}
	for _, line := range lines {
		f := strings.Split(line, "\t")
		if len(f) != 5 || f[1] != "GET" && f[1] != "POST" && f[1] != "HEAD" || !strings.HasPrefix(f[2], s.web.URL+"/api/") || len(f[3]) != 3 {
			t.Fatalf("a line is %q", line)
		}
		if _, err := time.Parse(time.RFC3339, f[0]); err != nil {
			t.Fatal(err)
		}
	}
	if strings.Contains(text, s.server.Token(gitlabsim.Admin)) || strings.Contains(text, s.world.Canary()) {
		t.Error("the log holds a secret")
	}
	if want := "readiness/" + version + " (contact: ops@consultants.example)"; len(s.agents) != 1 || s.agents[want] == 0 {
		t.Errorf("the User-Agents are %v, want %q", s.agents, want)
	}
}

// A source that asks for a client certificate is shown the one that was given.
func TestClientCertificate(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "consultant"}, NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	own, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	trusted := x509.NewCertPool()
	trusted.AddCert(own)
	s := newSource(t, gitlabsim.Config{Projects: 20}, func(web *httptest.Server) {
		web.TLS = &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: trusted}
	})
	ca, cert, secret := pemFile(t, "CERTIFICATE", s.web.Certificate().Raw), pemFile(t, "CERTIFICATE", der), pemFile(t, "PRIVATE KEY", private)
	doctor := []string{"doctor", "--url", s.web.URL, "--ca-file", ca}
	if code, _, errs := s.command(t, append(doctor, "--client-cert", cert, "--client-key", secret)...); code != exitOK {
		t.Errorf("with the certificate it exits %d: %s", code, errs)
	}
	if code, _, errs := s.command(t, doctor...); code != exitFailure || !strings.Contains(errs, "--client-cert") {
		t.Errorf("without, it exits %d: %s", code, errs)
	}
	for _, c := range []struct {
		flags []string
		says  string
	}{
		{[]string{"--client-cert", cert}, "give both, or neither"},
		{[]string{"--client-cert", secret, "--client-key", secret}, "read the client certificate"},
		{[]string{"--client-cert", "none.pem", "--client-key", secret}, "read the client certificate"},
		{[]string{"--contact", "a\nb"}, "--contact"},
		{[]string{"--contact", strings.Repeat("x", 121)}, "--contact"},
		{[]string{"--request-log", filepath.Join(t.TempDir(), "no", "such")}, "--request-log"},
	} {
		if code, _, errs := s.command(t, append(doctor, c.flags...)...); code != exitUsage || !strings.Contains(errs, c.says) {
			t.Errorf("%s: it exits %d and says %s", c.flags, code, errs)
		}
	}
}

// The program connects to the source, to the destination if it is named, and to
// nothing else, whatever it does.
func TestNothingElseIsDialled(t *testing.T) {
	s, d := newSource(t, gitlabsim.Config{Projects: 25, Seed: 4}, nil), newSource(t, gitlabsim.Config{Projects: 20, Seed: 5}, nil)
	var mu sync.Mutex
	var dialled []string
	before := http.DefaultTransport
	recording := before.(*http.Transport).Clone()
	recording.Proxy = nil
	recording.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		mu.Lock()
		dialled = append(dialled, address)
		mu.Unlock()
		return new(net.Dialer).DialContext(ctx, network, address)
	}
	http.DefaultTransport = recording
	t.Cleanup(func() { http.DefaultTransport = before })
	dials := func() []string {
		mu.Lock()
		defer mu.Unlock()
		all := slices.Compact(slices.Sorted(slices.Values(dialled)))
		dialled = nil
		return all
	}
	host := func(s *source) string { return strings.TrimPrefix(s.web.URL, "http://") }

	out := t.TempDir()
	s.command(t, "scan", "--url", s.web.URL, "--out", out, "--depth", "deep")
	if got := dials(); !slices.Equal(got, []string{host(s)}) {
		t.Errorf("a scan of %s dialled %s", host(s), got)
	}
	s.command(t, "scan", "--url", s.web.URL, "--out", t.TempDir(), "--destination-url", d.web.URL)
	if got, want := dials(), slices.Sorted(slices.Values([]string{host(s), host(d)})); !slices.Equal(got, want) {
		t.Errorf("a scan with a destination dialled %s, want %s", got, want)
	}
	s.command(t, "doctor", "--url", s.web.URL)
	if got := dials(); !slices.Equal(got, []string{host(s)}) {
		t.Errorf("doctor dialled %s", got)
	}
	s.tellAll(t, filepath.Join(out, "readiness.db"))
	s.command(t, "doctor", "--offline", "--role", "auditor")
	s.command(t, "checks")
	s.command(t, "matrix")
	if got := dials(); len(got) > 0 {
		t.Errorf("what needs no source dialled %s", got)
	}
}

// The client certificate is for the source: a destination is not shown it, nor
// asked for lists with secrets.
func TestWhatTheDestinationIsGiven(t *testing.T) {
	f := connectionFlags{caFile: "ca", clientCert: "cert", clientKey: "key", insecure: true, secrets: true, contact: "x"}
	if o := f.apply(gitlab.Options{}, false); o.ClientCert != "" || o.ClientKey != "" || o.SecretEndpoints || !o.Insecure || o.CAFile != "ca" {
		t.Errorf("the destination is given %+v", o)
	}
	if o := f.apply(gitlab.Options{}, true); o.ClientCert != "cert" || o.ClientKey != "key" || !o.SecretEndpoints {
		t.Errorf("the source is given %+v", o)
	}
	if n := f.notes(); !slices.Equal(n, []scan.Note{scan.NoteUnverified}) {
		t.Errorf("notes %v", n)
	}
}

package gitlab

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/crypto/x509roots/fallback/bundle"

	"readiness/scan"
	"readiness/scan/gitlabsim"
)

// How a source is reached is what the connection shows, whatever authorities
// this machine trusts besides.
func TestWayIsSeen(t *testing.T) {
	world, err := gitlabsim.New(gitlabsim.Config{Projects: 5, Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	server := gitlabsim.NewServer(world, gitlabsim.Options{})
	encrypted, plain := httptest.NewTLSServer(server), httptest.NewServer(server)
	t.Cleanup(encrypted.Close)
	t.Cleanup(plain.Close)
	authority := filepath.Join(t.TempDir(), "ca.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: encrypted.Certificate().Raw})
	if err := os.WriteFile(authority, text, 0o600); err != nil {
		t.Fatal(err)
	}
	ends := encrypted.Certificate().NotAfter.UTC().Format(time.DateOnly)
	for name, c := range map[string]struct {
		opt                        Options
		address, certificate, ends string
	}{
		"an authority of one's own":         {Options{BaseURL: encrypted.URL, CAFile: authority}, scan.AddressPrivate, "self-signed", ends},
		"a certificate that is not checked": {Options{BaseURL: encrypted.URL, Insecure: true}, scan.AddressPrivate, "self-signed", ends},
		"plain HTTP":                        {Options{BaseURL: plain.URL}, scan.AddressPrivate, scan.CertificateNone, ""},
	} {
		t.Run(name, func(t *testing.T) {
			c.opt.Token, c.opt.Clock = server.Token(gitlabsim.Admin), newFastClock()
			s, err := Open(t.Context(), c.opt)
			if err != nil {
				t.Fatal(err)
			}
			w := s.way()
			if got := w.Address.Or("unread"); got != c.address {
				t.Errorf("address %q, want %q", got, c.address)
			}
			if got := w.Certificate.Or("unread"); got != c.certificate {
				t.Errorf("certificate %q, want %q", got, c.certificate)
			}
			if got := w.CertificateEnds.Or("unread"); got != c.ends {
				t.Errorf("ends %q, want %q", got, c.ends)
			}
		})
	}
	// Read by another address than its own, an instance's way is not known.
	s, err := Open(t.Context(), Options{BaseURL: plain.URL, PublicURL: world.ExternalURL(), Token: server.Token(gitlabsim.Admin), Clock: newFastClock()})
	if err != nil {
		t.Fatal(err)
	}
	if g, gap := s.way().Address.Gap(); !gap || g.Reason != scan.ReasonWithheld {
		t.Errorf("the address of a source reached elsewhere: %v", s.way().Address)
	}
}

func TestPublicAddresses(t *testing.T) {
	for text, want := range map[string]bool{
		"93.184.216.34": true, "2606:2800:220:1::1": true,
		"10.1.2.3": false, "172.16.0.1": false, "192.168.1.1": false, "127.0.0.1": false, "169.254.1.1": false, "100.64.0.1": false, "100.128.0.1": true,
		"fd00::1": false, "fe80::1": false, "::1": false,
	} {
		if got := public(netip.MustParseAddr(text)); got != want {
			t.Errorf("%s: public %v, want %v", text, got, want)
		}
	}
}

// certificate makes a certificate, signed by itself unless an authority is given.
func certificate(t *testing.T, adapt func(*x509.Certificate), authority *x509.Certificate, key *ecdsa.PrivateKey) (*x509.Certificate, *ecdsa.PrivateKey) {
	t.Helper()
	own, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	form := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "gitlab.example.com"}, DNSNames: []string{"gitlab.example.com"},
		NotBefore: at, NotAfter: at.AddDate(1, 0, 0), BasicConstraintsValid: true}
	adapt(form)
	if authority == nil {
		authority, key = form, own
	}
	raw, err := x509.CreateCertificate(rand.Reader, form, authority, &own.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	c, err := x509.ParseCertificate(raw)
	if err != nil {
		t.Fatal(err)
	}
	return c, own
}

func TestChainsAreJudged(t *testing.T) {
	asAuthority := func(c *x509.Certificate) {
		c.IsCA, c.KeyUsage, c.Subject.CommonName = true, x509.KeyUsageCertSign, "Private Authority"
	}
	asIs := func(*x509.Certificate) {}
	root, key := certificate(t, asAuthority, nil, nil)
	leaf, _ := certificate(t, asIs, root, key)
	alone, _ := certificate(t, asIs, nil, nil)
	now := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		chain []*x509.Certificate
		host  string
		at    time.Time
		want  string
	}{
		"signed by itself":     {[]*x509.Certificate{alone}, "gitlab.example.com", now, "self-signed"},
		"a private authority":  {[]*x509.Certificate{leaf, root}, "gitlab.example.com", now, "of an authority that is not public"},
		"the chain is missing": {[]*x509.Certificate{leaf}, "gitlab.example.com", now, "of an authority that is not public, or sent without the certificates between"},
		"another name":         {[]*x509.Certificate{leaf, root}, "git.example.com", now, "for another name than the source's"},
		"too late":             {[]*x509.Certificate{leaf, root}, "gitlab.example.com", now.AddDate(2, 0, 0), "expired, or not valid yet"},
	} {
		if got := judgeChain(c.chain, c.host, c.at); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	// A root of Mozilla's list is trusted as it stands, but for a name it does not bear.
	for root := range bundle.Roots() {
		if c, err := x509.ParseCertificate(root.Certificate); err == nil && root.Constraint == nil {
			if got := judgeChain([]*x509.Certificate{c}, "gitlab.example.com", c.NotBefore.AddDate(0, 0, 1)); got != "for another name than the source's" {
				t.Errorf("%s: %q", c.Subject, got)
			}
			break
		}
	}
}

package gitlab

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"sync"
	"time"

	"golang.org/x/crypto/x509roots/fallback/bundle"

	"readiness/scan"
)

// lookout sees how connections to the source come about: the address at their
// other end and the certificate shown there. The first connection counts.
type lookout struct {
	host  string // of the source, as in its URL
	port  string
	clock Clock

	mu       sync.Mutex
	address  netip.Addr           // zero: no direct connection yet
	state    *tls.ConnectionState // nil: no TLS yet
	shown    time.Time            // when state was seen
	encrypts bool                 // the source's URL is https
}

// watch makes the transport tell the lookout of its connections. Connections to
// a proxy say nothing of the source's address.
func (l *lookout) watch(t *http.Transport) {
	dial := t.DialContext
	if dial == nil {
		dial = (&net.Dialer{}).DialContext
	}
	t.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		c, err := dial(ctx, network, addr)
		if err == nil && addr == net.JoinHostPort(l.host, l.port) {
			if at, err := netip.ParseAddrPort(c.RemoteAddr().String()); err == nil {
				l.mu.Lock()
				if !l.address.IsValid() {
					l.address = at.Addr().Unmap()
				}
				l.mu.Unlock()
			}
		}
		return c, err
	}
	// Called after the transport's own verification, and without it too.
	t.TLSClientConfig.VerifyConnection = func(state tls.ConnectionState) error {
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.state == nil && (state.ServerName == l.host || state.ServerName == "") { // "": an IP address
			l.state, l.shown = &state, l.clock.Now()
		}
		return nil
	}
}

// newLookout is a lookout for the source at base.
func newLookout(base *url.URL, clock Clock) *lookout {
	host, port, _ := net.SplitHostPort(hostPort(base))
	return &lookout{host: host, port: port, clock: clock, encrypts: base.Scheme == "https"}
}

// way is what was seen so far.
func (l *lookout) way() scan.Way {
	l.mu.Lock()
	defer l.mu.Unlock()
	var w scan.Way
	switch {
	case !l.address.IsValid():
		w.Address = scan.Missing[string](because("instance.address", scan.ReasonWithheld, "a scan that reaches the source without a proxy"))
	case public(l.address):
		w.Address = scan.Known(scan.AddressPublic)
	default:
		w.Address = scan.Known(scan.AddressPrivate)
	}
	switch {
	case !l.encrypts:
		w.Certificate, w.CertificateEnds = scan.Known(scan.CertificateNone), scan.Known("")
	case l.state == nil || len(l.state.PeerCertificates) == 0:
		const cure = "a scan that reaches the source itself"
		w.Certificate = scan.Missing[string](because("instance.certificate", scan.ReasonWithheld, cure))
		w.CertificateEnds = scan.Missing[string](because("instance.certificate-ends", scan.ReasonWithheld, cure))
	default:
		w.Certificate = scan.Known(judgeChain(l.state.PeerCertificates, l.host, l.shown))
		w.CertificateEnds = scan.Known(l.state.PeerCertificates[0].NotAfter.UTC().Format(time.DateOnly))
	}
	return w
}

// elsewhere is the way of a source that is called by another address than the
// one it is read at: what the connection shows is not the source's.
func elsewhere() scan.Way {
	const cure = "a scan that reaches the source by its own address"
	return scan.Way{
		Address:         scan.Missing[string](because("instance.address", scan.ReasonWithheld, cure)),
		Certificate:     scan.Missing[string](because("instance.certificate", scan.ReasonWithheld, cure)),
		CertificateEnds: scan.Missing[string](because("instance.certificate-ends", scan.ReasonWithheld, cure)),
	}
}

// carrierGrade are addresses that providers share among customers, RFC 6598.
var carrierGrade = netip.MustParsePrefix("100.64.0.0/10")

// public reports whether an address can be reached from everywhere.
func public(a netip.Addr) bool {
	return a.IsGlobalUnicast() && !a.IsPrivate() && !carrierGrade.Contains(a)
}

// publicRoots are the authorities of Mozilla's list, which are what a GitLab
// without further settings trusts.
var publicRoots = sync.OnceValue(func() *x509.CertPool {
	pool := x509.NewCertPool()
	for root := range bundle.Roots() {
		c, err := x509.ParseCertificate(root.Certificate)
		if err != nil {
			continue // the list's own test holds all to be readable
		}
		pool.AddCertWithConstraint(c, func(chain []*x509.Certificate) error {
			if root.Constraint == nil {
				return nil
			}
			return root.Constraint(chain)
		})
	}
	return pool
})

// judgeChain says whether a server that knows public authorities alone would
// accept the certificate, and else why not, without names from the certificate.
func judgeChain(chain []*x509.Certificate, host string, at time.Time) string {
	intermediates := x509.NewCertPool()
	for _, c := range chain[1:] {
		intermediates.AddCert(c)
	}
	_, err := chain[0].Verify(x509.VerifyOptions{DNSName: host, Roots: publicRoots(), Intermediates: intermediates, CurrentTime: at})
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	switch {
	case err == nil:
		return scan.CertificatePublic
	case errors.As(err, &name):
		return "for another name than the source's"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "expired, or not valid yet"
	case errors.As(err, &unknown) && signsItself(chain[0]):
		return "self-signed"
	case errors.As(err, &unknown) && len(chain) == 1:
		return "of an authority that is not public, or sent without the certificates between"
	case errors.As(err, &unknown):
		return "of an authority that is not public"
	}
	return "not valid for a server"
}

func signsItself(c *x509.Certificate) bool {
	return c.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature) == nil
}

package gitlabsim

import (
	"strings"

	"readiness/scan"
)

// Way is how the world's instance is reached: at a public address, with a
// certificate of a public authority that has half a year to go, unless a planted
// rule breaks it. The server that plays it is reached in another way.
func (w *World) Way() scan.Way {
	way := scan.Way{
		Address:         scan.Known(scan.AddressPublic),
		Certificate:     scan.Known(scan.CertificatePublic),
		CertificateEnds: scan.Known(w.day(w.cfg.Now.AddDate(0, 6, 0))),
	}
	switch {
	case strings.HasPrefix(w.cfg.ExternalURL, "http://"):
		way.Certificate, way.CertificateEnds = scan.Known(scan.CertificateNone), scan.Known("")
	case w.cfg.Plant == "network-untrusted-certificate":
		way.Certificate = scan.Known("self-signed")
	case w.cfg.Plant == "network-private-source-address":
		way.Address = scan.Known(scan.AddressPrivate)
	}
	return way
}

package scan

// The values of the fact instance.address.
const (
	AddressPublic  = "public"
	AddressPrivate = "private"
)

// The values of the fact instance.certificate that are no problem's description.
const (
	CertificatePublic = "public" // its chain ends at an authority that Mozilla's list holds
	CertificateNone   = "none"   // the source was read over plain HTTP
)

// Way is how a source is reached, as the connection itself shows it: no request
// asks for it.
type Way struct {
	// Address says whether the source's address can be reached from everywhere.
	Address Fact[string]
	// Certificate is CertificatePublic, CertificateNone or what is wrong with it.
	Certificate Fact[string]
	// CertificateEnds is the last day the certificate is valid on, YYYY-MM-DD; "": there is none.
	CertificateEnds Fact[string]
}

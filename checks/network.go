package checks

import (
	"strings"

	"readiness/checks/matrix"
	"readiness/scan"
)

var networkChecks = []Check{
	{
		ID: "network-plain-http-source", Area: "network", Severity: Blocker, Level: scan.LevelInstance,
		Title:        "Source offers plain HTTP only",
		Why:          "Direct transfer needs HTTPS.",
		Rule:         "Broken where the source gives page addresses of groups or projects with http; without any, where it was read over http.",
		Remedy:       "Switch HTTPS on, or put a reverse proxy with a valid certificate in front of the source.",
		Docs:         append(links("user/group/import/direct_transfer_migrations"), congregate("customer/migration_vms_and_networking.md")),
		Methods:      []matrix.Method{matrix.DirectTransfer},
		Destinations: Destinations(),
		Needs:        []scan.FactID{"instance.version"},
		// The addresses that the source gives its own pages show its external URL,
		// which counts; the one the scan was told may be another way in.
		Across: &Across{
			One: "page address with http", Many: "page addresses with http",
			Group:   func(_ *Context, g *scan.Group) int64 { return one(plainHTTP(g.WebURL)) },
			Project: func(_ *Context, p *scan.Project) int64 { return one(plainHTTP(p.WebURL)) },
			Judge: func(c *Context, t *Tally) Outcome {
				n, _ := t.Amount()
				switch {
				case n > 0:
					return violated("the source gives %s", t).regardless()
				case t.seen() == 0 && plainHTTP(c.Instance.URL):
					need(c, c.Instance.Version) // somebody has answered there
					return violated("the source was read at %s", c.Instance.URL)
				case t.seen() == 0:
					need(c, c.Instance.Version)
				}
				return ok()
			},
		},
	},
	{
		ID: "network-destination-reaches-source", Area: "network", Severity: Blocker, Level: scan.LevelInstance,
		Title:        "Destination must reach the source over HTTPS",
		Why:          "Direct transfer pulls: without the path, the connection test fails at the start or, worse, the downloads fail on the way.",
		Remedy:       "Open the path for the time of the migration, or put a TLS reverse proxy in front of the source.",
		Docs:         append(links("user/group/import/direct_transfer_migrations"), congregate("customer/migration_vms_and_networking.md"), congregate("customer/migration-readiness-checklist.md")),
		Methods:      []matrix.Method{matrix.DirectTransfer},
		Destinations: Destinations(),
		Ask: func(*Context) string {
			return "Can the destination open connections to the source on port 443, and to the source's object storage where downloads are not proxied?"
		},
	},
	{
		ID: "network-untrusted-certificate", Area: "network", Severity: Blocker, Level: scan.LevelInstance,
		Title:        "Source's certificate must be trusted by the destination",
		Why:          "GitLab.com and Dedicated refuse the connection where the certificate is self-signed, of a private authority, incomplete, expired or for another name.",
		Rule:         "Broken where the source's certificate is none that public authorities vouch for; not applicable where it shows none.",
		Remedy:       "Install a certificate of a public authority, add the private authority at a Self-Managed or Dedicated destination, or use a proxy.",
		Docs:         append(links("subscriptions/gitlab_dedicated"), congregate("runbooks/discovery.md"), congregate("customer/migration_vms_and_networking.md")),
		Methods:      []matrix.Method{matrix.DirectTransfer},
		Destinations: Destinations(),
		Needs:        []scan.FactID{"instance.certificate"},
		// Judged by the authorities that everybody trusts, not by those that the
		// scan's machine knows besides.
		Instance: func(c *Context, i *scan.Instance) Outcome {
			switch is := need(c, i.Certificate); is {
			case scan.CertificatePublic:
				return ok()
			case scan.CertificateNone: // plain HTTP is a finding of its own
				return notApplicable()
			default:
				return violated("the certificate that the scan was shown is %s", is)
			}
		},
	},
	{
		ID: "network-private-source-address", Area: "network", Severity: Blocker, Level: scan.LevelInstance,
		Title:        "Source's host name must resolve in public",
		Why:          "GitLab.com and Dedicated resolve names in public DNS: a private name or address makes direct transfer impossible as it stands.",
		Rule:         "A question where the scan reached the source at a private address.",
		Remedy:       "Publish the host behind an allow-list, use a proxy or an outbound private link, or choose file exports.",
		Docs:         append(links("subscriptions/gitlab_dedicated", "user/import/gitlab_instances/offline-transfer-migrations"), congregate("customer/migration_vms_and_networking.md")),
		Methods:      []matrix.Method{matrix.DirectTransfer},
		Destinations: []Destination{GitLabCom, Dedicated},
		Needs:        []scan.FactID{"instance.address"},
		// A company's own DNS may give another address inside than outside.
		Instance: func(c *Context, i *scan.Instance) Outcome {
			if need(c, i.NetworkAddress) == scan.AddressPublic {
				return ok()
			}
			return question("The scan reached the source at a private address. Does its host name resolve to a public one from outside the company? Network administrators know; outside, anybody runs: dig +short HOST")
		},
	},
}

func plainHTTP(url string) bool { return strings.HasPrefix(strings.ToLower(url), "http://") }

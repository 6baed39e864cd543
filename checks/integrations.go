package checks

import (
	"net/netip"
	"slices"
	"strings"

	"readiness/scan"
)

var integrationChecks = []Check{
	{
		ID: "integrations-active", Area: "integrations", Severity: High, Level: scan.LevelInstance,
		Title:        "Active integrations",
		Why:          "Importers leave integrations out because of their secrets: notifications, issue links and deployments to other tools stop.",
		Remedy:       "List the integrations by type with their owners, and set up those that groups inherit first at the destination.",
		Docs:         append(links("user/project/settings/import_export"), congregate("customer/gitlab-migration-features-matrix.md"), congregate("runbooks/discovery.md")),
		Methods:      imports,
		Destinations: Destinations(),
		Needs:        []scan.FactID{"project.integrations"},
		Across: &Across{
			One: "integration", Many: "integrations",
			Project: func(c *Context, p *scan.Project) int64 { return int64(len(needAll(c, p.Integrations))) },
		},
	},
	{
		ID: "integrations-webhooks-not-carried", Area: "integrations", Severity: Medium, Level: scan.LevelInstance,
		Title:        "Webhooks are lost or lose their secret",
		Why:          "Importers leave webhooks out, Congregate copies them without secret token and headers: other systems never hear of pushes and merges, or reject unsigned calls.",
		Remedy:       "Create them again with new secrets after the wave, and drop disabled or failing ones.",
		Docs:         append(links("user/group/import/migrated_items", "user/gitlab_com"), congregate("customer/gitlab-migration-features-matrix.md")),
		Methods:      imports,
		Destinations: Destinations(),
		Needs:        []scan.FactID{"group.webhooks", "project.webhooks"},
		Across: &Across{
			One: "webhook", Many: "webhooks",
			Group:   func(c *Context, g *scan.Group) int64 { return int64(len(needAll(c, g.Webhooks))) },
			Project: func(c *Context, p *scan.Project) int64 { return int64(len(needAll(c, p.Webhooks))) },
		},
	},
	{
		ID: "integrations-webhooks-to-internal-hosts", Area: "integrations", Severity: High, Level: scan.LevelInstance,
		Title:        "Webhooks to internal addresses",
		Why:          "GitLab.com refuses local addresses and cannot reach internal hosts; Dedicated needs an outbound private link for each, of which it has ten.",
		Remedy:       "Put a relay or gateway where the destination reaches it, use outbound private links on Dedicated, or move the receiver.",
		Docs:         append(links("subscriptions/gitlab_dedicated"), congregate("customer/famq.md"), congregate("customer/pre-and-post-migration.md")),
		Methods:      imports,
		Destinations: []Destination{GitLabCom, Dedicated},
		Needs:        []scan.FactID{"group.webhooks", "project.webhooks"},
		Across: &Across{
			One: "webhook to an internal host", Many: "webhooks to internal hosts",
			Group:   func(c *Context, g *scan.Group) int64 { return toInternal(needAll(c, g.Webhooks)) },
			Project: func(c *Context, p *scan.Project) int64 { return toInternal(needAll(c, p.Webhooks)) },
		},
	},
	{
		ID: "integrations-kubernetes", Area: "integrations", Severity: High, Level: scan.LevelInstance,
		Title:        "Agents for Kubernetes have to be registered anew",
		Why:          "Agents are not imported and have to connect to another address with another token: GitOps and deployments to clusters stop.",
		Remedy:       "Register the agents anew, update the paths in ci_access and user_access, and replace clusters connected by certificate.",
		Docs:         append(links("user/group/import/migrated_items"), congregate("customer/gitlab-migration-features-matrix.md")),
		Methods:      imports,
		Destinations: Destinations(),
		Needs:        []scan.FactID{"project.agents"},
		Across: &Across{
			One: "agent", Many: "agents",
			Project: func(c *Context, p *scan.Project) int64 { return need(c, p.Agents) },
		},
	},
}

func toInternal(hooks []scan.Webhook) (n int64) {
	for _, h := range hooks {
		n += one(internalHost(h.Host))
	}
	return n
}

// internalSuffixes are names that no public resolver answers for.
// Source: RFC 6761, RFC 6762, RFC 8375 and ICANN's reservation of .internal.
var internalSuffixes = []string{".localhost", ".local", ".internal", ".home.arpa", ".lan", ".intranet", ".corp"}

// internalHost reports whether a host, with or without a port, is clearly one
// that the internet cannot reach: a private, loopback or link-local address, a
// name of one label, or a name below a reserved suffix.
func internalHost(host string) bool {
	host = strings.ToLower(host)
	if addr, err := netip.ParseAddrPort(host); err == nil {
		return internalAddr(addr.Addr())
	}
	if addr, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return internalAddr(addr)
	}
	name, _, _ := strings.Cut(host, ":")
	name = strings.TrimSuffix(name, ".")
	return name != "" && (!strings.Contains(name, ".") ||
		slices.ContainsFunc(internalSuffixes, func(s string) bool { return strings.HasSuffix(name, s) }))
}

func internalAddr(a netip.Addr) bool {
	a = a.Unmap()
	return a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() || a.IsUnspecified()
}

package gitlabsim

import (
	"fmt"

	"readiness/scan"
)

// What only an administrator sees: clusters, roles, service accounts, audit
// events and search.

// administer fills in what an administrator set up.
func (w *World) administer(in *Instance) {
	d := func(what string) draw { return w.draw(ofInstance, 0, what) }
	if w.certificateClusters() {
		in.Clusters = int64(w.some(d("clusters").few(50, 3)))
	}
	if w.cfg.Tier.Enterprise() {
		in.CodeSearchNodes = int64(w.some(d("zoekt").few(20, 3)))
	}
	if w.cfg.Tier.Licensed() {
		in.AuditEvents = 120
		for i := range w.users {
			if w.userKind(i) == scan.KindServiceAccount {
				in.ServiceAccounts++
			}
		}
	}
	if w.cfg.Tier == Ultimate {
		in.AuditStreams = int64(w.some(d("audit-streams").few(40, 3)))
		in.CustomRoles = int64(w.some(d("custom-roles").few(60, 4)))
		if w.cfg.Positive || d("policy-group").chance(40) {
			in.PolicyGroup = w.groupID(0)
		}
	}
}

// administerGroup fills in what the Owner of a group set up.
func (w *World) administerGroup(g *Group) {
	d := func(what string) draw { return w.draw(ofGroup, g.index, what) }
	few := func(what string, percent float64, limit int) int64 { return int64(w.some(d(what).few(percent, limit))) }
	or := func(what string, percent float64) bool { return w.cfg.Positive || d(what).chance(percent) }
	g.Uploads = few("uploads", 20, 9)
	g.Invitations = few("invitations", 15, 4)
	g.AccessRequests = few("access-requests", 10, 3)
	g.Integrations = few("integrations", 20, 3)
	g.AccessTokens = few("access-tokens", 25, 4)
	if w.certificateClusters() {
		g.Clusters = few("clusters", 30, 2)
	}
	if w.cfg.Tier.Enterprise() && or("minutes", 5) {
		g.MinutesLimit = 2000
	}
	g.MembershipLock = w.cfg.Tier.Enterprise() && or("membership-lock", 8)
	if !w.cfg.Tier.Licensed() {
		return
	}
	root := g.ParentID == 0
	g.WikiPages = few("wiki", 25, 30)
	g.PushRules = or("push-rules", 15)
	g.ApprovalSettings = or("approval-settings", 15)
	g.ProtectedBranches = few("protected-branches", 10, 2)
	g.ProtectedEnvironments = few("protected-environments", 10, 2)
	g.CommentTemplates = few("comment-templates", 10, 3)
	g.ConfiguredItems = few("configured-items", 10, 3)
	if w.groupApprovals() {
		g.ApprovalRules = few("approval-rules", 50, 3)
	}
	g.SecretsManager = w.cfg.Tier == Ultimate && or("secrets-manager", 5)
	if root {
		g.ServiceAccounts = few("service-accounts", 40, 3)
		if or("ip-ranges", 20) {
			g.IPRanges = "192.0.2.0/24"
		}
		if w.cfg.SaaS {
			g.SCIM, g.EnterpriseUsers, g.SSHCertificates = few("scim", 50, 9), few("enterprise-users", 50, 20), few("ssh-certificates", 20, 2)
			if w.cfg.Tier == Ultimate {
				g.CustomRoles = few("custom-roles", 50, 4)
			}
		}
	}
}

// customRoleMembers is how many direct members of a group hold a custom role.
func (w *World) customRoleMembers(g Group) (n int) {
	for _, m := range w.GroupMembers(g) {
		if m.Custom {
			n++
		}
	}
	return n
}

// groupApprovals reports whether the flag that lets groups have approval rules
// was set; by default it is off.
// Source: https://docs.gitlab.com/api/merge_request_approvals/#group-approval-rules
func (w *World) groupApprovals() bool {
	return w.cfg.Positive || w.draw(ofInstance, 0, "approval-flag").chance(92)
}

// certificateClusters reports whether clusters can be connected by certificate:
// from 15.0 on a flag that is off.
// Source: https://docs.gitlab.com/user/infrastructure/clusters/
func (w *World) certificateClusters() bool {
	return !w.since(15, 0) || w.cfg.Positive || w.draw(ofInstance, 0, "certificate-clusters").chance(75)
}

func instanceClusters(c *call) (any, error) {
	if err := admin(c); err != nil {
		return nil, err
	}
	if !c.w.certificateClusters() {
		return nil, notFound
	}
	return numbered(c, c.w.Instance().Clusters, func(k int) any { return c.cluster(int64(k+1), "instance_type") })
}

func (c *call) cluster(id int64, kind string) object {
	return object{{"id", id}, {"name", fmt.Sprintf("cluster-%d", id)}, {"created_at", c.w.ago(900)}, {"domain", ""}, {"enabled", true}, {"managed", true},
		{"provider_type", "user"}, {"platform_type", "kubernetes"}, {"environment_scope", "*"}, {"cluster_type", kind},
		{"namespace_per_environment", true}, {"user", c.w.userBasic(userRoot)},
		{"platform_kubernetes", object{{"api_url", "https://10.0.0.1"}, {"namespace", ""}, {"authorization_type", "rbac"}, {"ca_cert", nil}}},
		{"management_project", nil}}
}

func auditEvents(c *call) (any, error) {
	if err := admin(c); err != nil {
		return nil, err
	}
	if !c.w.cfg.Tier.Licensed() {
		return nil, forbidden
	}
	return numbered(c, c.w.Instance().AuditEvents, func(k int) any {
		return object{{"id", k + 1}, {"author_id", c.w.userID(userRoot)}, {"entity_id", 1}, {"entity_type", "User"}, {"event_name", "user_created"},
			{"details", object{{"custom_message", "User created"}}}, {"created_at", c.w.ago(float64(k))}}
	})
}

// memberRoles is GET /member_roles, which has no pages; on GitLab.com roles belong
// to groups.
func memberRoles(c *call) (any, error) {
	if c.w.cfg.SaaS {
		return nil, message(400, "400 Bad request - Not available on this instance")
	}
	if err := admin(c); err != nil {
		return nil, err
	}
	if c.w.cfg.Tier != Ultimate {
		return nil, forbidden
	}
	roles := list{}
	for k := range c.w.Instance().CustomRoles {
		roles = append(roles, object{{"id", k + 1}, {"name", fmt.Sprintf("Role %d", k+1)}, {"description", nil}, {"group_id", nil}, {"base_access_level", 10},
			{"admin_merge_request", false}, {"read_code", true}, {"read_vulnerability", false}})
	}
	return roles, nil
}

func policySettings(c *call) (any, error) {
	if err := admin(c); err != nil {
		return nil, err
	}
	if c.w.cfg.Tier != Ultimate {
		return nil, message(403, "403 Forbidden - security_orchestration_policies license feature not available")
	}
	return object{{"csp_namespace_id", idOrNull(c.w.Instance().PolicyGroup)}}, nil
}

func serviceAccounts(c *call) (any, error) {
	if err := admin(c); err != nil {
		return nil, err
	}
	if !c.w.cfg.Tier.Licensed() {
		return nil, forbidden
	}
	s := selection{n: c.w.users, desc: true, keep: func(i int) bool { return c.w.userKind(i) == scan.KindServiceAccount }}
	return c.offsetPage(s, func(i int) any {
		u := c.w.user(i)
		o := object{{"id", u.ID}, {"username", u.Username}, {"name", u.Name}}
		o.when(c.since(17, 9), "public_email", nil)
		o.when(c.since(17, 9), "email", u.Email)
		return o
	})
}

// codeSearchNodes is GET /admin/zoekt/shards, which has no pages.
func codeSearchNodes(c *call) (any, error) {
	if err := admin(c); err != nil {
		return nil, err
	}
	nodes := list{}
	for k := range c.w.Instance().CodeSearchNodes {
		url := fmt.Sprintf("http://zoekt-%d.example.com:6070", k)
		nodes = append(nodes, object{{"id", k + 1}, {"index_base_url", url}, {"search_base_url", url}})
	}
	return nodes, nil
}

func projectAliases(c *call) (any, error) {
	if !c.w.cfg.Tier.Licensed() {
		return nil, forbidden
	}
	if err := admin(c); err != nil {
		return nil, err
	}
	s := selection{n: c.w.aliases.total(), keep: c.w.keeps(c.w.aliases)}
	return c.offsetPage(s, func(k int) any {
		return object{{"id", k + 1}, {"project_id", c.w.projectID(c.w.aliases.owner(k))}, {"name", fmt.Sprintf("alias-%d", k+1)}}
	})
}

// administrationResolvers are what GraphQL tells at its root of what
// administrators and Owners set up.
var administrationResolvers = map[string]resolver{
	"Query.instanceExternalAuditEventDestinations":   instanceStreams("AuditEvents::InstanceExternalAuditEventDestination"),
	"Query.auditEventsInstanceStreamingDestinations": instanceStreams("AuditEvents::Instance::ExternalStreamingDestination"),
	"Query.workspaces": func(x *execution, _ any, _ map[string]any) any {
		if !x.who.admin() || !x.w.cfg.Tier.Licensed() {
			return counting(0, nil)
		}
		c := counting(int64(x.w.workspaces.total()), func(k int) any {
			return object{{"id", gid("RemoteDevelopment::Workspace", int64(k+1))}, {"projectId", gid("Project", x.w.projectID(x.w.workspaces.owner(k)))}}
		})
		c.seen = x.w.keeps(x.w.workspaces)
		return c
	},
	"Query.groupSecretsManager": func(x *execution, _ any, args map[string]any) any {
		path, _ := args["groupPath"].(string)
		i, ok := x.w.groupAt(path)
		switch {
		case !ok || !x.w.groupVisible(x.who, i) || x.w.cfg.Tier != Ultimate || x.w.levelInGroup(x.who, i) < levelOwner:
			return noResource
		case !x.w.group(i).SecretsManager:
			return nil
		}
		return object{{"status", "ACTIVE"}}
	},
	"Query.aiCatalogConfiguredItems": func(x *execution, _ any, args map[string]any) any {
		id, _ := fromGID(args["groupId"])
		i, ok := x.w.groupIndex(id)
		if !ok || x.w.levelInGroup(x.who, i) < levelMaintainer {
			return counting(0, nil)
		}
		g := x.w.group(i)
		return gidList(g, "Ai::Catalog::ItemConsumer", g.ConfiguredItems)
	},
}

func instanceStreams(kind string) resolver {
	return func(x *execution, _ any, _ map[string]any) any {
		if !x.who.admin() || x.w.cfg.Tier != Ultimate {
			return nil
		}
		return counting(x.w.Instance().AuditStreams, func(k int) any { return object{{"id", gid(kind, int64(k+1))}} })
	}
}

package gitlabsim

import (
	"slices"
	"strings"

	"readiness/scan"
)

// The truth in the scanner's own types: what an administrator would read at the
// newest version, every fact known and every list complete.

// InstanceTruth is what exists once. Its caller is the administrator with the
// token that Server.Token(Admin) gives.
func (w *World) InstanceTruth() *scan.Instance { return w.InstanceTruthFor(Admin) }

// InstanceTruthFor is InstanceTruth, but asked with the token of another role.
func (w *World) InstanceTruthFor(role Role) *scan.Instance {
	granted := []string{ScopeReadAPI}
	if role == Admin {
		granted = append(granted, "admin_mode")
	}
	in := w.Instance()
	s := in.Settings
	version := w.cfg.Version
	if version.Suffix == "" && w.cfg.Tier.Enterprise() {
		version.Suffix = "ee"
	}
	t := &scan.Instance{
		URL:        in.URL,
		Version:    scan.Known(version),
		Enterprise: scan.Known(w.cfg.Tier.Enterprise()),
		Plan:       scan.Known(in.License.Plan), Seats: scan.Known(in.License.Seats), SeatsUsed: scan.Known(in.License.SeatsUsed),
		LicenseEnds:    scan.Known(in.License.Ends),
		GraphQL:        scan.Known(true),
		NetworkAddress: w.Way().Address, Certificate: w.Way().Certificate, CertificateEnds: w.Way().CertificateEnds,
		RegistryHost: scan.Known("registry." + w.host), OwnHost: scan.Known(w.host),

		Caller: scan.Known(w.roleUsername(role)), CallerAdmin: scan.Known(role == Admin), WholeScope: scan.Known(role == Admin || role == Auditor),
		TokenScopes: scan.Known(granted), TokenExpires: scan.Known(w.tokenExpires()), TokenPersonal: scan.Known(true),

		DirectTransfer: scan.Known(s.DirectTransfer), ProjectExport: scan.Known(s.ProjectExport), ImportSources: scan.Known(s.ImportSources),
		ProjectCreation: scan.Known(s.ProjectCreation), MaxExportSize: scan.Known(s.MaxExportSize << 20), MaintenanceMode: scan.Known(s.MaintenanceMode),
		RepositoryStorages: scan.Known(s.RepositoryStorages), OfflineExports: scan.Known(s.OfflineExports),
		APIThrottle: scan.Known(s.Throttle), APIThrottlePerMinute: scan.Known(s.ThrottleRequests * 60 / s.ThrottlePeriod),
		FileTemplateProject: scan.Known(s.FileTemplateProject != 0), AdvancedSearch: scan.Known(s.AdvancedSearch),
		ProjectExportLimit: scan.Known(s.ProjectExports), ProjectDownloadLimit: scan.Known(s.ProjectDownloads), GroupExportLimit: scan.Known(s.GroupExports),
		RelationBatches:     scan.Known(s.RelationBatches),
		TokenLifetime:       scan.Known(s.TokenLifetime),
		ApplicationSettings: scan.Known(true),

		CountedProjects: scan.Known(approximate(int64(w.Projects()))), CountedGroups: scan.Known(approximate(int64(w.groups))),
		CountedUsers: scan.Known(approximate(int64(w.users))),

		SystemHooks: known(len(in.SystemHooks)), Applications: known(len(in.Applications)),
		Variables: scan.Listed(variablesTruth(in.Variables)),
		Runners:   scan.Known(in.InstanceRunners), GroupRunners: scan.Known(in.GroupRunners), ProjectRunners: scan.Known(in.ProjectRunners),
		BroadcastMessages: known(len(in.BroadcastMessages)), Topics: known(len(in.Topics)),
		Appearance:       scan.Known(in.Appearance != Appearance{}),
		PublicDeployKeys: scan.Known(in.PublicDeployKeys), DeployTokens: scan.Known(in.DeployTokens), PagesDomains: scan.Known(in.PagesDomains),
		Clusters: scan.Known(in.Clusters), AuditEvents: scan.Known(in.AuditEvents > 0), CustomRoles: scan.Known(in.CustomRoles),
		PolicyGroup: scan.Known(in.PolicyGroup != 0), AuditStreams: scan.Known(in.AuditStreams), ServiceAccounts: scan.Known(in.ServiceAccounts), CodeSearchNodes: scan.Known(in.CodeSearchNodes),
		PersonalSnippets: scan.Known(in.PersonalSnippets), GeoSites: known(len(in.GeoSites)), AccessTokens: scan.Known(in.ActiveAccessTokens),
	}
	flags := []string{}
	for _, f := range in.FeatureFlags {
		flags = append(flags, f.Name)
	}
	t.FeatureFlags = scan.Known(flags)
	runners := []scan.Runner{}
	for k := range w.runnerCount() {
		r := w.runner(k)
		runners = append(runners, scan.Runner{ID: r.ID, Type: r.Type, Tags: orEmpty(r.Tags), RunUntagged: r.RunUntagged, Paused: r.Paused, Protected: r.Protected})
	}
	t.RunnerTags = scan.Listed(runners)
	return t
}

func known(n int) scan.Fact[int64] { return scan.Known(int64(n)) }

func variablesTruth(vars []Variable) []scan.Variable {
	out := make([]scan.Variable, 0, len(vars))
	for _, v := range vars {
		out = append(out, scan.Variable{Key: v.Key, Type: v.Type, Environment: v.Scope, Protected: v.Protected, Masked: v.Masked, Hidden: v.Hidden, Raw: v.Raw})
	}
	return out
}

func webhooksTruth(hooks []Webhook) []scan.Webhook {
	out := make([]scan.Webhook, 0, len(hooks))
	for _, h := range hooks {
		out = append(out, scan.Webhook{ID: h.ID, Host: h.Host(), VerifyTLS: h.VerifyTLS})
	}
	return out
}

// GroupTruth is the group with this id, nil if there is none.
func (w *World) GroupTruth(id int64) *scan.Group {
	g, ok := w.Group(id)
	if !ok {
		return nil
	}
	return &scan.Group{
		ID: g.ID, Path: g.FullPath, Name: g.Name, WebURL: g.WebURL, ParentID: g.ParentID,
		Visibility: scan.Known(g.Visibility), Description: scan.Known(g.Description != ""), Avatar: scan.Known(g.Avatar), CreatedAt: scan.Known(g.CreatedAt),
		PendingDeletion: scan.Known(g.DeletionOn != ""), ProjectCreation: scan.Known(g.ProjectCreation), SubgroupCreation: scan.Known(g.SubgroupCreation),
		RequireTwoFactor: scan.Known(g.RequireTwoFactor), LFSEnabled: scan.Known(g.LFSEnabled), CustomAttributes: known(len(g.CustomAttributes)),
		StorageSize: scan.Known(w.GroupStorage(id)),
		WikiPages:   scan.Known(g.WikiPages), Uploads: scan.Known(g.Uploads), CustomRoleMembers: known(w.customRoleMembers(g)), Invitations: scan.Known(g.Invitations),
		AccessRequests: scan.Known(g.AccessRequests), Integrations: scan.Known(g.Integrations), PushRules: scan.Known(g.PushRules),
		AccessTokens: scan.Known(g.AccessTokens), ServiceAccounts: scan.Known(g.ServiceAccounts), Clusters: scan.Known(g.Clusters), SCIM: scan.Known(g.SCIM),
		CustomRoles: scan.Known(g.CustomRoles), IPRestricted: scan.Known(g.IPRanges != ""), MembershipLock: scan.Known(g.MembershipLock),
		MinutesLimit: scan.Known(g.MinutesLimit > 0), ApprovalSettings: scan.Known(g.ApprovalSettings), ApprovalRules: scan.Known(g.ApprovalRules),
		ProtectedBranches: scan.Known(g.ProtectedBranches), ProtectedEnvironments: scan.Known(g.ProtectedEnvironments),
		SSHCertificates: scan.Known(g.SSHCertificates), EnterpriseUsers: scan.Known(g.EnterpriseUsers), CommentTemplates: scan.Known(g.CommentTemplates),
		SecretsManager: scan.Known(g.SecretsManager), ConfiguredItems: scan.Known(g.ConfiguredItems),
		ProxyImages: scan.Known(g.ProxyImages), EpicBoards: scan.Known(g.EpicBoards), Iterations: scan.Known(g.Iterations), Cadences: scan.Known(g.Cadences),
		AuditStreams: scan.Known(g.AuditStreams), Frameworks: scan.Known(g.Frameworks), PolicyProject: scan.Known(g.PolicyProject != 0),
		SecurityCategories: scan.Known(g.SecurityCategories), CustomFields: scan.Known(g.CustomFields), Lifecycles: scan.Known(g.Lifecycles),
		WorkItemTypes: scan.Known(g.WorkItemTypes), WorkItems: scan.Known(g.WorkItems), ValueStreams: scan.Known(g.ValueStreams), Contacts: scan.Known(g.Contacts),
		PackageSettings: scan.Known(g.PackageSettings), VirtualRegistries: scan.Known(g.VirtualRegistries), CustomEmoji: scan.Known(g.CustomEmoji),
		LDAPLinks: scan.Known(g.LDAPLinks), SAMLLinks: scan.Known(g.SAMLLinks), FileTemplates: scan.Known(g.FileTemplateProject != 0), Duo: scan.Known(g.Duo),
		Labels: scan.Known(g.Labels), Epics: scan.Known(g.Epics), Variables: scan.Listed(variablesTruth(w.GroupVariables(g))),
		Members: known(len(w.GroupMembers(g))), Milestones: scan.Known(g.Milestones), Boards: scan.Known(g.Boards), Badges: scan.Known(g.Badges),
		Webhooks: scan.Listed(webhooksTruth(w.GroupWebhooks(g))), DeployTokens: known(len(w.GroupDeployTokens(g))), SharedWith: known(len(g.SharedWith)),
	}
}

// UserTruth is the account with this id, nil if there is none.
func (w *World) UserTruth(id int64) *scan.User {
	u, ok := w.User(id)
	if !ok {
		return nil
	}
	ghost, bot := int64(0), u.Issues
	if u.Kind == scan.KindGhost {
		ghost, bot = bot, ghost
	}
	identities := make([]scan.Identity, 0, len(u.Identities))
	for _, x := range u.Identities {
		identities = append(identities, scan.Identity{Provider: x.Provider})
	}
	return &scan.User{
		ID: u.ID, Username: u.Username, Name: u.Name, WebURL: u.WebURL,
		State: scan.Known(u.State), Kind: scan.Known(u.Kind), Email: scan.Known(u.Email), PublicEmail: scan.Known(u.PublicEmail),
		Identities: scan.Listed(identities), Admin: scan.Known(u.Admin), External: scan.Known(u.External), TwoFactor: scan.Known(u.TwoFactor),
		Confirmed: scan.Known(u.Confirmed), Avatar: scan.Known(u.Avatar), CreatedAt: scan.Known(u.CreatedAt), LastActivity: scan.Known(u.LastActivity),
		SecondaryEmails: scan.Known(orEmpty(u.SecondaryEmails)), Status: scan.Known(u.Status != ""), AccessTokens: known(len(w.accessTokens.of(u.index))),
		SSHKeys: scan.Known(u.SSHKeys), GPGKeys: scan.Known(u.GPGKeys), ImpersonationTokens: scan.Known(u.Impersonations),
		GhostIssues: scan.Known(ghost), BotIssues: scan.Known(bot),
		Auditor: scan.Known(u.Auditor), SCIMIdentities: scan.Known(u.SCIMIdentities), MinutesLimit: scan.Known(u.MinutesLimit > 0),
		CustomAttributes: known(len(u.CustomAttributes)),
	}
}

// ProjectTruth is the project with this id, nil if there is none.
func (w *World) ProjectTruth(id int64) *scan.Project {
	p, ok := w.Project(id)
	if !ok {
		return nil
	}
	_, ci := w.CIFile(p)
	lies := w.RepoFiles(p)
	t := &scan.Project{
		ID: p.ID, Path: p.FullPath, Name: p.Name, WebURL: p.WebURL, GroupID: p.NamespaceID, Personal: scan.Known(p.Personal),
		Visibility: scan.Known(p.Visibility), Archived: scan.Known(p.Archived), PendingDeletion: scan.Known(p.DeletionOn != ""),
		Empty: scan.Known(p.Empty), DefaultBranch: scan.Known(p.DefaultBranch), CreatedAt: scan.Known(p.CreatedAt), LastActivityAt: scan.Known(p.LastActivityAt),
		Description: scan.Known(p.Description != ""), Avatar: scan.Known(p.Avatar), Topics: scan.Known(orEmpty(p.Topics)), Stars: scan.Known(p.Stars),
		Forks: known(len(p.Forks)), ForkedFrom: scan.Known(scan.ID(p.ForkedFrom)), OpenIssues: scan.Known(p.OpenIssues), SharedWithGroups: known(len(p.SharedWith)),
		CustomAttributes: known(len(p.CustomAttributes)), ComplianceLabels: scan.Known(orEmpty(p.Frameworks)), RepositoryStorage: scan.Known(p.Storage),
		CIConfigPath: scan.Known(p.CIConfigPath), AutoDevOps: scan.Known(p.AutoDevOps), CISettings: scan.Known(orEmpty(p.CISettings)), SharedRunners: scan.Known(p.SharedRunners),
		PullMirror: scan.Known(p.PullMirror), MergeMethod: scan.Known(p.MergeMethod), LFSEnabled: scan.Known(p.LFSEnabled),
		ServiceDesk: scan.Known(p.ServiceDesk), CleanupPolicy: scan.Known(p.CleanupPolicy),

		IssuesAccess: scan.Known(p.Access.Issues), MergeRequestsAccess: scan.Known(p.Access.MergeRequests), RepositoryAccess: scan.Known(p.Access.Repository),
		BuildsAccess: scan.Known(p.Access.Builds), WikiAccess: scan.Known(p.Access.Wiki), SnippetsAccess: scan.Known(p.Access.Snippets),
		RegistryAccess: scan.Known(p.Access.Registry), PagesAccess: scan.Known(p.Access.Pages),

		RepositorySize: scan.Known(p.Sizes.Repository), LFSSize: scan.Known(p.Sizes.LFS), JobArtifactsSize: scan.Known(p.Sizes.JobArtifacts),
		PipelineArtifactsSize: scan.Known(p.Sizes.PipelineArtifacts), PackagesSize: scan.Known(p.Sizes.Packages), RegistrySize: scan.Known(p.Sizes.Registry),
		WikiSize: scan.Known(p.Sizes.Wiki), SnippetsSize: scan.Known(p.Sizes.Snippets), UploadsSize: scan.Known(p.Sizes.Uploads), Commits: scan.Known(p.Commits),

		Issues: scan.Known(p.Issues), MergeRequests: scan.Known(p.MergeRequests), Pipelines: scan.Known(p.Pipelines), Releases: scan.Known(p.Releases),
		Labels: scan.Known(p.Labels), RegistryRepos: scan.Known(p.RegistryRepos), Schedules: scan.Known(p.Schedules), TerraformStates: scan.Known(p.TerraformStates),
		Agents: scan.Known(p.Agents), Vulnerabilities: scan.Known(p.Vulnerabilities.Sum()), Triggers: scan.Known(p.Triggers),
		Variables: scan.Listed(variablesTruth(w.Variables(p))), CIConfigFile: known(len(ci)),
		CILocals: scan.Listed(lies.CILocals), CIMentions: scan.Listed(lies.CIMentions),
		PackageAddresses: scan.Listed(lies.Addresses),
		LFSHosts:         scan.Known(orEmpty(lies.LFSHosts)), Submodules: scan.Listed(lies.Submodules), LFSPatterns: scan.Known(orEmpty(lies.LFSPatterns)),
		CodeOwners: scan.Known(lies.CodeOwners), Owners: scan.Known(lies.Owners), OtherCI: scan.Known(orEmpty(lies.OtherCI)), Templates: scan.Known(lies.Templates), DeployKeys: known(len(w.DeployKeys(p))),
		Workspaces:   known(len(w.workspaces.of(p.index))),
		Aliases:      known(len(w.aliases.of(p.index))),
		PagesDomains: known(len(w.domains.of(p.index))), PagesDeployments: scan.Known(p.PagesDeployments), Snippets: known(len(w.snippets.of(p.index))),

		Branches: scan.Known(p.Branches), Tags: scan.Known(p.Tags), Environments: scan.Known(p.Environments), Members: known(len(w.Members(p))),
		Webhooks: scan.Listed(webhooksTruth(w.Webhooks(p))), DeployTokens: known(len(w.DeployTokens(p))), ProtectedTags: scan.Known(p.ProtectedTags),
	}
	w.featuresTruth(p, t)
	counts := []scan.PackageCount{}
	for _, c := range p.Packages {
		counts = append(counts, scan.PackageCount{Type: c.Type, Count: c.Count})
	}
	slices.SortFunc(counts, func(a, b scan.PackageCount) int { return strings.Compare(a.Type, b.Type) })
	t.Packages = scan.Listed(counts)
	protected := []scan.ProtectedBranch{}
	for _, b := range w.ProtectedBranches(p) {
		protected = append(protected, scan.ProtectedBranch{Name: b.Name, AllowForcePush: b.AllowForcePush, CodeOwnerApproval: b.CodeOwnerApproval})
	}
	t.ProtectedBranches = scan.Listed(protected)
	mirrors := []scan.Mirror{}
	for _, m := range w.Mirrors(p) {
		mirrors = append(mirrors, scan.Mirror{ID: m.ID, Host: m.Host(), Enabled: m.Enabled})
	}
	t.RemoteMirrors = scan.Listed(mirrors)
	active := []scan.Integration{}
	for _, x := range w.Integrations(p) {
		active = append(active, scan.Integration{Slug: x.Slug})
	}
	t.Integrations = scan.Listed(active)
	return t
}

// featuresTruth sets the facts that Features and the further access levels hold.
func (w *World) featuresTruth(p Project, t *scan.Project) {
	off := []string{}
	for _, f := range []struct{ name, level string }{{"analytics", p.Access.Analytics}, {"environments", p.Access.Environments}, {"feature_flags", p.Access.FeatureFlags},
		{"infrastructure", p.Access.Infrastructure}, {"model_experiments", p.Access.Models}, {"model_registry", p.Access.Models}, {"monitor", p.Access.Monitor},
		{"package_registry", p.Access.Packages}, {"releases", p.Access.Releases}, {"requirements", p.Access.Requirements}} {
		if f.level == "disabled" {
			off = append(off, f.name)
		}
	}
	t.FeaturesOff, t.DefaultTexts = scan.Known(off), scan.Known(p.DefaultTexts)
	t.Tasks, t.Incidents, t.TestCases, t.Objectives = scan.Known(p.Tasks), scan.Known(p.Incidents), scan.Known(p.TestCases), scan.Known(p.Objectives)
	t.Milestones, t.Boards, t.ValueStreams = scan.Known(p.Milestones), scan.Known(p.Boards), scan.Known(p.ValueStreams)
	t.CommentTemplates, t.Requirements = scan.Known(p.CommentTemplates), scan.Known(p.Requirements)
	t.Alerts, t.AlertEndpoints = scan.Known(p.Alerts), scan.Known(p.AlertEndpoints)
	t.OnCallSchedules, t.EscalationPolicies = scan.Known(p.OnCallSchedules), scan.Known(p.EscalationPolicies)
	t.MergeTrains, t.JobTokenRestricted = scan.Known(p.MergeTrains), scan.Known(!p.JobTokenOpen)
	t.JobTokenAllowlist, t.Subscriptions = scan.Known(p.JobTokenProjects+p.JobTokenGroups), scan.Known(p.Subscriptions)
	t.CatalogResource, t.RepositorySizeLimit = scan.Known(p.CatalogResource), scan.Known(p.SizeLimit)
	t.SecurityPolicyProject, t.ScanProfiles, t.DASTProfiles = scan.Known(p.PolicyProject), scan.Known(p.ScanProfiles), scan.Known(p.DASTProfiles)
	t.DependencyList, t.TriagedVulnerabilities = scan.Known(p.Dependencies > 0), scan.Known(p.Triaged.Sum())
	t.Sentry, t.ApprovalSettings, t.PushRules = scan.Known(p.Sentry), scan.Known(orEmpty(p.ApprovalSettings)), scan.Known(orEmpty(p.PushRules))
	rules := []scan.ApprovalRule{}
	for _, a := range w.ApprovalRules(p) {
		rules = append(rules, scan.ApprovalRule{ID: a.ID, Type: a.Type, Required: a.Required, Users: len(a.Users), Groups: len(a.Groups)})
	}
	t.ApprovalRules, t.ExternalChecks = scan.Listed(rules), scan.Known(p.ExternalChecks)
	t.ProtectedEnvironments, t.DeployFreezes, t.ResourceGroups = scan.Known(p.ProtectedEnvironments), scan.Known(p.DeployFreezes), scan.Known(p.ResourceGroups)
	t.FeatureFlags, t.UserLists, t.SecureFiles = scan.Known(p.FeatureFlags), scan.Known(p.UserLists), scan.Known(p.SecureFiles)
	t.Badges, t.Invitations, t.AccessRequests = scan.Known(p.Badges), scan.Known(p.Invitations), scan.Known(p.AccessRequests)
	t.AccessTokens, t.Clusters, t.AuditEvents = scan.Known(w.AccessTokens(p)), scan.Known(p.Clusters), scan.Known(w.cfg.Tier.Licensed())
	users, squash := int64(0), int64(0)
	for _, b := range w.ProtectedBranches(p) {
		for _, l := range slices.Concat(b.Push, b.Merge) {
			if l.User != 0 || l.Group != 0 {
				users++
			}
		}
		if b.Squash {
			squash++
		}
	}
	t.BranchUsers, t.BranchSquash, t.SecuritySettings = scan.Known(users), scan.Known(squash), scan.Known(orEmpty(p.SecuritySettings))
	allowed := []scan.Allowed{}
	for _, i := range w.allowedProjects(&p) {
		allowed = append(allowed, scan.Allowed{Path: w.project(i).FullPath})
	}
	for _, i := range w.allowedGroups(&p) {
		allowed = append(allowed, scan.Allowed{Path: w.group(i).FullPath, Group: true})
	}
	t.JobTokenAllowed = scan.Listed(allowed)
	largest := []scan.PipelineJobs{}
	if p.PipelineJobs > 0 {
		largest = append(largest, scan.PipelineJobs{Jobs: p.PipelineJobs})
	}
	t.PipelineJobs = scan.Listed(largest)
	t.Models, t.Experiments, t.SecretsManager = scan.Known(p.Models), scan.Known(p.Experiments), scan.Known(p.SecretsManager)
}

func orEmpty(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

package gitlabsim

import (
	"fmt"
	"maps"
	"slices"

	"readiness/scan"
)

// A sound world is in order: nothing in it breaks a readiness rule, but that an
// instance has an administrator. What Config.Plant names is broken in it on
// purpose, in the first group, project or account, or once for the instance. It
// is a world for an administrator to read: nobody else is a member anywhere.

// plant is how one rule is broken.
type plant struct {
	config   func(*Config) // what is still at its zero is its to set
	instance func(*World, *Instance)
	group    func(*World, *Group)
	project  func(*World, *Project)
	user     func(*World, *User)
	ci       func(*World, *ciConfig)                // lines in the first project's CI/CD configuration
	files    func(*World, *RepoFiles) []plantedFile // of the first project, with what they say
	path     string                                 // of the first project
	list     string                                 // what the first project, group or the instance has one of: see sow
}

func plantProject(f func(*Project)) plant { return plant{project: func(_ *World, p *Project) { f(p) }} }
func plantGroup(f func(*Group)) plant     { return plant{group: func(_ *World, g *Group) { f(g) }} }
func plantUser(f func(*User)) plant       { return plant{user: func(_ *World, u *User) { f(u) }} }
func plantSettings(f func(*Settings)) plant {
	return plant{instance: func(_ *World, in *Instance) { f(&in.Settings) }}
}
func sourceVersion(v string) plant {
	return plant{config: func(c *Config) { c.Version = scan.MustVersion(v) }}
}
func ofProjects(n int) plant { return plant{config: func(c *Config) { c.Projects = n }} }

// plants are by the ids of the readiness rules.
var plants = func() map[string]plant {
	all := maps.Clone(settingPlants)
	maps.Copy(all, ciPlants)
	return all
}()

// settingPlants break a rule by settings, counts and lists.
var settingPlants = map[string]plant{
	"version-direct-transfer-minor-gap":      sourceVersion("19.2.0"),
	"version-file-export-minor-gap":          sourceVersion("19.2.0"),
	"version-destination-older":              sourceVersion("19.6.0"),
	"version-restore-exact-match":            sourceVersion("19.4.0"),
	"geo-version-exact-match":                sourceVersion("19.4.0"),
	"version-below-direct-transfer-floor":    sourceVersion("16.10.0"),
	"version-required-upgrade-stops":         sourceVersion("19.2.0"),
	"version-offline-transfer-prerequisites": sourceVersion("19.2.0"),
	"version-known-import-defects":           sourceVersion("16.9.0"),

	"instance-direct-transfer-disabled":        plantSettings(func(s *Settings) { s.DirectTransfer = false }),
	"instance-file-export-or-import-disabled":  plantSettings(func(s *Settings) { s.ProjectExport = false }),
	"instance-project-creation-no-one":         plantGroup(func(g *Group) { g.ProjectCreation = "noone" }),
	"instance-maintenance-mode-and-freeze":     plantSettings(func(s *Settings) { s.MaintenanceMode = true }),
	"instance-server-and-system-hooks":         {list: "system-hooks"},
	"instance-level-configuration":             {instance: func(w *World, in *Instance) { in.Appearance.Title = "Example Git" }},
	"limits-source-and-destination-throttling": plantSettings(func(s *Settings) { s.Throttle = true }),
	"runners-instance-runners-in-use":          {list: "instance-runners"},
	"runners-reregistration":                   {list: "group-runners"},
	"destination-tier-or-edition-lower":        {}, // the target's plan decides
	"geo-license":                              {config: func(c *Config) { c.Tier = Free }},
	"network-untrusted-certificate":            {}, // Way shows one that is
	"network-private-source-address":           {}, // Way shows one
	"network-plain-http-source":                {config: func(c *Config) { c.ExternalURL = "http://gitlab.example.com" }},

	"size-repository-over-5gib":              plantProject(func(p *Project) { p.Sizes.Repository = 5*gib + 1 }),
	"size-project-export-over-limit":         plantProject(func(p *Project) { p.Sizes.Repository, p.Sizes.Uploads = 4*gib, gib+1 }),
	"size-decompressed-archive":              plantProject(func(p *Project) { p.Sizes.Wiki = 25*gib + 1 }),
	"size-lfs-or-uploads-relation-over-5gib": plantProject(func(p *Project) { p.Sizes.Uploads = 5*gib + 1 }),
	"size-gitlab-com-storage-quota":          plantProject(func(p *Project) { p.Sizes.Repository = 500*gib + 1 }),
	"size-backup-command-not-viable":         plantProject(func(p *Project) { p.Sizes.Repository = 400e9 + 1 }),
	"size-wave-and-project-volume":           plantProject(func(p *Project) { p.Sizes.JobArtifacts = 20e9 + 1 }),
	"size-blob-over-100mib":                  plantProject(func(p *Project) { p.Sizes.Repository, p.LFSEnabled = gib+1, false }),
	"air-gap-late-size-failure":              plantProject(func(p *Project) { p.Sizes.LFS = 5*gib + 1 }),
	"groups-wave-size":                       ofProjects(1000),
	"air-gap-one-by-one-volume":              ofProjects(8640),
	"limits-import-export-rates":             ofProjects(7),
	"limits-gitlab-com-plan-quotas":          plantProject(func(p *Project) { p.Schedules = 51 }),
	"limits-timeouts":                        plantProject(func(p *Project) { p.MergeRequests = 3571 }),
	"projects-many-refs-or-commits":          plantProject(func(p *Project) { p.Commits = 50_001 }),
	"projects-many-issues-or-merge-requests": plantProject(func(p *Project) { p.Issues = 1001 }),
	"projects-many-pipelines":                plantProject(func(p *Project) { p.Pipelines = 1501 }),

	"groups-shared-with-groups":          {project: func(w *World, p *Project) { p.SharedWith = []int64{w.groupID((p.group + 1) % w.groups)} }},
	"groups-directory-links":             plantGroup(func(g *Group) { g.LDAPLinks = 1 }),
	"groups-settings-not-carried":        {list: "group-webhooks"},
	"scope-offline-transfer-omissions":   plantGroup(func(g *Group) { g.Badges = 1 }),
	"naming-reserved-words":              {path: "wikis"},
	"naming-invalid-or-normalised-paths": {path: "_checkout"},

	"registry-images-not-carried":           plantProject(func(p *Project) { p.RegistryRepos = 1 }),
	"registry-blocks-restructuring":         plantProject(func(p *Project) { p.RegistryRepos = 1 }),
	"packages-not-carried":                  plantProject(func(p *Project) { p.Packages = []PackageCount{{"npm", 1}} }),
	"packages-unsupported-by-congregate":    plantProject(func(p *Project) { p.Packages = []PackageCount{{"nuget", 1}} }),
	"ci-variables-not-carried":              {list: "project-variables"},
	"ci-variables-hidden":                   {list: "project-variables"},
	"ci-schedules-and-triggers":             plantProject(func(p *Project) { p.Triggers = 1 }),
	"ci-artifacts-logs-and-child-pipelines": plantProject(func(p *Project) { p.Sizes.JobArtifacts = 1 }),
	"ci-external-config-path":               plantProject(func(p *Project) { p.CIConfigPath = "main.yml@tools/ci" }),
	"ci-instance-runner-mismatch":           plantProject(func(p *Project) { p.SharedRunners = true }),
	"ci-secure-files-and-terraform-states":  plantProject(func(p *Project) { p.TerraformStates = 1 }),
	"ci-environments-and-feature-flags":     plantProject(func(p *Project) { p.Environments = 1 }),
	"lfs-objects-need-verification":         plantProject(func(p *Project) { p.Sizes.LFS = 1 }),
	"projects-archived":                     plantProject(func(p *Project) { p.Archived = true }),
	"projects-mirrors":                      plantProject(func(p *Project) { p.PullMirror = true }),
	"projects-forks":                        {project: func(w *World, p *Project) { p.ForkedFrom = w.projectID(1) }},
	"projects-pages-sites":                  plantProject(func(p *Project) { p.PagesDeployments = 1 }),
	"projects-vulnerability-state":          plantProject(func(p *Project) { p.Vulnerabilities.High, p.Triaged.High = 1, 1 }),
	"projects-snippets-disabled":            plantProject(func(p *Project) { p.Access.Snippets, p.Sizes.Snippets = "disabled", 1 }),
	"projects-in-personal-namespaces":       {}, // New places one
	"projects-pending-deletion":             {project: func(w *World, p *Project) { p.DeletionOn = w.day(w.ago(1)) }},
	"projects-stale-or-empty":               {project: func(w *World, p *Project) { p.LastActivityAt = w.ago(366) }},
	"projects-minor-features":               plantProject(func(p *Project) { p.ServiceDesk = true }),
	"projects-links-and-dependencies":       plantProject(func(p *Project) { p.Issues = 1 }),
	"visibility-internal":                   plantProject(func(p *Project) { p.Visibility = "internal" }),
	"visibility-public-exposure":            plantProject(func(p *Project) { p.Visibility = "public" }),

	"security-custom-roles":                   {instance: func(_ *World, in *Instance) { in.CustomRoles = 1 }},
	"security-push-rules":                     plantGroup(func(g *Group) { g.PushRules = true }),
	"security-approval-rules":                 {list: "approval-rules"},
	"ci-project-settings-not-carried":         plantProject(func(p *Project) { p.CISettings = []string{"build_timeout"} }),
	"security-deploy-keys":                    {list: "deploy-keys"},
	"security-deploy-and-access-tokens":       {list: "deploy-tokens"},
	"security-policies-and-compliance":        plantProject(func(p *Project) { p.Frameworks = []string{"SOX"} }),
	"security-protected-branches-and-tags":    plantProject(func(p *Project) { p.ProtectedTags = 1 }),
	"integrations-active":                     {list: "integrations"},
	"integrations-external-ci":                {list: "integrations"},
	"integrations-webhooks-not-carried":       {list: "project-webhooks"},
	"integrations-webhooks-to-internal-hosts": {list: "project-webhooks"},
	"integrations-kubernetes":                 plantProject(func(p *Project) { p.Agents = 1 }),

	"users-public-email-missing":      plantUser(func(u *User) { u.PublicEmail = "" }),
	"users-unconfirmed-email":         plantUser(func(u *User) { u.Confirmed = false }),
	"users-ldap-identities":           plantUser(func(u *User) { u.Identities = []Identity{{"ldapmain", "uid=" + u.Username}} }),
	"users-bots-and-service-accounts": {}, // userKind makes one
	"users-inactive-and-departed":     {}, // userState bans one
	"users-personal-credentials":      plantUser(func(u *User) { u.TwoFactor = true }),
	"users-foreign-email-domain":      plantUser(func(u *User) { u.Email = u.Username + "@contractor.example" }),
	"users-seats":                     {},              // the target's seats decide
	"users-placeholder-limit":         ofProjects(402), // and half as many users
	"users-identity-collisions":       {user: func(w *World, u *User) { u.Email = w.username(u.index+1) + "@example.com" }},
	"air-gap-congregate-carries-less": {list: "deploy-keys"},
	"destination-gitlab-com-gaps":     {list: "instance-variables"},
	"destination-dedicated-gaps":      plantProject(func(p *Project) { p.ServiceDesk = true }),
	"users-admins-and-special-roles":  plantUser(func(u *User) { u.External = true }),
}

// Plants lists the readiness rules that Config.Plant can break, sorted.
func Plants() []string { return slices.Sorted(maps.Keys(plants)) }

// sow fills in what a sound world is made with.
func (cfg *Config) sow() error {
	if cfg.Plant == "" && !cfg.Sound {
		return nil
	}
	p, known := plants[cfg.Plant]
	if cfg.Plant != "" && !known {
		return fmt.Errorf("simulate a world: %.60q is no rule that can be planted", cfg.Plant)
	}
	cfg.Sound = true
	if p.config != nil {
		p.config(cfg)
	}
	if cfg.Projects == 0 {
		cfg.Projects = 4
	}
	if cfg.Version.IsZero() {
		cfg.Version = scan.MustVersion("19.5.0")
	}
	return nil
}

// sow is how many things of a kind the i-th owner of a sound world has: one where
// the planted rule asks for it, else none. In other worlds it is some of n.
func (w *World) sow(n, i int, what string) int {
	if !w.cfg.Sound {
		return w.some(n)
	}
	if i == 0 && w.cfg.Plant != "" && plants[w.cfg.Plant].list == what {
		return 1
	}
	return 0
}

// sown is a scatter of nothing in a sound world, or of one item that is planted.
func (w *World) sown(s scatter) scatter {
	if w.cfg.Sound {
		s.block, s.per = s.owners, w.sow(0, 0, s.what)
	}
	return s
}

// planting reports whether the world breaks this rule on purpose.
func (w *World) planting(rule string) bool { return w.cfg.Plant == rule }

func (w *World) soundInstance(in *Instance) {
	if !w.cfg.Sound {
		return
	}
	s := &in.Settings
	s.DirectTransfer, s.OfflineExports, s.Throttle, s.MaxExportSize = true, w.since(19, 3), false, 0
	s.FileTemplateProject, s.AdvancedSearch, s.TokenLifetime = 0, false, 0
	in.Clusters, in.CustomRoles, in.PolicyGroup, in.CodeSearchNodes, in.AuditStreams = 0, 0, 0, 0, 0
	in.Applications, in.BroadcastMessages, in.Appearance, in.FeatureFlags, in.GeoSites = nil, nil, Appearance{}, nil, nil
	if f := plants[w.cfg.Plant].instance; f != nil {
		f(w, in)
	}
}

func (w *World) soundGroup(g *Group) {
	if !w.cfg.Sound {
		return
	}
	g.Visibility, g.ProjectCreation, g.DeletionOn = "private", "maintainer", ""
	g.FileTemplateProject, g.Duo, g.PolicyProject, g.PackageSettings = 0, false, 0, false
	g.PushRules, g.MembershipLock, g.ApprovalSettings, g.SecretsManager, g.IPRanges, g.MinutesLimit = false, false, false, false, "", 0
	g.SCIM, g.CustomRoles, g.SSHCertificates, g.EnterpriseUsers = 0, 0, 0, 0
	if f := plants[w.cfg.Plant].group; f != nil && g.index == 0 {
		f(w, g)
	}
}

func (w *World) soundProject(p *Project) {
	if !w.cfg.Sound {
		return
	}
	// What identifies a project and where it lies stays; all else is in order.
	*p = Project{ID: p.ID, Name: p.Name, Path: p.Path, FullName: p.FullName, FullPath: p.FullPath, WebURL: p.WebURL, NamespaceID: p.NamespaceID,
		Personal: p.Personal, OwnerID: p.OwnerID, CreatorID: p.CreatorID, Visibility: "private", DefaultBranch: "main",
		CreatedAt: p.CreatedAt, LastActivityAt: w.ago(1), Storage: "default", MergeMethod: "merge", LFSEnabled: true,
		Access: FeatureAccess{Issues: "enabled", MergeRequests: "enabled", Repository: "enabled", Builds: "enabled", Wiki: "enabled", Snippets: "enabled",
			Registry: "enabled", Pages: "private", Releases: "enabled", Environments: "enabled", FeatureFlags: "enabled", Packages: "enabled",
			Analytics: "enabled", Infrastructure: "enabled", Monitor: "enabled", Models: "enabled", Requirements: "enabled", Security: "private"},
		Sizes: Sizes{Repository: 1 << 20}, Commits: 10, Branches: 1, index: p.index, group: p.group, owner: p.owner}
	if f := plants[w.cfg.Plant].project; f != nil && p.index == 0 {
		f(w, p)
	}
}

func (w *World) soundUser(u *User) {
	if !w.cfg.Sound || u.Kind != scan.KindHuman {
		return
	}
	u.Email = u.Username + "@example.com"
	u.Confirmed, u.PublicEmail, u.Identities = true, u.Email, nil
	u.Admin, u.Auditor, u.External, u.TwoFactor = u.index == userRoot, false, false, false
	u.SCIMIdentities, u.MinutesLimit = 0, 0
	u.SSHKeys, u.GPGKeys, u.Impersonations, u.Status, u.SecondaryEmails = 0, 0, 0, "", nil
	if f := plants[w.cfg.Plant].user; f != nil && u.index == firstOrdinaryUser {
		f(w, u)
	}
}

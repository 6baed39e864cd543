package scan

import "time"

// Project is one project of the source. What identifies it is plain and always
// there; all else is a fact. The tags name the facts' catalogue entries.
type Project struct {
	ID      int64  `json:"id"`
	Path    string `json:"path"` // full path with namespace
	Name    string `json:"name"`
	WebURL  string `json:"web_url"`
	GroupID int64  `json:"group_id"` // id of the namespace: a group's, or the owner's personal namespace
	// Access is the caller's access level as the listing told it, the project's
	// own or its group's, whichever is higher: 10 Guest, 20 Reporter, 30
	// Developer, 40 Maintainer, 50 Owner; 0: none, or not told. A source needs it
	// to tell an empty answer from a withheld one.
	Access int64 `json:"access"`

	// From the listing of projects.
	Visibility        Fact[string]    `fact:"project.visibility"`
	Personal          Fact[bool]      `fact:"project.personal-namespace-project"` // lies in a user's namespace, not in a group
	Archived          Fact[bool]      `fact:"project.archived-state"`
	PendingDeletion   Fact[bool]      `fact:"project.pending-deletion"`
	Empty             Fact[bool]      `fact:"project.empty-repository"`
	DefaultBranch     Fact[string]    `fact:"project.default-branch"`
	CreatedAt         Fact[time.Time] `fact:"project.created-at"`
	LastActivityAt    Fact[time.Time] `fact:"project.last-activity-at"`
	Description       Fact[bool]      `fact:"project.description"`
	Avatar            Fact[bool]      `fact:"project.avatar"`
	Topics            Fact[[]string]  `fact:"project.topics"`
	Stars             Fact[int64]     `fact:"project.stars"`
	Forks             Fact[int64]     `fact:"project.forks"`
	ForkedFrom        Fact[ID]        `fact:"project.fork-relationship"` // id of the upstream project; 0: not a fork
	OpenIssues        Fact[int64]     `fact:"project.open-issues"`
	SharedWithGroups  Fact[int64]     `fact:"project.shared-with-groups"`
	CustomAttributes  Fact[int64]     `fact:"project.custom-attributes"`
	ComplianceLabels  Fact[[]string]  `fact:"project.compliance-label"`
	RepositoryStorage Fact[string]    `fact:"project.repository-storage"`
	CIConfigPath      Fact[string]    `fact:"project.ci-config-path"` // "": the default .gitlab-ci.yml
	AutoDevOps        Fact[bool]      `fact:"project.auto-devops"`
	CISettings        Fact[[]string]  `fact:"project.cicd-settings"` // GitLab's names of those that differ from a new project's
	SharedRunners     Fact[bool]      `fact:"project.shared-runner-setting"`
	PullMirror        Fact[bool]      `fact:"project.pull-mirroring"`
	MergeMethod       Fact[string]    `fact:"project.merge-method"`
	LFSEnabled        Fact[bool]      `fact:"project.lfs-setting"`
	ServiceDesk       Fact[bool]      `fact:"project.service-desk"`
	CleanupPolicy     Fact[bool]      `fact:"project.container-expiration-policy"`

	// Access levels of features: disabled, private, enabled, public.
	IssuesAccess        Fact[string] `fact:"project.issues-access"`
	MergeRequestsAccess Fact[string] `fact:"project.merge-requests-access"`
	RepositoryAccess    Fact[string] `fact:"project.repository-access"`
	BuildsAccess        Fact[string] `fact:"project.builds-access"`
	WikiAccess          Fact[string] `fact:"project.wiki-access"`
	SnippetsAccess      Fact[string] `fact:"project.snippets-access"`
	RegistryAccess      Fact[string] `fact:"project.container-registry-access"`
	PagesAccess         Fact[string] `fact:"project.pages-settings"`
	// FeaturesOff are the features without an access level above that are switched
	// off, by GitLab's names: monitor, environments, feature_flags …
	FeaturesOff Fact[[]string] `fact:"project.features-off"`
	// DefaultTexts: new issues or merge requests begin with a text of the project.
	DefaultTexts Fact[bool] `fact:"project.default-description-templates"`

	// Sizes in bytes, from the listing's statistics.
	RepositorySize        Fact[int64] `fact:"project.repository-size"`
	LFSSize               Fact[int64] `fact:"project.lfs-objects-size"`
	JobArtifactsSize      Fact[int64] `fact:"project.job-artifacts-size"`
	PipelineArtifactsSize Fact[int64] `fact:"project.pipeline-artifacts-size"`
	PackagesSize          Fact[int64] `fact:"project.packages-size"`
	RegistrySize          Fact[int64] `fact:"project.container-registry-size"`
	WikiSize              Fact[int64] `fact:"project.wiki-size"`
	SnippetsSize          Fact[int64] `fact:"project.snippets-size"`
	UploadsSize           Fact[int64] `fact:"project.uploads-size"`
	Commits               Fact[int64] `fact:"project.commits"`

	// From wide pages and instance-wide lists.
	Issues            Fact[int64]              `fact:"project.issues"`
	MergeRequests     Fact[int64]              `fact:"project.merge-requests"`
	Pipelines         Fact[int64]              `fact:"project.pipelines"`
	Releases          Fact[int64]              `fact:"project.releases"`
	Labels            Fact[int64]              `fact:"project.labels"`
	Packages          Listing[PackageCount]    `fact:"project.package-registry"`
	RegistryRepos     Fact[int64]              `fact:"project.container-registry"`
	Schedules         Fact[int64]              `fact:"project.pipeline-schedules"`
	TerraformStates   Fact[int64]              `fact:"project.terraform-states"`
	Agents            Fact[int64]              `fact:"project.agents"`
	Vulnerabilities   Fact[int64]              `fact:"project.vulnerabilities"`
	Triggers          Fact[int64]              `fact:"project.pipeline-triggers"`
	Variables         Listing[Variable]        `fact:"project.cicd-variables"`
	ProtectedBranches Listing[ProtectedBranch] `fact:"project.protected-branches"`
	CIConfigFile      Fact[int64]              `fact:"project.ci-config-file"`    // its size in bytes; 0: there is none
	CILocals          Listing[CIFile]          `fact:"project.ci-local-files"`    // what it includes of the same repository
	CIMentions        Listing[CIMention]       `fact:"project.ci-mentions"`       // what it says that a migration may touch
	PackageAddresses  Listing[PackageAddress]  `fact:"project.package-addresses"` // what settings of package managers name of the source
	LFSHosts          Fact[[]string]           `fact:"project.lfs-config-hosts"`  // hosts that .lfsconfig sends Git LFS to
	Submodules        Listing[Submodule]       `fact:"project.submodules"`
	LFSPatterns       Fact[[]string]           `fact:"project.lfs-patterns"`          // of .gitattributes
	CodeOwners        Fact[int64]              `fact:"project.codeowners"`            // the file's size in bytes; 0: there is none
	Owners            Fact[int64]              `fact:"project.codeowners-entries"`    // different users, groups, roles and e-mail addresses in it
	OtherCI           Fact[[]string]           `fact:"project.other-ci-files"`        // paths
	Templates         Fact[int64]              `fact:"project.description-templates"` // for issues and merge requests, in the repository
	DeployKeys        Fact[int64]              `fact:"project.deploy-keys"`
	Aliases           Fact[int64]              `fact:"project.aliases"`
	Workspaces        Fact[int64]              `fact:"project.workspaces"`
	PagesDomains      Fact[int64]              `fact:"project.pages-domains"`
	PagesDeployments  Fact[int64]              `fact:"project.pages-content"`
	Snippets          Fact[int64]              `fact:"project.snippets"`

	// From a second wide page: what people plan and are called with, and settings
	// that no listing carries.
	Tasks                  Fact[int64] `fact:"project.tasks"` // among Issues, like the next three
	Incidents              Fact[int64] `fact:"project.incidents"`
	TestCases              Fact[int64] `fact:"project.test-cases"`
	Objectives             Fact[int64] `fact:"project.okrs"`
	Milestones             Fact[int64] `fact:"project.milestones"`
	Boards                 Fact[int64] `fact:"project.boards"`
	ValueStreams           Fact[int64] `fact:"project.value-streams"` // not the one that every project has
	CommentTemplates       Fact[int64] `fact:"project.comment-templates"`
	Requirements           Fact[int64] `fact:"project.requirements"`
	Alerts                 Fact[int64] `fact:"project.alerts"`
	AlertEndpoints         Fact[int64] `fact:"project.alert-integrations"`
	OnCallSchedules        Fact[int64] `fact:"project.oncall-schedules"`
	EscalationPolicies     Fact[int64] `fact:"project.escalation-policies"`
	MergeTrains            Fact[bool]  `fact:"project.merge-trains"`
	JobTokenRestricted     Fact[bool]  `fact:"project.job-token-restricted"`   // false: job tokens of every project may come in
	JobTokenAllowlist      Fact[int64] `fact:"project.job-token-allowlist"`    // besides the project itself
	Subscriptions          Fact[int64] `fact:"project.pipeline-subscriptions"` // to pipelines of other projects
	CatalogResource        Fact[bool]  `fact:"project.catalog-resource"`
	RepositorySizeLimit    Fact[int64] `fact:"project.repository-size-limit"` // its own, its group's or the instance's; 0: none
	SecurityPolicyProject  Fact[bool]  `fact:"project.security-policy-link"`
	ScanProfiles           Fact[int64] `fact:"project.security-scan-profiles"`
	DASTProfiles           Fact[int64] `fact:"project.dast-profiles"`
	DependencyList         Fact[bool]  `fact:"project.dependency-list"`
	TriagedVulnerabilities Fact[int64] `fact:"project.triaged-vulnerabilities"`
	Sentry                 Fact[bool]  `fact:"project.error-tracking-settings"`

	// From calls per project.
	Branches      Fact[int64]          `fact:"project.branches"`
	Tags          Fact[int64]          `fact:"project.git-tags"`
	Environments  Fact[int64]          `fact:"project.environments"`
	Members       Fact[int64]          `fact:"project.members"` // direct members only
	Webhooks      Listing[Webhook]     `fact:"project.webhooks"`
	DeployTokens  Fact[int64]          `fact:"project.deploy-tokens"`
	RemoteMirrors Listing[Mirror]      `fact:"project.remote-mirrors"`
	ProtectedTags Fact[int64]          `fact:"project.protected-tags"`
	Integrations  Listing[Integration] `fact:"project.integrations"`

	ApprovalRules         Listing[ApprovalRule] `fact:"project.approval-rules"`
	ApprovalSettings      Fact[[]string]        `fact:"project.approval-settings"` // GitLab's names of those that differ from a new project's
	PushRules             Fact[[]string]        `fact:"project.push-rules"`        // GitLab's names of those that are set
	ExternalChecks        Fact[int64]           `fact:"project.external-status-checks"`
	ProtectedEnvironments Fact[int64]           `fact:"project.protected-environments"`
	FeatureFlags          Fact[int64]           `fact:"project.feature-flags"`
	UserLists             Fact[int64]           `fact:"project.feature-flag-user-lists"`
	SecureFiles           Fact[int64]           `fact:"project.secure-files"`
	DeployFreezes         Fact[int64]           `fact:"project.deploy-freezes"`
	ResourceGroups        Fact[int64]           `fact:"project.resource-groups"`
	Badges                Fact[int64]           `fact:"project.badges"` // its own, not those of its groups
	Invitations           Fact[int64]           `fact:"project.pending-invitations"`
	AccessRequests        Fact[int64]           `fact:"project.access-requests"`
	AccessTokens          Fact[int64]           `fact:"project.access-tokens"` // that are active
	Clusters              Fact[int64]           `fact:"project.clusters"`
	AuditEvents           Fact[bool]            `fact:"project.audit-events"`
	Models                Fact[int64]           `fact:"project.model-registry"`
	Experiments           Fact[int64]           `fact:"project.ml-experiments"`
	SecretsManager        Fact[bool]            `fact:"project.secrets-manager"`
	BranchUsers           Fact[int64]           `fact:"project.protected-branch-users"` // users and groups named in protections, each where it is
	BranchSquash          Fact[int64]           `fact:"project.branch-rule-squash"`     // rules for single branches with one
	SecuritySettings      Fact[[]string]        `fact:"project.security-settings"`      // GitLab's names of those that differ from a new project's
	// JobTokenAllowed are the projects and groups of JobTokenAllowlist.
	JobTokenAllowed Listing[Allowed] `fact:"project.job-token-allowed"`
	// PipelineJobs is of the largest of the ten latest pipelines; empty: there is none.
	PipelineJobs Listing[PipelineJobs] `fact:"project.pipeline-jobs"`
}

// PipelineJobs is how many jobs a pipeline has. GitLab counts them no further than
// to 1,001, which stands for more: then the list is cut.
type PipelineJobs struct {
	Jobs int64 `json:"jobs"`           // each once, however often it was retried; of a list that was cut, at least
	Most int64 `json:"most,omitempty"` // of a list that was cut: with all that were retried, the most there can be; 0: not told
}

// amount is the number of jobs.
func (p PipelineJobs) amount() int64 { return p.Jobs }

// Allowed is an entry of a project's allowlist of job tokens: whose jobs may come in.
type Allowed struct {
	Path  string `json:"path"`            // full path
	Group bool   `json:"group,omitempty"` // all projects of a group
}

// PackageCount is how many packages of one type a project holds.
type PackageCount struct {
	Type  string `json:"type"` // GitLab's package type in lower case: maven, npm, generic …
	Count int64  `json:"count"`
}

// amount is the number of packages.
func (p PackageCount) amount() int64 { return p.Count }

// Kind is the packages' type.
func (p PackageCount) Kind() string { return p.Type }

// ID is GitLab's number for something else; 0: there is none. As an amount it
// counts 1.
type ID int64

// Variable is a CI/CD variable without its value, which is never asked for.
type Variable struct {
	Key         string `json:"key"`
	Type        string `json:"type"` // env_var or file
	Environment string `json:"environment"`
	Protected   bool   `json:"protected"`
	Masked      bool   `json:"masked"`
	Hidden      bool   `json:"hidden"` // masked and hidden (17.4): nobody can read the value again
	Raw         bool   `json:"raw"`
}

// ProtectedBranch is a protected branch name or wildcard.
type ProtectedBranch struct {
	Name              string `json:"name"`
	AllowForcePush    bool   `json:"allow_force_push"`
	CodeOwnerApproval bool   `json:"code_owner_approval"`
}

// ApprovalRule says who has to approve merge requests.
type ApprovalRule struct {
	ID       int64  `json:"id"`
	Type     string `json:"type"`     // GitLab's rule type: any_approver, regular, code_owner, report_approver
	Required int64  `json:"required"` // approvals
	Users    int    `json:"users"`    // named
	Groups   int    `json:"groups"`   // named
}

// CIFile is a file that a CI/CD configuration includes from its own repository,
// directly or by way of another one.
type CIFile struct {
	Path    string `json:"path"`
	Size    int64  `json:"size"`              // in bytes
	Missing bool   `json:"missing,omitempty"` // there is none: no pipeline runs
}

// Submodule is a git submodule, of whose URL neither credentials nor query are kept.
type Submodule struct {
	Path     string `json:"path"`           // where it lies in the repository
	Host     string `json:"host,omitempty"` // "": it lies on the same host, or on a disk
	Target   string `json:"target"`         // the path of the other repository, without .git
	Relative bool   `json:"relative"`       // to the repository's own address
}

// PackageAddress is a place in the settings of a package manager that ties packages
// to the source. Nothing else of the line is kept.
type PackageAddress struct {
	File  string      `json:"file"` // path in the repository
	Line  int         `json:"line"` // from 1
	Kind  AddressKind `json:"kind"`
	Value string      `json:"value"`
}

// AddressKind is what a PackageAddress names.
type AddressKind string

// The kinds of addresses and their values.
const (
	AddressHost     AddressKind = "host"     // host of the instance
	AddressEndpoint AddressKind = "endpoint" // projects/42/packages/npm, or the same of a group: the number changes
	AddressScope    AddressKind = "scope"    // @acme: an npm scope, which has to be a top-level group's path
)

// Webhook is a webhook without its URL's path and query and without its token:
// both may hold secrets.
type Webhook struct {
	ID        int64  `json:"id"`
	Host      string `json:"host"` // host and port the hook calls
	VerifyTLS bool   `json:"verify_tls"`
}

// Mirror is a push mirror, of whose URL only the host is kept.
type Mirror struct {
	ID      int64  `json:"id"`
	Host    string `json:"host"`
	Enabled bool   `json:"enabled"`
}

// Integration is an integration switched on for a project.
type Integration struct {
	Slug string `json:"slug"`
}

package scan

// Instance is the source as a whole: what it runs, who is asking, its settings
// that decide a migration, and what exists once per instance.
type Instance struct {
	URL string `json:"url"` // as the scan was told, without a trailing slash

	// What it runs.
	Version     Fact[Version] `fact:"instance.version"`
	Enterprise  Fact[bool]    `fact:"instance.enterprise"` // EE code, whatever the licence
	Plan        Fact[string]  `fact:"instance.license"`    // starter, premium, ultimate; "": none loaded
	Seats       Fact[int64]   `fact:"instance.license-seats"`
	SeatsUsed   Fact[int64]   `fact:"instance.license-seats-used"`
	LicenseEnds Fact[string]  `fact:"instance.license-ends"` // YYYY-MM-DD; "": never
	GraphQL     Fact[bool]    `fact:"instance.graphql"`
	// RegistryHost is the container registry's host, with a port if it has one of
	// its own; "": the instance has no registry.
	RegistryHost Fact[string] `fact:"instance.registry-host"`

	// OwnHost is the host of the address by which the instance calls itself, which
	// files and people name, also where it is reached by another; with a port if it
	// has one of its own.
	OwnHost Fact[string] `fact:"instance.own-host"`

	// How it is reached: see Way.
	NetworkAddress  Fact[string] `fact:"instance.address"`
	Certificate     Fact[string] `fact:"instance.certificate"`
	CertificateEnds Fact[string] `fact:"instance.certificate-ends"`

	// Who is asking.
	Caller      Fact[string] `fact:"caller.username"`
	CallerAdmin Fact[bool]   `fact:"caller.administrator"` // administrator endpoints answered
	// WholeScope is that no group or project of the scope is hidden from the
	// caller. GitLab hides without a word, so it is true or not known.
	WholeScope    Fact[bool]     `fact:"caller.whole-scope"`
	TokenScopes   Fact[[]string] `fact:"caller.token-scopes"`
	TokenExpires  Fact[string]   `fact:"caller.token-expires"` // YYYY-MM-DD; "": never
	TokenPersonal Fact[bool]     `fact:"caller.token-personal"`

	// Settings that decide a migration.
	DirectTransfer       Fact[bool]     `fact:"instance.bulk-import-enabled"`
	ProjectExport        Fact[bool]     `fact:"instance.project-export-enabled"`
	ImportSources        Fact[[]string] `fact:"instance.import-sources"`
	ProjectCreation      Fact[int64]    `fact:"instance.default-project-creation"` // 0: no one
	MaxExportSize        Fact[int64]    `fact:"instance.max-export-size"`          // bytes; 0: unlimited
	MaintenanceMode      Fact[bool]     `fact:"instance.maintenance-mode"`
	RepositoryStorages   Fact[[]string] `fact:"instance.repository-storages"`
	OfflineExports       Fact[bool]     `fact:"instance.offline-transfer-exports-enabled"`
	APIThrottle          Fact[bool]     `fact:"instance.api-throttle"`
	APIThrottlePerMinute Fact[int64]    `fact:"instance.api-throttle-per-minute"`
	FileTemplateProject  Fact[bool]     `fact:"instance.file-templates"`
	AdvancedSearch       Fact[bool]     `fact:"instance.advanced-search"`
	ProjectExportLimit   Fact[int64]    `fact:"instance.project-export-limit"`   // a minute and user; 0: none
	ProjectDownloadLimit Fact[int64]    `fact:"instance.project-download-limit"` // a minute and project; 0: none
	GroupExportLimit     Fact[int64]    `fact:"instance.group-export-limit"`     // a minute and user; 0: none
	RelationBatches      Fact[int64]    `fact:"instance.relation-export-batches"`
	TokenLifetime        Fact[int64]    `fact:"instance.token-lifetime"`       // in days, the most that an access token may live; 0: no limit was set
	ApplicationSettings  Fact[bool]     `fact:"instance.application-settings"` // could be read

	// What the instance counts itself; approximate (GitLab estimates large tables).
	CountedProjects Fact[int64] `fact:"instance.counted-projects"`
	CountedGroups   Fact[int64] `fact:"instance.counted-groups"`
	CountedUsers    Fact[int64] `fact:"instance.counted-users"`

	// What exists once per instance.
	SystemHooks       Fact[int64]       `fact:"instance.system-hooks"`
	Applications      Fact[int64]       `fact:"instance.oauth-applications"`
	FeatureFlags      Fact[[]string]    `fact:"instance.feature-flags"` // names of flags that were set
	Variables         Listing[Variable] `fact:"instance.cicd-variables"`
	Runners           Fact[int64]       `fact:"instance.runners"` // of type instance
	GroupRunners      Fact[int64]       `fact:"instance.group-runners"`
	ProjectRunners    Fact[int64]       `fact:"instance.project-runners"`
	RunnerTags        Listing[Runner]   `fact:"instance.runner-tags"` // runners of every type
	BroadcastMessages Fact[int64]       `fact:"instance.broadcast-messages"`
	Topics            Fact[int64]       `fact:"instance.project-topics"`
	Appearance        Fact[bool]        `fact:"instance.appearance"` // a title, logo or message was set
	PublicDeployKeys  Fact[int64]       `fact:"instance.deploy-keys"`
	DeployTokens      Fact[int64]       `fact:"instance.deploy-tokens"`
	PagesDomains      Fact[int64]       `fact:"instance.pages-domains"`
	PersonalSnippets  Fact[int64]       `fact:"instance.snippets"`
	GeoSites          Fact[int64]       `fact:"instance.geo-sites"`
	Clusters          Fact[int64]       `fact:"instance.clusters"`
	AuditEvents       Fact[bool]        `fact:"instance.audit-events"` // there are some
	CustomRoles       Fact[int64]       `fact:"instance.custom-roles"`
	PolicyGroup       Fact[bool]        `fact:"instance.security-policies"` // a group was chosen
	AuditStreams      Fact[int64]       `fact:"instance.audit-streaming"`
	ServiceAccounts   Fact[int64]       `fact:"instance.service-accounts"`
	CodeSearchNodes   Fact[int64]       `fact:"instance.code-search"`
	AccessTokens      Fact[int64]       `fact:"instance.personal-access-tokens"` // active ones
}

// Runner is a runner with what decides which jobs it takes. Its token is never
// asked for.
type Runner struct {
	ID          int64    `json:"id"`
	Type        string   `json:"type"` // instance, group or project
	Tags        []string `json:"tags"` // never nil
	RunUntagged bool     `json:"run_untagged"`
	Paused      bool     `json:"paused"`
	Protected   bool     `json:"protected"` // takes jobs of protected branches and tags alone
}

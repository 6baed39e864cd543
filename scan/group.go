package scan

import "time"

// Group is one group or subgroup of the source.
type Group struct {
	ID       int64  `json:"id"`
	Path     string `json:"path"` // full path
	Name     string `json:"name"`
	WebURL   string `json:"web_url"`
	ParentID int64  `json:"parent_id"` // 0: a top-level group

	// From the listing of groups.
	Visibility       Fact[string]    `fact:"group.visibility"`
	Description      Fact[bool]      `fact:"group.description"`
	Avatar           Fact[bool]      `fact:"group.avatar"`
	CreatedAt        Fact[time.Time] `fact:"group.created-at"`
	PendingDeletion  Fact[bool]      `fact:"group.pending-deletion"`
	ProjectCreation  Fact[string]    `fact:"group.project-creation-level"` // noone, owner, maintainer, developer, administrator
	SubgroupCreation Fact[string]    `fact:"group.subgroup-creation-level"`
	RequireTwoFactor Fact[bool]      `fact:"group.require-two-factor"`
	LFSEnabled       Fact[bool]      `fact:"group.lfs-setting"`
	CustomAttributes Fact[int64]     `fact:"group.custom-attributes"`
	StorageSize      Fact[int64]     `fact:"group.storage-size"` // bytes, direct projects only
	LDAPLinks        Fact[int64]     `fact:"group.ldap-group-links"`
	SAMLLinks        Fact[int64]     `fact:"group.saml-group-links"`
	FileTemplates    Fact[bool]      `fact:"group.file-templates"` // a project of file templates was chosen
	Duo              Fact[bool]      `fact:"group.duo-settings"`

	// From wide pages.
	Labels             Fact[int64]       `fact:"group.labels"`
	Epics              Fact[int64]       `fact:"group.epics"`
	Variables          Listing[Variable] `fact:"group.cicd-variables"`
	ProxyImages        Fact[int64]       `fact:"group.dependency-proxy"`
	EpicBoards         Fact[int64]       `fact:"group.epic-boards"`
	Iterations         Fact[int64]       `fact:"group.iterations"`
	Cadences           Fact[int64]       `fact:"group.iteration-cadences"`
	AuditStreams       Fact[int64]       `fact:"group.audit-streaming"`
	Frameworks         Fact[int64]       `fact:"group.compliance-frameworks"`
	PolicyProject      Fact[bool]        `fact:"group.security-policies"` // a project was linked
	SecurityCategories Fact[int64]       `fact:"group.security-attributes"`
	CustomFields       Fact[int64]       `fact:"group.custom-fields"`
	Lifecycles         Fact[int64]       `fact:"group.work-item-statuses"`     // those of its own
	WorkItemTypes      Fact[int64]       `fact:"group.custom-work-item-types"` // those of its own
	WorkItems          Fact[int64]       `fact:"group.non-epic-work-items"`
	ValueStreams       Fact[int64]       `fact:"group.value-streams"`
	Contacts           Fact[int64]       `fact:"group.crm"`
	PackageSettings    Fact[bool]        `fact:"group.package-settings"` // they differ from the defaults
	VirtualRegistries  Fact[int64]       `fact:"group.virtual-registries"`
	CustomEmoji        Fact[int64]       `fact:"group.custom-emoji"`

	// From calls per group.
	Members      Fact[int64]      `fact:"group.members"` // direct members only
	Milestones   Fact[int64]      `fact:"group.milestones"`
	Boards       Fact[int64]      `fact:"group.boards"`
	Badges       Fact[int64]      `fact:"group.badges"`
	Webhooks     Listing[Webhook] `fact:"group.webhooks"`
	DeployTokens Fact[int64]      `fact:"group.deploy-tokens"`
	// SharedWith counts the groups this group has been shared with.
	SharedWith            Fact[int64] `fact:"group.shared-with-groups"`
	WikiPages             Fact[int64] `fact:"group.wiki"`
	Uploads               Fact[int64] `fact:"group.uploads"`
	CustomRoleMembers     Fact[int64] `fact:"group.custom-role-assignments"` // of its direct members
	Invitations           Fact[int64] `fact:"group.pending-invitations"`
	AccessRequests        Fact[int64] `fact:"group.access-requests"`
	Integrations          Fact[int64] `fact:"group.integrations"`
	PushRules             Fact[bool]  `fact:"group.push-rules"`
	AccessTokens          Fact[int64] `fact:"group.access-tokens"` // active ones
	ServiceAccounts       Fact[int64] `fact:"group.service-accounts"`
	Clusters              Fact[int64] `fact:"group.clusters"`
	SCIM                  Fact[int64] `fact:"group.scim"`
	CustomRoles           Fact[int64] `fact:"group.custom-roles"`
	IPRestricted          Fact[bool]  `fact:"group.ip-restrictions"`
	MembershipLock        Fact[bool]  `fact:"group.membership-lock"` // nobody can be added to its projects
	MinutesLimit          Fact[bool]  `fact:"group.quotas"`          // one of its own
	ApprovalSettings      Fact[bool]  `fact:"group.merge-request-approval-settings"`
	ApprovalRules         Fact[int64] `fact:"group.approval-rules"`
	ProtectedBranches     Fact[int64] `fact:"group.protected-branches"`
	ProtectedEnvironments Fact[int64] `fact:"group.protected-environments"`
	SSHCertificates       Fact[int64] `fact:"group.ssh-certificates"`
	EnterpriseUsers       Fact[int64] `fact:"group.enterprise-users"`
	CommentTemplates      Fact[int64] `fact:"group.comment-templates"`
	SecretsManager        Fact[bool]  `fact:"group.secrets-manager"`
	ConfiguredItems       Fact[int64] `fact:"group.ai-catalog"`
}

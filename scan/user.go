package scan

import "time"

// User is one account of the source.
type User struct {
	ID       int64  `json:"id"`
	Username string `json:"username"`
	Name     string `json:"name"`
	WebURL   string `json:"web_url"`

	State            Fact[string]      `fact:"user.state"` // active, blocked, deactivated, banned …
	Kind             Fact[string]      `fact:"user.kind"`  // human, project-bot, service-account, ghost, bot (of a kind the answer does not tell)
	Email            Fact[string]      `fact:"user.email"`
	PublicEmail      Fact[string]      `fact:"user.public-email"` // "": none set
	Identities       Listing[Identity] `fact:"user.identities"`
	Admin            Fact[bool]        `fact:"user.admin"`
	External         Fact[bool]        `fact:"user.external"`
	TwoFactor        Fact[bool]        `fact:"user.two-factor"`
	Confirmed        Fact[bool]        `fact:"user.email-verification"`
	Avatar           Fact[bool]        `fact:"user.avatar"`
	CreatedAt        Fact[time.Time]   `fact:"user.created-at"`
	Auditor          Fact[bool]        `fact:"user.auditor"`
	SCIMIdentities   Fact[int64]       `fact:"user.scim-identities"`
	MinutesLimit     Fact[bool]        `fact:"user.compute-minutes-limit"` // one of their own
	CustomAttributes Fact[int64]       `fact:"user.custom-attributes"`
	LastActivity     Fact[string]      `fact:"user.last-activity-on"` // YYYY-MM-DD; "": never

	// From wide pages and an instance-wide list.
	SecondaryEmails Fact[[]string] `fact:"user.secondary-emails"` // without the primary one
	Status          Fact[bool]     `fact:"user.status-and-achievements"`
	AccessTokens    Fact[int64]    `fact:"user.personal-access-tokens"` // active ones

	// From calls per account.
	SSHKeys             Fact[int64] `fact:"user.ssh-keys"`
	GPGKeys             Fact[int64] `fact:"user.gpg-keys"`
	ImpersonationTokens Fact[int64] `fact:"user.impersonation-tokens"` // active ones
	// Of the account that holds what deleted users wrote, and of technical accounts.
	GhostIssues Fact[int64] `fact:"user.deleted-user-contributions"`
	BotIssues   Fact[int64] `fact:"user.service-account-contributions"`
}

// Identity is a sign-in identity without its external id.
type Identity struct {
	Provider string `json:"provider"`
}

// The kinds of user a source tells apart.
const (
	KindHuman          = "human"
	KindProjectBot     = "project-bot"
	KindServiceAccount = "service-account"
	KindGhost          = "ghost"
	KindBot            = "bot" // a bot of a kind the answer does not tell
)

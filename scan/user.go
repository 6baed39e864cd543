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

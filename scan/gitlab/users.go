package gitlab

import (
	"context"
	"net/url"
	"strconv"
	"strings"
	"time"

	"readiness/scan"
)

// userBody is an account as REST tells it. Members of a group come in the same
// shape, with fewer keys.
type userBody struct {
	ID           int64            `json:"id"`
	Username     string           `json:"username"`
	Name         string           `json:"name"`
	WebURL       string           `json:"web_url"`
	State        field[string]    `json:"state"`
	Bot          field[bool]      `json:"bot"`
	Email        field[string]    `json:"email"`
	PublicEmail  field[string]    `json:"public_email"`
	AvatarURL    field[string]    `json:"avatar_url"`
	Admin        field[bool]      `json:"is_admin"`
	External     field[bool]      `json:"external"`
	TwoFactor    field[bool]      `json:"two_factor_enabled"`
	ConfirmedAt  field[string]    `json:"confirmed_at"`
	CreatedAt    field[time.Time] `json:"created_at"`
	LastActivity field[string]    `json:"last_activity_on"`
	Identities   field[[]struct {
		Provider string `json:"provider"`
	}] `json:"identities"`
	Auditor          field[bool]              `json:"is_auditor"`
	SCIM             field[[]struct{}]        `json:"scim_identities"`
	MinutesLimit     field[int64]             `json:"shared_runners_minutes_limit"`
	CustomAttributes field[[]customAttribute] `json:"custom_attributes"`
}

// Users implements scan.Source.
func (s *Source) Users(ctx context.Context, cursor string) (scan.Page[*scan.User], error) {
	if s.listed != nil {
		return scan.Page[*scan.User]{Gap: &scan.Gap{Reason: scan.ReasonNotAsked, Endpoint: scan.ReadUsers,
			Cure: "a scan without --projects"}}, nil
	}
	l := listing{call: call{endpoint: scan.ReadUsers, path: "users", query: url.Values{"order_by": {"id"}, "sort": {"asc"}}}}
	index, rest := 0, cursor
	members := len(s.scope) > 0
	switch {
	case members:
		if index, rest = s.scopedCursor(cursor); index >= len(s.scope) {
			return scan.Page[*scan.User]{}, nil
		}
		l.call = call{endpoint: "GET /groups/:id/members/all", path: "groups/" + strconv.FormatInt(s.scope[index].id, 10) + "/members/all"}
	case !s.version().IsZero() && s.version().AtLeast(scan.MustVersion("16.5")):
		l.keyset = true
	}
	if s.admin && !members {
		l.call.query.Set("with_custom_attributes", "true")
	}
	bodies, next, r, err := readPage(ctx, s, l, rest, entryOf[userBody]{})
	if err != nil {
		return scan.Page[*scan.User]{}, err
	}
	page := scan.Page[*scan.User]{Next: next}
	if members {
		page.Next = s.nextScoped(index, next)
	}
	for _, b := range bodies {
		page.Items = append(page.Items, s.account(b, members))
	}
	lacking(&page, r, "user.state", s.version())
	return page, nil
}

func (s *Source) account(b userBody, member bool) *scan.User {
	u := &scan.User{ID: b.ID, Username: b.Username, Name: b.Name, WebURL: b.WebURL}
	b.State.keep(&u.State)
	b.PublicEmail.keepOr(&u.PublicEmail, "")
	uploaded(b.AvatarURL, &u.Avatar)
	if !member { // what a member list says of the same name is the membership's
		b.kind(&u.Kind)
		b.Email.keep(&u.Email)
		b.Admin.keep(&u.Admin)
		b.External.keep(&u.External)
		b.TwoFactor.keep(&u.TwoFactor)
		there(b.ConfirmedAt, &u.Confirmed)
		b.CreatedAt.keep(&u.CreatedAt)
		b.LastActivity.keepOr(&u.LastActivity, "")
		if b.Identities.ok() {
			identities := make([]scan.Identity, 0, len(b.Identities.value))
			for _, one := range b.Identities.value {
				identities = append(identities, scan.Identity{Provider: one.Provider})
			}
			u.Identities = scan.Listed(identities)
		}
		b.Auditor.keep(&u.Auditor)
		length(b.SCIM, &u.SCIMIdentities)
		there(b.MinutesLimit, &u.MinutesLimit)
		length(b.CustomAttributes, &u.CustomAttributes)
		for _, id := range []scan.FactID{"user.auditor", "user.scim-identities", "user.compute-minutes-limit"} {
			if s.admin && scan.IsUnset(scan.FactOf(u, id)) { // the edition or the licence lacks it
				scan.Forget(u, id, s.lacking(id))
			}
		}
	}
	settle(u, scan.Quick, func(id scan.FactID) scan.Gap {
		if member {
			g := because(id, scan.ReasonWithheld, "a scan of the whole instance with an administrator's token: a list of members does not carry it")
			g.Endpoint = "GET /groups/:id/members/all"
			return g
		}
		return s.adminGap(id, scan.ReasonWithheld)
	})
	return u
}

// kind tells what an account is. GitLab marks every bot alike; the names it
// gives them tell the kinds apart, source:
// https://docs.gitlab.com/user/project/settings/project_access_tokens/#bot-users-for-projects
// and https://docs.gitlab.com/user/profile/service_accounts/.
func (b userBody) kind(fact *scan.Fact[string]) {
	switch {
	case !b.Bot.ok():
	case b.Bot.value && resourceBot.MatchString(b.Username):
		*fact = scan.Known(scan.KindProjectBot)
	case b.Bot.value && strings.HasPrefix(b.Username, "service_account_"):
		*fact = scan.Known(scan.KindServiceAccount)
	case b.Bot.value:
		*fact = scan.Known(scan.KindBot)
	case b.Username == "ghost":
		*fact = scan.Known(scan.KindGhost)
	default:
		*fact = scan.Known(scan.KindHuman)
	}
}

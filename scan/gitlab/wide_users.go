package gitlab

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"

	"readiness/scan"
)

// usersPage is how many accounts one query asks for, see countsPage.
const usersPage = 100

// WideUsers implements scan.Source.
func (s *Source) WideUsers(ctx context.Context, page []*scan.User) error {
	if s.asksAny("user.secondary-emails", "user.status-and-achievements") {
		for _, chunk := range chunks(page, usersPage) {
			if err := s.wideUsers(ctx, chunk); err != nil {
				return err
			}
		}
	}
	const tokens = "user.personal-access-tokens"
	for _, u := range page {
		switch r := s.tokens.refusal; {
		case r != nil:
			u.AccessTokens = scan.Missing[int64](s.withAdminMode(r.gap(tokens, s.version())))
		case s.tokens.byUser != nil:
			u.AccessTokens = scan.Known(s.tokens.byUser[u.ID])
		}
		settle(u, scan.Standard, func(id scan.FactID) scan.Gap { return s.adminGap(id, scan.ReasonWithheld) })
	}
	return nil
}

func (s *Source) wideUsers(ctx context.Context, page []*scan.User) error {
	ids := make([]int64, len(page))
	for i, u := range page {
		ids[i] = u.ID
	}
	nodes, err := s.askNodes(ctx, "users", userGID, ids, nil, func() string {
		var text []string
		// Addresses come to others as an empty list.
		if s.admin && s.schema.has("UserCore.emails") && s.asks("user.secondary-emails") {
			text = append(text, "emails(first:100){nodes{email} pageInfo{hasNextPage}}")
		}
		if s.schema.has("UserCore.status") && s.asks("user.status-and-achievements") {
			text = append(text, "status{message}")
		}
		return strings.Join(text, " ")
	})
	if err != nil {
		return err
	}
	for _, u := range page {
		n := nodes[u.ID]
		s.secondaryEmails(u, n)
		s.userStatus(u, n)
	}
	return nil
}

// secondaryEmails sets an account's other addresses. GitLab keeps the primary one
// among them from its confirmation on.
// Source: app/models/user.rb (add_primary_email_to_emails!).
func (s *Source) secondaryEmails(u *scan.User, n node) {
	const id = "user.secondary-emails"
	lost := func(g scan.Gap) { u.SecondaryEmails = scan.Missing[[]string](s.withAdminMode(g)) }
	primary, known := u.Email.Get()
	if !s.admin || !known {
		lost(s.adminGap(id, scan.ReasonWithheld))
		return
	}
	if g, gone := s.nodeGap(n, id, "UserCore.emails"); gone {
		lost(g)
		return
	}
	var c connection[struct {
		Email string `json:"email"`
	}]
	ok, fail := n.get("emails", &c)
	switch {
	case fail != "":
		lost(failed(id, fail))
	case !ok:
		lost(gapFor(id, scan.ReasonWithheld))
	case c.PageInfo.HasNextPage:
		lost(because(id, scan.ReasonTruncated, "the account has more than a hundred addresses: look at it on the source"))
	default:
		others := []string{}
		for _, e := range c.Nodes {
			if e != nil && !strings.EqualFold(e.Email, primary) {
				others = append(others, e.Email)
			}
		}
		slices.Sort(others)
		u.SecondaryEmails = scan.Known(others)
	}
}

func (s *Source) userStatus(u *scan.User, n node) {
	const id = "user.status-and-achievements"
	if g, gone := s.nodeGap(n, id, "UserCore.status"); gone {
		u.Status = scan.Missing[bool](g)
		return
	}
	var status struct {
		Message *string `json:"message"`
	}
	if _, fail := n.get("status", &status); fail != "" {
		u.Status = scan.Missing[bool](failed(id, fail))
		return
	}
	u.Status = scan.Known(status.Message != nil && *status.Message != "")
}

// userTokens is how many active tokens each account has.
type userTokens struct {
	byUser  map[int64]int64
	refusal *refusal
}

// readTokens counts the active personal access tokens of the instance and of each
// account. Nothing but whose they are is decoded; their values GitLab shows to
// nobody. Whoever is no administrator is answered with their own.
func (s *Source) readTokens(ctx context.Context, i *scan.Instance) error {
	const id = "instance.personal-access-tokens"
	c := call{endpoint: "GET /personal_access_tokens", path: "personal_access_tokens", query: url.Values{"state": {"active"}}}
	if !s.admin {
		s.tokens.refusal = &refusal{Endpoint: c.endpoint, Reason: scan.ReasonWithheld}
		i.AccessTokens = scan.Missing[int64](s.adminGap(id, scan.ReasonWithheld))
		return nil
	}
	tokens, r, err := walk[struct {
		User int64 `json:"user_id"`
	}](ctx, s, c)
	if err != nil {
		return err
	}
	if s.tokens.refusal = r; r != nil {
		i.AccessTokens = scan.Missing[int64](s.instanceGap(r, id))
		return nil
	}
	s.tokens.byUser = map[int64]int64{}
	for _, t := range tokens {
		s.tokens.byUser[t.User]++
	}
	i.AccessTokens = scan.Known(int64(len(tokens)))
	return nil
}

// DeepUser implements scan.Source. Of accounts that are not active, and of bots, no
// keys are asked: nobody has to create them again.
func (s *Source) DeepUser(ctx context.Context, u *scan.User) error {
	base := "users/" + strconv.FormatInt(u.ID, 10)
	kind, kindKnown := u.Kind.Get()
	state, stateKnown := u.State.Get()
	technical := kindKnown && kind != scan.KindHuman && kind != scan.KindServiceAccount
	work, wctx := errgroup.WithContext(ctx)
	ask := func(id scan.FactID, fact *scan.Fact[int64], endpoint, path string, query url.Values) {
		if !s.asks(id) {
			return
		}
		work.Go(func() error {
			n, r, err := s.count(wctx, call{endpoint: endpoint, path: path, query: query})
			switch {
			case err != nil:
				return err
			case r != nil:
				*fact = scan.Missing[int64](s.withAdminMode(r.gap(id, s.version())))
			default:
				*fact = scan.Known(n)
			}
			return nil
		})
	}
	if technical || stateKnown && state != "active" {
		for _, id := range []scan.FactID{"user.ssh-keys", "user.gpg-keys", "user.impersonation-tokens"} {
			scan.Forget(u, id, because(id, scan.ReasonNotAsked, "look at the account on the source: of bots and of accounts that are not active no keys are asked"))
		}
	} else {
		ask("user.ssh-keys", &u.SSHKeys, "GET /users/:id/keys", base+"/keys", nil)
		ask("user.gpg-keys", &u.GPGKeys, "GET /users/:id/gpg_keys", base+"/gpg_keys", nil)
		if s.admin {
			ask("user.impersonation-tokens", &u.ImpersonationTokens, "GET /users/:id/impersonation_tokens", base+"/impersonation_tokens", url.Values{"state": {"active"}})
		}
	}
	if gap, unread := u.SecondaryEmails.Gap(); unread && s.admin && gap.Reason != scan.ReasonWithheld && s.asks("user.secondary-emails") {
		work.Go(func() error { return s.otherEmails(wctx, u, base) })
	}
	if s.admin && kindKnown {
		u.GhostIssues, u.BotIssues = scan.Known[int64](0), scan.Known[int64](0)
		by := url.Values{"scope": {"all"}, "author_id": {strconv.FormatInt(u.ID, 10)}}
		switch kind {
		case scan.KindHuman:
		case scan.KindGhost:
			u.GhostIssues = scan.Fact[int64]{}
			ask("user.deleted-user-contributions", &u.GhostIssues, "GET /issues", "issues", by)
		default:
			u.BotIssues = scan.Fact[int64]{}
			ask("user.service-account-contributions", &u.BotIssues, "GET /issues", "issues", by)
		}
	}
	if err := work.Wait(); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return err
	}
	settle(u, scan.Deep, func(id scan.FactID) scan.Gap { return s.adminGap(id, scan.ReasonWithheld) })
	return nil
}

// otherEmails asks REST for the addresses that GraphQL did not tell.
func (s *Source) otherEmails(ctx context.Context, u *scan.User, base string) error {
	emails, r, err := walk[struct {
		Email string `json:"email"`
	}](ctx, s, call{endpoint: "GET /users/:id/emails", path: base + "/emails"})
	if err != nil {
		return err
	}
	if r != nil {
		u.SecondaryEmails = scan.Missing[[]string](r.gap("user.secondary-emails", s.version()))
		return nil
	}
	others := []string{}
	for _, e := range emails {
		if !strings.EqualFold(e.Email, u.Email.Or("")) {
			others = append(others, e.Email)
		}
	}
	slices.Sort(others)
	u.SecondaryEmails = scan.Known(others)
	return nil
}

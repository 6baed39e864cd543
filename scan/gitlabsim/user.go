package gitlabsim

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"readiness/scan"
)

// User is one account of the world, with every value.
type User struct {
	ID               int64
	Username, Name   string
	WebURL           string
	NamespaceID      int64 // of the personal namespace; bots have one, too
	State            string
	Kind             string // see scan.KindHuman and its siblings
	Email            string
	PublicEmail      string
	Identities       []Identity
	Admin, Auditor   bool
	External         bool
	TwoFactor        bool
	Confirmed        bool
	Avatar           bool
	CreatedAt        time.Time
	LastActivity     string // YYYY-MM-DD; "": never
	LastSignIn       time.Time
	CustomAttributes []Attribute
	SecondaryEmails  []string
	Status           string // message; "": none
	SSHKeys, GPGKeys int64
	Impersonations   int64 // active impersonation tokens
	Issues           int64 // that a bot, a service account or a deleted user wrote
	SCIMIdentities   int64
	MinutesLimit     int64 // compute minutes of their own; 0: none

	index int
}

// Identity is a sign-in identity.
type Identity struct{ Provider, ExternUID string }

// The first accounts are the same in every world. Each role that a token may
// have is one of them.
const (
	userRoot = iota
	userGhost
	userAlertBot
	userAuditor
	userOwner
	userMaintainer
	userDeveloper
	userOutsider
	userService
	firstOrdinaryUser
)

var fixedUsers = [firstOrdinaryUser]struct{ username, name, kind string }{
	{"root", "Administrator", scan.KindHuman},
	{"ghost", "Ghost User", scan.KindGhost},
	{"alert-bot", "GitLab Alert Bot", scan.KindBot},
	{"audrey.auditor", "Audrey Auditor", scan.KindHuman},
	{"oscar.owner", "Oscar Owner", scan.KindHuman},
	{"mia.maintainer", "Mia Maintainer", scan.KindHuman},
	{"dave.developer", "Dave Developer", scan.KindHuman},
	{"otto.outsider", "Otto Outsider", scan.KindHuman},
	{"", "Release Automation", scan.KindServiceAccount},
}

// User returns the account with this id; false if there is none.
func (w *World) User(id int64) (User, bool) {
	i, ok := w.userIndex(id)
	if !ok {
		return User{}, false
	}
	return w.user(i), true
}

// userKind tells what sort of account the i-th is, cheaply.
func (w *World) userKind(i int) string {
	if w.cfg.Sound && i != userGhost {
		if i == firstOrdinaryUser && w.planting("users-bots-and-service-accounts") {
			return scan.KindServiceAccount
		}
		return scan.KindHuman
	}
	if i < len(fixedUsers) {
		return fixedUsers[i].kind
	}
	if _, ok := w.botItem(i); ok {
		return scan.KindProjectBot
	}
	if w.cfg.Tier.Licensed() && w.draw(ofUser, i, "service-account").chance(2) {
		return scan.KindServiceAccount
	}
	return scan.KindHuman
}

func (w *World) human(i int) bool { return w.userKind(i) == scan.KindHuman }

// Every 16th account is the bot behind a project access token.
const botEvery, botPhase = 16, 11

// botItem is which of the bots the i-th user is.
func (w *World) botItem(i int) (int, bool) {
	if i%botEvery != botPhase {
		return 0, false
	}
	item := i / botEvery
	return item, item < w.bots.total()
}

// projectBots lists the users that are bots of the project.
func (w *World) projectBots(project int) []int {
	var users []int
	for _, item := range w.bots.of(project) {
		if u := item*botEvery + botPhase; u < w.users {
			users = append(users, u)
		}
	}
	return users
}

func (w *World) userState(i int) string {
	if w.cfg.Sound {
		if i == firstOrdinaryUser && w.planting("users-inactive-and-departed") {
			return "banned"
		}
		return "active"
	}
	if i < len(fixedUsers) {
		return "active"
	}
	return []string{"active", "blocked", "deactivated", "banned", "ldap_blocked"}[w.draw(ofUser, i, "state").weighted(850, 75, 60, 5, 10)]
}

func (w *World) username(i int) string {
	switch kind := w.userKind(i); {
	case kind == scan.KindServiceAccount:
		return "service_account_" + w.draw(ofUser, i, "username").hex(32)
	case kind == scan.KindProjectBot:
		item, _ := w.botItem(i)
		return fmt.Sprintf("project_%d_bot_%s", w.projectID(w.bots.owner(item)), w.draw(ofUser, i, "username").hex(32))
	case i < len(fixedUsers):
		return fixedUsers[i].username
	}
	n := len(firstNames) * len(lastNames)
	combination := w.userNames.to(i % n)
	name := firstNames[combination/len(lastNames)] + "." + lastNames[combination%len(lastNames)]
	if i >= n {
		name += strconv.Itoa(i/n + 1)
	}
	return name
}

// userAt finds a person by username.
func (w *World) userAt(username string) (int, bool) {
	for i, u := range fixedUsers {
		if username != "" && u.username == username {
			return i, true
		}
	}
	first, rest, ok := strings.Cut(username, ".")
	last := strings.TrimRight(rest, "0123456789")
	if !ok {
		return 0, false
	}
	for f := range firstNames {
		for l := range lastNames {
			if firstNames[f] != first || lastNames[l] != last {
				continue
			}
			i := w.userNames.from(f*len(lastNames) + l)
			if number, err := strconv.Atoi(rest[len(last):]); err == nil {
				i += (number - 1) * len(firstNames) * len(lastNames)
			}
			return i, i >= 0 && i < w.users && w.username(i) == username
		}
	}
	return 0, false
}

func (w *World) user(i int) User {
	d := func(what string) draw { return w.draw(ofUser, i, what) }
	u := User{ID: w.userID(i), Username: w.username(i), Kind: w.userKind(i), State: w.userState(i), index: i}
	u.WebURL = w.ExternalURL() + "/" + u.Username
	u.NamespaceID = w.userNamespace(i)
	u.Confirmed = true
	u.CreatedAt = w.ago(30 + 3000*d("created").unit())
	switch {
	case i < len(fixedUsers):
		u.Name = fixedUsers[i].name
		u.Admin = i == userRoot
		u.Auditor = i == userAuditor && w.cfg.Tier.Licensed()
		u.CreatedAt = w.ago(float64(3100 - i))
	case u.Kind == scan.KindProjectBot:
		u.Name = pick(d("name"), []string{"renovate", "deploy", "release-bot", "registry-cleanup", "nightly"})
	case u.Kind == scan.KindServiceAccount:
		u.Name = "Service account user"
	case d("hostile").chance(2):
		u.Name = pick(d("name"), hostileNames)
	default:
		first, last, _ := strings.Cut(strings.TrimRight(u.Username, "0123456789"), ".")
		u.Name = title(first) + " " + title(last)
	}
	if u.Kind != scan.KindHuman && !w.cfg.Sound {
		u.Issues = int64(d("issues").few(60, 40))
	}
	if !w.cfg.Sound && (u.Kind == scan.KindHuman || u.Kind == scan.KindServiceAccount) {
		u.SSHKeys, u.GPGKeys = int64(d("ssh-keys").few(60, 3)), int64(d("gpg-keys").few(15, 2))
	}
	if u.Kind != scan.KindHuman {
		u.Email = u.Username + "@noreply." + w.host
		if u.Kind == scan.KindProjectBot || i == userService {
			u.LastActivity = w.day(w.ago(d("activity").logNormal(5, 1.5)))
		}
		return u
	}
	domain := []string{"example.com", "corp.example", "contractor.example", "gmail.example"}[d("domain").weighted(80, 10, 7, 3)]
	u.Email = u.Username + "@" + domain
	if d("public-email").chance(40) {
		u.PublicEmail = u.Email
	}
	if d("ldap").chance(60) {
		u.Identities = append(u.Identities, Identity{"ldapmain", "uid=" + u.Username + ",ou=people,dc=example,dc=com"})
	}
	if d("saml").chance(25) {
		u.Identities = append(u.Identities, Identity{"saml", u.Email})
	}
	if i >= len(fixedUsers) {
		u.Admin = d("admin").chance(1)
		u.External = !u.Admin && domain == "contractor.example"
		u.Confirmed = !d("confirmed").chance(3)
	}
	u.TwoFactor = d("two-factor").chance(45)
	u.Avatar = d("avatar").chance(50)
	u.CustomAttributes = w.attributes(d("attributes"))
	if w.cfg.Tier.Licensed() {
		u.SCIMIdentities = int64(d("scim").few(10, 1))
	}
	u.Impersonations = int64(d("impersonation").few(3, 2))
	if d("second-address").chance(15) {
		u.SecondaryEmails = []string{u.Username + "@old.example.com"}
	}
	if d("status").chance(20) {
		u.Status = pick(d("status-message"), []string{"On holiday", "=1+1", "Reviewing"})
	}
	if w.cfg.Tier.Enterprise() && d("minutes").chance(3) {
		u.MinutesLimit = 400
	}
	age := w.Now().Sub(u.CreatedAt).Hours() / 24
	if u.Confirmed && !d("never").chance(4) {
		since := d("activity").logNormal(6, 1.8)
		if u.State != "active" {
			since += 120
		}
		u.LastSignIn = w.ago(min(since, age))
		u.LastActivity = w.day(u.LastSignIn)
	}
	w.soundUser(&u)
	return u
}

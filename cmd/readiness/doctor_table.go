package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"readiness/report"
	"readiness/scan"
	"readiness/scan/gitlab"
)

// sheet writes a diagnosis for a screen of so many columns.
type sheet struct {
	strings.Builder
	width int
	bold  bool
}

func (s *sheet) line(text string) { s.WriteString(strings.TrimRight(text, " ") + "\n") }

func (s *sheet) heading(text string) {
	for line := range strings.SplitSeq(ansi.Wordwrap(text, s.width, ""), "\n") {
		if s.bold {
			line = "\x1b[1m" + line + "\x1b[0m"
		}
		s.line(line)
	}
}

// under writes text after a label, wrapped under itself.
func (s *sheet) under(label, text string, indent int) {
	label += strings.Repeat(" ", max(indent-ansi.StringWidth(label), 0))
	for line := range strings.SplitSeq(ansi.Wrap(text, s.width-indent, ""), "\n") {
		s.line(label + line)
		label = strings.Repeat(" ", indent)
	}
}

func (s *sheet) field(label, text string) { s.under(label, text, 10) }

// row writes cells in columns of the given widths; the last has the rest.
func (s *sheet) row(widths []int, cells ...string) {
	line := ""
	for i, c := range cells {
		if i == len(cells)-1 {
			line += ansi.Truncate(c, s.width-ansi.StringWidth(line), "…")
			break
		}
		c = ansi.Truncate(c, widths[i]-1, "…")
		line += c + strings.Repeat(" ", widths[i]-ansi.StringWidth(c))
	}
	s.line(line)
}

// said makes text of the source fit for a line of ours.
func said(text string) string { return ansi.Truncate(oneLine(ansi.Strip(text)), 120, "…") }

func (d *diagnosis) write(env environment) error {
	s := &sheet{width: min(max(env.columns(), 60), 100), bold: env.colour(env.stdoutTerminal)}
	if d.Source == nil {
		d.tellOffline(s)
	} else {
		d.tellSource(s)
	}
	_, err := io.WriteString(env.stdout, s.String())
	return err
}

func (d *diagnosis) tellOffline(s *sheet) {
	lost := count(d.Unread)
	s.heading("What a scan asks, and what the role " + d.Role + " is told")
	if d.Note != "" {
		s.under("", d.Note, 0)
	}
	s.line("")
	widths := []int{46, 14, 9, 0}
	s.row(widths, "Request", "Needs", "Depth", "Told")
	for _, a := range d.Asks {
		told := "yes"
		switch {
		case a.Unread == a.Facts:
			told = "no"
		case a.Unread > 0:
			told = "partly"
		}
		s.row(widths, short(a.Endpoint), a.Needs, a.Depth, told)
	}
	s.line("")
	if d.Full {
		s.heading(fmt.Sprintf("A full scan is possible: all %d kinds of facts can be read.", d.Facts))
		s.under("", "Where Admin Mode is on, the token needs the scope admin_mode besides read_api.", 0)
		return
	}
	s.heading(fmt.Sprintf("Only a partial scan is possible: %d of %d kinds of facts stay unread.", lost, d.Facts))
	s.unread(d.Unread)
}

func (d *diagnosis) tellSource(s *sheet) {
	p := d.Source
	s.heading("Before a scan of " + said(p.URL))
	s.field("Source", edition(p))
	s.field("Reached", reached(p, d.checked))
	s.field("Token", tokenWords(p, d.checked))
	s.field("Role", d.roleWords())
	s.field("GraphQL", answers(p.GraphQL))
	s.field("Limits", limits(p))
	s.field("Holds", holds(p))
	s.line("")
	never := count(d.Unread)
	switch {
	case d.Full:
		s.heading(fmt.Sprintf("A full scan is possible: all %d kinds of facts can be read.", d.Facts))
	case len(d.Depending) > 0:
		s.heading(fmt.Sprintf("Only a partial scan is possible: of %d kinds of facts %d cannot be read, and %d only where the account has the role.", d.Facts, never, count(d.Depending)))
	default:
		s.heading(fmt.Sprintf("Only a partial scan is possible: %d of %d kinds of facts cannot be read.", never, d.Facts))
	}
	s.line("")
	d.tellExpected(s)
	if never > 0 {
		s.line("")
		s.heading("What this token will not be told")
		s.unread(d.Unread)
	}
	if len(d.Depending) > 0 {
		s.line("")
		s.heading("What it is told only where the account has the role")
		s.unread(d.Depending)
	}
	s.line("")
	s.line(fmt.Sprintf("doctor made %s and changed nothing.", report.Many(p.Requests.REST+p.Requests.GraphQL, "request", "requests")))
}

func (d *diagnosis) tellExpected(s *sheet) {
	if len(d.Expected) == 0 {
		s.under("", "How long a scan takes is not known: nobody told how many projects there are.", 0)
		return
	}
	widths := []int{10, 12, 12, 10, 14, 0}
	s.row(widths, "Depth", "Requests", "REST", "GraphQL", "Takes about", "Load")
	for _, e := range d.Expected {
		total := e.REST + e.GraphQL
		rate := float64(total) / float64(max(e.Seconds, 1))
		s.row(widths, e.Depth, report.Thousands(total), report.Thousands(e.REST), report.Thousands(e.GraphQL),
			minutes(time.Duration(e.Seconds)*time.Second), fmt.Sprintf("%.1f requests/s", rate))
	}
	note := fmt.Sprintf("Expected at %s an answer, as measured now, and at %s a wide GraphQL page, which is assumed.", max(d.Source.Latency.Round(time.Millisecond), time.Millisecond), widePage)
	_, groups := d.Source.Groups.Get()
	_, users := d.Source.Users.Get()
	if !groups || !users {
		note += " Groups or users could not be counted and are not in it: at least this many."
	}
	s.under("", note, 0)
}

// unread writes, for each cure, the requests whose facts it would give.
func (s *sheet) unread(list []unread) {
	var cures []string
	byCure := map[string][]unread{}
	for _, u := range list {
		if byCure[u.Cure] == nil {
			cures = append(cures, u.Cure)
		}
		byCure[u.Cure] = append(byCure[u.Cure], u)
	}
	for _, cure := range cures {
		s.under("", fmt.Sprintf("%s would give %s:", strings.ToUpper(cure[:1])+cure[1:], report.Many(int64(count(byCure[cure])), "kind of fact", "kinds of facts")), 0)
		wide := 0
		for _, u := range byCure[cure] {
			wide = max(wide, len(short(u.Endpoint))+4)
		}
		for _, u := range byCure[cure] {
			what := u.titles[0]
			if more := len(u.titles) - 1; more > 0 {
				what += fmt.Sprintf(" and %d more", more)
			}
			s.row([]int{wide, 0}, "  "+short(u.Endpoint), what)
		}
	}
}

func count(list []unread) (n int) {
	for _, u := range list {
		n += len(u.Facts)
	}
	return n
}

// short is an endpoint with a GraphQL selection in few columns:
// "GraphQL projects.ciVariables".
func short(endpoint string) string {
	selection, ok := strings.CutPrefix(endpoint, scan.ReadGraphQL)
	if !ok {
		return endpoint
	}
	return "GraphQL " + strings.Join(strings.FieldsFunc(selection, func(r rune) bool { return strings.ContainsRune("{} ", r) }), ".")
}

func edition(p *gitlab.Probe) string {
	text := "GitLab of a version that it does not tell"
	if v, known := p.Version.Get(); known {
		text = "GitLab " + said(v.String())
	}
	switch enterprise, known := p.Enterprise.Get(); {
	case !known:
		text += ", edition unknown"
	case !enterprise:
		return text + ", Community Edition"
	default:
		text += ", Enterprise Edition"
	}
	switch plan, known := p.Plan.Get(); {
	case !known:
		text += ", licence not told to this token"
	case plan == "":
		text += ", no licence loaded"
	default:
		text += ", licence " + said(plan)
	}
	return text
}

func reached(p *gitlab.Probe, now time.Time) string {
	c := p.Certificate
	if c == nil {
		return "plain HTTP, without TLS: the token passes the network in the clear"
	}
	left := "expired"
	if d := c.NotAfter.Sub(now); d > 0 {
		left = report.Many(int64(d/(24*time.Hour)), "day", "days") + " left"
	}
	verified := ""
	if p.Unverified {
		verified = " (not verified)"
	}
	return fmt.Sprintf("%s; certificate of %s%s, issued by %s, valid until %s (%s)", c.Protocol, said(c.Subject), verified, said(c.Issuer), c.NotAfter.UTC().Format(time.DateOnly), left)
}

func tokenWords(p *gitlab.Probe, now time.Time) string {
	kind := p.TokenKind
	if kind == "unknown" {
		kind = "token of a kind that is not told"
	}
	text := kind + " of " + said(p.Username)
	if scopes, known := p.Scopes.Get(); known {
		text += "; scopes " + said(strings.Join(scopes, ", "))
	} else {
		text += "; scopes not told"
	}
	expires, known := p.Expires.Get()
	date, err := time.Parse(time.DateOnly, expires)
	switch {
	case !known:
		text += "; expiry not told"
	case expires == "":
		text += "; never expires"
	case err != nil:
		text += "; expires " + said(expires)
	default:
		text += "; expires " + expires
		switch left := date.Sub(now); {
		case left < 0:
			text += ", which is past by this machine's clock: see that it is set"
		case left < 14*24*time.Hour:
			text += ", which is soon: make one that outlives the migration"
		}
	}
	return text
}

func (d *diagnosis) roleWords() string {
	p := d.Source
	switch {
	case p.AdminMode:
		return "the account is an administrator's, but Admin Mode is on and the token cannot use it: make a token with the scopes read_api and admin_mode"
	case p.Administrator.Or(false):
		return "administrator: nothing in the scope is hidden"
	}
	text := "no administrator: of projects and groups it does not see, nothing is known"
	if _, known := p.Administrator.Get(); !known {
		text = "not known whether administrator: the settings did not answer"
	}
	if n, known := p.Maintained.Get(); known {
		text += "; Maintainer or higher in " + report.Many(n, "project", "projects")
		if all, known := p.Projects.Get(); known {
			text += " of " + report.Thousands(all) + " it sees"
		}
	}
	return text
}

func answers(f scan.Fact[bool]) string {
	switch on, known := f.Get(); {
	case !known:
		g, _ := f.Gap()
		return "not known whether it answers: " + said(g.String())
	case !on:
		return "closed to this token: much is read project by project, the rest not at all"
	}
	return "answers"
}

func limits(p *gitlab.Probe) string {
	var parts []string
	on, known := p.Throttle.Get()
	perMinute, counted := p.ThrottlePerMinute.Get()
	switch {
	case !known:
		parts = append(parts, "the API throttle's settings are not told to this token")
	case !on:
		parts = append(parts, "no throttle of authenticated API requests")
	case counted:
		parts = append(parts, report.Thousands(perMinute)+" authenticated API requests a minute")
	default:
		parts = append(parts, "authenticated API requests are throttled, how hard is not told")
	}
	if n, known := p.LimitPerMinute.Get(); known {
		text := "answers name a limit of " + report.Thousands(n) + " a minute"
		if left, known := p.LimitRemaining.Get(); known {
			text += ", " + report.Thousands(left) + " left"
		}
		parts = append(parts, text)
	} else {
		parts = append(parts, "answers carry no RateLimit headers")
	}
	return strings.Join(parts, "; ")
}

func holds(p *gitlab.Probe) string {
	var parts []string
	for _, c := range []struct {
		fact      scan.Fact[int64]
		one, many string
	}{{p.Projects, "project", "projects"}, {p.Groups, "group", "groups"}, {p.Users, "user", "users"}} {
		if n, known := c.fact.Get(); known {
			parts = append(parts, report.Many(n, c.one, c.many))
		} else {
			g, _ := c.fact.Gap()
			why := g.Cure
			if why == "" {
				why = g.String()
			}
			parts = append(parts, c.many+" unknown ("+said(why)+")")
		}
	}
	text := strings.Join(parts, ", ")
	switch {
	case p.Counted:
		return text + ", as the instance counts (approximate)"
	case p.Administrator.Or(false):
		return text
	}
	return text + ", as far as this token sees"
}

// minutes says an expected duration, no finer than it deserves.
func minutes(d time.Duration) string {
	switch {
	case d < time.Minute:
		return "under 1 min"
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", (d+time.Minute-1)/time.Minute)
	}
	return fmt.Sprintf("%.1f h", d.Hours())
}

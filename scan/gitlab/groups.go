package gitlab

import (
	"context"
	"maps"
	"net/url"
	"strconv"
	"strings"
	"time"

	"readiness/scan"
)

// groupBody is a group as REST tells it, without its runners_token.
type groupBody struct {
	ID               int64                    `json:"id"`
	FullPath         string                   `json:"full_path"`
	Name             string                   `json:"name"`
	WebURL           string                   `json:"web_url"`
	ParentID         field[int64]             `json:"parent_id"`
	Visibility       field[string]            `json:"visibility"`
	Description      field[string]            `json:"description"`
	AvatarURL        field[string]            `json:"avatar_url"`
	CreatedAt        field[time.Time]         `json:"created_at"`
	DeletionOn       field[string]            `json:"marked_for_deletion_on"`
	ProjectCreation  field[string]            `json:"project_creation_level"`
	SubgroupCreation field[string]            `json:"subgroup_creation_level"`
	RequireTwoFactor field[bool]              `json:"require_two_factor_authentication"`
	LFSEnabled       field[bool]              `json:"lfs_enabled"`
	CustomAttributes field[[]customAttribute] `json:"custom_attributes"`
	Statistics       field[struct {
		StorageSize field[int64] `json:"storage_size"`
	}] `json:"statistics"`
	SharedWith    field[[]sharedWith] `json:"shared_with_groups"`
	LDAPLinks     field[[]struct{}]   `json:"ldap_group_links"`
	SAMLLinks     field[[]struct{}]   `json:"saml_group_links"`
	FileTemplates field[int64]        `json:"file_template_project_id"`
	Duo           field[bool]         `json:"duo_features_enabled"`

	// Of GET /groups/:id alone.
	IPRanges       field[string] `json:"ip_restriction_ranges"`
	MembershipLock field[bool]   `json:"membership_lock"`
	MinutesLimit   field[int64]  `json:"shared_runners_minutes_limit"`

	bare *refusal // why a list told no more than its plain form; nil: it told all
}

type customAttribute struct {
	Key string `json:"key"`
}

type sharedWith struct {
	GroupID int64 `json:"group_id"`
}

// Groups implements scan.Source.
func (s *Source) Groups(ctx context.Context, cursor string) (scan.Page[*scan.Group], error) {
	if s.listed != nil {
		return s.listedGroups(ctx, cursor)
	}
	l := listing{call: call{endpoint: scan.ReadGroups, path: "groups", query: url.Values{"order_by": {"id"}, "sort": {"asc"}}}}
	index, rest := 0, cursor
	var self []groupBody
	if len(s.scope) > 0 {
		if index, rest = s.scopedCursor(cursor); index >= len(s.scope) {
			return scan.Page[*scan.Group]{}, nil
		}
		at := s.scope[index]
		l.endpoint, l.path = "GET /groups/:id/descendant_groups", "groups/"+strconv.FormatInt(at.id, 10)+"/descendant_groups"
		if rest == "" { // the group itself comes first
			var g groupBody
			_, r, err := s.read(ctx, call{endpoint: "GET /groups/:id", path: "groups/" + strconv.FormatInt(at.id, 10),
				query: url.Values{"with_projects": {"false"}}}, &g)
			if err != nil {
				return scan.Page[*scan.Group]{}, err
			}
			if r != nil {
				page := scan.Page[*scan.Group]{Next: s.nextScoped(index, "")}
				lacking(&page, r, "group.visibility", s.version())
				return page, nil
			}
			self = []groupBody{g}
		}
	} else {
		l.query.Set("all_available", "true")
	}
	if s.admin {
		l.plain = maps.Clone(l.query)
		l.query.Set("statistics", "true")
		l.query.Set("with_custom_attributes", "true")
	}
	bodies, next, r, err := readPage(ctx, s, l, rest, entryOf[groupBody]{bare: func(b *groupBody, r *refusal) { b.bare = r }})
	if err != nil {
		return scan.Page[*scan.Group]{}, err
	}
	page := scan.Page[*scan.Group]{Next: next}
	if len(s.scope) > 0 {
		page.Next = s.nextScoped(index, next)
	}
	for _, b := range append(self, bodies...) {
		page.Items = append(page.Items, s.group(b))
	}
	lacking(&page, r, "group.visibility", s.version())
	return page, nil
}

func (s *Source) group(b groupBody) *scan.Group {
	g := &scan.Group{ID: b.ID, Path: b.FullPath, Name: b.Name, WebURL: b.WebURL, ParentID: b.ParentID.value}
	b.Visibility.keep(&g.Visibility)
	there(b.Description, &g.Description)
	uploaded(b.AvatarURL, &g.Avatar)
	b.CreatedAt.keep(&g.CreatedAt)
	s.deletion(b.DeletionOn, field[string]{}, &g.PendingDeletion)
	b.ProjectCreation.keep(&g.ProjectCreation)
	b.SubgroupCreation.keep(&g.SubgroupCreation)
	b.RequireTwoFactor.keep(&g.RequireTwoFactor)
	b.LFSEnabled.keep(&g.LFSEnabled)
	if s.admin {
		length(b.CustomAttributes, &g.CustomAttributes)
	}
	switch {
	case b.Statistics.ok():
		b.Statistics.value.StorageSize.keep(&g.StorageSize)
	case b.Statistics.bad:
		garbled.keep(&g.StorageSize)
	}
	s.groupExtras(b, g)
	settle(g, scan.Quick, func(id scan.FactID) scan.Gap {
		if b.bare != nil {
			return b.bare.gap(id, s.version())
		}
		return s.adminGap(id, scan.ReasonWithheld)
	})
	return g
}

// groupExtras sets what Enterprise Edition adds to a group, and leaves out where
// there is none or the licence lacks it.
// Source: ee/lib/ee/api/entities/group.rb.
func (s *Source) groupExtras(b groupBody, g *scan.Group) {
	length(b.LDAPLinks, &g.LDAPLinks)
	length(b.SAMLLinks, &g.SAMLLinks)
	there(b.FileTemplates, &g.FileTemplates)
	b.Duo.keep(&g.Duo)
	enterprise, known := s.isEnterprise()
	off := func(id scan.FactID) {
		if scan.IsUnset(scan.FactOf(g, id)) {
			scan.Forget(g, id, s.lacking(id))
		}
	}
	switch {
	case !known:
	case !enterprise:
		for _, id := range []scan.FactID{"group.ldap-group-links", "group.saml-group-links", "group.file-templates", "group.duo-settings"} {
			off(id)
		}
	default:
		// Whoever sees the group is told of its links.
		if scan.IsUnset(&g.LDAPLinks) {
			g.LDAPLinks = scan.Known[int64](0)
		}
		if scan.IsUnset(&g.SAMLLinks) && s.version().AtLeast(linksListedSince) {
			g.SAMLLinks = scan.Known[int64](0)
		} else if scan.IsUnset(&g.SAMLLinks) && s.version().AtLeast(scan.MustVersion("15.3")) {
			g.SAMLLinks = scan.Missing[int64](because("group.saml-group-links", scan.ReasonWithheld, "--depth deep: before 18.9 the list of groups may leave them out"))
		}
		has, known := s.licensed("premium")
		switch {
		case known && !has:
			off("group.file-templates")
			if _, unread := g.SAMLLinks.Gap(); unread {
				g.SAMLLinks = scan.Missing[int64](s.lacking("group.saml-group-links"))
			}
		case known && s.admin && scan.IsUnset(&g.FileTemplates):
			g.FileTemplates = scan.Known(false)
		}
		if s.mayGroup(g, owner) {
			off("group.duo-settings")
		}
	}
}

// linksListedSince is the oldest version that is known to list a group's SAML
// links with the group; older ones are asked group by group in a deep scan.
var linksListedSince = scan.MustVersion("18.9")

// deletion sets whether something is marked for deletion. Before 18.0 the key is
// there only where the licence has delayed deletion; without it nothing can be
// marked. Source: https://docs.gitlab.com/user/project/working_with_projects/#delete-a-project.
func (s *Source) deletion(on, at field[string], fact *scan.Fact[bool]) {
	switch {
	case on.bad || at.bad:
		*fact = scan.Missing[bool](senseless)
	case on.said() || at.said():
		*fact = scan.Known((on.ok() && on.value != "") || (at.ok() && at.value != ""))
	case !s.version().IsZero() && !s.version().AtLeast(scan.MustVersion("18.0")):
		*fact = scan.Known(false)
	}
}

// uploaded sets whether an avatar was uploaded: Gravatar's picture and a logo in
// the repository are links of another kind.
func uploaded(link field[string], fact *scan.Fact[bool]) {
	switch {
	case link.said():
		*fact = scan.Known(strings.Contains(link.value, "/uploads/"))
	case link.bad:
		*fact = scan.Missing[bool](senseless)
	}
}

package gitlabsim

import (
	"fmt"
	"strconv"
)

// listGroups is GET /groups. To who has signed in GitLab answers with offset
// pagination whatever is asked for, and without a limit to the offset; without a
// token it takes keyset pagination, by name.
// Source: lib/api/groups.rb (present_groups_with_pagination_strategies).
func listGroups(c *call) (any, error) {
	s := selection{n: c.w.groups}
	if err := c.sortedGroups(&s); err != nil {
		return nil, err
	}
	var tests []func(int) bool
	member := func(least int) func(int) bool {
		return func(i int) bool { return c.who.known() && c.w.groupLevel(c.who.user, i) >= least }
	}
	switch {
	case c.switchOn("owned"):
		tests = append(tests, member(levelOwner))
	case c.switchOff("all_available"):
		tests = append(tests, member(levelGuest))
	case !c.who.readsAll():
		tests = append(tests, func(i int) bool { return c.w.groupVisible(c.who, i) })
	}
	if text := c.query.Get("min_access_level"); text != "" {
		level, err := strconv.Atoi(text)
		if err != nil {
			return nil, badParameter("min_access_level")
		}
		tests = append(tests, member(level))
	}
	if c.switchOn("top_level_only") {
		tests = append(tests, func(i int) bool { return i < c.w.tops })
	}
	if want := c.query.Get("search"); want != "" {
		tests = append(tests, func(i int) bool { return searched(want, c.w.groupName(i), c.w.groupPath(i)) })
	}
	if want := c.query.Get("visibility"); want != "" {
		tests = append(tests, func(i int) bool { return visibilities[c.w.groupVisibility(i)] == want })
	}
	if len(tests) > 0 {
		s.keep = func(i int) bool {
			for _, test := range tests {
				if !test(i) {
					return false
				}
			}
			return true
		}
	}
	if !c.who.known() {
		if c.query.Get("pagination") == "keyset" {
			if by := c.query.Get("order_by"); by != "" && by != "name" || s.desc {
				return nil, noKeyset
			}
			return c.positionPage(s, c.groupRow)
		}
		if err := c.offsetRefused("Group"); err != nil {
			return nil, err
		}
	}
	return c.filteredPage(s, c.groupRow)
}

// groupRow is a group in a list.
func (c *call) groupRow(i int) any { return c.groupBody(c.w.group(i)) }

// theGroup is the group of the route, or the refusal that hides it.
func (c *call) theGroup() (Group, int, error) {
	id := c.r.PathValue("id")
	i, ok := c.w.groupAt(id)
	if n, err := strconv.ParseInt(id, 10, 64); err == nil {
		i, ok = c.w.groupIndex(n)
	}
	if !ok || !c.w.groupVisible(c.who, i) {
		return Group{}, 0, groupMissing
	}
	return c.w.group(i), c.w.levelInGroup(c.who, i), nil
}

// groupBody is API::Entities::Group.
func (c *call) groupBody(g Group) object {
	o := object{{"id", g.ID}, {"web_url", g.WebURL}, {"name", g.Name}, {"path", g.Path}, {"description", g.Description},
		{"visibility", g.Visibility}, {"share_with_group_lock", false}, {"require_two_factor_authentication", g.RequireTwoFactor},
		{"two_factor_grace_period", 48}, {"project_creation_level", g.ProjectCreation}, {"auto_devops_enabled", nil},
		{"subgroup_creation_level", g.SubgroupCreation}, {"emails_disabled", false}}
	o.when(c.since(16, 5), "emails_enabled", true)
	o.when(c.since(17, 10), "show_diff_preview_in_email", true)
	o.put("mentions_disabled", nil)
	o.put("lfs_enabled", g.LFSEnabled)
	o.when(c.since(18, 2), "archived", false)
	o.when(c.since(16, 9), "math_rendering_limits_enabled", true)
	o.when(c.since(16, 9), "lock_math_rendering_limits_enabled", false)
	o.when(c.since(16, 9), "default_branch", nil)
	o.put("default_branch_protection", 2)
	o.when(c.since(16, 4), "default_branch_protection_defaults", object{{"allowed_to_push", list{object{{"access_level", 40}}}},
		{"allow_force_push", false}, {"allowed_to_merge", list{object{{"access_level", 40}}}}})
	o.put("avatar_url", avatar(g.Avatar, c.w, "group", g.ID))
	o.put("request_access_enabled", true)
	o.put("full_name", g.FullName)
	o.put("full_path", g.FullPath)
	o.put("created_at", g.CreatedAt)
	o.put("parent_id", idOrNull(g.ParentID))
	o.when(c.since(17, 3), "organization_id", 1)
	o.when(c.since(15, 0), "shared_runners_setting", "enabled")
	o.when(c.since(18, 1), "max_artifacts_size", nil)
	o.when(c.switchOn("with_custom_attributes") && c.who.admin(), "custom_attributes", attributeList(g.CustomAttributes))
	if c.switchOn("statistics") && c.who.readsAll() {
		o.put("statistics", c.statistics(c.w.groupStatistics(g.ID), nil))
	}
	if c.since(18, 0) || c.w.cfg.Tier.Licensed() {
		o.put("marked_for_deletion_on", orNull(g.DeletionOn))
	}
	if c.w.cfg.Tier.Enterprise() {
		o.put("ldap_cn", nil)
		o.put("ldap_access", nil)
		o.when(g.LDAPLinks > 0, "ldap_group_links", numberedList(g.LDAPLinks, func(k int) any {
			return object{{"cn", fmt.Sprintf("team-%d", k)}, {"group_access", levelDeveloper}, {"provider", "ldapmain"}, {"filter", nil}, {"member_role_id", nil}}
		}))
		o.when(g.SAMLLinks > 0 && c.since(18, 9), "saml_group_links", samlLinks(g))
		template, known := c.w.projectIndex(g.FileTemplateProject)
		o.when(c.w.cfg.Tier.Licensed() && known && c.w.visible(c.who, template), "file_template_project_id", g.FileTemplateProject)
		o.put("wiki_access_level", "enabled")
		o.when(c.who.admin() && c.since(17, 0), "repository_storage", "default")
		duo := c.since(16, 10) && c.w.cfg.Tier.Licensed() && c.w.levelInGroup(c.who, g.index) >= levelOwner
		o.when(duo, "duo_features_enabled", g.Duo)
		o.when(duo, "lock_duo_features_enabled", false)
	}
	return o
}

// oneGroup is GET /groups/:id. GitLab's deprecated projects and shared_projects
// keys are answered unless with_projects=false.
func oneGroup(c *call) (any, error) {
	g, level, err := c.theGroup()
	if err != nil {
		return nil, err
	}
	o := c.groupBody(g)
	shared := list{}
	for _, id := range g.SharedWith {
		if i, ok := c.w.groupIndex(id); ok && c.w.groupVisible(c.who, i) {
			other := c.w.group(i)
			shared = append(shared, object{{"group_id", other.ID}, {"group_name", other.Name}, {"group_full_path", other.FullPath},
				{"group_access_level", levelDeveloper}, {"expires_at", nil}, {"member_role_id", nil}})
		}
	}
	o.put("shared_with_groups", shared)
	o.when(level >= levelOwner, "runners_token", "GR1348941"+c.w.Canary())
	o.when(level >= levelOwner && c.since(16, 1), "enabled_git_access_protocol", nil)
	o.put("prevent_sharing_groups_outside_hierarchy", false)
	if !c.switchOff("with_projects") {
		projects := list{}
		for _, i := range c.w.groupProjects(g.index) {
			if len(projects) < maxPerPage && c.w.visible(c.who, i) {
				p := c.w.project(i)
				projects = append(projects, c.project(&p))
			}
		}
		o.put("projects", projects)
		o.put("shared_projects", list{})
	}
	if c.w.cfg.Tier.Enterprise() {
		o.put("shared_runners_minutes_limit", idOrNull(g.MinutesLimit))
		o.put("extra_shared_runners_minutes_limit", nil)
		o.when(c.w.cfg.Tier.Licensed(), "prevent_forking_outside_group", nil)
		o.put("membership_lock", g.MembershipLock)
		o.when(c.w.cfg.Tier.Licensed(), "ip_restriction_ranges", orNull(g.IPRanges))
	}
	return o, nil
}

// groupProjects is GET /groups/:id/projects.
func groupProjects(c *call) (any, error) {
	g, _, err := c.theGroup()
	if err != nil {
		return nil, err
	}
	groups := []int{g.index}
	if c.switchOn("include_subgroups") {
		groups = append(groups, c.w.groupTree(g.index)...)
	}
	var projects []int
	for _, i := range groups {
		for _, p := range c.w.groupProjects(i) {
			if c.w.visible(c.who, p) && !c.otherwiseArchived(p) {
				projects = append(projects, p)
			}
		}
	}
	sortBy(projects, c.query.Get("sort") != "asc")
	return listPage(c, projects, func(i int) any {
		p := c.w.project(i)
		if c.switchOn("simple") {
			return c.basicProject(&p)
		}
		return c.project(&p)
	})
}

func (c *call) otherwiseArchived(i int) bool {
	want := c.query.Get("archived")
	return want != "" && c.w.project(i).Archived != truth[want]
}

func groupSubgroups(c *call) (any, error) {
	return c.groupsBelow(c.w.groupChildren)
}

func groupDescendants(c *call) (any, error) {
	return c.groupsBelow(c.w.groupTree)
}

func (c *call) groupsBelow(below func(int) []int) (any, error) {
	g, _, err := c.theGroup()
	if err != nil {
		return nil, err
	}
	var groups []int
	for _, i := range below(g.index) {
		if c.w.groupVisible(c.who, i) {
			groups = append(groups, i)
		}
	}
	c.nameOrder(groups)
	return listPage(c, groups, c.groupRow)
}

// numberedList makes the n entries of a list.
func numberedList(n int64, entry func(k int) any) list {
	l := list{}
	for k := range int(n) {
		l = append(l, entry(k))
	}
	return l
}

func samlLinks(g Group) list {
	return numberedList(g.SAMLLinks, func(k int) any {
		return object{{"name", fmt.Sprintf("saml-team-%d", k)}, {"access_level", levelDeveloper}, {"member_role_id", nil}, {"provider", nil}}
	})
}

// groupSAMLLinks is GET /groups/:id/saml_group_links, which has no pages.
func groupSAMLLinks(c *call) (any, error) {
	g, level, err := c.theGroup()
	if err != nil {
		return nil, err
	}
	if level < levelOwner || !c.w.cfg.Tier.Licensed() {
		return nil, unauthorized
	}
	return samlLinks(g), nil
}

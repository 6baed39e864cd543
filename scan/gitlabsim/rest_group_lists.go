package gitlabsim

import (
	"fmt"
)

// inGroup wraps a list that belongs to a group.
func inGroup(c *call, least int, count func(Group) int64, body func(Group, int) any) (any, error) {
	g, level, err := c.theGroup()
	if err != nil {
		return nil, err
	}
	if err := need(level, least); err != nil {
		return nil, err
	}
	return numbered(c, count(g), func(k int) any { return body(g, k) })
}

func ofGroupList[T any](c *call, least int, items func(Group) []T, body func(Group, T) any) (any, error) {
	g, level, err := c.theGroup()
	if err != nil {
		return nil, err
	}
	if err := need(level, least); err != nil {
		return nil, err
	}
	return listPage(c, items(g), func(x T) any { return body(g, x) })
}

func groupMembers(c *call) (any, error) {
	return ofGroupList(c, 0, c.w.GroupMembers, func(g Group, m Member) any { return c.groupMemberBody(m, c.w.levelInGroup(c.who, g.index)) })
}

func groupMembersAll(c *call) (any, error) {
	return ofGroupList(c, 0, func(g Group) []Member { return c.w.inherited(nil, g.index) }, func(_ Group, m Member) any { return c.memberBody(m) })
}

func groupMilestones(c *call) (any, error) {
	return inGroup(c, 0, func(g Group) int64 { return g.Milestones }, func(g Group, k int) any {
		return milestoneBody(part(g.index, k), k, "group_id", g.ID, g.WebURL)
	})
}

func groupBoards(c *call) (any, error) {
	return inGroup(c, 0, func(g Group) int64 { return g.Boards }, func(g Group, k int) any {
		o := object{{"id", part(g.index, k)}, {"name", "Planning"}, {"hide_backlog_list", false}, {"hide_closed_list", false}, {"project", nil}, {"lists", list{}}}
		o.when(c.w.cfg.Tier.Enterprise(), "group", object{{"id", g.ID}, {"web_url", g.WebURL}, {"name", g.Name}})
		return append(o, c.boardFilters()...)
	})
}

func groupBadges(c *call) (any, error) {
	return inGroup(c, 0, func(g Group) int64 { return g.Badges }, func(g Group, k int) any {
		url := fmt.Sprintf("https://badges.example.com/%d.svg", k)
		return object{{"name", "coverage"}, {"link_url", url}, {"image_url", url}, {"rendered_link_url", url}, {"rendered_image_url", url}, {"id", groupBadge(g.index, k)}, {"kind", "group"}}
	})
}

func groupLabels(c *call) (any, error) {
	return inGroup(c, 0, func(g Group) int64 {
		n := g.Labels
		if !c.switchOff("include_ancestor_groups") {
			for _, above := range c.w.groupLine(g.index)[1:] {
				n += c.w.group(above).Labels
			}
		}
		return n
	}, func(g Group, k int) any { return labelBody(part(g.index, k), k) })
}

func groupHooks(c *call) (any, error) {
	if !c.w.cfg.Tier.Licensed() {
		if _, _, err := c.theGroup(); err != nil {
			return nil, err
		}
		return nil, forbidden
	}
	return ofGroupList(c, levelOwner, c.w.GroupWebhooks, func(g Group, h Webhook) any {
		o := hookBody(h, "group_id", g.ID)
		return append(o, object{{"subgroup_events", false}, {"member_events", false}, {"project_events", false}}...)
	})
}

func groupDeployTokens(c *call) (any, error) {
	return ofGroupList(c, levelMaintainer, c.w.GroupDeployTokens, func(_ Group, t DeployToken) any { return deployTokenBody(t) })
}

func groupVariables(c *call) (any, error) {
	return ofGroupList(c, levelOwner, c.w.GroupVariables, func(_ Group, v Variable) any { return c.variable(v, "group") })
}

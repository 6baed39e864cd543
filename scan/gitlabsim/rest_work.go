package gitlabsim

import (
	"fmt"
	"strconv"
)

func issues(c *call) (any, error) {
	p, level, err := c.theProject()
	switch {
	case err != nil:
		return nil, err
	case !can(c.who, p, level, p.Access.Issues, levelGuest):
		return nil, notFound
	}
	return numbered(c, p.Issues, func(k int) any {
		state := "closed"
		if int64(k) >= p.Issues-p.OpenIssues {
			state = "opened"
		}
		return object{{"id", int64(p.index)*1_000_000 + int64(k) + 1}, {"iid", k + 1}, {"project_id", p.ID}, {"title", fmt.Sprintf("Issue %d", k+1)}, {"description", nil},
			{"state", state}, {"created_at", p.CreatedAt}, {"updated_at", p.LastActivityAt}, {"closed_at", nil}, {"closed_by", nil}, {"labels", list{}},
			{"milestone", nil}, {"assignees", list{}}, {"author", c.w.userBasic(c.w.ordinary(c.w.draw(ofProject, p.index, "creator")))}, {"type", "ISSUE"},
			{"assignee", nil}, {"user_notes_count", 0}, {"merge_requests_count", 0}, {"upvotes", 0}, {"downvotes", 0}, {"due_date", nil}, {"confidential", false},
			{"discussion_locked", nil}, {"issue_type", "issue"}, {"web_url", fmt.Sprintf("%s/-/issues/%d", p.WebURL, k+1)},
			{"time_stats", object{{"time_estimate", 0}, {"total_time_spent", 0}, {"human_time_estimate", nil}, {"human_total_time_spent", nil}}},
			{"task_completion_status", object{{"count", 0}, {"completed_count", 0}}}, {"has_tasks", true}, {"task_status", "0 of 0"},
			{"_links", object{{"self", ""}, {"notes", ""}, {"award_emoji", ""}, {"project", ""}, {"closed_as_duplicate_of", nil}}},
			{"references", object{{"short", fmt.Sprintf("#%d", k+1)}, {"relative", fmt.Sprintf("#%d", k+1)}, {"full", fmt.Sprintf("%s#%d", p.FullPath, k+1)}}},
			{"severity", "UNKNOWN"}, {"moved_to_id", nil}, {"imported", false}, {"imported_from", "none"}, {"service_desk_reply_to", nil}}
	})
}

func issuesStatistics(c *call) (any, error) {
	p, level, err := c.theProject()
	switch {
	case err != nil:
		return nil, err
	case !can(c.who, p, level, p.Access.Issues, levelGuest):
		return nil, notFound
	}
	return object{{"statistics", object{{"counts", object{{"all", p.Issues}, {"closed", p.Issues - p.OpenIssues}, {"opened", p.OpenIssues}}}}}}, nil
}

// reads reports whether a feature that needs code access may be read.
func (c *call) reads(feature string) (*Project, error) {
	p, level, err := c.theProject()
	switch {
	case err != nil:
		return nil, err
	case feature == "merge_requests" && p.Access.MergeRequests == "disabled", feature == "builds" && p.Access.Builds == "disabled",
		!readsCode(c.who, p, level),
		feature == "merge_requests" && !can(c.who, p, level, p.Access.MergeRequests, levelReporter),
		feature == "builds" && !can(c.who, p, level, p.Access.Builds, levelReporter):
		return nil, forbidden
	}
	return p, nil
}

func mergeRequests(c *call) (any, error) {
	p, err := c.reads("merge_requests")
	if err != nil {
		return nil, err
	}
	n := p.MergeRequests
	switch c.query.Get("state") {
	case "opened":
		n = p.OpenMergeRequests
	case "merged", "closed":
		n -= p.OpenMergeRequests
	}
	author := c.w.userBasic(c.w.ordinary(c.w.draw(ofProject, p.index, "creator")))
	return numbered(c, n, func(k int) any {
		state := "merged"
		if int64(k) >= p.MergeRequests-p.OpenMergeRequests {
			state = "opened"
		}
		return object{{"id", int64(p.index)*1_000_000 + int64(k) + 1}, {"iid", k + 1}, {"project_id", p.ID}, {"title", fmt.Sprintf("Change %d", k+1)},
			{"description", nil}, {"state", state}, {"created_at", p.CreatedAt}, {"updated_at", p.LastActivityAt}, {"merged_by", nil}, {"merge_user", nil},
			{"merged_at", nil}, {"closed_by", nil}, {"closed_at", nil}, {"target_branch", p.DefaultBranch}, {"source_branch", "feature"}, {"user_notes_count", 0},
			{"upvotes", 0}, {"downvotes", 0}, {"author", author}, {"assignees", list{}}, {"assignee", nil}, {"reviewers", list{}}, {"source_project_id", p.ID},
			{"target_project_id", p.ID}, {"labels", list{}}, {"draft", false}, {"imported", false}, {"imported_from", "none"}, {"work_in_progress", false},
			{"milestone", nil}, {"merge_when_pipeline_succeeds", false}, {"merge_status", "can_be_merged"}, {"detailed_merge_status", "mergeable"},
			{"merge_after", nil}, {"sha", c.w.draw(ofProject, p.index, "mr").again(k).hex(40)}, {"merge_commit_sha", nil}, {"squash_commit_sha", nil},
			{"discussion_locked", nil}, {"should_remove_source_branch", nil}, {"force_remove_source_branch", true}, {"prepared_at", p.CreatedAt},
			{"reference", fmt.Sprintf("!%d", k+1)}, {"references", object{{"short", fmt.Sprintf("!%d", k+1)}, {"relative", fmt.Sprintf("!%d", k+1)}, {"full", fmt.Sprintf("%s!%d", p.FullPath, k+1)}}},
			{"web_url", fmt.Sprintf("%s/-/merge_requests/%d", p.WebURL, k+1)},
			{"time_stats", object{{"time_estimate", 0}, {"total_time_spent", 0}, {"human_time_estimate", nil}, {"human_total_time_spent", nil}}},
			{"squash", false}, {"squash_on_merge", false}, {"task_completion_status", object{{"count", 0}, {"completed_count", 0}}}, {"has_conflicts", false},
			{"blocking_discussions_resolved", true}, {"approvals_before_merge", nil}}
	})
}

func pipelines(c *call) (any, error) {
	p, err := c.reads("builds")
	if err != nil {
		return nil, err
	}
	return numbered(c, p.Pipelines, func(k int) any {
		d := c.w.draw(ofProject, p.index, "pipeline").again(k)
		return object{{"id", int64(p.index)*1_000_000 + int64(k) + 1}, {"iid", k + 1}, {"project_id", p.ID}, {"sha", d.hex(40)}, {"ref", p.DefaultBranch},
			{"status", []string{"success", "failed", "canceled"}[d.weighted(80, 15, 5)]}, {"source", "push"}, {"created_at", p.LastActivityAt},
			{"updated_at", p.LastActivityAt}, {"web_url", fmt.Sprintf("%s/-/pipelines/%d", p.WebURL, k+1)}, {"name", nil}}
	})
}

func pipelineSchedules(c *call) (any, error) {
	p, err := c.reads("builds")
	if err != nil {
		return nil, err
	}
	return numbered(c, p.Schedules, func(k int) any {
		return object{{"id", part(p.index, k)}, {"description", "Nightly"}, {"ref", "refs/heads/" + p.DefaultBranch}, {"cron", "0 2 * * *"}, {"cron_timezone", "UTC"},
			{"next_run_at", c.w.ago(-0.5)}, {"active", k%3 != 2}, {"created_at", p.CreatedAt}, {"updated_at", p.LastActivityAt},
			{"owner", c.w.userBasic(c.w.ordinary(c.w.draw(ofProject, p.index, "creator")))}}
	})
}

func labelBody(id int64, k int) object {
	name := []string{"bug", "feature", "=urgent", "team::platform", "priority::1", "docs", "needs \"review\""}[k%7]
	if k >= 7 {
		name += " " + strconv.Itoa(k/7)
	}
	o := object{{"id", id}, {"name", name}, {"description", nil}, {"description_html", ""}, {"text_color", "#FFFFFF"}, {"color", "#6699cc"},
		{"subscribed", false}, {"archived", false}}
	return o
}

// projectLabels is GET /projects/:id/labels: with those of the groups above,
// unless include_ancestor_groups=false.
func projectLabels(c *call) (any, error) {
	p, _, err := c.theProject()
	if err != nil {
		return nil, err
	}
	n := p.Labels
	if p.group >= 0 && !c.switchOff("include_ancestor_groups") {
		for _, g := range c.w.groupLine(p.group) {
			n += c.w.group(g).Labels
		}
	}
	return numbered(c, n, func(k int) any {
		return append(labelBody(part(p.index, k), k), object{{"priority", nil}, {"is_project_label", int64(k) < p.Labels}}...)
	})
}

func milestoneBody(id int64, k int, owner string, ownerID int64, url string) any {
	return object{{"id", id}, {"iid", k + 1}, {owner, ownerID}, {"title", fmt.Sprintf("%d.0", k+1)}, {"description", ""}, {"state", "active"},
		{"created_at", "2025-01-02T10:00:00.000Z"}, {"updated_at", "2025-01-02T10:00:00.000Z"}, {"due_date", nil}, {"start_date", nil}, {"expired", false},
		{"web_url", fmt.Sprintf("%s/-/milestones/%d", url, k+1)}}
}

func projectMilestones(c *call) (any, error) {
	p, level, err := c.theProject()
	switch {
	case err != nil:
		return nil, err
	case p.Access.Issues == "disabled" && p.Access.MergeRequests == "disabled", !can(c.who, p, level, p.Access.Issues, levelGuest) && !readsCode(c.who, p, level):
		return nil, forbidden
	}
	return numbered(c, p.Milestones, func(k int) any { return milestoneBody(part(p.index, k), k, "project_id", p.ID, p.WebURL) })
}

func projectBoards(c *call) (any, error) {
	p, level, err := c.theProject()
	switch {
	case err != nil:
		return nil, err
	case !can(c.who, p, level, p.Access.Issues, levelGuest):
		return nil, forbidden
	}
	return numbered(c, p.Boards, func(k int) any {
		o := object{{"id", part(p.index, k)}, {"name", "Development"}, {"hide_backlog_list", false}, {"hide_closed_list", false}, {"project", c.basicProject(p)}, {"lists", list{}}}
		o.when(c.w.cfg.Tier.Enterprise(), "group", nil)
		return append(o, c.boardFilters()...)
	})
}

// boardFilters is what a licence lets a board be narrowed by.
func (c *call) boardFilters() object {
	if !c.w.cfg.Tier.Licensed() {
		return nil
	}
	return object{{"milestone", nil}, {"assignee", nil}, {"labels", list{}}, {"weight", nil}}
}

func wikis(c *call) (any, error) {
	p, level, err := c.theProject()
	switch {
	case err != nil:
		return nil, err
	case !can(c.who, p, level, p.Access.Wiki, levelGuest):
		return nil, forbidden
	}
	l := list{} // not paginated
	for k := range p.WikiPages {
		name := "home"
		if k > 0 {
			name = fmt.Sprintf("page-%d", k)
		}
		l = append(l, object{{"format", "markdown"}, {"slug", name}, {"title", name}, {"wiki_page_meta_id", nil}})
	}
	return l, nil
}

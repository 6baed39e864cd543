package gitlabsim

import (
	"fmt"
	"strconv"
	"strings"
)

// of wraps a list that belongs to a project: who may read it, and its items.
func of[T any](c *call, least int, items func(*Project) []T, body func(*Project, T) any) (any, error) {
	p, level, err := c.theProject()
	if err != nil {
		return nil, err
	}
	if err := need(level, least); err != nil {
		return nil, err
	}
	return listPage(c, items(p), func(x T) any { return body(p, x) })
}

// numbered answers a page of n things of a project that are numbered.
func numbered(c *call, n int64, body func(k int) any) (any, error) {
	return c.offsetPage(selection{n: int(n), desc: true}, body)
}

func (c *call) commit(d draw) object {
	at := c.w.ago(400 * d.unit())
	sha := d.hex(40)
	return object{{"id", sha}, {"short_id", sha[:8]}, {"created_at", at}, {"parent_ids", list{}}, {"title", "Change things"}, {"message", "Change things\n"},
		{"author_name", "Ada"}, {"author_email", "ada@example.com"}, {"authored_date", at}, {"committer_name", "Ada"},
		{"committer_email", "ada@example.com"}, {"committed_date", at}, {"trailers", object{}}, {"extended_trailers", object{}},
		{"web_url", c.w.ExternalURL() + "/-/commit/" + sha}}
}

// code is the project of the route if the caller may read its repository.
func (c *call) code() (*Project, error) {
	p, level, err := c.theProject()
	switch {
	case err != nil:
		return nil, err
	case !readsCode(c.who, p, level):
		return nil, forbidden
	}
	return p, nil
}

func branches(c *call) (any, error) {
	p, err := c.code()
	if err != nil {
		return nil, err
	}
	return listPage(c, c.w.branchNames(*p), func(name string) any {
		isDefault := name == p.DefaultBranch
		return object{{"name", name}, {"commit", c.commit(c.w.draw(ofProject, p.index, name))}, {"merged", false}, {"protected", isDefault},
			{"developers_can_push", false}, {"developers_can_merge", false}, {"can_push", c.who.admin()}, {"default", isDefault},
			{"web_url", p.WebURL + "/-/tree/" + name}}
	})
}

func tags(c *call) (any, error) {
	p, err := c.code()
	if err != nil {
		return nil, err
	}
	return numbered(c, p.Tags, func(k int) any {
		o := object{{"name", tagName(k)}, {"message", ""}, {"target", c.w.draw(ofProject, p.index, tagName(k)).hex(40)},
			{"commit", c.commit(c.w.draw(ofProject, p.index, tagName(k)))}, {"release", nil}, {"protected", false}}
		o.when(c.since(16, 6), "created_at", nil)
		return o
	})
}

func tree(c *call) (any, error) {
	p, err := c.code()
	if err != nil {
		return nil, err
	}
	if p.Empty {
		return nil, message(404, "404 Tree Not Found")
	}
	var names []string
	for _, name := range []string{"README.md", defaultCIPath} {
		if _, ok := c.w.file(*p, name); ok {
			names = append(names, name)
		}
	}
	return listPage(c, names, func(name string) any {
		return object{{"id", c.w.draw(ofProject, p.index, "blob-"+name).hex(40)}, {"name", name}, {"type", "blob"}, {"path", name}, {"mode", "100644"}}
	})
}

func rawFile(c *call) (any, error) {
	p, err := c.code()
	if err != nil {
		return nil, err
	}
	text, ok := c.w.file(*p, c.r.PathValue("path"))
	if !ok {
		return nil, fileMissing
	}
	c.head.Set("X-Gitlab-File-Path", c.r.PathValue("path"))
	c.head.Set("X-Gitlab-Size", strconv.Itoa(len(text)))
	return raw{"text/plain", text}, nil
}

func environments(c *call) (any, error) {
	p, level, err := c.theProject()
	if err != nil {
		return nil, err
	}
	if !can(c.who, p, level, p.Access.Environments, levelReporter) || p.Visibility == "private" && level < levelReporter && !c.who.auditor() {
		return nil, forbidden
	}
	return numbered(c, p.Environments, func(k int) any {
		name := []string{"production", "staging", "qa", "review/one", "review/two", "demo"}[k%6]
		o := object{{"id", part(p.index, k)}, {"name", name}, {"slug", strings.ReplaceAll(name, "/", "-")}, {"external_url", nil},
			{"created_at", p.CreatedAt}, {"updated_at", p.LastActivityAt}, {"tier", []string{"production", "staging", "testing", "development", "development", "other"}[k%6]}}
		o.put("state", "available")
		o.when(c.since(16, 1), "auto_stop_at", nil)
		o.when(c.since(17, 1), "description", nil)
		o.when(c.since(17, 9), "auto_stop_setting", "always")
		return o
	})
}

func (c *call) memberBody(m Member) any {
	i, _ := c.w.userIndex(m.UserID)
	o := c.w.userBasic(i)
	o.put("access_level", m.Level)
	o.put("created_at", m.CreatedAt)
	o.put("expires_at", orNull(m.Expires))
	o.when(c.who.admin() && c.since(16, 0), "email", c.w.user(i).Email)
	o.put("membership_state", "active")
	return o
}

func projectMembers(c *call) (any, error) {
	return of(c, 0, func(p *Project) []Member { return c.w.Members(*p) }, func(_ *Project, m Member) any { return c.memberBody(m) })
}

func projectMembersAll(c *call) (any, error) {
	return of(c, 0, func(p *Project) []Member { return c.w.inherited(c.w.Members(*p), p.group) }, func(_ *Project, m Member) any { return c.memberBody(m) })
}

func hookEvents() object {
	o := object{}
	for _, e := range []string{"issues", "confidential_issues", "note", "confidential_note", "pipeline", "wiki_page", "deployment", "feature_flag",
		"job", "releases", "milestone", "emoji", "resource_access_token", "vulnerability"} {
		o.put(e+"_events", e == "pipeline")
	}
	return o
}

func hookBody(h Webhook, owner string, id int64) object {
	o := object{{"id", h.ID}, {"url", h.URL}, {"name", orNull(h.Name)}, {"description", nil}, {"created_at", h.CreatedAt}, {"push_events", true}, {"tag_push_events", false},
		{"merge_requests_events", true}, {"repository_update_events", false}, {"enable_ssl_verification", h.VerifyTLS}, {"alert_status", "executable"},
		{"disabled_until", nil}, {"url_variables", list{}}, {"push_events_branch_filter", nil}, {"branch_filter_strategy", "wildcard"},
		{"custom_webhook_template", nil}, {"custom_headers", list{}}, {owner, id}}
	return append(o, hookEvents()...)
}

func projectHooks(c *call) (any, error) {
	return of(c, levelMaintainer, func(p *Project) []Webhook { return c.w.Webhooks(*p) },
		func(p *Project, h Webhook) any { return hookBody(h, "project_id", p.ID) })
}

func projectDeployTokens(c *call) (any, error) {
	return of(c, levelMaintainer, func(p *Project) []DeployToken { return c.w.DeployTokens(*p) },
		func(_ *Project, t DeployToken) any { return deployTokenBody(t) })
}

func projectDeployKeys(c *call) (any, error) {
	return of(c, levelMaintainer, func(p *Project) []DeployKey { return c.w.DeployKeys(*p) }, func(p *Project, k DeployKey) any {
		return append(c.deployKeyBody(k, false), member{"can_push", contains(k.Writable, p.ID)})
	})
}

// remoteMirrors is GET /projects/:id/remote_mirrors; whoever lacks the right is
// told 401.
func remoteMirrors(c *call) (any, error) {
	p, level, err := c.theProject()
	switch {
	case err != nil:
		return nil, err
	case level < levelMaintainer:
		return nil, unauthorized
	}
	return listPage(c, c.w.Mirrors(*p), func(m Mirror) any {
		masked := "https://*****:*****@" + m.Host() + "/" + p.Path + ".git"
		return object{{"id", m.ID}, {"enabled", m.Enabled}, {"url", masked}, {"update_status", "finished"}, {"last_update_at", c.w.ago(0.2)},
			{"last_update_started_at", c.w.ago(0.2)}, {"last_successful_update_at", c.w.ago(0.2)}, {"last_error", nil},
			{"only_protected_branches", m.OnlyProtected}, {"keep_divergent_refs", nil}, {"auth_method", "password"}, {"host_keys", list{}}}
	})
}

func accessLevel(id int64, level int) object {
	text := map[int]string{0: "No one", levelDeveloper: "Developers + Maintainers", levelMaintainer: "Maintainers"}[level]
	return object{{"id", id}, {"access_level", level}, {"access_level_description", text}, {"deploy_key_id", nil}, {"user_id", nil}, {"group_id", nil}}
}

func protectedBranches(c *call) (any, error) {
	p, level, err := c.theProject()
	switch {
	case err != nil:
		return nil, err
	case c.since(18, 9) && !readsCode(c.who, p, level), !c.since(18, 9) && level < levelMaintainer:
		return nil, forbidden
	}
	return listPage(c, c.w.ProtectedBranches(*p), func(b ProtectedBranch) any {
		o := object{{"id", b.ID}, {"name", b.Name}, {"push_access_levels", list{accessLevel(b.ID, b.PushLevel)}}, {"merge_access_levels", list{accessLevel(b.ID, b.MergeLevel)}},
			{"allow_force_push", b.AllowForcePush}}
		if c.w.cfg.Tier.Enterprise() {
			o.put("unprotect_access_levels", list{})
			o.put("code_owner_approval_required", b.CodeOwnerApproval)
		}
		o.when(c.since(15, 9) && c.w.cfg.Tier.Licensed(), "inherited", false)
		return o
	})
}

func protectedTags(c *call) (any, error) {
	p, level, err := c.theProject()
	if err != nil {
		return nil, err
	}
	if err := need(level, levelMaintainer); err != nil {
		return nil, err
	}
	return numbered(c, p.ProtectedTags, func(k int) any {
		return object{{"name", []string{"v*", "release-*", "hotfix-*"}[k%3]}, {"create_access_levels", list{accessLevel(part(p.index, k), levelMaintainer)}}}
	})
}

func projectIntegrations(c *call) (any, error) {
	p, level, err := c.theProject()
	if err != nil {
		return nil, err
	}
	if err := need(level, levelMaintainer); err != nil {
		return nil, err
	}
	l := list{} // not paginated
	for _, x := range c.w.Integrations(*p) {
		o := object{{"id", x.ID}, {"title", x.Title}, {"slug", x.Slug}, {"created_at", p.CreatedAt}, {"updated_at", p.LastActivityAt}, {"active", true}}
		for _, e := range []string{"commit", "push", "issues", "incident", "alert", "confidential_issues", "merge_requests", "tag_push", "deployment",
			"note", "confidential_note", "pipeline", "wiki_page", "job"} {
			o.put(e+"_events", true)
		}
		o.put("comment_on_event_enabled", true)
		o.when(c.since(17, 0), "inherited", false)
		o.when(c.w.cfg.Tier.Enterprise(), "vulnerability_events", false)
		l = append(l, o)
	}
	return l, nil
}

func projectSnippets(c *call) (any, error) {
	p, level, err := c.theProject()
	switch {
	case err != nil:
		return nil, err
	case !can(c.who, p, level, p.Access.Snippets, levelGuest):
		return nil, forbidden
	}
	return listPage(c, c.w.snippets.of(p.index), func(k int) any { return c.snippet(k, false) })
}

func releases(c *call) (any, error) {
	p, level, err := c.theProject()
	switch {
	case err != nil:
		return nil, err
	case !can(c.who, p, level, p.Access.Releases, levelGuest):
		return nil, forbidden
	}
	code := readsCode(c.who, p, level)
	return numbered(c, p.Releases, func(k int) any {
		at := c.w.ago(300 * c.w.draw(ofProject, p.index, "release").again(k).unit())
		o := object{{"tag_name", tagName(k)}, {"description", "Notes"}, {"name", "Release " + tagName(k)}, {"created_at", at}, {"released_at", at},
			{"upcoming_release", false}, {"author", c.w.userBasic(c.w.ordinary(c.w.draw(ofProject, p.index, "creator")))}}
		o.when(code, "commit", c.commit(c.w.draw(ofProject, p.index, tagName(k))))
		o.put("milestones", list{})
		o.when(code, "commit_path", "/"+p.FullPath+"/-/commit/0")
		o.when(code, "tag_path", "/"+p.FullPath+"/-/tags/"+tagName(k))
		o.put("assets", object{{"count", 0}, {"sources", list{}}, {"links", list{}}})
		o.put("evidences", list{})
		o.put("_links", object{{"self", p.WebURL + "/-/releases/" + tagName(k)}})
		return o
	})
}

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

// triggers is GET /projects/:id/triggers; the body carries the token itself,
// whole for its owner alone.
func triggers(c *call) (any, error) {
	p, level, err := c.theProject()
	if err != nil {
		return nil, err
	}
	if err := need(level, levelMaintainer); err != nil {
		return nil, err
	}
	return numbered(c, p.Triggers, func(k int) any {
		owner := c.w.ordinary(c.w.draw(ofProject, p.index, "trigger").again(k))
		token := "glptt-" + c.w.Canary()
		if owner != c.who.user {
			token = token[:4]
		}
		o := object{{"id", part(p.index, k)}, {"token", token}, {"description", "deploy"}, {"created_at", p.CreatedAt}, {"updated_at", p.CreatedAt}, {"last_used", nil}}
		o.when(c.since(17, 10), "expires_at", nil)
		o.put("owner", c.w.userBasic(owner))
		return o
	})
}

func projectVariables(c *call) (any, error) {
	return of(c, levelMaintainer, func(p *Project) []Variable { return c.w.Variables(*p) },
		func(_ *Project, v Variable) any { return c.variable(v, "project") })
}

// packageAt finds the k-th package over all types.
func (p *Project) packageAt(k int64) (kind string, version int64) {
	for _, t := range p.Packages {
		if k < t.Count {
			return t.Type, k
		}
		k -= t.Count
	}
	return "", 0
}

// packageSum counts packages of one type, or of all types for "".
func (p *Project) packageSum(kind string) int64 {
	var n int64
	for _, t := range p.Packages {
		if kind == "" || kind == t.Type {
			n += t.Count
		}
	}
	return n
}

func packages(c *call) (any, error) {
	p, level, err := c.theProject()
	switch {
	case err != nil:
		return nil, err
	case !readsPackages(c.who, p, level):
		return nil, forbidden
	}
	kind := c.query.Get("package_type")
	if kind != "" && !contains(packageTypes, kind) {
		return nil, refusal{400, object{{"error", "package_type does not have a valid value"}}}
	}
	return numbered(c, p.packageSum(kind), func(k int) any {
		t, version := kind, int64(k)
		if kind == "" {
			t, version = p.packageAt(int64(k))
		}
		at := c.w.ago(200 * c.w.draw(ofProject, p.index, "package").again(k).unit())
		return object{{"id", int64(p.index)*10_000 + int64(k) + 1}, {"name", p.Path}, {"version", fmt.Sprintf("1.0.%d", version)}, {"package_type", t}, {"status", "default"},
			{"_links", object{{"web_path", fmt.Sprintf("/%s/-/packages/%d", p.FullPath, k+1)}}}, {"created_at", at}, {"last_downloaded_at", nil}, {"tags", list{}}}
	})
}

// readsPackages: Reporter on private projects, whoever sees others.
func readsPackages(who caller, p *Project, level int) bool {
	return level >= levelReporter || who.auditor() || p.Visibility != "private"
}

// readsRegistry: likewise, and the feature must be on.
func readsRegistry(who caller, p *Project, level int) bool {
	return can(who, p, level, p.Access.Registry, levelReporter) && (p.Visibility != "private" || level >= levelReporter || who.auditor())
}

func registryRepositories(c *call) (any, error) {
	p, level, err := c.theProject()
	switch {
	case err != nil:
		return nil, err
	case !readsRegistry(c.who, p, level):
		return nil, forbidden
	}
	return numbered(c, p.RegistryRepos, func(k int) any {
		name, path := "", strings.ToLower(p.FullPath)
		if k > 0 {
			name = []string{"cache", "test", "base", "debug"}[(k-1)%4] + strconv.Itoa((k-1)/4)
			path += "/" + name
		}
		o := object{{"id", part(p.index, k)}, {"name", name}, {"path", path}, {"project_id", p.ID}, {"location", "registry." + c.w.host + "/" + path},
			{"created_at", p.CreatedAt}, {"cleanup_policy_started_at", nil}}
		o.when(c.since(17, 0), "status", nil)
		o.when(c.switchOn("tags_count"), "tags_count", 1+c.w.draw(ofProject, p.index, "registry-tags").again(k).below(60))
		return o
	})
}

func labelBody(id int64, k int, project bool) any {
	name := []string{"bug", "feature", "=urgent", "team::platform", "priority::1", "docs", "needs \"review\""}[k%7]
	if k >= 7 {
		name += " " + strconv.Itoa(k/7)
	}
	o := object{{"id", id}, {"name", name}, {"description", nil}, {"description_html", ""}, {"text_color", "#FFFFFF"}, {"color", "#6699cc"},
		{"subscribed", false}, {"archived", false}}
	if project {
		o.put("priority", nil)
	}
	return append(o, member{"is_project_label", project})
}

// projectLabels is GET /projects/:id/labels: with those of the groups above,
// unless include_ancestor_groups=false.
func projectLabels(c *call) (any, error) {
	p, _, err := c.theProject()
	if err != nil {
		return nil, err
	}
	n := p.Labels
	if p.group >= 0 && c.query.Get("include_ancestor_groups") != "false" {
		for _, g := range c.w.groupLine(p.group) {
			n += c.w.group(g).Labels
		}
	}
	return numbered(c, n, func(k int) any { return labelBody(part(p.index, k), k, int64(k) < p.Labels) })
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
		return object{{"id", part(p.index, k)}, {"name", "Development"}, {"hide_backlog_list", false}, {"hide_closed_list", false}, {"project", c.basicProject(p)}, {"lists", list{}}}
	})
}

func projectPages(c *call) (any, error) {
	p, level, err := c.theProject()
	if err != nil {
		return nil, err
	}
	if err := need(level, levelMaintainer); err != nil {
		return nil, err
	}
	if p.PagesDeployments == 0 {
		return nil, notFound
	}
	url := "https://pages.example.com/" + p.FullPath
	return object{{"url", url}, {"is_unique_domain_enabled", false}, {"force_https", true},
		{"deployments", list{object{{"created_at", p.LastActivityAt}, {"url", url}, {"path_prefix", ""}, {"root_directory", "public"}}}}, {"primary_domain", nil}}, nil
}

func projectPagesDomains(c *call) (any, error) {
	return of(c, levelMaintainer, func(p *Project) []int { return c.w.domains.of(p.index) }, func(_ *Project, k int) any {
		return object{{"domain", domain(k)}, {"url", "https://" + domain(k)}, {"verified", true}, {"verification_code", c.w.Canary()},
			{"enabled_until", c.w.ago(-60)}, {"auto_ssl_enabled", true}}
	})
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
	return ofGroupList(c, 0, c.w.GroupMembers, func(_ Group, m Member) any { return c.memberBody(m) })
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
		return object{{"id", part(g.index, k)}, {"name", "Planning"}, {"hide_backlog_list", false}, {"hide_closed_list", false}, {"project", nil}, {"lists", list{}},
			{"group", object{{"id", g.ID}, {"web_url", g.WebURL}, {"name", g.Name}}}}
	})
}

func groupBadges(c *call) (any, error) {
	return inGroup(c, 0, func(g Group) int64 { return g.Badges }, func(g Group, k int) any {
		url := fmt.Sprintf("https://badges.example.com/%d.svg", k)
		return object{{"name", "coverage"}, {"link_url", url}, {"image_url", url}, {"rendered_link_url", url}, {"rendered_image_url", url}, {"id", part(g.index, k)}, {"kind", "group"}}
	})
}

func groupLabels(c *call) (any, error) {
	return inGroup(c, 0, func(g Group) int64 {
		n := g.Labels
		if c.query.Get("include_ancestor_groups") != "false" {
			for _, above := range c.w.groupLine(g.index)[1:] {
				n += c.w.group(above).Labels
			}
		}
		return n
	}, func(g Group, k int) any { return labelBody(part(g.index, k), k, false) })
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

package gitlabsim

import (
	"slices"
	"strconv"
	"strings"
)

// listProjects is GET /projects.
func listProjects(c *call) (any, error) {
	s := selection{n: c.w.projects}
	keyset := c.query.Get("pagination") == "keyset"
	// created_at is the default; only id can be walked by keyset.
	if keyset && c.query.Get("order_by") != "id" {
		return nil, noKeyset
	}
	if err := c.sortedProjects(&s); err != nil {
		return nil, err
	}
	if err := c.filterProjects(&s); err != nil {
		return nil, err
	}
	body := c.projectBody()
	if keyset {
		return c.keysetProjects(s, body)
	}
	if !c.who.known() {
		if err := c.offsetRefused("Project"); err != nil {
			return nil, err
		}
	}
	return c.filteredPage(s, body)
}

// filterProjects narrows a selection to what the caller sees and asked for.
func (c *call) filterProjects(s *selection) error {
	var tests []func(int) bool
	if !c.who.readsAll() || c.w.churn != nil {
		tests = append(tests, func(i int) bool { return c.w.visible(c.who, i) })
	}
	for _, bound := range []struct {
		name string
		test func(id, limit int64) bool
	}{
		{"id_after", func(id, limit int64) bool { return id > limit }},
		{"id_before", func(id, limit int64) bool { return id < limit }},
	} {
		text := c.query.Get(bound.name)
		if text == "" {
			continue
		}
		limit, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return badParameter(bound.name)
		}
		if bound.name == "id_after" && !s.desc && s.order == nil {
			continue // taken below, without looking at every project before it
		}
		tests = append(tests, func(i int) bool { return bound.test(c.w.projectID(i), limit) })
	}
	property := func(name string, test func(p Project, want string) bool) {
		if want := c.query.Get(name); want != "" {
			tests = append(tests, func(i int) bool { return test(c.w.project(i), want) })
		}
	}
	property("archived", func(p Project, want string) bool { return p.Archived == truth[want] })
	property("visibility", func(p Project, want string) bool { return p.Visibility == want })
	// Source: Project.search; search_namespaces would look at full paths.
	property("search", func(p Project, want string) bool {
		if c.switchOn("search_namespaces") {
			return searched(want, p.Name, p.FullPath)
		}
		return searched(want, p.Name, p.Path, p.Description)
	})
	member := func(name string, level int) {
		if c.switchOn(name) {
			tests = append(tests, func(i int) bool {
				group, owner, _ := c.w.place(i)
				who := c.who
				if who.admin() {
					who.role = AdminNoMode // membership, not rights
				}
				return c.w.levelAt(who, i, group, owner) >= level
			})
		}
	}
	member("membership", levelGuest)
	member("owned", levelOwner)
	if text := c.query.Get("min_access_level"); text != "" {
		level, err := strconv.Atoi(text)
		if err != nil {
			return badParameter("min_access_level")
		}
		tests = append(tests, func(i int) bool {
			group, owner, _ := c.w.place(i)
			return c.w.levelAt(c.who, i, group, owner) >= level
		})
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
	if after, err := strconv.ParseInt(c.query.Get("id_after"), 10, 64); err == nil && !s.desc && s.order == nil {
		s.from = belowID(c.w.projects, c.w.projectID)(after + 1)
	}
	return nil
}

// projectBody chooses the form of a project in a list.
func (c *call) projectBody() func(int) any {
	if !c.who.known() || c.switchOn("simple") {
		return func(i int) any {
			p := c.w.project(i)
			return c.basicProject(&p)
		}
	}
	return func(i int) any {
		p := c.w.project(i)
		return c.fullProject(&p)
	}
}

// theProject is the project of the route, or the refusal that hides it.
func (c *call) theProject() (*Project, int, error) {
	id := c.r.PathValue("id")
	i, ok := c.w.projectAt(id)
	if n, err := strconv.ParseInt(id, 10, 64); err == nil {
		i, ok = c.w.projectIndex(n)
	}
	if !ok || !c.w.visible(c.who, i) {
		return nil, 0, projectMissing
	}
	p := c.w.project(i)
	return &p, c.w.level(c.who, &p), nil
}

// oneProject is GET /projects/:id.
func oneProject(c *call) (any, error) {
	p, _, err := c.theProject()
	if err != nil {
		return nil, err
	}
	if !c.who.known() {
		return c.basicProject(p), nil
	}
	return c.fullProject(p), nil
}

func avatar(has bool, w *World, what string, id int64) any {
	if !has {
		return nil
	}
	return w.ExternalURL() + "/uploads/-/system/" + what + "/avatar/" + strconv.FormatInt(id, 10) + "/avatar.png"
}

// basicProject is API::Entities::BasicProjectDetails.
func (c *call) basicProject(p *Project) object {
	w := c.w
	level := w.level(c.who, p)
	code := readsCode(c.who, p, level)
	var o object
	o.put("id", p.ID)
	o.put("description", orNull(p.Description))
	o.put("name", p.Name)
	o.put("name_with_namespace", p.FullName)
	o.put("path", p.Path)
	o.put("path_with_namespace", p.FullPath)
	o.put("created_at", p.CreatedAt)
	o.when(code, "default_branch", p.DefaultBranch)
	o.put("tag_list", strs(p.Topics))
	o.when(c.since(14, 0), "topics", strs(p.Topics))
	o.put("ssh_url_to_repo", "git@"+w.host+":"+p.FullPath+".git")
	o.put("http_url_to_repo", w.ExternalURL()+"/"+p.FullPath+".git")
	o.put("web_url", p.WebURL)
	readme := any(nil)
	if _, ok := w.file(*p, "README.md"); ok {
		readme = p.WebURL + "/-/blob/" + p.DefaultBranch + "/README.md"
	}
	o.when(code, "readme_url", readme)
	o.when(code, "forks_count", len(p.Forks))
	o.put("avatar_url", avatar(p.Avatar, w, "project", p.ID))
	o.put("star_count", p.Stars)
	o.put("last_activity_at", p.LastActivityAt)
	o.when(c.since(16, 9), "visibility", p.Visibility)
	o.put("namespace", c.namespace(p))
	o.when(c.switchOn("with_custom_attributes") && c.who.admin(), "custom_attributes", attributeList(p.CustomAttributes))
	return o
}

func attributeList(attributes []Attribute) list {
	l := list{}
	for _, a := range attributes {
		l = append(l, object{{"key", a.Key}, {"value", a.Value}})
	}
	return l
}

func (c *call) namespace(p *Project) object {
	if p.Personal {
		u := c.w.user(p.owner)
		return object{{"id", p.NamespaceID}, {"name", u.Name}, {"path", u.Username}, {"kind", "user"}, {"full_path", u.Username},
			{"parent_id", nil}, {"avatar_url", c.w.userAvatar(u)}, {"web_url", u.WebURL}}
	}
	g := c.w.group(p.group)
	return object{{"id", g.ID}, {"name", g.Name}, {"path", g.Path}, {"kind", "group"}, {"full_path", g.FullPath},
		{"parent_id", idOrNull(g.ParentID)}, {"avatar_url", avatar(g.Avatar, c.w, "group", g.ID)}, {"web_url", g.WebURL}}
}

func idOrNull(id int64) any {
	if id == 0 {
		return nil
	}
	return id
}

// fullProject is API::Entities::ProjectWithAccess.
func (c *call) fullProject(p *Project) object {
	return append(c.project(p), member{"permissions", c.permissions(p)})
}

// project is API::Entities::Project.
func (c *call) project(p *Project) object {
	w := c.w
	level := w.level(c.who, p)
	code, maintains, reports := readsCode(c.who, p, level), level >= levelMaintainer, level >= levelReporter
	feature := func(f string) bool { return can(c.who, p, level, f, levelGuest) }
	o := c.basicProject(p)
	o.when(c.who.admin(), "repository_storage", p.Storage)
	o.when(c.since(13, 8), "container_registry_image_prefix", "registry."+w.host+"/"+strings.ToLower(p.FullPath))
	o.put("_links", c.projectLinks(p, feature))
	if p.ForkedFrom != 0 {
		if up, _ := w.projectIndex(p.ForkedFrom); w.visible(c.who, up) {
			upstream := w.project(up)
			o.put("forked_from_project", c.basicProject(&upstream))
		}
	}
	if c.since(18, 0) || w.cfg.Tier.Licensed() { // Premium before 18.0
		o.put("marked_for_deletion_at", orNull(p.DeletionOn))
		o.put("marked_for_deletion_on", orNull(p.DeletionOn))
	}
	o.put("packages_enabled", p.Access.Packages != "disabled")
	o.put("empty_repo", p.Empty)
	o.put("archived", p.Archived)
	o.when(!c.since(16, 9), "visibility", p.Visibility)
	if p.Personal {
		o.put("owner", w.userBasic(p.owner))
	}
	o.put("resolve_outdated_diff_discussions", false)
	o.put("container_expiration_policy", object{{"cadence", "1d"}, {"enabled", p.CleanupPolicy}, {"keep_n", 10}, {"older_than", "90d"},
		{"name_regex", ".*"}, {"name_regex_keep", nil}, {"next_run_at", w.ago(-1)}})
	o.when(c.since(16, 11), "repository_object_format", "sha1")
	o.put("issues_enabled", feature(p.Access.Issues))
	o.put("merge_requests_enabled", feature(p.Access.MergeRequests))
	o.put("wiki_enabled", feature(p.Access.Wiki))
	o.put("jobs_enabled", feature(p.Access.Builds))
	o.put("snippets_enabled", feature(p.Access.Snippets))
	o.put("container_registry_enabled", feature(p.Access.Registry))
	o.put("service_desk_enabled", p.ServiceDesk)
	o.when(reports, "service_desk_address", nil)
	o.put("can_create_merge_request_in", level >= levelDeveloper && p.Access.MergeRequests != "disabled")
	for _, f := range []struct{ name, level string }{
		{"issues", p.Access.Issues}, {"repository", p.Access.Repository}, {"merge_requests", p.Access.MergeRequests},
		{"forking", "enabled"}, {"wiki", p.Access.Wiki}, {"builds", p.Access.Builds}, {"snippets", p.Access.Snippets},
		{"pages", p.Access.Pages}, {"analytics", p.Access.Analytics}, {"container_registry", p.Access.Registry},
		{"security_and_compliance", p.Access.Security}, {"releases", p.Access.Releases}, {"environments", p.Access.Environments},
		{"feature_flags", p.Access.FeatureFlags}, {"infrastructure", p.Access.Infrastructure}, {"monitor", p.Access.Monitor},
		{"model_experiments", p.Access.Models}, {"model_registry", p.Access.Models}, {"package_registry", p.Access.Packages}} {
		if since, ok := accessLevelSince[f.name]; !ok || c.since(since[0], since[1]) {
			o.put(f.name+"_access_level", f.level)
		}
	}
	o.when(!c.since(15, 4), "operations_access_level", "enabled") // later told apart: releases, environments, monitor …
	o.put("emails_disabled", false)
	o.when(c.since(16, 5), "emails_enabled", true)
	o.when(c.since(17, 10), "show_diff_preview_in_email", true)
	o.put("shared_runners_enabled", p.SharedRunners)
	o.put("lfs_enabled", p.LFSEnabled)
	o.put("creator_id", p.CreatorID)
	if p.ForkedFrom != 0 {
		o.put("mr_default_target_self", false)
	}
	imported, status := any(nil), "none"
	if p.PullMirror {
		imported, status = "https://mirror:"+w.Canary()+"@git.upstream.example/"+p.Path+".git", "finished"
	}
	o.when(maintains, "import_url", imported)
	o.when(maintains, "import_type", nil)
	o.put("import_status", status)
	o.when(maintains, "import_error", nil)
	o.when(feature(p.Access.Issues), "open_issues_count", p.OpenIssues)
	o.put("description_html", nil)
	o.put("updated_at", p.LastActivityAt)
	if maintains {
		timeout, cancel := 3600, "enabled"
		if slices.Contains(p.CISettings, "build_timeout") {
			timeout = 7200
		}
		if slices.Contains(p.CISettings, "auto_cancel_pending_pipelines") {
			cancel = "disabled"
		}
		o = append(o, object{{"ci_default_git_depth", 20}, {"ci_delete_pipelines_in_seconds", nil}, {"ci_forward_deployment_enabled", true},
			{"ci_forward_deployment_rollback_allowed", true}, {"ci_job_token_scope_enabled", false}, {"ci_separated_caches", true},
			{"ci_allow_fork_pipelines_to_run_in_parent_project", true}, {"ci_id_token_sub_claim_components", strs([]string{"project_path", "ref_type", "ref"})},
			{"build_git_strategy", "fetch"}, {"keep_latest_artifact", !slices.Contains(p.CISettings, "keep_latest_artifact")}, {"restrict_user_defined_variables", false},
			{"ci_pipeline_variables_minimum_override_role", "developer"}, {"runners_token", "GR1348941" + w.Canary()},
			{"runner_token_expiration_interval", nil}, {"group_runners_enabled", true}, {"resource_group_default_process_mode", "unordered"},
			{"auto_cancel_pending_pipelines", cancel}, {"build_timeout", timeout}, {"auto_devops_enabled", p.AutoDevOps},
			{"auto_devops_deploy_strategy", "continuous"}, {"ci_push_repository_for_job_token_allowed", false}}...)
	}
	o.when(code, "ci_config_path", p.CIConfigPath)
	o.put("public_jobs", true)
	o.put("shared_with_groups", c.sharedGroups(p.SharedWith))
	o.put("only_allow_merge_if_pipeline_succeeds", false)
	o.put("allow_merge_on_skipped_pipeline", nil)
	o.put("request_access_enabled", true)
	o.put("only_allow_merge_if_all_discussions_are_resolved", false)
	o.put("remove_source_branch_after_merge", true)
	o.put("printing_merge_request_link_enabled", true)
	o.put("merge_method", p.MergeMethod)
	o.put("squash_option", "default_off")
	o.put("enforce_auth_checks_on_uploads", true)
	o.put("suggestion_commit_message", nil)
	o.put("merge_commit_template", nil)
	o.put("squash_commit_template", nil)
	o.put("issue_branch_template", nil)
	o.when(c.switchOn("statistics") && reports, "statistics", c.statistics(p.Sizes, &p.Commits))
	o.put("warn_about_potentially_unwanted_characters", true)
	o.put("autoclose_referenced_issues", true)
	o.put("max_artifacts_size", nil)
	if w.cfg.Tier.Enterprise() {
		o = append(o, c.enterpriseKeys(p, level)...)
	}
	return o
}

// accessLevelSince are the versions that introduced a feature's access level.
// Source: https://docs.gitlab.com/api/projects/ (history notes).
var accessLevelSince = map[string][2]int{
	"container_registry": {14, 2}, "security_and_compliance": {14, 10}, "releases": {15, 4}, "environments": {15, 4},
	"feature_flags": {15, 4}, "infrastructure": {15, 4}, "monitor": {15, 4}, "model_experiments": {16, 2},
	"model_registry": {16, 7}, "package_registry": {18, 5},
}

func (c *call) enterpriseKeys(p *Project, level int) object {
	var o object
	licensed, ultimate := c.w.cfg.Tier.Licensed(), c.w.cfg.Tier == Ultimate
	o.when(licensed, "approvals_before_merge", 0)
	o.when(licensed, "mirror", p.PullMirror)
	o.when(p.PullMirror, "mirror_user_id", p.CreatorID)
	o.when(p.PullMirror, "mirror_trigger_builds", false)
	o.when(p.PullMirror, "only_mirror_protected_branches", false)
	o.when(p.PullMirror, "mirror_overwrites_diverged_branches", false)
	o.when(licensed, "external_authorization_classification_label", "")
	o.put("requirements_enabled", ultimate)
	o.put("requirements_access_level", p.Access.Requirements)
	o.put("security_and_compliance_enabled", ultimate && level >= levelDeveloper)
	o.when(ultimate && level >= levelDeveloper && c.since(17, 5), "secret_push_protection_enabled", false)
	o.when(ultimate && level >= levelDeveloper && c.since(17, 3), "pre_receive_secret_detection_enabled", false)
	o.put("compliance_frameworks", strs(p.Frameworks))
	text := any(nil)
	if p.DefaultTexts {
		text = "What is it about?"
	}
	o.when(licensed && can(c.who, p, level, p.Access.Issues, levelGuest), "issues_template", text)
	o.when(licensed && readsCode(c.who, p, level) && can(c.who, p, level, p.Access.MergeRequests, levelReporter), "merge_requests_template", text)
	o.when(licensed && level >= levelMaintainer, "ci_restrict_pipeline_cancellation_role", "developer")
	o.when(licensed, "merge_pipelines_enabled", false)
	o.when(licensed, "merge_trains_enabled", p.MergeTrains)
	o.when(licensed, "merge_trains_skip_train_allowed", false)
	o.when(ultimate, "only_allow_merge_if_all_status_checks_passed", false)
	o.when(licensed, "allow_pipeline_trigger_approve_deployment", false)
	o.when(ultimate, "prevent_merge_without_jira_issue", false)
	o.when(ultimate && c.since(18, 0), "spp_repository_pipeline_access", false)
	return o
}

func (c *call) projectLinks(p *Project, feature func(string) bool) object {
	self := c.w.ExternalURL() + "/api/v4/projects/" + strconv.FormatInt(p.ID, 10)
	o := object{{"self", self}}
	o.when(feature(p.Access.Issues), "issues", self+"/issues")
	o.when(feature(p.Access.MergeRequests), "merge_requests", self+"/merge_requests")
	o.put("repo_branches", self+"/repository/branches")
	o.put("labels", self+"/labels")
	o.put("events", self+"/events")
	o.put("members", self+"/members")
	o.when(c.since(15, 0), "cluster_agents", self+"/cluster_agents")
	return o
}

func (c *call) sharedGroups(ids []int64) list {
	l := list{}
	for _, id := range ids {
		if i, ok := c.w.groupIndex(id); ok && c.w.groupVisible(c.who, i) {
			g := c.w.group(i)
			l = append(l, object{{"group_id", g.ID}, {"group_name", g.Name}, {"group_full_path", g.FullPath}, {"group_access_level", levelDeveloper}, {"expires_at", nil}})
		}
	}
	return l
}

// statistics is API::Entities::ProjectStatistics; groups have no commit_count.
func (c *call) statistics(s Sizes, commits *int64) object {
	var o object
	if commits != nil {
		o.put("commit_count", *commits)
	}
	o.put("storage_size", s.Storage())
	o.put("repository_size", s.Repository)
	o.put("wiki_size", s.Wiki)
	o.put("lfs_objects_size", s.LFS)
	o.put("job_artifacts_size", s.JobArtifacts)
	o.when(c.since(14, 0), "pipeline_artifacts_size", s.PipelineArtifacts)
	o.put("packages_size", s.Packages)
	o.put("snippets_size", s.Snippets)
	o.when(c.since(13, 8), "uploads_size", s.Uploads)
	o.when(c.since(15, 3) && commits != nil, "container_registry_size", s.Registry)
	return o
}

// permissions is the caller's own membership. An administrator who is no
// member has none here either.
func (c *call) permissions(p *Project) object {
	access := func(level int) any {
		if level == 0 {
			return nil
		}
		return object{{"access_level", level}, {"notification_level", 3}}
	}
	direct, group := c.w.roleInProject(c.who.user, p.index), 0
	if p.owner >= 0 && p.owner == c.who.user {
		direct = levelOwner
	}
	if p.group >= 0 {
		group = c.w.groupLevel(c.who.user, p.group)
	}
	return object{{"project_access", access(direct)}, {"group_access", access(group)}}
}

// since reports whether the played version is the given minor release or newer.
func (c *call) since(major, minor int) bool { return c.w.since(major, minor) }

// projectStorage is GET /projects/:id/storage.
func projectStorage(c *call) (any, error) {
	p, _, err := c.theProject()
	switch {
	case err != nil:
		return nil, err
	case !c.who.admin():
		return nil, forbidden
	}
	return object{{"project_id", p.ID}, {"disk_path", "@hashed/" + c.w.draw(ofProject, p.index, "disk").hex(64)},
		{"created_at", p.CreatedAt}, {"repository_storage", p.Storage}}, nil
}

// need refuses a call whose caller's level is too low.
func need(level, least int) error {
	if level < least {
		return forbidden
	}
	return nil
}

// projectForks is GET /projects/:id/forks.
func projectForks(c *call) (any, error) {
	p, _, err := c.theProject()
	if err != nil {
		return nil, err
	}
	var forks []int
	for _, f := range c.w.forksOf(p.index) {
		if c.w.visible(c.who, f) {
			forks = append(forks, f)
		}
	}
	return listPage(c, forks, c.projectBody())
}

package gitlabsim

import (
	"fmt"
	"strconv"
	"strings"

	"readiness/scan"
)

// revision is the commit the played version was built from.
func (w *World) revision() string { return w.draw(ofInstance, 0, "revision").hex(11) }

// versionText is the version as GitLab says it: Enterprise Edition adds "-ee".
func (w *World) versionText() string {
	v := w.cfg.Version
	if v.Suffix == "" && w.cfg.Tier.Enterprise() {
		v.Suffix = "ee"
	}
	return v.String()
}

func (w *World) kas() object {
	o := object{{"enabled", true}, {"externalUrl", "wss://" + w.host + "/-/kubernetes-agent/"}}
	if w.cfg.Version.AtLeast(scan.Version{Major: 17, Minor: 6}) {
		o.put("externalK8sProxyUrl", w.ExternalURL()+"/-/kubernetes-agent/k8s-proxy/")
	}
	o.put("version", w.cfg.Version.String())
	return o
}

// version is GET /version. From 15.6 on it answers as /metadata does.
func version(c *call) (any, error) {
	if c.since(15, 6) {
		return metadata(c)
	}
	return object{{"version", c.w.versionText()}, {"revision", c.w.revision()}}, nil
}

func metadata(c *call) (any, error) {
	o := object{{"version", c.w.versionText()}, {"revision", c.w.revision()}, {"kas", c.w.kas()}}
	o.when(c.since(15, 6), "enterprise", c.w.cfg.Tier.Enterprise())
	return o, nil
}

// admin wraps what only an administrator (with Admin Mode) may read.
func admin(c *call) error {
	if !c.who.admin() {
		return forbidden
	}
	return nil
}

// tokenExpires is when the tokens of the roles end.
func (w *World) tokenExpires() string { return w.day(w.ago(-90)) }

func ownToken(c *call) (any, error) {
	o := object{{"id", c.who.token}, {"name", "readiness"}, {"revoked", false}, {"created_at", c.w.ago(1)}}
	o.when(c.since(17, 7), "description", nil)
	o.put("scopes", strs(c.who.scope))
	o.put("user_id", c.w.userID(c.who.user))
	o.put("last_used_at", c.w.Now())
	o.put("active", true)
	o.put("expires_at", c.w.tokenExpires())
	return o, nil
}

// Access tokens: every fifth of the instance's is revoked or expired.
func (w *World) accessTokenCount() int { return w.accessTokens.total() + w.accessTokens.total()/4 }

func (w *World) tokenActive(k int) bool { return k%5 != 4 }

func (w *World) tokenOwner(k int) int {
	return w.accessTokens.owner(min(k-k/5, w.accessTokens.total()-1))
}

// accessTokens is GET /personal_access_tokens: an administrator's covers all
// users, another's their own.
func accessTokens(c *call) (any, error) {
	s := selection{n: c.w.accessTokenCount(), desc: false}
	state, mine := c.query.Get("state"), !c.who.admin()
	s.keep = func(k int) bool {
		return (state == "" || (state == "active") == c.w.tokenActive(k)) && (!mine || c.w.tokenOwner(k) == c.who.user)
	}
	return c.offsetPage(s, func(k int) any {
		d := c.w.draw(ofBlock, k, "access-token")
		active := c.w.tokenActive(k)
		ends := c.w.day(c.w.ago(-float64(d.between(5, 300))))
		if !active {
			ends = c.w.day(c.w.ago(float64(d.between(5, 300))))
		}
		o := object{{"id", k + 1}, {"name", pick(d.again(1), []string{"ci", "laptop", "terraform", "=1+1", "backup"})}, {"revoked", !active && d.chance(50)},
			{"created_at", c.w.ago(300 + 400*d.again(2).unit())}}
		o.when(c.since(17, 7), "description", nil)
		o.put("scopes", strs([][]string{{"api"}, {"read_api"}, {"read_repository", "write_repository"}}[d.again(3).below(3)]))
		o.put("user_id", c.w.userID(c.w.tokenOwner(k)))
		o.put("last_used_at", c.w.ago(30*d.again(4).unit()))
		o.put("active", active)
		o.put("expires_at", ends)
		return o
	})
}

func license(c *call) (any, error) {
	if err := admin(c); err != nil {
		return nil, err
	}
	l := c.w.Instance().License
	if l.Plan == "" {
		return nil, nil
	}
	return object{{"id", 1}, {"plan", l.Plan}, {"created_at", c.w.ago(200)}, {"starts_at", l.Starts}, {"expires_at", orNull(l.Ends)},
		{"historical_max", l.HistoricalMax}, {"maximum_user_count", l.HistoricalMax}, {"licensee", object{{"Name", "Ada Admin"}, {"Company", "Example"}}},
		{"add_ons", object{}}, {"expired", false}, {"overage", 0}, {"user_limit", l.Seats}, {"active_users", l.SeatsUsed}}, nil
}

// settings is GET /application/settings: those settings that a scan reads or
// that vary, among others at their defaults.
func settings(c *call) (any, error) {
	if err := admin(c); err != nil {
		return nil, err
	}
	s := c.w.Instance().Settings
	weights := object{}
	for _, name := range s.RepositoryStorages {
		weights.put(name, 100/len(s.RepositoryStorages))
	}
	o := object{{"id", 1}, {"admin_mode", s.AdminMode}, {"after_sign_out_path", nil}, {"after_sign_up_text", ""},
		{"allow_local_requests_from_web_hooks_and_services", false}, {"allow_local_requests_from_system_hooks", true},
		{"auto_devops_enabled", false}, {"auto_devops_domain", nil}, {"container_registry_token_expire_delay", 5},
		{"default_artifacts_expire_in", "30 days"}, {"default_branch_name", nil}, {"default_branch_protection", 2},
		{"default_ci_config_path", nil}, {"default_group_visibility", "private"}, {"default_project_creation", s.ProjectCreation},
		{"default_project_visibility", "private"}, {"default_projects_limit", 100_000}, {"default_snippet_visibility", "private"},
		{"domain_allowlist", list{}}, {"domain_denylist_enabled", false}, {"domain_denylist", list{}},
		{"enabled_git_access_protocol", nil}, {"enforce_terms", false}, {"first_day_of_week", 0}, {"gravatar_enabled", true},
		{"hashed_storage_enabled", true}, {"home_page_url", nil}, {"import_sources", strs(s.ImportSources)}, {"keep_latest_artifact", true},
		{"max_artifacts_size", 100}, {"max_attachment_size", 100}, {"max_import_size", 0}, {"max_pages_size", 100},
		{"password_authentication_enabled_for_git", true}, {"password_authentication_enabled_for_web", true},
		{"plantuml_enabled", false}, {"polling_interval_multiplier", "1.0"}, {"project_export_enabled", s.ProjectExport},
		{"rate_limiting_response_text", nil}, {"receive_max_input_size", nil}, {"repository_storages_weighted", weights},
		{"require_two_factor_authentication", false}, {"restricted_visibility_levels", list{}}, {"runner_token_expiration_interval", nil},
		{"session_expire_delay", 10080}, {"shared_runners_enabled", true}, {"signup_enabled", s.SignupEnabled},
		{"snippet_size_limit", 52_428_800}, {"throttle_authenticated_api_enabled", s.Throttle},
		{"throttle_authenticated_api_requests_per_period", s.ThrottleRequests}, {"throttle_authenticated_api_period_in_seconds", s.ThrottlePeriod},
		{"throttle_authenticated_web_enabled", false}, {"throttle_unauthenticated_enabled", false}, {"user_default_external", false},
		{"user_oauth_applications", true}, {"version_check_enabled", true}}
	o.when(c.since(15, 0), "max_export_size", s.MaxExportSize)
	o.when(c.since(15, 8), "bulk_import_enabled", s.DirectTransfer)
	o.when(c.since(19, 3), "offline_transfer_exports_enabled", s.OfflineExports)
	o.when(c.since(13, 2), "project_export_limit", s.ProjectExports)
	o.when(c.since(13, 2), "project_download_export_limit", s.ProjectDownloads)
	o.when(c.since(13, 2), "group_export_limit", s.GroupExports)
	o.when(c.since(13, 2), "group_download_export_limit", 1)
	o.when(c.since(17, 6), "concurrent_relation_batch_export_limit", s.RelationBatches)
	o.when(c.since(17, 1), "projects_api_limit", c.w.endpointLimit("/projects"))
	o.when(c.since(16, 11), "project_api_limit", c.w.endpointLimit("/projects/:id"))
	o.when(c.since(17, 1), "groups_api_limit", c.w.endpointLimit("/groups"))
	o.when(c.since(17, 1), "group_api_limit", c.w.endpointLimit("/groups/:id"))
	o.when(c.since(17, 1), "group_projects_api_limit", c.w.endpointLimit("/groups/:id/projects"))
	o.when(c.since(14, 10), "users_get_by_id_limit", 300)
	o.when(c.since(15, 7), "project_jobs_api_rate_limit", 600)
	// What GitLab does return to an administrator and a scan must never keep.
	o.put("akismet_api_key", c.w.Canary())
	o.put("recaptcha_private_key", c.w.Canary())
	if c.w.cfg.Tier.Enterprise() {
		o.when(c.w.cfg.Tier.Licensed() && c.since(13, 9), "maintenance_mode", s.MaintenanceMode)
		o.when(c.w.cfg.Tier.Licensed(), "file_template_project_id", idOrNull(s.FileTemplateProject))
		o.when(c.w.cfg.Tier.Licensed(), "deletion_adjourned_period", 7)
		o.when(c.w.cfg.Tier == Ultimate, "max_personal_access_token_lifetime", idOrNull(s.TokenLifetime))
		o.put("elasticsearch_indexing", s.AdvancedSearch)
		o.put("geo_status_timeout", 10)
	}
	return o, nil
}

// thousands writes a number as Rails' number_with_delimiter does.
func thousands(n int64) string {
	s := strconv.FormatInt(n, 10)
	var b strings.Builder
	for i, r := range s {
		if i > 0 && (len(s)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(r)
	}
	return b.String()
}

func instanceStatistics(c *call) (any, error) {
	if err := admin(c); err != nil {
		return nil, err
	}
	sums := c.w.counted()
	say := func(n int64) string { return thousands(approximate(n)) }
	return object{{"forks", say(sums.forks)}, {"issues", say(sums.issues)}, {"merge_requests", say(sums.mergeRequests)},
		{"notes", say(sums.issues * 4)}, {"snippets", say(int64(c.w.snippets.total() + c.w.personalSnippets.total()))},
		{"ssh_keys", say(int64(c.w.users))}, {"milestones", say(sums.milestones)}, {"users", say(int64(c.w.users))},
		{"projects", say(int64(c.w.Projects()))}, {"groups", say(int64(c.w.groups))}, {"active_users", thousands(sums.activeUsers)}}, nil
}

func appearance(c *call) (any, error) {
	if err := admin(c); err != nil {
		return nil, err
	}
	a := c.w.Instance().Appearance
	o := object{{"title", a.Title}, {"description", a.Description}}
	for _, name := range []string{"pwa_name", "pwa_short_name", "pwa_description"} {
		o.when(c.since(15, 8), name, "")
	}
	o.put("logo", nil)
	o.when(c.since(15, 8), "pwa_icon", nil)
	return append(o, object{{"header_logo", nil}, {"favicon", nil}, {"new_project_guidelines", ""}, {"member_guidelines", ""}, {"profile_image_guidelines", ""},
		{"header_message", a.HeaderMessage}, {"footer_message", ""}, {"message_background_color", "#E75E40"}, {"message_font_color", "#FFFFFF"},
		{"email_header_and_footer_enabled", false}}...), nil
}

func planLimits(c *call) (any, error) {
	if err := admin(c); err != nil {
		return nil, err
	}
	return object{{"ci_pipeline_size", 0}, {"ci_active_jobs", 0}, {"ci_project_subscriptions", 2}, {"ci_pipeline_schedules", 10},
		{"ci_needs_size_limit", 50}, {"ci_registered_group_runners", 1000}, {"ci_registered_project_runners", 1000},
		{"conan_max_file_size", 3221225472}, {"generic_packages_max_file_size", 5368709120}, {"helm_max_file_size", 5242880},
		{"maven_max_file_size", 3221225472}, {"npm_max_file_size", 524288000}, {"nuget_max_file_size", 524288000},
		{"pypi_max_file_size", 3221225472}, {"terraform_module_max_file_size", 1073741824}, {"storage_size_limit", 0}}, nil
}

func systemHooks(c *call) (any, error) {
	if err := admin(c); err != nil {
		return nil, err
	}
	return listPage(c, c.w.Instance().SystemHooks, func(h Webhook) any {
		return object{{"id", h.ID}, {"url", h.URL}, {"name", h.Name}, {"description", ""}, {"created_at", h.CreatedAt},
			{"push_events", true}, {"tag_push_events", false}, {"merge_requests_events", true}, {"repository_update_events", true},
			{"enable_ssl_verification", h.VerifyTLS}, {"alert_status", "executable"}, {"disabled_until", nil}, {"url_variables", list{}},
			{"push_events_branch_filter", nil}, {"branch_filter_strategy", "wildcard"}, {"custom_webhook_template", nil}, {"custom_headers", list{}}}
	})
}

func applications(c *call) (any, error) {
	if err := admin(c); err != nil {
		return nil, err
	}
	return listPage(c, c.w.Instance().Applications, func(a Application) any {
		return object{{"id", a.ID}, {"application_id", a.UID}, {"application_name", a.Name}, {"callback_url", a.Callback}, {"confidential", true}}
	})
}

func features(c *call) (any, error) {
	if err := admin(c); err != nil {
		return nil, err
	}
	l := list{} // not paginated
	for _, f := range c.w.Instance().FeatureFlags {
		l = append(l, object{{"name", f.Name}, {"state", f.State}, {"gates", list{object{{"key", "boolean"}, {"value", f.State == "on"}}}}, {"definition", nil}})
	}
	return l, nil
}

func (c *call) variable(v Variable, level string) any {
	value := any(c.w.Canary())
	if v.Hidden {
		value = nil
	}
	o := object{{"variable_type", v.Type}, {"key", v.Key}, {"value", value}}
	o.when(level != "instance" && c.since(17, 4), "hidden", v.Hidden)
	o.put("protected", v.Protected)
	o.put("masked", v.Masked)
	o.when(c.since(15, 7), "raw", v.Raw)
	o.when(level != "instance", "environment_scope", v.Scope)
	o.when(c.since(16, 2), "description", orNull(v.Description))
	return o
}

func instanceVariables(c *call) (any, error) {
	if err := admin(c); err != nil {
		return nil, err
	}
	return listPage(c, c.w.InstanceVariables(), func(v Variable) any { return c.variable(v, "instance") })
}

func broadcastMessages(c *call) (any, error) {
	return listPage(c, c.w.Instance().BroadcastMessages, func(b Broadcast) any {
		return object{{"id", b.ID}, {"message", b.Message}, {"starts_at", b.Starts}, {"ends_at", b.Ends}, {"color", "#E75E40"}, {"font", "#FFFFFF"},
			{"target_access_levels", list{}}, {"target_path", ""}, {"broadcast_type", "banner"}, {"dismissable", true}, {"theme", "indigo"},
			{"active", b.Starts.Before(c.w.Now()) && b.Ends.After(c.w.Now())}}
	})
}

func topics(c *call) (any, error) {
	return c.offsetPage(selection{n: len(topicWords)}, func(i int) any {
		o := object{{"id", i + 1}, {"name", topicWords[i]}, {"title", title(topicWords[i])}, {"description", nil}, {"total_projects_count", 3}}
		o.when(c.since(17, 7), "organization_id", 1)
		o.put("avatar_url", nil)
		return o
	})
}

func (c *call) deployKeyBody(k DeployKey, all bool) object {
	o := object{{"id", k.ID}, {"title", k.Title}, {"created_at", k.CreatedAt}, {"expires_at", nil}}
	o.when(c.since(17, 2), "last_used_at", nil)
	o.put("key", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI"+k.SHA256[7:50])
	o.when(c.since(15, 7), "usage_type", "auth")
	o.put("fingerprint", k.Fingerprint)
	o.when(c.since(15, 2), "fingerprint_sha256", k.SHA256)
	if all {
		o.when(c.since(15, 10), "projects_with_write_access", c.identities(k.Writable))
		o.when(c.since(16, 0), "projects_with_readonly_access", c.identities(k.ReadOnly))
	}
	return o
}

// identities is API::Entities::ProjectIdentity of each.
func (c *call) identities(ids []int64) list {
	l := list{}
	for _, id := range ids {
		if i, ok := c.w.projectIndex(id); ok {
			p := c.w.project(i)
			l = append(l, object{{"id", p.ID}, {"description", orNull(p.Description)}, {"name", p.Name}, {"name_with_namespace", p.FullName},
				{"path", p.Path}, {"path_with_namespace", p.FullPath}, {"created_at", p.CreatedAt}})
		}
	}
	return l
}

func deployKeys(c *call) (any, error) {
	if err := admin(c); err != nil {
		return nil, err
	}
	s := selection{n: c.w.deployKeyCount()}
	if c.switchOn("public") {
		s.from = c.w.deployKeys.total()
	}
	return c.offsetPage(s, func(k int) any { return c.deployKeyBody(c.w.deployKey(k), true) })
}

func deployTokenBody(t DeployToken) any {
	expires := any(nil)
	if !t.Expires.IsZero() {
		expires = t.Expires
	}
	return object{{"id", t.ID}, {"name", t.Name}, {"username", t.Username}, {"expires_at", expires}, {"scopes", strs(t.Scopes)},
		{"revoked", false}, {"expired", t.Expired}}
}

func deployTokens(c *call) (any, error) {
	if err := admin(c); err != nil {
		return nil, err
	}
	s := selection{n: c.w.deployTokenCount()}
	if c.switchOn("active") {
		s.keep = func(k int) bool { return !c.w.deployToken(k).Expired }
	}
	return c.offsetPage(s, func(k int) any { return deployTokenBody(c.w.deployToken(k)) })
}

// domain is the name of the k-th Pages domain.
func domain(k int) string { return fmt.Sprintf("docs-%d.example.com", k+1) }

func pagesDomains(c *call) (any, error) {
	if !c.who.readsAll() {
		return nil, forbidden
	}
	return c.offsetPage(selection{n: c.w.domains.total(), keep: c.w.keeps(c.w.domains)}, func(k int) any {
		o := object{{"domain", domain(k)}, {"url", "https://" + domain(k)}, {"project_id", c.w.projectID(c.w.domains.owner(k))}, {"verified", true},
			{"verification_code", c.w.Canary()}, {"enabled_until", c.w.ago(-60)}}
		o.put("auto_ssl_enabled", true)
		o.put("certificate_expiration", object{{"expired", false}, {"expiration", c.w.ago(-50)}})
		return o
	})
}

// Snippets are numbered: those of projects, then personal ones.
func (c *call) snippet(k int) any {
	w := c.w
	d := w.draw(ofBlock, k, "snippet")
	id := int64(k + 1)
	var project any
	author, url := 0, fmt.Sprintf("%s/-/snippets/%d", w.ExternalURL(), id)
	if k < w.snippets.total() {
		p := w.project(w.snippets.owner(k))
		project, url = p.ID, fmt.Sprintf("%s/-/snippets/%d", p.WebURL, id)
		author = w.ordinary(d)
	} else {
		author = w.personalSnippets.owner(k - w.snippets.total())
	}
	title := "useful query"
	if d.chance(5) {
		title = pick(d, hostileNames)
	}
	created := w.ago(800 * d.again(1).unit())
	o := object{{"id", id}, {"title", title}, {"description", ""}, {"visibility", pick(d.again(2), visibilities)}, {"author", w.userBasic(author)},
		{"created_at", created}, {"updated_at", created}, {"project_id", project}, {"web_url", url}, {"raw_url", url + "/raw"},
		{"ssh_url_to_repo", fmt.Sprintf("git@%s:snippets/%d.git", w.host, id)}, {"http_url_to_repo", url + ".git"}, {"file_name", "query.sql"},
		{"files", list{object{{"path", "query.sql"}, {"raw_url", url + "/raw/main/query.sql"}}}}}
	o.when(c.since(16, 8), "imported", false)
	o.when(c.since(16, 8), "imported_from", "none")
	o.when(c.who.admin() && c.w.cfg.Tier.Enterprise(), "repository_storage", "default")
	return o
}

// allSnippets is GET /snippets/all: every snippet for an administrator, the
// caller's own and public ones for others.
func allSnippets(c *call) (any, error) {
	s := selection{n: c.w.snippets.total() + c.w.personalSnippets.total(), desc: true, keep: c.w.keeps(c.w.snippets)}
	if !c.who.admin() {
		s.keep = func(k int) bool {
			own := k >= c.w.snippets.total() && c.w.personalSnippets.owner(k-c.w.snippets.total()) == c.who.user
			public := pick(c.w.draw(ofBlock, k, "snippet").again(2), visibilities) == "public"
			if k < c.w.snippets.total() {
				return public && c.w.visible(c.who, c.w.snippets.owner(k))
			}
			return own || public
		}
	}
	return c.offsetPage(s, func(k int) any { return c.snippet(k) })
}

func geoSites(c *call) (any, error) {
	if err := admin(c); err != nil {
		return nil, err
	}
	return listPage(c, c.w.Instance().GeoSites, func(g GeoSite) any {
		return object{{"id", g.ID}, {"name", g.Name}, {"url", g.URL}, {"internal_url", g.URL}, {"primary", g.Primary}, {"enabled", true}, {"current", g.Primary},
			{"files_max_capacity", 10}, {"repos_max_capacity", 25}, {"verification_max_capacity", 100}, {"container_repositories_max_capacity", 10},
			{"selective_sync_type", nil}, {"selective_sync_shards", list{}}, {"selective_sync_namespace_ids", list{}}, {"selective_sync_organization_ids", list{}},
			{"minimum_reverification_interval", 90}, {"sync_object_storage", false}, {"web_edit_url", g.URL + "/admin/geo/sites/1/edit"},
			{"web_geo_replication_details_url", nil}, {"_links", object{{"self", fmt.Sprintf("%s/api/v4/geo_sites/%d", c.w.ExternalURL(), g.ID)}, {"status", fmt.Sprintf("%s/api/v4/geo_sites/%d/status", c.w.ExternalURL(), g.ID)},
				{"repair", fmt.Sprintf("%s/api/v4/geo_sites/%d/repair", c.w.ExternalURL(), g.ID)}}}}
	})
}

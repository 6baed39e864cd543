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

// groupMemberBody is memberBody with the custom role, which Owners are told.
// Source: ee/lib/ee/api/entities/member.rb.
func (c *call) groupMemberBody(m Member, level int) any {
	o, _ := c.memberBody(m).(object)
	if c.w.cfg.Tier == Ultimate && level >= levelOwner && c.since(15, 4) {
		role := any(nil)
		if m.Custom {
			role = object{{"id", 1}, {"group_id", nil}, {"name", "Role 1"}, {"description", nil}, {"base_access_level", m.Level}}
		}
		o.put("member_role", role)
	}
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
	return listPage(c, c.w.snippets.of(p.index), func(k int) any { return c.snippet(k) })
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
	if p.Archived {
		return nil, forbidden
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

// registryRepository is the name and the path of a project's k-th repository of
// images: the first is the project's own and has no name.
func registryRepository(p *Project, k int) (name, path string) {
	path = strings.ToLower(p.FullPath)
	if k > 0 {
		name = []string{"cache", "test", "base", "debug"}[(k-1)%4] + strconv.Itoa((k-1)/4)
		path += "/" + name
	}
	return name, path
}

func (w *World) registryTags(p *Project, k int) int {
	return 1 + w.draw(ofProject, p.index, "registry-tags").again(k).below(60)
}

// RegistryTags is how many tags the images of a project's registry have.
func (w *World) RegistryTags(p Project) int64 {
	n := 0
	for k := range p.RegistryRepos {
		n += w.registryTags(&p, int(k))
	}
	return int64(n)
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
		name, path := registryRepository(p, k)
		o := object{{"id", part(p.index, k)}, {"name", name}, {"path", path}, {"project_id", p.ID}, {"location", "registry." + c.w.host + "/" + path},
			{"created_at", p.CreatedAt}, {"cleanup_policy_started_at", nil}}
		o.when(c.since(17, 0), "status", nil)
		o.when(c.switchOn("tags_count"), "tags_count", c.w.registryTags(p, k))
		return o
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

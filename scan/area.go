package scan

import (
	"slices"
	"strings"
)

// Area is a part of GitLab that a scan can be limited to, or leave out.
type Area string

// The areas. Every fact belongs to one.
const (
	AreaSettings     Area = "settings"     // of the instance, a group or a project, and what they look like
	AreaCode         Area = "code"         // repositories, what they hold and what protects them
	AreaCI           Area = "ci"           // pipelines, their configuration, variables and schedules
	AreaRunners      Area = "runners"      // whom jobs run on
	AreaOperations   Area = "operations"   // environments, clusters, Terraform, feature flags, alerts
	AreaPackages     Area = "packages"     // package registries
	AreaRegistries   Area = "registries"   // container and dependency proxy registries
	AreaPages        Area = "pages"        // published sites
	AreaWorkItems    Area = "work-items"   // issues, epics, boards, milestones, labels, wikis, snippets
	AreaMembers      Area = "members"      // people, their roles and how they sign in
	AreaTokens       Area = "tokens"       // deploy keys, access and deploy tokens
	AreaIntegrations Area = "integrations" // webhooks, integrations, mirrors
	AreaSecurity     Area = "security"     // vulnerabilities, policies, compliance, audit
)

// Areas lists every area.
func Areas() []Area {
	return []Area{AreaSettings, AreaCode, AreaCI, AreaRunners, AreaOperations, AreaPackages, AreaRegistries, AreaPages,
		AreaWorkItems, AreaMembers, AreaTokens, AreaIntegrations, AreaSecurity}
}

// areaWords sort facts by what their ids say, the first word that fits. What
// none fits is a setting.
var areaWords = []struct {
	area  Area
	words []string
}{
	{AreaSecurity, []string{"vulnerabilit", "security", "compliance", "audit", "dast", "license-polic", "managed-licenses", "dependency-list", "secrets-manager", "ip-restrict", "external-status"}},
	{AreaRegistries, []string{"container", "dependency-proxy", "virtual-regist"}},
	{AreaPages, []string{"pages"}},
	{AreaPackages, []string{"package", "model-registry"}},
	{AreaRunners, []string{"runner", "compute-minutes", "quotas"}},
	{AreaTokens, []string{"deploy-key", "deploy-token", "access-token", "impersonation", "oauth-app", "ssh-cert", "job-token"}},
	{AreaCI, []string{"cicd", "ci-", "pipeline", "auto-devops", "builds", "job-", "secure-files", "schedule-", "resource-groups", "merge-trains", "catalog-resource"}},
	{AreaIntegrations, []string{"hook", "integration", "mirror", "service-desk", "oncall", "escalation"}},
	{AreaOperations, []string{"environment", "cluster", "agent", "terraform", "feature-flag", "alert", "error-tracking", "metrics", "freeze", "workspaces", "ml-exp", "geo-sites"}},
	{AreaWorkItems, []string{"issue", "epic", "board", "milestone", "label", "wiki", "snippet", "iteration", "requirement", "test-case", "okr", "task", "incident", "design", "work-item", "custom-field", "crm", "value-stream", "comment-template", "saved-views", "emoji", "description-templates"}},
	{AreaCode, []string{"repositor", "branch", "git-tags", "protected-tags", "tags", "commits", "merge-request", "approval", "push-rule", "fork", "lfs", "codeowner", "submodule", "releases", "default-branch", "empty", "hardcoded", "description-template", "file-templates", "code-search"}},
	{AreaMembers, []string{"user", "member", "invit", "access-request", "saml", "scim", "ldap", "custom-role", "shared-with", "two-factor", "service-account", "ssh-keys", "gpg-keys", "license-seats"}},
}

// Area is the area that the fact belongs to.
func (e Entry) Area() Area { return areaOf[e.ID] }

// areaOf keeps what areaWords say of the catalogue: every fact of every subject
// is looked up.
var areaOf = func() map[FactID]Area {
	m := make(map[FactID]Area)
	for _, e := range Catalog() {
		m[e.ID] = e.sort()
	}
	return m
}()

func (e Entry) sort() Area {
	_, name, _ := strings.Cut(string(e.ID), ".")
	if e.Level == LevelUser {
		return AreaMembers
	}
	for _, a := range areaWords {
		for _, w := range a.words {
			if strings.Contains(name, w) {
				return a.area
			}
		}
	}
	return AreaSettings
}

// NotAsked returns the gap of a fact that a scan of this scope does not ask
// for, which names the flag that leaves it out, and whether that is so. What the
// listings carry comes in any case.
func (s Scope) NotAsked(id FactID) (Gap, bool) {
	e, ok := Lookup(id)
	switch {
	case !ok:
		return Gap{}, false
	case e.Depth > s.Depth:
		return Gap{Reason: ReasonNotAsked, Endpoint: e.Read, Cure: "--depth " + e.Depth.String()}, true
	case e.Depth > Quick && len(s.Areas) > 0 && !slices.Contains(s.Areas, e.Area()):
		return Gap{Reason: ReasonNotAsked, Endpoint: e.Read, Cure: "a scan whose --only and --skip let in the area " + string(e.Area())}, true
	}
	return Gap{}, false
}

// Select is the areas that remain of all when only these are asked (none: all)
// and those are left out; nil if that is all of them, empty if it is none.
func Select(only, skip []Area) []Area {
	left := []Area{}
	for _, a := range Areas() {
		if (len(only) == 0 || slices.Contains(only, a)) && !slices.Contains(skip, a) {
			left = append(left, a)
		}
	}
	if len(left) == len(Areas()) {
		return nil
	}
	return left
}

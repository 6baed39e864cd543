package gitlab

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"readiness/scan"
)

var (
	approvalsRight = right{access: maintainer, feature: mergeRequestsAccess, plan: "premium"}
	pushRulesRight = right{access: maintainer, plan: "premium"}
	auditRight     = right{access: maintainer, plan: "premium"}
	securityRight  = right{access: developer, plan: "ultimate"}
)

// approvalRules reads who has to approve merge requests.
func (s *Source) approvalRules(ctx context.Context, p *scan.Project) error {
	const id = "project.approval-rules"
	if g, not := s.pointless(p, id, approvalsRight); not {
		p.ApprovalRules = scan.Cut[scan.ApprovalRule](nil, g)
		return nil
	}
	rules, r, err := walk[struct {
		ID       int64  `json:"id"`
		Type     string `json:"rule_type"`
		Required int64  `json:"approvals_required"`
		Users    []any  `json:"users"`
		Groups   []any  `json:"groups"`
	}](ctx, s, call{endpoint: "GET /projects/:id/approval_rules", path: projectPath(p.ID, "/approval_rules")})
	if err != nil {
		return err
	}
	items := make([]scan.ApprovalRule, 0, len(rules))
	for _, a := range rules {
		items = append(items, scan.ApprovalRule{ID: a.ID, Type: a.Type, Required: a.Required, Users: len(a.Users), Groups: len(a.Groups)})
	}
	if r != nil {
		p.ApprovalRules = scan.Cut(items, s.restGap(p, r, id, approvalsRight))
	} else {
		p.ApprovalRules = scan.Listed(items)
	}
	return nil
}

// approvalDefaults are the settings of approvals with their value in a new
// project. Source: db/structure.sql (projects, project_settings).
var approvalDefaults = map[string]bool{
	"reset_approvals_on_push":                        true,
	"selective_code_owner_removals":                  false,
	"disable_overriding_approvers_per_merge_request": false,
	"merge_requests_author_approval":                 false,
	"merge_requests_disable_committers_approval":     false,
	"require_password_to_approve":                    false,
	"require_reauthentication_to_approve":            false,
}

// approvalSettings reads which settings of approvals were changed.
func (s *Source) approvalSettings(ctx context.Context, p *scan.Project) error {
	const id = "project.approval-settings"
	if g, not := s.pointless(p, id, approvalsRight); not {
		p.ApprovalSettings = scan.Missing[[]string](g)
		return nil
	}
	var settings map[string]json.RawMessage
	_, r, err := s.read(ctx, call{endpoint: "GET /projects/:id/approvals", path: projectPath(p.ID, "/approvals")}, &settings)
	switch {
	case err != nil:
		return err
	case r != nil:
		p.ApprovalSettings = scan.Missing[[]string](s.restGap(p, r, id, approvalsRight))
		return nil
	}
	p.ApprovalSettings = scan.Known(changedFrom(approvalDefaults, settings))
	return nil
}

// changedFrom lists the switches among settings that are not as usual; null is off.
func changedFrom(usual map[string]bool, settings map[string]json.RawMessage) []string {
	changed := []string{}
	for name, on := range usual {
		var is bool
		if raw, told := settings[name]; told && json.Unmarshal(raw, &is) == nil && is != on {
			changed = append(changed, name)
		}
	}
	slices.Sort(changed)
	return changed
}

// pushRules reads which push rules are set; what they demand is not kept.
func (s *Source) pushRules(ctx context.Context, p *scan.Project) error {
	const id = pushRulesFact
	if g, not := s.pointless(p, id, pushRulesRight); not {
		p.PushRules = scan.Missing[[]string](g)
		return nil
	}
	if s.unused(p, id) {
		p.PushRules = scan.Known([]string{})
		return nil
	}
	c := call{endpoint: "GET /projects/:id/push_rule", path: projectPath(p.ID, "/push_rule")}
	a, r, err := s.send(ctx, http.MethodGet, c)
	switch {
	case err != nil:
		return err
	case r != nil:
		p.PushRules = scan.Missing[[]string](s.restGap(p, r, id, pushRulesRight))
		return nil
	}
	var rule map[string]any // null: no rule was ever set
	if err := json.Unmarshal(a.body, &rule); err != nil {
		p.PushRules = scan.Missing[[]string](failure(c.endpoint, fmt.Errorf("the answer is not what GitLab documents: %w", err)).gap(id, s.version()))
		return nil
	}
	names := []string{}
	for name, v := range rule {
		switch v := v.(type) {
		case bool:
			if v {
				names = append(names, name)
			}
		case string:
			if v != "" && strings.HasSuffix(name, "_regex") {
				names = append(names, name)
			}
		case float64:
			if v > 0 && name == "max_file_size" {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	p.PushRules = scan.Known(names)
	return nil
}

// auditEvents reads whether there is any: how many there are takes as many pages.
func (s *Source) auditEvents(ctx context.Context, p *scan.Project) error {
	const id = "project.audit-events"
	if g, not := s.pointless(p, id, auditRight); not {
		p.AuditEvents = scan.Missing[bool](g)
		return nil
	}
	q := url.Values{"per_page": {"1"}}
	if s.version().AtLeast(scan.MustVersion("16.0")) {
		q.Set("pagination", "keyset") // from 19.0 on the only way; https://docs.gitlab.com/update/deprecations/
	}
	var events []json.RawMessage
	_, r, err := s.read(ctx, call{endpoint: "GET /projects/:id/audit_events", path: projectPath(p.ID, "/audit_events"), query: q}, &events)
	switch {
	case err != nil:
		return err
	case r != nil:
		p.AuditEvents = scan.Missing[bool](s.restGap(p, r, id, auditRight))
	case len(events) == 0 && s.may(p, auditRight) != whole: // others are told of their own deeds
		p.AuditEvents = scan.Missing[bool](s.withheld(id, auditRight))
	default:
		p.AuditEvents = scan.Known(len(events) > 0)
	}
	return nil
}

// securityDefaults are the security settings with their value in a new project;
// secret_push_protection_enabled was named pre_receive_secret_detection_enabled up to 17.10.
// Source: db/structure.sql (project_security_settings) at 18.9.
var securityDefaults = map[string]bool{
	"auto_fix_container_scanning":             true,
	"auto_fix_dast":                           true,
	"auto_fix_dependency_scanning":            true,
	"auto_fix_sast":                           true,
	"container_scanning_for_registry_enabled": false,
	"continuous_vulnerability_scans_enabled":  false,
	"pre_receive_secret_detection_enabled":    false,
	"secret_push_protection_enabled":          false,
	"validity_checks_enabled":                 false,
}

// securitySettings reads which security settings were changed. A project that
// never had any has none: null.
func (s *Source) securitySettings(ctx context.Context, p *scan.Project) error {
	const id = "project.security-settings"
	if g, not := s.pointless(p, id, securityRight); not {
		p.SecuritySettings = scan.Missing[[]string](g)
		return nil
	}
	c := call{endpoint: "GET /projects/:id/security_settings", path: projectPath(p.ID, "/security_settings")}
	a, r, err := s.send(ctx, http.MethodGet, c)
	switch {
	case err != nil:
		return err
	case r != nil:
		p.SecuritySettings = scan.Missing[[]string](s.restGap(p, r, id, securityRight))
		return nil
	}
	var settings map[string]json.RawMessage
	if err := json.Unmarshal(a.body, &settings); err != nil {
		p.SecuritySettings = scan.Missing[[]string](failure(c.endpoint, fmt.Errorf("the answer is not what GitLab documents: %w", err)).gap(id, s.version()))
		return nil
	}
	p.SecuritySettings = scan.Known(changedFrom(securityDefaults, settings))
	return nil
}

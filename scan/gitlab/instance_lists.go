package gitlab

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"readiness/scan"
)

// readInstanceLists reads what exists once per instance, and the instance-wide
// lists that answer for every project at once.
func (s *Source) readInstanceLists(ctx context.Context, i *scan.Instance) error {
	work, ctx := errgroup.WithContext(ctx)
	for _, c := range []struct {
		id    scan.FactID
		fact  *scan.Fact[int64]
		path  string
		query url.Values
	}{
		{"instance.system-hooks", &i.SystemHooks, "hooks", nil},
		{"instance.oauth-applications", &i.Applications, "applications", nil},
		{"instance.broadcast-messages", &i.BroadcastMessages, "broadcast_messages", nil},
		{"instance.project-topics", &i.Topics, "topics", nil},
		{"instance.deploy-keys", &i.PublicDeployKeys, "deploy_keys", url.Values{"public": {"true"}}},
		{"instance.deploy-tokens", &i.DeployTokens, "deploy_tokens", nil},
		{"instance.geo-sites", &i.GeoSites, "geo_sites", nil},
		{"instance.clusters", &i.Clusters, "admin/clusters", nil},
		{"instance.custom-roles", &i.CustomRoles, "member_roles", nil},
		{"instance.service-accounts", &i.ServiceAccounts, "service_accounts", nil},
		{"instance.code-search", &i.CodeSearchNodes, "admin/zoekt/shards", nil},
	} {
		if !s.asks(c.id) {
			continue
		}
		work.Go(func() error {
			n, r, err := s.count(ctx, call{endpoint: "GET /" + c.path, path: c.path, query: c.query})
			switch {
			case err != nil:
				return err
			case r != nil:
				*c.fact = scan.Missing[int64](s.instanceGap(r, c.id))
			default:
				*c.fact = scan.Known(n)
			}
			return nil
		})
	}
	for _, step := range []struct {
		read func(context.Context, *scan.Instance) error
		ids  []scan.FactID
	}{
		{s.readFeatures, []scan.FactID{"instance.feature-flags"}},
		{s.readAppearance, []scan.FactID{"instance.appearance"}},
		{s.readTokens, []scan.FactID{"instance.personal-access-tokens", "user.personal-access-tokens"}},
		{s.readAuditEvents, []scan.FactID{"instance.audit-events"}},
		{s.readPolicyGroup, []scan.FactID{"instance.security-policies"}},
		{s.readDeployKeys, []scan.FactID{"project.deploy-keys"}},
		{s.readAliases, []scan.FactID{"project.aliases"}},
		{s.readPagesDomains, []scan.FactID{"instance.pages-domains", "project.pages-domains"}},
		{s.readSnippets, []scan.FactID{"instance.snippets", "project.snippets"}},
	} {
		if s.asksAny(step.ids...) {
			work.Go(func() error { return step.read(ctx, i) })
		}
	}
	return work.Wait()
}

// instanceGap is the gap of an instance-wide list. An administrator is refused
// only where the licence lacks the feature, and a route that is not there belongs
// to another edition or a newer version.
func (s *Source) instanceGap(r *refusal, id scan.FactID) scan.Gap {
	g := r.gap(id, s.version())
	if s.admin && (g.Reason == scan.ReasonForbidden || g.Reason == scan.ReasonHidden) {
		g.Reason, g.Cure = scan.ReasonFeatureOff, ""
	}
	return s.withAdminMode(g)
}

// readAuditEvents asks whether there is any: how many is more than GitLab counts.
func (s *Source) readAuditEvents(ctx context.Context, i *scan.Instance) error {
	const id = "instance.audit-events"
	var events []json.RawMessage
	_, r, err := s.read(ctx, call{endpoint: "GET /audit_events", path: "audit_events", query: url.Values{"per_page": {"1"}}}, &events)
	switch {
	case err != nil:
		return err
	case r != nil:
		i.AuditEvents = scan.Missing[bool](s.instanceGap(r, id))
	default:
		i.AuditEvents = scan.Known(len(events) > 0)
	}
	return nil
}

// readPolicyGroup asks whether a group's security policies hold for the instance.
func (s *Source) readPolicyGroup(ctx context.Context, i *scan.Instance) error {
	const id = "instance.security-policies"
	const endpoint = "GET /admin/security/compliance_policy_settings"
	var b struct {
		Group field[int64] `json:"csp_namespace_id"`
	}
	_, r, err := s.read(ctx, call{endpoint: endpoint, path: "admin/security/compliance_policy_settings"}, &b)
	switch {
	case err != nil:
		return err
	case r != nil:
		i.PolicyGroup = scan.Missing[bool](s.instanceGap(r, id))
	default:
		there(b.Group, &i.PolicyGroup)
	}
	return nil
}

// readAliases joins the instance's aliases to projects.
func (s *Source) readAliases(ctx context.Context, _ *scan.Instance) error {
	aliases, r, err := walk[struct {
		Project int64 `json:"project_id"`
	}](ctx, s, call{endpoint: "GET /project_aliases", path: "project_aliases"})
	if err != nil {
		return err
	}
	if r != nil && s.admin && (r.Reason == scan.ReasonForbidden || r.Reason == scan.ReasonHidden) {
		r.Reason = scan.ReasonFeatureOff // the edition or the licence lacks it
	}
	s.aliases = tally{byProject: map[int64]int64{}, refusal: r}
	for _, a := range aliases {
		s.aliases.byProject[a.Project]++
	}
	return nil
}

func (s *Source) readFeatures(ctx context.Context, i *scan.Instance) error {
	var features []struct {
		Name string `json:"name"`
	}
	const id = "instance.feature-flags"
	_, r, err := s.read(ctx, call{endpoint: "GET /features", path: "features"}, &features)
	if err != nil {
		return err
	}
	if r != nil {
		i.FeatureFlags = scan.Missing[[]string](s.instanceGap(r, id))
		return nil
	}
	names := make([]string, 0, len(features))
	s.flags = map[string]bool{}
	for _, f := range features {
		names = append(names, f.Name)
		s.flags[f.Name] = true
	}
	slices.Sort(names)
	i.FeatureFlags = scan.Known(names)
	return nil
}

func (s *Source) readAppearance(ctx context.Context, i *scan.Instance) error {
	const id = "instance.appearance"
	var b map[string]json.RawMessage
	_, r, err := s.read(ctx, call{endpoint: "GET /application/appearance", path: "application/appearance"}, &b)
	if err != nil {
		return err
	}
	if r != nil {
		i.Appearance = scan.Missing[bool](s.instanceGap(r, id))
		return nil
	}
	set := false
	for _, key := range []string{"title", "description", "logo", "header_logo", "favicon", "pwa_icon", "header_message", "footer_message",
		"new_project_guidelines", "member_guidelines", "profile_image_guidelines"} {
		var text string
		if json.Unmarshal(b[key], &text) == nil && text != "" {
			set = true
		}
	}
	i.Appearance = scan.Known(set)
	return nil
}

// readDeployKeys joins the instance's deploy keys to projects. Only the ids are
// decoded.
func (s *Source) readDeployKeys(ctx context.Context, _ *scan.Instance) error {
	type project struct {
		ID int64 `json:"id"`
	}
	c := call{endpoint: "GET /deploy_keys", path: "deploy_keys"}
	keys, r, err := walk[struct {
		Write field[[]project] `json:"projects_with_write_access"`
		Read  field[[]project] `json:"projects_with_readonly_access"`
	}](ctx, s, c)
	if err != nil {
		return err
	}
	t := tally{byProject: map[int64]int64{}, refusal: r}
	for _, key := range keys {
		if !key.Write.ok() || !key.Read.ok() { // before 16.0
			t.refusal = &refusal{Endpoint: c.endpoint, Status: 200, Reason: scan.ReasonTooOld}
		}
		seen := map[int64]bool{}
		for _, p := range slices.Concat(key.Write.value, key.Read.value) {
			if !seen[p.ID] {
				seen[p.ID] = true
				t.byProject[p.ID]++
			}
		}
	}
	s.deployKeys = t
	return nil
}

func (s *Source) readPagesDomains(ctx context.Context, i *scan.Instance) error {
	const id = "instance.pages-domains"
	domains, r, err := walk[struct {
		Project field[int64] `json:"project_id"`
	}](ctx, s, call{endpoint: "GET /pages/domains", path: "pages/domains"})
	if err != nil {
		return err
	}
	t := tally{byProject: map[int64]int64{}, refusal: r}
	for _, d := range domains {
		t.byProject[d.Project.value]++
	}
	s.pagesDomains = t
	if r != nil {
		i.PagesDomains = scan.Missing[int64](s.instanceGap(r, id))
	} else {
		i.PagesDomains = scan.Known(int64(len(domains)))
	}
	return nil
}

// readSnippets joins the instance's snippets to projects; those without one are
// personal. Whoever is no administrator is answered with what they may see,
// without a word about the rest.
func (s *Source) readSnippets(ctx context.Context, i *scan.Instance) error {
	const id = "instance.snippets"
	withheld := &refusal{Endpoint: "GET /snippets/all", Reason: scan.ReasonWithheld}
	if !s.admin {
		s.snippets = tally{refusal: withheld}
		i.PersonalSnippets = scan.Missing[int64](s.adminGap(id, scan.ReasonWithheld))
		return nil
	}
	snippets, r, err := walk[struct {
		Project field[int64] `json:"project_id"`
	}](ctx, s, call{endpoint: "GET /snippets/all", path: "snippets/all"})
	if err != nil {
		return err
	}
	t := tally{byProject: map[int64]int64{}, refusal: r}
	for _, one := range snippets {
		t.byProject[one.Project.value]++
	}
	s.snippets = t
	if r != nil {
		i.PersonalSnippets = scan.Missing[int64](s.instanceGap(r, id))
	} else {
		i.PersonalSnippets = scan.Known(t.byProject[0])
	}
	return nil
}

// nullable is nil for "", so that a GraphQL argument counts as not given.
func nullable(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// variable is a CI/CD variable as GraphQL tells it when its value is not asked.
type variable struct {
	Key         string `json:"key"`
	Type        string `json:"variableType"`
	Environment string `json:"environmentScope"`
	Protected   bool   `json:"protected"`
	Masked      bool   `json:"masked"`
	Hidden      bool   `json:"hidden"`
	Raw         bool   `json:"raw"`
}

// variableKeys are the fields of every kind of variable; hidden is not on all.
const variableKeys = "key variableType environmentScope protected masked raw"

func variablesOf(c connection[variable]) []scan.Variable {
	out := make([]scan.Variable, 0, len(c.Nodes))
	for _, v := range c.Nodes {
		if v == nil {
			continue
		}
		out = append(out, scan.Variable{Key: v.Key, Type: strings.ToLower(v.Type), Environment: v.Environment,
			Protected: v.Protected, Masked: v.Masked, Hidden: v.Hidden, Raw: v.Raw})
	}
	return out
}

package gitlab

import (
	"context"
	"encoding/json"
	"strings"

	"readiness/scan"
)

// groupFact is what GraphQL tells of each group of a page: a number, or a list
// whose entries are counted.
type groupFact struct {
	id    scan.FactID
	fact  func(*scan.Group) *scan.Fact[int64] // nil: flag has it
	flag  func(*scan.Group) *scan.Fact[bool]
	field string // as in graphFields
	text  func(*Source) string
	count func(n node, key string) (told, string)
	key   string // response key
	// access is the role in the group that is told the whole: 0 whoever sees the
	// group, roleAdmin an administrator.
	access int64
	part   bool   // those with less may be told a part, so even a number is no value
	public bool   // everybody is told the whole of a public group
	plan   string // licence it takes: "", premium or ultimate
	// root says that only a top-level group has any of its own: GitLab repeats
	// them for the groups below.
	root bool
}

// roleAdmin is above every role in a group.
const roleAdmin = 100

// told is what an answer said: how many, and whether there are more than that.
type told struct {
	n    int64
	more bool
	said bool // false: null
}

// always is a selection that no version changes.
func always(text string) func(*Source) string { return func(*Source) string { return text } }

// entries is the selection that counts the entries of a connection without count.
func entries(key, arguments string) string {
	return key + "(first:100" + arguments + "){nodes{id} pageInfo{hasNextPage}}"
}

// groupNumbers are told by a count or a flag, groupLists by a list of ids.
var (
	groupNumbers = []groupFact{
		{id: "group.labels", fact: func(g *scan.Group) *scan.Fact[int64] { return &g.Labels }, field: "Group.labels", key: "labels",
			text: always("labels(first:1,onlyGroupLabels:true){count}"), count: countOf, access: reporter, public: true},
		// Confidential epics are not told to those below Reporter.
		{id: "group.epics", fact: func(g *scan.Group) *scan.Fact[int64] { return &g.Epics }, field: "Group.epics", key: "epics",
			text: always("epics(first:1,includeDescendantGroups:false){count}"), count: countOf, access: reporter, part: true, plan: "premium"},
		{id: "group.dependency-proxy", fact: func(g *scan.Group) *scan.Fact[int64] { return &g.ProxyImages }, field: "Group.dependencyProxyImageCount", key: "dependencyProxyImageCount",
			text: always("dependencyProxyImageCount"), count: plainOf},
		{id: "group.security-policies", flag: func(g *scan.Group) *scan.Fact[bool] { return &g.PolicyProject }, field: "Group.securityPolicyProject", key: "securityPolicyProject",
			text: always("securityPolicyProject{id}"), count: thereOf, access: roleAdmin, plan: "ultimate"},
		{id: "group.custom-fields", fact: func(g *scan.Group) *scan.Fact[int64] { return &g.CustomFields }, field: "Group.customFields", key: "customFields",
			text: always("customFields(first:1){count}"), count: countOf, plan: "premium", root: true},
		{id: "group.non-epic-work-items", fact: func(g *scan.Group) *scan.Fact[int64] { return &g.WorkItems }, field: "Group.workItems", key: "workItems",
			text:  always("workItems(first:1,includeDescendants:false,types:[INCIDENT,ISSUE,KEY_RESULT,OBJECTIVE,REQUIREMENT,TASK,TEST_CASE,TICKET]){count}"),
			count: countOf, access: reporter, part: true, plan: "premium"},
		{id: "group.crm", fact: func(g *scan.Group) *scan.Fact[int64] { return &g.Contacts }, field: "Group.contactStateCounts", key: "contactStateCounts",
			text: always("contactStateCounts{all}"), count: allOf, access: reporter, root: true},
		{id: "group.package-settings", flag: func(g *scan.Group) *scan.Fact[bool] { return &g.PackageSettings }, field: "Group.packageSettings", key: "packageSettings",
			text: packageSettingsText, count: packageSettingsOf, access: owner},
		{id: "group.security-attributes", fact: func(g *scan.Group) *scan.Fact[int64] { return &g.SecurityCategories }, field: "Group.securityCategories", key: "securityCategories",
			text: always("securityCategories{id}"), count: savedOf, access: reporter, plan: "ultimate", root: true},
	}
	groupLists = []groupFact{
		{id: "group.epic-boards", fact: func(g *scan.Group) *scan.Fact[int64] { return &g.EpicBoards }, field: "Group.epicBoards", key: "epicBoards",
			text: always(entries("epicBoards", "")), count: entriesOf, plan: "premium"},
		{id: iterationsFact, fact: func(g *scan.Group) *scan.Fact[int64] { return &g.Iterations }, field: "Group.iterations", key: "iterations",
			text: always(entries("iterations", ",includeAncestors:false")), count: entriesOf, plan: "premium"},
		{id: "group.iteration-cadences", fact: func(g *scan.Group) *scan.Fact[int64] { return &g.Cadences }, field: "Group.iterationCadences", key: "iterationCadences",
			text: always(entries("iterationCadences", "")), count: entriesOf, plan: "premium"},
		{id: "group.compliance-frameworks", fact: func(g *scan.Group) *scan.Fact[int64] { return &g.Frameworks }, field: "Group.complianceFrameworks", key: "complianceFrameworks",
			text: always(entries("complianceFrameworks", "")), count: entriesOf, access: reporter, plan: "premium", root: true},
		{id: "group.audit-streaming", fact: func(g *scan.Group) *scan.Fact[int64] { return &g.AuditStreams }, field: "Group.externalAuditEventDestinations", key: "externalAuditEventDestinations",
			text: auditStreamsText, count: auditStreamsOf, access: owner, plan: "ultimate", root: true},
		{id: "group.work-item-statuses", fact: func(g *scan.Group) *scan.Fact[int64] { return &g.Lifecycles }, field: "Group.lifecycles", key: "lifecycles",
			text: always(entries("lifecycles", "")), count: customOf, plan: "premium", root: true},
		{id: "group.custom-work-item-types", fact: func(g *scan.Group) *scan.Fact[int64] { return &g.WorkItemTypes }, field: "Group.workItemTypes", key: "workItemTypes",
			text: always(entries("workItemTypes", "")), count: customOf, plan: "premium", root: true},
		{id: "group.value-streams", fact: func(g *scan.Group) *scan.Fact[int64] { return &g.ValueStreams }, field: "Group.valueStreams", key: "valueStreams",
			text: always("valueStreams(first:20){nodes{id} pageInfo{hasNextPage}}"), count: entriesOf, access: reporter, plan: "premium"},
		{id: "group.virtual-registries", fact: func(g *scan.Group) *scan.Fact[int64] { return &g.VirtualRegistries }, field: "Group.virtualRegistriesPackagesMavenRegistries", key: "virtualRegistriesPackagesMavenRegistries",
			text:  always(entries("virtualRegistriesPackagesMavenRegistries", "") + " " + entries("virtualRegistriesContainerRegistries", "")),
			count: virtualRegistriesOf, plan: "premium", root: true},
		{id: "group.custom-emoji", fact: func(g *scan.Group) *scan.Fact[int64] { return &g.CustomEmoji }, field: "Group.customEmoji", key: "customEmoji",
			text: always(entries("customEmoji", "")), count: entriesOf},
	}
)

const iterationsFact = "group.iterations"

// answerOf decodes a key and, unless it was null, lets read count it.
func answerOf[T any](n node, key string, read func(T) (told, bool)) (told, string) {
	var v T
	ok, fail := n.get(key, &v)
	if fail != "" || !ok {
		return told{}, fail
	}
	t, sound := read(v)
	if !sound {
		return told{}, "the answer is not what the schema says"
	}
	t.said = true
	return t, ""
}

func countOf(n node, key string) (told, string) {
	return answerOf(n, key, func(c connection[struct{}]) (told, bool) {
		if c.Count == nil {
			return told{}, false
		}
		return told{n: *c.Count}, true
	})
}

func plainOf(n node, key string) (told, string) {
	return answerOf(n, key, func(n int64) (told, bool) { return told{n: n}, true })
}

// thereOf tells whether there is something; null says that there is none.
func thereOf(n node, key string) (told, string) {
	var raw json.RawMessage
	ok, fail := n.get(key, &raw)
	t := told{said: fail == ""}
	if ok {
		t.n = 1
	}
	return t, fail
}

func allOf(n node, key string) (told, string) {
	return answerOf(n, key, func(c struct {
		All *int64 `json:"all"`
	}) (told, bool) {
		if c.All == nil {
			return told{}, false
		}
		return told{n: *c.All}, true
	})
}

type identified struct {
	ID string `json:"id"`
}

func entriesOf(n node, key string) (told, string) {
	return answerOf(n, key, func(c connection[identified]) (told, bool) {
		return told{n: int64(len(c.Nodes)), more: c.PageInfo.HasNextPage}, true
	})
}

// customOf counts those that are not GitLab's own, which the class in the id tells.
// Source: app/models/work_items/types_framework/custom/type.rb and
// ee/app/models/ee/namespace.rb (lifecycles).
func customOf(n node, key string) (told, string) {
	return answerOf(n, key, func(c connection[identified]) (told, bool) {
		t := told{more: c.PageInfo.HasNextPage}
		for _, one := range c.Nodes {
			if one != nil && strings.Contains(one.ID, "::Custom::") {
				t.n++
			}
		}
		return t, true
	})
}

// savedOf counts those that were saved: where nothing was, GitLab answers with
// what it would begin with, which has no number.
// Source: ee/app/graphql/resolvers/security/category_resolver.rb.
func savedOf(n node, key string) (told, string) {
	return answerOf(n, key, func(all []identified) (told, bool) {
		var t told
		for _, one := range all {
			if last := one.ID[strings.LastIndex(one.ID, "/")+1:]; last != "" && strings.Trim(last, "0123456789") == "" {
				t.n++
			}
		}
		return t, true
	})
}

func auditStreamsText(s *Source) string {
	text := entries("externalAuditEventDestinations", "")
	if s.schema.has("Group.externalAuditEventStreamingDestinations") {
		text += " " + entries("externalAuditEventStreamingDestinations", "")
	}
	return text
}

// auditStreamsOf counts the destinations of audit events. GitLab keeps the HTTP
// ones in two lists while it moves them, so the longer list is taken.
func auditStreamsOf(n node, key string) (told, string) {
	old, fail := entriesOf(n, key)
	recent, failed := entriesOf(n, "externalAuditEventStreamingDestinations")
	switch {
	case fail != "":
		return old, fail
	case failed != "":
		return recent, failed
	case recent.n > old.n:
		return recent, ""
	}
	old.more = old.more || recent.more
	return old, ""
}

func virtualRegistriesOf(n node, key string) (told, string) {
	maven, fail := entriesOf(n, key)
	container, failed := entriesOf(n, "virtualRegistriesContainerRegistries")
	if fail == "" {
		fail = failed
	}
	return told{n: maven.n + container.n, more: maven.more || container.more, said: maven.said || container.said}, fail
}

func packageSettingsText(s *Source) string {
	text := "packageSettings{mavenDuplicatesAllowed mavenDuplicateExceptionRegex genericDuplicatesAllowed genericDuplicateExceptionRegex"
	if s.schema.has("PackageSettings.nugetDuplicatesAllowed") {
		text += " nugetDuplicatesAllowed nugetDuplicateExceptionRegex nugetSymbolServerEnabled terraformModuleDuplicatesAllowed terraformModuleDuplicateExceptionRegex"
	}
	return text + "}"
}

// packageSettingsOf tells whether settings differ from their defaults, which are
// the columns' of namespace_package_settings.
func packageSettingsOf(n node, key string) (told, string) {
	yes := true
	return answerOf(n, key, func(p struct {
		Maven          *bool   `json:"mavenDuplicatesAllowed"`
		MavenRegex     *string `json:"mavenDuplicateExceptionRegex"`
		Generic        *bool   `json:"genericDuplicatesAllowed"`
		GenericRegex   *string `json:"genericDuplicateExceptionRegex"`
		NuGet          *bool   `json:"nugetDuplicatesAllowed"`
		NuGetRegex     *string `json:"nugetDuplicateExceptionRegex"`
		SymbolServer   *bool   `json:"nugetSymbolServerEnabled"`
		Terraform      *bool   `json:"terraformModuleDuplicatesAllowed"`
		TerraformRegex *string `json:"terraformModuleDuplicateExceptionRegex"`
	}) (told, bool) {
		if p.Maven == nil || p.Generic == nil {
			return told{}, false
		}
		no := false
		var t told
		for _, d := range []struct{ value, byDefault *bool }{{p.Maven, &yes}, {p.Generic, &yes}, {p.NuGet, &yes}, {p.SymbolServer, &no}, {p.Terraform, &no}} {
			if d.value != nil && *d.value != *d.byDefault {
				t.n = 1
			}
		}
		for _, regex := range []*string{p.MavenRegex, p.GenericRegex, p.NuGetRegex, p.TerraformRegex} {
			if regex != nil && *regex != "" {
				t.n = 1
			}
		}
		return t, true
	})
}

// groupSelection asks what the source's version offers, its licence has and the
// scan wants.
func (s *Source) groupSelection(facts []groupFact) string {
	var text []string
	for _, f := range facts {
		if s.schema.has(f.field) && s.asks(f.id) && !s.unlicensed(f.plan) {
			text = append(text, f.text(s))
		}
	}
	return strings.Join(text, " ")
}

// unlicensed reports whether the instance is known to lack the plan.
func (s *Source) unlicensed(plan string) bool {
	if plan == "" {
		return false
	}
	has, known := s.licensed(plan)
	return known && !has
}

func (s *Source) wideGroupFacts(ctx context.Context, page []*scan.Group, facts []groupFact) error {
	nodes, err := s.askGroups(ctx, page, nil, func() string { return s.groupSelection(facts) })
	if err != nil {
		return err
	}
	for _, g := range page {
		for _, f := range facts {
			n, gap := s.groupFact(g, nodes[g.ID], f)
			switch {
			case f.fact != nil && gap != nil:
				*f.fact(g) = scan.Missing[int64](*gap)
			case f.fact != nil:
				*f.fact(g) = scan.Known(n)
			case gap != nil:
				*f.flag(g) = scan.Missing[bool](*gap)
			default:
				*f.flag(g) = scan.Known(n > 0)
			}
		}
	}
	return nil
}

// groupFact is a fact's amount in one group, or why it is not known.
func (s *Source) groupFact(g *scan.Group, n node, f groupFact) (int64, *scan.Gap) {
	gap := func(gap scan.Gap) (int64, *scan.Gap) { return 0, &gap }
	if s.unlicensed(f.plan) {
		return gap(gapFor(f.id, scan.ReasonFeatureOff))
	}
	if missing, gone := s.nodeGap(n, f.id, f.field); gone {
		return gap(missing)
	}
	if f.root && g.ParentID != 0 {
		return 0, nil
	}
	trusted := f.access == 0 || s.admin || f.access != roleAdmin && s.mayGroup(g, f.access) || f.public && g.Visibility.Or("") == "public"
	t, fail := f.count(n, f.key)
	switch {
	case strings.Contains(fail, noPermission), fail == "" && !t.said:
		// An administrator is denied only what the licence or a setting has off.
		if s.admin {
			return gap(gapFor(f.id, scan.ReasonFeatureOff))
		}
		return gap(gapFor(f.id, scan.ReasonWithheld))
	case fail != "":
		return gap(failed(f.id, fail))
	case t.more:
		return gap(because(f.id, scan.ReasonTruncated, "GitLab gives no total here, and there are more than it lists at once"))
	case !trusted && (t.n == 0 || f.part):
		return gap(gapFor(f.id, scan.ReasonWithheld))
	}
	return t.n, nil
}

// noPermission is part of GraphQL's words where a resolver refuses.
// Source: lib/gitlab/graphql/authorize/authorize_resource.rb.
const noPermission = "you don't have permission to perform this action"

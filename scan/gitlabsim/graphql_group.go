package gitlabsim

import "fmt"

// groupDetails are what GraphQL tells of a group besides its face, its projects
// and its members.
var groupDetails = map[string]resolver{
	"Group.savedReplies": onGroup(func(x *execution, g Group, _ map[string]any) any {
		if !x.w.cfg.Tier.Licensed() || x.w.levelInGroup(x.who, g.index) < levelGuest {
			return nil
		}
		return gidList(g, "Groups::SavedReply", g.CommentTemplates)
	}),
	"Group.dependencyProxyImageCount": onGroup(func(_ *execution, g Group, _ map[string]any) any { return g.ProxyImages }),
	"Group.epicBoards": onGroup(func(x *execution, g Group, _ map[string]any) any {
		if !x.w.cfg.Tier.Licensed() {
			return nil
		}
		return gidList(g, "Boards::EpicBoard", g.EpicBoards)
	}),
	"Group.iterations": onGroup(func(x *execution, g Group, args map[string]any) any {
		if !x.w.cfg.Tier.Licensed() {
			return noResource
		}
		n := g.Iterations
		if args["includeAncestors"] != false {
			for _, above := range x.w.groupLine(g.index)[1:] {
				n += x.w.group(above).Iterations
			}
		}
		return gidList(g, "Iteration", n)
	}),
	"Group.iterationCadences": onGroup(func(x *execution, g Group, _ map[string]any) any {
		if !x.w.cfg.Tier.Licensed() {
			return noResource
		}
		return gidList(g, "Iterations::Cadence", g.Cadences)
	}),
	"Group.externalAuditEventDestinations":          auditStreams("AuditEvents::ExternalAuditEventDestination"),
	"Group.externalAuditEventStreamingDestinations": auditStreams("AuditEvents::Group::ExternalStreamingDestination"),
	// What belongs to the top-level group is told of every group below it.
	// Source: ee/app/graphql/resolvers/compliance_management/framework_resolver.rb
	// and its neighbours, which ask the root_ancestor.
	"Group.complianceFrameworks": onGroup(func(x *execution, g Group, _ map[string]any) any {
		if !x.w.cfg.Tier.Licensed() || x.w.levelInGroup(x.who, g.index) < levelGuest {
			return nil // read_namespace_via_membership
		}
		root := x.w.rootOf(g)
		return counting(root.Frameworks, func(k int) any {
			return object{{"id", gid("ComplianceManagement::Framework", part(root.index, k))}, {"name", fmt.Sprintf("Framework %d", k+1)}}
		})
	}),
	"Group.securityPolicyProject": onGroup(func(x *execution, g Group, _ map[string]any) any {
		i, ok := x.w.projectIndex(g.PolicyProject)
		if !ok || !x.w.visible(x.who, i) {
			return nil
		}
		return x.project(i)
	}),
	"Group.securityCategories": onGroup(func(x *execution, g Group, _ map[string]any) any {
		if x.w.cfg.Tier != Ultimate || x.w.levelInGroup(x.who, g.index) < levelReporter {
			return noResource
		}
		root := x.w.rootOf(g)
		if root.SecurityCategories == 0 { // what GitLab begins with, not saved
			return list{object{{"id", "gid://gitlab/Security::Category/"}}}
		}
		return numberedList(root.SecurityCategories, func(k int) any { return object{{"id", gid("Security::Category", part(root.index, k))}} })
	}),
	"Group.customFields": onGroup(func(x *execution, g Group, _ map[string]any) any {
		if !x.w.cfg.Tier.Licensed() {
			return gidList(g, "Issuables::CustomField", 0)
		}
		root := x.w.rootOf(g)
		return gidList(root, "Issuables::CustomField", root.CustomFields)
	}),
	"Group.lifecycles": onGroup(func(x *execution, g Group, _ map[string]any) any {
		if !x.w.cfg.Tier.Licensed() {
			return nil
		}
		if root := x.w.rootOf(g); root.Lifecycles > 0 {
			return gidList(root, "WorkItems::Statuses::Custom::Lifecycle", root.Lifecycles)
		}
		return gidList(g, "WorkItems::Statuses::SystemDefined::Lifecycle", 1)
	}),
	"Group.workItemTypes": onGroup(func(x *execution, g Group, _ map[string]any) any {
		own := x.w.rootOf(g).WorkItemTypes
		const given = 9 // GitLab's own types
		return counting(given+own, func(k int) any {
			kind := "WorkItems::Type"
			if k >= given {
				kind = "WorkItems::TypesFramework::Custom::Type"
			}
			return object{{"id", gid(kind, int64(k+1))}}
		})
	}),
	"Group.workItems": onGroup(func(x *execution, g Group, args map[string]any) any {
		n := g.WorkItems
		if types, ok := args["types"].([]any); !ok || contains(types, any("EPIC")) {
			n += g.Epics
		}
		if x.w.levelInGroup(x.who, g.index) < levelReporter {
			n /= 2 // confidential ones are not told
		}
		return gidList(g, "WorkItem", n)
	}),
	"Group.valueStreams": onGroup(func(x *execution, g Group, _ map[string]any) any {
		if !x.w.cfg.Tier.Licensed() || x.w.levelInGroup(x.who, g.index) < levelReporter {
			return nil
		}
		return gidList(g, "Analytics::CycleAnalytics::ValueStream", g.ValueStreams)
	}),
	"Group.contactStateCounts": onGroup(func(x *execution, g Group, _ map[string]any) any {
		if x.w.levelInGroup(x.who, g.index) < levelReporter {
			return nil
		}
		n := x.w.rootOf(g).Contacts
		return object{{"all", n}, {"active", n}, {"inactive", 0}}
	}),
	"Group.packageSettings": onGroup(func(x *execution, g Group, _ map[string]any) any {
		if x.w.levelInGroup(x.who, g.index) < levelMaintainer {
			return nil
		}
		return object{{"mavenDuplicatesAllowed", !g.PackageSettings}, {"mavenDuplicateExceptionRegex", ""}, {"genericDuplicatesAllowed", true}, {"genericDuplicateExceptionRegex", ""},
			{"nugetDuplicatesAllowed", true}, {"nugetDuplicateExceptionRegex", ""}, {"nugetSymbolServerEnabled", false},
			{"terraformModuleDuplicatesAllowed", false}, {"terraformModuleDuplicateExceptionRegex", ""}}
	}),
	"Group.virtualRegistriesPackagesMavenRegistries": onGroup(func(x *execution, g Group, _ map[string]any) any {
		return virtualRegistries(x, g, "VirtualRegistries::Packages::Maven::Registry", (g.VirtualRegistries+1)/2)
	}),
	"Group.virtualRegistriesContainerRegistries": onGroup(func(x *execution, g Group, _ map[string]any) any {
		return virtualRegistries(x, g, "VirtualRegistries::Container::Registry", g.VirtualRegistries/2)
	}),
	"Group.customEmoji": onGroup(func(_ *execution, g Group, _ map[string]any) any { return gidList(g, "CustomEmoji", g.CustomEmoji) }),
}

// rootOf is the top-level group above g.
func (w *World) rootOf(g Group) Group {
	line := w.groupLine(g.index)
	return w.group(line[len(line)-1])
}

// gidList is a connection of n things that have a global id.
func gidList(g Group, kind string, n int64) *connection {
	return counting(n, func(k int) any { return object{{"id", gid(kind, part(g.index, k))}} })
}

func auditStreams(kind string) resolver {
	return onGroup(func(x *execution, g Group, _ map[string]any) any {
		if x.w.cfg.Tier != Ultimate || x.w.levelInGroup(x.who, g.index) < levelOwner {
			return nil
		}
		return gidList(g, kind, g.AuditStreams)
	})
}

func virtualRegistries(x *execution, g Group, kind string, n int64) any {
	if !x.w.cfg.Tier.Licensed() || g.ParentID != 0 {
		return nil
	}
	return gidList(g, kind, n)
}

package gitlabsim

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"readiness/scan"
)

// resolver answers one field of an object.
type resolver func(x *execution, of any, args map[string]any) any

// seenProject is a project as the caller sees it.
type seenProject struct {
	*Project
	level int
	code  bool
}

func (x *execution) project(i int) *seenProject {
	p := x.w.project(i)
	level := x.w.level(x.who, &p)
	return &seenProject{&p, level, readsCode(x.who, &p, level)}
}

func (x *execution) feature(p *seenProject, access string, private int) bool {
	return can(x.who, p.Project, p.level, access, private)
}

// gqlTime is how GraphQL writes instants: without fractions.
func gqlTime(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format(time.RFC3339)
}

// ofProjectField, ofGroupField and so on type the object of a resolver.
func onProject(f func(x *execution, p *seenProject, args map[string]any) any) resolver {
	return func(x *execution, of any, args map[string]any) any { return f(x, of.(*seenProject), args) }
}

func onGroup(f func(x *execution, g Group, args map[string]any) any) resolver {
	return func(x *execution, of any, args map[string]any) any { return f(x, of.(Group), args) }
}

func onUser(f func(x *execution, u User) any) resolver {
	return func(x *execution, of any, _ map[string]any) any { return f(x, of.(User)) }
}

// key answers a field of an object that is plain JSON already.
func key(name string) resolver {
	return func(_ *execution, of any, _ map[string]any) any {
		for _, m := range of.(object) {
			if m.key == name {
				return m.value
			}
		}
		return nil
	}
}

var resolvers = allResolvers()

func allResolvers() map[string]resolver {
	r := map[string]resolver{}
	for _, part := range []map[string]resolver{rootResolvers, projectResolvers, featureResolvers, groupResolvers, groupDetails, administrationResolvers, repositoryResolvers} {
		for k, v := range part {
			r[k] = v
		}
	}
	for _, t := range []string{"CurrentUser", "UserCore"} {
		for k, v := range userResolvers {
			r[t+"."+k] = v
		}
	}
	for t, fields := range plainTypes {
		for _, f := range strings.Fields(fields) {
			r[t+"."+f] = key(f)
		}
	}
	return r
}

// plainTypes are types whose objects are made whole, with their fields.
var plainTypes = map[string]string{
	"Metadata": "version revision enterprise kas", "Kas": "enabled externalUrl version", "QueryComplexity": "score limit",
	"PageInfo":                     "hasNextPage hasPreviousPage startCursor endCursor",
	"Namespace":                    "id fullPath name path visibility",
	"ProjectStatistics":            "buildArtifactsSize commitCount containerRegistrySize lfsObjectsSize packagesSize pipelineArtifactsSize repositorySize snippetsSize storageSize uploadsSize wikiSize",
	"ProjectPermissions":           "adminProject adminRemoteMirror downloadCode pushCode readProject readMergeRequest readWiki readProjectMember createIssue readEnvironment",
	"VulnerabilitySeveritiesCount": "critical high medium low unknown info", "PipelineCounts": "all finished pending running",
	"IssueStatusCountsType": "all opened closed",
	"BranchRule":            "squashOption externalStatusChecks name isDefault isProtected branchProtection createdAt updatedAt",
	"BranchProtection":      "allowForcePush codeOwnerApprovalRequired mergeAccessLevels pushAccessLevels unprotectAccessLevels",
	"MergeAccessLevel":      "accessLevel accessLevelDescription user group", "PushAccessLevel": "accessLevel accessLevelDescription user group",
	"UnprotectAccessLevel": "accessLevel accessLevelDescription user group", "AccessLevelUser": "id", "AccessLevelGroup": "id",
	"SquashOption": "option", "ExternalStatusCheck": "id", "CiJobTokenAccessibleProject": "fullPath", "CiJobTokenAccessibleGroup": "fullPath",
	"CiProjectVariable":                     "id key variableType environmentScope protected masked hidden raw description value",
	"CiGroupVariable":                       "id key variableType environmentScope protected masked hidden raw description value",
	"CiInstanceVariable":                    "id key variableType environmentScope protected masked raw description value",
	"CiRunner":                              "id runnerType description tagList runUntagged paused locked accessLevel ephemeralAuthenticationToken",
	"InstanceExternalAuditEventDestination": "id", "InstanceAuditEventStreamingDestination": "id", "Workspace": "id projectId",
	"Email": "id email confirmedAt", "UserStatus": "emoji message",
	"GroupSavedReply": "id", "AiCatalogItemConsumer": "id", "GroupSecretsManager": "status",
	"EpicBoard": "id", "Iteration": "id", "IterationCadence": "id", "ExternalAuditEventDestination": "id", "GroupAuditEventStreamingDestination": "id",
	"CustomField": "id", "WorkItemLifecycle": "id", "WorkItemType": "id", "WorkItem": "id", "ValueStream": "id", "MavenRegistry": "id",
	"ContainerRegistry": "id", "CustomEmoji": "id", "SecurityCategory": "id", "ContactStateCounts": "all active inactive",
	"PackageSettings":     "mavenDuplicatesAllowed mavenDuplicateExceptionRegex genericDuplicatesAllowed genericDuplicateExceptionRegex nugetDuplicatesAllowed nugetDuplicateExceptionRegex nugetSymbolServerEnabled terraformModuleDuplicatesAllowed terraformModuleDuplicateExceptionRegex",
	"PipelineTrigger":     "id description lastUsed owner hasTokenExposed token",
	"PipelineSchedule":    "id description active cron cronTimezone ref nextRunAt owner",
	"ContainerRepository": "id name path tagsCount location createdAt",
	"Issue":               "id iid title state", "MergeRequest": "id iid title state", "Pipeline": "id iid status ref jobs totalJobs", "CiJob": "name", "Release": "name tagName createdAt",
	"Label": "id title color", "Milestone": "id title state", "Package": "id name version packageType", "TerraformState": "id name",
	"ClusterAgent": "id name", "PagesDeployment": "id active createdAt", "Snippet": "id title", "ComplianceFramework": "id name", "Board": "id name",
	"Epic": "id iid title", "ProjectMember": "id user accessLevel", "AccessLevel": "stringValue integerValue",
	"Tree": "blobs", "Blob": "id sha name path flatPath mode", "RepositoryLanguage": "name share color", "GroupMember": "id user accessLevel",
	"RequirementStatesCount": "opened archived", "AlertManagementAlertStatusCountsType": "all open", "AlertManagementHttpIntegration": "id name",
	"IncidentManagementOncallSchedule": "iid name", "EscalationPolicyType": "id name", "ScanProfileType": "name", "Dependency": "id name",
	"ProjectCiCdSetting": "mergeTrainsEnabled inboundJobTokenScopeEnabled", "CiJobTokenScopeType": "inboundAllowlistCount groupsAllowlistCount inboundAllowlist groupsAllowlist",
	"SentryErrorCollection": "externalUrl", "PushRules": "rejectUnsignedCommits", "Environment": "id name", "ProjectSecretsManager": "status",
	"RepositoryBlob": "id oid name path rawSize rawBlob rawTextBlob size webPath",
}

// concrete is the type of a value where the schema names an interface.
func concrete(any) string { return "ProjectMember" }

var rootResolvers = map[string]resolver{
	"Query.metadata": func(x *execution, _ any, _ map[string]any) any {
		if !x.who.known() {
			return nil
		}
		return object{{"version", x.w.versionText()}, {"revision", x.w.revision()}, {"enterprise", x.w.cfg.Tier.Enterprise()}, {"kas", x.w.kas()}}
	},
	"Query.queryComplexity": func(x *execution, _ any, _ map[string]any) any {
		return object{{"score", x.score}, {"limit", x.api.limit(x.who)}}
	},
	"Query.currentUser": func(x *execution, _ any, _ map[string]any) any {
		if !x.who.known() {
			return nil
		}
		return x.w.user(x.who.user)
	},
	"Query.ciVariables": func(x *execution, _ any, _ map[string]any) any {
		if !x.who.admin() {
			return nil
		}
		return listing(x.w.InstanceVariables(), func(v Variable) any { return x.variable("Ci::InstanceVariable", v) })
	},
	"Query.runners":  gqlRunners,
	"Query.projects": func(x *execution, _ any, args map[string]any) any { return x.projects(args) },
	"Query.project": func(x *execution, _ any, args map[string]any) any {
		path, _ := args["fullPath"].(string)
		if i, ok := x.w.projectAt(path); ok && x.w.visible(x.who, i) {
			return x.project(i)
		}
		return nil
	},
	"Query.groups": func(x *execution, _ any, args map[string]any) any {
		groups := x.picked(args, x.w.groupIndex)
		n := x.w.groups
		if args["topLevelOnly"] == true {
			n = x.w.tops
		}
		index := func(k int) int { return k }
		if groups != nil {
			n, index = len(groups), func(k int) int { return groups[k] }
		}
		c := counting(int64(n), func(k int) any { return x.w.group(index(k)) })
		c.seen = func(k int) bool { return x.w.groupVisible(x.who, index(k)) }
		return c
	},
	"Query.group": func(x *execution, _ any, args map[string]any) any {
		path, _ := args["fullPath"].(string)
		if i, ok := x.w.groupAt(path); ok && x.w.groupVisible(x.who, i) {
			return x.w.group(i)
		}
		return nil
	},
	"Query.users": func(x *execution, _ any, args map[string]any) any {
		if !x.who.known() {
			return nil
		}
		if names, ok := args["usernames"].([]any); ok {
			var found []int
			for _, n := range names {
				if text, ok := n.(string); ok {
					if i, ok := x.w.userAt(text); ok {
						found = append(found, i)
					}
				}
			}
			return listing(found, func(i int) any { return x.w.user(i) })
		}
		if users := x.picked(args, x.w.userIndex); users != nil {
			return listing(users, func(i int) any { return x.w.user(i) })
		}
		n := x.w.users
		c := counting(int64(n), func(k int) any { return x.w.user(n - 1 - k) })
		if s, _ := args["sort"].(string); strings.HasSuffix(strings.ToLower(s), "asc") {
			c.at = func(k int) any { return x.w.user(k) }
		}
		return c
	},
	"Query.user": func(x *execution, _ any, args map[string]any) any {
		if name, ok := args["username"].(string); ok {
			if i, ok := x.w.userAt(name); ok {
				return x.w.user(i)
			}
			return nil
		}
		if id, ok := fromGID(args["id"]); ok {
			if i, ok := x.w.userIndex(id); ok {
				return x.w.user(i)
			}
		}
		return nil
	},
}

// picked are the entities that an argument ids names; nil where there is none.
func (x *execution) picked(args map[string]any, index func(int64) (int, bool)) []int {
	ids, ok := args["ids"].([]any)
	if !ok {
		return nil
	}
	found := []int{}
	for _, v := range ids {
		if id, ok := fromGID(v); ok {
			if i, ok := index(id); ok && !contains(found, i) {
				found = append(found, i)
			}
		}
	}
	sortBy(found, true)
	return found
}

// projects is the root connection of projects, newest first. The page is cut
// before what the caller may not see is removed.
func (x *execution) projects(args map[string]any) any {
	chosen := x.picked(args, x.w.projectIndex)
	if paths, ok := args["fullPaths"].([]any); ok {
		chosen = []int{}
		for _, p := range paths {
			if text, ok := p.(string); ok {
				if i, ok := x.w.projectAt(text); ok && !contains(chosen, i) {
					chosen = append(chosen, i)
				}
			}
		}
		sortBy(chosen, true)
	}
	// Personal are the projects in the caller's own namespace, not those in all
	// users'. Source: app/finders/projects_finder.rb (by_personal).
	if args["personal"] == true && x.who.known() {
		own := x.w.userProjects(x.who.user)
		if chosen == nil {
			chosen = own
		} else {
			chosen = slices.DeleteFunc(chosen, func(i int) bool { return !contains(own, i) })
		}
		chosen = append([]int{}, chosen...) // never nil
	}
	sort, _ := args["sort"].(string)
	ascending := sort == "id_asc" || sort == "created_asc"
	s := selection{n: x.w.projects, desc: !ascending}
	total, index := s.n, s.at
	if chosen != nil {
		sortBy(chosen, !ascending)
		total, index = len(chosen), func(k int) int { return chosen[k] }
	}
	c := counting(int64(total), func(k int) any { return x.project(index(k)) })
	c.seen = func(k int) bool { return x.w.visible(x.who, index(k)) }
	c.cursor = func(k int) string { return idCursor(x.w.projectID(index(k))) }
	c.after = func(cursor string) (int, bool) {
		id, err := cursorID(cursor)
		if err != nil {
			return 0, false
		}
		if chosen != nil {
			for k, i := range chosen {
				if x.w.projectID(i) == id {
					return k + 1, true
				}
			}
			return 0, true
		}
		below := belowID(x.w.projects, x.w.projectID)
		if ascending {
			return below(id + 1), true
		}
		return x.w.projects - below(id), true
	}
	return c
}

func (x *execution) variable(kind string, v Variable) any {
	value := any(x.w.Canary())
	if v.Hidden {
		value = nil
	}
	return object{{"id", gid(kind, v.ID)}, {"key", v.Key}, {"variableType", strings.ToUpper(v.Type)}, {"environmentScope", v.Scope},
		{"protected", v.Protected}, {"masked", v.Masked}, {"hidden", v.Hidden}, {"raw", v.Raw}, {"description", orNull(v.Description)}, {"value", value}}
}

var userResolvers = map[string]resolver{
	// Others than administrators are told their own addresses alone. The primary
	// one is among them.
	"emails": onUser(func(x *execution, u User) any {
		all := append([]string{u.Email}, u.SecondaryEmails...)
		if !x.who.admin() && u.index != x.who.user {
			all = nil
		}
		return listing(all, func(email string) any {
			return object{{"id", gid("Email", u.ID)}, {"email", email}, {"confirmedAt", gqlTime(u.CreatedAt)}}
		})
	}),
	"status": onUser(func(_ *execution, u User) any {
		if u.Status == "" {
			return nil
		}
		return object{{"emoji", "speech_balloon"}, {"message", u.Status}}
	}),
	"id":          onUser(func(_ *execution, u User) any { return gid("User", u.ID) }),
	"username":    onUser(func(_ *execution, u User) any { return u.Username }),
	"name":        onUser(func(_ *execution, u User) any { return u.Name }),
	"state":       onUser(func(_ *execution, u User) any { return u.State }),
	"publicEmail": onUser(func(_ *execution, u User) any { return u.PublicEmail }),
	"bot":         onUser(func(_ *execution, u User) any { return u.Kind != scan.KindHuman && u.Kind != scan.KindGhost }),
	"webUrl":      onUser(func(_ *execution, u User) any { return u.WebURL }),
	"active":      onUser(func(_ *execution, u User) any { return u.State == "active" }),
	"createdAt":   onUser(func(_ *execution, u User) any { return gqlTime(u.CreatedAt) }),
	"lastActivityOn": onUser(func(x *execution, u User) any {
		if !x.who.admin() && u.index != x.who.user {
			return nil
		}
		return orNull(u.LastActivity)
	}),
	"type": onUser(func(_ *execution, u User) any {
		return map[string]string{scan.KindHuman: "HUMAN", scan.KindProjectBot: "PROJECT_BOT", scan.KindServiceAccount: "SERVICE_ACCOUNT",
			scan.KindGhost: "GHOST", scan.KindBot: "ALERT_BOT"}[u.Kind]
	}),
}

var groupResolvers = map[string]resolver{
	"Group.id":                             onGroup(func(_ *execution, g Group, _ map[string]any) any { return gid("Group", g.ID) }),
	"Group.name":                           onGroup(func(_ *execution, g Group, _ map[string]any) any { return g.Name }),
	"Group.fullPath":                       onGroup(func(_ *execution, g Group, _ map[string]any) any { return g.FullPath }),
	"Group.fullName":                       onGroup(func(_ *execution, g Group, _ map[string]any) any { return g.FullName }),
	"Group.path":                           onGroup(func(_ *execution, g Group, _ map[string]any) any { return g.Path }),
	"Group.description":                    onGroup(func(_ *execution, g Group, _ map[string]any) any { return g.Description }),
	"Group.visibility":                     onGroup(func(_ *execution, g Group, _ map[string]any) any { return g.Visibility }),
	"Group.webUrl":                         onGroup(func(_ *execution, g Group, _ map[string]any) any { return g.WebURL }),
	"Group.avatarUrl":                      onGroup(func(x *execution, g Group, _ map[string]any) any { return avatar(g.Avatar, x.w, "group", g.ID) }),
	"Group.createdAt":                      onGroup(func(_ *execution, g Group, _ map[string]any) any { return gqlTime(g.CreatedAt) }),
	"Group.projectCreationLevel":           onGroup(func(_ *execution, g Group, _ map[string]any) any { return g.ProjectCreation }),
	"Group.subgroupCreationLevel":          onGroup(func(_ *execution, g Group, _ map[string]any) any { return g.SubgroupCreation }),
	"Group.requireTwoFactorAuthentication": onGroup(func(_ *execution, g Group, _ map[string]any) any { return g.RequireTwoFactor }),
	"Group.lfsEnabled":                     onGroup(func(_ *execution, g Group, _ map[string]any) any { return g.LFSEnabled }),
	"Group.projectsCount":                  onGroup(func(x *execution, g Group, _ map[string]any) any { return len(x.w.groupProjects(g.index)) }),
	"Group.descendantGroupsCount":          onGroup(func(x *execution, g Group, _ map[string]any) any { return len(x.w.groupTree(g.index)) }),
	"Group.groupMembersCount":              onGroup(func(x *execution, g Group, _ map[string]any) any { return len(x.w.GroupMembers(g)) }),
	"Group.parent": onGroup(func(x *execution, g Group, _ map[string]any) any {
		if i, ok := x.w.groupParent(g.index); ok && x.w.groupVisible(x.who, i) {
			return x.w.group(i)
		}
		return nil
	}),
	// Without onlyGroupLabels the labels of the group's own projects are among them.
	// Source: app/finders/labels_finder.rb.
	"Group.labels": onGroup(func(x *execution, g Group, args map[string]any) any {
		groups := []int{g.index}
		if args["includeDescendantGroups"] == true {
			groups = append(groups, x.w.groupTree(g.index)...)
		}
		n := int64(0)
		for _, i := range groups {
			n += x.w.group(i).Labels
			if args["onlyGroupLabels"] != true {
				for _, p := range x.w.groupProjects(i) {
					n += x.w.project(p).Labels
				}
			}
		}
		if args["includeAncestorGroups"] == true {
			for _, above := range x.w.groupLine(g.index)[1:] {
				n += x.w.group(above).Labels
			}
		}
		return counting(n, func(k int) any { return gqlLabel("GroupLabel", part(g.index, k), k) })
	}),
	// Without the argument the count is of the whole subtree: a GitLab default.
	"Group.epics": onGroup(func(x *execution, g Group, args map[string]any) any {
		if !x.w.cfg.Tier.Licensed() {
			return nil
		}
		n := g.Epics
		if args["includeDescendantGroups"] != false {
			for _, i := range x.w.groupTree(g.index) {
				n += x.w.group(i).Epics
			}
		}
		return counting(n, func(k int) any {
			return object{{"id", gid("Epic", part(g.index, k))}, {"iid", fmt.Sprint(k + 1)}, {"title", fmt.Sprintf("Epic %d", k+1)}}
		})
	}),
	"Group.ciVariables": onGroup(func(x *execution, g Group, _ map[string]any) any {
		if x.w.levelInGroup(x.who, g.index) < levelOwner {
			return nil
		}
		return listing(x.w.GroupVariables(g), func(v Variable) any { return x.variable("Ci::GroupVariable", v) })
	}),
	"Group.containerRepositoriesCount": onGroup(func(x *execution, g Group, _ map[string]any) any {
		n := int64(0)
		for _, i := range append([]int{g.index}, x.w.groupTree(g.index)...) {
			for _, p := range x.w.groupProjects(i) {
				n += x.w.project(p).RegistryRepos
			}
		}
		return n
	}),
	"Group.projects": onGroup(func(x *execution, g Group, args map[string]any) any {
		projects := x.w.groupProjects(g.index)
		if args["includeSubgroups"] == true {
			for _, i := range x.w.groupTree(g.index) {
				projects = append(projects, x.w.groupProjects(i)...)
			}
		}
		sortBy(projects, true)
		c := listing(projects, func(i int) any { return x.project(i) })
		c.seen = func(k int) bool { return x.w.visible(x.who, projects[k]) }
		return c
	}),
	// A person counts once, with the highest level.
	// Source: app/finders/group_members_finder.rb.
	"Group.groupMembers": onGroup(func(x *execution, g Group, args map[string]any) any {
		relations, ok := args["relations"].([]any)
		if !ok {
			relations = []any{"DIRECT", "INHERITED"}
		}
		var groups []int
		if contains(relations, any("DIRECT")) {
			groups = append(groups, g.index)
		}
		if contains(relations, any("INHERITED")) {
			groups = append(groups, x.w.groupLine(g.index)[1:]...)
		}
		if contains(relations, any("DESCENDANTS")) {
			groups = append(groups, x.w.groupTree(g.index)...)
		}
		return listing(x.w.membersOf(groups), func(m Member) any { return x.member("GroupMember", int64(g.index), m) })
	}),
	"Group.descendantGroups": onGroup(func(x *execution, g Group, _ map[string]any) any {
		groups := x.w.groupTree(g.index)
		c := listing(groups, func(i int) any { return x.w.group(i) })
		c.seen = func(k int) bool { return x.w.groupVisible(x.who, groups[k]) }
		return c
	}),
	"Group.milestones": onGroup(func(_ *execution, g Group, _ map[string]any) any {
		return counting(g.Milestones, func(k int) any { return gqlMilestone(part(g.index, k), k) })
	}),
	"Group.boards": onGroup(func(_ *execution, g Group, _ map[string]any) any {
		return counting(g.Boards, func(k int) any { return object{{"id", gid("Board", part(g.index, k))}, {"name", "Planning"}} })
	}),
}

func gqlLabel(kind string, id int64, k int) any {
	return object{{"id", gid(kind, id)}, {"title", fmt.Sprintf("label %d", k+1)}, {"color", "#6699cc"}}
}

func gqlMilestone(id int64, k int) any {
	return object{{"id", gid("Milestone", id)}, {"title", fmt.Sprintf("%d.0", k+1)}, {"state", "active"}}
}

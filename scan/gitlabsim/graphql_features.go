package gitlabsim

import "fmt"

func seesMonitor(least int) func(x *execution, p *seenProject) bool {
	return func(x *execution, p *seenProject) bool {
		return p.Access.Monitor != "disabled" && (p.level >= least || x.who.auditor())
	}
}

func seesPlans(x *execution, p *seenProject) bool {
	if p.Access.Issues == "disabled" && p.Access.MergeRequests == "disabled" {
		return false
	}
	return x.feature(p, p.Access.Issues, levelGuest) || x.feature(p, p.Access.MergeRequests, levelGuest)
}

func ultimateFrom(least int) func(x *execution, p *seenProject) bool {
	return func(x *execution, p *seenProject) bool {
		return x.w.cfg.Tier == Ultimate && (p.level >= least || x.who.auditor())
	}
}

func seesModels(x *execution, p *seenProject) bool {
	return p.Access.Models != "disabled" && x.feature(p, p.Access.Models, levelGuest)
}

// issueTypes is how many of a project's issues are of the given types.
func (p *Project) issueTypes(types []any) int64 {
	f, n := p.Features, int64(0)
	others := f.Tasks + f.Incidents + f.TestCases + f.Objectives
	for _, t := range types {
		n += map[any]int64{"TASK": f.Tasks, "INCIDENT": f.Incidents, "TEST_CASE": f.TestCases, "OBJECTIVE": f.Objectives, "ISSUE": p.Issues - others}[t]
	}
	return n
}

// featureResolvers answer what Features holds.
// Rights: app/policies/project_policy.rb, ee/app/policies/ee/project_policy.rb
// and the finders that the fields use.
var featureResolvers = map[string]resolver{
	"Project.milestones": orNullUnless(seesPlans, plainProject(func(p *Project) any {
		return counting(p.Milestones, func(k int) any { return simple("Milestone")(p, k) })
	})),
	"Project.valueStreams": onProject(func(x *execution, p *seenProject, _ map[string]any) any {
		switch {
		case p.Access.Analytics == "disabled" || x.w.cfg.Tier.Licensed() && p.level < levelReporter && !x.who.auditor():
			return nil
		case !x.w.cfg.Tier.Licensed(): // the one that every project has
			return listing([]string{"default"}, func(id string) any {
				return object{{"id", "gid://gitlab/Analytics::CycleAnalytics::ValueStream/" + id}, {"name", id}}
			})
		}
		return counting(p.ValueStreams, func(k int) any {
			return object{{"id", gid("Analytics::CycleAnalytics::ValueStream", part(p.index, k))}, {"name", fmt.Sprintf("flow %d", k+1)}}
		})
	}),
	"Project.savedReplies": plainProject(func(p *Project) any { return counting(p.CommentTemplates, nil) }),
	"Project.requirementStatesCount": onProject(func(x *execution, p *seenProject, _ map[string]any) any {
		if x.w.cfg.Tier != Ultimate || !x.feature(p, p.Access.Requirements, levelGuest) {
			return nil
		}
		return object{{"opened", p.Requirements - p.Requirements/3}, {"archived", p.Requirements / 3}}
	}),
	"Project.alertManagementAlertStatusCounts": orNullUnless(seesMonitor(levelDeveloper), plainProject(func(p *Project) any {
		return object{{"all", p.Alerts}, {"open", p.Alerts}}
	})),
	"Project.alertManagementHttpIntegrations":      within(maintains, func(p *Project) int64 { return p.AlertEndpoints }, simple("AlertManagement::HttpIntegration")),
	"Project.incidentManagementOncallSchedules":    within(seesMonitor(levelReporter), func(p *Project) int64 { return p.OnCallSchedules }, simple("IncidentManagement::OncallSchedule")),
	"Project.incidentManagementEscalationPolicies": within(seesMonitor(levelReporter), func(p *Project) int64 { return p.EscalationPolicies }, simple("IncidentManagement::EscalationPolicy")),
	"Project.ciCdSettings": orNullUnless(maintains, plainProject(func(p *Project) any {
		return object{{"mergeTrainsEnabled", p.MergeTrains}, {"inboundJobTokenScopeEnabled", !p.JobTokenOpen}}
	})),
	"Project.ciJobTokenScope": orNullUnless(maintains, onProject(func(x *execution, p *seenProject, _ map[string]any) any {
		groups := listing(x.w.allowedGroups(p.Project), func(i int) any { return object{{"fullPath", x.w.group(i).FullPath}} })
		projects := listing(append(x.w.allowedProjects(p.Project), p.index), func(i int) any { // and the project itself
			if !x.w.since(18, 7) {
				return x.project(i)
			}
			return object{{"fullPath", x.w.project(i).FullPath}}
		})
		return object{{"inboundAllowlistCount", p.JobTokenProjects + 1}, {"groupsAllowlistCount", p.JobTokenGroups}, {"inboundAllowlist", projects}, {"groupsAllowlist", groups}}
	})),
	"Project.ciUpstreamProjectSubscriptions": plainProject(func(p *Project) any { return counting(p.Subscriptions, nil) }),
	"Project.isCatalogResource":              plainProject(func(p *Project) any { return p.CatalogResource }),
	"Project.actualRepositorySizeLimit":      plainProject(func(p *Project) any { return float(p.SizeLimit) }),
	// The policy project is hidden from all but its own members; here those are
	// administrators and auditors.
	"Project.securityPolicyProject": onProject(func(x *execution, p *seenProject, _ map[string]any) any {
		if !p.PolicyProject || !x.who.readsAll() {
			return nil
		}
		return x.project(0)
	}),
	"Project.securityScanProfiles": orNullUnless(ultimateFrom(levelDeveloper), plainProject(func(p *Project) any {
		l := list{}
		for k := range p.ScanProfiles {
			l = append(l, object{{"name", fmt.Sprintf("profile %d", k+1)}})
		}
		return l
	})),
	"Project.sentryErrors": orNullUnless(seesMonitor(levelReporter), plainProject(func(p *Project) any {
		o := object{{"externalUrl", nil}}
		if p.Sentry {
			o[0].value = "https://sentry.example.com/" + p.Path
		}
		return o
	})),
	"Project.pushRules": onProject(func(x *execution, p *seenProject, _ map[string]any) any {
		if !x.w.cfg.Tier.Licensed() || !p.HasPushRule {
			return nil
		}
		return object{{"rejectUnsignedCommits", contains(p.PushRules, "reject_unsigned_commits")}}
	}),
	"Project.services": orNullUnless(maintains, onProject(func(x *execution, p *seenProject, _ map[string]any) any {
		return listing(x.w.Integrations(*p.Project), func(Integration) any { return object{} })
	})),
	"Project.environments": within(func(x *execution, p *seenProject) bool {
		return x.feature(p, p.Access.Environments, levelReporter) && (p.Visibility != "private" || p.level >= levelReporter || x.who.auditor())
	}, func(p *Project) int64 { return p.Environments }, simple("Environment")),
	"Project.mlModels":      orNullUnless(seesModels, plainProject(func(p *Project) any { return counting(p.Models, nil) })),
	"Project.mlExperiments": orNullUnless(seesModels, plainProject(func(p *Project) any { return counting(p.Experiments, nil) })),
	"Query.projectSecretsManager": func(x *execution, _ any, args map[string]any) any {
		path, _ := args["projectPath"].(string)
		i, ok := x.w.projectAt(path)
		if !ok || !x.w.visible(x.who, i) || x.w.cfg.Tier != Ultimate || x.project(i).level < levelReporter {
			return gqlFailure("The resource that you are attempting to access does not exist or you don't have permission to perform this action")
		}
		if !x.project(i).SecretsManager {
			return nil
		}
		return object{{"status", "ACTIVE"}}
	},
	"Project.dastProfiles": plainProject(func(p *Project) any { return counting(p.DASTProfiles, nil) }),
	"Project.dependencies": orNullUnless(ultimateFrom(levelReporter), plainProject(func(p *Project) any {
		return counting(p.Dependencies, func(k int) any { return simple("Sbom::Occurrence")(p, k) })
	})),
}

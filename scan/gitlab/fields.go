package gitlab

import (
	"strings"
	"sync"

	"readiness/scan"
)

// graphFields lists every GraphQL field whose presence depends on the version,
// with the release from which on it is asked for. One unknown field fails a
// whole query, so the release is the first one whose schema is known to have
// the field, which may be later than the one that introduced it.
// Ground: GitLab's schemas of 13.3, 13.8, 13.12, 14.10, 15.3, 15.8, 16.3 and 18.7,
// and https://docs.gitlab.com/api/graphql/reference/ for exact milestones.
var graphFields = map[string]string{
	"Query.metadata":    "13.3",
	"Query.projects":    "13.3",
	"Query.group":       "13.3",
	"Query.ciVariables": "15.3",
	"Query.runners":     "14.10", // whether they are paused

	"Project.issues":                       "13.3",
	"Project.mergeRequests":                "13.8", // its count
	"Project.pipelines":                    "13.8", // its count
	"Project.releases":                     "13.8", // its count
	"Project.labels":                       "13.8", // its count
	"Project.packages":                     "14.10",
	"Project.containerRepositoriesCount":   "13.8",
	"Project.pipelineSchedules":            "15.8",
	"Project.terraformStates":              "13.8",
	"Project.clusterAgents":                "13.8",
	"Project.vulnerabilitySeveritiesCount": "13.3",
	"Project.pipelineTriggers":             "16.4", // milestone 16.3; the schema of 16.3-pre lacks it
	"Project.pagesDeployments":             "18.7",
	"Project.isForked":                     "18.7",
	"Project.ciVariables":                  "15.3",
	"Project.branchRules":                  "15.8",
	"Project.ciConfigPathOrDefault":        "14.10",
	"Repository.blobs":                     "13.12",
	"Repository.tree":                      "13.3",
	"Project.statistics":                   "13.3",

	// Milestone 17.4 in REST; where GraphQL lacks it the server says so and it is dropped.
	"CiProjectVariable.hidden":                   "17.4",
	"CiGroupVariable.hidden":                     "17.4",
	"BranchProtection.codeOwnerApprovalRequired": "15.8",

	"Query.instanceExternalAuditEventDestinations":   "16.2",
	"Query.auditEventsInstanceStreamingDestinations": "18.7",
	"Query.workspaces": "16.2",
	"UserCore.emails":  "16.2",
	"UserCore.status":  "13.8",

	groupsByID: "18.7",

	"Group.labels":                                   "13.8", // its count
	"Group.epics":                                    "15.8", // its count
	"Group.ciVariables":                              "15.3",
	"Group.dependencyProxyImageCount":                "14.10",
	"Group.epicBoards":                               "13.8",
	"Group.iterations":                               "13.12",
	"Group.iterationCadences":                        "13.12",
	"Group.externalAuditEventDestinations":           "14.10",
	"Group.externalAuditEventStreamingDestinations":  "18.7",
	"Group.complianceFrameworks":                     "13.12",
	"Group.securityPolicyProject":                    "18.7",
	"Group.securityCategories":                       "18.7",
	"Group.customFields":                             "18.7",
	"Group.lifecycles":                               "18.7",
	"Group.workItemTypes":                            "18.7", // older than types of one's own
	"Group.workItems":                                "18.7",
	"Group.valueStreams":                             "18.7",
	"Group.contactStateCounts":                       "15.8",
	"Group.packageSettings":                          "13.12",
	"PackageSettings.nugetDuplicatesAllowed":         "18.7",
	"Group.virtualRegistriesPackagesMavenRegistries": "18.7",
	"Group.virtualRegistriesContainerRegistries":     "18.7",
	"Group.savedReplies":                             "18.7",
	"Query.groupSecretsManager":                      "18.7",
	"Query.aiCatalogConfiguredItems":                 "18.7",
	"Group.customEmoji":                              "14.10",

	"Project.milestones":                             "13.8",
	"Project.boards":                                 "13.3",
	"Project.valueStreams":                           "18.7",
	"Project.savedReplies":                           "18.7",
	"Project.requirementStatesCount":                 "13.3",
	"Project.alertManagementAlertStatusCounts":       "13.3",
	"Project.alertManagementHttpIntegrations":        "13.12",
	"Project.incidentManagementOncallSchedules":      "13.8",
	"Project.incidentManagementEscalationPolicies":   "13.12",
	"ProjectCiCdSetting.mergeTrainsEnabled":          "13.8",
	"ProjectCiCdSetting.inboundJobTokenScopeEnabled": "15.8",
	"CiJobTokenScopeType.inboundAllowlistCount":      "18.7",
	"Project.ciUpstreamProjectSubscriptions":         "18.7",
	"Project.isCatalogResource":                      "16.2",
	"Project.actualRepositorySizeLimit":              "13.8",
	"Project.securityPolicyProject":                  "18.7",
	"Project.securityScanProfiles":                   "18.7",
	"Project.dastProfiles":                           "15.8", // its count
	"Project.dependencies":                           "16.2",
	"Project.vulnerabilitySeveritiesCount(state)":    "13.12",

	"Project.pushRules":                 "13.12",
	"Project.services":                  "13.3",
	"Project.projectMembers(relations)": "13.12",
	"Project.sentryErrors":              "13.3",
	"Project.mlModels":                  "18.7",
	"Project.mlExperiments":             "18.7",
	"Query.projectSecretsManager":       "18.7",

	"BranchProtection.pushAccessLevels":    "15.8",
	"BranchRule.squashOption":              "18.7",
	"BranchRule.externalStatusChecks":      "18.7", // with the rule of all branches, which older servers leave out
	"CiJobTokenScopeType.inboundAllowlist": "16.3",
	"CiJobTokenScopeType.groupsAllowlist":  "18.7",
	"Pipeline.jobs":                        "15.8", // without those that were retried
	"Pipeline.totalJobs":                   "18.7",

	"IssueType.TEST_CASE":  "13.12",
	"IssueType.TASK":       "15.8",
	"IssueType.KEY_RESULT": "15.8",

	"PackageTypeEnum.RPM":      "15.8",
	"PackageTypeEnum.ML_MODEL": "16.3",
	"PackageTypeEnum.CARGO":    "18.7",
}

// enterpriseFields exist in Enterprise Edition alone.
var enterpriseFields = map[string]bool{
	"Project.vulnerabilitySeveritiesCount":       true,
	"BranchProtection.codeOwnerApprovalRequired": true,
	"Group.epics":                                    true,
	"Group.epicBoards":                               true,
	"Group.iterations":                               true,
	"Group.iterationCadences":                        true,
	"Group.externalAuditEventDestinations":           true,
	"Group.externalAuditEventStreamingDestinations":  true,
	"Group.complianceFrameworks":                     true,
	"Group.securityPolicyProject":                    true,
	"Group.securityCategories":                       true,
	"Group.customFields":                             true,
	"Group.savedReplies":                             true,
	"Query.groupSecretsManager":                      true,
	"Query.instanceExternalAuditEventDestinations":   true,
	"Query.auditEventsInstanceStreamingDestinations": true,
	"Query.workspaces":                               true,
	"Query.aiCatalogConfiguredItems":                 true,
	"Group.lifecycles":                               true,
	"Group.valueStreams":                             true,
	"Group.virtualRegistriesPackagesMavenRegistries": true,
	"Group.virtualRegistriesContainerRegistries":     true,
	"Project.vulnerabilitySeveritiesCount(state)":    true,
	"Project.valueStreams":                           true, // others are given one that nobody defined
	"Project.savedReplies":                           true,
	"Project.requirementStatesCount":                 true,
	"Project.incidentManagementOncallSchedules":      true,
	"Project.incidentManagementEscalationPolicies":   true,
	"ProjectCiCdSetting.mergeTrainsEnabled":          true,
	"Project.ciUpstreamProjectSubscriptions":         true,
	"Project.actualRepositorySizeLimit":              true,
	"Project.securityPolicyProject":                  true,
	"Project.securityScanProfiles":                   true,
	"Project.dastProfiles":                           true,
	"Project.dependencies":                           true,
	"Project.pushRules":                              true,
	"Query.projectSecretsManager":                    true,
	"BranchProtection.pushAccessLevels":              true, // who is named in them
	"BranchRule.squashOption":                        true, // of others all branches have the project's
	"BranchRule.externalStatusChecks":                true,
}

// packageTypes are GitLab's package types as GraphQL names them. Those without
// an entry in graphFields are older than the count itself.
var packageTypes = []string{"MAVEN", "NPM", "CONAN", "NUGET", "PYPI", "COMPOSER", "GENERIC", "GOLANG", "DEBIAN",
	"RUBYGEMS", "HELM", "TERRAFORM_MODULE", "RPM", "ML_MODEL", "CARGO"}

// schema knows which fields the source offers.
type schema struct {
	version    scan.Version
	enterprise scan.Fact[bool]

	mu      sync.RWMutex
	dropped map[string]bool // the server said that it does not know them
}

// has reports whether "Type.field" may be asked for. A name may go on with an
// argument, "Type.field(argument)", that is younger than its field.
func (s *schema) has(name string) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	field, _, _ := strings.Cut(name, "(")
	if s.dropped[name] || s.dropped[field] {
		return false
	}
	if enterprise, known := s.enterprise.Get(); known && !enterprise && enterpriseFields[name] {
		return false
	}
	since, listed := graphFields[name]
	return !listed || (!s.version.IsZero() && s.version.AtLeast(scan.MustVersion(since)))
}

// drop forgets a field that the server does not know. It reports whether that
// is news and one of the fields that queries can do without.
func (s *schema) drop(name string) bool {
	if _, listed := graphFields[name]; !listed {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.dropped[name] {
		return false
	}
	if s.dropped == nil {
		s.dropped = map[string]bool{}
	}
	s.dropped[name] = true
	return true
}

// lacks is the gap of a fact whose field cannot be asked for. A server that is
// new enough and says that it has no such field is not called too old for it.
func (s *schema) lacks(id scan.FactID, name string) scan.Gap {
	if enterprise, known := s.enterprise.Get(); known && !enterprise && enterpriseFields[name] {
		return gapFor(id, scan.ReasonFeatureOff)
	}
	since := graphFields[name]
	if !s.version.IsZero() && s.version.AtLeast(scan.MustVersion(since)) {
		return because(id, scan.ReasonTooOld, "this server's schema lacks the field "+name+", which other servers of GitLab "+since+" have: a newer release may tell")
	}
	return because(id, scan.ReasonTooOld, "GitLab "+since+" or newer")
}

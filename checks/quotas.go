package checks

import (
	"strings"

	"readiness/scan"
)

// What GitLab.com takes of a project or a group, by plan.
// Source, read on 2026-11-25: https://docs.gitlab.com/user/gitlab_com/
const (
	freeJobs      = 500 // of a pipeline
	premiumJobs   = 1_500
	ultimateJobs  = 2_000
	freeSchedules = 10 // pipeline schedules of a project
	paidSchedules = 50
	projectHooks  = 100
	groupHooks    = 50 // its own, not those of its subgroups
	pagesDomains  = 150
	treePipelines = 1_000 // downstream pipelines of one
)

// jobsOn and dotenvOn are how many jobs a pipeline and how many variables a dotenv
// artifact may have on a plan.
var (
	jobsOn   = map[Tier]int64{Free: freeJobs, Premium: premiumJobs, Ultimate: ultimateJobs}
	dotenvOn = map[Tier]int64{Free: 50, Premium: 100, Ultimate: 150}
)

// schedulesOn is how many pipeline schedules a project may have on the target's plan.
func schedulesOn(c *Context) int64 {
	if c.Target.Tier == Free {
		return c.limit(freeSchedules)
	}
	return c.limit(paidSchedules, "pipeline-schedules-of-a-project-on-paid-plans")
}

var quotaChecks = []Check{
	{
		ID: "limits-gitlab-com-plan-quotas", Area: "limits", Severity: Medium, Level: scan.LevelProject,
		Title: "Use above the quotas of GitLab.com's plans",
		Why:   "Pipelines that ran for years are refused on the first push; schedules, webhooks and domains beyond the quota cannot be set up again.",
		Rule: "Broken where one of a project's ten latest pipelines has more jobs than the target's plan allows, or a project more pipeline schedules, webhooks or Pages domains, or a group more webhooks. " +
			"Of jobs GitLab tells no exact number above 1,000: such a pipeline is over the quota if that is enough, within it if no more jobs than that were run with every retry, and not known otherwise.",
		Remedy:       "Split pipelines into child pipelines, retire schedules, webhooks and domains that nobody needs, or choose the plan that fits.",
		Docs:         links("user/gitlab_com"),
		Methods:      imports,
		Destinations: []Destination{GitLabCom},
		Needs:        []scan.FactID{"project.pipeline-jobs", "project.pipeline-schedules", "project.webhooks", "project.pages-domains", "group.webhooks"},
		Thresholds: []Threshold{
			{Metric: "jobs of a pipeline on Free", Value: freeJobs, Unit: unitRecords, Source: comDocs},
			{Metric: "jobs of a pipeline on Premium", Value: premiumJobs, Unit: unitRecords, Source: comDocs},
			{Metric: "jobs of a pipeline on Ultimate", Value: ultimateJobs, Unit: unitRecords, Source: comDocs},
			{Metric: "pipeline schedules of a project on Free", Value: freeSchedules, Unit: unitRecords, Source: comDocs},
			{Metric: "pipeline schedules of a project on paid plans", Value: paidSchedules, Unit: unitRecords, Source: comDocs},
			{Metric: "webhooks of a project", Value: projectHooks, Unit: unitRecords, Source: comDocs},
			{Metric: "webhooks of a group", Value: groupHooks, Unit: unitRecords, Source: comDocs},
			{Metric: "domains of a Pages site", Value: pagesDomains, Unit: unitRecords, Source: comDocs},
			{Metric: "downstream pipelines of one", Value: treePipelines, Unit: unitRecords, Source: comDocs},
		},
		Group: func(c *Context, g *scan.Group) Outcome {
			limit := c.limit(groupHooks, "webhooks-of-a-group")
			if n := int64(len(offeredAll(c, g.Webhooks))); n > limit {
				return violated("%s webhooks; the quota is %s", Thousands(n), Thousands(limit)).regardless()
			}
			return ok()
		},
		Project: func(c *Context, p *scan.Project) Outcome {
			var over []string
			if words := tooManyJobs(c, p.PipelineJobs, c.limit(jobsOn[c.Target.Tier])); words != "" {
				over = append(over, words)
			}
			for _, q := range []struct {
				n, limit int64
				what     string
			}{
				{offered(c, p.Schedules), schedulesOn(c), "pipeline schedules"},
				{int64(len(needAll(c, p.Webhooks))), c.limit(projectHooks), "webhooks"},
				{need(c, p.PagesDomains), c.limit(pagesDomains), "Pages domains"},
			} {
				if q.n > q.limit {
					over = append(over, Thousands(q.n)+" "+q.what+"; the quota is "+Thousands(q.limit))
				}
			}
			if over != nil {
				return violated("%s", strings.Join(over, "; ")).regardless()
			}
			return ok()
		},
		Ask: func(c *Context) string {
			return "Does a pipeline have more than " + Thousands(dotenvOn[c.Target.Tier]) + " dotenv variables or " + Thousands(c.limit(treePipelines)) +
				" downstream pipelines, and are webhooks called or Service Desk mails sent more often than the plan allows? The owners of the largest pipelines and integrations know; no list counts them."
		},
	},
}

// comDocs publishes GitLab.com's limits.
const comDocs = "https://docs.gitlab.com/user/gitlab_com/"

// tooManyJobs words that the largest of the latest pipelines is over the limit. A
// list that was cut tells how many jobs it has at least and, perhaps, at most.
func tooManyJobs(c *Context, jobs scan.Listing[scan.PipelineJobs], limit int64) string {
	gap, cut := jobs.Gap()
	within := !cut || gap.Reason == scan.ReasonFeatureOff
	for _, one := range jobs.Items {
		switch {
		case one.Jobs > limit && !cut:
			return Thousands(one.Jobs) + " jobs in one of the latest pipelines; the quota is " + Thousands(limit)
		case one.Jobs > limit:
			return "at least " + Thousands(one.Jobs) + " jobs in one of the latest pipelines; the quota is " + Thousands(limit)
		case one.Most > 0 && one.Most <= limit:
			within = true
		}
	}
	if !within {
		c.note(gap)
	}
	return ""
}

package gitlab

import (
	"readiness/scan"
)

const pipelineJobsFact scan.FactID = "project.pipeline-jobs"

// jobsRight is what it takes to be told of pipelines and their jobs.
var jobsRight = right{access: reporter, feature: buildsAccess}

// pipelineJobsText asks how many jobs the latest pipelines have. A limit on the
// size of a pipeline counts its jobs once, however often they were retried.
// Source: lib/gitlab/ci/pipeline/quota/size.rb at 18.9.
func (s *Source) pipelineJobsText(p *scan.Project) string {
	if !s.schema.has("Pipeline.jobs") || !s.asks(pipelineJobsFact) || !ranPipelines(p) {
		return ""
	}
	text := " pipelines(first:10){nodes{jobs(first:1,retried:false){count}"
	if s.schema.has("Pipeline.totalJobs") { // with those that were retried, but counted to the end
		text += " totalJobs"
	}
	return text + "}}"
}

// noPipelines sets what is known of the jobs of a project that has no pipeline, or
// whose CI/CD is off, without asking. It reports whether that is so.
func (s *Source) noPipelines(p *scan.Project) bool {
	switch {
	case !ranPipelines(p):
		p.PipelineJobs = scan.Listed([]scan.PipelineJobs{})
	case s.may(p, jobsRight) == off && s.schema.has("Pipeline.jobs"):
		p.PipelineJobs = scan.Cut[scan.PipelineJobs](nil, gapFor(pipelineJobsFact, scan.ReasonFeatureOff))
	default:
		return false
	}
	return true
}

// pipelineJobs sets how many jobs the largest of the latest pipelines has.
func (s *Source) pipelineJobs(p *scan.Project, n node) {
	if !s.asks(pipelineJobsFact) || s.noPipelines(p) {
		return
	}
	var items []scan.PipelineJobs
	lost := func(g scan.Gap) { p.PipelineJobs = scan.Cut(items, g) }
	if g, gone := s.nodeGap(n, pipelineJobsFact, "Pipeline.jobs"); gone {
		lost(g)
		return
	}
	var c connection[struct {
		Jobs  connection[struct{}] `json:"jobs"`
		Total int64                `json:"totalJobs"`
	}]
	ok, fail := n.get("pipelines", &c)
	largest, told, bounded := scan.PipelineJobs{}, ok && c.Nodes != nil, true
	for _, one := range c.Nodes {
		if one == nil || one.Jobs.Count == nil {
			told = false
			continue
		}
		largest.Jobs = max(largest.Jobs, *one.Jobs.Count)
		if *one.Jobs.Count > mostCounted {
			largest.Most = max(largest.Most, one.Total)
			bounded = bounded && one.Total > mostCounted
		}
	}
	if !bounded { // of one of them nothing tells how many there can be
		largest.Most = 0
	}
	if largest.Jobs > 0 {
		items = []scan.PipelineJobs{largest}
	}
	switch {
	case fail != "":
		lost(failed(pipelineJobsFact, fail))
	case !told, len(c.Nodes) == 0 && s.may(p, jobsRight) != whole:
		if len(items) > 0 {
			items[0].Most = 0 // there may be a larger one
		}
		lost(s.silence(p, pipelineJobsFact, jobsRight))
	case largest.Jobs > mostCounted:
		lost(because(pipelineJobsFact, scan.ReasonTruncated, "GitLab counts no further than 1,000 jobs: there are more than that"))
	case items == nil:
		p.PipelineJobs = scan.Listed([]scan.PipelineJobs{})
	default:
		p.PipelineJobs = scan.Listed(items)
	}
}

package checks

import (
	"readiness/checks/matrix"
	"readiness/scan"
)

// What one project may hold before it dominates a wave.
// Source: https://pypi.org/project/gitlab-evaluate/ unless another is given.
const (
	manyBranches      = 1_000
	manyTags          = 5_000
	manyCommits       = 50_000
	manyIssues        = 5_000
	manyMergeRequests = 5_000
	manyPipelines     = 5_000
	// recordsToSlim is from how many issues or merge requests on Professional
	// Services asks to make a project smaller.
	// Source: runbooks/migration-pre-and-post-requisites.md of Congregate.
	recordsToSlim = 1_000
	// pipelinesTrouble is from how many pipelines on discovery notes trouble.
	// Source: runbooks/discovery.md of Congregate.
	pipelinesTrouble = 1_500
	// pipelinesToCleanUp is where Professional Services asks to delete some first.
	// Source: runbooks/migration-pre-and-post-requisites.md of Congregate.
	pipelinesToCleanUp = 10_000
)

const gitlabEvaluate = "https://pypi.org/project/gitlab-evaluate/"

var volumeChecks = []Check{
	{
		ID: "projects-many-refs-or-commits", Area: "volume", Severity: Medium, Level: scan.LevelProject,
		Title:        "Very many branches, tags or commits",
		Why:          "Export and import of the repository take most of the wave or run into timeouts; before 18.0 exports of many refs are slow.",
		Rule:         "Broken where branches, tags or commits are more than their limits.",
		Remedy:       "Delete merged and dead branches and old tags, run housekeeping, and upgrade to 18.0 or later.",
		Docs:         append(links("user/project/settings/import_export"), gitlabEvaluate),
		Methods:      []matrix.Method{matrix.DirectTransfer, matrix.FileExport, matrix.Congregate, matrix.BackupRestore, matrix.OfflineTransfer},
		Destinations: Destinations(),
		Needs:        []scan.FactID{"project.branches", "project.git-tags", "project.commits"},
		Thresholds: []Threshold{
			{Metric: "branches of a project", Value: manyBranches, Unit: unitRecords, Source: gitlabEvaluate},
			{Metric: "Git tags of a project", Value: manyTags, Unit: unitRecords, Source: gitlabEvaluate},
			{Metric: "commits on a project's default branch", Value: manyCommits, Unit: unitRecords, Source: gitlabEvaluate},
		},
		Project: func(c *Context, p *scan.Project) Outcome {
			if o, is := moreThan("branches", need(c, p.Branches), c.limit(manyBranches)); is {
				return o
			}
			if o, is := moreThan("tags", need(c, p.Tags), c.limit(manyTags)); is {
				return o
			}
			if o, is := moreThan("commits", need(c, p.Commits), c.limit(manyCommits)); is {
				return o
			}
			return ok()
		},
	},
	{
		ID: "projects-many-issues-or-merge-requests", Area: "volume", Severity: Medium, Level: scan.LevelProject,
		Title:        "Very many issues or merge requests",
		Why:          "They mean hours of import for one project, statements that time out and relations that are missing.",
		Rule:         "Broken where issues or merge requests are more than their limits; the evidence names the highest limit that is passed.",
		Remedy:       "Start these projects early or alone, give Sidekiq more capacity and make export batches smaller on timeouts.",
		Docs:         append(links("user/group/import", "administration/settings/import_and_export_settings"), gitlabEvaluate, congregate("runbooks/migration-pre-and-post-requisites.md")),
		Methods:      imports,
		Destinations: Destinations(),
		Needs:        []scan.FactID{"project.issues", "project.merge-requests"},
		Thresholds: []Threshold{
			{Metric: "issues or merge requests of a project that Professional Services asks to slim", Value: recordsToSlim, Unit: unitRecords, Source: congregate("runbooks/migration-pre-and-post-requisites.md")},
			{Metric: "issues of a project", Value: manyIssues, Unit: unitRecords, Source: gitlabEvaluate},
			{Metric: "merge requests of a project", Value: manyMergeRequests, Unit: unitRecords, Source: gitlabEvaluate},
		},
		Project: func(c *Context, p *scan.Project) Outcome {
			if o, is := moreThan("issues", need(c, p.Issues), c.limit(manyIssues, "issues-of-a-project")); is {
				return o
			}
			if o, is := moreThan("merge requests", need(c, p.MergeRequests), c.limit(manyMergeRequests, "merge-requests-of-a-project")); is {
				return o
			}
			slim := c.limit(recordsToSlim)
			for _, r := range []struct {
				what string
				n    scan.Fact[int64]
			}{{"issues", p.Issues}, {"merge requests", p.MergeRequests}} {
				if n := need(c, r.n); n > slim {
					return violated("%s %s; Professional Services asks to slim projects above %s", Thousands(n), r.what, Thousands(slim)).regardless()
				}
			}
			return ok()
		},
	},
	{
		ID: "projects-many-pipelines", Area: "volume", Severity: Medium, Level: scan.LevelProject,
		Title:        "Very long history of pipelines",
		Why:          "Records of pipelines, of little use after the move, take the largest share of the time and make file imports fail.",
		Rule:         "Broken where pipelines are more than the lowest of the limits; the evidence names the highest one that is passed.",
		Remedy:       "Delete old pipelines at the source, or trim ci_pipelines.ndjson in the export file.",
		Docs:         []string{gitlabEvaluate, congregate("runbooks/discovery.md"), congregate("runbooks/migration-pre-and-post-requisites.md")},
		Methods:      imports,
		Destinations: Destinations(),
		Needs:        []scan.FactID{"project.pipelines"},
		Thresholds: []Threshold{
			{Metric: "pipelines of a project that give first trouble", Value: pipelinesTrouble, Unit: unitRecords, Source: congregate("runbooks/discovery.md")},
			{Metric: "pipelines of a project", Value: manyPipelines, Unit: unitRecords, Source: gitlabEvaluate},
			{Metric: "pipelines of a project that Professional Services asks to clean up", Value: pipelinesToCleanUp, Unit: unitRecords, Source: congregate("runbooks/migration-pre-and-post-requisites.md")},
		},
		Project: func(c *Context, p *scan.Project) Outcome {
			n := need(c, p.Pipelines)
			if n > c.limit(pipelinesToCleanUp) {
				return violated("%s pipelines; Professional Services asks to clean up above %s", Thousands(n), Thousands(c.limit(pipelinesToCleanUp)))
			}
			if o, is := moreThan("pipelines", n, c.limit(manyPipelines)); is {
				return o
			}
			if trouble := c.limit(pipelinesTrouble); n > trouble {
				return violated("%s pipelines; discovery notes of Professional Services tell of trouble above %s", Thousands(n), Thousands(trouble))
			}
			return ok()
		},
	},
}

// moreThan judges a count against a limit that must not be exceeded, whatever
// else is missing.
func moreThan(what string, n, limit int64) (Outcome, bool) {
	if n <= limit {
		return Outcome{}, false
	}
	return violated("%s %s, over %s", Thousands(n), what, Thousands(limit)).regardless(), true
}

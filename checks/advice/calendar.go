package advice

import (
	"fmt"
	"math"
	"slices"

	"readiness/checks"
	"readiness/checks/matrix"
	"readiness/scan"
)

// Estimate is a part of the calendar, low to high. It is a range with its
// assumption, never a promise.
type Estimate struct {
	ID   string  `json:"id"`
	What string  `json:"what"`
	Low  float64 `json:"low"`
	High float64 `json:"high"`
	Unit string  `json:"unit"` // days (working days), hours, windows
	// Open says that the high end is not bounded: something that counts was not read.
	Open       bool   `json:"open"`
	Assumption string `json:"assumption"`
	Source     string `json:"source"` // https link
}

const (
	directTransferDocs = "https://docs.gitlab.com/user/group/import/"
	waveDocs           = "https://gitlab.com/gitlab-org/professional-services-automation/tools/migration/congregate/-/blob/master/customer/migration-wave-considerations.md"
	postDocs           = "https://gitlab.com/gitlab-org/professional-services-automation/tools/migration/congregate/-/blob/master/customer/pre-and-post-migration.md"
	dotComDocs         = "https://gitlab.com/gitlab-org/professional-services-automation/tools/migration/congregate/-/blob/master/runbooks/migrations-to-dot-com.md"
	limitsDocs         = "https://docs.gitlab.com/administration/instance_limits/"
	stopsDocs          = "https://docs.gitlab.com/update/upgrade_paths/"
	scopingDocs        = "https://handbook.gitlab.com/handbook/customer-success/professional-services-engineering/engagement-mgmt/scoping-information/migrations"
)

// Published figures of durations. Sources beside them.
const (
	// Seconds of work for one record in a direct transfer, averages that GitLab
	// publishes: https://docs.gitlab.com/user/group/import/
	secondsPerProject      = 40.0 // empty project, repository, attributes, wiki, references and five small settings
	secondsPerIssue        = 0.1
	secondsPerMergeRequest = 1.0
	secondsPerPipeline     = 0.2
	// How much of that ran at the same time in the two migrations of which GitLab
	// publishes totals (8 h and 34 h); derived, and shown from half to double.
	parallelTransfer = 3.75
	// Exports, and imports, that one account may start in a minute:
	// https://docs.gitlab.com/administration/instance_limits/
	exportsPerMinute = 6.0
	usersPerDay      = 500.0 // migration-wave-considerations.md
	reposByHandDay   = 2.0   // repositories over 5 GB, handbook
	leadTimeDays     = 5.0   // before a wave to GitLab.com by Professional Services
)

// calendar estimates what takes calendar time, in the order in which it comes.
func calendar(j *checks.Judgement, a *Advice) []Estimate {
	all := []Estimate{}
	add := func(e Estimate) { all = append(all, e) }
	if e, ok := upgrades(j); ok {
		add(e)
	}
	if users, whole := j.Totals.ActiveHumans.Sum(); users > 0 || !whole {
		n := math.Ceil(float64(users) / usersPerDay)
		add(Estimate{"users", "Creating the accounts of active people at the destination", n, n, "days", !whole,
			"500 accounts a day; accounts come before groups and projects", waveDocs})
	}
	if a.Method != "" {
		add(waves(j))
		if e, ok := machineTime(j, a.Method); ok {
			add(e)
		}
	}
	if n := violations(j, "size-repository-over-5gib"); n > 0 {
		days := math.Ceil(float64(n) / reposByHandDay)
		add(Estimate{"large-repositories", "Moving repositories over 5 GiB by hand", days, days, "days", unknown(j, "size-repository-over-5gib"),
			"two repositories a day; they can move while waves run", scopingDocs})
	}
	if j.Target.Destination == checks.GitLabCom && (j.Target.Executor == checks.GitLabPS || j.Target.Executor == "") {
		e := Estimate{"lead-time", "Notice to GitLab before the first wave", leadTimeDays, leadTimeDays, "days", false,
			"five days before each wave that Professional Services run; later notices overlap with waves", dotComDocs}
		if j.Target.Executor == "" {
			e.Low, e.Assumption = 0, e.Assumption+"; who executes was not stated, others need none"
		}
		add(e)
	}
	sum := Estimate{ID: "total", What: "Working days in all, one after the other", Unit: "days",
		Assumption: "the lines in days above; each upgrade window taken as a day; pilot, freezes, acceptance and black-out dates come on top", Source: waveDocs}
	for _, e := range all {
		if e.Unit == "days" || e.Unit == "windows" {
			sum.Low, sum.High, sum.Open = sum.Low+e.Low, sum.High+e.High, sum.Open || e.Open
		}
	}
	return append(all, sum)
}

// upgrades counts the windows for required upgrade stops.
func upgrades(j *checks.Judgement) (Estimate, bool) {
	v := j.SourceVersion()
	if v.IsZero() || violations(j, "version-required-upgrade-stops") == 0 {
		return Estimate{}, false
	}
	n, words := checks.UpgradeStops(v, j.Target.Version)
	low := math.Max(float64(n), 1)
	return Estimate{"upgrades", "Upgrading the source, a maintenance window for each stop", low, low, "windows", false,
		words + "; stops in brackets come on top where they apply, and background migrations have to end at each", stopsDocs}, true
}

// waves divides the projects by the published caps of a wave, one wave a day.
func waves(j *checks.Judgement) Estimate {
	least, most, source := 200.0, 200.0, waveDocs
	words := "at most 200 projects a wave, one wave a day"
	switch j.Target.Destination {
	case checks.GitLabCom:
		least, most, source, words = 300, 500, postDocs, "300 to 500 projects a wave of eight hours, one wave a day"
	case checks.Dedicated:
		least, most, source, words = 200, 500, scopingDocs, "200 to 500 projects a wave, one wave a day"
	}
	n, whole := j.Totals.Projects.Sum()
	return Estimate{"waves", "Migration waves", math.Ceil(float64(n) / most), math.Ceil(float64(n) / least), "days", !whole, words, source}
}

// machineTime estimates how long the method itself runs, if a figure is published.
func machineTime(j *checks.Judgement, m matrix.Method) (Estimate, bool) {
	projects, whole := j.Totals.Projects.Sum()
	switch {
	case slices.Contains(matrix.Concerns([]matrix.Method{matrix.DirectTransfer}), m):
		seconds := secondsPerProject * float64(projects)
		for _, part := range []struct {
			fact scan.FactID
			each float64
		}{{"project.issues", secondsPerIssue}, {"project.merge-requests", secondsPerMergeRequest}, {"project.pipelines", secondsPerPipeline}} {
			total := j.Totals.Facts[part.fact]
			n, complete := total.Sum()
			seconds += part.each * float64(n)
			whole = whole && complete && total.Read() > 0
		}
		hours := seconds / parallelTransfer / 3600
		return Estimate{"machine-time", "Running time of direct transfer over all waves", round(hours / 2), round(hours * 2), "hours", !whole,
			fmt.Sprintf("40 s a project, 0.1 s an issue, 1 s a merge request, 0.2 s a pipeline, %.2f at a time as in two published migrations; half to double of that; calibrate by a pilot", parallelTransfer),
			directTransferDocs}, true
	case slices.Contains(matrix.Concerns([]matrix.Method{matrix.FileExport, matrix.Congregate}), m):
		hours := 2 * float64(projects) / exportsPerMinute / 60
		return Estimate{"machine-time", "Starting all exports and imports with one account", round(hours), round(hours), "hours", true,
			"six exports and six imports a minute and account; the exports and imports themselves take longer and no figure is published", limitsDocs}, true
	}
	return Estimate{}, false
}

// round keeps a tenth of an hour.
func round(h float64) float64 { return math.Round(h*10) / 10 }

// violations counts the findings of a check.
func violations(j *checks.Judgement, id string) (n int64) {
	for _, f := range j.Findings {
		if f.Check == id && f.Verdict == checks.Violated && f.Decision == nil {
			n++
		}
	}
	return n
}

// unknown reports whether a check could not be decided for some subject.
func unknown(j *checks.Judgement, id string) bool {
	return slices.ContainsFunc(j.Findings, func(f checks.Finding) bool { return f.Check == id && f.Verdict == checks.Unknown })
}

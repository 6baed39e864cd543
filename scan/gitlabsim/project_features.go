package gitlabsim

// Features are what a project uses of GitLab beside code, pipelines and registries.
type Features struct {
	// Issues of these types are counted among Project.Issues.
	Tasks, Incidents, TestCases, Objectives int64

	ValueStreams, CommentTemplates, Requirements int64
	Alerts, AlertEndpoints                       int64
	OnCallSchedules, EscalationPolicies          int64

	MergeTrains                      bool
	JobTokenOpen                     bool // job tokens of every project may come in
	JobTokenProjects, JobTokenGroups int64
	Subscriptions                    int64
	CatalogResource                  bool
	SizeLimit                        int64 // in bytes; 0: none
	PolicyProject                    bool
	ScanProfiles, DASTProfiles       int64
	Dependencies                     int64
	Triaged                          Severities // of Project.Vulnerabilities
}

// drawFeatures draws the features of a project whose activity and settings are
// known, as far as the tier has them.
func (w *World) drawFeatures(p *Project) {
	d := func(what string) draw { return w.draw(ofProject, p.index, what) }
	premium, ultimate := w.cfg.Tier.Licensed(), w.cfg.Tier == Ultimate
	f := &p.Features
	// Of a project's issues some are of another type, never all of them.
	left := p.Issues / 2
	for _, t := range []struct {
		n     *int64
		what  string
		share float64
		has   bool
	}{
		{&f.Tasks, "tasks", 30, w.since(15, 8)}, {&f.Incidents, "incidents", 8, true}, {&f.TestCases, "test-cases", 4, ultimate},
		{&f.Objectives, "objectives", 3, ultimate && w.since(15, 8)},
	} {
		if t.has && left > 0 && d(t.what).chance(t.share) {
			*t.n = 1 + int64(d(t.what).again(1).below(int(left)))
			left -= *t.n
		}
	}
	f.Alerts = int64(d("alerts").few(4, 30))
	f.AlertEndpoints = int64(d("alert-endpoints").few(3, 2))
	f.JobTokenOpen = !w.since(16, 0) || d("job-token-open").chance(12)
	f.JobTokenProjects = int64(d("job-token-projects").few(12, 8))
	if w.since(16, 0) {
		f.JobTokenGroups = int64(d("job-token-groups").few(8, 3))
	}
	f.CatalogResource = w.since(17, 0) && !p.Empty && d("catalogue").chance(3)
	if premium {
		if w.since(17, 0) {
			f.CommentTemplates = int64(d("comment-templates").few(5, 4))
		}
		f.ValueStreams = int64(d("value-streams").few(4, 3))
		f.OnCallSchedules = int64(d("on-call").few(3, 2))
		f.EscalationPolicies = min(f.OnCallSchedules, int64(d("escalation").few(60, 2)))
		f.MergeTrains = !p.Empty && d("merge-trains").chance(6)
		f.Subscriptions = int64(d("subscriptions").few(4, 2))
		if d("size-limit").chance(3) {
			f.SizeLimit = 10 * gib
		}
	}
	if ultimate {
		f.Requirements = int64(d("requirements").few(3, 20))
		f.PolicyProject = p.group >= 0 && d("policy-project").chance(8)
		if w.since(18, 7) {
			f.ScanProfiles = int64(d("scan-profiles").few(10, 2))
		}
		f.DASTProfiles = int64(d("dast").few(3, 2))
		if p.Pipelines > 0 && d("dependencies").chance(25) {
			f.Dependencies = 1 + d("dependency-list").count(60, 1)
		}
		v, share := p.Vulnerabilities, int64(d("triaged").below(3)) // none, a third or two
		f.Triaged = Severities{v.Critical * share / 3, v.High * share / 3, v.Medium * share / 3, v.Low * share / 3, v.Unknown * share / 3, v.Info * share / 3}
	}
}

// positiveFeatures leaves no feature that the tier has unused, not even those
// that are younger than the version.
func (w *World) positiveFeatures(p *Project) {
	f := &p.Features
	counts := []*int64{&f.Tasks, &f.Incidents, &f.Alerts, &f.AlertEndpoints, &f.JobTokenProjects}
	f.JobTokenOpen, f.CatalogResource = false, true
	if w.cfg.Tier.Licensed() {
		counts = append(counts, &f.ValueStreams, &f.OnCallSchedules, &f.EscalationPolicies, &f.Subscriptions, &f.CommentTemplates)
		f.MergeTrains, f.SizeLimit = true, 10*gib
	}
	if w.cfg.Tier == Ultimate {
		counts = append(counts, &f.TestCases, &f.Objectives, &f.Requirements, &f.DASTProfiles, &f.Dependencies, &f.ScanProfiles)
		f.PolicyProject = true
		if f.Triaged.Sum() == 0 {
			f.Triaged = p.Vulnerabilities
		}
	}
	for _, n := range counts {
		*n = max(1, *n)
	}
	p.Issues = max(p.Issues, f.Tasks+f.Incidents+f.TestCases+f.Objectives)
}

package gitlabsim

// Features are what a project uses of GitLab beside code, pipelines and registries.
type Features struct {
	// Issues of these types are counted among Project.Issues.
	Tasks, Incidents, TestCases, Objectives int64

	ValueStreams, CommentTemplates, Requirements int64
	Alerts, AlertEndpoints                       int64
	OnCallSchedules, EscalationPolicies          int64

	CISettings   []string // GitLab's names of those that differ from a new project's
	PipelineJobs int64    // of the largest of the ten latest pipelines

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
	Sentry                           bool
	DefaultTexts                     bool // of issues and of merge requests

	ApprovalSettings                     []string // that are not as in a new project
	HasPushRule                          bool     // a rule was set once; of it PushRules are on
	PushRules                            []string
	ExternalChecks                       int64
	ProtectedEnvironments, DeployFreezes int64
	FeatureFlags, UserLists              int64
	SecureFiles, ResourceGroups          int64
	Badges, Invitations, AccessRequests  int64
	Clusters                             int64 // none from 15.0 on: they are off
	Models, Experiments                  int64
	SecretsManager                       bool
	SecuritySettings                     []string // that are not as in a new project
}

// ApprovalRule is a rule that says who has to approve merge requests.
type ApprovalRule struct {
	ID            int64
	Name, Type    string
	Required      int64
	Users, Groups []int64 // ids
}

// ApprovalRules lists a project's approval rules.
func (w *World) ApprovalRules(p Project) []ApprovalRule {
	if !w.cfg.Tier.Licensed() {
		return nil
	}
	d := w.draw(ofProject, p.index, "approval-rules")
	rules := []ApprovalRule{}
	for j := range w.sow(d.few(25, 3), p.index, "approval-rules") {
		x := d.again(j + 1)
		a := ApprovalRule{ID: part(p.index, j), Name: "All members", Type: "any_approver", Required: int64(x.below(3))}
		if j > 0 || x.again(1).chance(50) || w.cfg.Positive || w.cfg.Sound {
			a.Name, a.Type, a.Required = pick(x.again(2), []string{"Security", "Release managers", "=1+1"}), "regular", 1
			for _, u := range w.someUsers(x.again(3), 1+x.again(4).below(2)) {
				a.Users = append(a.Users, w.userID(u))
			}
			if x.again(5).chance(30) {
				a.Groups = []int64{w.groupID(x.again(6).below(w.groups))}
			}
		}
		rules = append(rules, a)
	}
	return rules
}

// allowedProjects are the projects on a project's allowlist of job tokens, and
// allowedGroups the groups.
func (w *World) allowedProjects(p *Project) []int {
	return neighbours(p.index+1, w.projects, p.JobTokenProjects)
}
func (w *World) allowedGroups(p *Project) []int {
	return neighbours(p.index, w.groups, p.JobTokenGroups)
}

// neighbours are n numbers below most in a row that goes round.
func neighbours(from, most int, n int64) (all []int) {
	for k := range n {
		all = append(all, (from+int(k))%most)
	}
	return all
}

// AccessTokens is how many access tokens of a project are active: one of each bot.
func (w *World) AccessTokens(p Project) int64 {
	if w.cfg.Sound {
		return 0
	}
	return int64(len(w.projectBots(p.index))) // zero in many projects of a positive world, too
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
	if d("ci-settings").chance(20) {
		f.CISettings = [][]string{{"build_timeout"}, {"auto_cancel_pending_pipelines", "build_timeout"}, {"keep_latest_artifact"}}[d("ci-setting").below(3)]
	}
	f.Alerts = int64(d("alerts").few(4, 30))
	f.AlertEndpoints = int64(d("alert-endpoints").few(3, 2))
	f.JobTokenOpen = !w.since(16, 0) || d("job-token-open").chance(12)
	f.JobTokenProjects = min(int64(d("job-token-projects").few(12, 8)), int64(w.projects-1))
	if w.since(16, 0) {
		f.JobTokenGroups = min(int64(d("job-token-groups").few(8, 3)), int64(w.groups))
	}
	f.Sentry = d("sentry").chance(5)
	f.FeatureFlags = int64(d("flags").few(8, 12))
	f.UserLists = min(f.FeatureFlags, int64(d("user-lists").few(30, 2)))
	f.SecureFiles = int64(d("secure-files").few(4, 3))
	f.DeployFreezes = int64(d("freezes").few(4, 2))
	if p.Pipelines > 0 {
		f.ResourceGroups = int64(d("resource-groups").few(6, 3))
		f.PipelineJobs = min(1000, 1+d("pipeline-jobs").count(8, 1))
	}
	f.Badges = int64(d("badges").few(18, 4))
	f.Invitations = int64(d("invitations").few(3, 3))
	f.AccessRequests = int64(d("access-requests").few(3, 2))
	if !w.since(15, 0) {
		f.Clusters = int64(d("clusters").few(6, 2))
	}
	if w.since(16, 8) {
		f.Models, f.Experiments = int64(d("ml-models").few(4, 3)), int64(d("ml-experiments").few(4, 5))
	}
	f.CatalogResource = w.since(17, 0) && !p.Empty && d("catalogue").chance(3)
	if premium {
		if w.since(17, 0) {
			f.CommentTemplates = int64(d("comment-templates").few(5, 4))
		}
		f.ValueStreams = int64(d("value-streams").few(4, 3))
		f.OnCallSchedules = int64(d("on-call").few(3, 2))
		f.EscalationPolicies = min(f.OnCallSchedules, int64(d("escalation").few(60, 2)))
		f.DefaultTexts = d("default-texts").chance(7)
		f.MergeTrains = !p.Empty && d("merge-trains").chance(6)
		if d("approval-settings").chance(20) {
			f.ApprovalSettings = []string{pick(d("approval-setting"), []string{"disable_overriding_approvers_per_merge_request", "merge_requests_author_approval",
				"merge_requests_disable_committers_approval", "reset_approvals_on_push"})}
		}
		if f.HasPushRule = d("push-rule").chance(15); f.HasPushRule && d("push-rules").chance(80) {
			f.PushRules = [][]string{{"commit_message_regex"}, {"member_check", "reject_unsigned_commits"}, {"max_file_size"}}[d("push-rule-is").below(3)]
		}
		f.ProtectedEnvironments = min(p.Environments, int64(d("protected-environments").few(40, 3)))
		f.Subscriptions = int64(d("subscriptions").few(4, 2))
		if d("size-limit").chance(3) {
			f.SizeLimit = 10 * gib
		}
	}
	if ultimate {
		f.Requirements = int64(d("requirements").few(3, 20))
		f.PolicyProject = p.group >= 0 && d("policy-project").chance(8)
		f.ExternalChecks = int64(d("external-checks").few(3, 2))
		f.SecretsManager = w.since(18, 7) && d("secrets-manager").chance(5)
		if d("security-settings").chance(12) {
			f.SecuritySettings = [][]string{{"container_scanning_for_registry_enabled"}, {"auto_fix_sast"}, {"auto_fix_dast", "continuous_vulnerability_scans_enabled"}}[d("security-setting").below(3)]
		}
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
	counts := []*int64{&f.Tasks, &f.Incidents, &f.Alerts, &f.AlertEndpoints, &f.JobTokenProjects, &f.FeatureFlags, &f.UserLists, &f.SecureFiles,
		&f.DeployFreezes, &f.ResourceGroups, &f.Badges, &f.Invitations, &f.AccessRequests, &f.Clusters, &f.PipelineJobs, &f.Models, &f.Experiments}
	f.Sentry = true
	f.JobTokenOpen, f.CatalogResource = false, true
	if w.cfg.Tier.Licensed() {
		counts = append(counts, &f.ValueStreams, &f.OnCallSchedules, &f.EscalationPolicies, &f.Subscriptions, &f.CommentTemplates, &f.ProtectedEnvironments)
		f.ApprovalSettings, f.HasPushRule, f.PushRules = []string{"reset_approvals_on_push"}, true, []string{"prevent_secrets"}
		f.MergeTrains, f.DefaultTexts, f.SizeLimit = true, true, 10*gib
	}
	if w.cfg.Tier == Ultimate {
		counts = append(counts, &f.TestCases, &f.Objectives, &f.Requirements, &f.DASTProfiles, &f.Dependencies, &f.ScanProfiles, &f.ExternalChecks)
		f.SecretsManager, f.SecuritySettings = true, []string{"container_scanning_for_registry_enabled"}
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

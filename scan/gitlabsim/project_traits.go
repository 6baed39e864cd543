package gitlabsim

import (
	"readiness/scan"
)

func (w *World) dates(p *Project) {
	d := func(what string) draw { return w.draw(ofProject, p.index, what) }
	// Ids rise with time; the first project is about seven years old.
	age := 2500 * (1 - float64(p.index)/float64(w.projects+1))
	p.CreatedAt = w.ago(age + 2)
	idle := d("idle").logNormal(14, 1.6)
	if w.asleep(p.index) {
		p.CreatedAt, p.LastActivityAt = w.ago(age+800), w.ago(400+300*d("dormant-for").unit())
		return
	}
	if d("dormant").chance(45) || p.Archived {
		idle += 365 * (1 + 3*d("dormant-for").unit())
	}
	p.LastActivityAt = w.ago(min(idle, age+1))
}

// settings draws what the owner of a project chose.
func (w *World) settings(p *Project) {
	d := func(what string) draw { return w.draw(ofProject, p.index, what) }
	if !p.Empty && d("ci-path").chance(6) {
		p.CIConfigPath = pick(d("ci-path-is"), []string{"ci/pipeline.yml", ".gitlab/ci/main.yml", "build/.gitlab-ci.yml",
			"https://ci.example.com/templates/base.yml", "base.yml@platform/ci-templates"})
	}
	p.AutoDevOps = d("auto-devops").chance(8)
	p.SharedRunners = !d("shared-runners").chance(15)
	p.PullMirror = w.cfg.Tier.Licensed() && !p.Empty && d("pull-mirror").chance(4)
	p.MergeMethod = []string{"merge", "ff", "rebase_merge"}[d("merge-method").weighted(70, 22, 8)]
	p.LFSEnabled = !d("lfs").chance(5)
	p.ServiceDesk = d("service-desk").chance(5)
	p.CleanupPolicy = d("cleanup").chance(20)
	level := func(feature string, disabled float64, has bool) string {
		switch x := d(feature + "-access"); {
		case !has && x.chance(disabled):
			return "disabled"
		case x.again(1).chance(8):
			return "private"
		}
		return "enabled"
	}
	// Some levels are younger than the projects they are of.
	younger := func(feature string, disabled float64, major, minor int) string {
		if !w.since(major, minor) {
			return "enabled"
		}
		return level(feature, disabled, true)
	}
	repository := level("repository", 8, !p.Empty)
	p.Access = FeatureAccess{
		Issues:        level("issues", 8, false),
		MergeRequests: narrower(repository, level("merge-requests", 4, !p.Empty)),
		Repository:    repository,
		Builds:        narrower(repository, level("builds", 10, w.ciFilePath(p) != "")),
		Wiki:          level("wiki", 25, false),
		Snippets:      level("snippets", 30, len(w.snippets.of(p.index)) > 0),
		Registry:      level("registry", 15, false),
		Releases:      younger("releases", 5, 15, 4),
		Environments:  younger("environments", 5, 15, 4),
		FeatureFlags:  younger("feature-flags", 10, 15, 4),
		Packages:      "enabled",

		Analytics:      level("analytics", 3, false),
		Infrastructure: younger("infrastructure", 6, 15, 4),
		Monitor:        younger("monitor", 8, 15, 4),
		Models:         younger("models", 20, 16, 7),
		Requirements:   level("requirements", 10, false),
		Security:       "private",
	}
	if !w.cfg.Tier.Enterprise() {
		p.Access.Requirements = "enabled"
	}
	p.Access.Pages = []string{"private", "enabled", "public", "disabled"}[d("pages-access").weighted(60, 20, 5, 15)]
	if len(w.domains.of(p.index)) > 0 && p.Access.Pages == "disabled" {
		p.Access.Pages = "enabled"
	}
	if p.Access.Pages != "disabled" && !p.Empty && (len(w.domains.of(p.index)) > 0 || d("pages").chance(6)) {
		p.PagesDeployments = 1
	}
}

// narrower is the narrower of two access levels: what builds on the repository
// is never wider than the repository itself.
// Source: app/models/project_feature.rb (repository_children_level).
func narrower(repository, feature string) string {
	switch {
	case repository == "disabled" || feature == "disabled":
		return "disabled"
	case repository == "private":
		return "private"
	}
	return feature
}

// since reports whether the played version is the given minor release or newer.
func (w *World) since(major, minor int) bool {
	return w.cfg.Version.AtLeast(scan.Version{Major: major, Minor: minor})
}

// delaysDeletion reports whether projects and groups are marked for deletion
// first: a Premium feature before 18.0.
func (w *World) delaysDeletion() bool { return w.cfg.Tier.Licensed() || w.since(18, 0) }

// activity draws what people and pipelines left in a project.
func (w *World) activity(p *Project) {
	d := func(what string) draw { return w.draw(ofProject, p.index, what) }
	if p.Access.Issues != "disabled" {
		p.Issues = d("issues").count(6, 1.9)
		p.OpenIssues = int64(d("open-issues").below(int(p.Issues) + 1))
	}
	p.Labels = int64(d("labels").few(50, 30)) * 3
	p.Milestones = int64(d("milestones").few(25, 15))
	p.Boards = int64(d("boards").few(40, 3))
	if p.Access.Wiki != "disabled" && d("wiki").chance(22) {
		p.WikiPages = 1 + d("wiki-pages").count(4, 1)
	}
	p.Agents = int64(d("agents").few(5, 3))
	p.TerraformStates = int64(d("terraform").few(6, 5))
	p.Triggers = int64(d("triggers").few(9, 4))
	for k, t := range packageTypes {
		if n := d("packages").again(k); n.chance([]float64{5, 7, 1, 2, 4, 1, 6, 0.5, 0.7, 0.7, 2, 2}[k]) {
			p.Packages = append(p.Packages, PackageCount{t, 1 + n.again(1).count(5, 1.4)})
		}
	}
	if p.Access.Registry != "disabled" {
		p.RegistryRepos = int64(d("registry").few(22, 9))
	}
	if p.Empty {
		return
	}
	p.Commits = 1 + d("commits").count(90, 1.7)
	p.Branches = 1 + d("branches").count(3, 1.2)
	p.Tags = int64(d("tags").few(40, 1)) * (1 + d("tags-many").count(8, 1.3))
	if p.Tags > 0 {
		p.Releases = int64(d("releases").below(int(p.Tags)+1)) * int64(d("has-releases").few(45, 1))
	}
	p.ProtectedTags = int64(d("protected-tags").few(12, 3))
	if p.Access.MergeRequests != "disabled" {
		p.MergeRequests = d("merge-requests").count(20, 1.8)
		p.OpenMergeRequests = min(p.MergeRequests, int64(d("open-merge-requests").few(40, 8)))
	}
	if w.ciFilePath(p) != "" && p.Access.Builds != "disabled" {
		p.Pipelines = 1 + d("pipelines").count(120, 2)
		p.Schedules = int64(d("schedules").few(14, 4))
	}
	p.Environments = int64(d("environments").few(25, 6))
	if w.cfg.Tier == Ultimate && d("vulnerabilities").chance(30) {
		v := d("vulnerability")
		p.Vulnerabilities = Severities{v.again(1).count(0.6, 1), v.again(2).count(2, 1.1), v.again(3).count(5, 1.2), v.again(4).count(3, 1), v.again(5).count(0.3, 1), 1 + v.again(6).count(1, 1)}
	}
}

// volumes draws the sizes, in keeping with what there is.
func (w *World) volumes(p *Project) {
	d := func(what string) draw { return w.draw(ofProject, p.index, what) }
	s := &p.Sizes
	if !p.Empty {
		s.Repository = 40<<10 + int64(d("repository").logNormal(3<<20, 2.1))
		s.Repository = min(s.Repository, 30*gib)
		switch p.index {
		case giant:
			s.Repository = 6*gib + 123456789
		case largerGiant:
			s.Repository = 12*gib + 987654321
		}
		if p.LFSEnabled && d("lfs-objects").chance(9) {
			s.LFS = int64(d("lfs-size").logNormal(80<<20, 1.8))
		}
		if d("uploads").chance(25) {
			s.Uploads = int64(d("uploads-size").logNormal(400<<10, 2))
		}
	}
	if p.Pipelines > 0 {
		s.JobArtifacts = int64(d("artifacts").logNormal(25<<20, 2.2))
		s.PipelineArtifacts = int64(d("pipeline-artifacts").few(30, 1)) * int64(d("pipeline-artifacts-size").logNormal(200<<10, 1.5))
	}
	for _, c := range p.Packages {
		s.Packages += c.Count * (1 + int64(d("packages-size").logNormal(2<<20, 1.3)))
	}
	if p.RegistryRepos > 0 {
		s.Registry = p.RegistryRepos * (1<<20 + int64(d("registry-size").logNormal(300<<20, 1.4)))
	}
	if p.WikiPages > 0 {
		s.Wiki = p.WikiPages * int64(30<<10+d("wiki-size").below(50<<10))
	}
	if n := len(w.snippets.of(p.index)); n > 0 {
		s.Snippets = int64(n * (2048 + d("snippets-size").below(4096)))
	}
}

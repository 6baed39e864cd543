package gitlabsim

// A positive world has something of everything that is counted, in every
// project and group; whoever reads a zero in it was told less than there is.

// some is n, or one where a positive world has none; a sound world has none at all.
func (w *World) some(n int) int {
	if w.cfg.Sound {
		return 0
	}
	if w.cfg.Positive {
		return max(1, n)
	}
	return n
}

// dealt is a scatter, or one item for every owner in a positive world.
func (w *World) dealt(s scatter) scatter {
	if w.cfg.Positive {
		s.block, s.per = 1, 1
	}
	return s
}

// positiveSettings switches every feature on.
func (w *World) positiveSettings(p *Project) {
	if !w.cfg.Positive {
		return
	}
	a := &p.Access
	for _, level := range []*string{&a.Issues, &a.MergeRequests, &a.Repository, &a.Builds, &a.Wiki, &a.Snippets, &a.Registry, &a.Pages,
		&a.Releases, &a.Environments, &a.FeatureFlags, &a.Packages, &a.Analytics, &a.Infrastructure, &a.Monitor, &a.Models, &a.Requirements} {
		if *level == "disabled" {
			*level = "enabled"
		}
	}
	p.LFSEnabled, p.PagesDeployments = true, 1
	if w.ciFilePath(p) == "" {
		p.CIConfigPath = ""
	}
}

// positiveCounts leaves no count and no size at zero.
func (w *World) positiveCounts(p *Project) {
	if !w.cfg.Positive {
		return
	}
	if len(p.Packages) == 0 {
		p.Packages = []PackageCount{{"npm", 2}}
	}
	if len(p.SharedWith) == 0 {
		p.SharedWith = []int64{w.groupID((p.group + 1) % w.groups)}
	}
	if w.cfg.Tier == Ultimate && p.Vulnerabilities.Sum() == 0 {
		p.Vulnerabilities.High = 1
	}
	s := &p.Sizes
	for _, n := range []*int64{&p.Stars, &p.Commits, &p.Issues, &p.OpenIssues, &p.MergeRequests, &p.OpenMergeRequests, &p.Pipelines, &p.Releases,
		&p.Labels, &p.Milestones, &p.Boards, &p.RegistryRepos, &p.Schedules, &p.TerraformStates, &p.Agents, &p.Triggers, &p.Branches, &p.Tags,
		&p.Environments, &p.ProtectedTags, &p.WikiPages, &p.PagesDeployments,
		&s.Repository, &s.LFS, &s.JobArtifacts, &s.PipelineArtifacts, &s.Packages, &s.Registry, &s.Wiki, &s.Snippets, &s.Uploads} {
		*n = max(1, *n)
	}
	w.positiveFeatures(p)
	p.Issues, p.MergeRequests = max(p.Issues, p.OpenIssues), max(p.MergeRequests, p.OpenMergeRequests)
}

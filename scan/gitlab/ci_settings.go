package gitlab

import (
	"slices"

	"readiness/scan"
)

// ciSettings are the CI/CD settings of a project that no importer carries, see
// https://gitlab.com/gitlab-org/gitlab/-/issues/536537: all that REST tells but
// the depth of clones, group runners and the life of runner tokens.
type ciSettings struct {
	Timeout     field[int64]  `json:"build_timeout"` // seconds
	AutoCancel  field[string] `json:"auto_cancel_pending_pipelines"`
	GitStrategy field[string] `json:"build_git_strategy"`
	KeepLatest  field[bool]   `json:"keep_latest_artifact"`
	Forward     field[bool]   `json:"ci_forward_deployment_enabled"`
	Rollback    field[bool]   `json:"ci_forward_deployment_rollback_allowed"`
	Caches      field[bool]   `json:"ci_separated_caches"`
	Forks       field[bool]   `json:"ci_allow_fork_pipelines_to_run_in_parent_project"`
	TokenScope  field[bool]   `json:"ci_job_token_scope_enabled"`
	TokenPush   field[bool]   `json:"ci_push_repository_for_job_token_allowed"`
	DeleteAfter field[int64]  `json:"ci_delete_pipelines_in_seconds"`
	PublicJobs  field[bool]   `json:"public_jobs"`
}

// keep sets which of the settings differ from those of a new project, if the
// body tells of them; it does to Maintainers. Defaults:
// https://docs.gitlab.com/ci/pipelines/settings/ and db/structure.sql (projects,
// project_ci_cd_settings). Who may set variables by hand is left out: its default
// changed from release to release.
func (c ciSettings) keep(fact *scan.Fact[[]string]) {
	if !c.Timeout.ok() {
		return
	}
	changed := []string{}
	for name, differs := range map[string]bool{
		"build_timeout":                                    c.Timeout.value != 3600,
		"auto_cancel_pending_pipelines":                    differs(c.AutoCancel, "enabled"),
		"build_git_strategy":                               differs(c.GitStrategy, "fetch"),
		"keep_latest_artifact":                             differs(c.KeepLatest, true),
		"ci_forward_deployment_enabled":                    differs(c.Forward, true),
		"ci_forward_deployment_rollback_allowed":           differs(c.Rollback, true),
		"ci_separated_caches":                              differs(c.Caches, true),
		"ci_allow_fork_pipelines_to_run_in_parent_project": differs(c.Forks, true),
		"ci_job_token_scope_enabled":                       differs(c.TokenScope, false),
		"ci_push_repository_for_job_token_allowed":         differs(c.TokenPush, false),
		"ci_delete_pipelines_in_seconds":                   differs(c.DeleteAfter, 0),
		"public_jobs":                                      differs(c.PublicJobs, true),
	} {
		if differs {
			changed = append(changed, name)
		}
	}
	slices.Sort(changed)
	*fact = scan.Known(changed)
}

// differs reports whether a setting was told and is not as usual.
func differs[T comparable](f field[T], usual T) bool { return f.ok() && f.value != usual }

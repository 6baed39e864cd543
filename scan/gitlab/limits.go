package gitlab

import (
	"time"

	"readiness/scan"
)

// endpointLimit is how often one user may ask an endpoint, as GitLab's own limiter
// counts; see pacer.within.
type endpointLimit struct {
	setting  string // of the application: its value is the limit, 0 is none
	since    string // the version whose new installations have it
	requests int64  // by default, in a period
	period   time.Duration
}

// endpointLimits are the limits that are known beforehand, of endpoints that a scan
// asks more than once. Sources: https://docs.gitlab.com/administration/settings/rate_limit_on_projects_api/,
// https://docs.gitlab.com/administration/settings/rate_limit_on_groups_api/ and, for
// the periods, lib/gitlab/application_rate_limiter.rb. GitLab.com has the same:
// https://docs.gitlab.com/user/gitlab_com/#rate-limits-on-gitlabcom.
var endpointLimits = map[string]endpointLimit{
	"GET /projects":            {"projects_api_limit", "18.1", 2000, 10 * time.Minute},
	"GET /projects/:id":        {"project_api_limit", "18.1", 400, time.Minute},
	"GET /groups":              {"groups_api_limit", "18.1", 200, time.Minute},
	"GET /groups/:id":          {"group_api_limit", "18.1", 400, time.Minute},
	"GET /groups/:id/projects": {"group_projects_api_limit", "18.1", 600, time.Minute},
}

// limitEndpoints lets the pacer keep to the limits per endpoint of a version: to
// those that the settings tell or, where the caller may not see them, to the
// defaults.
func (s *Source) limitEndpoints(settings map[string]field[int64]) {
	v := s.version()
	for endpoint, l := range endpointLimits {
		if v.IsZero() || !v.AtLeast(scan.MustVersion(l.since)) {
			continue
		}
		requests := l.requests
		if settings != nil {
			requests = settings[l.setting].value // not told: there is none
		}
		if requests > 0 {
			s.transport.pace.limit(endpoint, requests, l.period)
		}
	}
}

package gitlab

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"

	"readiness/scan"
)

// Instance implements scan.Source.
func (s *Source) Instance(ctx context.Context) (*scan.Instance, error) {
	i := &scan.Instance{URL: s.public, Version: s.metadata.version, Enterprise: s.metadata.enterprise}
	i.OwnHost = s.ownHost()
	i.Caller = scan.Known(s.user.Username)
	way := s.way()
	i.NetworkAddress, i.Certificate, i.CertificateEnds = way.Address, way.Certificate, way.CertificateEnds
	if v, known := s.metadata.version.Get(); known && !v.AtLeast(registryHostSince) {
		s.registry = scan.Missing[string](gapFor(registryHostFact, scan.ReasonTooOld))
	}
	i.RegistryHost = s.registry
	// Settings first: whether they answer tells whether the caller is an
	// administrator, on which the reading of much else depends.
	if err := s.readSettings(ctx, i); err != nil {
		return nil, err
	}
	steps := []func(context.Context, *scan.Instance) error{s.readLicense, s.readStatistics, s.readToken, s.probeGraphQL}
	if s.depth >= scan.Standard {
		steps = append(steps, s.readInstanceLists)
	}
	work, wctx := errgroup.WithContext(ctx)
	for _, step := range steps {
		work.Go(func() error { return step(wctx, i) })
	}
	if !s.admin {
		work.Go(func() error { return s.readGroupLevels(wctx) })
	}
	if err := work.Wait(); err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, err
	}
	// An answer that refused GraphQL would cost all that it alone tells, and may have
	// been a passing one: that is not given up before it was asked a second time.
	if s.graphOff.Load() != nil {
		s.graphOff.Store(nil)
		if err := s.probeGraphQL(ctx, i); err != nil {
			return nil, err
		}
	}
	i.WholeScope = s.wholeScope()
	if v, known := i.Version.Get(); known { // REST may have been silent where GraphQL was not
		s.schema.version = v
	}
	if s.depth < scan.Standard {
		settle(i, scan.Standard, func(id scan.FactID) scan.Gap { return gapFor(id, scan.ReasonNotAsked) })
	} else if err := s.readRootLists(ctx, i); err != nil {
		return nil, err
	}
	if err := s.lookUpListed(ctx); err != nil {
		return nil, err
	}
	settle(i, scan.Quick, func(id scan.FactID) scan.Gap { return s.adminGap(id, scan.ReasonWithheld) })
	settle(i, scan.Standard, func(id scan.FactID) scan.Gap { return s.adminGap(id, scan.ReasonWithheld) })
	return i, nil
}

// adminGap is gapFor, with the cure that an administrator's token without
// admin rights needs: Admin Mode makes it a normal user's.
func (s *Source) adminGap(id scan.FactID, reason scan.Reason) scan.Gap {
	g := gapFor(id, reason)
	if e, ok := scan.Lookup(id); ok && reason != scan.ReasonFeatureOff && tooOld(e, s.version()) {
		g = gapFor(id, scan.ReasonTooOld)
	}
	return s.withAdminMode(g)
}

// lacking is the gap of what whoever has the right is not told: the version is too
// old for it, or the edition or the licence lacks it.
func (s *Source) lacking(id scan.FactID) scan.Gap {
	if e, ok := scan.Lookup(id); ok && tooOld(e, s.version()) {
		return gapFor(id, scan.ReasonTooOld)
	}
	return gapFor(id, scan.ReasonFeatureOff)
}

func (s *Source) withAdminMode(g scan.Gap) scan.Gap {
	if s.user.IsAdmin && !s.admin && strings.Contains(g.Cure, "administrator") {
		g.Cure = "a token with scope admin_mode: the account is an administrator's, but Admin Mode is on"
	}
	return g
}

// settings are the application settings that decide a migration, and none else:
// the full body holds secrets.
type settings struct {
	DirectTransfer     field[bool]           `json:"bulk_import_enabled"`
	ProjectExport      field[bool]           `json:"project_export_enabled"`
	ImportSources      field[[]string]       `json:"import_sources"`
	ProjectCreation    field[int64]          `json:"default_project_creation"`
	MaxExportSize      field[int64]          `json:"max_export_size"` // MiB
	MaintenanceMode    field[bool]           `json:"maintenance_mode"`
	StoragesWeighted   field[map[string]any] `json:"repository_storages_weighted"`
	Storages           field[[]string]       `json:"repository_storages"`
	OfflineExports     field[bool]           `json:"offline_transfer_exports_enabled"`
	Throttle           field[bool]           `json:"throttle_authenticated_api_enabled"`
	ThrottleRequests   field[int64]          `json:"throttle_authenticated_api_requests_per_period"`
	ProjectsLimit      field[int64]          `json:"projects_api_limit"`
	ProjectLimit       field[int64]          `json:"project_api_limit"`
	GroupsLimit        field[int64]          `json:"groups_api_limit"`
	GroupLimit         field[int64]          `json:"group_api_limit"`
	GroupProjectsLimit field[int64]          `json:"group_projects_api_limit"`
	ThrottleSeconds    field[int64]          `json:"throttle_authenticated_api_period_in_seconds"`
	FileTemplates      field[int64]          `json:"file_template_project_id"`
	AdvancedSearch     field[bool]           `json:"elasticsearch_indexing"`
	ProjectExports     field[int64]          `json:"project_export_limit"`
	ProjectDownloads   field[int64]          `json:"project_download_export_limit"`
	GroupExports       field[int64]          `json:"group_export_limit"`
	RelationBatches    field[int64]          `json:"concurrent_relation_batch_export_limit"`
	TokenLifetime      field[int64]          `json:"max_personal_access_token_lifetime"` // days
	DefaultProjectMode field[any]            `json:"default_project_visibility"`         // in every version: proof of the right body
}

func (s *Source) readSettings(ctx context.Context, i *scan.Instance) error {
	var b settings
	c := call{endpoint: scan.ReadSettings, path: "application/settings"}
	_, r, err := s.read(ctx, c, &b)
	if err == nil && r != nil && r.Reason == scan.ReasonForbidden && s.user.IsAdmin {
		// An administrator is refused where Admin Mode is on, or in passing; for that
		// the whole scan would be one without an administrator's rights.
		b = settings{}
		_, r, err = s.read(ctx, c, &b)
	}
	if err != nil {
		return err
	}
	if r != nil {
		s.limitEndpoints(nil)
		switch r.Reason {
		case scan.ReasonForbidden:
			i.CallerAdmin = scan.Known(false)
		default:
			i.CallerAdmin = scan.Missing[bool](r.gap("caller.administrator", s.version()))
		}
		for id, fact := range scan.Facts(i) {
			if e, _ := scan.Lookup(id); e.Read == scan.ReadSettings && scan.IsUnset(fact) {
				scan.Forget(i, id, s.withAdminMode(r.gap(id, s.version())))
			}
		}
		return nil
	}
	s.admin = true
	s.limitEndpoints(map[string]field[int64]{"projects_api_limit": b.ProjectsLimit, "project_api_limit": b.ProjectLimit,
		"groups_api_limit": b.GroupsLimit, "group_api_limit": b.GroupLimit, "group_projects_api_limit": b.GroupProjectsLimit})
	i.CallerAdmin = scan.Known(true)
	i.ApplicationSettings = scan.Known(true)
	b.DirectTransfer.keep(&i.DirectTransfer)
	b.ProjectExport.keep(&i.ProjectExport)
	b.ImportSources.keepOr(&i.ImportSources, []string{})
	b.ProjectCreation.keep(&i.ProjectCreation)
	if b.MaxExportSize.ok() {
		i.MaxExportSize = scan.Known(b.MaxExportSize.value << 20)
	}
	b.MaintenanceMode.keep(&i.MaintenanceMode)
	b.Storages.keep(&i.RepositoryStorages)
	if b.StoragesWeighted.ok() {
		i.RepositoryStorages = scan.Known(sortedKeys(b.StoragesWeighted.value))
	}
	b.OfflineExports.keep(&i.OfflineExports)
	if v, known := i.Version.Get(); known && !b.OfflineExports.said() && !v.AtLeast(offlineTransferSince) {
		i.OfflineExports = scan.Known(false) // nothing there to switch on
	}
	b.Throttle.keep(&i.APIThrottle)
	if b.ThrottleRequests.ok() && b.ThrottleSeconds.ok() && b.ThrottleSeconds.value > 0 {
		i.APIThrottlePerMinute = scan.Known(b.ThrottleRequests.value * 60 / b.ThrottleSeconds.value)
	}
	there(b.FileTemplates, &i.FileTemplateProject)
	b.AdvancedSearch.keep(&i.AdvancedSearch)
	b.ProjectExports.keep(&i.ProjectExportLimit)
	b.ProjectDownloads.keep(&i.ProjectDownloadLimit)
	b.GroupExports.keep(&i.GroupExportLimit)
	b.RelationBatches.keep(&i.RelationBatches)
	b.TokenLifetime.keepOr(&i.TokenLifetime, 0)
	// What an administrator is not told is not there: the version is too old, or
	// the setting belongs to a feature that this edition or licence lacks.
	for id, fact := range scan.Facts(i) {
		if e, _ := scan.Lookup(id); e.Read == scan.ReadSettings && scan.IsUnset(fact) {
			scan.Forget(i, id, s.lacking(id))
		}
	}
	return nil
}

// registryHostSince is the version from which on projects tell the host.
var registryHostSince = scan.MustVersion("13.8")

// offlineTransferSince is the version that offline transfer came with.
// Source: https://docs.gitlab.com/user/import/gitlab_instances/offline-transfer-migrations/
var offlineTransferSince = scan.MustVersion("19.3")

func (s *Source) readLicense(ctx context.Context, i *scan.Instance) error {
	ids := []scan.FactID{"instance.license", "instance.license-seats", "instance.license-seats-used", "instance.license-ends"}
	a, r, err := s.send(ctx, http.MethodGet, call{endpoint: scan.ReadLicense, path: "license"})
	if err != nil {
		return err
	}
	var b struct {
		Plan   field[string] `json:"plan"`
		Seats  field[int64]  `json:"user_limit"`
		Used   field[int64]  `json:"active_users"`
		Expiry field[string] `json:"expires_at"`
	}
	s.note(call{endpoint: scan.ReadLicense}, &b)
	if r == nil && isNull(a.body) { // Enterprise Edition with no licence loaded
		i.Plan = scan.Known("")
		s.plan = i.Plan
		for _, id := range ids[1:] {
			scan.Forget(i, id, because(id, scan.ReasonFeatureOff, "no licence is loaded"))
		}
		return nil
	}
	if r == nil {
		if err := json.Unmarshal(a.body, &b); err != nil {
			r = failure(scan.ReadLicense, err)
		}
	}
	if r != nil {
		for _, id := range ids {
			scan.Forget(i, id, s.withAdminMode(r.gap(id, s.version())))
		}
		s.plan = i.Plan
		return nil
	}
	b.Plan.keep(&i.Plan)
	b.Seats.keep(&i.Seats)
	b.Used.keep(&i.SeatsUsed)
	b.Expiry.keepOr(&i.LicenseEnds, "")
	s.plan = i.Plan
	return nil
}

// readStatistics reads GitLab's own counts, which come as text with thousands
// delimiters ("1,234") and are approximate for large tables.
func (s *Source) readStatistics(ctx context.Context, i *scan.Instance) error {
	var b map[string]any
	_, r, err := s.read(ctx, call{endpoint: scan.ReadStatistics, path: "application/statistics"}, &b)
	if err != nil {
		return err
	}
	for key, f := range map[string]struct {
		id   scan.FactID
		fact *scan.Fact[int64]
	}{
		"projects": {"instance.counted-projects", &i.CountedProjects},
		"groups":   {"instance.counted-groups", &i.CountedGroups},
		"users":    {"instance.counted-users", &i.CountedUsers},
	} {
		n, ok := delimited(b[key])
		switch {
		case r != nil:
			*f.fact = scan.Missing[int64](s.withAdminMode(r.gap(f.id, s.version())))
		case !ok:
			*f.fact = scan.Missing[int64](because(f.id, scan.ReasonFailed, "the answer holds no count of "+key))
		default:
			*f.fact = scan.Known(n)
		}
	}
	return nil
}

// delimited reads "1,234", "1.234", "1 234" or a JSON number.
func delimited(v any) (int64, bool) {
	switch v := v.(type) {
	case float64:
		return int64(v), v >= 0 && v == float64(int64(v))
	case string:
		digits := strings.Map(func(r rune) rune {
			if strings.ContainsRune(",.'’ \u00a0\u202f", r) {
				return -1
			}
			return r
		}, v)
		n, err := strconv.ParseInt(digits, 10, 64)
		return n, err == nil && n >= 0
	}
	return 0, false
}

var resourceBot = regexp.MustCompile(`^(project|group)_\d+_bot`)

func (s *Source) readToken(ctx context.Context, i *scan.Instance) error {
	var b struct {
		Scopes  field[[]string] `json:"scopes"`
		Expires field[string]   `json:"expires_at"`
	}
	const endpoint = "GET /personal_access_tokens/self"
	_, r, err := s.read(ctx, call{endpoint: endpoint, path: "personal_access_tokens/self"}, &b)
	if err != nil {
		return err
	}
	if r != nil {
		if r.Status == http.StatusBadRequest { // an OAuth or job token
			i.TokenPersonal = scan.Known(false)
		}
		for id, fact := range scan.Facts(i) {
			if e, _ := scan.Lookup(id); e.Read == endpoint && scan.IsUnset(fact) {
				scan.Forget(i, id, r.gap(id, s.version()))
			}
		}
		return nil
	}
	b.Scopes.keep(&i.TokenScopes)
	b.Expires.keepOr(&i.TokenExpires, "")
	i.TokenPersonal = scan.Known(!s.user.Bot && !resourceBot.MatchString(s.user.Username))
	return nil
}

// probeGraphQL finds out whether GraphQL answers at all.
func (s *Source) probeGraphQL(ctx context.Context, i *scan.Instance) error {
	a, r, err := s.ask(ctx, func() string { return "query{metadata{version}}" }, nil)
	switch {
	case err != nil:
		return err
	case r == nil && a.data != nil:
		i.GraphQL = scan.Known(true)
		s.versionFromGraphQL(a, i)
	case r != nil && r.Cure == notJSON: // something between here and GitLab answered
		i.GraphQL = scan.Missing[bool](r.gap("instance.graphql", s.version()))
		s.graphOff.Store(r)
	case r != nil && r.Status != 0 && r.Status < 500 && r.Status != http.StatusTooManyRequests:
		i.GraphQL = scan.Known(false)
		r.Cure = "GraphQL answers at /api/graphql: open it for this token, or scan with --depth deep"
		s.graphOff.Store(r)
	default:
		i.GraphQL = scan.Missing[bool](r.gap("instance.graphql", s.version()))
	}
	return nil
}

func (s *Source) versionFromGraphQL(a graphAnswer, i *scan.Instance) {
	if _, known := i.Version.Get(); known {
		return
	}
	var m struct {
		Version string `json:"version"`
	}
	if json.Unmarshal(a.data["metadata"], &m) != nil {
		return
	}
	if v, err := scan.ParseVersion(m.Version); err == nil {
		i.Version = scan.Known(v)
	}
}

// wholeScope reports whether nothing in the scope is hidden from the caller: who
// has a role in a group sees all that lies below it.
// Source: https://docs.gitlab.com/user/permissions/
func (s *Source) wholeScope() scan.Fact[bool] {
	whole := len(s.scope) > 0
	for _, g := range s.scope {
		whole = whole && s.groupLevels[g.id] > 0
	}
	if s.admin || whole {
		return scan.Known(true)
	}
	return scan.Missing[bool](s.withAdminMode(gapFor("caller.whole-scope", scan.ReasonWithheld)))
}

// readGroupLevels learns in which groups a caller who is no administrator has
// which role: the listing of groups does not say.
func (s *Source) readGroupLevels(ctx context.Context) error {
	levels := map[int64]int64{}
	for _, level := range []int64{reporter, owner} {
		groups, r, err := walk[struct {
			ID int64 `json:"id"`
		}](ctx, s, call{endpoint: scan.ReadGroups, path: "groups",
			query: url.Values{"min_access_level": {strconv.FormatInt(level, 10)}, "order_by": {"id"}, "sort": {"asc"}}})
		if err != nil {
			return err
		}
		if r != nil {
			s.log("%s: %s", scan.ReadGroups, r.short())
		}
		for _, g := range groups {
			levels[g.ID] = max(levels[g.ID], level)
		}
	}
	s.groupLevels = levels
	return nil
}

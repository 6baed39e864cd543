package gitlab

import (
	"context"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"readiness/scan"
)

// Destination reads what decides an import at the GitLab that the source is
// opened for, with GET only. parent is the full path of the group that
// everything goes under, "" if none was stated; people are the accounts of the
// migration's source. What is refused is a gap; an error ends the reading: the
// context's, one that ends a scan, or one of people.
func (s *Source) Destination(ctx context.Context, parent string, people iter.Seq2[*scan.User, error], at time.Time) (*scan.Destination, error) {
	d := &scan.Destination{URL: s.public, Parent: parent, ReadAt: at.UTC().Truncate(time.Second), Version: s.metadata.version}
	for _, step := range []func(context.Context, *scan.Destination) error{s.destinationSettings, s.destinationLicense, s.destinationParent, s.takenPaths} {
		if err := step(ctx, d); err != nil {
			return nil, err
		}
	}
	if err := s.people(ctx, d, people); err != nil {
		return nil, err
	}
	d.Lack(scan.Gap{Reason: scan.ReasonWithheld, Cure: "an administrator's token for the destination; for GitLab.com ask the group's Owner"})
	return d, nil
}

// destinationCure is what a reading of the destination takes.
const destinationCure = "a token with scope read_api of an administrator of the destination"

// lacking makes a gap of a refusal for facts that no catalogue names.
func (r *refusal) lacking() scan.Gap {
	g := scan.Gap{Reason: r.Reason, Status: r.Status, Endpoint: r.Endpoint, Cure: r.Cure}
	if g.Cure == "" {
		g.Cure = destinationCure
	}
	return g
}

func (s *Source) destinationSettings(ctx context.Context, d *scan.Destination) error {
	var b struct {
		DirectTransfer   field[bool]     `json:"bulk_import_enabled"`
		ImportSources    field[[]string] `json:"import_sources"`
		MaxImport        field[int64]    `json:"max_import_size"`                    // MiB
		MaxDownload      field[int64]    `json:"bulk_import_max_download_file_size"` // MiB
		MaxDecompressed  field[int64]    `json:"max_decompressed_archive_size"`      // MiB
		Restricted       field[[]string] `json:"restricted_visibility_levels"`
		Visibility       field[string]   `json:"default_project_visibility"`
		Throttle         field[bool]     `json:"throttle_authenticated_api_enabled"`
		ThrottleRequests field[int64]    `json:"throttle_authenticated_api_requests_per_period"`
		ThrottleSeconds  field[int64]    `json:"throttle_authenticated_api_period_in_seconds"`
	}
	_, r, err := s.read(ctx, call{endpoint: scan.ReadSettings, path: "application/settings"}, &b)
	if err != nil {
		return err
	}
	if r != nil {
		g := r.lacking()
		d.DirectTransfer, d.ImportSources = scan.Missing[bool](g), scan.Missing[[]string](g)
		d.MaxImportSize, d.MaxDownloadSize, d.MaxDecompressedSize = scan.Missing[int64](g), scan.Missing[int64](g), scan.Missing[int64](g)
		d.RestrictedVisibility, d.DefaultVisibility = scan.Missing[[]string](g), scan.Missing[string](g)
		d.APIThrottle, d.APIThrottlePerMinute = scan.Missing[bool](g), scan.Missing[int64](g)
		return nil
	}
	b.DirectTransfer.keep(&d.DirectTransfer)
	b.ImportSources.keepOr(&d.ImportSources, []string{})
	b.Restricted.keepOr(&d.RestrictedVisibility, []string{})
	b.Visibility.keep(&d.DefaultVisibility)
	b.Throttle.keep(&d.APIThrottle)
	for _, size := range []struct {
		from field[int64]
		to   *scan.Fact[int64]
	}{{b.MaxImport, &d.MaxImportSize}, {b.MaxDownload, &d.MaxDownloadSize}, {b.MaxDecompressed, &d.MaxDecompressedSize}} {
		if size.from.ok() {
			*size.to = scan.Known(size.from.value << 20)
		}
	}
	if b.ThrottleRequests.ok() && b.ThrottleSeconds.ok() && b.ThrottleSeconds.value > 0 {
		d.APIThrottlePerMinute = scan.Known(b.ThrottleRequests.value * 60 / b.ThrottleSeconds.value)
	}
	return nil
}

func (s *Source) destinationLicense(ctx context.Context, d *scan.Destination) error {
	i := &scan.Instance{}
	if err := s.readLicense(ctx, i); err != nil {
		return err
	}
	d.Plan, d.Seats, d.SeatsUsed = i.Plan, i.Seats, i.SeatsUsed
	return nil
}

func (s *Source) destinationParent(ctx context.Context, d *scan.Destination) error {
	if d.Parent == "" {
		g := scan.Gap{Reason: scan.ReasonNotAsked, Cure: "--destination-parent"}
		d.ParentVisibility, d.ParentTwoFactor, d.ParentPushRule, d.ParentRunners = scan.Missing[string](g), scan.Missing[bool](g), scan.Missing[bool](g), scan.Missing[string](g)
		d.ParentAddresses, d.ParentDomains = scan.Missing[[]string](g), scan.Missing[[]string](g)
		return nil
	}
	path := "groups/" + url.PathEscape(d.Parent)
	var b struct {
		Visibility field[string] `json:"visibility"`
		TwoFactor  field[bool]   `json:"require_two_factor_authentication"`
		Addresses  field[string] `json:"ip_restriction_ranges"`
		Domains    field[string] `json:"allowed_email_domains_list"`
		Runners    field[string] `json:"shared_runners_setting"`
	}
	_, r, err := s.read(ctx, call{endpoint: "GET /groups/:id", path: path, query: url.Values{"with_projects": {"false"}}}, &b)
	if err != nil {
		return err
	}
	if r != nil {
		g := r.lacking()
		d.ParentVisibility, d.ParentTwoFactor, d.ParentPushRule, d.ParentRunners = scan.Missing[string](g), scan.Missing[bool](g), scan.Missing[bool](g), scan.Missing[string](g)
		d.ParentAddresses, d.ParentDomains = scan.Missing[[]string](g), scan.Missing[[]string](g)
		return nil
	}
	b.Visibility.keep(&d.ParentVisibility)
	b.TwoFactor.keep(&d.ParentTwoFactor)
	b.Runners.keep(&d.ParentRunners)
	if b.Addresses.ok() {
		d.ParentAddresses = scan.Known(splitList(b.Addresses.value))
	}
	if b.Domains.ok() {
		d.ParentDomains = scan.Known(splitList(b.Domains.value))
	}
	a, r, err := s.send(ctx, http.MethodGet, call{endpoint: "GET /groups/:id/push_rule", path: path + "/push_rule"})
	switch {
	case err != nil:
		return err
	case r != nil:
		d.ParentPushRule = scan.Missing[bool](r.lacking())
	default:
		d.ParentPushRule = scan.Known(!isNull(a.body))
	}
	return nil
}

// splitList takes apart what GitLab writes with commas.
func splitList(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' })
}

// takenPaths lists what is below the parent, or all groups and projects at the
// top that the token sees.
func (s *Source) takenPaths(ctx context.Context, d *scan.Destination) error {
	type placed struct {
		Group   string `json:"full_path"`
		Project string `json:"path_with_namespace"`
	}
	calls := []call{{endpoint: "GET /groups", path: "groups", query: url.Values{"top_level_only": {"true"}, "all_available": {"true"}}}}
	if d.Parent != "" {
		path := "groups/" + url.PathEscape(d.Parent)
		calls = []call{
			{endpoint: "GET /groups/:id/descendant_groups", path: path + "/descendant_groups"},
			{endpoint: "GET /groups/:id/projects", path: path + "/projects", query: url.Values{"include_subgroups": {"true"}, "simple": {"true"}, "with_shared": {"false"}}},
		}
	}
	taken := []string{}
	for _, c := range calls {
		found, r, err := walk[placed](ctx, s, c)
		if err != nil {
			return err
		}
		if r != nil {
			d.Taken = scan.Missing[[]string](r.lacking())
			return nil
		}
		for _, p := range found {
			taken = append(taken, strings.ToLower(p.Group+p.Project))
		}
	}
	slices.Sort(taken)
	d.Taken = scan.Known(slices.Compact(taken))
	return nil
}

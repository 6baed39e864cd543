package scan

import "time"

// Destination is the GitLab that a migration goes to, as far as a token of its
// own could read it. It is a part of a snapshot by itself: what it says is about
// nothing that the source holds.
type Destination struct {
	URL    string    `json:"url"`
	Parent string    `json:"parent,omitempty"` // full path of the group that everything goes under; "": none was stated
	ReadAt time.Time `json:"read_at"`

	Version   Fact[Version] `json:"version"`
	Plan      Fact[string]  `json:"plan"` // starter, premium, ultimate; "": no licence loaded
	Seats     Fact[int64]   `json:"seats"`
	SeatsUsed Fact[int64]   `json:"seats_used"`

	// Settings that decide an import.
	DirectTransfer       Fact[bool]     `json:"bulk_import_enabled"`
	ImportSources        Fact[[]string] `json:"import_sources"`
	MaxImportSize        Fact[int64]    `json:"max_import_size"`                     // bytes; 0: unlimited
	MaxDownloadSize      Fact[int64]    `json:"bulk_import_max_download_file_size"`  // bytes; 0: unlimited
	MaxDecompressedSize  Fact[int64]    `json:"max_decompressed_archive_size"`       // bytes; 0: unlimited
	RestrictedVisibility Fact[[]string] `json:"restricted_visibility_levels"`        // visibilities that only administrators may use
	DefaultVisibility    Fact[string]   `json:"default_project_visibility"`          // private, internal, public
	APIThrottle          Fact[bool]     `json:"throttle_authenticated_api_enabled"`  // requests of one account are limited
	APIThrottlePerMinute Fact[int64]    `json:"throttle_authenticated_api_requests"` // in its period, brought to a minute

	// The parent group and its gates.
	ParentVisibility Fact[string]   `json:"parent_visibility"`
	ParentTwoFactor  Fact[bool]     `json:"parent_require_two_factor"`
	ParentAddresses  Fact[[]string] `json:"parent_ip_restriction_ranges"`
	ParentDomains    Fact[[]string] `json:"parent_allowed_email_domains"`
	ParentPushRule   Fact[bool]     `json:"parent_push_rule"` // a push rule that can refuse commits
	// ParentRunners is GitLab's shared_runners_setting: enabled,
	// disabled_and_overridable or disabled_and_unoverridable.
	ParentRunners Fact[string] `json:"parent_shared_runners_setting"`

	// Taken are the full paths of groups and projects that are there already,
	// below the parent or at the top, in lower case.
	Taken Fact[[]string] `json:"taken_paths"`

	// The source's people there: how many have an account by their e-mail address,
	// and of how many an account with another address has the user name.
	KnownAddresses Fact[int64] `json:"known_addresses"`
	TakenNames     Fact[int64] `json:"taken_user_names"`
}

// DestinationFact is one fact of a destination with its name for people.
type DestinationFact struct {
	Title string
	Unit  Unit
	Read  Read
}

// Facts lists the destination's facts. The Reads point into d.
func (d *Destination) Facts() []DestinationFact {
	return []DestinationFact{
		{"GitLab version", Text, &d.Version},
		{"Licensed plan", Text, &d.Plan},
		{"Seats of the licence", Count, &d.Seats},
		{"Seats in use", Count, &d.SeatsUsed},
		{"Direct transfer is switched on", Flag, &d.DirectTransfer},
		{"Import sources that are switched on", Text, &d.ImportSources},
		{"Largest import file (0: unlimited)", Bytes, &d.MaxImportSize},
		{"Largest download of direct transfer (0: unlimited)", Bytes, &d.MaxDownloadSize},
		{"Largest unpacked archive (0: unlimited)", Bytes, &d.MaxDecompressedSize},
		{"Visibilities that are restricted", Text, &d.RestrictedVisibility},
		{"Default visibility of projects", Text, &d.DefaultVisibility},
		{"API requests of an account are throttled", Flag, &d.APIThrottle},
		{"API requests of an account a minute", Count, &d.APIThrottlePerMinute},
		{"Parent group: visibility", Text, &d.ParentVisibility},
		{"Parent group: two-factor authentication required", Flag, &d.ParentTwoFactor},
		{"Parent group: addresses it admits", Text, &d.ParentAddresses},
		{"Parent group: e-mail domains it admits", Text, &d.ParentDomains},
		{"Parent group: push rule", Flag, &d.ParentPushRule},
		{"Parent group: instance runners", Text, &d.ParentRunners},
		{"Paths that are taken", Text, &d.Taken},
		{"People of the source with an account there", Count, &d.KnownAddresses},
		{"User names of the source that others have there", Count, &d.TakenNames},
	}
}

// Lack gives every fact that nobody has answered for the gap g.
func (d *Destination) Lack(g Gap) {
	for _, f := range d.Facts() {
		if IsUnset(f.Read) {
			f.Read.setGap(&g)
		}
	}
}

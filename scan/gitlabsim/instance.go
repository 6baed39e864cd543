package gitlabsim

import (
	"time"

	"readiness/scan"
)

// Instance is what exists once in the world, with every value.
type Instance struct {
	URL                string
	Version            scan.Version
	Tier               Tier
	License            License // zero where none is loaded
	Settings           Settings
	SystemHooks        []Webhook
	Applications       []Application
	FeatureFlags       []FeatureFlag
	Variables          []Variable
	BroadcastMessages  []Broadcast
	Topics             []string
	Appearance         Appearance
	GeoSites           []GeoSite
	InstanceRunners    int64
	GroupRunners       int64
	ProjectRunners     int64
	PublicDeployKeys   int64
	DeployTokens       int64
	PagesDomains       int64
	ProjectSnippets    int64
	PersonalSnippets   int64
	ActiveAccessTokens int64

	Clusters        int64
	AuditEvents     int64
	CustomRoles     int64
	AuditStreams    int64
	PolicyGroup     int64 // the group whose security policies hold for all; 0: none
	ServiceAccounts int64
	CodeSearchNodes int64
}

// License is the licence that is loaded.
type License struct {
	Plan          string // premium, ultimate
	Seats         int64
	SeatsUsed     int64
	Starts, Ends  string // YYYY-MM-DD
	HistoricalMax int64
}

// Settings are those application settings that vary or matter; the server
// serves them among others that never change.
type Settings struct {
	DirectTransfer      bool
	ProjectExport       bool
	ImportSources       []string
	ProjectCreation     int64
	MaxExportSize       int64 // MiB, as GitLab stores it; 0: unlimited
	MaintenanceMode     bool
	RepositoryStorages  []string
	OfflineExports      bool
	Throttle            bool
	ThrottleRequests    int64
	ThrottlePeriod      int64 // seconds
	FileTemplateProject int64 // 0: none
	AdvancedSearch      bool
	ProjectExports      int64 // a minute; 0: no limit
	ProjectDownloads    int64
	GroupExports        int64
	RelationBatches     int64
	TokenLifetime       int64 // days; 0: no limit was set
	AdminMode           bool
	SignupEnabled       bool
}

// Application is an OAuth application of the instance.
type Application struct {
	ID                       int64
	UID, Name, Callback, Key string
}

// FeatureFlag is a development flag that somebody set.
type FeatureFlag struct{ Name, State string }

// Broadcast is a broadcast message.
type Broadcast struct {
	ID           int64
	Message      string
	Starts, Ends time.Time
}

// Appearance is how the sign-in page was changed.
type Appearance struct{ Title, Description, HeaderMessage string }

// GeoSite is a site of a Geo deployment.
type GeoSite struct {
	ID        int64
	Name, URL string
	Primary   bool
}

// Instance returns what exists once.
func (w *World) Instance() Instance {
	d := func(what string) draw { return w.draw(ofInstance, 0, what) }
	in := Instance{URL: w.ExternalURL(), Version: w.cfg.Version, Tier: w.cfg.Tier,
		Settings: Settings{
			DirectTransfer:     d("direct-transfer").chance(50),
			ProjectExport:      true,
			ImportSources:      []string{"github", "bitbucket", "git", "gitlab_project"},
			ProjectCreation:    2, // developers and maintainers
			MaxExportSize:      []int64{0, 5120, 10240}[d("max-export").below(3)],
			RepositoryStorages: []string{"default", "nfs-02"},
			Throttle:           d("throttle").chance(50),
			ThrottleRequests:   7200,
			ThrottlePeriod:     3600,
			ProjectExports:     6, ProjectDownloads: 1, GroupExports: 6, RelationBatches: 8,
			AdminMode:     true,
			SignupEnabled: false,
		},
		SystemHooks:      w.webhooks(d("system-hooks"), 0, w.systemHooks()),
		Variables:        w.InstanceVariables(),
		FeatureFlags:     []FeatureFlag{{"gitaly_new_gc", "on"}, {"legacy_runner_page", "off"}, {"project_daily_export", "conditional"}},
		Topics:           topicWords,
		InstanceRunners:  int64(w.instanceRunners()),
		GroupRunners:     int64(w.groupRunners.total()),
		ProjectRunners:   int64(w.projectRunners.total()),
		PublicDeployKeys: int64(w.publicKeys()),
		DeployTokens:     int64(w.deployTokenCount()),
		PagesDomains:     int64(w.present(w.domains)),
		ProjectSnippets:  int64(w.present(w.snippets)), PersonalSnippets: int64(w.personalSnippets.total()),
		ActiveAccessTokens: int64(w.accessTokens.total()),
	}
	if w.churn != nil && w.churn.directTransfer {
		in.Settings.DirectTransfer = true
	}
	if w.since(15, 0) && w.certificateClusters() {
		in.FeatureFlags = append(in.FeatureFlags, FeatureFlag{"certificate_based_clusters", "on"})
	}
	if w.since(16, 7) && w.groupApprovals() {
		in.FeatureFlags = append(in.FeatureFlags, FeatureFlag{"approval_group_rules", "on"})
	}
	if t := w.cfg.Throttle; t.on() {
		in.Settings.Throttle, in.Settings.ThrottleRequests, in.Settings.ThrottlePeriod = true, int64(t.Requests), int64(t.Period/time.Second)
	}
	for i, name := range []string{"Grafana", "Mattermost", "=HYPERLINK(\"x\")", "VS Code"} {
		in.Applications = append(in.Applications, Application{ID: int64(i + 1), Name: name, UID: d("application").again(i).hex(64),
			Callback: "https://" + []string{"grafana", "chat", "wiki", "editor"}[i] + ".example.com/callback"})
	}
	in.BroadcastMessages = []Broadcast{
		{1, "Maintenance on Saturday <b>from 8</b>", w.ago(3), w.ago(-4)},
		{2, "Welcome", w.ago(400), w.ago(380)},
	}
	if d("appearance").chance(60) {
		in.Appearance = Appearance{Title: "Example Git", Description: "Ask #git for help"}
	}
	if w.cfg.Tier.Licensed() {
		used := w.counted().seats
		in.License = License{Plan: string(w.cfg.Tier), Seats: used + used/5 + 5, SeatsUsed: used,
			Starts: w.day(w.ago(200)), Ends: w.day(w.ago(-165)), HistoricalMax: used + 2}
		in.GeoSites = []GeoSite{{1, "primary", w.ExternalURL(), true}, {2, "secondary-eu", "https://geo.example.com", false}}
		in.Settings.FileTemplateProject = w.projectID(0)
		in.Settings.AdvancedSearch = d("advanced-search").chance(40)
		if w.cfg.Tier == Ultimate && d("token-lifetime").chance(60) {
			in.Settings.TokenLifetime = pick(d("token-days"), []int64{30, 90, 180})
		}
	}
	w.administer(&in)
	w.soundInstance(&in)
	return in
}

func (w *World) systemHooks() int {
	if w.cfg.Sound {
		return w.sow(0, 0, "system-hooks")
	}
	return 2
}

// counted are the sums over a whole world. Large ones are estimated from a
// sample, as GitLab itself estimates large tables.
type counted struct {
	activeUsers                                         int64 // not GitLab's own accounts: User.active
	seats                                               int64 // active people
	forks, issues, mergeRequests, milestones, pipelines int64
}

const sampleSize = 1000

func (w *World) counted() counted {
	w.countOnce.Do(func() {
		c := &w.counts
		for i := range w.users {
			if w.userState(i) != "active" {
				continue
			}
			switch w.userKind(i) {
			case scan.KindHuman:
				c.seats++
				c.activeUsers++
			case scan.KindProjectBot, scan.KindServiceAccount:
				c.activeUsers++
			}
		}
		n := min(w.projects, sampleSize)
		for k := range n {
			p := w.project(k * (w.projects / n))
			c.issues += p.Issues
			c.mergeRequests += p.MergeRequests
			c.milestones += p.Milestones
			c.pipelines += p.Pipelines
			if p.ForkedFrom != 0 {
				c.forks++
			}
		}
		for _, sum := range []*int64{&c.forks, &c.issues, &c.mergeRequests, &c.milestones, &c.pipelines} {
			*sum = *sum * int64(w.projects) / int64(n)
		}
	})
	return w.counts
}

// approximate is what GitLab says of a table with n rows: the truth for a
// small one, an estimate of the database for a large one.
// Source: lib/gitlab/database/count.rb.
func approximate(n int64) int64 {
	if n < 10_000 {
		return n
	}
	return n - n*7/1000
}

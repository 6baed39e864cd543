package checks

import "readiness/scan"

// instanceCases are those of the checks on the instance, both versions, the
// destination and the way between.
var instanceCases = map[string][]given{
	"air-gap-congregate-carries-less": {inOrder, unread("project.deploy-keys"), unread("project.container-registry"),
		unread("project.package-registry"), unread("project.webhooks"), cutList(scan.LevelProject),
		{"a deploy key", onProject(func(p *scan.Project) { p.DeployKeys = scan.Known[int64](1) }), Violated},
		{"packages", onProject(func(p *scan.Project) { p.Packages = scan.Listed([]scan.PackageCount{{Type: "npm", Count: 3}}) }), Violated},
		unread("project.feature-flags"), unread("project.push-rules"), unread("project.approval-rules"),
		{"a feature flag", onProject(func(p *scan.Project) { p.FeatureFlags = scan.Known[int64](1) }), Violated},
		{"an approval rule", onProject(func(p *scan.Project) {
			p.ApprovalRules = scan.Listed([]scan.ApprovalRule{{Type: "regular", Required: 1}})
		}), Violated},
		{"a push rule", onProject(func(p *scan.Project) { p.PushRules = scan.Known([]string{"member_check"}) }), Violated},
	},
	"destination-gitlab-com-gaps": {inOrder, unread("instance.system-hooks"), unread("instance.runners"), unread("instance.cicd-variables"),
		unread("instance.file-templates"), unread("instance.geo-sites"),
		{"instance runners", onInstance(func(i *scan.Instance) { i.Runners = scan.Known[int64](1) }), Violated},
		{"one in use, another unread", func(w *world, _ *Target) {
			w.instance.GeoSites = scan.Known[int64](2)
			w.forget("instance.runners")
		}, Violated},
	},
	"destination-dedicated-gaps": {inOrder, unread("project.service-desk"), unread("project.pages-domains"), unread("user.identities"), unread("instance.feature-flags"),
		{"Service Desk", onProject(func(p *scan.Project) { p.ServiceDesk = scan.Known(true) }), Violated},
		{"LDAP", onUser(func(u *scan.User) { u.Identities = scan.Listed([]scan.Identity{{Provider: "ldapmain"}}) }), Violated},
		{"not Ultimate", func(_ *world, t *Target) { t.Tier = Premium }, Violated},
	},
	"version-direct-transfer-minor-gap": {inOrder, unread("instance.version"),
		{"at the limit", sourceVersion("19.3.7"), OK},
		{"one further", sourceVersion("19.2.99"), Violated},
		{"across majors, at the limit", func(w *world, t *Target) {
			sourceVersion("17.10.0")(w, t)
			t.Version = scan.MustVersion("18.0")
		}, OK},
		{"across majors, one further", func(w *world, t *Target) {
			sourceVersion("17.9.0")(w, t)
			t.Version = scan.MustVersion("18.0")
		}, Violated},
		{"newer source is another rule's", sourceVersion("19.6.0"), OK},
		{"waived from GitLab.com to Dedicated", func(w *world, t *Target) {
			sourceVersion("18.0.0")(w, t)
			w.instance.URL, t.Destination = "https://gitlab.com", Dedicated
		}, OK},
	},
	"version-file-export-minor-gap": {inOrder, unread("instance.version"),
		{"at the limit", sourceVersion("19.3.0"), OK},
		{"one further", sourceVersion("19.2.0"), Violated},
	},
	"version-destination-older": {inOrder, unread("instance.version"),
		{"a patch older only", sourceVersion("19.5.9"), OK},
		{"a minor older", sourceVersion("19.6.0"), Violated},
	},
	"version-restore-exact-match": {inOrder, unread("instance.version"),
		{"another patch", func(w *world, t *Target) { t.Version = scan.MustVersion("19.5.1") }, Violated},
		{"another minor", sourceVersion("19.4.0"), Violated},
		{"patch not stated", sourceVersion("19.5.2"), Question},
	},
	"geo-version-exact-match": {inOrder, unread("instance.version"),
		{"another minor", sourceVersion("19.4.0"), Violated},
		{"patch not stated", sourceVersion("19.5.2"), Question},
	},
	"version-below-direct-transfer-floor": {inOrder, unread("instance.version"),
		{"below GitLab's floor", sourceVersion("16.7.9"), Violated},
		{"between the floors", sourceVersion("16.10.0"), Violated},
		{"at the baseline", sourceVersion("16.11.0"), OK},
		{"destination below", func(w *world, t *Target) { t.Version = scan.MustVersion("16.7") }, Violated},
		{"destination below, source unread", func(w *world, t *Target) {
			t.Version = scan.MustVersion("16.7")
			w.forget("instance.version")
		}, Violated},
	},
	"version-required-upgrade-stops": {inOrder, unread("instance.version"),
		{"near enough", sourceVersion("19.3.0"), OK},
		{"too far", sourceVersion("19.2.0"), Violated},
	},
	"version-offline-transfer-prerequisites": {inOrder, unread("instance.version"), unread("instance.offline-transfer-exports-enabled"),
		{"source too old, its setting unread", func(w *world, t *Target) {
			sourceVersion("19.2.0")(w, t)
			w.forget("instance.offline-transfer-exports-enabled")
		}, Violated},
		{"source at the first version", sourceVersion("19.3.0"), OK},
		{"destination too old", func(_ *world, t *Target) { t.Version = scan.MustVersion("19.2") }, Violated},
		{"switched off", onInstance(func(i *scan.Instance) { i.OfflineExports = scan.Known(false) }), Violated},
	},
	"instance-direct-transfer-disabled": {inOrder, unread("instance.bulk-import-enabled"),
		{"off", onInstance(func(i *scan.Instance) { i.DirectTransfer = scan.Known(false) }), Violated},
	},
	"instance-file-export-or-import-disabled": {inOrder, unread("instance.project-export-enabled"),
		{"off", onInstance(func(i *scan.Instance) { i.ProjectExport = scan.Known(false) }), Violated},
	},
	"instance-project-creation-no-one": {inOrder, unread("instance.default-project-creation"), unread("group.project-creation-level"), cutList(scan.LevelGroup),
		{"the instance's default", onInstance(func(i *scan.Instance) { i.ProjectCreation = scan.Known[int64](0) }), Violated},
		{"one group", onGroup(func(g *scan.Group) { g.ProjectCreation = scan.Known("noone") }), Violated},
	},
	"instance-maintenance-mode-and-freeze": {inOrder, unread("instance.maintenance-mode"),
		{"on", onInstance(func(i *scan.Instance) { i.MaintenanceMode = scan.Known(true) }), Violated},
	},
	"instance-server-and-system-hooks": {inOrder, unread("instance.system-hooks"),
		{"one hook", onInstance(func(i *scan.Instance) { i.SystemHooks = scan.Known[int64](1) }), Violated},
	},
	"instance-restore-secrets-and-layout": onlyAsks,
	"destination-namespace-not-ready":     onlyAsks,
	"network-plain-http-source": {inOrder, cutList(scan.LevelProject),
		{"a page address", onProject(func(p *scan.Project) { p.WebURL = "http://gitlab.example.com/group-1/project-1" }), Violated},
		{"the scan's own way in does not count", onInstance(func(i *scan.Instance) { i.URL = "http://localhost:8080" }), OK},
		{"nothing but the scan's own way in", func(w *world, _ *Target) {
			w.groups, w.projects, w.instance.URL = nil, nil, "http://gitlab.example.com"
		}, Violated},
		{"nobody answered", func(w *world, _ *Target) {
			w.groups, w.projects = nil, nil
			w.forget("instance.version")
		}, Unknown},
	},
	"network-destination-reaches-source": onlyAsks,
	"network-untrusted-certificate": {inOrder, unread("instance.certificate"),
		{"self-signed", onInstance(func(i *scan.Instance) { i.Certificate = scan.Known("self-signed") }), Violated},
		{"plain HTTP", onInstance(func(i *scan.Instance) { i.Certificate = scan.Known(scan.CertificateNone) }), OK},
	},
	"network-private-source-address": {inOrder, unread("instance.address"),
		{"private from where the scan ran", onInstance(func(i *scan.Instance) { i.NetworkAddress = scan.Known(scan.AddressPrivate) }), Question},
	},
	"destination-tier-or-edition-lower": {inOrder, unread("instance.license"),
		{"higher", func(_ *world, t *Target) { t.Tier = Premium }, Violated},
		{"none to Free", func(w *world, t *Target) { w.instance.Plan, t.Tier = scan.Known(""), Free }, OK},
		{"a plan nobody knows", onInstance(func(i *scan.Instance) { i.Plan = scan.Known("opensource") }), Question},
	},
	"geo-license": {inOrder, unread("instance.license"),
		{"none", onInstance(func(i *scan.Instance) { i.Plan = scan.Known("") }), Violated},
		{"premium is enough", onInstance(func(i *scan.Instance) { i.Plan = scan.Known("premium") }), OK},
		{"starter is not", onInstance(func(i *scan.Instance) { i.Plan = scan.Known("starter") }), Violated},
		{"a plan nobody knows", onInstance(func(i *scan.Instance) { i.Plan = scan.Known("opensource") }), Question},
	},
	"destination-not-empty-for-restore": onlyAsks,
	"instance-level-configuration": {inOrder, unread("instance.cicd-variables"), unread("instance.oauth-applications"), unread("instance.runners"),
		unread("instance.broadcast-messages"), unread("instance.appearance"), unread("instance.file-templates"),
		{"an application", onInstance(func(i *scan.Instance) { i.Applications = scan.Known[int64](1) }), Violated},
		{"an appearance, the runners unread", func(w *world, _ *Target) {
			w.instance.Appearance = scan.Known(true)
			w.forget("instance.runners")
		}, Violated},
	},
	"limits-source-and-destination-throttling": {inOrder, unread("instance.api-throttle"),
		{"on", onInstance(func(i *scan.Instance) { i.APIThrottle = scan.Known(true) }), Violated},
		{"on, its rate unread", func(w *world, _ *Target) {
			w.instance.APIThrottle = scan.Known(true)
			w.forget("instance.api-throttle-per-minute")
		}, Violated},
		{"at the destination, the source's unread", func(w *world, t *Target) {
			t.Read = &scan.Destination{APIThrottle: scan.Known(true), APIThrottlePerMinute: scan.Known[int64](120)}
			w.forget("instance.api-throttle")
		}, Violated},
		{"not at the destination either", func(_ *world, t *Target) { t.Read = &scan.Destination{APIThrottle: scan.Known(false)} }, OK},
	},
	"instance-temporary-disk-space":       onlyAsks,
	"instance-sidekiq-not-dimensioned":    onlyAsks,
	"instance-object-storage-not-proxied": onlyAsks,
	"network-proxy-limits":                onlyAsks,
	"network-allow-lists":                 onlyAsks,
	"air-gap-object-store-access":         onlyAsks,
	"destination-capacity":                onlyAsks,
	"air-gap-method-eligibility":          onlyAsks,
}

package checks_test

import (
	"iter"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"readiness/checks"
	"readiness/checks/matrix"
	"readiness/scan"
	"readiness/scan/gitlabsim"
)

// consequences are what else a planted violation breaks, and has to: one fact
// that several rules judge.
var consequences = map[string][]string{
	"air-gap-congregate-carries-less":         {"security-deploy-keys"},
	"air-gap-late-size-failure":               {"lfs-objects-need-verification", "size-lfs-or-uploads-relation-over-5gib"},
	"air-gap-one-by-one-volume":               {"groups-wave-size", "limits-import-export-rates"},
	"ci-job-token-access":                     {"scope-cross-wave-dependencies"},
	"ci-external-config-path":                 {"scope-cross-wave-dependencies"},
	"ci-cross-project-pipelines":              {"scope-cross-wave-dependencies"},
	"ci-image-from-source-registry":           {"ci-hard-coded-source-host-or-ip", "scope-cross-wave-dependencies"},
	"ci-include-project":                      {"scope-cross-wave-dependencies"},
	"projects-absolute-references":            {"scope-cross-wave-dependencies"},
	"ci-variables-hidden":                     {"ci-variables-not-carried"},
	"destination-dedicated-gaps":              {"projects-minor-features"},
	"destination-gitlab-com-gaps":             {"ci-variables-not-carried", "instance-level-configuration"},
	"geo-version-exact-match":                 {"version-restore-exact-match"},
	"groups-settings-not-carried":             {"integrations-webhooks-not-carried"},
	"groups-wave-size":                        {"limits-import-export-rates"},
	"integrations-external-ci":                {"integrations-active"},
	"integrations-webhooks-to-internal-hosts": {"integrations-webhooks-not-carried"},
	"limits-gitlab-com-plan-quotas":           {"ci-schedules-and-triggers"},
	"limits-timeouts":                         {"projects-links-and-dependencies", "projects-many-issues-or-merge-requests"},
	"packages-unsupported-by-congregate":      {"packages-not-carried"},
	"projects-many-issues-or-merge-requests":  {"projects-links-and-dependencies"},
	"projects-snippets-disabled":              {"scope-offline-transfer-omissions"},
	"registry-blocks-restructuring":           {"registry-images-not-carried"},
	"registry-images-not-carried":             {"registry-blocks-restructuring"},
	"runners-instance-runners-in-use":         {"destination-gitlab-com-gaps", "instance-level-configuration"},
	"security-push-rules":                     {"groups-settings-not-carried"},
	"size-backup-command-not-viable":          {"air-gap-late-size-failure", "size-decompressed-archive", "size-repository-over-5gib", "size-wave-and-project-volume"},
	"size-decompressed-archive":               {"scope-offline-transfer-omissions", "size-wave-and-project-volume"},
	"size-gitlab-com-storage-quota": {"air-gap-late-size-failure", "size-decompressed-archive", "size-project-export-over-limit",
		"size-repository-over-5gib", "size-wave-and-project-volume"},
	"size-lfs-or-uploads-relation-over-5gib": {"air-gap-late-size-failure"},
	"size-repository-over-5gib":              {"air-gap-late-size-failure"},
	"size-wave-and-project-volume":           {"ci-artifacts-logs-and-child-pipelines"},
	"users-placeholder-limit":                {"destination-tier-or-edition-lower", "groups-wave-size", "limits-import-export-rates", "users-seats"},
	"version-below-direct-transfer-floor":    tooOld,
	"version-destination-older":              {"geo-version-exact-match", "version-restore-exact-match"},
	"version-direct-transfer-minor-gap":      tooOld,
	"version-file-export-minor-gap":          tooOld,
	"version-known-import-defects":           append([]string{"version-below-direct-transfer-floor"}, tooOld...),
	"version-offline-transfer-prerequisites": tooOld,
	"version-required-upgrade-stops":         tooOld,
	"version-restore-exact-match":            {"geo-version-exact-match"},
}

// tooOld are the rules that a source three releases behind breaks.
var tooOld = []string{"geo-version-exact-match", "version-direct-transfer-minor-gap", "version-file-export-minor-gap",
	"version-offline-transfer-prerequisites", "version-required-upgrade-stops", "version-restore-exact-match"}

// targets are what a planted rule is judged for where the destination that most
// rules share, GitLab Self-Managed, is not what it is about.
var targets = map[string]func(*checks.Target){
	"size-project-export-over-limit":    func(t *checks.Target) { t.Destination = checks.GitLabCom },
	"destination-tier-or-edition-lower": func(t *checks.Target) { t.Tier = checks.Premium },
	"users-foreign-email-domain":        func(t *checks.Target) { t.EmailDomains = []string{"example.com"} },
	"users-seats":                       func(t *checks.Target) { t.Seats = 1 },
	"users-placeholder-limit":           func(t *checks.Target) { t.Tier = checks.Free },
	"air-gap-external-dependencies":     airGapped,
	"air-gap-scanners-and-licence":      airGapped,
	"air-gap-congregate-carries-less":   func(t *checks.Target) { t.AirGapped, t.Methods = true, []matrix.Method{matrix.CongregateAirGapped} },
}

func airGapped(t *checks.Target) { t.AirGapped = true }

// inherent is broken in every world: somebody has to administer it.
var inherent = []string{"users-admins-and-special-roles"}

// truth is a simulated world as an inventory: what a whole scan reads of it.
type truth struct{ *gitlabsim.World }

func (t truth) Meta() scan.Meta {
	at := t.Now()
	meta := scan.Meta{Scope: scan.Scope{URL: t.ExternalURL(), Depth: scan.Deep}, Started: at.Add(-time.Hour), Finished: at}
	for _, level := range []scan.Level{scan.LevelGroup, scan.LevelProject, scan.LevelUser} {
		meta.Walks = append(meta.Walks, scan.Walk{Level: level, Done: true})
	}
	return meta
}
func (t truth) Instance() (*scan.Instance, error)         { return t.InstanceTruth(), nil }
func (t truth) Groups() iter.Seq2[*scan.Group, error]     { return all(t.GroupIDs(), t.GroupTruth) }
func (t truth) Projects() iter.Seq2[*scan.Project, error] { return all(t.ProjectIDs(), t.ProjectTruth) }
func (t truth) Users() iter.Seq2[*scan.User, error]       { return all(t.UserIDs(), t.UserTruth) }

func all[T any](ids iter.Seq[int64], truth func(int64) T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for id := range ids {
			if !yield(truth(id), nil) {
				return
			}
		}
	}
}

// broken lists the checks that a world breaks for a target, or raises a question
// for because of what was read.
func broken(t *testing.T, m *matrix.Matrix, cfg gitlabsim.Config, target checks.Target) []string {
	t.Helper()
	w, err := gitlabsim.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	j, err := checks.Evaluate(truth{w}, m, target)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, f := range j.Findings {
		switch {
		case f.Verdict == checks.Unknown:
			t.Errorf("%s is unknown in a world that was read to its end: %s", f.Check, f.Evidence)
		case f.Verdict == checks.Violated, !strings.HasSuffix(f.Fingerprint, "/question"):
			found[f.Check] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

func targetOf(k checks.Check) checks.Target {
	t := checks.DefaultTarget()
	t.Version = scan.MustVersion("19.5.0")
	t.Destination = checks.SelfManaged
	if !slices.Contains(k.Destinations, t.Destination) {
		t.Destination = k.Destinations[0]
	}
	if change := targets[k.ID]; change != nil {
		change(&t)
	}
	return t
}

// TestSoundWorld holds a world that is in order to breaking no rule, whatever it
// is judged for.
func TestSoundWorld(t *testing.T) {
	m, err := matrix.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range checks.Destinations() {
		for _, gap := range []bool{false, true} {
			target := checks.DefaultTarget()
			target.Destination, target.AirGapped, target.Version = d, gap, scan.MustVersion("19.5.0")
			for _, id := range broken(t, m, gitlabsim.Config{Sound: true}, target) {
				if !slices.Contains(inherent, id) {
					t.Errorf("%s, air-gapped %v: %s is broken", d, gap, id)
				}
			}
		}
	}
}

// TestPlantedWorlds breaks one rule after the other in a world that is in order:
// that rule's check finds it, what has to follow follows, and nothing else.
func TestPlantedWorlds(t *testing.T) {
	m, err := matrix.Load()
	if err != nil {
		t.Fatal(err)
	}
	byID := map[string]checks.Check{}
	for _, k := range checks.All() {
		byID[k.ID] = k
	}
	for _, rule := range gitlabsim.Plants() {
		t.Run(rule, func(t *testing.T) {
			k, known := byID[rule]
			if !known {
				t.Fatal("no check has this id")
			}
			target := targetOf(k)
			want := append([]string{rule}, consequences[rule]...)
			slices.Sort(want)
			want = slices.Compact(want) // the old releases are each other's consequences
			var got []string
			for _, id := range broken(t, m, gitlabsim.Config{Plant: rule}, target) {
				if id == rule || !slices.Contains(inherent, id) {
					got = append(got, id)
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("for %s: %q, want %q", target.Destination, got, want)
			}
		})
	}
}

// TestEveryDecidedRuleIsPlanted names the checks that decide by facts and that no
// planted world breaks.
func TestEveryDecidedRuleIsPlanted(t *testing.T) {
	planted := gitlabsim.Plants()
	for _, k := range checks.All() {
		if k.Judges() && !slices.Contains(planted, k.ID) && notPlanted[k.ID] == "" {
			t.Errorf("%s is broken in no planted world", k.ID)
		}
	}
}

// notPlanted are checks that no world can break, with the reason.
var notPlanted = map[string]string{
	"scope-partial-visibility":      "what a token sees is not the world's",
	"groups-not-top-level":          "the scan's scope decides it",
	"groups-consolidation":          "the new places decide it",
	"naming-path-taken":             "what is read of the destination decides it together with the world",
	"visibility-narrowed-on-import": "what is read of the destination decides it together with the world",
	"references-change-path":        "the target's new places decide it together with the world",
	"groups-nesting-depth":          "the target's parent group decides it together with the world",
}

package checks

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"readiness/scan"
)

// partly are rules whose check leaves out a part of what the rule says, with
// what is missing.
var partly = map[string]string{
	"packages-addresses-and-scopes":            "lock files are not read",
	"ci-hard-coded-source-host-or-ip":          "scripts outside the configuration are not searched, and no API tells the domain of Pages",
	"ci-image-from-source-registry":            "Dockerfiles, Helm values and manifests are not searched",
	"ci-cross-project-pipelines":               "calls of the trigger API are not told from others",
	"projects-absolute-references":             "project.hardcoded-urls has no reader: descriptions, notes, wikis and other files are not searched",
	"runners-tags-without-match":               "the destination's runners are asked for, not read",
	"scope-cross-wave-dependencies":            "groups that others are shared with are counted, not among the dependencies; package registries are, where settings name them by number or path",
	"users-placeholder-limit":                  "who contributed where no list tells, only issue by issue: all accounts are taken",
	"groups-consolidation":                     "numbers of epics and titles of milestones are not compared",
	"size-decompressed-archive":                "the 210 seconds that unpacking may take are not estimated",
	"security-protected-branches-and-tags":     "the levels of access are not read",
	"groups-settings-not-carried":              "priorities of labels are not read",
	"instance-level-configuration":             "settings that differ from their defaults are not told apart",
	"security-policies-and-compliance":         "how many policies there are of a type is not read",
	"users-inactive-and-departed":              "who wrote where no list tells, only issue by issue: contributors who are members no longer are not found",
	"limits-source-and-destination-throttling": "limits by address and of searches are not read",
	"ci-artifacts-logs-and-child-pipelines":    "no fact for links of releases and sizes of single artifacts",
	"limits-import-export-rates":               "the limits of downloads and of batches are read and not judged",
	"limits-gitlab-com-plan-quotas":            "dotenv variables, downstream pipelines and calls of webhooks are asked for; subscriptions and runners are not told by the project and group they count for",
	"projects-minor-features":                  "comments on designs are not told",
	"projects-pages-sites":                     "no fact for the size of a site; domains are not judged by site",
}

// notYet are the rules without a check, with the reason.
var notYet = map[string]string{}

// askedAll are the rules that no fact decides though they are not marked manual,
// with the reason.
var askedAll = map[string]string{
	"security-migration-tokens": "the tokens that will run the migration are made for it: GitLab tells of the scan's alone, which only reads; how long the source lets tokens live is read and told in the question",
}

// TestRulesAreCovered walks the readiness rules and holds each to having a check
// or a place in notYet, whose facts must still be missing.
func TestRulesAreCovered(t *testing.T) {
	dir := os.Getenv("READINESS_REFERENCE")
	if dir == "" {
		t.Skip("READINESS_REFERENCE is not set: the readiness rules are not compared")
	}
	text, err := os.ReadFile(filepath.Join(dir, "readiness-rules.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Rules []struct{ ID, Data string } }
	if err := yaml.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	all := map[string]Check{}
	for _, k := range All() {
		all[k.ID] = k
	}
	rules := map[string]bool{}
	judged, asked := 0, 0
	for _, r := range file.Rules {
		rules[r.ID] = true
		k, covered := all[r.ID]
		switch {
		case covered && notYet[r.ID] != "":
			t.Errorf("%s has a check, and stands in notYet", r.ID)
		case !covered && notYet[r.ID] == "":
			t.Errorf("%s has no check and no reason in notYet", r.ID)
		case covered && k.Judges():
			judged++
		case covered:
			asked++
			if manual := strings.Contains(r.Data, "manual"); !manual && askedAll[r.ID] == "" {
				t.Errorf("%s only asks a person, but the rule is not marked manual: its data is %s", r.ID, r.Data)
			} else if manual && askedAll[r.ID] != "" {
				t.Errorf("%s stands in askedAll, but the rule is marked manual", r.ID)
			}
		}
	}
	for id := range notYet {
		if !rules[id] {
			t.Errorf("%s in notYet is no rule", id)
		}
	}
	for id := range partly {
		if _, covered := all[id]; !covered || !rules[id] {
			t.Errorf("%s in partly is no rule with a check", id)
		}
	}
	t.Logf("%d rules: %d judged (%d of them partly), %d asked of a person, %d not yet", len(file.Rules), judged, len(partly), asked, len(notYet))
	for _, id := range slices.Sorted(maps.Keys(notYet)) {
		t.Logf("not yet: %s: %s", id, notYet[id])
	}
}

// TestReasonsAreNotStale holds every fact that a reason calls missing to having
// no reader still.
func TestReasonsAreNotStale(t *testing.T) {
	for _, reasons := range []map[string]string{notYet, partly} {
		for rule, why := range reasons {
			for _, e := range scan.Catalog() {
				if e.Unread == "" && mentions(why, string(e.ID)) {
					t.Errorf("%s: %s can be read now; the reason %q is stale", rule, e.ID, why)
				}
			}
		}
	}
}

// mentions reports whether a text names a fact as a word of its own.
func mentions(text, fact string) bool {
	return slices.Contains(strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == ',' || r == ';' }), fact)
}

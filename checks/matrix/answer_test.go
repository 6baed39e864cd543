package matrix

import (
	"strings"
	"testing"

	"readiness/scan"
)

func TestAnswer(t *testing.T) {
	m := &Matrix{Newest: scan.MustVersion("19.5")}
	v := func(s string) scan.Version {
		if s == "" {
			return scan.Version{}
		}
		return scan.MustVersion(s)
	}
	rule := func(status Status, since string, side Side) Rule {
		return Rule{Status: status, Since: v(since), SinceSide: side, SinceExact: true, Note: "N", Source: "https://example.com/"}
	}
	inexact := rule(Carried, "18.9", Both)
	inexact.SinceExact = false
	until := Rule{Status: Carried, Until: v("17.3"), SinceSide: Both, SinceExact: true, Note: "N"}
	required := rule(NotCarried, "17.7", Both)
	required.Requires = "flag F"
	requiredAlways := rule(Partial, "", "")
	requiredAlways.Requires = "flag F"

	for _, c := range []struct {
		name         string
		rule         Rule
		feature      string
		source, dest string
		status       Status
		note         string
	}{
		{"no since holds everywhere", rule(Carried, "", ""), "", "13.1", "13.1", Carried, "N"},
		{"no since, versions unknown", rule(Partial, "", ""), "", "", "", Partial, "N"},
		{"since reached on the source", rule(Carried, "18.4", SourceSide), "", "18.4", "17.0", Carried, "N"},
		{"since not reached on the source", rule(Carried, "18.4", SourceSide), "", "18.3.9", "19.5", NotCarried, "Only from 18.4 on the source; the source runs 18.3: N"},
		{"since reached on the destination", rule(Partial, "14.4", DestinationSide), "", "13.0", "14.4", Partial, "N"},
		{"since not reached on the destination", rule(Partial, "14.4", DestinationSide), "", "14.4", "14.3", NotCarried, "Only from 14.4 on the destination; the destination runs 14.3: N"},
		{"minor versions are numbers", rule(Carried, "15.10", Both), "", "15.9", "15.11", NotCarried, "the source runs 15.9"},
		{"both: the source is the lower", rule(Carried, "15.4", Both), "", "15.3", "18.0", NotCarried, "the source runs 15.3"},
		{"both: the destination is the lower", rule(Carried, "15.4", Both), "", "18.0", "15.3", NotCarried, "Only from 15.4 on both sides; the destination runs 15.3: N"},
		{"both reached", rule(Carried, "15.4", Both), "", "15.4", "15.4", Carried, "N"},
		{"seen only: unverified below", inexact, "", "18.8", "19.5", Unverified, "Seen from 18.9 on both sides, not confirmed before; the source runs 18.8: N"},
		{"seen only: holds above", inexact, "", "18.9", "18.9", Carried, "N"},
		{"unknown source decides", rule(Carried, "18.4", SourceSide), "", "", "19.5", Unverified, "Only from 18.4 on the source; the source's version is not known: N"},
		{"unknown source does not count", rule(Carried, "14.4", DestinationSide), "", "", "19.5", Carried, "N"},
		{"unknown source, destination below", rule(Carried, "15.4", Both), "", "", "15.3", NotCarried, "the destination runs 15.3"},
		{"unknown source, destination above", rule(Carried, "15.4", Both), "", "", "19.5", Unverified, "the source's version is not known"},
		{"unknown destination decides", rule(Carried, "14.4", DestinationSide), "", "19.5", "", Unverified, "the destination's version is not known"},
		{"unknown source, not carried either way", rule(NotCarried, "15.4", Both), "", "", "19.5", NotCarried, "N"},
		{"feature too new for the source", rule(NotCarried, "", ""), "17.5", "17.4", "19.5", NotApplicable, "GitLab has this from 17.5 on; the source runs 17.4"},
		{"feature there", rule(NotCarried, "", ""), "17.5", "17.5", "19.5", NotCarried, "N"},
		{"feature, unknown source is not old", rule(NotCarried, "", ""), "17.5", "", "19.5", NotCarried, "N"},
		{"feature before since", rule(Carried, "18.4", SourceSide), "13.7", "13.6", "19.5", NotApplicable, "GitLab has this"},
		{"newest checked", rule(Carried, "", ""), "", "19.5", "19.5.4", Carried, "N"},
		{"destination above the newest", rule(Carried, "", ""), "", "19.4", "19.6", Unverified, "Checked up to GitLab 19.5; the destination runs 19.6: N"},
		{"not carried may be carried by a newer one", rule(NotCarried, "", ""), "", "19.4", "20.0", Unverified, "the destination runs 20.0"},
		{"source above the newest", rule(Carried, "", ""), "", "19.6", "19.5", Carried, "N"},
		{"below since, whatever the destination", rule(Carried, "18.4", SourceSide), "", "18.3", "20.0", NotCarried, "the source runs 18.3"},
		{"until not passed", until, "", "17.3", "17.3", Carried, "N"},
		{"until passed by one", until, "", "17.3", "17.4", Unverified, "Up to 17.3 on both sides; the destination runs 17.4: N"},
		{"until, unknown", until, "", "", "17.3", Unverified, "the source's version is not known"},
		{"requires", required, "", "17.7", "19.5", NotCarried, "Without flag F (possible from 17.7 on both sides): N"},
		{"requires, before it was possible", required, "", "17.6", "19.5", NotCarried, "Not without flag F, possible only from 17.7 on both sides; the source runs 17.6: N"},
		{"requires, always possible", requiredAlways, "", "17.6", "19.5", Partial, "Without flag F: N"},
		{"nobody knows", rule(Unverified, "", ""), "", "19.5", "19.5", Unverified, "N"},
	} {
		t.Run(c.name, func(t *testing.T) {
			item := &Item{FeatureSince: v(c.feature), Rules: map[Method]Rule{Geo: c.rule}}
			a := m.Answer(item, Geo, v(c.source), v(c.dest))
			if a.Status != c.status || !strings.Contains(a.Note, c.note) || c.note == "N" && a.Note != "N" {
				t.Errorf("from %q to %q: %s, %q; want %s, %q", c.source, c.dest, a.Status, a.Note, c.status, c.note)
			}
			if a.Source != c.rule.Source {
				t.Errorf("source %q, want the rule's %q", a.Source, c.rule.Source)
			}
		})
	}

	t.Run("no rule", func(t *testing.T) {
		a := m.Answer(&Item{}, Geo, v("19.5"), v("19.5"))
		if a.Status != Unverified || a.Note == "" {
			t.Errorf("a missing rule is read as %s, %q; want unverified with a note", a.Status, a.Note)
		}
	})
}

// A version that cannot be read must never look better than every version it
// might be.
func TestAnswerUnknownVersionIsNeverBetter(t *testing.T) {
	m := load(t)
	rank := map[Status]int{NotApplicable: 0, Carried: 1, Partial: 2, NotCarried: 3, Unverified: 4}
	versions := []scan.Version{{}}
	for _, s := range []string{"13.0", "14.4", "15.1", "15.10", "16.3", "17.7", "18.4", "18.9", "19.3", "19.5"} {
		versions = append(versions, scan.MustVersion(s))
	}
	for i := range m.Items {
		item := &m.Items[i]
		for _, method := range Methods() {
			for _, dest := range versions {
				blind := m.Answer(item, method, scan.Version{}, dest)
				for _, source := range versions[1:] {
					seen := m.Answer(item, method, source, dest)
					if rank[blind.Status] < rank[seen.Status] {
						t.Fatalf("%s, %s to %v: %s with an unknown source, %s from %v", item.ID, method, dest, blind.Status, seen.Status, source)
					}
				}
			}
		}
	}
}

// Congregate drives file exports: what it does not copy itself arrives only
// where the export has it.
func TestAnswerRides(t *testing.T) {
	m := load(t)
	for _, c := range []struct {
		item, source string
		status       Status
		note         string
	}{
		{"group.epic-boards", "17.11", Unverified, "File export/import underneath: Seen from 18.9 on both sides, not confirmed before; the source runs 17.11: Not listed"},
		{"group.epic-boards", "18.9", Carried, "Not listed"},
		{"project.commit-comments", "15.9", NotCarried, "File export/import underneath: Only from 15.10 on both sides; the source runs 15.9: Rides"},
		{"project.commit-comments", "", Unverified, "the source's version is not known"},
		{"project.default-branch", "17.11", Carried, "Sets the branch through the API"}, // added by Congregate itself
		{"project.vulnerabilities", "17.3", NotCarried, "Marked unsupported"},           // not carried anyway
	} {
		var source scan.Version
		if c.source != "" {
			source = scan.MustVersion(c.source)
		}
		if a := m.Answer(m.Item(c.item), Congregate, source, scan.MustVersion("19.5")); a.Status != c.status || !strings.Contains(a.Note, c.note) {
			t.Errorf("%s from %q: %s, %q; want %s, %q", c.item, c.source, a.Status, a.Note, c.status, c.note)
		}
	}
}

func TestCombine(t *testing.T) {
	m := load(t)
	source, dest := scan.MustVersion("18.9"), scan.MustVersion("19.5")
	for _, c := range []struct {
		combination, item string
		status            Status
		note              string
	}{
		{"congregate_over_file_export", "project.cicd-variables", Carried, ""},                                   // added
		{"congregate_over_file_export", "project.protected-tags", Partial, ""},                                   // the base's
		{"congregate_over_file_export", "group.avatar", NotCarried, "Left behind by Congregate"},                 // dropped
		{"congregate_over_direct_transfer", "group.avatar", Carried, ""},                                         // the base's
		{"congregate_over_direct_transfer", "project.protected-tags", NotCarried, "Left behind by"},              // dropped
		{"congregate_air_gapped", "project.container-registry", NotCarried, "Left behind by Congregate"},         // though Congregate alone carries it
		{"congregate_over_direct_transfer", "project.container-registry", Carried, "through the migration"},      // though direct transfer alone does not
		{"file_export_groups_then_projects", "project.issue-epic", Carried, "when the exporter can see"},         // not Congregate's
		{"file_export_groups_then_projects", "project.container-registry", NotCarried, "Listed as not exported"}, // the base's
		{"congregate_air_gapped", "project.feature-flag-user-lists", NotCarried, "skipped in code"},              // with the combination's note
	} {
		combination, ok := m.Combination(c.combination)
		if !ok {
			t.Fatalf("no combination %s", c.combination)
		}
		a := m.Combine(combination, m.Item(c.item), source, dest)
		if a.Status != c.status || !strings.Contains(a.Note, c.note) || !strings.HasPrefix(a.Source, "https://") {
			t.Errorf("%s, %s: %s, %q, %q; want %s, %q", c.combination, c.item, a.Status, a.Note, a.Source, c.status, c.note)
		}
	}
	old, _ := m.Combination("congregate_air_gapped")
	if a := m.Combine(old, m.Item("project.feature-flag-user-lists"), scan.MustVersion("12.9"), dest); a.Status != NotApplicable {
		t.Errorf("a dropped item that the source does not have yet: %s, want not-applicable", a.Status)
	}
}

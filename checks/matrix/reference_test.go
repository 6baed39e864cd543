package matrix

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	yaml "github.com/goccy/go-yaml"

	"readiness/scan"
)

// referenceItem is an item as the research wrote it down.
type referenceItem struct {
	ID           string
	Level        string
	Title        string
	Tier         string
	FeatureSince string `yaml:"feature_since"`
	Support      map[string]struct {
		Status     string
		Since      string
		SinceSide  string `yaml:"since_side"`
		SinceExact *bool  `yaml:"since_exact"`
		Requires   string
		Note       string
		Source     string
	}
	Remediation string
	Conflict    string
}

type reference struct {
	SchemaVersion int    `yaml:"schema_version"`
	ReadOn        string `yaml:"read_on"`
	Sources       []struct {
		ID, What, Where, Version string
		ReadOn                   string `yaml:"read_on"`
	}
	Methods []struct {
		ID, Title, Summary, Offering string
		Moves                        map[string]string
		Prerequisites                []struct{ Kind, Text, Source string }
	}
	Combinations []struct {
		ID, Title, Base, Note, Source string
		Adds, Drops                   []string
	}
	Items []referenceItem
}

// readReference returns a file of the research, with the words that GitLab
// spells its own way as GitLab spells them.
func readReference(t *testing.T, name string) []byte {
	t.Helper()
	dir := os.Getenv("READINESS_REFERENCE")
	if dir == "" {
		t.Skip("READINESS_REFERENCE is not set: nothing to compare the matrix with")
	}
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return []byte(gitlabSpelling.Replace(string(b)))
}

var gitlabSpelling = strings.NewReplacer("artefact", "artifact", "Artefact", "Artifact", "licence", "license", "Licence", "License")

// The texts spell GitLab's words as GitLab does, so that a search finds them.
func TestGitLabSpelling(t *testing.T) {
	for _, name := range files {
		b, err := data.ReadFile("data/" + name + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		if gitlabSpelling.Replace(string(b)) != string(b) {
			t.Errorf("%s.yaml speaks of artefacts or licences", name)
		}
	}
}

// Nothing that was researched is lost or altered on its way into the program.
func TestReference(t *testing.T) {
	b := readReference(t, "migration-matrix.yaml")
	var ref reference
	if err := yaml.UnmarshalWithOptions(b, &ref, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	m := load(t)
	equal := func(where string, got, want any) {
		t.Helper()
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, want %v", where, got, want)
		}
	}
	// cites reports whether an address is that of a source, which for one of the
	// declared sources is its link with the same path.
	cites := func(where, got, source string) {
		t.Helper()
		path := source
		if id, rest, ok := strings.Cut(source, ":"); ok && !strings.HasPrefix(source, "https:") {
			path = strings.TrimSuffix(rest, "/")
			project := "https://gitlab.com/gitlab-org/gitlab/-/"
			if id == "congregate" {
				project = "https://gitlab.com/gitlab-org/professional-services-automation/tools/migration/congregate/-/"
			}
			if !strings.HasPrefix(got, project) || !strings.HasSuffix(got, "/"+path) {
				t.Errorf("%s: %s, want %s of %s", where, got, path, project)
			}
			return
		}
		equal(where, got, path)
	}
	version := func(s string) scan.Version {
		if s == "" {
			return scan.Version{}
		}
		return scan.MustVersion(s)
	}

	equal("read_on", m.ReadOn, ref.ReadOn)
	for i, s := range ref.Sources {
		o := m.Origins[i]
		equal("source", []string{o.ID, o.What, o.Where, o.Version, o.ReadOn}, []string{s.ID, s.What, s.Where, s.Version, s.ReadOn})
	}
	for i, want := range ref.Methods {
		got := m.Details[i]
		equal(want.ID, []string{string(got.Method), got.Title, got.Summary, got.Offering}, []string{want.ID, want.Title, want.Summary, want.Offering})
		for level, text := range want.Moves {
			equal(want.ID+" moves "+level, got.Moves[scan.Level(level)], text)
		}
		equal(want.ID+" prerequisites", len(got.Prerequisites), len(want.Prerequisites))
		for j, p := range want.Prerequisites {
			equal(want.ID, []string{got.Prerequisites[j].Kind, got.Prerequisites[j].Text}, []string{p.Kind, p.Text})
			cites(want.ID, got.Prerequisites[j].Source, p.Source)
		}
	}
	for i, want := range ref.Combinations {
		got := m.Combinations[i]
		equal(want.ID, []string{got.ID, got.Title, string(got.Base), got.Note}, []string{want.ID, want.Title, want.Base, want.Note})
		cites(want.ID, got.Source, want.Source)
		if !slices.Equal(got.Adds, want.Adds) || !slices.Equal(got.Drops, want.Drops) {
			t.Errorf("%s: adds %v and drops %v, want %v and %v", want.ID, got.Adds, got.Drops, want.Adds, want.Drops)
		}
	}
	equal("combinations", len(m.Combinations), len(ref.Combinations))
	equal("items", len(m.Items), len(ref.Items))
	for i, want := range ref.Items {
		got := m.Items[i]
		equal(want.ID, []string{got.ID, string(got.Level), got.Title, got.Tier, got.Remedy, got.Conflict},
			[]string{want.ID, want.Level, want.Title, want.Tier, want.Remediation, want.Conflict})
		equal(want.ID+" feature_since", got.FeatureSince, version(want.FeatureSince))
		equal(want.ID+" methods", len(want.Support), len(Researched()))
		for method, w := range want.Support {
			where, r := want.ID+", "+method, got.Rules[Method(method)]
			if w.Status == "unknown" {
				w.Status = string(Unverified)
			}
			equal(where, []string{string(r.Status), string(r.SinceSide), r.Requires, r.Note}, []string{w.Status, w.SinceSide, w.Requires, w.Note})
			equal(where+" since", r.Since, version(w.Since))
			equal(where+" since_exact", r.SinceExact, w.SinceExact == nil || *w.SinceExact)
			cites(where, r.Source, w.Source)
		}
	}
}

// The research itself is a file that overrides: it has the same form, and what
// it says is what the matrix says.
func TestReferenceAsOverride(t *testing.T) {
	b := readReference(t, "migration-matrix.yaml")
	m := load(t)
	n, err := m.Override("migration-matrix.yaml", b)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(m, n) {
		t.Error("the matrix differs from itself overridden by the research it was made from")
	}
}

// ruled lists which readiness rules are about the loss of which items; the
// items graded apart from the rules, as methods.yaml says, are not among them.
var ruled = map[string][]string{
	"ci-artifacts-logs-and-child-pipelines":  {"project.job-artifacts", "project.job-logs", "project.child-pipelines", "project.release-evidence", "project.release-assets"},
	"ci-cross-project-pipelines":             {"project.cross-project-ci", "project.pipeline-subscriptions"},
	"ci-environments-and-feature-flags":      {"project.environments", "project.protected-environments", "group.protected-environments", "project.feature-flags", "project.feature-flag-user-lists"},
	"ci-external-config-path":                {"project.ci-config-path"},
	"ci-hard-coded-source-host-or-ip":        {"project.hardcoded-urls"},
	"ci-instance-runner-mismatch":            {"project.shared-runner-setting"},
	"ci-job-token-access":                    {"project.job-token-allowlist"},
	"ci-project-settings-not-carried":        {"project.cicd-settings", "project.auto-devops", "project.deploy-freezes"},
	"ci-schedules-and-triggers":              {"project.pipeline-triggers"},
	"ci-secure-files-and-terraform-states":   {"project.secure-files", "project.terraform-states"},
	"ci-variables-not-carried":               {"instance.cicd-variables", "group.cicd-variables", "project.cicd-variables", "project.pipeline-schedule-variables"},
	"groups-directory-links":                 {"group.saml-group-links", "group.ldap-group-links"},
	"groups-shared-with-groups":              {"group.shared-with-groups", "project.shared-with-groups"},
	"instance-restore-secrets-and-layout":    {"instance.secrets-file", "instance.config-files", "instance.repository-storages", "instance.redis", "instance.tls-certificates", "instance.ssh-host-keys"},
	"instance-server-and-system-hooks":       {"instance.system-hooks", "instance.global-server-hooks", "instance.file-hooks", "project.server-hooks"},
	"integrations-active":                    {"instance.service-templates", "group.integrations", "group.jira-connect-subscriptions", "project.integrations"},
	"integrations-api-consumers":             {"instance.hostname", "project.internal-ids"},
	"integrations-kubernetes":                {"instance.clusters", "instance.kas-config", "group.clusters", "project.agents", "project.clusters"},
	"packages-not-carried":                   {"project.package-registry", "project.package-registry-other", "project.terraform-modules", "project.infrastructure-registry"},
	"projects-archived":                      {"project.archived-state"},
	"projects-forks":                         {"project.fork-relationship", "project.object-pools", "project.merge-requests-from-forks"},
	"projects-in-personal-namespaces":        {"project.personal-namespace-project"},
	"projects-links-and-dependencies":        {"project.linked-issues", "project.issue-mr-references", "project.wiki-comments", "project.merge-request-dependencies", "project.merge-request-diff-versions", "project.merge-requests-without-diff"},
	"projects-mirrors":                       {"project.pull-mirroring", "project.remote-mirrors"},
	"projects-vulnerability-state":           {"project.vulnerabilities", "project.vulnerability-triage"},
	"registry-images-not-carried":            {"project.container-registry"},
	"registry-object-storage-not-in-backup":  {"instance.object-storage", "instance.registry-storage"},
	"runners-instance-runners-in-use":        {"instance.runners"},
	"runners-reregistration":                 {"group.runners", "project.runners"},
	"scope-offline-transfer-omissions":       {"group.members", "project.members", "project.inherited-members", "group.wiki", "project.wiki", "project.snippets"},
	"security-approval-rules":                {"group.approval-rules", "project.approval-rules", "project.approval-rule-groups", "project.required-approvals", "project.codeowners"},
	"security-audit-events":                  {"instance.audit-events", "group.audit-events", "project.audit-events"},
	"security-custom-roles":                  {"instance.custom-roles", "group.custom-roles", "group.custom-role-assignments"},
	"security-deploy-and-access-tokens":      {"instance.deploy-tokens", "group.deploy-tokens", "group.access-tokens", "project.deploy-tokens", "project.access-tokens"},
	"security-deploy-keys":                   {"instance.deploy-keys", "project.deploy-keys"},
	"security-policies-and-compliance":       {"instance.security-policies", "group.security-policies", "group.compliance-frameworks", "project.security-policy-link", "project.compliance-label", "project.external-status-checks"},
	"security-protected-branches-and-tags":   {"group.default-branch-protection", "group.protected-branches", "project.protected-branches", "project.protected-branch-users", "project.protected-branch-deploy-keys", "project.protected-tags"},
	"security-push-rules":                    {"instance.push-rules", "group.push-rules", "project.push-rules"},
	"size-lfs-or-uploads-relation-over-5gib": {"project.lfs-objects", "project.uploads"},
	"users-bots-and-service-accounts":        {"instance.service-accounts", "group.service-accounts", "user.service-account-contributions"},
	"users-inactive-and-departed":            {"user.state", "user.deleted-user-contributions"},
	"users-ldap-identities":                  {"instance.auth-config", "user.identities", "user.password"},
	"users-personal-credentials":             {"instance.personal-access-tokens", "instance.snippets", "user.personal-access-tokens", "user.personal-snippets", "user.ssh-keys", "user.gpg-keys", "user.two-factor", "user.authorized-applications"},
	"users-public-email-missing":             {"user.contribution-mapping"},
	"users-saml-not-linked":                  {"group.saml-sso", "user.group-saml-identity"},
	"visibility-internal":                    {"group.visibility", "project.visibility"},
}

// Impact follows the severity of the rules, where they are about the item.
func TestImpactFollowsTheRules(t *testing.T) {
	var file struct {
		Rules []struct{ ID, Severity string }
	}
	if err := yaml.Unmarshal(readReference(t, "readiness-rules.yaml"), &file); err != nil {
		t.Fatal(err)
	}
	grade := map[string]Impact{"blocker": HighImpact, "high": HighImpact, "medium": MediumImpact, "low": LowImpact, "info": LowImpact}
	want, found := map[string]Impact{}, 0
	for _, r := range file.Rules {
		items, ok := ruled[r.ID]
		if ok {
			found++
		}
		for _, id := range items {
			if was, twice := want[id]; !twice || slices.Index(Impacts(), grade[r.Severity]) < slices.Index(Impacts(), was) {
				want[id] = grade[r.Severity]
			}
		}
	}
	if found != len(ruled) {
		t.Errorf("%d of %d rules exist", found, len(ruled))
	}
	m := load(t)
	for id, impact := range want {
		if item := m.Item(id); item == nil {
			t.Errorf("there is no item %s", id)
		} else if item.Impact != impact {
			t.Errorf("%s has impact %s, the rules say %s", id, item.Impact, impact)
		}
	}
}

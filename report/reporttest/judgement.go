package reporttest

import (
	"cmp"
	"fmt"

	"readiness/checks"
	"readiness/checks/matrix"
	"readiness/scan"
)

const docs = "https://docs.gitlab.com/user/group/import/"

// Matrix is a small matrix with items of every use.
func Matrix() *matrix.Matrix {
	c, p, n, u := matrix.Carried, matrix.Partial, matrix.NotCarried, matrix.Unverified
	item := func(id string, level scan.Level, title string, use matrix.ItemUse, remedy string, statuses ...matrix.Status) matrix.Item {
		rules := map[matrix.Method]matrix.Rule{}
		for i, m := range matrix.Researched() {
			note := map[matrix.Status]string{c: "Travels with the project.", p: "Only the names travel; protected values are left out.",
				n: "No relation of the export carries it.", u: "Nobody has confirmed it."}[statuses[i]]
			rules[m] = matrix.Rule{Status: statuses[i], Note: note, Source: docs}
		}
		return matrix.Item{ID: id, Level: level, Title: title, Tier: "free", Impact: matrix.HighImpact, Use: use, Rules: rules, Remedy: remedy}
	}
	fact := func(id scan.FactID) matrix.ItemUse { return matrix.ItemUse{Fact: id} }
	m := &matrix.Matrix{ReadOn: "2026-11-22", Newest: scan.MustVersion("19.5"), Items: []matrix.Item{
		item("project.git-repository", scan.LevelProject, "Git repository", matrix.ItemUse{Always: true}, "Nothing to do.", c, c, c, c, c, c),
		item("project.cicd-variables", scan.LevelProject, "CI/CD variables", fact("project.cicd-variables"), "Export names with the API, enter values again on the destination.", n, n, c, c, n, c),
		item("project.container-registry", scan.LevelProject, "Container registry images", fact("project.container-registry"), "Copy images with skopeo or crane before the switch.", n, n, p, p, n, p),
		item("project.package-registry", scan.LevelProject, "Packages", fact("project.package-registry"), "Publish packages again from their pipelines.", n, n, n, c, n, c),
		item("project.lfs-objects", scan.LevelProject, "LFS objects", fact("project.lfs-objects-size"), "Check the count after the import.", c, c, c, c, u, c),
		item("project.webhooks", scan.LevelProject, "Webhooks", fact("project.webhooks"), "Create hooks again and give them new tokens.", n, n, p, c, n, c),
		item("project.pipelines", scan.LevelProject, "Pipelines", fact("project.pipelines"), "Archive logs that must be kept.", p, p, p, c, p, c),
		item("project.pipeline-logs", scan.LevelProject, "Job logs", matrix.ItemUse{Within: "project.pipelines"}, "Archive logs that must be kept.", n, n, n, p, n, p),
		item("project.issues", scan.LevelProject, "Issues", fact("project.issues"), "Map users first.", c, c, c, c, c, c),
		item("group.webhooks", scan.LevelGroup, "Group webhooks", fact("group.webhooks"), "Create hooks again.", n, n, p, c, n, c),
		item("instance.system-hooks", scan.LevelInstance, "System hooks", fact("instance.system-hooks"), "Create hooks again as an administrator.", n, n, p, c, n, c),
		item("instance.runners", scan.LevelInstance, "Instance runners", fact("instance.runners"), "Register runners at the destination.", n, n, n, p, n, p),
		item("group.saml-links", scan.LevelGroup, "SAML group links", matrix.ItemUse{Question: "Are groups synchronised from an identity provider?"}, "Create the links again.", n, n, n, c, n, c),
	}}
	m.Items[2].Conflict = "The migration guide says carried, the export's relation list does not name it."
	return m
}

// Judge judges inv by hand-made findings, so that goldens change only when
// reports do.
func Judge(inv scan.Inventory) *checks.Judgement {
	t := checks.DefaultTarget()
	t.Methods = matrix.Researched() // the modes need combinations, which this matrix lacks
	j, err := checks.Evaluate(inv, Matrix(), t)
	if err != nil {
		panic(fmt.Errorf("judge the test's inventory: %w", err))
	}
	for i := range 33 {
		level := []scan.Level{scan.LevelProject, scan.LevelGroup}[i%2]
		item := matrix.Item{Impact: matrix.LowImpact, ID: fmt.Sprintf("%s.thing-%d", level, i), Level: level, Title: fmt.Sprintf("Thing that nobody reads %d", i)}
		j.Items = append(j.Items, checks.ItemUse{Item: item, Use: checks.NoReader})
		j.Coverage.NoReader = append(j.Coverage.NoReader, item.ID)
	}
	forbidden := scan.Gap{Reason: scan.ReasonForbidden, Status: 403, Endpoint: "GET /hooks", Cure: "an administrator's token"}
	online := []matrix.Method{matrix.DirectTransfer, matrix.Congregate}
	j.Findings = []checks.Finding{
		{Check: "version-direct-transfer-minor-gap", Title: "Source more than two minor versions behind the destination", Verdict: checks.Violated,
			Severity: checks.Blocker, Level: scan.LevelInstance, Path: URL, URL: URL, Methods: online,
			Evidence: "The source runs 16.11, the destination 19.5: 30 minor versions apart; at most 2 are supported.",
			Remedy:   "Upgrade the source until it is within two minors of the destination on the migration day.",
			Why:      "A wider gap is outside what the importer is maintained for; relations fail or arrive incomplete, mostly silently.",
			Docs:     []string{docs}, Fingerprint: "a1"},
		{Check: "project-export-size", Title: "Project larger than the destination takes", Verdict: checks.Violated, Severity: checks.Blocker,
			Level: scan.LevelProject, ID: 101, Path: "platform/monolith", URL: URL + "/platform/monolith", Methods: []matrix.Method{matrix.FileExport},
			Evidence: "Repository and LFS hold 50.0 GiB; the limit is 5 GiB.", Remedy: "Split the export, or move this project by direct transfer.",
			Why: "The upload is refused.", Docs: []string{docs}, Fingerprint: "b2"},
		{Check: "system-hooks-recreate", Title: "System hooks must be created again", Verdict: checks.Unknown, Severity: checks.Blocker,
			Level: scan.LevelInstance, Methods: online, Evidence: "could not be read", Remedy: "Create system hooks again.", Why: "Automation stops.",
			Docs: []string{docs}, Fingerprint: "c3", Gap: &forbidden, Count: 1, Examples: []string{URL}},
		{Check: "hidden-variables", Title: "Variables with hidden values", Verdict: checks.Violated, Severity: checks.High, Level: scan.LevelProject,
			ID: 200, Path: Hostile[0], URL: URL + "/" + Hostile[0], Methods: online, Evidence: "4 variables are masked and hidden: nobody can read them again.",
			Remedy: "Find the values in the systems that issued them.", Why: "Pipelines fail at the destination.", Docs: []string{docs}, Fingerprint: "d4"},
		{Check: "hidden-variables", Title: "Variables with hidden values", Verdict: checks.Violated, Severity: checks.High, Level: scan.LevelProject,
			ID: 102, Path: "platform/tool", URL: URL + "/platform/tool", Methods: online, Evidence: "1 variable is masked and hidden.",
			Remedy: "Find the values in the systems that issued them.", Why: "Pipelines fail at the destination.", Docs: []string{docs}, Fingerprint: "d5"},
		{Check: "dormant-projects", Title: "Projects without activity for two years", Verdict: checks.Violated, Severity: checks.Info, Level: scan.LevelInstance,
			Path: URL, Methods: matrix.Researched(), Evidence: "3 of 14 projects.", Remedy: "Decide whether they move.", Why: "Every project costs time.",
			Docs: []string{docs}, Fingerprint: "e6"},
		{Check: "executor-rights", Title: "Who runs the migration", Verdict: checks.Question, Severity: checks.High, Level: scan.LevelInstance, Path: URL,
			Methods: online, Evidence: "Will the person who runs it own the top-level group at the destination?", Remedy: "Grant the Owner role before the first wave.",
			Why: "Imports need it.", Docs: []string{docs}, Fingerprint: "f7"},
	}
	states := map[matrix.Method]struct {
		s   checks.MethodState
		why string
	}{
		matrix.DirectTransfer:  {checks.Blocked, "Blocked until remedied: Source more than two minor versions behind the destination."},
		matrix.FileExport:      {checks.Blocked, "Blocked until remedied: Project larger than the destination takes."},
		matrix.Congregate:      {checks.NotAssessed, "No blocker was found in what was read, but 1 check for blockers could not be decided: system-hooks-recreate."},
		matrix.BackupRestore:   {checks.Impossible, "GitLab.com takes no backups."},
		matrix.OfflineTransfer: {checks.Losses, "Of the items in use 5 not carried, 1 only partly carried and 1 unverified."},
		matrix.Geo:             {checks.Impossible, "GitLab.com cannot be a Geo secondary."},
	}
	for i := range j.Methods {
		m := &j.Methods[i]
		m.State, m.Reason, m.NotReadable = cmp.Or(states[m.ID].s, checks.NotAssessed), states[m.ID].why, 33
	}
	return j
}

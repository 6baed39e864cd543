// Package issues writes what was found in groups and projects as a CSV file that
// GitLab's import of issues takes: one issue for each check, with the projects it
// is about. What concerns the instance as a whole is nobody's team task and is
// not among them.
//
// GitLab runs quick actions that stand at the start of a line of a description:
// no line of these starts with anything but the program's own words.
// Source: https://docs.gitlab.com/user/project/issues/csv_import/
package issues

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strings"

	"readiness/checks"
	"readiness/report"
	"readiness/report/markdown"
	"readiness/scan"
)

// shown is how many projects or groups a description lists.
const shown = 200

// maxTitle is the longest title that GitLab takes, in characters.
// Source: https://docs.gitlab.com/user/project/issues/csv_import/
const maxTitle = 255

// Write writes the issues, gravest first. instance is the base URL of the source.
func Write(w io.Writer, j *checks.Judgement, instance string) error {
	out := csv.NewWriter(w)
	out.Write([]string{"title", "description"}) // an error stays with the writer
	for _, i := range collect(j) {
		out.Write([]string{i.title(), i.description(instance)})
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("write the issues: %w", err)
	}
	return nil
}

// issue is what one check found.
type issue struct {
	checks.Finding // the first
	where          []checks.Finding
}

// collect puts the findings on groups and projects together by check, in the
// order in which the first of each comes.
func collect(j *checks.Judgement) []*issue {
	var all []*issue
	at := map[string]*issue{}
	for _, f := range j.Findings {
		if f.Decision != nil {
			continue // somebody has decided to leave it
		}
		if f.Verdict != checks.Violated || f.Level != scan.LevelProject && f.Level != scan.LevelGroup {
			continue
		}
		i := at[f.Check]
		if i == nil {
			i = &issue{Finding: f}
			at[f.Check] = i
			all = append(all, i)
		}
		i.where = append(i.where, f)
	}
	severity := func(i *issue) int { return slices.Index(checks.Severities(), i.Severity) }
	slices.SortStableFunc(all, func(x, y *issue) int { return severity(x) - severity(y) })
	return all
}

func (i *issue) title() string {
	noun := string(i.Level)
	if len(i.where) != 1 {
		noun += "s"
	}
	return report.Cut(report.Clean(fmt.Sprintf("Migration, %s: %s (%d %s)", i.Severity, i.Title, len(i.where), noun)), maxTitle)
}

func (i *issue) description(instance string) string {
	var b strings.Builder
	say := func(format string, args ...any) { fmt.Fprintf(&b, format, args...) }
	say("What to do: %s\n\nWhy: %s\n\n", markdown.Escape(i.Remedy), markdown.Escape(i.Why))
	say("Where:\n\n")
	for n, f := range i.where {
		if n == shown {
			say("- and %d more: see Findings in the workbook\n", len(i.where)-n)
			break
		}
		name := markdown.Escape(f.Path)
		if f.Level == scan.LevelProject && f.ID != 0 && report.Plainlink(instance) {
			name = fmt.Sprintf("[%s](%s/projects/%d)", name, instance, f.ID)
		}
		say("- [ ] %s", name)
		if f.Evidence != "" {
			say(": %s", markdown.Escape(report.Cut(f.Evidence, 300)))
		}
		say("\n")
	}
	say("\nCheck: %s", markdown.Escape(i.Check))
	for _, link := range i.Docs {
		if report.Plainlink(link) {
			say("\nSource: %s", link)
		}
	}
	say("\n")
	return b.String()
}

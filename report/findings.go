package report

import (
	"fmt"
	"slices"
	"strings"

	"readiness/checks"
	"readiness/scan"
)

// addFindings adds every finding; questions for people stand in Not assessed.
func (b *builder) addFindings() error {
	s := Sheet{Name: SheetFindings, Title: "Findings", Frozen: 3,
		Note: "Every finding, gravest first. “Not known” is a check that could not be decided because a fact could not be read: hatched, one row for each reason."}
	var found []checks.Finding
	for _, f := range b.j.Findings {
		if f.Verdict != checks.Question {
			found = append(found, f)
		}
	}
	if len(found) == 0 {
		b.add(s, "No check was violated, and none was left undecided.")
		return nil
	}
	cols := []column[checks.Finding]{
		col("Severity", Text, 10, func(f checks.Finding) Cell { return severityCell(f.Severity) }),
		col("State", Text, 12, b.findingState),
		long("Finding", 36, func(f checks.Finding) Cell { return TextCell(f.Title) }),
		col("Level", Text, 10, func(f checks.Finding) Cell { return levelCell(f.Level) }),
		long("Where", 34, where),
		col("Id", ID, 9, b.findingID),
		long("Evidence", 40, evidence),
		long("What to do", 44, func(f checks.Finding) Cell { return TextCell(f.Remedy) }),
		long("Methods", 36, func(f checks.Finding) Cell { return TextCell(methodTitles(f.Methods)) }),
		long("Why it matters", 64, func(f checks.Finding) Cell { return TextCell(f.Why) }),
		col("Source", Text, 18, func(f checks.Finding) Cell {
			if len(f.Docs) == 0 {
				return Cell{}
			}
			return sourceCell(f.Docs[0])
		}),
		col("Check", Text, 36, func(f checks.Finding) Cell { return TextCell(f.Check) }),
		col("Fingerprint", Text, 20, func(f checks.Finding) Cell { return TextCell(f.Fingerprint) }),
	}
	if c := b.course(); c != nil && len(c.Points()) > 1 {
		cols = slices.Insert(cols, 8, long("Since", 30, b.findingNote))
	}
	s.Columns, s.Rows, s.Printed = headers(cols), rows(cols, each(found)), 8
	b.add(s, "")
	return nil
}

func where(f checks.Finding) Cell {
	if f.Verdict != checks.Unknown {
		return TextCell(f.Path)
	}
	return GapCell(someOf(f.Count, f.Level, f.Examples))
}

// someOf counts subjects and names some of them.
func someOf(n int64, l scan.Level, examples []string) string {
	s := manyOf(n, l)
	if len(examples) == 0 {
		return s
	}
	s += ": " + strings.Join(examples, ", ")
	if int64(len(examples)) < n {
		s += " …"
	}
	return s
}

func evidence(f checks.Finding) Cell {
	if f.Verdict != checks.Unknown {
		return TextCell(f.Evidence)
	}
	if f.Gap == nil {
		return GapCell(f.Evidence)
	}
	words := upperFirst(f.Gap.String())
	if f.Gap.Cure != "" {
		words += ". Needs: " + f.Gap.Cure
	}
	return GapCell(words)
}

// findingID is the subject's id, linked to its page.
func (b *builder) findingID(f checks.Finding) Cell {
	if f.ID == 0 {
		return Cell{}
	}
	return b.idCell(f.Level, f.ID)
}

// pages are where GitLab finds a subject by its id, and since which version, so
// that no name of the source has to stand in a link.
// Sources: config/routes.rb of GitLab;
// https://docs.gitlab.com/user/project/working_with_projects/#access-a-project-by-using-the-project-id,
// https://gitlab.com/gitlab-org/gitlab/-/merge_requests/165889 (groups),
// https://gitlab.com/gitlab-org/gitlab/-/merge_requests/185387 (users)
var pages = map[scan.Level]struct {
	path  string
	since scan.Version
}{
	scan.LevelProject: {"/projects/", scan.Version{}},
	scan.LevelGroup:   {"/-/g/", scan.MustVersion("17.5")},
	scan.LevelUser:    {"/-/u/", scan.MustVersion("17.11")},
}

// idCell is a subject's id, with a link to its page where the source finds it by
// its id: of the source the link holds nothing but its address and that number.
func (b *builder) idCell(l scan.Level, id int64) Cell {
	c := IDCell(id)
	page, known := pages[l]
	if !known || !page.since.IsZero() && !b.runs(page.since) {
		return c
	}
	return c.Linked(fmt.Sprintf("%s%s%d", b.out.Instance, page.path, id))
}

// runs reports whether the source is known to run at least v.
func (b *builder) runs(v scan.Version) bool {
	if b.j.Instance == nil {
		return false
	}
	runs, ok := b.j.Instance.Version.Get()
	return ok && runs.AtLeast(v)
}

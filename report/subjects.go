package report

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"readiness/checks"
	"readiness/checks/advice"
	"readiness/scan"
)

const gapLegend = "Hatched cells hold no value: they say why (refused, withheld, hidden …); Not assessed tells more. A 0 is a zero that was read."

// sizes are the facts that make up a project's storage.
var sizes = []scan.FactID{"project.repository-size", "project.lfs-objects-size", "project.job-artifacts-size",
	"project.pipeline-artifacts-size", "project.packages-size", "project.container-registry-size", "project.wiki-size",
	"project.snippets-size", "project.uploads-size"}

// judged is a project with what the methods mean for it.
type judged struct {
	*scan.Project
	advised advice.Project
}

func (b *builder) judgedProjects() iter.Seq2[judged, error] {
	return func(yield func(judged, error) bool) {
		for p, err := range b.inv.Projects() {
			if err != nil {
				yield(judged{}, err)
				return
			}
			if !yield(judged{p, advice.ForProject(b.j, p)}, nil) {
				return
			}
		}
	}
}

// addProjects adds a row for each project: what it is, what each method means
// for it, then every size and count that was asked for.
func (b *builder) addProjects() error {
	s := Sheet{Name: SheetProjects, Title: "Projects", Frozen: 2,
		Note: sentences(gapLegend, b.cutWords(scan.LevelProject))}
	if ok, err := occurs(b.inv.Projects()); err != nil || !ok {
		b.add(s, sentences("No project was seen.", b.cutWords(scan.LevelProject)))
		return err
	}
	of := facts[judged]{scan.LevelProject, b.meta.Scope.Depth, func(p judged) scan.Subject { return p.Project }}
	cols := []column[judged]{
		col("Id", ID, 9, func(p judged) Cell { return b.idCell(scan.LevelProject, p.ID) }),
		col("Path", Text, 44, func(p judged) Cell { return TextCell(p.Path) }),
		of.column("project.visibility").under("Visibility", 11),
		of.column("project.archived-state").under("Archived", 9),
		of.column("project.last-activity-at").under("Last activity", 12),
		col("Storage (MiB)", Bytes, 22, func(p judged) Cell { return storage(p.Project) }),
	}
	for _, m := range b.possible() {
		cols = append(cols, col(m.Title, Text, 18, func(p judged) Cell { return projectVerdict(p.advised.Verdicts, m) }))
	}
	work := advice.ByProject(b.j)
	cols = append(cols,
		col("Recommended", Text, 20, func(p judged) Cell { return recommendedCell(p.advised) }),
		col("Findings", Count, 24, func(p judged) Cell { return findingsCell(p.Project, work[p.ID].Findings) }))
	if b.j.Profile != nil && len(b.j.Profile.Efforts) > 0 {
		cols = append(cols, col("Hours for the findings", Text, 30, func(p judged) Cell { return hoursCell(work[p.ID].Hours) }))
	}
	s.Printed = len(cols) // what fits a page; the rest is for the screen
	cols = append(cols,
		col("Why", Text, 80, func(p judged) Cell { return TextCell(p.advised.Reason) }),
		col("What it loses that matters most", Text, 80, func(p judged) Cell { return mattersCell(p.advised) }))
	cols = append(cols, decisionColumns[judged](b, SheetProjects)...)
	shown := []scan.FactID{"project.visibility", "project.archived-state", "project.last-activity-at", "project.fork-relationship"}
	cols = append(cols,
		col("Fork of project", ID, 10, func(p judged) Cell { return b.forkCell(p.ForkedFrom) }))
	cols = append(cols, of.columns(func(id scan.FactID) bool {
		return slices.Contains(shown, id) || strings.HasSuffix(string(id), "-access")
	})...)
	s.Columns, s.Rows = headers(cols), rows(cols, b.judgedProjects())
	b.add(s, "")
	return nil
}

// findingsCell counts what was found of a project: a number if all that was
// asked for could be read, since what was not may hide more.
func findingsCell(p *scan.Project, n int64) Cell {
	for _, r := range scan.Facts(p) {
		g, gap := r.Gap()
		if !gap || g.Reason == scan.ReasonFeatureOff || g.Reason == scan.ReasonNotAsked {
			continue
		}
		if n == 0 {
			return GapCell("none seen, rest unread")
		}
		return GapCell(Thousands(n) + " seen, rest unread")
	}
	return CountCell(n)
}

// recommendedCell names the method for a project.
func recommendedCell(a advice.Project) Cell {
	if a.Method == "" {
		return TextCell("none yet").Toned(Bad)
	}
	return TextCell(a.Method.Title())
}

// mattersCell names what the recommended method leaves behind of a project.
func mattersCell(a advice.Project) Cell {
	words := strings.Join(a.Matters, ", ")
	if a.More > 0 {
		words += fmt.Sprintf(" and %d more", a.More)
	}
	return TextCell(words)
}

// groupAdvice finds what is advised for the projects below a top-level group.
func (b *builder) groupAdvice(g *scan.Group) *advice.Group {
	for i := range b.out.Advice.Groups {
		if a := &b.out.Advice.Groups[i]; g.ParentID == 0 && a.Path != "" && a.Path == g.Path {
			return a
		}
	}
	return nil
}

// groupMethodCell names the method for most projects of a top-level group.
func (b *builder) groupMethodCell(g *scan.Group) Cell {
	switch a := b.groupAdvice(g); {
	case a == nil:
		return Cell{}
	case a.Method == "":
		return TextCell("none yet").Toned(Bad)
	default:
		return TextCell(fmt.Sprintf("%s: %d of %d", a.Method.Title(), a.Recommended[a.Method], a.Projects))
	}
}

// forkCell is the id of the project that a fork comes from.
func (b *builder) forkCell(f scan.Fact[scan.ID]) Cell {
	id, ok := f.Get()
	switch {
	case !ok:
		return factCell(&f, scan.Count)
	case id == 0:
		return yesNo(false)
	}
	return b.idCell(scan.LevelProject, int64(id))
}

// storage sums a project's sizes.
func storage(p *scan.Project) Cell {
	var t scan.Total
	for _, id := range sizes {
		t.Add(scan.FactOf(p, id))
	}
	c := totalCell(t, scan.Bytes)
	c.unit = MiB
	return c
}

func projectVerdict(vs []checks.ProjectVerdict, m checks.MethodVerdict) Cell {
	for _, v := range vs {
		if v.Method != m.ID {
			continue
		}
		c := stateCell(v.State)
		if v.State == checks.Losses && v.Losses > 0 {
			return TextCell(fmt.Sprintf("%s: %s", c, Many(int64(v.Losses), "item", "items"))).Toned(c.Tone())
		}
		return c
	}
	return GapCell("not judged")
}

// addGroups adds a row for each group.
func (b *builder) addGroups() error {
	s := Sheet{Name: SheetGroups, Title: "Groups", Frozen: 2, Printed: 11,
		Note: sentences(gapLegend, b.cutWords(scan.LevelGroup))}
	if ok, err := occurs(b.inv.Groups()); err != nil || !ok {
		b.add(s, sentences("No group was seen.", b.cutWords(scan.LevelGroup)))
		return err
	}
	cols := []column[*scan.Group]{
		col("Id", ID, 9, func(g *scan.Group) Cell { return b.idCell(scan.LevelGroup, g.ID) }),
		col("Path", Text, 44, func(g *scan.Group) Cell { return TextCell(g.Path) }),
		col("Name", Text, 30, func(g *scan.Group) Cell { return TextCell(g.Name) }),
		col("Top-level", Text, 10, func(g *scan.Group) Cell { return yesNo(g.ParentID == 0) }),
		col("Recommended for most projects", Text, 30, b.groupMethodCell),
	}
	cols = append(cols, decisionColumns[*scan.Group](b, SheetGroups)...)
	cols = append(cols, facts[*scan.Group]{scan.LevelGroup, b.meta.Scope.Depth, func(g *scan.Group) scan.Subject { return g }}.columns(none)...)
	s.Columns, s.Rows = headers(cols), rows(cols, b.inv.Groups())
	b.add(s, "")
	return nil
}

func none(scan.FactID) bool { return false }

// addUsers adds a row for each user.
func (b *builder) addUsers() error {
	s := Sheet{Name: SheetUsers, Title: "Users", Frozen: 2,
		Note: sentences(gapLegend, b.cutWords(scan.LevelUser))}
	if ok, err := occurs(b.inv.Users()); err != nil || !ok {
		b.add(s, sentences("No user was seen.", b.cutWords(scan.LevelUser)))
		return err
	}
	special := []scan.FactID{"user.identities", "user.last-activity-on", "user.public-email"}
	s.Printed = 10 // who it is; the rest is for the screen
	cols := []column[*scan.User]{
		col("Id", ID, 9, func(u *scan.User) Cell { return b.idCell(scan.LevelUser, u.ID) }),
		col("Username", Text, 28, func(u *scan.User) Cell { return TextCell(u.Username) }),
		col("Name", Text, 30, func(u *scan.User) Cell { return TextCell(u.Name) }),
		col("Last activity", Date, 12, func(u *scan.User) Cell { return dayCell(u.LastActivity, "never") }),
		col("Public e-mail", Text, 26, func(u *scan.User) Cell {
			if v, ok := u.PublicEmail.Get(); ok && v == "" {
				return TextCell("none").Toned(Muted)
			}
			return factCell(&u.PublicEmail, scan.Text)
		}),
		col("Sign-in identities", Text, 22, identities),
	}
	cols = append(cols, facts[*scan.User]{scan.LevelUser, b.meta.Scope.Depth, func(u *scan.User) scan.Subject { return u }}.
		columns(func(id scan.FactID) bool { return slices.Contains(special, id) })...)
	s.Columns, s.Rows = headers(cols), rows(cols, b.inv.Users())
	b.add(s, "")
	return nil
}

// identities names the providers that a user signs in with.
func identities(u *scan.User) Cell {
	if g, gap := u.Identities.Gap(); gap {
		return GapCell(shortReason(g.Reason))
	}
	var providers []string
	for _, i := range u.Identities.Items {
		providers = append(providers, i.Provider)
	}
	if len(providers) == 0 {
		return TextCell("none").Toned(Muted)
	}
	return TextCell(strings.Join(providers, ", "))
}

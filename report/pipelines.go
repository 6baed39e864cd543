package report

import (
	"fmt"
	"iter"
	"strings"

	"readiness/checks"
	"readiness/scan"
)

// maxPlaces is how many rows a sheet of places in files has at most.
const maxPlaces = 200_000

const placesNote = "At most 200,000 rows. Projects whose files could not be read are not here: Not assessed counts them."

// addPipelines adds a row for each place in a CI/CD configuration that a check
// finds fault with.
func (b *builder) addPipelines() error {
	s := Sheet{Name: SheetPipelines, Title: "What CI/CD configurations say that a migration touches", Frozen: 2,
		Note: sentences("Each place with the checks that find fault with it; their remedies are under Findings.", placesNote)}
	all := eachOf(scan.ProjectsWith(b.inv, b.j.MentionedFacts()...), b.j.Mentioned)
	if ok, err := occurs(all); err != nil || !ok {
		b.add(s, "In what was read, no CI/CD configuration says anything that a check finds fault with.")
		return err
	}
	type row = checks.Mentioned
	cols := []column[row]{
		col("Id", ID, 9, func(m row) Cell { return b.idCell(scan.LevelProject, m.Project.ID) }),
		col("Project", Text, 44, func(m row) Cell { return TextCell(m.Project.Path) }),
		col("File", Text, 24, func(m row) Cell { return TextCell(m.File) }),
		col("Line", Count, 8, func(m row) Cell { return lineCell(m.Line) }),
		col("Job or keyword", Text, 20, func(m row) Cell { return TextCell(m.Job) }),
		col("What", Text, 26, func(m row) Cell { return TextCell(mentionWords[m.Kind]) }),
		long("Says", 50, func(m row) Cell { return TextCell(m.Value) }),
		col("On the source", Text, 12, func(m row) Cell { return yesNo(m.Own) }),
		long("Checks", 44, func(m row) Cell { return TextCell(strings.Join(m.Checks, ", ")) }),
	}
	s.Columns, s.Rows = headers(cols), rows(cols, all)
	b.add(s, "")
	return nil
}

// addDependencies adds a row for each thing that a project needs of another one.
func (b *builder) addDependencies() error {
	s := Sheet{Name: SheetDependencies, Title: "What projects need of one another", Frozen: 2,
		Note: sentences("Includes, images, triggers, submodules and forks that lead to another project of the source, as far as files name it without variables.",
			b.wavesWords(), placesNote)}
	all := eachOf(scan.ProjectsWith(b.inv, scan.DependencyFacts()...), b.j.Needed)
	if ok, err := occurs(all); err != nil || !ok {
		b.add(s, "In what was read, no project needs another one.")
		return err
	}
	type row = checks.Needed
	cols := []column[row]{
		col("Id", ID, 9, func(n row) Cell { return b.idCell(scan.LevelProject, n.Project.ID) }),
		col("Project", Text, 44, func(n row) Cell { return TextCell(n.Project.Path) }),
		col("Needs", Text, 22, func(n row) Cell { return TextCell(checks.DependencyName(n.Kind)) }),
		col("Of project", Text, 44, func(n row) Cell { return TextCell(n.Target) }),
		col("Moves too", Text, 11, func(n row) Cell {
			if n.Inside {
				return yesNo(true)
			}
			return TextCell("no, or stays").Toned(Bad)
		}),
		col("In another wave", Text, 14, func(n row) Cell {
			if n.Apart {
				return TextCell("yes").Toned(Bad)
			}
			return yesNo(false)
		}),
		col("Its path at the destination, where that changes", Text, 44, func(n row) Cell { return TextCell(n.NewPath) }),
		col("File", Text, 24, func(n row) Cell { return TextCell(n.File) }),
		col("Line", Count, 8, func(n row) Cell { return lineCell(n.Line) }),
	}
	s.Columns, s.Rows = headers(cols), rows(cols, all)
	b.add(s, "")
	return nil
}

// wavesWords says what another wave is.
func (b *builder) wavesWords() string {
	if len(b.j.Target.Waves) > 0 {
		return "Waves are those of the plan."
	}
	return "No plan states waves: each top-level group is taken for one."
}

// lineCell is a line number; nothing where the file as a whole is meant.
func lineCell(line int) Cell {
	if line == 0 {
		return Cell{}
	}
	return CountCell(int64(line))
}

// eachOf lists what of finds in each project, up to maxPlaces.
func eachOf[T any](projects iter.Seq2[*scan.Project, error], of func(*scan.Project) []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		left := maxPlaces
		for p, err := range projects {
			if err != nil {
				var none T
				yield(none, fmt.Errorf("list what files say: %w", err))
				return
			}
			for _, found := range of(p) {
				if left--; left < 0 || !yield(found, nil) {
					return
				}
			}
		}
	}
}

// mentionWords are the kinds of mentions in words.
var mentionWords = map[scan.CIKind]string{
	scan.CIIncludeLocal: "Local include", scan.CIIncludeProject: "Include of another project", scan.CIIncludeRemote: "Include of an address",
	scan.CIIncludeTemplate: "Template", scan.CIIncludeComponent: "Component", scan.CIImage: "Image", scan.CIService: "Service's image",
	scan.CIHost: "Host of the source", scan.CIAddress: "IP address", scan.CIForeignHost: "Host of another server", scan.CITag: "Runner tag",
	scan.CITrigger: "Trigger of another project", scan.CINeedsProject: "Artifacts of another project", scan.CIJobToken: "Use of the job token",
	scan.CIVariable: "Variable without a value here", scan.CISecrets: "Secrets provider", scan.CIIDToken: "ID token", scan.CIEnvironment: "Environment",
	scan.CIPages: "Pages job", scan.CITerraform: "Terraform state", scan.CIScanner: "Security scanner", scan.CIDeprecated: "Deprecated or removed",
	scan.CIConfigElsewhere: "Configuration elsewhere", scan.CIProblem: "Could not be followed",
}

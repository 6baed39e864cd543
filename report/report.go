package report

import (
	"fmt"
	"strings"
	"time"

	"readiness/checks"
	"readiness/checks/advice"
	"readiness/checks/track"
	"readiness/scan"
)

// Report is everything that is told, in the order in which it is told. Every
// form is written from one Report, so that no two can differ.
type Report struct {
	Summary Summary
	Sheets  []Sheet   // those with something to say, About last
	LeftOut []LeftOut // those without
	Charts  []Chart   // pictures of the Summary's numbers
	Advice  *advice.Advice
	Kept    []Note // what people wrote that has no place any more
	// Instance is the source's base URL, without a trailing slash.
	Instance string
	// Finished is when the scan ended, or began if it did not end: the only time
	// that the report bears, so that equal scans give equal reports.
	Finished time.Time
	Program  string // name and version of the program that wrote the report
	Brand    *Brand // how it looks; nil: as the program has it
	// Snapshot is the SHA-256 of what was read, in hex; "": the scan did not end.
	Snapshot string
}

// LeftOut is a sheet that has nothing to say, and why.
type LeftOut struct {
	Name, Why string
}

// Sheet returns the sheet with this name, if it is not left out.
func (r *Report) Sheet(name string) (*Sheet, bool) {
	for i := range r.Sheets {
		if r.Sheets[i].Name == name {
			return &r.Sheets[i], true
		}
	}
	return nil, false
}

// The sheets, in their order. The Summary is drawn from Report.Summary.
const (
	SheetSummary       = "Summary"
	SheetMethods       = "Methods"
	SheetLeftBehind    = "Left behind"
	SheetActions       = "Actions"
	SheetFindings      = "Findings"
	SheetProjects      = "Projects"
	SheetGroups        = "Groups"
	SheetUsers         = "Users"
	SheetRunners       = "Runners"
	SheetRegistries    = "Registries and packages"
	SheetIntegrations  = "Integrations"
	SheetPrerequisites = "Prerequisites"
	SheetPipelines     = "CI-CD"
	SheetDependencies  = "Dependencies"
	SheetPlan          = "Effort and calendar"
	SheetClauses       = "Assumptions and exclusions"
	SheetScoping       = "Scoping"
	SheetChecklist     = "Checklist"
	SheetParties       = "Responsibilities"
	SheetNotAssessed   = "Not assessed"
	SheetMatrix        = "Matrix"
	SheetProfile       = "Profile"
	SheetComparison    = "Comparison"
	SheetDestination   = "Destination"
	SheetOther         = "Other sources"
	SheetAbout         = "About"
	SheetCharts        = "Charts" // of the workbook: the numbers that its charts show
)

// Options are what a report needs to know beside the judgement.
type Options struct {
	Version string // of the program that writes the report
	// Stated are people's answers to questions and tasks.
	Stated advice.Answers
	// Compare are judgements of the same inventory for other targets.
	Compare []*checks.Judgement
	// Tracked is what the scans before say; nil: nobody looked.
	Tracked *track.Tracked
	// Written is what people wrote into the workbook before.
	Written []Note
	Brand   *Brand
}

// builder is what the tables are built from.
type builder struct {
	j    *checks.Judgement
	inv  scan.Inventory
	opt  Options
	meta scan.Meta
	out  *Report

	notes map[noteKey]string // what people wrote, by its place
	tops  map[string]int64   // ids of top-level groups by their paths
}

// newBuilder readies a report without sheets.
func newBuilder(j *checks.Judgement, inv scan.Inventory, opt Options) *builder {
	b := &builder{j: j, inv: inv, opt: opt, meta: j.Meta, out: &Report{
		Instance: strings.TrimRight(j.Meta.Scope.URL, "/"),
		Finished: j.Meta.Finished,
		Program:  strings.TrimSpace("readiness " + opt.Version),
		Brand:    opt.Brand,
		Snapshot: j.Meta.Hash,
	}}
	if b.out.Finished.IsZero() {
		b.out.Finished = j.Meta.Started
	}
	b.out.Finished = b.out.Finished.UTC()
	return b
}

// Build makes the report of a judgement. The tables of projects, groups and
// users are read from inv while they are written, one subject at a time: inv
// must stay open until then. An error means that inv could not be read.
func Build(j *checks.Judgement, inv scan.Inventory, opt Options) (*Report, error) {
	b := newBuilder(j, inv, opt)
	var err error
	if b.out.Advice, err = advice.Of(j, inv, opt.Stated); err != nil {
		return nil, fmt.Errorf("build the report: %w", err)
	}
	if err := b.topGroups(); err != nil {
		return nil, fmt.Errorf("build the report: %w", err)
	}
	if err := b.settle(); err != nil {
		return nil, fmt.Errorf("build the report: place what people wrote: %w", err)
	}
	b.out.Summary = b.summary()
	b.out.Summary.Comparison = b.comparison()
	b.out.Charts = b.charts()
	for _, add := range []func() error{
		b.addMethods, b.addPrerequisites, b.addComparison, b.addLeftBehind, b.addActions, b.addFindings, b.addProjects, b.addGroups, b.addUsers, b.addPipelines, b.addDependencies, b.addRunners, b.addRegistries, b.addIntegrations, b.addPlan, b.addScoping, b.addChecklist, b.addParties, b.addClauses, b.addNotAssessed, b.addOther, b.addDestination, b.addProfile, b.addMatrix,
		b.addChanges, b.addKept,
	} {
		if err := add(); err != nil {
			return nil, fmt.Errorf("build the report: %w", err)
		}
	}
	b.addAbout()
	return b.out, nil
}

// add appends a sheet, or names it as left out if why says something.
func (b *builder) add(s Sheet, why string) {
	if why != "" {
		b.out.LeftOut = append(b.out.LeftOut, LeftOut{s.Name, why})
		return
	}
	s.Note = Clean(s.Note)
	b.out.Sheets = append(b.out.Sheets, s)
}

// possible lists the verdicts of the methods in play that the target does not
// rule out.
func (b *builder) possible() []checks.MethodVerdict {
	var ms []checks.MethodVerdict
	for _, m := range b.j.Methods {
		if m.InPlay && m.State != checks.Impossible {
			ms = append(ms, m)
		}
	}
	return ms
}

// ruledOut says once which methods in play the target rules out, and why.
func (b *builder) ruledOut() string {
	var parts []string
	for _, m := range b.j.Methods {
		if m.InPlay && m.State == checks.Impossible {
			parts = append(parts, fmt.Sprintf("%s is not possible here: %s", m.Title, withoutLink(strings.TrimSuffix(m.Reason, "."))))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return strings.Join(parts, "; ") + "."
}

// withoutLink takes a link in brackets off the end of a sentence.
func withoutLink(s string) string {
	if i := strings.LastIndex(s, " (https://"); i >= 0 && strings.HasSuffix(s, ")") {
		return s[:i]
	}
	return s
}

// sentences joins what is not empty.
func sentences(parts ...string) string {
	var s []string
	for _, p := range parts {
		if p != "" {
			s = append(s, p)
		}
	}
	return strings.Join(s, " ")
}

// sentence ends words with a full stop, if they have no end of their own.
func sentence(s string) string {
	if s = strings.TrimSpace(s); s == "" || strings.ContainsAny(s[len(s)-1:], ".!?") {
		return s
	}
	return s + "."
}

// sourceWords says what the source runs.
func (b *builder) sourceWords() string {
	i := b.j.Instance
	if i == nil {
		return "GitLab, nothing of it could be read"
	}
	s := "GitLab, version " + factCell(&i.Version, scan.Text).String()
	if v, ok := i.Version.Get(); ok {
		s = "GitLab " + v.String()
	}
	if v := b.j.Target.AssumedSource; !v.IsZero() {
		s += ", judged as if it ran " + v.Short()
	}
	if ee, ok := i.Enterprise.Get(); ok && ee {
		s += ", Enterprise Edition"
	} else if ok {
		s += ", Community Edition"
	}
	switch plan, ok := i.Plan.Get(); {
	case ok && plan != "":
		s += ", " + upperFirst(plan)
	case ok:
		s += ", no licence loaded"
	}
	return s
}

// targetWords says where the migration goes.
func (b *builder) targetWords() string {
	t := b.j.Target
	s := fmt.Sprintf("%s %s, %s", t.Destination.Title(), t.Version.Short(), upperFirst(string(t.Tier)))
	if t.Parent != "" {
		s += ", under " + t.Parent
	}
	if t.AirGapped {
		s += ", no network between the two"
	}
	if t.Executor != "" {
		s += ", executed by " + t.Executor.Title()
	}
	return s
}

// scopeWords says what the scan covered.
func (b *builder) scopeWords() string {
	s := "the whole instance"
	if g := b.meta.Scope.Groups; len(g) > 0 {
		s = Many(int64(len(g)), "group", "groups") + " with subgroups: " + strings.Join(g, ", ")
	}
	if n := len(b.meta.Scope.Projects); n > 0 {
		s = Many(int64(n), "listed project", "listed projects") + " with the groups they lie in"
	}
	s += "; depth " + b.meta.Scope.Depth.String()
	if areas := b.meta.Scope.Areas; len(areas) > 0 {
		var names []string
		for _, a := range areas {
			names = append(names, string(a))
		}
		s += "; beyond the listings only these areas: " + strings.Join(names, ", ")
	}
	return s
}

// cutWords says why the listing of a level ended early, or "".
func (b *builder) cutWords(l scan.Level) string {
	_, many := levelNoun(l)
	for _, w := range b.meta.Walks {
		if w.Level != l {
			continue
		}
		if w.Gap != nil {
			return fmt.Sprintf("The list of %s is not complete: %s.", many, w.Gap)
		}
		if !w.Done {
			return fmt.Sprintf("The list of %s is not complete: the scan was interrupted.", many)
		}
	}
	return ""
}

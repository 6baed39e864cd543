package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"readiness/checks"
	"readiness/checks/advice"
	"readiness/checks/matrix"
	"readiness/report"
	"readiness/scan"
	"readiness/scan/snapshot"
)

// targetFlags are the flags that say what a snapshot is judged for.
type targetFlags struct {
	destination, version, tier string
	methods                    []string
	parent, executor, assumed  string
	airGapped                  bool
	matrixFile, profileFile    string
	answersFile                string
	brandFile                  string
	asOf                       string
	past                       historyFlags
	planFile, waiversFile      string
	workbookFile               string
	verbose                    bool

	set *pflag.FlagSet // which of them were given: these come before the profile
}

func (f *targetFlags) register(flags *pflag.FlagSet) {
	d := checks.DefaultTarget()
	f.set = flags
	flags.StringVar(&f.destination, "destination", "gitlab.com", "where the migration goes: gitlab.com, dedicated or self-managed")
	flags.StringVar(&f.version, "destination-version", "", "GitLab version of the destination, e.g. 19.5 (default "+d.Version.Short()+")")
	flags.StringVar(&f.tier, "destination-tier", string(d.Tier), "tier of the destination: free, premium or ultimate")
	flags.StringVar(&f.parent, "destination-parent", "", "full `path` of the destination group that everything goes under, e.g. acme/imported")
	flags.StringSliceVar(&f.methods, "method", nil, "method in play, repeatable: "+methodNames()+" (default all)")
	flags.BoolVar(&f.airGapped, "air-gapped", false, "there is no network path between source and destination")
	flags.StringVar(&f.executor, "executor", "", "who runs the migration, which decides the rights there are: partner, gitlab-ps or customer")
	flags.StringVar(&f.assumed, "assume-source-version", "", "judge the source as if it ran this GitLab `version`, as after an upgrade")
	flags.StringVar(&f.asOf, "as-of", "", "count ages, as of projects without activity, up to this `day`, e.g. 2026-11-30 (default: the end of the scan)")
	flags.StringVar(&f.profileFile, "profile", "", "YAML `file` with what was decided for this engagement: target, thresholds, checks, efforts, questions")
	flags.StringVar(&f.answersFile, "answers", "", "YAML `file` with people's answers to the scoping questions and the checklist, by id")
	flags.StringVar(&f.planFile, "plan", "", "CSV `file` with what moves: Path or Id, and Scope, Reason, Wave, Target path")
	flags.StringVar(&f.waiversFile, "waivers", "", "YAML `file` with findings and gaps that somebody accepts until a day")
	flags.StringVar(&f.workbookFile, "previous-workbook", "", "earlier `workbook` whose columns for people are read back (default: the one that is there already)")
	f.past.register(flags)
	flags.StringVar(&f.brandFile, "brand", "", "YAML `file` with who delivers the report: name, engagement, logo and colours of the workbook and the page")
	flags.StringVar(&f.matrixFile, "matrix", "", "YAML `file` that adds to the matrix of methods or overrides it")
}

// registerVerbose is for the commands that print the summary.
func (f *targetFlags) registerVerbose(flags *pflag.FlagSet) {
	flags.BoolVar(&f.verbose, "verbose", false, "add the gravest findings of every area to the summary")
}

func methodNames() string {
	var names []string
	for _, m := range matrix.Methods() {
		names = append(names, hyphenated(m))
	}
	return strings.Join(names, ", ")
}

// target reads the profile and the flags, which come before it; every error is
// the caller's to mend.
func (f *targetFlags) target() (checks.Target, *checks.Profile, error) {
	t := checks.DefaultTarget()
	p, err := profile(f.profileFile)
	if err != nil {
		return t, nil, err
	}
	if p != nil {
		t = t.With(p.Target)
	}
	given := func(flag string) bool { return f.set != nil && f.set.Changed(flag) }
	refuse := func(flag string, err error) (checks.Target, *checks.Profile, error) {
		return t, nil, usagef("--%s: %w", flag, err)
	}
	if given("destination") {
		if t.Destination, err = checks.ParseDestination(f.destination); err != nil {
			return refuse("destination", err)
		}
	}
	if f.version != "" {
		if t.Version, err = scan.ParseVersion(f.version); err != nil {
			return refuse("destination-version", err)
		}
		t.VersionStated = true
	}
	if given("destination-tier") {
		if t.Tier, err = checks.ParseTier(f.tier); err != nil {
			return refuse("destination-tier", err)
		}
	}
	if f.parent != "" {
		if t.Parent, err = checks.ParsePath(f.parent); err != nil {
			return refuse("destination-parent", err)
		}
	}
	if f.executor != "" {
		if t.Executor, err = checks.ParseParty(f.executor); err != nil {
			return refuse("executor", err)
		}
	}
	if f.assumed != "" {
		if t.AssumedSource, err = scan.ParseVersion(f.assumed); err != nil {
			return refuse("assume-source-version", err)
		}
	}
	if f.asOf != "" {
		if t.AsOf, err = time.Parse(time.DateOnly, f.asOf); err != nil {
			return refuse("as-of", fmt.Errorf("%.40q is no day: give it as 2026-11-30", f.asOf))
		}
	}
	if given("air-gapped") {
		if t.AirGapped = f.airGapped; p == nil || p.Target.Methods == nil {
			t.Methods = checks.DefaultMethods(f.airGapped)
		}
	}
	if len(f.methods) > 0 {
		chosen := map[matrix.Method]bool{}
		for _, name := range f.methods {
			m, err := matrix.ParseMethod(name)
			if err != nil {
				return refuse("method", err)
			}
			chosen[m] = true
		}
		t.Methods = nil
		for _, m := range matrix.Methods() {
			if chosen[m] {
				t.Methods = append(t.Methods, m)
			}
		}
	}
	return t, p, nil
}

// terms are what a snapshot is judged by.
type terms struct {
	matrix  *matrix.Matrix
	target  checks.Target
	profile *checks.Profile // nil: none was given
	stated  advice.Answers
	past    history
	// decisions are the plan and the waivers.
	decisions checks.Decisions
	book      book          // what people wrote into the workbook before
	brand     *report.Brand // nil: none was given
	verbose   bool          // the summary is told at length
}

// terms reads the flags and the files that they name; every error is the
// caller's to mend.
func (f *targetFlags) terms() (t terms, err error) {
	t.verbose = f.verbose
	if t.target, t.profile, err = f.target(); err != nil {
		return t, err
	}
	if t.matrix, err = knowledge(f.matrixFile); err != nil {
		return t, err
	}
	if t.past, err = f.past.history(); err != nil {
		return t, err
	}
	if t.decisions, err = f.decisions(); err != nil {
		return t, err
	}
	if t.brand, err = brand(f.brandFile); err != nil {
		return t, err
	}
	if f.answersFile == "" {
		return t, nil
	}
	data, err := os.ReadFile(f.answersFile)
	if err == nil {
		t.stated, err = advice.ReadAnswers(f.answersFile, data)
	}
	if err != nil {
		return t, usagef("--answers: %w", err)
	}
	return t, nil
}

// read takes in what people wrote into the workbook that was named, or else into
// the first of those that are there.
func (t *terms) read(named string, warn io.Writer, found ...string) (err error) {
	if named != "" {
		t.book, err = readBook(named, true)
	}
	for _, path := range found {
		if t.book.path == "" && err == nil {
			t.book, err = readBook(path, false)
		}
	}
	return t.takeIn(err, warn)
}

// readBeside is read for a snapshot that may lie beside a workbook of another
// instance, such as the one its redacted copy is about: that is passed over and
// said, but for one that would be overwritten.
func (t *terms) readBeside(snapshotFile, named, overwritten string, warn io.Writer) error {
	err := error(nil)
	switch {
	case named != "":
		t.book, err = readBook(named, true)
	case overwritten != "":
		t.book, err = readBook(overwritten, false)
	}
	if beside := filepath.Join(filepath.Dir(snapshotFile), workbookName); t.book.path == "" && err == nil {
		var url string
		if url, err = urlOf(snapshotFile); err != nil {
			return err
		}
		if t.book, err = readBook(beside, false); err == nil && t.book.of(url) != nil {
			fmt.Fprintf(warn, "readiness: %s is about %.200s, not about %s: nothing is read back of it\n", oneLine(beside), oneLine(t.book.source), url)
			t.book = book{}
		}
	}
	return t.takeIn(err, warn)
}

// urlOf is the instance that a snapshot is of.
func urlOf(path string) (string, error) {
	s, err := snapshot.Open(path)
	if err != nil {
		return "", snapshotError(err)
	}
	return s.Meta().Scope.URL, s.Close()
}

func (t *terms) takeIn(err error, warn io.Writer) error {
	if err == nil {
		t.book.decided(t, warn)
	}
	return err
}

// decisions reads the plan and the waivers.
func (f *targetFlags) decisions() (d checks.Decisions, err error) {
	read := func(flag, file string, parse func(string, []byte) error) error {
		if file == "" {
			return nil
		}
		data, err := os.ReadFile(file)
		if err == nil {
			err = parse(file, data)
		}
		if err != nil {
			return usagef("--%s: %w", flag, err)
		}
		return nil
	}
	if err := read("plan", f.planFile, func(name string, data []byte) (err error) {
		d.Plan, err = checks.ReadPlan(name, data)
		return err
	}); err != nil {
		return d, err
	}
	return d, read("waivers", f.waiversFile, func(name string, data []byte) (err error) {
		d.Waivers, err = checks.ReadWaivers(name, data)
		return err
	})
}

// profile reads the engagement's profile; without a file there is none.
func profile(file string) (*checks.Profile, error) {
	if file == "" {
		return nil, nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, usagef("--profile: %w", err)
	}
	p, err := checks.ReadProfile(file, data)
	if err != nil {
		return nil, usagef("--profile: %w", err)
	}
	return p, nil
}

// brand reads who delivers the report; without a file nobody is named. Its logo
// is looked for beside the file.
func brand(file string) (*report.Brand, error) {
	if file == "" {
		return nil, nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, usagef("--brand: %w", err)
	}
	b, err := report.ReadBrand(file, data, func(path string) ([]byte, error) {
		if !filepath.IsAbs(path) {
			path = filepath.Join(filepath.Dir(file), path)
		}
		return os.ReadFile(path)
	})
	if err != nil {
		return nil, usagef("--brand: %w", err)
	}
	return b, nil
}

// knowledge loads the matrix with what --matrix adds to it.
func knowledge(file string) (*matrix.Matrix, error) {
	m, err := matrix.Load()
	if err != nil {
		return nil, fmt.Errorf("load the embedded matrix: %w", err)
	}
	if file == "" {
		return m, nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, usagef("--matrix: %w", err)
	}
	if m, err = m.Override(file, data); err != nil {
		return nil, usagef("--matrix: %w", err)
	}
	return m, nil
}

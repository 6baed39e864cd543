package main

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"readiness/checks"
	"readiness/checks/track"
	"readiness/report"
	"readiness/report/congregatewave"
	"readiness/report/csvfiles"
	"readiness/report/jsonreport"
	"readiness/report/markdown"
	"readiness/report/terminal"
	"readiness/report/webpage"
	"readiness/report/workbook"
	"readiness/scan/snapshot"
)

// form is how a report is told.
type form string

const (
	formTable    form = "table"
	formWorkbook form = "xlsx"
	formJSON     form = "json"
	formCSV      form = "csv"
	formMarkdown form = "markdown"
	formHTML     form = "html"
	formWave     form = "congregate-wave"
)

// forms lists every form, as --format names them.
func forms() []form {
	return []form{formTable, formWorkbook, formJSON, formCSV, formMarkdown, formHTML, formWave}
}

// formNames lists the forms in words.
func formNames() string {
	var names []string
	for _, f := range forms() {
		names = append(names, string(f))
	}
	return strings.Join(names, ", ")
}

func parseForm(s string) (form, error) {
	if f := form(s); slices.Contains(forms(), f) {
		return f, nil
	}
	return "", usagef("--format: unknown format %.40q: choose from %s", s, formNames())
}

// told is a snapshot, judged and ready to be written in any form.
type told struct {
	snapshot  *snapshot.Snapshot
	judgement *checks.Judgement
	report    *report.Report
	address   string // where the source was reached, if that is not its URL
	compared  []*checks.Judgement
	tracked   *track.Tracked
	failOn    checks.Severity
	decisions checks.Decisions
	options   report.Options
	verbose   bool
}

// judge judges the newest scan of the snapshot at path. The caller closes it.
func judge(path string, by terms, others ...checks.Target) (*told, error) {
	s, err := snapshot.Open(path)
	if err != nil {
		return nil, snapshotError(err)
	}
	return judgeOpen(path, s, by, others...)
}

// judgeRun is judge for one of several scans in a file.
func judgeRun(path string, number int64, by terms) (*told, error) {
	s, err := snapshot.OpenRun(path, number)
	if err != nil {
		return nil, snapshotError(err)
	}
	return judgeOpen(path, s, by)
}

// judgeOpen judges a scan, and closes it if that fails.
func judgeOpen(path string, s *snapshot.Snapshot, by terms, others ...checks.Target) (*told, error) {
	read, err := s.Destination()
	if err != nil {
		s.Close()
		return nil, snapshotError(err)
	}
	by.target = by.target.WithRead(read)
	j, err := checks.EvaluateBy(s, by.matrix, by.target, by.profile, by.decisions)
	if err != nil {
		s.Close()
		return nil, fmt.Errorf("judge %s: %w", path, err)
	}
	var compared []*checks.Judgement
	for _, other := range others {
		other.Read = nil // it was read of another
		c, err := checks.EvaluateBy(s, by.matrix, other, by.profile, by.decisions)
		if err != nil {
			s.Close()
			return nil, fmt.Errorf("judge %s for %s: %w", path, other.Destination.Title(), err)
		}
		compared = append(compared, c)
	}
	if err := by.book.of(j.Meta.Scope.URL); err != nil {
		s.Close()
		return nil, err
	}
	tracked, err := by.past.track(path, s, j, by)
	if err != nil {
		s.Close()
		return nil, err
	}
	opt := report.Options{Version: version, Compare: compared, Stated: by.stated, Tracked: tracked, Written: by.book.notes, Brand: by.brand}
	r, err := report.Build(j, s, opt)
	if err != nil {
		s.Close()
		return nil, err
	}
	return &told{snapshot: s, judgement: j, report: r, compared: compared, tracked: tracked, failOn: by.past.failOn, decisions: by.decisions, options: opt, verbose: by.verbose}, nil
}

func (t *told) close() { t.snapshot.Close() }

// write writes one form of the report. files are what the summary shall say was
// written beside it.
func (t *told) write(w io.Writer, f form, env environment, colour bool, files ...terminal.File) error {
	switch f {
	case formWorkbook:
		return workbook.Write(w, t.report)
	case formJSON:
		return jsonreport.Write(w, t.judgement, t.snapshot, t.report, jsonreport.Run{Program: "readiness " + version, Address: t.address, Written: env.now(), Compared: t.compared, Tracked: t.tracked})
	case formMarkdown:
		return markdown.Write(w, t.report)
	case formWave:
		if err := congregatewave.Write(w, t.judgement, t.snapshot); err != nil {
			if errors.Is(err, congregatewave.ErrNoWave) {
				return usagef("--format congregate-wave: %w", err)
			}
			return err
		}
		return nil
	case formHTML:
		return webpage.Write(w, t.report)
	}
	return terminal.Write(w, t.report, terminal.Options{Width: env.columns(), Color: colour, Verbose: t.verbose, Files: files})
}

// verdict is the exit code that says how the judgement came out.
func (t *told) verdict() error {
	for _, f := range t.judgement.Findings {
		if f.Verdict != checks.Violated || f.Decision != nil || !track.AtLeast(f.Severity, t.failOn) {
			continue
		}
		return &exit{code: exitBlocker}
	}
	wave := t.report.Advice.Wave
	if !t.judgement.Coverage.Complete && !t.acceptedGaps() || wave != nil && !wave.Go {
		return &exit{code: exitUnread}
	}
	return nil
}

// acceptedGaps reports whether somebody accepts all that could not be read.
func (t *told) acceptedGaps() bool {
	return t.decisions.Waivers.Accepted(t.judgement.Coverage, t.asOf())
}

// asOf is the day that the judgement counts to.
func (t *told) asOf() time.Time {
	m := t.judgement.Meta
	switch {
	case !t.judgement.Target.AsOf.IsZero():
		return t.judgement.Target.AsOf
	case !m.Finished.IsZero():
		return m.Finished
	}
	return m.Started
}

// tell judges the snapshot at path, writes the workbook and the JSON report
// beside it into the folder out and prints the summary. address is where the
// source was reached, if that is not its URL. The error is the verdict's exit
// code if all went well.
func tell(env environment, path string, by terms, out, address string) error {
	t, err := judge(path, by)
	if err != nil {
		return err
	}
	defer t.close()
	t.address = address
	files := []terminal.File{
		{What: "Workbook", Path: filepath.Join(out, workbookName)},
		{What: "JSON", Path: filepath.Join(out, "readiness.json")},
		{What: "Snapshot", Path: path},
	}
	if err := by.book.aside(files[0].Path); err != nil {
		return err
	}
	// Side by side: each walks the snapshot for itself.
	var both errgroup.Group
	for i, f := range []form{formWorkbook, formJSON} {
		both.Go(func() error {
			return writeFile(files[i].Path, func(w io.Writer) error { return t.write(w, f, env, false) })
		})
	}
	if err := both.Wait(); err != nil {
		return err
	}
	if err := t.write(env.stdout, formTable, env, env.colour(env.stdoutTerminal), files...); err != nil {
		return err
	}
	return t.verdict()
}

// folder writes the CSV files into dir, which is made if it is not there.
func (t *told) folder(dir string) error {
	if err := makeFolder("--output", dir); err != nil {
		return err
	}
	for _, f := range csvfiles.Files(t.report) {
		if err := writeFile(filepath.Join(dir, f.Name), f.Write); err != nil {
			return err
		}
	}
	return nil
}

// retold is how an earlier scan's report is written again.
type retold struct {
	form   form
	output string // file, or folder for CSV; "": standard output
	sheet  string // the only sheet shown; "": the summary
	sort   string // the column that the sheet is sorted by
	top    int    // rows of the sheet shown; 0: all
	// edition is what it is made for: "" to be read whole, or a Statement of Work.
	edition string
	split   string // by what: "" not at all, or by top-level group
}

// summary reports whether it is the terminal's summary.
func (r retold) summary() bool {
	return r.form == formTable && r.sheet == "" && r.edition == "" && r.split == ""
}

// check refuses what cannot be written, before anything is judged.
func (r retold) check() error {
	switch {
	case r.edition != "" && r.edition != editionSOW:
		return usagef("--edition: unknown edition %.40q: choose %s", r.edition, editionSOW)
	case r.edition != "" && (r.form != formTable || r.sheet != ""):
		return usagef("--edition %s is a workbook and Markdown: leave --format and --sheet out", r.edition)
	case r.edition != "" && r.output == "":
		return usagef("--output is missing: name the folder for the annex")
	case r.split != "" && r.split != splitByGroup:
		return usagef("--split-by: %.40q is unknown: choose %s", r.split, splitByGroup)
	case r.split != "" && (r.form != formTable || r.sheet != "" || r.edition != ""):
		return usagef("--split-by writes workbooks and issues: leave --format, --sheet and --edition out")
	case r.split != "" && r.output == "":
		return usagef("--output is missing: name the folder for the groups' workbooks")
	case r.form == formWorkbook && r.output == "":
		return usagef("--output is missing: a workbook needs a file to be written to")
	case r.form == formCSV && r.output == "":
		return usagef("--output is missing: CSV is written as a folder of files, one for each sheet")
	case r.sheet != "" && r.form != formTable:
		return usagef("--sheet: only --format table shows a single sheet; %s holds them all", r.form)
	case r.sheet == "" && (r.sort != "" || r.top != 0):
		return usagef("--sort and --top need --sheet, e.g. --sheet Projects")
	case r.top < 0:
		return usagef("--top: %d is negative", r.top)
	}
	return nil
}

// again judges an earlier scan's snapshot and writes one form of its report.
func again(env environment, path string, by terms, others []checks.Target, as retold) error {
	t, err := judge(path, by, others...)
	if err != nil {
		return err
	}
	defer t.close()
	write := func(w io.Writer) error {
		colour := as.output == "" && env.colour(env.stdoutTerminal)
		if as.sheet != "" {
			return t.table(w, env, as, colour)
		}
		return t.write(w, as.form, env, colour)
	}
	if as.form == formWorkbook {
		if err := by.book.aside(as.output); err != nil {
			return err
		}
	}
	switch {
	case as.edition != "":
		err = t.annex(env, as.output, t.options)
	case as.split != "":
		err = t.packs(env, by, as.output)
	case as.form == formCSV:
		err = t.folder(as.output)
	case as.output == "":
		err = write(env.stdout)
	default:
		err = writeFile(as.output, write)
	}
	if err != nil {
		return err
	}
	return t.verdict()
}

// table shows one sheet.
func (t *told) table(w io.Writer, env environment, as retold, colour bool) error {
	var names []string
	for i := range t.report.Sheets {
		s := &t.report.Sheets[i]
		if strings.EqualFold(s.Name, as.sheet) {
			err := terminal.Table(w, s, terminal.TableOptions{
				Options: terminal.Options{Width: env.columns(), Color: colour}, Sort: as.sort, Top: as.top})
			if errors.Is(err, terminal.ErrNoColumn) {
				return usagef("--sort: %w", err)
			}
			return err
		}
		names = append(names, s.Name)
	}
	return usagef("--sheet: no sheet %.40q in this report: choose from %s", as.sheet, strings.Join(names, ", "))
}

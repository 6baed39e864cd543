package main

import (
	"fmt"
	"io"
	"path/filepath"

	"readiness/checks"
	"readiness/checks/matrix"
	"readiness/report"
	"readiness/report/jsonreport"
	"readiness/report/terminal"
	"readiness/report/workbook"
	"readiness/scan/snapshot"
)

// form is how a report is told.
type form string

const (
	formTable    form = "table"
	formWorkbook form = "xlsx"
	formJSON     form = "json"
)

func parseForm(s string) (form, error) {
	switch f := form(s); f {
	case formTable, formWorkbook, formJSON:
		return f, nil
	}
	return "", usagef("--format: unknown format %.40q: choose from table, xlsx, json", s)
}

// told is a snapshot, judged and ready to be written in any form.
type told struct {
	snapshot  *snapshot.Snapshot
	judgement *checks.Judgement
	report    *report.Report
	address   string // where the source was reached, if that is not its URL
	compared  []*checks.Judgement
}

// judge opens the snapshot at path and judges it. The caller closes it.
func judge(path string, m *matrix.Matrix, t checks.Target, p *checks.Profile, others ...checks.Target) (*told, error) {
	s, err := snapshot.Open(path)
	if err != nil {
		return nil, snapshotError(err)
	}
	j, err := checks.EvaluateWith(s, m, t, p)
	if err != nil {
		s.Close()
		return nil, fmt.Errorf("judge %s: %w", path, err)
	}
	var compared []*checks.Judgement
	for _, other := range others {
		c, err := checks.EvaluateWith(s, m, other, p)
		if err != nil {
			s.Close()
			return nil, fmt.Errorf("judge %s for %s: %w", path, other.Destination.Title(), err)
		}
		compared = append(compared, c)
	}
	r, err := report.Build(j, s, report.Options{Version: version, Compare: compared})
	if err != nil {
		s.Close()
		return nil, err
	}
	return &told{snapshot: s, judgement: j, report: r, compared: compared}, nil
}

func (t *told) close() { t.snapshot.Close() }

// write writes one form of the report. files are what the summary shall say was
// written beside it.
func (t *told) write(w io.Writer, f form, env environment, colour bool, files ...terminal.File) error {
	switch f {
	case formWorkbook:
		return workbook.Write(w, t.report)
	case formJSON:
		return jsonreport.Write(w, t.judgement, t.snapshot, t.report, jsonreport.Run{Program: "readiness " + version, Address: t.address, Written: env.now(), Compared: t.compared})
	}
	return terminal.Write(w, t.report, terminal.Options{Width: env.columns(), Color: colour, Files: files})
}

// verdict is the exit code that says how the judgement came out.
func (t *told) verdict() error {
	switch {
	case t.judgement.Blocked():
		return &exit{code: exitBlocker}
	case !t.judgement.Coverage.Complete:
		return &exit{code: exitUnread}
	}
	return nil
}

// tell judges the snapshot at path, writes the workbook and the JSON report
// beside it into the folder out and prints the summary. address is where the
// source was reached, if that is not its URL. The error is the verdict's exit
// code if all went well.
func tell(env environment, path string, m *matrix.Matrix, target checks.Target, p *checks.Profile, out, address string) error {
	t, err := judge(path, m, target, p)
	if err != nil {
		return err
	}
	defer t.close()
	t.address = address
	files := []terminal.File{
		{What: "Workbook", Path: filepath.Join(out, "readiness.xlsx")},
		{What: "JSON", Path: filepath.Join(out, "readiness.json")},
		{What: "Snapshot", Path: path},
	}
	for i, f := range []form{formWorkbook, formJSON} {
		if err := writeFile(files[i].Path, func(w io.Writer) error { return t.write(w, f, env, false) }); err != nil {
			return err
		}
	}
	if err := t.write(env.stdout, formTable, env, env.colour(env.stdoutTerminal), files...); err != nil {
		return err
	}
	return t.verdict()
}

// again judges an earlier scan's snapshot and writes one form of its report, to
// standard output or, if output names one, into a file.
func again(env environment, path string, m *matrix.Matrix, target checks.Target, p *checks.Profile, others []checks.Target, f form, output string) error {
	t, err := judge(path, m, target, p, others...)
	if err != nil {
		return err
	}
	defer t.close()
	if output == "" {
		err = t.write(env.stdout, f, env, env.colour(env.stdoutTerminal))
	} else {
		err = writeFile(output, func(w io.Writer) error { return t.write(w, f, env, false) })
	}
	if err != nil {
		return err
	}
	return t.verdict()
}

package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"readiness/report"
	"readiness/report/markdown"
	"readiness/report/workbook"
)

// editionSOW is the annex to a Statement of Work.
const editionSOW = "sow"

// annex writes the edition for a Statement of Work into the folder dir: a
// workbook to print and the same as Markdown, named by day and snapshot. What was
// issued once stays as it is.
func (t *told) annex(env environment, dir string, opt report.Options) error {
	r, err := report.BuildAnnex(t.judgement, t.snapshot, opt)
	if err != nil {
		return err
	}
	if r.Snapshot == "" {
		return usagef("--edition %s: the scan did not end: an annex is made of a whole one; the same scan command goes on", editionSOW)
	}
	if err := makeFolder("--output", dir); err != nil {
		return err
	}
	base := filepath.Join(dir, fmt.Sprintf("sow-annex-%s-%s", r.Finished.Format("2006-01-02"), r.Snapshot[:12]))
	files := []struct {
		path  string
		write func(io.Writer, *report.Report) error
	}{{base + ".xlsx", workbook.Write}, {base + ".md", markdown.Write}}
	for _, f := range files {
		if _, err := os.Lstat(f.path); !errors.Is(err, fs.ErrNotExist) {
			return usagef("%s is issued already and stays as it is: name another folder by --output for another annex of this snapshot", f.path)
		}
	}
	for _, f := range files {
		if err := issueFile(f.path, func(w io.Writer) error { return f.write(w, r) }); err != nil {
			return err
		}
		fmt.Fprintln(env.stdout, f.path)
	}
	return nil
}

// issueFile is writeFile for a file that must not be there yet.
func issueFile(path string, write func(io.Writer) error) error {
	whole := path + ".new"
	if err := writeFile(whole, write); err != nil {
		return err
	}
	defer os.Remove(whole)
	// A link is refused where the name is taken, at whatever moment.
	if err := os.Link(whole, path); err != nil {
		return fmt.Errorf("issue %s: %w", path, err)
	}
	return nil
}

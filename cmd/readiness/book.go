package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"readiness/checks"
	"readiness/checks/advice"
	"readiness/report"
	"readiness/report/workbook"
	"readiness/scan"
)

// book is what people wrote into an earlier workbook; the zero book is none.
type book struct {
	path   string
	notes  []report.Note
	source string // URL of the instance that it is about
	// touched says that somebody has saved it since this program wrote it.
	touched bool
}

// workbookName is the workbook's name in the folder of a scan.
const workbookName = "readiness.xlsx"

// readBook reads an earlier workbook. One that is not there is no error unless
// somebody named it.
func readBook(path string, named bool) (book, error) {
	f, err := os.Open(path)
	if err != nil && !named && !errors.Is(err, fs.ErrPermission) {
		return book{}, nil
	}
	refuse := func(err error) (book, error) {
		return book{}, usagef("--previous-workbook: %w; what people wrote there would be lost: mend it, name another with --previous-workbook, or move it away", err)
	}
	if err != nil {
		return refuse(err)
	}
	f.Close()
	e, err := workbook.Read(path)
	if err != nil {
		return refuse(fmt.Errorf("%s: %w", path, err))
	}
	return book{path, e.Notes, e.Source, e.Touched}, nil
}

// of refuses a workbook about another instance.
func (b book) of(url string) error {
	if b.path == "" || strings.TrimRight(b.source, "/") == strings.TrimRight(url, "/") {
		return nil
	}
	return usagef("--previous-workbook: %s is about %.200s, not about %s: what people wrote there belongs to another instance; name another, or move it away", b.path, b.source, url)
}

// unlocked refuses to overwrite a workbook that somebody has open: what they
// wrote and did not save would be lost.
func unlocked(path string) error {
	dir, name := filepath.Split(path)
	for _, lock := range []string{"~$" + name, ".~lock." + name + "#"} { // Excel's, LibreOffice's
		if _, err := os.Stat(dir + lock); err == nil {
			return usagef("%s is open in a spreadsheet program (%s is there): save and close it, or remove that file if no program has it open", path, dir+lock)
		}
	}
	return nil
}

// aside keeps a workbook that is about to be overwritten and that somebody has
// saved, for what is in it beside the columns that are read back.
func (b book) aside(path string) error {
	if b.path != path || !b.touched {
		return nil
	}
	before := strings.TrimSuffix(path, filepath.Ext(path)) + "-before" + filepath.Ext(path)
	if err := os.Rename(path, before); err != nil {
		return fmt.Errorf("keep the earlier workbook as %s: %w", before, err)
	}
	return nil
}

// decided adds to the decisions what people wrote into the workbook, and to the
// answers likewise. A file comes before the workbook, field by field. What cannot
// be read as what its column holds is kept and said, not heeded.
func (b book) decided(t *terms, warn io.Writer) {
	if len(b.notes) == 0 {
		return
	}
	t.decisions.Plan = b.plan(t.decisions.Plan, warn)
	answers := advice.Answers{}
	for _, n := range b.notes {
		if n.Kept || n.Key == "" || n.Sheet != report.SheetScoping && n.Sheet != report.SheetChecklist {
			continue
		}
		s := answers[n.Key]
		switch n.Column {
		case "Answer":
			s.Answer = first(s.Answer, n.Text)
		case "By":
			s.By = first(s.By, n.Text)
		case "Date":
			s.Date = first(s.Date, n.Text)
		}
		answers[n.Key] = s
	}
	for id, s := range t.stated {
		answers[id] = s
	}
	for id, s := range answers {
		if s.Answer == "" {
			delete(answers, id) // a name without an answer states nothing
		}
	}
	t.stated = answers
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// planFields are the fields of a plan by the headers of the workbook.
var planFields = map[string]string{"Scope": "scope", "Reason": "reason", "Wave": "wave", "Target path": "target"}

// plan adds the rows that people wrote to a plan, or makes one of them.
func (b book) plan(p *checks.Plan, warn io.Writer) *checks.Plan {
	type key struct {
		level scan.Level
		id    string
	}
	rows := map[key]map[string]string{}
	var order []key
	for _, n := range b.notes {
		level := map[string]scan.Level{report.SheetProjects: scan.LevelProject, report.SheetGroups: scan.LevelGroup}[n.Sheet]
		if level == "" || n.Kept || n.Key == "" {
			continue
		}
		k := key{level, n.Key}
		if rows[k] == nil {
			rows[k] = map[string]string{"level": string(level), "id": n.Key, "path": n.About}
			order = append(order, k)
		}
		field := planFields[n.Column]
		if rows[k][field] != "" {
			continue
		}
		rows[k][field] = n.Text
		// Each field by itself: one that makes no sense spoils no other.
		if _, err := checks.NewEntry(func(f string) string {
			if f == "id" || f == "level" || f == field {
				return rows[k][f]
			}
			return ""
		}); err != nil {
			fmt.Fprintf(warn, "readiness: %s, sheet %s, %s: %s; it is kept and not heeded\n", b.path, n.Sheet, oneLine(first(n.About, n.Key)), oneLine(err.Error()))
			delete(rows[k], field)
		}
	}
	out := &checks.Plan{Name: b.path}
	if p != nil {
		out.Name, out.Entries = p.Name, slices.Clone(p.Entries)
	}
	var written []checks.Entry
	for _, k := range order {
		row := rows[k]
		e, err := checks.NewEntry(func(f string) string { return row[f] })
		if err != nil { // the path is of another time, and the id tells
			row["path"] = ""
			e, err = checks.NewEntry(func(f string) string { return row[f] })
		}
		if err != nil || e.Scope == "" && e.Wave == "" && e.Target == "" && e.Reason == "" {
			continue
		}
		written = append(written, e)
	}
	out.Merge(written)
	if len(out.Entries) == 0 {
		return p
	}
	return out
}

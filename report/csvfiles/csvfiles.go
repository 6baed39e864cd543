// Package csvfiles writes a report as a folder of CSV files, one for each sheet,
// for people and programs that want neither a spreadsheet nor JSON.
//
// A number is a number and nothing else; a lower bound and what could not be
// read are words, as in the workbook. Text that a spreadsheet would take for a
// formula gets an apostrophe in front.
// Source: https://owasp.org/www-community/attacks/CSV_Injection
package csvfiles

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"readiness/report"
)

// File is one file of the folder.
type File struct {
	Name  string // e.g. "left-behind.csv"
	Write func(io.Writer) error
}

// Files lists the files of a report, the summary first. Each can be written
// once; the rows are read from the snapshot as they are written.
func Files(r *report.Report) []File {
	files := []File{{"summary.csv", func(w io.Writer) error { return summary(w, r) }}}
	for i := range r.Sheets {
		s := &r.Sheets[i]
		files = append(files, File{name(s.Name), func(w io.Writer) error { return Sheet(w, s) }})
	}
	return files
}

// name makes a file's name of a sheet's.
func name(sheet string) string {
	return strings.Trim(strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		}
		return '-'
	}, sheet), "-") + ".csv"
}

// Sheet writes one sheet: the headers, then its rows.
func Sheet(w io.Writer, s *report.Sheet) error {
	out := csv.NewWriter(w)
	record := make([]string, len(s.Columns))
	for i, c := range s.Columns {
		record[i] = harmless(c.Header)
	}
	if err := out.Write(record); err != nil {
		return fmt.Errorf("write %s: %w", s.Name, err)
	}
	for row, err := range s.Rows {
		if err != nil {
			return fmt.Errorf("write %s: %w", s.Name, err)
		}
		for i := range record {
			record[i] = ""
			if i < len(row) {
				record[i] = value(row[i], s.Columns[i].Kind)
			}
		}
		if err := out.Write(record); err != nil {
			return fmt.Errorf("write %s: %w", s.Name, err)
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("write %s: %w", s.Name, err)
	}
	return nil
}

// summary writes the first page as names and values.
func summary(w io.Writer, r *report.Report) error {
	out := csv.NewWriter(w)
	put := func(section, name, value, note string) {
		// The error stays with the writer until it is asked for.
		_ = out.Write([]string{section, harmless(name), harmless(value), harmless(note)})
	}
	s := r.Summary
	put("Section", "Name", "Value", "Note")
	put("Verdict", s.Title, s.Verdict.String(), "")
	for _, l := range append(s.Facts[:len(s.Facts):len(s.Facts)], s.Reading) {
		put("Scan", l.Label, l.Value.String(), "")
	}
	for _, m := range s.Methods {
		put("Method", m.Title, m.State.String(), m.Reason)
	}
	for _, a := range s.Actions {
		put("What must happen first", a.Title, a.Severity.String()+", "+a.Subjects(), a.Remedy)
	}
	for _, t := range s.Totals {
		put("Total", t.Label, number(t.Amount), strings.TrimSpace(t.Unit+" "+t.Note))
	}
	for _, u := range s.Unread {
		put("Not read", u.Title, u.Subjects(), strings.TrimSpace(u.Why+" "+u.Cure))
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("write the summary: %w", err)
	}
	return nil
}

// value is a cell as a field. A column whose header names no unit shows sizes
// with theirs.
func value(c report.Cell, column report.Kind) string {
	switch c.Kind() {
	case report.Empty:
		return ""
	case report.Text, report.Gap:
		return harmless(c.String())
	case report.Date:
		if c.Clock() {
			return c.Time().Format(time.RFC3339)
		}
		return c.Time().Format(time.DateOnly)
	case report.Bytes:
		if column != report.Bytes {
			return c.String()
		}
	}
	return number(c)
}

// number writes a number without separators, a size in its unit to three decimals.
func number(c report.Cell) string {
	switch c.Kind() {
	case report.Count, report.ID, report.Bytes, report.Percent:
	default:
		return c.String()
	}
	s := strconv.FormatFloat(c.Float(), 'f', -1, 64)
	if c.Kind() == report.Bytes {
		s = strconv.FormatFloat(c.Float(), 'f', 3, 64)
	}
	if c.Kind() == report.Count || c.Kind() == report.ID {
		s = strconv.FormatInt(c.Int(), 10)
	}
	if c.AtLeast() {
		s = "at least " + s
	}
	return s
}

// harmless keeps a spreadsheet from taking text for a formula.
func harmless(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r|%", rune(s[0])) {
		return "'" + s
	}
	return s
}

package workbook

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"readiness/report"
)

// Earlier is what a workbook that this program wrote, and people then worked in,
// holds of theirs.
type Earlier struct {
	Source string        // URL of the instance that it is about
	Notes  []report.Note // in the order of sheets, rows and columns
	// Touched says that somebody has saved it since this program wrote it.
	Touched bool
}

// What is wrong with a file that shall be read.
var (
	ErrNotWorkbook = errors.New("not a workbook of this program")
	ErrProtected   = errors.New("protected by a password, or in Excel's old form")
	ErrDamaged     = errors.New("damaged or truncated")
)

// reading has the usual forms of dates shown as 2026-11-30, and sheets of more
// than a megabyte unpacked into temporary files, where they can be made.
var reading = excelize.Options{ShortDatePattern: "yyyy-mm-dd", LongDatePattern: "yyyy-mm-dd", UnzipXMLSizeLimit: 1 << 20}

// headSearch is how many rows of a sheet are searched for its headers: people put
// rows above them.
const headSearch = 60

// Read reads what people wrote into a workbook. It finds columns by their headers
// and rows by their keys, wherever these stand, so that people may sort, filter,
// and add and move columns. Of a cell it takes what the person sees, a date as
// 2026-11-30 where it has the usual form of dates.
//
// An error says what is wrong, and wraps ErrNotWorkbook, ErrProtected or
// ErrDamaged.
func Read(path string) (*Earlier, error) {
	begins, err := beginning(path)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	case bytes.HasPrefix(begins, []byte("\xd0\xcf\x11\xe0")): // a compound file: encrypted, or .xls
		return nil, fmt.Errorf("%w: save it as .xlsx without a password", ErrProtected)
	case !bytes.HasPrefix(begins, []byte("PK")):
		return nil, fmt.Errorf("%w: it is no .xlsx file", ErrNotWorkbook)
	}
	f, err := excelize.OpenFile(path, reading)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	defer f.Close()
	e := &Earlier{Touched: true}
	if props, err := f.GetDocProps(); err == nil {
		e.Touched = props.LastModifiedBy != props.Creator
	}
	if e.Source, err = source(f); err != nil {
		return nil, err
	}
	for _, name := range f.GetSheetList() {
		base := continuation.ReplaceAllString(name, "")
		if base == report.SheetKept {
			if err := e.kept(f, name); err != nil {
				return nil, err
			}
		}
		i := slices.IndexFunc(report.PeopledSheets(), func(p report.Peopled) bool { return p.Sheet == base })
		if i < 0 {
			continue
		}
		if err := e.sheet(f, name, report.PeopledSheets()[i]); err != nil {
			return nil, err
		}
	}
	return e, nil
}

// beginning is what tells one kind of file from another, as far as there is so much.
func beginning(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	begins := make([]byte, 4)
	n, err := io.ReadFull(f, begins)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	return begins[:n], err
}

// continuation is what a sheet that continues another one has after its name.
var continuation = regexp.MustCompile(` \(\d+\)$`)

// source is the instance that a workbook is about, as its sheet About says.
func source(f *excelize.File) (string, error) {
	if i, err := f.GetSheetIndex(report.SheetAbout); err != nil || i < 0 {
		return "", fmt.Errorf("%w: it has no sheet %s", ErrNotWorkbook, report.SheetAbout)
	}
	found := ""
	err := table(f, report.SheetAbout, "What", []string{"Value"}, true, func(at map[string][]int, row []string) {
		if cell(row, at["What"]) == "Source" && found == "" {
			found = cell(row, at["Value"])
		}
	})
	if err == nil && found == "" {
		err = fmt.Errorf("%w: its sheet %s names no source", ErrNotWorkbook, report.SheetAbout)
	}
	return found, err
}

// sheet reads one sheet that people write in. Cells are read as they are stored,
// which is quick; where a person's cell is a number, the sheet is read again as
// it is shown, since only its format tells a day, a share or a truth from a number.
func (e *Earlier) sheet(f *excelize.File, name string, p report.Peopled) error {
	notes, numbers, err := notesOf(f, name, p, true)
	if err == nil && numbers {
		var shown []report.Note
		if shown, _, err = notesOf(f, name, p, false); err == nil && len(shown) == len(notes) {
			for i := range notes {
				if !slices.Contains(days, notes[i].Column) {
					notes[i].Text = shown[i].Text
				}
			}
		}
	}
	e.Notes = append(e.Notes, notes...)
	return err
}

// notesOf reads what people wrote into a sheet; numbers says that there are
// numbers among it whose form matters.
func notesOf(f *excelize.File, name string, p report.Peopled, stored bool) (notes []report.Note, numbers bool, err error) {
	err = table(f, name, p.Key, p.Filled, stored, func(at map[string][]int, row []string) {
		var about []string
		for _, h := range p.About {
			if words := cell(row, at[h]); words != "" {
				about = append(about, words)
			}
		}
		for _, h := range p.Filled {
			for _, i := range at[h] { // a person may have a second column of that name
				text := cell(row, []int{i})
				if text == "" {
					continue
				}
				n, isNumber := strconv.ParseFloat(text, 64)
				switch {
				case isNumber != nil:
				case slices.Contains(days, h):
					text = day(n, text)
				default:
					numbers = numbers || h != "Wave" || n < 0 || n >= firstDay || n != math.Trunc(n)
				}
				notes = append(notes, report.Note{Sheet: p.Sheet, Key: cell(row, at[p.Key]), Column: h, Text: text, About: strings.Join(about, ", ")})
			}
		}
	})
	return notes, numbers, err
}

// days are the columns that hold days: a number there is one, however a program
// has it shown.
var days = []string{"Due", "Date"}

// Numbers in between are taken for days, in Excel's count: 1954 to 2119.
const firstDay, lastDay = 20000, 80000

// day is a day as 2026-11-30 if the number can be one, else the text.
func day(n float64, text string) string {
	if n < firstDay || n > lastDay {
		return text
	}
	t, err := excelize.ExcelDateToTime(n, false)
	if err != nil {
		return text
	}
	return t.Format(time.DateOnly)
}

// kept reads the sheet of what had no row any more.
func (e *Earlier) kept(f *excelize.File, name string) error {
	h := report.KeptColumns()
	return table(f, name, h[0], h[3:5], true, func(at map[string][]int, row []string) {
		n := report.Note{Sheet: cell(row, at[h[0]]), Key: cell(row, at[h[1]]), About: cell(row, at[h[2]]), Column: cell(row, at[h[3]]), Text: cell(row, at[h[4]]), Kept: true}
		if n.Text != "" {
			e.Notes = append(e.Notes, n)
		}
	})
}

// table finds the headers of a sheet and hands over each row below them, its cells
// as they are stored or as they are shown. The row
// of the headers is the first that has the key and one of the others; in a
// workbook of an earlier version one of them may be missing, but not all.
func table(f *excelize.File, sheet, key string, others []string, stored bool, do func(at map[string][]int, row []string)) error {
	rows, err := f.Rows(sheet)
	if err != nil {
		return fmt.Errorf("%w: sheet %s: %w", ErrDamaged, sheet, err)
	}
	defer rows.Close()
	shown := reading
	shown.RawCellValue = stored
	var at, some map[string][]int
	var below [][]string // rows below some, as long as it may be the row of headers
	for n := 1; rows.Next(); n++ {
		row, err := rows.Columns(shown)
		if err != nil {
			return fmt.Errorf("%w: sheet %s, row %d: %w", ErrDamaged, sheet, n, err)
		}
		if at != nil {
			do(at, row)
			continue
		}
		found, whole := heads(row, key, others)
		switch {
		case whole:
			at = found
		case found != nil && some == nil && n <= headSearch:
			some = found
		case some[key] == nil && some != nil:
			below = append(below, row)
		}
	}
	if err := rows.Error(); err != nil {
		return fmt.Errorf("%w: sheet %s: %w", ErrDamaged, sheet, err)
	}
	if at == nil && some != nil {
		for _, row := range below {
			do(some, row)
		}
		return nil
	}
	if at == nil {
		return fmt.Errorf("%w: its sheet %s has none of the columns %s, %s: bring their headers back as they were", ErrNotWorkbook, sheet, key, strings.Join(others, ", "))
	}
	return nil
}

// heads finds columns by their headers; nil if this is not the row of headers.
// whole says that both the key and one of the others are among them.
func heads(row []string, key string, others []string) (at map[string][]int, whole bool) {
	at = map[string][]int{}
	for i, h := range row {
		h = strings.TrimSpace(h)
		at[h] = append(at[h], i)
	}
	other := slices.ContainsFunc(others, func(h string) bool { return at[h] != nil })
	if at[key] == nil && !other {
		return nil, false
	}
	return at, at[key] != nil && other
}

// cell is the text in the first of these columns, without white space around it.
func cell(row []string, columns []int) string {
	if len(columns) == 0 || columns[0] >= len(row) {
		return ""
	}
	return strings.TrimSpace(unspelled(row[columns[0]]))
}

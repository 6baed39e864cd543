// Package workbook writes a report as an Excel workbook that opens without a
// repair prompt in Excel, LibreOffice and Google Sheets.
//
// What was read is a number or a date; what was not is words on a hatched fill.
// Text of the source is stored as text and stands in no formula. The same report
// gives the same bytes.
package workbook

import (
	"archive/zip"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"readiness/report"
)

// maxRows is the number of rows a sheet can have.
// Source: https://support.microsoft.com/en-us/office/excel-specifications-and-limits-1672b34d-7043-467e-8e27-269d656771c3
const maxRows = 1048576

// book is a workbook in the making.
type book struct {
	f       *excelize.File
	r       *report.Report
	rows    *rows
	styles  map[look]int
	maxRows int
	ink     string // of headers and headings
	bar     string // of the bars behind sizes
	// Ranges by sheet, named when all sheets stand: a name refers to its sheet
	// by place.
	titles, areas map[string]string
}

// Write writes the workbook. It walks the rows of every sheet once, holding a
// few hundred at a time; the rest waits in temporary files that only their
// owner may read, and that are gone when Write returns. Where none can be made,
// it waits in memory.
func Write(w io.Writer, r *report.Report) error { return write(w, r, maxRows) }

func write(w io.Writer, r *report.Report, maxRows int) (err error) {
	b := &book{f: excelize.NewFile(), r: r, rows: newRows(), styles: map[look]int{}, maxRows: maxRows, ink: ink, bar: bar,
		titles: map[string]string{}, areas: map[string]string{}}
	defer func() {
		if e := errors.Join(b.f.Close(), b.rows.close()); err == nil {
			err = e
		}
		if err != nil {
			err = fmt.Errorf("write the workbook: %w", err)
		}
	}()
	if brand := r.Brand; brand != nil {
		b.ink, b.bar = cmp.Or(brand.Header, ink), cmp.Or(brand.Bar, bar)
	}
	if err := b.f.SetSheetName("Sheet1", report.SheetSummary); err != nil {
		return err
	}
	for _, s := range r.Sheets {
		if _, err := b.f.NewSheet(s.Name); err != nil {
			return fmt.Errorf("sheet %s: %w", s.Name, err)
		}
	}
	for i := range r.Sheets {
		if err := b.table(&r.Sheets[i]); err != nil {
			return fmt.Errorf("sheet %s: %w", r.Sheets[i].Name, err)
		}
	}
	charts, err := b.numbers()
	if err != nil {
		return fmt.Errorf("sheet %s: %w", report.SheetCharts, err)
	}
	if err := b.summary(charts); err != nil {
		return fmt.Errorf("sheet %s: %w", report.SheetSummary, err)
	}
	if err := b.finish(); err != nil {
		return err
	}
	return b.pack(w)
}

// finish sets what concerns the workbook as a whole. It leaves alone whatever
// would make excelize read the written sheets again, as SetActiveSheet and
// MoveSheet do; the first sheet is the active one as it is.
func (b *book) finish() error {
	for _, sheet := range b.f.GetSheetList() {
		for _, n := range []excelize.DefinedName{
			{Name: "_xlnm.Print_Area", RefersTo: b.areas[sheet], Scope: sheet},
			{Name: "_xlnm.Print_Titles", RefersTo: b.titles[sheet], Scope: sheet},
		} {
			if n.RefersTo == "" {
				continue
			}
			if err := b.f.SetDefinedName(&n); err != nil {
				return err
			}
		}
	}
	day := b.r.Finished.Format(time.RFC3339)
	return b.f.SetDocProps(&excelize.DocProperties{
		Title: b.r.Summary.Title, Subject: "What a GitLab migration would leave behind", Creator: b.by(),
		LastModifiedBy: b.r.Program, Created: day, Modified: day, Language: "en-GB", Keywords: "GitLab, migration, readiness",
		Category: "Migration readiness",
	})
}

// by is who delivers the report.
func (b *book) by() string {
	if b.r.Brand != nil {
		return b.r.Brand.Name
	}
	return b.r.Program
}

// page sets up how a sheet is printed; rows is the number of pages that its
// height may fill, 0 for as many as it takes. It comes before the sheet's rows.
func (b *book) page(sheet string, tall int) error {
	yes, landscape, a4, wide := true, "landscape", 9, 1
	if err := b.f.SetSheetProps(sheet, &excelize.SheetPropsOptions{FitToPage: &yes}); err != nil {
		return err
	}
	if err := b.f.SetPageLayout(sheet, &excelize.PageLayoutOptions{Size: &a4, Orientation: &landscape, FitToWidth: &wide, FitToHeight: &tall}); err != nil {
		return err
	}
	side, top, edge := 0.4, 0.5, 0.25
	if err := b.f.SetPageMargins(sheet, &excelize.PageLayoutMarginsOptions{Left: &side, Right: &side, Top: &top, Bottom: &top, Header: &edge, Footer: &edge}); err != nil {
		return err
	}
	left := report.Cut(b.r.Summary.Title, 90)
	if brand := b.r.Brand; brand != nil {
		left = report.Cut(strings.TrimSuffix(brand.Name+", "+brand.Engagement, ", ")+": "+left, 120)
	}
	left = strings.ReplaceAll(left, "&", "&&")
	snapshot := ""
	if len(b.r.Snapshot) >= 12 {
		snapshot = ", snapshot " + b.r.Snapshot[:12]
	}
	return b.f.SetHeaderFooter(sheet, &excelize.HeaderFooterOptions{
		OddFooter: fmt.Sprintf("&L&8%s, %s%s&R&8&A, page &P of &N", left, b.r.Finished.Format(time.DateOnly), snapshot),
	})
}

// pack writes the parts in a fixed order: excelize keeps streamed sheets in a
// map, and the kinds of pictures too. The content types come first, as readers
// that guess file types expect.
func (b *book) pack(w io.Writer) (err error) {
	// What excelize makes stays out of its own buffer, which it would copy.
	var s spool
	defer func() { err = errors.Join(err, s.close()) }()
	b.f.SetZipWriter(func(io.Writer) excelize.ZipWriter { return withRows{zip.NewWriter(&s), b.rows} })
	if _, err := b.f.WriteTo(io.Discard); err != nil {
		return err
	}
	packed, err := zip.NewReader(&s, s.size)
	if err != nil {
		return err
	}
	rank := func(f *zip.File) int {
		return slices.Index([]string{"xl/workbook.xml", "_rels/.rels", contentTypes}, f.Name)
	}
	slices.SortFunc(packed.File, func(x, y *zip.File) int {
		if d := rank(y) - rank(x); d != 0 {
			return d
		}
		return strings.Compare(x.Name, y.Name)
	})
	out := zip.NewWriter(w)
	for _, f := range packed.File {
		if f.Name == contentTypes {
			err = sortTypes(out, f)
		} else {
			err = out.Copy(f)
		}
		if err != nil {
			return err
		}
	}
	return out.Close()
}

// contentTypes is the part that says what every other part is.
const contentTypes = "[Content_Types].xml"

var fileType = regexp.MustCompile(`<Default [^>]*></Default>`)

// sortTypes writes the content types with those of file names in order.
func sortTypes(out *zip.Writer, f *zip.File) error {
	from, err := f.Open()
	if err != nil {
		return err
	}
	defer from.Close()
	text, err := io.ReadAll(from)
	if err != nil {
		return err
	}
	types := fileType.FindAll(text, -1)
	slices.SortFunc(types, bytes.Compare)
	text = fileType.ReplaceAllFunc(text, func([]byte) []byte {
		next := types[0]
		types = types[1:]
		return next
	})
	to, err := out.CreateHeader(&zip.FileHeader{Name: f.Name, Method: zip.Deflate, Modified: f.Modified})
	if err != nil {
		return err
	}
	_, err = to.Write(text)
	return err
}

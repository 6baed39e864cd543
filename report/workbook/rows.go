package workbook

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/xuri/excelize/v2"
)

// band is how many cells excelize holds at once: about a quarter of a megabyte.
const band = 4 << 10

// rows keeps the rows of all sheets outside of memory, as the file format has
// them. excelize writes them, but would hold each sheet's up to 16 MB of them
// (excelize.StreamChunkSize), in a buffer with room for twice as much, until the
// workbook is packed. So it writes a band of them at a time, into a workbook of
// which nothing else is used.
type rows struct {
	spool  spool
	f      *excelize.File
	stream *excelize.StreamWriter // of the band; nil: none is begun
	cells  int                    // in the band
	spans  map[string]span        // by the part of the workbook that they belong to
}

// span is where the rows of one sheet are in the spool.
type span struct{ from, to int64 }

func newRows() *rows {
	r := &rows{f: excelize.NewFile(), spans: map[string]span{}}
	r.f.SetZipWriter(func(io.Writer) excelize.ZipWriter { return bandOnly{&r.spool} })
	return r
}

// sheetPart is the part of a workbook that holds the sheet with this id.
func sheetPart(id int) string { return fmt.Sprintf("xl/worksheets/sheet%d.xml", id) }

// set writes row n, which comes after the ones before.
func (r *rows) set(n int, values []any, opts ...excelize.RowOpts) (err error) {
	if r.stream == nil {
		if r.stream, err = r.f.NewStreamWriter(r.f.GetSheetName(0)); err != nil {
			return err
		}
	}
	cell, err := excelize.CoordinatesToCellName(1, n)
	if err != nil {
		return err
	}
	if err := r.stream.SetRow(cell, values, opts...); err != nil {
		return err
	}
	if r.cells += len(values); r.cells >= band {
		return r.flush()
	}
	return nil
}

// flush moves the band into the spool.
func (r *rows) flush() error {
	if r.stream == nil {
		return nil
	}
	r.stream, r.cells = nil, 0
	_, err := r.f.WriteTo(io.Discard)
	return err
}

// end ends the rows of a sheet, which began where the spool's size was from.
func (r *rows) end(part string, from int64) error {
	err := r.flush()
	r.spans[part] = span{from, r.spool.size}
	return err
}

func (r *rows) close() error { return errors.Join(r.f.Close(), r.spool.close()) }

// The ends of a sheet's rows.
var rowsBegin, rowsEnd = []byte("<sheetData>"), []byte("</sheetData>")

// bandOnly takes of a workbook nothing but the rows of its first sheet, whose
// stream is not at its end.
type bandOnly struct{ to io.Writer }

func (b bandOnly) Create(part string) (io.Writer, error) {
	if part != sheetPart(1) {
		return io.Discard, nil
	}
	return bandOf(b), nil
}

func (bandOnly) AddFS(fs.FS) error { return errors.ErrUnsupported }
func (bandOnly) Close() error      { return nil }

// errCut is a change in how excelize hands over what a stream holds.
var errCut = errors.New("a sheet does not come in one piece")

type bandOf struct{ to io.Writer }

func (b bandOf) Write(p []byte) (int, error) {
	_, found, ok := bytes.Cut(p, rowsBegin)
	if !ok {
		return 0, errCut
	}
	_, err := b.to.Write(found)
	return len(p), err
}

// withRows puts the rows into the sheets that are packed.
type withRows struct {
	excelize.ZipWriter
	rows *rows
}

func (w withRows) Create(part string) (io.Writer, error) {
	to, err := w.ZipWriter.Create(part)
	if at, ok := w.rows.spans[part]; ok && err == nil {
		return sheetOf{to, io.NewSectionReader(&w.rows.spool, at.from, at.to-at.from)}, nil
	}
	return to, err
}

type sheetOf struct {
	to   io.Writer
	rows io.Reader
}

func (s sheetOf) Write(p []byte) (int, error) {
	begin, end := bytes.Index(p, rowsBegin), bytes.Index(p, rowsEnd)
	if begin < 0 || end < begin {
		return 0, errCut
	}
	if _, err := s.to.Write(p[:begin+len(rowsBegin)]); err != nil {
		return 0, err
	}
	if _, err := io.Copy(s.to, s.rows); err != nil {
		return 0, err
	}
	_, err := s.to.Write(p[end:])
	return len(p), err
}

package workbook

import (
	"io"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"readiness/report"
)

// A text that looks like the file format's spelling of a character is shown as it
// is, and read back as it was.
func TestSpelledTextIsKept(t *testing.T) {
	for _, text := range []string{"_xD800_", "x_xdfff_y", "_x0041_", "_x0041_x0042_", "_x0041_x0042_x0043_x0044_", "_x005F_", "_x005F_x0041_", "_x005f_x005f_",
		"_x000D_", "_xFFFE_", "__xDBFF__xDC00_", "_x", "plain"} {
		v, _, _ := value(report.TextCell(text))
		f := excelize.NewFile()
		sw, err := f.NewStreamWriter("Sheet1")
		if err != nil {
			t.Fatal(err)
		}
		if err := sw.SetRow("A1", []any{v}); err != nil {
			t.Fatal(err)
		}
		if err := sw.Flush(); err != nil {
			t.Fatal(err)
		}
		pipe, to := io.Pipe()
		go func() { to.CloseWithError(f.Write(to)) }()
		read, err := excelize.OpenReader(pipe)
		if err != nil {
			t.Fatal(err)
		}
		got, err := read.GetCellValue("Sheet1", "A1")
		if err != nil {
			t.Fatal(err)
		}
		if shown := strings.ReplaceAll(got, apart, ""); shown != text || unspelled(got) != text {
			t.Errorf("%q is shown as %q, and read back as %q", text, got, unspelled(got))
		}
	}
}

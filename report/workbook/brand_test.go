package workbook

import (
	"archive/zip"
	"bytes"
	"image"
	"image/png"
	"strings"
	"testing"

	"readiness/report"
	"readiness/report/reporttest"
)

// TestBrand finds who delivers on the first page, in the footers, the properties
// and the colours, and the logo among the parts.
func TestBrand(t *testing.T) {
	var logo bytes.Buffer
	if err := png.Encode(&logo, image.NewGray(image.Rect(0, 0, 400, 80))); err != nil {
		t.Fatal(err)
	}
	inv := reporttest.New()
	r, err := report.Build(reporttest.Judge(inv), inv, report.Options{Brand: &report.Brand{Name: "Acme & Sons", Engagement: "E-7",
		Header: "004B6E", Logo: &report.Logo{Data: logo.Bytes(), Extension: ".png", Width: 400, Height: 80}}})
	if err != nil {
		t.Fatal(err)
	}
	data := build(t, r, maxRows)
	f := open(t, data)
	if v, _ := f.GetCellValue(report.SheetSummary, "B4"); v != "Acme & Sons, engagement E-7" {
		t.Errorf("the first page says it is by %q", v)
	}
	footer, err := f.GetHeaderFooter(report.SheetProjects)
	if err != nil || !strings.Contains(footer.OddFooter, "&L&8Acme && Sons, E-7: Migration readiness") {
		t.Errorf("footer %+v, %v", footer, err)
	}
	if props, err := f.GetDocProps(); err != nil || props.Creator != "Acme & Sons" {
		t.Errorf("properties %+v, %v", props, err)
	}
	id, _ := f.GetCellStyle(report.SheetProjects, "A3")
	if style, err := f.GetStyle(id); err != nil || style.Fill.Color[0] != "004B6E" {
		t.Errorf("headers are filled with %v, %v", style.Fill.Color, err)
	}
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := z.Open("xl/media/image1.png"); err != nil {
		t.Error("the logo is not in the workbook")
	}
	if !bytes.Equal(data, build(t, r, maxRows)) {
		t.Error("the same report has other bytes")
	}
}

package workbook

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"readiness/report"
	"readiness/report/reporttest"
)

var reference = regexp.MustCompile(`<(tx|cat|val)><(?:str|num)Ref><f>Charts!(\$[A-Z]+\$\d+(?::\$[A-Z]+\$\d+)?)</f>`)

// TestCharts follows every reference of every chart to the cells it names and
// holds those to the report's numbers.
func TestCharts(t *testing.T) {
	r, _, _ := reporttest.Report(t)
	data := build(t, r, maxRows)
	f := open(t, data)
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	var want, got []string
	for _, c := range r.Charts {
		if c.Tabled {
			continue
		}
		for _, s := range c.Series {
			want = append(want, s.Name, strings.Join(c.Categories, ","))
			var values []string
			for _, v := range s.Values {
				values = append(values, strconv.FormatFloat(v, 'f', -1, 64))
			}
			want = append(want, strings.Join(values, ","))
		}
	}
	for i := 1; ; i++ {
		part, err := z.Open(fmt.Sprintf("xl/charts/chart%d.xml", i))
		if err != nil {
			break
		}
		text, err := io.ReadAll(part)
		if err != nil {
			t.Fatal(err)
		}
		for _, ref := range reference.FindAllSubmatch(text, -1) {
			got = append(got, cells(t, f, string(ref[2])))
		}
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("the charts show\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if len(want) < 9 {
		t.Errorf("%d references: charts are missing", len(want))
	}
}

// cells joins what stands in a column's cells.
func cells(t *testing.T, f *excelize.File, span string) string {
	t.Helper()
	from, to, _ := strings.Cut(strings.ReplaceAll(span, "$", ""), ":")
	if to == "" {
		to = from
	}
	column, first, err := excelize.CellNameToCoordinates(from)
	if err != nil {
		t.Fatal(err)
	}
	_, last, err := excelize.CellNameToCoordinates(to)
	if err != nil {
		t.Fatal(err)
	}
	var values []string
	for row := first; row <= last; row++ {
		name, _ := excelize.CoordinatesToCellName(column, row)
		v, err := f.GetCellValue(report.SheetCharts, name, excelize.Options{RawCellValue: true})
		if err != nil {
			t.Fatal(err)
		}
		values = append(values, v)
	}
	return strings.Join(values, ",")
}

// TestNoChartNoSheet leaves the numbers out where there is nothing to draw.
func TestNoChartNoSheet(t *testing.T) {
	r, _, _ := reporttest.Report(t)
	r.Charts = nil
	for _, sheet := range open(t, build(t, r, maxRows)).GetSheetList() {
		if sheet == report.SheetCharts {
			t.Error("there is a sheet of numbers without a chart")
		}
	}
}

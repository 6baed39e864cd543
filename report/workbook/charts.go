package workbook

import (
	"fmt"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"

	"readiness/report"
)

// The colours of the tones as bars: those of the fills, darker, so that they stay
// apart for every kind of colour vision. The legend says the same in words.
// Source: https://jfly.uni-koeln.de/color/
var inks = map[report.Tone]string{
	report.Plain: "B8C4CC", report.Good: "0072B2", report.Caution: "E69F00", report.Bad: "D55E00", report.Unknown: "8A8A8A", report.Muted: "56B4E9",
}

// drawn is a chart whose numbers stand in cells.
type drawn struct {
	*report.Chart
	top    int // row of the names of the series
	bottom int // row of the last category
}

// numbers writes the sheet that the charts take their numbers from. Without
// charts there is none.
func (b *book) numbers() ([]drawn, error) {
	if !slices.ContainsFunc(b.r.Charts, func(c report.Chart) bool { return !c.Tabled }) {
		return nil, nil
	}
	const sheet = report.SheetCharts
	if _, err := b.f.NewSheet(sheet); err != nil {
		return nil, err
	}
	if err := b.page(sheet, 1); err != nil {
		return nil, err
	}
	off := false
	if err := b.f.SetSheetView(sheet, 0, &excelize.ViewOptions{ShowGridLines: &off}); err != nil {
		return nil, err
	}
	if err := b.f.SetColWidth(sheet, "A", "A", 34); err != nil {
		return nil, err
	}
	if err := b.f.SetColWidth(sheet, "B", "H", 15); err != nil {
		return nil, err
	}
	p := &page{b: b, sheet: sheet, row: 1}
	p.text(1, 1, "The numbers of the charts", look{title: true, plain: true})
	p.next(24)
	var all []drawn
	for i := range b.r.Charts {
		c := &b.r.Charts[i]
		if c.Tabled {
			continue
		}
		p.next(10)
		title := c.Title
		if !strings.Contains(strings.ToLower(title), strings.ToLower(c.Unit)) {
			title += ", " + c.Unit
		}
		p.text(1, 1, title, look{section: true, plain: true})
		p.next(19)
		if c.Note != "" {
			p.text(1, 8, c.Note, look{plain: true, wrap: true, tone: report.Muted})
			p.next(lines(c.Note, 139)*13.5 + 3)
		}
		d := drawn{Chart: c, top: p.row, bottom: p.row + len(c.Categories)}
		p.text(1, 1, "", look{head: true})
		for k, s := range c.Series {
			p.text(2+k, 2+k, s.Name, look{head: true, right: true})
		}
		p.next(18)
		for n, category := range c.Categories {
			p.text(1, 1, category, look{})
			for k, s := range c.Series {
				p.amount(2+k, s.Values[n])
			}
			p.next(15)
		}
		all = append(all, d)
	}
	b.areas[sheet] = fmt.Sprintf("'%s'!$A$1:$H$%d", sheet, p.row)
	return all, p.err
}

// amount writes a number that may have a fraction.
func (p *page) amount(column int, v float64) {
	l := look{format: "#,##0", right: true}
	if v != float64(int64(v)) {
		l.format = `[<0.05]"< 0.1";#,##0.0`
	}
	p.cell(column, column, v, l)
}

// draw puts a chart into the rectangle of width by height pixels that begins at
// a cell.
func (b *book) draw(sheet, cell string, d drawn, width, height uint) error {
	overlap, gap, zero, vary := 100, uint(45), 0.0, false
	size := func(points float64, bold bool) excelize.Font {
		return excelize.Font{Family: face, Size: points, Bold: bold, Color: palette[report.Plain].ink}
	}
	small := size(8, false)
	kind, legend := excelize.BarStacked, "bottom"
	if len(d.Series) == 1 {
		kind, legend = excelize.Bar, "none"
	}
	chart := &excelize.Chart{
		Type:      kind,
		Format:    excelize.GraphicOptions{Name: d.Title, AltText: fmt.Sprintf("%s (%s): the numbers stand on the sheet %s", d.Title, d.Unit, report.SheetCharts), Positioning: "oneCell", OffsetX: 6},
		Dimension: excelize.ChartDimension{Width: width, Height: height},
		Title:     excelize.ChartTitle{Paragraph: []excelize.RichTextRun{{Text: d.Title, Font: &excelize.Font{Family: face, Size: 10, Bold: true, Color: b.ink}}}},
		Legend:    excelize.ChartLegend{Position: legend, Font: &small},
		XAxis:     excelize.ChartAxis{ReverseOrder: true, Font: small},
		YAxis:     excelize.ChartAxis{Minimum: &zero, MajorGridLines: true, Font: small, TickLabelPosition: excelize.ChartTickLabelHigh},
		Overlap:   &overlap, GapWidth: &gap, VaryColors: &vary,
		Border: excelize.LineOptions{Fill: excelize.Fill{Type: "pattern", Pattern: solid, Color: []string{line}}},
	}
	if len(d.Series) == 1 { // each bar says its number, and needs no axis for it
		longest := slices.Max(d.Series[0].Values) * 1.2 // with room for the number
		chart.YAxis.None, chart.YAxis.MajorGridLines, chart.YAxis.Maximum = true, false, &longest
		chart.PlotArea = excelize.ChartPlotArea{ShowVal: true, NumFmt: excelize.ChartNumFmt{CustomNumFmt: labels(d.Chart)}}
	}
	for k, s := range d.Series {
		at := func(row int) string {
			c, _ := excelize.CoordinatesToCellName(2+k, row, true)
			return fmt.Sprintf("%s!%s", report.SheetCharts, c)
		}
		column, _ := excelize.ColumnNumberToName(2 + k)
		chart.Series = append(chart.Series, excelize.ChartSeries{
			Name:       at(d.top),
			Categories: fmt.Sprintf("%s!$A$%d:$A$%d", report.SheetCharts, d.top+1, d.bottom),
			Values:     fmt.Sprintf("%s!$%s$%d:$%s$%d", report.SheetCharts, column, d.top+1, column, d.bottom),
			Fill:       excelize.Fill{Type: "pattern", Pattern: solid, Color: []string{inks[s.Tone]}},
			DataLabel:  excelize.ChartDataLabel{Font: small}, DataLabelPosition: position(d.Chart),
		})
	}
	return b.f.AddChart(sheet, cell, chart)
}

// position is where the numbers of the bars stand, if they have some.
func position(c *report.Chart) excelize.ChartDataLabelPositionType {
	if len(c.Series) == 1 {
		return excelize.ChartDataLabelsPositionOutsideEnd
	}
	return excelize.ChartDataLabelsPositionUnset
}

// labels is the format of the numbers at the bars.
func labels(c *report.Chart) string {
	for _, s := range c.Series {
		for _, v := range s.Values {
			if v != float64(int64(v)) {
				return `[<0.05]"< 0.1";#,##0.0`
			}
		}
	}
	return "#,##0"
}

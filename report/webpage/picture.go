package webpage

import (
	"fmt"
	"html/template"
	"strconv"
	"strings"

	"readiness/report"
)

// The colours of the tones as bars: those of the workbook's fills, darker. They
// stay apart for every kind of colour vision; the legend and a title on every
// bar say the same in words.
// Source: https://jfly.uni-koeln.de/color/
var inks = map[report.Tone]string{
	report.Plain: "#b8c4cc", report.Good: "#0072b2", report.Caution: "#e69f00", report.Bad: "#d55e00", report.Unknown: "#8a8a8a", report.Muted: "#56b4e9",
}

// The measures of a chart, in the units of its view box.
const (
	wide   = 640
	names  = 170 // room for the categories
	values = 60  // room for the sums
	tall   = 22  // from bar to bar
)

// picture draws a chart as horizontal bars.
func picture(c report.Chart) template.HTML {
	longest := 0.0
	sums := make([]float64, len(c.Categories))
	for i := range c.Categories {
		for _, s := range c.Series {
			sums[i] += s.Values[i]
		}
		longest = max(longest, sums[i])
	}
	if longest == 0 {
		longest = 1
	}
	legend := 0
	if len(c.Series) > 1 {
		legend = 24
	}
	var b strings.Builder
	e := template.HTMLEscapeString
	fmt.Fprintf(&b, `<svg viewBox="0 0 %d %d" role="img" aria-label="%s" font-size="12">`, wide, legend+len(c.Categories)*tall+4, e(c.Title))
	if legend > 0 {
		x := names
		for _, s := range c.Series {
			fmt.Fprintf(&b, `<rect x="%d" y="4" width="11" height="11" fill="%s"/><text x="%d" y="14">%s</text>`, x, inks[s.Tone], x+15, e(s.Name))
			x += 30 + 7*len(s.Name)
		}
	}
	for i, name := range c.Categories {
		y := legend + i*tall
		fmt.Fprintf(&b, `<text x="%d" y="%d" text-anchor="end">%s</text>`, names-8, y+15, e(report.Cut(name, 26)))
		x := float64(names)
		for _, s := range c.Series {
			length := s.Values[i] / longest * (wide - names - values)
			if length <= 0 {
				continue
			}
			fmt.Fprintf(&b, `<rect x="%.1f" y="%d" width="%.1f" height="%d" fill="%s"><title>%s</title></rect>`,
				x, y+3, max(length, 0.8), tall-6, inks[s.Tone], e(fmt.Sprintf("%s: %s, %s %s", name, s.Name, amount(s.Values[i]), c.Unit)))
			x += length
		}
		fmt.Fprintf(&b, `<text x="%.1f" y="%d">%s</text>`, x+6, y+15, amount(sums[i]))
	}
	b.WriteString("</svg>")
	return template.HTML(b.String())
}

// amount writes a number as short as its size allows.
func amount(v float64) string {
	switch {
	case v >= 100 || v == float64(int64(v)):
		return report.Thousands(int64(v + 0.5))
	case v < 0.05:
		return "< 0.1"
	}
	return strconv.FormatFloat(v, 'f', 1, 64)
}

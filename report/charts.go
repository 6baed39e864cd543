package report

import (
	"fmt"
	"strings"

	"readiness/checks"
	"readiness/scan"
)

// Chart is a picture of a few numbers: bars, one for each category, of parts
// laid end to end. Its numbers also stand in a table of the report.
type Chart struct {
	Title      string
	Unit       string // of the values, in the plural: "findings", "GiB"
	Note       string // what the numbers could not see; "" if nothing
	Categories []string
	Series     []Series
	// Tabled reports that the first page of every form holds the numbers anyway.
	Tabled bool
}

// Series is one part of every bar of a chart.
type Series struct {
	Name   string
	Tone   Tone
	Values []float64 // one for each category
}

// charts are the pictures of the report, those with nothing to show left out.
func (b *builder) charts() []Chart {
	var shown []Chart
	for _, c := range []Chart{b.methodsChart(), b.findingsChart(), b.storageChart(), b.recommendedChart(), b.progressChart()} {
		if len(c.Categories) > 0 {
			shown = append(shown, c)
		}
	}
	return shown
}

// methodsChart shows what each possible method does with the items in use.
func (b *builder) methodsChart() Chart {
	c := Chart{Title: "Items in use, by what each method does with them", Unit: "items", Tabled: true,
		Series: []Series{{Name: "Carried", Tone: Good}, {Name: "Partly", Tone: Caution}, {Name: "Left behind", Tone: Bad}, {Name: "Not assessed", Tone: Unknown}}}
	for _, m := range b.possible() {
		c.Categories = append(c.Categories, Clean(m.Title))
		for i, n := range []int{m.Carried, m.Partial, m.NotCarried, m.Unverified + m.UseUnknown} {
			c.Series[i].Values = append(c.Series[i].Values, float64(n))
		}
	}
	return c
}

// findingsChart shows where the findings are and how grave. A finding that is
// not known counts its subjects, as one that was found does.
func (b *builder) findingsChart() Chart {
	c := Chart{Title: "Findings by area and severity", Unit: "findings"}
	areas := map[string]string{}
	var order []string
	counts := map[string]map[checks.Severity]float64{}
	for _, k := range checks.All() {
		areas[k.ID] = k.Area
		if counts[k.Area] == nil {
			counts[k.Area] = map[checks.Severity]float64{}
			order = append(order, k.Area)
		}
	}
	unknown := int64(0)
	for _, f := range b.j.Findings {
		if f.Decision != nil {
			continue
		}
		switch f.Verdict {
		case checks.Violated:
			if by := counts[areas[f.Check]]; by != nil {
				by[f.Severity]++
			}
		case checks.Unknown:
			unknown += f.Count
		}
	}
	tones := map[checks.Severity]Tone{checks.Blocker: Bad, checks.High: Caution, checks.Medium: Good, checks.Low: Muted, checks.Info: Plain}
	for _, s := range checks.Severities() {
		c.Series = append(c.Series, Series{Name: upperFirst(string(s)), Tone: tones[s]})
	}
	for _, area := range order {
		if len(counts[area]) == 0 {
			continue
		}
		c.Categories = append(c.Categories, areaTitle(area))
		for i, s := range checks.Severities() {
			c.Series[i].Values = append(c.Series[i].Values, counts[area][s])
		}
	}
	if unknown > 0 {
		c.Note = fmt.Sprintf("Not shown, because it could not be judged: %s.", Many(unknown, "subject of a check", "subjects of a check"))
	}
	return c
}

// storageChart shows what the projects' storage consists of, in GiB.
func (b *builder) storageChart() Chart {
	c := Chart{Title: "Storage by kind, in GiB", Unit: "GiB", Series: []Series{{Name: "Storage", Tone: Good}}}
	var unread []string
	for _, e := range scan.Catalog() {
		total, ok := b.j.Totals.Facts[e.ID]
		if !ok || e.Level != scan.LevelProject || e.Unit != scan.Bytes || !countsAsStorage(e.ID) || total.Read() == 0 && total.Unread() == 0 {
			continue
		}
		n, complete := total.Sum()
		if !complete {
			unread = append(unread, e.Title)
		}
		if n == 0 {
			continue
		}
		c.Categories = append(c.Categories, e.Title)
		c.Series[0].Values = append(c.Series[0].Values, float64(n)/float64(GiB))
	}
	if len(unread) > 0 {
		c.Note = fmt.Sprintf("Not read everywhere, so that the bar is a lower bound or missing: %s.", strings.Join(unread, ", "))
	}
	return c
}

// recommendedChart shows how many projects each method is recommended for.
func (b *builder) recommendedChart() Chart {
	c := Chart{Title: "Projects by recommended method", Unit: "projects", Series: []Series{{Name: "Projects", Tone: Good}}}
	add := func(name string, n int64) {
		if n > 0 {
			c.Categories = append(c.Categories, name)
			c.Series[0].Values = append(c.Series[0].Values, float64(n))
		}
	}
	blocked, unsure := int64(0), int64(0)
	for _, g := range b.out.Advice.Groups {
		blocked, unsure = blocked+g.Blocked, unsure+g.Unsure
	}
	for _, m := range b.out.Advice.Methods {
		add(Clean(m.Title), m.Recommended)
	}
	add("none yet: all blocked", blocked)
	if unsure > 0 {
		c.Note = fmt.Sprintf("Of %s not every check for blockers could be decided.", Many(unsure, "project", "projects"))
	}
	return c
}

// countsAsStorage reports whether a fact in bytes is a kind of storage, not the
// size of one file or a limit.
func countsAsStorage(id scan.FactID) bool {
	e, _ := scan.Lookup(id)
	return e.Read != scan.ReadFiles && id != "project.repository-size-limit"
}

// areaTitle is what an area of checks is called.
func areaTitle(area string) string {
	if area == "ci" {
		return "CI/CD"
	}
	return upperFirst(area)
}

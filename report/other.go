package report

import (
	"strings"

	"readiness/checks/matrix"
)

// addOther adds the systems that are no GitLab and that the profile says are to
// be moved too, with the quantities it states.
func (b *builder) addOther() error {
	s := Sheet{Name: SheetOther, Title: "What arrives from systems that are not GitLab", Frozen: 2}
	p := b.j.Profile
	if p == nil || len(p.Others) == 0 {
		b.add(s, "No profile names another system that is to be moved.")
		return nil
	}
	type row struct {
		system string
		item   matrix.OtherItem
		amount Cell
	}
	var all []row
	var notes []string
	for _, other := range p.Others {
		o, err := matrix.OtherSystem(other.System)
		if err != nil {
			return err
		}
		notes = append(notes, o.Name+" as read on "+o.ReadOn)
		for _, i := range o.Items {
			amount := GapCell("not stated")
			if n, stated := other.Quantities[i.ID]; stated {
				amount = CountCell(n)
			}
			all = append(all, row{o.Name, i, amount})
		}
	}
	s.Note = strings.Join(notes, "; ") + ". Quantities are as somebody stated them; nothing of these systems was read. 'readiness matrix --from' prints importers, prerequisites and limits."
	cols := []column[row]{
		col("System", Text, 30, func(r row) Cell { return TextCell(r.system) }),
		long("Item", 44, func(r row) Cell { return TextCell(r.item.Title) }),
		col("Stated", Count, 12, func(r row) Cell { return r.amount }),
		col("GitLab's importer", Text, 18, func(r row) Cell { return statusCell(r.item.GitLab) }),
		col("Congregate", Text, 18, func(r row) Cell { return statusCell(r.item.Congregate) }),
		long("Note", 60, func(r row) Cell { return TextCell(r.item.Note) }),
		col("Source", Text, 18, func(r row) Cell { return sourceCell(r.item.Sources[0]) }),
	}
	s.Columns, s.Rows = headers(cols), rows(cols, each(all))
	b.add(s, "")
	return nil
}

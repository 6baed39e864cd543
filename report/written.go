package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"readiness/checks"
	"readiness/checks/advice"
	"readiness/scan"
)

// SheetKept is the sheet of what people wrote that has no place any more.
const SheetKept = "Kept"

// Note is one cell that a person wrote into an earlier workbook.
type Note struct {
	Sheet  string `json:"sheet"`
	Key    string `json:"key"`    // of the row, as Peopled.Key tells it; "": it stood in no row of ours
	Column string `json:"column"` // its header
	Text   string `json:"text"`   // line breaks are the person's
	About  string `json:"about"`  // what the row was about, for whoever reads it without the row
	// Kept says that it stood on the sheet of what has no row any more.
	Kept bool   `json:"-"`
	Why  string `json:"why,omitempty"` // why it has no row
}

// Peopled is a sheet with columns that people fill in.
type Peopled struct {
	Sheet  string
	Key    string   // header of the column that tells one row from all others, in every scan
	About  []string // headers of the columns that say what a row is about
	Filled []string // headers of the columns that people fill in
}

// PeopledSheets lists the sheets with columns that people fill in.
func PeopledSheets() []Peopled {
	decided := []string{"Scope", "Reason", "Wave", "Target path"}
	return []Peopled{
		{SheetActions, "Key", []string{"Check", "Group"}, []string{"Owner", "Status", "Due", "Notes"}},
		{SheetProjects, "Id", []string{"Path"}, decided},
		{SheetGroups, "Id", []string{"Path"}, decided},
		{SheetScoping, "Id", []string{"Question"}, []string{"Answer", "By", "Date"}},
		{SheetChecklist, "Id", []string{"Task"}, []string{"Answer", "By", "Date"}},
	}
}

// KeptColumns are the headers of the sheet of what has no row any more: sheet,
// key, what it was about, column, text, why.
func KeptColumns() []string { return []string{"Sheet", "Key", "About", "Column", "Written", "Why"} }

// noteKey is the place of a note.
type noteKey struct{ sheet, key, column string }

// WrittenCell holds a person's words. They are cleaned line by line; forms that
// show one line show their lines one after the other.
func WrittenCell(s string) Cell {
	c := TextCell(strings.TrimRight(s, " \t\r\n"))
	if strings.ContainsAny(s, "\n\r") {
		lines := strings.Split(strings.ReplaceAll(strings.TrimRight(s, " \t\r\n"), "\r\n", "\n"), "\n")
		for i := range lines {
			lines[i] = Clean(lines[i])
		}
		c.written = strings.Join(lines, "\n")
	}
	return c
}

// Written is a person's words with their line breaks, as they stand in a cell
// that can hold these, or "" if they have none.
func (c Cell) Written() string { return c.written }

// settle finds the places of what people wrote, and says why the rest has none.
func (b *builder) settle() error {
	b.notes = map[noteKey]string{}
	rows, err := b.rowKeys()
	if err != nil {
		return err
	}
	notes := slices.Clone(b.opt.Written)
	// What stands in its row goes before what was kept, which is older.
	slices.SortStableFunc(notes, func(x, y Note) int { return cmp.Compare(boolean(x.Kept), boolean(y.Kept)) })
	for _, n := range notes {
		if strings.TrimSpace(n.Text) == "" {
			continue
		}
		at := noteKey{n.Sheet, n.Key, n.Column}
		placed, taken := b.notes[at]
		stated := b.stated(n)
		switch {
		case n.Key == "":
			n.Why = "it stood in no row of the table"
		case !rows[n.Sheet][n.Key]:
			n.Why = "the row is not there any more"
		case stated != "" && !strings.EqualFold(strings.Trim(WrittenCell(stated).text, "/"), strings.Trim(WrittenCell(n.Text).text, "/ ")):
			n.Why = fmt.Sprintf("a file says %q", Cut(stated, 80))
		case taken && sameWords(placed, n.Text):
			continue
		case taken:
			n.Why = fmt.Sprintf("the row says %q", Cut(placed, 80))
		default:
			b.notes[at] = n.Text
			continue
		}
		if !slices.ContainsFunc(b.out.Kept, func(o Note) bool {
			return o.Sheet == n.Sheet && o.Key == n.Key && o.Column == n.Column && sameWords(o.Text, n.Text)
		}) {
			b.out.Kept = append(b.out.Kept, n)
		}
	}
	return nil
}

func boolean(b bool) int {
	if b {
		return 1
	}
	return 0
}

// sameWords reports whether two texts are one to a reader of a cell.
func sameWords(x, y string) bool { return WrittenCell(x).text == WrittenCell(y).text }

// rowKeys lists the keys of the rows of every sheet that people write in.
func (b *builder) rowKeys() (map[string]map[string]bool, error) {
	rows := map[string]map[string]bool{SheetActions: {}, SheetScoping: {}, SheetChecklist: {}, SheetProjects: {}, SheetGroups: {}}
	if len(b.opt.Written) == 0 {
		return rows, nil
	}
	for _, a := range b.out.Advice.Actions {
		rows[SheetActions][b.actionKey(a)] = true
	}
	for _, q := range b.out.Advice.Scoping {
		rows[SheetScoping][q.ID] = true
	}
	for _, t := range b.out.Advice.Checklist {
		rows[SheetChecklist][t.ID] = true
	}
	for g, err := range b.inv.Groups() {
		if err != nil {
			return nil, err
		}
		rows[SheetGroups][IDCell(g.ID).String()] = true
	}
	for p, err := range scan.ProjectsWith(b.inv) {
		if err != nil {
			return nil, err
		}
		rows[SheetProjects][IDCell(p.ID).String()] = true
	}
	return rows, nil
}

// stated is what a file says in the place of a note, "" if it says nothing.
func (b *builder) stated(n Note) string {
	switch n.Sheet {
	case SheetProjects, SheetGroups:
		level := scan.LevelProject
		if n.Sheet == SheetGroups {
			level = scan.LevelGroup
		}
		return entryField(b.j.PlanRow(level, n.Key), n.Column)
	case SheetScoping, SheetChecklist:
		return statedField(b.opt.Stated, n.Key, n.Column)
	}
	return ""
}

// entryField is what a row of the plan says under a header.
func entryField(e *checks.Entry, header string) string {
	if e == nil {
		return ""
	}
	return map[string]string{"Scope": string(e.Scope), "Reason": e.Reason, "Wave": e.Wave, "Target path": e.Target}[header]
}

// statedField is what a person stated under a header.
func statedField(all advice.Answers, id, header string) string {
	s := all[id]
	return map[string]string{"Answer": s.Answer, "By": s.By, "Date": s.Date}[header]
}

// written makes the columns of a sheet that people fill in, with what stands in
// them: what a file states, else what a person wrote into the earlier workbook.
// key is that of a row, stated what a file says under a header.
func written[S any](b *builder, sheet string, key func(S) string, stated func(S, string) string, cols ...column[S]) []column[S] {
	for i := range cols {
		header := cols[i].Header
		cols[i].value = func(s S) Cell {
			if stated != nil {
				if words := stated(s, header); words != "" {
					return WrittenCell(words)
				}
			}
			return WrittenCell(b.notes[noteKey{sheet, key(s), header}])
		}
	}
	return cols
}

// decisionColumns are what people decide about groups and projects.
func decisionColumns[S scan.Subject](b *builder, sheet string) []column[S] {
	key := func(s S) string { return IDCell(s.Key()).String() }
	cols := written(b, sheet, key, func(s S, header string) string {
		return entryField(b.j.PlanRow(s.Level(), key(s)), header)
	}, blank[S]("Scope", 11, "in", "out", "migrated", "undecided"), blank[S]("Reason", 28), blank[S]("Wave", 12), blank[S]("Target path", 30))
	if b.j.Planned != nil {
		cols = append([]column[S]{col("In force", Text, 18, func(s S) Cell { return b.scopeCell(s) })}, cols...)
	}
	return cols
}

// actionKey names an action in every scan, also when its group was renamed.
func (b *builder) actionKey(a advice.Action) string {
	if a.Group == "" {
		return a.Fingerprint
	}
	id, known := b.tops[a.Group]
	if !known {
		return a.Fingerprint
	}
	return strings.Replace(a.Fingerprint, ":"+a.Group, fmt.Sprintf(":group-%d", id), 1)
}

// topGroups finds the ids of the top-level groups.
func (b *builder) topGroups() error {
	b.tops = map[string]int64{}
	for g, err := range b.inv.Groups() {
		if err != nil {
			return err
		}
		if g.ParentID == 0 {
			b.tops[g.Path] = g.ID
		}
	}
	return nil
}

// addKept adds what people wrote that has no place any more.
func (b *builder) addKept() error {
	if len(b.out.Kept) == 0 {
		return nil
	}
	s := Sheet{Name: SheetKept, Title: "Kept from the earlier workbook", Frozen: 2,
		Note: "What people wrote whose row is not there any more, or that something else stands in the place of. It comes back with its row. Delete what nobody needs."}
	h := KeptColumns()
	cols := []column[Note]{
		col(h[0], Text, 14, func(n Note) Cell { return TextCell(n.Sheet) }),
		col(h[1], Text, 30, func(n Note) Cell { return TextCell(n.Key) }),
		long(h[2], 40, func(n Note) Cell { return TextCell(n.About) }),
		col(h[3], Text, 14, func(n Note) Cell { return TextCell(n.Column) }),
		long(h[4], 60, func(n Note) Cell { return WrittenCell(n.Text) }),
		long(h[5], 36, func(n Note) Cell { return TextCell(n.Why) }),
	}
	s.Columns, s.Rows = headers(cols), rows(cols, each(b.out.Kept))
	b.add(s, "")
	return nil
}

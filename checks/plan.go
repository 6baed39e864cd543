package checks

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"readiness/scan"
)

// Plan says what moves, when and whereto: a row for each group or project that
// somebody decided about. A group's decision holds for what lies below it until
// it is overruled there. What nobody decided about is undecided: it counts as if
// it moved, and the report says how much of it there is.
type Plan struct {
	Name    string // of the file
	Entries []Entry
}

// Scope is whether something moves.
type Scope string

// The scopes.
const (
	ScopeIn        Scope = "in"
	ScopeOut       Scope = "out"
	ScopeMigrated  Scope = "migrated" // it has moved already
	ScopeUndecided Scope = "undecided"
)

// Scopes lists every scope.
func Scopes() []Scope { return []Scope{ScopeIn, ScopeOut, ScopeMigrated, ScopeUndecided} }

// leaves reports whether something in this scope is left out of what is counted.
func (s Scope) leaves() bool { return s == ScopeOut || s == ScopeMigrated }

// Entry is one row of a plan. What it leaves empty holds as the group above has it.
type Entry struct {
	Level  scan.Level // group or project; "": not said
	ID     int64      // 0: Path names it
	Path   string     // full path, as it was when the row was written
	Scope  Scope      // "": not said
	Reason string
	Wave   string
	// WaveDate is the day of the wave, as whoever wrote the plan writes days.
	WaveDate string
	Target   string // full path at the destination; "": as the groups above go
	line     int
}

func (e *Entry) decision() *Decision {
	d := &Decision{Ruling: RulingOut, Why: "the plan leaves it out"}
	if e.Scope == ScopeMigrated {
		d = &Decision{Ruling: RulingMigrated, Why: "migrated, by the plan"}
	}
	if e.Reason != "" {
		d.Why += ": " + e.Reason
	}
	return d
}

// planColumns are the headings of a plan, as people may write them.
var planColumns = map[string]string{"id": "id", "projectid": "id", "groupid": "id", "level": "level", "kind": "level",
	"path": "path", "fullpath": "path", "pathwithnamespace": "path", "scope": "scope", "reason": "reason", "wave": "wave", "wavename": "wave", "wavedate": "wave-date",
	"targetpath": "target", "target": "target", "newpath": "target"}

// ReadPlan reads a plan from CSV with a header: Path or Id (with Level, where it
// is a group's), and Scope, Reason, Wave, Wave
// date, Target path, in any order; other
// columns are passed over. name is the file's; errors name the line.
func ReadPlan(name string, data []byte) (*Plan, error) {
	p := &Plan{Name: name}
	data = bytes.TrimPrefix(data, []byte("\ufeff")) // as spreadsheets write it
	r := csv.NewReader(bytes.NewReader(data))
	r.Comment, r.TrimLeadingSpace = '#', true
	for line := range bytes.Lines(data) { // the header tells what separates
		if line = bytes.TrimSpace(line); len(line) > 0 && line[0] != '#' {
			if bytes.Count(line, []byte(";")) > bytes.Count(line, []byte(",")) {
				r.Comma = ';'
			}
			break
		}
	}
	heads, err := r.Read()
	if err != nil {
		return nil, fmt.Errorf("read the plan: %s: %w", name, planError(err))
	}
	at := map[string]int{}
	for i, h := range heads {
		if column, known := planColumns[bareWord(h)]; known {
			if _, twice := at[column]; !twice {
				at[column] = i
			}
		}
	}
	_, byPath := at["path"]
	_, byID := at["id"]
	_, scope := at["scope"]
	_, wave := at["wave"]
	_, target := at["target"]
	switch {
	case !byPath && !byID:
		return nil, fmt.Errorf("read the plan: %s:1: no column names what a row is about: head one Path or Id", name)
	case !scope && !wave && !target:
		return nil, fmt.Errorf("read the plan: %s:1: no column decides anything: head one Scope, Wave or Target path", name)
	}
	seen := map[string]int{}
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return p, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read the plan: %s: %w", name, planError(err))
		}
		e, err := NewEntry(func(column string) string {
			if i, has := at[column]; has {
				return strings.TrimSpace(row[i])
			}
			return ""
		})
		line, _ := r.FieldPos(0)
		if err != nil {
			return nil, fmt.Errorf("read the plan: %s:%d: %w", name, line, err)
		}
		if before := seen[e.key()]; before > 0 {
			return nil, fmt.Errorf("read the plan: %s:%d: %s stands on line %d already", name, line, e.key(), before)
		}
		seen[e.key()], e.line = line, line
		p.Entries = append(p.Entries, e)
	}
}

// NewEntry makes an entry of the fields of a row, by their names: id, level,
// path, scope, reason, wave, wave-date, target.
func NewEntry(field func(string) string) (Entry, error) {
	e := Entry{Level: scan.Level(strings.ToLower(field("level"))), Scope: Scope(strings.ToLower(field("scope"))),
		Reason: field("reason"), Wave: field("wave"), WaveDate: field("wave-date")}
	var err error
	if id := field("id"); id != "" {
		if e.ID, err = strconv.ParseInt(id, 10, 64); err != nil || e.ID < 1 {
			return e, fmt.Errorf("%.40q is no id", id)
		}
	}
	if path := field("path"); path != "" {
		if e.Path, err = ParsePath(path); err != nil {
			return e, err
		}
	}
	if to := field("target"); to != "" {
		if e.Target, err = ParsePath(to); err != nil {
			return e, fmt.Errorf("the target path: %w", err)
		}
	}
	switch {
	case e.ID == 0 && e.Path == "":
		return e, errors.New("it names neither a path nor an id")
	case e.Level != "" && e.Level != scan.LevelGroup && e.Level != scan.LevelProject:
		return e, fmt.Errorf("the level is group or project, not %.40q", string(e.Level))
	case e.Scope != "" && !slices.Contains(Scopes(), e.Scope):
		return e, fmt.Errorf("unknown scope %.40q: choose from in, out, migrated, undecided", string(e.Scope))
	case e.ID != 0 && e.Path == "" && e.Level == "":
		e.Level = scan.LevelProject
	}
	return e, nil
}

func (e Entry) key() string {
	if e.Path != "" {
		return e.Path
	}
	return fmt.Sprintf("%s %d", e.Level, e.ID)
}

func planError(err error) error {
	var bad *csv.ParseError
	if errors.As(err, &bad) {
		return fmt.Errorf("line %d: %w", bad.Line, bad.Err)
	}
	if errors.Is(err, io.EOF) {
		return errors.New("it is empty: give a header and a row for each group or project")
	}
	return err
}

// bareWord is a heading without what people write differently.
func bareWord(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

// planKey names a group or project.
type planKey struct {
	level scan.Level
	id    int64
}

// placed is a plan on one inventory: its entries by the paths of today.
type placed struct {
	plan      *Plan
	at        map[string]*Entry
	rows      map[planKey]*Entry
	unmatched []Entry // they name nothing that is there
}

// place finds what the entries of a plan are about. It walks the groups and the
// projects once: an id goes before a path, so that what was renamed or
// transferred since stays decided.
func (p *Plan) place(inv scan.Inventory) (*placed, error) {
	if p == nil {
		return nil, nil
	}
	out := &placed{plan: p, at: map[string]*Entry{}, rows: map[planKey]*Entry{}}
	byID, byPath, met := map[planKey]int{}, map[string]int{}, make([]bool, len(p.Entries))
	for i, e := range p.Entries {
		if e.ID != 0 && e.Level != "" {
			byID[planKey{e.Level, e.ID}] = i
		} else if e.Path != "" {
			byPath[e.Path] = i
		}
	}
	meet := func(s scan.Subject) {
		i, known := byID[planKey{s.Level(), s.Key()}]
		if !known {
			i, known = byPath[s.Address()]
		}
		if known {
			met[i] = true
			out.at[s.Address()] = &p.Entries[i]
			out.rows[planKey{s.Level(), s.Key()}] = &p.Entries[i]
		}
	}
	for g, err := range inv.Groups() {
		if err != nil {
			return nil, fmt.Errorf("find the groups of the plan: %w", err)
		}
		meet(g)
	}
	for s, err := range scan.ProjectsWith(inv) {
		if err != nil {
			return nil, fmt.Errorf("find the projects of the plan: %w", err)
		}
		meet(s)
	}
	for i, e := range p.Entries {
		if !met[i] && e.line > 0 { // a person's row in the workbook is kept there
			out.unmatched = append(out.unmatched, e)
		}
	}
	return out, nil
}

// of is what the plan says of a group or project, what its groups say filled in:
// Path is then that of the group whose decision on the scope it is. nil: nothing,
// or the subject is neither.
func (p *placed) of(s scan.Subject) *Entry {
	if p == nil || s.Level() != scan.LevelGroup && s.Level() != scan.LevelProject {
		return nil
	}
	return p.path(s.Address())
}

func (p *placed) path(path string) *Entry {
	var out *Entry
	for at := path; at != ""; at = up(at) {
		e := p.at[at]
		if e == nil {
			continue
		}
		if out == nil {
			out = new(Entry)
		}
		if out.Scope == "" && e.Scope != "" {
			out.Scope, out.Reason, out.Path = e.Scope, e.Reason, at
		}
		if out.Wave == "" {
			out.Wave, out.WaveDate = e.Wave, e.WaveDate
		}
	}
	return out
}

// places adds the target paths of the plan to those that the target has already.
func (p *placed) places(before Places) Places {
	if p == nil {
		return before
	}
	all := Places{}
	for from, to := range before {
		all[from] = to
	}
	for from, e := range p.at {
		if e.Target != "" {
			all[from] = e.Target
		}
	}
	if len(all) == 0 {
		return before
	}
	return all
}

// waves is in which wave the plan puts what; before, where there is no plan.
func (p *placed) waves(before Waves) Waves {
	if p == nil {
		return before
	}
	all := Waves{}
	for path, e := range p.at {
		if e.Wave != "" {
			all[path] = e.Wave
		}
	}
	return all
}

// Merge adds entries, or fills in what the entries about the same groups and
// projects leave empty: what stands in the plan already comes first.
func (p *Plan) Merge(entries []Entry) {
	byID, byPath := map[planKey]int{}, map[string]int{}
	for i, e := range p.Entries {
		if e.ID != 0 {
			byID[planKey{e.Level, e.ID}] = i
		}
		byPath[e.Path] = i
	}
	for _, e := range entries {
		i, known := byID[planKey{e.Level, e.ID}]
		if !known && e.Path != "" {
			i, known = byPath[e.Path]
		}
		if !known {
			p.Entries = append(p.Entries, e)
			continue
		}
		o := &p.Entries[i]
		if o.Scope == "" {
			o.Scope, o.Reason = e.Scope, e.Reason
		}
		o.ID, o.Level = cmp.Or(o.ID, e.ID), cmp.Or(o.Level, e.Level)
		o.Wave, o.Target = cmp.Or(o.Wave, e.Wave), cmp.Or(o.Target, e.Target)
	}
}

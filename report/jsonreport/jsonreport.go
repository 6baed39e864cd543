// Package jsonreport writes a judgement with its inventory as one JSON document,
// for programs. The schema is "readiness/1".
//
// A fact is an object with either a value or a gap; a total is an object whose
// value is null if nothing of it was read, and a lower bound if something was
// not. Names are exactly as the source has them: who shows them cleans them. The
// same snapshot, matrix and target give the same bytes, but for "run".
package jsonreport

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"time"
	"unicode"
	"unicode/utf16"

	"readiness/checks"
	"readiness/checks/matrix"
	"readiness/checks/track"
	"readiness/report"
	"readiness/scan"
)

// Schema names the document's form.
const Schema = "readiness/1"

// Run is what the judgement does not know of how the report came about.
type Run struct {
	Program string    // name and version of the program that writes the report
	Address string    // where the source was reached, if that is not its URL
	Written time.Time // zero: not said
	// Compared are judgements of the same inventory for other targets.
	Compared []*checks.Judgement
	// Tracked is what the scans before say; nil: nobody looked.
	Tracked *track.Tracked
}

// profile is what somebody decided for the engagement, as far as it keeps
// something from being judged.
type profile struct {
	File        string               `json:"file"`
	Title       string               `json:"title,omitempty"`
	Assumptions string               `json:"assumptions,omitempty"`
	Off         []checks.SwitchedOff `json:"checks_off"`
}

// compared is the verdict for another target.
type compared struct {
	Target   checks.Target          `json:"target"`
	Sentence string                 `json:"sentence"`
	Methods  []checks.MethodVerdict `json:"methods"`
}

func comparedOf(all []*checks.Judgement) []compared {
	var out []compared
	for _, j := range all {
		out = append(out, compared{j.Target, j.Sentence(), j.Methods})
	}
	return out
}

// Write writes the document: summaries and findings indented, then one line for
// each group, project and user, which are read from inv as they are written.
func Write(w io.Writer, j *checks.Judgement, inv scan.Inventory, r *report.Report, run Run) error {
	s := newStream(w)
	s.raw("{")
	s.field("schema", Schema)
	s.field("source", sourceOf(j, r))
	s.field("scope", scopeOf(j.Meta.Scope))
	if len(j.Meta.Notes) > 0 {
		s.field("notes", notesOf(j.Meta.Notes))
	}
	s.field("target", j.Target)
	if j.Target.Read != nil {
		s.field("destination", j.Target.Read)
	}
	if j.Profile != nil {
		s.field("profile", profile{j.Profile.Name, j.Profile.Title, j.Profile.Assumptions, list(j.Profile.Off)})
	}
	if j.Planned != nil {
		s.field("plan", plannedOf(*j.Planned))
	}
	s.field("sentence", r.Summary.Verdict.String())
	s.field("coverage", coverageOf(j.Coverage))
	s.field("inventory", j.Totals)
	s.field("methods", j.Methods)
	s.field("advice", r.Advice)
	if len(run.Compared) > 0 {
		s.field("comparison", comparedOf(run.Compared))
	}
	items(s, "left_behind", j.Losses, lossOf)
	items(s, "findings", j.Findings, func(f checks.Finding) finding { return findingOf(f, run.Tracked) })
	s.tracked(run.Tracked)
	if len(r.Kept) > 0 {
		s.field("kept", r.Kept)
	}
	items(s, "items", j.Items, useOf)
	if j.Instance != nil {
		facts, err := scan.MarshalFacts(j.Instance)
		if err != nil {
			return fmt.Errorf("write the JSON report: %w", err)
		}
		s.field("instance", instance{r.Instance, facts})
	}
	lines(s, "groups", inv.Groups(), groupRow)
	lines(s, "projects", inv.Projects(), func(p *scan.Project) any { return projectRow(j, p) })
	lines(s, "users", inv.Users(), userRow)
	s.field("run", runOf(j.Meta, run))
	s.raw("\n}\n")
	if s.err == nil {
		s.err = s.w.Flush()
	}
	if s.err != nil {
		return fmt.Errorf("write the JSON report: %w", s.err)
	}
	return nil
}

// stream writes the fields of one object as they come.
type stream struct {
	w     *bufio.Writer
	begun bool
	err   error
	// What is encoded lies in text until the next is.
	text    bytes.Buffer
	encoder *json.Encoder
}

func newStream(w io.Writer) *stream {
	s := &stream{w: bufio.NewWriterSize(w, 1<<16)}
	s.encoder = json.NewEncoder(&s.text)
	s.encoder.SetEscapeHTML(false)
	return s
}

func (s *stream) raw(text string) {
	if s.err == nil {
		_, s.err = s.w.WriteString(text)
	}
}

func (s *stream) name(n string) {
	if s.begun {
		s.raw(",")
	}
	s.begun = true
	s.raw("\n  \"" + n + "\": ")
}

func (s *stream) field(name string, v any) {
	s.name(name)
	s.value(v, "  ", "  ")
}

// value writes v without a line break after it; without indent on one line.
func (s *stream) value(v any, prefix, indent string) {
	if s.err != nil {
		return
	}
	var text []byte
	if text, s.err = s.encode(v, prefix, indent); s.err == nil {
		s.write(text)
	}
}

func (s *stream) write(text []byte) {
	if s.err == nil {
		_, s.err = s.w.Write(escape(text))
	}
}

func (s *stream) encode(v any, prefix, indent string) ([]byte, error) {
	s.text.Reset()
	s.encoder.SetIndent(prefix, indent)
	if err := s.encoder.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimRight(s.text.Bytes(), "\n"), nil
}

// items writes a list as field does, holding one item at a time.
func items[T, U any](s *stream, name string, all []T, of func(T) U) {
	s.name(name)
	s.raw("[")
	for i, item := range all {
		if i > 0 {
			s.raw(",")
		}
		s.raw("\n    ")
		s.value(of(item), "    ", "  ")
	}
	if len(all) > 0 {
		s.raw("\n  ")
	}
	s.raw("]")
}

// escape writes the characters that steer a terminal or turn a line around as
// their numbers, which to a reader of JSON is the same text. They only ever stand
// in its strings.
func escape(text []byte) []byte {
	steers := func(r rune) bool {
		return (r < ' ' || r > '~') && r != '\n' && unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
	}
	if bytes.IndexFunc(text, steers) < 0 {
		return text
	}
	var b bytes.Buffer
	for _, r := range string(text) {
		switch {
		case !steers(r):
			b.WriteRune(r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.Bytes()
}

// lines writes a list with one line for each subject: what row makes of it, which
// is an object, and in that its facts, which need not be read again for it.
func lines[T scan.Subject](s *stream, name string, subjects iter.Seq2[T, error], row func(T) any) {
	s.name(name)
	s.raw("[")
	first := true
	var facts []byte
	for subject, err := range subjects {
		if s.err != nil {
			return
		}
		var line []byte
		if err == nil {
			line, err = s.encode(row(subject), "", "")
		}
		if err == nil {
			facts, err = scan.AppendFacts(facts[:0], subject)
		}
		if err != nil {
			s.err = fmt.Errorf("%s: %w", name, err)
			return
		}
		if !first {
			s.raw(",")
		}
		first = false
		s.raw("\n    ")
		s.write(bytes.TrimSuffix(line, []byte("}")))
		s.raw(`,"facts":`)
		s.write(facts)
		s.raw("}")
	}
	if !first {
		s.raw("\n  ")
	}
	s.raw("]")
}

type source struct {
	URL     string  `json:"url"`
	Version *string `json:"version"` // null: not known, instance.facts says why
	Edition *string `json:"edition"` // enterprise or community
}

func sourceOf(j *checks.Judgement, r *report.Report) source {
	s := source{URL: r.Instance}
	if j.Instance == nil {
		return s
	}
	if v, ok := j.Instance.Version.Get(); ok {
		text := v.String()
		s.Version = &text
	}
	if ee, ok := j.Instance.Enterprise.Get(); ok {
		edition := map[bool]string{true: "enterprise", false: "community"}[ee]
		s.Edition = &edition
	}
	return s
}

// note is what holds of the scan as a whole.
type note struct {
	Note scan.Note `json:"note"`
	Says string    `json:"says"`
}

func notesOf(all []scan.Note) (notes []note) {
	for _, n := range all {
		notes = append(notes, note{n, n.Sentence()})
	}
	return notes
}

func coverageOf(c checks.Coverage) checks.Coverage {
	c.Lists, c.Gaps, c.Asked, c.Off, c.NoReader = list(c.Lists), list(c.Gaps), list(c.Asked), list(c.Off), list(c.NoReader)
	return c
}

// scope is what the scan was limited to.
type scope struct {
	Depth    string      `json:"depth"`
	Groups   []string    `json:"groups"`
	Areas    []scan.Area `json:"areas"`    // beyond what the listings carry; empty: all
	Projects []string    `json:"projects"` // as they were listed; empty: all
}

func scopeOf(s scan.Scope) scope {
	return scope{s.Depth.String(), list(s.Groups), list(s.Areas), list(s.Projects)}
}

// list makes no list an empty one, so that programs find what they expect.
func list[T any](l []T) []T {
	if l == nil {
		return []T{}
	}
	return l
}

// use is an item of the matrix with how much of it is in use.
type use struct {
	ID       string     `json:"id"`
	Title    string     `json:"title"`
	Level    scan.Level `json:"level"`
	Use      checks.Use `json:"use"`
	Amount   scan.Total `json:"amount"`
	Measured bool       `json:"measured"` // amount counts the item itself, not where it can occur
	Unit     scan.Unit  `json:"unit,omitempty"`
	Subjects scan.Total `json:"subjects"`
	Question string     `json:"question,omitempty"`
	Gap      *scan.Gap  `json:"gap,omitempty"`
}

func useOf(i checks.ItemUse) use {
	return use{ID: i.Item.ID, Title: i.Item.Title, Level: i.Item.Level, Use: i.Use, Amount: i.Amount, Measured: i.Measured,
		Unit: i.Unit, Subjects: i.Subjects, Question: i.Item.Use.Question, Gap: i.Gap}
}

type loss struct {
	use
	Method matrix.Method `json:"method"`
	Status matrix.Status `json:"status"`
	Why    string        `json:"why"`
	Remedy string        `json:"remedy"`
	Source string        `json:"source"`
}

func lossOf(l checks.Loss) loss {
	return loss{useOf(l.ItemUse), l.Method, l.Answer.Status, l.Answer.Note, l.Item.Remedy, l.Answer.Source}
}

type instance struct {
	URL   string          `json:"url"`
	Facts json.RawMessage `json:"facts"`
}

type group struct {
	ID       int64  `json:"id"`
	Path     string `json:"path"`
	Name     string `json:"name"`
	URL      string `json:"url"`
	ParentID int64  `json:"parent_id"`
}

func groupRow(g *scan.Group) any { return group{g.ID, g.Path, g.Name, g.WebURL, g.ParentID} }

type project struct {
	ID      int64                   `json:"id"`
	Path    string                  `json:"path"`
	Name    string                  `json:"name"`
	URL     string                  `json:"url"`
	GroupID int64                   `json:"group_id"`
	Methods []checks.ProjectVerdict `json:"methods"`
}

func projectRow(j *checks.Judgement, p *scan.Project) any {
	return project{p.ID, p.Path, p.Name, p.WebURL, p.GroupID, list(j.Project(p))}
}

type user struct {
	ID       int64  `json:"id"`
	Username string `json:"username"`
	Name     string `json:"name"`
	URL      string `json:"url"`
}

func userRow(u *scan.User) any { return user{u.ID, u.Username, u.Name, u.WebURL} }

// run is all that may differ between reports of equal scans.
type run struct {
	Program   string        `json:"program"`
	ScannedBy string        `json:"scanned_by"`
	Address   string        `json:"address,omitempty"`
	Started   time.Time     `json:"started"`
	Finished  *time.Time    `json:"finished"` // null: the scan was interrupted
	Written   *time.Time    `json:"written,omitempty"`
	Snapshot  string        `json:"snapshot_sha256"`
	Requests  scan.Requests `json:"requests"`
}

func runOf(m scan.Meta, r Run) run {
	out := run{Program: r.Program, ScannedBy: m.Tool, Address: r.Address, Started: m.Started.UTC(), Snapshot: m.Hash, Requests: m.Requests}
	if !m.Finished.IsZero() {
		t := m.Finished.UTC()
		out.Finished = &t
	}
	if !r.Written.IsZero() {
		t := r.Written.UTC()
		out.Written = &t
	}
	return out
}

package report

import (
	"math"
	"strconv"
	"strings"
	"time"

	"readiness/scan"
)

// Kind says what stands in a cell, and in a column what stands in most of its cells.
type Kind uint8

// The kinds of cells.
const (
	Empty   Kind = iota // nothing to say, by nature: never "not read"
	Text                // words
	Gap                 // words that say why there is no value
	Count               // a number of things
	ID                  // a number that names a thing
	Bytes               // a size, shown in its Unit
	Percent             // a share, rounded down to a tenth of a per cent
	Date                // a day, or a moment if Clock
)

// Tone is the colour of a cell. It never speaks alone: the words beside it, or
// in it, say the same.
type Tone uint8

// The tones.
const (
	Plain   Tone = iota
	Good         // nothing to do
	Caution      // something is lost or costs work
	Bad          // blocks or is left behind
	Unknown      // could not be read or nobody knows
	Muted        // does not matter here
)

// Unit is a size that numbers of bytes are shown in.
type Unit int32

// The units of sizes.
const (
	MiB Unit = 1 << 20
	GiB Unit = 1 << 30
)

// String is the unit's symbol.
func (u Unit) String() string {
	if u == GiB {
		return "GiB"
	}
	return "MiB"
}

// Cell is one value of a table. It is made by the functions of this package
// alone, so that its text is always clean and a gap is never a number. Tables
// hold many at once: it is kept small.
type Cell struct {
	kind    Kind
	tone    Tone
	atLeast bool
	clock   bool
	unit    Unit
	number  int64 // of a share its thousandths, of a date its seconds since 1970
	text    string
	written string // text with the line breaks of the person who wrote it
	link    string
}

// TextCell holds words, cleaned.
func TextCell(s string) Cell {
	if s == "" {
		return Cell{}
	}
	return Cell{kind: Text, text: Clean(s)}
}

// GapCell says in words why there is no value.
func GapCell(words string) Cell { return Cell{kind: Gap, tone: Unknown, text: Clean(words)} }

// CountCell holds a number of things.
func CountCell(n int64) Cell { return Cell{kind: Count, number: n} }

// IDCell holds a number that names a thing.
func IDCell(id int64) Cell { return Cell{kind: ID, number: id} }

// BytesCell holds a size in bytes, shown in u.
func BytesCell(n int64, u Unit) Cell { return Cell{kind: Bytes, number: n, unit: u} }

// PercentCell holds part of whole, rounded down to a tenth of a per cent, so
// that only the whole is 100 %.
func PercentCell(part, whole int64) Cell {
	if whole <= 0 {
		return Cell{}
	}
	return Cell{kind: Percent, number: int64(math.Floor(float64(part) / float64(whole) * 1000))}
}

// DateCell holds the UTC day of t; a date that no spreadsheet can hold is text.
func DateCell(t time.Time) Cell { return dateCell(t, false) }

// MomentCell holds t to the second in UTC.
func MomentCell(t time.Time) Cell { return dateCell(t, true) }

func dateCell(t time.Time, clock bool) Cell {
	t = t.UTC()
	c := Cell{kind: Date, number: t.Truncate(24 * time.Hour).Unix(), clock: clock}
	if clock {
		c.number = t.Unix()
	}
	if y := t.Year(); y < 1901 || y > 9998 {
		return TextCell(c.String())
	}
	return c
}

// Toned returns the cell in the tone t.
func (c Cell) Toned(t Tone) Cell { c.tone = t; return c }

// Linked returns the cell with a link, or as it is if the link is not plain.
func (c Cell) Linked(url string) Cell {
	if Plainlink(url) {
		c.link = url
	}
	return c
}

// Plainlink reports whether url is an http or https address that can stand in a
// formula, in XML and in a terminal as it is: letters, digits and the
// punctuation of paths only, and at most 255 characters, which is the longest
// text that Excel takes in a formula.
func Plainlink(url string) bool {
	rest, ok := strings.CutPrefix(url, "https://")
	if !ok {
		rest, ok = strings.CutPrefix(url, "http://")
	}
	if !ok || rest == "" || len(url) > 255 {
		return false
	}
	for i := range len(rest) {
		c := rest[i]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		if !letter && !strings.ContainsRune("-._~/:#?=&%+,;", rune(c)) {
			return false
		}
	}
	return true
}

// Kind says what stands in the cell.
func (c Cell) Kind() Kind { return c.kind }

// Tone is the cell's colour.
func (c Cell) Tone() Tone { return c.tone }

// AtLeast reports whether the number is a lower bound, because something that
// it sums up could not be read.
func (c Cell) AtLeast() bool { return c.atLeast }

// Clock reports whether a date has a time of day.
func (c Cell) Clock() bool { return c.clock }

// Unit is the unit that a size is shown in.
func (c Cell) Unit() Unit { return c.unit }

// Int is the number of a Count or ID, and the bytes of a size.
func (c Cell) Int() int64 {
	switch c.kind {
	case Count, ID, Bytes:
		return c.number
	}
	return 0
}

// Float is the number as it is shown: a size in its unit, a share as 0 to 1.
func (c Cell) Float() float64 {
	switch c.kind {
	case Bytes:
		return float64(c.number) / float64(c.unit)
	case Percent:
		return float64(c.number) / 1000
	}
	return float64(c.Int())
}

// Time is the moment of a Date, in UTC.
func (c Cell) Time() time.Time { return time.Unix(c.number, 0).UTC() }

// Link is a plain address that the cell leads to, or "".
func (c Cell) Link() string { return c.link }

// String is the cell in words, as a terminal shows it.
func (c Cell) String() string {
	s := c.text
	switch c.kind {
	case Count:
		s = Thousands(c.number)
	case ID:
		s = strconv.FormatInt(c.number, 10)
	case Bytes:
		s = Size(c.number)
	case Percent:
		s = strconv.FormatFloat(c.Float()*100, 'f', 1, 64) + " %"
	case Date:
		s = c.Time().Format(time.DateOnly)
		if c.clock {
			s = c.Time().Format("2006-01-02 15:04:05 UTC")
		}
	}
	if c.atLeast {
		return "at least " + s
	}
	return s
}

// factCell is the cell of a fact with the unit that the catalogue gives it.
func factCell(r scan.Read, u scan.Unit) Cell {
	if r == nil {
		return Cell{}
	}
	if g, gap := r.Gap(); gap {
		return GapCell(shortReason(g.Reason))
	}
	n, _ := r.Amount()
	switch u {
	case scan.Count, scan.List:
		return CountCell(n)
	case scan.Bytes:
		return BytesCell(n, MiB)
	case scan.Flag:
		return yesNo(n > 0)
	}
	switch v := r.Any().(type) {
	case time.Time:
		return DateCell(v)
	case string:
		return TextCell(v)
	case interface{ String() string }:
		return TextCell(v.String())
	}
	return CountCell(n)
}

func yesNo(b bool) Cell {
	if b {
		return TextCell("yes")
	}
	return TextCell("no").Toned(Muted)
}

// dayCell is the cell of a fact that holds a day as text; none says what no
// day means.
func dayCell(f scan.Fact[string], none string) Cell {
	v, ok := f.Get()
	if !ok {
		return factCell(&f, scan.Text)
	}
	if v == "" {
		return TextCell(none).Toned(Muted)
	}
	t, err := time.Parse(time.DateOnly, v)
	if err != nil {
		return TextCell(v)
	}
	return DateCell(t)
}

// totalCell is the cell of a total: a number, a lower bound, or words if there
// is not even that. A lower bound of zero is no number either.
func totalCell(t scan.Total, u scan.Unit) Cell {
	n, complete := t.Sum()
	if !complete && n == 0 {
		if t.Unknown() {
			return GapCell("unknown")
		}
		return GapCell("none seen, rest unread")
	}
	c := CountCell(n)
	if u == scan.Bytes {
		c = BytesCell(n, unitFor(n))
	}
	if !complete {
		c.atLeast, c.tone = true, Unknown
	}
	return c
}

func unitFor(n int64) Unit {
	if n >= int64(GiB) {
		return GiB
	}
	return MiB
}

package checks

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"readiness/checks/matrix"
	"readiness/checks/yamlfile"
)

// ReadProfile reads a profile from YAML; name is the file's, for errors and for
// the report. A name or a unit that is not known is an error that names the
// line, never something passed over.
func ReadProfile(name string, data []byte) (*Profile, error) {
	d := yamlfile.Parse(name, data)
	r := profileReader{Document: d, all: map[string]Check{}, p: &Profile{
		Name: name, Severities: map[string]Severity{}, Thresholds: map[string][]Threshold{},
	}}
	for _, k := range All() {
		r.all[k.ID] = k
	}
	if d.Err == nil && d.Root != nil {
		r.file(d.Root)
	}
	if d.Err != nil {
		return nil, fmt.Errorf("read the profile: %w", d.Err)
	}
	slices.SortFunc(r.p.Off, func(a, b SwitchedOff) int { return strings.Compare(a.Check, b.Check) })
	return r.p, nil
}

type profileReader struct {
	*yamlfile.Document
	all map[string]Check
	p   *Profile
}

func (r *profileReader) file(n ast.Node) {
	const what = "the profile"
	for f := range r.Fields(n, what) {
		switch f.Key {
		case "title":
			r.p.Title = r.Text(f.Value, f.Key)
		case "assumptions":
			r.p.Assumptions = r.Text(f.Value, f.Key)
		case "target":
			r.target(f.Value)
		case "thresholds":
			for t := range r.Fields(f.Value, f.Key) {
				r.thresholds(t)
			}
		case "checks-off":
			for e := range r.Elements(f.Value, f.Key) {
				r.off(e)
			}
		case "severities":
			for s := range r.Fields(f.Value, f.Key) {
				if k, known := r.check(s.Name, s.Key); known {
					r.p.Severities[k.ID] = yamlfile.Choice(r.Document, s.Value, "severity", Severities()...)
				}
			}
		case "efforts":
			for e := range r.Elements(f.Value, f.Key) {
				r.effort(e)
			}
		case "questions":
			for e := range r.Elements(f.Value, f.Key) {
				r.question(e)
			}
		case "other-sources":
			for system := range r.Fields(f.Value, f.Key) {
				r.other(system)
			}
		case "change-request":
			for limit := range r.Fields(f.Value, f.Key) {
				r.driftLimit(limit)
			}
		default:
			r.Unknown(f, what, "title", "assumptions", "target", "thresholds", "checks-off", "severities", "efforts", "questions", "other-sources", "change-request")
		}
	}
}

// check finds a check by its id.
func (r *profileReader) check(n ast.Node, id string) (Check, bool) {
	k, known := r.all[id]
	if !known {
		r.Fail(n, "unknown check %.60q; 'readiness checks' lists them all", id)
	}
	return k, known
}

func (r *profileReader) target(n ast.Node) {
	const what = "target"
	t := &r.p.Target
	for f := range r.Fields(n, what) {
		switch f.Key {
		case "destination":
			t.Destination = parsed(r, f, ParseDestination)
		case "version":
			t.Version = r.Version(f.Value, f.Key)
		case "tier":
			t.Tier = parsed(r, f, ParseTier)
		case "parent":
			t.Parent = parsed(r, f, ParsePath)
		case "executor":
			t.Executor = parsed(r, f, ParseParty)
		case "air-gapped":
			gap := r.Flag(f.Value, f.Key)
			t.AirGapped = &gap
		case "methods":
			for _, e := range slices.Collect(r.Elements(f.Value, f.Key)) {
				m, err := matrix.ParseMethod(r.Text(e, "method"))
				if err != nil {
					r.Fail(e, "%v", err)
				}
				t.Methods = append(t.Methods, m)
			}
			t.Methods = intersect(matrix.Methods(), t.Methods)
		case "email-domains":
			for _, e := range slices.Collect(r.Elements(f.Value, f.Key)) {
				domain, err := ParseDomain(r.Text(e, "domain"))
				if err != nil {
					r.Fail(e, "%v", err)
				}
				t.EmailDomains = append(t.EmailDomains, domain)
			}
		case "seats":
			if t.Seats = r.count(f.Value, f.Key, "seats"); t.Seats == 0 {
				r.Fail(f.Value, "seats: give how many the destination's subscription has; leave it out if that is not known")
			}
		case "assume-source-version":
			t.AssumedSource = r.Version(f.Value, f.Key)
		case "limits":
			r.limits(f.Value)
		case "new-places":
			t.Places = Places{}
			for place := range r.Fields(f.Value, f.Key) {
				from, err := ParsePath(place.Key)
				if err != nil {
					r.Fail(place.Name, "%v", err)
				}
				if _, twice := t.Places[from]; twice {
					r.Fail(place.Name, "new-places has %.60q twice", from)
				}
				t.Places[from] = parsed(r, place, ParsePath)
			}
		default:
			r.Unknown(f, what, "destination", "version", "tier", "parent", "executor", "air-gapped", "methods", "email-domains", "seats", "assume-source-version", "limits", "new-places")
		}
	}
}

// parsed reads a text by a function that explains what is wrong with it.
func parsed[T any](r *profileReader, f yamlfile.Field, parse func(string) (T, error)) T {
	v, err := parse(r.Text(f.Value, f.Key))
	if err != nil {
		r.Fail(f.Value, "%s: %v", f.Key, err)
	}
	return v
}

// count reads an amount of something that is not bytes.
func (r *profileReader) count(n ast.Node, what, unit string) int64 {
	v, err := parseAmount(r.Text(n, what), unit)
	if err != nil {
		r.Fail(n, "%s: %v", what, err)
	}
	return v
}

func (r *profileReader) limits(n ast.Node) {
	const what = "limits"
	for f := range r.Fields(n, what) {
		limit := Limit{Source: r.p.Name}
		if text := r.Text(f.Value, f.Key); text != "unlimited" {
			limit.Bytes = r.count(f.Value, f.Key, unitBytes)
			if limit.Bytes == 0 {
				r.Fail(f.Value, "%s: 0 is no limit: say unlimited if there is none", f.Key)
			}
		}
		l := &r.p.Target.Limits
		switch f.Key {
		case "relation-download":
			l.RelationDownload = limit
		case "import-file":
			l.ImportFile = limit
		case "decompressed-archive":
			l.DecompressedArchive = limit
		default:
			r.Unknown(f, what, "relation-download", "import-file", "decompressed-archive")
		}
	}
}

// thresholds reads what the thresholds of one check shall be: one amount, if the
// check has one, or amounts by the thresholds' names.
func (r *profileReader) thresholds(f yamlfile.Field) {
	k, known := r.check(f.Name, f.Key)
	if !known {
		return
	}
	var names []string
	for _, t := range k.Thresholds {
		names = append(names, t.Name())
	}
	if len(names) == 0 {
		r.Fail(f.Name, "%s measures by no threshold", k.ID)
		return
	}
	if _, single := yamlfile.Scalar(f.Value); single {
		if len(names) > 1 {
			r.Fail(f.Value, "%s has several thresholds: say which: %s", k.ID, strings.Join(names, ", "))
			return
		}
		r.threshold(k, k.Thresholds[0], f.Value)
		return
	}
	for each := range r.Fields(f.Value, k.ID) {
		i := slices.Index(names, each.Key)
		if i < 0 {
			r.Fail(each.Name, "%s has no threshold %.60q: it has %s", k.ID, each.Key, strings.Join(names, ", "))
			return
		}
		r.threshold(k, k.Thresholds[i], each.Value)
	}
}

func (r *profileReader) threshold(k Check, t Threshold, n ast.Node) {
	t.was, t.wasRelease = t.Value, t.Release
	if t.Unit == unitRelease {
		t.Release = r.Version(n, t.Name())
	} else {
		t.Value = r.count(n, t.Name(), t.Unit)
	}
	t.Source = r.p.Name
	r.p.Thresholds[k.ID] = append(r.p.Thresholds[k.ID], t)
}

func (r *profileReader) off(n ast.Node) {
	const what = "a check that is off"
	var o SwitchedOff
	for f := range r.Fields(n, what) {
		switch f.Key {
		case "check":
			if k, known := r.check(f.Value, r.Text(f.Value, f.Key)); known {
				o.Check, o.Title, o.Severity = k.ID, k.Title, k.Severity
			}
		case "reason":
			o.Reason = r.Text(f.Value, f.Key)
		default:
			r.Unknown(f, what, "check", "reason")
		}
	}
	switch {
	case o.Check == "":
		r.Fail(n, "%s needs its id: check", what)
	case o.Reason == "":
		r.Fail(n, "%s is switched off without a reason", o.Check)
	case slices.ContainsFunc(r.p.Off, func(other SwitchedOff) bool { return other.Check == o.Check }):
		r.Fail(n, "%s is switched off twice", o.Check)
	}
	r.p.Off = append(r.p.Off, o)
}

func (r *profileReader) effort(n ast.Node) {
	const what = "an effort"
	e := UnitEffort{Low: -1, High: -1}
	for f := range r.Fields(n, what) {
		switch f.Key {
		case "kind":
			e.Kind = yamlfile.Choice(r.Document, f.Value, "kind of action", ActionKinds()...)
		case "party":
			e.Party = yamlfile.Choice(r.Document, f.Value, "party", Parties()...)
		case "of":
			e.Of = r.subjects(f.Value)
		case "hours":
			e.Low, e.High = r.hours(f.Value)
		case "note":
			e.Note = r.Text(f.Value, f.Key)
		default:
			r.Unknown(f, what, "kind", "party", "of", "hours", "note")
		}
	}
	switch {
	case e.Kind == "" || e.Party == "" || e.Low < 0 || e.High < 0:
		r.Fail(n, "%s needs kind, party and hours", what)
	case slices.ContainsFunc(r.p.Efforts, e.clashes):
		r.Fail(n, "the effort %s of %s is stated twice", e.Kind, e.Party.Title())
	}
	r.p.Efforts = append(r.p.Efforts, e)
}

// clashes reports whether two efforts answer for the same work.
func (e UnitEffort) clashes(other UnitEffort) bool {
	return e.Kind == other.Kind && e.Party == other.Party &&
		(e.Of == nil && other.Of == nil || slices.ContainsFunc(e.Of, func(of string) bool { return slices.Contains(other.Of, of) }))
}

// subjects reads ids of items of the matrix and of checks.
func (r *profileReader) subjects(n ast.Node) []string {
	m, err := matrix.Load()
	if err != nil {
		r.Fail(n, "%v", err)
		return nil
	}
	words := r.Words(n, "of")
	for i, id := range words {
		if _, isCheck := r.all[id]; !isCheck && m.Item(id) == nil {
			r.Fail(n, "of: entry %d, %.60q, is neither an item of the matrix nor a check", i+1, id)
		}
	}
	return words
}

// hours reads a range of hours, or one number for both ends.
func (r *profileReader) hours(n ast.Node) (low, high float64) {
	if _, single := yamlfile.Scalar(n); single {
		low = r.hour(n)
		return low, low
	}
	low, high = -1, -1
	for f := range r.Fields(n, "hours") {
		switch f.Key {
		case "low":
			low = r.hour(f.Value)
		case "high":
			high = r.hour(f.Value)
		default:
			r.Unknown(f, "hours", "low", "high")
		}
	}
	if low < 0 || high < low {
		r.Fail(n, "hours need low and high, and high not below low")
	}
	return low, high
}

func (r *profileReader) hour(n ast.Node) float64 {
	v, err := strconv.ParseFloat(strings.TrimSuffix(r.Text(n, "hours"), " h"), 64)
	if err != nil || v < 0 || math.IsInf(v, 0) || math.IsNaN(v) || v > 1e6 {
		r.Fail(n, "hours must be a number of hours, e.g. 0.5")
	}
	return v
}

var kebab = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

func (r *profileReader) question(n ast.Node) {
	const what = "a question"
	var q ProfileQuestion
	for f := range r.Fields(n, what) {
		switch f.Key {
		case "id":
			if q.ID = r.Text(f.Value, f.Key); !kebab.MatchString(q.ID) {
				r.Fail(f.Value, "id %.60q: use small letters, digits and hyphens", q.ID)
			}
		case "question":
			q.Question = r.Text(f.Value, f.Key)
		case "who":
			q.Who = r.Text(f.Value, f.Key)
		case "why":
			q.Why = r.Text(f.Value, f.Key)
		default:
			r.Unknown(f, what, "id", "question", "who", "why")
		}
	}
	switch {
	case q.ID == "" || q.Question == "" || q.Why == "":
		r.Fail(n, "%s needs id, question and why", what)
	case slices.ContainsFunc(r.p.Questions, func(o ProfileQuestion) bool { return o.ID == q.ID }):
		r.Fail(n, "the question %s stands twice", q.ID)
	}
	r.p.Questions = append(r.p.Questions, q)
}

func (r *profileReader) other(f yamlfile.Field) {
	o, err := matrix.OtherSystem(f.Key)
	if err != nil {
		r.Fail(f.Name, "%v", err)
		return
	}
	source := OtherSource{System: o.ID, Quantities: map[string]int64{}}
	for q := range r.Fields(f.Value, f.Key) {
		if !slices.ContainsFunc(o.Items, func(i matrix.OtherItem) bool { return i.ID == q.Key }) {
			r.Fail(q.Name, "%s has no item %.60q; 'readiness matrix --from %s' lists them", o.Name, q.Key, f.Key)
			return
		}
		source.Quantities[q.Key] = r.count(q.Value, q.Key, unitRecords)
	}
	r.p.Others = append(r.p.Others, source)
}

package matrix

import (
	"maps"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"readiness/checks/yamlfile"
	"readiness/scan"
)

// item reads an item: a new one, which must be whole, or a part of one that the
// matrix has.
func (l *loading) item(d *yamlfile.Document, n ast.Node) {
	const what = "an item"
	id := ""
	for f := range d.Fields(n, what) {
		if f.Key == "id" {
			id = d.Text(f.Value, "id")
		}
	}
	if id == "" {
		d.Fail(n, "an item without id")
	}
	if d.Err != nil {
		return
	}
	if where, twice := l.seen[id]; twice {
		d.Fail(n, "item %.60q stands in %s already: give it once", id, where)
		return
	}
	l.seen[id] = d.Name

	at, known := l.index[id]
	item := Item{ID: id, Rules: make(map[Method]Rule)}
	if known {
		item = l.Items[at]
		item.Rules = maps.Clone(item.Rules)
	}
	for f := range d.Fields(n, what) {
		switch f.Key {
		case "id":
		case "level":
			item.Level = yamlfile.Choice(d, f.Value, "level", scan.Levels()...)
		case "title":
			item.Title = d.Text(f.Value, "title")
		case "tier":
			item.Tier = yamlfile.Choice(d, f.Value, "tier", "free", "premium", "ultimate")
		case "impact":
			item.Impact = yamlfile.Choice(d, f.Value, "impact", Impacts()...)
		case "feature_since":
			item.FeatureSince = d.Version(f.Value, "feature_since")
		case "use":
			item.Use = readUse(d, f.Value)
		case "support":
			for s := range d.Fields(f.Value, "support") {
				method := Method(s.Key)
				if !slices.Contains(Researched(), method) {
					unknownMethod(d, s.Name, s.Key)
				}
				item.Rules[method] = l.rule(d, s.Value)
			}
		case "remediation":
			item.Remedy = d.Text(f.Value, "remediation")
		case "conflict":
			item.Conflict = d.Text(f.Value, "conflict")
		default:
			d.Unknown(f, what, "id", "level", "title", "tier", "impact", "feature_since", "use", "support", "remediation", "conflict")
		}
	}
	if whole(d, n, item); d.Err != nil {
		return
	}
	if known {
		l.Items[at] = item
		return
	}
	l.index[id] = len(l.Items)
	l.Items = append(l.Items, item)
}

// whole fails if the item lacks something.
func whole(d *yamlfile.Document, n ast.Node, item Item) {
	switch {
	case item.Level == "":
		d.Fail(n, "item %s has no level", item.ID)
	case !strings.HasPrefix(item.ID, string(item.Level)+"."):
		d.Fail(n, "item %.60q of level %s: its id must begin with %s.", item.ID, item.Level, item.Level)
	case item.Title == "":
		d.Fail(n, "item %s has no title", item.ID)
	case item.Tier == "":
		d.Fail(n, "item %s has no tier", item.ID)
	case item.Impact == "":
		d.Fail(n, "item %s has no impact: say high, medium or low", item.ID)
	case item.Use.Fact == "" && item.Use.Within == "" && !item.Use.Always && item.Use.Question == "":
		d.Fail(n, "item %s has no use: say fact, within, always or question", item.ID)
	case item.Remedy == "":
		d.Fail(n, "item %s has no remediation", item.ID)
	}
	for _, method := range Researched() {
		if _, ok := item.Rules[method]; !ok {
			d.Fail(n, "item %s says nothing of %s under support: give unknown if nobody knows", item.ID, method)
		}
	}
}

func unknownMethod(d *yamlfile.Document, n ast.Node, key string) {
	var names []string
	for _, m := range Researched() {
		names = append(names, string(m))
	}
	d.Fail(n, "unknown method %.60q: choose from %s", key, strings.Join(names, ", "))
}

// readUse reads how to tell whether an item is in use: exactly one way, of which a
// fact may be narrowed to some kinds of what it lists; with a fact that nothing reads
// stands what to ask people instead.
func readUse(d *yamlfile.Document, n ast.Node) ItemUse {
	const what = "use"
	var u ItemUse
	count := 0
	var kinds ast.Node
	for f := range d.Fields(n, what) {
		count++
		switch f.Key {
		case "fact":
			u.Fact = fact(d, f.Value, "fact")
		case "within":
			u.Within = fact(d, f.Value, "within")
		case "always":
			if u.Always = d.Flag(f.Value, "always"); !u.Always {
				d.Fail(f.Value, "always: false says nothing: give fact, within or question")
			}
		case "question":
			u.Question = d.Text(f.Value, "question")
		case "kinds", "except_kinds":
			if count--; kinds != nil {
				d.Fail(f.Name, "use has kinds and except_kinds: give one of them")
			}
			kinds = f.Value
			list := d.Words(f.Value, f.Key)
			if f.Key == "kinds" {
				u.Kinds = list
			} else {
				u.ExceptKinds = list
			}
		default:
			d.Unknown(f, what, "fact", "kinds", "except_kinds", "within", "always", "question")
		}
	}
	if e, _ := scan.Lookup(u.Fact); count == 2 && u.Question != "" && e.Unread != "" {
		count = 1 // people tell what no API does
	}
	if count != 1 {
		d.Fail(n, "use must have exactly one of fact, within, always, question; a question may stand beside a fact that nothing reads")
	}
	if kinds != nil {
		checkKinds(d, kinds, u)
	}
	return u
}

// checkKinds fails unless the fact that tells an item's use lists things of the kinds
// that narrow it: a kind that never occurs would hide the item.
func checkKinds(d *yamlfile.Document, n ast.Node, u ItemUse) {
	known := scan.Kinds(u.Fact)
	if known == nil && d.Err == nil {
		d.Fail(n, "kinds without a fact that lists things by kind")
	}
	for _, k := range slices.Concat(u.Kinds, u.ExceptKinds) {
		if !slices.Contains(known, k) {
			d.Fail(n, "unknown kind %.60q of %s: choose from %s", k, u.Fact, strings.Join(known, ", "))
		}
	}
}

// fact reads the id of a fact in the catalogue.
func fact(d *yamlfile.Document, n ast.Node, what string) scan.FactID {
	id := scan.FactID(d.Text(n, what))
	if _, ok := scan.Lookup(id); !ok {
		d.Fail(n, "%s: unknown fact %.60q: the catalogue of facts has none of this id", what, string(id))
	}
	return id
}

// rule reads what is known about one item under one method.
func (l *loading) rule(d *yamlfile.Document, n ast.Node) Rule {
	const what = "a rule"
	r := Rule{SinceExact: true, ReadOn: l.day}
	exactAt := ast.Node(nil)
	for f := range d.Fields(n, what) {
		switch f.Key {
		case "status":
			r.Status = yamlfile.Choice(d, f.Value, "status", Carried, Partial, NotCarried, "unknown")
			if r.Status == "unknown" {
				r.Status = Unverified
			}
		case "since":
			r.Since = d.Version(f.Value, "since")
		case "until":
			r.Until = d.Version(f.Value, "until")
		case "since_side":
			r.SinceSide = yamlfile.Choice(d, f.Value, "since_side", SourceSide, DestinationSide, Both)
		case "since_exact":
			r.SinceExact = d.Flag(f.Value, "since_exact")
			exactAt = f.Name
		case "requires":
			r.Requires = d.Text(f.Value, "requires")
		case "note":
			r.Note = d.Text(f.Value, "note")
		case "source":
			r.Source = l.link(d, f.Value)
		default:
			d.Unknown(f, what, "status", "since", "until", "since_side", "since_exact", "requires", "note", "source")
		}
	}
	dated := !r.Since.IsZero() || !r.Until.IsZero()
	switch {
	case r.Status == "":
		d.Fail(n, "a rule without status")
	case r.Note == "":
		d.Fail(n, "a rule without note: say why in a few words")
	case r.Source == "":
		d.Fail(n, "a rule without source: say who says so")
	case dated && r.SinceSide == "":
		d.Fail(n, "a rule with since or until but without since_side: say whose version counts")
	case !dated && r.SinceSide != "":
		d.Fail(n, "a rule with since_side but without since or until")
	case exactAt != nil && r.Since.IsZero():
		d.Fail(exactAt, "a rule with since_exact but without since")
	case dated && !r.Since.IsZero() && !r.Until.IsZero() && r.Until.CompareMinor(r.Since) < 0:
		d.Fail(n, "a rule that ends before it begins: until %s, since %s", r.Until.Short(), r.Since.Short())
	}
	return r
}

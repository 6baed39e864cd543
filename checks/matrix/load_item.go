package matrix

import (
	"maps"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"readiness/scan"
)

// item reads an item: a new one, which must be whole, or a part of one that the
// matrix has.
func (l *loading) item(d *document, n ast.Node) {
	const what = "an item"
	id := ""
	for f := range d.fields(n, what) {
		if f.key == "id" {
			id = d.text(f.value, "id")
		}
	}
	if id == "" {
		d.fail(n, "an item without id")
	}
	if d.err != nil {
		return
	}
	if where, twice := l.seen[id]; twice {
		d.fail(n, "item %.60q stands in %s already: give it once", id, where)
		return
	}
	l.seen[id] = d.name

	at, known := l.index[id]
	item := Item{ID: id, Rules: make(map[Method]Rule)}
	if known {
		item = l.Items[at]
		item.Rules = maps.Clone(item.Rules)
	}
	for f := range d.fields(n, what) {
		switch f.key {
		case "id":
		case "level":
			item.Level = choice(d, f.value, "level", scan.Levels()...)
		case "title":
			item.Title = d.text(f.value, "title")
		case "tier":
			item.Tier = choice(d, f.value, "tier", "free", "premium", "ultimate")
		case "impact":
			item.Impact = choice(d, f.value, "impact", Impacts()...)
		case "feature_since":
			item.FeatureSince = d.version(f.value, "feature_since")
		case "use":
			item.Use = d.use(f.value)
		case "support":
			for s := range d.fields(f.value, "support") {
				method := Method(s.key)
				if !slices.Contains(Methods(), method) {
					d.unknownMethod(s.name, s.key)
				}
				item.Rules[method] = l.rule(d, s.value)
			}
		case "remediation":
			item.Remedy = d.text(f.value, "remediation")
		case "conflict":
			item.Conflict = d.text(f.value, "conflict")
		default:
			d.unknown(f, what, "id", "level", "title", "tier", "impact", "feature_since", "use", "support", "remediation", "conflict")
		}
	}
	if d.whole(n, item); d.err != nil {
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
func (d *document) whole(n ast.Node, item Item) {
	switch {
	case item.Level == "":
		d.fail(n, "item %s has no level", item.ID)
	case !strings.HasPrefix(item.ID, string(item.Level)+"."):
		d.fail(n, "item %.60q of level %s: its id must begin with %s.", item.ID, item.Level, item.Level)
	case item.Title == "":
		d.fail(n, "item %s has no title", item.ID)
	case item.Tier == "":
		d.fail(n, "item %s has no tier", item.ID)
	case item.Impact == "":
		d.fail(n, "item %s has no impact: say high, medium or low", item.ID)
	case item.Use.Fact == "" && item.Use.Within == "" && !item.Use.Always && item.Use.Question == "":
		d.fail(n, "item %s has no use: say fact, within, always or question", item.ID)
	case item.Remedy == "":
		d.fail(n, "item %s has no remediation", item.ID)
	}
	for _, method := range Methods() {
		if _, ok := item.Rules[method]; !ok {
			d.fail(n, "item %s says nothing of %s under support: give unknown if nobody knows", item.ID, method)
		}
	}
}

func (d *document) unknownMethod(n ast.Node, key string) {
	var names []string
	for _, m := range Methods() {
		names = append(names, string(m))
	}
	d.fail(n, "unknown method %.60q: choose from %s", key, strings.Join(names, ", "))
}

// use reads how to tell whether an item is in use: exactly one way, of which a
// fact may be narrowed to some kinds of what it lists.
func (d *document) use(n ast.Node) ItemUse {
	const what = "use"
	var u ItemUse
	count := 0
	var kinds ast.Node
	for f := range d.fields(n, what) {
		count++
		switch f.key {
		case "fact":
			u.Fact = d.fact(f.value, "fact")
		case "within":
			u.Within = d.fact(f.value, "within")
		case "always":
			if u.Always = d.flag(f.value, "always"); !u.Always {
				d.fail(f.value, "always: false says nothing: give fact, within or question")
			}
		case "question":
			u.Question = d.text(f.value, "question")
		case "kinds", "except_kinds":
			if count--; kinds != nil {
				d.fail(f.name, "use has kinds and except_kinds: give one of them")
			}
			kinds = f.value
			list := d.words(f.value, f.key)
			if f.key == "kinds" {
				u.Kinds = list
			} else {
				u.ExceptKinds = list
			}
		default:
			d.unknown(f, what, "fact", "kinds", "except_kinds", "within", "always", "question")
		}
	}
	if count != 1 {
		d.fail(n, "use must have exactly one of fact, within, always, question")
	}
	if kinds != nil {
		d.kinds(kinds, u)
	}
	return u
}

// kinds fails unless the fact that tells an item's use lists things of the kinds
// that narrow it: a kind that never occurs would hide the item.
func (d *document) kinds(n ast.Node, u ItemUse) {
	known := scan.Kinds(u.Fact)
	if known == nil && d.err == nil {
		d.fail(n, "kinds without a fact that lists things by kind")
	}
	for _, k := range slices.Concat(u.Kinds, u.ExceptKinds) {
		if !slices.Contains(known, k) {
			d.fail(n, "unknown kind %.60q of %s: choose from %s", k, u.Fact, strings.Join(known, ", "))
		}
	}
}

// fact reads the id of a fact in the catalogue.
func (d *document) fact(n ast.Node, what string) scan.FactID {
	id := scan.FactID(d.text(n, what))
	if _, ok := scan.Lookup(id); !ok {
		d.fail(n, "%s: unknown fact %.60q: the catalogue of facts has none of this id", what, string(id))
	}
	return id
}

// rule reads what is known about one item under one method.
func (l *loading) rule(d *document, n ast.Node) Rule {
	const what = "a rule"
	r := Rule{SinceExact: true, ReadOn: l.day}
	exactAt := ast.Node(nil)
	for f := range d.fields(n, what) {
		switch f.key {
		case "status":
			r.Status = choice(d, f.value, "status", Carried, Partial, NotCarried, "unknown")
			if r.Status == "unknown" {
				r.Status = Unverified
			}
		case "since":
			r.Since = d.version(f.value, "since")
		case "until":
			r.Until = d.version(f.value, "until")
		case "since_side":
			r.SinceSide = choice(d, f.value, "since_side", SourceSide, DestinationSide, Both)
		case "since_exact":
			r.SinceExact = d.flag(f.value, "since_exact")
			exactAt = f.name
		case "requires":
			r.Requires = d.text(f.value, "requires")
		case "note":
			r.Note = d.text(f.value, "note")
		case "source":
			r.Source = l.link(d, f.value)
		default:
			d.unknown(f, what, "status", "since", "until", "since_side", "since_exact", "requires", "note", "source")
		}
	}
	dated := !r.Since.IsZero() || !r.Until.IsZero()
	switch {
	case r.Status == "":
		d.fail(n, "a rule without status")
	case r.Note == "":
		d.fail(n, "a rule without note: say why in a few words")
	case r.Source == "":
		d.fail(n, "a rule without source: say who says so")
	case dated && r.SinceSide == "":
		d.fail(n, "a rule with since or until but without since_side: say whose version counts")
	case !dated && r.SinceSide != "":
		d.fail(n, "a rule with since_side but without since or until")
	case exactAt != nil && r.Since.IsZero():
		d.fail(exactAt, "a rule with since_exact but without since")
	case dated && !r.Since.IsZero() && !r.Until.IsZero() && r.Until.CompareMinor(r.Since) < 0:
		d.fail(n, "a rule that ends before it begins: until %s, since %s", r.Until.Short(), r.Since.Short())
	}
	return r
}

package matrix

import (
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"readiness/scan"
)

// origin reads a source that others cite by its id.
func (l *loading) origin(d *document, n ast.Node) {
	const what = "a source"
	var o Origin
	for f := range d.fields(n, what) {
		switch f.key {
		case "id":
			o.ID = d.text(f.value, "id")
		case "what":
			o.What = d.text(f.value, "what")
		case "where":
			o.Where = d.text(f.value, "where")
		case "version":
			o.Version = d.text(f.value, "version")
		case "read_on":
			o.ReadOn = d.day(f.value, "read_on")
		case "link":
			if o.Link = d.text(f.value, "link"); !isLink(o.Link) || !strings.HasSuffix(o.Link, "/") {
				d.fail(f.value, "link %.80q: give an https address that ends in /", o.Link)
			}
		default:
			d.unknown(f, what, "id", "what", "where", "version", "read_on", "link")
		}
	}
	at := slices.IndexFunc(l.Origins, func(known Origin) bool { return known.ID == o.ID })
	if at >= 0 && o.Link == "" {
		o.Link = l.Origins[at].Link
	}
	switch {
	case o.ID == "" || o.Link == "":
		d.fail(n, "a source without id or link")
	case strings.Contains(o.ID, ":"):
		d.fail(n, "source id %.60q must not contain a colon", o.ID)
	case at >= 0:
		l.Origins[at] = o
	default:
		l.Origins = append(l.Origins, o)
	}
}

// link reads a source: an https address, or <source id>:<path> for one in a
// declared source, of which it makes the address.
func (l *loading) link(d *document, n ast.Node) string {
	s := d.text(n, "source")
	if strings.HasPrefix(s, "https://") {
		if !isLink(s) {
			d.fail(n, "source %.120q is not an address", s)
		}
		return s
	}
	id, path, cut := strings.Cut(s, ":")
	at := slices.IndexFunc(l.Origins, func(o Origin) bool { return o.ID == id })
	if !cut || at < 0 || path == "" || strings.HasPrefix(path, "/") {
		d.fail(n, "source %.120q: give an https address, or <id>:<path> with an id declared under sources", s)
		return ""
	}
	address := l.Origins[at].Link + path
	if dir, ok := strings.CutSuffix(address, "/"); ok {
		address = strings.Replace(dir, "/-/blob/", "/-/tree/", 1) // GitLab's address of a folder
	}
	if !isLink(address) {
		d.fail(n, "source %.120q does not make an address", s)
	}
	return address
}

// isLink reports whether s is an https address that can be shown as it is.
func isLink(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Scheme == "https" && u.Hostname() != "" && u.User == nil &&
		!strings.ContainsAny(s, " \n\"<>") && !strings.Contains(u.Path, "..")
}

// detail reads what there is to know about a method as a whole.
func (l *loading) detail(d *document, n ast.Node) {
	const what = "a method"
	var detail Detail
	for f := range d.fields(n, what) {
		switch f.key {
		case "id":
			detail.Method = choice(d, f.value, "method", Methods()...)
		case "title":
			detail.Title = d.text(f.value, "title")
		case "summary":
			detail.Summary = d.text(f.value, "summary")
		case "offering":
			detail.Offering = d.text(f.value, "offering")
		case "drives":
			detail.Drives = choice(d, f.value, "method", Methods()...)
		case "moves":
			detail.Moves = make(map[scan.Level]string)
			for f := range d.fields(f.value, "moves") {
				detail.Moves[choice(d, f.name, "level", scan.Levels()...)] = d.text(f.value, f.key)
			}
		case "prerequisites":
			for p := range d.elements(f.value, "prerequisites") {
				detail.Prerequisites = append(detail.Prerequisites, l.prerequisite(d, p))
			}
		default:
			d.unknown(f, what, "id", "title", "summary", "offering", "drives", "moves", "prerequisites")
		}
	}
	if detail.Method == "" || detail.Title == "" || detail.Summary == "" || detail.Offering == "" || len(detail.Moves) != len(scan.Levels()) {
		d.fail(n, "a method needs id, title, summary, offering and what it moves of each level")
	}
	if at := slices.IndexFunc(l.Details, func(known Detail) bool { return known.Method == detail.Method }); at >= 0 {
		if detail.Drives == "" {
			detail.Drives = l.Details[at].Drives
		}
		l.Details[at] = detail
	} else {
		l.Details = append(l.Details, detail)
	}
}

func (l *loading) prerequisite(d *document, n ast.Node) Prerequisite {
	const what = "a prerequisite"
	var p Prerequisite
	for f := range d.fields(n, what) {
		switch f.key {
		case "kind":
			p.Kind = d.text(f.value, "kind")
		case "text":
			p.Text = d.text(f.value, "text")
		case "source":
			p.Source = l.link(d, f.value)
		default:
			d.unknown(f, what, "kind", "text", "source")
		}
	}
	if p.Kind == "" || p.Text == "" || p.Source == "" {
		d.fail(n, "a prerequisite needs kind, text and source")
	}
	return p
}

// combination reads a combination of methods.
func (l *loading) combination(d *document, n ast.Node) {
	const what = "a combination"
	var c Combination
	for f := range d.fields(n, what) {
		switch f.key {
		case "id":
			c.ID = d.text(f.value, "id")
		case "title":
			c.Title = d.text(f.value, "title")
		case "base":
			c.Base = choice(d, f.value, "method", Methods()...)
		case "adds_from":
			c.AddsFrom = choice(d, f.value, "method", Methods()...)
		case "note":
			c.Note = d.text(f.value, "note")
		case "source":
			c.Source = l.link(d, f.value)
		case "adds":
			c.Adds = l.itemIDs(d, f.value, f.key)
		case "drops":
			c.Drops = l.itemIDs(d, f.value, f.key)
		default:
			d.unknown(f, what, "id", "title", "base", "adds_from", "note", "source", "adds", "drops")
		}
	}
	at := slices.IndexFunc(l.Combinations, func(known Combination) bool { return known.ID == c.ID })
	if at >= 0 && c.AddsFrom == "" {
		c.AddsFrom = l.Combinations[at].AddsFrom
	}
	for _, id := range c.Adds {
		if slices.Contains(c.Drops, id) {
			d.fail(n, "combination %.60q both adds and drops %s", c.ID, id)
		}
	}
	switch {
	case c.ID == "" || c.Title == "" || c.Base == "" || c.AddsFrom == "" || c.Note == "" || c.Source == "":
		d.fail(n, "a combination needs id, title, base, adds_from, note and source")
	case at >= 0:
		l.Combinations[at] = c
	default:
		l.Combinations = append(l.Combinations, c)
	}
}

// rides sets, in the rules of methods that drive another, which items they leave
// to that one: all that no combination of the two says they add.
func (l *loading) rides() {
	for _, detail := range l.Details {
		adds := make(map[string]bool)
		for _, c := range l.Combinations {
			if c.AddsFrom == detail.Method && c.Base == detail.Drives {
				for _, id := range c.Adds {
					adds[id] = true
				}
			}
		}
		for i, item := range l.Items {
			r, ok := item.Rules[detail.Method]
			rides := detail.Drives
			if adds[item.ID] || !r.Since.IsZero() {
				rides = ""
			}
			if !ok || r.Rides == rides {
				continue
			}
			r.Rides = rides
			l.Items[i].Rules = maps.Clone(item.Rules) // the matrix that is overridden keeps its own
			l.Items[i].Rules[detail.Method] = r
		}
	}
}

// itemIDs reads a list of items, each of which must exist in the end.
func (l *loading) itemIDs(d *document, n ast.Node, what string) []string {
	var ids []string
	for e := range d.elements(n, what) {
		id := d.text(e, what)
		l.later = append(l.later, func() {
			if _, ok := l.index[id]; !ok {
				d.fail(e, "%s: unknown item %.60q", what, id)
			}
		})
		ids = append(ids, id)
	}
	return ids
}

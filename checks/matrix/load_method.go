package matrix

import (
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"readiness/checks/yamlfile"
	"readiness/scan"
)

// origin reads a source that others cite by its id.
func (l *loading) origin(d *yamlfile.Document, n ast.Node) {
	const what = "a source"
	var o Origin
	for f := range d.Fields(n, what) {
		switch f.Key {
		case "id":
			o.ID = d.Text(f.Value, "id")
		case "what":
			o.What = d.Text(f.Value, "what")
		case "where":
			o.Where = d.Text(f.Value, "where")
		case "version":
			o.Version = d.Text(f.Value, "version")
		case "read_on":
			o.ReadOn = d.Day(f.Value, "read_on")
		case "link":
			if o.Link = d.Text(f.Value, "link"); !isLink(o.Link) || !strings.HasSuffix(o.Link, "/") {
				d.Fail(f.Value, "link %.80q: give an https address that ends in /", o.Link)
			}
		default:
			d.Unknown(f, what, "id", "what", "where", "version", "read_on", "link")
		}
	}
	at := slices.IndexFunc(l.Origins, func(known Origin) bool { return known.ID == o.ID })
	if at >= 0 && o.Link == "" {
		o.Link = l.Origins[at].Link
	}
	switch {
	case o.ID == "" || o.Link == "":
		d.Fail(n, "a source without id or link")
	case strings.Contains(o.ID, ":"):
		d.Fail(n, "source id %.60q must not contain a colon", o.ID)
	case at >= 0:
		l.Origins[at] = o
	default:
		l.Origins = append(l.Origins, o)
	}
}

// link reads a source: an https address, or <source id>:<path> for one in a
// declared source, of which it makes the address.
func (l *loading) link(d *yamlfile.Document, n ast.Node) string {
	s := d.Text(n, "source")
	if strings.HasPrefix(s, "https://") {
		if !isLink(s) {
			d.Fail(n, "source %.120q is not an address", s)
		}
		return s
	}
	id, path, cut := strings.Cut(s, ":")
	at := slices.IndexFunc(l.Origins, func(o Origin) bool { return o.ID == id })
	if !cut || at < 0 || path == "" || strings.HasPrefix(path, "/") {
		d.Fail(n, "source %.120q: give an https address, or <id>:<path> with an id declared under sources", s)
		return ""
	}
	address := l.Origins[at].Link + path
	if dir, ok := strings.CutSuffix(address, "/"); ok {
		address = strings.Replace(dir, "/-/blob/", "/-/tree/", 1) // GitLab's address of a folder
	}
	if !isLink(address) {
		d.Fail(n, "source %.120q does not make an address", s)
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
func (l *loading) detail(d *yamlfile.Document, n ast.Node) {
	const what = "a method"
	var detail Detail
	for f := range d.Fields(n, what) {
		switch f.Key {
		case "id":
			detail.Method = yamlfile.Choice(d, f.Value, "method", Researched()...)
		case "title":
			detail.Title = d.Text(f.Value, "title")
		case "summary":
			detail.Summary = d.Text(f.Value, "summary")
		case "offering":
			detail.Offering = d.Text(f.Value, "offering")
		case "drives":
			detail.Drives = yamlfile.Choice(d, f.Value, "method", Researched()...)
		case "moves":
			detail.Moves = make(map[scan.Level]string)
			for f := range d.Fields(f.Value, "moves") {
				detail.Moves[yamlfile.Choice(d, f.Name, "level", scan.Levels()...)] = d.Text(f.Value, f.Key)
			}
		case "route":
			detail.Route = l.route(d, f.Value)
		case "prerequisites":
			for p := range d.Elements(f.Value, "prerequisites") {
				detail.Prerequisites = append(detail.Prerequisites, l.prerequisite(d, p))
			}
		default:
			d.Unknown(f, what, "id", "title", "summary", "offering", "drives", "moves", "route", "prerequisites")
		}
	}
	if detail.Method == "" || detail.Title == "" || detail.Summary == "" || detail.Offering == "" || len(detail.Moves) != len(scan.Levels()) {
		d.Fail(n, "a method needs id, title, summary, offering and what it moves of each level")
	}
	if at := slices.IndexFunc(l.Details, func(known Detail) bool { return known.Method == detail.Method }); at >= 0 {
		if detail.Drives == "" {
			detail.Drives = l.Details[at].Drives
		}
		if detail.Route.Text == "" {
			detail.Route = l.Details[at].Route
		}
		l.Details[at] = detail
	} else {
		l.Details = append(l.Details, detail)
	}
}

func (l *loading) prerequisite(d *yamlfile.Document, n ast.Node) Prerequisite {
	const what = "a prerequisite"
	var p Prerequisite
	for f := range d.Fields(n, what) {
		switch f.Key {
		case "kind":
			p.Kind = d.Text(f.Value, "kind")
		case "text":
			p.Text = d.Text(f.Value, "text")
		case "source":
			p.Source = l.link(d, f.Value)
		default:
			d.Unknown(f, what, "kind", "text", "source")
		}
	}
	if p.Kind == "" || p.Text == "" || p.Source == "" {
		d.Fail(n, "a prerequisite needs kind, text and source")
	}
	return p
}

// route reads the API that a method works with.
func (l *loading) route(d *yamlfile.Document, n ast.Node) Prerequisite {
	const what = "a route"
	p := Prerequisite{Kind: "route"}
	for f := range d.Fields(n, what) {
		switch f.Key {
		case "text":
			p.Text = d.Text(f.Value, "text")
		case "source":
			p.Source = l.link(d, f.Value)
		default:
			d.Unknown(f, what, "text", "source")
		}
	}
	if p.Text == "" || p.Source == "" {
		d.Fail(n, "a route needs text and source")
	}
	return p
}

// combination reads a combination of methods.
func (l *loading) combination(d *yamlfile.Document, n ast.Node) {
	const what = "a combination"
	var c Combination
	for f := range d.Fields(n, what) {
		switch f.Key {
		case "id":
			c.ID = d.Text(f.Value, "id")
		case "title":
			c.Title = d.Text(f.Value, "title")
		case "base":
			c.Base = yamlfile.Choice(d, f.Value, "method", Researched()...)
		case "adds_from":
			c.AddsFrom = yamlfile.Choice(d, f.Value, "method", Researched()...)
		case "note":
			c.Note = d.Text(f.Value, "note")
		case "source":
			c.Source = l.link(d, f.Value)
		case "adds":
			c.Adds = l.itemIDs(d, f.Value, f.Key)
		case "drops":
			c.Drops = l.itemIDs(d, f.Value, f.Key)
		default:
			d.Unknown(f, what, "id", "title", "base", "adds_from", "note", "source", "adds", "drops")
		}
	}
	at := slices.IndexFunc(l.Combinations, func(known Combination) bool { return known.ID == c.ID })
	if at >= 0 && c.AddsFrom == "" {
		c.AddsFrom = l.Combinations[at].AddsFrom
	}
	for _, id := range c.Adds {
		if slices.Contains(c.Drops, id) {
			d.Fail(n, "combination %.60q both adds and drops %s", c.ID, id)
		}
	}
	switch {
	case c.ID == "" || c.Title == "" || c.Base == "" || c.AddsFrom == "" || c.Note == "" || c.Source == "":
		d.Fail(n, "a combination needs id, title, base, adds_from, note and source")
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
func (l *loading) itemIDs(d *yamlfile.Document, n ast.Node, what string) []string {
	var ids []string
	for e := range d.Elements(n, what) {
		id := d.Text(e, what)
		l.later = append(l.later, func() {
			if _, ok := l.index[id]; !ok {
				d.Fail(e, "%s: unknown item %.60q", what, id)
			}
		})
		ids = append(ids, id)
	}
	return ids
}

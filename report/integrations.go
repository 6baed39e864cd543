package report

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"readiness/scan"
)

// connection is something that ties a project or group to another system.
type connection struct {
	kind   string
	level  scan.Level
	id     int64
	path   string
	what   string // an integration's name, or a host
	detail string
}

// The facts that connections are read from.
var (
	connectedProject = []scan.FactID{"project.integrations", "project.webhooks", "project.remote-mirrors", "project.pull-mirroring"}
	connected        = append(slices.Clip(connectedProject), "group.webhooks")
)

// addIntegrations adds what ties projects and groups to other systems: each has
// to be set up again, and whoever runs the other end has to know. Of addresses
// only the host was read.
func (b *builder) addIntegrations() error {
	s := Sheet{Name: SheetIntegrations, Title: "Ties to other systems", Frozen: 1,
		Note: sentences("Integrations, webhooks and mirrors that are switched on, one row each. Of addresses only the host was read, and no token or secret: they have to be entered anew.", b.unreadWords(connected))}
	if ok, err := occurs(b.connections()); err != nil || !ok {
		b.add(s, sentences("No integration, webhook or mirror was seen.", b.unreadWords(connected)))
		return err
	}
	cols := []column[connection]{
		col("Kind", Text, 14, func(c connection) Cell { return TextCell(c.kind) }),
		col("Level", Text, 9, func(c connection) Cell { return levelCell(c.level) }),
		col("Id", ID, 9, func(c connection) Cell { return b.idCell(c.level, c.id) }),
		col("Path", Text, 52, func(c connection) Cell { return TextCell(c.path) }),
		col("System", Text, 40, func(c connection) Cell { return TextCell(c.what) }),
		col("To note", Text, 40, func(c connection) Cell { return TextCell(c.detail) }),
	}
	s.Columns, s.Rows = headers(cols), rows(cols, b.connections())
	b.add(s, "")
	return nil
}

// connections walks them, those of groups first.
func (b *builder) connections() iter.Seq2[connection, error] {
	return func(yield func(connection, error) bool) {
		for g, err := range b.inv.Groups() {
			if err != nil {
				yield(connection{}, err)
				return
			}
			for _, h := range g.Webhooks.Items {
				if !yield(hook(scan.LevelGroup, g.ID, g.Path, h), nil) {
					return
				}
			}
		}
		for p, err := range scan.ProjectsWith(b.inv, connectedProject...) {
			if err != nil {
				yield(connection{}, err)
				return
			}
			for _, c := range tiesOf(p) {
				if !yield(c, nil) {
					return
				}
			}
		}
	}
}

func hook(level scan.Level, id int64, path string, h scan.Webhook) connection {
	c := connection{kind: "webhook", level: level, id: id, path: path, what: h.Host}
	if !h.VerifyTLS {
		c.detail = "does not verify the certificate"
	}
	return c
}

func tiesOf(p *scan.Project) []connection {
	var all []connection
	tie := func(kind, what, detail string) {
		all = append(all, connection{kind, scan.LevelProject, p.ID, p.Path, what, detail})
	}
	for _, i := range p.Integrations.Items {
		tie("integration", i.Slug, "")
	}
	for _, h := range p.Webhooks.Items {
		all = append(all, hook(scan.LevelProject, p.ID, p.Path, h))
	}
	for _, m := range p.RemoteMirrors.Items {
		detail := ""
		if !m.Enabled {
			detail = "switched off"
		}
		tie("push mirror", m.Host, detail)
	}
	if pulls, ok := p.PullMirror.Get(); ok && pulls {
		tie("pull mirror", "", "its address is not read: it may hold a password")
	}
	return all
}

// unreadWords says of which facts something is not known, or "".
func (b *builder) unreadWords(ids []scan.FactID) string {
	var parts []string
	for _, g := range slices.Concat(b.j.Coverage.Gaps, b.j.Coverage.Asked) {
		if !slices.Contains(ids, g.Fact) {
			continue
		}
		why := "unread"
		if g.Gap.Reason == scan.ReasonNotAsked {
			why = "not asked for"
		}
		parts = append(parts, fmt.Sprintf("%s of %s %s", g.Title, manyOf(g.Count, g.Level), why))
	}
	if len(parts) == 0 {
		return ""
	}
	return "Not complete, see Not assessed: " + strings.Join(parts, "; ") + "."
}

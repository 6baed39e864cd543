package checks

import (
	"cmp"
	"slices"

	"readiness/checks/matrix"
	"readiness/scan"
)

// tables holds what became of all facts of all levels.
type tables struct {
	instance, groups, projects, users *table
	totals                            Totals
}

func newTables(instance *scan.Instance, cut map[scan.Level]scan.Gap, items []matrix.Item) (*tables, error) {
	t := &tables{}
	for _, l := range []struct {
		table **table
		zero  scan.Subject
	}{
		{&t.instance, new(scan.Instance)}, {&t.groups, new(scan.Group)},
		{&t.projects, new(scan.Project)}, {&t.users, new(scan.User)},
	} {
		made, err := newTable(l.zero, cut, items)
		if err != nil {
			return nil, err
		}
		*l.table = made
	}
	t.instance.observe(instance)
	return t, nil
}

func (t *tables) all() []*table { return []*table{t.instance, t.groups, t.projects, t.users} }

// column returns the column of the fact that tells an item, or of the item's part
// in it; nil if no subject has the fact.
func (t *tables) column(item matrix.Item) (*table, *column) {
	for _, l := range t.all() {
		i, ok := l.index[cmp.Or(item.Use.Fact, item.Use.Within)]
		if !ok {
			continue
		}
		c := &l.columns[i]
		if k := slices.IndexFunc(c.parts, func(p part) bool { return p.item == item.ID }); k >= 0 {
			c = &c.parts[k].column
		}
		return l, c
	}
	return nil, nil
}

// level returns the table of a level.
func (t *tables) level(level scan.Level) *table {
	for _, l := range t.all() {
		if l.level == level {
			return l
		}
	}
	return nil
}

func (t *tables) group(g *scan.Group) {
	t.groups.observe(g)
	t.totals.TopLevelGroups.AddKnown(one(g.ParentID == 0))
}

func (t *tables) project(p *scan.Project) {
	t.projects.observe(p)
	t.totals.PersonalProjects.Add(&p.Personal)
	t.totals.ArchivedProjects.Add(&p.Archived)
	t.totals.EmptyProjects.Add(&p.Empty)
	t.totals.PendingDeletion.Add(&p.PendingDeletion)
	t.totals.Storage = addStorage(t.totals.Storage, p)
}

// addStorage adds what a project stores to a total.
func addStorage(t scan.Total, p *scan.Project) scan.Total {
	var size int64
	whole := true
	for _, f := range storage(p) {
		n, known := f.Get()
		size = scan.Plus(size, n)
		whole = whole && known
	}
	if whole {
		t.AddKnown(size)
	} else {
		t.AddPartial(size)
	}
	return t
}

// storage lists every size of a project. They do not overlap: the listing's
// statistics name each kind of storage once.
func storage(p *scan.Project) []*scan.Fact[int64] {
	return []*scan.Fact[int64]{&p.RepositorySize, &p.LFSSize, &p.JobArtifactsSize, &p.PipelineArtifactsSize,
		&p.PackagesSize, &p.RegistrySize, &p.WikiSize, &p.SnippetsSize, &p.UploadsSize}
}

// StorageFacts names the facts that storage adds up.
func StorageFacts() []scan.FactID {
	p := new(scan.Project)
	sizes := storage(p)
	var ids []scan.FactID
	for id, r := range scan.Facts(p) {
		if f, is := r.(*scan.Fact[int64]); is && slices.Contains(sizes, f) {
			ids = append(ids, id)
		}
	}
	return ids
}

func (t *tables) user(u *scan.User) {
	t.users.observe(u)
	kind, kindKnown := u.Kind.Get()
	state, stateKnown := u.State.Get()
	switch {
	case kindKnown && kind != scan.KindHuman, stateKnown && state != "active":
		t.totals.ActiveHumans.AddKnown(0)
	case kindKnown && stateKnown:
		t.totals.ActiveHumans.AddKnown(1)
	default:
		t.totals.ActiveHumans.AddUnread(1)
	}
	if kindKnown {
		t.totals.Bots.AddKnown(one(kind != scan.KindHuman && kind != scan.KindGhost))
	} else {
		t.totals.Bots.AddUnread(1)
	}
}

func one(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// close accounts for what was never listed and returns the totals.
func (t *tables) close(instance *scan.Instance, scope scan.Scope) Totals {
	counted := map[scan.Level]scan.Fact[int64]{
		scan.LevelGroup: instance.CountedGroups, scan.LevelProject: instance.CountedProjects, scan.LevelUser: instance.CountedUsers,
	}
	unseen := map[scan.Level]int64{}
	for _, l := range t.all() {
		if l.cut == nil {
			continue
		}
		// The instance's own count tells about how many are missing. It is an
		// estimate and says nothing of a part of the instance; at least one is.
		missing := int64(1)
		if n, known := counted[l.level].Get(); known && len(scope.Groups) == 0 {
			missing = max(missing, n-l.subjects.Read())
		}
		unseen[l.level] = missing
		l.close(missing)
	}
	out := &t.totals
	out.Groups, out.Projects, out.Users = t.groups.subjects, t.projects.subjects, t.users.subjects
	out.TopLevelGroups.AddUnread(unseen[scan.LevelGroup])
	for _, p := range []*scan.Total{&out.ArchivedProjects, &out.PersonalProjects, &out.EmptyProjects, &out.PendingDeletion, &out.Storage} {
		p.AddUnread(unseen[scan.LevelProject])
	}
	for _, u := range []*scan.Total{&out.ActiveHumans, &out.Bots} {
		u.AddUnread(unseen[scan.LevelUser])
	}
	out.Facts = map[scan.FactID]scan.Total{}
	for _, l := range t.all() {
		for i := range l.columns {
			out.Facts[l.columns[i].entry.ID] = l.columns[i].amount
		}
	}
	return *out
}

package gitlabsim

import "sort"

// The accounts behind the roles of tokens are direct members of a share of the
// top-level groups, and here and there of a single project. All other
// memberships are drawn.

// roleMembers are the accounts whose memberships follow a rule, with the level
// they have where they are members and the share, in percent, of top-level
// groups and of projects they are direct members of; the first group has them all.
var roleMembers = []struct {
	user, level      int
	groups, projects float64
}{
	{userOwner, levelOwner, 30, 0},
	{userMaintainer, levelMaintainer, 35, 3},
	{userDeveloper, levelDeveloper, 40, 5},
}

// roleInGroup is the direct level in the i-th group of an account with a role.
func (w *World) roleInGroup(user, i int) int {
	if i >= w.tops {
		return 0
	}
	for _, m := range roleMembers {
		if m.user == user && (i == 0 || w.draw(ofGroup, i, "role-member").again(user).chance(m.groups)) {
			return m.level
		}
	}
	return 0
}

// roleInProject is the direct level in the i-th project of an account with a role.
func (w *World) roleInProject(user, i int) int {
	for _, m := range roleMembers {
		if m.user == user && w.draw(ofProject, i, "role-member").again(user).chance(m.projects) {
			return m.level
		}
	}
	return 0
}

// groupLevel is the level an account with a role has in a group, inherited or not.
func (w *World) groupLevel(user, i int) int {
	line := w.groupLine(i)
	return w.roleInGroup(user, line[len(line)-1])
}

// projectLevel is the level an account with a role has in a project.
func (w *World) projectLevel(user, i, group int) int {
	level := w.roleInProject(user, i)
	if group >= 0 {
		level = max(level, w.groupLevel(user, group))
	}
	return level
}

// someUsers draws up to n different accounts without a role.
func (w *World) someUsers(d draw, n int) []int {
	ordinary := w.users - firstOrdinaryUser
	n = min(n, ordinary*2/3)
	users := make([]int, 0, n)
	for k := 0; len(users) < n && k < 8*n; k++ {
		u := firstOrdinaryUser + d.again(k).below(ordinary)
		if _, bot := w.botItem(u); !bot && !contains(users, u) {
			users = append(users, u)
		}
	}
	return users
}

func (w *World) members(d draw, users []int) []Member {
	members := make([]Member, 0, len(users)+4)
	for k, u := range users {
		x := d.again(1000 + k)
		m := Member{UserID: w.userID(u), CreatedAt: w.ago(1500 * x.unit()),
			Level: []int{levelGuest, levelReporter, levelDeveloper, levelMaintainer, levelOwner}[x.again(1).weighted(8, 17, 45, 22, 8)]}
		m.Custom = w.cfg.Tier == Ultimate && x.again(4).chance(6)
		if x.again(2).chance(5) {
			m.Expires = w.day(w.ago(-float64(x.again(3).between(5, 200))))
		}
		members = append(members, m)
	}
	return members
}

// Members lists a project's direct members by the id of their account.
func (w *World) Members(p Project) []Member {
	if w.cfg.Sound {
		return nil
	}
	d := w.draw(ofProject, p.index, "members")
	drawn := w.someUsers(d, w.some(d.few(55, 12)))
	members := w.members(d, drawn)
	if p.owner >= 0 && !contains(drawn, p.owner) {
		members = append(members, Member{UserID: p.OwnerID, Level: levelOwner, CreatedAt: p.CreatedAt})
	}
	for _, m := range roleMembers {
		if level := w.roleInProject(m.user, p.index); level > 0 && m.user != p.owner {
			members = append(members, Member{UserID: w.userID(m.user), Level: level, CreatedAt: p.CreatedAt})
		}
	}
	for _, bot := range w.projectBots(p.index) {
		members = append(members, Member{UserID: w.userID(bot), Level: levelMaintainer, CreatedAt: p.CreatedAt})
	}
	return byUser(members)
}

// GroupMembers lists a group's direct members by the id of their account.
func (w *World) GroupMembers(g Group) []Member {
	if w.cfg.Sound {
		return nil
	}
	d := w.draw(ofGroup, g.index, "members")
	members := w.members(d, w.someUsers(d, 1+d.few(80, 14)))
	for _, m := range roleMembers {
		if level := w.roleInGroup(m.user, g.index); level > 0 {
			members = append(members, Member{UserID: w.userID(m.user), Level: level, CreatedAt: g.CreatedAt})
		}
	}
	return byUser(members)
}

func byUser(members []Member) []Member {
	sort.Slice(members, func(i, j int) bool { return members[i].UserID < members[j].UserID })
	return members
}

// inherited adds the members of the groups from the i-th upwards to the direct
// ones; a person counts once, with the highest level.
func (w *World) inherited(direct []Member, i int) []Member {
	if i < 0 {
		return highest(direct)
	}
	return highest(append(direct[:len(direct):len(direct)], w.membersOf(w.groupLine(i))...))
}

// membersOf lists the direct members of groups; a person counts once, with the
// highest level.
func (w *World) membersOf(groups []int) []Member {
	var all []Member
	for _, g := range groups {
		all = append(all, w.GroupMembers(w.group(g))...)
	}
	return highest(all)
}

func highest(members []Member) []Member {
	best := map[int64]Member{}
	for _, m := range members {
		if have, ok := best[m.UserID]; !ok || m.Level > have.Level {
			best[m.UserID] = m
		}
	}
	all := make([]Member, 0, len(best))
	for _, m := range best {
		all = append(all, m)
	}
	return byUser(all)
}

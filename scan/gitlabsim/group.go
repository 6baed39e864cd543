package gitlabsim

import (
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"
)

// Group is one group of the world, with every value.
type Group struct {
	ID, ParentID     int64 // ParentID 0: top-level
	Name, Path       string
	FullName         string // names from the root, joined by " / "
	FullPath         string
	WebURL           string
	Description      string
	Visibility       string
	Avatar           bool
	CreatedAt        time.Time
	DeletionOn       string // YYYY-MM-DD it was marked for deletion; "": it was not
	ProjectCreation  string
	SubgroupCreation string
	RequireTwoFactor bool
	LFSEnabled       bool
	CustomAttributes []Attribute
	Labels, Epics    int64 // its own, without ancestors or descendants
	Milestones       int64
	Boards, Badges   int64
	SharedWith       []int64 // ids of the groups it was shared with

	ProxyImages                       int64
	EpicBoards, Iterations            int64
	Cadences, AuditStreams            int64
	Frameworks, SecurityCategories    int64
	PolicyProject                     int64 // 0: none
	CustomFields, Lifecycles          int64 // its own alone
	WorkItemTypes                     int64 // its own alone
	WorkItems, ValueStreams           int64
	Contacts, VirtualRegistries       int64
	CustomEmoji                       int64
	WikiPages, Uploads                int64
	Invitations, AccessRequests       int64
	Integrations, AccessTokens        int64
	ServiceAccounts, Clusters         int64
	SCIM, CustomRoles                 int64 // on GitLab.com alone
	SSHCertificates, EnterpriseUsers  int64 // on GitLab.com alone
	ApprovalRules, ProtectedBranches  int64
	ProtectedEnvironments             int64
	CommentTemplates, ConfiguredItems int64
	IPRanges                          string
	MinutesLimit                      int64 // compute minutes; 0: none of its own
	PushRules, MembershipLock         bool
	ApprovalSettings                  bool // they differ from the defaults
	SecretsManager                    bool
	PackageSettings                   bool // they differ from the defaults
	LDAPLinks, SAMLLinks              int64
	FileTemplateProject               int64 // 0: none
	Duo                               bool

	index int
}

// Group returns the group with this id; false if there is none.
func (w *World) Group(id int64) (Group, bool) {
	i, ok := w.groupIndex(id)
	if !ok {
		return Group{}, false
	}
	return w.group(i), true
}

func (w *World) group(i int) Group {
	d := func(what string) draw { return w.draw(ofGroup, i, what) }
	g := Group{ID: w.groupID(i), Path: w.groupPath(i), FullPath: w.groupFullPath(i), FullName: w.groupFullName(i), index: i}
	g.Name = w.groupName(i)
	if p, ok := w.groupParent(i); ok {
		g.ParentID = w.groupID(p)
	}
	g.WebURL = w.ExternalURL() + "/groups/" + g.FullPath
	g.Visibility = visibilities[w.groupVisibility(i)]
	switch {
	case d("description").chance(3):
		g.Description = pick(d("hostile-text"), hostileTexts)
	case d("description").chance(70):
		g.Description = "Everything about " + strings.ReplaceAll(g.Path, "-", " ")
	}
	g.Avatar = d("avatar").chance(30)
	g.CreatedAt = w.ago(100 + 2400*d("created").unit())
	if w.delaysDeletion() && d("deletion").chance(2) && w.tops <= i {
		g.DeletionOn = w.day(w.ago(float64(d("deletion-day").between(0, 6))))
	}
	g.ProjectCreation = []string{"developer", "maintainer", "owner", "noone", "administrator"}[d("project-creation").weighted(50, 35, 8, 5, 2)]
	g.SubgroupCreation = []string{"maintainer", "owner"}[d("subgroup-creation").weighted(60, 40)]
	g.RequireTwoFactor = d("two-factor").chance(12)
	g.LFSEnabled = !d("lfs").chance(6)
	g.CustomAttributes = w.attributes(d("attributes"))
	g.Labels = int64(w.some(d("labels").few(60, 40) * 2))
	if w.cfg.Tier.Licensed() {
		g.Epics = int64(w.some(int(d("epics").count(2, 1.6))))
	}
	g.Milestones = int64(w.some(d("milestones").few(35, 12)))
	g.Boards = int64(w.some(d("boards").few(45, w.groupBoardLimit())))
	g.Badges = int64(w.some(d("badges").few(15, 4)))
	for k := range w.some(d("shared").few(12, 3)) {
		if o := d("shared-with").again(k).below(w.groups); o != i && !contains(g.SharedWith, w.groupID(o)) {
			g.SharedWith = append(g.SharedWith, w.groupID(o))
		}
	}
	if w.cfg.Positive && len(g.SharedWith) == 0 {
		g.SharedWith = []int64{w.groupID((i + 1) % w.groups)}
	}
	few := func(what string, percent float64, limit int) int64 { return int64(w.some(d(what).few(percent, limit))) }
	g.ProxyImages = few("proxy-images", 20, 60)
	g.CustomEmoji = few("emoji", 10, 5)
	g.PackageSettings = w.cfg.Positive || d("package-settings").chance(15)
	if g.ParentID == 0 {
		g.Contacts = few("contacts", 30, 40)
	}
	if w.cfg.Tier.Licensed() {
		g.EpicBoards = few("epic-boards", 40, 3)
		g.Iterations = few("iterations", 30, 40)
		g.Cadences = few("cadences", 30, 3)
		g.WorkItems = few("work-items", 20, 10)
		g.ValueStreams = few("value-streams", 20, 3)
		if g.ParentID == 0 {
			g.Frameworks = few("frameworks", 50, 4)
			g.CustomFields = few("custom-fields", 40, 5)
			g.Lifecycles = few("lifecycles", 30, 2)
			g.WorkItemTypes = few("work-item-types", 20, 2)
			g.VirtualRegistries = few("virtual-registries", 20, 3)
		}
	}
	if w.cfg.Tier == Ultimate {
		if w.cfg.Positive || d("policy-project").chance(25) {
			g.PolicyProject = w.projectID(0)
		}
		if g.ParentID == 0 {
			g.AuditStreams = few("audit-streams", 30, 3)
			g.SecurityCategories = few("security-categories", 40, 4)
		}
	}
	if w.cfg.Tier.Licensed() {
		g.LDAPLinks = int64(w.some(d("ldap-links").few(10, 3)))
		g.SAMLLinks = int64(w.some(d("saml-links").few(10, 3)))
		if w.cfg.Positive || d("file-templates").chance(5) {
			g.FileTemplateProject = w.projectID(0)
		}
		g.Duo = w.cfg.Positive || d("duo").chance(80)
	}
	w.administerGroup(&g)
	w.soundGroup(&g)
	return g
}

// groupBoardLimit is how many boards a group may have: one without a licence.
// Source: https://docs.gitlab.com/user/project/issue_board/#multiple-issue-boards
func (w *World) groupBoardLimit() int {
	if w.cfg.Tier.Licensed() {
		return 4
	}
	return 1
}

func contains[T comparable](list []T, v T) bool {
	for _, x := range list {
		if x == v {
			return true
		}
	}
	return false
}

// The tree: groups 0 to tops-1 are the roots, every pair of groups that follows
// in the order of numbers has four children together, shared out by a draw.

// groupSplit is how many of the four children of a pair fall to its first group.
func (w *World) groupSplit(pair int) int {
	return []int{2, 3, 1, 4, 0}[w.draw(ofGroup, pair, "split").weighted(30, 20, 20, 15, 15)]
}

// groupParent is the group above the i-th; false for a root.
func (w *World) groupParent(i int) (int, bool) {
	if i < w.tops {
		return 0, false
	}
	slot := i - w.tops
	pair := slot / 4
	parent := 2 * pair
	if slot%4 >= w.groupSplit(pair) {
		parent++
	}
	return parent, true
}

// groupChildren lists the groups right below the i-th.
func (w *World) groupChildren(i int) []int {
	first, split := w.tops+i/2*4, w.groupSplit(i/2)
	from, to := first, first+split
	if i%2 == 1 {
		from, to = first+split, first+4
	}
	var children []int
	for c := from; c < min(to, w.groups); c++ {
		children = append(children, c)
	}
	return children
}

// groupTree lists all groups below the i-th, ascending.
func (w *World) groupTree(i int) []int {
	var tree []int
	for level := w.groupChildren(i); len(level) > 0; {
		tree = append(tree, level...)
		var next []int
		for _, c := range level {
			next = append(next, w.groupChildren(c)...)
		}
		level = next
	}
	sort.Ints(tree)
	return tree
}

// groupLine lists the i-th group and its ancestors, itself first.
func (w *World) groupLine(i int) []int {
	line := []int{i}
	for {
		p, ok := w.groupParent(i)
		if !ok {
			return line
		}
		line, i = append(line, p), p
	}
}

// groupPath is the last part of the group's path, unlike all of its siblings'.
func (w *World) groupPath(i int) string {
	n := len(groupWords)
	if i >= w.tops {
		parent, _ := w.groupParent(i)
		start := w.draw(ofGroup, parent, "children").below(n)
		return groupWords[(start+(i-w.tops)%4)%n]
	}
	start := w.draw(ofInstance, 0, "roots").below(n)
	path := groupWords[(start+i)%n]
	if i >= n {
		path += "-" + strconv.Itoa(i/n+1)
	}
	return path
}

func (w *World) groupName(i int) string {
	if d := w.draw(ofGroup, i, "hostile"); d.chance(2) {
		return pick(d.again(1), hostileNames)
	}
	return title(w.groupPath(i))
}

func (w *World) groupFullPath(i int) string {
	return w.joinLine(i, "/", w.groupPath)
}

func (w *World) groupFullName(i int) string {
	return w.joinLine(i, " / ", w.groupName)
}

func (w *World) joinLine(i int, sep string, part func(int) string) string {
	line := w.groupLine(i)
	parts := make([]string, len(line))
	for k, g := range line {
		parts[len(line)-1-k] = part(g)
	}
	return strings.Join(parts, sep)
}

// groupAt finds a group by its full path.
func (w *World) groupAt(path string) (int, bool) {
	parts := strings.Split(path, "/")
	at, found := 0, false
	n := len(groupWords)
	start := w.draw(ofInstance, 0, "roots").below(n)
	for k, word := range groupWords {
		rest, ok := strings.CutPrefix(parts[0], word)
		if !ok {
			continue
		}
		i := (k - start + n) % n
		if rest != "" {
			number, err := strconv.Atoi(strings.TrimPrefix(rest, "-"))
			if err != nil || number < 2 || rest != fmt.Sprintf("-%d", number) {
				continue
			}
			i += (number - 1) * n
		}
		if i < w.tops {
			at, found = i, true
			break
		}
	}
	if !found {
		return 0, false
	}
next:
	for _, part := range parts[1:] {
		for _, c := range w.groupChildren(at) {
			if w.groupPath(c) == part {
				at = c
				continue next
			}
		}
		return 0, false
	}
	return at, true
}

// groupVisibility is the group's visibility as an index of visibilities: its
// own wish, or its parent's if that is narrower.
func (w *World) groupVisibility(i int) int {
	v := len(visibilities)
	for _, g := range w.groupLine(i) {
		v = min(v, w.draw(ofGroup, g, "visibility").weighted(25, 40, 35))
	}
	return v
}

// The projects of groups lie in a row of slots; group i has those from
// groupStart(i) up to groupStart(i+1).
func (w *World) groupStart(i int) int {
	for i < w.groups && i > 0 && w.draw(ofGroup, i, "no-projects").chance(6) {
		i++ // an empty group: its range ends where it starts
	}
	switch {
	case i <= 0:
		return 0
	case i >= w.groups:
		return w.shared
	}
	mean := max(1, w.shared/w.groups)
	return min(w.shared, int(int64(w.shared)*int64(i)/int64(w.groups))+w.draw(ofGroup, i, "start").below(mean))
}

// slotGroup is the group that has the slot.
func (w *World) slotGroup(slot int) int {
	return sort.Search(w.groups, func(i int) bool { return w.groupStart(i+1) > slot })
}

// groupProjects lists the indexes of the group's direct projects, ascending.
func (w *World) groupProjects(i int) []int {
	from, to := w.groupStart(i), w.groupStart(i+1)
	projects := make([]int, 0, max(0, to-from))
	for slot := from; slot < to; slot++ {
		projects = append(projects, w.slots.from(slot))
	}
	if w.churn != nil && len(w.churn.moved) > 0 {
		projects = slices.DeleteFunc(projects, func(p int) bool { _, moved := w.churn.moved[p]; return moved })
		projects = append(projects, w.churn.arrivals(i)...)
	}
	sort.Ints(projects)
	return w.existing(projects)
}

// GroupStorage is the storage in bytes of the group's direct projects.
func (w *World) GroupStorage(id int64) int64 { return w.groupStatistics(id).Storage() }

func (w *World) groupStatistics(id int64) Sizes {
	var sum Sizes
	if i, ok := w.groupIndex(id); ok {
		for _, p := range w.groupProjects(i) {
			sum = sum.plus(w.project(p).Sizes)
		}
	}
	return sum
}

package gitlabsim

import (
	"strconv"
	"strings"
	"time"
)

// Project is one project of the world, with every value but the items of its
// lists, which have methods of their own.
type Project struct {
	ID               int64
	Name, Path       string
	FullName         string // with namespace, joined by " / "
	FullPath         string
	WebURL           string
	NamespaceID      int64
	Personal         bool
	OwnerID          int64 // user of a personal project; 0 in groups
	CreatorID        int64
	Description      string
	Avatar           bool
	Visibility       string
	Archived         bool
	DeletionOn       string // YYYY-MM-DD it was marked for deletion; "": it was not
	Empty            bool
	DefaultBranch    string
	CreatedAt        time.Time
	LastActivityAt   time.Time
	Topics           []string
	Stars            int64
	Forks            []int64 // ids of the projects forked from it
	ForkedFrom       int64   // id; 0: not a fork
	SharedWith       []int64 // ids of groups
	CustomAttributes []Attribute
	Frameworks       []string // compliance frameworks
	Storage          string
	CIConfigPath     string // "": the default
	AutoDevOps       bool
	SharedRunners    bool
	PullMirror       bool
	MergeMethod      string
	LFSEnabled       bool
	ServiceDesk      bool
	CleanupPolicy    bool
	Access           FeatureAccess
	Sizes            Sizes
	Commits          int64

	Issues, OpenIssues               int64
	MergeRequests, OpenMergeRequests int64
	Pipelines, Releases, Labels      int64
	Milestones, Boards               int64
	RegistryRepos, Schedules         int64
	TerraformStates, Agents          int64
	Vulnerabilities                  Severities
	Triggers                         int64
	Packages                         []PackageCount // by type, in GitLab's order of types
	Branches, Tags, Environments     int64
	ProtectedTags                    int64
	WikiPages                        int64
	PagesDeployments                 int64
	Features

	index, group, owner int // indexes; group and owner -1 where they do not apply
}

// FeatureAccess says who may use a project's features: disabled, private,
// enabled or (Pages) public.
type FeatureAccess struct {
	Issues, MergeRequests, Repository, Builds, Wiki, Snippets, Registry, Pages string
	Releases, Environments, FeatureFlags, Packages                             string
	Analytics, Infrastructure, Monitor, Models, Requirements, Security         string
}

// Sizes are a project's storage in bytes.
type Sizes struct {
	Repository, LFS, JobArtifacts, PipelineArtifacts, Packages, Registry, Wiki, Snippets, Uploads int64
}

// Storage is the sum that GitLab reports as storage_size. Pipeline artifacts and
// the container registry are no part of it.
// Source: app/models/project_statistics.rb (STORAGE_SIZE_COMPONENTS).
func (s Sizes) Storage() int64 {
	return s.Repository + s.LFS + s.JobArtifacts + s.Packages + s.Wiki + s.Snippets + s.Uploads
}

func (s Sizes) plus(t Sizes) Sizes {
	return Sizes{s.Repository + t.Repository, s.LFS + t.LFS, s.JobArtifacts + t.JobArtifacts,
		s.PipelineArtifacts + t.PipelineArtifacts, s.Packages + t.Packages, s.Registry + t.Registry,
		s.Wiki + t.Wiki, s.Snippets + t.Snippets, s.Uploads + t.Uploads}
}

// Severities counts vulnerabilities.
type Severities struct{ Critical, High, Medium, Low, Unknown, Info int64 }

// Sum is their total.
func (s Severities) Sum() int64 { return s.Critical + s.High + s.Medium + s.Low + s.Unknown + s.Info }

// PackageCount is how many packages of one type a project holds.
type PackageCount struct {
	Type  string
	Count int64
}

// packageTypes in the order of GitLab's enum of package types.
// Source: app/models/packages/package.rb.
var packageTypes = []string{"maven", "npm", "conan", "nuget", "pypi", "composer", "generic", "golang", "debian", "rubygems", "helm", "terraform_module"}

// Project returns the project with this id; false if there is none.
func (w *World) Project(id int64) (Project, bool) {
	i, ok := w.projectIndex(id)
	if !ok {
		return Project{}, false
	}
	return w.project(i), true
}

const gib = 1 << 30

// place is where a project lies: in a group or in a user's namespace (then
// group is -1), and at which position there.
func (w *World) place(i int) (group, owner, position int) {
	slot := w.slots.to(i)
	if w.churn != nil {
		if to, moved := w.churn.moved[i]; moved {
			return to, -1, slot - w.groupStart(w.slotGroup(slot))
		}
	}
	if slot < w.shared {
		group = w.slotGroup(slot)
		return group, -1, slot - w.groupStart(group)
	}
	owner = w.personal.owner(slot - w.shared)
	for k, item := range w.personal.of(owner) {
		if item == slot-w.shared {
			position = k
		}
	}
	return -1, owner, position
}

// projectPath is a project's own path, unlike all others in its namespace.
func (w *World) projectPath(group, owner, position int) string {
	if w.cfg.Sound && position == 0 && plants[w.cfg.Plant].path != "" {
		if g, _, _ := w.place(0); g == group {
			return plants[w.cfg.Plant].path
		}
	}
	start := w.draw(ofGroup, group, "projects")
	if group < 0 {
		start = w.draw(ofUser, owner, "projects")
	}
	n := len(projectWords) * len(projectKinds)
	c := (start.below(n) + 37*position) % n // 37 is coprime to the number of combinations
	path := projectWords[c%len(projectWords)] + "-" + projectKinds[c/len(projectWords)]
	if position >= n {
		path += "-" + strconv.Itoa(position/n+1)
	}
	return path
}

// projectAt finds a project by its full path.
func (w *World) projectAt(path string) (int, bool) {
	if i, ok := w.renamedAt(path); ok {
		return i, true
	}
	i, ok := w.projectFirstAt(path)
	return i, ok && w.exists(i) && (w.churn == nil || w.churn.named[i] == "")
}

// projectFirstAt finds a project by the full path it was made with.
func (w *World) projectFirstAt(path string) (int, bool) {
	cut := strings.LastIndexByte(path, '/')
	if cut < 0 {
		return 0, false
	}
	namespace, name := path[:cut], path[cut+1:]
	if g, ok := w.groupAt(namespace); ok {
		for slot := w.groupStart(g); slot < w.groupStart(g+1); slot++ {
			if w.projectPath(g, -1, slot-w.groupStart(g)) == name {
				return w.slots.from(slot), true
			}
		}
	} else if u, ok := w.userAt(namespace); ok {
		for position, i := range w.userProjects(u) {
			if w.projectPath(-1, u, position) == name {
				return i, true
			}
		}
	}
	return 0, false
}

// userProjects lists the projects in a user's namespace by position.
func (w *World) userProjects(u int) []int {
	var projects []int
	for _, item := range w.personal.of(u) {
		if slot := w.shared + item; slot < w.projects {
			projects = append(projects, w.slots.from(slot))
		}
	}
	return projects
}

// projectVisibility is an index of visibilities, never wider than the group's.
func (w *World) projectVisibility(i, group int) int {
	if group < 0 {
		return w.draw(ofProject, i, "visibility").weighted(70, 25, 5)
	}
	return min(w.groupVisibility(group), w.draw(ofProject, i, "visibility").weighted(30, 40, 30))
}

// Forks come in pairs: of every 25 projects two of the later ones are forks of
// some of the earlier ones.
const forkBlock = 25

func (w *World) forkPair(block, k int) (fork, upstream int) {
	d := w.draw(ofBlock, block, "fork").again(k)
	return block*forkBlock + 12 + k*6 + d.again(1).below(6), block*forkBlock + d.again(2).below(5)
}

// forkPairs is how many pairs there are in a block.
func (w *World) forkPairs() int {
	if w.cfg.Sound {
		return 0
	}
	return 2
}

// forkUpstreamOf is the project that the i-th is a fork of, or -1.
func (w *World) forkUpstreamOf(i int) int {
	for k := range w.forkPairs() {
		if fork, upstream := w.forkPair(i/forkBlock, k); fork == i {
			return upstream
		}
	}
	return -1
}

// forksOf lists the forks of the i-th project.
func (w *World) forksOf(i int) []int {
	var forks []int
	for k := range w.forkPairs() {
		if fork, upstream := w.forkPair(i/forkBlock, k); upstream == i && fork < w.projects {
			forks = append(forks, fork)
		}
	}
	return forks
}

// related reports whether the project is a fork or has forks, and so is not empty.
func (w *World) related(i int) bool { return w.forkUpstreamOf(i) >= 0 || len(w.forksOf(i)) > 0 }

// asleep reports whether the configuration puts the project to sleep.
func (w *World) asleep(i int) bool {
	return w.cfg.Dormant > 0 && !w.cfg.Positive && w.draw(ofProject, i, "asleep").chance(float64(w.cfg.Dormant))
}

func (w *World) projectEmpty(i int) bool {
	if w.asleep(i) {
		return true
	}
	return !w.cfg.Positive && w.draw(ofProject, i, "empty").chance(6.5) && !w.related(i) && i != giant && i != largerGiant
}

// These two projects are above 5 GiB and 10 GiB in every world that has them:
// the limits of GitLab.com's imports.
const giant, largerGiant = 6, 17

// project computes the i-th project.
func (w *World) project(i int) Project {
	d := func(what string) draw { return w.draw(ofProject, i, what) }
	p := Project{ID: w.projectID(i), index: i}
	position := 0
	p.group, p.owner, position = w.place(i)
	p.Path = w.projectPath(p.group, p.owner, position)
	p.Name = title(p.Path)
	if d("hostile").chance(2.5) {
		p.Name = pick(d("hostile-name"), hostileNames)
	}
	if p.group >= 0 {
		p.NamespaceID = w.groupID(p.group)
		p.FullPath = w.groupFullPath(p.group) + "/" + p.Path
		p.FullName = w.groupFullName(p.group) + " / " + p.Name
		p.CreatorID = w.userID(w.ordinary(d("creator")))
	} else {
		owner := w.user(p.owner)
		p.Personal, p.OwnerID, p.CreatorID = true, owner.ID, owner.ID
		p.NamespaceID = owner.NamespaceID
		p.FullPath = owner.Username + "/" + p.Path
		p.FullName = owner.Name + " / " + p.Name
	}
	p.WebURL = w.ExternalURL() + "/" + p.FullPath
	switch {
	case d("description").chance(3):
		p.Description = pick(d("hostile-text"), hostileTexts)
	case d("description").chance(60):
		p.Description = "The " + strings.ReplaceAll(p.Path, "-", " ")
	}
	p.Visibility = visibilities[w.projectVisibility(i, p.group)]
	p.Archived = d("archived").chance(12)
	if w.delaysDeletion() && d("deletion").chance(1.2) {
		p.DeletionOn = w.day(w.ago(float64(d("deletion-day").between(0, 6))))
	}
	p.Empty = w.projectEmpty(i)
	p.DefaultBranch = "main"
	if !p.Empty {
		p.DefaultBranch = []string{"main", "master", "develop"}[d("default-branch").weighted(68, 27, 5)]
	}
	w.dates(&p)
	p.Avatar = d("avatar").chance(15)
	for k := range d("topics").few(35, 4) {
		if t := pick(d("topic").again(k), topicWords); !contains(p.Topics, t) {
			p.Topics = append(p.Topics, t)
		}
	}
	p.Stars = int64(d("stars").few(25, 60))
	for _, f := range w.forksOf(i) {
		p.Forks = append(p.Forks, w.projectID(f))
	}
	if u := w.forkUpstreamOf(i); u >= 0 {
		p.ForkedFrom = w.projectID(u)
	}
	for k := range w.some(d("shared").few(9, 3)) {
		if g := d("shared-with").again(k).below(w.groups); g != p.group && !contains(p.SharedWith, w.groupID(g)) {
			p.SharedWith = append(p.SharedWith, w.groupID(g))
		}
	}
	p.CustomAttributes = w.attributes(d("attributes"))
	if w.cfg.Tier.Licensed() && p.group >= 0 && d("framework").chance(7) {
		p.Frameworks = []string{pick(d("framework-name"), []string{"GDPR", "PCI-DSS", "SOX"})}
	}
	p.Storage = []string{"default", "nfs-02"}[d("storage").weighted(80, 20)]
	w.settings(&p)
	w.positiveSettings(&p)
	w.activity(&p)
	w.volumes(&p)
	w.drawFeatures(&p)
	w.positiveCounts(&p)
	w.soundProject(&p)
	w.changed(&p)
	return p
}

// ordinary draws one of the users that are people and hold no special role, or
// the administrator where there is none.
func (w *World) ordinary(d draw) int {
	for k := range 8 {
		if u := firstOrdinaryUser + d.again(k).below(w.users-firstOrdinaryUser); u < w.users && w.human(u) {
			return u
		}
	}
	return userRoot
}

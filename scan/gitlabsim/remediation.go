package gitlabsim

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
)

// Remediation is what people have done to an instance between two scans.
type Remediation struct {
	// Remedied are the projects that were too large for a migration and no longer
	// are, Left those that still are.
	Remedied, Left []int64
	// Ids of projects, each in one of these lists at most.
	Renamed, Transferred, Archived, Deleted, Added []int64
	// DirectTransfer says that the setting was switched on.
	DirectTransfer bool
}

// large is what a project may hold of one kind to be no burden, in bytes; 5 GiB
// is the limit of one relation's download.
// Source: https://docs.gitlab.com/administration/settings/import_and_export_settings/
const large = 5 * gib

// burdened reports whether a migration would stumble over a project's sizes.
func burdened(s Sizes) bool { return max(s.Repository, s.LFS, s.Uploads, s.Wiki) > large }

// Remediate returns the world as it was before and as it is after people have
// worked through so large a share of what burdens a migration, more than 0 and at
// most 1. Between the two some projects were renamed, transferred, archived,
// deleted and added; those that were added are the newest of this world, which is
// to be new from New. The same world and share give the same two.
func (w *World) Remediate(share float64) (before, after *World, done Remediation, err error) {
	if math.IsNaN(share) || share <= 0 || share > 1 {
		return nil, nil, done, fmt.Errorf("simulate a remediation: %g is no share above 0 and up to 1", share)
	}
	if w.projects < 20 || w.groups < 2 {
		return nil, nil, done, errors.New("simulate a remediation: the world is too small: give at least 20 projects")
	}
	few := max(1, w.projects*3/100)
	c := churn{absent: map[int]bool{}, born: map[int]bool{}, named: map[int]string{}, archived: map[int]bool{}, moved: map[int]int{}, relieved: map[int]bool{}}
	unborn := map[int]bool{}
	for i := w.projects - few; i < w.projects; i++ {
		unborn[i], c.born[i] = true, true
		done.Added = append(done.Added, w.projectID(i))
	}
	// Everything else in an order that chance decides.
	order := make([]int, w.projects-few)
	for i := range order {
		order[i] = i
	}
	rank := func(i int) float64 { return w.draw(ofProject, i, "remediation").unit() }
	slices.SortFunc(order, func(a, b int) int {
		if rank(a) < rank(b) {
			return -1
		}
		return 1
	})
	var burden, others []int
	for _, i := range order {
		if p := w.project(i); burdened(p.Sizes) {
			burden = append(burden, i)
		} else if !p.Personal && !p.Archived && p.DeletionOn == "" && len(p.Forks) == 0 {
			others = append(others, i)
		}
	}
	for k, i := range burden {
		if k < int(math.Ceil(share*float64(len(burden)))) {
			c.relieved[i] = true
			done.Remedied = append(done.Remedied, w.projectID(i))
		} else {
			done.Left = append(done.Left, w.projectID(i))
		}
	}
	take := func() (some []int) {
		n := min(few, len(others))
		some, others = others[:n], others[n:]
		return some
	}
	for _, i := range take() {
		c.named[i] = w.project(i).Path + "-2"
		done.Renamed = append(done.Renamed, w.projectID(i))
	}
	for _, i := range take() {
		p := w.project(i)
		to := (p.group + 1) % w.groups
		if _, taken := w.projectAt(w.groupFullPath(to) + "/" + p.Path); taken {
			continue
		}
		c.moved[i], c.named[i] = to, p.Path
		done.Transferred = append(done.Transferred, w.projectID(i))
	}
	for _, i := range take() {
		c.archived[i] = true
		done.Archived = append(done.Archived, w.projectID(i))
	}
	for _, i := range take() {
		c.absent[i] = true
		done.Deleted = append(done.Deleted, w.projectID(i))
	}
	// The largest project that was left is renamed, and keeps its history.
	for k := len(burden) - 1; k >= 0 && len(done.Left) > 0; k-- {
		if i := burden[k]; !c.relieved[i] && !w.project(i).Personal {
			c.named[i] = w.project(i).Path + "-renamed"
			done.Renamed = append(done.Renamed, w.projectID(i))
			break
		}
	}
	done.DirectTransfer = share >= 0.25 && !w.Instance().Settings.DirectTransfer
	c.directTransfer = done.DirectTransfer
	for _, ids := range []*[]int64{&done.Remedied, &done.Left, &done.Renamed, &done.Transferred, &done.Archived, &done.Deleted} {
		slices.Sort(*ids)
	}
	return w.with(churn{absent: unborn, born: map[int]bool{}, named: map[int]string{}}), w.with(c), done, nil
}

// relieve applies what a remediation did to a project.
func (w *World) relieve(p *Project) {
	c := w.churn
	if c.archived[p.index] {
		p.Archived = true
	}
	if !c.relieved[p.index] {
		return
	}
	for _, size := range []*int64{&p.Sizes.Repository, &p.Sizes.LFS, &p.Sizes.Uploads, &p.Sizes.Wiki} {
		*size = min(*size, gib/2)
	}
}

// arrivals lists the projects that were transferred into a group, ascending.
func (c *churn) arrivals(group int) []int {
	var all []int
	for _, i := range slices.Sorted(maps.Keys(c.moved)) {
		if c.moved[i] == group {
			all = append(all, i)
		}
	}
	return all
}

package gitlabsim

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// churn is how the projects of a world differ from those of its configuration.
type churn struct {
	absent map[int]bool   // by index: not yet created, or deleted
	born   map[int]bool   // created in the world's present
	named  map[int]string // renamed: the path, in its namespace

	moved              map[int]int  // transferred: the group
	archived, relieved map[int]bool // by a Remediation
	directTransfer     bool         // switched on by a Remediation
}

// exists reports whether there is an i-th project.
func (w *World) exists(i int) bool { return w.churn == nil || !w.churn.absent[i] }

// present counts the items of a scatter over projects that have one.
func (w *World) present(items scatter) int {
	n := items.total()
	if w.churn != nil {
		for k := range items.total() {
			if !w.exists(items.owner(k)) {
				n--
			}
		}
	}
	return n
}

// keeps selects the items of a scatter, and what is numbered after them, whose
// project there is; nil selects all.
func (w *World) keeps(items scatter) func(int) bool {
	if w.churn == nil {
		return nil
	}
	return func(k int) bool { return k >= items.total() || w.exists(items.owner(k)) }
}

// existing keeps those of the projects that there are.
func (w *World) existing(projects []int) []int {
	if w.churn == nil {
		return projects
	}
	return slices.DeleteFunc(projects, func(i int) bool { return !w.exists(i) })
}

// changed applies what has happened to a project.
func (w *World) changed(p *Project) {
	if w.churn == nil {
		return
	}
	p.Forks = slices.DeleteFunc(p.Forks, func(id int64) bool { _, ok := w.projectIndex(id); return !ok })
	if _, ok := w.projectIndex(p.ForkedFrom); !ok {
		p.ForkedFrom = 0
	}
	if w.churn.born[p.index] {
		p.CreatedAt, p.LastActivityAt = w.Now(), w.Now()
	}
	if name, ok := w.churn.named[p.index]; ok {
		p.FullPath = strings.TrimSuffix(p.FullPath, p.Path) + name
		p.FullName = strings.TrimSuffix(p.FullName, p.Name) + title(name)
		p.Path, p.Name = name, title(name)
		p.WebURL = w.ExternalURL() + "/" + p.FullPath
	}
	w.relieve(p)
}

// renamedAt finds a renamed project by its new full path.
func (w *World) renamedAt(path string) (int, bool) {
	if w.churn == nil {
		return 0, false
	}
	for i := range w.churn.named {
		if w.exists(i) && w.project(i).FullPath == path {
			return i, true
		}
	}
	return 0, false
}

// history is the world of a server as time passes over it.
type history struct {
	now atomic.Pointer[World]

	mu     sync.Mutex
	states []*World
	unborn []int // indexes of projects to be created, in the order of their ids
}

// mostUnborn bounds how many projects are created while a server runs: up to one
// in twenty.
const mostUnborn = 200

// begin makes the first state: of a world with churn the newest projects are not
// there yet.
func (h *history) begin(w *World, churns bool) {
	if churns {
		n := min(max(1, w.projects/20), mostUnborn)
		absent := map[int]bool{}
		for i := w.projects - n; i < w.projects; i++ {
			absent[i] = true
			h.unborn = append(h.unborn, i)
		}
		w = w.with(churn{absent: absent, born: map[int]bool{}, named: map[int]string{}})
	}
	h.states = []*World{w}
	h.now.Store(w)
}

// with is the world of the same configuration with other changes.
func (w *World) with(c churn) *World {
	next, err := New(w.cfg)
	if err != nil {
		panic(err) // the configuration was accepted before
	}
	next.churn = &c
	return next
}

// change lets one thing happen: by turns a project is created, renamed or
// deleted, until none is left to be created. Deleted ones are gone at once, as
// after GitLab's grace period.
func (s *Server) change() {
	h := &s.past
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.unborn) == 0 {
		return
	}
	w := h.now.Load()
	c := churn{absent: map[int]bool{}, born: map[int]bool{}, named: map[int]string{}}
	for i := range w.churn.absent {
		c.absent[i] = true
	}
	for i := range w.churn.born {
		c.born[i] = true
	}
	for i, name := range w.churn.named {
		c.named[i] = name
	}
	k := len(h.states) - 1
	switch k % 3 {
	case 0:
		i := h.unborn[0]
		delete(c.absent, i)
		c.born[i] = true
	case 1:
		if i, ok := w.someProject(k); ok {
			c.named[i] = w.project(i).Path + "-moved"
		}
	case 2:
		if i, ok := w.someProject(k); ok {
			c.absent[i] = true
		}
		h.unborn = h.unborn[1:]
	}
	next := w.with(c)
	h.states = append(h.states, next)
	h.now.Store(next)
}

// someProject draws one of the projects for the k-th change.
func (w *World) someProject(k int) (int, bool) {
	d := w.draw(ofInstance, k, "churn")
	for n := range 32 {
		if i := d.again(n).below(w.projects); w.exists(i) && i != giant && i != largerGiant {
			return i, true
		}
	}
	return 0, false
}

// World is the world the server answers about, as it is now.
func (s *Server) World() *World { return s.past.now.Load() }

// Worlds are all states that the world has been in, the first and the present
// one among them; without churn there is one.
func (s *Server) Worlds() []*World {
	s.past.mu.Lock()
	defer s.past.mu.Unlock()
	return slices.Clone(s.past.states)
}

package scan_test

import (
	"context"
	"fmt"
	"hash/fnv"
	"strconv"
	"sync"
	"testing"

	"readiness/scan"
)

// world is a small source whose answers follow from the ids alone.
type world struct {
	groups, users, projects int
	page                    int
	// before, if not nil, is called for every question, e.g. "instance",
	// "list project", "wide project 12" (per subject), "deep group 3"; its error
	// is the answer.
	before func(question string) error
	// after is called when the answer is there.
	after func(question string)

	mu     sync.Mutex
	asked  map[string]int
	flight int // questions under way
	peak   int
}

func (w *world) ask(questions ...string) (done func(), err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.asked == nil {
		w.asked = make(map[string]int)
	}
	for _, q := range questions {
		w.asked[q]++
		if w.before != nil && err == nil {
			err = w.before(q)
		}
	}
	w.flight++
	w.peak = max(w.peak, w.flight)
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.flight--
		if w.after != nil {
			w.after(questions[0])
		}
	}, err
}

// answer sets every fact of one part of s: values, gaps and cut lists.
func answer(s scan.Subject, part scan.Part) {
	for id, r := range scan.Facts(s) {
		e, _ := scan.Lookup(id)
		if scan.Deep.Parts()[e.Depth] != part {
			continue
		}
		h := fnv.New32a()
		fmt.Fprint(h, s.Level(), s.Key(), id)
		n := h.Sum32()
		gap := fmt.Sprintf(`{"reason":"forbidden","status":403,"endpoint":%q}`, e.Read)
		var text string
		switch r.(type) {
		case *scan.Fact[int64], *scan.Fact[scan.ID]:
			text = `{"value":` + strconv.Itoa(int(n%1000)) + `}`
		case *scan.Fact[bool]:
			text = `{"value":` + strconv.FormatBool(n%2 == 0) + `}`
		case *scan.Fact[string]:
			text = fmt.Sprintf(`{"value":"=cmd|%d\u202e\u0000<&>"}`, n)
		case *scan.Fact[scan.Version]:
			text = `{"value":"17.11.2-ee"}`
		default: // lists; a time is a date
			switch text = `{"value":[]}`; {
			case r.UnmarshalJSON([]byte(text)) != nil:
				text = `{"value":"2024-05-06T07:08:09.01Z"}`
				if r.UnmarshalJSON([]byte(text)) != nil {
					panic(fmt.Sprintf("no answer for %s, a %T", id, r))
				}
			case r.UnmarshalJSON([]byte(`{"value":[{}],"gap":`+gap+`}`)) == nil && n%3 == 0:
				continue // a cut list
			}
		}
		if n%7 == 0 {
			text = `{"gap":` + gap + `}`
		}
		if err := r.UnmarshalJSON([]byte(text)); err != nil {
			panic(err)
		}
	}
}

func (w *world) Instance(context.Context) (*scan.Instance, error) {
	done, err := w.ask("instance")
	defer done()
	if err != nil {
		return nil, err
	}
	inst := &scan.Instance{URL: "https://gitlab.example.com"}
	for _, p := range scan.Deep.Parts() {
		answer(inst, p)
	}
	inst.CountedProjects, inst.CountedGroups, inst.CountedUsers = scan.Known(int64(w.projects)), scan.Known(int64(w.groups)), scan.Known(int64(w.users))
	return inst, nil
}

// list answers with one page; each page begins with the last item of the one
// before, as lists by page number do when something is inserted meanwhile.
func list[T scan.Subject](w *world, level scan.Level, total int, cursor string, item func(id int64) T) (scan.Page[T], error) {
	done, err := w.ask("list "+string(level), "list "+string(level)+" "+cursor)
	defer done()
	if err != nil {
		return scan.Page[T]{}, err
	}
	from, _ := strconv.Atoi(cursor)
	var p scan.Page[T]
	for i := max(from-1, 0); i < min(from+w.page, total); i++ {
		s := item(int64(i + 1))
		answer(s, scan.PartListing)
		p.Items = append(p.Items, s)
	}
	if from+w.page < total {
		p.Next = strconv.Itoa(from + w.page)
	}
	return p, nil
}

func (w *world) Groups(_ context.Context, cursor string) (scan.Page[*scan.Group], error) {
	return list(w, scan.LevelGroup, w.groups, cursor, func(id int64) *scan.Group {
		return &scan.Group{ID: id, Path: fmt.Sprintf("g%d", id), Name: "../\x00\xff"}
	})
}

func (w *world) Users(_ context.Context, cursor string) (scan.Page[*scan.User], error) {
	return list(w, scan.LevelUser, w.users, cursor, func(id int64) *scan.User {
		return &scan.User{ID: id, Username: fmt.Sprintf("u%d", id)}
	})
}

func (w *world) Projects(_ context.Context, cursor string) (scan.Page[*scan.Project], error) {
	return list(w, scan.LevelProject, w.projects, cursor, func(id int64) *scan.Project {
		return &scan.Project{ID: id, Path: fmt.Sprintf("g1/p%d", id), GroupID: 1}
	})
}

func wide[T scan.Subject](w *world, page []T) error {
	var questions []string
	for _, s := range page {
		questions = append(questions, fmt.Sprintf("wide %s %d", s.Level(), s.Key()))
	}
	done, err := w.ask(questions...)
	defer done()
	if err != nil {
		return err
	}
	for _, s := range page {
		answer(s, scan.PartWide)
	}
	return nil
}

func deep(w *world, s scan.Subject) error {
	done, err := w.ask(fmt.Sprintf("deep %s %d", s.Level(), s.Key()))
	defer done()
	if err != nil {
		return err
	}
	answer(s, scan.PartDeep)
	return nil
}

func (w *world) WideUsers(_ context.Context, page []*scan.User) error       { return wide(w, page) }
func (w *world) DeepUser(_ context.Context, u *scan.User) error             { return deep(w, u) }
func (w *world) WideGroups(_ context.Context, page []*scan.Group) error     { return wide(w, page) }
func (w *world) WideProjects(_ context.Context, page []*scan.Project) error { return wide(w, page) }
func (w *world) DeepGroup(_ context.Context, g *scan.Group) error           { return deep(w, g) }
func (w *world) DeepProject(_ context.Context, p *scan.Project) error       { return deep(w, p) }

func smallWorld() *world { return &world{groups: 7, users: 25, projects: 43, page: 10} }

var _ scan.Source = (*world)(nil)

func TestFakeWorldAnswersEverything(t *testing.T) {
	p := &scan.Project{ID: 1}
	for _, part := range scan.Deep.Parts() {
		answer(p, part)
	}
	for id, r := range scan.Facts(p) {
		if scan.IsUnset(r) {
			t.Errorf("%s is unset", id)
		}
	}
}

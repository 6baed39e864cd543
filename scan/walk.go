package scan

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
)

// listing is a level's walk and the questions about what it lists. Without wide
// and deep the listing tells all.
type listing[T Subject] struct {
	level Level
	page  func(context.Context, string) (Page[T], error)
	wide  func(context.Context, []T) error
	deep  func(context.Context, T) error
}

// parts lists the parts after the listing that are asked at this depth.
func (l listing[T]) parts(d Depth) []Part {
	if l.wide == nil {
		return nil
	}
	return d.Parts()[1:]
}

// walkLevel asks what an earlier run left open and walks the listing from where
// it stands, handing each page on.
func walkLevel[T Subject](r *runner, l listing[T]) {
	walk, err := r.store.Walk(l.level)
	if err != nil {
		r.stop(fmt.Errorf("read the state of the scan: %w", err))
		return
	}
	if walk.Cursor != "" || walk.Done {
		if !resume(r, l, walk) {
			return
		}
	}
	for barren := int64(0); !walk.Done; {
		var page Page[T]
		err := r.ask(func(ctx context.Context) (err error) {
			page, err = l.page(ctx, walk.Cursor)
			return err
		})
		if errors.Is(err, errStopped) {
			return
		}
		if err != nil {
			r.failed(fmt.Errorf("list %ss: %w", l.level, err))
			page = Page[T]{Next: walk.Cursor, Gap: &Gap{Reason: ReasonFailed, Endpoint: readOf(l.level), Cure: cureFailed}}
		}
		if page.Gap == nil && page.Next != "" && page.Next == walk.Cursor {
			r.failed(fmt.Errorf("list %ss: the page after %.60q is that page again", l.level, walk.Cursor))
			page.Gap = &Gap{Reason: ReasonFailed, Endpoint: readOf(l.level), Cure: cureFailed}
		}
		n := len(page.Items)
		page.Items = slices.DeleteFunc(page.Items, func(s T) bool { return s.Key() <= 0 })
		if len(page.Items) < n && page.Gap == nil {
			r.failed(fmt.Errorf("list %ss: %d entries have no id", l.level, n-len(page.Items)))
			page.Gap = &Gap{Reason: ReasonFailed, Endpoint: readOf(l.level), Cure: cureFailed}
		}
		listed := make([]Subject, len(page.Items))
		for i, s := range page.Items {
			listed[i] = answered(s, nil, PartListing, r.opt.Scope)
		}
		fresh, err := unlisted(r, l.level, page.Items)
		if err != nil {
			r.stop(fmt.Errorf("read the state of the scan: %w", err))
			return
		}
		if barren++; len(fresh) > 0 || page.Next == "" {
			barren = 0
		}
		if page.Gap == nil && barren > fewBarren+walk.Listed/perBarren {
			r.failed(fmt.Errorf("list %ss: the list goes on for ever, and brings what it has brought before", l.level))
			page.Gap = &Gap{Reason: ReasonTruncated, Endpoint: readOf(l.level), Cure: CureEndless}
		}
		walk = Walk{
			Level: l.level, Cursor: page.Next, Listed: walk.Listed + int64(len(fresh)),
			Done: page.Next == "" || page.Gap != nil, Gap: cmp.Or(page.Gap, page.Missed, walk.Gap),
		}
		if walk.Done && walk.Gap == nil {
			walk.Gap = r.short(walk)
		}
		if !r.commit(PartListing, listed, &walk) {
			return
		}
		done := 0
		if len(l.parts(r.opt.Scope.Depth)) == 0 {
			done, fresh = len(fresh), nil
		}
		r.progress.listed(walk, done)
		if len(fresh) > 0 {
			handWide(r, l, fresh)
		}
	}
}

// counted is how many subjects of each level the instance says it has, unless
// the scope is a part of it or it does not say.
func counted(inst *Instance, scope Scope) map[Level]int64 {
	n := map[Level]int64{}
	if len(scope.Groups)+len(scope.Projects) > 0 {
		return n
	}
	for level, fact := range map[Level]Fact[int64]{LevelGroup: inst.CountedGroups, LevelProject: inst.CountedProjects, LevelUser: inst.CountedUsers} {
		if v, known := fact.Get(); known {
			n[level] = v
		}
	}
	return n
}

// A list that changes while it is walked is begun again a few times, and brings
// again, page by page, all that it has brought. One that brings nothing new on
// more pages in a row than fewBarren, and one for each perBarren listed, has no end.
const (
	fewBarren = 10
	perBarren = 20 // a small page; those of one entry stand beside an entry that fails alone
)

// CureEndless is what to look at where a list does not end.
const CureEndless = "the list has no end, or pages come again: look at what stands between here and the source"

// approximate is how far, in hundredths, the instance's own counts may be from
// what is there: large tables are estimated. Source:
// https://docs.gitlab.com/api/statistics/ and GitLab's lib/gitlab/database/count.rb.
const approximate = 2

// short is the Gap of a list that came to its end with fewer subjects than the
// instance counts, by more than its counts are wrong and than come and go while
// a list is read; nil if it did not.
func (r *runner) short(walk Walk) *Gap {
	const fewest = 5 // missing, for a list to be called short
	n := r.counted[walk.Level]
	if missing := n - walk.Listed; missing < fewest || missing*100 <= n*approximate {
		return nil
	}
	return &Gap{Reason: ReasonTruncated, Endpoint: readOf(walk.Level), Cure: fmt.Sprintf(
		"the instance counts %d %ss and listed %d: they were deleted meanwhile, or the list kept some back; scan again at a quieter hour, and ask the administrator if it stays",
		n, walk.Level, walk.Listed)}
}

// unlisted returns the items that no page has brought before, each once: a list
// that changes while it is walked may bring an item again.
func unlisted[T Subject](r *runner, level Level, items []T) ([]T, error) {
	ids := make([]int64, len(items))
	for i, s := range items {
		ids[i] = s.Key()
	}
	known, err := r.store.Listed(level, ids)
	if err != nil {
		return nil, err
	}
	fresh := make([]T, 0, len(items))
	for i, s := range items {
		if !known[ids[i]] && !slices.Contains(ids[:i], ids[i]) {
			fresh = append(fresh, s)
		}
	}
	return fresh, nil
}

// resume hands on every subject that was listed by an earlier run and lacks a
// part; false means that the scan is ending.
func resume[T Subject](r *runner, l listing[T], walk Walk) bool {
	parts := l.parts(r.opt.Scope.Depth)
	open := int64(0)
	if len(parts) > 0 {
		count := func(T) { open++ }
		if !eachLacking(r, l, parts[len(parts)-1], func(batch []T) { each(batch, count) }) {
			return false
		}
	}
	r.progress.resumed(walk, walk.Listed-open)
	claimed := make(map[int64]bool) // handed on: what lacks the wide part lacks the deep one too
	for _, part := range parts {
		ok := eachLacking(r, l, part, func(batch []T) {
			batch = slices.DeleteFunc(batch, func(s T) bool { return claimed[s.Key()] })
			each(batch, func(s T) { claimed[s.Key()] = true })
			switch {
			case len(batch) == 0:
			case part == PartWide:
				handWide(r, l, batch)
			default:
				each(batch, func(s T) { handDeep(r, l, s) })
			}
		})
		if !ok {
			return false
		}
	}
	return true
}

func each[T any](items []T, do func(T)) {
	for _, s := range items {
		do(s)
	}
}

// eachLacking calls do with all listed subjects that lack the part, batch by
// batch; false means that the scan is ending.
func eachLacking[T Subject](r *runner, l listing[T], part Part, do func([]T)) bool {
	for after := int64(0); r.handing.Err() == nil; {
		subjects, err := r.store.Lacking(l.level, part, after, r.opt.Batch)
		if err != nil {
			r.stop(fmt.Errorf("read the state of the scan: %w", err))
			return false
		}
		if len(subjects) == 0 {
			return true
		}
		after = subjects[len(subjects)-1].Key()
		batch := make([]T, len(subjects))
		for i, s := range subjects {
			batch[i] = s.(T)
		}
		do(batch)
	}
	return false
}

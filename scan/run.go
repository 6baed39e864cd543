package scan

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"
)

// Options is how a scan is run. The zero value of every field but Scope works.
type Options struct {
	// Scope is what the source and the store were opened for.
	Scope Scope
	// Workers is how many questions the source is asked at the same time; 0: 8.
	Workers int
	// Batch is how many subjects of an interrupted scan are asked for in one wide
	// page when it is resumed; 0: 100.
	Batch int
	// Progress, if not nil, is told after every commit how far the scan has come.
	// Calls never overlap; the scan waits for them.
	Progress func(Progress)
	// Failed, if not nil, is told of every answer that failed and became a Gap.
	// Calls may overlap.
	Failed func(error)
	// Clock tells the time for Progress.Elapsed; nil: time.Now.
	Clock func() time.Time
}

// Run reads all that the scope and its depth ask for from src into store.
//
// Every answer is committed as it arrives, so that a scan that was interrupted,
// by whatever means, goes on where it stopped when Run is called again with the
// same store: walks from their cursor, subjects with the parts they lack. Only
// the questions whose answers were under way are asked a second time, and that
// for the instance, without which a Source cannot begin.
//
// An answer that fails costs its own facts, which get the Gap ReasonFailed, or
// the rest of its walk, and nothing else. Run returns an error in these cases,
// each with everything kept that had arrived: the source no longer accepts the
// token (ErrAuthentication) or is away (ErrUnreachable), ctx ended (its error),
// the instance could not be read, the scan to go on with is another reader's
// (ErrOtherReader), or the store failed. Facts that were not reached then stay unset.
func Run(ctx context.Context, src Source, store Store, opt Options) error {
	if opt.Workers <= 0 {
		opt.Workers = 8
	}
	if opt.Batch <= 0 {
		opt.Batch = 100
	}
	if opt.Clock == nil {
		opt.Clock = time.Now
	}
	handing, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	r := &runner{
		ctx: ctx, handing: handing, stop: stop,
		src: src, store: store, opt: opt,
		slots:    make(chan struct{}, opt.Workers),
		progress: newTracker(opt),
	}
	r.wide.SetLimit(opt.Workers)
	r.deep.SetLimit(opt.Workers)

	if err := r.instance(); err != nil {
		return err
	}
	var walks errgroup.Group
	walks.Go(func() error {
		walkLevel(r, listing[*Group]{LevelGroup, src.Groups, src.WideGroups, src.DeepGroup})
		return nil
	})
	walks.Go(func() error {
		walkLevel(r, listing[*User]{LevelUser, src.Users, src.WideUsers, src.DeepUser})
		return nil
	})
	walks.Go(func() error {
		walkLevel(r, listing[*Project]{LevelProject, src.Projects, src.WideProjects, src.DeepProject})
		return nil
	})
	// In this order: walks hand out wide work, and wide work hands out deep work.
	// None of them returns an error; the first one is the cause of handing's end.
	_ = walks.Wait()
	_ = r.wide.Wait()
	_ = r.deep.Wait()
	if handing.Err() != nil {
		return context.Cause(handing)
	}
	r.progress.phase(PhaseDone)
	return nil
}

// runner is one call of Run.
type runner struct {
	ctx     context.Context // of the questions: only the caller ends it
	handing context.Context // while it lasts new questions are asked
	stop    context.CancelCauseFunc
	src     Source
	store   Store
	opt     Options
	slots   chan struct{} // one per question under way
	wide    errgroup.Group
	deep    errgroup.Group

	progress *tracker
	counted  map[Level]int64 // how many the instance says there are, where all are listed
}

// errStopped says that a question was not asked, or its answer dropped, because
// the scan is ending. The cause is r.handing's.
var errStopped = errors.New("the scan is ending")

// ask puts one question to the source when a slot is free. It returns
// errStopped if the scan is ending or this answer ends it, and any other error
// if the answer failed.
//
// Questions under way are left to finish when the token is gone, so that what
// they bring is kept. When ctx has ended, an answer is dropped even if it came
// without an error: the source may have taken the cancellation for a failure
// and made Gaps of it.
func (r *runner) ask(question func(context.Context) error) error {
	select {
	case r.slots <- struct{}{}:
	case <-r.handing.Done():
		return errStopped
	}
	defer func() { <-r.slots }()
	if r.handing.Err() != nil {
		return errStopped
	}
	err := question(r.ctx)
	switch {
	case r.ctx.Err() != nil:
		return errStopped
	case Ends(err):
		r.stop(fmt.Errorf("scan stopped: %w", err))
		return errStopped
	}
	return err
}

// commit stores subjects; false means that the store failed and the scan ends.
func (r *runner) commit(part Part, subjects []Subject, walk *Walk) bool {
	if err := r.store.Commit(part, subjects, walk); err != nil {
		r.stop(fmt.Errorf("store what was read: %w", err))
		return false
	}
	return true
}

func (r *runner) failed(err error) {
	if r.opt.Failed != nil {
		r.opt.Failed(err)
	}
}

func (r *runner) instance() error {
	r.progress.phase(PhaseInstance)
	var inst *Instance
	err := r.ask(func(ctx context.Context) (err error) {
		inst, err = r.src.Instance(ctx)
		return err
	})
	switch {
	case errors.Is(err, errStopped):
		return context.Cause(r.handing)
	case err != nil:
		return fmt.Errorf("read the instance: %w", err)
	}
	if err := r.sameReader(inst); err != nil {
		return err
	}
	r.counted = counted(inst, r.opt.Scope)
	for _, part := range r.opt.Scope.Depth.Parts() {
		if !r.commit(part, []Subject{answered(inst, nil, part, r.opt.Scope)}, nil) {
			return context.Cause(r.handing)
		}
	}
	r.progress.begin(inst, r.opt.Scope)
	return nil
}

// sameReader refuses to go on with a scan that another reader began.
func (r *runner) sameReader(inst *Instance) error {
	begun, err := r.store.Lacking(LevelInstance, "", -1, 1)
	if err != nil {
		return fmt.Errorf("read the state of the scan: %w", err)
	}
	if len(begun) == 0 {
		return nil
	}
	before := begun[0].(*Instance)
	who, knownWho := before.Caller.Get()
	rights, knownRights := before.CallerAdmin.Get()
	switch now := inst.Caller.Or(""); {
	case knownWho && now != who:
		return fmt.Errorf("%w: by %.100s, and this token is %.100s's", ErrOtherReader, who, now)
	case knownRights && rights != inst.CallerAdmin.Or(rights):
		return fmt.Errorf("%w: %.100s, %s then, %s now", ErrOtherReader, who, withOrWithout(rights), withOrWithout(!rights))
	}
	return nil
}

func withOrWithout(rights bool) string {
	if rights {
		return "with an administrator's rights"
	}
	return "without an administrator's rights"
}

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
	perBarren = 20 // the smallest page that a Source reads
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

// handWide asks for the wide part of a page when a worker is free, then hands
// its subjects on. It blocks while all workers are busy, which is what keeps a
// listing from running ahead of the work and filling the memory.
func handWide[T Subject](r *runner, l listing[T], page []T) {
	r.wide.Go(func() error {
		before := make([]Subject, len(page))
		for i, s := range page {
			before[i] = clone(s)
		}
		err := r.ask(func(ctx context.Context) error { return l.wide(ctx, page) })
		if errors.Is(err, errStopped) {
			return nil
		}
		if err != nil {
			r.failed(fmt.Errorf("read a page of %d %ss from %.200s on: %w", len(page), l.level, page[0].Address(), err))
		}
		answers := make([]Subject, len(page))
		for i, s := range page {
			if err != nil {
				fillFailed(s, PartWide)
			}
			answers[i] = answered(s, before[i], PartWide, r.opt.Scope)
		}
		if !r.commit(PartWide, answers, nil) {
			return nil
		}
		if r.opt.Scope.Depth < Deep {
			r.progress.done(l.level, len(page))
			return nil
		}
		for _, s := range page {
			handDeep(r, l, s)
		}
		return nil
	})
}

// handDeep asks for the deep part of one subject when a worker is free.
func handDeep[T Subject](r *runner, l listing[T], s T) {
	r.deep.Go(func() error {
		before := clone(s)
		err := r.ask(func(ctx context.Context) error { return l.deep(ctx, s) })
		if errors.Is(err, errStopped) {
			return nil
		}
		if err != nil {
			r.failed(fmt.Errorf("read %s %.200s: %w", l.level, s.Address(), err))
			fillFailed(s, PartDeep)
		}
		if r.commit(PartDeep, []Subject{answered(s, before, PartDeep, r.opt.Scope)}, nil) {
			r.progress.done(l.level, 1)
		}
		return nil
	})
}

const cureFailed = "scan again into a new file; if it fails again, look at the source's log"

// readOf is where a level's listing is read.
func readOf(l Level) string {
	switch l {
	case LevelGroup:
		return ReadGroups
	case LevelUser:
		return ReadUsers
	}
	return ReadProjects
}

// fillFailed gives every fact of the part that has no answer the Gap that its
// request failed.
func fillFailed(s Subject, part Part) {
	for id, r := range Facts(s) {
		if IsUnset(r) && part.sets(id) {
			e, _ := Lookup(id)
			r.setGap(&Gap{Reason: ReasonFailed, Endpoint: e.Read, Cure: cureFailed})
		}
	}
}

// answered returns a copy of s with just what a part's answer adds to before,
// within the scope: the part's own facts, and those of other parts that the
// answer set or changed. A nil before is a subject of which nothing was known.
func answered(s, before Subject, part Part, scope Scope) Subject {
	mend(s)
	out := clone(s)
	var known []Read
	if before != nil {
		for _, r := range Facts(before) {
			known = append(known, r)
		}
	}
	i := 0
	for id, r := range Facts(out) {
		_, left := scope.NotAsked(id)
		switch {
		case left:
			r.setGap(&Gap{Reason: ReasonUnset})
		case part.sets(id):
		case s.Level() == LevelInstance:
			r.setGap(&Gap{Reason: ReasonUnset}) // one answer, committed part by part
		case known != nil && reflect.DeepEqual(known[i], r):
			r.setGap(&Gap{Reason: ReasonUnset})
		}
		i++
	}
	return out
}

// mend adds to Gaps where the answer came from, and puts one in the place of every
// number below zero: no count, size or limit is, and in a sum it would hide what
// others have. GitLab itself tells negative sizes where its statistics have
// drifted, source:
// https://gitlab.com/gitlab-org/gitlab/-/issues/368326
func mend(s Subject) {
	for id, r := range Facts(s) {
		if g, _ := r.Gap(); g.Reason == ReasonFailed && g.Endpoint == "" {
			e, _ := Lookup(id)
			g.Endpoint = e.Read
			r.setGap(&g)
		}
		if f, is := r.(*Fact[int64]); is && f.known && f.value < 0 {
			e, _ := Lookup(id)
			r.setGap(&Gap{Reason: ReasonFailed, Endpoint: e.Read, Cure: fmt.Sprintf(
				"the source tells %d, which nothing can be: have its administrator refresh the statistics, and scan again", f.value)})
		}
	}
}

// clone copies a subject; the items of its lists are shared.
func clone(s Subject) Subject {
	v := reflect.ValueOf(s)
	c := reflect.New(v.Type().Elem())
	c.Elem().Set(v.Elem())
	return c.Interface().(Subject)
}

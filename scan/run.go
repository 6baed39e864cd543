package scan

import (
	"context"
	"errors"
	"fmt"
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

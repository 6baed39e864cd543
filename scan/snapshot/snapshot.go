package snapshot

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"

	"readiness/scan"
)

// Snapshot is a run read from a file: a scan.Inventory. It may be used by
// several goroutines at the same time, walks within walks included.
type Snapshot struct {
	path  string
	db    *sql.DB
	run   runRow
	walks []scan.Walk
	codec *codec
	// fill says why a fact is missing that no part of a subject tells, by level
	// and place; nil: it is a defect to show.
	fill map[scan.Level][]*scan.Gap
}

var (
	_ scan.Inventory = (*Snapshot)(nil)
	_ scan.Selective = (*Snapshot)(nil)
)

// Open reads the newest finished run of the snapshot at path, or the unfinished
// one if none is finished. In that one, what was not reached is the gap
// ReasonInterrupted. Facts beyond the scan's depth are the gap ReasonNotAsked.
// Open changes nothing but that it folds the log of a killed scan into the file,
// and takes back what that one had written by half.
func Open(path string) (*Snapshot, error) { return open(path, "finished IS NOT NULL", "TRUE") }

// OpenRun reads the run with this number, as Run.Number tells it.
func OpenRun(path string, number int64) (*Snapshot, error) {
	return open(path, fmt.Sprintf("run_id = %d", number))
}

func open(path string, conditions ...string) (*Snapshot, error) {
	ctx := context.Background()
	h, err := readClosed(ctx, path)
	if err != nil {
		return nil, missing(path, err)
	}
	if h.empty {
		return nil, fmt.Errorf("%s: %w: run readiness scan first", path, ErrNoRun)
	}
	db, err := connect(path, "ro", "query_only(1)")
	if err != nil {
		return nil, err
	}
	s := &Snapshot{path: path, db: db}
	if err := s.load(ctx, conditions); err != nil {
		return nil, errors.Join(explain(path, err), db.Close())
	}
	return s, nil
}

func (s *Snapshot) load(ctx context.Context, conditions []string) error {
	err := error(sql.ErrNoRows)
	for _, condition := range conditions {
		if s.run, err = newestRun(ctx, s.db, condition); !errors.Is(err, sql.ErrNoRows) {
			break
		}
	}
	if errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("%s: %w: run readiness scan first", s.path, ErrNoRun)
	}
	if err != nil {
		return err
	}
	if s.run.meta.Notes, err = loadNotes(ctx, s.db, s.run.number); err != nil {
		return err
	}
	f, err := loadFields(ctx, s.db, s.run.number)
	if err != nil {
		return err
	}
	if s.codec, err = newCodec(f); err != nil {
		return fmt.Errorf("%s: %w", s.path, err)
	}
	if err := loadGaps(ctx, s.db, s.run.number, &s.codec.gaps); err != nil {
		return err
	}
	s.fill = s.codec.fillings(s.run.meta)
	walks, err := loadWalks(ctx, s.db, s.run.number, &s.codec.gaps)
	if err != nil {
		return err
	}
	for _, level := range walked {
		w := walks[level]
		w.Level = level
		if !w.Done && w.Gap == nil {
			w.Gap = &scan.Gap{Reason: scan.ReasonInterrupted, Cure: cureInterrupted}
		}
		s.walks = append(s.walks, w)
	}
	return nil
}

const cureInterrupted = "run the same scan again: it goes on where it stopped"

// fillings says of every fact why it is missing where no part of a subject
// tells it.
func (c *codec) fillings(meta scan.Meta) map[scan.Level][]*scan.Gap {
	asked := make(map[scan.FactID]bool)
	for _, parts := range c.fields {
		for _, ids := range parts {
			for _, id := range ids {
				asked[id] = true
			}
		}
	}
	fill := make(map[scan.Level][]*scan.Gap)
	for _, level := range scan.Levels() {
		fill[level] = make([]*scan.Gap, len(c.known[level]))
	}
	for _, e := range scan.Catalog() {
		place, known := c.where[e.ID]
		if !known {
			continue // no subject has it
		}
		gap := scan.Gap{Endpoint: e.Read}
		left, out := meta.Scope.NotAsked(e.ID)
		switch {
		case out:
			gap = left
		case !asked[e.ID]:
			gap.Reason, gap.Cure = scan.ReasonNotAsked, "scan again with this version: "+meta.Tool+", which made this scan, does not read it"
		case meta.Finished.IsZero():
			gap.Reason, gap.Cure = scan.ReasonInterrupted, cureInterrupted
		default:
			continue // a finished run has none; if it had, it would be a defect to show
		}
		fill[e.Level][place] = &gap
	}
	return fill
}

// Close gives the file free.
func (s *Snapshot) Close() error { return s.db.Close() }

// Number is the run's id in the file.
func (s *Snapshot) Number() int64 { return s.run.number }

// Meta implements scan.Inventory.
func (s *Snapshot) Meta() scan.Meta {
	m := s.run.meta
	m.Walks = s.walks
	return m
}

// Instance implements scan.Inventory.
func (s *Snapshot) Instance() (*scan.Instance, error) {
	for inst, err := range subjects[*scan.Instance](s, scan.LevelInstance, nil) {
		return inst, err
	}
	inst := &scan.Instance{URL: s.run.meta.Scope.URL}
	nothing := make(told, len(s.codec.known[scan.LevelInstance]))
	return inst, s.codec.decode(nothing, reading{fill: s.fill[scan.LevelInstance]}, inst)
}

// Groups implements scan.Inventory.
func (s *Snapshot) Groups() iter.Seq2[*scan.Group, error] {
	return subjects[*scan.Group](s, scan.LevelGroup, nil)
}

// Projects implements scan.Inventory.
func (s *Snapshot) Projects() iter.Seq2[*scan.Project, error] {
	return ahead(subjects[*scan.Project](s, scan.LevelProject, nil))
}

// ProjectsWith implements scan.Selective.
func (s *Snapshot) ProjectsWith(facts ...scan.FactID) iter.Seq2[*scan.Project, error] {
	places := make([]int, len(facts))
	for i, id := range facts {
		place, known := s.codec.where[id]
		if e, _ := scan.Lookup(id); !known || e.Level != scan.LevelProject {
			panic(fmt.Sprintf("snapshot: no project has the fact %s", id))
		}
		places[i] = place
	}
	return ahead(subjects[*scan.Project](s, scan.LevelProject, places))
}

// Users implements scan.Inventory.
func (s *Snapshot) Users() iter.Seq2[*scan.User, error] {
	return ahead(subjects[*scan.User](s, scan.LevelUser, nil))
}

// subjects walks a level. only are the places of the facts that are read; nil: all.
func subjects[T scan.Subject](s *Snapshot, level scan.Level, only []int) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		rows, err := s.db.Query(selectRows, s.run.number, string(level))
		if err != nil {
			yield(none, explain(s.path, err))
			return
		}
		for st, err := range s.codec.subjects(level, rows) {
			if err != nil {
				yield(none, explain(s.path, err))
				return
			}
			subject, err := s.codec.subject(level, st, reading{s.fill[level], only})
			if err != nil {
				yield(none, fmt.Errorf("%s: %w: %w", s.path, ErrDamaged, err))
				return
			}
			if !yield(subject.(T), nil) {
				return
			}
		}
	}
}

// Verify reads the whole run again and compares its hash with the one noted when
// it was finished; a difference is ErrDamaged. An unfinished run has no hash:
// all of it is read, and errors are reported.
func (s *Snapshot) Verify(ctx context.Context) error {
	hash, err := verify(ctx, s.db, s.run.number, s.run.meta.Scope, s.codec)
	switch {
	case err != nil && s.run.meta.Finished.IsZero() && errors.Is(err, ErrIncomplete):
		return nil
	case err != nil:
		return explain(s.path, err)
	case !s.run.meta.Finished.IsZero() && hash != s.run.meta.Hash:
		return fmt.Errorf("%s: %w: its content is not what was read (hash %.12s, noted %.12s); copy it again or scan again",
			s.path, ErrDamaged, hash, s.run.meta.Hash)
	}
	return nil
}

package snapshot

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"readiness/scan"
)

// Rewriter changes what a snapshot says, see Rewrite. Subject and Destination
// change their argument in place.
type Rewriter interface {
	Scope(scan.Scope) scan.Scope
	Subject(scan.Subject) error
	Gap(scan.Gap) scan.Gap
	Destination(*scan.Destination) error
}

// Rewrite writes every finished run of the snapshot at from, as w changes it, into
// a new snapshot at to, each with its times and its notes and the one given. An
// unfinished run is left out; if none is finished it is an error. to must not be
// there yet; if something fails nothing is left of it.
func Rewrite(ctx context.Context, from, to string, w Rewriter, note scan.Note) (err error) {
	if _, err := os.Lstat(to); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: %w: name another file", to, fs.ErrExist)
	}
	numbers, err := FinishedRuns(ctx, from)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			for _, ending := range []string{"", "-wal", "-shm", "-journal"} {
				_ = os.Remove(to + ending)
			}
		}
	}()
	for _, n := range numbers {
		if err := rewriteRun(ctx, from, to, n, w, note); err != nil {
			return err
		}
	}
	return nil
}

// FinishedRuns lists the numbers of a snapshot's finished runs.
func FinishedRuns(ctx context.Context, path string) ([]int64, error) {
	s, err := Open(path) // which folds in the log of a killed scan
	if err != nil {
		return nil, err
	}
	defer s.Close()
	rows, err := s.db.QueryContext(ctx, "SELECT run_id FROM run WHERE finished IS NOT NULL ORDER BY run_id")
	if err != nil {
		return nil, explain(path, err)
	}
	defer rows.Close()
	var numbers []int64
	for rows.Next() {
		var n int64
		if err := rows.Scan(&n); err != nil {
			return nil, explain(path, err)
		}
		numbers = append(numbers, n)
	}
	if err := rows.Err(); err != nil {
		return nil, explain(path, err)
	}
	if len(numbers) == 0 {
		return nil, fmt.Errorf("%s: %w that is finished: run the same scan again to finish it", path, ErrNoRun)
	}
	return numbers, nil
}

func rewriteRun(ctx context.Context, from, to string, number int64, w Rewriter, note scan.Note) (err error) {
	s, err := OpenRun(from, number)
	if err != nil {
		return err
	}
	defer s.Close()
	meta := s.Meta()
	r, err := Begin(to, w.Scope(meta.Scope), meta.Tool, meta.Started)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	for _, n := range append(meta.Notes, note) {
		if err := r.Note(n); err != nil {
			return err
		}
	}
	instance, err := s.Instance()
	if err == nil {
		err = r.rewrite(ctx, w, meta.Scope.Depth, instance)
	}
	if err != nil {
		return err
	}
	for g, err := range s.Groups() {
		if err == nil {
			err = r.rewrite(ctx, w, meta.Scope.Depth, g)
		}
		if err != nil {
			return err
		}
	}
	for p, err := range s.Projects() {
		if err == nil {
			err = r.rewrite(ctx, w, meta.Scope.Depth, p)
		}
		if err != nil {
			return err
		}
	}
	for u, err := range s.Users() {
		if err == nil {
			err = r.rewrite(ctx, w, meta.Scope.Depth, u)
		}
		if err != nil {
			return err
		}
	}
	for _, walk := range meta.Walks {
		walk.Cursor = "" // made of names, where a list is in their order
		if walk.Gap != nil {
			g := w.Gap(*walk.Gap)
			walk.Gap = &g
		}
		if err := r.Commit(scan.PartListing, nil, &walk); err != nil {
			return err
		}
	}
	if err := r.Finish(meta.Finished, meta.Requests); err != nil {
		return err
	}
	d, err := s.Destination()
	if err != nil || d == nil {
		return err
	}
	if err := w.Destination(d); err != nil {
		return err
	}
	return errors.Join(r.Close(), PutDestination(ctx, to, d))
}

// rewrite stores one subject, part by part, as w changes it.
func (r *Run) rewrite(ctx context.Context, w Rewriter, depth scan.Depth, s scan.Subject) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := w.Subject(s); err != nil {
		return err
	}
	for _, part := range depth.Parts() {
		piece, err := only(s, part)
		if err != nil {
			return err
		}
		if err := r.Commit(part, []scan.Subject{piece}, nil); err != nil {
			return err
		}
	}
	return nil
}

// only returns a copy of s with the facts of a part.
func only(s scan.Subject, part scan.Part) (scan.Subject, error) {
	c := newSubject(s.Level())
	identity, err := encodeIdentity(s)
	if err == nil {
		err = decodeIdentity(identity, c)
	}
	if err != nil {
		return nil, err
	}
	for id, fact := range scan.Facts(s) {
		e, _ := scan.Lookup(id)
		if scan.Deep.Parts()[e.Depth] != part || scan.IsUnset(fact) {
			continue
		}
		b, err := fact.MarshalJSON()
		if err == nil {
			err = scan.FactOf(c, id).UnmarshalJSON(b)
		}
		if err != nil {
			return nil, fmt.Errorf("copy fact %s of %s %d: %w", id, s.Level(), s.Key(), err)
		}
	}
	return c, nil
}

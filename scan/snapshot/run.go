package snapshot

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"readiness/scan"
)

// Run is a scan being written to a file: a scan.Store that several goroutines
// may use at the same time. Close it, finished or not.
type Run struct {
	path    string
	number  int64
	scope   scan.Scope
	resumed bool

	mu    sync.Mutex // of all that follows
	db    *sql.DB
	codec *codec
	put   *sql.Stmt
	begin *sql.Stmt
	end   *sql.Stmt
	undo  *sql.Stmt
}

var _ scan.Store = (*Run)(nil)

// Begin opens the snapshot at path for writing, which creates it if it is not
// there, and begins a run over the scope or resumes one: an unfinished run of
// the same scope goes on, one of another scope is refused with ErrOtherRun,
// finished runs stay as history. tool is the program's version, now the time to
// note as the run's begin.
func Begin(path string, scope scan.Scope, tool string, now time.Time) (*Run, error) {
	ctx := context.Background()
	scope.Groups = slices.Compact(slices.Sorted(slices.Values(scope.Groups)))
	scope.Projects = slices.Compact(slices.Sorted(slices.Values(scope.Projects)))
	scope.Areas = slices.Compact(slices.Sorted(slices.Values(scope.Areas)))
	h, err := readClosed(ctx, path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && h.empty {
		err = create(ctx, path)
	}
	if err != nil {
		return nil, err
	}
	db, err := connect(path, "rw", "locking_mode(EXCLUSIVE)", "journal_mode(WAL)", "synchronous(NORMAL)")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1) // one writer, and the pragmas belong to the connection
	r := &Run{path: path, scope: scope, db: db}
	if err := r.open(ctx, tool, now); err != nil {
		return nil, errors.Join(explain(path, err), db.Close())
	}
	return r, nil
}

func (r *Run) open(ctx context.Context, tool string, now time.Time) error {
	limits, err := marshalLimits(r.scope)
	if err != nil {
		return err
	}
	if err := renewView(ctx, r.db); err != nil {
		return err
	}
	current := currentFields()
	last, err := newestRun(ctx, r.db, "finished IS NULL")
	switch {
	case errors.Is(err, sql.ErrNoRows):
		if r.codec, err = newCodec(current); err != nil {
			return err
		}
		if err = r.insertRun(ctx, limits, current, tool, now); err != nil {
			return err
		}
	case err != nil:
		return err
	default:
		begun := last.meta.Scope
		if !same(begun, r.scope) {
			return fmt.Errorf("%s: %w: %s, begun %s; finish that one, or write this one to another file",
				r.path, ErrOtherRun, describe(begun), last.meta.Started.UTC().Format(time.DateTime))
		}
		f, err := loadFields(ctx, r.db, last.number)
		if err != nil {
			return err
		}
		if !reflect.DeepEqual(f, current) {
			return fmt.Errorf("%s: %w: it was begun by readiness %s, which reads other facts than this version; finish it with that one, or write to another file",
				r.path, ErrOtherRun, last.meta.Tool)
		}
		if r.codec, err = newCodec(f); err != nil {
			return err
		}
		if err := loadGaps(ctx, r.db, last.number, &r.codec.gaps); err != nil {
			return err
		}
		r.number, r.resumed = last.number, true
	}
	for stmt, text := range map[**sql.Stmt]string{
		&r.put:   "INSERT OR REPLACE INTO row (run_id, level, id, part, identity, facts, extra) VALUES (?, ?, ?, ?, ?, ?, ?)",
		&r.begin: "BEGIN IMMEDIATE",
		&r.end:   "COMMIT",
		&r.undo:  "ROLLBACK",
	} {
		if *stmt, err = r.db.PrepareContext(ctx, text); err != nil {
			return err
		}
	}
	return nil
}

func describe(s scan.Scope) string {
	what := fmt.Sprintf("a %s scan of %s", s.Depth, s.URL)
	switch n := len(s.Groups); {
	case n > 3:
		what += fmt.Sprintf(", %d groups", n)
	case n > 0:
		what += ", groups " + strings.Join(s.Groups, ", ")
	}
	if n := len(s.Projects); n > 0 {
		what += fmt.Sprintf(", %d listed projects", n)
	}
	if len(s.Areas) > 0 {
		what += fmt.Sprintf(", areas %s", s.Areas)
	}
	return what
}

func (r *Run) insertRun(ctx context.Context, limits string, f fields, tool string, now time.Time) error {
	tx, err := r.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after Commit there is nothing to undo
	res, err := tx.ExecContext(ctx, "INSERT INTO run (url, groups, depth, tool, started) VALUES (?, ?, ?, ?, ?)",
		r.scope.URL, limits, r.scope.Depth.String(), tool, now.Format(time.RFC3339Nano))
	if err != nil {
		return err
	}
	if r.number, err = res.LastInsertId(); err != nil {
		return err
	}
	for level, parts := range f {
		for part, ids := range parts {
			for i, id := range ids {
				if _, err := tx.ExecContext(ctx, "INSERT INTO field (run_id, level, part, position, fact) VALUES (?, ?, ?, ?, ?)",
					r.number, level, part, i, id); err != nil {
					return err
				}
			}
		}
	}
	return tx.Commit()
}

// Number is the run's id in the file: 1 for the first.
func (r *Run) Number() int64 { return r.number }

// Resumed reports whether the run had been begun before.
func (r *Run) Resumed() bool { return r.resumed }

// Walk implements scan.Store.
func (r *Run) Walk(level scan.Level) (scan.Walk, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	walks, err := loadWalks(context.Background(), r.db, r.number, &r.codec.gaps)
	if err != nil {
		return scan.Walk{}, explain(r.path, err)
	}
	w, ok := walks[level]
	if !ok {
		w.Level = level
	}
	return w, nil
}

// Commit implements scan.Store.
func (r *Run) Commit(part scan.Part, subjects []scan.Subject, walk *scan.Walk) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	type row struct {
		level                  scan.Level
		id                     int64
		identity, facts, extra []byte
	}
	rows := make([]row, len(subjects))
	for i, s := range subjects {
		row := row{level: s.Level(), id: s.Key()}
		var err error
		if part == scan.PartListing {
			if row.identity, err = encodeIdentity(s); err != nil {
				return fmt.Errorf("store %s %d: %w", s.Level(), s.Key(), err)
			}
		}
		if row.facts, row.extra, err = r.codec.encode(part, s); err != nil {
			return fmt.Errorf("store %s %d: %w", s.Level(), s.Key(), err)
		}
		rows[i] = row
	}
	var walkGap any
	if walk != nil && walk.Gap != nil {
		walkGap = r.codec.gaps.number(*walk.Gap)
	}
	err := r.transact(func() error {
		for i := r.codec.gaps.saved; i < len(r.codec.gaps.list); i++ {
			g := r.codec.gaps.list[i]
			if _, err := r.db.Exec("INSERT INTO gap (run_id, number, reason, status, endpoint, cure) VALUES (?, ?, ?, ?, ?, ?)",
				r.number, i, string(g.Reason), g.Status, g.Endpoint, g.Cure); err != nil {
				return err
			}
		}
		for _, row := range rows {
			if _, err := r.put.Exec(r.number, string(row.level), row.id, string(part),
				text(row.identity), string(row.facts), text(row.extra)); err != nil {
				return err
			}
		}
		if walk == nil {
			return nil
		}
		_, err := r.db.Exec("INSERT OR REPLACE INTO walk (run_id, level, cursor, listed, done, gap) VALUES (?, ?, ?, ?, ?, ?)",
			r.number, string(walk.Level), walk.Cursor, walk.Listed, walk.Done, walkGap)
		return err
	})
	if err != nil {
		return explain(r.path, err)
	}
	r.codec.gaps.saved = len(r.codec.gaps.list)
	return nil
}

// text is what to store for JSON that may be missing: a string or NULL.
func text(b []byte) any {
	if b == nil {
		return nil
	}
	return string(b)
}

// transact runs do in one transaction on the only connection. r.mu is held.
func (r *Run) transact(do func() error) error {
	if _, err := r.begin.Exec(); err != nil {
		return err
	}
	err := do()
	if err == nil {
		if _, err = r.end.Exec(); err == nil {
			return nil
		}
	}
	if _, undo := r.undo.Exec(); undo != nil {
		return errors.Join(err, undo)
	}
	return err
}

// Listed implements scan.Store.
func (r *Run) Listed(level scan.Level, ids []int64) (map[int64]bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	list, err := json.Marshal(ids)
	if err != nil {
		return nil, err
	}
	rows, err := r.db.Query(`
		SELECT r.id FROM json_each(?3) j CROSS JOIN row r
		ON r.run_id = ?1 AND r.level = ?2 AND r.id = j.value AND r.part = 'listing'`, r.number, string(level), string(list))
	if err != nil {
		return nil, explain(r.path, err)
	}
	defer rows.Close()
	listed := make(map[int64]bool)
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return nil, explain(r.path, err)
		}
		listed[id] = true
	}
	return listed, explain(r.path, rows.Err())
}

// Lacking implements scan.Store.
func (r *Run) Lacking(level scan.Level, part scan.Part, after int64, limit int) ([]scan.Subject, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	// A subject's parts are neighbours in the table: what lacks one is found in
	// one walk, without a lookup per subject.
	rows, err := r.db.Query(`
		SELECT id, part, identity, facts, extra FROM row
		WHERE run_id = ?1 AND level = ?2 AND id IN (
			SELECT id FROM row WHERE run_id = ?1 AND level = ?2 AND id > ?4
			GROUP BY id HAVING sum(part = 'listing') = 1 AND sum(part = ?3) = 0
			ORDER BY id LIMIT ?5)
		ORDER BY id`, r.number, string(level), string(part), after, limit)
	if err != nil {
		return nil, explain(r.path, err)
	}
	var subjects []scan.Subject
	for s, err := range r.codec.subjects(level, rows) {
		if err != nil {
			return nil, explain(r.path, err)
		}
		subject, err := r.codec.subject(level, s, reading{})
		if err != nil {
			return nil, fmt.Errorf("%s: %w: %w", r.path, ErrDamaged, err)
		}
		subjects = append(subjects, subject)
	}
	return subjects, nil
}

// Finish closes the run: it checks that all walks ended and that every fact the
// depth asks for has a value or a Gap, notes the time, what the scan cost and
// the hash, and leaves a single file. If something is unset, which is a defect
// of the source's reader, it names the first such fact and its subject, wraps
// ErrIncomplete, and the run stays unfinished and readable.
func (r *Run) Finish(now time.Time, requests scan.Requests) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	ctx := context.Background()
	hash, err := verify(ctx, r.db, r.number, r.scope, r.codec)
	if err != nil {
		return explain(r.path, err)
	}
	cost, err := json.Marshal(requests)
	if err != nil {
		return err
	}
	last, err := newestRun(ctx, r.db, "finished IS NULL")
	if err != nil {
		return explain(r.path, err)
	}
	if now.Before(last.meta.Started) { // the clock was set back meanwhile
		now = last.meta.Started
	}
	if _, err := r.db.ExecContext(ctx, "UPDATE run SET finished = ?, hash = ?, requests = ? WHERE run_id = ?",
		now.Format(time.RFC3339Nano), hash, string(cost), r.number); err != nil {
		return explain(r.path, err)
	}
	return explain(r.path, unlog(ctx, r.db))
}

// Close leaves a single file and gives it free. It may be called again.
func (r *Run) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.db == nil {
		return nil
	}
	err := unlog(context.Background(), r.db)
	err = errors.Join(explain(r.path, err), r.db.Close())
	r.db = nil
	return err
}

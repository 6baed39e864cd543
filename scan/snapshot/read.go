package snapshot

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"time"

	"readiness/scan"
)

// runRow is a row of table run.
type runRow struct {
	number int64
	meta   scan.Meta // without Walks
}

const selectRuns = "SELECT run_id, url, groups, depth, tool, started, finished, hash, requests FROM run"

// newestRun reads the newest run for which the condition holds, or returns
// sql.ErrNoRows.
func newestRun(ctx context.Context, db *sql.DB, condition string) (runRow, error) {
	return scanRun(db.QueryRowContext(ctx, selectRuns+" WHERE "+condition+" ORDER BY run_id DESC LIMIT 1").Scan)
}

// scanRun reads one row of selectRuns.
func scanRun(scanRow func(...any) error) (runRow, error) {
	var (
		r                        runRow
		groups, depth, started   string
		finished, hash, requests sql.NullString
	)
	if err := scanRow(&r.number, &r.meta.Scope.URL, &groups, &depth, &r.meta.Tool, &started, &finished, &hash, &requests); err != nil {
		return r, err
	}
	bad := func(what string, err error) (runRow, error) {
		return r, fmt.Errorf("%w: run %d has a bad %s: %w", ErrDamaged, r.number, what, err)
	}
	if err := unmarshalLimits([]byte(groups), &r.meta.Scope); err != nil {
		return bad("list of groups", err)
	}
	d := slices.Index(scan.Depths(), depth)
	if d < 0 {
		return bad("depth", fmt.Errorf("%.40q", depth))
	}
	r.meta.Scope.Depth = scan.Depth(d)
	var err error
	if r.meta.Started, err = time.Parse(time.RFC3339Nano, started); err != nil {
		return bad("start", err)
	}
	if finished.Valid {
		if r.meta.Finished, err = time.Parse(time.RFC3339Nano, finished.String); err != nil {
			return bad("end", err)
		}
	}
	r.meta.Hash = hash.String
	if requests.Valid {
		if err := json.Unmarshal([]byte(requests.String), &r.meta.Requests); err != nil {
			return bad("count of requests", err)
		}
	}
	return r, nil
}

func loadFields(ctx context.Context, db *sql.DB, run int64) (fields, error) {
	rows, err := db.QueryContext(ctx, "SELECT level, part, position, fact FROM field WHERE run_id = ? ORDER BY level, part, position", run)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	f := make(fields)
	for rows.Next() {
		var (
			level, part, fact string
			position          int
		)
		if err := rows.Scan(&level, &part, &position, &fact); err != nil {
			return nil, err
		}
		parts := f[scan.Level(level)]
		if parts == nil {
			parts = make(map[scan.Part][]scan.FactID)
			f[scan.Level(level)] = parts
		}
		if position != len(parts[scan.Part(part)]) {
			return nil, fmt.Errorf("%w: field %d of %s %.40q is missing", ErrDamaged, len(parts[scan.Part(part)]), level, part)
		}
		parts[scan.Part(part)] = append(parts[scan.Part(part)], scan.FactID(fact))
	}
	return f, rows.Err()
}

func loadGaps(ctx context.Context, db *sql.DB, run int64, g *gaps) error {
	rows, err := db.QueryContext(ctx, "SELECT number, reason, status, endpoint, cure FROM gap WHERE run_id = ? ORDER BY number", run)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var (
			number int64
			gap    scan.Gap
		)
		if err := rows.Scan(&number, &gap.Reason, &gap.Status, &gap.Endpoint, &gap.Cure); err != nil {
			return err
		}
		if number != int64(len(g.list)) {
			return fmt.Errorf("%w: gap %d is missing", ErrDamaged, len(g.list))
		}
		g.list = append(g.list, gap)
		g.numbers[gap] = number
	}
	g.saved = len(g.list)
	return rows.Err()
}

func loadWalks(ctx context.Context, db *sql.DB, run int64, g *gaps) (map[scan.Level]scan.Walk, error) {
	rows, err := db.QueryContext(ctx, "SELECT level, cursor, listed, done, gap FROM walk WHERE run_id = ?", run)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	walks := make(map[scan.Level]scan.Walk)
	for rows.Next() {
		var (
			w   scan.Walk
			gap sql.NullInt64
		)
		if err := rows.Scan(&w.Level, &w.Cursor, &w.Listed, &w.Done, &gap); err != nil {
			return nil, err
		}
		if gap.Valid {
			why, err := g.get(gap.Int64)
			if err != nil {
				return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
			}
			w.Gap = why
		}
		walks[w.Level] = w
	}
	return walks, rows.Err()
}

// stored is one subject as it lies in the file, its parts merged.
type stored struct {
	id       int64
	identity []byte
	told     told
	parts    []scan.Part
}

// subjects merges rows of table row (id, part, identity, facts, extra), which
// come in the order of id, and closes them. The told of one is overwritten by
// the next.
func (c *codec) subjects(level scan.Level, rows *sql.Rows) iter.Seq2[stored, error] {
	type piece struct {
		part                   scan.Part
		identity, facts, extra []byte
	}
	order := scan.Deep.Parts()
	return func(yield func(stored, error) bool) {
		defer rows.Close()
		t := make(told, len(c.known[level]))
		var (
			pieces []piece
			list   []json.RawMessage
		)
		emit := func(id int64) bool {
			if len(pieces) == 0 {
				return true
			}
			slices.SortFunc(pieces, func(a, b piece) int { return slices.Index(order, a.part) - slices.Index(order, b.part) })
			clear(t)
			s := stored{id: id, told: t}
			for _, p := range pieces {
				if p.identity != nil {
					s.identity = p.identity
				}
				s.parts = append(s.parts, p.part)
				if err := c.merge(t, &list, level, p.part, p.facts, p.extra); err != nil {
					yield(stored{}, fmt.Errorf("%w: %s %d, part %.20q: %w", ErrDamaged, level, id, p.part, err))
					return false
				}
			}
			if s.identity == nil {
				yield(stored{}, fmt.Errorf("%w: %s %d was never listed", ErrDamaged, level, id))
				return false
			}
			pieces = pieces[:0]
			return yield(s, nil)
		}
		var current int64
		for rows.Next() {
			var (
				id int64
				p  piece
			)
			if err := rows.Scan(&id, &p.part, &p.identity, &p.facts, &p.extra); err != nil {
				yield(stored{}, err)
				return
			}
			if id != current && !emit(current) {
				return
			}
			current = id
			pieces = append(pieces, p)
		}
		if err := rows.Err(); err != nil {
			yield(stored{}, err)
			return
		}
		emit(current)
	}
}

// subject turns a stored subject into one of the scan types.
func (c *codec) subject(level scan.Level, s stored, how reading) (scan.Subject, error) {
	subject := newSubject(level)
	if err := decodeIdentity(s.identity, subject); err != nil {
		return nil, fmt.Errorf("%s %d: %w", level, s.id, err)
	}
	if err := c.decode(s.told, how, subject); err != nil {
		return nil, fmt.Errorf("%s %d: %w", level, s.id, err)
	}
	return subject, nil
}

const selectRows = "SELECT id, part, identity, facts, extra FROM row WHERE run_id = ? AND level = ? ORDER BY id"

// walked are the levels whose subjects are found by walking a listing.
var walked = []scan.Level{scan.LevelGroup, scan.LevelProject, scan.LevelUser}

// verify returns the hash of a run, having checked that it is complete at its
// depth; else its error wraps ErrIncomplete.
func verify(ctx context.Context, db *sql.DB, run int64, scope scan.Scope, c *codec) (string, error) {
	d := newDigest(c)
	for _, level := range scan.Levels() {
		asked := make([]bool, len(c.known[level]))
		for part, index := range c.index[level] {
			for _, i := range index {
				_, left := scope.NotAsked(c.known[level][i])
				asked[i] = slices.Contains(scope.Depth.Parts(), part) && !left
			}
		}
		rows, err := db.QueryContext(ctx, selectRows, run, string(level))
		if err != nil {
			return "", err
		}
		n := 0
		for s, err := range c.subjects(level, rows) {
			if err != nil {
				return "", err
			}
			n++
			for i, raw := range s.told {
				if raw == nil && asked[i] {
					return "", fmt.Errorf("%w: nobody answered for fact %s of %s %d (%.200s); this is a defect of readiness, please report it",
						ErrIncomplete, c.known[level][i], level, s.id, s.identity)
				}
			}
			if err := d.subject(level, s.identity, s.told); err != nil {
				return "", fmt.Errorf("%w: %s %d: %w", ErrDamaged, level, s.id, err)
			}
		}
		if level == scan.LevelInstance && n != 1 {
			return "", fmt.Errorf("%w: the instance itself was not read", ErrIncomplete)
		}
	}
	walks, err := loadWalks(ctx, db, run, &c.gaps)
	if err != nil {
		return "", err
	}
	for _, level := range walked {
		w, ok := walks[level]
		if !ok || !w.Done {
			return "", fmt.Errorf("%w: the listing of %ss is not at its end; run the scan again to go on", ErrIncomplete, level)
		}
		if err := d.walk(w); err != nil {
			return "", err
		}
	}
	notes, err := loadNotes(ctx, db, run)
	if err != nil {
		return "", err
	}
	for _, n := range notes {
		d.note(n)
	}
	return d.sum(), nil
}

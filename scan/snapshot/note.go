package snapshot

import (
	"context"
	"database/sql"
	"fmt"

	"readiness/scan"
)

// noteSQL makes the table of notes. It is made when the first note is, so that a
// snapshot without one is as it was before there were any.
const noteSQL = `CREATE TABLE IF NOT EXISTS note (
	run_id INTEGER NOT NULL,
	note   TEXT NOT NULL,
	PRIMARY KEY (run_id, note)
) WITHOUT ROWID`

// Note stores that the note holds of the run, for good.
func (r *Run) Note(n scan.Note) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return explain(r.path, r.transact(func() error {
		if _, err := r.db.Exec(noteSQL); err != nil {
			return err
		}
		_, err := r.db.Exec("INSERT OR IGNORE INTO note (run_id, note) VALUES (?, ?)", r.number, string(n))
		return err
	}))
}

// loadNotes reads a run's notes in their order. One that this version does not
// know is an error: it would be lost silently.
func loadNotes(ctx context.Context, db *sql.DB, run int64) ([]scan.Note, error) {
	var there int
	err := db.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'note'").Scan(&there)
	if err != nil || there == 0 {
		return nil, err
	}
	rows, err := db.QueryContext(ctx, "SELECT note FROM note WHERE run_id = ? ORDER BY note", run)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var notes []scan.Note
	for rows.Next() {
		var n scan.Note
		if err := rows.Scan(&n); err != nil {
			return nil, err
		}
		if n.Sentence() == "" {
			return nil, fmt.Errorf("%w: it holds the note %.60q, which this version does not know; use the version that made it, or a newer one", ErrNewer, n)
		}
		notes = append(notes, n)
	}
	return notes, rows.Err()
}

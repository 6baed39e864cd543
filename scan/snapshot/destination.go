package snapshot

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"readiness/scan"
)

// destinationSQL makes the table of what was read of destinations. It is made
// when something is first put into it, so that a snapshot without one is as it
// was before there were any.
const destinationSQL = `CREATE TABLE IF NOT EXISTS destination (
	run_id  INTEGER PRIMARY KEY,
	content TEXT NOT NULL,
	hash    TEXT NOT NULL
)`

// PutDestination stores what was read of the destination beside the newest run
// of the snapshot at path, in place of what was read before.
func PutDestination(ctx context.Context, path string, d *scan.Destination) error {
	content, err := json.Marshal(d)
	if err != nil {
		return fmt.Errorf("%s: store the destination: %w", path, err)
	}
	db, err := connect(path, "rw")
	if err != nil {
		return err
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	run, err := newestRun(ctx, db, "TRUE")
	if err != nil {
		return explain(path, err)
	}
	if _, err := db.ExecContext(ctx, destinationSQL); err != nil {
		return explain(path, err)
	}
	_, err = db.ExecContext(ctx, "INSERT OR REPLACE INTO destination (run_id, content, hash) VALUES (?, ?, ?)", run.number, string(content), hashOf(content))
	return errors.Join(explain(path, err), db.Close())
}

// Destination returns what was read of the destination with this run; nil if
// nothing was.
func (s *Snapshot) Destination() (*scan.Destination, error) {
	var n int
	if err := s.db.QueryRow("SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'destination'").Scan(&n); err != nil || n == 0 {
		return nil, explain(s.path, err)
	}
	var content, hash string
	switch err := s.db.QueryRow("SELECT content, hash FROM destination WHERE run_id = ?", s.run.number).Scan(&content, &hash); {
	case errors.Is(err, sql.ErrNoRows):
		return nil, nil
	case err != nil:
		return nil, explain(s.path, err)
	case hashOf([]byte(content)) != hash:
		return nil, fmt.Errorf("%s: %w: the destination is not what was read; copy it again or scan again", s.path, ErrDamaged)
	}
	d := new(scan.Destination)
	if err := json.Unmarshal([]byte(content), d); err != nil {
		return nil, fmt.Errorf("%s: %w: the destination: %w", s.path, ErrDamaged, err)
	}
	d.Lack(scan.Gap{Reason: scan.ReasonNotAsked, Cure: "read the destination again: an older version of this program did not ask"})
	return d, nil
}

func hashOf(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}

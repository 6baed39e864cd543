package snapshot

import (
	"context"
	"errors"

	"readiness/scan"
)

// Past is a finished run in a file.
type Past struct {
	Number int64     // for OpenRun
	Meta   scan.Meta // without Walks
}

// History lists the finished runs of the snapshot at path, the oldest first. Like
// Open it folds the log of a killed scan into the file.
func History(path string) ([]Past, error) {
	s, err := Open(path)
	if err != nil {
		return nil, err
	}
	all, err := s.finished(context.Background())
	return all, errors.Join(explain(path, err), s.Close())
}

func (s *Snapshot) finished(ctx context.Context) ([]Past, error) {
	rows, err := s.db.QueryContext(ctx, selectRuns+" WHERE finished IS NOT NULL ORDER BY run_id")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Past
	for rows.Next() {
		r, err := scanRun(rows.Scan)
		if err != nil {
			return nil, err
		}
		all = append(all, Past{r.number, r.meta})
	}
	return all, rows.Err()
}

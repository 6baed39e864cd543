package snapshot

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// header is what the first 100 bytes of a SQLite file say
// (https://sqlite.org/fileformat2.html#the_database_header).
type header struct {
	empty bool // no byte at all: SQLite's way to begin
	// open: the file is, or was when its writer died, in WAL mode or in the midst
	// of a transaction: what it holds is told together with the log or the rollback
	// journal beside it.
	open bool
}

// readHeader tells from the first bytes whether path is a snapshot that this
// version can read, without SQLite, whose errors would not tell these apart.
func readHeader(path string) (header, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrPermission) {
		return header{}, fmt.Errorf("%s: may not be read (%w): run as the account that wrote it, or let this one read it and its folder", path, fs.ErrPermission)
	}
	if err != nil {
		return header{}, err
	}
	defer f.Close()
	stat, err := f.Stat()
	if err != nil {
		return header{}, err
	}
	if !stat.Mode().IsRegular() {
		return header{}, fmt.Errorf("%s: %w: not a regular file", path, ErrNotSnapshot)
	}
	if stat.Size() == 0 {
		return header{empty: true}, nil
	}
	var b [100]byte
	n, err := io.ReadFull(f, b[:])
	const magic = "SQLite format 3\x00"
	if n < len(magic) || string(b[:len(magic)]) != magic {
		return header{}, fmt.Errorf("%s: %w: give the .db file that readiness scan wrote", path, ErrNotSnapshot)
	}
	if err != nil {
		return header{}, fmt.Errorf("%s: %w: it ends after %d bytes; copy it again or scan again", path, ErrDamaged, n)
	}
	if id := binary.BigEndian.Uint32(b[68:]); id != applicationID {
		return header{}, fmt.Errorf("%s: %w but another program's database: give the .db file that readiness scan wrote", path, ErrNotSnapshot)
	}
	if v := binary.BigEndian.Uint32(b[60:]); v > schemaVersion {
		return header{}, fmt.Errorf("%s: %w: its format is %d, this version reads up to %d; update readiness", path, ErrNewer, v, schemaVersion)
	}
	pageSize := int64(binary.BigEndian.Uint16(b[16:]))
	if pageSize == 1 {
		pageSize = 65536
	}
	// In WAL mode the count of pages may lag behind the log, in a transaction the
	// pages behind their count.
	h := header{open: b[18] == 2 || hasJournal(path)}
	if pages := int64(binary.BigEndian.Uint32(b[28:])); !h.open && stat.Size() < pages*pageSize {
		return header{}, fmt.Errorf("%s: %w: %d bytes of %d are there; copy it again or scan again", path, ErrDamaged, stat.Size(), pages*pageSize)
	}
	return h, nil
}

// hasJournal reports whether a rollback journal lies beside the file. SQLite
// removes it when the transaction ends; a killed writer leaves it, and only who may
// write to the file can take back by it what was half written.
func hasJournal(path string) bool {
	stat, err := os.Stat(path + "-journal")
	return err == nil && stat.Size() > 0
}

// readClosed is readHeader of a file into which is brought, or from which is taken
// back, what a killed scan left beside it, at whatever moment that was.
func readClosed(ctx context.Context, path string) (header, error) {
	h, err := readHeader(path)
	if err != nil || !h.open {
		return h, err
	}
	if err := fold(ctx, path); err != nil {
		return header{}, err
	}
	return readHeader(path) // the file is empty again, if it was being made
}

// connect opens the file with SQLite; mode is ro or rw.
func connect(path, mode string, pragmas ...string) (*sql.DB, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	q := url.Values{"mode": {mode}, "_pragma": append([]string{"busy_timeout(300)"}, pragmas...)}
	uri := url.URL{Scheme: "file", Path: filepath.ToSlash(abs), RawQuery: q.Encode()}
	return sql.Open("sqlite", uri.String())
}

// explain turns what SQLite says about a file into one of this package's errors.
func explain(path string, err error) error {
	var s *sqlite.Error
	switch {
	case err == nil || strings.HasPrefix(err.Error(), path):
		return err
	case !errors.As(err, &s):
		return fmt.Errorf("%s: %w", path, err)
	}
	said := strings.Join(strings.Fields(fmt.Sprintf("%.200s", s.Error())), " ") // SQLite quotes whole statements
	switch s.Code() & 0xff {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return fmt.Errorf("%s: %w: wait until the scan or report that uses it has ended", path, ErrLocked)
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return fmt.Errorf("%s: %w: copy it again or scan again (%s)", path, ErrDamaged, said)
	case sqlite3.SQLITE_FULL:
		return fmt.Errorf("%s: the disk is full: make room and run the scan again to go on (%s)", path, said)
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM:
		return fmt.Errorf("%s: cannot be written: choose a file in a folder that you may write to (%s)", path, said)
	}
	return fmt.Errorf("%s: %s", path, said)
}

// create makes a new snapshot without a run, or gives an empty file its schema.
func create(ctx context.Context, path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("create a snapshot: %w", err)
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("create a snapshot: %w", err)
	}
	db, err := connect(path, "rw", "page_size(8192)", "locking_mode(EXCLUSIVE)")
	if err != nil {
		return err
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	// One transaction: a file is a whole snapshot or still empty.
	_, err = db.ExecContext(ctx, fmt.Sprintf("BEGIN IMMEDIATE; PRAGMA application_id = %d; PRAGMA user_version = %d; %s COMMIT",
		applicationID, schemaVersion, schemaSQL))
	if err != nil {
		return explain(path, err)
	}
	return explain(path, db.Close())
}

// fold brings what a killed scan left in its log into the file, and takes back
// what its rollback journal says was not written to the end.
func fold(ctx context.Context, path string) error {
	db, err := connect(path, "rw", "locking_mode(EXCLUSIVE)")
	if err != nil {
		return err
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	var tables int // reading is what makes SQLite look for a journal
	if err := db.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_master").Scan(&tables); err != nil {
		return explain(path, err)
	}
	if err := unlog(ctx, db); err != nil {
		return explain(path, err)
	}
	return explain(path, db.Close())
}

// unlog leaves WAL mode, which checkpoints and removes the log.
func unlog(ctx context.Context, db *sql.DB) error {
	var mode string
	if err := db.QueryRowContext(ctx, "PRAGMA journal_mode = DELETE").Scan(&mode); err != nil {
		return err
	}
	if mode != "delete" {
		return fmt.Errorf("the file stays in journal mode %s", mode)
	}
	return nil
}

func missing(path string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("no snapshot at %s: run readiness scan first (%w)", path, fs.ErrNotExist)
	}
	return err
}

package snapshot

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"readiness/scan"
)

// journal leaves beside a snapshot what a program killed in the midst of a
// transaction outside WAL mode leaves: a rollback journal, of a file that had
// this many pages, with its first page if that was there.
// Format: https://sqlite.org/fileformat2.html#the_rollback_journal.
func journal(t *testing.T, path string, pages uint32, first []byte) {
	t.Helper()
	const sector, nonce = 512, 1
	b := make([]byte, sector)
	copy(b, "\xd9\xd5\x05\xf9\x20\xa1\x63\xd7")
	records := uint32(0)
	if first != nil {
		records = 1
		sum := uint32(nonce)
		for i := len(first) - 200; i > 0; i -= 200 {
			sum += uint32(first[i])
		}
		b = binary.BigEndian.AppendUint32(b, 1) // number of the page
		b = append(b, first...)
		b = binary.BigEndian.AppendUint32(b, sum)
	}
	for i, v := range []uint32{records, nonce, pages, sector, pageSize} {
		binary.BigEndian.PutUint32(b[8+4*i:], v)
	}
	must(t, os.WriteFile(path+"-journal", b, 0o600))
}

const pageSize = 8192

// A scan that is killed while it makes its file, with the first page written and
// the others not, is begun again.
func TestKilledWhileTheFileIsMade(t *testing.T) {
	path := filepath.Join(t.TempDir(), "readiness.db")
	killed := func() {
		must(t, create(t.Context(), path))
		must(t, os.Truncate(path, pageSize))
		journal(t, path, 0, nil)
	}
	killed()
	if s, err := Open(path); !errors.Is(err, ErrNoRun) {
		t.Errorf("Open: %v, %v; want %v", s, err, ErrNoRun)
	}
	killed()
	r := begin(t, path)
	store(t, r, 3)
	must(t, r.Finish(begun.Add(time.Hour), scan.Requests{}))
}

// A scan that is killed when it has ended, while its file leaves WAL mode, has
// ended, and so has one beside which the destination was being stored: what was
// written by half is taken back.
func TestKilledWhileTheFileIsClosed(t *testing.T) {
	whole, err := os.ReadFile(finished(t, 5))
	must(t, err)
	first, pages := whole[:pageSize], uint32(len(whole)/pageSize)
	half := slices.Clone(whole) // its first page tells of one that was not written any more
	binary.BigEndian.PutUint32(half[28:], pages+1)
	for name, c := range map[string]struct {
		file, first []byte
	}{
		"nothing written":        {whole, first},
		"no page in the journal": {whole, nil},
		"grown":                  {append(slices.Clone(whole), make([]byte, 3*pageSize)...), first},
		"first page written":     {half, first},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "readiness.db")
			must(t, os.WriteFile(path, c.file, 0o600))
			journal(t, path, pages, c.first)
			s := openFile(t, path)
			if s.Meta().Finished.IsZero() {
				t.Error("it is not finished")
			}
			must(t, s.Verify(t.Context()))
			if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, whole) {
				t.Errorf("%d bytes, %v; want the %d that were there", len(got), err, len(whole))
			}
			if _, err := os.Stat(path + "-journal"); err == nil {
				t.Error("the journal stays")
			}
		})
	}
}

package workbook

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"

	"readiness/report/reporttest"
)

// temporary has temporary files made in a folder of the test's own, or nowhere.
func temporary(t *testing.T, there bool) string {
	t.Helper()
	dir := t.TempDir()
	if !there {
		dir = filepath.Join(dir, "not there")
	}
	t.Setenv("TMPDIR", dir)
	t.Setenv("TMP", dir) // Windows
	return dir
}

func TestSpool(t *testing.T) {
	for name, there := range map[string]bool{"file": true, "memory": false} {
		t.Run(name, func(t *testing.T) {
			dir := temporary(t, there)
			var s spool
			var want bytes.Buffer
			for i, n := range []int{0, 1, piece - 1, piece, 3*piece + 7, 5} {
				text := bytes.Repeat([]byte{byte(i)}, n)
				if got, err := s.Write(text); got != n || err != nil {
					t.Fatalf("%d bytes written, want %d, %v", got, n, err)
				}
				want.Write(text)
			}
			if s.size != int64(want.Len()) {
				t.Fatalf("size %d, want %d", s.size, want.Len())
			}
			if held := 0; there {
				for _, p := range s.pieces {
					held += cap(p)
				}
				if held != piece {
					t.Errorf("%d bytes are held, want %d", held, piece)
				}
			}
			got, err := io.ReadAll(io.NewSectionReader(&s, 0, s.size))
			if err != nil || !bytes.Equal(got, want.Bytes()) {
				t.Errorf("read back %d bytes of %d, or others, %v", len(got), want.Len(), err)
			}
			for _, at := range []int64{0, 1, piece - 1, piece, 2*piece + 3, 5*piece - 2, s.size - 4, s.size, s.size + 1} {
				p := make([]byte, 4)
				n, err := s.ReadAt(p, at)
				rest := want.Bytes()[min(at, s.size):]
				if rest = rest[:min(len(rest), 4)]; !bytes.Equal(p[:n], rest) || (err == io.EOF) != (len(rest) < 4) {
					t.Errorf("at %d: %v, %v, want %v", at, p[:n], err, rest)
				}
			}
			if err := s.close(); err != nil {
				t.Error(err)
			}
			if left, _ := os.ReadDir(dir); len(left) > 0 {
				t.Errorf("%s is left", left[0].Name())
			}
		})
	}
}

// TestNoTemporaryFolder: a workbook needs no folder for temporary files, and has
// the same bytes with one.
func TestNoTemporaryFolder(t *testing.T) {
	r, _, _ := reporttest.Report(t)
	dir := temporary(t, true)
	with := build(t, r, maxRows)
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("%s is left", left[0].Name())
	}
	temporary(t, false)
	if !bytes.Equal(with, build(t, r, maxRows)) {
		t.Error("the workbook has other bytes without a folder for temporary files")
	}
}

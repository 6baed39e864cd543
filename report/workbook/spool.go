package workbook

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// piece is how much a spool holds in memory.
const piece = 256 << 10

// spool keeps what is written to it, to be read again anywhere. All but the last
// piece waits in a temporary file that only its owner may read; where none can be
// made, as in a container without a folder for it, in memory.
type spool struct {
	file     *os.File // the pieces that were full; nil: none was, or no file can be made
	homeless bool     // no file can be made
	filed    int64    // how much is in the file
	pieces   [][]byte // the rest: full, but for the last
	size     int64
}

func (s *spool) Write(p []byte) (n int, err error) {
	for n < len(p) {
		last := len(s.pieces) - 1
		switch {
		case last >= 0 && len(s.pieces[last]) < piece:
		case last >= 0 && s.filing():
			if _, err := s.file.Write(s.pieces[last]); err != nil {
				return n, fmt.Errorf("%w: free room there, or name a folder that has some in TMPDIR", err)
			}
			s.filed, s.pieces[last] = s.filed+piece, s.pieces[last][:0]
		default:
			s.pieces = append(s.pieces, make([]byte, 0, piece))
			last++
		}
		part := p[n:min(len(p), n+piece-len(s.pieces[last]))]
		s.pieces[last] = append(s.pieces[last], part...)
		n, s.size = n+len(part), s.size+int64(len(part))
	}
	return n, nil
}

// filing reports whether there is a file, and makes it if it can.
func (s *spool) filing() bool {
	if s.file == nil && !s.homeless {
		var err error
		s.file, err = os.CreateTemp("", "readiness-")
		if s.homeless = err != nil; err == nil {
			_ = os.Remove(s.file.Name()) // where an open file may lose its name, a killed program leaves none
		}
	}
	return s.file != nil
}

// ReadAt implements io.ReaderAt.
func (s *spool) ReadAt(p []byte, at int64) (n int, err error) {
	for n < len(p) && at >= 0 && at < s.size {
		var m int
		if at < s.filed {
			if m, err = s.file.ReadAt(p[n:min(int64(len(p)), int64(n)+s.filed-at)], at); err != nil {
				return n + m, err
			}
		} else {
			rest := at - s.filed
			m = copy(p[n:], s.pieces[rest/piece][rest%piece:])
		}
		n, at = n+m, at+int64(m)
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// close gives back what the spool took. It is empty then, and not to be used again.
func (s *spool) close() error {
	if s.file == nil {
		return nil
	}
	err := s.file.Close()
	if e := os.Remove(s.file.Name()); e != nil && !errors.Is(e, fs.ErrNotExist) {
		err = errors.Join(err, e)
	}
	return err
}

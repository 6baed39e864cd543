package workbook

import "io"

// piece is how much a spool makes room for at once.
const piece = 1 << 20

// spool keeps what is written to it, to be read again anywhere. It grows piece by
// piece: a workbook of a large instance is not copied each time there is no room
// left.
type spool struct {
	pieces [][]byte // full, but for the last
	size   int64
}

func (s *spool) Write(p []byte) (n int, err error) {
	for n < len(p) {
		if s.size%piece == 0 {
			s.pieces = append(s.pieces, make([]byte, 0, piece))
		}
		last := &s.pieces[len(s.pieces)-1]
		part := p[n:min(len(p), n+piece-len(*last))]
		*last = append(*last, part...)
		n, s.size = n+len(part), s.size+int64(len(part))
	}
	return n, nil
}

// ReadAt implements io.ReaderAt.
func (s *spool) ReadAt(p []byte, at int64) (n int, err error) {
	for n < len(p) && at >= 0 && at < s.size {
		m := copy(p[n:], s.pieces[at/piece][at%piece:])
		n, at = n+m, at+int64(m)
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

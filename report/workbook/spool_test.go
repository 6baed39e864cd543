package workbook

import (
	"bytes"
	"io"
	"testing"
)

func TestSpool(t *testing.T) {
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
	got, err := io.ReadAll(io.NewSectionReader(&s, 0, s.size))
	if err != nil || !bytes.Equal(got, want.Bytes()) {
		t.Errorf("read back %d bytes of %d, or others, %v", len(got), want.Len(), err)
	}
	for _, at := range []int64{0, 1, piece - 1, piece, 2*piece + 3, s.size - 4, s.size, s.size + 1} {
		p := make([]byte, 4)
		n, err := s.ReadAt(p, at)
		rest := want.Bytes()[min(at, s.size):]
		if rest = rest[:min(len(rest), 4)]; !bytes.Equal(p[:n], rest) || (err == io.EOF) != (len(rest) < 4) {
			t.Errorf("at %d: %v, %v, want %v", at, p[:n], err, rest)
		}
	}
}

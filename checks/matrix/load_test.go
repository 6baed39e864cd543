package matrix

import "testing"

func TestX(t *testing.T) {
	m, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	t.Log(len(m.Items), m.ReadOn, m.Newest, len(m.Details), len(m.Combinations))
}
func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		if _, err := readEmbedded(); err != nil {
			b.Fatal(err)
		}
	}
}

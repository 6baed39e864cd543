package scan

import (
	"encoding/json"
	"math"
	"testing"
)

func TestTotal(t *testing.T) {
	forbidden := Missing[int64](Gap{Reason: ReasonForbidden})
	for _, c := range []struct {
		name     string
		add      func(*Total)
		sum      int64
		complete bool
		unknown  bool
		wire     string
	}{
		{"no subject at all", func(*Total) {}, 0, true, false, `{"value":0,"read":0,"unread":0}`},
		{"all read", func(t *Total) { t.Add(ptr(Known[int64](3))); t.AddKnown(4) }, 7, true, false, `{"value":7,"read":2,"unread":0}`},
		{"known zeros", func(t *Total) { t.Add(ptr(Known[int64](0))) }, 0, true, false, `{"value":0,"read":1,"unread":0}`},
		{"more than can be counted is a lower bound", func(t *Total) { t.AddKnown(1); t.AddKnown(math.MaxInt64) }, math.MaxInt64, false, false, `{"value":9223372036854775807,"read":2,"unread":0}`},
		{"at least", func(t *Total) { t.AddKnown(41); t.Add(&forbidden); t.AddUnread(2) }, 41, false, false, `{"value":41,"read":1,"unread":3}`},
		{"nothing read is unknown, not zero", func(t *Total) { t.Add(&forbidden) }, 0, false, true, `{"value":null,"read":0,"unread":1}`},
		{"unset is unknown too", func(t *Total) { t.Add(new(Fact[int64])) }, 0, false, true, `{"value":null,"read":0,"unread":1}`},
		{"a cut list is unread", func(t *Total) { t.Add(ptr(Cut([]Mirror{{}}, Gap{Reason: ReasonTruncated}))) }, 0, false, true, `{"value":null,"read":0,"unread":1}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			var total Total
			c.add(&total)
			sum, complete := total.Sum()
			if sum != c.sum || complete != c.complete || total.Unknown() != c.unknown {
				t.Errorf("sum %d, complete %v, unknown %v; want %d, %v, %v", sum, complete, total.Unknown(), c.sum, c.complete, c.unknown)
			}
			b, err := json.Marshal(total)
			if err != nil || string(b) != c.wire {
				t.Errorf("%s, %v; want %s", b, err, c.wire)
			}
		})
	}
}

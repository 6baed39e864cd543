package checks

import (
	"strings"
	"testing"
)

func TestDriftLimits(t *testing.T) {
	p, err := ReadProfile("p.yaml", []byte("change-request:\n  projects: 10 %\n  storage: 100 GiB\n  blockers: 0\n"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		metric         string
		before, growth int64
		words          string
		over           bool
	}{
		{MetricProjects, 100, 10, "10 %", false},
		{MetricProjects, 100, 11, "10 %", true},
		{MetricProjects, 100, -50, "10 %", false},
		{MetricStorage, 1, 100 << 30, "100 GiB", false},
		{MetricStorage, 1, 100<<30 + 1, "100 GiB", true},
		{MetricBlockers, 4, 0, "0", false},
		{MetricBlockers, 4, 1, "0", true},
	} {
		l, stated := p.DriftLimit(c.metric)
		if !stated || l.String() != c.words || l.Exceeded(c.before, c.growth) != c.over {
			t.Errorf("%+v: %v, %s, %v", c, stated, l, l.Exceeded(c.before, c.growth))
		}
	}
	if _, stated := p.DriftLimit(MetricUsers); stated {
		t.Error("a limit that nobody stated")
	}
	for text, want := range map[string]string{
		"change-request: {cars: 1}":        "p.yaml:1: change-request has no sum \"cars\"",
		"change-request: {projects: 0 %}":  "is no share",
		"change-request: {projects: x %}":  "is no share",
		"change-request: {storage: 10}":    "give an amount with its unit",
		"change-request: {projects: many}": "is no number",
	} {
		if _, err := ReadProfile("p.yaml", []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

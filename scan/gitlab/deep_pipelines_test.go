package gitlab

import (
	"encoding/json"
	"testing"

	"readiness/scan"
)

// Of more than a thousand jobs GitLab tells how many there are at least and, with
// every retry, at most; of what it keeps back no number stands for none.
func TestPipelineJobs(t *testing.T) {
	s, _ := open(t, healthy("18.11.0-ee"))
	member := func() *scan.Project {
		return &scan.Project{ID: 1, Access: reporter, BuildsAccess: scan.Known("enabled")}
	}
	outsider, off := member(), member()
	outsider.Access, off.BuildsAccess = guest, scan.Known(featureDisabled)
	for _, c := range []struct {
		name   string
		p      *scan.Project
		answer string
		want   []scan.PipelineJobs
		reason scan.Reason
	}{
		{"the largest", member(), `{"nodes":[{"jobs":{"count":3},"totalJobs":9},{"jobs":{"count":1000},"totalJobs":1000}]}`, []scan.PipelineJobs{{Jobs: 1000}}, ""},
		{"none", member(), `{"nodes":[]}`, nil, ""},
		{"none that are told", outsider, `{"nodes":[]}`, nil, scan.ReasonWithheld},
		{"CI/CD switched off", off, `{"nodes":[]}`, nil, scan.ReasonFeatureOff},
		{"nothing", outsider, `null`, nil, scan.ReasonWithheld},
		{"more than are counted", member(), `{"nodes":[{"jobs":{"count":3},"totalJobs":9999},{"jobs":{"count":1001},"totalJobs":1400}]}`, []scan.PipelineJobs{{Jobs: 1001, Most: 1400}}, scan.ReasonTruncated},
		{"more than are counted, of one without a bound", member(), `{"nodes":[{"jobs":{"count":1001},"totalJobs":null},{"jobs":{"count":1001},"totalJobs":1400}]}`, []scan.PipelineJobs{{Jobs: 1001}}, scan.ReasonTruncated},
		{"and no total", member(), `{"nodes":[{"jobs":{"count":1001}}]}`, []scan.PipelineJobs{{Jobs: 1001}}, scan.ReasonTruncated},
		{"jobs of one not told", member(), `{"nodes":[{"jobs":null},{"jobs":{"count":1001},"totalJobs":1400}]}`, []scan.PipelineJobs{{Jobs: 1001}}, scan.ReasonWithheld},
	} {
		s.pipelineJobs(c.p, node{keys: map[string]json.RawMessage{"pipelines": json.RawMessage(c.answer)}})
		g, gap := c.p.PipelineJobs.Gap()
		if len(c.p.PipelineJobs.Items) != len(c.want) || len(c.want) > 0 && c.p.PipelineJobs.Items[0] != c.want[0] || gap != (c.reason != "") || g.Reason != c.reason {
			t.Errorf("%s: %+v, gap %+v", c.name, c.p.PipelineJobs.Items, g)
		}
	}
}

package report_test

import (
	"slices"
	"strings"
	"testing"

	"readiness/report"
	"readiness/report/reporttest"
	"readiness/scan"
)

// written is a sheet as lines of its cells.
func written(t *testing.T, r *report.Report, name string) []string {
	t.Helper()
	s, there := r.Sheet(name)
	if !there {
		t.Fatalf("no sheet %s; left out: %v", name, r.LeftOut)
	}
	var lines []string
	for row, err := range s.Rows {
		if err != nil {
			t.Fatal(err)
		}
		var cells []string
		for _, c := range row {
			cells = append(cells, c.String())
		}
		lines = append(lines, strings.Join(cells, "|"))
	}
	return lines
}

// The sheets of places tell each mention that a check finds fault with, and each
// need of another project with its wave and new path.
func TestPlacesInFiles(t *testing.T) {
	inv := reporttest.New()
	p, other := inv.ProjectsIn[0], inv.ProjectsIn[1]
	p.CIMentions = scan.Listed([]scan.CIMention{
		{Kind: scan.CIIncludeProject, File: "=ci.yml", Line: 3, Value: other.Path, Job: "include", Own: true},
		{Kind: scan.CIHost, File: ".gitlab-ci.yml", Line: 9, Value: "gitlab.example.com", Job: "deploy", Own: true},
		{Kind: scan.CIEnvironment, File: ".gitlab-ci.yml", Line: 10, Value: "production", Job: "deploy"},
		{Kind: scan.CITrigger, File: ".gitlab-ci.yml", Line: 12, Value: "gone/project", Job: "down\x1b[31m", Own: true},
	})
	j := reporttest.Judge(inv)
	r, err := report.Build(j, inv, report.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, line := range written(t, r, report.SheetPipelines) {
		if strings.HasPrefix(line, "101|") {
			got = append(got, line)
		}
	}
	want := []string{
		"101|" + p.Path + "|=ci.yml|3|include|Include of another project|" + other.Path + "|yes|ci-include-project",
		"101|" + p.Path + "|.gitlab-ci.yml|9|deploy|Host of the source|gitlab.example.com|yes|ci-hard-coded-source-host-or-ip",
		"101|" + p.Path + "|.gitlab-ci.yml|12|down�[31m|Trigger of another project|gone/project|yes|ci-cross-project-pipelines",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	got = nil
	for _, line := range written(t, r, report.SheetDependencies) {
		if strings.HasPrefix(line, "101|") && !strings.Contains(line, "|fork|") {
			got = append(got, line)
		}
	}
	want = []string{
		"101|" + p.Path + "|include|" + other.Path + "|yes|no||=ci.yml|3",
		"101|" + p.Path + "|trigger|gone/project|no, or stays|yes||.gitlab-ci.yml|12",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

package gitlabsim

import (
	"slices"
	"strings"

	"readiness/scan"
)

// ciLocalShape says how a project's CI configuration includes files of its own
// repository; -1 where it includes none. In a sound world every file is where it belongs: there is nothing to include.
func (w *World) ciLocalShape(p *Project) int {
	if w.ciFilePath(p) == "" || w.cfg.Sound || !w.cfg.Positive && !w.draw(ofProject, p.index, "ci-text").chance(35) {
		return -1
	}
	return w.draw(ofProject, p.index, "ci-locals").weighted(50, 20, 20, 10)
}

// ciLocals is one way of including local files, with the files that are there.
type ciLocals struct {
	include string
	files   []plantedFile
	missing string // a path that is included and is not there
	beside  string // a file that lies there and is not included
}

// truth is what is included in the end.
func (c ciLocals) truth() []scan.CIFile {
	var list []scan.CIFile
	for _, f := range c.files {
		if f.path != c.beside {
			list = append(list, scan.CIFile{Path: f.path, Size: int64(len(f.text))})
		}
	}
	if c.missing != "" {
		list = append(list, scan.CIFile{Path: c.missing, Missing: true})
	}
	slices.SortFunc(list, func(a, b scan.CIFile) int { return strings.Compare(a.Path, b.Path) })
	return list
}

var ciLocalShapes = []ciLocals{
	{include: "  - local: /ci/jobs.yml", files: []plantedFile{{"ci/jobs.yml", "lint:\n  stage: build\n  script:\n    - make lint\n"}}},
	{include: "  - local: ci/more.yml", files: []plantedFile{ // which includes another
		{"ci/more.yml", "include: /ci/deep/base.yml\nlint:\n  script:\n    - make lint\n"},
		{"ci/deep/base.yml", "include:\n  - /ci/more.yml\n.base:\n  tags: [docker]\n  script:\n    - !reference [lint, script]\n"}}},
	{include: "  - local: '/ci/parts/*.yml'", beside: "ci/parts/README", files: []plantedFile{
		{"ci/parts/a.yml", "a:\n  script:\n    - make a\n"}, {"ci/parts/b.yml", "b:\n  script:\n    - make b\n"}, {"ci/parts/README", "jobs\n"}}},
	{include: "  - /ci/gone.yml", missing: "ci/gone.yml"},
}

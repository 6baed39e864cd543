package gitlabsim

import (
	"fmt"
	"slices"
	"strings"
)

// defaultCIPath is where GitLab looks for a CI/CD configuration unless told otherwise.
const defaultCIPath = ".gitlab-ci.yml"

// ciFilePath is the path of the project's own CI/CD configuration in its
// repository; "" where there is none, or where it lies elsewhere.
func (w *World) ciFilePath(p *Project) string {
	switch {
	case p.Empty:
		return ""
	case strings.Contains(p.CIConfigPath, "://"), strings.Contains(p.CIConfigPath, "@"):
		return ""
	case p.CIConfigPath != "":
		if w.draw(ofProject, p.index, "ci-path-dangles").chance(10) {
			return "" // the setting names a file that is not there
		}
		return p.CIConfigPath
	case w.cfg.Positive, w.draw(ofProject, p.index, "ci-file").chance(70):
		return defaultCIPath
	}
	return ""
}

// CIFile is the CI/CD configuration file of a project: its path in the
// repository and its text; both empty where the repository has none at the
// configured path.
func (w *World) CIFile(p Project) (path, text string) {
	if path = w.ciFilePath(&p); path == "" {
		return "", ""
	}
	return path, w.ciText(p)
}

// ciText writes a plausible configuration.
func (w *World) ciText(p Project) string {
	d := w.draw(ofProject, p.index, "ci-text")
	var b strings.Builder
	say := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	registry := "registry." + w.host
	if w.ciLocalShape(&p) >= 0 {
		say("include:")
		if d.again(1).chance(50) {
			say("  - project: %s/ci-templates\n    ref: main\n    file: /base.yml", w.groupPath(0))
		}
		if d.again(2).chance(40) {
			say("  - template: Jobs/SAST.gitlab-ci.yml")
		}
		if d.again(3).chance(15) {
			say("  - remote: https://raw.example.com/ci/common.yml")
		}
		say("%s", ciLocalShapes[w.ciLocalShape(&p)].include)
	}
	say("stages: [build, test, deploy]")
	if d.again(4).chance(40) {
		say("variables:\n  GIT_DEPTH: \"20\"\n  IMAGE: %s/%s:latest", registry, p.FullPath)
	}
	say("image: %s", pick(d.again(5), []string{"golang:1.24", "node:22", "maven:3-eclipse-temurin-21", registry + "/platform/ci/base:2"}))
	say("build:\n  stage: build\n  script:\n    - make build")
	if d.again(6).chance(45) {
		say("  tags: [%s]", pick(d.again(7), []string{"docker", "windows", "gpu", "shell-prod"}))
	}
	say("test:\n  stage: test\n  script:\n    - make test\n  artifacts:\n    expire_in: 1 week\n    paths: [out/]")
	if d.again(8).chance(30) {
		say("trigger downstream:\n  stage: deploy\n  trigger:\n    project: %s/deploy\n    strategy: depend", w.groupPath(0))
	}
	if d.again(9).chance(35) {
		say("deploy:\n  stage: deploy\n  environment: production\n  script:\n    - curl --fail https://%s/api/v4/projects/%d/packages", w.host, p.ID)
	}
	return b.String()
}

// file returns the text of a file in a project's repository.
func (w *World) file(p Project, path string) (string, bool) {
	if p.Empty {
		return "", false
	}
	if ci, text := w.CIFile(p); ci != "" && path == ci {
		return text, true
	}
	for _, f := range w.planted(&p) {
		if f.path == path {
			return f.text, true
		}
	}
	if path == "README.md" && w.draw(ofProject, p.index, "readme").chance(90) {
		return "# " + p.Name + "\n\n" + p.Description + "\n", true
	}
	if path != "README.md" && slices.Contains(w.Files(p), path) {
		return "see " + path + "\n", true
	}
	return "", false
}

// branchNames lists a project's branches by name, the default among them.
func (w *World) branchNames(p Project) []string {
	names := make([]string, 0, p.Branches)
	if p.Branches > 0 {
		names = append(names, p.DefaultBranch)
	}
	for k := int64(1); k < p.Branches; k++ {
		names = append(names, fmt.Sprintf("feature/%04d-%s", k, projectWords[(p.index+int(k))%len(projectWords)]))
	}
	return names
}

func tagName(k int) string { return fmt.Sprintf("v%d.%d.%d", 1+k/100, k/10%10, k%10) }

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
	case w.cfg.Positive, w.cfg.Sound && p.index == 0, w.draw(ofProject, p.index, "ci-file").chance(70):
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
	return path, w.ciConfig(&p).text
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

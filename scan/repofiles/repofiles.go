// Package repofiles draws facts out of files that lie at a repository's default
// branch: .lfsconfig, .gitmodules, .gitattributes and CODEOWNERS. Its functions
// are pure, take any text, and keep of an address the host and the path alone.
package repofiles

import (
	"net/url"
	"path"
	"slices"
	"strings"

	"readiness/scan"
)

// Paths of the files that are read.
const (
	LFSConfig     = ".lfsconfig"
	GitModules    = ".gitmodules"
	GitAttributes = ".gitattributes"
)

// CodeOwnersPaths are where GitLab looks for CODEOWNERS, the first one found
// counts. Source: https://docs.gitlab.com/user/project/codeowners/#codeowners-file
func CodeOwnersPaths() []string {
	return []string{"CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"}
}

// TextPaths are all files whose text is read.
func TextPaths() []string {
	return slices.Concat([]string{LFSConfig, GitModules, GitAttributes}, CodeOwnersPaths(), AddressPaths())
}

// GitHubWorkflows is the folder of GitHub's CI; of the others one file tells.
const GitHubWorkflows = ".github/workflows"

// OtherCIPaths are the files by which other CI systems are known, as their own
// documentation names them.
func OtherCIPaths() []string {
	return []string{"Jenkinsfile", "azure-pipelines.yml", "bitbucket-pipelines.yml", ".travis.yml", ".circleci/config.yml",
		".drone.yml", "appveyor.yml", ".appveyor.yml", ".woodpecker.yml", ".buildkite/pipeline.yml", "bamboo-specs/bamboo.yml",
		".teamcity/settings.kts", "buildspec.yml", "cloudbuild.yaml", ".cirrus.yml"}
}

// The folders of description templates, of which a file that ends in .md is one.
// Source: https://docs.gitlab.com/user/project/description_templates/
const (
	IssueTemplates = ".gitlab/issue_templates"
	MergeTemplates = ".gitlab/merge_request_templates"
)

// IsTemplate reports whether the file at a path is a description template.
func IsTemplate(file string) bool {
	folder := path.Dir(file)
	return (folder == IssueTemplates || folder == MergeTemplates) && strings.HasSuffix(file, ".md")
}

// LFSHosts lists the hosts at which an .lfsconfig lets Git LFS fetch and push,
// sorted; of an address without a host (a path, a remote's name) there is none.
// Source of the keys: https://github.com/git-lfs/git-lfs/blob/main/docs/man/git-lfs-config.adoc
func LFSHosts(text string) []string {
	hosts := []string{}
	for _, e := range gitConfig(text) {
		at := e.section == "lfs" && (e.key == "url" || e.key == "pushurl") ||
			e.section == "remote" && (e.key == "lfsurl" || e.key == "lfspushurl")
		if host, _, _ := address(e.value); at && host != "" {
			hosts = append(hosts, host)
		}
	}
	slices.Sort(hosts)
	return slices.Compact(hosts)
}

// Submodules lists the submodules that a .gitmodules names, in its order.
func Submodules(text string) []scan.Submodule {
	found := []scan.Submodule{}
	at := map[string]int{}
	for _, e := range gitConfig(text) {
		if e.section != "submodule" || e.name == "" {
			continue
		}
		i, known := at[e.name]
		if !known {
			i = len(found)
			at[e.name], found = i, append(found, scan.Submodule{Path: e.name})
		}
		switch e.key {
		case "path":
			found[i].Path = e.value
		case "url":
			found[i].Host, found[i].Target, found[i].Relative = address(e.value)
		}
	}
	return found
}

// LFSPatterns lists the patterns that a .gitattributes puts under Git LFS, in
// its order, each once.
func LFSPatterns(text string) []string {
	patterns := []string{}
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if len(words) < 2 || strings.HasPrefix(words[0], "#") {
			continue
		}
		if slices.Contains(words[1:], "filter=lfs") && !slices.Contains(patterns, words[0]) {
			patterns = append(patterns, words[0])
		}
	}
	return patterns
}

// Owners counts the different users, groups, roles and e-mail addresses that a
// CODEOWNERS file names.
func Owners(text string) int64 {
	owners := map[string]bool{}
	for line := range strings.Lines(text) {
		for i, word := range strings.Fields(line) {
			if strings.HasPrefix(word, "#") {
				break
			}
			if i == 0 && !strings.HasPrefix(word, "[") && !strings.HasPrefix(word, "^[") {
				continue // the pattern
			}
			if at := strings.IndexByte(word, '@'); at >= 0 && at < len(word)-1 && !strings.ContainsAny(word, "[]") {
				owners[strings.ToLower(word)] = true
			}
		}
	}
	return int64(len(owners))
}

// address takes apart what git accepts as one: a URL, host:path, or a path.
// Credentials and query are dropped.
func address(text string) (host, target string, relative bool) {
	if scheme, rest, ok := strings.Cut(text, "://"); ok {
		rest, _, _ = strings.Cut(rest, "?")
		rest, _, _ = strings.Cut(rest, "#")
		authority, way, _ := strings.Cut(rest, "/")
		if i := strings.LastIndexByte(authority, '@'); i >= 0 {
			authority = authority[i+1:]
		}
		u, err := url.Parse(scheme + "://" + authority)
		if err != nil {
			return "", "", false
		}
		return strings.ToLower(u.Host), plainPath(way), false
	}
	before, after, colon := strings.Cut(text, ":")
	switch {
	case strings.HasPrefix(text, "./"), strings.HasPrefix(text, "../"), text == ".", text == "..":
		return "", strings.TrimSuffix(path.Clean(text), ".git"), true
	case colon && before != "" && !strings.Contains(before, "/"):
		if i := strings.LastIndexByte(before, '@'); i >= 0 {
			before = before[i+1:]
		}
		return strings.ToLower(before), plainPath(after), false
	}
	return "", plainPath(text), false
}

// plainPath is a repository's path without what git lets people add. What
// stands before an @ may be credentials of an address that is no URL.
func plainPath(p string) string {
	if i := strings.LastIndexByte(p, '@'); i >= 0 {
		p = p[i+1:]
	}
	return strings.TrimSuffix(strings.Trim(p, "/"), ".git")
}

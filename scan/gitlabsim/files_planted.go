package gitlabsim

import (
	"fmt"
	"strings"

	"readiness/scan"
)

// RepoFiles is what the files of a repository that matter to a migration say.
type RepoFiles struct {
	LFSHosts    []string              // of .lfsconfig, sorted
	Submodules  []scan.Submodule      // of .gitmodules
	LFSPatterns []string              // of .gitattributes
	Addresses   []scan.PackageAddress // in settings of package managers
	CodeOwners  int64                 // size of CODEOWNERS in bytes
	Owners      int64                 // different owners in it
	CILocals    []scan.CIFile         // what the CI configuration includes from the repository, by path
	CIMentions  []scan.CIMention      // what it says
	Templates   int64                 // description templates of issues and merge requests
	OtherCI     []string              // paths of other CI systems' files, sorted; a folder for GitHub's
}

// RepoFiles is what lies in a project's repository besides its CI configuration.
func (w *World) RepoFiles(p Project) RepoFiles {
	_, facts := w.plant(&p)
	return facts
}

// plantedFile is a file with a text of its own.
type plantedFile struct{ path, text string }

func (w *World) planted(p *Project) []plantedFile {
	files, _ := w.plant(p)
	return files
}

// plant writes the files together with what they say.
func (w *World) plant(p *Project) (files []plantedFile, facts RepoFiles) {
	if p.Empty {
		return nil, facts
	}
	ci := w.ciConfig(p)
	facts.CILocals, facts.CIMentions = ci.locals, ci.mentions
	if w.cfg.Sound {
		files = ci.beside
		if f := plants[w.cfg.Plant].files; f != nil && p.index == 0 {
			files = append(files, f(w, &facts)...)
		}
		return files, facts
	}
	chance := func(d draw, percent float64) bool { return w.cfg.Positive || d.chance(percent) }
	d := func(what string) draw { return w.draw(ofProject, p.index, what) }
	put := func(path, format string, args ...any) {
		files = append(files, plantedFile{path, fmt.Sprintf(format, args...)})
	}
	if x := d("lfsconfig"); chance(x, 4) {
		host := pick(x.again(1), []string{"lfs.example.net", "artifacts.example.com:8443", w.host})
		facts.LFSHosts = []string{host}
		text := "[lfs]\n\turl = \"https://build:%s@%s/%s.git/info/lfs\"\n"
		if x.again(2).chance(30) {
			text = "# moved\n[remote \"origin\"]\n\tlfsurl = https://build:%s@%s/%s ; for a while\n"
		}
		put(".lfsconfig", text, w.Canary(), host, p.FullPath)
	}
	if x := d("gitmodules"); chance(x, 7) {
		facts.Submodules = w.submodules(p, x)
		var b strings.Builder
		for k, m := range facts.Submodules {
			fmt.Fprintf(&b, "[submodule \"%s\"]\n\tpath = %s\n\turl = %s\n", m.Path, m.Path, w.submoduleURL(m, x.again(20+k)))
		}
		put(".gitmodules", "%s", b.String())
	}
	if x := d("gitattributes"); p.Sizes.LFS > 0 || chance(x, 12) {
		text := "* text=auto\n*.sh eol=lf\n"
		if p.Sizes.LFS > 0 || w.cfg.Positive || x.again(1).chance(30) {
			facts.LFSPatterns = []string{"*.psd", "assets/**"}[:1+x.again(2).below(2)]
			for _, pattern := range facts.LFSPatterns {
				text += pattern + " filter=lfs diff=lfs merge=lfs -text\n"
			}
		}
		put(".gitattributes", "%s", text)
	}
	configured := false // in GitLab's folder
	if x := d("codeowners"); chance(x, 14) {
		text := "# Who reviews what\n"
		for k := range 1 + x.again(1).below(4) {
			text += fmt.Sprintf("/part%d/ @owner-%d @%s/team-%d\n", k, k, p.Path, k)
			facts.Owners += 2
		}
		text += "[Docs]\n*.md @owner-0 docs@example.com\n"
		facts.Owners++
		facts.CodeOwners = int64(len(text))
		path := pick(x.again(2), []string{"CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"})
		put(path, "%s", text)
		configured = strings.HasPrefix(path, ".gitlab/")
	}
	files = append(files, ci.beside...)
	if x := d("packages"); chance(x, 8) {
		address := func(file string, line int, kind scan.AddressKind, value string) {
			facts.Addresses = append(facts.Addresses, scan.PackageAddress{File: file, Line: line, Kind: kind, Value: value})
		}
		switch pick(x.again(1), []string{"npm", "maven", "variable"}) {
		case "npm":
			put(".npmrc", "@%s:registry=https://%s/api/v4/packages/npm/\n//%s/api/v4/projects/%d/packages/npm/:_authToken=%s\n", w.groupPath(0), w.host, w.host, p.ID, w.Canary())
			address(".npmrc", 1, scan.AddressScope, "@"+w.groupPath(0))
			address(".npmrc", 1, scan.AddressHost, bare(w.host))
			address(".npmrc", 2, scan.AddressEndpoint, fmt.Sprintf("projects/%d/packages/npm", p.ID))
		case "maven":
			put("ci_settings.xml", "<settings>\n<url>https://ci:%s@%s/api/v4/groups/%s/-/packages/maven</url>\n</settings>\n", w.Canary(), w.host, w.groupPath(0))
			address("ci_settings.xml", 2, scan.AddressEndpoint, "groups/"+w.groupPath(0)+"/-/packages/maven")
		case "variable":
			put("pip.conf", "[global]\nindex-url = ${CI_API_V4_URL}/projects/${CI_PROJECT_ID}/packages/pypi/simple\n")
		}
	}
	if x := d("description-templates"); w.cfg.Positive || configured && x.chance(80) {
		for k := range 1 + x.again(1).below(3) {
			put(fmt.Sprintf(".gitlab/issue_templates/kind-%d.md", k), "## What happened\n")
			facts.Templates++
		}
		if x.again(2).chance(60) {
			put(".gitlab/merge_request_templates/Default.md", "## Why\n")
			put(".gitlab/merge_request_templates/old/Default.md", "## Why, once\n") // GitLab looks in no folder below
			put(".gitlab/merge_request_templates/notes.txt", "not a template\n")
			facts.Templates++
		}
	}
	if x := d("other-ci"); chance(x, 9) {
		path := pick(x.again(1), []string{"Jenkinsfile", ".travis.yml", ".circleci/config.yml", "azure-pipelines.yml", ".github/workflows/build.yml"})
		put(path, "# builds %s\n", p.Name)
		if strings.HasPrefix(path, ".github/") {
			path = ".github/workflows"
		}
		facts.OtherCI = []string{path}
	}
	return files, facts
}

// submodules draws some of the shapes that submodules have.
func (w *World) submodules(p *Project, x draw) []scan.Submodule {
	shapes := []scan.Submodule{
		{Path: "vendor/common", Target: "../common", Relative: true},
		{Path: "vendor/tools", Host: w.host, Target: w.groupPath(0) + "/tools"},
		{Path: "third-party/zlib", Host: "github.com", Target: "madler/zlib"},
		{Path: "vendor/legacy", Host: "git.example.net", Target: "legacy/lib"},
	}
	from := x.again(1).below(len(shapes))
	return shapes[from : from+1+x.again(2).below(len(shapes)-from)]
}

// submoduleURL writes a submodule's address in one of the ways git knows.
func (w *World) submoduleURL(m scan.Submodule, x draw) string {
	switch {
	case m.Relative:
		return m.Target + ".git"
	case x.chance(40):
		return "git@" + m.Host + ":" + m.Target + ".git"
	case x.again(1).chance(50):
		return "https://deploy:" + w.Canary() + "@" + m.Host + "/" + m.Target + ".git"
	}
	return "https://" + m.Host + "/" + m.Target
}

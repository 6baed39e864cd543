package gitlabsim

import (
	"math"
	"slices"
	"strings"
)

// Language is a programming language of a repository and its share of it in
// percent, as GitLab has detected it.
type Language struct {
	Name  string
	Share float64
}

// languageKinds are the languages of the world with the extension of their
// files and the colour that GitLab shows them in.
var languageKinds = []struct{ name, extension, color string }{
	{"Go", "go", "#00ADD8"}, {"Java", "java", "#b07219"}, {"Python", "py", "#3572A5"}, {"TypeScript", "ts", "#3178c6"},
	{"Ruby", "rb", "#701516"}, {"C++", "cpp", "#f34b7d"}, {"HCL", "tf", "#844FBA"}, {"Shell", "sh", "#89e051"},
}

// languages draws the kinds of language a repository holds and the number of
// files of each.
func (w *World) languages(p *Project) (kinds, files []int) {
	if p.Empty {
		return nil, nil
	}
	d := w.draw(ofProject, p.index, "languages")
	n := 1 + d.few(40, 3)
	if d.again(99).chance(6) {
		n = 0 // documents only
	}
	for k := range n {
		if kind := d.again(k).below(len(languageKinds)); !contains(kinds, kind) {
			kinds = append(kinds, kind)
			files = append(files, int(1+min(400, d.again(10+k).count(9, 1.2))))
		}
	}
	return kinds, files
}

// Languages lists the programming languages of a project's repository, the
// largest share first; the shares add up to 100.
func (w *World) Languages(p Project) []Language {
	kinds, files := w.languages(&p)
	sum := 0
	for _, n := range files {
		sum += n
	}
	found := make([]Language, len(kinds))
	for i, kind := range kinds {
		found[i] = Language{languageKinds[kind].name, math.Round(1e4*float64(files[i])/float64(sum)) / 100}
	}
	slices.SortStableFunc(found, func(a, b Language) int { return int(math.Copysign(1, b.Share-a.Share)) })
	return found
}

func languageColor(name string) any {
	for _, kind := range languageKinds {
		if kind.name == name {
			return kind.color
		}
	}
	return nil
}

// Files lists the paths of the files on the default branch of a project's
// repository, ascending.
func (w *World) Files(p Project) []string {
	if p.Empty {
		return nil
	}
	var paths []string
	if w.draw(ofProject, p.index, "readme").chance(90) {
		paths = append(paths, "README.md")
	}
	if ci := w.ciFilePath(&p); ci != "" {
		paths = append(paths, ci)
	}
	for _, f := range w.planted(&p) {
		paths = append(paths, f.path)
	}
	d := w.draw(ofProject, p.index, "files")
	for k, name := range []string{".gitignore", "Makefile", "Dockerfile", "docs/index.md", "LICENSE"} {
		if d.again(k).chance(60) {
			paths = append(paths, name)
		}
	}
	kinds, files := w.languages(&p)
	for i, kind := range kinds {
		for k := range files[i] {
			word := projectWords[(p.index+k)%len(projectWords)]
			paths = append(paths, "src/"+word+"/"+word+"_"+hexadecimal(k)+"."+languageKinds[kind].extension)
		}
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}

func hexadecimal(k int) string {
	return string([]byte{"0123456789abcdef"[k>>8&15], "0123456789abcdef"[k>>4&15], "0123456789abcdef"[k&15]})
}

// treeEntry is one entry of a folder: a folder or a file.
type treeEntry struct {
	path   string
	folder bool
}

func (e treeEntry) name() string { return e.path[strings.LastIndexByte(e.path, '/')+1:] }

// tree lists the folders and the files below a folder ("" for the root), with
// those of its subfolders where recursive.
func (w *World) tree(p Project, below string, recursive bool) (folders, files []treeEntry) {
	if below = strings.Trim(below, "/"); below != "" {
		below += "/"
	}
	for _, path := range w.Files(p) {
		rest, ok := strings.CutPrefix(path, below)
		if !ok {
			continue
		}
		for at := strings.IndexByte(rest, '/'); at >= 0; {
			if folder := (treeEntry{below + rest[:at], true}); !contains(folders, folder) {
				folders = append(folders, folder)
			}
			next := strings.IndexByte(rest[at+1:], '/')
			if next < 0 || !recursive {
				break
			}
			at += 1 + next
		}
		if recursive || !strings.Contains(rest, "/") {
			files = append(files, treeEntry{path, false})
		}
	}
	return folders, files
}

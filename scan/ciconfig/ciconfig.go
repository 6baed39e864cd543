// Package ciconfig reads GitLab's CI/CD configuration files into facts: what a
// pipeline includes, runs in, and points at, with file and line. It resolves
// anchors, extends, !reference, inputs and local includes as GitLab does, and
// takes any text: what cannot be read is a mention of kind scan.CIProblem.
//
// Its functions are pure. Files come from their caller, one round of local
// includes after another: Wanted names those still missing, Read draws the facts.
package ciconfig

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"readiness/scan"
)

// Limits on what is read of one configuration. GitLab refuses less: 150 included
// files and a depth of 100 by default, and files over some megabytes.
// Source: https://docs.gitlab.com/administration/instance_limits/#limit-includes-for-cicd-configuration-files
const (
	MaxFile     = 2 << 20 // bytes of one file
	MaxText     = 8 << 20 // bytes of all files of a configuration
	maxFiles    = 150     // each as often as it is included
	maxDepth    = 100     // of nesting in a file
	maxNodes    = 200_000 // of a configuration, with anchors and includes resolved
	maxMentions = 1_000
	maxValue    = 200 // bytes of a mention's value
)

// File is one file of the configuration as far as it could be read.
type File struct {
	Text    string
	Size    int64     // in bytes, of a file larger than MaxFile, whose text is not given
	Missing bool      // there is no such file in the repository
	Gap     *scan.Gap // why the text could not be read; nil: it was
}

// About is what the reader has to know of the project and its instance.
type About struct {
	Project  string // full path of the project
	Host     string // of the instance, as in its URL
	OwnHost  string // by which the instance calls itself, where that is another; "": not known
	Registry string // host of the container registry; "": none, or not known
	Pages    string // domain of GitLab Pages; "": none, or not known
}

// Config is what was drawn from a configuration. The zero Config is that of a
// project without one.
type Config struct {
	Files    []string // paths of the files read, the root first
	Jobs     []Job    // those that run, in the order of the merged configuration, without those of child pipelines
	Mentions scan.Listing[scan.CIMention]
}

// Job is a job as it stands when anchors, extends and references are resolved.
type Job struct {
	Name  string
	Image string // "": the runner's own
}

// Wanted returns the paths and the wildcard patterns of local files that the
// files read so far include and that are not among them, sorted. files is by
// path; root is the path of the configuration.
func Wanted(root string, files map[string]File) (paths, patterns []string) {
	including := false // without the word nothing is included
	for _, f := range files {
		including = including || strings.Contains(f.Text, "include")
	}
	if !including {
		return nil, nil
	}
	r := reader{files: files}
	r.pipelines(root)
	for _, include := range r.locals {
		if isPattern(include) {
			patterns = append(patterns, include)
		} else if _, known := files[include]; !known {
			paths = append(paths, include)
		}
	}
	slices.Sort(paths)
	slices.Sort(patterns)
	return slices.Compact(paths), slices.Compact(patterns)
}

// Read draws the facts from the configuration whose root and local includes are
// in files. A local include that is not there is a mention; one that could not
// be read cuts the list of mentions with its gap.
func Read(root string, files map[string]File, about About) Config {
	if f, known := files[root]; !known || f.Missing {
		return Config{Mentions: scan.Listed([]scan.CIMention{})}
	}
	r := reader{files: files, about: about, lines: map[string][]string{}, seen: map[scan.CIMention]bool{}}
	jobs := r.pipelines(root)
	if r.nodes > maxNodes {
		r.unread(root, "anchors, includes and references unfold to more than is read")
	}
	r.scanText()
	slices.SortStableFunc(r.mentions, func(a, b scan.CIMention) int {
		return cmp.Or(cmp.Compare(slices.Index(r.order, a.File), slices.Index(r.order, b.File)), cmp.Compare(a.Line, b.Line),
			cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Value, b.Value))
	})
	c := Config{Files: r.order}
	for _, j := range jobs {
		c.Jobs = append(c.Jobs, Job{Name: j.name, Image: imageName(j.get("image"))})
	}
	if r.gap != nil {
		c.Mentions = scan.Cut(r.mentions, *r.gap)
	} else {
		c.Mentions = scan.Listed(r.mentions)
	}
	return c
}

// pipelines goes through the configuration and those of the child pipelines that
// it starts from files of the repository, and returns its own jobs.
func (r *reader) pipelines(root string) (own []job) {
	queue := []string{root}
	for at := 0; at < len(queue) && at < maxFiles; at++ {
		config := r.open(queue[at])
		jobs := r.jobs(config)
		if at == 0 {
			own = jobs
		}
		r.describe(config, jobs)
		for _, j := range jobs {
			for _, child := range r.children(j) {
				if !slices.Contains(queue, child) {
					queue = append(queue, child)
				}
			}
		}
	}
	return own
}

// Elsewhere is the mention of a configuration that a project keeps outside its
// repository, in another project (path@group/project:ref) or at a URL, and whether
// the setting of its path names one.
// Source: https://docs.gitlab.com/ci/pipelines/settings/#specify-a-custom-cicd-configuration-file
func Elsewhere(setting string, about About) (m scan.CIMention, is bool) {
	m = scan.CIMention{Kind: scan.CIConfigElsewhere}
	if strings.Contains(setting, "://") {
		host, rest := hostAndPath(setting)
		r := reader{about: about}
		m.Value, m.Own = clip(host+rest), r.own(host)
		return m, true
	}
	file, project, found := strings.Cut(setting, "@")
	if !found {
		return m, false
	}
	project, _, _ = strings.Cut(project, ":") // the ref
	m.Value, m.Own = clip(file+"@"+strings.Trim(project, "/")), true
	return m, true
}

// reader draws the facts of one configuration.
type reader struct {
	files map[string]File
	about About

	nodes    int      // made so far, of maxNodes
	opened   int      // files, each as often as it is included, of maxFiles
	order    []string // files opened, in that order
	locals   []string // local includes seen, paths and patterns
	lines    map[string][]string
	tops     map[string][]top // where the keys of a file begin
	mentions []scan.CIMention
	seen     map[scan.CIMention]bool
	named    map[string]bool // foreign hosts and, with a $ before them, variables that were mentioned
	gap      *scan.Gap
}

// mention notes one thing at one place, once: by the first job that has it.
func (r *reader) mention(m scan.CIMention) {
	m.Value = clip(m.Value)
	m.Job = clip(m.Job)
	at := m
	at.Job = ""
	if m.Value == "" || r.seen == nil || r.seen[at] {
		return
	}
	if len(r.mentions) >= maxMentions {
		r.cut("none: the configuration mentions more than this version keeps")
		return
	}
	r.seen[at] = true
	r.mentions = append(r.mentions, m)
}

// cut notes that there may be more than what is mentioned, and the cure.
func (r *reader) cut(cure string) {
	if r.gap == nil {
		r.gap = &scan.Gap{Reason: scan.ReasonTruncated, Endpoint: scan.ReadFiles, Cure: cure}
	}
}

// unread notes that a file could not be read to its end, so that it may mention more.
func (r *reader) unread(file string, words string) {
	r.problem(file, 0, words)
	r.cut("look at the configuration yourself: it is beyond what is read of one")
}

// problem notes that something in a file could not be read.
func (r *reader) problem(file string, line int, words string) {
	r.mention(scan.CIMention{Kind: scan.CIProblem, File: file, Line: line, Value: words})
}

// clip shortens a value to at most maxValue bytes of valid UTF-8.
func clip(s string) string {
	if len(s) > 4*maxValue {
		s = s[:4*maxValue]
	}
	s = strings.ToValidUTF8(s, "\uFFFD")
	for i := range s {
		if i > maxValue-utf8.UTFMax {
			return s[:i]
		}
	}
	return s
}

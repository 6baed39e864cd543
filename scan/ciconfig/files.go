package ciconfig

import (
	"errors"
	"io"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"readiness/scan"
)

// open reads the root and everything that it includes from the same repository,
// merged. It notes the includes on the way.
func (r *reader) open(root string) *node {
	return r.file(root, nil, nil)
}

// file reads one file: what it includes first, itself over that. under are the
// files being read, given the inputs that the includer gives.
func (r *reader) file(name string, given *node, under []string) *node {
	f, known := r.files[name]
	switch {
	case !known, f.Missing:
		return nil
	case f.Gap != nil:
		if r.gap == nil {
			r.gap = f.Gap
		}
		return nil
	case f.Size > MaxFile:
		r.order = append(r.order, name)
		r.unread(name, "the file is larger than 2 MiB and was not read")
		return nil
	case slices.Contains(under, name):
		r.problem(name, 1, "the file includes itself")
		return nil
	case r.opened >= maxFiles:
		r.unread(name, "more files are included than GitLab allows ("+strconv.Itoa(maxFiles)+")")
		return nil
	}
	r.opened++
	if !slices.Contains(r.order, name) {
		r.order = append(r.order, name)
	}
	own := r.parse(name, f.Text, given)
	if own == nil {
		return nil
	}
	var merged *node
	for _, i := range r.includes(own.get("include").each(), "include") {
		for _, target := range i.files {
			merged = r.deepMerge(merged, r.file(target, i.inputs, append(under, name)))
		}
	}
	return r.deepMerge(merged, own)
}

// place finds the line in an error of the parser.
var place = regexp.MustCompile(`line (\d+):\s*(.*)`)

// parse reads the text of a file: a mapping, or a header with inputs and one.
func (r *reader) parse(name, text string, given *node) *node {
	switch {
	case len(text) > MaxFile:
		r.unread(name, "the file is larger than 2 MiB and was not read")
		return nil
	case depthOf(text) > 4*maxDepth:
		r.unread(name, "the file is nested deeper than GitLab reads")
		return nil
	case pieces(text) > maxNodes:
		r.unread(name, "the file holds more than is read")
		return nil
	}
	if r.lines != nil {
		r.lines[name] = strings.Split(text, "\n")
	}
	var documents []*yaml.Node
	decoder := yaml.NewDecoder(strings.NewReader(text))
	for len(documents) < 3 {
		var d yaml.Node
		err := decoder.Decode(&d)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			line, words := 0, "this is no valid YAML"
			if m := place.FindStringSubmatch(err.Error()); m != nil {
				line, _ = strconv.Atoi(m[1])
				words += ": " + m[2]
			}
			r.problem(name, line, words)
			return nil
		}
		if len(d.Content) > 0 {
			documents = append(documents, d.Content[0])
		}
	}
	if len(documents) == 0 {
		return nil // an empty file
	}
	inputs := map[string]*node{}
	body := documents[0]
	if len(documents) > 1 {
		header := r.convert(documents[0], name, nil, nil, 0)
		inputs = inputsOf(header.get("spec"), given)
		body = documents[1]
	}
	n := r.convert(body, name, inputs, nil, 0)
	if n.kind != mapping {
		if !n.null {
			r.problem(name, n.line, "the file holds no mapping of jobs and keywords")
		}
		return nil
	}
	r.place(name, body)
	return n
}

// pieces bounds from above how many values a text holds: the parser would make
// all of them.
func pieces(text string) (n int) {
	for i := range len(text) {
		switch text[i] {
		case '\n', ',', '[', '{':
			n++
		case ':', '-', '?':
			if i+1 < len(text) && (text[i+1] == ' ' || text[i+1] == '\t') {
				n++
			}
		}
	}
	return n
}

// depthOf bounds how deep a text in flow style is nested: the parser itself
// would follow it down.
func depthOf(text string) int {
	deep, most := 0, 0
	for i := range len(text) {
		switch text[i] {
		case '[', '{':
			deep++
			most = max(most, deep)
		case ']', '}':
			deep = max(deep-1, 0)
		case '\n':
			if i+1 < len(text) && text[i+1] != ' ' && text[i+1] != '\t' && text[i+1] != ']' && text[i+1] != '}' && text[i+1] != '[' && text[i+1] != '{' && text[i+1] != '\n' {
				deep = 0 // a new key of the outermost mapping
			}
		}
	}
	return most
}

// included is a local include with the files it stands for.
type included struct {
	files  []string
	inputs *node
}

// includes notes what a job, or the keyword of that name, includes and returns the
// local part of it.
func (r *reader) includes(entries []*node, job string) []included {
	var local []included
	for _, e := range entries {
		m := scan.CIMention{File: e.file, Line: e.line, Job: job}
		note := func(kind scan.CIKind, v *node) {
			m.Kind, m.Value, m.Open = kind, v.str(), undecided(v.str())
			m.Line = v.line
			r.mention(m)
		}
		switch {
		case e.kind == scalar && !e.null:
			if strings.Contains(e.text, "://") {
				r.remote(e, job)
			} else {
				local = append(local, r.local(e, nil, job))
			}
		case e.get("local") != nil:
			local = append(local, r.local(e.get("local"), e.get("inputs"), job))
		case e.get("project") != nil:
			project := e.get("project")
			m.Own = true
			m.Kind, m.Value, m.Open, m.Line = scan.CIIncludeProject, strings.Trim(project.str(), "/"), undecided(project.str()), project.line
			r.mention(m)
		case e.get("remote") != nil:
			r.remote(e.get("remote"), job)
		case e.get("template") != nil:
			note(scan.CIIncludeTemplate, e.get("template"))
			if scans(e.get("template").str()) {
				note(scan.CIScanner, e.get("template"))
			}
		case e.get("component") != nil:
			v := e.get("component")
			host, _, _ := strings.Cut(v.str(), "/")
			m.Own = r.own(host) || strings.Contains(host, "CI_SERVER_")
			note(scan.CIIncludeComponent, v)
		case e.get("artifact") != nil, e.kind != mapping:
		default:
			r.problem(e.file, e.line, "an include that names no file")
		}
	}
	return local
}

// scans reports whether a template of GitLab's runs security scanners.
// Source: lib/gitlab/ci/templates at 18.9.
func scans(template string) bool {
	if strings.HasPrefix(template, "Security/") || strings.HasPrefix(template, "Auto-DevOps.") {
		return true
	}
	name, isJob := strings.CutPrefix(template, "Jobs/")
	return isJob && slices.ContainsFunc([]string{"SAST", "Secret-Detection", "Dependency-Scanning", "Container-Scanning", "Multi-Container-Scanning", "DAST", "License-Scanning"},
		func(s string) bool { return strings.HasPrefix(name, s) })
}

// local notes an include of the same repository.
func (r *reader) local(v, inputs *node, job string) included {
	m := scan.CIMention{Kind: scan.CIIncludeLocal, File: v.file, Line: v.line, Value: v.str(), Job: job, Open: undecided(v.str())}
	r.mention(m)
	name := strings.TrimPrefix(path.Clean("/"+v.str()), "/")
	if m.Open || name == "" {
		return included{}
	}
	r.locals = append(r.locals, name)
	if !isPattern(name) {
		if f, known := r.files[name]; known && f.Missing {
			r.problem(v.file, v.line, "the included file "+clip(name)+" is not in the repository")
		}
		return included{[]string{name}, inputs}
	}
	var files []string
	for f := range r.files {
		if Match(name, f) && !r.files[f].Missing {
			files = append(files, f)
		}
	}
	slices.Sort(files)
	return included{files, inputs}
}

// remote notes an include by address.
func (r *reader) remote(v *node, job string) {
	host, rest := hostAndPath(v.str())
	r.mention(scan.CIMention{Kind: scan.CIIncludeRemote, File: v.file, Line: v.line, Value: host + rest, Job: job, Own: r.own(host), Open: undecided(host + rest)})
}

// isPattern reports whether a local include has wildcards.
func isPattern(name string) bool { return strings.Contains(name, "*") }

// Folder is where the files of a local include with wildcards lie: what stands
// before the first part that has one. glob is false where there is none.
func Folder(name string) (folder string, glob bool) {
	i := strings.IndexByte(name, '*')
	if i < 0 {
		return "", false
	}
	return strings.TrimRight(name[:strings.LastIndexByte(name[:i], '/')+1], "/"), true
}

// Match reports whether a path answers a pattern of include:local: * is anything
// but a slash, ** anything, **/ any folders or none.
// Source: https://docs.gitlab.com/ci/yaml/includes/#use-includelocal-with-wildcard-file-paths,
// app/models/repository.rb (search_files_by_wildcard_path) at 18.9.
func Match(pattern, name string) bool {
	var b strings.Builder
	b.WriteString("^")
	for i := 0; i < len(pattern); i++ {
		switch {
		case strings.HasPrefix(pattern[i:], "**/"):
			b.WriteString("(?:.*/)?")
			i += 2
		case strings.HasPrefix(pattern[i:], "**"):
			b.WriteString(".*")
			i++
		case pattern[i] == '*':
			b.WriteString("[^/]*")
		default:
			b.WriteString(regexp.QuoteMeta(pattern[i : i+1]))
		}
	}
	re, err := regexp.Compile(b.String() + "$")
	return err == nil && re.MatchString(name)
}

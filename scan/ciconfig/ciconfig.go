// Package ciconfig reads GitLab's CI/CD configuration files into facts: what a
// pipeline includes, runs in, and points at, with file and line. It resolves
// anchors, extends, !reference and local includes as GitLab does, and takes any
// text: what cannot be read is a mention of kind scan.CIProblem.
//
// Its functions are pure. Files come from their caller, one round of local
// includes after another: Wanted names those still missing, Read draws the facts.
package ciconfig

import "readiness/scan"

// File is one file of the configuration as far as it could be read.
type File struct {
	Text    string
	Missing bool      // there is no such file in the repository
	Gap     *scan.Gap // why the text could not be read; nil: it was
}

// About is what the reader has to know of the project and its instance.
type About struct {
	Project  string // full path of the project
	Host     string // of the instance, as in its URL, with a port if it has one
	Registry string // host of the container registry; "": none, or not known
	Pages    string // domain of GitLab Pages; "": none, or not known
}

// Config is what was drawn from a configuration. The zero Config is that of a
// project without one.
type Config struct {
	Files    []string // paths of the files read, the root first
	Jobs     []Job    // those that run, in the order of the merged configuration
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
func Wanted(root string, files map[string]File) (paths, patterns []string) { return nil, nil }

// Read draws the facts from the configuration whose root and local includes are
// in files. A local include that is not there is a mention; one that could not
// be read cuts the list of mentions with its gap.
func Read(root string, files map[string]File, about About) Config { return Config{} }

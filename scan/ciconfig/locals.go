// Package ciconfig reads CI/CD configurations.
package ciconfig

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml"
)

// maxText is the largest configuration that is read, in bytes. GitLab's own
// limit is 2 MiB, source: https://docs.gitlab.com/administration/instance_limits/#maximum-size-and-depth-of-cicd-configuration-yaml-files
const maxText = 2 << 20

// Locals lists what a configuration includes from its own repository, in its
// order and without a leading slash. A path may hold wildcards, see Match; one
// that holds a variable is left out: only a pipeline knows its value. The error
// says that the text is no YAML; GitLab then runs nothing of it.
func Locals(text string) ([]string, error) {
	if len(text) > maxText {
		return nil, fmt.Errorf("larger than %d MiB", maxText>>20)
	}
	var paths []string
	docs := yaml.NewDecoder(bytes.NewReader([]byte(text)))
	for { // a header that describes inputs comes as a document of its own
		var doc struct {
			Include any `yaml:"include"`
		}
		err := docs.Decode(&doc)
		if errors.Is(err, io.EOF) {
			return paths, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read YAML: %.200s", strings.SplitN(err.Error(), "\n", 2)[0])
		}
		paths = append(paths, locals(doc.Include)...)
	}
}

func locals(include any) []string {
	switch v := include.(type) {
	case string:
		if !strings.Contains(v, "://") {
			return plain(v)
		}
	case []any:
		var all []string
		for _, one := range v {
			all = append(all, locals(one)...)
		}
		return all
	case map[string]any:
		if path, ok := v["local"].(string); ok {
			return plain(path)
		}
	}
	return nil
}

func plain(path string) []string {
	path = strings.TrimLeft(strings.TrimSpace(path), "/")
	if path == "" || strings.ContainsAny(path, "$\n") {
		return nil
	}
	return []string{path}
}

// Folder is where the files of a path with wildcards lie: what stands before
// the first part that has one. glob is false where there is none.
func Folder(path string) (folder string, glob bool) {
	i := strings.IndexByte(path, '*')
	if i < 0 {
		return "", false
	}
	return strings.TrimRight(path[:strings.LastIndexByte(path[:i], '/')+1], "/"), true
}

// Match reports whether a file is one of those that a path with wildcards names:
// * stands for anything within a folder's name or a file's, ** for anything.
// Source: https://docs.gitlab.com/ci/yaml/includes/#use-includelocal-with-wildcard-file-paths
func Match(pattern, file string) bool {
	var b strings.Builder
	b.WriteString("^")
	for i := 0; i < len(pattern); i++ {
		switch {
		case strings.HasPrefix(pattern[i:], "**"):
			b.WriteString(".*")
			i++
		case pattern[i] == '*':
			b.WriteString("[^/]*")
		default:
			b.WriteString(regexp.QuoteMeta(pattern[i : i+1]))
		}
	}
	ok, err := regexp.MatchString(b.String()+"$", file)
	return err == nil && ok
}

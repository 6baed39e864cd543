package main

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// maxProjectList is far above a list of 100,000 projects.
const maxProjectList = 32 << 20

// readProjectList reads a list of projects: text with one full path or id a
// line, where # begins a comment, or a CSV file with a header, of which it takes
// the column that names the project. source is the base URL of the instance that
// URLs in the file must be of. Problems name the line.
func readProjectList(name, source string) ([]string, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, usagef("--projects: %w", err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxProjectList+1))
	switch {
	case err != nil:
		return nil, usagef("--projects: read %s: %w", name, err)
	case len(b) > maxProjectList:
		return nil, usagef("--projects: %s is larger than %d MiB: is it a list of projects?", name, maxProjectList>>20)
	}
	list, err := parseProjectList(b, source)
	if err != nil {
		return nil, usagef("--projects: %s: %w", name, err)
	}
	return list, nil
}

// parseProjectList returns the projects named in a list, sorted, each once.
func parseProjectList(b []byte, source string) ([]string, error) {
	b = bytes.TrimPrefix(b, []byte("\ufeff")) // as spreadsheets write it
	names, err := plainList(b, source)
	if heads := isTable(b); heads {
		names, err = tableList(b, source)
	}
	switch {
	case err != nil:
		return nil, err
	case len(names) == 0:
		return nil, errors.New("it names no project: write one full path or id a line")
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// isTable reports whether the first line that says something has columns.
func isTable(b []byte) bool {
	for line := range bytes.Lines(b) {
		if line = bytes.TrimSpace(line); len(line) > 0 && line[0] != '#' {
			return bytes.ContainsRune(line, ',') || bytes.ContainsRune(line, ';') || column(string(line)) != ""
		}
	}
	return false
}

func plainList(b []byte, source string) ([]string, error) {
	var names []string
	lines := bufio.NewScanner(bytes.NewReader(b))
	for n := 1; lines.Scan(); n++ {
		text, _, _ := strings.Cut(lines.Text(), "#")
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		name, err := projectName(text, source)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		names = append(names, name)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("a line is too long: %w", err)
	}
	return names, nil
}

// Columns that name a project, as this program's plan and Congregate's
// spreadsheets head them, the surest first. Congregate's are those of its
// stage-wave templates: https://gitlab.com/gitlab-org/professional-services-automation/tools/migration/congregate
var projectColumns = []string{"sourceprojectid", "projectid", "id", "path", "fullpath", "pathwithnamespace", "projectpath",
	"sourcehttpurltorepo", "httpurltorepo", "sourceurl", "repourl", "weburl"}

// column is a heading without what people write differently.
func column(heading string) string {
	key := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, heading)
	if slices.Contains(projectColumns, key) {
		return key
	}
	return ""
}

func tableList(b []byte, source string) ([]string, error) {
	r := csv.NewReader(bytes.NewReader(b))
	r.Comment, r.TrimLeadingSpace = '#', true
	if first, _, _ := bytes.Cut(b, []byte("\n")); bytes.Count(first, []byte(";")) > bytes.Count(first, []byte(",")) {
		r.Comma = ';'
	}
	heads, err := r.Read()
	if err != nil {
		return nil, tableError(err)
	}
	at := map[string]int{}
	for i, h := range heads {
		if key := column(h); key != "" {
			at[key] = i
		}
	}
	if len(at) == 0 {
		line, _ := r.FieldPos(0)
		return nil, fmt.Errorf("line %d: none of its columns names a project: head one path, id, Source Project ID or Source http_url_to_repo", line)
	}
	var names []string
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return names, nil
		}
		if err != nil {
			return nil, tableError(err)
		}
		line, _ := r.FieldPos(0)
		text := ""
		for _, key := range projectColumns {
			if i, ok := at[key]; ok && text == "" {
				text = strings.TrimSpace(row[i])
			}
		}
		name, err := projectName(text, source)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
		names = append(names, name)
	}
}

func tableError(err error) error {
	var bad *csv.ParseError
	if errors.As(err, &bad) {
		return fmt.Errorf("line %d: %w", bad.Line, bad.Err)
	}
	return err
}

// GitLab's paths: letters of any script are not among them, source:
// https://docs.gitlab.com/user/reserved_names/#rules-for-usernames-project-and-group-names-and-slugs
var (
	fullPath = regexp.MustCompile(`^[A-Za-z0-9_.][A-Za-z0-9_.-]*(/[A-Za-z0-9_.][A-Za-z0-9_.-]*)+$`)
	number   = regexp.MustCompile(`^[1-9][0-9]{0,17}$`)
)

// dots reports whether a part of a path leads elsewhere.
func dots(part string) bool { return part == "." || part == ".." }

// projectName is the full path or id in one entry of a list.
func projectName(text, source string) (string, error) {
	name := text
	if strings.Contains(text, "://") {
		u, err := url.Parse(text)
		if err != nil || u.Host == "" {
			return "", fmt.Errorf("%.100q is no URL", text)
		}
		base, err := url.Parse(source)
		if err != nil || !strings.EqualFold(u.Host, base.Host) {
			return "", fmt.Errorf("%.100q is on another host than %s: give full paths or ids", u.Redacted(), source)
		}
		name = strings.TrimPrefix(u.Path, strings.TrimRight(base.Path, "/"))
		name = strings.TrimSuffix(strings.Trim(name, "/"), ".git")
	}
	name = strings.Trim(name, "/")
	switch {
	case text == "":
		return "", errors.New("it names no project")
	case !number.MatchString(name) && (!fullPath.MatchString(name) || slices.ContainsFunc(strings.Split(name, "/"), dots)):
		return "", fmt.Errorf("%.100q is neither a full path, as in group/project, nor an id", text)
	}
	return name, nil
}

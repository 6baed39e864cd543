package main

import (
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"strings"

	"readiness/checks"
	"readiness/report"
	"readiness/report/issues"
	"readiness/report/workbook"
	"readiness/scan"
)

// splitByGroup is the only way to split a report.
const splitByGroup = "group"

// heldProjects is how many projects are in memory while a report is split.
const heldProjects = 10_000

// personalFolder holds the report on the personal namespaces.
const personalFolder = "personal-namespaces"

// plainName is a name that can be a folder's anywhere, unless it is a deviceName.
// GitLab's own paths are of these letters, and may also begin with a dot, source:
// lib/gitlab/path_regex.rb.
var plainName = regexp.MustCompile(`^[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_-])?$`)

// deviceName is what Windows keeps for devices, source:
// https://learn.microsoft.com/en-us/windows/win32/fileio/naming-a-file
var deviceName = regexp.MustCompile(`(?i)^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?$`)

// folderOf names the folder for a part: the group's path, or, where that can be no
// folder's name, its id, in words that are no path of another group. "": the group
// itself was not read, and has no id.
func folderOf(part scan.Namespace) (string, error) {
	switch {
	case part.Group == "":
		return personalFolder, nil
	case plainName.MatchString(part.Group) && !deviceName.MatchString(part.Group) && !strings.EqualFold(part.Group, personalFolder):
		return part.Group, nil
	}
	for g, err := range part.Groups() {
		if err != nil {
			return "", err
		}
		if g.Path == part.Group {
			return fmt.Sprintf("group %d", g.ID), nil
		}
	}
	return "", nil
}

// packs writes a folder for each top-level group into dir, with a workbook of
// the group's own data and its tasks as issues to import, and one for the
// personal namespaces. Each group is judged by itself. A group whose path can be no
// folder's name costs the others nothing.
func (t *told) packs(env environment, by terms, dir string) error {
	instance := t.report.Instance
	for part, err := range scan.Split(t.snapshot, heldProjects) {
		if err != nil {
			return err
		}
		name, err := folderOf(part)
		switch {
		case err != nil:
			return err
		case name == "":
			fmt.Fprintf(env.stderr, "readiness: %.100q can be no folder's name, and the group itself was not read: its %s are left out of the split\n",
				part.Group, report.Many(part.Holds, "project", "projects"))
			continue
		case part.Group != "" && name != part.Group:
			fmt.Fprintf(env.stderr, "readiness: %.100q can be no folder's name here: the report on it is in %q\n", part.Group, name)
		}
		j, err := checks.EvaluateWith(part, by.matrix, t.judgement.Target, by.profile)
		if err != nil {
			return fmt.Errorf("judge group %s: %w", name, err)
		}
		r, err := report.Build(j, part, t.options)
		if err != nil {
			return fmt.Errorf("report on group %s: %w", name, err)
		}
		folder := filepath.Join(dir, name)
		if err := makeFolder("--output", folder); err != nil {
			return err
		}
		if err := writeFile(filepath.Join(folder, "readiness.xlsx"), func(w io.Writer) error { return workbook.Write(w, r) }); err != nil {
			return err
		}
		if err := writeFile(filepath.Join(folder, "issues.csv"), func(w io.Writer) error { return issues.Write(w, j, instance) }); err != nil {
			return err
		}
		fmt.Fprintf(env.stdout, "%s: %s\n", folder, report.Many(part.Holds, "project", "projects"))
	}
	return nil
}

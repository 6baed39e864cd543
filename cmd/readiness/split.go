package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"

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

// plainName is a group's path that can be a folder's name anywhere.
var plainName = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]*$`)

// packs writes a folder for each top-level group into dir, with a workbook of
// the group's own data and its tasks as issues to import, and one for the
// personal namespaces. Each group is judged by itself.
func (t *told) packs(env environment, by terms, dir string) error {
	instance := t.report.Instance
	for part, err := range scan.Split(t.snapshot, heldProjects) {
		if err != nil {
			return err
		}
		name := part.Group
		switch {
		case name == "":
			name = "personal-namespaces"
		case !plainName.MatchString(name):
			return fmt.Errorf("split by group: %.100q is no path that GitLab gives a group: is the snapshot damaged?", name)
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
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return usagef("--output: %w", err)
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

// Package congregatewave writes the projects of a plan as the sheet from which
// Congregate stages waves.
//
// The columns are the seven of Congregate's template, and named as its staging
// looks them up.
// Source: templates/stage-wave-template.csv and congregate/cli/stage_wave.py of
// https://gitlab.com/gitlab-org/professional-services-automation/tools/migration/congregate
package congregatewave

import (
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"readiness/checks"
	"readiness/report"
	"readiness/scan"
)

// Columns are the columns of the sheet.
func Columns() []string {
	return []string{"Wave Name", "Wave Date", "Source http_url_to_repo", "Source Namespace", "Target Namespace", "Override", "Source Project ID"}
}

// ErrNoWave is returned if the plan puts no project into a wave.
var ErrNoWave = errors.New("the plan puts no project that moves into a wave: give a --plan with the columns Path, Scope and Wave")

// Write writes a row for each project that moves and that the plan puts into a
// wave, by wave and path. Override is left empty, since Congregate does not stage
// a row that has it: a target namespace other than the source's is for whoever
// sets Congregate up. The address of a repository is the project's own with .git
// after it, which is GitLab's default.
func Write(w io.Writer, j *checks.Judgement, inv scan.Inventory) error {
	type row struct {
		wave, date, path, url string
		id                    int64
	}
	var rows []row
	for p, err := range scan.ProjectsWith(inv) {
		if err != nil {
			return fmt.Errorf("write the waves: %w", err)
		}
		e := j.Entry(p)
		if e == nil || e.Wave == "" || j.Leaves(p) {
			continue
		}
		if strings.ContainsAny(p.Path[:min(1, len(p.Path))], "=+-@\t\r\n") || !report.Plainlink(p.WebURL) {
			return fmt.Errorf("write the waves: %.100q at %.100q is no path that GitLab gives, and a spreadsheet may take it for a formula: is the snapshot damaged?", p.Path, p.WebURL)
		}
		rows = append(rows, row{e.Wave, e.WaveDate, p.Path, p.WebURL + ".git", p.ID})
	}
	if len(rows) == 0 {
		return ErrNoWave
	}
	slices.SortFunc(rows, func(a, b row) int { return cmp.Or(cmp.Compare(a.wave, b.wave), cmp.Compare(a.path, b.path)) })
	out := csv.NewWriter(w)
	if err := out.Write(Columns()); err != nil {
		return fmt.Errorf("write the waves: %w", err)
	}
	for _, r := range rows {
		if err := out.Write([]string{r.wave, r.date, r.url, namespace(r.path), namespace(j.Target.Path(r.path)), "", strconv.FormatInt(r.id, 10)}); err != nil {
			return fmt.Errorf("write the waves: %w", err)
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("write the waves: %w", err)
	}
	return nil
}

// namespace is the path of the group or user that holds a project.
func namespace(path string) string { return path[:max(strings.LastIndexByte(path, '/'), 0)] }

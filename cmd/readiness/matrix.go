package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"readiness/checks/matrix"
	"readiness/scan"
)

func matrixCommand(env environment) *cobra.Command {
	var method, item, source, destination, format, file string
	c := &cobra.Command{
		Use:   "matrix",
		Short: "Print what each migration method carries, with its source",
		Long: `matrix prints, for every item that a GitLab instance may hold and every
migration method, whether the method carries it between two versions, with the
reason, the source of the claim and the day it was checked.`,
		Example: `  readiness matrix --method direct-transfer --source-version 16.11
  readiness matrix --item project.cicd-variables --format json`,
		Args: noArguments,
		RunE: func(*cobra.Command, []string) error {
			m, err := knowledge(file)
			if err != nil {
				return err
			}
			q, err := newMatrixQuery(m, method, item, source, destination)
			if err != nil {
				return err
			}
			switch format {
			case "table":
				return q.table(env)
			case "json":
				return q.json(env)
			}
			return usagef("--format: unknown format %.40q: choose from table, json", format)
		},
	}
	f := c.Flags()
	f.StringVar(&method, "method", "", "only this method: "+methodNames())
	f.StringVar(&item, "item", "", "only this item, e.g. project.webhooks")
	f.StringVar(&source, "source-version", "", "GitLab `version` of the source (default: the newest checked)")
	f.StringVar(&destination, "destination-version", "", "GitLab `version` of the destination (default: the newest checked)")
	f.StringVar(&format, "format", "table", "table or json")
	f.StringVar(&file, "matrix", "", "YAML `file` that adds to the matrix or overrides it")
	return c
}

// matrixQuery is the part of the matrix somebody asked for.
type matrixQuery struct {
	matrix              *matrix.Matrix
	methods             []matrix.Method
	items               []matrix.Item
	source, destination scan.Version
}

func newMatrixQuery(m *matrix.Matrix, method, item, source, destination string) (*matrixQuery, error) {
	q := &matrixQuery{matrix: m, methods: matrix.Methods(), items: m.Items, source: m.Newest, destination: m.Newest}
	if method != "" {
		only, err := matrix.ParseMethod(method)
		if err != nil {
			return nil, usagef("--method: %w", err)
		}
		q.methods = []matrix.Method{only}
	}
	if item != "" {
		i := slices.IndexFunc(m.Items, func(it matrix.Item) bool { return it.ID == item })
		if i < 0 {
			return nil, usagef("--item: unknown item %.60q; 'readiness matrix' lists them all", item)
		}
		q.items = m.Items[i : i+1]
	}
	for _, v := range []struct {
		flag, text string
		to         *scan.Version
	}{{"--source-version", source, &q.source}, {"--destination-version", destination, &q.destination}} {
		if v.text == "" {
			continue
		}
		parsed, err := scan.ParseVersion(v.text)
		if err != nil {
			return nil, usagef("%s: %w", v.flag, err)
		}
		*v.to = parsed
	}
	return q, nil
}

// table prints one row per item with the answer of each method, or, for one
// item or one method, with the reasons.
func (q *matrixQuery) table(env environment) error {
	w := tabwriter.NewWriter(env.stdout, 0, 0, 2, ' ', 0)
	detailed := len(q.methods) == 1 || len(q.items) == 1
	if detailed {
		fmt.Fprintln(w, "ITEM\tMETHOD\tANSWER\tWHY\tSOURCE\tREAD ON")
	} else {
		titles := make([]string, len(q.methods))
		for i, m := range q.methods {
			titles[i] = strings.ToUpper(strings.ReplaceAll(string(m), "_", "-"))
		}
		fmt.Fprintln(w, "ITEM\t"+strings.Join(titles, "\t"))
	}
	for i := range q.items {
		item := &q.items[i]
		if !detailed {
			row := []string{item.ID}
			for _, m := range q.methods {
				row = append(row, string(q.matrix.Answer(item, m, q.source, q.destination).Status))
			}
			fmt.Fprintln(w, strings.Join(row, "\t"))
			continue
		}
		for _, m := range q.methods {
			a := q.matrix.Answer(item, m, q.source, q.destination)
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", item.ID, strings.ReplaceAll(string(m), "_", "-"), a.Status, a.Note, a.Source, q.matrix.ReadOn)
		}
	}
	return w.Flush()
}

// json prints the matrix.Table with the rows that were asked for.
func (q *matrixQuery) json(env environment) error {
	t := q.matrix.Table(q.source, q.destination)
	t.Rows = slices.DeleteFunc(t.Rows, func(r matrix.Row) bool {
		return !slices.Contains(q.methods, r.Method) ||
			!slices.ContainsFunc(q.items, func(it matrix.Item) bool { return it.ID == r.Item })
	})
	enc := json.NewEncoder(env.stdout)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(t)
}

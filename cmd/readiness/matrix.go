package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/charmbracelet/x/ansi"
	"github.com/spf13/cobra"

	"readiness/checks/matrix"
	"readiness/scan"
)

func matrixCommand(env environment) *cobra.Command {
	var method, item, source, destination, format, file, from string
	var stated []string
	c := &cobra.Command{
		Use:   "matrix",
		Short: "Print what each migration method carries, with its source",
		Long: `matrix prints, for every item that a GitLab instance may hold and every
migration method, whether the method carries it between two versions, with the
reason, the source of the claim and the day it was checked.`,
		Example: `  readiness matrix --method direct-transfer --source-version 16.11
  readiness matrix --item project.cicd-variables --format json
  readiness matrix --from bitbucket-server --quantity prs=13000`,
		Args: noArguments,
		RunE: func(*cobra.Command, []string) error {
			if from != "" {
				return fromOther(env, from, format, stated)
			}
			if len(stated) > 0 {
				return usagef("--quantity without --from: name the system that is no GitLab")
			}
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
	f.StringVar(&from, "from", "", "what arrives from a `system` that is no GitLab: github, bitbucket-server, bitbucket-cloud, gitea, azure-devops …")
	f.StringArrayVar(&stated, "quantity", nil, "with --from: how many there are, as `item=number`; repeatable")
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

// table prints one row per item with the answer of each method or, for one item
// or one method, each answer with its reason and its source.
func (q *matrixQuery) table(env environment) error {
	if len(q.methods) == 1 || len(q.items) == 1 {
		return q.reasons(env)
	}
	w := tabwriter.NewWriter(env.stdout, 0, 0, 2, ' ', 0)
	titles := []string{"ITEM"}
	for _, m := range q.methods {
		titles = append(titles, strings.ToUpper(hyphenated(m)))
	}
	fmt.Fprintln(w, strings.Join(titles, "\t"))
	for i := range q.items {
		row := []string{q.items[i].ID}
		for _, m := range q.methods {
			row = append(row, string(q.matrix.Answer(&q.items[i], m, q.source, q.destination).Status))
		}
		fmt.Fprintln(w, strings.Join(row, "\t"))
	}
	return w.Flush()
}

// reasons prints each answer on a line of its own, with why and who says so
// below it.
func (q *matrixQuery) reasons(env environment) error {
	w := bufio.NewWriter(env.stdout)
	const indent = "    "
	for i := range q.items {
		item := &q.items[i]
		fmt.Fprintf(w, "%s  %s\n", item.ID, item.Title)
		for _, m := range q.methods {
			a := q.matrix.Answer(item, m, q.source, q.destination)
			fmt.Fprintf(w, "  %-16s  %s\n", hyphenated(m), a.Status)
			fmt.Fprintln(w, indent+strings.ReplaceAll(ansi.Wordwrap(a.Note, env.columns()-len(indent), ""), "\n", "\n"+indent))
			fmt.Fprintf(w, "%s%s (read %s)\n", indent, a.Source, a.ReadOn)
		}
	}
	return w.Flush()
}

// hyphenated is a method's name on the command line.
func hyphenated(m matrix.Method) string { return strings.ReplaceAll(string(m), "_", "-") }

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

package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"readiness/checks/matrix"
)

// quantities reads item=number for items of a system that is not GitLab.
func quantities(o matrix.Other, specs []string) (map[string]int64, error) {
	stated := map[string]int64{}
	for _, spec := range specs {
		id, number, _ := strings.Cut(spec, "=")
		known := false
		for _, i := range o.Items {
			known = known || i.ID == id
		}
		n, err := strconv.ParseInt(number, 10, 64)
		switch {
		case !known:
			return nil, usagef("--quantity: %s has no item %.40q; 'readiness matrix --from %s' lists them", o.Name, id, strings.ReplaceAll(o.ID, "_", "-"))
		case err != nil || n < 0:
			return nil, usagef("--quantity %.60s: give a number of them, as in %s=120", spec, id)
		}
		stated[id] = n
	}
	return stated, nil
}

// fromOther prints what is known of moving from a system that is not GitLab,
// with the quantities that somebody stated.
func fromOther(env environment, name, format string, specs []string) error {
	o, err := matrix.OtherSystem(name)
	if err != nil {
		return usagef("--from: %w", err)
	}
	stated, err := quantities(o, specs)
	if err != nil {
		return err
	}
	switch format {
	case "json":
		enc := json.NewEncoder(env.stdout)
		enc.SetIndent("", "  ")
		enc.SetEscapeHTML(false)
		return enc.Encode(struct {
			matrix.Other
			Stated map[string]int64
		}{o, stated})
	case "table":
	default:
		return usagef("--format: unknown format %.40q: choose from table, json", format)
	}
	w := bufio.NewWriter(env.stdout)
	paragraph := func(in, text string) {
		fmt.Fprintln(w, in+strings.ReplaceAll(ansi.Wordwrap(text, env.columns()-len(in), ""), "\n", "\n"+in))
	}
	sourced := func(text string, sources []string) {
		paragraph("  ", text)
		for _, s := range sources {
			fmt.Fprintln(w, "    "+s)
		}
	}
	fmt.Fprintf(w, "%s (as read on %s)\n", o.Name, o.ReadOn)
	for _, i := range []struct {
		who string
		matrix.Importer
	}{{"GitLab", o.GitLab}, {"Congregate", o.Congregate}} {
		if i.Name != "" {
			sourced(strings.TrimSuffix(i.who+": "+i.Name+"; "+i.How, "; "), i.Sources)
		}
	}
	fmt.Fprintln(w, "\nPrerequisites")
	for _, p := range o.Prerequisites {
		sourced(p.Side+": "+p.Text, p.Sources)
	}
	fmt.Fprintln(w, "\nWhat arrives")
	for _, i := range o.Items {
		amount := ""
		if n, is := stated[i.ID]; is {
			amount = fmt.Sprintf(" (%d, as stated)", n)
		}
		paragraph("  ", fmt.Sprintf("%s: %s%s", i.ID, i.Title, amount))
		paragraph("    ", fmt.Sprintf("GitLab's importer: %s; Congregate: %s (%s)", i.GitLab, i.Congregate, i.Basis))
		if i.Note != "" {
			paragraph("    ", i.Note)
		}
		for _, s := range i.Sources {
			fmt.Fprintln(w, "    "+s)
		}
	}
	if len(o.Limits) > 0 {
		fmt.Fprintln(w, "\nLimits")
		for _, l := range o.Limits {
			sourced(l.Text, l.Sources)
		}
	}
	return w.Flush()
}

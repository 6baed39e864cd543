package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/charmbracelet/x/ansi"
	"github.com/spf13/cobra"

	"readiness/checks"
	"readiness/checks/matrix"
	"readiness/scan"
)

func checksCommand(env environment) *cobra.Command {
	var area, severity, format, file, role string
	var reads bool
	c := &cobra.Command{
		Use:   "checks",
		Short: "List the checks, and explain how each decides",
		Long: `checks lists every check: its id, how grave it is, what it is about and which
migration methods it concerns. 'readiness checks explain ID' says why a check
is there, what it reads and where, by which limits it judges, and what to do.`,
		Example: `  readiness checks --severity blocker
  readiness checks explain size-repository-over-5gib
  readiness checks --reads --role auditor`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			switch {
			case format != "table" && format != "json":
				return usagef("--format: unknown format %.40q: choose from table, json", format)
			case reads:
				return tellReads(c.Context(), env, role, format)
			case role != "":
				return usagef("--role goes with --reads")
			}
			p, err := profile(file)
			if err != nil {
				return err
			}
			chosen, err := chooseChecks(p.Checks(checks.All()), area, severity)
			if err != nil {
				return err
			}
			if format == "json" {
				return checksJSON(env.stdout, chosen)
			}
			return checksTable(env.stdout, chosen)
		},
	}
	f := c.Flags()
	f.StringVar(&area, "area", "", "only checks of this area: "+strings.Join(areas(checks.All()), ", "))
	f.StringVar(&severity, "severity", "", "only checks of this severity: "+strings.Join(severityNames(), ", "))
	f.StringVar(&format, "format", "table", "table or json")
	f.BoolVar(&reads, "reads", false, "list instead what a scan reads: each request with its fields, the right it needs, and what of it is personal")
	f.StringVar(&role, "role", "", "with --reads, say what a token of this role is not told: "+offlineRoleNames())
	c.PersistentFlags().StringVar(&file, "profile", "", "YAML `file` of an engagement: the checks as it has them, without those it switches off")
	c.AddCommand(explainCommand(env, &file))
	return c
}

func explainCommand(env environment, profileFile *string) *cobra.Command {
	return &cobra.Command{
		Use:     "explain ID",
		Short:   "Say why a check is there, how it decides and what to do",
		Example: "  readiness checks explain version-direct-transfer-minor-gap",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("give the id of one check; 'readiness checks' lists them all")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			p, err := profile(*profileFile)
			if err != nil {
				return err
			}
			if p != nil {
				for _, o := range p.Off {
					if o.Check == args[0] {
						return usagef("%s is switched off by %s: %s", o.Check, p.Name, o.Reason)
					}
				}
			}
			all := p.Checks(checks.All())
			i := slices.IndexFunc(all, func(k checks.Check) bool { return k.ID == args[0] })
			if i < 0 {
				return usagef("unknown check %.60q%s; 'readiness checks' lists them all", args[0], didYouMean(args[0], all))
			}
			return explain(env, all[i])
		},
	}
}

// areas lists the areas of the checks in the order of the catalogue.
func areas(all []checks.Check) (names []string) {
	for _, k := range all {
		if !slices.Contains(names, k.Area) {
			names = append(names, k.Area)
		}
	}
	return names
}

func severityNames() (names []string) {
	for _, s := range checks.Severities() {
		names = append(names, string(s))
	}
	return names
}

// chooseChecks narrows the checks to an area and a severity, each "" for all.
func chooseChecks(all []checks.Check, area, severity string) ([]checks.Check, error) {
	if known := areas(all); area != "" && !slices.Contains(known, area) {
		return nil, usagef("--area: unknown area %.40q: choose from %s", area, strings.Join(known, ", "))
	}
	if known := severityNames(); severity != "" && !slices.Contains(known, severity) {
		return nil, usagef("--severity: unknown severity %.40q: choose from %s", severity, strings.Join(known, ", "))
	}
	return slices.DeleteFunc(slices.Clone(all), func(k checks.Check) bool {
		return area != "" && k.Area != area || severity != "" && string(k.Severity) != severity
	}), nil
}

func checksTable(out io.Writer, chosen []checks.Check) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "CHECK\tSEVERITY\tLEVEL\tAREA\tMETHODS\tTITLE")
	for _, k := range chosen {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", k.ID, k.Severity, k.Level, k.Area, hyphenatedAll(k.Methods), k.Title)
	}
	return w.Flush()
}

// hyphenatedAll names methods as the command line does; "all" for every one.
func hyphenatedAll(methods []matrix.Method) string {
	if len(methods) >= len(matrix.Researched()) {
		return "all"
	}
	var names []string
	for _, m := range methods {
		names = append(names, hyphenated(m))
	}
	return strings.Join(names, ",")
}

// checkRow is a check as --format json writes it.
type checkRow struct {
	ID           string               `json:"id"`
	Title        string               `json:"title"`
	Area         string               `json:"area"`
	Severity     checks.Severity      `json:"severity"`
	Level        scan.Level           `json:"level"`
	Methods      []matrix.Method      `json:"methods"`
	Destinations []checks.Destination `json:"destinations"`
	Needs        []scan.FactID        `json:"needs"`
	Thresholds   []thresholdRow       `json:"thresholds"`
	Questions    []string             `json:"questions"`
	Why          string               `json:"why"`
	Rule         string               `json:"rule,omitempty"`
	When         string               `json:"when,omitempty"`
	Remedy       string               `json:"remedy"`
	Docs         []string             `json:"docs"`
}

// thresholdRow has a value or, where the limit is a release, that.
type thresholdRow struct {
	Metric  string `json:"metric"`
	Value   *int64 `json:"value,omitempty"`
	Release string `json:"release,omitempty"`
	Unit    string `json:"unit"`
	Source  string `json:"source"`
}

func checksJSON(out io.Writer, chosen []checks.Check) error {
	rows := []checkRow{}
	for _, k := range chosen {
		row := checkRow{
			ID: k.ID, Title: k.Title, Area: k.Area, Severity: k.Severity, Level: k.Level, Methods: k.Methods, Destinations: k.Destinations,
			Needs: append([]scan.FactID{}, k.Needs...), Thresholds: []thresholdRow{}, Questions: append([]string{}, k.Questions()...),
			Why: k.Why, Rule: k.Decision(), When: k.When, Remedy: k.Remedy, Docs: k.Docs,
		}
		for _, t := range k.Thresholds {
			r := thresholdRow{Metric: t.Metric, Unit: t.Unit, Source: t.Source}
			if t.Release.IsZero() {
				r.Value = &t.Value
			} else {
				r.Release = t.Release.Short()
			}
			row.Thresholds = append(row.Thresholds, r)
		}
		rows = append(rows, row)
	}
	enc := json.NewEncoder(out)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(struct {
		Checks []checkRow `json:"checks"`
	}{rows})
}

// explain prints all there is to know of a check before anything is read.
func explain(env environment, k checks.Check) error {
	w := bufio.NewWriter(env.stdout)
	const indent = "  "
	paragraph := func(in, text string) {
		fmt.Fprintln(w, in+strings.ReplaceAll(ansi.Wordwrap(text, env.columns()-len(in), ""), "\n", "\n"+in))
	}
	fmt.Fprintf(w, "%s  %s\n", k.ID, k.Title)
	fmt.Fprintf(w, "%sseverity %s, area %s, reported by %s\n", indent, k.Severity, k.Area, k.Level)

	fmt.Fprintln(w, "\nWhy")
	paragraph(indent, k.Why)

	fmt.Fprintln(w, "\nHow it is decided")
	if rule := k.Decision(); rule != "" {
		paragraph(indent, rule)
	}
	if k.When != "" {
		paragraph(indent, "Only where "+k.When+".")
	}
	for _, id := range k.Needs {
		if e, known := scan.Lookup(id); known {
			paragraph(indent, fmt.Sprintf("%s: %s", e.ID, e.Title))
			paragraph(indent+indent, fmt.Sprintf("read by %s%s; takes %s; from depth %s on", e.Read, since(e), e.Needs, e.Depth))
		}
	}
	questions := k.Questions()
	switch {
	case len(k.Needs) == 0 && len(questions) > 0 && !k.Judges():
		paragraph(indent, "No request answers it: a person is asked.")
	case len(k.Needs) == 0:
		paragraph(indent, "From the listings alone: paths, addresses and how many there are.")
	}
	for _, q := range questions {
		paragraph(indent, "asks: "+q)
	}
	paragraph(indent, "methods: "+strings.ReplaceAll(hyphenatedAll(k.Methods), ",", ", "))
	var to []string
	for _, d := range k.Destinations {
		to = append(to, d.Title())
	}
	paragraph(indent, "destinations: "+strings.Join(to, ", "))

	if len(k.Thresholds) > 0 {
		fmt.Fprintln(w, "\nThresholds")
		for _, t := range k.Thresholds {
			paragraph(indent, fmt.Sprintf("%s: %s", t.Metric, t))
			fmt.Fprintln(w, indent+indent+t.Source)
			fmt.Fprintln(w, indent+indent+"in a profile: "+t.Name())
		}
	}
	fmt.Fprintln(w, "\nWhat to do")
	paragraph(indent, k.Remedy)
	fmt.Fprintln(w, "\nDocumentation")
	for _, d := range k.Docs {
		fmt.Fprintln(w, indent+d)
	}
	return w.Flush()
}

func since(e scan.Entry) string {
	if e.Since == "" {
		return ""
	}
	return " since GitLab " + e.Since
}

// didYouMean names up to three checks whose ids are near what was typed, or "".
func didYouMean(typed string, all []checks.Check) string {
	typed = typed[:min(len(typed), 60)]
	type near struct {
		id       string
		distance int
	}
	var found []near
	for _, k := range all {
		d := distance(typed, k.ID)
		if typed != "" && strings.Contains(k.ID, typed) {
			d = 1
		}
		if d <= max(2, len(typed)/4) {
			found = append(found, near{k.ID, d})
		}
	}
	slices.SortStableFunc(found, func(a, b near) int { return a.distance - b.distance })
	if len(found) == 0 {
		return ""
	}
	var ids []string
	for _, n := range found[:min(len(found), 3)] {
		ids = append(ids, n.id)
	}
	return ": did you mean " + strings.Join(ids, ", ") + "?"
}

// distance is the number of bytes to insert, delete or replace to make b of a.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

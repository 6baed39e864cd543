package checks

import (
	"slices"

	"readiness/scan"
)

// variableChecks are about variables that configurations use.
var variableChecks = []Check{
	{
		ID: "ci-variables-undefined", Area: "variables", Severity: Medium, Level: scan.LevelInstance,
		Title:        "Variables that neither the project nor its groups define",
		Why:          "They come from the instance, a runner, a schedule or a file of another project, if from anywhere: at the destination jobs go on with empty values.",
		Rule:         "Broken where a configuration uses a variable that neither it, the project nor a group above it defines.",
		Remedy:       "Find out by the sheet CI-CD where each comes from, and define it in the project or a group before the wave.",
		Docs:         links("ci/variables", "user/project/settings/import_export"),
		Methods:      imports,
		Destinations: Destinations(),
		Needs:        []scan.FactID{"project.ci-mentions", "project.cicd-variables", "group.cicd-variables", "project.personal-namespace-project"},
		Across: &Across{
			One: "variable", Many: "variables",
			Mention: func(c *Context, p *scan.Project, m scan.CIMention) bool {
				return m.Kind == scan.CIVariable && !c.defined(p, m.Value)
			},
		},
	},
}

// groupVariables are the names of a group's variables, or why they are not known.
type groupVariables struct {
	names []string
	gap   *scan.Gap
}

// learn notes the variables of a group that passes by: those of the projects
// below it are looked up here.
func (c *Context) learn(g *scan.Group) {
	if c.variables == nil {
		c.variables = map[string]groupVariables{}
	}
	v := groupVariables{}
	for _, one := range g.Variables.Items {
		v.names = append(v.names, one.Key)
	}
	if gap, missing := g.Variables.Gap(); missing {
		v.gap = &gap
	}
	c.variables[g.Path] = v
}

// defined reports whether a project or a group above it has a variable. Where it
// is not found and not everything was read, the context notes that.
func (c *Context) defined(p *scan.Project, name string) bool {
	if slices.ContainsFunc(p.Variables.Items, func(v scan.Variable) bool { return v.Key == name }) {
		return true
	}
	needAll(c, p.Variables)
	if need(c, p.Personal) {
		return false
	}
	for path := up(p.Path); path != ""; path = up(path) {
		v, listed := c.variables[path]
		switch {
		case slices.Contains(v.names, name):
			return true
		case v.gap != nil:
			c.note(*v.gap)
		case !listed:
			c.note(scan.Gap{Reason: scan.ReasonNotAsked, Endpoint: scan.ReadGroups, Cure: "a scan of the whole top-level group"})
		}
	}
	return false
}

package matrix

import (
	"slices"

	"readiness/scan"
)

// Detail is what there is to know about a method as a whole.
type Detail struct {
	Method        Method
	Title         string // as GitLab's documentation has it; Method.Title is the short one
	Summary       string // one sentence
	Offering      string // between which kinds of GitLab it works
	Drives        Method // the method underneath, "" if it moves everything itself
	Moves         map[scan.Level]string
	Route         Prerequisite // the API that it works with, of kind "route"
	Prerequisites []Prerequisite
}

// Prerequisite is a condition that a method sets.
type Prerequisite struct {
	Kind   string // version, edition, permission, network, setting, disk, limit, scope, …
	Text   string
	Source string // https link
}

// Detail returns what is known about a method as a whole.
func (m *Matrix) Detail(method Method) Detail {
	for _, d := range m.Details {
		if d.Method == method {
			return d
		}
	}
	if c, is := m.Combination(modes[method]); is {
		base, tool := m.Detail(c.Base), m.Detail(c.AddsFrom)
		return Detail{
			Method: method, Title: c.Title, Summary: c.Note, Offering: tool.Offering, Drives: c.Base, Moves: base.Moves, Route: tool.Route,
			Prerequisites: slices.Concat(tool.Prerequisites, base.Prerequisites),
		}
	}
	return Detail{Method: method, Title: method.Title()}
}

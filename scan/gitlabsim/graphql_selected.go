package gitlabsim

import (
	"fmt"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
)

// Selected lists the fields that a GraphQL query asks for, as paths with dots and
// without aliases: "projects.ciVariables.key". What only pages through lists
// (nodes, pageInfo) is left out.
func Selected(query string) ([]string, error) {
	doc, err := parser.ParseQuery(&ast.Source{Input: query})
	if err != nil {
		return nil, fmt.Errorf("read a GraphQL query: %w", err)
	}
	var paths []string
	var walk func(set ast.SelectionSet, prefix string)
	walk = func(set ast.SelectionSet, prefix string) {
		for _, s := range set {
			switch s := s.(type) {
			case *ast.InlineFragment:
				walk(s.SelectionSet, prefix)
			case *ast.Field:
				path := prefix + "." + s.Name
				switch {
				case s.Name == "pageInfo":
				case s.Name == "nodes":
					walk(s.SelectionSet, prefix)
				case len(s.SelectionSet) > 0:
					walk(s.SelectionSet, path)
				default:
					paths = append(paths, path[1:])
				}
			}
		}
	}
	for _, o := range doc.Operations {
		walk(o.SelectionSet, "")
	}
	slices.Sort(paths)
	return slices.Compact(paths), nil
}

package gitlabsim

import (
	"math"

	"github.com/vektah/gqlparser/v2/ast"
)

// GitLab's limits on a query.
// Source: https://docs.gitlab.com/api/graphql/#limits and, for administrators,
// app/graphql/gitlab_schema.rb.
const (
	maxQueryText        = 10_000
	complexityAnonymous = 200
	complexityUser      = 250
	complexityAdmin     = 300 // from 18.0 on
	depthAnonymous      = 15
	depthUser           = 20
	maxPageSize         = 100
)

// complexity scores a selection by the formula of GitLab's BaseField.
func (x *execution) complexity(selections ast.SelectionSet) int {
	sum := 0
	for _, s := range selections {
		switch s := s.(type) {
		case *ast.Field:
			if x.included(s.Directives) {
				sum += x.fieldComplexity(s)
			}
		case *ast.InlineFragment:
			if x.included(s.Directives) {
				sum += x.complexity(s.SelectionSet)
			}
		case *ast.FragmentSpread:
			if x.included(s.Directives) {
				sum += x.complexity(s.Definition.SelectionSet)
			}
		}
	}
	return sum
}

func (x *execution) fieldComplexity(f *ast.Field) int {
	children := x.complexity(f.SelectionSet)
	c, known := x.api.costs[f.Definition]
	switch {
	case !known: // __typename and introspection
		return 1 + children
	case c.fixed > 0:
		return c.fixed + children
	case !c.resolver:
		n := 1 + children
		if c.gitaly {
			n++
		}
		return n
	}
	k := children + 1
	args := f.ArgumentMap(x.vars)
	if args["sort"] != nil {
		k++
	}
	if args["search"] != nil {
		k += 5
	}
	k += c.extra
	if c.gitaly {
		k++
	}
	switch f.Name {
	case "blobs":
		if paths, ok := args["paths"].([]any); ok {
			k += len(paths)
		}
	case "pipelines":
		for _, name := range []string{"sha", "ref"} {
			if args[name] != nil {
				k += 2
			}
		}
	}
	if !isConnection(f.Definition) {
		return k
	}
	limit := c.page
	for _, name := range []string{"first", "last"} {
		if n, ok := number(args[name]); ok {
			limit = min(limit, n)
		}
	}
	return k + int(math.Floor(float64(k)*float64(limit)*c.factor+1e-9))
}

// number is an integer argument, if it was given.
func number(v any) (int, bool) {
	switch n := v.(type) {
	case int64:
		return int(n), true
	case int:
		return n, true
	case float64:
		return int(n), true
	}
	return 0, false
}

// depth is how deep a selection nests.
func depth(selections ast.SelectionSet) int {
	most := 0
	for _, s := range selections {
		switch s := s.(type) {
		case *ast.Field:
			most = max(most, 1+depth(s.SelectionSet))
		case *ast.InlineFragment:
			most = max(most, depth(s.SelectionSet))
		case *ast.FragmentSpread:
			most = max(most, depth(s.Definition.SelectionSet))
		}
	}
	return most
}

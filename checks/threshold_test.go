package checks

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestThresholds(t *testing.T) {
	for _, k := range All() {
		for _, th := range k.Thresholds {
			if th.Metric == "" || !slices.Contains(Units(), th.Unit) || !strings.HasPrefix(th.Source, "https://") || th.String() == "" {
				t.Errorf("%s: threshold %+v", k.ID, th)
			}
			if th.Unit == unitRelease == th.Release.IsZero() || th.Unit == unitRelease != (th.Value == 0) {
				t.Errorf("%s: a threshold is a release or an amount: %+v", k.ID, th)
			}
		}
	}
	for want, th := range map[string]Threshold{
		"5 GiB (5,368,709,120 bytes)": {Value: relationLimit, Unit: unitBytes},
		"16.8":                        {Release: directTransferFloor, Unit: unitRelease},
		"20 levels":                   {Value: maxNesting, Unit: unitLevels},
	} {
		if th.String() != want {
			t.Errorf("%s, want %s", th, want)
		}
	}
}

// noLimits are constants and releases that no subject is measured by.
var noLimits = []string{
	"gib", "gb", // units
	"maxNamed", "maxExamples", // of what is printed
	"noOne",         // a value of a setting
	"NewestVersion", // what GitLab.com is taken to run
}

// TestEveryLimitIsDeclared holds every numeric constant and every release of
// the package to being the value of a threshold, and every threshold to naming
// such a constant, which the judges use too.
func TestEveryLimitIsDeclared(t *testing.T) {
	limits, declared, used := map[string]bool{}, map[string]int{}, map[string]int{}
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			if g, is := d.(*ast.GenDecl); is && (g.Tok == token.CONST || g.Tok == token.VAR) {
				for _, spec := range g.Specs {
					v := spec.(*ast.ValueSpec)
					for i, value := range v.Values {
						if isLimit(value) && !slices.Contains(noLimits, v.Names[i].Name) {
							limits[v.Names[i].Name] = true
						}
					}
				}
			}
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.Ident:
				used[n.Name]++
			case *ast.CompositeLit:
				var key, limit ast.Expr
				for _, e := range n.Elts {
					kv, is := e.(*ast.KeyValueExpr)
					if !is {
						continue
					}
					switch kv.Key.(type) {
					case *ast.Ident:
						switch kv.Key.(*ast.Ident).Name {
						case "Metric":
							key = kv.Value
						case "Value", "Release":
							limit = kv.Value
						}
					}
				}
				if key == nil {
					return true
				}
				if id, is := limit.(*ast.Ident); is {
					declared[id.Name]++
				} else {
					t.Errorf("%s: a threshold does not name a constant", name)
				}
			}
			return true
		})
	}
	if len(limits) < 12 {
		t.Fatalf("found only the limits %v: this test looks in the wrong place", limits)
	}
	for name := range limits {
		if declared[name] == 0 {
			t.Errorf("the limit %s is in no threshold", name)
		}
	}
	for name, n := range declared {
		if !limits[name] {
			t.Errorf("the threshold's value %s is no limit of this package", name)
		}
		if used[name] < n+2 { // its declaration, and a judge
			t.Errorf("the limit %s is declared in a threshold, but no judge measures by it", name)
		}
	}
}

// isLimit reports whether a value is a number or a release.
func isLimit(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.BasicLit:
		return e.Kind == token.INT || e.Kind == token.FLOAT
	case *ast.BinaryExpr:
		return isLimit(e.X) || isLimit(e.Y)
	case *ast.CallExpr:
		f, is := e.Fun.(*ast.SelectorExpr)
		return is && f.Sel.Name == "MustVersion"
	}
	return false
}

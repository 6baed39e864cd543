package scan_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// layers are the imports of this module that each package may have. "x/..." is
// what lies below x; a package's own entry comes before a pattern's.
var layers = []struct {
	pattern string
	may     []string
}{
	{"scan", nil},
	{"scan/...", []string{"scan", "scan/..."}},
	{"checks/yamlfile", []string{"scan"}},
	{"checks/matrix", []string{"scan", "checks/yamlfile"}},
	{"checks", []string{"scan", "checks/matrix", "checks/yamlfile"}},
	{"checks/advice", []string{"scan", "checks/yamlfile", "checks/matrix", "checks"}},
	{"checks/track", []string{"scan", "checks/yamlfile", "checks"}},
	{"checks/...", []string{"scan", "checks/matrix", "checks"}},
	{"report", []string{"scan", "checks/yamlfile", "checks/matrix", "checks", "checks/advice", "checks/track"}},
	{"report/issues", []string{"scan", "checks", "report", "report/markdown"}}, // the text of an issue is Markdown
	{"report/...", []string{"scan", "checks/matrix", "checks", "checks/advice", "checks/track", "report"}},
	{"cmd/...", []string{"..."}},
	{"examples/...", []string{"..."}},
}

// onlyIn lists imports that have their one place.
var onlyIn = map[string]string{
	"github.com/xanzy/go-gitlab":        "scan/gitlab",
	"github.com/xuri/excelize/v2":       "report/workbook",
	"github.com/charmbracelet/lipgloss": "report/terminal",
	"modernc.org/sqlite":                "scan/snapshot",
	"github.com/vektah/gqlparser/v2":    "scan/gitlabsim",
	"github.com/spf13/cobra":            "cmd/readiness",
}

// pure are the packages that judge and tell: no network, no file system, no
// clock, so that the same snapshot always gives the same report.
var pure = []string{"checks", "checks/matrix", "checks/yamlfile", "checks/advice", "checks/track", "report"}

var impure = []string{"net", "net/http", "net/http/...", "os", "os/...", "syscall", "io/ioutil", "database/sql", "math/rand", "math/rand/v2"}

// clock are the functions of package time that ask what time it is or wait.
var clock = []string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker"}

func matches(pattern, pkg string) bool {
	if pattern == "..." {
		return true
	}
	if below, ok := strings.CutSuffix(pattern, "/..."); ok {
		return strings.HasPrefix(pkg, below+"/")
	}
	return pattern == pkg
}

func layerOf(pkg string) (may []string, ok bool) {
	for _, l := range layers {
		if l.pattern == pkg {
			return l.may, true
		}
	}
	for _, l := range layers {
		if matches(l.pattern, pkg) {
			return l.may, true
		}
	}
	return nil, false
}

// moduleRoot walks up to the folder of go.mod and returns it with the module's
// path.
func moduleRoot(t *testing.T) (dir, module string) {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		b, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err == nil {
			line, _, _ := strings.Cut(string(b), "\n")
			return dir, strings.TrimSpace(strings.TrimPrefix(line, "module"))
		}
		up := filepath.Dir(dir)
		if up == dir {
			t.Fatal("no go.mod above the test")
		}
		dir = up
	}
}

// source is one Go file of the module.
type source struct {
	pkg  string // folder below the module's root
	name string
	test bool
	file *ast.File
}

func sources(t *testing.T) (string, []source) {
	t.Helper()
	root, module := moduleRoot(t)
	var all []source
	fset := token.NewFileSet()
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && p != root && (d.Name() == "testdata" || d.Name() == "vendor" || d.Name()[0] == '.' || d.Name()[0] == '_'):
			return fs.SkipDir
		case d.IsDir() || !strings.HasSuffix(p, ".go"):
			return nil
		}
		f, err := parser.ParseFile(fset, p, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, p)
		rel = filepath.ToSlash(rel)
		all = append(all, source{pkg: path.Dir(rel), name: rel, test: strings.HasSuffix(rel, "_test.go"), file: f})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return module, all
}

func imports(f *ast.File) []string {
	var paths []string
	for _, spec := range f.Imports {
		p, err := strconv.Unquote(spec.Path.Value)
		if err == nil {
			paths = append(paths, p)
		}
	}
	return paths
}

func TestImportsRunOneWay(t *testing.T) {
	module, all := sources(t)
	for _, s := range all {
		if s.test {
			continue // a test may look from above
		}
		may, ok := layerOf(s.pkg)
		if !ok {
			t.Errorf("%s: package %s has no place in the layout", s.name, s.pkg)
			continue
		}
		for _, imp := range imports(s.file) {
			rel, ours := strings.CutPrefix(imp, module+"/")
			if !ours {
				continue
			}
			if !slices.ContainsFunc(may, func(p string) bool { return matches(p, rel) }) {
				t.Errorf("%s: %s may not import %s", s.name, s.pkg, rel)
			}
		}
	}
}

func TestOneImporterEach(t *testing.T) {
	_, all := sources(t)
	for _, s := range all {
		for _, imp := range imports(s.file) {
			for lib, home := range onlyIn {
				if (imp == lib || strings.HasPrefix(imp, lib+"/")) && s.pkg != home && !s.test {
					t.Errorf("%s: only %s imports %s", s.name, home, lib)
				}
			}
		}
	}
}

func TestJudgingIsPure(t *testing.T) {
	_, all := sources(t)
	for _, s := range all {
		if s.test || !slices.Contains(pure, s.pkg) {
			continue
		}
		for _, imp := range imports(s.file) {
			if slices.ContainsFunc(impure, func(p string) bool { return matches(p, imp) }) {
				t.Errorf("%s: %s may not import %s", s.name, s.pkg, imp)
			}
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if x, ok := sel.X.(*ast.Ident); ok && x.Name == "time" && slices.Contains(clock, sel.Sel.Name) {
				t.Errorf("%s: %s has no clock, but uses time.%s", s.name, s.pkg, sel.Sel.Name)
			}
			return true
		})
	}
}

// No package does anything by being imported, and none is a drawer for the rest.
func TestNothingHappensBehindYourBack(t *testing.T) {
	_, all := sources(t)
	for _, s := range all {
		switch name := s.file.Name.Name; {
		case strings.Contains(name, "util"), strings.Contains(name, "helper"), strings.Contains(name, "manager"), name == "common", name == "misc":
			t.Errorf("%s: package %s does not say what it knows", s.name, name)
		}
		if s.test {
			continue
		}
		for _, d := range s.file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
				t.Errorf("%s: has an init function", s.name)
			}
		}
	}
}

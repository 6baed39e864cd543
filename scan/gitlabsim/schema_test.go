package gitlabsim

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"readiness/scan"
)

// reference is the folder of GitLab's own artefacts; without it the test is skipped.
func reference(t *testing.T, path ...string) string {
	t.Helper()
	root := os.Getenv("READINESS_REFERENCE")
	if root == "" {
		t.Skip("READINESS_REFERENCE is not set: GitLab's own schemas are not at hand")
	}
	return filepath.Join(append([]string{root, "gitlab-api"}, path...)...)
}

// What is simulated is a part of GitLab's type system: the same names,
// arguments, types and nullability for the version that is played.
func TestSchemaIsPartOfGitLabs(t *testing.T) {
	for _, c := range []struct{ version, file string }{
		{"18.7", "schema.graphql"}, {"16.3", "schema-16.3.graphql"}, {"15.8", "schema-15.8.graphql"}, {"13.12", "schema-13.x.graphql"},
	} {
		t.Run(c.version, func(t *testing.T) {
			text, err := os.ReadFile(reference(t, "graphql", c.file))
			if err != nil {
				t.Fatal(err)
			}
			theirs, err := gqlparser.LoadSchema(&ast.Source{Name: c.file, Input: string(text)})
			if err != nil {
				t.Fatal(err)
			}
			ours, _, err := loadSchema(scan.MustVersion(c.version), true)
			if err != nil {
				t.Fatal(err)
			}
			for name, def := range ours.Types {
				if def.BuiltIn || strings.HasPrefix(name, "__") {
					continue
				}
				compare(t, def, theirs.Types[name], theirs)
			}
		})
	}
}

func compare(t *testing.T, our, their *ast.Definition, theirs *ast.Schema) {
	if their == nil {
		t.Errorf("%s: GitLab has no such type", our.Name)
		return
	}
	if our.Kind != their.Kind {
		t.Errorf("%s is a %s, GitLab's a %s", our.Name, our.Kind, their.Kind)
	}
	for _, v := range our.EnumValues {
		if their.EnumValues.ForName(v.Name) == nil {
			t.Errorf("%s: GitLab has no value %s", our.Name, v.Name)
		}
	}
	for _, f := range our.Fields {
		if strings.HasPrefix(f.Name, "__") {
			continue
		}
		g := their.Fields.ForName(f.Name)
		if g == nil {
			t.Errorf("%s.%s: GitLab has no such field", our.Name, f.Name)
			continue
		}
		if f.Type.String() != g.Type.String() {
			t.Errorf("%s.%s is %s, GitLab's %s", our.Name, f.Name, f.Type, g.Type)
		}
		for _, a := range f.Arguments {
			b := g.Arguments.ForName(a.Name)
			switch {
			case b == nil:
				t.Errorf("%s.%s(%s): GitLab has no such argument", our.Name, f.Name, a.Name)
			case a.Type.String() != b.Type.String():
				t.Errorf("%s.%s(%s) is %s, GitLab's %s", our.Name, f.Name, a.Name, a.Type, b.Type)
			}
		}
	}
}

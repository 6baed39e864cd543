package gitlab

import (
	"fmt"
	"strings"
	"testing"

	"readiness/scan"
)

// Files that are too large together are asked for one by one, and then each answer
// costs what it would have told and no more: a folder of an answer that failed in
// part is not one that is not there.
func TestFilesOneByOne(t *testing.T) {
	const (
		whole     = `"others":{"nodes":[{"path":"Jenkinsfile"}]},"workflows":null,"issues":{"blobs":{"nodes":[{"path":".gitlab/issue_templates/a.md"}],"pageInfo":{"hasNextPage":false}}},"merges":null`
		noFolders = `"others":{"nodes":[{"path":"Jenkinsfile"}]},"workflows":null,"issues":null,"merges":null`
	)
	timeout := func(field string) string {
		return fmt.Sprintf(`{"message":"deadline exceeded","path":["projects","nodes",0,"repository",%q]}`, field)
	}
	tooLarge := `{"message":"Max blobs size limit exceeded","path":["projects","nodes",0,"repository","texts"]}`
	type fact map[scan.FactID]string // its value, or "failed"
	all := func(differs fact) fact {
		want := fact{"project.other-ci-files": "[Jenkinsfile]", "project.description-templates": "1", "project.lfs-patterns": "[*.bin]",
			"project.codeowners": "0", "project.submodules": "[]", "project.lfs-config-hosts": "[]", "project.package-addresses": "[]"}
		for id, v := range differs {
			want[id] = v
		}
		return want
	}
	for name, c := range map[string]struct {
		others, err string // what answers about folders, and what of it failed
		lost        string // the file whose answer fails
		want        fact
	}{
		"each is told":                {others: whole, want: all(nil)},
		"a file is not":               {others: whole, lost: ".gitmodules", want: all(fact{"project.submodules": "failed"})},
		"the last of several is not":  {others: whole, lost: "docs/CODEOWNERS", want: all(fact{"project.codeowners": "failed"})},
		"no folder is there":          {others: noFolders, want: all(fact{"project.description-templates": "0"})},
		"of templates it failed":      {others: noFolders, err: timeout("issues"), want: all(fact{"project.other-ci-files": "failed", "project.description-templates": "failed"})},
		"of workflows it failed":      {others: noFolders, err: timeout("workflows"), want: all(fact{"project.other-ci-files": "failed", "project.description-templates": "failed"})},
		"of what lies there it fails": {others: `"others":null`, err: timeout("others"), want: all(fact{"project.other-ci-files": "failed", "project.description-templates": "failed"})},
	} {
		t.Run(name, func(t *testing.T) {
			answer := func(q asked, repository, err string) string {
				text := nodesOf(q, `"repository":{`+repository+`}`)
				if err != "" {
					text = strings.TrimSuffix(text, "}") + `,"errors":[` + err + `]}`
				}
				return text
			}
			s := admin(t, "18.9.0-ee", graph(func(q asked) string {
				switch {
				case strings.Contains(q.Query, "texts:"):
					return answer(q, `"texts":null,`+whole, tooLarge)
				case strings.Contains(q.Query, "others:"):
					return answer(q, c.others, c.err)
				case c.lost != "" && strings.Contains(q.Query, `["`+c.lost+`"]`):
					return answer(q, `"blobs":null`, timeout("blobs"))
				case strings.Contains(q.Query, `[".gitattributes"]`):
					return answer(q, `"blobs":{"nodes":[{"path":".gitattributes","rawSize":28,"rawTextBlob":"*.bin filter=lfs diff=lfs -text\n"}]}`, "")
				}
				return answer(q, `"blobs":{"nodes":[]}`, "")
			}), scan.Standard, nil)
			p := someProjects(1)[0]
			p.RepositoryAccess = scan.Known("enabled")
			if err := s.wideFiles(t.Context(), []*scan.Project{p}); err != nil {
				t.Fatal(err)
			}
			for id, want := range c.want {
				got := fmt.Sprint(scan.FactOf(p, id).Any())
				if g, gap := scan.FactOf(p, id).Gap(); gap {
					got = string(g.Reason)
				}
				if got != want {
					t.Errorf("%s is %s, want %s", id, got, want)
				}
			}
		})
	}
}

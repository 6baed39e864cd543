package repofiles

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"readiness/scan"
)

func TestLFSHosts(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"empty":       {"", []string{}},
		"url":         {"[lfs]\n\turl = https://user:pass@LFS.example.com:8443/a/b.git/info/lfs\n", []string{"lfs.example.com:8443"}},
		"pushurl":     {"[lfs]\nurl=\"https://a.example.com/x\"\npushUrl = ssh://git@b.example.com/x ; comment\n", []string{"a.example.com", "b.example.com"}},
		"remote":      {"[remote \"origin\"]\n  lfsurl = https://lfs.example.net/x\n  url = https://other.example.net/x\n", []string{"lfs.example.net"}},
		"scp":         {"[lfs] url = git@lfs.example.com:a/b\n", []string{"lfs.example.com"}},
		"no address":  {"[lfs]\n\tfetchexclude = url\n\tlocksverify = true\n[core]\nurl = https://x.example.com\n", []string{}},
		"windows":     {"\ufeff[lfs]\r\n\turl = https://lfs.example.com\r\n", []string{"lfs.example.com"}},
		"continued":   {"[lfs]\n\turl = https://lfs.\\\nexample.com/x\n", []string{"lfs.example.com"}},
		"commented":   {"[lfs]\n# url = https://lfs.example.com\n;url = https://lfs.example.com\n", []string{}},
		"broken head": {"[lfs\nurl = https://lfs.example.com\n", []string{}},
	} {
		if got := LFSHosts(c.text); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestSubmodules(t *testing.T) {
	text := `[submodule "lib"]
	path = vendor/lib
	url = ../../platform/lib.git
[submodule "tool"]
	url = https://user:hunter2@github.com/acme/tool.git?x=hunter2
	path = tool
[submodule "ssh"]
	path = ssh
	url = git@gitlab.example.com:acme/ssh.git
	branch = main
[submodule "disk"]
	path = disk
	url = /srv/git/disk.git
`
	want := []scan.Submodule{
		{Path: "vendor/lib", Target: "../../platform/lib", Relative: true},
		{Path: "tool", Host: "github.com", Target: "acme/tool"},
		{Path: "ssh", Host: "gitlab.example.com", Target: "acme/ssh"},
		{Path: "disk", Target: "srv/git/disk"},
	}
	if got := Submodules(text); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v\nwant %+v", got, want)
	}
}

func TestLFSPatterns(t *testing.T) {
	text := "# binaries\n*.psd filter=lfs diff=lfs merge=lfs -text\n*.zip  filter=lfs\n*.txt text\n*.psd filter=lfs\n*.bin -filter\n"
	if got := LFSPatterns(text); !reflect.DeepEqual(got, []string{"*.psd", "*.zip"}) {
		t.Errorf("%q", got)
	}
}

func TestOwners(t *testing.T) {
	text := `# @nobody
* @ada @group/sub
docs/ ada@example.com @@maintainers # @nobody
[Section] @ada @ben
^[Optional][2] @cleo
*.rb
@odd/path @ada
`
	if n := Owners(text); n != 6 {
		t.Errorf("%d owners, want ada, group/sub, ada@example.com, maintainers, ben and cleo", n)
	}
}

// Whatever the text: nothing fails, and no secret of an address is kept.
func FuzzFiles(f *testing.F) {
	f.Add("[submodule \"a\"]\n url = https://user:SECRET@h/p\n path = x")
	f.Add("[lfs] url = user:SECRET@h:p")
	f.Add("*.x filter=lfs")
	f.Fuzz(func(t *testing.T, text string) {
		LFSPatterns(text)
		Owners(text)
		for _, host := range LFSHosts(text) {
			if host == "" || strings.ContainsAny(host, "/@") {
				t.Errorf("host %q", host)
			}
		}
		for _, m := range Submodules(text) {
			if strings.ContainsAny(m.Host, "/@") || strings.Contains(m.Target, "@") && !m.Relative {
				t.Errorf("%+v", m)
			}
			if _, err := json.Marshal(m); err != nil {
				t.Error(err)
			}
		}
	})
}

func TestIsTemplate(t *testing.T) {
	for file, want := range map[string]bool{".gitlab/issue_templates/Bug.md": true, ".gitlab/merge_request_templates/Default.md": true,
		".gitlab/issue_templates/old/Bug.md": false, ".gitlab/issue_templates/Bug.txt": false, ".gitlab/Bug.md": false, "docs/issue_templates/Bug.md": false} {
		if got := IsTemplate(file); got != want {
			t.Errorf("%s: %v", file, got)
		}
	}
}

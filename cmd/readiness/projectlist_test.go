package main

import (
	"slices"
	"strings"
	"testing"
)

const listSource = "https://gitlab.example.com"

func TestProjectList(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want []string
		fail string
	}{
		"paths and ids":    {"# tonight\nacme/web  # the shop\n\n17\nacme/api\nacme/web\n", []string{"17", "acme/api", "acme/web"}, ""},
		"URLs":             {"https://gitlab.example.com/acme/web.git\nhttps://GITLAB.example.com/acme/api\n", []string{"acme/api", "acme/web"}, ""},
		"spreadsheet's":    {"\ufeffpath,wave\r\nacme/web,1\r\n", []string{"acme/web"}, ""},
		"one column":       {"path\nacme/web\n", []string{"acme/web"}, ""},
		"semicolons":       {"wave;path\n1;acme/web\n", []string{"acme/web"}, ""},
		"ids go first":     {"Wave Name, Wave Date, Source http_url_to_repo, Source Namespace, Target Namespace, Override, Source Project ID\nw,2049-01-01,https://other.example.net/a/b.git,a,a,yes,1\n", []string{"1"}, ""},
		"URL without id":   {"Wave Name,Source Url,Parent Path\nw,https://gitlab.example.com/a/b.git,x\n", []string{"a/b"}, ""},
		"empty":            {"# nothing\n", nil, "names no project"},
		"no group":         {"acme/web\nweb\n", nil, `line 2: "web" is neither`},
		"spaces":           {"\nacme/my web\n", nil, "line 2"},
		"other host":       {"https://gitlab.com/a/b\n", nil, "line 1"},
		"password":         {"https://u:secret@gitlab.com/a/b\n", nil, "line 1"},
		"no such column":   {"wave,owner\n1,me\n", nil, "line 1: none of its columns"},
		"row without":      {"wave,path\n1,a/b\n2,\n", nil, "line 3: it names no project"},
		"broken row":       {"wave,path\n1,a/b\n2\n", nil, "line 3"},
		"climbing":         {"../../etc\n", nil, "line 1"},
		"zero":             {"0\n", nil, "line 1"},
		"query for a path": {"a/b?x=1\n", nil, "line 1"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := parseProjectList([]byte(c.text), listSource)
			if c.fail == "" && (err != nil || !slices.Equal(got, c.want)) {
				t.Errorf("%q, %v; want %q", got, err, c.want)
			}
			if c.fail != "" && (err == nil || !strings.Contains(err.Error(), c.fail)) {
				t.Errorf("%q, %v; want an error with %q", got, err, c.fail)
			}
			if err != nil && strings.Contains(err.Error(), "secret") {
				t.Errorf("%v tells a password", err)
			}
		})
	}
}

func FuzzProjectList(f *testing.F) {
	f.Add("acme/web\n17\n")
	f.Add("Wave Name,Source Project ID\nw,1\n")
	f.Fuzz(func(t *testing.T, text string) {
		list, err := parseProjectList([]byte(text), listSource)
		if (err == nil) != (len(list) > 0) {
			t.Fatalf("%q, %v", list, err)
		}
		for _, name := range list {
			if again, err := projectName(name, listSource); err != nil || again != name {
				t.Fatalf("%q is read as %q, %v", name, again, err)
			}
		}
	})
}

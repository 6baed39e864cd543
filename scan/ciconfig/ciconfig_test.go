package ciconfig

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"readiness/scan"
)

var about = About{Project: "platform/app", Host: "gitlab.example.com", Registry: "registry.example.com", Pages: "pages.example.com"}

// read is Read of one file.
func read(text string) Config {
	return Read(".gitlab-ci.yml", map[string]File{".gitlab-ci.yml": {Text: text}}, about)
}

// said writes mentions as "kind line value", own ones with a + and open ones with a ?.
func said(c Config) []string {
	var all []string
	for _, m := range c.Mentions.Items {
		s := fmt.Sprintf("%s %d %s", m.Kind, m.Line, m.Value)
		if m.Own {
			s += " +"
		}
		if m.Open {
			s += " ?"
		}
		all = append(all, s)
	}
	return all
}

func TestMentions(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"includes of every kind", `include:
  - local: ci/a.yml
  - project: platform/templates
    ref: main
    file: [/go.yml, /test.yml]
  - remote: https://user:secret@gitlab.example.com/x/raw/main/y.yml?token=abc
  - template: Security/SAST.gitlab-ci.yml
  - component: gitlab.example.com/platform/components/lint@1.0
  - component: $CI_SERVER_FQDN/platform/components/lint@1.0
  - project: $GROUP/templates
    file: x.yml
  - https://elsewhere.example.org/z.yml
`, []string{"include-local 2 ci/a.yml", "include-project 3 platform/templates +", "host 6 gitlab.example.com +", "include-remote 6 gitlab.example.com/x/raw/main/y.yml +",
			"include-template 7 Security/SAST.gitlab-ci.yml", "scanner 7 Security/SAST.gitlab-ci.yml", "host 8 gitlab.example.com +", "include-component 8 gitlab.example.com/platform/components/lint@1.0 +",
			"include-component 9 $CI_SERVER_FQDN/platform/components/lint@1.0 + ?", "include-project 10 $GROUP/templates + ?", "variable 10 GROUP",
			"foreign-host 12 elsewhere.example.org", "include-remote 12 elsewhere.example.org/z.yml"}},
		{"images and services", `job:
  image: registry.example.com/platform/go:1
  services:
    - name: $CI_DEPENDENCY_PROXY_GROUP_IMAGE_PREFIX/postgres:16
    - docker.io/library/redis@sha256:00
  script: [make]
other:
  image: alpine
  script: [make]
`, []string{"host 2 registry.example.com +", "image 2 registry.example.com/platform/go:1 +",
			"service 4 $CI_DEPENDENCY_PROXY_GROUP_IMAGE_PREFIX/postgres:16 + ?", "service 5 docker.io/library/redis@sha256:00", "image 8 alpine"}},
		{"other projects", `deploy:
  trigger:
    project: platform/deploy
    strategy: depend
down:
  trigger: platform/$CI_COMMIT_REF_NAME
test:
  needs:
    - project: platform/lib
      job: build
      ref: main
      artifacts: true
  script: [make]
`, []string{"trigger 3 platform/deploy +", "trigger 6 platform/$CI_COMMIT_REF_NAME + ?", "needs-project 9 platform/lib +"}},
		{"child pipelines", `child:
  trigger:
    include:
      - local: /child.yml
      - project: platform/children
        file: x.yml
      - artifact: made.yml
        job: make
one:
  trigger:
    include: child.yml
`, []string{"include-local 4 /child.yml", "include-project 5 platform/children +", "include-local 11 child.yml"}},
		{"the job token", `job:
  script:
    - git clone https://gitlab-ci-token:${CI_JOB_TOKEN}@gitlab.example.com/platform/lib.git
    - git clone "https://gitlab-ci-token:$CI_JOB_TOKEN@$CI_SERVER_HOST/platform/other.git"
    - 'curl -H "JOB-TOKEN: $CI_JOB_TOKEN" $CI_API_V4_URL/projects/platform%2Flib/packages/generic/x/1/y'
    - 'curl -H "JOB-TOKEN: $CI_JOB_TOKEN" $CI_API_V4_URL/projects/$CI_PROJECT_ID/packages/generic/x/1/y'
    - docker login -u gitlab-ci-token -p $CI_JOB_TOKEN $CI_REGISTRY
    - git clone https://gitlab-ci-token:${CI_JOB_TOKEN}@gitlab.example.com/platform/app.git
`, []string{"host 3 gitlab.example.com +", "job-token 3 platform/lib +", "job-token 4 platform/other +", "job-token 5 platform/lib +", "host 8 gitlab.example.com +"}},
		{"other servers", `variables:
  MIRROR: https://reader:word@mirror.example.org:8443/simple
job:
  script:
    - git clone git@github.com:acme/tool.git && git clone git@gitlab.example.com:platform/lib.git
    - curl "https://mirror.example.org/a" https://$HOST/b https://$CI_SERVER_HOST/c http://localhost/d http://10.0.0.1/
    - wget ftp://files.example.net
`, []string{"foreign-host 2 mirror.example.org", "foreign-host 5 github.com", "host 5 gitlab.example.com +", "ip-address 6 10.0.0.1", "variable 6 HOST", "foreign-host 7 files.example.net"}},
		{"hosts and addresses", `variables:
  API: https://gitlab.example.com/api/v4
  SITE: https://docs.pages.example.com/
  NOT: https://notgitlab.example.com/ https://gitlab.example.com.evil.org/
job:
  # https://gitlab.example.com in a comment
  script:
    - curl http://10.1.2.3:8080/ http://127.0.0.1/
    - echo v1.2.3.4 300.1.1.1
`, []string{"host 2 gitlab.example.com +", "host 3 pages.example.com +", "foreign-host 4 gitlab.example.com.evil.org", "foreign-host 4 notgitlab.example.com", "ip-address 8 10.1.2.3"}},
		{"secrets, tokens, environments", `job:
  id_tokens:
    VAULT: {aud: https://vault.example.com}
    AWS:
      aud: [sts.amazonaws.com]
  secrets:
    PASSWORD:
      vault: production/db/password@ops
      file: false
  environment:
    name: production
    kubernetes: {namespace: prod}
  tags: [docker, $SIZE]
  script: [deploy]
`, []string{"foreign-host 3 vault.example.com", "id-token 3 vault.example.com", "id-token 5 sts.amazonaws.com", "secrets 8 vault", "environment 11 production",
			"deprecated 12 environment:kubernetes:namespace", "runner-tag 13 $SIZE ?", "runner-tag 13 docker", "variable 13 SIZE"}},
		{"deprecated words", `image: ruby
types: [build]
job:
  only: [main]
  script: [echo $CI_BUILD_REF $CI_JOB_JWT_V2]
pages:
  script: [make]
  publish: dist
`, []string{"deprecated 1 global image", "image 1 ruby", "deprecated 2 types", "deprecated 4 only", "deprecated 5 CI_BUILD_REF", "deprecated 5 CI_JOB_JWT_V2",
			"pages 6 pages", "deprecated 8 publish"}},
		{"variables nobody defines", `variables:
  KNOWN: "1"
job:
  script:
    - export MINE=2
    - echo $KNOWN ${MINE} $CI_JOB_ID $DEPLOY_KEY $1 $path ${DEPLOY_KEY}
`, []string{"variable 6 DEPLOY_KEY"}},
		{"state of Terraform", `plan:
  script: [gitlab-terraform plan]
  artifacts: {reports: {terraform: plan.json}}
`, []string{"terraform 2 gitlab-terraform", "terraform 3 artifacts:reports:terraform"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			config := read(c.text)
			if got := said(config); !slices.Equal(got, c.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
			for _, m := range config.Mentions.Items {
				for _, secret := range []string{"user:", "secret@", "token=abc"} {
					if strings.Contains(m.Value, secret) {
						t.Errorf("%q holds what must not be kept", m.Value)
					}
				}
			}
		})
	}
}

// TestProblems has every bad file be a mention, never a crash, and never silent.
func TestProblems(t *testing.T) {
	bomb := "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
	for c := 'b'; c <= 'k'; c++ {
		bomb += fmt.Sprintf("%c: &%c [*%c, *%c, *%c, *%c, *%c, *%c, *%c, *%c, *%c, *%c]\n", c, c, c-1, c-1, c-1, c-1, c-1, c-1, c-1, c-1, c-1, c-1)
	}
	for _, c := range []struct{ name, text, want string }{
		{"no YAML", "job: [", "no valid YAML"},
		{"a tab", "job:\n\tscript: x", "no valid YAML"},
		{"a list", "- a\n- b\n", "no mapping"},
		{"a word", "hello", "no mapping"},
		{"a job that is none", "job: 12\n", "is no mapping"},
		{"a missing base", "job: {extends: .none, script: [x]}\n", "extends .none"},
		{"a circle", ".a: {extends: .b}\n.b: {extends: .a}\njob: {extends: .a, script: [x]}\n", "leads to itself"},
		{"a reference to nothing", "job: {script: [!reference [.none, script]]}\n", "names nothing"},
		{"references in a circle", ".a: {script: [!reference [.b, script]]}\n.b: {script: [!reference [.a, script]]}\njob: {script: [!reference [.a, script]]}\n", "deeper than GitLab follows"},
		{"too large", "# " + strings.Repeat("x", MaxFile) + "\njob: {script: [x]}\n", "larger than"},
		{"a bomb", bomb, "unfold to more"},
		{"a bomb of references", referenceBomb(), "unfold to more"},
		{"nested too deep", "a: " + strings.Repeat("[", 100_000), "nested deeper"},
		{"an include of nothing", "include: [{file: x}]\n", "names no file"},
		{"binary", "\x00\x01\x02", "no valid YAML"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var problems []string
			for _, m := range read(c.text).Mentions.Items {
				if m.Kind == scan.CIProblem {
					problems = append(problems, m.Value)
				}
			}
			if !slices.ContainsFunc(problems, func(p string) bool { return strings.Contains(p, c.want) }) {
				t.Errorf("problems %q, want one with %q", problems, c.want)
			}
		})
	}
}

// referenceBomb names ten times in each list the list before it.
func referenceBomb() string {
	var b strings.Builder
	b.WriteString(".l0: {script: [a, b, c, d, e, f, g, h, i, j]}\n")
	for level := 1; level <= 9; level++ {
		fmt.Fprintf(&b, ".l%d: {script: [%s]}\n", level, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("!reference [.l%d, script], ", level-1), 10), ", "))
	}
	b.WriteString("job: {script: [!reference [.l9, script]]}\n")
	return b.String()
}

// TestFiles follows includes as a caller does, round by round.
func TestFiles(t *testing.T) {
	repository := map[string]string{
		".gitlab-ci.yml": "include: [{local: a.yml}, {local: /b/*.yml}, {local: gone.yml}, {local: $X.yml}, {local: held.yml}]\njob: {script: [x]}\n",
		"a.yml":          "include: c.yml\na: {script: [x]}\n",
		"b/one.yml":      "one: {script: [x]}\n",
		"b/deep/two.yml": "two: {script: [x]}\n",
		"c.yml":          "include: a.yml\nc: {script: [x]}\n",
	}
	held := scan.Gap{Reason: scan.ReasonForbidden, Status: 403, Endpoint: scan.ReadFiles}
	files := map[string]File{}
	fetch := func(path string) {
		text, there := repository[path]
		files[path] = File{Text: text, Missing: !there}
		if path == "held.yml" {
			files[path] = File{Gap: &held}
		}
	}
	fetch(".gitlab-ci.yml")
	for round := 0; ; round++ {
		paths, patterns := Wanted(".gitlab-ci.yml", files)
		if !slices.Equal(patterns, []string{"b/*.yml"}) {
			t.Errorf("patterns %v", patterns)
		}
		if len(paths) == 0 {
			break
		}
		if round > 3 {
			t.Fatalf("still wanted: %v", paths)
		}
		for _, p := range paths {
			fetch(p)
		}
		fetch("b/one.yml")
		fetch("b/deep/two.yml")
	}
	c := Read(".gitlab-ci.yml", files, about)
	if want := []string{".gitlab-ci.yml", "a.yml", "c.yml", "b/one.yml"}; !slices.Equal(c.Files, want) {
		t.Errorf("files %v, want %v", c.Files, want)
	}
	var names []string
	for _, j := range c.Jobs {
		names = append(names, j.Name)
	}
	if want := []string{"c", "a", "one", "job"}; !slices.Equal(names, want) {
		t.Errorf("jobs %v, want %v", names, want)
	}
	if g, gap := c.Mentions.Gap(); !gap || g.Status != 403 {
		t.Errorf("a file that could not be read leaves no gap: %v", g)
	}
	if all := strings.Join(said(c), "\n"); !strings.Contains(all, "gone.yml is not in the repository") || !strings.Contains(all, "includes itself") {
		t.Errorf("not said: %s", all)
	}
	if none := Read("x.yml", files, about); len(none.Files)+len(none.Jobs) != 0 || !none.Mentions.Complete() {
		t.Errorf("of no configuration: %+v", none)
	}
}

// TestLimitsHold reads what would take for ever or all memory if the limits did
// not hold. Each is cut, and says so.
func TestLimitsHold(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and nothing in it runs at the same time")
	}
	all := map[string]File{}
	for c := 'a'; c <= 'z'; c++ {
		all[string(c)+".yml"] = File{Text: "include: '*.yml'\n"}
	}
	chain := map[string]File{}
	for i := range 300 {
		chain[fmt.Sprintf("%d.yml", i)] = File{Text: fmt.Sprintf("include: [%d.yml, %d.yml]\n", i+1, i+2)}
	}
	one := func(text string) map[string]File { return map[string]File{"a.yml": {Text: text}} }
	merges := "a: &a {x: 1}\n"
	for i := range 3_000 {
		merges += fmt.Sprintf("b%d: &b%d {<<: [*a, *a], y%d: 1}\n", i, i, i)
	}
	for _, c := range []struct {
		name, root string
		files      map[string]File
	}{
		{"each file includes all", "a.yml", all},
		{"a long chain, twice at each step", "0.yml", chain},
		{"names without end", "a.yml", one("x: {script: '" + strings.Repeat("$ABC$DEF ", MaxFile/9-10) + "'}\n")},
		{"a name on each line", "a.yml", one("x:\n  script:\n" + manyLines("    - echo $NAME_%d\n", 50_000))},
		{"a list of two million", "a.yml", one(strings.Repeat("-\n", MaxFile/2-1))},
		{"nested by lines", "a.yml", one(nested(1_500))},
		{"quotes that do not end", "a.yml", one("x: '" + strings.Repeat("a", MaxFile-10))},
		{"anchors without end", "a.yml", one(manyLines("a%[1]d: &a%[1]d {x: [1]}\n", 40_000))},
		{"hosts without end", "a.yml", one("x:\n  script:\n" + manyLines("    - curl https://h%d.example.net/\n", 40_000))},
		{"a file too large to be given", "a.yml", map[string]File{"a.yml": {Size: 10 << 20}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			Wanted(c.root, c.files)
			config := Read(c.root, c.files, about)
			if config.Mentions.Complete() && c.name != "names without end" && c.name != "quotes that do not end" {
				t.Errorf("nothing says that it was cut: %d mentions", len(config.Mentions.Items))
			}
		})
	}
	if c := Read("a.yml", one(merges), about); !c.Mentions.Complete() {
		t.Errorf("three thousand merges are too many: %v", c.Mentions.Items)
	}
}

func manyLines(format string, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

// nested is a mapping in a mapping, each on a line of its own.
func nested(depth int) string {
	var b strings.Builder
	for i := range depth {
		b.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	return b.String()
}

// TestChildPipelines follows the files that child pipelines are made of.
func TestChildPipelines(t *testing.T) {
	files := map[string]File{
		"a.yml":     {Text: ".t: {trigger: {include: child.yml}}\njob: {extends: .t}\n"},
		"child.yml": {Text: "image: golang\ninclude: more.yml\nbuild: {script: [x]}\nagain: {trigger: {include: /child.yml}}\n"},
	}
	if paths, _ := Wanted("a.yml", map[string]File{"a.yml": files["a.yml"]}); !slices.Equal(paths, []string{"child.yml"}) {
		t.Errorf("wanted %v", paths)
	}
	if paths, _ := Wanted("a.yml", files); !slices.Equal(paths, []string{"more.yml"}) {
		t.Errorf("wanted %v", paths)
	}
	files["more.yml"] = File{Text: "default: {tags: [gpu]}\n"}
	c := Read("a.yml", files, about)
	var got []string
	for _, m := range c.Mentions.Items {
		got = append(got, fmt.Sprintf("%s %s:%d %s %s", m.Kind, m.File, m.Line, m.Value, m.Job))
	}
	want := []string{"include-local a.yml:1 child.yml job", "deprecated child.yml:1 global image image", "image child.yml:1 golang build",
		"include-local child.yml:2 more.yml include", "include-local child.yml:4 /child.yml again", "runner-tag more.yml:1 gpu build"}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) || len(c.Jobs) != 1 {
		t.Errorf("got\n%s\nwant\n%s\njobs %v", strings.Join(got, "\n"), strings.Join(want, "\n"), c.Jobs)
	}
}

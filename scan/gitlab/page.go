package gitlab

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"readiness/scan"
)

// listing is a list of one kind that is read page by page. The cursor between
// pages is the part of a query that says where it goes on; it holds nothing
// else, so that a scan can be resumed under another address of the source.
type listing struct {
	call
	keyset bool // GitLab's keyset pagination, by id
}

// nextOf are the query parameters that a Link header may carry a walk on with.
var nextOf = []string{"id_after", "cursor", "page"}

// smaller are the page sizes to try after a page failed on the server's side. The
// last is for pages that are larger than is read: a server in trouble would be
// asked too often.
var smaller = []int{perPage, 20, 1}

// readPage reads the page at cursor and says where the walk goes on, "" at its
// end. lastID tells the id of an item in a list that takes id_after; nil: the
// list does not.
func readPage[T any](ctx context.Context, s *Source, l listing, cursor string, lastID func(T) int64) (items []T, next string, r *refusal, err error) {
	at, err := url.ParseQuery(cursor)
	if err != nil {
		return nil, "", &refusal{Endpoint: l.endpoint, Reason: scan.ReasonFailed, Cure: "the stored cursor is damaged: scan into a new file"}, nil
	}
	if at.Has("page") {
		l.keyset = false
	}
	seen := at["total"]
	again, _ := strconv.Atoi("0" + at.Get("again"))
	at.Del("total")
	at.Del("again")
	var h http.Header
	size := perPage
	for _, size = range smaller {
		c := l.call
		c.query = url.Values{}
		for k, v := range l.query {
			c.query[k] = v
		}
		for k, v := range at {
			c.query[k] = v
		}
		if l.keyset {
			c.query.Set("pagination", "keyset")
		}
		c.query.Set("per_page", strconv.Itoa(size))
		if !l.keyset && c.query.Get("page") == "" {
			c.query.Set("page", "1")
		}
		items = nil
		h, r, err = s.read(ctx, c, &items)
		// Only a keyset page may shrink: by offset its place depends on its size.
		if err != nil || r == nil || !l.keyset || !r.heavy && (r.Status < 500 || size < perPage) {
			break
		}
	}
	if r != nil || err != nil {
		return nil, "", r, err
	}
	next = follow(h, l.keyset)
	if next == "" && len(items) == size && !paged(h) {
		// A full page whose headers say nothing: a proxy may have taken them away.
		switch page, _ := strconv.Atoi("0" + at.Get("page")); {
		case l.keyset && lastID != nil:
			next = "id_after=" + strconv.FormatInt(lastID(items[len(items)-1]), 10)
		case l.keyset && at.Has("cursor"):
			// This page was found by a header, so headers arrive: it is the last.
		default:
			next = "page=" + strconv.Itoa(max(page, 1)+1)
		}
	}
	if len(items) == 0 {
		next = ""
	}
	if !l.keyset {
		switch total := h.Get("X-Total"); {
		case len(seen) == 1 && shrank(seen[0], total) && again >= maxAgain:
			return items, "", &refusal{Endpoint: l.endpoint, Status: http.StatusOK, Reason: scan.ReasonTruncated,
				Cure: cureChanging}, nil
		case len(seen) == 1 && shrank(seen[0], total):
			return items, fmt.Sprintf("page=1&again=%d", again+1), nil, nil
		case next != "" && total != "":
			next += "&total=" + url.QueryEscape(total)
			if again > 0 {
				next += "&again=" + strconv.Itoa(again)
			}
		}
	}
	if next != "" && next == cursor {
		return items, "", &refusal{Endpoint: l.endpoint, Status: http.StatusOK, Reason: scan.ReasonTruncated, Cure: "the server's next page leads nowhere"}, nil
	}
	return items, next, nil, nil
}

// maxAgain is how often a list that shrinks while it is walked is begun again.
const maxAgain = 3

const cureChanging = "the list changes faster than it can be read: scan again at a quieter hour"

// shrank reports whether a list by offset lost items since its last page: what
// followed them has moved to pages that were read, so the walk begins again.
// Items that come twice are known by their ids.
func shrank(before, now string) bool {
	a, errA := strconv.ParseInt(before, 10, 64)
	b, errB := strconv.ParseInt(now, 10, 64)
	return errA == nil && errB == nil && b < a
}

// follow is the cursor that an answer's headers give.
func follow(h http.Header, keyset bool) string {
	if n := h.Get("X-Next-Page"); n != "" && !keyset {
		return "page=" + n
	}
	link := nextLink(h)
	for _, key := range nextOf {
		if v := link.Get(key); v != "" {
			return url.Values{key: {v}}.Encode()
		}
	}
	return ""
}

// scoped is a walk over one list per group of the scope: the cursor says which
// group, then where in its list.
func (s *Source) scopedCursor(cursor string) (group int, rest string) {
	q, err := url.ParseQuery(cursor)
	if err != nil {
		return 0, cursor
	}
	group, _ = strconv.Atoi("0" + q.Get("group"))
	q.Del("group")
	return group, q.Encode()
}

// nextScoped is the cursor after a page of the group's list.
func (s *Source) nextScoped(group int, next string) string {
	if next != "" {
		return "group=" + strconv.Itoa(group) + "&" + next
	}
	if group+1 < len(s.scope) {
		return "group=" + strconv.Itoa(group+1)
	}
	return ""
}

// stopped is the Gap of a walk that could not go on.
func stopped(r *refusal, id scan.FactID, v scan.Version) *scan.Gap {
	g := r.gap(id, v)
	return &g
}

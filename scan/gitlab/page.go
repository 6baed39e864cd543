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
	// plain is the query of a form of the list that tells less, for entries on which
	// the source fails otherwise; nil: there is none.
	plain url.Values
}

// nextOf are the query parameters that a Link header may carry a walk on with.
var nextOf = []string{"id_after", "cursor", "page"}

// readPage reads the page at cursor and says where the walk goes on, "" at its
// end. A page that fails on the server's side is asked for in smaller ones, down to
// one entry, and a single entry that fails is passed over: then there are both a
// refusal, which says so, and a cursor that goes on.
func readPage[T any](ctx context.Context, s *Source, l listing, cursor string, entry entryOf[T]) (items []T, next string, r *refusal, err error) {
	at, err := readPlace(cursor)
	if err != nil {
		return nil, "", &refusal{Endpoint: l.endpoint, Reason: scan.ReasonFailed, Cure: "the stored cursor is damaged: scan into a new file"}, nil
	}
	if at.query.Has("page") {
		l.keyset = false
	}
	var h http.Header
	for {
		items = nil
		c := l.page(at)
		c.shrinks = true
		h, r, err = s.read(ctx, c, &items)
		if err != nil || r == nil || !at.shrink(r) {
			break
		}
	}
	s.lost(r)
	if err != nil {
		return nil, "", nil, err
	}
	if r != nil {
		if at.size > 1 || !ofOneEntry(r) {
			return nil, "", r, nil
		}
		return passOver(ctx, s, l, at, entry, r)
	}
	next = follow(h, l.keyset)
	if next == "" && len(items) == at.size && !paged(h) {
		// A full page whose headers say nothing: a proxy may have taken them away.
		switch page, _ := strconv.Atoi("0" + at.query.Get("page")); {
		case l.keyset && entry.id != nil:
			next = afterID(entry.id(items[len(items)-1])).Encode()
		case l.keyset && at.query.Has("cursor"):
			// This page was found by a header, so headers arrive: it is the last.
		default:
			next = "page=" + strconv.Itoa(max(page, 1)+1)
		}
	}
	if len(items) == 0 {
		next = ""
	}
	if next != "" {
		on, _ := url.ParseQuery(next)
		next = at.after(on, l.keyset).cursor()
	}
	if !l.keyset {
		switch total := h.Get("X-Total"); {
		case shrank(at.total, total) && at.again >= maxAgain:
			return items, "", &refusal{Endpoint: l.endpoint, Status: http.StatusOK, Reason: scan.ReasonTruncated,
				Cure: cureChanging}, nil
		case shrank(at.total, total):
			return items, fmt.Sprintf("page=1&again=%d", at.again+1), nil, nil
		case next != "" && total != "":
			next += "&total=" + url.QueryEscape(total)
			if at.again > 0 {
				next += "&again=" + strconv.Itoa(at.again)
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

// lacking notes in a page what of a list was refused: the rest, or no more than
// entries where the walk goes on.
func lacking[T any](page *scan.Page[T], r *refusal, id scan.FactID, v scan.Version) {
	if r == nil {
		return
	}
	g := r.gap(id, v)
	if page.Next == "" {
		page.Gap = &g
	} else {
		page.Missed = &g
	}
}

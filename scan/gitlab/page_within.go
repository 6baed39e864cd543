package gitlab

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"readiness/scan"
)

// place is where a walk over a list stands: between two pages, or within one that
// failed as a whole and is read in smaller ones.
type place struct {
	// query is what GitLab is told: id_after, cursor or page; empty: the start. By
	// offset, page is that of the whole page.
	query url.Values
	size  int // of the next page, one of sizes
	done  int // entries of the whole page that were read or passed over
	// missed is how many entries were passed over in a row, and lost holds the ids of
	// all that were; "0" where it is not known.
	missed int
	lost   []string

	total string // X-Total of the page before; "": none, or not told
	again int    // how often a list by offset was begun again
}

// sizes are those of pages, each a divisor of the one before: by offset, a page's
// place follows from its size.
var sizes = []int{perPage, 20, 1}

// mostMissed is how many entries in a row are passed over before the list itself is
// taken to be broken.
const mostMissed = 3

func readPlace(cursor string) (place, error) {
	q, err := url.ParseQuery(cursor)
	p := place{query: q, size: perPage, total: q.Get("total")}
	number := func(name string, into *int) {
		if q.Has(name) && err == nil {
			*into, err = strconv.Atoi(q.Get(name))
		}
		q.Del(name)
	}
	number("size", &p.size)
	number("done", &p.done)
	number("missed", &p.missed)
	number("again", &p.again)
	if q.Has("lost") {
		p.lost = strings.Split(q.Get("lost"), ",")
	}
	q.Del("total")
	q.Del("lost")
	if err == nil && (!slices.Contains(sizes, p.size) || p.done < 0 || p.done >= perPage || p.done%p.size != 0) {
		err = errors.New("there is no such place in a page")
	}
	return p, err
}

// cursor is what readPlace reads, without total and again.
func (p place) cursor() string {
	q := maps.Clone(p.query)
	for name, n := range map[string]int{"done": p.done, "missed": p.missed} {
		if n > 0 {
			q.Set(name, strconv.Itoa(n))
		}
	}
	if p.size < perPage {
		q.Set("size", strconv.Itoa(p.size))
	}
	if len(p.lost) > 0 {
		q.Set("lost", strings.Join(p.lost, ","))
	}
	return q.Encode()
}

// page asks for the page at p.
func (l listing) page(p place) call {
	c := l.call
	c.query = maps.Clone(l.query)
	if c.query == nil {
		c.query = url.Values{}
	}
	maps.Copy(c.query, p.query)
	if l.keyset {
		c.query.Set("pagination", "keyset")
	} else {
		c.query.Set("page", strconv.Itoa(((p.whole()-1)*perPage+p.done)/p.size+1))
	}
	c.query.Set("per_page", strconv.Itoa(p.size))
	return c
}

// whole is the number of the whole page by offset, from 1.
func (p place) whole() int {
	n, _ := strconv.Atoi(p.query.Get("page"))
	return max(n, 1)
}

// shrink makes the next page smaller if that may help after r, and reports whether
// it did. A single entry is asked for only where one can be to blame: a server in
// trouble would be asked too often.
func (p *place) shrink(r *refusal) bool {
	switch {
	case p.size == sizes[0] && (r.heavy || r.Status >= http.StatusInternalServerError):
		p.size = sizes[1]
	case p.size == sizes[1] && ofOneEntry(r):
		p.size = sizes[2]
	default:
		return false
	}
	return true
}

// ofOneEntry reports whether a page may be refused for what one entry of it holds.
func ofOneEntry(r *refusal) bool { return r.heavy || r.Status == http.StatusInternalServerError }

// after is the place after the page at p. next is where GitLab's own walk goes on; by
// offset and within a page it is not needed.
func (p place) after(next url.Values, keyset bool) place {
	p.missed = 0
	p.done += p.size
	switch {
	case keyset || p.size == perPage:
		p.query = next
	case p.done == perPage:
		p.query = url.Values{"page": {strconv.Itoa(p.whole() + 1)}}
	}
	p.done %= perPage
	for _, p.size = range sizes {
		if p.done%p.size == 0 {
			break
		}
	}
	return p
}

// entryOf is what readPage has to know of a list's entries beyond how they decode.
type entryOf[T any] struct {
	// id is an entry's, in a list that takes id_after; nil: it does not.
	id func(T) int64
	// bare notes why no more than the list's plain form tells of an entry.
	bare func(*T, *refusal)
}

// passOver goes on after the one entry at a place, on which the source fails with
// why. Where the list has a plain form and that holds the entry, nothing but its
// facts is lost.
func passOver[T any](ctx context.Context, s *Source, l listing, at place, entry entryOf[T], why *refusal) (items []T, next string, r *refusal, err error) {
	if l.plain != nil {
		plain := l
		plain.query = l.plain
		_, r, err := s.read(ctx, plain.page(at), &items)
		if err != nil || r == nil && len(items) == 0 {
			return nil, "", nil, err
		}
		if r == nil {
			entry.bare(&items[0], why)
			return items, past(l, at, items, entry), nil, nil
		}
	}
	if at.missed >= mostMissed || l.keyset && (entry.id == nil || at.query.Has("cursor")) {
		return nil, "", why, nil
	}
	id, on := int64(0), url.Values(nil)
	if l.keyset {
		var found []T
		id, found, r, err = unreadable[T](ctx, s, l, at)
		switch {
		case err != nil:
			return nil, "", nil, err
		case r != nil:
			return nil, "", why, nil
		case len(found) > 0: // it can be read by now
			return found, past(l, at, found, entry), nil, nil
		}
		on = afterID(id)
	}
	to := at.after(on, l.keyset)
	to.missed = at.missed + 1
	to.lost = append(to.lost, strconv.FormatInt(id, 10))
	missed := *why
	missed.Cure = lostWords(to.lost) + ": have its administrator look for this answer in its log, then scan again into a new file"
	return nil, to.cursor(), &missed, nil
}

// mostNamed is how many ids are named in a sentence.
const mostNamed = 50

// lostWords says on how many entries of a list the source fails, and on which.
func lostWords(lost []string) string {
	named := slices.DeleteFunc(slices.Clone(lost), func(id string) bool { return id == "0" })
	words := "the source itself fails on one entry"
	if len(lost) > 1 {
		words = fmt.Sprintf("the source itself fails on %d entries", len(lost))
	}
	switch {
	case len(named) > mostNamed:
		return words + " (ids " + strings.Join(named[:mostNamed], ", ") + ", …)"
	case len(named) > 1:
		return words + " (ids " + strings.Join(named, ", ") + ")"
	case len(named) == 1:
		return words + " (id " + named[0] + ")"
	}
	return words
}

// past is the cursor after a page of one entry.
func past[T any](l listing, at place, items []T, entry entryOf[T]) string {
	if l.keyset {
		return at.after(afterID(entry.id(items[0])), true).cursor()
	}
	return at.after(nil, false).cursor()
}

func afterID(id int64) url.Values { return url.Values{"id_after": {strconv.FormatInt(id, 10)}} }

// widest is how many ids are looked through for the next entry.
const widest = 1 << 40

// unreadable finds the id of the entry at a place of a list by id, on which the
// source fails: of the ranges of ids from that place on, those that end before it
// are empty, and all others fail. If one of them is answered instead, its entry comes
// back.
func unreadable[T any](ctx context.Context, s *Source, l listing, at place) (id int64, found []T, r *refusal, err error) {
	from, _ := strconv.ParseInt(at.query.Get("id_after"), 10, 64)
	fails := func(width int64) (failed, over bool) {
		c := l.page(at)
		c.query.Set("id_after", strconv.FormatInt(from, 10))
		c.query.Set("id_before", strconv.FormatInt(from+width+1, 10))
		found = nil
		if _, r, err = s.read(ctx, c, &found); err == nil && r != nil && ofOneEntry(r) {
			return true, false
		}
		return false, err != nil || r != nil || len(found) > 0
	}
	empty, full := int64(0), int64(0) // full 0: none is found that fails
	for width := int64(1); full == 0 || full-empty > 1; {
		failed, over := fails(width)
		switch {
		case over:
			return 0, found, r, err
		case failed:
			full = width
		default:
			empty = width
		}
		switch {
		case full > 0:
			width = empty + (full-empty)/2
		case width >= widest:
			return 0, nil, &refusal{Endpoint: l.endpoint, Reason: scan.ReasonFailed}, nil
		default:
			width *= 2
		}
	}
	return from + full, nil, nil, nil
}

package gitlab

import (
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Exchange is one request that was sent and how it was answered.
type Exchange struct {
	Begun  time.Time
	Took   time.Duration // until the end of the answer
	Method string
	// Address is the URL. Values of its query that are not plainly harmless (numbers
	// and words of the API) are left out: "cursor=…".
	Address string
	Status  int // 0: no answer came, or not all of it
}

// tell tells of an attempt that began at an instant.
func (t *transport) tell(req *http.Request, begun time.Time, resp **http.Response, err *error) {
	e := Exchange{Begun: begun, Took: t.clock.Now().Sub(begun), Method: req.Method, Address: addressOf(req.URL)}
	if req.Response != nil { // a redirect, whose address is the server's
		e.Address = masked(e.Address)
	}
	if *err == nil {
		e.Status = (*resp).StatusCode
	}
	t.sent(e)
}

// addressOf writes a URL for a log.
func addressOf(u *url.URL) string {
	address := u.Scheme + "://" + u.Host + u.EscapedPath()
	if u.RawQuery == "" {
		return address
	}
	pairs := strings.Split(u.RawQuery, "&")
	for i, pair := range pairs {
		name, value, _ := strings.Cut(pair, "=")
		if !harmless(value) {
			pairs[i] = name + "=…"
		}
	}
	return address + "?" + strings.Join(pairs, "&")
}

// harmless reports whether a query's value is a short number or a short word of
// small letters, as the API's own are.
func harmless(value string) bool {
	if len(value) > 20 {
		return false
	}
	for _, r := range value {
		if (r < 'a' || r > 'z') && r != '_' && (r < '0' || r > '9') {
			return false
		}
	}
	digits := strings.Trim(value, "0123456789") == ""
	return digits || !strings.ContainsAny(value, "0123456789")
}

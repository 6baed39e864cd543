package gitlab

import (
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"readiness/scan"
	"readiness/scan/gitlabsim"
	"readiness/scan/snapshot"
)

// A token that is revoked ends the scan at once; what was read is kept, and no
// fact is taken for forbidden.
func TestRevokedTokenEndsTheScan(t *testing.T) {
	t.Parallel()
	undisturbed(t)
	for _, after := range []int{1, 2, 3, 10, 40, 100, 250, 400, 600} {
		t.Run(fmt.Sprint(after), func(t *testing.T) {
			t.Parallel()
			f := scanUnder(t, fmt.Sprintf("revoke after=%d", after))
			if f.snapshot != nil {
				t.Fatal("the scan finished")
			}
			if f.path == "" { // Open found out
				var input *InputError
				if after > 3 || f.err == nil || errors.As(f.err, &input) != (after == 1) && !errors.Is(f.err, scan.ErrAuthentication) {
					t.Errorf("Open ended with %v", f.err)
				}
				return
			}
			if !errors.Is(f.err, scan.ErrAuthentication) {
				t.Fatalf("ended with %v", f.err)
			}
			if n := f.server.Injected()["revoke"]; n > 3*DefaultWorkers {
				t.Errorf("%d requests after the token was revoked", n)
			}
			if after < 60 {
				return // the instance itself was not read
			}
			s := openSnapshot(t, f.path, func(path string) (*snapshot.Snapshot, error) { return snapshot.OpenRun(path, 1) })
			known := 0
			subjects := subjectsOf(t, s)
			for _, subject := range subjects {
				for id, r := range scan.Facts(subject) {
					g, gap := r.Gap()
					if _, usual := quiet.gaps[keyOf(subject)+" "+string(id)]; !gap {
						known++
					} else if id == "project.container-registry-size" && g.Reason == scan.ReasonWithheld {
						// The listing's zero, until a wide page tells that there is no repository.
					} else if !usual && g.Reason != scan.ReasonInterrupted {
						t.Errorf("%s of %s: %v", id, subject.Address(), g)
					}
				}
			}
			d := compareAll(t, f.server.World(), subjects)
			d.report(t)
			if known == 0 {
				t.Error("nothing was kept")
			}
			t.Logf("%d facts kept, %d requests after the revocation", known, f.server.Injected()["revoke"])
		})
	}
}

// A source that goes away and stays away ends the scan after half an hour, with
// what was read kept and nothing taken for failed; the same scan goes on later.
func TestOutageEndsTheScan(t *testing.T) {
	t.Parallel()
	undisturbed(t)
	for name, plan := range map[string]string{
		"502":              "502 after=%d",
		"500":              "500 after=%d",
		"no connection":    "reset after=%d",
		"silence":          "stall after=%d",
		"the sign-in page": "html after=%d",
	} {
		moments := []int{20, 300}
		if testing.Short() {
			moments = []int{300}
		}
		for _, after := range moments {
			t.Run(fmt.Sprint(name, " after ", after), func(t *testing.T) {
				t.Parallel()
				var told []string
				var mu sync.Mutex
				cfg, path := gitlabsim.Config{Projects: 40, Seed: 7}, filepath.Join(t.TempDir(), "s.db")
				f := scanInto(t, path, cfg, fmt.Sprintf(plan, after), func(o *Options) {
					o.Notice = func(line string) {
						mu.Lock()
						defer mu.Unlock()
						told = append(told, line)
					}
				})
				if !errors.Is(f.err, scan.ErrUnreachable) {
					t.Fatalf("ended with %v", f.err)
				}
				if len(f.failures) > 0 {
					t.Errorf("%d failures told, the first: %s", len(f.failures), f.failures[0])
				}
				if len(told) != 1 || !strings.Contains(told[0], "waiting for it up to 30m") {
					t.Errorf("told %q", told)
				}
				// Every request under way with all its attempts, and the search for the source;
				// net/http itself may repeat what was reset on a connection kept open.
				most := DefaultWorkers*maxAttempts + 45 + f.server.Injected()["reset"]/2
				if n := f.server.Stats().Requests - int64(after); n > most {
					t.Errorf("%d requests to a source that was away", n)
				}
				if away := f.clock.Now().Sub(newFastClock().now); away < longestOutage || away > 3*longestOutage {
					t.Errorf("waited %v", away)
				}
				again := scanInto(t, path, cfg, "")
				if again.err != nil {
					t.Fatal(again.err)
				}
				if again.snapshot.Meta().Hash != quiet.hash {
					t.Error("the resumed scan's snapshot is another one than without an outage")
					again.report(t, nil)
				}
			})
		}
	}
}

// watched tells when requests leave and what they are answered.
type watched struct {
	http.RoundTripper
	clock *fastClock
	t     *testing.T

	until map[string]time.Time // by path, "" for all: when Retry-After lets requests leave again
}

func (w *watched) RoundTrip(r *http.Request) (*http.Response, error) {
	now := w.clock.Now()
	for _, key := range []string{"", r.URL.Path} {
		if now.Before(w.until[key]) {
			w.t.Errorf("%s left %v before Retry-After allows it", r.URL.Path, w.until[key].Sub(now))
		}
	}
	resp, err := w.RoundTripper.RoundTrip(r)
	if err == nil && resp.StatusCode == http.StatusTooManyRequests {
		key := r.URL.Path
		if resp.Header.Get("RateLimit-Limit") != "" {
			key = ""
		}
		if after, ok := retryAfter(resp.Header, now); ok {
			w.until[key] = w.clock.Now().Add(after)
		}
	}
	return resp, err
}

// One request at a time, none leaves before the last Retry-After allows it.
func TestRetryAfterIsHonoured(t *testing.T) {
	t.Parallel()
	var w *watched
	f := scanUnder(t, "429 burst=3 every=20; 503 share=0.01 retry-after=9", func(o *Options) {
		w = &watched{RoundTripper: http.DefaultTransport, clock: o.Clock.(*fastClock), t: t, until: map[string]time.Time{}}
		o.Transport, o.Workers = w, 1
	})
	if f.err != nil {
		t.Fatal(f.err)
	}
	if len(w.until) < 5 {
		t.Errorf("only %d paths were limited", len(w.until))
	}
}

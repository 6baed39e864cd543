package gitlab

import (
	"context"
	"iter"
	"strings"

	"readiness/scan"
)

// maxDestinationPages bounds how many pages of a destination's accounts are
// read: 50,000 accounts. Where there are more, as on GitLab.com, nobody is looked up.
const maxDestinationPages = 500

// people compares the source's accounts with those of the destination that s is
// opened for: how many have an account there by their e-mail address, and of how
// many somebody else has the user name. Nothing of the destination's accounts is
// kept but the two numbers. An error of the walk over them ends it.
func (s *Source) people(ctx context.Context, d *scan.Destination, of iter.Seq2[*scan.User, error]) error {
	lose := func(g scan.Gap) error {
		d.KnownAddresses, d.TakenNames = scan.Missing[int64](g), scan.Missing[int64](g)
		return nil
	}
	names := map[string]string{} // the source's addresses by user name, both in lower case
	addresses := map[string]bool{}
	for u, err := range of {
		if err != nil {
			return err
		}
		email, read := u.Email.Get()
		if g, gap := u.Email.Gap(); gap {
			return lose(g)
		}
		if read && email != "" {
			addresses[strings.ToLower(email)] = true
		}
		names[strings.ToLower(u.Username)] = strings.ToLower(email)
	}
	var known, taken int64
	for cursor, n := "", 0; ; n++ {
		if n == maxDestinationPages {
			return lose(scan.Gap{Reason: scan.ReasonTruncated, Endpoint: scan.ReadUsers, Cure: "look people up by hand: the destination has more accounts than are read"})
		}
		page, err := s.Users(ctx, cursor)
		switch {
		case err != nil:
			return err
		case page.Gap != nil:
			return lose(*page.Gap)
		}
		for _, u := range page.Items {
			email, read := u.Email.Get()
			if !read {
				return lose(scan.Gap{Reason: scan.ReasonWithheld, Endpoint: scan.ReadUsers, Cure: destinationCure})
			}
			email = strings.ToLower(email)
			if email != "" && addresses[email] {
				known++
			}
			if mine, same := names[strings.ToLower(u.Username)]; same && (mine == "" || mine != email) {
				taken++
			}
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	d.KnownAddresses, d.TakenNames = scan.Known(known), scan.Known(taken)
	return nil
}

package matrix

import (
	"fmt"

	"readiness/scan"
)

// Answer is a rule read for one source version and one destination version.
type Answer struct {
	Status Status
	Note   string // why, in words
	Source string // https link; empty where nobody has looked
	ReadOn string // the day the source was read, YYYY-MM-DD
}

// Answer says what a method does with an item between two versions. The zero
// Version is one that could not be read: it is never taken for an old one, and
// where it would decide, the answer is unverified.
//
// A rule with since holds from that version on, on the side it names. Below it
// nothing is carried, or, where since is only the first version it was seen in,
// nothing is verified. The statuses describe versions up to m.Newest: for a
// newer destination nothing is verified either. What rides on another method is
// carried from that one's since on.
func (m *Matrix) Answer(item *Item, method Method, source, destination scan.Version) Answer {
	rule, ok := item.Rules[method]
	if c, is := m.Combination(modes[method]); is && !ok {
		return m.Combine(c, item, source, destination)
	}
	if !ok {
		return Answer{Status: Unverified, Note: "Nobody has looked at what " + method.Title() + " does with this"}
	}
	answer := func(s Status, why string) Answer {
		return Answer{Status: s, Note: because(why, rule.Note), Source: rule.Source, ReadOn: rule.ReadOn}
	}

	// Where the source's version is unknown, the feature either does not exist,
	// and nothing is lost, or it does, and the rule holds: no need to tell.
	if !source.IsZero() && !source.AtLeast(item.FeatureSince) {
		a := answer(NotApplicable, "")
		a.Note = fmt.Sprintf("GitLab has this from %s on; the source runs %s", item.FeatureSince.Short(), source.Short())
		return a
	}

	if status, why, held := before(rule, source, destination); held {
		return answer(status, why)
	}
	if base := item.Rules[rule.Rides]; rule.Status == Carried || rule.Status == Partial {
		if status, why, held := before(base, source, destination); held {
			return answer(status, rule.Rides.Title()+" underneath: "+why)
		}
	}
	counting := rule.SinceSide.parties(source, destination)
	if !rule.Until.IsZero() {
		p, past := find(counting, func(v scan.Version) bool { return v.CompareMinor(rule.Until) > 0 })
		if !past {
			p, past = unread(counting)
		}
		if past {
			return answer(Unverified, fmt.Sprintf("Up to %s on %s; %s", rule.Until.Short(), rule.SinceSide.place(), p))
		}
	}
	if !m.Newest.IsZero() && destination.CompareMinor(m.Newest) > 0 {
		return answer(Unverified, fmt.Sprintf("Checked up to GitLab %s; %s", m.Newest.Short(), party{"destination", destination}))
	}

	switch {
	case rule.Requires != "" && !rule.Since.IsZero():
		return answer(rule.Status, fmt.Sprintf("Without %s (possible from %s on %s)", rule.Requires, rule.Since.Short(), rule.SinceSide.place()))
	case rule.Requires != "":
		return answer(rule.Status, "Without "+rule.Requires)
	}
	return answer(rule.Status, "")
}

// before says what holds of a rule, and why, where its since is not or perhaps
// not reached; held is false where it is reached or makes no difference.
func before(rule Rule, source, destination scan.Version) (status Status, why string, held bool) {
	if rule.Since.IsZero() {
		return "", "", false
	}
	counting := rule.SinceSide.parties(source, destination)
	from := fmt.Sprintf("from %s on %s", rule.Since.Short(), rule.SinceSide.place())
	if p, below := find(counting, func(v scan.Version) bool { return !v.AtLeast(rule.Since) }); below {
		switch {
		case !rule.SinceExact:
			return Unverified, fmt.Sprintf("Seen %s, not confirmed before; %s", from, p), true
		case rule.Requires != "":
			return NotCarried, fmt.Sprintf("Not without %s, possible only %s; %s", rule.Requires, from, p), true
		}
		return NotCarried, fmt.Sprintf("Only %s; %s", from, p), true
	}
	if p, is := unread(counting); is && !(rule.Status == NotCarried && rule.SinceExact) {
		return Unverified, fmt.Sprintf("Only %s; %s", from, p), true
	}
	return "", "", false
}

func because(why, note string) string {
	if why == "" || note == "" {
		return why + note
	}
	return why + ": " + note
}

// place names the side within a sentence.
func (s Side) place() string {
	switch s {
	case SourceSide:
		return "the source"
	case DestinationSide:
		return "the destination"
	}
	return "both sides"
}

// parties are those of a migration whose version counts.
func (s Side) parties(source, destination scan.Version) []party {
	both := []party{{"source", source}, {"destination", destination}}
	switch s {
	case SourceSide:
		return both[:1]
	case DestinationSide:
		return both[1:]
	}
	return both
}

// party is one side of a migration with what it runs.
type party struct {
	whose   string
	version scan.Version
}

func (p party) String() string {
	if p.version.IsZero() {
		return "the " + p.whose + "'s version is not known"
	}
	return "the " + p.whose + " runs " + p.version.Short()
}

// find returns the first party whose version is known and as asked.
func find(parties []party, is func(scan.Version) bool) (party, bool) {
	for _, p := range parties {
		if !p.version.IsZero() && is(p.version) {
			return p, true
		}
	}
	return party{}, false
}

// unread returns the first party whose version could not be read.
func unread(parties []party) (party, bool) {
	for _, p := range parties {
		if p.version.IsZero() {
			return p, true
		}
	}
	return party{}, false
}

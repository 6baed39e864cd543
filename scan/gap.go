package scan

import "fmt"

// Reason says why a fact has no value.
type Reason string

// The reasons a fact may lack a value. ReasonUnset is the zero state of every
// fact: nobody has answered for it. A finished snapshot never holds one.
const (
	ReasonUnset       Reason = "unset"
	ReasonNotAsked    Reason = "not-asked"           // outside the chosen depth or areas
	ReasonForbidden   Reason = "forbidden"           // the server said 401 or 403
	ReasonHidden      Reason = "not-found-or-hidden" // 404, which GitLab also says for what a caller may not see
	ReasonWithheld    Reason = "withheld"            // left out, null, zero or empty without the right to tell
	ReasonFeatureOff  Reason = "feature-off"         // the instance or the licence has the feature off
	ReasonTooOld      Reason = "too-old"             // this version has no way to tell
	ReasonTruncated   Reason = "truncated"           // a list was cut before its end
	ReasonFailed      Reason = "failed"              // the request failed or its answer made no sense
	ReasonInterrupted Reason = "interrupted"         // the scan stopped before this was asked
	ReasonRedacted    Reason = "redacted"            // it goes by a name, and the snapshot has pseudonyms
)

// Reasons lists every reason a reader may give, in the order reports use.
func Reasons() []Reason {
	return []Reason{ReasonForbidden, ReasonWithheld, ReasonHidden, ReasonFailed, ReasonTruncated,
		ReasonInterrupted, ReasonRedacted, ReasonTooOld, ReasonFeatureOff, ReasonNotAsked, ReasonUnset}
}

// Sentence says the reason in plain words, for people.
func (r Reason) Sentence() string {
	switch r {
	case ReasonUnset:
		return "nobody answered for it (a defect of this tool)"
	case ReasonNotAsked:
		return "not asked for in this scan"
	case ReasonForbidden:
		return "the server refused: the token lacks the right"
	case ReasonHidden:
		return "not found, or hidden from this token"
	case ReasonWithheld:
		return "left out of the source's answer"
	case ReasonFeatureOff:
		return "the feature is off on the source"
	case ReasonTooOld:
		return "the source's version cannot tell"
	case ReasonTruncated:
		return "the list was cut before its end"
	case ReasonFailed:
		return "the request failed"
	case ReasonRedacted:
		return "it goes by a name, and names are pseudonyms here"
	case ReasonInterrupted:
		return "the scan was interrupted before it was asked"
	}
	return string(r)
}

// Gap is the record of something that could not be read: why, where, and what
// would cure it.
type Gap struct {
	Reason   Reason `json:"reason"`
	Status   int    `json:"status,omitempty"`   // HTTP status, 0 if none was received
	Endpoint string `json:"endpoint,omitempty"` // method and route pattern, without ids, e.g. "GET /projects/:id/hooks"
	Cure     string `json:"cure,omitempty"`     // the permission, flag or setting that would let it be read
}

// String words the gap for people, e.g.
// "the server refused: the token lacks the right (403 from GET /hooks)".
func (g Gap) String() string {
	s := g.Reason.Sentence()
	switch {
	case g.Status != 0 && g.Endpoint != "":
		s += fmt.Sprintf(" (%d from %s)", g.Status, g.Endpoint)
	case g.Endpoint != "":
		s += " (" + g.Endpoint + ")"
	case g.Status != 0:
		s += fmt.Sprintf(" (%d)", g.Status)
	}
	return s
}

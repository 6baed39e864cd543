package scan

// Note is something about a scan as a whole that everyone who reads its results
// has to know.
type Note string

// The notes.
const (
	NoteUnverified Note = "certificates-not-verified"
	NoteRedacted   Note = "redacted"
)

// Sentence says the note in plain words, for people; "" if it is none of the known.
func (n Note) Sentence() string {
	switch n {
	case NoteUnverified:
		return "Certificates were not verified (--insecure-skip-verify): nothing proves that the answers are the source's."
	case NoteRedacted:
		return "Names are pseudonyms: what depends on a name was not judged. Ids and numbers are the source's."
	}
	return ""
}

package snapshot

import "errors"

// What can be wrong with a snapshot file. The errors that Begin, Open and the
// methods return wrap one of these where it applies; their text is one line that
// names the file and says what to do.
var (
	ErrNotSnapshot = errors.New("not a snapshot of readiness")
	ErrNewer       = errors.New("made by a newer version of readiness")
	ErrDamaged     = errors.New("damaged or truncated")
	ErrNoRun       = errors.New("no scan in it")
	ErrLocked      = errors.New("in use by another program")
	ErrOtherRun    = errors.New("holds an unfinished scan of something else")
	ErrIncomplete  = errors.New("the scan has not answered everything it asks")
)

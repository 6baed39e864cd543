package scan

import (
	"context"
	"errors"
)

// The errors of a Source that end a scan before the walks are through.
var (
	// ErrAuthentication means the source no longer accepts the token at all.
	ErrAuthentication = errors.New("the source does not accept the token")
	// ErrUnreachable means the source has not answered for so long that to go on
	// would be to write down failures.
	ErrUnreachable = errors.New("the source is away")
)

// ErrOtherReader means that a scan was begun with another user's token, or with
// other rights. What one may not see another may: a scan of both would say of
// neither what is there.
var ErrOtherReader = errors.New("the scan was begun by another reader")

// Ends reports whether an error of a Source ends the scan.
func Ends(err error) bool {
	return errors.Is(err, ErrAuthentication) || errors.Is(err, ErrUnreachable)
}

// Page is one page of a walk over a list.
type Page[T any] struct {
	Items []T
	Next  string // where the walk goes on; "": this was the last page
	// Gap says that the walk could not go on to its end: what is missing after
	// Items is unknown.
	Gap *Gap
	// Missed says that entries between Items and Next could not be read. The walk goes
	// on, and what it lists in the end is not all there is.
	Missed *Gap
}

// Source answers the questions a scan asks about one instance. Its scope was
// fixed when it was opened.
//
// What cannot be read becomes a Gap in the fact it belongs to. A method returns
// an error only if its whole answer failed: ErrAuthentication and ErrUnreachable
// end the scan, the context's error interrupts it, any other costs the facts that
// the method would have set. Methods other than Instance may run at the same time; Instance
// has returned before any of them is called.
type Source interface {
	// Instance reads what exists once: version, caller, settings, instance-wide lists.
	Instance(ctx context.Context) (*Instance, error)
	// Groups, Users and Projects read one page of a listing, the first for cursor "".
	Groups(ctx context.Context, cursor string) (Page[*Group], error)
	Users(ctx context.Context, cursor string) (Page[*User], error)
	Projects(ctx context.Context, cursor string) (Page[*Project], error)
	// WideGroups, WideUsers and WideProjects set, in the subjects of one page, the
	// facts of depth Standard.
	WideGroups(ctx context.Context, page []*Group) error
	WideUsers(ctx context.Context, page []*User) error
	WideProjects(ctx context.Context, page []*Project) error
	// DeepGroup, DeepUser and DeepProject set the facts of depth Deep of one subject.
	DeepGroup(ctx context.Context, g *Group) error
	DeepUser(ctx context.Context, u *User) error
	DeepProject(ctx context.Context, p *Project) error
}

// Scope is what a scan covers.
type Scope struct {
	URL    string   `json:"url"`    // base URL of the source, without a trailing slash
	Groups []string `json:"groups"` // full paths; empty: the whole instance
	Depth  Depth    `json:"depth"`
	// Areas are those that are asked about beyond what the listings carry; empty: all.
	Areas []Area `json:"areas,omitempty"`
	// Projects are the full paths or ids of the only projects that are read, with
	// the groups they lie in; empty: all of the groups or the instance.
	Projects []string `json:"projects,omitempty"`
}

// Part is one of the rounds in which a subject's facts arrive.
type Part string

// The parts, in the order in which they are asked. Which facts a part sets
// follows from their depth.
const (
	PartListing Part = "listing"
	PartWide    Part = "wide"
	PartDeep    Part = "deep"
)

// Parts lists the parts that a scan of depth d asks, in order.
func (d Depth) Parts() []Part { return []Part{PartListing, PartWide, PartDeep}[:d+1] }

// sets reports whether the part is the one that answers the fact.
func (p Part) sets(id FactID) bool {
	e, ok := Lookup(id)
	return ok && Deep.Parts()[e.Depth] == p
}

// Walk is the state of one walk over a listing.
type Walk struct {
	Level  Level
	Cursor string // where it goes on
	Listed int64  // subjects so far
	Done   bool   // it is at its end, or can go no further
	Gap    *Gap   // why it stopped before its end, or listed less than all
}

// Store keeps what a scan reads while it arrives. Every method commits before
// it returns: what was stored survives the death of the process.
type Store interface {
	// Walk returns how far the walk over a level's listing has come.
	Walk(level Level) (Walk, error)
	// Listed returns which of these subjects of a level have been listed already.
	Listed(level Level, ids []int64) (map[int64]bool, error)
	// Commit stores the given part of the subjects, which is every fact that is
	// set in them, and, unless walk is nil, the walk's new state, all at once. A
	// part stored before is replaced. Where two parts set the same fact, the later
	// part is right.
	Commit(part Part, subjects []Subject, walk *Walk) error
	// Lacking returns up to limit subjects of a level that have been listed but
	// lack the part, with what is known of them, in the order of their ids and
	// beginning after the id after. A part that no subject has, as "", lacks all.
	Lacking(level Level, part Part, after int64, limit int) ([]Subject, error)
}

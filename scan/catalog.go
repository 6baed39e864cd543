package scan

import "slices"

// FactID names a fact, e.g. "project.webhooks".
type FactID string

// Unit says what a fact's amount counts.
type Unit string

// The units of facts. A flag's amount is 0 or 1, a name's whether there is one.
const (
	Count Unit = "count"
	Bytes Unit = "bytes"
	Flag  Unit = "flag"
	Text  Unit = "text"
	Date  Unit = "date"
	List  Unit = "list"
)

// Depth is how much a scan asks.
type Depth int

// The depths, each including those before it.
const (
	Quick    Depth = iota // what the listings carry
	Standard              // what wide pages and instance-wide lists give
	Deep                  // what only calls per project or group can give
)

// Depths lists every depth with its name on the command line.
func Depths() []string { return []string{"quick", "standard", "deep"} }

// String is the depth's name on the command line.
func (d Depth) String() string { return Depths()[d] }

// Entry describes one fact: what it is, where it is read and what that takes.
type Entry struct {
	ID    FactID
	Level Level
	Title string
	Unit  Unit
	Depth Depth  // the depth from which on a scan asks for it
	Read  string // the request that answers it; empty where Unread says why none does
	Since string // the GitLab version from which on it can be read, "" if before 13.0
	Needs string // role and tier the request takes, for the cure of a Gap
	// Unread is the reason why this version has no reader for the fact.
	Unread string
}

// Where facts are read. The strings are those of Gap.Endpoint.
const (
	ReadProjects   = "GET /projects"
	ReadGroups     = "GET /groups"
	ReadUsers      = "GET /users"
	ReadSettings   = "GET /application/settings"
	ReadStatistics = "GET /application/statistics"
	ReadMetadata   = "GET /metadata"
	ReadLicense    = "GET /license"
	ReadGraphQL    = "POST /api/graphql"
	ReadConnection = "the connection to the source"
	ReadFiles      = ReadGraphQL + " { projects { repository { blobs } } }"
)

const (
	anyone     = "any token that sees the project"
	reporter   = "Reporter or higher on the project"
	developer  = "Developer or higher on the project"
	maintainer = "Maintainer or higher on the project"
	owner      = "Owner of the group"
	ownerPaid  = "Owner of the group, Premium or higher"
	admin      = "an administrator's token (with scope admin_mode where Admin Mode is on)"
	adminPaid  = "an administrator's token, Enterprise Edition"
)

// Catalog lists every fact the program knows how to name, by level and in the
// order of the struct fields, then those without a reader.
func Catalog() []Entry {
	return slices.Concat(instanceFacts, groupFacts, projectFacts, userFacts, unreadFacts)
}

var byID = func() map[FactID]Entry {
	m := make(map[FactID]Entry)
	for _, e := range Catalog() {
		m[e.ID] = e
	}
	return m
}()

// Lookup returns the catalogue's entry for id.
func Lookup(id FactID) (Entry, bool) {
	e, ok := byID[id]
	return e, ok
}

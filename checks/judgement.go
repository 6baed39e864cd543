package checks

import (
	"readiness/checks/matrix"
	"readiness/scan"
)

// Severity ranks what a finding means for a migration.
type Severity string

// The severities, gravest first, with the meaning the rules give them.
const (
	Blocker Severity = "blocker" // the method cannot work for the subject until remedied
	High    Severity = "high"    // loss of data, access or function for many people if ignored
	Medium  Severity = "medium"  // noticeable loss or delay, can be repaired afterwards
	Low     Severity = "low"     // small repair work
	Info    Severity = "info"    // needs a decision or explains a number
)

// Severities lists every severity, gravest first.
func Severities() []Severity { return []Severity{Blocker, High, Medium, Low, Info} }

// Verdict is what a check says of a subject.
type Verdict string

// The verdicts of a check.
const (
	OK            Verdict = "ok"
	Violated      Verdict = "violated"
	Unknown       Verdict = "unknown" // a fact it needs could not be read
	NotApplicable Verdict = "not-applicable"
	Question      Verdict = "question" // only a person can tell
)

// Finding is what a check says of one subject, or of all subjects whose facts
// are missing for one reason. Verdicts ok and not-applicable make no findings.
type Finding struct {
	Check       string          `json:"check"`
	Title       string          `json:"title"`
	Verdict     Verdict         `json:"verdict"` // violated, unknown or question
	Severity    Severity        `json:"severity"`
	Level       scan.Level      `json:"level"`
	ID          int64           `json:"id"`   // the subject's; 0 for the instance and for unknowns
	Path        string          `json:"path"` // the subject's; "" for unknowns
	URL         string          `json:"url,omitempty"`
	Methods     []matrix.Method `json:"methods"` // those in play that it touches
	Evidence    string          `json:"evidence"`
	Remedy      string          `json:"remedy"`
	Why         string          `json:"why"`
	Docs        []string        `json:"docs"`
	Fingerprint string          `json:"fingerprint"`
	// Decision is what people decided about it; nil: nothing. With a decision it
	// counts in no verdict.
	Decision *Decision `json:"decision,omitempty"`
	// Of a finding with verdict unknown:
	Gap      *scan.Gap `json:"gap,omitempty"`
	Count    int64     `json:"count,omitempty"`    // subjects that could not be judged
	Examples []string  `json:"examples,omitempty"` // up to ten of their paths
}

// MethodState is the verdict on a method as a whole.
type MethodState string

// The states of a method, worst first.
const (
	Impossible  MethodState = "impossible"    // the destination or a hard prerequisite rules it out
	Blocked     MethodState = "blocked"       // a blocker was found
	NotAssessed MethodState = "not-assessed"  // an applicable blocker check is unknown
	Losses      MethodState = "losses"        // something in use is not or only partly carried
	NoKnownLoss MethodState = "no-known-loss" // in what was read
)

// MethodVerdict is the answer for one method.
type MethodVerdict struct {
	ID          matrix.Method `json:"id"`
	Title       string        `json:"title"`
	InPlay      bool          `json:"in_play"`
	State       MethodState   `json:"verdict"`
	Reason      string        `json:"reason"`   // one sentence
	Blockers    []string      `json:"blockers"` // ids of checks violated with severity blocker
	UnknownGate []string      `json:"unknown_blockers"`
	Questions   int           `json:"questions"`
	// Items of the matrix in use, by what the method does with them.
	Carried     int `json:"carried"`
	Partial     int `json:"partial"`
	NotCarried  int `json:"not_carried"`
	Unverified  int `json:"unverified"`   // in use, and nobody knows what the method does with them
	UseUnknown  int `json:"use_unknown"`  // whether they are in use could not be read
	NotReadable int `json:"not_readable"` // no reader yet
	HighLosses  int `json:"high_losses"`  // of Partial and NotCarried: those of high impact
}

// Use is whether an item of the matrix is in use on the source.
type Use string

// The uses of an item.
const (
	InUse      Use = "in-use"
	NotInUse   Use = "not-in-use"
	UseUnknown Use = "unknown"   // the fact that tells could not be read
	NoReader   Use = "no-reader" // no reader for the fact that tells
	AskPerson  Use = "question"  // no API tells
)

// ItemUse is an item of the matrix with what was measured of it.
type ItemUse struct {
	Item     matrix.Item
	Use      Use
	Amount   scan.Total // of the fact that tells; of subjects where the item is always there
	Measured bool       // Amount counts the item itself, not just where it can occur
	Unit     scan.Unit
	Subjects scan.Total // subjects where it is in use: 1 each
	Gap      *scan.Gap  // the commonest reason, if Use is UseUnknown or something is unread
}

// Loss is an item in use that a method in play does not, only partly or not
// verifiably carry.
type Loss struct {
	ItemUse
	Method matrix.Method
	Answer matrix.Answer
}

// GapCount is how often one fact could not be read for one reason.
type GapCount struct {
	Fact     scan.FactID `json:"fact"`
	Title    string      `json:"title"`
	Level    scan.Level  `json:"level"`
	Gap      scan.Gap    `json:"gap"`
	Count    int64       `json:"count"`
	Examples []string    `json:"examples"` // up to ten addresses
}

// CutList is a listing that lacks subjects, or may: it was not read to its end, or
// the source failed on entries of it.
type CutList struct {
	Level  scan.Level `json:"level"`
	Listed int64      `json:"listed"` // subjects
	Gap    scan.Gap   `json:"gap"`
}

// Coverage is how much of what was asked for could be read. What was not asked
// for, and what the source has switched off, is told apart and not in Facts.
type Coverage struct {
	Facts       int64      `json:"facts"` // facts of the catalogue × subjects that were asked for
	Read        int64      `json:"read"`
	NotAsked    int64      `json:"not_asked"`
	SwitchedOff int64      `json:"switched_off"`
	Lists       []CutList  `json:"lists"`
	Gaps        []GapCount `json:"gaps"` // could not be read; gravest reason and largest count first
	Asked       []GapCount `json:"not_asked_facts"`
	// Off are facts of features that the source, a group or a project has
	// switched off. Nobody uses them, but what was made before may still be
	// there, and GitLab shows it to nobody.
	Off      []GapCount  `json:"switched_off_facts"`
	NoReader []string    `json:"no_reader"` // matrix item ids
	Walks    []scan.Walk `json:"-"`
	// Complete is whether everything that was asked for, and that is not switched
	// off, was read.
	Complete bool `json:"complete"`
}

// Totals are the sums over the inventory.
type Totals struct {
	Projects         scan.Total `json:"projects"`
	ArchivedProjects scan.Total `json:"archived_projects"`
	PersonalProjects scan.Total `json:"personal_projects"`
	EmptyProjects    scan.Total `json:"empty_projects"`
	PendingDeletion  scan.Total `json:"pending_deletion_projects"`
	Groups           scan.Total `json:"groups"`
	TopLevelGroups   scan.Total `json:"top_level_groups"`
	Users            scan.Total `json:"users"`
	ActiveHumans     scan.Total `json:"active_humans"`
	Bots             scan.Total `json:"bots"`
	// By fact id, over all subjects of its level: bytes or counts.
	Facts map[scan.FactID]scan.Total `json:"facts"`
	// Storage is the sum of all sizes of all projects, in bytes.
	Storage scan.Total `json:"storage"`
}

// ProjectVerdict is what a method means for one project.
type ProjectVerdict struct {
	Method matrix.Method `json:"method"`
	State  MethodState   `json:"verdict"`
	Losses int           `json:"losses"` // items in use that it does not or only partly carry
}

// Judgement is everything that follows from a snapshot, the matrix and a
// target. Reports are made from it and add nothing of their own.
type Judgement struct {
	Meta     scan.Meta
	Instance *scan.Instance
	Target   Target
	Profile  *Profile // nil: none was given
	Totals   Totals
	Coverage Coverage
	Methods  []MethodVerdict // all six, in report order
	Items    []ItemUse       // every item of the matrix, in its order
	Losses   []Loss          // methods in play only; worst first
	Findings []Finding       // blockers first, then unknowns of blockers, then by severity
	Matrix   *matrix.Matrix
	Planned  *Planned // what the plan leaves out, and what nobody decided; nil: there is no plan
	Ledger   *Ledger  // how checks stand with what they found nothing about

	rows    *rows // what Project needs
	decided *decided
	ctx     *Context
	mention []*Check // that judge what configurations say
	graph   *Graph   // nil: no check looked at dependencies
}

// SourceVersion is the version that the source is judged at: the one that was
// read, or the one that is assumed; zero: not known.
func (j *Judgement) SourceVersion() scan.Version {
	if v := j.Target.AssumedSource; !v.IsZero() {
		return v
	}
	if j.Instance == nil {
		return scan.Version{}
	}
	v, _ := j.Instance.Version.Get()
	return v
}

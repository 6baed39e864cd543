package checks

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"readiness/checks/matrix"
	"readiness/scan"
)

// Check is one rule of readiness: when it is broken, what that means and what
// to do. Its judges are pure; what they say is put into findings by the runner.
type Check struct {
	ID    string // kebab-case, the rule's id in the readiness rules
	Title string
	Area  string // the file of the catalogue it stands in
	Why   string // what happens if it is ignored
	// Rule says how the judges decide, as a sentence; "" where they count things
	// across all subjects and any of them breaks it. Read it by Decision.
	Rule string
	// Remedy is what to do about it, as an instruction that ends with a full stop.
	Remedy   string
	Docs     []string // https links that support rule, threshold and remedy
	Severity Severity
	// Level is that of the subject its findings are about. What is true of the
	// instance as a whole, or of nearly every project, stands once.
	Level        scan.Level
	Methods      []matrix.Method
	Destinations []Destination
	// If is what else the target has to be for the check to concern it, nil: nothing;
	// When says it in words that end "only where …".
	If         func(Target) bool
	When       string
	Needs      []scan.FactID // every fact that a judge looks at
	Thresholds []Threshold   // every limit that a judge measures by

	// The judges: one for each level that the check looks at one by one and one of
	// whole group trees, Across, or of the Graph of dependencies. A check that no fact
	// can decide has none and only asks.
	Instance func(*Context, *scan.Instance) Outcome
	Group    func(*Context, *scan.Group) Outcome
	Project  func(*Context, *scan.Project) Outcome
	User     func(*Context, *scan.User) Outcome
	Across   *Across
	Trees    *Trees
	Graph    func(*Context, *Graph) Outcome

	// Ask is a question that only a person can answer, raised wherever the check
	// applies, whatever the judges say. It returns "" if there is none for the
	// target.
	Ask func(*Context) string

	changed []Threshold // those of Thresholds that a profile changed
}

// Judges reports whether the check decides anything by what was read. One that
// does not only asks.
func (k Check) Judges() bool {
	return k.Instance != nil || k.Group != nil || k.Project != nil || k.User != nil || k.Across != nil || k.Trees != nil || k.Graph != nil
}

// Decision says in a sentence when the check is broken, or "" if no fact decides.
func (k Check) Decision() string {
	if k.Rule != "" || !k.Judges() {
		return k.Rule
	}
	return "Broken by every " + k.Across.One + "; all are counted together."
}

// Outcome is what a judge says of one subject.
type Outcome struct {
	Verdict  Verdict
	Evidence string // the measured amount and the limit; for a question, what to ask
	// Methods narrows the check's methods; nil: all of them.
	Methods []matrix.Method
	// Discriminator tells apart what one check says of one subject, across scans.
	Discriminator string
	// Regardless says that no missing fact could change the verdict, as when
	// what is known of a sum is already over the limit.
	Regardless bool
}

func ok() Outcome            { return Outcome{Verdict: OK} }
func notApplicable() Outcome { return Outcome{Verdict: NotApplicable} }

func violated(format string, args ...any) Outcome {
	return Outcome{Verdict: Violated, Evidence: fmt.Sprintf(format, args...)}
}

func question(format string, args ...any) Outcome {
	return Outcome{Verdict: Question, Evidence: fmt.Sprintf(format, args...)}
}

func (o Outcome) regardless() Outcome { o.Regardless = true; return o }

func (o Outcome) only(methods ...matrix.Method) Outcome { o.Methods = methods; return o }

// Context is what a judge may know besides its subject. It notes which facts
// the judge asked for and did not get: then, whatever the judge makes of the
// zero it got instead, the runner says unknown.
type Context struct {
	Target   Target
	Instance *scan.Instance
	Scope    scan.Scope
	// Cut says for each level whose listing was not read to its end why not.
	Cut map[scan.Level]scan.Gap
	// AsOf is the day that ages are counted to: the target's, else the scan's end.
	AsOf time.Time
	// Redacted says that names are pseudonyms.
	Redacted bool

	missing   *scan.Gap
	where     string      // the place in the subject that the judge pointed at first
	marked    bool        // the judge marked the subject, see Tally.marked
	changed   []Threshold // of the check that is judging
	taken     map[string]bool
	tags      map[string]bool           // of the source's runners; nil: not gathered yet
	variables map[string]groupVariables // by the path of their group
}

// note remembers the first fact that was missing.
func (c *Context) note(g scan.Gap) {
	if c.missing == nil {
		c.missing = &g
	}
}

// named is called by judges that go by what something is called: where names are
// pseudonyms the context notes that it is not known.
func (c *Context) named() {
	if c.Redacted {
		c.note(scan.Gap{Reason: scan.ReasonRedacted, Cure: "judge the snapshot that was not redacted"})
	}
}

// point notes the place that a judge speaks of, the first one of a subject: it
// is named in the evidence after the subject.
func (c *Context) point(file string, line int) {
	if c.where == "" {
		c.where = placeOf(file, line)
	}
}

// hosts are those of the source, without a port: at which it was read, and by which
// it calls itself, as far as that is known.
func (c *Context) hosts() []string {
	_, rest, _ := strings.Cut(c.Instance.URL, "://")
	rest, _, _ = strings.Cut(rest, "/")
	all := []string{bare(rest)}
	if own := bare(c.Instance.OwnHost.Or("")); own != "" && own != all[0] {
		all = append(all, own)
	}
	return all
}

// own reports whether a host is the source's.
func (c *Context) own(host string) bool {
	need(c, c.Instance.OwnHost)
	return slices.Contains(c.hosts(), bare(host))
}

// bare is a host in lower case and without a port.
func bare(host string) string {
	host, _, _ = strings.Cut(strings.ToLower(host), ":")
	return host
}

// need returns the value of a fact. If there is none, the context notes it, and
// the zero value is returned only so that the judge can go on: its outcome will
// not be heard unless it is Regardless.
func need[T any](c *Context, f scan.Fact[T]) T {
	if g, gap := f.Gap(); gap {
		c.note(g)
	}
	v, _ := f.Get()
	return v
}

// offered is need for what an edition or a licence provides: where the instance
// lacks it, nothing of it is in use.
func offered[T any](c *Context, f scan.Fact[T]) T {
	if g, gap := f.Gap(); gap && g.Reason == scan.ReasonFeatureOff {
		var none T
		return none
	}
	return need(c, f)
}

// offeredAll is offered for a list.
func offeredAll[T any](c *Context, l scan.Listing[T]) []T {
	if g, gap := l.Gap(); gap && g.Reason == scan.ReasonFeatureOff {
		return nil
	}
	return needAll(c, l)
}

// needAll is need for a list. Of a list that was cut it returns the items so far.
func needAll[T any](c *Context, l scan.Listing[T]) []T {
	if g, gap := l.Gap(); gap {
		c.note(g)
	}
	return l.Items
}

// sum adds up the amounts of facts. With any of them missing, the context notes
// it and the sum is a lower bound.
func sum(c *Context, facts ...*scan.Fact[int64]) (n int64) {
	for _, f := range facts {
		n = scan.Plus(n, need(c, *f))
	}
	return n
}

// over judges an amount in bytes against a limit that must not be exceeded. It
// holds regardless of what is missing, since more could only add to the amount.
func over(what string, n, limit int64, whose string) (Outcome, bool) {
	if n <= limit {
		return Outcome{}, false
	}
	return violated("%s: %s, over %s of %s", what, exactBytes(n), roundBytes(limit), whose).regardless(), true
}

// judge runs one judge and enforces what the context noted.
func judge[S scan.Subject](c *Context, f func(*Context, S) Outcome, s S) (Outcome, *scan.Gap) {
	c.missing = nil
	return c.heed(f(c, s))
}

// heed makes an outcome unknown if a fact was missing and could have changed it.
func (c *Context) heed(o Outcome) (Outcome, *scan.Gap) {
	if c.missing == nil || o.Regardless && o.Verdict != OK {
		return o, nil
	}
	return Outcome{Verdict: Unknown}, c.missing
}

// links makes documentation addresses from paths below docs.gitlab.com.
func links(paths ...string) []string {
	out := make([]string, len(paths))
	for i, p := range paths {
		out[i] = "https://docs.gitlab.com/" + strings.Trim(p, "/") + "/"
	}
	return out
}

// congregate is the address of a file of Congregate.
func congregate(path string) string {
	return "https://gitlab.com/gitlab-org/professional-services-automation/tools/migration/congregate/-/blob/master/" + path
}

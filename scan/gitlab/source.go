package gitlab

import (
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	gogitlab "github.com/xanzy/go-gitlab"

	"readiness/scan"
)

// authFresh is how long an answer of GET /user stands for the token's validity,
// towards an endpoint that answers 401 where rights are missing.
const authFresh = 30 * time.Second

const userEndpoint = "GET /user"

// Source reads one GitLab instance. It implements scan.Source; make one with Open.
type Source struct {
	public    string // the identity of the instance
	base      string // where it is reached
	host      string // of public
	depth     scan.Depth
	limits    scan.Scope // depth, areas and listed projects alone
	asOf      time.Time  // what recent activity is measured against
	scope     []scopeGroup
	transport *transport
	http      *http.Client
	//lint:ignore SA1019 see newREST
	rest    *gogitlab.Client
	way     func() scan.Way // how the source is reached
	logf    func(string, ...any)
	failed  func(error)
	started time.Time
	secrets bool // lists that carry secrets may be asked
	noted   func(Ask)

	user     user // whose token it is
	metadata metadata

	schema   schema
	graphOff atomic.Pointer[refusal] // why GraphQL cannot be asked; nil: it can

	auth           sync.Mutex
	authKnownUntil map[string]time.Time // by endpoint that answered 401 to a good token

	// Set by Instance, before any other method is called.
	registry    scan.Fact[string] // host of the container registry, "" without one
	flags       map[string]bool   // development feature flags that somebody set; nil: not read
	admin       bool
	plan        scan.Fact[string]
	groupLevels map[int64]int64 // the caller's access level by group id, where known

	// What answers spare: facts of which a wide page told that there is none
	// (unusedFact), and top-level groups in which clusters are off.
	spare, clustersOff sync.Map

	listed *listedProjects // set where the scope lists its projects

	// Instance-wide lists that answer for each project that was there when they
	// were read: those with an id up to newest.
	newest       int64
	deployKeys   tally
	aliases      tally
	tokens       userTokens
	workspaces   tally
	pagesDomains tally
	snippets     tally
}

var _ scan.Source = (*Source)(nil)

// scopeGroup is a group that the scan is limited to, with its subgroups.
type scopeGroup struct {
	id   int64
	path string
}

// tally is how often each project appears in an instance-wide list.
type tally struct {
	byProject map[int64]int64
	refusal   *refusal // why there is none; nil: it is complete
}

// Requests is what the scan has cost the source so far.
func (s *Source) Requests() scan.Requests {
	return scan.Requests{
		REST:    s.transport.rest.Load(),
		GraphQL: s.transport.graphql.Load(),
		Retries: s.transport.retries.Load(),
		Waited:  s.transport.pace.total(),
		Took:    s.transport.clock.Now().Sub(s.started),
	}
}

func (s *Source) log(format string, args ...any) {
	if s.logf != nil {
		s.logf(format, args...)
	}
}

// lost tells of an answer that failed for good; refusals for other reasons are
// answers.
func (s *Source) lost(r *refusal) {
	if s.failed != nil && r != nil && r.Reason == scan.ReasonFailed {
		s.failed(fmt.Errorf("%s: %s", r.Endpoint, r.short()))
	}
}

func (s *Source) version() scan.Version { return s.schema.version }

// isEnterprise reports whether the instance runs Enterprise Edition code, as
// far as known.
func (s *Source) isEnterprise() (enterprise, known bool) { return s.schema.enterprise.Get() }

// licensed reports whether the instance's licence reaches the plan (premium or
// ultimate). known is false if the licence could not be read.
func (s *Source) licensed(plan string) (has, known bool) {
	if enterprise, ok := s.isEnterprise(); ok && !enterprise {
		return false, true
	}
	have, ok := s.plan.Get()
	if !ok {
		return false, false
	}
	rank := map[string]int{"premium": 1, "ultimate": 2}
	return rank[have] >= rank[plan], true
}

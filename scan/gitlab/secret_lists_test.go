package gitlab

import (
	"slices"
	"strings"
	"testing"

	"readiness/scan"
	"readiness/scan/gitlabsim"
)

// The facts that lists with secrets tell, where GraphQL does not.
var secretFacts = []scan.FactID{instanceVariables, groupVariablesFact, variablesFact, triggersFact}

// askedSecrets is which routes that carry secrets a server was asked.
func askedSecrets(server *gitlabsim.Server) (asked []string) {
	for endpoint, n := range server.Stats().ByEndpoint {
		if n > 0 && slices.Contains(SecretEndpoints(), endpoint) {
			asked = append(asked, endpoint)
		}
	}
	slices.Sort(asked)
	return asked
}

// Lists whose entries carry secrets are not asked unless that is allowed: what
// only they would tell is a gap that names the flag.
func TestSecretEndpointsAreNotAsked(t *testing.T) {
	if testing.Short() {
		t.Skip("scans like those of the other worlds, at every version")
	}
	for _, depth := range []scan.Depth{scan.Standard, scan.Deep} {
		for _, version := range simulatedVersions {
			world, server, w, _ := simulate(t, gitlabsim.Config{Projects: 40, Seed: 21, Version: scan.MustVersion(version)}, gitlabsim.Admin,
				func(o *Options) { o.Depth = depth })
			if asked := askedSecrets(server); len(asked) > 0 {
				t.Errorf("%s: %s were asked", version, asked)
			}
			for _, subject := range w.subjects() {
				for _, id := range secretFacts {
					fact := scan.FactOf(subject, id)
					if fact == nil {
						continue
					}
					if p, is := subject.(*scan.Project); is && p.Archived.Or(false) && id == triggersFact {
						if g, gap := fact.Gap(); gap && g.Reason != scan.ReasonFeatureOff && !strings.HasPrefix(g.Cure, "unarchive") {
							t.Errorf("%s: the gap of %s of an archived project: %+v", version, id, g)
						} else if _, known := fact.Amount(); known {
							t.Errorf("%s: %s of an archived project was told", version, id)
						}
						continue
					}
					if g, gap := fact.Gap(); gap && g.Reason == scan.ReasonTooOld && (!strings.Contains(g.Cure, "--allow-secret-endpoints") ||
						strings.Contains(g.Cure, "--depth deep") != (depth < scan.Deep && id != instanceVariables && world.Config().Version.AtLeast(scan.MustVersion("16.0")))) {
						t.Errorf("%s: the gap of %s does not name the flag: %q", version, id, g.Cure)
					}
				}
			}
		}
	}
}

// Where they are allowed, they tell what the world holds and nothing secret stays.
func TestSecretEndpointsTellTheTruth(t *testing.T) {
	if testing.Short() {
		t.Skip("scans like those of the other worlds, at every version")
	}
	for _, version := range simulatedVersions {
		world, server, w, _ := simulate(t, gitlabsim.Config{Projects: 40, Seed: 21, Version: scan.MustVersion(version)}, gitlabsim.Admin,
			func(o *Options) { o.SecretEndpoints = true })
		d := compareAll(t, world, w.subjects())
		d.report(t)
		for _, id := range secretFacts {
			for reason, n := range d.gaps[id] {
				if reason != scan.ReasonFeatureOff && (id != triggersFact || reason != scan.ReasonWithheld) { // those of archived projects
					t.Errorf("%s: %s: %d gaps %s", version, id, n, reason)
				}
			}
		}
		asked := askedSecrets(server)
		if old := !world.Config().Version.AtLeast(scan.MustVersion("15.0")); old != (len(asked) == len(SecretEndpoints())) {
			t.Errorf("%s: %s were asked", version, asked)
		}
		noCanary(t, world, w)
	}
	// A current GitLab tells it all in GraphQL.
	_, server, _, _ := simulate(t, gitlabsim.Config{Projects: 40, Seed: 21}, gitlabsim.Admin, func(o *Options) { o.SecretEndpoints = true })
	if asked := askedSecrets(server); len(asked) > 0 {
		t.Errorf("%s were asked of a current GitLab", asked)
	}
}

// What is refused is a gap, not an empty list.
func TestSecretEndpointsRefused(t *testing.T) {
	_, _, w, _ := simulate(t, gitlabsim.Config{Projects: 40, Seed: 21, Version: scan.MustVersion("14.10"), Positive: true}, gitlabsim.Developer,
		func(o *Options) { o.SecretEndpoints = true })
	for _, p := range w.projects {
		if p.Personal.Or(true) { // of one of which the Developer is the Owner
			continue
		}
		if p.Variables.Complete() || len(p.Variables.Items) > 0 {
			t.Errorf("%s: a Developer reads %d variables", p.Path, len(p.Variables.Items))
		}
		if n, known := p.Triggers.Get(); known {
			t.Errorf("%s: a Developer reads %d triggers", p.Path, n)
		}
	}
}

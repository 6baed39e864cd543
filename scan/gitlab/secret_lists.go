package gitlab

import (
	"cmp"
	"context"
	"strconv"

	"golang.org/x/sync/errgroup"

	"readiness/scan"
)

// Lists in REST whose entries carry a secret: CI/CD variables their values,
// pipeline triggers their tokens. Nothing in the request leaves it out. So they are
// asked only where GraphQL, which tells the rest without the secret, does not, and
// where whoever scans has allowed it.
//
// On Enterprise Edition from 18.3 on each page of a project's or a group's variables
// is an audit event that is streamed and not saved: variable_viewed_api, of
// ee/config/audit_events/types/ and ee/lib/ee/api/helpers/variables_helpers.rb at
// 18.9, called in lib/api/ci/variables.rb and lib/api/group_variables.rb. Neither the
// instance's variables (lib/api/admin/ci/variables.rb), nor triggers, nor anything
// else that a scan asks is one: what else calls the auditor for a GET downloads
// archives, artifacts and exports, comes with a job's token, or with a token of the
// scope ai_workflows (lib/api/helpers.rb). GraphQL calls it in mutations alone.
const (
	triggersFact       = "project.pipeline-triggers"
	groupVariablesFact = "group.cicd-variables"
	instanceVariables  = "instance.cicd-variables"
)

// SecretEndpoints are the routes that a scan asks only if Options allow it.
func SecretEndpoints() []string {
	return []string{"GET /admin/ci/variables", "GET /groups/:id/variables", "GET /projects/:id/variables", "GET /projects/:id/triggers"}
}

// secretEndpoint is the route in REST of a fact whose answer carries secrets, ""
// if it has none.
func secretEndpoint(id scan.FactID) string {
	switch id {
	case instanceVariables:
		return "GET /admin/ci/variables"
	case groupVariablesFact:
		return "GET /groups/:id/variables"
	case variablesFact:
		return "GET /projects/:id/variables"
	case triggersFact:
		return "GET /projects/:id/triggers"
	}
	return ""
}

// cureSecret names the flag that lets such a list be asked.
func (s *Source) cureSecret(id scan.FactID) string {
	cure := "--allow-secret-endpoints: " + secretEndpoint(id) + " tells it, with secret values in its answer that are not kept"
	if id != instanceVariables && s.depth < scan.Deep && !s.graphless() {
		cure = "--depth deep with " + cure
	}
	return cure
}

// barred adds to a gap that a secret list would have filled how to let it be asked.
func (s *Source) barred(id scan.FactID, r scan.Read) (scan.Gap, bool) {
	g, gap := r.Gap()
	if !gap || g.Reason == scan.ReasonFailed || !untold(r) || s.secrets {
		return g, false
	}
	if g.Cure != "" {
		g.Cure += ", or "
	}
	g.Cure += s.cureSecret(id)
	return g, true
}

// secretVariable is a CI/CD variable of a list in REST: its value is not decoded.
type secretVariable struct {
	Key         string `json:"key"`
	Type        string `json:"variable_type"`
	Environment string `json:"environment_scope"`
	Protected   bool   `json:"protected"`
	Masked      bool   `json:"masked"`
	Hidden      bool   `json:"hidden"`
	Raw         bool   `json:"raw"`
}

func (s *Source) secretVariables(ctx context.Context, id scan.FactID, path string) ([]scan.Variable, *refusal, error) {
	variables, r, err := walk[secretVariable](ctx, s, call{endpoint: secretEndpoint(id), path: path})
	items := make([]scan.Variable, 0, len(variables))
	for _, v := range variables {
		items = append(items, scan.Variable(v))
	}
	return items, r, err
}

// instanceSecrets asks REST for the instance's variables where GraphQL was not
// able to tell them.
func (s *Source) instanceSecrets(ctx context.Context, i *scan.Instance) error {
	if g, barred := s.barred(instanceVariables, &i.Variables); barred {
		i.Variables = scan.Cut(i.Variables.Items, g)
	}
	if !s.secrets || !untold(&i.Variables) {
		return nil
	}
	items, r, err := s.secretVariables(ctx, instanceVariables, "admin/ci/variables")
	switch {
	case err != nil:
		return err
	case r != nil:
		i.Variables = scan.Cut(items, s.withAdminMode(r.gap(instanceVariables, scan.Version{})))
	default:
		for n := range items {
			items[n].Environment = cmp.Or(items[n].Environment, "*") // the list names none: they are of all
		}
		i.Variables = scan.Listed(items)
	}
	return nil
}

// groupSecrets asks REST for the variables of groups where GraphQL was not able
// to tell them, one request a group.
func (s *Source) groupSecrets(ctx context.Context, page []*scan.Group) error {
	work, wctx := errgroup.WithContext(ctx)
	work.SetLimit(s.transport.govern.most)
	for _, g := range page {
		if gap, barred := s.barred(groupVariablesFact, &g.Variables); barred {
			g.Variables = scan.Cut(g.Variables.Items, gap)
		}
		if !s.secrets || !s.asks(groupVariablesFact) || !untold(&g.Variables) {
			continue
		}
		work.Go(func() error {
			items, r, err := s.secretVariables(wctx, groupVariablesFact, "groups/"+strconv.FormatInt(g.ID, 10)+"/variables")
			switch {
			case err != nil:
				return err
			case r != nil:
				g.Variables = scan.Cut(items, r.gap(groupVariablesFact, scan.Version{}))
			default:
				g.Variables = scan.Listed(items)
			}
			return nil
		})
	}
	err := work.Wait()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// barProject says, of the facts of a project that a secret list would tell, how
// to let it be asked.
func (s *Source) barProject(p *scan.Project) {
	if g, barred := s.barred(variablesFact, &p.Variables); barred {
		p.Variables = scan.Cut(p.Variables.Items, g)
	}
	if g, barred := s.barred(triggersFact, &p.Triggers); barred {
		if p.Archived.Or(false) {
			g = frozen(triggersFact)
		}
		p.Triggers = scan.Missing[int64](g)
	}
}

// projectSecrets asks REST for a project's variables.
func (s *Source) projectSecrets(ctx context.Context, p *scan.Project) error {
	if s.may(p, variablesRight) == off {
		p.Variables = scan.Cut[scan.Variable](nil, gapFor(variablesFact, scan.ReasonFeatureOff))
		return nil
	}
	items, r, err := s.secretVariables(ctx, variablesFact, projectPath(p.ID, "/variables"))
	switch {
	case err != nil:
		return err
	case r != nil:
		p.Variables = scan.Cut(items, s.restGap(p, r, variablesFact, variablesRight))
	default:
		p.Variables = scan.Listed(items)
	}
	return nil
}

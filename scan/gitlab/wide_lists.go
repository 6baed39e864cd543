package gitlab

import (
	"context"
	"strconv"
	"strings"

	"readiness/scan"
	"readiness/scan/ciconfig"
)

const (
	variablesFact = "project.cicd-variables"
	branchesFact  = "project.protected-branches"
)

var (
	// CI/CD variables and branch rules come as null or empty to those below Maintainer.
	variablesRight = right{access: maintainer, feature: buildsAccess}
	branchesRight  = right{access: maintainer, feature: repositoryAccess}
)

func (s *Source) variablesSelection() string {
	if !s.schema.has("Project.ciVariables") || !s.asks(variablesFact) {
		return ""
	}
	return "ciVariables(first:100){nodes{" + variableKeys + s.hidden("CiProjectVariable.hidden") + "} pageInfo{hasNextPage endCursor}}"
}

func (s *Source) hidden(name string) string {
	if s.schema.has(name) {
		return " hidden"
	}
	return ""
}

// conceals reports whether variables may be hidden at the source's version while
// GraphQL does not say which: then no list of them is whole.
func (s *Source) conceals(name string) bool {
	return s.version().AtLeast(scan.MustVersion(graphFields[name])) && !s.schema.has(name)
}

const cureHidden = "look which variables are hidden: this version's GraphQL does not say"

// wideVariables sets the names and flags of CI/CD variables. Their values are
// never asked for; REST would tell them, so it is no way around.
func (s *Source) wideVariables(ctx context.Context, page []*scan.Project) error {
	nodes, err := s.askProjects(ctx, idsOf(page), nil, s.variablesSelection)
	if err != nil {
		return err
	}
	for _, p := range page {
		n := nodes[p.ID]
		gap := func(items []scan.Variable, g scan.Gap) { p.Variables = scan.Cut(items, g) }
		if g, gone := s.nodeGap(n, variablesFact, "Project.ciVariables"); gone {
			gap(nil, g)
			continue
		}
		var c connection[variable]
		ok, fail := n.get("ciVariables", &c)
		switch {
		case fail != "":
			gap(nil, failed(variablesFact, fail))
			continue
		case !ok:
			gap(nil, s.silence(p, variablesFact, variablesRight))
			continue
		}
		items, rest, err := s.moreVariables(ctx, p.ID, c)
		switch {
		case err != nil:
			return err
		case rest != nil:
			gap(items, *rest)
		case len(items) == 0 && s.may(p, variablesRight) != whole:
			gap(nil, s.silence(p, variablesFact, variablesRight))
		case len(items) > 0 && s.conceals("CiProjectVariable.hidden"):
			gap(items, because(variablesFact, scan.ReasonTooOld, cureHidden))
		default:
			p.Variables = scan.Listed(items)
		}
	}
	return nil
}

// moreVariables reads the pages after the first of one project's variables.
func (s *Source) moreVariables(ctx context.Context, id int64, c connection[variable]) ([]scan.Variable, *scan.Gap, error) {
	items := variablesOf(c)
	for walked := (laps{}); c.PageInfo.HasNextPage; {
		after := c.PageInfo.EndCursor
		if walked.endless(after) {
			g := because(variablesFact, scan.ReasonTruncated, scan.CureEndless)
			return items, &g, nil
		}
		nodes, err := s.askProjects(ctx, []int64{id}, variables{"after": after}, func() string {
			return strings.Replace(s.variablesSelection(), "first:100", "first:100,after:$after", 1)
		})
		if err != nil {
			return items, nil, err
		}
		n := nodes[id]
		if g, gone := s.nodeGap(n, variablesFact, "Project.ciVariables"); gone {
			return items, &g, nil
		}
		c = connection[variable]{}
		if ok, fail := n.get("ciVariables", &c); !ok {
			g := failed(variablesFact, fail)
			return items, &g, nil
		}
		items = append(items, variablesOf(c)...)
	}
	return items, nil, nil
}

func (s *Source) branchesSelection() string {
	if !s.schema.has("Project.branchRules") || !s.asks(branchesFact) {
		return ""
	}
	owners := ""
	if s.schema.has("BranchProtection.codeOwnerApprovalRequired") {
		owners = " codeOwnerApprovalRequired"
	}
	return "branchRules(first:100){nodes{name isProtected branchProtection{allowForcePush" + owners + "}} pageInfo{hasNextPage endCursor}}"
}

// branchRule is a rule for branches; only those that protect are of interest.
type branchRule struct {
	Name       string `json:"name"`
	Protected  bool   `json:"isProtected"`
	Protection *struct {
		AllowForcePush bool `json:"allowForcePush"`
		CodeOwners     bool `json:"codeOwnerApprovalRequired"`
	} `json:"branchProtection"`
}

func (s *Source) wideBranches(ctx context.Context, page []*scan.Project) error {
	nodes, err := s.askProjects(ctx, idsOf(page), nil, s.branchesSelection)
	if err != nil {
		return err
	}
	for _, p := range page {
		n := nodes[p.ID]
		gap := func(items []scan.ProtectedBranch, g scan.Gap) { p.ProtectedBranches = scan.Cut(items, g) }
		if g, gone := s.nodeGap(n, branchesFact, "Project.branchRules"); gone {
			gap(nil, g)
			continue
		}
		var c connection[branchRule]
		ok, fail := n.get("branchRules", &c)
		items := protectedOf(c)
		switch {
		case fail != "":
			gap(nil, failed(branchesFact, fail))
		case !ok:
			gap(nil, s.silence(p, branchesFact, branchesRight))
		case c.PageInfo.HasNextPage:
			gap(items, because(branchesFact, scan.ReasonTruncated, "--depth deep"))
		case len(items) == 0 && s.may(p, branchesRight) != whole:
			gap(nil, s.silence(p, branchesFact, branchesRight))
		default:
			p.ProtectedBranches = scan.Listed(items)
		}
	}
	return nil
}

func protectedOf(c connection[branchRule]) []scan.ProtectedBranch {
	items := []scan.ProtectedBranch{}
	for _, r := range c.Nodes {
		// Rules that stand for all branches have no protection of their own.
		if r != nil && r.Protected && r.Protection != nil {
			items = append(items, scan.ProtectedBranch{Name: r.Name, AllowForcePush: r.Protection.AllowForcePush, CodeOwnerApproval: r.Protection.CodeOwners})
		}
	}
	return items
}

const (
	ciFileFact    = "project.ci-config-file"
	defaultCIFile = ".gitlab-ci.yml"
)

var filesRight = right{access: reporter, open: true, feature: repositoryAccess}

// ciFile is where a project's CI file lies. ok is false where that is settled
// otherwise: the fact is set.
func (s *Source) ciFile(p *scan.Project, told string) (path string, ok bool) {
	path, known := p.CIConfigPath.Get()
	switch {
	case p.Empty.Or(false):
		s.setCIFile(p, blob{})
		return "", false
	case !known && told == "":
		s.setCIFile(p, blob{gap: func(id scan.FactID) scan.Gap {
			return because(id, scan.ReasonWithheld, "Maintainer or higher on the project: others are not told where the file lies")
		}})
		return "", false
	case !known:
		path = told
	case path == "":
		path = defaultCIFile
	}
	if m, is := ciconfig.Elsewhere(path, s.about(p)); is {
		s.setCIFile(p, blob{})
		p.CIMentions = scan.Listed([]scan.CIMention{m})
		return "", false
	}
	return strings.TrimPrefix(path, "/"), true
}

// wideCIFiles sets how large each project's CI file is: one question for all
// projects that keep it at the default path, then some for the other paths.
func (s *Source) wideCIFiles(ctx context.Context, page []*scan.Project, told map[int64]string) error {
	at := map[string][]*scan.Project{}
	for _, p := range page {
		if path, ok := s.ciFile(p, told[p.ID]); ok {
			at[path] = append(at[path], p)
		}
	}
	var texts []*ciText
	held := 0
	rounds := [][]string{}
	if len(at[defaultCIFile]) > 0 {
		rounds = append(rounds, []string{defaultCIFile})
	}
	others := sortedKeys(at)
	for i, path := range others {
		if path == defaultCIFile {
			others = append(others[:i:i], others[i+1:]...)
			break
		}
	}
	rounds = append(rounds, chunks(others, pathsPage)...)
	for _, paths := range rounds {
		var projects []*scan.Project
		where := map[int64]string{}
		for _, path := range paths {
			projects = append(projects, at[path]...)
			for _, p := range at[path] {
				where[p.ID] = path
			}
		}
		nodes, err := s.askProjects(ctx, idsOf(projects), variables{"paths": paths}, func() string {
			if !s.schema.has("Repository.blobs") {
				return ""
			}
			return "repository{blobs(paths:$paths,first:" + strconv.Itoa(len(paths)) + "){nodes{path rawSize rawTextBlob}}}"
		})
		if err != nil {
			return err
		}
		for _, p := range projects {
			b, _ := s.wideCIFile(p, nodes[p.ID], where[p.ID])
			s.setCIFile(p, b)
			if !b.follows() {
				continue
			}
			c := newCIText(p, where[p.ID], b)
			texts, held = append(texts, c), held+c.size
			if held > heldText {
				if err := s.wideLocals(ctx, texts); err != nil {
					return err
				}
				texts, held = nil, 0
			}
		}
	}
	return s.wideLocals(ctx, texts)
}

// wideCIFile is a project's file at path, or why it was not told.
func (s *Source) wideCIFile(p *scan.Project, n node, path string) (b blob, there bool) {
	lost := func(gap func(scan.FactID) scan.Gap) (blob, bool) { return blob{size: -1, gap: gap}, true }
	if _, gone := s.nodeGap(n, ciFileFact, "Repository.blobs"); gone {
		return lost(func(id scan.FactID) scan.Gap {
			g, _ := s.nodeGap(n, id, "Repository.blobs")
			return g
		})
	}
	var repository struct {
		Blobs *connection[rawBlob] `json:"blobs"`
	}
	ok, fail := n.get("repository", &repository)
	switch {
	case strings.Contains(fail, oversized):
		return untoldBlob("the files of the project at the paths asked for are too large to be told together"), true
	case fail != "":
		return lost(func(id scan.FactID) scan.Gap { return failed(id, fail) })
	case !ok || repository.Blobs == nil:
		return lost(func(id scan.FactID) scan.Gap { return s.silence(p, id, filesRight) })
	}
	for _, b := range repository.Blobs.Nodes {
		if b != nil && b.Path == path {
			return b.blob(), true
		}
	}
	if s.may(p, filesRight) == whole {
		return blob{}, false
	}
	return lost(func(id scan.FactID) scan.Gap { return s.silence(p, id, filesRight) })
}

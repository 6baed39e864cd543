package gitlab

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"

	"readiness/scan"
)

// How many groups one query asks for. By id a page has a hundred; where groups
// can be asked for by path alone each is a query of its own, by alias, and all
// count towards the limit. With these sizes every query stays below 200 points,
// see countsPage.
const (
	groupsPage         = 100 // by id
	groupCountsPage    = 12  // by alias: numbers
	groupListsPage     = 3   // by alias: lists that have to be counted
	groupVariablesPage = 6   // by alias
)

// groupsByID stands in graphFields for the argument ids of Query.groups.
const groupsByID = "Query.groups(ids)"

// groupChunks cuts a page of groups for one kind of question.
func (s *Source) groupChunks(page []*scan.Group, byAlias int) [][]*scan.Group {
	if s.schema.has(groupsByID) {
		return chunks(page, groupsPage)
	}
	return chunks(page, byAlias)
}

// WideGroups implements scan.Source.
func (s *Source) WideGroups(ctx context.Context, page []*scan.Group) error {
	work, wctx := errgroup.WithContext(ctx)
	for _, part := range []struct {
		facts   []groupFact
		byAlias int
	}{{groupNumbers, groupCountsPage}, {groupLists, groupListsPage}} {
		for _, chunk := range s.groupChunks(page, part.byAlias) {
			work.Go(func() error { return s.wideGroupFacts(wctx, chunk, part.facts) })
		}
	}
	for _, chunk := range s.groupChunks(page, groupVariablesPage) {
		work.Go(func() error { return s.wideGroupVariables(wctx, chunk) })
	}
	if err := work.Wait(); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return err
	}
	if err := s.groupSecrets(ctx, page); err != nil {
		return err
	}
	for _, g := range page {
		settle(g, scan.Standard, func(id scan.FactID) scan.Gap { return gapFor(id, scan.ReasonWithheld) })
	}
	return nil
}

// askGroups asks the same selection for some groups: all at once by their ids, or
// one alias each.
func (s *Source) askGroups(ctx context.Context, page []*scan.Group, vars variables, selection func() string) (map[int64]node, error) {
	if s.schema.has(groupsByID) {
		ids := make([]int64, len(page))
		for i, g := range page {
			ids[i] = g.ID
		}
		return s.askNodes(ctx, "groups", groupGID, ids, vars, selection)
	}
	all := variables{}
	declared := make([]string, 0, len(page))
	for name, v := range vars {
		all[name] = v
		declared = append(declared, declare(name, v))
	}
	for i, g := range page {
		name := "p" + strconv.Itoa(i)
		all[name] = g.Path
		declared = append(declared, "$"+name+":ID!")
	}
	a, r, err := s.ask(ctx, func() string {
		sel := selection()
		if sel == "" {
			return ""
		}
		var b strings.Builder
		fmt.Fprintf(&b, "query(%s){", strings.Join(declared, ","))
		for i := range page {
			fmt.Fprintf(&b, "g%d:group(fullPath:$p%d){id %s} ", i, i, sel)
		}
		return b.String() + "}"
	}, all)
	if err != nil {
		return nil, err
	}
	found := make(map[int64]node, len(page))
	if len(page) > 1 && ((r != nil && r.tooHeavy()) || heavy(a.errors)) {
		for _, half := range [][]*scan.Group{page[:len(page)/2], page[len(page)/2:]} {
			part, err := s.askGroups(ctx, half, vars, selection)
			if err != nil {
				return nil, err
			}
			for id, n := range part {
				found[id] = n
			}
		}
		return found, nil
	}
	s.lost(r)
	failures := map[string]map[string]string{} // by alias, then key
	lost := ""
	for _, e := range a.errors {
		alias, _ := at(e.Path, 0).(string)
		key, _ := at(e.Path, 1).(string)
		if alias == "" {
			lost = e.Message
			continue
		}
		if failures[alias] == nil {
			failures[alias] = map[string]string{}
		}
		failures[alias][key] = e.Message // under "" the whole group
	}
	for i, g := range page {
		n := node{gone: r, failed: failures["g"+strconv.Itoa(i)]}
		whole, failedWhole := n.failed[""]
		switch {
		case r != nil:
		case lost != "" || failedWhole:
			n.gone = &refusal{Endpoint: scan.ReadGraphQL, Status: 200, Reason: scan.ReasonFailed,
				Cure: "GraphQL refused the question (" + retold(lost+whole) + ")"}
		default:
			raw := a.data["g"+strconv.Itoa(i)]
			n.absent = len(raw) == 0 || isNull(raw) || json.Unmarshal(raw, &n.keys) != nil
		}
		found[g.ID] = n
	}
	return found, nil
}

func at(path []any, i int) any {
	if i < len(path) {
		return path[i]
	}
	return nil
}

// mayGroup reports whether the caller is known to have the role in g.
func (s *Source) mayGroup(g *scan.Group, level int64) bool {
	return s.admin || s.groupLevels[g.ID] >= level
}

func (s *Source) groupVariablesSelection() string {
	if !s.schema.has("Group.ciVariables") || !s.asks(groupVariablesFact) {
		return ""
	}
	return "ciVariables(first:100){nodes{" + variableKeys + s.hidden("CiGroupVariable.hidden") + "} pageInfo{hasNextPage endCursor}}"
}

func (s *Source) wideGroupVariables(ctx context.Context, page []*scan.Group) error {
	const id = groupVariablesFact
	nodes, err := s.askGroups(ctx, page, nil, s.groupVariablesSelection)
	if err != nil {
		return err
	}
	for _, g := range page {
		items := []scan.Variable{}
		n := nodes[g.ID]
		for walked := (laps{}); ; {
			var c connection[variable]
			if gap, gone := s.nodeGap(n, id, "Group.ciVariables"); gone {
				g.Variables = scan.Cut(items, gap)
				break
			}
			ok, fail := n.get("ciVariables", &c)
			items = append(items, variablesOf(c)...)
			switch {
			case fail != "":
				g.Variables = scan.Cut(items, failed(id, fail))
			case !ok, len(items) == 0 && !s.mayGroup(g, owner):
				g.Variables = scan.Cut(items, gapFor(id, scan.ReasonWithheld))
			case len(items) > 0 && s.conceals("CiGroupVariable.hidden"):
				g.Variables = scan.Cut(items, because(id, scan.ReasonTooOld, cureHidden))
			default:
				g.Variables = scan.Listed(items)
			}
			if !ok || !c.PageInfo.HasNextPage {
				break
			}
			after := c.PageInfo.EndCursor
			g.Variables = scan.Cut(items, because(id, scan.ReasonTruncated, scan.CureEndless))
			if walked.endless(after) {
				break
			}
			more, err := s.askGroups(ctx, []*scan.Group{g}, variables{"after": after}, func() string {
				return strings.Replace(s.groupVariablesSelection(), "first:100", "first:100,after:$after", 1)
			})
			if err != nil {
				return err
			}
			n = more[g.ID]
		}
	}
	return nil
}

package gitlab

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"net/http"
	"strconv"
	"strings"

	"readiness/scan"
)

// variables of a GraphQL query.
type variables map[string]any

// graphError is one entry of an answer's errors.
type graphError struct {
	Message    string `json:"message"`
	Path       []any  `json:"path"`
	Extensions struct {
		Code      string `json:"code"`
		TypeName  string `json:"typeName"`
		FieldName string `json:"fieldName"`
	} `json:"extensions"`
}

// graphAnswer is the data of an answer and what failed within it.
type graphAnswer struct {
	data   map[string]json.RawMessage
	errors []graphError
}

// tooHeavy reports whether a smaller question may succeed.
func (r *refusal) tooHeavy() bool {
	return r.heavy || r.Status >= 500
}

// ask sends a query. build writes its text; it is called again after a field
// was dropped because the server does not know it. An empty text is no question.
func (s *Source) ask(ctx context.Context, build func() string, vars variables) (graphAnswer, *refusal, error) {
	if r := s.graphOff.Load(); r != nil {
		return graphAnswer{}, r, nil
	}
	for text := build(); ; {
		if text == "" {
			return graphAnswer{}, nil, nil
		}
		a, r, err := s.post(ctx, text, vars)
		if r == nil || err != nil {
			return a, r, err
		}
		news := false
		for _, e := range a.errors {
			if e.Extensions.Code == "undefinedField" && s.schema.drop(e.Extensions.TypeName+"."+e.Extensions.FieldName) {
				news = true
			}
			if e.Extensions.Code == "argumentLiteralsIncompatible" && s.dropEnum(e.Message) {
				news = true
			}
		}
		before := text
		if text = build(); text == before {
			return graphAnswer{}, r, nil
		}
		if !news { // another question that was under way has found it out
			continue
		}
		s.transport.notice("GraphQL: the source does not know a field of its version, going on without: %s", retold(errorWords(a.errors)))
	}
}

// dropEnum drops a type of packages or issues that the server's words name.
func (s *Source) dropEnum(message string) bool {
	for _, t := range packageTypes {
		if strings.Contains(message, "("+t+")") && s.schema.drop("PackageTypeEnum."+t) {
			return true
		}
	}
	for _, t := range []string{"TASK", "TEST_CASE", "KEY_RESULT"} {
		if strings.Contains(message, "IssueType") && strings.Contains(message, t) && s.schema.drop("IssueType."+t) {
			return true
		}
	}
	return false
}

// kindOfQuery names a query's text, for answers to equal questions take like times.
func kindOfQuery(text string) string {
	h := fnv.New64a()
	_, _ = h.Write([]byte(text))
	return scan.ReadGraphQL + " " + strconv.FormatUint(h.Sum64(), 36)
}

// post sends one query. With a refusal the answer's errors tell why.
func (s *Source) post(ctx context.Context, text string, vars variables) (graphAnswer, *refusal, error) {
	const endpoint = scan.ReadGraphQL
	payload, err := json.Marshal(struct {
		Query     string    `json:"query"`
		Variables variables `json:"variables,omitempty"`
	}{text, vars})
	if err != nil {
		return graphAnswer{}, failure(endpoint, err), nil
	}
	req, err := http.NewRequestWithContext(withKind(withEndpoint(ctx, endpoint), kindOfQuery(text)), http.MethodPost, s.base+"/api/graphql", bytes.NewReader(payload))
	if err != nil {
		return graphAnswer{}, failure(endpoint, err), nil
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	resp, err := s.http.Do(req)
	if ctx.Err() != nil {
		return graphAnswer{}, nil, ctx.Err()
	}
	if scan.Ends(err) {
		return graphAnswer{}, nil, s.transport.ended()
	}
	if err != nil {
		s.log("%s: %s", endpoint, causeWords(err))
		r := failure(endpoint, err)
		r.heavy = errors.Is(err, errSlow) || errors.Is(err, errTooLarge)
		return graphAnswer{}, r, nil
	}
	body := bodyOf(resp)
	if r := refuse(endpoint, resp.StatusCode, resp.Header, body, false); r != nil {
		if r.Status == http.StatusUnauthorized && r.Reason == scan.ReasonForbidden {
			if err := s.stillKnown(ctx, r); err != nil {
				return graphAnswer{}, nil, err
			}
			if r.Reason == scan.ReasonForbidden {
				r.Cure = "a token with scope read_api"
			}
		}
		return graphAnswer{}, r, nil
	}
	var answer struct {
		Data   map[string]json.RawMessage `json:"data"`
		Errors []graphError               `json:"errors"`
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return graphAnswer{}, failure(endpoint, fmt.Errorf("the answer is not GraphQL: %w", err)), nil
	}
	a := graphAnswer{answer.Data, answer.Errors}
	if s.noted != nil && answer.Data != nil {
		s.noted(Ask{Endpoint: endpoint, Query: text})
	}
	if answer.Data == nil {
		r := &refusal{Endpoint: endpoint, Status: resp.StatusCode, Reason: scan.ReasonFailed, message: retold(errorWords(answer.Errors))}
		r.heavy = heavy(answer.Errors)
		r.Cure = "GraphQL refused the question (" + r.message + ")"
		return a, r, nil
	}
	return a, nil, nil
}

// heavy reports whether errors tell of a question that was too large.
// Wording: lib/gitlab/graphql/query_analyzers and gitlab_schema.rb.
func heavy(errs []graphError) bool {
	for _, e := range errs {
		for _, words := range []string{"exceeds max complexity", "exceeds max depth", "Timeout on", "timed out", "Query too large", "Internal server error"} {
			if strings.Contains(e.Message, words) {
				return true
			}
		}
	}
	return false
}

func errorWords(errs []graphError) string {
	var all []string
	for _, e := range errs {
		all = append(all, e.Message)
	}
	return strings.Join(all, "; ")
}

// node is what a query found of one project or group.
type node struct {
	keys   map[string]json.RawMessage
	failed map[string]string // response keys whose errors the server told
	gone   *refusal          // the question failed as a whole
	absent bool              // the server left the subject out
}

// get decodes what stands under a response key. ok is false where the answer
// is null, absent or failed; fail is the server's word for a failure.
func (n node) get(key string, v any) (ok bool, fail string) {
	if f, failed := n.failed[key]; failed {
		return false, f
	}
	raw, there := n.keys[key]
	if !there || isNull(raw) {
		return false, ""
	}
	if err := json.Unmarshal(raw, v); err != nil {
		return false, "the answer is not what the schema says"
	}
	return true, ""
}

// connection is the part of any GraphQL connection that scans read.
type connection[T any] struct {
	Count    *int64 `json:"count"`
	Nodes    []*T   `json:"nodes"`
	PageInfo struct {
		HasNextPage bool   `json:"hasNextPage"`
		EndCursor   string `json:"endCursor"`
	} `json:"pageInfo"`
}

const (
	projectGID = "gid://gitlab/Project/"
	groupGID   = "gid://gitlab/Group/"
	userGID    = "gid://gitlab/User/"
)

// askProjects asks the same selection for many projects, see askNodes.
func (s *Source) askProjects(ctx context.Context, ids []int64, vars variables, selection func() string) (map[int64]node, error) {
	return s.askNodes(ctx, "projects", projectGID, ids, vars, selection)
}

// askNodes asks the same selection for many entries of a connection at the root.
// Every id of ids is in the result. A question that is too heavy is split down to
// one entry.
func (s *Source) askNodes(ctx context.Context, root, gid string, ids []int64, vars variables, selection func() string) (map[int64]node, error) {
	found := make(map[int64]node, len(ids))
	gids := make([]string, len(ids))
	for i, id := range ids {
		gids[i] = gid + strconv.FormatInt(id, 10)
	}
	declared := "$ids:[ID!]"
	all := variables{"ids": gids}
	for name, v := range vars {
		all[name] = v
		declared += "," + declare(name, v)
	}
	build := func() string {
		sel := selection()
		if sel == "" {
			return ""
		}
		return "query(" + declared + "){" + root + "(ids:$ids,first:" + strconv.Itoa(len(ids)) + "){nodes{id " + sel + "}}}"
	}
	a, r, err := s.ask(ctx, build, all)
	if err != nil {
		return nil, err
	}
	if len(ids) > 1 && ((r != nil && r.tooHeavy()) || heavy(a.errors)) {
		for _, half := range [][]int64{ids[:len(ids)/2], ids[len(ids)/2:]} {
			part, err := s.askNodes(ctx, root, gid, half, vars, selection)
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
	for _, id := range ids {
		found[id] = node{gone: r, absent: r == nil}
	}
	if r != nil || a.data == nil {
		return found, nil
	}
	var page struct {
		Nodes []map[string]json.RawMessage `json:"nodes"`
	}
	if err := json.Unmarshal(a.data[root], &page); err != nil {
		lost := failure(scan.ReadGraphQL, fmt.Errorf("the answer is not what the schema says: %w", err))
		for _, id := range ids {
			found[id] = node{gone: lost}
		}
		return found, nil
	}
	at := make([]int64, len(page.Nodes))
	for i, keys := range page.Nodes {
		var of string
		_ = json.Unmarshal(keys["id"], &of)
		id, err := strconv.ParseInt(strings.TrimPrefix(of, gid), 10, 64)
		if _, asked := found[id]; err == nil && asked {
			at[i] = id
			found[id] = node{keys: keys, failed: map[string]string{}}
		}
	}
	for _, e := range a.errors {
		i, key, ok := within(e.Path)
		switch {
		case ok && i < len(at) && at[i] != 0:
			found[at[i]].failed[key] = e.Message
		case !ok: // no word about where: nothing of this answer can be told from a failure
			for _, id := range ids {
				found[id] = node{gone: &refusal{Endpoint: scan.ReadGraphQL, Status: http.StatusOK, Reason: scan.ReasonFailed,
					Cure: "GraphQL refused the question (" + retold(e.Message) + ")"}}
			}
			return found, nil
		}
	}
	return found, nil
}

// within reads an error's path <root>/nodes/<i>/<key>….
func within(path []any) (i int, key string, ok bool) {
	if len(path) < 4 {
		return 0, "", false
	}
	index, isNumber := path[2].(float64)
	key, isKey := path[3].(string)
	return int(index), key, isNumber && isKey && index >= 0
}

// declare names a variable's GraphQL type.
func declare(name string, v any) string {
	switch v.(type) {
	case []string:
		return "$" + name + ":[String!]!"
	case string:
		return "$" + name + ":String"
	}
	panic(fmt.Sprintf("gitlab: no GraphQL type for variable %s of type %T", name, v))
}

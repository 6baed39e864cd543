package gitlabsim

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"

	"readiness/scan"
)

// graphqlAPI is the GraphQL half of a server.
type graphqlAPI struct {
	world  *World
	schema *ast.Schema
	costs  map[*ast.FieldDefinition]cost
	whole  *wholeSchema
}

func newGraphQL(w *World) *graphqlAPI {
	schema, costs, err := loadSchema(w.cfg.Version, w.cfg.Tier.Enterprise())
	if err != nil {
		panic(err) // the embedded schema is wrong; a test loads it for every version
	}
	return &graphqlAPI{world: w, schema: schema, costs: costs, whole: &wholeSchema{}}
}

// graphqlRequest is one query of a request.
type graphqlRequest struct {
	Query         string          `json:"query"`
	Variables     map[string]any  `json:"variables"`
	OperationName json.RawMessage `json:"operationName"` // nil where the key was not sent; GitLab tells that from null
}

func (q graphqlRequest) operation() string {
	var name string
	if json.Unmarshal(q.OperationName, &name) != nil {
		return ""
	}
	return name
}

func graphqlErrors(messages ...string) object {
	l := list{}
	for _, m := range messages {
		l = append(l, object{{"message", m}})
	}
	return object{{"errors", l}}
}

func (s *Server) serveGraphQL(rw http.ResponseWriter, r *http.Request) {
	s.meter.endpoint("POST /api/graphql")
	refuse := func(status int, text string) {
		if status != http.StatusUnauthorized {
			s.meter.refuse() // answer counts a 401 itself
		}
		s.answer(rw, r, nil, nil, refusal{status, graphqlErrors(text)})
	}
	who, err := s.authenticate(r, ScopeAPI, ScopeReadAPI)
	if err != nil {
		refuse(http.StatusUnauthorized, "Invalid token")
		return
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, 4<<20))
	if err != nil {
		return // the client has gone away
	}
	requests, multiplex, err := readRequests(body)
	if err != nil {
		refuse(http.StatusUnprocessableEntity, "Unexpected end of document")
		return
	}
	size := 0
	for _, q := range requests {
		size += len([]rune(q.Query))
	}
	if size > maxQueryText {
		refuse(http.StatusUnprocessableEntity, "Query too large")
		return
	}
	api := *s.graphql
	api.world = s.World()
	if !multiplex && api.prebuiltIntrospection() && requests[0].introspects() {
		s.answer(rw, r, nil, api.introspection(), nil)
		return
	}
	answers, wrote := api.run(who, requests)
	if wrote {
		s.meter.write()
		refuse(http.StatusMethodNotAllowed, "The simulated instance takes no mutations")
		return
	}
	if multiplex {
		s.answer(rw, r, nil, answers, nil)
		return
	}
	first, _ := answers[0].(object)
	if len(first) > 0 && first[0].key == "errors" {
		s.meter.refuse()
	}
	s.answer(rw, r, nil, answers[0], nil)
}

func readRequests(body []byte) (requests []graphqlRequest, multiplex bool, err error) {
	decode := func(into any) error {
		d := json.NewDecoder(bytes.NewReader(body))
		d.UseNumber()
		return d.Decode(into)
	}
	if strings.HasPrefix(strings.TrimSpace(string(body)), "[") {
		err = decode(&requests)
		if err == nil && len(requests) == 0 {
			err = io.ErrUnexpectedEOF
		}
		return requests, true, err
	}
	var one graphqlRequest
	err = decode(&one)
	return []graphqlRequest{one}, false, err
}

// run answers queries; all limits apply to their sum.
func (api *graphqlAPI) run(who caller, requests []graphqlRequest) (answers list, wrote bool) {
	answers = make(list, len(requests))
	runs := make([]*execution, len(requests))
	score := 0
	for i, q := range requests {
		x, no := api.prepare(who, q, !api.prebuiltIntrospection())
		if no != nil {
			answers[i] = no
			continue
		}
		if x.operation.Operation != ast.Query {
			return nil, true
		}
		runs[i] = x
		x.score = x.complexity(x.operation.SelectionSet)
		score += x.score
	}
	limit := api.limit(who)
	for i, x := range runs {
		switch {
		case x == nil:
		case score > limit:
			answers[i] = graphqlErrors(fmt.Sprintf("Query has complexity of %d, which exceeds max complexity of %d", score, limit))
		default:
			x.score = score
			answers[i] = x.execute()
		}
	}
	return answers, false
}

func (api *graphqlAPI) limit(who caller) int {
	switch {
	case !who.known():
		return complexityAnonymous
	case (who.admin() || who.role == AdminNoMode) && api.world.cfg.Version.AtLeast(scan.Version{Major: 18}):
		return complexityAdmin
	}
	return complexityUser
}

// prepare parses and validates a query, or says what is wrong with it. Without
// open there are no entry points for introspection.
func (api *graphqlAPI) prepare(who caller, q graphqlRequest, open bool) (*execution, any) {
	doc, err := parser.ParseQuery(&ast.Source{Input: q.Query})
	if err != nil {
		return nil, object{{"errors", list{gqlError(nil, asGraphQL(err))}}}
	}
	operation := doc.Operations.ForName(q.operation())
	if operation == nil {
		return nil, graphqlErrors("No operation named " + fmt.Sprintf("%q", q.operation()))
	}
	if operation.Operation == ast.Mutation {
		return &execution{operation: operation}, nil
	}
	if errs := validator.ValidateWithRules(api.schema, doc, nil); len(errs) > 0 {
		l := list{}
		for _, e := range errs[:min(5, len(errs))] {
			l = append(l, gqlError(doc, e))
		}
		return nil, object{{"errors", l}}
	}
	if f := entryPoint(doc); f != nil && !open {
		return nil, object{{"errors", list{gqlError(doc, gqlerror.ErrorPosf(f.Position, `Cannot query field "%s" on type "Query"`, f.Name))}}}
	}
	vars, err := validator.VariableValues(api.schema, operation, q.Variables)
	if err != nil {
		return nil, object{{"errors", list{gqlError(nil, asGraphQL(err))}}}
	}
	x := &execution{api: api, w: api.world, who: who, operation: operation, vars: vars}
	most := depthUser
	if !who.known() {
		most = depthAnonymous
	}
	if n := depth(operation.SelectionSet); n > most {
		return nil, graphqlErrors(fmt.Sprintf("Query has depth of %d, which exceeds max depth of %d", n, most))
	}
	if name := recursive(operation.SelectionSet, map[string]int{}); name != "" {
		return nil, graphqlErrors(fmt.Sprintf("Recursive query - too many of fields '{%q=>3}' detected in single branch of the query", name))
	}
	return x, nil
}

func asGraphQL(err error) *gqlerror.Error {
	if e, ok := err.(*gqlerror.Error); ok {
		return e
	}
	return &gqlerror.Error{Message: err.Error()}
}

// recursive names a field that one branch of the query holds more than twice.
func recursive(selections ast.SelectionSet, above map[string]int) string {
	for _, s := range selections {
		var name string
		switch s := s.(type) {
		case *ast.InlineFragment:
			name = recursive(s.SelectionSet, above)
		case *ast.FragmentSpread:
			name = recursive(s.Definition.SelectionSet, above)
		case *ast.Field:
			switch s.Name {
			case "node", "nodes", "edges", "ofType":
				name = recursive(s.SelectionSet, above)
			default:
				if above[s.Name]++; above[s.Name] > 2 {
					return s.Name
				}
				name = recursive(s.SelectionSet, above)
				above[s.Name]--
			}
		}
		if name != "" {
			return name
		}
	}
	return ""
}

var (
	unknownField    = regexp.MustCompile(`^Cannot query field "([^"]*)" on type "([^"]*)"`)
	unknownArgument = regexp.MustCompile(`^Unknown argument "([^"]*)" on field "([^".]*)\.([^"]*)"`)
)

// gqlError words an error of the validator as graphql-ruby does.
func gqlError(doc *ast.QueryDocument, e *gqlerror.Error) object {
	text, extensions := e.Message, object(nil)
	if m := unknownField.FindStringSubmatch(text); m != nil {
		text = fmt.Sprintf("Field '%s' doesn't exist on type '%s'", m[1], m[2])
		extensions = object{{"code", "undefinedField"}, {"typeName", m[2]}, {"fieldName", m[1]}}
	} else if m := unknownArgument.FindStringSubmatch(text); m != nil {
		text = fmt.Sprintf("Field '%s' doesn't accept argument '%s'", m[3], m[1])
		extensions = object{{"code", "argumentNotAccepted"}, {"name", m[3]}, {"typeName", "Field"}, {"argumentName", m[1]}}
	}
	o := object{{"message", text}}
	places := list{}
	for _, at := range e.Locations {
		places = append(places, object{{"line", at.Line}, {"column", at.Column}})
	}
	o.when(len(places) > 0, "locations", places)
	if doc != nil && len(e.Locations) > 0 {
		o.put("path", pathTo(doc, e.Locations[0]))
	}
	o.when(extensions != nil, "extensions", extensions)
	return o
}

// pathTo is the way from the operation to the field at a place of the text.
func pathTo(doc *ast.QueryDocument, at gqlerror.Location) list {
	var find func(ast.SelectionSet) []any
	find = func(selections ast.SelectionSet) []any {
		for _, s := range selections {
			switch s := s.(type) {
			case *ast.Field:
				if s.Position != nil && s.Position.Line == at.Line && s.Position.Column == at.Column {
					return []any{s.Alias}
				}
				if below := find(s.SelectionSet); below != nil {
					return append([]any{s.Alias}, below...)
				}
			case *ast.InlineFragment:
				if below := find(s.SelectionSet); below != nil {
					return append([]any{"... on " + s.TypeCondition}, below...)
				}
			}
		}
		return nil
	}
	for _, op := range doc.Operations {
		name := "query"
		if op.Name != "" {
			name += " " + op.Name
		}
		if below := find(op.SelectionSet); below != nil {
			return append(list{name}, below...)
		}
	}
	for _, f := range doc.Fragments {
		if below := find(f.SelectionSet); below != nil {
			return append(list{"fragment " + f.Name}, below...)
		}
	}
	return list{"query"}
}

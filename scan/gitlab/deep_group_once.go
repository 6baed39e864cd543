package gitlab

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"

	"readiness/scan"
)

// groupOnce asks in GraphQL what it tells of one group a request.
func (s *Source) groupOnce(ctx context.Context, g *scan.Group, _ string) error {
	facts := []struct {
		id    scan.FactID
		field string
		plan  string
		text  string
		key   string
	}{
		{"group.comment-templates", "Group.savedReplies", "premium", "group(fullPath:$path){savedReplies(first:1){count}}", "group"},
		{"group.secrets-manager", "Query.groupSecretsManager", "ultimate", "groupSecretsManager(groupPath:$path){status}", "groupSecretsManager"},
		{"group.ai-catalog", "Query.aiCatalogConfiguredItems", "premium", "aiCatalogConfiguredItems(groupId:$id,first:1){count}", "aiCatalogConfiguredItems"},
	}
	asked := func(i int) bool {
		return s.schema.has(facts[i].field) && s.asks(facts[i].id) && !s.unlicensed(facts[i].plan)
	}
	a, r, err := s.ask(ctx, func() string {
		declared, text := "", ""
		for i, f := range facts {
			if !asked(i) {
				continue
			}
			text += f.text + " "
			switch {
			case strings.Contains(f.text, "$id") && !strings.Contains(declared, "$id"):
				declared += "$id:GroupID!,"
			case strings.Contains(f.text, "$path") && !strings.Contains(declared, "$path"):
				declared += "$path:ID!,"
			}
		}
		if text == "" {
			return ""
		}
		return "query(" + strings.TrimSuffix(declared, ",") + "){" + text + "}"
	}, variables{"path": g.Path, "id": groupGID + strconv.FormatInt(g.ID, 10)})
	if err != nil {
		return err
	}
	s.lost(r)
	failures := map[string]string{}
	for _, e := range a.errors {
		key, _ := at(e.Path, 0).(string)
		failures[key] = e.Message
	}
	for i, f := range facts {
		fail, raw := failures[f.key], a.data[f.key]
		denied := strings.Contains(fail, noPermission) || fail == "" && isNull(raw)
		switch {
		case s.unlicensed(f.plan):
			scan.Forget(g, f.id, gapFor(f.id, scan.ReasonFeatureOff))
		case !asked(i):
			gap, _ := s.nodeGap(node{}, f.id, f.field)
			scan.Forget(g, f.id, gap)
		case r != nil:
			scan.Forget(g, f.id, r.gap(f.id, s.version()))
		case f.id == "group.secrets-manager" && denied && s.admin:
			g.SecretsManager = scan.Known(false)
		case denied && s.admin:
			scan.Forget(g, f.id, gapFor(f.id, scan.ReasonFeatureOff))
		case denied:
			scan.Forget(g, f.id, gapFor(f.id, scan.ReasonWithheld))
		case fail != "" || len(raw) == 0:
			scan.Forget(g, f.id, failed(f.id, fail))
		default:
			s.tellOnce(g, f.id, raw)
		}
	}
	return nil
}

// tellOnce sets a fact of groupOnce from its answer.
func (s *Source) tellOnce(g *scan.Group, id scan.FactID, raw json.RawMessage) {
	var b struct {
		Count        *int64                `json:"count"`
		Status       *string               `json:"status"`
		SavedReplies *connection[struct{}] `json:"savedReplies"`
	}
	if json.Unmarshal(raw, &b) != nil {
		scan.Forget(g, id, failed(id, "the answer is not what the schema says"))
		return
	}
	count := func(fact *scan.Fact[int64], n *int64, trusted bool) {
		switch {
		case n == nil && s.admin:
			*fact = scan.Missing[int64](gapFor(id, scan.ReasonFeatureOff))
		case n == nil || *n == 0 && !trusted:
			*fact = scan.Missing[int64](gapFor(id, scan.ReasonWithheld))
		default:
			*fact = scan.Known(*n)
		}
	}
	switch id {
	case "group.comment-templates":
		var n *int64
		if b.SavedReplies != nil {
			n = b.SavedReplies.Count
		}
		count(&g.CommentTemplates, n, s.mayGroup(g, reporter))
	case "group.ai-catalog":
		count(&g.ConfiguredItems, b.Count, s.mayGroup(g, owner))
	case "group.secrets-manager":
		g.SecretsManager = scan.Known(b.Status != nil)
	}
}

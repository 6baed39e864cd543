package checks

import (
	"cmp"
	"fmt"
	"slices"

	"readiness/checks/matrix"
	"readiness/scan"
)

// uses says of every item of the matrix whether it is in use on the source.
func uses(m *matrix.Matrix, t *tables) ([]ItemUse, error) {
	out := make([]ItemUse, 0, len(m.Items))
	for _, item := range m.Items {
		u, err := use(item, t)
		if err != nil {
			return nil, err
		}
		out = append(out, u)
	}
	return out, nil
}

func use(item matrix.Item, t *tables) (ItemUse, error) {
	u := ItemUse{Item: item}
	switch {
	case item.Use.Question != "":
		u.Use = AskPerson
		return u, nil
	case item.Use.Always:
		l := t.level(item.Level)
		if l == nil {
			return u, fmt.Errorf("item %s of the matrix has the unknown level %q", item.ID, item.Level)
		}
		u.Subjects = l.subjects
		u.Amount, u.Unit, u.Gap = u.Subjects, scan.Count, l.cut
	default:
		id, measured := item.Use.Fact, true
		if id == "" {
			id, measured = item.Use.Within, false
		}
		entry, known := scan.Lookup(id)
		if !known {
			return u, fmt.Errorf("item %s of the matrix is told by the fact %q, which is not in the catalogue", item.ID, id)
		}
		u.Unit, u.Measured = entry.Unit, measured
		if entry.Unread != "" {
			u.Use = NoReader
			return u, nil
		}
		l, col := t.column(item)
		if col == nil {
			return u, fmt.Errorf("item %s of the matrix is told by the fact %s, which no subject has", item.ID, id)
		}
		u.Amount, u.Subjects = col.amount, col.subjects
		if u.Amount.Unread() > 0 {
			u.Gap = l.gap(col)
		}
	}
	switch n, complete := u.Subjects.Sum(); {
	case n > 0:
		u.Use = InUse
	case complete:
		u.Use = NotInUse
	default:
		u.Use = UseUnknown
	}
	return u, nil
}

// answers are a matrix's answers for one source and one target, by item and method.
type answers struct {
	items [][]matrix.Answer // by item in the matrix's order, then by method in report order
}

func readMatrix(m *matrix.Matrix, source, destination scan.Version) answers {
	a := answers{items: make([][]matrix.Answer, len(m.Items))}
	for i := range m.Items {
		for _, method := range matrix.Methods() {
			a.items[i] = append(a.items[i], m.Answer(&m.Items[i], method, source, destination))
		}
	}
	return a
}

// isLoss reports whether a status leaves something of the item behind, or may.
func isLoss(s matrix.Status) bool {
	return s == matrix.NotCarried || s == matrix.Partial || s == matrix.Unverified
}

// losses lists, worst first, what the methods leave behind or may leave behind
// of what is in use or may be. Worst is what is not carried, of that what is
// surely in use, of that what hurts most, what was counted itself, and what the
// most subjects have.
func losses(items []ItemUse, a answers, methods []matrix.Method) []Loss {
	out := []Loss{}
	for i, item := range items {
		if item.Use != InUse && item.Use != UseUnknown {
			continue
		}
		for k, method := range matrix.Methods() {
			if ans := a.items[i][k]; slices.Contains(methods, method) && isLoss(ans.Status) {
				out = append(out, Loss{ItemUse: item, Method: method, Answer: ans})
			}
		}
	}
	rank := func(l Loss) int {
		return slices.Index([]matrix.Status{matrix.NotCarried, matrix.Partial, matrix.Unverified}, l.Answer.Status)
	}
	slices.SortStableFunc(out, func(a, b Loss) int {
		an, _ := a.Subjects.Sum()
		bn, _ := b.Subjects.Sum()
		return cmp.Or(cmp.Compare(rank(a), rank(b)),
			cmp.Compare(one(a.Use == UseUnknown), one(b.Use == UseUnknown)),
			cmp.Compare(slices.Index(matrix.Impacts(), a.Item.Impact), slices.Index(matrix.Impacts(), b.Item.Impact)),
			cmp.Compare(one(!a.Measured), one(!b.Measured)), cmp.Compare(bn, an))
	})
	return out
}

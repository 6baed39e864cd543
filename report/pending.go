package report

import (
	"readiness/checks/matrix"
	"readiness/scan"
)

// answer asks the matrix for one item and method, for the versions that the
// judgement is about. A source of unknown version is the zero version.
func (b *builder) answer(item matrix.Item, m matrix.Method) matrix.Answer {
	var source scan.Version
	if b.j.Instance != nil {
		source, _ = b.j.Instance.Version.Get()
	}
	if a, ok := any(b.j.Matrix).(interface {
		Answer(*matrix.Item, matrix.Method, scan.Version, scan.Version) matrix.Answer
	}); ok {
		return a.Answer(&item, m, source, b.j.Target.Version)
	}
	r, ok := item.Rules[m]
	if !ok {
		return matrix.Answer{Status: matrix.Unverified}
	}
	return matrix.Answer{Status: r.Status, Note: r.Note, Source: r.Source}
}

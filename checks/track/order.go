package track

import (
	"cmp"
	"slices"
	"strings"

	"readiness/checks"
)

// order ranks findings by state, then by severity, then by fingerprint.
func order(a, b *Thread) int {
	return cmp.Or(
		cmp.Compare(slices.Index(States(), a.State), slices.Index(States(), b.State)),
		cmp.Compare(slices.Index(checks.Severities(), a.Finding.Severity), slices.Index(checks.Severities(), b.Finding.Severity)),
		strings.Compare(a.Finding.Fingerprint, b.Finding.Fingerprint))
}

// AtLeast reports whether a severity is as grave as another, or graver.
func AtLeast(s, than checks.Severity) bool {
	return slices.Index(checks.Severities(), s) <= slices.Index(checks.Severities(), than)
}

// Worse lists what the newest scan has made worse: findings that are new or
// there again, of this severity or graver. What no earlier scan could tell is
// not among them.
func (c *Course) Worse(than checks.Severity) []*Thread {
	var worse []*Thread
	for _, t := range c.Threads() {
		if (t.State == New || t.State == Regressed) && t.Made && AtLeast(t.Finding.Severity, than) {
			worse = append(worse, t)
		}
	}
	return worse
}

// Changes lists the findings whose state the newest scan changed, and those that
// it found again with another evidence, these last. What it was not asked about is not among
// them.
func (c *Course) Changes() []*Thread {
	var changes, evidence []*Thread
	for _, t := range c.Threads() {
		switch {
		case t.Changed && !t.Outside:
			changes = append(changes, t)
		case t.Before != "":
			evidence = append(evidence, t)
		}
	}
	return append(changes, evidence...)
}

// Package scan says what there is on a source GitLab instance.
//
// A fact is either a value that was read or the reason why it was not: nothing
// in this package lets "not read" pass for zero. What a scan reads is listed in
// the catalogue (see Catalog), who answers is a Source, and where the answers
// are kept while they arrive is a Store. Run connects the three.
package scan

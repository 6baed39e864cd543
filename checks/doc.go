// Package checks says what an inventory means for a migration: it judges the
// facts of a scan against the readiness rules and the matrix of methods, for one
// target. Judging is a pure function: the same snapshot, matrix and target give
// the same judgement, and no clock, network or file is touched.
package checks

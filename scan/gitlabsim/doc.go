// Package gitlabsim is a simulated GitLab instance: a world whose truth is
// known in Go, and a server that answers REST v4 and GraphQL about it as GitLab
// does. It serves the demo, the tests and the benchmarks.
//
// Nothing is stored. Every entity is computed from the seed and its id, so a
// world of a million projects starts at once and takes no memory to speak of.
// The truth of any entity can be asked in Go, without a request.
//
// What the server may leave out, refuse or hide follows GitLab's source and
// documentation at 18.9; where a behaviour could not be confirmed the code
// says so.
package gitlabsim

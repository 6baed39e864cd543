// Package gitlab reads a GitLab instance through its REST API v4 and GraphQL.
//
// It only reads: GET and HEAD, and POST to /api/graphql with queries alone. The
// value of a variable or token is never asked for where GitLab lets us leave it
// out, and never decoded where it does not. What cannot be read becomes a
// scan.Gap, in one place (see refusal), and an answer of nothing counts as a
// value only where the caller's rights allow it (see project.may).
package gitlab

package gitlabsim

import "net/http"

// refusal is an answer that says no, or that the request made no sense.
type refusal struct {
	status int
	body   object
}

func (r refusal) Error() string { return http.StatusText(r.status) }

func message(status int, text string) refusal { return refusal{status, object{{"message", text}}} }

// The refusals of GitLab's REST API. The key tells apart what the API says
// itself (message) and what its framework says (error).
var (
	unauthorized   = message(http.StatusUnauthorized, "401 Unauthorized")
	forbidden      = message(http.StatusForbidden, "403 Forbidden")
	projectMissing = message(http.StatusNotFound, "404 Project Not Found")
	groupMissing   = message(http.StatusNotFound, "404 Group Not Found")
	userMissing    = message(http.StatusNotFound, "404 User Not Found")
	notFound       = message(http.StatusNotFound, "404 Not Found")
	fileMissing    = message(http.StatusNotFound, "404 File Not Found")
	noRoute        = refusal{http.StatusNotFound, object{{"error", "404 Not Found"}}}
	noKeyset       = refusal{http.StatusMethodNotAllowed, object{{"error", "Keyset pagination is not yet available for this type of request"}}}
)

func badParameter(name string) refusal {
	return refusal{http.StatusBadRequest, object{{"error", name + " is invalid"}}}
}

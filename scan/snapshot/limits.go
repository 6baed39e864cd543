package snapshot

import (
	"bytes"
	"encoding/json"
	"slices"

	"readiness/scan"
)

// limits are what a scope is limited to besides its depth, as column groups of
// table run keeps it: the plain list of groups, or an object where there is more.
type limits struct {
	Groups   []string    `json:"groups,omitempty"`
	Areas    []scan.Area `json:"areas,omitempty"`
	Projects []string    `json:"projects,omitempty"`
}

func marshalLimits(s scan.Scope) (string, error) {
	var v any = limits{s.Groups, s.Areas, s.Projects}
	if len(s.Areas)+len(s.Projects) == 0 {
		v = append([]string{}, s.Groups...)
	}
	b, err := json.Marshal(v)
	return string(b), err
}

func unmarshalLimits(b []byte, s *scan.Scope) error {
	var l limits
	var err error
	if bytes.HasPrefix(b, []byte("[")) {
		err = json.Unmarshal(b, &l.Groups)
	} else {
		err = json.Unmarshal(b, &l)
	}
	if len(l.Groups) > 0 {
		s.Groups = l.Groups
	}
	s.Areas, s.Projects = l.Areas, l.Projects
	return err
}

// same reports whether two scopes are one. Their lists are sorted.
func same(a, b scan.Scope) bool {
	return a.URL == b.URL && a.Depth == b.Depth && slices.Equal(a.Groups, b.Groups) &&
		slices.Equal(a.Areas, b.Areas) && slices.Equal(a.Projects, b.Projects)
}

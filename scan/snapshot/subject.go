package snapshot

import (
	"encoding/json"
	"fmt"

	"readiness/scan"
)

// newSubject returns an empty subject of a level.
func newSubject(level scan.Level) scan.Subject {
	switch level {
	case scan.LevelInstance:
		return new(scan.Instance)
	case scan.LevelGroup:
		return new(scan.Group)
	case scan.LevelProject:
		return new(scan.Project)
	case scan.LevelUser:
		return new(scan.User)
	}
	panic(fmt.Sprintf("snapshot: no subject of level %q", level))
}

// What identifies a subject, as it is stored. The fields are those of the scan
// types that are no facts, in their order; a test holds them together.
type (
	instanceIdentity struct {
		URL string `json:"url"`
	}
	groupIdentity struct {
		ID       int64  `json:"id"`
		Path     string `json:"path"`
		Name     string `json:"name"`
		WebURL   string `json:"web_url"`
		ParentID int64  `json:"parent_id"`
	}
	projectIdentity struct {
		ID       int64  `json:"id"`
		Path     string `json:"path"`
		Name     string `json:"name"`
		WebURL   string `json:"web_url"`
		GroupID  int64  `json:"group_id"`
		Personal bool   `json:"personal"`
	}
	userIdentity struct {
		ID       int64  `json:"id"`
		Username string `json:"username"`
		Name     string `json:"name"`
		WebURL   string `json:"web_url"`
	}
)

func encodeIdentity(s scan.Subject) ([]byte, error) {
	switch s := s.(type) {
	case *scan.Instance:
		return json.Marshal(instanceIdentity{s.URL})
	case *scan.Group:
		return json.Marshal(groupIdentity{s.ID, s.Path, s.Name, s.WebURL, s.ParentID})
	case *scan.Project:
		return json.Marshal(projectIdentity{s.ID, s.Path, s.Name, s.WebURL, s.GroupID, s.Personal})
	case *scan.User:
		return json.Marshal(userIdentity{s.ID, s.Username, s.Name, s.WebURL})
	}
	return nil, fmt.Errorf("no identity for a %T", s)
}

func decodeIdentity(b []byte, s scan.Subject) error {
	switch s := s.(type) {
	case *scan.Instance:
		var i instanceIdentity
		if err := json.Unmarshal(b, &i); err != nil {
			return err
		}
		s.URL = i.URL
	case *scan.Group:
		var i groupIdentity
		if err := json.Unmarshal(b, &i); err != nil {
			return err
		}
		s.ID, s.Path, s.Name, s.WebURL, s.ParentID = i.ID, i.Path, i.Name, i.WebURL, i.ParentID
	case *scan.Project:
		var i projectIdentity
		if err := json.Unmarshal(b, &i); err != nil {
			return err
		}
		s.ID, s.Path, s.Name, s.WebURL, s.GroupID, s.Personal = i.ID, i.Path, i.Name, i.WebURL, i.GroupID, i.Personal
	case *scan.User:
		var i userIdentity
		if err := json.Unmarshal(b, &i); err != nil {
			return err
		}
		s.ID, s.Username, s.Name, s.WebURL = i.ID, i.Username, i.Name, i.WebURL
	default:
		return fmt.Errorf("no identity for a %T", s)
	}
	return nil
}

package matrix

import "readiness/scan"

// Table is the whole matrix read for one pair of versions, for JSON.
type Table struct {
	ReadOn      string `json:"read_on"` // YYYY-MM-DD
	Newest      string `json:"newest_version_checked"`
	Source      string `json:"source_version,omitempty"`      // empty: not known
	Destination string `json:"destination_version,omitempty"` // empty: not known
	Rows        []Row  `json:"rows"`                          // by item in the data's order, then method in report order
}

// Row is what one method does with one item.
type Row struct {
	Item         string     `json:"item"`
	Level        scan.Level `json:"level"`
	Title        string     `json:"title"`
	Tier         string     `json:"tier"`
	Impact       Impact     `json:"impact"`
	FeatureSince string     `json:"feature_since,omitempty"`
	Method       Method     `json:"method"`
	Status       Status     `json:"status"`
	Note         string     `json:"note"`
	Since        string     `json:"since,omitempty"`
	Until        string     `json:"until,omitempty"`
	SinceSide    Side       `json:"since_side,omitempty"`
	SinceExact   *bool      `json:"since_exact,omitempty"` // there if Since is
	Requires     string     `json:"requires,omitempty"`
	Source       string     `json:"source"`
	ReadOn       string     `json:"read_on"`
	Remedy       string     `json:"remedy"`
	Conflict     string     `json:"conflict,omitempty"`
}

// Table reads every item for every method between two versions, either of which
// may be the zero Version where it is not known.
func (m *Matrix) Table(source, destination scan.Version) Table {
	t := Table{
		ReadOn:      m.ReadOn,
		Newest:      short(m.Newest),
		Source:      short(source),
		Destination: short(destination),
		Rows:        make([]Row, 0, len(m.Items)*len(Methods())),
	}
	for i := range m.Items {
		item := &m.Items[i]
		for _, method := range Methods() {
			a, rule := m.Answer(item, method, source, destination), item.Rules[method]
			row := Row{
				Item: item.ID, Level: item.Level, Title: item.Title, Tier: item.Tier, Impact: item.Impact,
				FeatureSince: short(item.FeatureSince),
				Method:       method, Status: a.Status, Note: a.Note,
				Since: short(rule.Since), Until: short(rule.Until), SinceSide: rule.SinceSide,
				Requires: rule.Requires,
				Source:   a.Source, ReadOn: a.ReadOn,
				Remedy: item.Remedy, Conflict: item.Conflict,
			}
			if !rule.Since.IsZero() {
				row.SinceExact = &rule.SinceExact
			}
			t.Rows = append(t.Rows, row)
		}
	}
	return t
}

// short writes a version as GitLab speaks of it, "" for none.
func short(v scan.Version) string {
	if v.IsZero() {
		return ""
	}
	return v.Short()
}

package checks

import "math"

// Limit is the most that a destination takes of something.
type Limit struct {
	Bytes int64 `json:"bytes"` // 0: unlimited
	// Source says who says so: an https link, the request that read it, or the
	// file that states it. "": the limit is not known.
	Source string `json:"source,omitempty"`
	ReadOn string `json:"read_on,omitempty"` // the day a published limit was read, YYYY-MM-DD
}

// Known reports whether anybody says what the limit is.
func (l Limit) Known() bool { return l.Source != "" }

// or is the limit or, if it is not known, the other.
func (l Limit) or(other Limit) Limit {
	if l.Known() {
		return l
	}
	return other
}

// Limits are those of a destination that decide what can be imported.
type Limits struct {
	RelationDownload    Limit `json:"relation_download,omitzero"`    // bulk_import_max_download_file_size
	ImportFile          Limit `json:"import_file,omitzero"`          // max_import_size
	DecompressedArchive Limit `json:"decompressed_archive,omitzero"` // max_decompressed_archive_size
}

func (l Limits) or(other Limits) Limits {
	return Limits{
		RelationDownload:    l.RelationDownload.or(other.RelationDownload),
		ImportFile:          l.ImportFile.or(other.ImportFile),
		DecompressedArchive: l.DecompressedArchive.or(other.DecompressedArchive),
	}
}

// gitLabComLimits are published; nobody but GitLab can change them.
func gitLabComLimits() Limits {
	const page, day = "https://docs.gitlab.com/user/gitlab_com/", "2026-11-22"
	return Limits{
		RelationDownload:    Limit{relationLimit, page, day},
		ImportFile:          Limit{gitLabComImportLimit, page, day},
		DecompressedArchive: Limit{decompressedLimit, page, day},
	}
}

// atMost is the most that the destination takes: what a profile puts in place of
// the published limit, else the destination's own, else the published one.
func (c *Context) atMost(own Limit, published int64) int64 {
	switch changed := c.limit(published); {
	case changed != published || !own.Known():
		return changed
	case own.Bytes == 0:
		return math.MaxInt64
	}
	return own.Bytes
}

// unlessKnown asks the question where nobody says what the destination's limit
// is.
func unlessKnown(limit func(Limits) Limit, q string) func(*Context) string {
	return func(c *Context) string {
		if limit(c.Target.limits()).Known() {
			return ""
		}
		return q
	}
}

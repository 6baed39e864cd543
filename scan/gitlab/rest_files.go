package gitlab

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"

	"readiness/scan"
	"readiness/scan/repofiles"
)

// restFiles reads the files of one project: its root folder once, then what is
// seen there, so that a project without any costs one request.
func (s *Source) restFiles(ctx context.Context, p *scan.Project) error {
	lost := func(gap func(scan.FactID) scan.Gap) error {
		if untold(&p.CodeOwners) {
			s.loseFiles(p, gap)
		}
		if untold(&p.CIConfigFile) {
			s.setCIFile(p, blob{gap: gap})
		}
		return nil
	}
	switch {
	case p.Empty.Or(false):
		s.setFiles(p, nil, nil)
		s.setTemplates(p)
		s.setCIFile(p, blob{})
		return nil
	case s.may(p, filesRight) == off:
		return lost(func(id scan.FactID) scan.Gap { return gapFor(id, scan.ReasonFeatureOff) })
	}
	root, r, err := s.folder(ctx, p, "", false)
	switch {
	case err != nil:
		return err
	case r != nil && noFolder(r):
		root = nil // a repository without a commit
	case r != nil:
		return lost(func(id scan.FactID) scan.Gap { return s.restGap(p, r, id, filesRight) })
	}
	if s.asks(ciFileFact) && untold(&p.CIConfigFile) {
		if err := s.restCIFile(ctx, p, root); err != nil {
			return err
		}
	}
	if s.asks(templatesFact) && untold(&p.Templates) {
		if err := s.restTemplates(ctx, p, root); err != nil {
			return err
		}
	}
	if !s.asksAny(fileFacts...) || !untold(&p.CodeOwners) {
		return nil
	}
	files := map[string]blob{}
	for _, path := range repofiles.TextPaths() {
		owners := slices.Contains(repofiles.CodeOwnersPaths(), path)
		if !mayHold(root, path) || owners && slices.ContainsFunc(repofiles.CodeOwnersPaths(), func(o string) bool { _, there := files[o]; return there }) {
			continue
		}
		b, there, err := s.file(ctx, p, path)
		if err != nil {
			return err
		}
		if there {
			files[path] = b
		}
	}
	other, gap, err := s.restOtherCI(ctx, p, root)
	if err != nil {
		return err
	}
	s.setFiles(p, files, other)
	if gap != nil {
		p.OtherCI = scan.Missing[[]string](gap(otherCIFact))
	}
	return nil
}

// restOtherCI lists the files of other CI systems; gap says why one of them may have
// been missed.
func (s *Source) restOtherCI(ctx context.Context, p *scan.Project, root []string) (other []string, gap func(scan.FactID) scan.Gap, err error) {
	for _, path := range repofiles.OtherCIPaths() {
		there := slices.Contains(root, path)
		if !there && mayHold(root, path) {
			b, found, err := s.file(ctx, p, path)
			if err != nil {
				return nil, nil, err
			}
			if b.gap != nil {
				gap = b.gap
			}
			there = found && b.gap == nil
		}
		if there {
			other = append(other, path)
		}
	}
	if !mayHold(root, repofiles.GitHubWorkflows) {
		return other, gap, nil
	}
	inside, r, err := s.folder(ctx, p, repofiles.GitHubWorkflows, false)
	switch {
	case err != nil:
		return nil, nil, err
	case len(inside) > 0:
		other = append(other, repofiles.GitHubWorkflows)
	case r != nil && !noFolder(r):
		gap = func(id scan.FactID) scan.Gap { return s.restGap(p, r, id, filesRight) }
	}
	return other, gap, nil
}

// noFolder reports whether a refusal says that there is no such folder.
func noFolder(r *refusal) bool {
	return r.Status == http.StatusNotFound && strings.Contains(r.message, "404 Tree Not Found")
}

// mayHold reports whether a folder's names leave room for a file at path.
func mayHold(names []string, path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return slices.Contains(names, first)
}

// folder lists the paths of what lies in a folder of the repository's default
// branch; recursive: and below it.
func (s *Source) folder(ctx context.Context, p *scan.Project, path string, recursive bool) ([]string, *refusal, error) {
	q := url.Values{}
	if path != "" {
		q.Set("path", path)
	}
	if recursive {
		q.Set("recursive", "true")
	}
	entries, r, err := walk[struct {
		Path string `json:"path"`
	}](ctx, s, call{endpoint: "GET /projects/:id/repository/tree", path: projectPath(p.ID, "/repository/tree"), query: q})
	paths := make([]string, 0, len(entries))
	for _, e := range entries {
		paths = append(paths, e.Path)
	}
	return paths, r, err
}

// restTemplates counts description templates. Where their folder may be, that takes
// a request, which only a deep scan makes.
func (s *Source) restTemplates(ctx context.Context, p *scan.Project, root []string) error {
	folder := path.Dir(repofiles.IssueTemplates)
	if !mayHold(root, folder) {
		p.Templates = s.templates(p, nil)
		return nil
	}
	if s.depth < scan.Deep {
		return nil
	}
	inside, r, err := s.folder(ctx, p, folder, true)
	switch {
	case err != nil:
		return err
	case r != nil:
		p.Templates = scan.Missing[int64](s.restGap(p, r, templatesFact, filesRight))
	default:
		p.Templates = s.templates(p, inside)
	}
	return nil
}

// file reads a file at the default branch. there is false only where the server
// says that there is none.
func (s *Source) file(ctx context.Context, p *scan.Project, path string) (b blob, there bool, err error) {
	c := call{endpoint: rawFile, query: url.Values{"ref": {"HEAD"}},
		path: projectPath(p.ID, "/repository/files/") + strings.ReplaceAll(url.PathEscape(path), ".", "%2E") + "/raw"}
	a, r, err := s.send(ctx, http.MethodGet, c)
	switch {
	case err != nil:
		return b, false, err
	case r == nil && !wholeFile(a.header, a.body):
		r = failure(rawFile, errors.New("the file broke off, or something else answered"))
		s.lost(r)
	case r == nil:
		return blob{size: int64(len(a.body)), text: string(a.body)}, true, nil
	case r.Status == http.StatusNotFound && strings.Contains(r.message, "404 File Not Found"):
		return b, false, nil
	}
	return blob{size: -1, gap: func(id scan.FactID) scan.Gap { return s.restGap(p, r, id, filesRight) }}, true, nil
}

const rawFile = "GET /projects/:id/repository/files/:path/raw"

// restCIFile sets how large the CI file is, unless the root folder tells that
// there is none.
func (s *Source) restCIFile(ctx context.Context, p *scan.Project, root []string) error {
	path, ok := s.ciFile(p, "")
	if !ok {
		return nil
	}
	var b blob
	if mayHold(root, path) {
		var there bool
		var err error
		if b, there, err = s.file(ctx, p, path); err != nil {
			return err
		}
		if !there {
			b = blob{}
		}
	}
	s.setCIFile(p, b)
	if b.follows() {
		return s.restLocals(ctx, newCIText(p, path, b))
	}
	return nil
}

package gitlab

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"

	"readiness/scan"
)

const (
	oneProject = "GET /projects/:id"
	oneGroup   = "GET /groups/:id"
)

// listedProjects are the projects that the scope names, as the source tells them.
type listedProjects struct {
	bodies []projectBody // by id, each once
	// refused are the names that brought no project, in the scope's order, each
	// with the answer that came instead.
	refused []refusedName
}

type refusedName struct {
	name string
	why  *refusal
}

// lookUpListed asks for each project that the scope names, if it names any.
func (s *Source) lookUpListed(ctx context.Context) error {
	names := s.limits.Projects
	if len(names) == 0 {
		return nil
	}
	bodies, refused := make([]projectBody, len(names)), make([]*refusal, len(names))
	query := url.Values{"statistics": {"true"}}
	if s.admin {
		query.Set("with_custom_attributes", "true")
	}
	work, wctx := errgroup.WithContext(ctx)
	work.SetLimit(s.transport.govern.most)
	for i, name := range names {
		work.Go(func() (err error) {
			_, refused[i], err = s.read(wctx, call{endpoint: oneProject, path: "projects/" + url.PathEscape(name), query: query}, &bodies[i])
			return err
		})
	}
	if err := work.Wait(); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return err
	}
	l := &listedProjects{}
	for i, name := range names {
		if refused[i] != nil {
			l.refused = append(l.refused, refusedName{name, refused[i]})
		} else {
			l.bodies = append(l.bodies, bodies[i])
		}
	}
	slices.SortFunc(l.bodies, func(a, b projectBody) int { return cmp.Compare(a.ID, b.ID) })
	l.bodies = slices.CompactFunc(l.bodies, func(a, b projectBody) bool { return a.ID == b.ID })
	s.listed = l
	return nil
}

// Unlisted returns the names of the scope's listed projects that the source has
// not, or hides from the token.
func (s *Source) Unlisted() []string {
	if s.listed == nil {
		return nil
	}
	var names []string
	for _, r := range s.listed.refused {
		names = append(names, r.name)
	}
	return names
}

// listedPage is a page of the projects that the scope lists. The cursor is the
// id of the last one before it. Names without a project make the walk's gap: the
// list was not read as it was given.
func (s *Source) listedPage(cursor string) (scan.Page[*scan.Project], error) {
	after, err := strconv.ParseInt("0"+cursor, 10, 64)
	if err != nil {
		return scan.Page[*scan.Project]{}, fmt.Errorf("the stored cursor %.40q is damaged: scan into a new file", cursor)
	}
	var page scan.Page[*scan.Project]
	for _, b := range s.listed.bodies {
		if b.ID <= after {
			continue
		}
		if len(page.Items) == perPage {
			page.Next = strconv.FormatInt(page.Items[perPage-1].ID, 10)
			return page, nil
		}
		page.Items = append(page.Items, s.project(b))
	}
	if refused := s.listed.refused; len(refused) > 0 {
		g := refused[0].why.gap("project.visibility", s.version())
		g.Endpoint = oneProject
		g.Cure = fmt.Sprintf("%d of the %d projects in --projects did not answer: %s; correct the list, or use a token that may see them",
			len(refused), len(s.limits.Projects), firstNames(s.Unlisted()))
		page.Gap = &g
	}
	return page, nil
}

// firstNames lists some names for a message.
func firstNames(names []string) string {
	const most = 10
	var shown []string
	for _, n := range names[:min(len(names), most)] {
		shown = append(shown, clip(n))
	}
	s := strings.Join(shown, ", ")
	if more := len(names) - most; more > 0 {
		s += fmt.Sprintf(" and %d more", more)
	}
	return s
}

// listedGroups reads the groups that the listed projects lie in, up to the top
// level, a page of them at a time. The cursor is the path of the last one.
func (s *Source) listedGroups(ctx context.Context, cursor string) (scan.Page[*scan.Group], error) {
	var paths []string
	for _, b := range s.listed.bodies {
		if b.Namespace.Kind == "user" {
			continue
		}
		path, _, _ := cutLast(b.FullPath)
		for path != "" {
			paths = append(paths, path)
			path, _, _ = cutLast(path)
		}
	}
	slices.Sort(paths)
	paths = slices.Compact(paths)
	i, there := slices.BinarySearch(paths, cursor)
	if there {
		i++
	}
	paths = paths[i:]
	var page scan.Page[*scan.Group]
	if len(paths) > perPage {
		paths, page.Next = paths[:perPage], paths[perPage-1]
	}
	query := url.Values{"with_projects": {"false"}}
	if s.admin {
		query.Set("statistics", "true")
		query.Set("with_custom_attributes", "true")
	}
	bodies, refused := make([]groupBody, len(paths)), make([]*refusal, len(paths))
	work, wctx := errgroup.WithContext(ctx)
	for i, path := range paths {
		work.Go(func() (err error) {
			_, refused[i], err = s.read(wctx, call{endpoint: oneGroup, path: "groups/" + url.PathEscape(path), query: query}, &bodies[i])
			return err
		})
	}
	if err := work.Wait(); err != nil {
		if ctx.Err() != nil {
			return page, ctx.Err()
		}
		return page, err
	}
	for i, b := range bodies {
		lacking(&page, refused[i], "group.visibility", s.version())
		if refused[i] == nil {
			page.Items = append(page.Items, s.group(b))
		}
	}
	return page, nil
}

// cutLast cuts a path before its last part.
func cutLast(path string) (before, last string, ok bool) {
	if i := strings.LastIndexByte(path, '/'); i >= 0 {
		return path[:i], path[i+1:], true
	}
	return "", path, false
}

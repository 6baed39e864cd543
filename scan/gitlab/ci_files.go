package gitlab

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"readiness/scan"
	"readiness/scan/ciconfig"
)

const (
	ciLocalsFact   = "project.ci-local-files"
	ciMentionsFact = "project.ci-mentions"

	registryHostFact = "instance.registry-host"
)

const (
	// localRounds is how deep includes are followed, and localFiles how many a
	// project may have at all; GitLab's own limit is 150 in all, source:
	// https://docs.gitlab.com/administration/settings/continuous_integration/#set-maximum-includes
	localRounds = 4
	localFiles  = 60
	// localPaths is how many different paths one question may name, and
	// globFolders how many folders a page of projects may ask to be listed.
	localPaths  = 20
	globFolders = 6
	// restLocalFiles is how many a project is asked for one by one.
	restLocalFiles = 3
	// heldText is how many bytes of configurations are held before facts are drawn
	// from them, if a page has as many.
	heldText = 16 << 20
)

// ciText is a project's CI/CD configuration while it is read. Its texts are
// dropped when facts have been drawn from them.
type ciText struct {
	p      *scan.Project
	root   string
	files  map[string]ciconfig.File // by path, the configuration's own among them
	size   int                      // of their texts
	locals []scan.CIFile            // what it includes from its own repository
	wanted []string                 // paths not asked for yet
	globs  []string                 // patterns not looked up yet
	spread map[string]bool          // patterns that were
	gap    *scan.Gap                // why there may be more
}

func newCIText(p *scan.Project, path string, b blob) *ciText {
	c := &ciText{p: p, root: path, files: map[string]ciconfig.File{}, spread: map[string]bool{}}
	c.take(path, b)
	c.follow()
	return c
}

// take keeps a file.
func (c *ciText) take(path string, b blob) {
	switch {
	case b.size > ciconfig.MaxFile:
		c.files[path] = ciconfig.File{Size: b.size}
		c.lose(because(ciLocalsFact, scan.ReasonTruncated, "look at the configuration: "+clip(path)+" is larger than is read"))
	case b.gap != nil:
		g := b.gap(ciMentionsFact)
		c.files[path] = ciconfig.File{Gap: &g}
		c.lose(b.gap(ciLocalsFact))
	case c.size+len(b.text) > ciconfig.MaxText:
		g := because(ciMentionsFact, scan.ReasonTruncated, "look at the configuration: its files together are larger than is read")
		c.files[path] = ciconfig.File{Gap: &g}
		c.lose(g)
	default:
		c.files[path] = ciconfig.File{Text: b.text}
		c.size += len(b.text)
	}
}

// follow finds out what the files so far include that is not among them.
func (c *ciText) follow() {
	var globs []string
	c.wanted, globs = ciconfig.Wanted(c.root, c.files)
	c.globs = nil
	for _, pattern := range globs {
		if !c.spread[pattern] {
			c.globs = append(c.globs, pattern)
		}
	}
}

// found notes the answer about a path that was wanted.
func (c *ciText) found(path string, b blob, there bool) {
	c.wanted = slices.DeleteFunc(c.wanted, func(w string) bool { return w == path })
	switch {
	case there:
		c.take(path, b)
		if b.gap == nil {
			c.locals = append(c.locals, scan.CIFile{Path: path, Size: b.size})
		}
	default:
		c.files[path] = ciconfig.File{Missing: true}
		c.locals = append(c.locals, scan.CIFile{Path: path, Missing: true})
	}
}

// lose notes why there may be more; the first reason stands.
func (c *ciText) lose(g scan.Gap) {
	if c.gap == nil {
		c.gap = &g
	}
}

// drawFacts sets the facts and drops the texts.
func (s *Source) drawFacts(c *ciText) {
	if len(c.wanted)+len(c.globs) > 0 {
		c.lose(because(ciLocalsFact, scan.ReasonTruncated, "look at the configuration: it includes more local files than are read"))
	}
	mentions := ciconfig.Read(c.root, c.files, s.about(c.p)).Mentions
	c.files = nil
	slices.SortFunc(c.locals, func(a, b scan.CIFile) int { return strings.Compare(a.Path, b.Path) })
	if g := s.hostUnread(ciMentionsFact); g != nil && mentions.Complete() {
		mentions = scan.Cut(mentions.Items, *g)
	}
	c.p.CILocals, c.p.CIMentions = scan.Listed(c.locals), mentions
	if c.gap == nil {
		return
	}
	c.p.CILocals = scan.Cut(c.locals, *c.gap)
	if mentions.Complete() {
		c.p.CIMentions = scan.Cut(mentions.Items, *c.gap)
	}
}

// about is what tells the instance itself in a configuration. No API tells the
// domain of its Pages.
func (s *Source) about(p *scan.Project) ciconfig.About {
	return ciconfig.About{Project: p.Path, Host: s.host, OwnHost: s.ownHost().Or(""), Registry: s.registry.Or("")}
}

// hostUnread is why what files mention may lack the source's own hosts: the question
// for one of them was refused. nil: it was not.
func (s *Source) hostUnread(id scan.FactID) *scan.Gap {
	g, gap := s.registry.Gap()
	if !gap || g.Reason == scan.ReasonUnset || g.Reason == scan.ReasonTooOld {
		return nil // an instance without a project, or one that never tells
	}
	g = because(id, g.Reason, "the host of the container registry, which "+scan.ReadProjects+" tells: scan again into a new file")
	return &g
}

// follows reports whether a configuration has more to tell than its size.
func (b blob) follows() bool { return b.size > 0 && (b.gap == nil || b.size > ciconfig.MaxFile) }

// setCIFile sets how large a project's CI file is, and where nothing follows what
// it includes and mentions.
func (s *Source) setCIFile(p *scan.Project, b blob) {
	switch {
	case b.size > ciconfig.MaxFile: // whatever of its text was told
		p.CIConfigFile = scan.Known(b.size)
	case b.gap != nil:
		p.CIConfigFile = scan.Missing[int64](b.gap(ciFileFact))
		p.CILocals = scan.Cut[scan.CIFile](nil, b.gap(ciLocalsFact))
		p.CIMentions = scan.Cut[scan.CIMention](nil, b.gap(ciMentionsFact))
	case b.size == 0:
		p.CIConfigFile = scan.Known[int64](0)
		p.CILocals = scan.Listed([]scan.CIFile{})
		p.CIMentions = scan.Listed([]scan.CIMention{})
	default:
		p.CIConfigFile = scan.Known(b.size)
	}
}

// wideLocals follows the local includes of some configurations, round by round,
// many projects to a question, and draws the facts from them.
func (s *Source) wideLocals(ctx context.Context, page []*ciText) error {
	folders := 0
	for range localRounds {
		n, err := s.wideGlobs(ctx, page, globFolders-folders)
		if err != nil {
			return err
		}
		folders += n
		for _, q := range packLocals(page) {
			if err := s.askLocals(ctx, q); err != nil {
				return err
			}
		}
		for _, c := range page {
			if len(c.wanted) == 0 {
				c.follow()
			}
		}
	}
	for _, c := range page {
		s.drawFacts(c)
	}
	return nil
}

// localQuestion is one question: the same paths of all its projects.
type localQuestion struct {
	of    []*ciText
	paths []string
}

// packLocals puts projects that want the same paths into the same questions.
func packLocals(page []*ciText) []localQuestion {
	var open []*ciText
	for _, c := range page {
		if len(c.wanted) > 0 && len(c.locals) < localFiles {
			open = append(open, c)
		}
	}
	slices.SortStableFunc(open, func(a, b *ciText) int { return slices.Compare(a.wanted, b.wanted) })
	var packed []localQuestion
	for _, c := range open {
		mine := c.wanted[:min(len(c.wanted), localPaths)]
		if n := len(packed); n > 0 && len(packed[n-1].of) < filesPage {
			q := &packed[n-1]
			union := slices.Clone(q.paths)
			for _, path := range mine {
				if !slices.Contains(union, path) {
					union = append(union, path)
				}
			}
			if len(union) <= localPaths {
				q.paths, q.of = union, append(q.of, c)
				continue
			}
		}
		packed = append(packed, localQuestion{[]*ciText{c}, slices.Clone(mine)})
	}
	return packed
}

func (s *Source) askLocals(ctx context.Context, q localQuestion) error {
	ids := make([]int64, len(q.of))
	for i, c := range q.of {
		ids[i] = c.p.ID
	}
	nodes, err := s.askProjects(ctx, ids, variables{"paths": q.paths}, func() string {
		return "repository{blobs(paths:$paths,first:" + strconv.Itoa(len(q.paths)) + "){nodes{path rawSize rawTextBlob}}}"
	})
	if err != nil {
		return err
	}
	for _, c := range q.of {
		for _, path := range slices.Clone(c.wanted) {
			if !slices.Contains(q.paths, path) {
				continue
			}
			b, there := s.wideCIFile(c.p, nodes[c.p.ID], path)
			c.found(path, b, there)
		}
	}
	return nil
}

// wideGlobs lists the folders that patterns name, at most so many of them, and
// returns how many it listed.
func (s *Source) wideGlobs(ctx context.Context, page []*ciText, most int) (int, error) {
	in := map[string][]*ciText{}
	for _, c := range page {
		for _, pattern := range c.globs {
			if folder, _ := ciconfig.Folder(pattern); !slices.Contains(in[folder], c) {
				in[folder] = append(in[folder], c)
			}
		}
	}
	n := 0
	for _, folder := range sortedKeys(in) {
		if n == most || !s.schema.has("Repository.tree") {
			break // the rest stays open, and is said to
		}
		n++
		ids := make([]int64, len(in[folder]))
		for i, c := range in[folder] {
			ids[i] = c.p.ID
		}
		nodes, err := s.askProjects(ctx, ids, variables{"folder": folder}, func() string {
			return "repository{tree(path:$folder,recursive:true){blobs(first:100){nodes{path} pageInfo{hasNextPage endCursor}}}}"
		})
		if err != nil {
			return n, err
		}
		for _, c := range in[folder] {
			var r struct {
				Tree *struct {
					Blobs *connection[struct{ Path string }] `json:"blobs"`
				} `json:"tree"`
			}
			ok, fail := nodes[c.p.ID].get("repository", &r)
			var names []string
			switch {
			case fail != "" || !ok || r.Tree == nil || r.Tree.Blobs == nil:
				c.lose(failed(ciLocalsFact, "the folder "+clip(folder)+" was not told: "+retold(fail)))
			default:
				for _, b := range r.Tree.Blobs.Nodes {
					if b != nil {
						names = append(names, b.Path)
					}
				}
				if r.Tree.Blobs.PageInfo.HasNextPage {
					c.lose(because(ciLocalsFact, scan.ReasonTruncated, "look at the configuration: the folder "+clip(folder)+" holds more files than are listed"))
				}
			}
			c.expand(folder, names)
		}
	}
	return n, nil
}

// expand puts the files of a folder in the place of the patterns that name them.
func (c *ciText) expand(folder string, names []string) {
	c.globs = slices.DeleteFunc(c.globs, func(pattern string) bool {
		at, _ := ciconfig.Folder(pattern)
		if at != folder {
			return false
		}
		c.spread[pattern] = true
		for _, name := range names {
			_, read := c.files[name]
			if ciconfig.Match(pattern, name) && !read && !slices.Contains(c.wanted, name) {
				c.wanted = append(c.wanted, name)
			}
		}
		return true
	})
}

// restLocals follows a configuration's local includes file by file.
func (s *Source) restLocals(ctx context.Context, c *ciText) error {
	for asked := 0; asked < restLocalFiles && len(c.wanted)+len(c.globs) > 0; asked++ {
		if len(c.globs) > 0 {
			folder, _ := ciconfig.Folder(c.globs[0])
			names, r, err := s.folder(ctx, c.p, folder, true)
			if err != nil {
				return err
			}
			if r != nil && !(r.Status == http.StatusNotFound && strings.Contains(r.message, "404 Tree Not Found")) { // an unknown folder holds nothing
				c.lose(s.restGap(c.p, r, ciLocalsFact, filesRight))
			}
			c.expand(folder, names)
			continue
		}
		path := c.wanted[0]
		b, there, err := s.file(ctx, c.p, path)
		if err != nil {
			return err
		}
		c.found(path, b, there)
		if len(c.wanted) == 0 {
			c.follow()
		}
	}
	s.drawFacts(c)
	return nil
}

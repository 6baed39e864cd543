package gitlab

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"readiness/scan"
	"readiness/scan/repofiles"
)

const (
	lfsHostsFact    = "project.lfs-config-hosts"
	submodulesFact  = "project.submodules"
	lfsPatternsFact = "project.lfs-patterns"
	codeOwnersFact  = "project.codeowners"
	ownersFact      = "project.codeowners-entries"
	otherCIFact     = "project.other-ci-files"
	addressesFact   = "project.package-addresses"
	templatesFact   = "project.description-templates"
)

// fileFacts are what the texts and names of files tell at every depth, GraphQL or
// not; templatesFact, which lies in folders, REST tells for a deep scan.
var fileFacts = []scan.FactID{lfsHostsFact, submodulesFact, lfsPatternsFact, codeOwnersFact, ownersFact, otherCIFact, addressesFact}

// filesPage is how many projects one question about files asks of; see countsPage.
const filesPage = 100

// blob is a file of a repository as it was told.
type blob struct {
	size int64
	text string
	gap  func(scan.FactID) scan.Gap // why there is no text; nil: there is
}

// rawBlob is a file as GraphQL tells it.
type rawBlob struct {
	Path string          `json:"path"`
	Size json.RawMessage `json:"rawSize"`
	Text *string         `json:"rawTextBlob"`
}

// maxBlob is how much of a file GitLab tells, source: MAX_DATA_DISPLAY_SIZE in
// lib/gitlab/git/blob.rb.
const maxBlob = 10 << 20

func (b rawBlob) blob() blob {
	// BigInt: a number, or a number in quotes.
	size, err := strconv.ParseInt(strings.Trim(string(b.Size), `"`), 10, 64)
	switch {
	case err != nil || size < 0:
		return untoldBlob("the file is there, its size is not told")
	case b.Text == nil && size > 0:
		lost := untoldBlob("the file is there, but is not told to be text")
		lost.size = size
		return lost
	case size > maxBlob:
		lost := untoldBlob("the file is larger than GitLab tells")
		lost.size = size
		return lost
	case b.Text == nil:
		return blob{}
	}
	return blob{size: size, text: *b.Text}
}

func untoldBlob(why string) blob {
	return blob{size: -1, gap: func(id scan.FactID) scan.Gap { return because(id, scan.ReasonFailed, why) }}
}

// blobsSelection asks for the texts at paths.
func blobsSelection(paths []string) string {
	return "blobs(paths:" + quoted(paths) + ",first:" + strconv.Itoa(len(paths)) + "){nodes{path rawSize rawTextBlob}}"
}

// quoted is a list of strings in GraphQL. Paths of our own need no more.
func quoted(paths []string) string {
	b, err := json.Marshal(paths)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// filesSelection asks for the files that are read and what others there are.
func (s *Source) filesSelection() string {
	if !s.schema.has("Repository.blobs") {
		return ""
	}
	return "repository{texts:" + blobsSelection(repofiles.TextPaths()) + " " + s.othersSelection() + "}"
}

// othersSelection asks for the names of files that only tell that another CI
// system is in use, whether GitHub's folder holds any, and for those of templates.
func (s *Source) othersSelection() string {
	paths := repofiles.OtherCIPaths()
	text := "others:blobs(paths:" + quoted(paths) + ",first:" + strconv.Itoa(len(paths)) + "){nodes{path}}"
	if s.schema.has("Repository.tree") {
		text += " workflows:tree(path:\"" + repofiles.GitHubWorkflows + "\"){blobs(first:1){nodes{path}}}"
		if s.asks(templatesFact) {
			text += " issues:" + templatesIn(repofiles.IssueTemplates) + " merges:" + templatesIn(repofiles.MergeTemplates)
		}
	}
	return text
}

// templatesIn asks for the names of the files in a folder.
func templatesIn(folder string) string {
	return "tree(path:\"" + folder + "\"){blobs(first:100){nodes{path} pageInfo{hasNextPage}}}"
}

// filesAnswer is what a repository answers to filesSelection.
type filesAnswer struct {
	Texts     *connection[rawBlob]                   `json:"texts"`
	Others    *connection[struct{ Path string }]     `json:"others"`
	Workflows *struct{ Blobs *connection[struct{}] } `json:"workflows"`
	Issues    *folderAnswer                          `json:"issues"`
	Merges    *folderAnswer                          `json:"merges"`
}

// folderAnswer is what a folder answers to templatesIn; nil: there is none.
type folderAnswer struct {
	Blobs connection[struct{ Path string }]
}

// other lists the other CI systems' files.
func (a filesAnswer) other() []string {
	var paths []string
	for _, b := range a.Others.Nodes {
		if b != nil {
			paths = append(paths, b.Path)
		}
	}
	if w := a.Workflows; w != nil && w.Blobs != nil && len(w.Blobs.Nodes) > 0 {
		paths = append(paths, repofiles.GitHubWorkflows)
	}
	return paths
}

// wideFiles sets what files at the default branch say. None of their text is kept.
func (s *Source) wideFiles(ctx context.Context, page []*scan.Project) error {
	if !s.asksAny(fileFacts...) && !s.asks(templatesFact) {
		return nil
	}
	var asked []*scan.Project
	for _, p := range page {
		if p.Empty.Or(false) {
			s.setFiles(p, nil, nil)
			s.setTemplates(p)
		} else {
			asked = append(asked, p)
		}
	}
	if len(asked) == 0 {
		return nil
	}
	nodes, err := s.askProjects(ctx, idsOf(asked), nil, s.filesSelection)
	if err != nil {
		return err
	}
	for _, p := range asked {
		if err := s.wideFile(ctx, p, nodes[p.ID]); err != nil {
			return err
		}
	}
	return nil
}

// oversized is how GitLab words that several files together are too large to be
// told in one answer. Source: app/graphql/resolvers/blobs_resolver.rb.
const oversized = "Max blobs size limit exceeded"

func (s *Source) wideFile(ctx context.Context, p *scan.Project, n node) error {
	lost := func(gap func(scan.FactID) scan.Gap) error {
		s.loseFiles(p, gap)
		return nil
	}
	if _, gone := s.nodeGap(n, codeOwnersFact, "Repository.blobs"); gone {
		return lost(func(id scan.FactID) scan.Gap {
			g, _ := s.nodeGap(n, id, "Repository.blobs")
			return g
		})
	}
	var r filesAnswer
	ok, fail := n.get("repository", &r)
	switch {
	case strings.Contains(fail, oversized):
		return s.filesOneByOne(ctx, p)
	case fail != "":
		return lost(func(id scan.FactID) scan.Gap { return failed(id, fail) })
	case !ok || r.Texts == nil || r.Others == nil:
		return lost(func(id scan.FactID) scan.Gap { return s.silence(p, id, filesRight) })
	}
	files := map[string]blob{}
	for _, b := range r.Texts.Nodes {
		if b != nil {
			files[b.Path] = b.blob()
		}
	}
	s.setFiles(p, files, r.other())
	s.setTemplates(p, r.Issues, r.Merges)
	return nil
}

// filesOneByOne asks for the texts of one project path by path: then their size
// together does not matter.
func (s *Source) filesOneByOne(ctx context.Context, p *scan.Project) error {
	ids := []int64{p.ID}
	files := map[string]blob{}
	for _, path := range repofiles.TextPaths() {
		nodes, err := s.askProjects(ctx, ids, nil, func() string { return "repository{" + blobsSelection([]string{path}) + "}" })
		if err != nil {
			return err
		}
		n := nodes[p.ID]
		var r struct{ Blobs *connection[rawBlob] }
		ok, fail := n.get("repository", &r)
		switch {
		case n.gone != nil || fail != "" || !ok || r.Blobs == nil:
			files[path] = untoldBlob("the file was not told: " + retold(fail))
		case len(r.Blobs.Nodes) > 0 && r.Blobs.Nodes[0] != nil:
			files[path] = r.Blobs.Nodes[0].blob()
		}
	}
	nodes, err := s.askProjects(ctx, ids, nil, func() string { return "repository{" + s.othersSelection() + "}" })
	if err != nil {
		return err
	}
	var r filesAnswer
	ok, fail := nodes[p.ID].get("repository", &r)
	if !ok || r.Others == nil { // what failed in part looks like a folder that is not there
		s.setFiles(p, files, nil)
		p.OtherCI = scan.Missing[[]string](failed(otherCIFact, fail))
		p.Templates = scan.Missing[int64](failed(templatesFact, fail))
		return nil
	}
	s.setFiles(p, files, r.other())
	s.setTemplates(p, r.Issues, r.Merges)
	return nil
}

func (s *Source) loseFiles(p *scan.Project, gap func(scan.FactID) scan.Gap) {
	for _, id := range fileFacts {
		scan.Forget(p, id, gap(id))
	}
	scan.Forget(p, templatesFact, gap(templatesFact))
}

// setFiles sets what files say. What is not among them is not there, if the
// caller may read the code; of an empty repository everybody knows.
func (s *Source) setFiles(p *scan.Project, files map[string]blob, other []string) {
	empty := p.Empty.Or(false)
	sees := empty || s.may(p, filesRight) == whole
	// draw calls set with the text of the first of the files that is there.
	draw := func(ids []scan.FactID, paths []string, set func(b blob)) {
		for _, path := range paths {
			b, there := files[path]
			if there && b.gap != nil {
				for _, id := range ids {
					scan.Forget(p, id, b.gap(id))
				}
				return
			}
			if there {
				set(b)
				return
			}
		}
		if sees {
			set(blob{})
			return
		}
		for _, id := range ids {
			scan.Forget(p, id, s.silence(p, id, filesRight))
		}
	}
	draw([]scan.FactID{lfsHostsFact}, []string{repofiles.LFSConfig}, func(b blob) { p.LFSHosts = scan.Known(repofiles.LFSHosts(b.text)) })
	draw([]scan.FactID{submodulesFact}, []string{repofiles.GitModules}, func(b blob) { p.Submodules = scan.Listed(repofiles.Submodules(b.text)) })
	draw([]scan.FactID{lfsPatternsFact}, []string{repofiles.GitAttributes}, func(b blob) { p.LFSPatterns = scan.Known(repofiles.LFSPatterns(b.text)) })
	draw([]scan.FactID{codeOwnersFact, ownersFact}, repofiles.CodeOwnersPaths(), func(b blob) {
		p.CodeOwners, p.Owners = scan.Known(b.size), scan.Known(repofiles.Owners(b.text))
	})
	s.setAddresses(p, files, sees)
	switch {
	case len(other) > 0 || sees:
		if other == nil {
			other = []string{}
		}
		slices.Sort(other)
		p.OtherCI = scan.Known(other)
	default:
		p.OtherCI = scan.Missing[[]string](s.silence(p, otherCIFact, filesRight))
	}
}

// setTemplates sets how many description templates lie in folders that were told.
func (s *Source) setTemplates(p *scan.Project, folders ...*folderAnswer) {
	if !s.asks(templatesFact) {
		return
	}
	var names []string
	cut := false
	for _, f := range folders {
		if f == nil {
			continue
		}
		cut = cut || f.Blobs.PageInfo.HasNextPage
		for _, b := range f.Blobs.Nodes {
			if b != nil {
				names = append(names, b.Path)
			}
		}
	}
	switch {
	case cut:
		p.Templates = scan.Missing[int64](because(templatesFact, scan.ReasonTruncated, "GitLab tells the first hundred files of a folder"))
	case len(folders) > 0 && !s.schema.has("Repository.tree"):
		p.Templates = scan.Missing[int64](s.schema.lacks(templatesFact, "Repository.tree"))
	default:
		p.Templates = s.templates(p, names)
	}
}

// templates is the number of description templates among files.
func (s *Source) templates(p *scan.Project, files []string) scan.Fact[int64] {
	n := int64(0)
	for _, path := range files {
		if repofiles.IsTemplate(path) {
			n++
		}
	}
	if n == 0 && !p.Empty.Or(false) && s.may(p, filesRight) != whole {
		return scan.Missing[int64](s.silence(p, templatesFact, filesRight))
	}
	return scan.Known(n)
}

// setAddresses sets what the settings of package managers name of the source. One
// of them that was not told cuts the list.
func (s *Source) setAddresses(p *scan.Project, files map[string]blob, sees bool) {
	found := []scan.PackageAddress{}
	var gap *scan.Gap
	if !sees {
		g := s.silence(p, addressesFact, filesRight)
		gap = &g
	}
	some := false
	for _, path := range repofiles.AddressPaths() {
		b, there := files[path]
		if there && b.gap != nil {
			g := b.gap(addressesFact)
			gap = &g
			continue
		}
		some = some || there
		found = append(found, repofiles.Addresses(path, b.text, s.hosts()...)...)
	}
	if gap == nil && some {
		gap = s.hostUnread(addressesFact)
	}
	if gap != nil {
		p.PackageAddresses = scan.Cut(found, *gap)
		return
	}
	p.PackageAddresses = scan.Listed(found)
}

// hosts are those of the source, each once and without its port.
func (s *Source) hosts() []string {
	var all []string
	for _, host := range []string{s.host, s.ownHost().Or(""), s.registry.Or("")} {
		if name := strings.ToLower(hostname(host)); name != "" && !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	return all
}

// hostname is a host without its port.
func hostname(host string) string {
	host, _, _ = strings.Cut(host, ":")
	return host
}

// graphless reports whether REST has to answer for GraphQL: it is refused, or
// too old to tell much.
func (s *Source) graphless() bool {
	return s.graphOff.Load() != nil || (!s.version().IsZero() && !s.version().AtLeast(scan.MustVersion("16.0")))
}

package scan

import (
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Dependency is what one project needs of another of the same instance: its
// configuration, its images, its code.
type Dependency struct {
	Kind DependencyKind `json:"kind"`
	// To is the full path of the other project, of an image that of its
	// repository, which begins with the project's; "" where only ToID is known.
	To   string `json:"to,omitempty"`
	ToID ID     `json:"to_id,omitempty"`
	// Group says that To is a group: all projects below it are meant.
	Group bool `json:"group,omitempty"`
	// Relative says that the other project is named by the way from this one to it.
	Relative bool   `json:"relative,omitempty"`
	File     string `json:"file,omitempty"` // where the dependency stands; "": in no file
	Line     int    `json:"line,omitempty"`
}

// DependencyKind is what kind of need a dependency is.
type DependencyKind string

// The kinds of dependencies.
const (
	NeedsInclude   DependencyKind = "include"   // include:project or include:remote of a file of the other project
	NeedsComponent DependencyKind = "component" // include:component
	NeedsConfig    DependencyKind = "config"    // the whole CI/CD configuration lies there
	NeedsImage     DependencyKind = "image"     // of a job or service
	NeedsTrigger   DependencyKind = "trigger"   // a pipeline is started there
	NeedsArtifacts DependencyKind = "artifacts" // needs:project
	NeedsJobToken  DependencyKind = "job-token" // a job's token is used there
	NeedsSubmodule DependencyKind = "submodule"
	NeedsPackages  DependencyKind = "packages"  // a package manager's settings name the other's package registry
	NeedsAllowlist DependencyKind = "allowlist" // the other's jobs may come in: it is on the project's allowlist
	NeedsUpstream  DependencyKind = "fork"      // the project is a fork of the other
)

// DependencyKinds lists every kind.
func DependencyKinds() []DependencyKind {
	return []DependencyKind{NeedsInclude, NeedsComponent, NeedsConfig, NeedsImage, NeedsTrigger, NeedsArtifacts, NeedsJobToken, NeedsSubmodule, NeedsPackages, NeedsAllowlist, NeedsUpstream}
}

// DependencyFacts are those that Dependencies draws from.
func DependencyFacts() []FactID {
	return []FactID{"project.ci-mentions", "project.submodules", "project.package-addresses", "project.job-token-allowlist", "project.job-token-allowed", "project.fork-relationship"}
}

// Dependencies lists what p needs of other projects of its instance, as far as
// the facts that were read of it tell; hosts are the instance's. What a variable
// decides is left out.
func Dependencies(p *Project, hosts ...string) []Dependency {
	var all []Dependency
	for i := range p.CIMentions.Items {
		m := &p.CIMentions.Items[i]
		if d, is := m.dependency(); is && !strings.EqualFold(d.To, p.Path) {
			all = append(all, d)
		}
	}
	for _, m := range p.Submodules.Items {
		d := Dependency{Kind: NeedsSubmodule, To: m.Target, Relative: m.Relative, File: ".gitmodules"}
		switch {
		case m.Relative:
			d.To = path.Join(p.Path, m.Target)
		case m.Host == "" || !slices.ContainsFunc(hosts, func(host string) bool { return sameHost(m.Host, host) }):
			continue
		}
		if d.To != "" && d.To != "." && !strings.HasPrefix(d.To, "..") && !strings.EqualFold(d.To, p.Path) {
			all = append(all, d)
		}
	}
	for _, a := range p.PackageAddresses.Items {
		if d, is := a.dependency(); is && d.ToID != ID(p.ID) && !strings.EqualFold(d.To, p.Path) {
			all = append(all, d)
		}
	}
	if p.JobTokenAllowlist.Or(1) > 0 {
		for _, a := range p.JobTokenAllowed.Items {
			all = append(all, Dependency{Kind: NeedsAllowlist, To: a.Path, Group: a.Group})
		}
	}
	if from, known := p.ForkedFrom.Get(); known && from != 0 {
		all = append(all, Dependency{Kind: NeedsUpstream, ToID: from})
	}
	return all
}

// sameHost compares hosts without their ports: git is served at several.
func sameHost(a, b string) bool {
	a, _, _ = strings.Cut(a, ":")
	b, _, _ = strings.Cut(b, ":")
	return strings.EqualFold(a, b)
}

// dependency is what a mention needs of another project, if it names one.
func (m *CIMention) dependency() (d Dependency, is bool) {
	if !m.Own {
		return d, false
	}
	d.File, d.Line = m.File, m.Line
	switch m.Kind {
	case CIIncludeProject:
		d.Kind, d.To = NeedsInclude, m.Value
	case CITrigger:
		d.Kind, d.To = NeedsTrigger, m.Value
	case CINeedsProject:
		d.Kind, d.To = NeedsArtifacts, m.Value
	case CIJobToken:
		d.Kind, d.To = NeedsJobToken, m.Value
		if id, err := strconv.ParseInt(m.Value, 10, 64); err == nil && id > 0 {
			d.To, d.ToID = "", ID(id)
		}
	case CIConfigElsewhere:
		file, project, found := strings.Cut(m.Value, "@")
		if d.Kind, d.To = NeedsConfig, project; !found {
			d.To = rawProject(file)
		}
	case CIIncludeRemote:
		d.Kind, d.To = NeedsInclude, rawProject(m.Value)
	case CIIncludeComponent:
		d.Kind = NeedsComponent
		_, name, _ := strings.Cut(m.Value, "/")
		name, _, _ = strings.Cut(name, "@")
		if i := strings.LastIndexByte(name, '/'); i > 0 { // the component itself
			d.To = name[:i]
		}
	case CIImage, CIService:
		d.Kind = NeedsImage
		_, name, _ := strings.Cut(m.Value, "/")
		name, _, _ = strings.Cut(name, "@")
		if i := strings.LastIndexByte(name, ':'); i > strings.LastIndexByte(name, '/') {
			name = name[:i]
		}
		// $CI_REGISTRY stands for the host; other variables hold a part of the path.
		if first, _, _ := strings.Cut(m.Value, "/"); !m.Open || first == "$CI_REGISTRY" || first == "${CI_REGISTRY}" {
			d.To = name
		}
	default:
		return d, false
	}
	return d, (d.To != "" || d.ToID != 0) && !strings.Contains(d.To, "$")
}

// dependency is whose package registry an address names, if it is a project's or
// a group's known by its path.
func (a PackageAddress) dependency() (d Dependency, is bool) {
	kind, rest, _ := strings.Cut(a.Value, "/")
	id, _, _ := strings.Cut(rest, "/")
	if a.Kind != AddressEndpoint || kind != "projects" {
		return d, false
	}
	d = Dependency{Kind: NeedsPackages, File: a.File, Line: a.Line}
	if n, err := strconv.ParseInt(id, 10, 64); err == nil && n > 0 {
		d.ToID = ID(n)
		return d, true
	}
	plain, err := url.PathUnescape(id)
	if err != nil || !strings.Contains(plain, "/") || strings.Contains(plain, "$") {
		return d, false
	}
	d.To = plain
	return d, true
}

// rawProject is the project that an address of a file in a repository names:
// host/group/project/-/raw/…, before 12.x without the hyphen.
func rawProject(address string) string {
	_, rest, _ := strings.Cut(address, "/")
	for _, mark := range []string{"/-/", "/raw/", "/blob/"} {
		if project, _, found := strings.Cut(rest, mark); found {
			return project
		}
	}
	return ""
}

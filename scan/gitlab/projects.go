package gitlab

import (
	"context"
	"maps"
	"net/url"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"

	"readiness/scan"
)

// projectBody is a project as REST tells it. It has no field for its
// runners_token, import URL or any other secret the body may hold.
type projectBody struct {
	ID        int64  `json:"id"`
	FullPath  string `json:"path_with_namespace"`
	Name      string `json:"name"`
	WebURL    string `json:"web_url"`
	Namespace struct {
		ID       int64  `json:"id"`
		Kind     string `json:"kind"`
		FullPath string `json:"full_path"`
	} `json:"namespace"`
	Permissions field[struct {
		Project field[access] `json:"project_access"`
		Group   field[access] `json:"group_access"`
	}] `json:"permissions"`

	Visibility    field[string]    `json:"visibility"`
	Archived      field[bool]      `json:"archived"`
	DeletionOn    field[string]    `json:"marked_for_deletion_on"`
	DeletionAt    field[string]    `json:"marked_for_deletion_at"` // its older name
	Empty         field[bool]      `json:"empty_repo"`
	DefaultBranch field[string]    `json:"default_branch"`
	CreatedAt     field[time.Time] `json:"created_at"`
	LastActivity  field[time.Time] `json:"last_activity_at"`
	Description   field[string]    `json:"description"`
	AvatarURL     field[string]    `json:"avatar_url"`
	Topics        field[[]string]  `json:"topics"`
	TagList       field[[]string]  `json:"tag_list"` // topics before 14.x
	Stars         field[int64]     `json:"star_count"`
	Forks         field[int64]     `json:"forks_count"`
	ForkedFrom    field[struct {
		ID int64 `json:"id"`
	}] `json:"forked_from_project"`
	OpenIssues       field[int64]             `json:"open_issues_count"`
	SharedWith       field[[]sharedWith]      `json:"shared_with_groups"`
	CustomAttributes field[[]customAttribute] `json:"custom_attributes"`
	Compliance       field[[]string]          `json:"compliance_frameworks"`
	Storage          field[string]            `json:"repository_storage"`
	CIConfigPath     field[string]            `json:"ci_config_path"`
	AutoDevOps       field[bool]              `json:"auto_devops_enabled"`
	SharedRunners    field[bool]              `json:"shared_runners_enabled"`
	Mirror           field[bool]              `json:"mirror"`
	MergeMethod      field[string]            `json:"merge_method"`
	LFSEnabled       field[bool]              `json:"lfs_enabled"`
	ServiceDesk      field[bool]              `json:"service_desk_enabled"`
	CleanupPolicy    field[struct {
		Enabled bool `json:"enabled"`
	}] `json:"container_expiration_policy"`

	IssuesAccess        field[string] `json:"issues_access_level"`
	IssuesEnabled       field[bool]   `json:"issues_enabled"`
	MergeRequestsAccess field[string] `json:"merge_requests_access_level"`
	MergeRequestsOn     field[bool]   `json:"merge_requests_enabled"`
	RepositoryAccess    field[string] `json:"repository_access_level"`
	BuildsAccess        field[string] `json:"builds_access_level"`
	BuildsOn            field[bool]   `json:"jobs_enabled"`
	WikiAccess          field[string] `json:"wiki_access_level"`
	WikiOn              field[bool]   `json:"wiki_enabled"`
	SnippetsAccess      field[string] `json:"snippets_access_level"`
	SnippetsOn          field[bool]   `json:"snippets_enabled"`
	RegistryAccess      field[string] `json:"container_registry_access_level"`
	RegistryOn          field[bool]   `json:"container_registry_enabled"`
	PagesAccess         field[string] `json:"pages_access_level"`
	furtherLevels
	IssuesText        field[string] `json:"issues_template"`
	MergeRequestsText field[string] `json:"merge_requests_template"`
	ciSettings

	Statistics field[statistics] `json:"statistics"`

	bare *refusal // why a list told no more than its plain form; nil: it told all
}

type access struct {
	Level int64 `json:"access_level"`
}

// statistics of a project. Every size may be absent or null, which is not zero.
type statistics struct {
	Commits           field[int64] `json:"commit_count"`
	Repository        field[int64] `json:"repository_size"`
	LFS               field[int64] `json:"lfs_objects_size"`
	JobArtifacts      field[int64] `json:"job_artifacts_size"`
	PipelineArtifacts field[int64] `json:"pipeline_artifacts_size"`
	Packages          field[int64] `json:"packages_size"`
	Registry          field[int64] `json:"container_registry_size"`
	Wiki              field[int64] `json:"wiki_size"`
	Snippets          field[int64] `json:"snippets_size"`
	Uploads           field[int64] `json:"uploads_size"`
}

// garbledStatistics are those of an answer that is no object: none of them makes sense.
var garbledStatistics = statistics{garbled, garbled, garbled, garbled, garbled, garbled, garbled, garbled, garbled, garbled}

var garbled = field[int64]{present: true, bad: true}

const featureDisabled = "disabled"

// Projects implements scan.Source.
func (s *Source) Projects(ctx context.Context, cursor string) (scan.Page[*scan.Project], error) {
	if s.listed != nil {
		return s.listedPage(cursor)
	}
	l := listing{call: call{endpoint: scan.ReadProjects, path: "projects", query: url.Values{
		"order_by": {"id"}, "sort": {"asc"}, "statistics": {"true"}}}, keyset: true}
	index, rest := 0, cursor
	if len(s.scope) > 0 {
		if index, rest = s.scopedCursor(cursor); index >= len(s.scope) {
			return scan.Page[*scan.Project]{}, nil
		}
		l = listing{call: call{endpoint: "GET /groups/:id/projects", path: "groups/" + strconv.FormatInt(s.scope[index].id, 10) + "/projects",
			query: url.Values{"include_subgroups": {"true"}, "with_shared": {"false"}, "order_by": {"id"}, "sort": {"asc"}, "statistics": {"true"}}}}
	}
	l.plain = maps.Clone(l.query)
	l.plain.Del("statistics")
	l.plain.Set("simple", "true")
	if s.admin {
		l.query.Set("with_custom_attributes", "true")
	}
	bodies, next, r, err := readPage(ctx, s, l, rest, entryOf[projectBody]{
		id:   func(b projectBody) int64 { return b.ID },
		bare: func(b *projectBody, r *refusal) { b.bare = r },
	})
	if err != nil {
		return scan.Page[*scan.Project]{}, err
	}
	page := scan.Page[*scan.Project]{Next: next}
	if len(s.scope) > 0 {
		page.Next = s.nextScoped(index, next)
	}
	if err := s.complete(ctx, bodies, len(s.scope) > 0); err != nil {
		return scan.Page[*scan.Project]{}, err
	}
	for _, b := range bodies {
		page.Items = append(page.Items, s.project(b))
	}
	lacking(&page, r, "project.visibility", s.version())
	return page, nil
}

// complete asks for each project that a list told in its plain form alone, and for
// those of a group's list without statistics or permissions, which it leaves out.
func (s *Source) complete(ctx context.Context, bodies []projectBody, ofGroup bool) error {
	work, ctx := errgroup.WithContext(ctx)
	for i, b := range bodies {
		if b.bare == nil && (!ofGroup || b.Statistics.ok() && b.Permissions.ok()) {
			continue
		}
		work.Go(func() error {
			q := url.Values{"statistics": {"true"}}
			if s.admin {
				q.Set("with_custom_attributes", "true")
			}
			var b projectBody
			_, r, err := s.read(ctx, call{endpoint: "GET /projects/:id", path: projectPath(bodies[i].ID, ""), query: q}, &b)
			if err == nil && r == nil && b.ID == bodies[i].ID {
				bodies[i] = b
			}
			return err
		})
	}
	return work.Wait()
}

func projectPath(id int64, rest string) string {
	return "projects/" + strconv.FormatInt(id, 10) + rest
}

func (s *Source) project(b projectBody) *scan.Project {
	p := &scan.Project{ID: b.ID, Path: b.FullPath, Name: b.Name, WebURL: b.WebURL, GroupID: b.Namespace.ID,
		Access: max(b.Permissions.value.Project.value.Level, b.Permissions.value.Group.value.Level)}
	if b.Namespace.Kind != "" {
		p.Personal = scan.Known(b.Namespace.Kind == "user")
	}
	if b.bare != nil {
		settle(p, scan.Quick, func(id scan.FactID) scan.Gap { return b.bare.gap(id, s.version()) })
		return p
	}
	b.Visibility.keep(&p.Visibility)
	b.Archived.keep(&p.Archived)
	if b.Visibility.present { // a full body
		s.deletion(b.DeletionOn, b.DeletionAt, &p.PendingDeletion)
	}
	b.Empty.keep(&p.Empty)
	b.DefaultBranch.keepOr(&p.DefaultBranch, "")
	b.CreatedAt.keep(&p.CreatedAt)
	b.LastActivity.keep(&p.LastActivityAt)
	there(b.Description, &p.Description)
	uploaded(b.AvatarURL, &p.Avatar)
	b.TagList.keep(&p.Topics)
	b.Topics.keep(&p.Topics)
	b.Stars.keep(&p.Stars)
	b.Forks.keep(&p.Forks)
	if b.ForkedFrom.ok() {
		p.ForkedFrom = scan.Known(scan.ID(b.ForkedFrom.value.ID))
	} else if s.admin { // the key is left out for no fork, and for a source the caller may not see
		p.ForkedFrom = scan.Known[scan.ID](0)
	}
	b.CIConfigPath.keepOr(&p.CIConfigPath, "")
	b.AutoDevOps.keep(&p.AutoDevOps)
	b.ciSettings.keep(&p.CISettings)
	b.SharedRunners.keep(&p.SharedRunners)
	b.Mirror.keep(&p.PullMirror)
	b.MergeMethod.keep(&p.MergeMethod)
	b.LFSEnabled.keep(&p.LFSEnabled)
	b.ServiceDesk.keep(&p.ServiceDesk)
	if b.CleanupPolicy.said() {
		p.CleanupPolicy = scan.Known(b.CleanupPolicy.value.Enabled)
	}
	b.Storage.keep(&p.RepositoryStorage)
	if b.Compliance.ok() && (len(b.Compliance.value) > 0 || s.admin || p.Access >= maintainer) {
		p.ComplianceLabels = scan.Known(b.Compliance.value)
	}
	if s.admin {
		length(b.CustomAttributes, &p.CustomAttributes)
		length(b.SharedWith, &p.SharedWithGroups) // others are told of the groups they see alone
	}
	// The older switches say whether the caller may use a feature, so only to
	// those with every right do they say that it is off.
	told := s.admin || p.Access >= reporter
	level(b.IssuesAccess, b.IssuesEnabled, told, &p.IssuesAccess)
	level(b.MergeRequestsAccess, b.MergeRequestsOn, told, &p.MergeRequestsAccess)
	level(b.RepositoryAccess, field[bool]{}, told, &p.RepositoryAccess)
	level(b.BuildsAccess, b.BuildsOn, told, &p.BuildsAccess)
	level(b.WikiAccess, b.WikiOn, told, &p.WikiAccess)
	level(b.SnippetsAccess, b.SnippetsOn, told, &p.SnippetsAccess)
	level(b.RegistryAccess, b.RegistryOn, told, &p.RegistryAccess)
	level(b.PagesAccess, field[bool]{}, told, &p.PagesAccess)
	b.furtherLevels.keep(&p.FeaturesOff)
	// Each text is told to who may read what it is of: without one of them there
	// is no telling that there is none.
	if text := b.IssuesText.value != "" || b.MergeRequestsText.value != ""; text || b.IssuesText.said() && b.MergeRequestsText.said() {
		p.DefaultTexts = scan.Known(text)
	}
	b.OpenIssues.keep(&p.OpenIssues)
	switch {
	case b.Statistics.ok():
		b.Statistics.value.keep(p)
	case b.Statistics.bad:
		garbledStatistics.keep(p)
	}
	settle(p, scan.Quick, func(id scan.FactID) scan.Gap { return s.listingGap(p, b, id) })
	return p
}

func (b statistics) keep(p *scan.Project) {
	b.Commits.keep(&p.Commits)
	b.Repository.keep(&p.RepositorySize)
	b.LFS.keep(&p.LFSSize)
	b.JobArtifacts.keep(&p.JobArtifactsSize)
	b.PipelineArtifacts.keep(&p.PipelineArtifactsSize)
	b.Packages.keep(&p.PackagesSize)
	b.Wiki.keep(&p.WikiSize)
	b.Snippets.keep(&p.SnippetsSize)
	b.Uploads.keep(&p.UploadsSize)
	if b.Registry.value > 0 || b.Registry.bad { // 0 also stands for a registry that does not count
		b.Registry.keep(&p.RegistrySize)
	}
}

// level sets a feature's access level. Bodies without one may still say that the
// feature is off.
func level(access field[string], on field[bool], told bool, fact *scan.Fact[string]) {
	access.keep(fact)
	if !access.ok() && on.ok() && !on.value && told {
		*fact = scan.Known(featureDisabled)
	}
}

// listingGap is why the listing lacks a fact of p.
func (s *Source) listingGap(p *scan.Project, b projectBody, id scan.FactID) scan.Gap {
	switch id {
	case "project.container-registry-size":
		if b.Statistics.ok() && b.Statistics.value.Registry.present {
			return because(id, scan.ReasonWithheld, "the registry's metadata database: without it GitLab does not know the size")
		}
	case "project.open-issues":
		if p.IssuesAccess.Or("") == featureDisabled {
			return gapFor(id, scan.ReasonFeatureOff)
		}
	case "project.container-registry-access":
		if v := s.version(); !v.IsZero() && !v.AtLeast(scan.MustVersion("14.2")) { // https://docs.gitlab.com/api/projects/ (history)
			return gapFor(id, scan.ReasonTooOld)
		}
	case "project.pull-mirroring", "project.compliance-label":
		if has, known := s.licensed("premium"); known && !has || s.admin {
			return gapFor(id, scan.ReasonFeatureOff) // the key belongs to the licence, and an administrator would be told
		}
		if enterprise, known := s.isEnterprise(); known && !enterprise {
			return gapFor(id, scan.ReasonFeatureOff)
		}
	case "project.default-description-templates":
		if has, known := s.licensed("premium"); known && !has || p.IssuesAccess.Or("") == featureDisabled || p.MergeRequestsAccess.Or("") == featureDisabled || p.RepositoryAccess.Or("") == featureDisabled {
			return gapFor(id, scan.ReasonFeatureOff)
		}
	case "project.shared-with-groups":
		return because(id, scan.ReasonWithheld, "an administrator's token: others are told only of groups they see")
	case "project.fork-relationship":
		return because(id, scan.ReasonWithheld, "an administrator's token: for others a missing upstream may be one they may not see")
	}
	return s.adminGap(id, scan.ReasonWithheld)
}

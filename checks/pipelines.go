package checks

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"readiness/scan"
)

// pipelineChecks are about what CI/CD configurations say.
var pipelineChecks = []Check{
	{
		ID: "ci-hard-coded-source-host-or-ip", Area: "pipelines", Severity: High, Level: scan.LevelInstance,
		Title:        "Configurations that name the source's hosts or private addresses",
		Why:          "Pipelines call the old instance, or an address that the new runners cannot reach: they fail, or write to the wrong place.",
		Rule:         "Broken where a configuration names the source's host, one below it, its registry or a private address.",
		Remedy:       "Write CI_SERVER_URL, CI_SERVER_HOST, CI_REGISTRY, CI_PROJECT_PATH or relative paths instead before the wave; Congregate can rewrite by pattern afterwards.",
		Docs:         []string{congregate("customer/migration-readiness-checklist.md"), congregate("customer/famq.md"), congregate("customer/pre-and-post-migration.md")},
		Methods:      imports,
		Destinations: Destinations(),
		Needs:        []scan.FactID{"project.ci-mentions"},
		Across: &Across{
			One: "place", Many: "places",
			Mention: func(c *Context, p *scan.Project, m scan.CIMention) bool {
				return m.Kind == scan.CIHost || m.Kind == scan.CIAddress && isPrivate(m.Value)
			},
		},
	},
	{
		ID: "ci-include-remote", Area: "pipelines", Severity: High, Level: scan.LevelInstance,
		Title:        "Configurations loaded over HTTP",
		Why:          "No pipeline can be created where the destination cannot fetch the address without signing in; behind an air gap it never can.",
		Rule:         "Broken where a configuration includes an address.",
		Remedy:       "Move the content into a project at the destination and include it by project or as a component.",
		Docs:         append(links("ci/yaml"), congregate("runbooks/discovery.md")),
		Methods:      imports,
		Destinations: Destinations(),
		Needs:        []scan.FactID{"project.ci-mentions"},
		Across: &Across{
			One: "include", Many: "includes",
			Mention: ofKinds(scan.CIIncludeRemote),
		},
	},
	{
		ID: "ci-include-local-and-reference", Area: "pipelines", Severity: Info, Level: scan.LevelInstance,
		Title:        "Parts of configurations that could not be followed",
		Why:          "What is invalid, missing or named by a variable may hide hosts, images and dependencies that no list shows.",
		Rule:         "Broken where a part of a configuration is invalid, missing or named by a variable.",
		Remedy:       "Look at these files, and compare the result of the CI lint on both sides after a pilot.",
		Docs:         links("ci/yaml/yaml_optimization", "ci/yaml/lint"),
		Methods:      imports,
		Destinations: Destinations(),
		Needs:        []scan.FactID{"project.ci-mentions"},
		Across: &Across{
			One: "part", Many: "parts",
			Mention: func(c *Context, p *scan.Project, m scan.CIMention) bool {
				return m.Kind == scan.CIProblem || m.Kind == scan.CIIncludeLocal && m.Open
			},
		},
	},
	{
		ID: "ci-component-host-literal", Area: "pipelines", Severity: Medium, Level: scan.LevelInstance,
		Title:        "Components and templates that the destination does not find",
		Why:          "Pipelines are invalid at the new host: a component names the old one, or a template is not among the destination's.",
		Rule:         "Broken where a configuration includes a component by a literal host (unless both are GitLab.com) or a template that GitLab does not have.",
		Remedy:       "Write $CI_SERVER_FQDN, mirror the components that are needed to the destination and replace templates that are gone.",
		Docs:         append(links("ci/components"), templatesSource),
		Methods:      imports,
		Destinations: Destinations(),
		Needs:        []scan.FactID{"project.ci-mentions"},
		Across: &Across{
			One: "include", Many: "includes",
			Mention: func(c *Context, p *scan.Project, m scan.CIMention) bool {
				switch m.Kind {
				case scan.CIIncludeComponent:
					host, _, _ := strings.Cut(m.Value, "/")
					return !strings.Contains(host, "$") && !(c.Target.Destination == GitLabCom && host == "gitlab.com")
				case scan.CIIncludeTemplate:
					return !m.Open && !slices.Contains(templates, m.Value)
				}
				return false
			},
		},
	},
	{
		ID: "ci-image-from-source-registry", Area: "pipelines", Severity: High, Level: scan.LevelInstance,
		Title:        "Jobs that run in images of the source's registry",
		Why:          "They keep needing the instance that is to be switched off, or cannot sign in to it.",
		Rule:         "Broken where a configuration names an image or service of the source's registry by its host.",
		Remedy:       "Copy the images first and name them by CI_REGISTRY or CI_REGISTRY_IMAGE.",
		Docs:         []string{congregate("customer/migration-readiness-checklist.md"), congregate("customer/famq.md")},
		Methods:      imports,
		Destinations: Destinations(),
		Needs:        []scan.FactID{"instance.registry-host", "project.ci-mentions"},
		Across: &Across{
			One: "image or service", Many: "images and services",
			Instance: func(c *Context, i *scan.Instance) int64 {
				need(c, i.RegistryHost) // without it no image was known for the registry's
				return 0
			},
			Mention: func(c *Context, p *scan.Project, m scan.CIMention) bool {
				return (m.Kind == scan.CIImage || m.Kind == scan.CIService) && m.Own && !strings.HasPrefix(m.Value, "$")
			},
		},
	},
	{
		ID: "ci-deprecated-keywords", Area: "pipelines", Severity: Low, Level: scan.LevelInstance,
		Title:        "Keywords and variables that GitLab deprecated or removed",
		Why:          "What was removed has no effect at the destination; what is deprecated goes with a later release that the destination may reach first.",
		Rule:         "Broken where a configuration has a keyword or variable that GitLab deprecated; the evidence tells what the destination's release has removed.",
		Remedy:       "Convert to rules, default, stage and pages, and to ID tokens, when the file is edited anyway; what the destination has removed before the wave.",
		Docs:         append(links("ci/yaml/deprecated_keywords"), deprecationsSource),
		Methods:      imports,
		Destinations: Destinations(),
		Needs:        []scan.FactID{"project.ci-mentions"},
		Across: &Across{
			One: "place", Many: "places",
			Mention: func(c *Context, p *scan.Project, m scan.CIMention) bool {
				if m.Kind == scan.CIDeprecated && removedAt(m.Value, c.Target.Version) {
					c.marked = true
				}
				return m.Kind == scan.CIDeprecated
			},
			Judge: func(c *Context, t *Tally) Outcome {
				n, _ := t.Amount()
				switch {
				case n == 0:
					return ok()
				case t.marked > 0:
					return violated("%s; %s of what GitLab %s has removed", t, plural(t.marked, "project uses some", "projects use some"), c.Target.Version).regardless()
				}
				return violated("%s; none of what GitLab %s has removed", t, c.Target.Version).regardless()
			},
		},
	},
	{
		ID: "ci-oidc-trust", Area: "pipelines", Severity: High, Level: scan.LevelInstance,
		Title:        "Clouds and vaults that trust the source's tokens",
		Why:          "The issuer of the tokens is the instance's address, and they name projects by number and path: every deployment that signs in by them is refused after the move.",
		Rule:         "Broken where a configuration has ID tokens, secrets of a provider or CI_JOB_JWT.",
		Remedy:       "Register the new issuer and the new claims with each provider before the cut-over, and remove the old trust afterwards.",
		Docs:         links("ci/secrets/id_token_authentication"),
		Methods:      imports,
		Destinations: Destinations(),
		Needs:        []scan.FactID{"project.ci-mentions"},
		Across: &Across{
			One: "token or secret", Many: "tokens and secrets",
			Mention: func(c *Context, p *scan.Project, m scan.CIMention) bool {
				return m.Kind == scan.CIIDToken || m.Kind == scan.CISecrets || m.Kind == scan.CIDeprecated && strings.HasPrefix(m.Value, "CI_JOB_JWT")
			},
		},
	},
	{
		ID: "runners-tags-without-match", Area: "pipelines", Severity: High, Level: scan.LevelInstance,
		Title:        "Job tags that no runner offers",
		Why:          "The jobs wait for ever.",
		Rule:         "Broken where a job has a tag that no runner of the source has.",
		Remedy:       "Make a table of all tags from the sheet CI-CD, and register runners with the same tags at the destination.",
		Docs:         []string{congregate("customer/famq.md"), congregate("runbooks/discovery.md")},
		Methods:      imports,
		Destinations: Destinations(),
		Needs:        []scan.FactID{"instance.runner-tags", "project.ci-mentions"},
		Across: &Across{
			One: "tag", Many: "tags",
			Instance: func(c *Context, i *scan.Instance) int64 {
				needAll(c, i.RunnerTags)
				return 0
			},
			Mention: func(c *Context, p *scan.Project, m scan.CIMention) bool {
				return m.Kind == scan.CITag && !m.Open && !c.offered(m.Value)
			},
		},
		Ask: func(*Context) string {
			return "Which runners with which tags will there be at the destination? Who runs them knows; the tags were compared with those of the source's runners."
		},
	},
	{
		ID: "air-gap-external-dependencies", Area: "pipelines", Severity: High, Level: scan.LevelInstance,
		Title:        "Pipelines that need the internet",
		Why:          "Most of them fail on the first day although everything was migrated.",
		Rule:         "Broken where a configuration has an image, service, remote include, component or host that is not the source's.",
		Remedy:       "Mirror images and packages inside, and set registries and proxies by variables of the groups.",
		Docs:         links("user/application_security/offline_deployments", "topics/offline/quick_start_guide"),
		Methods:      everyWay,
		Destinations: []Destination{SelfManaged},
		If:           behindAirGap,
		When:         "the destination is behind an air gap",
		Needs:        []scan.FactID{"project.ci-mentions"},
		Across: &Across{
			One: "image, include or host", Many: "images, includes and hosts",
			Mention: func(c *Context, p *scan.Project, m scan.CIMention) bool {
				switch m.Kind {
				case scan.CIImage, scan.CIService, scan.CIIncludeRemote, scan.CIIncludeComponent:
					return !m.Own && !m.Open
				case scan.CIForeignHost:
					return true
				}
				return false
			},
		},
	},
	{
		ID: "air-gap-scanners-and-licence", Area: "pipelines", Severity: Medium, Level: scan.LevelInstance,
		Title:        "Scanners and licence without the internet",
		Why:          "Security jobs cannot pull their analysers, data on vulnerabilities grow old, and the licence is not renewed.",
		Rule:         "Broken where a configuration runs a security scanner of GitLab's.",
		Remedy:       "Load the analysers' images into a registry inside and set SECURE_ANALYZERS_PREFIX, arrange for an offline licence, and bring package metadata in by media.",
		Docs:         links("user/application_security/offline_deployments", "topics/offline/quick_start_guide"),
		Methods:      everyWay,
		Destinations: []Destination{SelfManaged},
		If:           behindAirGap,
		When:         "the destination is behind an air gap",
		Needs:        []scan.FactID{"project.ci-mentions"},
		Across: &Across{
			One: "scanner", Many: "scanners",
			Mention: ofKinds(scan.CIScanner),
		},
		Ask: func(*Context) string {
			return "Is an offline licence arranged for the destination, and who brings package metadata and analysers in? The licence's owner knows."
		},
	},
}

// behindAirGap reports whether no network path leads to the destination.
func behindAirGap(t Target) bool { return t.AirGapped }

// isPrivate reports whether an address is one of 10/8, 172.16/12, 192.168/16.
func isPrivate(address string) bool {
	a, err := netip.ParseAddr(address)
	return err == nil && a.IsPrivate()
}

// offered reports whether a runner of the source has a tag.
func (c *Context) offered(tag string) bool {
	if c.tags == nil {
		c.tags = map[string]bool{}
		for _, r := range c.Instance.RunnerTags.Items {
			for _, t := range r.Tags {
				c.tags[t] = true
			}
		}
	}
	return c.tags[tag]
}

const (
	deprecationsSource = "https://docs.gitlab.com/update/deprecations/"
	templatesSource    = "https://gitlab.com/gitlab-org/gitlab/-/tree/v18.9.0-ee/lib/gitlab/ci/templates"
)

// removals are the versions that removed what a configuration may still say, by
// how what it says begins. Source: deprecationsSource.
var removals = []struct {
	words string
	in    scan.Version
}{
	{"type", scan.MustVersion("15.0")}, // and types
	{"artifacts:reports:cobertura", scan.MustVersion("15.0")},
	{"CI_BUILD_", scan.MustVersion("16.0")},
	{"CI_JOB_JWT", scan.MustVersion("17.0")},
}

// removedAt reports whether a version has removed a keyword or variable.
func removedAt(what string, v scan.Version) bool {
	for _, r := range removals {
		if strings.HasPrefix(what, r.words) {
			return v.AtLeast(r.in)
		}
	}
	return false
}

// templates are GitLab's templates of CI/CD configurations at 18.9.
// Source: templatesSource.
var templates = func() (names []string) {
	for _, name := range strings.Fields(templateNames) {
		names = append(names, fmt.Sprintf("%s.gitlab-ci.yml", name))
	}
	return names
}()

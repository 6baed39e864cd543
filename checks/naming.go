package checks

import (
	"regexp"
	"slices"
	"strings"

	"readiness/checks/matrix"
	"readiness/scan"
)

// reservedSource is where GitLab lists the words that no path may have.
const reservedSource = "https://gitlab.com/gitlab-org/gitlab/-/blob/v18.9.0-ee/lib/gitlab/path_regex.rb"

// topLevelRoutes are refused as the path of a top-level group and as a username,
// in any case of letters. Source: reservedSource, TOP_LEVEL_ROUTES.
var topLevelRoutes = strings.Fields(`- .well-known 404.html 422.html 500.html 502.html 503.html admin api
	apple-touch-icon.png assets dashboard deploy.html explore favicon.ico favicon.png groups health_check help
	import jwt login o oauth profile projects public robots.txt s search sitemap sitemap.xml sitemap.xml.gz
	slash-command-logo.png snippets unsubscribes uploads users v2`)

// projectRoutes are refused as the end of the path of a subgroup or project; some
// are two parts of it. Source: reservedSource, PROJECT_WILDCARD_ROUTES, which
// contain GROUP_ROUTES.
var projectRoutes = strings.Fields(`- badges blame blob builds commits create create_dir edit environments/folders
	files find_file gitlab-lfs/objects info/lfs/objects new preview raw refs tree update wikis`)

// portablePath is what the last part of a new path has to look like: letters and
// digits with single dots, underscores or hyphens between them.
// Source: https://docs.gitlab.com/user/reserved_names/ and lib/gitlab/regex.rb
// (oci_repository_path_regex) at 18.9.
var portablePath = regexp.MustCompile(`^[a-zA-Z0-9]+([._-][a-zA-Z0-9]+)*$`)

var namingChecks = []Check{
	{
		ID: "naming-reserved-words", Area: "naming", Severity: High, Level: scan.LevelGroup,
		Title:        "Paths and usernames that GitLab reserves",
		Why:          "The destination refuses to create the group, the project or the account; a subgroup that becomes a top-level group meets a longer list of words.",
		Rule:         "Broken where the path at the destination ends in a word that GitLab reserves, of top-level groups where it is one, or where a username is one of these.",
		Remedy:       "Rename it at the source, or give it another path in the plan of new places.",
		Docs:         append(links("user/reserved_names"), reservedSource),
		Methods:      imports,
		Destinations: Destinations(),
		Group: func(c *Context, g *scan.Group) Outcome {
			c.named()
			return reserved(c.Target.Path(g.Path))
		},
		Project: func(c *Context, p *scan.Project) Outcome {
			c.named()
			return reserved(c.Target.Path(p.Path))
		},
		User: func(c *Context, u *scan.User) Outcome {
			c.named()
			if slices.Contains(topLevelRoutes, strings.ToLower(u.Username)) {
				return violated("the username %s is reserved for a route of GitLab", u.Username)
			}
			return ok()
		},
	},
	{
		ID: "naming-invalid-or-normalised-paths", Area: "naming", Severity: Medium, Level: scan.LevelProject,
		Title:        "Paths that GitLab changes or no longer allows",
		Why:          "Direct transfer changes such a path and other imports refuse it: addresses, includes and image names differ from the plan.",
		Rule:         "Broken where the last part of the path at the destination is none that GitLab still allows; for direct and offline transfer also where it has capital letters.",
		Remedy:       "Rename it before the migration, or note the new path in the plan and wherever the old one is used.",
		Docs:         links("user/reserved_names", "user/group/import/troubleshooting"),
		Methods:      imports,
		Destinations: Destinations(),
		Group: func(c *Context, g *scan.Group) Outcome {
			c.named()
			return normalised(c.Target.Path(g.Path))
		},
		Project: func(c *Context, p *scan.Project) Outcome {
			c.named()
			return normalised(c.Target.Path(p.Path))
		},
	},
}

// reserved judges a full path at the destination by GitLab's reserved words.
func reserved(path string) Outcome {
	lower := strings.ToLower(path)
	if depth(path) <= 1 {
		if slices.Contains(topLevelRoutes, lower) {
			return violated("as a top-level group, %s is reserved for a route of GitLab", path)
		}
		return ok()
	}
	for _, word := range projectRoutes {
		if strings.HasSuffix(lower, "/"+word) {
			return violated("%s ends in %s, which is reserved for a route of GitLab", path, word)
		}
	}
	return ok()
}

// normalised judges the last part of a full path at the destination; the parts
// above it are judged where they are the last.
func normalised(path string) Outcome {
	last := path[strings.LastIndexByte(path, '/')+1:]
	lower := strings.ToLower(last)
	switch {
	case strings.HasSuffix(lower, ".git"), strings.HasSuffix(lower, ".atom"):
		return violated("%s ends in .git or .atom, which no new path may", last)
	case !portablePath.MatchString(last):
		return violated("%s has special characters in a row, or at its start or end; direct transfer makes it %s", last, transferredPath(last))
	case lower != last:
		return violated("direct transfer makes %s %s", last, lower).only(matrix.DirectTransfer, matrix.OfflineTransfer)
	}
	return ok()
}

var (
	unusual   = regexp.MustCompile(`[^a-z0-9_-]+`)
	hyphens   = regexp.MustCompile(`-{2,}`)
	mixedPair = strings.NewReplacer("-_", "-", "_-", "-")
)

// transferredPath is what direct transfer makes of the last part of a path that
// is not a portablePath.
// Source: lib/bulk_imports/path_normalization.rb at 18.9.
func transferredPath(last string) string {
	p := unusual.ReplaceAllString(strings.ToLower(last), "-")
	p = strings.Trim(hyphens.ReplaceAllString(p, "-"), "-_")
	return mixedPair.Replace(p)
}

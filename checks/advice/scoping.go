package advice

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"readiness/checks"
	"readiness/scan"
)

// Question is one of the questions that scope a migration.
type Question struct {
	ID       string   `json:"id" yaml:"id"`
	Question string   `json:"question" yaml:"question"`
	Why      string   `json:"why" yaml:"why"`
	Answered string   `json:"-" yaml:"answered"` // measured, partly or person: what can answer it
	Sources  []string `json:"sources" yaml:"sources"`

	State  State  `json:"state" yaml:"-"`
	Answer string `json:"answer" yaml:"-"`
	By     string `json:"by,omitempty" yaml:"-"`
	Date   string `json:"date,omitempty" yaml:"-"`
}

//go:embed scoping.yaml
var scopingYAML []byte

// questions are the questions as the data has them.
var questions = load[Question]("scoping.yaml", scopingYAML)

// scoping answers every question as far as the inventory can, and puts what a
// person stated beside it.
func scoping(j *checks.Judgement, a *Advice, stated Answers) []Question {
	all := slices.Clone(questions)
	for i := range all {
		q := &all[i]
		var words string
		whole := false
		if tell := inventory[q.ID]; tell != nil {
			words, whole = tell(&asked{j, a})
		}
		s, said := stated[q.ID]
		q.By, q.Date = s.By, s.Date
		switch {
		case words != "" && whole && q.Answered == "measured":
			q.State = Measured
		case said:
			q.State = Told
		case words != "":
			q.State = Partly
		default:
			q.State = Open
		}
		q.Answer = words
		if said {
			q.Answer = strings.TrimPrefix(words+"; stated: "+s.Answer, "; ")
		}
	}
	return all
}

// asked is what a question may look at.
type asked struct {
	j *checks.Judgement
	a *Advice
}

// inventory answers questions in words, and says whether all that counts for the
// answer was read. "" is no answer.
var inventory = map[string]func(*asked) (words string, whole bool){
	"sq-source-systems": func(q *asked) (string, bool) {
		return "GitLab at " + strings.TrimRight(q.j.Meta.Scope.URL, "/"), false
	},
	"sq-source-version": func(q *asked) (string, bool) {
		v := q.j.SourceVersion()
		if v.IsZero() {
			return "", false
		}
		_, stops := checks.UpgradeStops(v, q.j.Target.Version)
		return fmt.Sprintf("GitLab %s; towards %s: %s", v, q.j.Target.Version.Short(), stops), true
	},
	"sq-destination-deployment": func(q *asked) (string, bool) { return q.j.Target.Destination.Title(), false },
	"sq-destination-version": func(q *asked) (string, bool) {
		return fmt.Sprintf("judged for GitLab %s", q.j.Target.Version), true
	},
	"sq-users-total": func(q *asked) (string, bool) {
		t := q.j.Totals
		return join(count(t.Users, "accounts"), count(t.ActiveHumans, "active people"), count(t.Bots, "bots and service accounts")), whole(t.Users, t.ActiveHumans, t.Bots)
	},
	"sq-portfolios": func(q *asked) (string, bool) {
		return count(q.j.Totals.TopLevelGroups, "top-level groups"), false
	},
	"sq-repositories-total": func(q *asked) (string, bool) {
		t := q.j.Totals
		return join(count(t.Projects, "projects"), count(t.PersonalProjects, "in personal namespaces"), count(t.ArchivedProjects, "archived"),
			count(t.EmptyProjects, "without a repository")), whole(t.Projects, t.PersonalProjects, t.ArchivedProjects, t.EmptyProjects)
	},
	"sq-repositories-over-5gb": func(q *asked) (string, bool) {
		n := violations(q.j, "size-repository-over-5gib")
		if unknown(q.j, "size-repository-over-5gib") {
			return fmt.Sprintf("repositories over 5 GiB: at least %d", n), false
		}
		return fmt.Sprintf("repositories over 5 GiB: %d", n), true
	},
	"sq-ci-systems": func(q *asked) (string, bool) {
		return join(q.inUse("project.ci-config-file", "projects with a GitLab CI/CD configuration"), q.inUse("project.other-ci-files", "projects with files of other CI systems")), false
	},
	"sq-ci-jobs-total": func(q *asked) (string, bool) {
		return join(q.fact("project.ci-jobs", "jobs in CI/CD configurations"), q.fact("project.pipelines", "pipelines")), false
	},
	"sq-registry-size": func(q *asked) (string, bool) {
		images, packages := q.j.Totals.Facts["project.container-registry-size"], q.j.Totals.Facts["project.packages-size"]
		return join(bytes(images, "size of container images"), bytes(packages, "size of packages"), q.fact("project.container-registry", "image repositories"), q.fact("project.package-registry", "packages")),
			whole(images, packages, q.j.Totals.Facts["project.container-registry"], q.j.Totals.Facts["project.package-registry"])
	},
	"sq-identity-provider": identities(false),
	"sq-sign-in-methods":   identities(true),
	"sq-repositories-per-instance": func(q *asked) (string, bool) {
		size := q.j.Totals.Facts["project.repository-size"]
		return join(count(q.j.Totals.Projects, "projects"), bytes(size, "size of Git repositories")), whole(q.j.Totals.Projects, size)
	},
	"sq-users-per-instance": func(q *asked) (string, bool) {
		return count(q.j.Totals.Users, "accounts on this instance"), whole(q.j.Totals.Users)
	},
	"sq-groups-per-instance": func(q *asked) (string, bool) {
		t := q.j.Totals
		return join(count(t.Groups, "groups"), count(t.TopLevelGroups, "top-level groups")), whole(t.Groups, t.TopLevelGroups)
	},
	"sq-disk-per-instance": func(q *asked) (string, bool) {
		return bytes(q.j.Totals.Storage, "size of all projects"), whole(q.j.Totals.Storage)
	},
	"sq-integrations": func(q *asked) (string, bool) {
		integrations, hooks := q.j.Totals.Facts["project.integrations"], q.j.Totals.Facts["project.webhooks"]
		return join(q.fact("project.integrations", "integrations switched on for projects"), q.fact("project.webhooks", "webhooks of projects"), q.fact("group.webhooks", "webhooks of groups")),
			whole(integrations, hooks, q.j.Totals.Facts["group.webhooks"])
	},
	"sq-project-volume": func(q *asked) (string, bool) {
		i := slices.IndexFunc(q.a.Calendar, func(e Estimate) bool { return e.ID == "waves" })
		if i < 0 {
			return count(q.j.Totals.Projects, "projects"), whole(q.j.Totals.Projects)
		}
		e := q.a.Calendar[i]
		return fmt.Sprintf("%s, %s of waves", count(q.j.Totals.Projects, "projects"), span(e.Low, e.High, "day", "days")), whole(q.j.Totals.Projects)
	},
	"sq-self-managed-only-features": rules("destination-gitlab-com-gaps", "destination-dedicated-gaps", "instance-server-and-system-hooks"),
	"sq-monorepos":                  rules("size-repository-over-5gib", "size-project-export-over-limit", "size-relation-over-limit", "projects-many-refs-or-commits"),
	"sq-network-path":               rules("network-plain-http-source", "network-destination-reaches-source"),
	"sq-email-continuity":           rules("users-public-email-missing", "users-unconfirmed-email", "users-foreign-email-domain"),
	"sq-group-restrictions":         rules("security-destination-gates"),
	"sq-shared-libraries":           rules("scope-cross-wave-dependencies", "ci-include-project"),
	"sq-runner-plan": func(q *asked) (string, bool) {
		return join(q.fact("instance.runners", "instance runners"), q.fact("instance.group-runners", "group runners"), q.fact("instance.project-runners", "project runners")), false
	},
	"sq-registries-wanted": func(q *asked) (string, bool) {
		return join(q.inUse("project.container-registry", "projects with images"), q.inUse("project.package-registry", "projects with packages")), false
	},
	"sq-secrets-handling": func(q *asked) (string, bool) {
		return join(q.fact("project.cicd-variables", "variables of projects"), q.fact("group.cicd-variables", "variables of groups"), q.fact("instance.cicd-variables", "variables of the instance"),
			q.fact("project.deploy-keys", "deploy keys"), q.fact("project.deploy-tokens", "deploy tokens")), false
	},
	"sq-inactive-users": func(q *asked) (string, bool) {
		return join(count(q.j.Totals.Users, "accounts"), count(q.j.Totals.ActiveHumans, "active people")), false
	},
	"sq-personal-projects": func(q *asked) (string, bool) {
		return count(q.j.Totals.PersonalProjects, "projects in personal namespaces"), false
	},
}

// fact words the total of a fact; "" if the scan has none.
func (q *asked) fact(id scan.FactID, what string) string {
	t, ok := q.j.Totals.Facts[id]
	if !ok || t.Read()+t.Unread() == 0 {
		return ""
	}
	return count(t, what)
}

// inUse words how many subjects use what an item of the matrix with this fact is.
func (q *asked) inUse(id scan.FactID, what string) string {
	for _, i := range q.j.Items {
		if i.Item.Use.Fact == id {
			return count(i.Subjects, what)
		}
	}
	return ""
}

// identities words how accounts sign in.
func identities(decides bool) func(*asked) (string, bool) {
	return func(q *asked) (string, bool) {
		t := q.j.Totals.Facts["user.identities"]
		if t.Read() == 0 {
			return "", false
		}
		return join(count(t, "sign-in identities"), count(q.j.Totals.Users, "accounts")), decides && whole(t)
	}
}

// rules answers by what checks found.
func rules(ids ...string) func(*asked) (string, bool) {
	return func(q *asked) (string, bool) {
		var words []string
		decided := true
		verdicts := verdictsByCheck(q.j)
		for _, id := range ids {
			switch verdicts[id] {
			case checks.Violated:
				words = append(words, fmt.Sprintf("%s: %d found", id, violations(q.j, id)))
				decided = decided && !unknown(q.j, id)
			case checks.Unknown:
				words, decided = append(words, id+": could not be decided"), false
			case checks.OK:
				words = append(words, id+": nothing found")
			}
		}
		return strings.Join(words, "; "), decided && len(words) > 0
	}
}

// whole reports whether nothing is missing in the totals.
func whole(ts ...scan.Total) bool {
	for _, t := range ts {
		if t.Unread() > 0 || t.Read() == 0 {
			return false
		}
	}
	return true
}

// join lists what is said.
func join(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ", ")
}

// count words a total of things.
func count(t scan.Total, what string) string {
	n, complete := t.Sum()
	switch {
	case complete:
		return what + ": " + checks.Thousands(n)
	case n == 0:
		return what + ": not known"
	}
	return what + ": at least " + checks.Thousands(n)
}

// bytes words a total of bytes.
func bytes(t scan.Total, what string) string {
	n, complete := t.Sum()
	if t.Read() == 0 && n == 0 {
		return what + ": not known"
	}
	s := fmt.Sprintf("%.1f GiB", float64(n)/(1<<30))
	if !complete {
		s = "at least " + s
	}
	return what + ": " + s
}

// span words a range.
func span(low, high float64, one, many string) string {
	if low == high {
		if low == 1 {
			return "1 " + one
		}
		return fmt.Sprintf("%g %s", low, many)
	}
	return fmt.Sprintf("%g to %g %s", low, high, many)
}

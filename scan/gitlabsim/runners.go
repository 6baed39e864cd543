package gitlabsim

import (
	"fmt"
	"strconv"
	"strings"
)

// Runner is a runner with what decides which jobs it takes.
type Runner struct {
	ID          int64
	Type        string // instance, group or project
	Description string
	Tags        []string
	RunUntagged bool
	Paused      bool
	Protected   bool
	Online      bool

	index int
}

// Runners are numbered: those of the instance, then of groups, then of projects.
func (w *World) runnerCount() int {
	return w.instanceRunners() + w.groupRunners.total() + w.projectRunners.total()
}

func (w *World) instanceRunners() int {
	if w.cfg.Sound {
		return w.sow(0, 0, "instance-runners")
	}
	return 3 + w.projects/500
}

func (w *World) runnerType(k int) string {
	switch {
	case k < w.instanceRunners():
		return "instance"
	case k < w.instanceRunners()+w.groupRunners.total():
		return "group"
	}
	return "project"
}

func (w *World) runner(k int) Runner {
	d := w.draw(ofBlock, k, "runner")
	r := Runner{ID: int64(k + 1), Type: w.runnerType(k), Online: d.chance(70), Paused: d.again(1).chance(8), index: k,
		Description: pick(d.again(2), []string{"docker-autoscale", "shell-prod", "windows-build", "gpu", "mac-mini"})}
	tags := []string{"docker", "linux", "prod", "gpu", "=tag"}
	for i, tag := range tags {
		if d.again(10 + i).chance([]float64{60, 60, 15, 5, 1}[i]) {
			r.Tags = append(r.Tags, tag)
		}
	}
	// A runner without tags takes untagged jobs, or none.
	// Source: app/models/ci/runner.rb (tag_constraints).
	r.RunUntagged = len(r.Tags) == 0 || d.again(6).chance(50)
	r.Protected = d.again(7).chance(15)
	return r
}

// runnerBody is API::Entities::Ci::Runner.
func (w *World) runnerBody(r Runner) object {
	d := w.draw(ofBlock, r.index, "runner")
	status := "offline"
	if r.Online {
		status = "online"
	}
	o := object{{"id", r.ID}, {"description", r.Description},
		{"ip_address", fmt.Sprintf("10.0.%d.%d", d.again(3).below(250), d.again(4).below(250))}, {"active", !r.Paused}, {"paused", r.Paused},
		{"is_shared", r.Type == "instance"}, {"runner_type", r.Type + "_type"}, {"name", "gitlab-runner"}, {"online", r.Online}}
	o.when(w.since(18, 0), "created_by", nil)
	o.when(w.since(18, 0), "created_at", w.ago(900*d.again(5).unit()))
	o.put("status", status)
	o.when(w.since(18, 0), "job_execution_status", "idle")
	return o
}

// runners is GET /runners/all, newest first.
func runners(c *call) (any, error) {
	if !c.who.readsAll() {
		return nil, forbidden
	}
	s := selection{n: c.w.runnerCount(), desc: true}
	if want := c.query.Get("type"); want != "" {
		instance, group := c.w.instanceRunners(), c.w.groupRunners.total()
		switch want {
		case "instance_type":
			s.n = instance
		case "group_type":
			s.from, s.n = instance, instance+group
		case "project_type":
			s.from = instance + group
		default:
			return nil, refusal{400, object{{"error", "type does not have a valid value"}}}
		}
	}
	return c.offsetPage(s, func(k int) any { return c.w.runnerBody(c.w.runner(k)) })
}

func oneRunner(c *call) (any, error) {
	k, err := strconv.Atoi(c.r.PathValue("id"))
	switch {
	case err != nil || k < 1 || k > c.w.runnerCount():
		return nil, notFound
	case !c.who.readsAll():
		return nil, forbidden
	}
	r := c.w.runner(k - 1)
	projects := list{}
	if first := c.w.instanceRunners() + c.w.groupRunners.total(); r.index >= first {
		p := c.w.project(c.w.projectRunners.owner(r.index - first))
		projects = append(projects, object{{"id", p.ID}, {"name", p.Name}, {"name_with_namespace", p.FullName}, {"path", p.Path}, {"path_with_namespace", p.FullPath}})
	}
	return append(c.w.runnerBody(r), object{{"tag_list", strs(r.Tags)}, {"run_untagged", r.RunUntagged}, {"locked", false}, {"maximum_timeout", nil},
		{"access_level", strings.ToLower(r.access())}, {"version", "18.9.0"}, {"revision", "abcdef12"}, {"platform", "linux"}, {"architecture", "amd64"},
		{"contacted_at", c.w.Now()}, {"maintenance_note", nil}, {"projects", projects}}...), nil
}

func (r Runner) access() string {
	if r.Protected {
		return "REF_PROTECTED"
	}
	return "NOT_PROTECTED"
}

// noResource is how GraphQL refuses where a resolver raises.
// Source: lib/gitlab/graphql/authorize/authorize_resource.rb.
const noResource = gqlFailure("The resource that you are attempting to access does not exist or you don't have permission to perform this action")

// gqlRunners is the root connection of runners, newest first.
// Source: app/finders/ci/runners_finder.rb (all_runners).
func gqlRunners(x *execution, _ any, _ map[string]any) any {
	if !x.who.admin() {
		return noResource
	}
	n := x.w.runnerCount()
	return counting(int64(n), func(k int) any {
		r := x.w.runner(n - 1 - k)
		return object{{"id", gid("Ci::Runner", r.ID)}, {"runnerType", strings.ToUpper(r.Type) + "_TYPE"}, {"description", r.Description},
			{"tagList", strs(r.Tags)}, {"runUntagged", r.RunUntagged}, {"paused", r.Paused}, {"locked", false}, {"accessLevel", r.access()},
			{"ephemeralAuthenticationToken", x.w.Canary()}}
	})
}

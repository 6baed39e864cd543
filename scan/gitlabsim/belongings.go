package gitlabsim

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"readiness/scan"
)

// Variable is a CI/CD variable. Its value is the canary.
type Variable struct {
	ID                             int64
	Key, Type, Scope, Description  string
	Protected, Masked, Hidden, Raw bool
}

// Webhook is a webhook; URL may carry the canary in its query, as careless
// people's do.
type Webhook struct {
	ID        int64
	Name, URL string
	VerifyTLS bool
	CreatedAt time.Time
}

// Host is the host and port that the hook calls.
func (h Webhook) Host() string { return hostOf(h.URL) }

// Mirror is a push mirror; URL carries the canary as its password.
type Mirror struct {
	ID            int64
	URL           string
	Enabled       bool
	OnlyProtected bool
}

// Host is the host and port that the mirror pushes to.
func (m Mirror) Host() string { return hostOf(m.URL) }

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}

// ProtectedBranch is a protected branch or wildcard.
type ProtectedBranch struct {
	ID                int64
	Name              string
	AllowForcePush    bool
	CodeOwnerApproval bool
	Push, Merge       []ProtectionLevel
	Squash            bool // has a squash option of its own
}

// ProtectionLevel is who may do something on a branch: a role or, with a licence,
// a user or a group of this id.
type ProtectionLevel struct {
	Level       int // access level; 0: no one
	User, Group int64
}

// Integration is an integration that is switched on.
type Integration struct {
	ID          int64
	Slug, Title string
}

// DeployKey is a key, with the projects it is enabled on.
type DeployKey struct {
	ID                  int64
	Title               string
	Public              bool
	CreatedAt           time.Time
	Writable, ReadOnly  []int64 // ids of projects
	Fingerprint, SHA256 string
}

// DeployToken is a deploy token of a project or a group.
type DeployToken struct {
	ID             int64
	Name, Username string
	Expires        time.Time // zero: never
	Expired        bool
	Scopes         []string
}

// Member is a direct membership.
type Member struct {
	UserID    int64
	Level     int
	Expires   string // YYYY-MM-DD; "": never
	CreatedAt time.Time
	Custom    bool // holds a custom role
}

// Access levels.
const (
	levelGuest      = 10
	levelReporter   = 20
	levelDeveloper  = 30
	levelMaintainer = 40
	levelOwner      = 50
	levelAdmin      = 60 // not GitLab's: an administrator passes every check
)

// part numbers the j-th belonging of the i-th entity.
func part(i, j int) int64 { return int64(i)*100 + int64(j) + 1 }

var variableKeys = []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "DOCKER_AUTH_CONFIG", "KUBECONFIG",
	"SONAR_TOKEN", "NPM_TOKEN", "DEPLOY_HOST", "DATABASE_URL", "SENTRY_DSN", "SIGNING_KEY", "FEATURE_SWITCH", "REGION"}

func (w *World) variables(d draw, i, n int, scoped bool) []Variable {
	vars := make([]Variable, 0, n)
	first := d.below(len(variableKeys))
	for j := range n {
		x := d.again(j + 1)
		v := Variable{ID: part(i, j), Key: variableKeys[(first+j)%len(variableKeys)], Type: "env_var", Scope: "*"}
		if j >= len(variableKeys) {
			v.Key = fmt.Sprintf("%s_%d", v.Key, j/len(variableKeys)+1)
		}
		if strings.HasSuffix(v.Key, "CONFIG") || x.chance(8) {
			v.Type = "file"
		}
		if scoped && x.again(1).chance(25) {
			v.Scope = pick(x.again(2), []string{"production", "staging", "review/*"})
		}
		v.Protected = x.again(3).chance(40)
		v.Masked = x.again(4).chance(50)
		v.Hidden = w.hidesVariables() && v.Masked && x.again(5).chance(25)
		if w.cfg.Sound {
			v.Masked = true
			v.Hidden = w.planting("ci-variables-hidden")
		}
		v.Raw = x.again(6).chance(20) && w.cfg.Version.AtLeast(scan.MustVersion("15.3")) // as GraphQL has it
		if x.again(7).chance(5) {
			v.Description = "=1+1"
		}
		vars = append(vars, v)
	}
	return vars
}

// Variables lists a project's CI/CD variables.
func (w *World) Variables(p Project) []Variable {
	d := w.draw(ofProject, p.index, "variables")
	n := w.sow(d.few(35, 9), p.index, "project-variables")
	if p.index%199 == 23 && !w.cfg.Sound {
		n = 140 // more than one page of GraphQL
	}
	return w.variables(d, p.index, n, true)
}

// GroupVariables lists a group's CI/CD variables.
func (w *World) GroupVariables(g Group) []Variable {
	d := w.draw(ofGroup, g.index, "variables")
	// Scopes of group variables are Premium.
	return w.variables(d, g.index, w.sow(d.few(40, 10), g.index, "group-variables"), w.cfg.Tier.Licensed())
}

// InstanceVariables lists the CI/CD variables of the whole instance.
func (w *World) InstanceVariables() []Variable {
	n := 3
	if w.cfg.Sound {
		n = w.sow(0, 0, "instance-variables")
	}
	vars := w.variables(w.draw(ofInstance, 0, "variables"), 0, n, false)
	for i := range vars {
		vars[i].Hidden = false // only projects and groups have hidden variables
	}
	return vars
}

var hookHosts = []string{"ci.example.com", "jenkins.corp.example:8443", "hooks.slack.example", "10.2.3.4:8080",
	"chat.example.com", "deploy.internal.example"}

func (w *World) webhooks(d draw, i, n int) []Webhook {
	hooks := make([]Webhook, 0, n)
	for j := range n {
		x := d.again(j + 1)
		h := Webhook{ID: part(i, j), VerifyTLS: !x.chance(15), CreatedAt: w.ago(900 * x.again(1).unit()),
			URL: "https://" + pick(x.again(2), hookHosts) + "/hook/" + x.hex(6)}
		if w.cfg.Sound {
			h.URL = "https://ci.example.com/hook"
			if w.planting("integrations-webhooks-to-internal-hosts") {
				h.URL = "https://10.2.3.4:8080/hook"
			}
		}
		if x.again(3).chance(30) {
			h.URL += "?token=" + w.Canary()
		}
		if x.again(4).chance(20) {
			h.Name = pick(x, hostileNames)
		}
		hooks = append(hooks, h)
	}
	return hooks
}

// Webhooks lists a project's webhooks.
func (w *World) Webhooks(p Project) []Webhook {
	d := w.draw(ofProject, p.index, "webhooks")
	return w.webhooks(d, p.index, w.sow(d.few(18, 4), p.index, "project-webhooks"))
}

// GroupWebhooks lists a group's webhooks, a Premium feature.
func (w *World) GroupWebhooks(g Group) []Webhook {
	if !w.cfg.Tier.Licensed() {
		return nil
	}
	d := w.draw(ofGroup, g.index, "webhooks")
	return w.webhooks(d, g.index, w.sow(d.few(20, 3), g.index, "group-webhooks"))
}

// Mirrors lists a project's push mirrors.
func (w *World) Mirrors(p Project) []Mirror {
	if p.Empty {
		return nil
	}
	d := w.draw(ofProject, p.index, "mirrors")
	mirrors := make([]Mirror, 0, 2)
	for j := range w.some(d.few(5, 2)) {
		x := d.again(j + 1)
		mirrors = append(mirrors, Mirror{ID: part(p.index, j), Enabled: !x.chance(20), OnlyProtected: x.again(1).chance(30),
			URL: "https://mirror:" + w.Canary() + "@" + pick(x.again(2), []string{"github.example", "git.partner.example:8443", "bitbucket.corp.example"}) + "/" + p.Path + ".git"})
	}
	return mirrors
}

// ProtectedBranches lists a project's protected branches, the default first.
func (w *World) ProtectedBranches(p Project) []ProtectedBranch {
	if p.Empty {
		return nil
	}
	d := w.draw(ofProject, p.index, "protected-branches")
	if w.cfg.Sound {
		return []ProtectedBranch{{ID: part(p.index, 0), Name: p.DefaultBranch, Push: []ProtectionLevel{{Level: levelMaintainer}}, Merge: []ProtectionLevel{{Level: levelMaintainer}}}}
	}
	names := append([]string{p.DefaultBranch}, []string{"release/*", "stable", "hotfix-*"}[:d.few(20, 3)]...)
	if d.again(50).chance(8) && !w.cfg.Positive {
		names = names[1:] // somebody took the default branch's protection away
	}
	branches := make([]ProtectedBranch, 0, len(names))
	for j, name := range names {
		x := d.again(j + 1)
		b := ProtectedBranch{ID: part(p.index, j), Name: name, AllowForcePush: x.chance(8),
			CodeOwnerApproval: w.cfg.Tier.Licensed() && x.again(1).chance(12),
			Push:              []ProtectionLevel{{Level: []int{levelMaintainer, 0, levelDeveloper}[x.again(2).weighted(80, 10, 10)]}},
			Merge:             []ProtectionLevel{{Level: []int{levelMaintainer, levelDeveloper}[x.again(3).weighted(70, 30)]}}}
		if w.cfg.Tier.Licensed() {
			if x.again(4).chance(15) || w.cfg.Positive {
				for _, u := range w.someUsers(x.again(5), 1+x.again(6).below(2)) {
					b.Push = append(b.Push, ProtectionLevel{Level: levelMaintainer, User: w.userID(u)})
				}
			}
			if x.again(7).chance(6) {
				b.Merge = append(b.Merge, ProtectionLevel{Level: levelMaintainer, Group: w.groupID(x.again(8).below(w.groups))})
			}
			b.Squash = w.since(18, 7) && !strings.Contains(name, "*") && x.again(9).chance(8) || w.cfg.Positive
		}
		branches = append(branches, b)
	}
	return branches
}

var integrations = []Integration{{0, "jira", "Jira issues"}, {0, "slack", "Slack notifications"}, {0, "jenkins", "Jenkins"},
	{0, "emails-on-push", "Emails on push"}, {0, "pipelines-email", "Pipeline status emails"}, {0, "microsoft-teams", "Microsoft Teams notifications"},
	{0, "prometheus", "Prometheus"}, {0, "external-wiki", "External wiki"}}

// Integrations lists the integrations that are active in a project.
func (w *World) Integrations(p Project) []Integration {
	d := w.draw(ofProject, p.index, "integrations")
	n := w.sow(d.few(20, 4), p.index, "integrations")
	first := d.again(9).below(len(integrations))
	if w.cfg.Sound {
		first = slices.IndexFunc(integrations, func(x Integration) bool { return (x.Slug == "jenkins") == w.planting("integrations-external-ci") })
	}
	active := make([]Integration, 0, n)
	for j := range n {
		x := integrations[(first+j)%len(integrations)]
		x.ID = part(p.index, j)
		active = append(active, x)
	}
	return active
}

// Deploy keys: the dealt ones first, then the public ones of the instance.
const publicDeployKeys = 4

func (w *World) publicKeys() int {
	if w.cfg.Sound {
		return 0
	}
	return publicDeployKeys
}

func (w *World) deployKeyCount() int { return w.deployKeys.total() + w.publicKeys() }

// keyUse tells whether a dealt key is enabled on a project, and may write.
func (w *World) keyUse(key, project int) (enabled, writes bool) {
	d := w.draw(ofBlock, key, "deploy-key").again(project)
	return w.deployKeys.owner(key) == project || d.chance(6), d.again(1).chance(25)
}

// publicKeyProject is the k-th project that enabled a public key.
func (w *World) publicKeyProject(key, k int) int {
	return w.draw(ofInstance, key, "public-key").again(k).below(w.projects)
}

func (w *World) deployKey(k int) DeployKey {
	d := w.draw(ofBlock, k, "deploy-key-face")
	key := DeployKey{ID: int64(k + 1), Title: pick(d, []string{"argo", "jenkins", "flux", "renovate", "backup"}) + "@" + pick(d.again(1), groupWords),
		CreatedAt: w.ago(1500 * d.again(2).unit()), Fingerprint: colons(d.hex(32)), SHA256: "SHA256:" + d.again(3).hex(43)}
	if k >= w.deployKeys.total() {
		key.Public = true
		for n := range 3 {
			if id := w.projectID(w.publicKeyProject(k, n)); !contains(key.ReadOnly, id) {
				key.ReadOnly = append(key.ReadOnly, id)
			}
		}
		return key
	}
	base := k / w.deployKeys.per * w.deployKeys.block
	for i := base; i < min(base+w.deployKeys.block, w.projects); i++ {
		switch enabled, writes := w.keyUse(k, i); {
		case enabled && writes:
			key.Writable = append(key.Writable, w.projectID(i))
		case enabled:
			key.ReadOnly = append(key.ReadOnly, w.projectID(i))
		}
	}
	return key
}

func colons(hex string) string {
	var b strings.Builder
	for i := 0; i < len(hex); i += 2 {
		if i > 0 {
			b.WriteByte(':')
		}
		b.WriteString(hex[i : i+2])
	}
	return b.String()
}

// DeployKeys lists the keys enabled on a project.
func (w *World) DeployKeys(p Project) []DeployKey {
	var keys []DeployKey
	first := p.index / w.deployKeys.block * w.deployKeys.per
	for k := first; k < first+w.deployKeys.per; k++ {
		if enabled, _ := w.keyUse(k, p.index); enabled {
			keys = append(keys, w.deployKey(k))
		}
	}
	for k := w.deployKeys.total(); k < w.deployKeyCount(); k++ {
		for n := range 3 {
			if w.publicKeyProject(k, n) == p.index {
				keys = append(keys, w.deployKey(k))
				break
			}
		}
	}
	return keys
}

// Deploy tokens: the projects' first, then the groups'.
func (w *World) deployTokenCount() int { return w.projectTokens.total() + w.groupTokens.total() }

func (w *World) deployToken(k int) DeployToken {
	d := w.draw(ofBlock, k, "deploy-token")
	t := DeployToken{ID: int64(k + 1), Name: pick(d, []string{"pull images", "cluster", "legacy deploy", "=cmd()"}),
		Username: fmt.Sprintf("gitlab+deploy-token-%d", k+1), Scopes: []string{"read_repository"}}
	if d.again(1).chance(50) {
		t.Scopes = append(t.Scopes, "read_registry")
	}
	if d.again(2).chance(40) {
		t.Expires = w.ago(float64(d.again(3).between(-300, 100)))
		t.Expired = t.Expires.Before(w.Now())
	}
	return t
}

// DeployTokens lists a project's deploy tokens.
func (w *World) DeployTokens(p Project) []DeployToken {
	var tokens []DeployToken
	for _, k := range w.projectTokens.of(p.index) {
		tokens = append(tokens, w.deployToken(k))
	}
	return tokens
}

// GroupDeployTokens lists a group's deploy tokens.
func (w *World) GroupDeployTokens(g Group) []DeployToken {
	var tokens []DeployToken
	for _, k := range w.groupTokens.of(g.index) {
		tokens = append(tokens, w.deployToken(w.projectTokens.total()+k))
	}
	return tokens
}

package ciconfig

import (
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"readiness/scan"
)

// top is where a key of the outermost mapping of a file begins.
type top struct {
	line int
	key  string
}

// place remembers where the keys of a file begin, to tell the job of a line.
func (r *reader) place(file string, body *yaml.Node) {
	if r.lines == nil || body.Kind != yaml.MappingNode {
		return
	}
	if r.tops == nil {
		r.tops = map[string][]top{}
	}
	var tops []top
	for i := 0; i+1 < len(body.Content); i += 2 {
		tops = append(tops, top{body.Content[i].Line, body.Content[i].Value})
	}
	r.tops[file] = tops
}

// jobAt is the key under which a line of a file stands.
func (r *reader) jobAt(file string, line int) string {
	tops := r.tops[file]
	i, _ := slices.BinarySearchFunc(tops, line+1, func(t top, line int) int { return t.line - line })
	if i == 0 {
		return ""
	}
	return tops[i-1].key
}

// What is looked for in the lines of a file, wherever it stands: most of it is
// in scripts.
var (
	ipv4     = regexp.MustCompile(`(^|[^0-9A-Za-z.\-_])((?:\d{1,3}\.){3}\d{1,3})($|[^0-9A-Za-z.\-_])`)
	tokenURL = regexp.MustCompile(`gitlab-ci-token:[^@\s]*@([^/\s"']+)/([^\s"'?#]+)`)
	tokenAPI = regexp.MustCompile(`/projects/([^/\s"'?]+)/(packages|registry|releases|trigger|repository|jobs|variables|[a-z_]+)`)
	usedName = regexp.MustCompile(`\$(?:\{([A-Za-z_][A-Za-z0-9_]*)|([A-Za-z_][A-Za-z0-9_]*))`)
	setName  = regexp.MustCompile(`(?:^|[\s;&|(\-"'])(?:export\s+|local\s+|readonly\s+|declare\s+(?:-\w+\s+)?)?([A-Za-z_][A-Za-z0-9_]*)\+?=|\bread\s+(?:-\w+\s+)*([A-Za-z_][A-Za-z0-9_]*)|\bfor\s+([A-Za-z_][A-Za-z0-9_]*)\s+in\b`)
	jobJWT   = regexp.MustCompile(`\bCI_JOB_JWT(_V[12])?\b`)
	ciBuild  = regexp.MustCompile(`\bCI_BUILD_[A-Z_]+\b`)
	stateAt  = regexp.MustCompile(`/terraform/state\b|\bTF_STATE_NAME\b|\bgitlab-(?:terraform|tofu)\b`)
	hostAt   = regexp.MustCompile(`(?:[a-z][a-z0-9+.-]*://(?:[^/\s@"']*@)?|\bgit@)([A-Za-z0-9][A-Za-z0-9.-]*[A-Za-z0-9])(?::\d+)?(?:[/\s"'),;\]}]|:[a-z_.~/]|$)`)
	blockKey = regexp.MustCompile(`^\s*["']?([A-Za-z_][A-Za-z0-9_]*)["']?\s*:`)
)

// scanText looks through the lines of every file for what no keyword names.
func (r *reader) scanText() {
	defined := r.definedNames()
	for _, file := range r.order {
		for i, line := range r.lines[file] {
			trimmed := strings.TrimSpace(line)
			if trimmed == "" || trimmed[0] == '#' {
				continue
			}
			m := scan.CIMention{File: file, Line: i + 1, Job: r.jobAt(file, i+1)}
			r.hostsIn(trimmed, m)
			r.tokenIn(trimmed, m)
			r.namesIn(trimmed, m, defined)
			for _, old := range []*regexp.Regexp{jobJWT, ciBuild} {
				if name := old.FindString(trimmed); name != "" {
					m.Kind, m.Value = scan.CIDeprecated, name
					r.mention(m)
				}
			}
			if what := stateAt.FindString(trimmed); what != "" {
				m.Kind, m.Value = scan.CITerraform, what
				r.mention(m)
			}
		}
	}
}

// hostsIn notes the source's hosts, other servers' hosts and IP addresses in a line.
func (r *reader) hostsIn(line string, m scan.CIMention) {
	lower := strings.ToLower(line)
	m.Own = true
	for _, host := range []string{r.about.Host, r.about.OwnHost, r.about.Registry, r.about.Pages} {
		if bare := bareHost(host); bare != "" && holdsHost(lower, bare, host == r.about.Pages) {
			m.Kind, m.Value = scan.CIHost, bare
			r.mention(m)
		}
	}
	m.Own = false
	for _, found := range hostAt.FindAllStringSubmatch(lower, -1) {
		host := found[1]
		if _, notIP := netip.ParseAddr(host); notIP == nil || r.own(host) || host == "localhost" || r.named[host] {
			continue
		}
		r.name(host)
		m.Kind, m.Value = scan.CIForeignHost, host
		r.mention(m)
	}
	for _, found := range ipv4.FindAllStringSubmatch(line, -1) {
		a, err := netip.ParseAddr(found[2])
		if err != nil || a.IsLoopback() || a.IsUnspecified() {
			continue
		}
		m.Kind, m.Value = scan.CIAddress, a.String()
		r.mention(m)
	}
}

// holdsHost reports whether a host stands in a text as a whole name, or for a
// Pages domain also as the end of one.
func holdsHost(text, host string, suffix bool) bool {
	for from := 0; ; {
		i := strings.Index(text[from:], host)
		if i < 0 {
			return false
		}
		i += from
		before, after := byte(' '), byte(' ')
		if i > 0 {
			before = text[i-1]
		}
		if i+len(host) < len(text) {
			after = text[i+len(host)]
		}
		if (!nameByte(before) || suffix && before == '.') && !nameByte(after) {
			return true
		}
		from = i + 1
	}
}

func nameByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '.' || c == '_'
}

// tokenIn notes what CI_JOB_TOKEN opens of other projects in a line.
func (r *reader) tokenIn(line string, m scan.CIMention) {
	m.Kind, m.Own = scan.CIJobToken, true
	for _, found := range tokenURL.FindAllStringSubmatch(line, -1) {
		target := strings.TrimSuffix(strings.TrimRight(found[2], "/,;)"), ".git")
		if r.isSelf(target) {
			continue
		}
		m.Value, m.Open = target, undecided(target)
		r.mention(m)
	}
	if !strings.Contains(line, "CI_JOB_TOKEN") {
		return
	}
	for _, found := range tokenAPI.FindAllStringSubmatch(line, -1) {
		target := found[1]
		if plain, err := url.PathUnescape(target); err == nil {
			target = plain
		}
		if r.isSelf(target) {
			continue
		}
		m.Value, m.Open = target, undecided(target)
		r.mention(m)
	}
}

// isSelf reports whether a path or id is written as the project's own.
func (r *reader) isSelf(target string) bool {
	for _, own := range []string{"CI_PROJECT_ID", "CI_PROJECT_PATH", "CI_PROJECT_NAMESPACE}/${CI_PROJECT_NAME", "CI_PROJECT_NAMESPACE/$CI_PROJECT_NAME"} {
		if strings.Contains(target, own) && strings.Trim(target, "${}") == own {
			return true
		}
	}
	return strings.EqualFold(target, r.about.Project)
}

// definedNames are the variables that the configuration itself gives a value, in
// a variables block, as a secret, an ID token, or anywhere in a script.
func (r *reader) definedNames() map[string]bool {
	defined := map[string]bool{}
	for _, file := range r.order {
		for _, line := range r.lines[file] {
			if m := blockKey.FindStringSubmatch(line); m != nil {
				defined[m[1]] = true
			}
			for _, m := range setName.FindAllStringSubmatch(line, -1) {
				for _, name := range m[1:] {
					if name != "" {
						defined[name] = true
					}
				}
			}
		}
	}
	return defined
}

// namesIn notes the variables that a line uses and that nothing here defines.
func (r *reader) namesIn(line string, m scan.CIMention, defined map[string]bool) {
	for _, found := range usedName.FindAllStringSubmatch(line, -1) {
		name := found[1] + found[2]
		if len(name) < 3 || name != strings.ToUpper(name) || defined[name] || predefined(name) {
			continue
		}
		// One mention a name: where it is used first.
		if !r.named["$"+name] {
			r.name("$" + name)
			m.Kind, m.Value = scan.CIVariable, name
			r.mention(m)
		}
	}
}

// name notes that a host or a variable was mentioned.
func (r *reader) name(what string) {
	if r.named == nil {
		r.named = map[string]bool{}
	}
	r.named[what] = true
}

// shellNames are set by the shell, the system or the runner.
var shellNames = strings.Fields("CI PATH HOME PWD OLDPWD USER LOGNAME SHELL HOSTNAME TMPDIR TEMP LANG RANDOM SECONDS UID GID IFS LINENO PPID KUBECONFIG TERM SHLVL USERPROFILE APPDATA PROGRAMFILES LASTEXITCODE")

// predefined reports whether GitLab, the runner or the shell itself gives the
// variable a value. Source: https://docs.gitlab.com/ci/variables/predefined_variables/
func predefined(name string) bool {
	for _, prefix := range []string{"CI_", "GITLAB_", "CHAT_", "RUNNER_", "FF_", "GIT_", "BASH", "TRIGGER_PAYLOAD", "KUBE_", "DOCKER_ENV_CI", "ARTIFACT_DOWNLOAD", "SECRET_DETECTION_", "SAST_", "DAST_", "AUTO_DEVOPS_", "SECURE_"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return slices.Contains(shellNames, name)
}

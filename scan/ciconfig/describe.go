package ciconfig

import (
	"slices"
	"strings"

	"readiness/scan"
)

// describe notes what the jobs, and the keywords beside them, mention.
func (r *reader) describe(config *node, jobs []job) {
	if config == nil {
		return
	}
	for _, key := range []string{"image", "services", "cache", "before_script", "after_script"} {
		if v := config.get(key); v != nil {
			r.note(scan.CIDeprecated, v, "global "+key, key)
		}
	}
	if v := config.get("types"); v != nil {
		r.note(scan.CIDeprecated, v, "types", "types")
	}
	for _, j := range jobs {
		r.describeJob(j)
	}
}

// note makes a mention at a node's place. Where the job's part comes from
// another file, that file is named.
func (r *reader) note(kind scan.CIKind, at *node, value, job string) {
	r.mention(scan.CIMention{Kind: kind, File: at.file, Line: at.line, Value: value, Job: job, Open: undecided(value)})
}

func (r *reader) describeJob(j job) {
	if v := j.get("image"); v != nil {
		r.image(scan.CIImage, v, j.name)
	}
	for _, v := range j.get("services").each() {
		r.image(scan.CIService, v, j.name)
	}
	for _, v := range j.get("tags").each() {
		if v.str() != "" {
			r.note(scan.CITag, v, v.str(), j.name)
		}
	}
	r.triggers(j)
	for _, v := range j.get("needs").each() {
		if p := v.get("project"); p != nil {
			r.mention(scan.CIMention{Kind: scan.CINeedsProject, File: p.file, Line: p.line, Value: strings.Trim(p.str(), "/"), Job: j.name, Own: true, Open: undecided(p.str())})
		}
	}
	if secrets := j.get("secrets"); secrets != nil {
		for _, s := range secrets.pairs {
			for _, provider := range s.value.pairs {
				if !slices.Contains([]string{"file", "token"}, provider.key) {
					r.mention(scan.CIMention{Kind: scan.CISecrets, File: s.value.file, Line: provider.line, Value: provider.key, Job: j.name})
				}
			}
		}
	}
	if tokens := j.get("id_tokens"); tokens != nil {
		for _, t := range tokens.pairs {
			audience := t.value.get("aud").each()
			for _, a := range audience {
				host, rest := hostAndPath(a.str())
				r.mention(scan.CIMention{Kind: scan.CIIDToken, File: a.file, Line: a.line, Value: host + rest, Job: j.name, Own: r.own(host), Open: undecided(a.str())})
			}
			if len(audience) == 0 {
				r.mention(scan.CIMention{Kind: scan.CIIDToken, File: t.value.file, Line: t.line, Value: t.key, Job: j.name})
			}
		}
	}
	if e := j.get("environment"); e != nil {
		name := e
		if e.kind == mapping {
			name = e.get("name")
			if k := e.get("kubernetes").get("namespace"); k != nil {
				r.note(scan.CIDeprecated, k, "environment:kubernetes:namespace", j.name)
			}
		}
		if name.str() != "" {
			r.note(scan.CIEnvironment, name, name.str(), j.name)
		}
	}
	r.deprecated(j)
	if p := j.get("pages"); j.name == "pages" && (p == nil || p.str() != "false") || p != nil && p.str() != "false" {
		r.mention(scan.CIMention{Kind: scan.CIPages, File: j.file, Line: j.line, Value: j.name, Job: j.name})
	}
	if t := j.get("artifacts").get("reports").get("terraform"); t != nil {
		r.note(scan.CITerraform, t, "artifacts:reports:terraform", j.name)
	}
}

func (r *reader) image(kind scan.CIKind, v *node, job string) {
	name := imageName(v)
	if name == "" {
		return
	}
	host := imageHost(name)
	at := v
	if n := v.get("name"); n != nil {
		at = n
	}
	r.mention(scan.CIMention{Kind: kind, File: at.file, Line: at.line, Value: withoutLogin(name), Job: job, Own: r.own(host) || ownVariable(name), Open: undecided(name)})
	if strings.Contains(name, "security-products/") || strings.Contains(name, "SECURE_ANALYZERS_PREFIX") {
		r.note(scan.CIScanner, at, withoutLogin(name), job)
	}
}

// children notes what the child pipelines that a job starts are made of, and
// returns the files of the repository among it.
func (r *reader) children(j job) (files []string) {
	for _, i := range r.includes(j.get("trigger").get("include").each(), j.name) {
		files = append(files, i.files...)
	}
	return files
}

// triggers notes the pipelines that a job starts in other projects.
func (r *reader) triggers(j job) {
	t := j.get("trigger")
	if t == nil {
		return
	}
	p := t
	if t.kind == mapping {
		p = t.get("project")
	}
	if p.str() != "" {
		r.mention(scan.CIMention{Kind: scan.CITrigger, File: p.file, Line: p.line, Value: strings.Trim(p.str(), "/"), Job: j.name, Own: true, Open: undecided(p.str())})
	}
}

// deprecated notes keywords of a job that GitLab deprecated or removed.
// Source: https://docs.gitlab.com/ci/yaml/deprecated_keywords/
func (r *reader) deprecated(j job) {
	for _, key := range []string{"only", "except", "type"} {
		if v := j.get(key); v != nil {
			r.note(scan.CIDeprecated, v, key, j.name)
		}
	}
	if v := j.get("publish"); v != nil {
		r.note(scan.CIDeprecated, v, "publish", j.name)
	}
	if v := j.get("artifacts").get("reports").get("cobertura"); v != nil {
		r.note(scan.CIDeprecated, v, "artifacts:reports:cobertura", j.name)
	}
}

package gitlabsim

import (
	"slices"
	"strings"

	"readiness/scan"
)

// ciConfig is a project's CI/CD configuration as it is written: the files and
// what they say. The truth is noted while a line is written, not read from it.
type ciConfig struct {
	text     string           // of the configuration's own file
	beside   []plantedFile    // the other files of the repository that belong to it
	locals   []scan.CIFile    // what it includes from its own repository, by path
	mentions []scan.CIMention // what it says that a migration may touch
	file     string           // being written
	line     int              // of file, the last one written
	job      string           // or keyword, being written
	first    string           // the first job of the merged configuration
	b        strings.Builder
}

// say writes a line and notes what it says.
func (c *ciConfig) say(line string, mentions ...scan.CIMention) {
	c.b.WriteString(line + "\n")
	c.line++
	if line[0] != ' ' {
		c.job, _, _ = strings.Cut(line, ":")
	}
	for _, m := range mentions {
		m.File, m.Line = c.file, c.line
		if m.Job == "" && m.Kind != scan.CIProblem {
			m.Job = c.job
		}
		c.mentions = append(c.mentions, m)
	}
}

// begin starts another file of the repository; end keeps it.
func (c *ciConfig) begin(path string) {
	c.file, c.line = path, 0
	c.b.Reset()
}

func (c *ciConfig) end() {
	text := c.b.String()
	c.beside = append(c.beside, plantedFile{c.file, text})
	c.locals = append(c.locals, scan.CIFile{Path: c.file, Size: int64(len(text))})
}

func says(kind scan.CIKind, value string) scan.CIMention {
	return scan.CIMention{Kind: kind, Value: value}
}

// own is a mention of something on the instance itself.
func own(kind scan.CIKind, value string) scan.CIMention {
	return scan.CIMention{Kind: kind, Value: value, Own: true}
}

// ciConfig writes the configuration at ciFilePath.
func (w *World) ciConfig(p *Project) *ciConfig {
	c := &ciConfig{mentions: []scan.CIMention{}, locals: []scan.CIFile{}}
	root := w.ciFilePath(p)
	switch {
	case root == "":
		if elsewhere, outside := w.ciElsewhere(p); outside {
			c.mentions = append(c.mentions, elsewhere)
		}
		return c
	case w.cfg.Sound:
		c.begin(root)
		w.soundCI(p, c)
	default:
		w.ciBeside(p, c)
		c.begin(root)
		w.ciRoot(p, c)
	}
	c.text = c.b.String()
	slices.SortFunc(c.locals, func(a, b scan.CIFile) int { return strings.Compare(a.Path, b.Path) })
	return c
}

// ciElsewhere is what the path of a configuration outside the repository says.
func (w *World) ciElsewhere(p *Project) (scan.CIMention, bool) {
	if p.Empty {
		return scan.CIMention{}, false
	}
	m := own(scan.CIConfigElsewhere, p.CIConfigPath)
	if _, address, isURL := strings.Cut(p.CIConfigPath, "://"); isURL {
		m.Value, m.Own = address, strings.HasPrefix(address, w.host+"/")
		return m, true
	}
	return m, strings.Contains(p.CIConfigPath, "@")
}

// ciTarget is the path of a project that others share: one of the first of the
// world, or sometimes one that is not there.
func (w *World) ciTarget(d draw) string {
	if d.chance(15) {
		return w.groupPath(0) + "/" + pick(d.again(1), []string{"ci-templates", "deploy", "retired/base"})
	}
	group, _, position := w.place(d.again(2).below(min(w.projects, 9)))
	if group < 0 {
		return w.groupPath(0) + "/ci-templates"
	}
	return w.groupFullPath(group) + "/" + w.projectPath(group, -1, position)
}

// includes reports whether a configuration includes anything.
func (w *World) ciIncludes(p *Project) bool {
	return w.cfg.Positive || w.draw(ofProject, p.index, "ci-text").chance(35)
}

// ciLocalShape is which of the ways of including local files the configuration
// has; -1 for none.
func (w *World) ciLocalShape(p *Project) int {
	if !w.ciIncludes(p) {
		return -1
	}
	return w.draw(ofProject, p.index, "ci-locals").weighted(50, 20, 20, 10)
}

// ciChild reports whether the configuration starts a child pipeline from a file of
// the repository.
func (w *World) ciChild(p *Project) bool {
	return w.draw(ofProject, p.index, "ci-child").chance(6)
}

// ciBeside writes the files that the configuration includes.
func (w *World) ciBeside(p *Project, c *ciConfig) {
	c.first = "build"
	jobs := func(path, job string) {
		c.begin(path)
		c.say(job + ":")
		c.say("  script:")
		c.say("    - make " + job)
		c.end()
	}
	if w.ciChild(p) {
		c.begin("ci/child.yml")
		c.say("child:")
		c.say("  tags: [child-only]", says(scan.CITag, "child-only"))
		c.say("  script:")
		c.say("    - make child")
		c.end()
	}
	switch w.ciLocalShape(p) {
	case 0:
		jobs("ci/jobs.yml", "lint")
		c.first = "lint"
	case 1: // which includes another, and that one the first again
		c.begin("ci/more.yml")
		c.say("include: /ci/deep/base.yml", says(scan.CIIncludeLocal, "/ci/deep/base.yml"), says(scan.CIProblem, "the file includes itself"))
		c.say("lint:")
		c.say("  script:")
		c.say("    - make lint")
		c.end()
		c.begin("ci/deep/base.yml")
		c.say("include:")
		c.say("  - /ci/more.yml", says(scan.CIIncludeLocal, "/ci/more.yml"))
		c.say(".base:")
		c.say("  tags: [docker]")
		c.say("  script:")
		c.say("    - !reference [lint, script]")
		c.end()
		c.first = "lint"
	case 2:
		jobs("ci/parts/a.yml", "a")
		jobs("ci/parts/b.yml", "b")
		c.beside = append(c.beside, plantedFile{"ci/parts/README", "jobs\n"})
		c.first = "a"
	case 3:
		c.locals = append(c.locals, scan.CIFile{Path: "ci/gone.yml", Missing: true})
	}
}

// ciRoot writes the configuration itself.
func (w *World) ciRoot(p *Project, c *ciConfig) {
	d := w.draw(ofProject, p.index, "ci-text")
	registry := "registry." + w.host
	if w.ciIncludes(p) {
		w.ciIncluded(p, c, d)
	}
	c.say("stages: [build, test, deploy]")
	if d.again(4).chance(40) {
		c.say("variables:")
		c.say("  GIT_DEPTH: \"20\"")
		c.say("  IMAGE: "+registry+"/"+p.FullPath+":latest", own(scan.CIHost, registry))
	}
	image := pick(d.again(5), []string{"golang:1.24", "node:22", "maven:3-eclipse-temurin-21", registry + "/platform/ci/base:2"})
	mention := scan.CIMention{Kind: scan.CIImage, Value: image, Job: c.first}
	said := []scan.CIMention{mention}
	if strings.HasPrefix(image, registry) {
		said[0].Own = true
		said = append(said, own(scan.CIHost, registry))
	}
	if d.again(10).chance(60) {
		c.say("default:")
		c.say("  image: "+image, said...)
	} else {
		c.say("image: "+image, append(said, says(scan.CIDeprecated, "global image"))...)
	}
	c.say("build:")
	c.say("  stage: build")
	c.say("  script:")
	c.say("    - make build")
	if d.again(6).chance(45) {
		tag := pick(d.again(7), []string{"docker", "windows", "gpu", "shell-prod"})
		c.say("  tags: ["+tag+"]", says(scan.CITag, tag))
	}
	c.say("test:")
	c.say("  stage: test")
	if d.again(11).chance(12) {
		c.say("  only: [main, merge_requests]", says(scan.CIDeprecated, "only"))
	}
	if d.again(12).chance(10) {
		needed := w.ciTarget(d.again(13))
		c.say("  needs:")
		c.say("    - project: "+needed, own(scan.CINeedsProject, needed))
		c.say("      job: build")
		c.say("      ref: main")
		c.say("      artifacts: true")
	}
	c.say("  script:")
	c.say("    - make test")
	c.say("  artifacts:")
	c.say("    expire_in: 1 week")
	c.say("    paths: [out/]")
	w.ciDeploys(p, c, d)
	if w.ciChild(p) {
		c.say("children:")
		c.say("  trigger:")
		c.say("    include: ci/child.yml", says(scan.CIIncludeLocal, "ci/child.yml"))
	}
	if d.again(20).chance(3) {
		c.say("legacy: run", says(scan.CIProblem, "job legacy is no mapping"))
	}
}

// ciIncluded writes what the configuration includes.
func (w *World) ciIncluded(p *Project, c *ciConfig, d draw) {
	c.say("include:")
	if d.again(1).chance(50) {
		templates := w.ciTarget(d.again(21))
		c.say("  - project: "+templates, own(scan.CIIncludeProject, templates))
		c.say("    ref: main")
		c.say("    file: /base.yml")
	}
	if d.again(2).chance(40) {
		const sast = "Jobs/SAST.gitlab-ci.yml"
		c.say("  - template: "+sast, says(scan.CIIncludeTemplate, sast), says(scan.CIScanner, sast))
	}
	if d.again(3).chance(15) {
		const host = "raw.example.com"
		c.say("  - remote: https://reader:"+w.Canary()+"@"+host+"/ci/common.yml?private_token="+w.Canary(),
			says(scan.CIIncludeRemote, host+"/ci/common.yml"), says(scan.CIForeignHost, host))
	}
	if d.again(22).chance(10) {
		at := w.host + "/" + w.groupPath(0) + "/shared/-/raw/main/ci.yml"
		c.say("  - remote: https://"+at, own(scan.CIIncludeRemote, at), own(scan.CIHost, bare(w.host)))
	}
	if d.again(23).chance(12) {
		name := w.ciTarget(d.again(24)) + "/lint@1.2.0"
		literal, variable := own(scan.CIIncludeComponent, w.host+"/"+name), own(scan.CIIncludeComponent, "$CI_SERVER_FQDN/"+name)
		if d.again(25).chance(50) {
			c.say("  - component: "+literal.Value, literal, own(scan.CIHost, bare(w.host)))
		} else {
			variable.Open = true
			c.say("  - component: "+variable.Value, variable)
		}
	}
	switch w.ciLocalShape(p) {
	case 0:
		c.say("  - local: /ci/jobs.yml", says(scan.CIIncludeLocal, "/ci/jobs.yml"))
	case 1:
		c.say("  - local: ci/more.yml", says(scan.CIIncludeLocal, "ci/more.yml"))
	case 2:
		c.say("  - local: '/ci/parts/*.yml'", says(scan.CIIncludeLocal, "/ci/parts/*.yml"))
	case 3:
		c.say("  - /ci/gone.yml", says(scan.CIIncludeLocal, "/ci/gone.yml"), says(scan.CIProblem, "the included file ci/gone.yml is not in the repository"))
	}
}

// ciDeploys writes the jobs that reach beyond the project.
func (w *World) ciDeploys(p *Project, c *ciConfig, d draw) {
	if d.again(8).chance(30) {
		down := w.ciTarget(d.again(26))
		c.say("trigger downstream:")
		c.say("  stage: deploy")
		c.say("  trigger:")
		c.say("    project: "+down, own(scan.CITrigger, down))
		c.say("    strategy: depend")
	}
	if d.again(9).chance(35) {
		c.say("deploy:")
		c.say("  stage: deploy")
		c.say("  environment: production", says(scan.CIEnvironment, "production"))
		if d.again(14).chance(15) {
			c.say("  id_tokens:")
			c.say("    CLOUD:")
			c.say("      aud: https://sts.example.net", says(scan.CIIDToken, "sts.example.net"), says(scan.CIForeignHost, "sts.example.net"))
		}
		if d.again(15).chance(10) {
			c.say("  secrets:")
			c.say("    PASSWORD:")
			c.say("      vault: production/db/password@ops", says(scan.CISecrets, "vault"))
		}
		c.say("  script:")
		c.say("    - curl --fail https://"+w.host+"/api/v4/version", own(scan.CIHost, bare(w.host)))
		if d.again(16).chance(12) {
			lib := w.ciTarget(d.again(27))
			said := []scan.CIMention{own(scan.CIHost, bare(w.host))}
			if lib != p.FullPath { // a job's token always opens its own project
				said = append(said, own(scan.CIJobToken, lib))
			}
			c.say("    - git clone https://gitlab-ci-token:${CI_JOB_TOKEN}@"+w.host+"/"+lib+".git", said...)
		}
		if d.again(17).chance(8) {
			c.say("    - ping -c 1 10.20.30.40", says(scan.CIAddress, "10.20.30.40"))
		}
		if d.again(18).chance(20) {
			c.say("    - publish --key \"$DEPLOY_KEY\"", says(scan.CIVariable, "DEPLOY_KEY"))
		}
	}
	if d.again(19).chance(8) {
		c.say("pages:", says(scan.CIPages, "pages"))
		c.say("  stage: deploy")
		c.say("  script:")
		c.say("    - make site")
	}
}

// bare is a host without its port.
func bare(host string) string {
	host, _, _ = strings.Cut(host, ":")
	return host
}

// soundCI writes a configuration that nothing in a migration touches, but for
// what the planted rule breaks in that of the first project.
func (w *World) soundCI(p *Project, c *ciConfig) {
	c.say("stages: [build]")
	if f := plants[w.cfg.Plant].ci; f != nil && p.index == 0 {
		f(w, c)
	}
	c.say("build:")
	c.say("  stage: build")
	c.say("  script:")
	c.say("    - make build")
}

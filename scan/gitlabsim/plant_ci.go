package gitlabsim

import (
	"fmt"

	"readiness/scan"
)

// What the first project's files say where a rule about them is broken. The job
// of a keyword outside jobs is the keyword.

func plantCI(lines func(*World, *ciConfig)) plant { return plant{ci: lines} }

// absent is a project that is not in the world.
func (w *World) absent() string { return "retired/base" }

var ciPlants = map[string]plant{
	"ci-hard-coded-source-host-or-ip": plantCI(func(w *World, c *ciConfig) {
		c.say("variables:")
		c.say("  API: https://"+w.host+"/api/v4", own(scan.CIHost, bare(w.host)))
	}),
	"ci-include-project": plantCI(func(w *World, c *ciConfig) {
		c.say("include:")
		c.say("  - project: "+w.absent(), own(scan.CIIncludeProject, w.absent()))
		c.say("    file: /base.yml")
	}),
	"ci-include-remote": plantCI(func(w *World, c *ciConfig) {
		c.say("include: https://raw.example.com/ci.yml", says(scan.CIIncludeRemote, "raw.example.com/ci.yml"), says(scan.CIForeignHost, "raw.example.com"))
	}),
	"ci-include-local-and-reference": plantCI(func(_ *World, c *ciConfig) {
		c.say("include: /ci/gone.yml", says(scan.CIIncludeLocal, "/ci/gone.yml"), says(scan.CIProblem, "the included file ci/gone.yml is not in the repository"))
		c.locals = append(c.locals, scan.CIFile{Path: "ci/gone.yml", Missing: true})
	}),
	"ci-component-host-literal": plantCI(func(_ *World, c *ciConfig) {
		c.say("include:")
		c.say("  - component: gitlab.com/components/sast/sast@2.0", says(scan.CIIncludeComponent, "gitlab.com/components/sast/sast@2.0"))
	}),
	"ci-image-from-source-registry": plantCI(func(w *World, c *ciConfig) {
		image := "registry." + w.host + "/" + w.absent() + "/go:1"
		m := own(scan.CIImage, image)
		m.Job = "build"
		c.say("default:")
		c.say("  image: "+image, m, own(scan.CIHost, "registry."+bare(w.host)))
	}),
	"ci-cross-project-pipelines": plantCI(func(w *World, c *ciConfig) {
		c.say("downstream:")
		c.say("  trigger: "+w.absent(), own(scan.CITrigger, w.absent()))
	}),
	"ci-deprecated-keywords": plantCI(func(_ *World, c *ciConfig) {
		c.say("before_script: [make tools]", says(scan.CIDeprecated, "global before_script"))
	}),
	"ci-variables-undefined": plantCI(func(_ *World, c *ciConfig) {
		c.say("deploy:")
		c.say("  script: [make deploy KEY=$DEPLOY_KEY]", says(scan.CIVariable, "DEPLOY_KEY"))
	}),
	"ci-oidc-trust": plantCI(func(_ *World, c *ciConfig) {
		c.say("deploy:")
		c.say("  id_tokens:")
		c.say("    CLOUD:")
		c.say("      aud: sts.example.net", says(scan.CIIDToken, "sts.example.net"))
		c.say("  script: [make deploy]")
	}),
	"runners-tags-without-match": plantCI(func(_ *World, c *ciConfig) {
		c.say("test:")
		c.say("  tags: [mainframe]", says(scan.CITag, "mainframe"))
		c.say("  script: [make test]")
	}),
	"air-gap-external-dependencies": plantCI(func(_ *World, c *ciConfig) {
		m := says(scan.CIImage, "golang:1.24")
		m.Job = "build"
		c.say("default:")
		c.say("  image: golang:1.24", m)
	}),
	"air-gap-scanners-and-licence": plantCI(func(_ *World, c *ciConfig) {
		const sast = "Jobs/SAST.gitlab-ci.yml"
		c.say("include:")
		c.say("  - template: "+sast, says(scan.CIIncludeTemplate, sast), says(scan.CIScanner, sast))
	}),
	"projects-absolute-references": {files: func(w *World, f *RepoFiles) []plantedFile {
		f.Submodules = []scan.Submodule{{Path: "lib", Host: w.host, Target: w.absent()}}
		return []plantedFile{{".gitmodules", fmt.Sprintf("[submodule \"lib\"]\n\tpath = lib\n\turl = https://%s/%s.git\n", w.host, w.absent())}}
	}},
	"scope-cross-wave-dependencies": {files: func(w *World, f *RepoFiles) []plantedFile {
		f.Submodules = []scan.Submodule{{Path: "lib", Target: "../../" + w.absent(), Relative: true}}
		return []plantedFile{{".gitmodules", fmt.Sprintf("[submodule \"lib\"]\n\tpath = lib\n\turl = ../../%s.git\n", w.absent())}}
	}},
	"packages-addresses-and-scopes": {files: func(w *World, f *RepoFiles) []plantedFile {
		f.Addresses = []scan.PackageAddress{{File: ".npmrc", Line: 1, Kind: scan.AddressEndpoint, Value: "projects/1/packages/npm"}}
		return []plantedFile{{".npmrc", fmt.Sprintf("registry=https://%s/api/v4/projects/1/packages/npm/\n", w.host)}}
	}},
	"ci-job-token-access": plantCI(func(w *World, c *ciConfig) {
		c.say("fetch:")
		c.say("  script: git clone https://gitlab-ci-token:${CI_JOB_TOKEN}@${CI_SERVER_HOST}/"+w.absent()+".git", own(scan.CIJobToken, w.absent()))
	}),
	"lfs-foreign-lfs-url": {files: func(w *World, f *RepoFiles) []plantedFile {
		f.LFSHosts = []string{"lfs.example.net"}
		return []plantedFile{{".lfsconfig", "[lfs]\n\turl = https://lfs.example.net/acme\n"}}
	}},
}

package repofiles

import (
	"regexp"
	"strings"

	"readiness/scan"
)

// AddressPaths are the files, in a repository's root or where their tools look
// for them, that say where packages come from and go to.
func AddressPaths() []string {
	return []string{".npmrc", "package.json", ".yarnrc.yml", "pip.conf", "requirements.txt", "nuget.config", "NuGet.Config", "composer.json", "Gemfile",
		"settings.xml", "ci_settings.xml", ".m2/settings.xml"}
}

// maxAddresses is how many mentions are kept of one project's files.
const maxAddresses = 100

var (
	endpoint = regexp.MustCompile(`/api/v4/((?:projects|groups)/[^/\s"'<>]{1,120}/(?:-/)?packages/[a-z]+)`)
	// A scope's registry in .npmrc, and the name of a package.
	npmScope    = regexp.MustCompile(`^\s*(@[a-z0-9][a-z0-9._-]{0,99}):registry\s*=`)
	packageName = regexp.MustCompile(`^\s*"name"\s*:\s*"(@[a-z0-9][a-z0-9._-]{0,99})/`)
)

// Addresses lists what a file of AddressPaths says that ties packages to the
// source: its hosts, endpoints with the number of a project or group, npm scopes.
// hosts are those of the instance, without ports; nothing else of a line is kept.
func Addresses(file, text string, hosts ...string) []scan.PackageAddress {
	var found []scan.PackageAddress
	add := func(line int, kind scan.AddressKind, value string) {
		if len(found) < maxAddresses {
			found = append(found, scan.PackageAddress{File: file, Line: line, Kind: kind, Value: value})
		}
	}
	n := 0
	for line := range strings.Lines(text) {
		n++
		if m := npmScope.FindStringSubmatch(line); m != nil && strings.HasSuffix(file, ".npmrc") {
			add(n, scan.AddressScope, m[1])
		}
		if m := packageName.FindStringSubmatch(line); m != nil && strings.HasSuffix(file, "package.json") {
			add(n, scan.AddressScope, m[1])
		}
		lower := strings.ToLower(line)
		for _, host := range hosts {
			if host == "" || !names(lower, strings.ToLower(host)) {
				continue
			}
			if m := endpoint.FindStringSubmatch(line); m != nil {
				add(n, scan.AddressEndpoint, m[1])
			} else {
				add(n, scan.AddressHost, strings.ToLower(host))
			}
			break
		}
	}
	return found
}

// names reports whether a host stands in a text as a whole name.
func names(text, host string) bool {
	part := func(c byte) bool {
		return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '.' || c == '_'
	}
	for from := 0; ; {
		i := strings.Index(text[from:], host)
		if i < 0 {
			return false
		}
		i += from
		end := i + len(host)
		if (i == 0 || !part(text[i-1])) && (end == len(text) || !part(text[end])) {
			return true
		}
		from = i + 1
	}
}

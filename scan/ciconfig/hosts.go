package ciconfig

import "strings"

// hostAndPath takes an address apart, without user name, password, query and
// fragment. What is no address is returned as a path.
func hostAndPath(address string) (host, rest string) {
	_, after, isURL := strings.Cut(address, "://")
	if !isURL {
		return "", withoutLogin(address)
	}
	after, _, _ = strings.Cut(after, "#")
	after, _, _ = strings.Cut(after, "?")
	host, rest, found := strings.Cut(after, "/")
	if i := strings.LastIndexByte(host, '@'); i >= 0 {
		host = host[i+1:]
	}
	if found {
		rest = "/" + rest
	}
	return strings.ToLower(host), rest
}

// withoutLogin drops what stands before an @ in the first part of a reference,
// which may be a login; a digest comes after the name.
func withoutLogin(reference string) string {
	if _, after, isURL := strings.Cut(reference, "://"); isURL {
		host, rest := hostAndPath("x://" + after)
		return host + rest
	}
	first, rest, found := strings.Cut(reference, "/")
	if i := strings.LastIndexByte(first, '@'); i >= 0 && found {
		first = first[i+1:]
	}
	if found {
		return first + "/" + rest
	}
	return reference
}

// imageHost is the registry that an image reference names, or "" for Docker Hub.
// Source: https://github.com/distribution/reference/blob/main/normalize.go
func imageHost(name string) string {
	name = withoutLogin(name)
	first, _, found := strings.Cut(name, "/")
	if !found || !strings.ContainsAny(first, ".:") && first != "localhost" {
		return ""
	}
	return strings.ToLower(first)
}

// own reports whether a host is the instance's, its registry's or lies in its
// Pages domain.
func (r *reader) own(host string) bool {
	if host == "" {
		return false
	}
	host = bareHost(host)
	pages := bareHost(r.about.Pages)
	return host == bareHost(r.about.Host) || host == bareHost(r.about.OwnHost) || host == bareHost(r.about.Registry) ||
		pages != "" && (host == pages || strings.HasSuffix(host, "."+pages))
}

// bareHost is a host in lower case and without a port.
func bareHost(host string) string {
	host, _, _ = strings.Cut(strings.ToLower(host), ":")
	return host
}

// ownVariable reports whether an image is named through a variable that stands
// for the instance's registry or dependency proxy.
// Source: https://docs.gitlab.com/ci/variables/predefined_variables/
func ownVariable(image string) bool {
	return strings.HasPrefix(image, "$CI_REGISTRY") || strings.HasPrefix(image, "${CI_REGISTRY") ||
		strings.HasPrefix(image, "$CI_DEPENDENCY_PROXY_") || strings.HasPrefix(image, "${CI_DEPENDENCY_PROXY_")
}

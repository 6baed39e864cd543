package repofiles

import (
	"reflect"
	"strings"
	"testing"

	"readiness/scan"
)

func TestAddresses(t *testing.T) {
	at := func(file string, line int, kind scan.AddressKind, value string) scan.PackageAddress {
		return scan.PackageAddress{File: file, Line: line, Kind: kind, Value: value}
	}
	for name, c := range map[string]struct {
		file, text string
		want       []scan.PackageAddress
	}{
		"npm": {".npmrc", "# x\n@acme:registry=https://gitlab.example.com/api/v4/packages/npm/\n//gitlab.example.com/api/v4/projects/42/packages/npm/:_authToken=SECRET\nregistry=https://registry.npmjs.org\n",
			[]scan.PackageAddress{at(".npmrc", 2, scan.AddressScope, "@acme"), at(".npmrc", 2, scan.AddressHost, "gitlab.example.com"), at(".npmrc", 3, scan.AddressEndpoint, "projects/42/packages/npm")}},
		"package":      {"package.json", "{\n  \"name\": \"@acme/tool\",\n  \"publishConfig\": {\"registry\": \"https://GitLab.example.com/\"}\n}\n", []scan.PackageAddress{at("package.json", 2, scan.AddressScope, "@acme"), at("package.json", 3, scan.AddressHost, "gitlab.example.com")}},
		"maven":        {"ci_settings.xml", "<url>https://user:SECRET@gitlab.example.com:8443/api/v4/groups/acme%2Flib/-/packages/maven</url>\n", []scan.PackageAddress{at("ci_settings.xml", 1, scan.AddressEndpoint, "groups/acme%2Flib/-/packages/maven")}},
		"another host": {"pip.conf", "index-url = https://notgitlab.example.com/ https://gitlab.example.com.evil.org/\n", nil},
		"by variable":  {"pip.conf", "index-url = ${CI_API_V4_URL}/projects/${CI_PROJECT_ID}/packages/pypi/simple\n", nil},
	} {
		got := Addresses(c.file, c.text, "gitlab.example.com", "")
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v\nwant %+v", name, got, c.want)
		}
		for _, a := range got {
			if strings.Contains(a.Value, "SECRET") {
				t.Errorf("%s: %+v", name, a)
			}
		}
	}
}

func FuzzAddresses(f *testing.F) {
	f.Add(".npmrc", "//gitlab.example.com/api/v4/projects/1/packages/npm/:_authToken=x")
	f.Fuzz(func(t *testing.T, file, text string) {
		for _, a := range Addresses(file, text, "gitlab.example.com") {
			if a.Value == "" || len(a.Value) > 300 || strings.ContainsAny(a.Value, "\n\t \"'") || a.Line < 1 {
				t.Errorf("%+v", a)
			}
		}
	})
}

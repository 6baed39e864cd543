package scan

import (
	"fmt"
	"slices"
	"testing"
)

func TestDependencies(t *testing.T) {
	p := &Project{Path: "acme/app"}
	mention := func(kind CIKind, value string) {
		p.CIMentions.Items = append(p.CIMentions.Items, CIMention{Kind: kind, File: "x.yml", Line: len(p.CIMentions.Items) + 1, Value: value, Own: true, Open: slices.Contains([]byte(value), '$')})
	}
	mention(CIIncludeProject, "platform/templates")
	mention(CIIncludeProject, "$GROUP/templates")
	mention(CITrigger, "Acme/App") // itself
	mention(CITrigger, "platform/deploy")
	mention(CINeedsProject, "platform/lib")
	mention(CIJobToken, "platform/lib")
	mention(CIJobToken, "42")
	mention(CIConfigElsewhere, "ci/main.yml@platform/ci")
	mention(CIConfigElsewhere, "gitlab.example.com/platform/ci/-/raw/main/ci.yml")
	mention(CIIncludeRemote, "gitlab.example.com/platform/old/raw/main/ci.yml")
	mention(CIIncludeRemote, "gitlab.example.com/help.yml")
	mention(CIIncludeComponent, "gitlab.example.com/platform/components/lint@1.0")
	mention(CIIncludeComponent, "$CI_SERVER_FQDN/platform/components/test@~latest")
	mention(CIImage, "registry.example.com:5050/platform/go/build:1.24")
	mention(CIImage, "$CI_REGISTRY/platform/node@sha256:00")
	mention(CIImage, "$CI_REGISTRY_IMAGE/own:1")
	mention(CIService, "$CI_DEPENDENCY_PROXY_GROUP_IMAGE_PREFIX/postgres:16")
	mention(CIHost, "gitlab.example.com")
	p.CIMentions.Items = append(p.CIMentions.Items, CIMention{Kind: CIImage, Value: "quay.io/a/b"})
	p.Submodules = Listed([]Submodule{{Path: "a", Target: "../common", Relative: true}, {Path: "b", Host: "gitlab.example.com:2222", Target: "platform/tool"},
		{Path: "c", Host: "github.com", Target: "a/b"}, {Path: "d", Target: "srv/git/x"}, {Path: "e", Target: "../../../x", Relative: true}})
	p.ForkedFrom = Known[ID](7)
	p.ID = 5
	p.PackageAddresses = Listed([]PackageAddress{{File: ".npmrc", Line: 3, Kind: AddressEndpoint, Value: "projects/42/packages/npm"}, {Kind: AddressEndpoint, Value: "projects/5/packages/npm"},
		{File: "pip.conf", Line: 1, Kind: AddressEndpoint, Value: "projects/platform%2Flib/packages/pypi"}, {Kind: AddressEndpoint, Value: "groups/9/-/packages/npm"},
		{Kind: AddressEndpoint, Value: "projects/${ID}/packages/npm"}, {Kind: AddressHost, Value: "gitlab.example.com"}})
	p.JobTokenAllowed = Listed([]Allowed{{Path: "platform/lib"}, {Path: "tools", Group: true}})
	var got []string
	for _, d := range Dependencies(p, "gitlab.example.com") {
		got = append(got, fmt.Sprintf("%s %s %d %s:%d", d.Kind, d.To, d.ToID, d.File, d.Line))
	}
	want := []string{"include platform/templates 0 x.yml:1", "trigger platform/deploy 0 x.yml:4", "artifacts platform/lib 0 x.yml:5", "job-token platform/lib 0 x.yml:6",
		"job-token  42 x.yml:7", "config platform/ci 0 x.yml:8", "config platform/ci 0 x.yml:9", "include platform/old 0 x.yml:10",
		"component platform/components 0 x.yml:12", "component platform/components 0 x.yml:13", "image platform/go/build 0 x.yml:14", "image platform/node 0 x.yml:15",
		"submodule acme/common 0 .gitmodules:0", "submodule platform/tool 0 .gitmodules:0", "packages  42 .npmrc:3", "packages platform/lib 0 pip.conf:1", "allowlist platform/lib 0 :0", "allowlist tools 0 :0", "fork  7 :0"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

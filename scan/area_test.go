package scan

import (
	"slices"
	"testing"
)

// Every area has facts, and every area is one that can be chosen.
func TestEveryFactHasAnArea(t *testing.T) {
	facts := map[Area]int{}
	for _, e := range Catalog() {
		if !slices.Contains(Areas(), e.Area()) {
			t.Errorf("%s: area %q", e.ID, e.Area())
		}
		facts[e.Area()]++
	}
	for _, a := range Areas() {
		if facts[a] == 0 {
			t.Errorf("no fact is in the area %s", a)
		}
	}
	for id, want := range map[FactID]Area{
		"project.cicd-variables": AreaCI, "project.protected-branches": AreaCode, "project.container-registry": AreaRegistries,
		"project.package-registry": AreaPackages, "project.webhooks": AreaIntegrations, "project.members": AreaMembers,
		"project.issues": AreaWorkItems, "project.vulnerabilities": AreaSecurity, "project.pages-domains": AreaPages,
		"project.deploy-keys": AreaTokens, "instance.runners": AreaRunners, "project.environments": AreaOperations,
		"instance.maintenance-mode": AreaSettings, "user.email": AreaMembers,
	} {
		if e, _ := Lookup(id); e.Area() != want {
			t.Errorf("%s is in the area %s, not %s", id, e.Area(), want)
		}
	}
}

func TestSelect(t *testing.T) {
	if got := Select(nil, nil); got != nil {
		t.Errorf("without a choice: %s", got)
	}
	if got := Select([]Area{AreaCode, AreaCI}, []Area{AreaCI}); !slices.Equal(got, []Area{AreaCode}) {
		t.Errorf("code and ci without ci: %s", got)
	}
	if got := Select(nil, []Area{AreaCI}); len(got) != len(Areas())-1 || slices.Contains(got, AreaCI) {
		t.Errorf("all without ci: %s", got)
	}
	if got := Select([]Area{AreaCI}, []Area{AreaCI}); got == nil || len(got) != 0 {
		t.Errorf("ci without ci: %v", got)
	}
}

func TestNotAsked(t *testing.T) {
	s := Scope{Depth: Standard, Areas: []Area{AreaCI}}
	for id, cure := range map[FactID]string{
		"project.cicd-variables": "", "project.visibility": "", "project.repository-size": "",
		"project.issues": "a scan whose --only and --skip let in the area work-items", "project.branches": "--depth deep",
	} {
		g, left := s.NotAsked(id)
		if left != (cure != "") || g.Cure != cure || left && (g.Reason != ReasonNotAsked || g.Endpoint == "") {
			t.Errorf("%s: %v, %+v", id, left, g)
		}
	}
}

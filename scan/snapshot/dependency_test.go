package snapshot

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"readiness/scan"
)

// The view of dependencies tells what scan.Dependencies draws from the facts.
func TestDependencyView(t *testing.T) {
	app, lib := project(1), project(2)
	app.Path, lib.Path = "acme/app", "Platform/Lib"
	var mentions []scan.CIMention
	for i, m := range []scan.CIMention{
		{Kind: scan.CIIncludeProject, Value: "platform/lib", Own: true},
		{Kind: scan.CIIncludeProject, Value: "$GROUP/lib", Own: true, Open: true},
		{Kind: scan.CITrigger, Value: "Acme/App", Own: true},
		{Kind: scan.CITrigger, Value: "platform/deploy", Own: true},
		{Kind: scan.CINeedsProject, Value: "platform/lib", Own: true},
		{Kind: scan.CIJobToken, Value: "platform/lib", Own: true},
		{Kind: scan.CIJobToken, Value: "2", Own: true},
		{Kind: scan.CIConfigElsewhere, Value: "ci/main.yml@platform/ci", Own: true},
		{Kind: scan.CIConfigElsewhere, Value: "gitlab.example.com/platform/ci/-/raw/main/ci.yml", Own: true},
		{Kind: scan.CIIncludeRemote, Value: "gitlab.example.com/platform/old/raw/main/ci.yml", Own: true},
		{Kind: scan.CIIncludeRemote, Value: "gitlab.example.com/help.yml", Own: true},
		{Kind: scan.CIIncludeRemote, Value: "example.org/a/b/-/raw/main/ci.yml"},
		{Kind: scan.CIIncludeComponent, Value: "gitlab.example.com/platform/components/lint@1.0", Own: true},
		{Kind: scan.CIIncludeComponent, Value: "$CI_SERVER_FQDN/platform/components/test@~latest", Own: true, Open: true},
		{Kind: scan.CIImage, Value: "registry.example.com:5050/platform/lib/go/build:1.24", Own: true},
		{Kind: scan.CIImage, Value: "$CI_REGISTRY/platform/node@sha256:00", Own: true, Open: true},
		{Kind: scan.CIImage, Value: "$CI_REGISTRY_IMAGE/own:1", Own: true, Open: true},
		{Kind: scan.CIService, Value: "registry.example.com/platform/lib", Own: true},
		{Kind: scan.CIHost, Value: "gitlab.example.com", Own: true},
	} {
		m.File, m.Line = "x.yml", i+1
		mentions = append(mentions, m)
	}
	app.CIMentions = scan.Listed(mentions)
	app.Submodules = scan.Listed([]scan.Submodule{{Path: "a", Target: "../common", Relative: true}, {Path: "b", Host: "GitLab.example.com:2222", Target: "platform/tool"},
		{Path: "c", Host: "github.com", Target: "a/b"}, {Path: "d", Target: "srv/git/x"}, {Path: "e", Target: "../../../x", Relative: true}, {Path: "f", Target: "../../platform/lib", Relative: true}})
	app.ForkedFrom = scan.Known[scan.ID](2)
	lib.ForkedFrom = scan.Missing[scan.ID](scan.Gap{Reason: scan.ReasonForbidden})
	lib.CIMentions = scan.Cut([]scan.CIMention{{Kind: scan.CITrigger, File: "y.yml", Line: 3, Value: "acme/app", Own: true}}, scan.Gap{Reason: scan.ReasonTruncated})
	path := filepath.Join(t.TempDir(), "s.db")
	r := begin(t, path)
	for _, part := range []scan.Part{scan.PartListing, scan.PartWide} {
		must(t, r.Commit(part, []scan.Subject{partOf(app, part), partOf(lib, part)}, nil))
	}
	must(t, r.Close())

	var want []string
	for _, p := range []*scan.Project{app, lib} {
		for _, d := range scan.Dependencies(p, "gitlab.example.com") {
			inside := map[string]string{"platform/lib": "Platform/Lib", "platform/lib/go/build": "Platform/Lib", "": "Platform/Lib", "acme/app": "acme/app"}
			to, is := inside[d.To]
			if !is {
				to = d.To
			}
			want = append(want, fmt.Sprintf("%s %s %s %d %s:%d %v", p.Path, d.Kind, to, d.ToID, d.File, d.Line, is))
		}
	}
	db, err := sql.Open("sqlite", path)
	must(t, err)
	defer db.Close()
	rows, err := db.Query("SELECT project, kind, target, coalesce(target_id, 0), file, line, inside FROM dependency")
	must(t, err)
	defer rows.Close()
	var got []string
	for rows.Next() {
		var project, kind, target, file string
		var id, line int64
		var inside bool
		must(t, rows.Scan(&project, &kind, &target, &id, &file, &line, &inside))
		got = append(got, fmt.Sprintf("%s %s %s %d %s:%d %v", project, kind, target, id, file, line, inside))
	}
	must(t, rows.Err())
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
}

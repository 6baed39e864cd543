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
	var addresses []scan.PackageAddress
	for i, value := range []string{"projects/2/packages/npm", "projects/1/packages/npm", "projects/77/packages/pypi", "projects/0/packages/npm", "projects/platform%2Flib/packages/npm",
		"projects/platform%2fold%2Ftool/packages/npm", "projects/Acme%2Fapp/packages/npm", "projects/$ID/packages/npm", "projects/a%2F$B/packages/npm", "projects/lib/packages/npm", "groups/9/-/packages/npm"} {
		addresses = append(addresses, scan.PackageAddress{File: ".npmrc", Line: i + 1, Kind: scan.AddressEndpoint, Value: value})
	}
	app.PackageAddresses = scan.Listed(append(addresses, scan.PackageAddress{File: ".npmrc", Line: 99, Kind: scan.AddressScope, Value: "@acme"}))
	allowed := scan.Listed([]scan.Allowed{{Path: "platform/lib"}, {Path: "Platform", Group: true}, {Path: "else", Group: true}, {Path: "acme/other"}})
	app.JobTokenAllowlist, app.JobTokenAllowed = scan.Known[int64](4), allowed
	lib.JobTokenAllowlist, lib.JobTokenAllowed = scan.Missing[int64](scan.Gap{Reason: scan.ReasonForbidden}), scan.Cut(allowed.Items[:1], scan.Gap{Reason: scan.ReasonTruncated})
	off := project(3)
	off.Path, off.JobTokenAllowlist, off.JobTokenAllowed = "acme/off", scan.Known[int64](0), allowed
	platform := &scan.Group{ID: 2, Path: "platform", Name: "platform"} // the same id as a project's
	lib.ForkedFrom = scan.Missing[scan.ID](scan.Gap{Reason: scan.ReasonForbidden})
	lib.CIMentions = scan.Cut([]scan.CIMention{{Kind: scan.CITrigger, File: "y.yml", Line: 3, Value: "acme/app", Own: true}}, scan.Gap{Reason: scan.ReasonTruncated})
	path := filepath.Join(t.TempDir(), "s.db")
	r := begin(t, path)
	for _, part := range []scan.Part{scan.PartListing, scan.PartWide, scan.PartDeep} {
		must(t, r.Commit(part, []scan.Subject{partOf(app, part), partOf(lib, part), partOf(off, part)}, nil))
	}
	must(t, r.Commit(scan.PartListing, []scan.Subject{platform}, nil))
	must(t, r.Close())

	var want []string
	for _, p := range []*scan.Project{app, lib, off} {
		for _, d := range scan.Dependencies(p, "gitlab.example.com") {
			inside := map[string]string{"platform/lib": "Platform/Lib", "platform/lib/go/build": "Platform/Lib", "2": "Platform/Lib", "acme/app": "acme/app"}
			name, level := d.To, "project"
			if d.ToID != 0 {
				name = fmt.Sprint(d.ToID)
			}
			if d.Group {
				inside, level = map[string]string{"Platform": "platform"}, "group"
			}
			to, is := inside[name]
			if !is {
				to = d.To
			}
			want = append(want, fmt.Sprintf("%s %s %s %d %s:%d %v %s", p.Path, d.Kind, to, d.ToID, d.File, d.Line, is, level))
		}
	}
	db, err := sql.Open("sqlite", path)
	must(t, err)
	defer db.Close()
	rows, err := db.Query("SELECT project, kind, target, coalesce(target_id, 0), file, line, inside, target_level FROM dependency")
	must(t, err)
	defer rows.Close()
	var got []string
	for rows.Next() {
		var project, kind, target, file, level string
		var id, line int64
		var inside bool
		must(t, rows.Scan(&project, &kind, &target, &id, &file, &line, &inside, &level))
		got = append(got, fmt.Sprintf("%s %s %s %d %s:%d %v %s", project, kind, target, id, file, line, inside, level))
	}
	must(t, rows.Err())
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
}

// A file that an earlier version made gets this version's view with the next scan, and
// is left alone after that.
func TestDependencyViewIsRenewed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	r := begin(t, path)
	must(t, r.Close())
	change := func(statement string) (views int) {
		db, err := sql.Open("sqlite", path)
		must(t, err)
		defer db.Close()
		_, err = db.Exec(statement)
		must(t, err)
		must(t, db.QueryRow("PRAGMA schema_version").Scan(&views))
		return views
	}
	for name, statement := range map[string]string{"an earlier one": "DROP VIEW dependency; CREATE VIEW dependency AS SELECT 1 AS project", "none": "DROP VIEW dependency"} {
		t.Run(name, func(t *testing.T) {
			change(statement)
			must(t, begin(t, path).Close())
			renewed := change("SELECT target_level FROM dependency")
			must(t, begin(t, path).Close())
			if again := change("SELECT target_level FROM dependency"); again != renewed {
				t.Errorf("the schema changes from %d to %d with each scan", renewed, again)
			}
		})
	}
}

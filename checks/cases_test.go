package checks

import (
	"maps"
	"slices"
	"testing"

	"readiness/checks/matrix"
	"readiness/scan"
)

// given is one test of one check: a change to a world in order and to a target
// the check concerns, and the verdict that must follow.
type given struct {
	name   string
	change func(*world, *Target)
	want   Verdict
}

// inOrder is the case that every check has: a world in order.
var inOrder = given{"in order", func(*world, *Target) {}, OK}

func unread(id scan.FactID) given {
	return given{"unread: " + string(id), func(w *world, _ *Target) { w.forget(id) }, Unknown}
}

// forget loses a fact of the last subject of its level.
func (w *world) forget(id scan.FactID) {
	entry, _ := scan.Lookup(id)
	for _, s := range slices.Backward(w.subjects()) {
		if s.Level() == entry.Level {
			scan.Forget(s, id, refused)
			return
		}
	}
}

func sourceVersion(v string) func(*world, *Target) {
	return func(w *world, _ *Target) { w.instance.Version = scan.Known(scan.MustVersion(v)) }
}

func onInstance(f func(*scan.Instance)) func(*world, *Target) {
	return func(w *world, _ *Target) { f(w.instance) }
}
func onGroup(f func(*scan.Group)) func(*world, *Target) {
	return func(w *world, _ *Target) { f(w.groups[0]) }
}
func onProject(f func(*scan.Project)) func(*world, *Target) {
	return func(w *world, _ *Target) { f(w.projects[0]) }
}
func onUser(f func(*scan.User)) func(*world, *Target) {
	return func(w *world, _ *Target) { f(w.users[0]) }
}

func cutList(level scan.Level) given {
	return given{"the list was cut: " + string(level), func(w *world, _ *Target) { w.cut(level) }, Unknown}
}

func (w *world) cut(level scan.Level) {
	for i := range w.meta.Walks {
		if w.meta.Walks[i].Level == level {
			w.meta.Walks[i].Gap = &refused
		}
	}
}

// crowd makes the world have so many users.
func (w *world) crowd(n int64) {
	for id := int64(len(w.users)) + 1; id <= n; id++ {
		w.addUser(id)
	}
}

var onlyAsks = []given{{"only people can tell", func(*world, *Target) {}, Question}}

var variable = scan.Variable{Key: "DEPLOY_KEY"}

// cases holds at least one test for every check: in order, out of order, at the
// threshold, unread.
var cases = func() map[string][]given {
	all := map[string][]given{}
	for _, some := range []map[string][]given{peopleCases, projectCases, instanceCases, ruleCases, referenceCases} {
		maps.Copy(all, some)
	}
	return all
}()

func TestChecks(t *testing.T) {
	for _, k := range All() {
		for _, c := range cases[k.ID] {
			t.Run(k.ID+"/"+c.name, func(t *testing.T) {
				w, target := soundWorld(), targetFor(k)
				c.change(w, &target)
				j := evaluated(t, w, target)
				if got := verdictOf(j, k); got != c.want {
					t.Errorf("%s, want %s; findings: %v", got, c.want, of(j, k.ID))
				}
				for _, f := range of(j, k.ID) {
					if f.Evidence == "" || f.Remedy == "" || len(f.Methods) == 0 {
						t.Errorf("a finding lacks evidence, remedy or methods: %+v", f)
					}
				}
			})
		}
	}
}

func of(j *Judgement, id string) (all []Finding) {
	for _, f := range j.Findings {
		if f.Check == id {
			all = append(all, f)
		}
	}
	return all
}

func TestMethodsAreNarrowed(t *testing.T) {
	w := soundWorld()
	w.users[0].PublicEmail = scan.Known("")
	w.instance.MaintenanceMode = scan.Known(true)
	target := DefaultTarget()
	target.Destination = SelfManaged
	for _, c := range []struct {
		version string
		want    []matrix.Method
	}{
		{"19.5", []matrix.Method{matrix.FileExport, matrix.Congregate}},
		{"17.6", []matrix.Method{matrix.DirectTransfer, matrix.FileExport, matrix.Congregate, matrix.CongregateDirect}},
	} {
		target.Version = scan.MustVersion(c.version)
		if got := of(evaluated(t, w, target), "users-public-email-missing")[0].Methods; !slices.Equal(got, c.want) {
			t.Errorf("destination %s: %v, want %v", c.version, got, c.want)
		}
	}
	if got := of(evaluated(t, w, target), "instance-maintenance-mode-and-freeze")[0].Methods; slices.Contains(got, matrix.BackupRestore) {
		t.Errorf("maintenance mode does not hinder a backup: %v", got)
	}
}

func TestInternalHost(t *testing.T) {
	for host, want := range map[string]bool{
		"example.com": false, "example.com:443": false, "8.8.8.8": false, "[2606:4700::1]:443": false, "": false,
		"jenkins": true, "JENKINS:8080": true, "localhost": true, "10.0.0.1": true, "192.168.1.1:80": true, "172.31.0.1": true,
		"172.32.0.1": false, "127.0.0.1": true, "169.254.1.1": true, "[::1]:80": true, "fd00::1": true, "[fd00::1]": true,
		"ci.corp.local": true, "ci.internal.": true, "::ffff:10.0.0.1": true,
	} {
		if got := internalHost(host); got != want {
			t.Errorf("internalHost(%q) = %v", host, got)
		}
	}
}

func TestUpgradeStops(t *testing.T) {
	for _, c := range []struct{ from, to, want string }{
		{"19.2.0", "19.5", "required stops 19.5"},
		{"17.11.7", "18.8", "required stops 18.2, 18.5 and 18.8"},
		{"17.11.2", "18.2", "required stops 17.11.7 and 18.2"},
		{"16.11.10", "17.3", "required stops 17.1.8 (with large ci_pipeline_messages) and 17.3.7"},
		{"14.10.0", "15.0", "required stops those before 15.0 and 15.0.5"},
		{"18.2.1", "18.4", "no required stop on the way"},
	} {
		if got := stopsBetween(scan.MustVersion(c.from), scan.MustVersion(c.to)); got != c.want {
			t.Errorf("from %s to %s: %q, want %q", c.from, c.to, got, c.want)
		}
	}
}

package track

import (
	"slices"
	"testing"

	"readiness/scan"
)

func group(id int64, path string) *scan.Group {
	return zeroed(&scan.Group{ID: id, Path: path, Name: path, WebURL: url + "/groups/" + path})
}

func user(id int64, name string) *scan.User {
	return zeroed(&scan.User{ID: id, Username: name, Name: name, WebURL: url + "/" + name})
}

func TestShifts(t *testing.T) {
	before := scanOn(1, small(1, "acme/stays"), small(2, "acme/renamed"), small(3, "acme/moves"), small(4, "acme/deleted"),
		small(5, "acme/archived"), archived(small(6, "acme/revived")), small(7, "old/follows"), small(8, "anna/notes"), small(9, "old/leaves"))
	before.groups = append(before.groups, group(2, "old"), group(3, "old/sub"), group(4, "empty"))
	before.users = []*scan.User{user(1, "anna"), user(2, "bert")}
	after := scanOn(2, small(1, "acme/stays"), small(2, "acme/named"), small(3, "new/moves"),
		archived(small(5, "acme/archived")), small(6, "acme/revived"), small(7, "new/follows"), small(8, "anne/notes"), small(9, "acme/leaves"), small(10, "acme/added"))
	after.groups = append(after.groups, group(2, "new"), group(3, "new/sub"), group(5, "more"))
	after.users = []*scan.User{user(1, "anne"), user(3, "cleo")}

	want := []Shift{
		{scan.LevelGroup, 5, Added, "", "more"},
		{scan.LevelGroup, 4, Deleted, "empty", ""},
		{scan.LevelGroup, 2, Renamed, "old", "new"},
		{scan.LevelProject, 10, Added, "", "acme/added"},
		{scan.LevelProject, 4, Deleted, "acme/deleted", ""},
		{scan.LevelProject, 2, Renamed, "acme/renamed", "acme/named"},
		{scan.LevelProject, 3, Transferred, "acme/moves", "new/moves"},
		{scan.LevelProject, 9, Transferred, "old/leaves", "acme/leaves"},
		{scan.LevelProject, 5, Archived, "acme/archived", "acme/archived"},
		{scan.LevelProject, 6, Unarchived, "acme/revived", "acme/revived"},
		{scan.LevelUser, 3, Added, "", "cleo"},
		{scan.LevelUser, 2, Deleted, "bert", ""},
		{scan.LevelUser, 1, Renamed, "anna", "anne"},
	}
	got, err := Shifts(before, after, judged(t, before).Ledger, judged(t, after).Ledger)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}

	// Who sees less loses nothing, and who sees more finds nothing new.
	part := scanOn(3, small(1, "acme/stays")).of(func(s *scan.Scope) { s.Projects = []string{"acme/stays"} })
	got, err = Shifts(before, part, judged(t, before).Ledger, judged(t, part).Ledger)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range got {
		if s.Move != Unseen {
			t.Errorf("a scan of one project says %v", s)
		}
	}
	if got, err = Shifts(part, before, judged(t, part).Ledger, judged(t, before).Ledger); err != nil || len(got) != 0 {
		t.Errorf("after a scan of one project: %v, %v", got, err)
	}
}

package matrix

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/goccy/go-yaml"
)

func TestOthers(t *testing.T) {
	all, err := Others()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 15 {
		t.Errorf("%d systems", len(all))
	}
	for _, o := range all {
		if len(o.Prerequisites) < 6 || o.ReadOn == "" || o.GitLab.Name == "" {
			t.Errorf("%s: %+v", o.ID, o)
		}
	}
	if o, err := OtherSystem("bitbucket-server"); err != nil || len(o.Items) != 18 {
		t.Errorf("bitbucket-server: %d items, %v", len(o.Items), err)
	}
	if _, err := OtherSystem("sourceforge"); err == nil {
		t.Error("sourceforge is known")
	}
}

// TestOthersAgreeWithReference compares every status with the reference.
func TestOthersAgreeWithReference(t *testing.T) {
	dir := os.Getenv("READINESS_REFERENCE")
	if dir == "" {
		t.Skip("READINESS_REFERENCE is not set: the other systems are not compared")
	}
	text, err := os.ReadFile(filepath.Join(dir, "other-sources.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Systems []struct {
			ID    string
			Items []struct{ ID, GitLab, Congregate string }
		} `yaml:"source_systems"`
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	for _, s := range file.Systems {
		o, err := OtherSystem(s.ID)
		if err != nil || len(o.Items) != len(s.Items) {
			t.Errorf("%s: %d items, the reference has %d (%v)", s.ID, len(o.Items), len(s.Items), err)
			continue
		}
		for i, want := range s.Items {
			for side, pair := range map[string][2]string{"gitlab": {string(o.Items[i].GitLab), want.GitLab}, "congregate": {string(o.Items[i].Congregate), want.Congregate}} {
				if pair[1] == "unknown" || pair[1] == "" {
					pair[1] = string(Unverified)
				}
				if o.Items[i].ID != want.ID || pair[0] != pair[1] {
					t.Errorf("%s, %s, %s: %s, the reference says %s", s.ID, want.ID, side, pair[0], pair[1])
				}
			}
		}
	}
}
